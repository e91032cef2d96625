//! Whether enough items and clusters say something of the slopes of a logistic fit.
//!
//! A slope is known from what was not won, and from what was not lost. Where either is
//! little, or gathered in few clusters, the fit follows it closely, and an error that is
//! taken from what it leaves over is far too small. An item counts by how much of it was
//! lost (or won), as a share of the most that was of any item. Were every item to lose half
//! as much, the slopes, their errors and their tests would be all but the same. But where
//! nothing was lost to speak of, what would be in other items has not been seen, so that
//! items lose shares of a quarter at least.
//!
//! Clusters that items share count as so many that lost alike would, `(Σl)² / Σl²` of what
//! each lost (Kish's effective number): where two of twelve lost nearly all, a stray loss in
//! each of the others changes little. They lend their losses to all slopes, so that a
//! dimension in which they are spread is not short of them, however many slopes there are.

use std::collections::HashMap;

use super::clusters::{Clusters, Columns, Side};
use crate::text::thousands;

/// What is needed for each slope for anything to be claimed of a fit, and for it to be sound
/// (Peduzzi et al. 1996, *J. Clinical Epidemiology* 49:1373, found ten events for
/// each variable to be enough, and fewer than five to mislead).
const FEWEST: u64 = 5;
const ENOUGH: u64 = 10;

/// Shares of the clusters of a dimension that are as good: it has no more to give.
const TWO_IN_FIVE: f64 = 0.4;
const THREE_IN_FOUR: f64 = 0.75;

/// What an item loses, or wins, to count as one where none loses more.
const LEAST: f64 = 0.25;

/// Clusters that may be fewer than slopes ask for; personas may always be.
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
    /// `None` for items.
    side: Option<Side>,
    /// Whether a share of them is enough.
    is_capped: bool,
}

impl Counted {
    fn of_items(scores: &[f64]) -> Self {
        let lost = shares(scores.iter().map(|score| 1.0 - score));
        let won = shares(scores.iter().copied());
        Self::new([lost, won], scores.len() as u64, None)
    }

    fn of_clusters(labels: &[u32], scores: &[f64], side: Side, may_be_few: bool) -> Self {
        let lost = summed(labels, scores.iter().map(|score| 1.0 - score));
        let won = summed(labels, scores.iter().copied());
        let of = lost.len() as u64;
        let spread = [lost, won].map(|sums| effective(&sums));
        Self::new(spread, of, Some((side, may_be_few)))
    }

    fn new([lost, won]: [f64; 2], of: u64, side: Option<(Side, bool)>) -> Self {
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
            side: side.map(|(side, _)| side),
            is_capped: side.is_some_and(|(_, may_be_few)| may_be_few),
        }
    }

    /// So many for each slope, or that share of the clusters where this is less.
    fn needed(&self, each: u64, slopes: usize, share: f64) -> f64 {
        let needed = (each * slopes as u64) as f64;
        if self.is_capped {
            needed.min(share * self.of as f64)
        } else {
            needed
        }
    }

    /// What was found for each that is needed.
    fn ratio(&self, each: u64, slopes: usize, share: f64) -> f64 {
        self.found / self.needed(each, slopes, share).max(ROUNDING)
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
        let of_side = |side: &Side| {
            let is_persona = columns.is_persona(Clusters::One(*side));
            let may_be_few = is_persona || columns.count(*side) >= MANY;
            Counted::of_clusters(columns.labels(*side), scores, *side, may_be_few)
        };
        let is_shared = |side: &&Side| columns.count(**side) < scores.len() as u64;
        let counted: Vec<Counted> = (sides.iter().filter(is_shared).map(of_side))
            .chain([Counted::of_items(scores)])
            .collect();
        // Caps change what is furthest from what it needs: one may be so for claims, and
        // another for their warning.
        let furthest = |each: u64, share: f64| {
            let is_under = |of: &&Counted| of.found < of.needed(each, slopes, share) - ROUNDING;
            let ratio = |of: &Counted| of.ratio(each, slopes, share);
            let under = counted.iter().filter(is_under);
            let fewest = under.min_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
            Some((fewest, each, share))
        };
        let too_few = furthest(FEWEST, TWO_IN_FIVE);
        let is_too_few = too_few.is_some();
        let (fewest, each, share) = too_few.or_else(|| furthest(ENOUGH, THREE_IN_FOUR))?;
        // Items that share no cluster are called by it.
        let side = fewest.side.or_else(|| {
            let is_apart = |side: &Side| columns.count(*side) == fewest.of;
            sides.iter().copied().find(is_apart)
        });
        let noun = side.map_or_else(|| "items".to_owned(), |side| columns.called(side).1);
        Some(Self {
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
                fewer("two in five", FEWEST)
            )
        } else {
            format!(
                "{found}; {}, errors come out too small, so intervals may cover less than they say",
                fewer("three in four", ENOUGH)
            )
        }
    }
}

/// The sum of what items lost or won, where the most of any is one, or a quarter where none
/// has more.
fn shares(amounts: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = amounts.clone().fold(LEAST, f64::max);
    amounts.sum::<f64>() / most
}

/// What the items of each cluster lost or won.
fn summed(labels: &[u32], amounts: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums: HashMap<u32, f64> = HashMap::new();
    for (label, amount) in labels.iter().zip(amounts) {
        *sums.entry(*label).or_default() += amount;
    }
    let mut sums: Vec<f64> = sums.into_values().collect();
    // In one order, so that the same table gives the same number whatever its labels.
    sums.sort_unstable_by(f64::total_cmp);
    sums
}

/// How many that are alike would scatter as these do.
fn effective(sums: &[f64]) -> f64 {
    let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
    if squares > 0.0 {
        sums.iter().sum::<f64>().powi(2) / squares
    } else {
        0.0
    }
}
