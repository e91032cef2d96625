//! Who is ahead of whom where some models never lost a point to others.
//!
//! No strengths are best then, and those on the board say how far apart models are by the
//! choice of an imagined opponent. What was seen is an order, and it may leave open which of
//! two models is ahead: those that neither met nor beat each other through others.

use super::board::Table;
use crate::text::counted;

/// Pairs of models that are named as not comparable.
const MOST_NAMED: usize = 6;

/// The order in which models beat each other, directly or through others.
pub(super) struct Ahead {
    /// Whether a model scored against another, or against one that did.
    reaches: Vec<Vec<bool>>,
}

/// The place of a model on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) model: usize,
    pub(super) rank: u64,
    /// The best and the worst rank that are left open; `None` where nothing tells.
    pub(super) range: Option<(u64, u64)>,
}

impl Ahead {
    pub(super) fn new(table: &Table, models: usize) -> Self {
        let mut reaches = vec![vec![false; models]; models];
        let sides = table.first.iter().zip(&table.second).zip(&table.score);
        for ((&first, &second), &score) in sides {
            let (first, second) = (first as usize, second as usize);
            reaches[first][second] |= score > 0.0;
            reaches[second][first] |= score < 1.0;
        }
        for through in 0..models {
            let further = reaches[through].clone();
            for from in &mut reaches {
                if from[through] {
                    from.iter_mut()
                        .zip(&further)
                        .for_each(|(to, further)| *to |= further);
                }
            }
        }
        Self { reaches }
    }

    /// Whether one beat the other and never lost to it, directly or through others.
    fn is_ahead(&self, one: usize, other: usize) -> bool {
        self.reaches[one][other] && !self.reaches[other][one]
    }

    /// Whether both beat each other, directly or through others.
    fn is_level(&self, one: usize, other: usize) -> bool {
        self.reaches[one][other] && self.reaches[other][one]
    }

    /// Whether anything tells two models apart.
    pub(super) fn comparable(&self, one: usize, other: usize) -> bool {
        self.reaches[one][other] || self.reaches[other][one]
    }

    /// The models from the first rank on: one more than the models ahead, and than those of
    /// the same group that are stronger. Within a group every rank stays open.
    pub(super) fn places(&self, strengths: &[f64]) -> Vec<Place> {
        let models = || 0..strengths.len();
        let count = |is: &dyn Fn(usize) -> bool| models().filter(|other| is(*other)).count() as u64;
        let place = |model: usize| {
            let ahead = count(&|other| self.is_ahead(other, model));
            let stronger = count(&|other| {
                self.is_level(other, model) && strengths[other] - strengths[model] > super::ROUNDING
            });
            let behind = count(&|other| self.is_ahead(model, other));
            Place {
                model,
                rank: ahead + stronger + 1,
                range: Some((ahead + 1, strengths.len() as u64 - behind)),
            }
        };
        let mut places: Vec<Place> = models().map(place).collect();
        // The order of names where nothing tells models apart.
        places.sort_by_key(|place| (place.rank, place.model));
        places
    }

    /// What is to be known of these models.
    pub(super) fn sentences(&self, names: &[String]) -> Vec<String> {
        let mut sentences = vec![
            "some models never lost a point to others, so that no finite strengths are best: each model was given half a win and half a loss against an imagined opponent. Who is ahead is seen only of models of which one beat the other, directly or through others, and by how much is not: ranks are those that this order leaves open, and there are no intervals of strengths, and no intervals or p-values of differences between the groups".to_owned(),
        ];
        let pairs = (0..names.len()).flat_map(|a| (a + 1..names.len()).map(move |b| (a, b)));
        let mut apart: Vec<String> = pairs
            .filter(|&(a, b)| !self.comparable(a, b))
            .map(|(a, b)| format!("{} and {}", names[a], names[b]))
            .collect();
        if apart.is_empty() {
            return sentences;
        }
        if apart.len() > MOST_NAMED {
            let more = (apart.len() - MOST_NAMED) as u64;
            apart.truncate(MOST_NAMED);
            apart.push(format!("and {} more", counted(more, "pair")));
        }
        sentences.push(format!(
            "not comparable, as neither beat the other, directly or through others: {}",
            apart.join("; ")
        ));
        sentences
    }
}
