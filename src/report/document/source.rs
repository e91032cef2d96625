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
    let (mut same, mut lines) = (0, Vec::new());
    for set in sets {
        for figure in &set.figures {
            match &figure.published {
                Some(known) if known.agrees => same += 1,
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
    if same + lines.len() == 0 {
        return;
    }
    let differ = lines.len();
    let text = format!(
        "Published values: {} same to the printed digits, {} different.",
        count(same as u64),
        count(differ as u64)
    );
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
