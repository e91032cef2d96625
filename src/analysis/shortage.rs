//! Whether enough clusters say something of the slopes of a logistic fit.
//!
//! A slope is known from the clusters that were not all won, and from those that were not
//! all lost. Where either are few, the fit follows them closely, and an error that is taken
//! from what it leaves over is far too small.

use super::clusters::{Clusters, Columns, Side};

/// Clusters for each slope under which nothing is claimed of a fit, and those from which it
/// is sound (Peduzzi et al. 1996, *J. Clinical Epidemiology* 49:1373, found ten events for
/// each variable to be enough, and fewer than five to mislead).
const FEWEST: u64 = 5;
const ENOUGH: u64 = 10;

/// Clusters from which a side counts beside a larger one.
const MANY: u64 = 10;

/// Scores this near to 0 or 1 are it but for rounding.
const ROUNDING: f64 = 1e-9;

/// Fewer clusters than a fit needs.
pub(super) struct Shortage {
    /// Whether nothing should be claimed at all.
    pub(super) is_too_few: bool,
    found: u64,
    of: u64,
    /// What the clusters are, as a plural.
    noun: String,
    /// What others hold nothing but.
    decided: &'static str,
}

impl Shortage {
    /// `None` where there are enough clusters for this many slopes.
    pub(super) fn of(
        scores: &[f64],
        columns: &Columns<'_>,
        by: Clusters,
        slopes: usize,
    ) -> Option<Self> {
        let sides = by.sides();
        let largest = sides.iter().map(|side| columns.count(*side)).max()?;
        let not_won = |score: f64| score < 1.0 - ROUNDING;
        let not_lost = |score: f64| score > ROUNDING;
        let count = |side: Side, holds: fn(f64) -> bool| {
            let labels = columns.labels(side).iter().zip(scores);
            let mut held: Vec<u32> = labels
                .filter(|(_, score)| holds(**score))
                .map(|(label, _)| *label)
                .collect();
            held.sort_unstable();
            held.dedup();
            held.len() as u64
        };
        // A few personas beside many questions are few whatever was won; that is said
        // elsewhere.
        let (found, side, decided) = sides
            .iter()
            .filter(|side| (MANY.min(largest)..).contains(&columns.count(**side)))
            .flat_map(|&side| {
                [
                    (count(side, not_won), side, "wins"),
                    (count(side, not_lost), side, "losses"),
                ]
            })
            .min_by_key(|(found, ..)| *found)?;
        (found < ENOUGH * slopes as u64).then(|| Self {
            is_too_few: found < FEWEST * slopes as u64,
            found,
            of: columns.count(side),
            noun: columns.called(side).1,
            decided,
        })
    }

    /// What is said of it, for people.
    pub(super) fn sentence(&self) -> String {
        let Self {
            found,
            of,
            noun,
            decided,
            ..
        } = self;
        if self.is_too_few {
            format!(
                "{noun} with anything but {decided}: {found} of {of}; from fewer than {FEWEST} for each slope that is fitted, errors come out far too small, so there are no intervals and no p-values here"
            )
        } else {
            format!(
                "{noun} with anything but {decided}: {found} of {of}; from fewer than {ENOUGH} for each slope that is fitted, errors come out too small, so intervals may cover less than they say"
            )
        }
    }
}
