//! The pairs of people's files, each once, and what is said of those with one idx.

use std::collections::HashMap;
use std::path::Path;

use super::{File, Pair, push};
use crate::import::tally::Effect;
use crate::import::{Made, Part};

/// The pairs of all people's files.
pub(super) struct Pairs {
    /// A pair that two files have is one, with the verdicts of both.
    pub(super) all: Vec<Pair>,
    /// Places of the pairs of each idx.
    places: HashMap<String, Vec<usize>>,
}

impl Pairs {
    /// Takes the pairs out of the files, and pushes what people said of them.
    pub(super) fn new(parts: &mut [Part<File>], made: &mut Made) -> Self {
        let mut pairs = Self {
            all: Vec::new(),
            places: HashMap::new(),
        };
        for part in parts {
            made.begin(&part.path);
            let of_file = pairs.all.len();
            for pair in std::mem::take(&mut part.given.pairs) {
                pairs.add(pair, of_file, &part.path, made);
            }
        }
        pairs
    }

    /// Adds a pair of a file whose own begin at `of_file`.
    fn add(&mut self, mut pair: Pair, of_file: usize, path: &Path, made: &mut Made) {
        let places = self.places.entry(pair.idx.clone()).or_default();
        let place = || format!("{} (idx {})", path.display(), pair.idx);
        let mut same = places.iter().copied();
        let known = same.find(|at| self.all[*at].is_of_the_same(&pair));
        if let Some(known) = known {
            pair.item.clone_from(&self.all[known].item);
        } else if !places.is_empty() {
            let reason = "an idx that another pair has too: kept as an item of its own";
            made.tally.add(Effect::Kept, reason, place);
            pair.item = format!("{}#{}", pair.idx, places.len() + 1);
        }
        for (annotator, vote) in &pair.votes {
            push(&pair, annotator, *vote, &mut made.labels);
        }
        let Some(known) = known.filter(|known| *known < of_file) else {
            places.push(self.all.len());
            self.all.push(pair);
            return;
        };
        let votes = &mut self.all[known].votes;
        for (annotator, vote) in pair.votes {
            if !votes.iter().any(|(name, _)| *name == annotator) {
                votes.push((annotator, vote));
            }
        }
    }

    /// Whether different pairs have this idx.
    pub(super) fn is_of_several(&self, idx: &str) -> bool {
        let places = self.places.get(idx).map_or(&[][..], Vec::as_slice);
        let of_two = |two: &[usize]| !self.all[two[0]].is_of_the_same(&self.all[two[1]]);
        places.windows(2).any(of_two)
    }

    pub(super) fn by_idx(&self) -> HashMap<&str, &Pair> {
        let pairs = self.all.iter();
        pairs.map(|pair| (pair.idx.as_str(), pair)).collect()
    }
}

impl Pair {
    /// Whether it is about the same question and models.
    fn is_of_the_same(&self, other: &Self) -> bool {
        (&self.question, &self.models) == (&other.question, &other.models)
    }
}
