//! Whether enough clusters say something of the slopes of a logistic fit.
//!
//! A slope is known from the clusters that were not all won, and from those that were not
//! all lost. Where either are few, the fit follows them closely, and an error that is taken
//! from what it leaves over is far too small. A cluster counts by how far its worst (or its
//! best) score is from a win (or a loss): as one where something was lost, as a half where
//! the worst is a tie, and as next to nothing where a graded score is all but a win.

use std::collections::HashMap;

use super::clusters::{Clusters, Columns, Side};

/// Clusters for each slope under which nothing is claimed of a fit, and those from which it
/// is sound (Peduzzi et al. 1996, *J. Clinical Epidemiology* 49:1373, found ten events for
/// each variable to be enough, and fewer than five to mislead).
const FEWEST: u64 = 5;
const ENOUGH: u64 = 10;

/// Personas from which they count beside more of something else.
const MANY: u64 = 10;

/// Sums this much apart are one but for rounding.
const ROUNDING: f64 = 1e-9;

/// Fewer losses or wins than a fit needs.
pub(super) struct Shortage {
    /// Whether nothing should be claimed at all.
    pub(super) is_too_few: bool,
    found: f64,
    of: u64,
    /// What the clusters are, as a plural.
    noun: String,
    /// What there is too little of.
    what: What,
}

enum What {
    Losses,
    Wins,
    Both,
}

impl Shortage {
    /// `None` where there are enough losses and wins for this many slopes.
    pub(super) fn of(
        scores: &[f64],
        columns: &Columns<'_>,
        by: Clusters,
        slopes: usize,
    ) -> Option<Self> {
        let sides = by.sides();
        let largest = sides.iter().map(|side| columns.count(*side)).max()?;
        // A few personas beside many questions are few whatever was won; that is said
        // elsewhere.
        let counts = |side: &Side| {
            let count = columns.count(*side);
            !columns.is_persona(Clusters::One(*side)) || count >= MANY.min(largest)
        };
        let mut fewest: Option<(f64, Side, What)> = None;
        for side in sides.into_iter().filter(counts) {
            let lost = summed(columns.labels(side), scores, |score| 1.0 - score);
            let won = summed(columns.labels(side), scores, |score| score);
            let what = if (lost - won).abs() <= ROUNDING {
                What::Both
            } else if lost < won {
                What::Losses
            } else {
                What::Wins
            };
            let found = lost.min(won);
            if fewest
                .as_ref()
                .is_none_or(|(least, ..)| found < least - ROUNDING)
            {
                fewest = Some((found, side, what));
            }
        }
        let (found, side, what) = fewest?;
        let is_under = |needed: u64| found < (needed * slopes as u64) as f64 - ROUNDING;
        is_under(ENOUGH).then(|| Self {
            is_too_few: is_under(FEWEST),
            found,
            of: columns.count(side),
            noun: columns.called(side).1,
            what,
        })
    }

    /// What is said of it, for people.
    pub(super) fn sentence(&self) -> String {
        let Self {
            of, noun, found, ..
        } = self;
        // Rounded down: less than needed never reads as enough.
        let found = (found * 10.0 + 10.0 * ROUNDING).floor() / 10.0;
        let found = match self.what {
            What::Losses => format!("losses in {noun} add up to {found} of {of}"),
            What::Wins => format!("wins in {noun} add up to {found} of {of}"),
            What::Both => format!("losses and wins in {noun} each add up to {found} of {of}"),
        };
        if self.is_too_few {
            format!(
                "{found}; from fewer than {FEWEST} for each slope that is fitted, errors come out far too small, so there are no intervals and no p-values here"
            )
        } else {
            format!(
                "{found}; from fewer than {ENOUGH} for each slope that is fitted, errors come out too small, so intervals may cover less than they say"
            )
        }
    }
}

/// The sum over clusters of the largest share of an item in each.
fn summed(labels: &[u32], scores: &[f64], share: impl Fn(f64) -> f64) -> f64 {
    let mut largest: HashMap<u32, f64> = HashMap::new();
    for (label, score) in labels.iter().zip(scores) {
        let known = largest.entry(*label).or_default();
        *known = known.max(share(*score));
    }
    let mut shares: Vec<f64> = largest.into_values().collect();
    // In one order, so that the same table gives the same sum.
    shares.sort_unstable_by(f64::total_cmp);
    shares.iter().sum()
}
