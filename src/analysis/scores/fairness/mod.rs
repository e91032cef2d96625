//! Fairness over subgroups: how unequally well a model speaks for them, whether tuning
//! changed that, and for whom it speaks better.
//!
//! The groups are the personas, each by itself, and the levels of each dimension; within
//! all items, and within each split. Their personas are the population asked about, so
//! clusters are questions (personas, where there is one question). Groups with fewer
//! clusters than a floor are listed and not compared. Every model of a change is measured
//! on the items that both have.
//!
//! `columns` turns scores into groups, `report` is what is said, `sentences` how.

mod columns;
pub mod report;
mod sentences;

use rayon::prelude::*;

use self::columns::{Columns, Paired};
use self::report::{
    Advantage, Between, Changed, ChangedLevel, ChangedMeasures, Disparity, DisparityChange,
    FairnessReport, FairnessSettings, GroupLevel, Measure, Measures, WithoutNoise,
};
use super::breakdown::{self, Breakdown};
use super::estimate::Estimator;
use super::items::{self, ModelItems};
use super::metrics::{Metric, Normaliser};
use super::{ScoreError, ScoreOptions, chosen_items, notes, pairs, settings, splits};
use crate::analysis::report::{Gap, SubgroupMethod, Worst};
use crate::analysis::subgroups::tested;
use crate::answers::AnswerTable;
use crate::stats::advantage::{self, advantages};
use crate::stats::disparity::{self, Sigma};
use crate::stats::homogeneity::homogeneity;
use crate::stats::multiplicity::{benjamini_hochberg, holm};
use crate::stats::subgroups::{Direction, Subgroups};
use crate::stats::{Draws, Interval, Level, PValue};

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

/// What groups are compared on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FairMetric {
    /// Share of answers that are the mode.
    Accuracy,
    /// Share of answers that are a mode, where several tie.
    SoftAccuracy,
    /// Normalised mean absolute error.
    Nmae,
    /// 1 less that error, so that more is better.
    OneMinusNmae,
    /// Wasserstein-1 distance from the group's answers.
    Wasserstein,
}

