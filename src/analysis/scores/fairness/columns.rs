//! The scores of a model as columns: a value, a group and a cluster for each item.

use super::{FairMetric, Place, Scope};
use crate::analysis::scores::coverage::under_floor;
use crate::analysis::scores::items::{ModelItems, Tally};
use crate::analysis::scores::metrics::farthest_of;
use crate::analysis::scores::{ScoreOptions, counts};
use crate::answers::AnswerTable;
use crate::stats::subgroups::{Scale, Subgroups, of_weighted};
use crate::stats::sum::Sum;

/// What all columns of a table share.
pub(super) struct Columns<'a> {
    table: &'a AnswerTable,
    weights: Option<&'a [f64]>,
    /// The place of each question and persona among all, by their ids.
    questions: Vec<u32>,
    personas: Vec<u32>,
    /// The largest distance there can be.
    farthest: f64,
    /// Share of the planned answers that must be there.
    floor: f64,
}

/// What of a model is not told in a place, since too few of the planned answers are there.
#[derive(Debug, Clone)]
pub(super) struct Untold {
    /// Why nothing of it is.
    pub(super) whole: Option<String>,
    /// Of each group that is not, how many answers are there and how many were planned.
    groups: Vec<Option<[u64; 2]>>,
}

impl Untold {
    /// What is not told of one or the other.
    pub(super) fn or(&self, other: &Self) -> Self {
        let groups = self.groups.iter().zip(&other.groups);
        Self {
            whole: self.whole.clone().or_else(|| other.whole.clone()),
            groups: groups.map(|(own, theirs)| own.or(*theirs)).collect(),
        }
    }

    /// The groups, and how many of their planned answers are there.
    pub(super) fn groups(&self, place: Place<'_>) -> Vec<(String, [u64; 2])> {
        let groups = place.breakdown.groups.iter().zip(&self.groups);
        let untold = groups.filter_map(|(name, answers)| Some((name.clone()?, (*answers)?)));
        untold.collect()
    }

    /// Their names.
    pub(super) fn names(&self, place: Place<'_>) -> Vec<String> {
        let groups = self.groups(place).into_iter();
        groups.map(|(name, _)| name).collect()
    }
}

/// Items of one place, each with a value.
pub(super) struct Column {
    pub(super) values: Vec<f64>,
    groups: Vec<u32>,
    labels: Vec<u32>,
    /// Weight of each item, where they are weighted.
    weights: Option<Vec<f64>>,
    /// What items of one cluster share.
    pub(super) clusters: &'static str,
}

/// The items that two models have: the candidate's values, the base's, and the first
/// less the second.
pub(super) struct Paired {
    pub(super) column: Column,
    pub(super) base: Vec<f64>,
    pub(super) difference: Vec<f64>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(
        table: &'a AnswerTable,
        options: &ScoreOptions,
        weights: Option<&'a [f64]>,
    ) -> Self {
        Self {
            table,
            weights,
            questions: ranks(table.questions.iter().map(|question| &*question.id)),
            personas: ranks(table.personas.iter().map(|persona| &*persona.id)),
            farthest: farthest_of(options.normaliser, &table.questions),
            floor: options.coverage_floor,
        }
    }

    /// What of a model is not told in a place; `None` where nothing was planned there.
    pub(super) fn untold(&self, model: &ModelItems, place: Place<'_>) -> Option<Untold> {
        let mut of_groups = vec![Tally::default(); place.breakdown.groups.len()];
        let mut whole = Tally::default();
        for (item, tally) in model.items.iter().zip(&model.tallies) {
            let split = self.table.items[*item as usize].split.as_deref();
            if let Some(group) = place.breakdown.group_of(*item)
                && place.scope.holds(split)
            {
                of_groups[group as usize].add(tally);
                whole.add(tally);
            }
        }
        let under = |tally: &Tally| {
            let counts = counts(tally);
            under_floor(&counts, self.floor).filter(|_| counts.planned > 0)
        };
        (counts(&whole).planned > 0).then(|| Untold {
            whole: under(&whole),
            groups: of_groups
                .iter()
                .map(|of| {
                    let planned = counts(of).planned;
                    let there = planned - u64::from(of.not_there());
                    under(of).map(|_| [there, planned])
                })
                .collect(),
        })
    }

    /// The items of a place that have the metric; `None` where there are none.
    pub(super) fn of(
        &self,
        model: &ModelItems,
        place: Place<'_>,
        untold: &Untold,
    ) -> Option<Column> {
        let known = &model.values[place.metric.metric() as usize];
        let values = model.items.iter().zip(known);
        let values = values.map(|(item, value)| (*item, place.metric.of(*value)));
        self.column(values, place, untold).map(|(column, _)| column)
    }

