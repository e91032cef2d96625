//! Scores by what is done with items whose truth is unstable: the mode of a small or
//! divided group would be another one, had other respondents been asked.

use schemars::JsonSchema;
use serde::Serialize;

use super::items::{self, ModelItems};
use super::metrics::Metric;
use super::{ScoreError, ScoreOptions, Unstable, chosen_items};
use crate::answers::{AnswerTable, Item};
use crate::stats::sum::Sum;

/// Items whose truth is unstable, and scores with and without them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnstableTruth {
    /// How many there are.
    pub items: UnstableItems,
    /// Under each of `keep`, `drop` and `weight`.
    pub scores: Vec<StableScores>,
}

/// How many items have an unstable truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct UnstableItems {
    /// Items of which it is known how often the mode is another one in resamples.
    pub known: u64,
    /// Those in which it is more often than the share that is allowed.
    pub unstable: u64,
    /// The second over the first.
    pub unstable_share: f64,
}

/// Scores under one way to deal with unstable truths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct StableScores {
    /// What is done with items whose truth is unstable.
    pub unstable: Unstable,
    /// Items that count.
    pub items: u64,
    /// Accuracy.
    pub accuracy: Option<f64>,
    /// Normalised mean absolute error.
    pub nmae: Option<f64>,
    /// Wasserstein-1 distance.
    pub wasserstein: Option<f64>,
}

/// Gains under each way to deal with unstable truths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct UnstableGains {
    /// How many there are.
    pub items: UnstableItems,
    /// Every item counts alike.
    pub keep: Option<f64>,
    /// Items with an unstable truth are left out.
    pub drop: Option<f64>,
    /// An item counts with the share of resamples that have its mode.
    pub weight: Option<f64>,
}

impl UnstableItems {
    /// Counts; `None` where nothing is known of any.
    pub(super) fn of<'i>(items: impl Iterator<Item = &'i Item>, above: f64) -> Option<Self> {
        let (mut known, mut unstable) = (0, 0);
        for share in items.filter_map(|item| item.truth.as_ref()?.unstable) {
            known += 1;
            unstable += u64::from(share > above);
        }
        (known > 0).then(|| Self {
            known,
            unstable,
            unstable_share: unstable as f64 / known as f64,
        })
    }
}

/// How much an item counts.
pub(super) fn weight(item: &Item, unstable: Unstable, above: f64) -> f64 {
    let share = item
        .truth
        .as_ref()
        .and_then(|truth| truth.unstable)
        .unwrap_or(0.0);
    match unstable {
        Unstable::Drop if share > above => 0.0,
        Unstable::Keep | Unstable::Drop => 1.0,
        Unstable::Weight => 1.0 - share,
    }
}

/// A weighted mean, `None` where nothing counts; and how many values count.
pub(super) fn weighted(values: impl Iterator<Item = (f64, f64)>) -> (Option<f64>, u64) {
    let (mut sum, mut total, mut count) = (Sum::default(), Sum::default(), 0);
    for (value, weight) in values.filter(|(value, weight)| !value.is_nan() && *weight > 0.0) {
        sum.add(weight * value);
        total.add(weight);
        count += 1;
    }
    let mean = (total.value() > 0.0).then(|| sum.value() / total.value());
    (mean, count)
}

/// The scores of a model's items, of one split or of all, under each way; `None` where
/// nothing is known of the stability of their truths.
pub(super) fn unstable_truth(
    table: &AnswerTable,
    model: &ModelItems,
    split: Option<&str>,
    above: f64,
) -> Option<UnstableTruth> {
    let item = |place: usize| &table.items[model.items[place] as usize];
    let is_in = |place: &usize| split.is_none() || item(*place).split.as_deref() == split;
    let places: Vec<usize> = (0..model.items.len()).filter(is_in).collect();
    let items = UnstableItems::of(places.iter().map(|place| item(*place)), above)?;
    let under = |unstable: Unstable| {
        let mean = |metric: Metric| {
            let column = &model.values[metric as usize];
            let value = |place: &usize| (column[*place], weight(item(*place), unstable, above));
            weighted(places.iter().map(value))
        };
        let (accuracy, counted) = mean(Metric::Accuracy);
        StableScores {
            unstable,
            items: counted,
            accuracy,
            nmae: mean(Metric::Nmae).0,
            wasserstein: mean(Metric::Wasserstein).0,
        }
    };
    Some(UnstableTruth {
        items,
        scores: [Unstable::Keep, Unstable::Drop, Unstable::Weight]
            .map(under)
            .to_vec(),
    })
}

/// The scores of all models, also of items that an option leaves out.
///
/// # Errors
///
/// As the scores themselves.
pub(super) fn of_all(
    table: &AnswerTable,
    splits: &[String],
    options: &ScoreOptions,
) -> Result<Vec<ModelItems>, ScoreError> {
    let all = ScoreOptions {
        unstable: Unstable::Keep,
        ..options.clone()
    };
    let items = chosen_items(table, splits, &all)?;
    Ok(items::score(table, &items, &all))
}
