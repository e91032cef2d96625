//! What a model gains over another, item by item.

use super::items::{self, ModelItems};
use super::metrics::Metric;
use super::{ScoreError, ScoreOptions, Unstable, chosen_items, listed, splits};
use crate::answers::AnswerTable;

/// The scores of all models, from which gains are taken.
pub(crate) struct ItemGains<'a> {
    table: &'a AnswerTable,
    models: Vec<ModelItems>,
    is_weighted: bool,
}

impl<'a> ItemGains<'a> {
    /// Scores a table.
    ///
    /// # Errors
    ///
    /// Where nothing can be scored, or an option names what is not there.
    pub(crate) fn new(table: &'a AnswerTable, options: &ScoreOptions) -> Result<Self, ScoreError> {
        let items = chosen_items(table, &splits(table), options)?;
        Ok(Self {
            table,
            models: items::score(table, &items, options),
            is_weighted: options.unstable == Unstable::Weight,
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
    /// with the item's index: a distance that is smaller is a gain.
    pub(crate) fn gains(&self, candidate: usize, base: usize, metric: Metric) -> Vec<(u32, f64)> {
        let (candidate, base) = (&self.models[candidate], &self.models[base]);
        let better = if metric.is_distance() { -1.0 } else { 1.0 };
        let gain = |(own, other): (u32, u32)| {
            let column = metric as usize;
            let difference =
                candidate.values[column][own as usize] - base.values[column][other as usize];
            (candidate.items[own as usize], better * difference)
        };
        let shared = candidate.shared(base).into_iter().map(gain);
        shared
            .filter(|(item, gain)| !gain.is_nan() && self.weight(*item) > 0.0)
            .collect()
    }

    /// How much an item counts.
    pub(crate) fn weight(&self, item: u32) -> f64 {
        if !self.is_weighted {
            return 1.0;
        }
        let truth = self.table.items[item as usize].truth.as_ref();
        1.0 - truth.and_then(|truth| truth.unstable).unwrap_or(0.0)
    }
}
