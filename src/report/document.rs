//! What a report says to people, as headings, sentences and tables that are still
//! to be laid out.
//!
//! Every name that comes from a study, a table or a model goes through [`name`].

mod agreement;
mod corrected;
mod differences;
mod fairness;
mod how_to_read;
mod leaderboards;
mod length;
mod paper;
mod phrasings;
mod scores;
mod source;
mod subgroups;
mod tables;
mod transfer;

pub(super) use agreement::agreement;
pub(super) use fairness::fairness;
pub(super) use paper::paper;
pub(super) use scores::scores;
pub(super) use source::source_figures;
pub(super) use subgroups::pooled;
pub(super) use transfer::transfer;

use super::Detail;
use super::numbers::{count, in_percent, percent};
use crate::analysis::Report;
use crate::analysis::report::{Comparison, Coverage, Missing, Note, NoteCode, NoteKind};
use crate::text;
use crate::text::counted;

/// A piece of a report.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// A heading with its depth, from 1.
    Heading(u8, String),
    /// Sentences.
    Paragraph(Tone, String),
    /// Points.
    List(Vec<(Tone, String)>),
    /// Rows under a header.
    Table(Table),
}

/// How much something asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Loud,
}

/// Rows under a header; the first `left` columns are text, the rest numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) left: usize,
}

impl Table {
    fn new(left: usize, header: &[&str]) -> Self {
        let header = header.iter().map(|&title| title.to_owned()).collect();
        Self {
            header,
            rows: Vec::new(),
            left,
        }
    }
}

/// A name that somebody else gave, safe to show.
fn name(text: &str) -> String {
    text::escape(text).into_owned()
}

/// Notes that are sentences without their full stop.
fn plain_notes(notes: &[String]) -> Vec<Block> {
    if notes.is_empty() {
        return Vec::new();
    }
    let note = |note: &String| (Tone::Plain, format!("{}.", name(note)));
    vec![
        Block::Heading(2, "Notes".to_owned()),
        Block::List(notes.iter().map(note).collect()),
    ]
}

/// Everything a report says, to a level of detail.
pub(super) fn document(report: &Report, detail: Detail) -> Vec<Block> {
    let mut blocks = vec![title(report)];
    let simulated = |note: &&Note| note.code == NoteCode::Simulated;
    for note in report.notes.iter().filter(simulated) {
        blocks.push(Block::Paragraph(Tone::Loud, said(note)));
    }
    blocks.push(Block::Paragraph(Tone::Plain, coverage(&report.coverage)));
    blocks.extend(differences::against(report, detail));
    blocks.extend(leaderboards::blocks(report));
    comparisons(report, detail, &mut blocks);
    phrasings::blocks(report, &mut blocks);
    corrected::corrected(&report.corrected, &mut blocks);
    blocks.extend(differences::within(report, detail));
    source_figures(&report.source_figures, &mut blocks);
    if !report.models.is_empty() {
        blocks.push(Block::Heading(2, "Models".to_owned()));
        blocks.push(Block::Table(tables::models(&report.models)));
    }
    if let Some(known) = &report.cost {
        blocks.push(Block::Heading(2, "Cost".to_owned()));
        blocks.push(Block::Table(tables::cost(known)));
    }
    let notes: Vec<(Tone, String)> = report
        .notes
        .iter()
        .filter(|note| !simulated(note))
        .map(noted)
        .collect();
    if !notes.is_empty() {
        blocks.push(Block::Heading(2, "Notes".to_owned()));
        blocks.push(Block::List(notes));
    }
    if !report.comparisons.is_empty() {
        blocks.push(Block::Heading(2, "How to read this".to_owned()));
        blocks.push(Block::List(how_to_read::lines(report)));
    }
    blocks
}

fn title(report: &Report) -> Block {
    let title = match (&report.study.name, report.study.seed) {
        (Some(study), Some(seed)) => format!("{}, seed {seed}", name(study)),
        (Some(study), None) => name(study),
        _ => "Verdict table".to_owned(),
    };
    Block::Heading(1, title)
}

fn said(note: &Note) -> String {
    if note.subjects.is_empty() {
        note.sentence.clone()
    } else {
        let subjects: Vec<String> = note.subjects.iter().map(|subject| name(subject)).collect();
        format!("{} ({})", note.sentence, subjects.join("; "))
    }
}

fn noted(note: &Note) -> (Tone, String) {
    match note.kind {
        NoteKind::Warning => (Tone::Loud, format!("Warning: {}.", said(note))),
        NoteKind::Note => (Tone::Plain, format!("Note: {}.", said(note))),
    }
}

fn reasons(missing: &Missing) -> String {
    let named: Vec<String> = missing
        .reasons()
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(reason, n)| format!("{} {}", count(*n), reason.replace('_', " ")))
        .collect();
    if named.is_empty() {
        "none".to_owned()
    } else {
        named.join(", ")
    }
}

