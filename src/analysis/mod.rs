//! Which estimate answers which question: a verdict table becomes a [`Report`].
//!
//! [`analyse`] is pure. Each number is taken over *items* (one persona asked one
//! question), and the spread over clusters of items that share a question or a
//! persona.
//!
//! # From judgments to the score of an item
//!
//! 1. Every verdict is a number in `[0, 1]` from the candidate's side: its graded
//!    score where there is one, else 1 for a win, ½ for a tie and 0 for a loss.
//!    Rows written from the opponent's side are turned first.
//! 2. Repeats are averaged within an order. Missing repeats are left out: they are
//!    draws of the same question to the same judge.
//! 3. Orders are averaged within a sample. Where a comparison is judged in *both
//!    orders*, that is, where any of its items has rows of both, a sample
//!    counts only if each order has a verdict: a judge may favour a place, and what
//!    is missing may depend on the order, so that averaging what is there would be
//!    biased.
//! 4. Samples are averaged within an item over those that count. An item is in the
//!    estimate as soon as one of its samples counts. (To ask for all of them would
//!    drop the very items on which models or judges fail most often, and more of
//!    them the more samples are drawn.)
//!
//! # Coverage
//!
//! An item is *begun* when anything about it was judged, or failed, in a
//! comparison; items of which every judgment is `not_run` are stated apart, because
//! a limited or stopped run leaves out whole items of a random sample of questions.
//! Coverage is the mean over begun items of the share of their samples that count.
//! Under the floor the win rate is withheld. Bounds set every missing verdict of a
//! begun item to a loss, then to a win; an order of which a both-orders item has no
//! row is missing too.
//!
//! # Invariants
//!
//! The order of rows, the naming of things and the number of threads do not change
//! a number; exchanging candidate and opponent mirrors all of them; a further
//! dimension changes nothing but its own subgroups.

pub mod agreement;
mod clusters;
mod coverage;
mod difference;
mod estimate;
mod estimates;
pub mod facts;
mod families;
mod groups;
mod intervals;
mod item_score;
mod layout;
mod leaderboard;
mod length;
mod notes;
mod options;
mod orders;
pub mod paper;
mod phrasings;
pub mod pilot;
pub mod report;
pub mod scores;
mod sections;
mod shortage;
mod significance;
pub mod source_figures;
mod subgroups;
pub mod transfer;
mod variants;
mod win_rate;

pub use difference::{Other, Same};
pub use estimates::Estimates;
pub use facts::Facts;
pub use options::{AnalysisError, Options};
pub use report::Report;
pub use sections::{Control, Controls, Sections};

use rayon::prelude::*;

use crate::verdict::table::VerdictTable;
use estimate::Measured;
use groups::Breakdown;
use layout::Layout;
use report::{Comparison, Note};

/// Everything a verdict table says, as numbers with their coverage.
///
/// `facts` is what a run knows besides its verdicts.
///
/// # Errors
///
/// When the options ask for a breakdown that the table does not have, or for an
/// impossible level or floor.
pub fn analyse(
    table: &VerdictTable,
    facts: Option<&Facts>,
    options: &Options,
) -> Result<Report, AnalysisError> {
    analyse_against(table, facts, options, None)
}

/// As [`analyse`], with the differences to another run or table.
///
/// # Errors
///
/// As [`analyse`], and when a name that is to be matched is nowhere.
pub fn analyse_against(
    table: &VerdictTable,
    facts: Option<&Facts>,
    options: &Options,
    other: Option<&Other<'_>>,
) -> Result<Report, AnalysisError> {
    let mut report = if table.variants().is_empty() {
        let (mut report, notes) = one(table, facts, options, other)?;
        report.notes.extend(notes);
        notes::sort(&mut report.notes);
        report
    } else {
        variants::analyse(table, facts, options, other)?
    };
    for name in other.iter().flat_map(|other| &other.table.simulated) {
        if !report.study.simulated.contains(name) {
            report.study.simulated.push(name.clone());
        }
    }
    Ok(report)
}

