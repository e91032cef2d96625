//! What an agreement report says to people.

mod panels;

use std::fmt::Write as _;

use super::corrected::corrected;
use super::{Block, Table, Tone, name};
use crate::analysis::agreement::report::{
    AgreementNote, AgreementNoteCode, AgreementReport, AlternativeAnnotator, ByDraw, Coefficient,
    CoefficientName, Confusion, JudgePeople, Pair, RaterCounts,
};
use crate::analysis::report::{Limits, Method};
use crate::report::numbers::{NONE, count, counted, in_percent, p_value, percent};

use crate::text::people;
use panels::panels;

/// Most pairs of raters that are shown one by one.
const MOST_PAIRS: usize = 20;
/// Most raters whose counts are shown.
const MOST_RATERS: usize = 40;

/// Everything an agreement report says.
pub(in crate::report) fn agreement(report: &AgreementReport) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(
        1,
        "Agreement of judges and people".to_owned(),
    )];
    let simulated = |note: &&AgreementNote| note.code == AgreementNoteCode::Simulated;
    for note in report.notes.iter().filter(simulated) {
        blocks.push(Block::Paragraph(Tone::Loud, name(&note.sentence)));
    }
    blocks.push(Block::Paragraph(Tone::Plain, how_coded(report)));
    let shown = largest(&report.raters);
    let left_out = (report.raters.len() - shown.len()) as u64;
    blocks.push(Block::Table(raters(&shown)));
    if left_out > 0 {
        let text = format!(
            "Raters who are not shown here: {}, each with no more units than these; the JSON report has all of them.",
            count(left_out)
        );
        blocks.push(Block::Paragraph(Tone::Plain, text));
    }
    for part in report
        .judge_people
        .iter()
        .filter(|part| part.dimensions.is_empty())
    {
        judge_people(report, part, &mut blocks);
    }
    panels(
        "People with each other",
        report,
        &report.people,
        &mut blocks,
    );
    panels(
        "Judges with each other",
        report,
        &report.judges,
        &mut blocks,
    );
    if !report.alternative_annotator.is_empty() {
        let heading = "May a judge stand in for a person?".to_owned();
        blocks.push(Block::Heading(2, heading));
        for test in &report.alternative_annotator {
            alternative(test, &mut blocks);
        }
    }
    corrected(&report.corrected, &mut blocks);
    let notes: Vec<(Tone, String)> = report
        .notes
        .iter()
        .filter(|note| !simulated(note))
        .map(|note| (Tone::Loud, format!("Note: {}.", name(&note.sentence))))
        .collect();
    if !notes.is_empty() {
        blocks.push(Block::Heading(2, "Notes".to_owned()));
        blocks.push(Block::List(notes));
    }
    blocks.push(Block::Heading(2, "How to read this".to_owned()));
    blocks.push(Block::List(how_to_read(report)));
    blocks
}

fn how_coded(report: &AgreementReport) -> String {
    let sentences: Vec<String> = report
        .coding
        .sentences
        .iter()
        .map(|text| name(text))
        .collect();
    sentences.join(" ")
}

/// The raters who rated most, in their order.
fn largest(raters: &[RaterCounts]) -> Vec<&RaterCounts> {
    let rated = |rater: &RaterCounts| {
        rater.wins + rater.ties + rater.losses + rater.missing + rater.inconsistent
    };
    let mut places: Vec<usize> = (0..raters.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(rated(&raters[*place])));
    places.truncate(MOST_RATERS);
    places.sort_unstable();
    places.into_iter().map(|place| &raters[place]).collect()
}

fn raters(raters: &[&RaterCounts]) -> Table {
    let again = raters.iter().any(|rater| rater.repeats > 0);
    let dropped = raters.iter().any(|rater| rater.inconsistent > 0);
    let mut header = vec![
        "rater",
        "",
        "criterion",
        "wins",
        "ties",
        "losses",
        "missing",
    ];
    if dropped {
        header.push("inconsistent");
    }
    if again {
        header.push("with itself");
    }
    let mut table = Table::new(3, &header);
    for rater in raters {
        let kind = match rater.rubric {
            Some(_) => "judge",
            None => "person",
        };
        let mut row = vec![name(&rater.rater), kind.to_owned(), name(&rater.criterion)];
        let counts = [rater.wins, rater.ties, rater.losses, rater.missing];
        row.extend(counts.map(count));
        if dropped {
            row.push(count(rater.inconsistent));
        }
        if again {
            row.push(percent(rater.self_agreement));
        }
        table.rows.push(row);
    }
    table
}

