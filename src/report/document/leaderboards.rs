//! Many models on one scale.

use super::length::{signed, signed_limits};
use super::{Block, Table, Tone, name, short_rubric};
use crate::analysis::Report;
use crate::analysis::report::{Leaderboard, RatedModel};
use crate::report::numbers::{NONE, count, counted, in_percent, p_value, percent};
use crate::study::RatingMethod;

/// All leaderboards, one heading for each judge and rubric.
pub(super) fn blocks(report: &Report) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut last = None;
    for board in &report.leaderboards {
        let by = (&board.judge, &board.rubric, &board.variant);
        if last != Some(by) {
            let text = format!(
                "Leaderboard by judge {}, rubric {}{}",
                name(&board.judge),
                short_rubric(&board.rubric),
                super::phrasing(board.variant.as_deref())
            );
            blocks.push(Block::Heading(2, text));
            last = Some(by);
        }
        one(board, &mut blocks);
    }
    blocks
}

fn one(board: &Leaderboard, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(3, name(&board.criterion)));
    blocks.push(Block::Paragraph(Tone::Plain, lead(board)));
    if !board.models.is_empty() {
        blocks.push(Block::Table(table(board)));
    }
    let points: Vec<(Tone, String)> = board
        .sentences
        .iter()
        .map(|sentence| (Tone::Loud, format!("{}.", capital(&name(sentence)))))
        .collect();
    if !points.is_empty() {
        blocks.push(Block::List(points));
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn lead(board: &Leaderboard) -> String {
    let method = match (board.rating, &board.elo) {
        (RatingMethod::BradleyTerry, _) => "Bradley-Terry strengths in log odds".to_owned(),
        (RatingMethod::Davidson, _) => format!(
            "Davidson strengths in log odds, tie parameter {}",
            board
                .tie_parameter
                .map_or_else(|| NONE.to_owned(), |nu| format!("{nu:.3}"))
        ),
        (RatingMethod::Elo, Some(elo)) => format!("Elo ratings, k {}", elo.k),
        (RatingMethod::Elo, None) => "Elo ratings".to_owned(),
    };
    let from = format!(
        "{method}, from {} comparisons of two models on {}; {} of judgments are ties.",
        count(board.n_comparisons),
        counted(board.n_items, "item"),
        percent(board.tie_rate)
    );
    let Some(population) = &board.population else {
        return from;
    };
    let contrasts = (board.models.iter()).filter_map(|model| model.contrast.as_ref());
    let contrasts = contrasts.chain(board.pairs.iter().map(|pair| &pair.contrast));
    let intervals = if board.models.iter().any(|model| model.interval.is_some()) {
        "Intervals"
    } else if contrasts
        .into_iter()
        .any(|contrast| contrast.interval.is_some())
    {
        "Intervals of differences"
    } else {
        return format!("{from} There are no intervals.");
    };
    let ranks = if board.groups.len() > 1 {
        "that who beat whom leaves open"
    } else {
        "that intervals over all pairs at once leave open"
    };
    format!(
        "{from} {intervals} ({}%) speak of {population}; ranks are those {ranks}.",
        in_percent(board.level)
    )
}

fn table(board: &Leaderboard) -> Table {
    let mut header = vec!["model".to_owned(), "rank".to_owned()];
    let elo = board.rating == RatingMethod::Elo;
    if elo {
        header.extend(["rating", "expected win rate"].map(str::to_owned));
    } else {
        header.extend(["ranks", "strength", "interval", "expected win rate"].map(str::to_owned));
    }
    if let Some(reference) = board.reference.as_ref().filter(|_| !elo) {
        header.push(format!("wins against {}", name(reference)));
        header.extend(["interval", "p adj"].map(str::to_owned));
    }
    header.push("comparisons".to_owned());
    let titles: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new(1, &titles);
    for model in &board.models {
        table.rows.push(row(board, model, elo));
    }
    table
}

fn row(board: &Leaderboard, model: &RatedModel, elo: bool) -> Vec<String> {
    let mut row = vec![name(&model.model), count(model.rank)];
    if elo {
        row.push(format!("{:.1}", model.strength));
    } else {
        row.push(match (model.rank_best, model.rank_worst) {
            (Some(best), Some(worst)) if best == worst => best.to_string(),
            (Some(best), Some(worst)) => format!("{best}–{worst}"),
            _ => NONE.to_owned(),
        });
        row.push(signed(Some(model.strength)));
        row.push(model.interval.map_or_else(
            || NONE.to_owned(),
            |limits| signed_limits(limits.low, limits.high),
        ));
    }
    row.push(percent(model.expected_win_rate));
    if board.reference.is_some() && !elo {
        let contrast = model.contrast.as_ref();
        row.push(percent(contrast.map(|contrast| contrast.win_chance)));
        row.push(
            contrast
                .and_then(|contrast| contrast.win_chance_interval)
                .map_or_else(
                    || NONE.to_owned(),
                    |limits| format!("{:.1}–{:.1}", limits.low * 100.0, limits.high * 100.0),
                ),
        );
        row.push(p_value(contrast.and_then(|contrast| contrast.p_adjusted)));
    }
    row.push(count(model.n_comparisons));
    row
}
