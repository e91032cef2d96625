//! Differences of two win rates on the same items.

use super::{Block, Table, Tone, by_criterion, name, short_rubric, subgroups};
use crate::analysis::Report;
use crate::analysis::report::{Against, Difference, DifferenceKind};
use crate::report::numbers::{NONE, count, level_percent, p_value, percent, point_limits, points};

/// Comparisons without a counterpart that are named.
const MOST_NAMED: usize = 6;

/// The differences to another run, with what was shared.
pub(super) fn against(report: &Report) -> Vec<Block> {
    let Some(against) = &report.against else {
        return Vec::new();
    };
    let mut blocks = vec![
        Block::Heading(2, format!("Differences to {}", name(&against.source))),
        Block::Paragraph(Tone::Plain, shared(against)),
    ];
    let unmatched = [
        ("here", &against.unmatched_here),
        ("there", &against.unmatched_there),
    ];
    let points: Vec<(Tone, String)> = unmatched
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(side, names)| (Tone::Loud, without_counterpart(side, names)))
        .collect();
    if !points.is_empty() {
        blocks.push(Block::List(points));
    }
    let runs = report
        .differences
        .iter()
        .filter(|made| made.kind == DifferenceKind::Runs);
    blocks.extend(tables(report, runs));
    blocks
}

/// The differences within the reported table.
pub(super) fn within(report: &Report) -> Vec<Block> {
    let made: Vec<&Difference> = report
        .differences
        .iter()
        .filter(|made| made.kind != DifferenceKind::Runs)
        .collect();
    if made.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(2, "Differences".to_owned())];
    blocks.extend(tables(report, made.into_iter()));
    blocks
}

fn shared(against: &Against) -> String {
    format!(
        "{} items are in both (same id, persona and question); {} only here, {} only there. All numbers of this section are over items with a score in both.",
        count(against.shared_items),
        count(against.only_here),
        count(against.only_there)
    )
}

fn without_counterpart(side: &str, names: &[String]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(MOST_NAMED)
        .map(|text| name(text))
        .collect();
    if names.len() > MOST_NAMED {
        shown.push(format!("and {} more", names.len() - MOST_NAMED));
    }
    format!(
        "Without a counterpart, {side}: {}. Names that mean the same are given by --same HERE=THERE.",
        shown.join("; ")
    )
}

/// A table for each two sides, a row a criterion.
fn tables<'a>(report: &Report, made: impl Iterator<Item = &'a Difference>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut groups: Vec<Vec<&Difference>> = Vec::new();
    for difference in made {
        let same = |group: &&mut Vec<&Difference>| sides(group[0]) == sides(difference);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(difference),
            None => groups.push(vec![difference]),
        }
    }
    for group in groups {
        blocks.push(Block::Paragraph(Tone::Plain, lead(&group)));
        blocks.push(Block::Table(table(report, &group)));
        for made in &group {
            if let Some(why) = &made.withheld {
                let text = format!("Withheld for {}: {}.", name(&made.criterion), name(why));
                blocks.push(Block::Paragraph(Tone::Loud, text));
            }
        }
        let points: Vec<(Tone, String)> = group
            .iter()
            .flat_map(|made| {
                subgroups::interactions(&made.subgroups)
                    .into_iter()
                    .map(|(tone, text)| (tone, format!("{} by {text}", name(&made.criterion))))
            })
            .collect();
        if !points.is_empty() {
            blocks.push(Block::List(points));
        }
    }
    blocks
}

fn sides(made: &Difference) -> (DifferenceKind, [&str; 4], [&str; 4]) {
    let (a, b) = (&made.first, &made.second);
    (
        made.kind,
        [&a.candidate, &a.opponent, &a.judge, &a.rubric],
        [&b.candidate, &b.opponent, &b.judge, &b.rubric],
    )
}

fn lead(group: &[&Difference]) -> String {
    let made = group[0];
    let a = &made.first;
    let (judge, rubric) = (name(&a.judge), short_rubric(&a.rubric));
    let by = match made.kind {
        DifferenceKind::Models => format!(" (judge {judge}, rubric {rubric})"),
        DifferenceKind::Judges => format!(" (rubric {rubric})"),
        DifferenceKind::Rubrics => format!(" (judge {judge})"),
        DifferenceKind::Runs => String::new(),
    };
    let mut said = vec![format!("{}{by}.", capital(&name(&made.contrast)))];
    let criteria = || group.iter().copied();
    let of_whom = |made: &Difference| {
        let population = &made.interval.as_ref()?.population;
        Some((made.criterion.clone(), format!("of {population}")))
    };
    if let Some(interval) = criteria().find_map(|made| made.interval.as_ref()) {
        said.push(format!(
            "The {}% interval speaks {}.",
            level_percent(interval.level),
            by_criterion(criteria().filter_map(of_whom))
        ));
    }
    let left_out = |made: &Difference| {
        let (first, second) = (made.first.left_out, made.second.left_out);
        let text = format!(
            "{} items of the first, {} of the second",
            count(first),
            count(second)
        );
        (made.criterion.clone(), text)
    };
    if criteria().any(|made| made.first.left_out + made.second.left_out > 0) {
        let left_out = by_criterion(criteria().map(left_out));
        said.push(format!("Left out for want of a counterpart: {left_out}."));
    }
    said.join(" ")
}

fn capital(text: &str) -> String {
    // A contrast of models starts with a name, which is left as it is.
    for word in ["judge ", "rubric "] {
        if let Some(rest) = text.strip_prefix(word) {
            let (first, others) = word.split_at(1);
            return format!("{}{others}{rest}", first.to_uppercase());
        }
    }
    text.to_owned()
}

fn table(report: &Report, group: &[&Difference]) -> Table {
    let interval = format!("{}% interval", level_percent(report.study.level));
    let header = [
        "criterion",
        "first",
        "second",
        "difference",
        &interval,
        "items",
        "p",
        "p adj",
    ];
    let mut table = Table::new(1, &header);
    for made in group {
        table.rows.push(vec![
            name(&made.criterion),
            percent(made.first.win_rate),
            percent(made.second.win_rate),
            made.difference.map_or_else(|| NONE.to_owned(), points),
            point_limits(made.interval.as_ref()),
            count(made.n_items),
            p_value(made.p_value),
            p_value(made.p_adjusted),
        ]);
    }
    table
}