/// A coefficient.
fn number(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.3}"))
}

/// Its limits.
fn limits(limits: Option<Limits>) -> String {
    limits.map_or_else(
        || NONE.to_owned(),
        |limits| format!("{:.3} to {:.3}", limits.low, limits.high),
    )
}

fn of(coefficients: &[Coefficient], wanted: CoefficientName) -> [String; 2] {
    let found = coefficients.iter().find(|known| known.name == wanted);
    [
        number(found.and_then(|known| known.estimate)),
        limits(found.and_then(|known| known.interval)),
    ]
}

/// Coefficients that say something of their own: with two categories weights change
/// nothing.
fn telling(coefficients: &[Coefficient], categories: usize) -> Vec<CoefficientName> {
    use CoefficientName as Name;
    let plain = [
        Name::Agreement,
        Name::CohenKappa,
        Name::GwetAc1,
        Name::FleissKappa,
        Name::KrippendorffAlphaNominal,
    ];
    let names = coefficients.iter().map(|known| known.name);
    names
        .filter(|name| categories > 2 || plain.contains(name))
        .collect()
}

fn judge_people(report: &AgreementReport, part: &JudgePeople, blocks: &mut Vec<Block>) {
    let heading = format!(
        "{}: {} and people",
        name(&part.criterion),
        name(&part.confusion.rows)
    );
    blocks.push(Block::Heading(2, heading));
    blocks.push(Block::Paragraph(Tone::Plain, name(&part.sentence)));
    let level = format!("{}% interval", in_percent(report.level));
    let categories = part.confusion.categories.len();
    let mut header = vec!["", "judge and person", &level];
    let ceiling = !part.person_person.is_empty();
    if ceiling {
        header.extend(["two persons", &level, "difference", &level]);
    }
    let mut table = Table::new(1, &header);
    for wanted in telling(&part.judge_person, categories) {
        let mut row = vec![wanted.words().to_owned()];
        row.extend(of(&part.judge_person, wanted));
        if ceiling {
            row.extend(of(&part.person_person, wanted));
            row.extend(of(&part.difference, wanted));
        }
        table.rows.push(row);
    }
    blocks.push(Block::Table(table));
    blocks.push(Block::Paragraph(Tone::Plain, over(part)));
    if let Some(by) = &part.by_draw {
        blocks.push(Block::Paragraph(Tone::Plain, by_draw(by)));
    }
    undefined(&part.judge_person, blocks);
    blocks.push(Block::Table(confusion(&part.confusion)));
    if let Some(majority) = &part.majority {
        let said = |wanted| {
            let [value, limits] = of(&majority.coefficients, wanted);
            format!("{value} ({limits})")
        };
        let text = format!(
            "With what most people said, on {} ({} without a majority left out): agreement {}, kappa {}, AC1 {}.",
            counted(majority.n_units, "unit"),
            count(majority.undecided),
            said(CoefficientName::Agreement),
            said(CoefficientName::CohenKappa),
            said(CoefficientName::GwetAc1)
        );
        blocks.push(Block::Paragraph(Tone::Plain, text));
    }
    if part.people.len() > 1 && !part.each_person.is_empty() {
        blocks.push(Block::Heading(3, "With each person".to_owned()));
        pairs(report, &part.each_person, blocks);
    }
    levels(report, part, blocks);
}

/// What figures are taken over.
fn over(part: &JudgePeople) -> String {
    let mut text = format!(
        "Over {} with {} of {}, in {}.",
        counted(part.n_units, "unit"),
        counted(part.n_labels, "label"),
        people(part.people.len() as u64),
        clusters(&part.n_clusters)
    );
    if part.n_units_ceiling > 0 && part.n_units_ceiling < part.n_units {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            " Two persons, and the difference, over the {} that two or more labelled.",
            count(part.n_units_ceiling)
        );
    }
    text
}