    /// The items of a place that have the metric in both models.
    pub(super) fn paired(
        &self,
        candidate: &ModelItems,
        base: &ModelItems,
        place: Place<'_>,
        untold: &Untold,
    ) -> Option<Paired> {
        let metric = place.metric.metric() as usize;
        let (ours, theirs) = (&candidate.values[metric], &base.values[metric]);
        let shared = candidate.shared(base);
        let both = shared.iter().filter_map(|(own, other)| {
            let (own, other) = (*own as usize, *other as usize);
            let of = |value: f64| place.metric.of(value);
            let pair = (of(ours[own]), of(theirs[other]));
            (!pair.0.is_nan() && !pair.1.is_nan()).then_some((candidate.items[own], pair))
        });
        let both: Vec<(u32, (f64, f64))> = both.collect();
        let values = both.iter().map(|(item, pair)| (*item, pair.0));
        let (column, kept) = self.column(values, place, untold)?;
        let base: Vec<f64> = kept.iter().map(|at| both[*at].1.1).collect();
        let difference = column.values.iter().zip(&base).map(|(a, b)| a - b);
        Some(Paired {
            difference: difference.collect(),
            base,
            column,
        })
    }

    /// A column, and which of the values it is made of.
    fn column(
        &self,
        values: impl Iterator<Item = (u32, f64)>,
        place: Place<'_>,
        untold: &Untold,
    ) -> Option<(Column, Vec<usize>)> {
        let question = |index: &u32| {
            let item = &self.table.items[*index as usize];
            self.questions[item.question as usize]
        };
        let persona = |index: &u32| {
            let item = &self.table.items[*index as usize];
            self.personas[item.persona as usize]
        };
        let mut rows = Vec::new();
        for (at, (index, value)) in values.enumerate() {
            let item = &self.table.items[index as usize];
            if value.is_nan() || !place.scope.holds(item.split.as_deref()) {
                continue;
            }
            if let Some(group) = place.breakdown.group_of(index)
                && untold.groups[group as usize].is_none()
            {
                rows.push((index, at, value, group));
            }
        }
        // Sums and draws are the same for any order of the rows of the table.
        rows.sort_by_key(|(index, ..)| (question(index), persona(index)));
        let items: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let first = question(items.first()?);
        let several = items.iter().any(|index| question(index) != first);
        let column = Column {
            labels: if several {
                items.iter().map(question).collect()
            } else {
                items.iter().map(persona).collect()
            },
            clusters: if several { "question" } else { "persona" },
            weights: self
                .weights
                .map(|weights| items.iter().map(|index| weights[*index as usize]).collect()),
            values: rows.iter().map(|row| row.2).collect(),
            groups: rows.iter().map(|row| row.3).collect(),
        };
        Some((column, rows.iter().map(|row| row.1).collect()))
    }

    /// The groups of some values of a column's items.
    pub(super) fn groups(
        &self,
        column: &Column,
        values: &[f64],
        place: Place<'_>,
        floor: usize,
    ) -> Option<Subgroups> {
        let high = self.highest(place.metric);
        let scale = match place.metric {
            FairMetric::OneMinusNmae => Scale {
                low: 1.0 - high,
                high: 1.0,
            },
            _ => Scale { low: 0.0, high },
        };
        grouped(column, values, place, scale, floor)
    }

    /// The groups of differences between values.
    pub(super) fn differences(
        &self,
        column: &Column,
        values: &[f64],
        place: Place<'_>,
        floor: usize,
    ) -> Option<Subgroups> {
        let high = self.highest(place.metric);
        grouped(column, values, place, Scale { low: -high, high }, floor)
    }

    fn highest(&self, metric: FairMetric) -> f64 {
        if metric.metric().is_distance() {
            self.farthest
        } else {
            1.0
        }
    }
}

/// The place of each id among all of them, sorted.
fn ranks<'t>(ids: impl ExactSizeIterator<Item = &'t str>) -> Vec<u32> {
    let mut ranks = vec![0; ids.len()];
    let mut sorted: Vec<(&str, usize)> = ids.zip(0..).collect();
    sorted.sort_unstable();
    for ((_, at), rank) in sorted.into_iter().zip(0..) {
        ranks[at] = rank;
    }
    ranks
}

impl Scope {
    fn holds(&self, split: Option<&str>) -> bool {
        self.0.is_none() || self.0.as_deref() == split
    }
}

fn grouped(
    column: &Column,
    values: &[f64],
    place: Place<'_>,
    scale: Scale,
    floor: usize,
) -> Option<Subgroups> {
    let count = place.breakdown.groups.len();
    let moved;
    let values = match &column.weights {
        None => values,
        Some(weights) => {
            moved = weighted(values, weights, &column.groups, count);
            &moved
        }
    };
    of_weighted(values, &column.groups, count, &column.labels, scale, floor).ok()
}

/// Values whose plain mean in each group is the weighted one, `m + w (x - m) N / sum(w)`,
/// with the cluster sums of the weighted residuals.
fn weighted(values: &[f64], weights: &[f64], groups: &[u32], count: usize) -> Vec<f64> {
    let mut sums = vec![(Sum::default(), Sum::default(), 0.0); count];
    for ((value, weight), group) in values.iter().zip(weights).zip(groups) {
        let (sum, total, items) = &mut sums[*group as usize];
        sum.add(weight * value);
        total.add(*weight);
        *items += 1.0;
    }
    values
        .iter()
        .zip(weights)
        .zip(groups)
        .map(|((value, weight), group)| {
            let (sum, total, items) = &sums[*group as usize];
            let mean = sum.value() / total.value();
            mean + weight * (value - mean) * items / total.value()
        })
        .collect()
}
