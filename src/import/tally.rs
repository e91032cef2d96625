//! Rows that are not as the rest, counted by reason.

use serde::{Deserialize, Serialize};

/// Why a comparison of one model with itself is left out.
pub(super) const WITH_ITSELF: &str = "a model compared with itself";

/// What a judge is called that nothing names, and what is counted of it.
pub(super) const A_JUDGE: &str = "judge";
pub(super) const NO_JUDGE: &str =
    "no judge is named, by the file, its place or --judge: called `judge`";

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is in the verdict table, and worth knowing of.
    Kept,
    /// It is in the verdict table without a verdict.
    Missing,
    /// It is not in the verdict table.
    Skipped,
}

/// Rows with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What became of them.
    pub effect: Effect,
    /// Why.
    pub reason: String,
    /// How many there are.
    pub rows: u64,
    /// The first of them, as file and record.
    pub first: String,
}

/// Reasons in the order in which they were met.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) reasons: Vec<Reason>,
}

impl Tally {
    /// Counts a row.
    pub(super) fn add(&mut self, effect: Effect, reason: &str, first: impl FnOnce() -> String) {
        self.add_many(effect, reason, 1, first);
    }

    /// Counts several rows of one reason.
    pub(super) fn add_many(
        &mut self,
        effect: Effect,
        reason: &str,
        rows: u64,
        first: impl FnOnce() -> String,
    ) {
        let known = self
            .reasons
            .iter_mut()
            .find(|known| known.effect == effect && known.reason == reason);
        match known {
            Some(known) => known.rows += rows,
            None => self.reasons.push(Reason {
                effect,
                reason: reason.to_owned(),
                rows,
                first: first(),
            }),
        }
    }

    /// Counts what another has counted.
    pub(super) fn merge(&mut self, other: Self) {
        for reason in other.reasons {
            let first = reason.first;
            self.add_many(reason.effect, &reason.reason, reason.rows, || first);
        }
    }
}
