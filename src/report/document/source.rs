//! Figures of another tool beside this program's estimate.

use super::{Block, Table, Tone, name};
use crate::analysis::source_figures::{Estimate, Figure, SourceFigures, Unit};
use crate::report::numbers::{NONE, count, level_percent, percent};

/// Most subjects whose figures are shown in full.
const IN_FULL: usize = 4;

/// What a report says of the source's own figures.
pub(in crate::report) fn source_figures(sets: &[SourceFigures], blocks: &mut Vec<Block>) {
    if sets.is_empty() {
        return;
    }
    blocks.push(Block::Heading(2, "The source's own figures".to_owned()));
    for source in sources(sets) {
        let of_source: Vec<&SourceFigures> =
            sets.iter().filter(|set| set.source == source).collect();
        blocks.push(Block::Paragraph(
            Tone::Plain,
            format!("By the definitions of {}.", name(source)),
        ));
        if of_source.len() <= IN_FULL {
            for set in &of_source {
                in_full(set, blocks);
            }
        } else {
            in_short(&of_source, blocks);
        }
        disagreements(&of_source, blocks);
        let mut why: Vec<(Tone, String)> = Vec::new();
        for sentence in of_source.iter().flat_map(|set| &set.why_they_differ) {
            let point = (Tone::Plain, name(sentence));
            if !why.contains(&point) {
                why.push(point);
            }
        }
        if !why.is_empty() {
            blocks.push(Block::Heading(3, "Why they differ".to_owned()));
            blocks.push(Block::List(why));
        }
    }
}

fn sources(sets: &[SourceFigures]) -> Vec<&str> {
    let mut sources: Vec<&str> = Vec::new();
    for set in sets {
        if !sources.contains(&set.source.as_str()) {
            sources.push(&set.source);
        }
    }
    sources
}

/// Every figure of one subject.
fn in_full(set: &SourceFigures, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(3, name(&set.subject)));
    let published = set.figures.iter().any(|figure| figure.published.is_some());
    let header: &[&str] = if published {
        &["figure", "value", "published", ""]
    } else {
        &["figure", "value"]
    };
    let mut table = Table::new(1, header);
    for figure in &set.figures {
        let mut row = vec![name(&figure.name), value(figure)];
        if published {
            let printed = figure.published.as_ref();
            row.push(printed.map_or_else(|| NONE.to_owned(), |known| name(&known.printed)));
            row.push(
                match printed.map(|known| known.agrees) {
                    None => "",
                    Some(true) => "same",
                    Some(false) => "differs",
                }
                .to_owned(),
            );
        }
        table.rows.push(row);
    }
    blocks.push(Block::Table(table));
    if let Some(known) = &set.estimate {
        blocks.push(Block::Paragraph(Tone::Plain, estimate(known)));
    }
}

/// The first figures of each of many subjects.
fn in_short(sets: &[&SourceFigures], blocks: &mut Vec<Block>) {
    let estimated = sets.iter().any(|set| set.estimate.is_some());
    let most = if estimated { 1 } else { 3 };
    let figures = sets.first().map_or(&[][..], |set| &set.figures);
    let names: Vec<&str> = figures.iter().take(most).map(|f| f.name.as_str()).collect();
    let shown: Vec<String> = names.iter().map(|figure| name(figure)).collect();
    let mut header = vec!["subject"];
    header.extend(shown.iter().map(String::as_str));
    if estimated {
        header.extend(["estimate", "interval", "n"]);
    }
    let mut table = Table::new(1, &header);
    for set in sets {
        let mut row = vec![name(&set.subject)];
        row.extend(names.iter().map(|wanted| {
            let found = set.figures.iter().find(|figure| figure.name == *wanted);
            found.map_or_else(|| NONE.to_owned(), value)
        }));
        if estimated {
            let known = set.estimate.as_ref();
            row.push(percent(known.and_then(|known| known.value)));
            row.push(known.map_or_else(|| NONE.to_owned(), limits));
            row.push(known.map_or_else(|| NONE.to_owned(), |known| count(known.n)));
        }
        table.rows.push(row);
    }
    blocks.push(Block::Table(table));
    if figures.len() > names.len() {
        let text = "All figures of every subject: --format json.";
        blocks.push(Block::Paragraph(Tone::Plain, text.to_owned()));
    }
}

