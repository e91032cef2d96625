//! Raters of one kind against each other, all together and each two.

use rayon::prelude::*;

use super::figures::{Context, OF_PAIR, OF_PANEL, Scope, confusion, of_pair, of_panel};
use super::ratings::Unit;
use super::report::{Pair, Panel};
use crate::stats::agreement::{CrossTable, PanelTable};

/// Raters beyond which each two are not compared: the pairs would be thousands, each
/// of a few units.
pub(super) const MOST_RATERS: usize = 40;

impl Context<'_> {
    /// The raters of a kind over some units; `None` with fewer than two of them.
    pub(super) fn panel(&self, scope: &Scope<'_>, people: bool) -> Option<Panel> {
        let of_kind = |rater: u32| self.ratings.raters[rater as usize].is_person() == people;
        let k = scope.categories.count();
        let counts = |unit: &Unit| -> Vec<u32> {
            let mut counts = vec![0; k];
            for rating in unit.ratings.iter().filter(|rating| of_kind(rating.rater)) {
                if let Some(category) = rating.category {
                    counts[usize::from(category)] += 1;
                }
            }
            counts
        };
        let rated = |unit: &&&Unit| counts(unit).iter().sum::<u32>() > 0;
        let units: Vec<&Unit> = scope.units.iter().filter(rated).copied().collect();
        let mut raters: Vec<u32> = units
            .iter()
            .flat_map(|unit| &unit.ratings)
            .filter(|rating| rating.category.is_some() && of_kind(rating.rater))
            .map(|rating| rating.rater)
            .collect();
        raters.sort_unstable();
        raters.dedup();
        if raters.len() < 2 {
            return None;
        }
        let add = |unit: &Unit, sums: &mut [f64]| PanelTable::add(sums, &counts(unit));
        let width = PanelTable::width(k);
        let evaluate = |sums: &[f64]| of_panel(k, sums);
        let made = self.figures(&units, scope.fixed, width, &OF_PANEL, add, evaluate);
        let twice = |unit: &&&Unit| counts(unit).iter().sum::<u32>() > 1;
        let ratings = units
            .iter()
            .map(|unit| u64::from(counts(unit).iter().sum::<u32>()));
        Some(Panel {
            criterion: scope.criterion.to_owned(),
            dimensions: scope.dimensions.to_vec(),
            levels: scope.levels.to_vec(),
            raters: raters.iter().map(|rater| self.name(*rater)).collect(),
            n_units: units.iter().filter(twice).count() as u64,
            n_clusters: made.n_clusters,
            n_ratings: ratings.sum(),
            coefficients: made.coefficients,
            pairs: if raters.len() > MOST_RATERS {
                Vec::new()
            } else {
                self.pairs(scope, &raters)
            },
        })
    }

    fn pairs(&self, scope: &Scope<'_>, raters: &[u32]) -> Vec<Pair> {
        let pairs: Vec<(u32, u32)> = raters
            .iter()
            .enumerate()
            .flat_map(|(i, a)| raters[i + 1..].iter().map(move |b| (*a, *b)))
            .collect();
        let made = pairs.par_iter().map(|(a, b)| self.pair(scope, *a, *b));
        made.filter(|pair| pair.n_units > 0).collect()
    }

    /// Two raters over the units that both rated.
    pub(super) fn pair(&self, scope: &Scope<'_>, first: u32, second: u32) -> Pair {
        let k = scope.categories.count();
        let both = |unit: &Unit| Some((unit.category(first)?, unit.category(second)?));
        let rated = |unit: &&&Unit| both(unit).is_some();
        let units: Vec<&Unit> = scope.units.iter().filter(rated).copied().collect();
        let add = |unit: &Unit, sums: &mut [f64]| {
            if let Some((a, b)) = both(unit) {
                CrossTable::add(sums, k, usize::from(a), usize::from(b), 1.0);
            }
        };
        let width = CrossTable::width(k);
        let evaluate = |sums: &[f64]| of_pair(k, sums);
        let made = self.figures(&units, scope.fixed, width, &OF_PAIR, add, evaluate);
        let (a, b) = (self.name(first), self.name(second));
        let pairs = units.iter().filter_map(|unit| both(unit));
        Pair {
            confusion: confusion(&a, &b, scope.categories, pairs),
            first: a,
            second: b,
            n_units: units.len() as u64,
            n_clusters: made.n_clusters,
            coefficients: made.coefficients,
        }
    }

    /// What a rater is called; a judge with its rubric where it has several.
    pub(super) fn name(&self, rater: u32) -> String {
        let place = rater as usize;
        let raters = &self.ratings.raters;
        let rater = &raters[place];
        // Judges stand by name, so that those of one name stand together.
        let mut beside = [place.checked_sub(1), Some(place + 1)]
            .into_iter()
            .flatten();
        let alike = |other: usize| {
            let other = raters.get(other);
            other.is_some_and(|other| !other.is_person() && other.name() == rater.name())
        };
        match rater.rubric() {
            Some(rubric) if beside.any(alike) => {
                format!("{} by {rubric}", rater.name())
            }
            _ => rater.name().to_owned(),
        }
    }
}