/// Everything that a table says whose items were asked in one phrasing; apart from it,
/// what is to be said of its numbers.
fn one(
    table: &VerdictTable,
    facts: Option<&Facts>,
    options: &Options,
    other: Option<&Other<'_>>,
) -> Result<(Report, Vec<Note>), AnalysisError> {
    let seed = options.seed.or(facts.map(|facts| facts.seed));
    let settings = options.check(seed)?;
    let clusters = options.clusters();
    let mut layout = Layout::new(table);
    if let Some(names) = &clusters {
        layout = layout.clustered_by(names)?;
    }
    let breakdowns = Breakdown::all(table, &layout, options)?;
    let plan = length::Plan::new(&layout, &options.sections)?;
    let parts: Vec<(usize, u16)> = layout.parts();
    let measure = |&(comparison, criterion): &(usize, u16)| {
        estimate::measure(
            &layout,
            comparison,
            criterion,
            &breakdowns,
            &settings,
            facts,
        )
    };
    let mut measured: Vec<Measured> = if layout.is_large() {
        parts.iter().map(measure).collect()
    } else {
        parts.par_iter().map(measure).collect()
    };
    families::adjust(&mut measured, &breakdowns, settings.adjust);
    let rules = subgroups::Rules::new(&settings, measured.len() * breakdowns.len());
    // Levels are compared by random draws, and so are ranks.
    let compared: &[Breakdown] = if options.random_tests {
        &breakdowns
    } else {
        &[]
    };
    subgroups::fill(&layout, compared, &mut measured, rules);
    if let Some(plan) = &plan {
        length::fill(&layout, plan, &mut measured, &settings);
    }
    let context = difference::Context {
        layout: &layout,
        breakdowns: compared,
        settings: &settings,
        seed,
        rules,
    };
    let mut beside = Beside::default();
    if options.random_tests {
        beside.leaderboards = leaderboard::leaderboards(
            &layout,
            &measured,
            &options.sections,
            &settings,
            seed.unwrap_or_default(),
        )?;
    }
    if let Some(other) = other {
        let (differences, summary, notes) = difference::against(&context, &measured, other)?;
        beside.differences = differences;
        beside.against = Some(summary);
        beside.notes = notes;
    }
    let (within, left_out) = difference::within(&context, &measured, &options.sections);
    beside.differences.extend(within);
    beside.left_out = left_out;
    Ok(assemble(table, facts, options, &layout, measured, beside))
}

/// What stands beside the win rates.
#[derive(Debug, Default)]
struct Beside {
    /// What is to be said of another table.
    notes: Vec<Note>,
    differences: Vec<report::Difference>,
    against: Option<report::Against>,
    leaderboards: Vec<report::Leaderboard>,
    /// Pairs of models whose difference is left out.
    left_out: difference::LeftOut,
}

/// A report without the notes on its numbers, and these.
fn assemble(
    table: &VerdictTable,
    facts: Option<&Facts>,
    options: &Options,
    layout: &Layout<'_>,
    measured: Vec<Measured>,
    beside: Beside,
) -> (Report, Vec<Note>) {
    let mut notes = notes::of_numbers(&measured);
    notes.extend(beside.notes);
    for note in notes::of_differences(&beside.differences) {
        notes::add(&mut notes, note);
    }
    notes.extend(notes::left_out(&beside.left_out));
    if options.random_tests {
        notes.extend(if beside.leaderboards.is_empty() {
            notes::no_leaderboard(&measured)
        } else {
            notes::lost_leaderboards(&measured)
        });
    }
    let mut comparisons = Vec::with_capacity(measured.len());
    let mut groups = Vec::new();
    for part in measured {
        comparisons.push(part.comparison);
        groups.extend(part.groups.into_iter().map(|group| group.comparison));
    }
    let headlines: Vec<&Comparison> = comparisons.iter().collect();
    let coverage = coverage::coverage(table, layout, facts, &headlines);
    let models = coverage::models(table, layout, facts);
    let report = Report {
        schema_version: report::SCHEMA_VERSION,
        study: report::StudySection {
            name: facts.map(|facts| facts.study.clone()),
            seed: facts.map(|facts| facts.seed),
            judges: facts.map_or_else(|| layout.judges(), |facts| facts.judges.clone()),
            simulated: facts::simulated(table, facts),
            personas: options.personas,
            level: options.level,
            interval: options.interval,
            cluster: options.clusters().unwrap_or_default(),
            margin: options.margin,
            coverage_floor: options.coverage_floor,
        },
        comparisons,
        differences: beside.differences,
        against: beside.against,
        leaderboards: beside.leaderboards,
        groups,
        phrasings: Vec::new(),
        cost: facts.and_then(facts::Facts::cost_section),
        notes: notes::of_table(table, layout, facts, &coverage, &models),
        coverage,
        models,
        source_figures: Vec::new(),
        corrected: Vec::new(),
    };
    (report, notes)
}

#[cfg(test)]
mod tests;
