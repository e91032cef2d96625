//! WildBench's length margin: with a margin of K characters a slight win (`extent` 1) by an
//! answer that is more than K characters longer is a tie. A published file says its own
//! (`"K": 500`; -1 for none).

use std::collections::{BTreeSet, HashMap};

use super::{Pair, Winner};
use crate::import::Claim;

/// What a published file calls its margin.
const MARGIN: &str = "K";
/// Figures that hang on the margin; so do those by category.
const NAMES: [&str; 5] = ["win", "tie", "lose", "reward", "task_macro_reward"];
const BY_CATEGORY: &str = "task_categorized_";

/// What a figure is called with this margin.
pub(super) fn named(name: &str, margin: u32) -> String {
    format!("{name} (K={margin})")
}

impl Pair {
    /// Who won with a margin; `None` for none.
    pub(super) fn winner_within(&self, margin: Option<u32>) -> Option<Winner> {
        let (Some(margin), Some(Winner::Model(winner)), Some(1)) =
            (margin, self.winner, self.extent)
        else {
            return self.winner;
        };
        let length = |at: usize| self.chars[at].map(u64::from);
        let is_longer = length(winner)
            .zip(length(1 - winner))
            .is_some_and(|(better, other)| better > other + u64::from(margin));
        Some(if is_longer {
            Winner::Tie
        } else {
            Winner::Model(winner)
        })
    }
}

fn margin_of(claim: &Claim) -> Option<u32> {
    let value = claim.value.filter(|_| claim.name == MARGIN)?;
    let is_margin = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
    is_margin.then_some(value as u32)
}

/// The margins that published values say they were made with.
pub fn published_margins(claims: &[Claim]) -> Vec<u32> {
    let margins: BTreeSet<u32> = claims.iter().filter_map(margin_of).collect();
    margins.into_iter().collect()
}

/// The same claims about the figures of the margin that was published beside each.
pub fn name_margins(claims: Vec<Claim>) -> Vec<Claim> {
    let place = |claim: &Claim| (claim.from.clone(), claim.subject.clone());
    let margins = claims
        .iter()
        .filter_map(|claim| Some((place(claim), margin_of(claim)?)));
    let margins: HashMap<_, u32> = margins.collect();
    let claims = claims.into_iter().filter(|claim| claim.name != MARGIN);
    claims
        .map(|mut claim| {
            let hangs = NAMES.contains(&&*claim.name) || claim.name.starts_with(BY_CATEGORY);
            if let Some(margin) = margins.get(&place(&claim)).filter(|_| hangs) {
                claim.name = named(&claim.name, *margin);
            }
            claim
        })
        .collect()
}
