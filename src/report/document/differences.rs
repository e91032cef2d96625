//! Differences of two win rates on the same items.

use std::collections::HashMap;

use super::{Block, Detail, Table, Tone, by_criterion, name, short_rubric, subgroups};
use crate::analysis::Report;
use crate::analysis::report::{Against, Difference, DifferenceKind};
use crate::report::numbers::{
    NONE, count, counted, in_percent, p_value, percent, point_limits, point_range, points,
};

/// Comparisons without a counterpart that are named.
const MOST_NAMED: usize = 6;

/// The differences to another run, with what was shared.
pub(super) fn against(report: &Report, detail: Detail) -> Vec<Block> {
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
    blocks.extend(tables(report, runs, detail));
    blocks
}

/// The differences within the reported table.
pub(super) fn within(report: &Report, detail: Detail) -> Vec<Block> {
    let made: Vec<&Difference> = report
        .differences
        .iter()
        .filter(|made| made.kind != DifferenceKind::Runs)
        .collect();
    if made.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(2, "Differences".to_owned())];
    blocks.extend(tables(report, made.into_iter(), detail));
    blocks
}

fn shared(against: &Against) -> String {
    format!(
        "In both are {} (same id, persona and question); {} only here, {} only there. All numbers of this section are over items with a score in both.",
        counted(against.shared_items, "item"),
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

/// Models less the same baseline beyond which they stand in one table.
const MOST_APART: usize = 8;

/// Differences that share a table.
struct Group<'a> {
    made: Vec<&'a Difference>,
    /// Whether they are of several models less the same one, each in rows of its own.
    several: bool,
}

impl<'a> Group<'a> {
    /// What a row is of.
    fn label(&self, made: &Difference) -> String {
        if self.several {
            format!("{} on {}", made.first.candidate, made.criterion)
        } else {
            made.criterion.clone()
        }
    }

    fn labelled(&self, text: impl Fn(&'a Difference) -> Option<String>) -> String {
        let said = |made: &&'a Difference| Some((self.label(made), text(made)?));
        by_criterion(self.made.iter().filter_map(said))
    }
}

/// A table for each two sides, a row a criterion; one for all models where they are many.
fn tables<'a>(
    report: &Report,
    made: impl Iterator<Item = &'a Difference>,
    detail: Detail,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    for group in groups(made) {
        blocks.push(Block::Paragraph(Tone::Plain, lead(&group)));
        blocks.push(Block::Table(table(report, &group)));
        for made in &group.made {
            if let Some(why) = &made.withheld {
                let text = format!("Withheld for {}: {}.", name(&group.label(made)), name(why));
                blocks.push(Block::Paragraph(Tone::Loud, text));
            }
        }
        let points: Vec<(Tone, String)> = (group.made.iter())
            .flat_map(|made| {
                let label = name(&group.label(made));
                subgroups::interactions(&made.subgroups)
                    .into_iter()
                    .map(move |(tone, text)| (tone, format!("{label} by {text}")))
            })
            .collect();
        if !points.is_empty() {
            blocks.push(Block::List(points));
        }
        if detail == Detail::Full {
            blocks.extend(levels(report, &group).map(Block::Table));
        }
    }
    blocks
}

/// What differences are in each level; `None` where there are none.
fn levels(report: &Report, group: &Group<'_>) -> Option<Table> {
    let interval = format!("{}% interval", in_percent(report.study.level));
    let mut header = vec![
        "criterion",
        "by",
        "level",
        "difference",
        &interval,
        "pooled",
        "items",
    ];
    if group.several {
        header.insert(0, "model");
    }
    let mut table = Table::new(if group.several { 4 } else { 3 }, &header);
    for made in &group.made {
        for section in &made.subgroups {
            for level in &section.levels {
                let mut row = vec![
                    name(&made.criterion),
                    name(&section.dimensions.join(" and ")),
                    name(&level.levels.join(", ")),
                    shown(level.estimate),
                    point_range(level.interval.map(|limits| (limits.low, limits.high))),
                    shown(level.pooled),
                    count(level.n_items),
                ];
                if group.several {
                    row.insert(0, name(&made.first.candidate));
                }
                table.rows.push(row);
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

fn shown(difference: Option<f64>) -> String {
    difference.map_or_else(|| NONE.to_owned(), points)
}

fn groups<'a>(made: impl Iterator<Item = &'a Difference>) -> Vec<Group<'a>> {
    let mut apart: Vec<Vec<&Difference>> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for difference in made {
        let place = *places.entry(sides(difference)).or_insert(apart.len());
        if place == apart.len() {
            apart.push(Vec::new());
        }
        apart[place].push(difference);
    }
    let less_the_same = |a: &[&Difference], b: &[&Difference]| {
        a[0].kind == DifferenceKind::Models
            && b[0].kind == DifferenceKind::Models
            && sides(a[0]).2 == sides(b[0]).2
    };
    let mut groups: Vec<Group<'a>> = Vec::new();
    for run in apart.chunk_by(|a, b| less_the_same(a, b)) {
        if run.len() > MOST_APART {
            let (made, several) = (run.concat(), true);
            groups.push(Group { made, several });
        } else {
            groups.extend(run.iter().map(|made| Group {
                made: made.clone(),
                several: false,
            }));
        }
    }
    groups
}

fn sides(made: &Difference) -> (DifferenceKind, [&str; 4], [&str; 4]) {
    let (a, b) = (&made.first, &made.second);
    (
        made.kind,
        [&a.candidate, &a.opponent, &a.judge, &a.rubric],
        [&b.candidate, &b.opponent, &b.judge, &b.rubric],
    )
}

fn lead(group: &Group<'_>) -> String {
    let made = group.made[0];
    let a = &made.first;
    let (judge, rubric) = (name(&a.judge), short_rubric(&a.rubric));
    let by = match made.kind {
        DifferenceKind::Models => format!(" (judge {judge}, rubric {rubric})"),
        DifferenceKind::Judges => format!(" (rubric {rubric})"),
        DifferenceKind::Rubrics => format!(" (judge {judge})"),
        DifferenceKind::Runs => String::new(),
    };
    let contrast = if group.several {
        format!(
            "Each model less {}, each against {}",
            made.second.candidate, a.opponent
        )
    } else {
        made.contrast.clone()
    };
    let mut said = vec![format!("{}{by}.", capital(&name(&contrast)))];
    let mut intervals = (group.made.iter()).filter_map(|made| made.interval.as_ref());
    if let Some(interval) = intervals.next() {
        let of_whom = |made: &Difference| {
            let population = &made.interval.as_ref()?.population;
            Some(format!("of {population}"))
        };
        said.push(format!(
            "The {}% interval speaks {}.",
            in_percent(interval.level),
            group.labelled(of_whom)
        ));
    }
    let left_out = |made: &Difference| {
        let (first, second) = (made.first.left_out, made.second.left_out);
        Some(format!(
            "{} of the first, {} of the second",
            counted(first, "item"),
            count(second)
        ))
    };
    if (group.made.iter()).any(|made| made.first.left_out + made.second.left_out > 0) {
        said.push(format!(
            "Left out for want of a counterpart: {}.",
            group.labelled(left_out)
        ));
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

fn table(report: &Report, group: &Group<'_>) -> Table {
    let interval = format!("{}% interval", in_percent(report.study.level));
    let mut header = vec![
        "criterion",
        "first",
        "second",
        "difference",
        &interval,
        "items",
        "p",
        "p adj",
    ];
    if group.several {
        header.insert(0, "model");
    }
    let mut table = Table::new(if group.several { 2 } else { 1 }, &header);
    for made in &group.made {
        let mut row = vec![
            name(&made.criterion),
            percent(made.first.win_rate),
            percent(made.second.win_rate),
            shown(made.difference),
            point_limits(made.interval.as_ref()),
            count(made.n_items),
            p_value(made.p_value),
            p_value(made.p_adjusted),
        ];
        if group.several {
            row.insert(0, name(&made.first.candidate));
        }
        table.rows.push(row);
    }
    table
}
