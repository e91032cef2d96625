//! How far judges and people agree, and what people would say of all items.
//!
//! [`agree`] is pure: verdicts and labels in, an [`AgreementReport`] out. A *unit* is
//! one sample of one item, compared between two models, on one criterion; a rater says
//! one thing of it ([`options::Inconsistent`] says how two orders become one). Every
//! figure has an interval from a bootstrap over clusters of units, the question unless
//! something else is asked for.
//!
//! Invariants: a judge's figure stands beside that of people with each other, over
//! the units that both can be seen on; what does not exist is null with the reason;
//! the order of rows, names, and the number of threads change nothing.

mod alternative;
mod at_random;
mod by_errors;
mod coding;
mod corrected;
mod corrected_report;
mod figures;
mod judge_people;
mod judged;
mod matching;
mod notes;
pub mod options;
mod panels;
mod ratings;
pub mod report;

pub use options::{AgreementError, AgreementOptions, Inconsistent, Ties};
pub use report::{AgreementReport, CorrectedRate};

use rayon::prelude::*;

use super::Options;
use super::clusters::Columns;
use super::groups::Breakdown;
use super::layout::Layout;
use super::report::Method;
use crate::stats::Draws;
use crate::study::PersonaPopulation;
use crate::verdict::labels::Labels;
use crate::verdict::table::VerdictTable;
use figures::{Context, Scope};
use ratings::{Part, Rater, Ratings};
use report::{Coding, JudgePeople, Panel, RaterCounts, RaterKind};

/// Draws of each figure where there are many.
const DRAWS_OF_MANY: u32 = 500;
/// Figures beyond which each has fewer draws.
const MANY_FIGURES: usize = 200;

/// How far judges and people agree.
///
/// # Errors
///
/// When labels and verdicts have nothing in common, there is nobody to compare, or the
/// options ask for what the table does not have.
pub fn agree(
    table: &VerdictTable,
    labels: Option<&Labels>,
    options: &AgreementOptions,
) -> Result<AgreementReport, AgreementError> {
    let (level, rules, floor) = (options.level()?, options.rules()?, options.floor()?);
    let base = base(table, labels);
    let (layout, breakdowns) = laid_out(base, options)?;
    let ratings = Ratings::new(&layout, table, labels, options)?;
    somebody(&ratings)?;
    let scopes = scopes(&ratings, &breakdowns);
    let has_people = !of_kind(&ratings, true).is_empty();
    // Without people there is nobody to hold a judge against.
    let judges: Vec<u32> = if has_people {
        of_kind(&ratings, false)
    } else {
        Vec::new()
    };
    let context = Context {
        layout: &layout,
        ratings: &ratings,
        level,
        draws: draws(options.draws, &ratings, scopes.len()),
        personas: PersonaPopulation::Fixed,
        floor,
    };
    let judge_people: Vec<JudgePeople> = scopes
        .par_iter()
        .flat_map_iter(|scope| {
            judges
                .iter()
                .filter_map(|judge| context.judge_people(scope, *judge))
        })
        .collect();
    let panels = |people: bool| -> Vec<Panel> {
        let made = scopes
            .par_iter()
            .filter_map(|scope| context.panel(scope, people));
        made.collect()
    };
    let whole = scopes.iter().filter(|scope| scope.dimensions.is_empty());
    let alternative = whole
        .flat_map(|scope| {
            judges
                .iter()
                .filter_map(|judge| context.alternative(scope, *judge, rules))
        })
        .collect();
    let all: Vec<u32> = (0..layout.items.len() as u32).collect();
    let columns = Columns::of_ranks(&layout, &all);
    let clusters = context
        .clusters(&columns, false)
        .map(|by| columns.names(by))
        .unwrap_or_default();
    let mut report = AgreementReport {
        schema_version: report::SCHEMA_VERSION,
        level: level.get(),
        interval: if clusters.len() > 1 {
            Method::BootstrapPercentile
        } else {
            Method::BootstrapBca
        },
        seed: context.draws.seed,
        draws: context.draws.count,
        clusters,
        unit: "one sample of one item, compared between two models".to_owned(),
        coding: Coding {
            inconsistent: options.inconsistent,
            ties: options.ties,
            sentences: notes::coding(&ratings, options),
        },
        raters: counts(&ratings),
        judge_people,
        people: panels(true),
        judges: panels(false),
        alternative_annotator: alternative,
        corrected: if has_people && !table.judgments.is_empty() {
            corrected::corrected(&context, &breakdowns)
        } else {
            Vec::new()
        },
        notes: Vec::new(),
    };
    report.notes = notes::notes(&layout, &ratings, &report, &options.simulated);
    Ok(report)
}

