//! Figures of another tool beside this program's estimate.

use super::{Block, Table, Tone, name};
use crate::analysis::source_figures::{Estimate, Figure, OfPooled, SourceFigures, Subject, Unit};
use crate::report::numbers::{NONE, count, in_percent, percent};

/// Most subjects whose figures are shown in full.
const IN_FULL: usize = 4;
/// Most estimates that are shown of figures that pool several comparisons.
const MOST_ESTIMATES: usize = 24;
/// Most people whose figures are shown.
const MOST_PEOPLE: usize = 24;
/// Characters of a line, between its columns, and of the longest name that is not broken.
const LINE: usize = 100;
const GAP: usize = 2;
const MOST_OF_NAME: usize = 40;

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
            let shown = largest_of_people(&of_source);
            in_short(&shown, blocks);
            let left_out = (of_source.len() - shown.len()) as u64;
            if left_out > 0 {
                let text = format!(
                    "People who are not shown here: {}, each with no more labels than these; the JSON report has all of them.",
                    count(left_out)
                );
                blocks.push(Block::Paragraph(Tone::Plain, text));
            }
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

/// All sets, but of those that are each of one person only the largest.
fn largest_of_people<'s>(sets: &[&'s SourceFigures]) -> Vec<&'s SourceFigures> {
    let of_person = |set: &&SourceFigures| {
        let pools = set.pools.as_ref();
        pools.is_some_and(|pools| pools.judge.is_some() && pools.model.is_none())
    };
    let size = |set: &SourceFigures| -> f64 {
        let counts = set
            .figures
            .iter()
            .filter(|figure| figure.unit == Unit::Count);
        counts.filter_map(|figure| figure.value).sum()
    };
    let mut sizes: Vec<f64> = (sets.iter().filter(|set| of_person(set)))
        .map(|set| size(set))
        .collect();
    sizes.sort_unstable_by(|a, b| b.total_cmp(a));
    let Some(least) = sizes.get(MOST_PEOPLE - 1).copied() else {
        return sets.to_vec();
    };
    // Of people with as many labels as the last of them the first are shown.
    let mut room = MOST_PEOPLE - sizes.iter().filter(|size| **size > least).count();
    let is_shown = |set: &&&SourceFigures| {
        if !of_person(set) || size(set) > least {
            return true;
        }
        let fits = size(set) >= least && room > 0;
        room -= usize::from(fits);
        fits
    };
    sets.iter().filter(is_shown).copied().collect()
}

/// Every figure of one subject.
fn in_full(set: &SourceFigures, blocks: &mut Vec<Block>) {
    let subject = name(&set.subject);
    blocks.push(if set.figures.is_empty() {
        Block::Paragraph(
            Tone::Plain,
            format!("The source gives no figures of {subject}."),
        )
    } else {
        Block::Heading(3, subject)
    });
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
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    if let Some(known) = &set.estimate {
        let text = estimate(known, set.comparison.as_ref());
        blocks.push(Block::Paragraph(Tone::Plain, text));
    }
    several(&[set], blocks);
}

/// A name of a comparison.
type OfSubject = fn(&Subject) -> &String;

/// The columns that tell comparisons apart: the models, and what of the others varies.
const COLUMNS: [(&str, OfSubject); 5] = [
    ("of", |subject| &subject.candidate),
    ("against", |subject| &subject.opponent),
    // A judge, or an annotator.
    ("by", |subject| &subject.judge),
    ("rubric", |subject| &subject.rubric),
    ("criterion", |subject| &subject.criterion),
];