fn coverage(coverage: &Coverage) -> String {
    let share = (coverage.verdicts > 0).then(|| coverage.given as f64 / coverage.verdicts as f64);
    format!(
        "Coverage: {} of {} ({}) of {}; {} of {} begun. Missing: {}.",
        count(coverage.given),
        counted(coverage.verdicts, "verdict"),
        percent(share),
        counted(coverage.judgments, "judgment"),
        count(coverage.begun_items),
        counted(coverage.planned_items, "item"),
        reasons(&coverage.missing)
    )
}

fn contest(comparison: &Comparison) -> [&str; 5] {
    let Comparison {
        candidate,
        opponent,
        judge,
        rubric,
        ..
    } = comparison;
    let variant = comparison.variant.as_deref().unwrap_or_default();
    [candidate, opponent, judge, rubric, variant]
}

/// In which phrasing something was asked, where there are several.
fn phrasing(variant: Option<&str>) -> String {
    variant.map_or_else(String::new, |variant| {
        format!(", phrasing {}", name(variant))
    })
}

/// A rubric's name with the first digits of its hash.
fn short_rubric(rubric: &str) -> String {
    match rubric.rsplit_once('@') {
        Some((rubric, hash)) => {
            let digits: String = hash.chars().take(8).collect();
            format!("{}@{}", name(rubric), name(&digits))
        }
        None => name(rubric),
    }
}

/// Comparisons of two models up to which each has its own section beside a
/// leaderboard.
const FEW_COMPARISONS: usize = 3;
/// Comparisons beyond which a leaderboard stands for all of them.
const MOST_COMPARISONS: usize = 50;

fn comparisons(report: &Report, detail: Detail, blocks: &mut Vec<Block>) {
    let same_contest = |a: &Comparison, b: &Comparison| contest(a) == contest(b);
    let all = report.comparisons.chunk_by(same_contest).count();
    let ranked = !report.leaderboards.is_empty() && detail == Detail::Short;
    if ranked && all > FEW_COMPARISONS {
        blocks.push(Block::Heading(2, "Comparisons".to_owned()));
        let text = format!(
            "{} comparisons of two models. Their orders, bounds and subgroups are shown by --full, and are in the JSON and CSV of this report.",
            count(all as u64)
        );
        blocks.push(Block::Paragraph(Tone::Plain, text));
        if all <= MOST_COMPARISONS {
            pairs(report, blocks);
        }
        return;
    }
    for criteria in report.comparisons.chunk_by(same_contest) {
        comparison(report, criteria, blocks);
    }
}

/// The win rates of all pairs, a table for each judge, rubric and criterion.
fn pairs(report: &Report, blocks: &mut Vec<Block>) {
    let of = |c: &Comparison| (c.judge.clone(), c.rubric.clone(), c.criterion.clone());
    let mut families: Vec<_> = Vec::new();
    for c in &report.comparisons {
        if !families.contains(&of(c)) {
            families.push(of(c));
        }
    }
    for family in families {
        let pairs: Vec<&Comparison> = report
            .comparisons
            .iter()
            .filter(|c| of(c) == family)
            .collect();
        let (judge, rubric, criterion) = &family;
        blocks.push(Block::Heading(3, name(criterion)));
        let text = format!(
            "Win rates of the first model by judge {}, rubric {}.",
            name(judge),
            short_rubric(rubric)
        );
        blocks.push(Block::Paragraph(Tone::Plain, text));
        blocks.push(Block::Table(tables::pairs(report, &pairs)));
    }
}

fn comparison(report: &Report, criteria: &[Comparison], blocks: &mut Vec<Block>) {
    let first = &criteria[0];
    let (candidate, opponent) = (name(&first.candidate), name(&first.opponent));
    let simulated = [&first.candidate, &first.opponent, &first.judge]
        .iter()
        .any(|entry| report.study.simulated.contains(entry));
    let mark = if simulated { " (simulated)" } else { "" };
    blocks.push(Block::Heading(
        2,
        format!(
            "{candidate} vs {opponent}{}{mark}",
            phrasing(first.variant.as_deref())
        ),
    ));
    blocks.push(Block::Paragraph(
        Tone::Plain,
        format!(
            "Win rate of {candidate} by judge {}, rubric {}. {}",
            name(&first.judge),
            short_rubric(&first.rubric),
            population(criteria)
        ),
    ));
    blocks.push(Block::Table(tables::headline(report, criteria)));
    let with_margin = report.study.margin.and_then(|_| findings(criteria));
    let sentences = [with_margin, detectable(criteria)];
    for sentence in sentences.into_iter().flatten() {
        blocks.push(Block::Paragraph(Tone::Plain, sentence));
    }
    for withheld in criteria.iter().filter(|c| c.withheld.is_some()) {
        let why = withheld.withheld.as_deref().unwrap_or_default();
        let text = format!("Withheld for {}: {why}.", name(&withheld.criterion));
        blocks.push(Block::Paragraph(Tone::Loud, text));
    }
    blocks.extend(length::blocks(report, criteria));
    if criteria
        .iter()
        .any(|c| c.order.as_ref().is_some_and(|order| order.both_orders))
    {
        blocks.push(Block::Heading(3, "Order of the answers".to_owned()));
        blocks.push(Block::Table(tables::orders(criteria)));
    }
    blocks.push(Block::Heading(
        3,
        "Other rules, and what is missing".to_owned(),
    ));
    blocks.push(Block::Table(tables::rules(criteria)));
    let missing: Vec<(Tone, String)> = criteria
        .iter()
        .filter(|c| c.missing.total() > 0)
        .map(|c| (Tone::Plain, missing(c)))
        .collect();
    if !missing.is_empty() {
        blocks.push(Block::List(missing));
    }
    let of_contest = |group: &&Comparison| contest(group) == contest(first);
    let groups: Vec<&Comparison> = report.groups.iter().filter(of_contest).collect();
    let mut breakdowns: Vec<&[String]> = Vec::new();
    for group in &groups {
        if !breakdowns.contains(&group.dimensions.as_slice()) {
            breakdowns.push(&group.dimensions);
        }
    }
    for dimensions in breakdowns {
        let names: Vec<String> = dimensions.iter().map(|dimension| name(dimension)).collect();
        blocks.push(Block::Heading(3, format!("By {}", names.join(" and "))));
        let levels = groups.iter().filter(|group| group.dimensions == dimensions);
        blocks.push(Block::Table(tables::levels_table(report, levels.copied())));
        blocks.extend(subgroups::said(criteria, dimensions));
    }
}

