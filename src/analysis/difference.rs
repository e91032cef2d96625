//! Differences of two win rates on the same items: two models that met a third one,
//! two judges or two rubrics of one comparison, and two runs.
//!
//! What both sides share, such as hard questions, cancels within an item, so each
//! difference is a mean over the shared items of one number an item, with the same
//! clusters, interval and test as a win rate.

mod estimate;
mod matching;
mod pairs;
mod runs;

pub(super) use pairs::{LeftOut, MOST_JUDGES, MOST_PAIRED, Reason};
pub(super) use runs::against;
pub use runs::{Other, Same};

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::estimate::{Measured, WithheldGroups};
use super::groups::Breakdown;
use super::layout::Layout;
use super::options::Settings;
use super::report::{Adjustment, AdjustmentMethod, Difference, DifferenceSide};
use super::sections::Sections;
use super::subgroups::Rules;
use crate::stats::PValue;
use crate::stats::multiplicity::holm;

/// What all differences of a report share.
pub(super) struct Context<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) breakdowns: &'a [Breakdown],
    pub(super) settings: &'a Settings,
    pub(super) seed: Option<u64>,
    pub(super) rules: Rules,
}

/// The score of an item, by its rank.
pub(super) type Scored = (u32, f64);

/// One of the two win rates of a difference.
pub(super) struct Side {
    pub(super) named: DifferenceSide,
    /// Why it has no win rate.
    pub(super) withheld: Option<String>,
    /// Its subgroups without one.
    pub(super) withheld_groups: WithheldGroups,
    /// Its items by rank, from the side of its candidate.
    pub(super) scores: Vec<Scored>,
}

impl Side {
    /// A comparison that was measured, seen from the other side where it is turned.
    fn new(part: &Measured, turned: bool) -> Self {
        let comparison = &part.comparison;
        let (candidate, opponent) = if turned {
            (&comparison.opponent, &comparison.candidate)
        } else {
            (&comparison.candidate, &comparison.opponent)
        };
        let score = |score: f64| if turned { 1.0 - score } else { score };
        Self {
            named: DifferenceSide {
                source: None,
                candidate: candidate.clone(),
                opponent: opponent.clone(),
                judge: comparison.judge.clone(),
                rubric: comparison.rubric.clone(),
                win_rate: None,
                left_out: 0,
            },
            withheld: comparison.withheld.clone(),
            withheld_groups: part.withheld_groups(),
            scores: part
                .scores
                .iter()
                .map(|item| (item.item, score(item.score)))
                .collect(),
        }
    }
}

/// All differences within one table, and the pairs of models that met the same third one
/// that are left out.
pub(super) fn within(
    context: &Context<'_>,
    measured: &[Measured],
    sections: &Sections,
) -> (Vec<Difference>, LeftOut) {
    let (pairs, left_out) = pairs::pairs(measured, sections.reference.as_deref());
    let mut differences: Vec<(usize, Difference)> = pairs
        .par_iter()
        .map(|pair| {
            let first = Side::new(&measured[pair.first.0], pair.first.1);
            let second = Side::new(&measured[pair.second.0], pair.second.1);
            let criterion = &measured[pair.first.0].comparison.criterion;
            let made = estimate::difference(context, pair.kind, first, second, criterion);
            (pair.family, made)
        })
        .collect();
    adjust(&mut differences);
    let differences = differences.into_iter().map(|(_, made)| made).collect();
    (differences, left_out)
}

/// Holm over the differences of one family, which stand together.
fn adjust(differences: &mut [(usize, Difference)]) {
    let mut families: BTreeMap<usize, Vec<(&mut Difference, PValue)>> = BTreeMap::new();
    for (family, made) in differences {
        if let Some(p) = made.p_value.and_then(|p| PValue::new(p).ok()) {
            families.entry(*family).or_default().push((made, p));
        }
    }
    for family in families.into_values() {
        let p: Vec<PValue> = family.iter().map(|(_, p)| *p).collect();
        for ((made, _), adjusted) in family.into_iter().zip(holm(&p)) {
            made.p_adjusted = Some(adjusted.get());
            made.adjustment = Some(Adjustment {
                method: AdjustmentMethod::Holm,
                tests: p.len() as u64,
            });
        }
    }
}