/// Figures weighed by the draw of the labelled units, and that the others are not.
fn by_draw(by: &ByDraw) -> String {
    let said = |words: &str, coefficients: &[Coefficient]| {
        let told = coefficients.iter().map(|known| {
            let [value, limits] = of(coefficients, known.name);
            let what = match known.name {
                CoefficientName::AgreementByDraw => "agreement",
                _ => "kappa",
            };
            format!("{what} {value} ({limits})")
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| format!("{words}: {}", told.join(", ")))
    };
    let told = [
        said("judge and person", &by.judge_person),
        said("two persons", &by.person_person),
        said("difference", &by.difference),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    format!(
        "By draw, with units weighed by how many they stand for (x.weight), {}. All other figures take the labelled units as they are.",
        told.join("; ")
    )
}

fn clusters(counts: &[u64]) -> String {
    match counts {
        [one] => counted(*one, "cluster"),
        counts => {
            let counts: Vec<String> = counts.iter().map(|n| count(*n)).collect();
            counts.join(" × ") + " clusters"
        }
    }
}

/// Why coefficients do not exist, or have no interval.
fn undefined(coefficients: &[Coefficient], blocks: &mut Vec<Block>) {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for known in coefficients {
        let why = match (&known.undefined, &known.no_interval) {
            (Some(why), _) => format!("not defined: {why}"),
            (None, Some(why)) => format!("without an interval: {why}"),
            _ => continue,
        };
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, names)) => names.push(known.name.words()),
            None => reasons.push((why, vec![known.name.words()])),
        }
    }
    let points = reasons.into_iter().map(|(why, names)| {
        (
            Tone::Plain,
            format!("{}: {}.", names.join("; "), name(&why)),
        )
    });
    let points: Vec<(Tone, String)> = points.collect();
    if !points.is_empty() {
        blocks.push(Block::List(points));
    }
}

fn confusion(confusion: &Confusion) -> Table {
    let title = format!("{} \\ {}", name(&confusion.rows), name(&confusion.columns));
    let mut header = vec![title.as_str()];
    header.extend(confusion.categories.iter().map(String::as_str));
    let mut table = Table::new(1, &header);
    for (category, counts) in confusion.categories.iter().zip(&confusion.counts) {
        let mut row = vec![category.clone()];
        row.extend(counts.iter().map(|n| count(*n)));
        table.rows.push(row);
    }
    table
}

fn pairs(report: &AgreementReport, all: &[Pair], blocks: &mut Vec<Block>) {
    let level = format!("{}% interval", in_percent(report.level));
    let header = [
        "",
        "",
        "units",
        "agreement",
        &level,
        "kappa",
        &level,
        "AC1",
        &level,
    ];
    let mut table = Table::new(2, &header);
    for pair in all.iter().take(MOST_PAIRS) {
        let mut row = vec![name(&pair.first), name(&pair.second), count(pair.n_units)];
        row.extend(of(&pair.coefficients, CoefficientName::Agreement));
        row.extend(of(&pair.coefficients, CoefficientName::CohenKappa));
        let [ac1, _] = of(&pair.coefficients, CoefficientName::GwetAc1);
        row.push(ac1);
        table.rows.push(row);
    }
    blocks.push(Block::Table(table));
    if all.len() > MOST_PAIRS {
        let more = count((all.len() - MOST_PAIRS) as u64);
        let text = format!("{more} further pairs are in the JSON and CSV of this report.");
        blocks.push(Block::Paragraph(Tone::Plain, text));
    }
}

/// The judge and people within the levels of each breakdown.
fn levels(report: &AgreementReport, whole: &JudgePeople, blocks: &mut Vec<Block>) {
    let of_judge = |part: &&JudgePeople| {
        !part.dimensions.is_empty()
            && part.criterion == whole.criterion
            && (&part.judge, &part.rubric) == (&whole.judge, &whole.rubric)
    };
    let parts: Vec<&JudgePeople> = report.judge_people.iter().filter(of_judge).collect();
    for of_breakdown in parts.chunk_by(|a, b| a.dimensions == b.dimensions) {
        blocks.push(breakdown_heading(&of_breakdown[0].dimensions));
        let interval = format!("{}% interval", in_percent(report.level));
        let header = [
            "",
            "units",
            "agreement",
            &interval,
            "kappa",
            &interval,
            "two persons",
            "difference",
            &interval,
        ];
        let mut table = Table::new(1, &header);
        for part in of_breakdown {
            let levels: Vec<String> = part.levels.iter().map(|level| name(level)).collect();
            let mut row = vec![levels.join(" × "), count(part.n_units)];
            row.extend(of(&part.judge_person, CoefficientName::Agreement));
            row.extend(of(&part.judge_person, CoefficientName::CohenKappa));
            let [ceiling, _] = of(&part.person_person, CoefficientName::Agreement);
            row.push(ceiling);
            row.extend(of(&part.difference, CoefficientName::Agreement));
            table.rows.push(row);
        }
        blocks.push(Block::Table(table));
    }
}

