//! The groups of one place compared: of one model, and of a model with its base.

use super::columns::{Columns, Paired};
use super::report::{
    Advantage, Between, Changed, ChangedLevel, ChangedMeasures, Disparity, DisparityChange,
    GroupLevel, Measure, Measures, WithoutNoise,
};
use super::{FairnessOptions, MOST_GROUPS, Place, sentences};
use crate::analysis::report::{Gap, SubgroupMethod, Worst};
use crate::analysis::scores::breakdown::Breakdown;
use crate::analysis::scores::items::ModelItems;
use crate::analysis::subgroups::tested;
use crate::answers::AnswerTable;
use crate::stats::advantage::{self, advantages};
use crate::stats::disparity::{self, Sigma};
use crate::stats::homogeneity::homogeneity;
use crate::stats::multiplicity::{benjamini_hochberg, holm};
use crate::stats::subgroups::Subgroups;
use crate::stats::{Interval, Level, PValue};

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

    pub(super) fn change(
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
