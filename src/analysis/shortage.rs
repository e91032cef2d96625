//! Whether enough items and clusters say something of the slopes of a logistic fit.
//!
//! A slope is known from what was not won, and from what was not lost. Where either is
//! little, or gathered in few clusters, the fit follows it closely, and an error that is
//! taken from what it leaves over is far too small. An item counts by how much of it was
//! lost (or won), as a share of the most that was of any item; a cluster as the item in it
//! that counts most. Were every item to lose half as much, the slopes, their errors and their
//! tests would be all but the same. But where nothing was lost to speak of, what would be in
//! other items has not been seen, so that items lose shares of a quarter at least.
//!
//! A cluster that many items share lends its losses to all slopes, so that a dimension in
//! which most clusters have losses is not short of them, however many slopes there are.

use std::collections::HashMap;

use super::clusters::{Clusters, Columns, Side};
use crate::text::thousands;

/// What is needed for each slope for anything to be claimed of a fit, and for it to be sound
/// (Peduzzi et al. 1996, *J. Clinical Epidemiology* 49:1373, found ten events for
/// each variable to be enough, and fewer than five to mislead).
const FEWEST: u64 = 5;
const ENOUGH: u64 = 10;

/// Shares of the clusters of a dimension that are as good: it has no more to give.
const HALF: f64 = 0.5;
const NEARLY_ALL: f64 = 0.9;

/// What an item loses, or wins, to count as one where none loses more.
const LEAST: f64 = 0.25;

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
    /// What they are counted in, as a plural.
    noun: String,
    /// What there is too little of.
    what: What,
    /// Whether so many for each slope would be more than the clusters can give.
    is_capped: bool,
}

#[derive(Clone, Copy)]
enum What {
    Losses,
    Wins,
    Both,
}

/// Losses and wins of the items, or of the clusters of one dimension.
struct Counted {
    found: f64,
    of: u64,
    what: What,
    /// `None` for items that share no cluster of theirs with another.
    side: Option<Side>,
}

impl Counted {
    fn new(labels: &[u32], scores: &[f64], side: Option<Side>) -> Self {
        let least = if side.is_none() { LEAST } else { 0.0 };
        let (lost, of) = summed(labels, scores, |score| 1.0 - score, least);
        let (won, _) = summed(labels, scores, |score| score, least);
        let what = if (lost - won).abs() <= ROUNDING {
            What::Both
        } else if lost < won {
            What::Losses
        } else {
            What::Wins
        };
        Self {
            found: lost.min(won),
            of,
            what,
            side,
        }
    }

    /// So many for each slope, or that share of the clusters where this is less.
    fn needed(&self, each: u64, slopes: usize, share: f64) -> f64 {
        let needed = (each * slopes as u64) as f64;
        if self.side.is_some() {
            needed.min(share * self.of as f64)
        } else {
            needed
        }
    }

    /// What was found for each that is needed.
    fn ratio(&self, slopes: usize) -> f64 {
        self.found / self.needed(FEWEST, slopes, HALF).max(ROUNDING)
    }
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
        let items: Vec<u32> = (0..scores.len() as u32).collect();
        let of_items = Counted::new(&items, scores, None);
        let of_side = |side: Side| Counted::new(columns.labels(side), scores, Some(side));
        let fewest = sides
            .iter()
            .copied()
            .filter(counts)
            .map(of_side)
            .chain([of_items])
            .min_by(|a, b| a.ratio(slopes).total_cmp(&b.ratio(slopes)))?;
        let is_under =
            |each: u64, share: f64| fewest.found < fewest.needed(each, slopes, share) - ROUNDING;
        let is_too_few = is_under(FEWEST, HALF);
        let (each, share) = if is_too_few {
            (FEWEST, HALF)
        } else {
            (ENOUGH, NEARLY_ALL)
        };
        // Items that share no cluster are called by it.
        let side = fewest.side.or_else(|| {
            let is_apart = |side: &Side| columns.count(*side) == fewest.of;
            sides.iter().copied().find(is_apart)
        });
        let noun = side.map_or_else(|| "items".to_owned(), |side| columns.called(side).1);
        is_under(each, share).then(|| Self {
            is_too_few,
            found: fewest.found,
            of: fewest.of,
            noun,
            what: fewest.what,
            is_capped: fewest.needed(each, slopes, share) < (each * slopes as u64) as f64,
        })
    }

    /// What is said of it, for people.
    pub(super) fn sentence(&self) -> String {
        let Self {
            noun, is_capped, ..
        } = self;
        let of = thousands(self.of);
        // Rounded down: less than needed never reads as enough.
        let found = (self.found * 10.0 + 10.0 * ROUNDING).floor() / 10.0;
        let found = match self.what {
            What::Losses => format!("losses in {noun} add up to {found} of {of}"),
            What::Wins => format!("wins in {noun} add up to {found} of {of}"),
            What::Both => format!("losses and wins in {noun} each add up to {found} of {of}"),
        };
        let fewer = |than: &str, each: u64| {
            if *is_capped {
                format!("from fewer than {than} of them")
            } else {
                format!("from fewer than {each} for each slope that is fitted")
            }
        };
        if self.is_too_few {
            format!(
                "{found}; {}, errors come out far too small, so there are no intervals and no p-values here",
                fewer("half", FEWEST)
            )
        } else {
            format!(
                "{found}; {}, errors come out too small, so intervals may cover less than they say",
                fewer("nine in ten", ENOUGH)
            )
        }
    }
}

/// The sum over clusters of the largest share of an item in each, where the largest of all is
/// one, or this where none is larger; and the number of clusters.
fn summed(labels: &[u32], scores: &[f64], share: impl Fn(f64) -> f64, least: f64) -> (f64, u64) {
    let mut largest: HashMap<u32, f64> = HashMap::new();
    for (label, score) in labels.iter().zip(scores) {
        let known = largest.entry(*label).or_default();
        *known = known.max(share(*score));
    }
    let mut shares: Vec<f64> = largest.into_values().collect();
    // In one order, so that the same table gives the same sum.
    shares.sort_unstable_by(f64::total_cmp);
    let count = shares.len() as u64;
    match shares.last().map(|most| most.max(least)) {
        Some(most) if most > 0.0 => (shares.iter().sum::<f64>() / most, count),
        _ => (0.0, count),
    }
}