/// Over the levels of some dimensions.
fn breakdown_heading(dimensions: &[String]) -> Block {
    let dimensions: Vec<String> = dimensions.iter().map(|d| name(d)).collect();
    Block::Heading(3, format!("By {}", dimensions.join(" and ")))
}

fn alternative(test: &AlternativeAnnotator, blocks: &mut Vec<Block>) {
    let said = format!("{}: {}", name(&test.criterion), name(&test.sentence));
    blocks.push(Block::Paragraph(Tone::Plain, said));
    if !test.people.is_empty() {
        let header = [
            "person left out",
            "units",
            "difference",
            "judge as near",
            "p",
            "p adj",
            "",
        ];
        let mut table = Table::new(1, &header);
        for person in &test.people {
            table.rows.push(vec![
                name(&person.person),
                count(person.n_units),
                format!("{:+.3}", person.difference),
                percent(Some(person.advantage)),
                p_value(Some(person.p_value)),
                p_value(Some(person.p_adjusted)),
                if person.rejected {
                    "as well"
                } else {
                    "not shown"
                }
                .to_owned(),
            ]);
        }
        blocks.push(Block::Table(table));
    }
    if !test.left_out.is_empty() {
        let mut names: Vec<String> = (test.left_out.iter().take(MOST_PAIRS))
            .map(|person| name(person))
            .collect();
        if let more @ 1.. = test.left_out.len() - names.len() {
            names.push(format!("and {} more", count(more as u64)));
        }
        let said = format!(
            "Left out, with fewer than {} or one cluster: {}.",
            counted(test.min_units, "unit"),
            names.join(", ")
        );
        blocks.push(Block::Paragraph(Tone::Plain, said));
    }
}

fn how_to_read(report: &AgreementReport) -> Vec<(Tone, String)> {
    let clusters: Vec<String> = report.clusters.iter().map(|column| name(column)).collect();
    let together = if clusters.is_empty() {
        "all units are one cluster, so that there are none".to_owned()
    } else {
        format!(
            "units of one {} are taken to move together",
            clusters.join(" or one ")
        )
    };
    let mut lines = vec![
        format!("Unit: {}.", report.unit),
        format!(
            "Intervals: {}% from {} bootstrap draws of whole clusters ({}), seed {}; {together}.",
            in_percent(report.level),
            count(u64::from(report.draws)),
            if report.interval == Method::BootstrapBca {
                "bias-corrected and accelerated"
            } else {
                "percentiles"
            },
            report.seed
        ),
        "Kappa, AC1, AC2 and alpha are agreement beyond chance, 1 at most. Kappa's chance grows with a prevailing verdict and may make it small where raters agree; AC1's does not. Linear and quadratic weights count a tie against a win as part of an agreement.".to_owned(),
    ];
    if report
        .judge_people
        .iter()
        .any(|part| !part.person_person.is_empty())
    {
        lines.push("Two persons: the human ceiling. A judge cannot be asked to agree with people more than they do with each other. Each unit weighs the same however many people labelled it.".to_owned());
    }
    if !report.alternative_annotator.is_empty() {
        lines.push("Difference: by how much of the units the person left out is nearer to the other people than the judge is; p tests whether that is epsilon or more, p adj by Benjamini-Yekutieli.".to_owned());
    }
    if !report.corrected.is_empty() {
        lines.push("Corrected: what people would say of all items, if the labelled ones were drawn at random from them (PPI++); weight is how far the judge is leaned on.".to_owned());
    }
    lines.push("`oyer explain TERM` says more of each.".to_owned());
    lines.into_iter().map(|line| (Tone::Plain, line)).collect()
}