impl FairMetric {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Accuracy,
        Self::SoftAccuracy,
        Self::Nmae,
        Self::OneMinusNmae,
        Self::Wasserstein,
    ];

    /// Its key in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneMinusNmae => "one_minus_nmae",
            other => other.metric().name(),
        }
    }

    /// Whether more of it is better.
    pub fn rises_with_quality(self) -> bool {
        !matches!(self, Self::Nmae | Self::Wasserstein)
    }

    fn metric(self) -> Metric {
        match self {
            Self::Accuracy => Metric::Accuracy,
            Self::SoftAccuracy => Metric::SoftAccuracy,
            Self::Nmae | Self::OneMinusNmae => Metric::Nmae,
            Self::Wasserstein => Metric::Wasserstein,
        }
    }

    fn of(self, value: f64) -> f64 {
        if self == Self::OneMinusNmae {
            1.0 - value
        } else {
            value
        }
    }

    fn worse(self) -> Direction {
        if self.rises_with_quality() {
            Direction::LowerIsWorse
        } else {
            Direction::HigherIsWorse
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
    let mut whole: Option<FairnessReport> = None;
    for variant in variants {
        let mut report = one(&table.of_variant(variant.as_deref()), options, fair)?;
        let name = variant.as_deref().map(str::to_owned);
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
    whole.ok_or(ScoreError::NoTruth)
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
    if breakdowns.is_empty() {
        said.push("there are no personas and no dimensions to compare".to_owned());
    }
    Ok(FairnessReport {
        schema_version: SCHEMA_VERSION,
        study: None,
        simulated: table.simulated.clone(),
        settings: FairnessSettings {
            scores: settings(options),
            sigma: match fair.sigma {
                Sigma::Population => report::SigmaKind::Population,
                Sigma::Sample => report::SigmaKind::Sample,
            },
            min_items: fair.min_items as u64,
            draws: fair.draws.count,
            seed: fair.draws.seed,
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
        notes.push(format!(
            "{} of {} groups of {} have fewer than {min_items} different questions that {} answered, and are not compared",
            d.groups - d.compared,
            d.groups,
            sentences::called(&d.breakdown),
            d.model,
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

/// Benjamini and Hochberg's adjustment of the tests of equality, over the breakdowns of
/// one model, split and metric.
fn adjust(disparities: &mut [Disparity]) {
    let same = |a: &Disparity, b: &Disparity| {
        a.model == b.model && a.split == b.split && a.metric == b.metric
    };
    let known: Vec<(usize, PValue)> = disparities
        .iter()
        .enumerate()
        .filter_map(|(at, d)| Some((at, PValue::new(d.homogeneity?.p_value).ok()?)))
        .collect();
    let mut adjusted = vec![None; disparities.len()];
    for (at, _) in &known {
        let family: Vec<&(usize, PValue)> = known
            .iter()
            .filter(|(other, _)| same(&disparities[*at], &disparities[*other]))
            .collect();
        let p: Vec<PValue> = family.iter().map(|(_, p)| *p).collect();
        let place = family.iter().position(|(other, _)| other == at);
        adjusted[*at] = place.map(|place| benjamini_hochberg(&p)[place].get());
    }
    for (disparity, adjusted) in disparities.iter_mut().zip(adjusted) {
        if let Some(test) = &mut disparity.homogeneity {
            test.p_adjusted = adjusted;
        }
    }
}

/// How groups are compared.
#[derive(Clone, Copy)]
struct Rules {
    level: Level,
    fair: FairnessOptions,
}

impl Rules {
    fn disparity(
        self,
        table: &AnswerTable,
        columns: &Columns<'_>,
        model: &ModelItems,
        place: Place<'_>,
    ) -> Option<Disparity> {
        let column = columns.of(model, place)?;
        let found = columns.groups(&column, &column.values, place, self.fair.min_items)?;
        let name = |group: usize| place.breakdown.groups[group].clone().unwrap_or_default();
        let estimated =
            disparity::estimated(&found, self.fair.sigma, self.level, self.fair.draws).ok();
        let few = found.compared().len() <= MOST_GROUPS;
        let gap = few
            .then(|| found.gap(self.level, self.fair.draws).ok())
            .flatten();
        let enough = found.compared().len() > 1;
        let worst = found.worst(place.metric.worse(), self.level).ok();
        let levels = self.levels(&found, place);
        Some(Disparity {
            model: table.models[usize::from(model.model)].clone(),
            variant: None,
            split: place.scope.0.clone(),
            breakdown: place.breakdown.name.clone(),
            metric: place.metric,
            higher_is_better: place.metric.rises_with_quality(),
            clusters: column.clusters.to_owned(),
            items: column.values.len() as u64,
            groups: found.means().iter().flatten().count() as u64,
            compared: found.compared().len() as u64,
            mean: estimated.map(|known| known.seen.mean),
            measures: estimated.map(|known| {
                let if_equal = gap.map(|gap| {
                    let sample = gap.deviation_if_equal;
                    let count = found.compared().len() as f64;
                    let deviation = match self.fair.sigma {
                        Sigma::Sample => sample,
                        Sigma::Population => sample * ((count - 1.0) / count).sqrt(),
                    };
                    (gap.expected_if_equal, deviation)
                });
                measures(&known, if_equal)
            }),
            homogeneity: homogeneity(&found, self.fair.draws).ok().map(tested),
            between: found.spread(self.level).ok().map(|spread| Between {
                tau: spread.tau.estimate(),
                interval: spread.tau.into(),
            }),
            gap: gap.map(|gap| Gap {
                highest: vec![name(gap.highest)],
                lowest: vec![name(gap.lowest)],
                gap: gap.interval.estimate(),
                method: SubgroupMethod::MaxT,
                interval: gap.interval.into(),
                expected_if_equal: gap.expected_if_equal,
            }),
            worst: worst.filter(|_| enough).map(|worst| Worst {
                levels: vec![name(worst.group)],
                method: SubgroupMethod::BonferroniWilson,
                estimate: worst.interval.estimate(),
                interval: worst.interval.into(),
            }),
            direction: (place.breakdown.name != "persona" && enough)
                .then(|| sentences::direction(&levels, place.metric, self.level)),
            levels,
        })
    }

    fn levels(self, found: &Subgroups, place: Place<'_>) -> Vec<GroupLevel> {
        let pooled = found.partial_pooling().ok();
        let advantages = self.advantages(found, place.breakdown);
        let numbered = found.means().iter().enumerate();
        numbered
            .filter_map(|(group, mean)| {
                let mean = (*mean)?;
                let at = found.compared().iter().position(|&other| other == group);
                Some(GroupLevel {
                    level: place.breakdown.groups[group].clone().unwrap_or_default(),
                    items: mean.items() as u64,
                    clusters: mean.clusters().first as u64,
                    compared: at.is_some(),
                    estimate: mean.mean(),
                    interval: found.interval(group, self.level).ok().map(Into::into),
                    pooled: at.and_then(|at| Some(pooled.as_ref()?.estimates[at])),
                    advantage: at.and_then(|at| advantages.get(at).copied()),
                })
            })
            .collect()
    }

    /// Each compared group against the others, with p-values adjusted over them.
    fn advantages(self, found: &Subgroups, breakdown: &Breakdown) -> Vec<Advantage> {
        let Ok(all) = advantages(found, self.level) else {
            return Vec::new();
        };
        let p: Vec<PValue> = all.iter().map(|one| one.p).collect();
        let adjusted = match all.len() {
            // Two groups are each other's rest: one question, not two.
            2 => p,
            _ if breakdown.name == "persona" => benjamini_hochberg(&p),
            _ => holm(&p),
        };
        let said = |(one, adjusted): (&advantage::Advantage, &PValue)| Advantage {
            estimate: one.interval.estimate(),
            interval: one.interval.into(),
            p_value: one.p.get(),
            p_adjusted: adjusted.get(),
        };
        all.iter().zip(&adjusted).map(said).collect()
    }

    fn change(
        self,
        table: &AnswerTable,
        columns: &Columns<'_>,
        candidate: &ModelItems,
        base: &ModelItems,
        place: Place<'_>,
    ) -> Option<DisparityChange> {
        let Paired {
            column,
            base: before,
            difference,
        } = columns.paired(candidate, base, place)?;
        let floor = self.fair.min_items;
        let after = columns.groups(&column, &column.values, place, floor)?;
        let before = columns.groups(&column, &before, place, floor)?;
        let moved = columns.differences(&column, &difference, place, floor)?;
        let known = disparity::change(
            &before,
            &after,
            self.fair.sigma,
            self.level,
            self.fair.draws,
        )
        .ok();
        let tau = |of: &Subgroups| of.spread(self.level).ok().map(|s| s.tau.estimate());
        let measures = known.map(|known| changed_measures(&known, tau(&before), tau(&after)));
        let levels = self.changed_levels(&before, &after, &moved, place);
        let mut change = DisparityChange {
            candidate: table.models[usize::from(candidate.model)].clone(),
            base: table.models[usize::from(base.model)].clone(),
            variant: None,
            split: place.scope.0.clone(),
            breakdown: place.breakdown.name.clone(),
            metric: place.metric,
            higher_is_better: place.metric.rises_with_quality(),
            clusters: column.clusters.to_owned(),
            items: column.values.len() as u64,
            compared: after.compared().len() as u64,
            mean_base: known.map(|known| known.base.mean),
            mean_candidate: known.map(|known| known.candidate.mean),
            measures,
            homogeneity: homogeneity(&moved, self.fair.draws).ok().map(tested),
            levels,
            disagreement: None,
            direction: None,
        };
        change.disagreement = sentences::disagreement(&change);
        change.direction = (place.breakdown.name != "persona" && after.compared().len() > 1)
            .then(|| sentences::directions(&change, self.level));
        Some(change)
    }

    fn changed_levels(
        self,
        before: &Subgroups,
        after: &Subgroups,
        moved: &Subgroups,
        place: Place<'_>,
    ) -> Vec<ChangedLevel> {
        let advantages =
            [before, after, moved].map(|groups| self.advantages(groups, place.breakdown));
        let numbered = moved.means().iter().enumerate();
        numbered
            .filter_map(|(group, mean)| {
                let mean = (*mean)?;
                let at = moved.compared().iter().position(|&other| other == group);
                let of = |side: usize| at.and_then(|at| advantages[side].get(at).copied());
                Some(ChangedLevel {
                    level: place.breakdown.groups[group].clone().unwrap_or_default(),
                    items: mean.items() as u64,
                    clusters: mean.clusters().first as u64,
                    compared: at.is_some(),
                    base: before.means()[group]?.mean(),
                    candidate: after.means()[group]?.mean(),
                    change: mean.mean(),
                    interval: moved.interval(group, self.level).ok().map(Into::into),
                    advantage_base: of(0),
                    advantage_candidate: of(1),
                    advantage_change: of(2),
                })
            })
            .collect()
    }
}

fn without_noise(interval: Interval) -> WithoutNoise {
    WithoutNoise {
        estimate: interval.estimate(),
        interval: interval.into(),
    }
}

fn measures(known: &disparity::Estimated, if_equal: Option<(f64, f64)>) -> Measures {
    let seen = known.seen.measures();
    let measure = |at: usize, if_equal: Option<f64>| Measure {
        seen: seen[at],
        if_equal,
        without_noise: known.without_noise[at].map(without_noise),
    };
    Measures {
        normalised_range: measure(0, None),
        variation: measure(1, None),
        range: measure(2, if_equal.map(|known| known.0)),
        deviation: measure(3, if_equal.map(|known| known.1)),
    }
}

fn changed_measures(
    known: &disparity::Change,
    tau_base: Option<f64>,
    tau_candidate: Option<f64>,
) -> ChangedMeasures {
    let (base, candidate) = (known.base.measures(), known.candidate.measures());
    let less = |base: Option<f64>, candidate: Option<f64>| Some(candidate? - base?);
    let changed = |at: usize| Changed {
        base: base[at],
        candidate: candidate[at],
        change: less(base[at], candidate[at]),
        without_noise: known.without_noise[at].map(without_noise),
    };
    ChangedMeasures {
        normalised_range: changed(0),
        variation: changed(1),
        range: changed(2),
        deviation: changed(3),
        tau: Changed {
            base: tau_base,
            candidate: tau_candidate,
            change: less(tau_base, tau_candidate),
            without_noise: Some(without_noise(known.tau)),
        },
    }
}

#[cfg(test)]
mod tests;