/// Published values that are not the figures found here.
fn disagreements(sets: &[&SourceFigures], blocks: &mut Vec<Block>) {
    let (mut same, mut near, mut strengths, mut lines) = (0, 0, 0, Vec::new());
    for set in sets {
        for figure in &set.figures {
            match &figure.published {
                Some(known) if known.agrees => {
                    let is_same = figure.value.is_some_and(|v| known.is_to_the_last_digit(v));
                    match figure.unit {
                        _ if is_same => same += 1,
                        Unit::Strength => strengths += 1,
                        _ => near += 1,
                    }
                }
                Some(known) => lines.push((
                    Tone::Loud,
                    format!(
                        "{}: {} is {}, published as {} ({})",
                        name(&set.subject),
                        name(&figure.name),
                        value(figure),
                        name(&known.printed),
                        name(&known.from)
                    ),
                )),
                None => {}
            }
        }
    }
    let differ = lines.len();
    if same + near + strengths + differ as u64 == 0 {
        return;
    }
    let parts = [
        (same, "same to the printed digits"),
        (
            near,
            "same within 1e-9, where more digits are printed than a sum keeps",
        ),
        (
            strengths,
            "same within a millionth once strengths have one geometric mean",
        ),
        (differ as u64, "different"),
    ];
    let parts = parts.into_iter().enumerate();
    let parts = parts.filter(|(at, (n, _))| *n > 0 || [0, 3].contains(at));
    let parts: Vec<String> = parts
        .map(|(_, (n, what))| format!("{} {what}", count(n)))
        .collect();
    let text = format!("Published values: {}.", parts.join(", "));
    let tone = if differ > 0 { Tone::Loud } else { Tone::Plain };
    blocks.push(Block::Paragraph(tone, text));
    if !lines.is_empty() {
        blocks.push(Block::List(lines));
    }
}

/// A figure with all of its digits.
fn value(figure: &Figure) -> String {
    let Some(value) = figure.value else {
        return NONE.to_owned();
    };
    match figure.unit {
        Unit::Count => count(value as u64),
        Unit::Percent => format!("{value}%"),
        _ => value.to_string(),
    }
}

fn limits(known: &Estimate) -> String {
    match (known.low, known.high) {
        (Some(low), Some(high)) => format!("{:.1}–{:.1}", low * 100.0, high * 100.0),
        _ => NONE.to_owned(),
    }
}

fn estimate(known: &Estimate) -> String {
    if let Some(why) = &known.withheld {
        let quantity = name(&known.quantity);
        return format!(
            "Estimate of this program: the {quantity} is withheld, because {}.",
            name(why)
        );
    }
    let interval = match (known.level, &known.population) {
        (Some(level), Some(population)) => format!(
            " ({}, {}% for {})",
            limits(known),
            level_percent(level),
            name(population)
        ),
        _ => String::new(),
    };
    format!(
        "Estimate of this program: {} {}{interval}, over {} of the unit: {}.",
        name(&known.quantity),
        percent(known.value),
        count(known.n),
        name(&known.unit)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::source_figures::Published;

    #[test]
    fn it_is_said_how_far_published_values_are_the_same() {
        let figure = |unit, value: f64, printed: &str, agrees| Figure {
            published: Some(Published {
                printed: printed.to_owned(),
                value: printed.parse().unwrap(),
                agrees,
                from: "f".to_owned(),
            }),
            ..Figure::new("x", Some(value), unit, "d")
        };
        let said = |figures: Vec<Figure>| {
            let set = SourceFigures {
                source: "s".to_owned(),
                subject: "a".to_owned(),
                also_called: Vec::new(),
                comparison: None,
                figures,
                estimate: None,
                why_they_differ: Vec::new(),
            };
            let mut blocks = Vec::new();
            disagreements(&[&set], &mut blocks);
            match blocks.swap_remove(0) {
                Block::Paragraph(_, text) => text,
                _ => String::new(),
            }
        };
        let same = figure(Unit::Percent, 50.04, "50.0", true);
        assert_eq!(
            said(vec![same.clone()]),
            "Published values: 1 same to the printed digits, 0 different."
        );
        let near = figure(Unit::Percent, 76.919_791_803_9, "76.9197918037", true);
        let strength = figure(Unit::Strength, 2.0, "4.0", true);
        let other = figure(Unit::Percent, 50.0, "51", false);
        assert_eq!(
            said(vec![same, near, strength, other]),
            "Published values: 1 same to the printed digits, 1 same within 1e-9, where more \
             digits are printed than a sum keeps, 1 same within a millionth once strengths have \
             one geometric mean, 1 different."
        );
    }
}