/// Whom the headline intervals of a comparison speak of.
fn population(criteria: &[Comparison]) -> String {
    let of = |c: &Comparison| {
        let personas = match c.n_clusters.persona {
            0 => String::new(),
            n => format!(" and {}", counted(n, "persona")),
        };
        let interval = c.interval.as_ref()?;
        let numbered = interval.clusters.iter().zip(&interval.n_clusters);
        // Columns that stand for questions or personas.
        let columns = numbered
            .filter(|(column, _)| !["question", "persona"].contains(&column.as_str()))
            .map(|(column, n)| format!("{} of {}", counted(*n, "value"), name(column)));
        let from: Vec<String> = columns
            .chain([counted(c.n_clusters.question, "question") + &personas])
            .collect();
        let text = format!("of {} (from {})", interval.population, from.join(", "));
        Some((c.criterion.clone(), text))
    };
    match criteria.iter().find_map(|c| c.interval.as_ref()) {
        None => "There is no interval.".to_owned(),
        Some(interval) => format!(
            "The {}% interval speaks {}.",
            in_percent(interval.level),
            by_criterion(criteria.iter().filter_map(of))
        ),
    }
}

/// What is said of several criteria: once where it is the same of all, else of which.
fn by_criterion(said: impl Iterator<Item = (String, String)>) -> String {
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    for (criterion, text) in said {
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, criteria)) => criteria.push(name(&criterion)),
            None => texts.push((text, vec![name(&criterion)])),
        }
    }
    let several = texts.len() > 1;
    let said = texts.into_iter().map(|(text, criteria)| {
        if several {
            format!("{text} for {}", criteria.join(", "))
        } else {
            text
        }
    });
    said.collect::<Vec<_>>().join("; ")
}

/// What the tests of each criterion find.
fn findings(criteria: &[Comparison]) -> Option<String> {
    let found: Vec<String> = criteria
        .iter()
        .filter_map(|c| {
            let finding = c.finding.as_ref()?;
            Some(format!("{}: {}", name(&c.criterion), finding.sentence))
        })
        .collect();
    (!found.is_empty()).then(|| format!("Finding for {}.", found.join("; ")))
}

/// The smallest win rates that such a study finds, where there are any.
fn detectable(criteria: &[Comparison]) -> Option<String> {
    let found: Vec<String> = criteria
        .iter()
        .filter(|c| c.win_rate.is_some() && c.smallest_detectable.is_some())
        .map(|c| format!("{} {}", name(&c.criterion), percent(c.smallest_detectable)))
        .collect();
    (!found.is_empty()).then(|| {
        format!(
            "Smallest win rate that such a study finds four times in five: {}.",
            found.join(", ")
        )
    })
}

/// What is missing of a criterion, by reason and by order.
fn missing(c: &Comparison) -> String {
    let all = format!("Missing of {}: {}", name(&c.criterion), reasons(&c.missing));
    match &c.order {
        Some(order) if order.both_orders => format!(
            "{all}; {} with {} first, {} with {} first.",
            count(order.candidate_first.missing.total()),
            name(&c.candidate),
            count(order.opponent_first.missing.total()),
            name(&c.opponent)
        ),
        _ => format!("{all}."),
    }
}

#[cfg(test)]
mod tests {
    use super::by_criterion;

    #[test]
    fn what_is_the_same_of_all_criteria_is_said_once() {
        let said = |texts: [&str; 3]| {
            let names = ["depth", "help", "taste"].map(str::to_owned);
            by_criterion(names.into_iter().zip(texts.map(str::to_owned)))
        };
        assert_eq!(said(["of 3", "of 3", "of 3"]), "of 3");
        assert_eq!(
            said(["of 3", "of 2", "of 3"]),
            "of 3 for depth, taste; of 2 for help"
        );
    }
}
