//! Fairness over subgroups: how unequally well a model speaks for them, whether tuning
//! changed that, and for whom it speaks better.
//!
//! The groups are the personas, each by itself, and the levels of each dimension; within
//! all items, and within each split. Their personas are the population asked about, so
//! clusters are questions (personas, where there is one question). Groups with fewer
//! clusters than a floor are listed and not compared. Every model of a change is measured
//! on the items that both have.
//!
//! `columns` turns scores into groups, `rules` compares them, `report` is what is said,
//! `sentences` how.

mod columns;
mod metric;
pub mod report;
mod rules;
mod sentences;

pub use metric::FairMetric;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::columns::Columns;
use self::report::{Disparity, DisparityChange, FairnessReport, FairnessSettings};
use self::rules::Rules;
use super::breakdown::{self, Breakdown};
use super::estimate::Estimator;
use super::items::{self, ModelItems};
use super::metrics::Normaliser;
use super::report::Settings;
use super::{
    ScoreClusters, ScoreError, ScoreOptions, chosen_items, notes, pairs, settings, splits,
};
use crate::analysis::report::{Adjustment, AdjustmentMethod};
use crate::answers::AnswerTable;
use crate::stats::disparity::Sigma;
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::{Draws, PValue};
use crate::study::PersonaPopulation;
use crate::text::{counted, counted_of, form, thousands};

/// Version of the JSON of a [`FairnessReport`].
pub const SCHEMA_VERSION: u32 = 1;

/// Groups beyond which no two of them are compared: their pairs would be too many to
/// draw for.
const MOST_GROUPS: usize = 200;

/// How fairness is measured, beside how answers are scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FairnessOptions {
    /// Which standard deviation is taken over groups.
    pub sigma: Sigma,
    /// Items of different questions that a group needs to be compared.
    pub min_items: usize,
    /// Random draws behind intervals and tests.
    pub draws: Draws,
}

impl Default for FairnessOptions {
    fn default() -> Self {
        Self {
            sigma: Sigma::Population,
            min_items: 10,
            draws: Draws::BOOTSTRAP,
        }
    }
}

/// Items of one split, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Scope(Option<String>);

/// What is compared in which items.
#[derive(Clone, Copy)]
struct Place<'a> {
    scope: &'a Scope,
    breakdown: &'a Breakdown,
    metric: FairMetric,
}

/// How unequally each model of a table speaks for subgroups.
///
/// # Errors
///
/// Where nothing can be scored, or an option names what is not there.
pub fn fairness(
    table: &AnswerTable,
    options: &ScoreOptions,
    fair: &FairnessOptions,
) -> Result<FairnessReport, ScoreError> {
    let variants = super::phrasings::variants(table);
    if variants.iter().all(Option::is_none) {
        return one(table, options, fair);
    }
    // What is wrong with all phrasings is no matter of one of them.
    chosen_items(table, &splits(table), options)?;
    let mut skipped = Vec::new();
    let mut whole: Option<FairnessReport> = None;
    for variant in variants {
        let own = table.of_variant(variant.as_deref());
        if let Some(note) = super::phrasings::without_items(&own, variant.as_deref(), options) {
            skipped.push(note);
            continue;
        }
        let mut report = one(&own, options, fair)?;
        let name = Some(super::phrasings::called(variant.as_deref()));
        for row in &mut report.disparities {
            row.variant.clone_from(&name);
        }
        for row in &mut report.changes {
            row.variant.clone_from(&name);
        }
        match &mut whole {
            None => whole = Some(report),
            Some(whole) => {
                whole.disparities.append(&mut report.disparities);
                whole.changes.append(&mut report.changes);
                report.notes.retain(|note| !whole.notes.contains(note));
                whole.notes.append(&mut report.notes);
            }
        }
    }
    let mut whole = whole.ok_or(ScoreError::NoTruth)?;
    whole.notes.extend(skipped);
    Ok(whole)
}