/// The estimates of comparisons that figures pool, as many of each subject as there is
/// room for, and how many more there are.
fn several(sets: &[&SourceFigures], blocks: &mut Vec<Block>) {
    let pooling: Vec<&SourceFigures> = sets
        .iter()
        .copied()
        .filter(|set| !set.estimates.is_empty())
        .collect();
    if pooling.is_empty() {
        return;
    }
    let of_each = (MOST_ESTIMATES / pooling.len()).max(1);
    let shown: Vec<&OfPooled> = pooling
        .iter()
        .flat_map(|set| set.estimates.iter().take(of_each))
        .take(MOST_ESTIMATES)
        .collect();
    let all: u64 = pooling
        .iter()
        .map(|set| set.estimates.len() as u64 + set.further_estimates)
        .sum();
    blocks.push(Block::Paragraph(
        Tone::Plain,
        "Estimates of this program: win rates.".to_owned(),
    ));
    let columns: Vec<(&str, OfSubject)> = COLUMNS
        .into_iter()
        .filter(|(title, of)| {
            let differs = |one: &&OfPooled| of(&one.comparison) != of(&shown[0].comparison);
            ["of", "against"].contains(title) || shown.iter().any(differs)
        })
        .collect();
    let titles = columns.iter().map(|(title, _)| *title);
    let header: Vec<&str> = titles.chain(["estimate", "interval", "n"]).collect();
    let mut table = Table::new(columns.len(), &header);
    for one in &shown {
        let mut row: Vec<String> = columns
            .iter()
            .map(|(_, of)| name(of(&one.comparison)))
            .collect();
        let known = &one.estimate;
        row.extend([percent(known.value), limits(known), count(known.n)]);
        table.rows.push(row);
    }
    blocks.push(Block::Table(table));
    let mut sentences = Vec::new();
    let limited = shown.iter().find(|one| one.estimate.low.is_some());
    if let Some((level, population)) =
        limited.and_then(|one| Some((one.estimate.level?, one.estimate.population.as_ref()?)))
    {
        sentences.push(format!(
            "Intervals: {}% for {}.",
            in_percent(level),
            name(population)
        ));
    }
    let withheld = shown.iter().find_map(|one| one.estimate.withheld.as_ref());
    if let Some(why) = withheld {
        sentences.push(format!(
            "Withheld ({NONE}), the first of them: {}.",
            name(why)
        ));
    }
    let rest = all - shown.len() as u64;
    if rest > 0 {
        let kept: usize = pooling.iter().map(|set| set.estimates.len()).sum();
        let in_json = match kept - shown.len() {
            0 => String::new(),
            more => format!("--format json has {} of them, and ", count(more as u64)),
        };
        sentences.push(format!(
            "Estimates that are not shown here: {}; {in_json}the report has one for each comparison by judges.",
            count(rest)
        ));
    }
    if !sentences.is_empty() {
        blocks.push(Block::Paragraph(Tone::Plain, sentences.join(" ")));
    }
}

/// Every figure of many subjects, a row each, in as many tables as it takes for whole
/// names of subjects to stand beside them.
fn in_short(sets: &[&SourceFigures], blocks: &mut Vec<Block>) {
    let subjects: Vec<String> = sets.iter().map(|set| name(&set.subject)).collect();
    let longest = |cells: &[String]| cells.iter().map(|cell| cell.chars().count()).max();
    let room = LINE.saturating_sub(longest(&subjects).unwrap_or(0).min(MOST_OF_NAME));
    let (mut left, mut tables) = (0, Vec::<Table>::new());
    for (title, cells) in columns(sets) {
        let words = title.split(' ').map(|word| word.chars().count());
        let width = words.chain(longest(&cells)).max().unwrap_or(0) + GAP;
        if tables.is_empty() || width > left {
            let mut table = Table::new(1, &["subject"]);
            table.rows = subjects
                .iter()
                .map(|subject| vec![subject.clone()])
                .collect();
            tables.push(table);
            left = room;
        }
        left = left.saturating_sub(width);
        if let Some(table) = tables.last_mut() {
            table.header.push(title);
            for (row, cell) in table.rows.iter_mut().zip(cells) {
                row.push(cell);
            }
        }
    }
    blocks.extend(tables.into_iter().map(Block::Table));
    several(sets, blocks);
}