/// The win rates of a table corrected by labels of people, with the level, clusters
/// and (where asked for) breakdowns of its report.
///
/// # Errors
///
/// As [`agree`].
pub fn corrected_rates(
    table: &VerdictTable,
    labels: &Labels,
    options: &Options,
) -> Result<Vec<CorrectedRate>, AgreementError> {
    let personas = options.personas;
    let options = AgreementOptions {
        by: options.by.clone().unwrap_or_default(),
        cluster: options.cluster.clone(),
        level: options.level,
        coverage_floor: options.coverage_floor,
        draws: Draws::BOOTSTRAP.with_seed(options.seed.unwrap_or(Draws::BOOTSTRAP.seed)),
        ..AgreementOptions::default()
    };
    let (layout, breakdowns) = laid_out(table, &options)?;
    let ratings = Ratings::new(&layout, table, Some(labels), &options)?;
    let context = Context {
        layout: &layout,
        ratings: &ratings,
        level: options.level()?,
        draws: options.draws,
        personas,
        floor: options.floor()?,
    };
    Ok(corrected::corrected(&context, &breakdowns))
}

/// The table whose items are those of the report: the labels' where there are no
/// verdicts.
fn base<'a>(table: &'a VerdictTable, labels: Option<&'a Labels>) -> &'a VerdictTable {
    match labels {
        Some(labels) if table.judgments.is_empty() => &labels.table,
        _ => table,
    }
}

fn laid_out<'a>(
    base: &'a VerdictTable,
    options: &AgreementOptions,
) -> Result<(Layout<'a>, Vec<Breakdown>), AgreementError> {
    let asked = Options {
        by: Some(options.by.clone()),
        cluster: options.cluster.clone(),
        ..Options::default()
    };
    let mut layout = Layout::new(base);
    if let Some(names) = asked.clusters() {
        layout = layout.clustered_by(&names)?;
    }
    let breakdowns = Breakdown::all(base, &layout, &asked)?;
    Ok((layout, breakdowns))
}

fn of_kind(ratings: &Ratings, people: bool) -> Vec<u32> {
    let raters = ratings.raters.iter().zip(0..);
    let of_kind = raters.filter(|(rater, _)| rater.is_person() == people);
    of_kind.map(|(_, number)| number).collect()
}

fn somebody(ratings: &Ratings) -> Result<(), AgreementError> {
    let said = |rater: &u32| {
        let mut units = ratings.parts.iter().flat_map(|part| &part.units);
        units.any(|unit| unit.ratings.iter().any(|rating| rating.rater == *rater))
    };
    let count = |people| {
        of_kind(ratings, people)
            .iter()
            .filter(|rater| said(rater))
            .count()
    };
    let (judges, people) = (count(false), count(true));
    if judges + people < 2 {
        return Err(AgreementError::NobodyToCompare { judges, people });
    }
    Ok(())
}

/// Fewer draws where there are many figures.
fn draws(asked: Draws, ratings: &Ratings, scopes: usize) -> Draws {
    let raters = ratings.raters.len().min(panels::MOST_RATERS);
    if scopes * raters * raters / 2 > MANY_FIGURES {
        Draws {
            count: asked.count.min(DRAWS_OF_MANY),
            ..asked
        }
    } else {
        asked
    }
}

/// Every criterion, whole and in each level of the breakdowns.
fn scopes<'a>(ratings: &'a Ratings, breakdowns: &'a [Breakdown]) -> Vec<Scope<'a>> {
    let mut scopes = Vec::new();
    for part in &ratings.parts {
        scopes.push(scope(part, &[], &[], false, |_| true));
        for breakdown in breakdowns {
            for (group, levels) in breakdown.groups.iter().enumerate() {
                let of_level = |item| breakdown.group_of(item) == Some(group);
                let level = scope(
                    part,
                    &breakdown.dimensions,
                    levels,
                    breakdown.of_personas,
                    of_level,
                );
                if !level.units.is_empty() {
                    scopes.push(level);
                }
            }
        }
    }
    scopes
}

fn scope<'a>(
    part: &'a Part,
    dimensions: &'a [String],
    levels: &'a [String],
    fixed: bool,
    keep: impl Fn(u32) -> bool,
) -> Scope<'a> {
    Scope {
        criterion: &part.criterion,
        categories: part.categories,
        dimensions,
        levels,
        fixed,
        units: part.units.iter().filter(|unit| keep(unit.item)).collect(),
    }
}

fn counts(ratings: &Ratings) -> Vec<RaterCounts> {
    let mut all = Vec::new();
    for part in &ratings.parts {
        for (rater, counts) in ratings.raters.iter().zip(&part.counts) {
            if counts.wins + counts.ties + counts.losses + counts.missing + counts.dropped == 0 {
                continue;
            }
            let kind = match rater {
                Rater::Judge(..) => RaterKind::Judge,
                Rater::Person(_) => RaterKind::Person,
            };
            all.push(RaterCounts {
                rater: rater.name().to_owned(),
                kind,
                rubric: rater.rubric().map(str::to_owned),
                criterion: part.criterion.clone(),
                wins: counts.wins,
                ties: counts.ties,
                losses: counts.losses,
                missing: counts.missing,
                inconsistent: counts.dropped,
                repeats: counts.repeats,
                self_agreement: (counts.repeats > 0)
                    .then(|| counts.repeats_alike as f64 / counts.repeats as f64),
            });
        }
    }
    all
}

#[cfg(test)]
mod tests;
