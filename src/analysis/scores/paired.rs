//! What models score, and gain over each other, item by item.

use super::items::{ModelItems, Tally};
use super::metrics::Metric;
use super::report::Counts;
use super::stability::{self, UnstableGains, UnstableItems, weight, weighted};
use super::{ScoreError, ScoreOptions, Unstable, counts, listed, splits};
use crate::answers::{AnswerTable, Item};

/// The scores of all models, from which gains are taken.
pub(crate) struct ItemScores<'a> {
    table: &'a AnswerTable,
    models: Vec<ModelItems>,
    unstable: Unstable,
    unstable_above: f64,
}

impl<'a> ItemScores<'a> {
    /// Scores a table.
    ///
    /// # Errors
    ///
    /// Where nothing can be scored, or an option names what is not there.
    pub(crate) fn new(table: &'a AnswerTable, options: &ScoreOptions) -> Result<Self, ScoreError> {
        Ok(Self {
            table,
            models: stability::of_all(table, &splits(table), options)?,
            unstable: options.unstable,
            unstable_above: options.unstable_above,
        })
    }

    /// The number of a model.
    ///
    /// # Errors
    ///
    /// Where there is none of that name.
    pub(crate) fn model(&self, name: &str) -> Result<usize, ScoreError> {
        let found = self.table.models.iter().position(|model| model == name);
        found.ok_or_else(|| ScoreError::NoModel {
            model: name.to_owned(),
            known: listed("models", &self.table.models),
        })
    }

    /// How much better the candidate does than the base in each item that both have,
    /// with the item's index, whatever the item counts: a distance that is smaller is a
    /// gain.
    pub(crate) fn gains(&self, candidate: usize, base: usize, metric: Metric) -> Vec<(u32, f64)> {
        let (candidate, base) = (&self.models[candidate], &self.models[base]);
        let better = if metric.is_distance() { -1.0 } else { 1.0 };
        let [ours, theirs] = [candidate, base].map(|model| &model.values[metric as usize]);
        let gain = |(own, other): (u32, u32)| {
            let difference = ours[own as usize] - theirs[other as usize];
            (candidate.items[own as usize], better * difference)
        };
        let shared = candidate.shared(base).into_iter().map(gain);
        shared.filter(|(_, gain)| !gain.is_nan()).collect()
    }

    /// What a model scores in each item that counts, with the item's index.
    pub(crate) fn values(&self, model: usize, metric: Metric) -> impl Iterator<Item = (u32, f64)> {
        let model = &self.models[model];
        let column = &model.values[metric as usize];
        let scored = model.items.iter().copied().zip(column.iter().copied());
        scored.filter(|(item, value)| !value.is_nan() && self.weight(*item) > 0.0)
    }

    /// How much an item counts.
    pub(crate) fn weight(&self, item: u32) -> f64 {
        let item = &self.table.items[item as usize];
        weight(item, self.unstable, self.unstable_above)
    }

    /// What became of a model's planned answers to the items that are scored.
    pub(crate) fn counts(&self, model: usize) -> Counts {
        counts(&self.models[model].total)
    }

    /// The same of some items only.
    pub(crate) fn counts_of(&self, model: usize, is_kept: impl Fn(u32) -> bool) -> Counts {
        let model = &self.models[model];
        let mut tally = Tally::default();
        for (_, of_item) in model
            .items
            .iter()
            .zip(&model.tallies)
            .filter(|(item, _)| is_kept(**item))
        {
            tally.add(of_item);
        }
        counts(&tally)
    }

    /// How many items of a split, or of all, have an unstable truth; `None` where nothing
    /// is known of it.
    pub(crate) fn unstable_items(&self, split: Option<&str>) -> Option<UnstableItems> {
        let of_split = |item: &&Item| split.is_none() || item.split.as_deref() == split;
        let items = self.table.items.iter().filter(of_split);
        UnstableItems::of(items, self.unstable_above)
    }

    /// How gains differ by what is done with unstable truths; `None` where nothing is
    /// known of their stability.
    pub(crate) fn by_stability(&self, gains: &[(u32, f64)]) -> Option<UnstableGains> {
        let items = || {
            gains
                .iter()
                .map(|(item, _)| &self.table.items[*item as usize])
        };
        let found = UnstableItems::of(items(), self.unstable_above)?;
        let gain = |unstable: Unstable| {
            let weights = items().map(|item| weight(item, unstable, self.unstable_above));
            weighted(gains.iter().map(|(_, gain)| *gain).zip(weights)).0
        };
        Some(UnstableGains {
            items: found,
            keep: gain(Unstable::Keep),
            drop: gain(Unstable::Drop),
            weight: gain(Unstable::Weight),
        })
    }
}

/// The splits of a table, in the order in which they first appear.
pub(crate) fn splits_of(table: &AnswerTable) -> Vec<String> {
    splits(table)
}
