//! What a report says of win rates corrected by labels of people.

use super::{Block, Table, Tone, name};
use crate::analysis::agreement::report::{Corrected, CorrectedRate, CorrectionMethod};
use crate::analysis::report::Limits;
use crate::report::numbers::{NONE, count, in_percent, p_value, percent, points};

/// Most estimates that are told one by one.
const MOST_TOLD: usize = 6;

/// The section of corrected win rates; nothing where there are none.
pub(in crate::report) fn corrected(rates: &[CorrectedRate], blocks: &mut Vec<Block>) {
    if rates.is_empty() {
        return;
    }
    let heading = "Win rates corrected by labels of people".to_owned();
    blocks.push(Block::Heading(2, heading));
    blocks.push(Block::Table(table(rates)));
    let whole: Vec<&CorrectedRate> = rates.iter().filter(|rate| rate.levels.is_empty()).collect();
    if whole.len() > MOST_TOLD {
        let text =
            "What is behind each of them, and Rogan and Gladen's, is in the JSON of this report.";
        blocks.push(Block::Paragraph(Tone::Plain, text.to_owned()));
        return;
    }
    let several = several(rates);
    for rate in whole {
        let remarks = remarks(rate, several);
        blocks.push(Block::List(
            remarks
                .into_iter()
                .map(|text| (Tone::Plain, text))
                .collect(),
        ));
    }
}

/// Whether the estimates are of several comparisons.
fn several(rates: &[CorrectedRate]) -> bool {
    rates
        .windows(2)
        .any(|pair| contest(&pair[0]) != contest(&pair[1]))
}

fn contest(rate: &CorrectedRate) -> [&str; 4] {
    [&rate.candidate, &rate.opponent, &rate.judge, &rate.rubric]
}

fn table(rates: &[CorrectedRate]) -> Table {
    let several = several(rates);
    let level = rates.first().map_or(0.95, |rate| rate.level);
    let interval = format!("{}% interval", in_percent(level));
    let header = [
        "",
        "judge",
        "corrected",
        &interval,
        "labelled",
        "items",
        "weight",
        "correlation",
    ];
    let mut table = Table::new(1, &header);
    for rate in rates {
        let corrected = rate.corrected.as_ref();
        let two = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), |v| format!("{v:.2}"));
        table.rows.push(vec![
            called(rate, several),
            match rate.withheld {
                Some(_) => "withheld".to_owned(),
                None => percent(rate.judge_win_rate),
            },
            percent(corrected.map(|corrected| corrected.win_rate)),
            limits(corrected.and_then(|corrected| corrected.interval)),
            count(rate.n_labelled_used()),
            count(rate.n_items_used()),
            two(corrected.and_then(|corrected| corrected.lambda)),
            two(rate.correlation),
        ]);
    }
    table
}

/// The criterion, the level where there is one, and the comparison where there are
/// several.
fn called(rate: &CorrectedRate, several: bool) -> String {
    let mut text = name(&rate.criterion);
    let levels: Vec<String> = rate.levels.iter().map(|level| name(level)).collect();
    if !levels.is_empty() {
        text = format!("{text}, {}", levels.join(" × "));
    }
    if several {
        let [candidate, opponent, judge, _] = contest(rate).map(name);
        text = format!("{text}: {candidate} vs {opponent} by {judge}");
    }
    text
}

fn limits(limits: Option<Limits>) -> String {
    limits.map_or_else(
        || NONE.to_owned(),
        |limits| format!("{:.1}–{:.1}", limits.low * 100.0, limits.high * 100.0),
    )
}

fn remarks(rate: &CorrectedRate, several: bool) -> Vec<String> {
    let mut said = vec![format!(
        "{}: {}",
        called(rate, several),
        name(&rate.sentence)
    )];
    for stratified in &rate.stratified {
        let dimensions: Vec<String> = stratified.dimensions.iter().map(|d| name(d)).collect();
        let by = format!("Stratified by {}", dimensions.join(" and "));
        said.push(match (&stratified.corrected, &stratified.reason) {
            (Some(corrected), _) => format!("{by}: {}.", estimate(corrected)),
            (None, Some(why)) => format!("{by}: none, because {}.", name(why)),
            (None, None) => continue,
        });
    }
    if let Some(check) = rate.random_check {
        let (alone, holm) = (p_value(Some(check.p_alone)), p_value(Some(check.p_value)));
        let holm = if alone == holm {
            String::new()
        } else {
            format!(", {holm} by Holm over all such checks")
        };
        said.push(format!(
            "Judge's win rate on the labelled items less that on the others: {} points (p {alone}{holm}).",
            points(check.difference),
        ));
    }
    if rate.withheld.is_some() {
        return said;
    }
    let errors = &rate.rogan_gladen;
    let share = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), |v| format!("{v:.2}"));
    let condition = format!(
        "sensitivity {}, specificity {}",
        share(errors.sensitivity),
        share(errors.specificity)
    );
    said.push(match (errors.win_rate, &errors.reason) {
        (Some(win_rate), _) => format!(
            "Rogan-Gladen, for labels from elsewhere: {} ({}) of the {} decided items without a label; {condition}, which sum to more than 1.",
            percent(Some(win_rate)),
            limits(errors.interval),
            count(errors.n_items)
        ),
        (None, why) => format!(
            "Rogan-Gladen, for labels from elsewhere: none, because {} ({condition}).",
            name(why.as_deref().unwrap_or("there are too few labels"))
        ),
    });
    said
}

fn estimate(corrected: &Corrected) -> String {
    let how = match corrected.method {
        CorrectionMethod::PpiPlusPlus => "",
        CorrectionMethod::PeopleOnly => ", labels alone",
    };
    format!(
        "{} ({}{how})",
        percent(Some(corrected.win_rate)),
        limits(corrected.interval)
    )
}