/// The estimate, where any subject has one, and every figure that any of them has.
fn columns(sets: &[&SourceFigures]) -> Vec<(String, Vec<String>)> {
    let column = |title: &str, cell: &dyn Fn(&SourceFigures) -> Option<String>| {
        let cells = sets
            .iter()
            .map(|set| cell(set).unwrap_or_else(|| NONE.to_owned()));
        (title.to_owned(), cells.collect::<Vec<String>>())
    };
    let mut columns = Vec::new();
    if sets.iter().any(|set| set.estimate.is_some()) {
        for (title, of) in &COLUMNS[..2] {
            let cell = |set: &SourceFigures| {
                set.estimate.as_ref()?;
                set.comparison.as_ref().map(|subject| name(of(subject)))
            };
            if sets
                .iter()
                .any(|set| !is_named(set, *of) && cell(set).is_some())
            {
                columns.push(column(title, &cell));
            }
        }
        let of = |set: &SourceFigures, cell: &dyn Fn(&Estimate) -> String| {
            set.estimate.as_ref().map(cell)
        };
        columns.push(column("estimate", &|set| {
            of(set, &|known| percent(known.value))
        }));
        columns.push(column("interval", &|set| of(set, &limits)));
        columns.push(column("n", &|set| of(set, &|known| count(known.n))));
    }
    let mut names: Vec<&str> = Vec::new();
    for figure in sets.iter().flat_map(|set| &set.figures) {
        if !names.contains(&figure.name.as_str()) {
            names.push(&figure.name);
        }
    }
    columns.extend(names.into_iter().map(|wanted| {
        column(&name(wanted), &|set| {
            let found = set.figures.iter().find(|figure| figure.name == wanted);
            found.map(value)
        })
    }));
    columns
}

/// Whether the subject of figures names a model of its comparison.
fn is_named(set: &SourceFigures, of: OfSubject) -> bool {
    let Some(comparison) = &set.comparison else {
        return false;
    };
    let (candidate, opponent) = (&comparison.candidate, &comparison.opponent);
    let both = format!("{candidate} against {opponent}");
    set.subject.starts_with(&both) || (set.subject == *candidate && of(comparison) == candidate)
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
            "same to the printed digits, or within a millionth, on the scale on which most strengths are the same",
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

fn estimate(known: &Estimate, comparison: Option<&Subject>) -> String {
    let of = comparison.map_or_else(String::new, |subject| {
        let [candidate, opponent] =
            [&subject.candidate, &subject.opponent].map(|model| name(model));
        format!(" of {candidate} against {opponent}")
    });
    if let Some(why) = &known.withheld {
        let quantity = name(&known.quantity);
        return format!(
            "Estimate of this program: the {quantity}{of} is withheld: {}.",
            name(why)
        );
    }
    let interval = match (known.level, &known.population) {
        (Some(level), Some(population)) => format!(
            " ({}, {}% for {})",
            limits(known),
            in_percent(level),
            name(population)
        ),
        _ => String::new(),
    };
    format!(
        "Estimate of this program: {}{of} {}{interval}, over {} of the unit: {}.",
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
    fn every_figure_of_many_subjects_has_a_column_and_names_stay_whole() {
        let sets: Vec<SourceFigures> = (0..6)
            .map(|number| SourceFigures {
                source: "s".to_owned(),
                subject: format!("a subject with a long name {number}"),
                figures: (0..7 + number % 2)
                    .map(|i| Figure::new(format!("figure_{i}"), Some(1.0 / 3.0), Unit::Share, "d"))
                    .collect(),
                ..SourceFigures::default()
            })
            .collect();
        let all: Vec<&SourceFigures> = sets.iter().collect();
        let mut blocks = Vec::new();
        in_short(&all, &mut blocks);
        let mut titles = Vec::new();
        for block in &blocks {
            let Block::Table(table) = block else {
                panic!("only tables are expected");
            };
            assert_eq!((table.header[0].as_str(), table.rows.len()), ("subject", 6));
            assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
            // 28 characters of a name leave room for three numbers of 18.
            assert!(table.header.len() <= 4, "{:?}", table.header);
            titles.extend(table.header[1..].to_vec());
        }
        let expected: Vec<String> = (0..8).map(|i| format!("figure_{i}")).collect();
        assert_eq!(titles, expected);
    }

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
                figures,
                ..SourceFigures::default()
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
             digits are printed than a sum keeps, 1 same to the printed digits, or within a \
             millionth, on the scale on which most strengths are the same, 1 different."
        );
    }
}
