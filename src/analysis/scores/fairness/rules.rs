//! The groups of one place compared: of one model, and of a model with its base.

use super::columns::{Columns, Paired};
use super::report::{
    Advantage, Between, Changed, ChangedLevel, ChangedMeasures, Disparity, DisparityChange,
    GroupLevel, Measure, Measures, WithoutNoise,
};
use super::{FairnessOptions, MOST_GROUPS, Place, sentences};
use crate::analysis::report::{
    Adjustment, AdjustmentMethod, Gap, Homogeneity, Limits, SubgroupMethod, Worst,
};
use crate::analysis::scores::breakdown::Breakdown;
use crate::analysis::scores::items::ModelItems;
use crate::analysis::subgroups::tested;
use crate::answers::AnswerTable;
use crate::stats::advantage::{self, advantages};
use crate::stats::disparity::{self, Sigma};
use crate::stats::homogeneity::homogeneity;
use crate::stats::multiplicity::{benjamini_hochberg, holm};
use crate::stats::subgroups::Subgroups;
use crate::stats::{ClusterMean, Interval, Level, PValue};

/// How groups are compared.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) level: Level,
    pub(super) fair: FairnessOptions,
}

impl Rules {
    pub(super) fn disparity(
        self,
        table: &AnswerTable,
        columns: &Columns<'_>,
        model: &ModelItems,
        place: Place<'_>,
    ) -> Option<Disparity> {
        let untold = columns.untold(model, place)?;
        let mut made = Disparity {
            model: table.models[usize::from(model.model)].clone(),
            split: place.scope.0.clone(),
            breakdown: place.breakdown.name.clone(),
            metric: place.metric,
            estimand: place.metric.between(&place.breakdown.name),
            higher_is_better: place.metric.rises_with_quality(),
            withheld: untold.whole.clone(),
            ..Disparity::default()
        };
        if made.withheld.is_some() {
            return Some(made);
        }
        let column = columns.of(model, place, &untold)?;
        let found = columns.groups(&column, &column.values, place, self.fair.min_items)?;
        (made.left_out, made.left_out_answers) = untold.groups(place).into_iter().unzip();
        column.clusters.clone_into(&mut made.clusters);
        made.items = column.values.len() as u64;
        self.measure(&found, place, &mut made);
        Some(made)
    }

    /// What the groups of one model differ by.
    fn measure(self, found: &Subgroups, place: Place<'_>, made: &mut Disparity) {
        let name = |group: usize| place.breakdown.groups[group].clone().unwrap_or_default();
        let estimated =
            disparity::estimated(found, self.fair.sigma, self.level, self.fair.draws).ok();
        let few = found.compared().len() <= MOST_GROUPS;
        let gap = few
            .then(|| found.gap(self.level, self.fair.draws).ok())
            .flatten();
        let worst = found.worst(place.metric.worse(), self.level).ok();
        made.groups = found.means().iter().flatten().count() as u64;
        made.compared = found.compared().len() as u64;
        made.mean = estimated.map(|known| known.seen.mean);
        made.measures = estimated.map(|known| {
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
        });
        made.homogeneity = self.homogeneity(found);
        made.between = found.spread(self.level).ok().map(|spread| Between {
            tau: spread.tau.estimate(),
            interval: Limits::of_spread(spread.tau),
        });
        made.gap = gap.map(|gap| Gap::of(gap, |group| vec![name(group)]));
        made.worst = worst
            .filter(|_| found.compared().len() > 1)
            .map(|worst| Worst {
                levels: vec![name(worst.group)],
                method: SubgroupMethod::BonferroniWilson,
                estimate: worst.interval.estimate(),
                interval: worst.interval.into(),
            });
        made.levels = self.levels(found, place);
        made.direction = has_direction(found, place)
            .then(|| sentences::direction(&made.levels, place.metric, self.level));
    }

    /// Whether groups differ at all.
    fn homogeneity(self, found: &Subgroups) -> Option<Homogeneity> {
        homogeneity(found, self.fair.draws).ok().map(tested)
    }

    fn levels(self, found: &Subgroups, place: Place<'_>) -> Vec<GroupLevel> {
        let pooled = found.partial_pooling().ok();
        let advantages = self.advantages(found, place.breakdown);
        listed(found, place.breakdown)
            .map(|(group, mean, at)| GroupLevel {
                level: place.breakdown.groups[group].clone().unwrap_or_default(),
                items: mean.items() as u64,
                clusters: mean.clusters().first as u64,
                compared: at.is_some(),
                estimate: mean.mean(),
                interval: found.interval(group, self.level).ok().map(Into::into),
                pooled: at.and_then(|at| Some(pooled.as_ref()?.estimates[at])),
                advantage: at.and_then(|at| advantages.get(at).copied()),
            })
            .collect()
    }