/// The same of a table whose items were asked in one phrasing.
fn one(
    table: &AnswerTable,
    options: &ScoreOptions,
    fair: &FairnessOptions,
) -> Result<FairnessReport, ScoreError> {
    let splits = splits(table);
    let chosen = chosen_items(table, &splits, options)?;
    let pairs = pairs(table, options)?;
    let scored = items::score(table, &chosen, options);
    let estimator = Estimator::new(table, options);
    let columns = Columns::new(table, options, estimator.weights());
    let mut scopes = vec![Scope(None)];
    if splits.len() > 1 && options.split.is_none() {
        scopes.extend(splits.into_iter().map(|split| Scope(Some(split))));
    }
    let breakdowns: Vec<Breakdown> = breakdown::all(table)
        .into_iter()
        .filter(|b| b.name == "persona" || b.name.starts_with("group."))
        .map(Breakdown::sorted)
        .collect();
    let metrics = metrics(table, &chosen, options);
    let places: Vec<Place<'_>> = scopes
        .iter()
        .flat_map(|scope| breakdowns.iter().map(move |breakdown| (scope, breakdown)))
        .flat_map(|(scope, breakdown)| {
            metrics.iter().map(move |metric| Place {
                scope,
                breakdown,
                metric: *metric,
            })
        })
        .collect();
    let rules = Rules {
        level: options.level,
        fair: *fair,
    };
    let of_models: Vec<(&ModelItems, Place<'_>)> = scored
        .iter()
        .flat_map(|model| places.iter().map(move |place| (model, *place)))
        .collect();
    let mut disparities: Vec<Disparity> = of_models
        .par_iter()
        .filter_map(|(model, place)| rules.disparity(table, &columns, model, *place))
        .collect();
    adjust(&mut disparities);
    let of_pairs: Vec<((usize, usize), Place<'_>)> = pairs
        .iter()
        .flat_map(|pair| places.iter().map(move |place| (*pair, *place)))
        .collect();
    let changes: Vec<DisparityChange> = of_pairs
        .par_iter()
        .filter_map(|((candidate, base), place)| {
            rules.change(table, &columns, &scored[*candidate], &scored[*base], *place)
        })
        .collect();
    let mut said = notes(table, &chosen, &scored, options);
    said.extend(floor_notes(&disparities, fair.min_items));
    said.extend(left_out(&disparities, options.coverage_floor));
    if breakdowns.is_empty() {
        said.push("there are no personas and no dimensions to compare".to_owned());
    }
    Ok(FairnessReport {
        schema_version: SCHEMA_VERSION,
        study: None,
        simulated: table.simulated.clone(),
        settings: FairnessSettings {
            scores: Settings {
                personas: PersonaPopulation::Fixed,
                cluster: ScoreClusters::Auto,
                ..settings(options)
            },
            sigma: match fair.sigma {
                Sigma::Population => report::SigmaKind::Population,
                Sigma::Sample => report::SigmaKind::Sample,
            },
            min_items: fair.min_items as u64,
            draws: fair.draws.count,
            seed: fair.draws.seed,
            methods: report::FairnessMethods::ALL,
        },
        notes: said,
        disparities,
        changes,
    })
}

/// The metrics that there are: soft accuracy where modes tie, distances from the
/// group's answers where those are known, and similarity where errors have bounds.
fn metrics(table: &AnswerTable, chosen: &[bool], options: &ScoreOptions) -> Vec<FairMetric> {
    let truths = || {
        let items = table.items.iter().zip(chosen);
        items
            .filter(|(_, chosen)| **chosen)
            .filter_map(|(item, _)| item.truth.as_ref())
    };
    let ties = truths().any(|truth| truth.ties() > 1);
    let distributions = truths().any(|truth| truth.distribution.is_some());
    FairMetric::ALL
        .into_iter()
        .filter(|metric| match metric {
            FairMetric::SoftAccuracy => ties,
            FairMetric::Wasserstein => distributions,
            FairMetric::OneMinusNmae => matches!(
                options.normaliser,
                Normaliser::Range | Normaliser::MaxDistance | Normaliser::ScaleSize
            ),
            FairMetric::Accuracy | FairMetric::Nmae => true,
        })
        .collect()
}

fn floor_notes(disparities: &[Disparity], min_items: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let small = |d: &&Disparity| {
        d.metric == FairMetric::Accuracy && d.split.is_none() && d.compared < d.groups
    };
    for d in disparities.iter().filter(small) {
        let small = d.groups - d.compared;
        notes.push(format!(
            "{} of {} {} fewer than {} that {} answered, and {} not compared",
            counted_of(small, d.groups, "group"),
            sentences::called(&d.breakdown),
            form(small, "has", "have"),
            counted(min_items as u64, "different question"),
            d.model,
            form(small, "is", "are"),
        ));
    }
    if disparities
        .iter()
        .any(|d| d.compared as usize > MOST_GROUPS)
    {
        notes.push(format!(
            "more than {MOST_GROUPS} groups are not compared two by two: their range has no simultaneous interval"
        ));
    }
    notes
}

/// Which groups are left out for want of answers.
fn left_out(disparities: &[Disparity], floor: f64) -> Vec<String> {
    let lacks = |d: &&Disparity| d.metric == FairMetric::Accuracy && !d.left_out.is_empty();
    let told = disparities.iter().filter(lacks).map(|d| {
        let groups = d.left_out.iter().zip(&d.left_out_answers);
        let groups = groups.map(|(name, [there, planned])| format!("{name} ({} of {})", thousands(*there), thousands(*planned)));
        format!(
            "{}{}, {}: left out, as under {:.1}% of their planned answers are there (--coverage-floor): {}",
            d.model,
            sentences::within(d.split.as_deref()),
            sentences::called(&d.breakdown),
            100.0 * floor,
            groups.collect::<Vec<_>>().join(", ")
        )
    });
    told.collect()
}

/// Benjamini and Hochberg's adjustment of the tests of equality, over the breakdowns of
/// one model, split and metric.
fn adjust(disparities: &mut [Disparity]) {
    let mut families: BTreeMap<_, Vec<(usize, PValue)>> = BTreeMap::new();
    for (at, d) in disparities.iter().enumerate() {
        if let Some(Ok(p)) = d.homogeneity.map(|test| PValue::new(test.p_value)) {
            let family = (d.model.clone(), d.split.clone(), d.metric.name());
            families.entry(family).or_default().push((at, p));
        }
    }
    for family in families.into_values() {
        let adjustment = Adjustment {
            method: AdjustmentMethod::BenjaminiHochberg,
            tests: family.len() as u64,
        };
        let (places, p): (Vec<usize>, Vec<PValue>) = family.into_iter().unzip();
        for (at, adjusted) in places.into_iter().zip(benjamini_hochberg(&p)) {
            if let Some(test) = &mut disparities[at].homogeneity {
                test.p_adjusted = Some(adjusted.get());
                test.adjustment = Some(adjustment);
            }
        }
    }
}

#[cfg(test)]
mod tests;
