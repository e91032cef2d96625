//! What phrasings of the persona change.

use super::{Block, Table, Tone, name, short_rubric};
use crate::analysis::Report;
use crate::analysis::report::{Difference, PhrasingRate, Phrasings};
use crate::report::numbers::{NONE, count, limits, p_value, percent, point_limits, points};

/// The section, where items were asked in several phrasings.
pub(super) fn blocks(report: &Report, blocks: &mut Vec<Block>) {
    let Some(first) = report.phrasings.first() else {
        return;
    };
    blocks.push(Block::Heading(2, "Phrasings".to_owned()));
    let control = first.control.as_deref().map_or_else(
        || "No phrasing was named as the control.".to_owned(),
        |control| {
            format!(
                "Gain: win rate less that under {}, on the items that both have; p adj by Holm over the phrasings.",
                name(control)
            )
        },
    );
    blocks.push(Block::Paragraph(
        Tone::Plain,
        format!("The same items asked in several phrasings of the persona. {control}"),
    ));
    for of_contest in report.phrasings.chunk_by(|a, b| contest(a) == contest(b)) {
        let first = &of_contest[0];
        let title = format!(
            "{} vs {}, judge {}, rubric {}",
            name(&first.candidate),
            name(&first.opponent),
            name(&first.judge),
            short_rubric(&first.rubric)
        );
        blocks.push(Block::Heading(3, title));
        blocks.push(Block::Table(table(of_contest)));
        let said = of_contest
            .iter()
            .map(|phrasings| (Tone::Plain, sentence(phrasings)));
        blocks.push(Block::List(said.collect()));
    }
}

fn contest(phrasings: &Phrasings) -> [&str; 4] {
    [
        &phrasings.candidate,
        &phrasings.opponent,
        &phrasings.judge,
        &phrasings.rubric,
    ]
}

fn table(of_contest: &[Phrasings]) -> Table {
    let mut table = Table::new(
        2,
        &[
            "criterion",
            "phrasing",
            "items",
            "win rate",
            "interval",
            "gain",
            "interval",
            "p",
            "p adj",
        ],
    );
    for phrasings in of_contest {
        for rate in &phrasings.rates {
            table.rows.push(row(phrasings, rate));
        }
    }
    table
}

fn row(phrasings: &Phrasings, rate: &PhrasingRate) -> Vec<String> {
    let is_of = |gain: &&Difference| gain.variant.as_deref() == Some(rate.variant.as_str());
    let gain = phrasings.gains.iter().find(is_of);
    vec![
        name(&phrasings.criterion),
        name(&rate.variant),
        count(rate.n_items),
        percent(rate.win_rate),
        limits(rate.interval.as_ref()),
        gain.and_then(|gain| gain.difference)
            .map_or_else(|| NONE.to_owned(), points),
        point_limits(gain.and_then(|gain| gain.interval.as_ref())),
        p_value(gain.and_then(|gain| gain.p_value)),
        p_value(gain.and_then(|gain| gain.p_adjusted)),
    ]
}

fn sentence(phrasings: &Phrasings) -> String {
    let criterion = name(&phrasings.criterion);
    let (Some(range), Some(spread)) = (&phrasings.range, phrasings.spread) else {
        return format!(
            "{criterion}: phrasings are not compared: one of them has no win rate, or there are not two beside the control."
        );
    };
    let of = |share: f64| format!("{:.1}", share * 100.0);
    let p = phrasings.homogeneity.map_or_else(String::new, |test| {
        format!(" (p {})", p_value(Some(test.p_value)))
    });
    format!(
        "{criterion}: from {} to {} {}{p}; {}.",
        name(&range.lowest.concat()),
        name(&range.highest.concat()),
        range.said(" points", of),
        spread.said(" points", of),
    )
}