    /// Each compared group against the others, with p-values adjusted over them.
    fn advantages(self, found: &Subgroups, breakdown: &Breakdown) -> Vec<Advantage> {
        let Ok(all) = advantages(found, self.level) else {
            return Vec::new();
        };
        let p: Vec<PValue> = all.iter().map(|one| one.p).collect();
        let (adjusted, method) = match all.len() {
            // Two groups are each other's rest: one question, not two.
            2 => (p, None),
            _ if breakdown.name == "persona" => (
                benjamini_hochberg(&p),
                Some(AdjustmentMethod::BenjaminiHochberg),
            ),
            _ => (holm(&p), Some(AdjustmentMethod::Holm)),
        };
        let tests = all.len() as u64;
        let said = |(one, adjusted): (&advantage::Advantage, &PValue)| Advantage {
            estimate: one.interval.estimate(),
            interval: Limits::of_difference(one.interval),
            p_value: one.p.get(),
            p_adjusted: adjusted.get(),
            adjustment: method.map(|method| Adjustment { method, tests }),
        };
        all.iter().zip(&adjusted).map(said).collect()
    }

    pub(super) fn change(
        self,
        table: &AnswerTable,
        columns: &Columns<'_>,
        candidate: &ModelItems,
        base: &ModelItems,
        place: Place<'_>,
    ) -> Option<DisparityChange> {
        let [theirs, ours] = [base, candidate].map(|model| columns.untold(model, place));
        let (theirs, ours) = (theirs?, ours?);
        let name = |model: &ModelItems| table.models[usize::from(model.model)].clone();
        let withheld = [(candidate, &ours), (base, &theirs)]
            .into_iter()
            .find(|(_, untold)| untold.whole.is_some())
            .map(|(model, _)| format!("the scores of {} are withheld", name(model)));
        let mut made = DisparityChange {
            candidate: name(candidate),
            base: name(base),
            split: place.scope.0.clone(),
            breakdown: place.breakdown.name.clone(),
            metric: place.metric,
            estimand: format!(
                "{}, candidate less base",
                place.metric.between(&place.breakdown.name)
            ),
            higher_is_better: place.metric.rises_with_quality(),
            withheld,
            ..DisparityChange::default()
        };
        if made.withheld.is_some() {
            return Some(made);
        }
        let untold = ours.or(&theirs);
        let Paired {
            column,
            base: before,
            difference,
        } = columns.paired(candidate, base, place, &untold)?;
        let floor = self.fair.min_items;
        let after = columns.groups(&column, &column.values, place, floor)?;
        let before = columns.groups(&column, &before, place, floor)?;
        let moved = columns.differences(&column, &difference, place, floor)?;
        let fair = self.fair;
        let known = disparity::change(&before, &after, fair.sigma, self.level, fair.draws).ok();
        let tau = |of: &Subgroups| of.spread(self.level).ok().map(|s| s.tau.estimate());
        made.left_out = untold.names(place);
        column.clusters.clone_into(&mut made.clusters);
        made.items = column.values.len() as u64;
        made.compared = after.compared().len() as u64;
        made.mean_base = known.map(|known| known.base.mean);
        made.mean_candidate = known.map(|known| known.candidate.mean);
        made.measures = known.map(|known| changed_measures(&known, tau(&before), tau(&after)));
        made.homogeneity = self.homogeneity(&moved);
        made.levels = self.changed_levels(&before, &after, &moved, place);
        made.disagreement = sentences::disagreement(&made);
        made.direction =
            has_direction(&after, place).then(|| sentences::directions(&made, self.level));
        Some(made)
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
        listed(moved, place.breakdown)
            .filter_map(|(group, mean, at)| {
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

/// The groups that have items, in the order of the breakdown: number, mean, and place among
/// those that are compared.
fn listed(
    found: &Subgroups,
    breakdown: &Breakdown,
) -> impl Iterator<Item = (usize, ClusterMean, Option<usize>)> {
    let mut numbered: Vec<_> = found.means().iter().enumerate().collect();
    numbered.sort_by_key(|(group, _)| breakdown.listed[*group]);
    numbered.into_iter().filter_map(|(group, mean)| {
        let at = found.compared().iter().position(|&other| other == group);
        Some((group, (*mean)?, at))
    })
}

/// Whether it is told which groups stand out: of a dimension with two that are compared.
fn has_direction(found: &Subgroups, place: Place<'_>) -> bool {
    place.breakdown.name != "persona" && found.compared().len() > 1
}

fn without_noise(interval: Interval) -> WithoutNoise {
    WithoutNoise {
        estimate: interval.estimate(),
        interval: Limits::of_spread(interval),
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
