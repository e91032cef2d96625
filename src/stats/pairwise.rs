//! Comparisons between pairs of models, and what decides whether strengths exist.

use rayon::prelude::*;

use super::StatsError;
use super::cluster::check_length;

/// Rows below which a pass over comparisons stays on one thread, and the size of
/// the pieces beyond; fixed, so that sums do not depend on the threads.
pub(crate) const PIECE: usize = 1 << 16;

/// Comparisons of two models each, as parallel columns.
#[derive(Debug, Clone, Copy)]
pub struct Comparisons<'a> {
    /// Model on one side, as a number below the number of models.
    pub first: &'a [u32],
    /// Model on the other side.
    pub second: &'a [u32],
    /// Score of the first: 1 won, 0 lost, in between a tie or an average.
    pub score: &'a [f64],
}

impl Comparisons<'_> {
    /// Number of comparisons.
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }

    pub(crate) fn row(&self, row: usize) -> (usize, usize, f64) {
        (
            self.first[row] as usize,
            self.second[row] as usize,
            self.score[row],
        )
    }

    pub(crate) fn check(&self, models: usize) -> Result<(), StatsError> {
        if self.is_empty() {
            return Err(StatsError::Empty);
        }
        check_length("the first model column", self.first.len(), self.len())?;
        check_length("the second model column", self.second.len(), self.len())?;
        for (row, (&first, &second)) in self.first.iter().zip(self.second).enumerate() {
            if first == second || first as usize >= models || second as usize >= models {
                return Err(StatsError::BadPair {
                    row,
                    first,
                    second,
                    models,
                });
            }
        }
        match self
            .score
            .iter()
            .find(|score| !(0.0..=1.0).contains(*score))
        {
            Some(&value) => Err(StatsError::OutOfRange {
                what: "a score",
                value,
                low: 0.0,
                high: 1.0,
            }),
            None => Ok(()),
        }
    }
}

/// Total score of each model against each other.
#[derive(Debug, Clone)]
pub(crate) struct PairTotals {
    models: usize,
    score: Vec<f64>,
}

impl PairTotals {
    pub(crate) fn new(comparisons: &Comparisons<'_>, models: usize) -> Self {
        let pieces: Vec<Vec<f64>> = (0..comparisons.len().div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| {
                let mut score = vec![0.0; models * models];
                let end = comparisons.len().min((piece + 1) * PIECE);
                for row in piece * PIECE..end {
                    let (a, b, s) = comparisons.row(row);
                    score[a * models + b] += s;
                    score[b * models + a] += 1.0 - s;
                }
                score
            })
            .collect();
        let mut score = vec![0.0; models * models];
        for piece in pieces {
            for (total, part) in score.iter_mut().zip(piece) {
                *total += part;
            }
        }
        Self { models, score }
    }

    /// Total score of `i` against `j`.
    pub(crate) fn score(&self, i: usize, j: usize) -> f64 {
        self.score[i * self.models + j]
    }

    /// Pairs `i < j` that met, with the score of each side.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize, f64, f64)> {
        (0..self.models).flat_map(move |i| {
            (i + 1..self.models)
                .map(move |j| (i, j, self.score(i, j), self.score(j, i)))
                .filter(|(_, _, up, down)| up + down > 0.0)
        })
    }

    /// Groups of models in which everyone scored against everyone, directly or
    /// through others. Finite strengths exist exactly when there is one group
    /// (Ford 1957, *American Mathematical Monthly* 64:28). A model that never lost
    /// a point is a group of its own.
    pub(crate) fn connected_groups(&self) -> Vec<Vec<usize>> {
        let reach = |from: usize, forward: bool| {
            let mut seen = vec![false; self.models];
            let mut open = vec![from];
            seen[from] = true;
            while let Some(i) = open.pop() {
                for (j, seen) in seen.iter_mut().enumerate() {
                    let scored = if forward {
                        self.score(i, j)
                    } else {
                        self.score(j, i)
                    };
                    if !*seen && scored > 0.0 {
                        *seen = true;
                        open.push(j);
                    }
                }
            }
            seen
        };
        let mut grouped = vec![false; self.models];
        let mut groups = Vec::new();
        for i in 0..self.models {
            if grouped[i] {
                continue;
            }
            let (down, up) = (reach(i, true), reach(i, false));
            let group: Vec<usize> = (0..self.models).filter(|&j| down[j] && up[j]).collect();
            for &j in &group {
                grouped[j] = true;
            }
            groups.push(group);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(rows: &[(u32, u32, f64)], models: usize) -> PairTotals {
        let first: Vec<u32> = rows.iter().map(|r| r.0).collect();
        let second: Vec<u32> = rows.iter().map(|r| r.1).collect();
        let score: Vec<f64> = rows.iter().map(|r| r.2).collect();
        PairTotals::new(
            &Comparisons {
                first: &first,
                second: &second,
                score: &score,
            },
            models,
        )
    }

    #[test]
    fn a_round_of_wins_connects_everyone() {
        let rows = [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)];
        assert_eq!(totals(&rows, 3).connected_groups(), vec![vec![0, 1, 2]]);
    }

    #[test]
    fn a_model_that_never_lost_stands_alone() {
        let rows = [
            (0, 1, 1.0),
            (0, 1, 1.0),
            (0, 2, 1.0),
            (1, 2, 1.0),
            (2, 1, 1.0),
        ];
        assert_eq!(
            totals(&rows, 3).connected_groups(),
            vec![vec![0], vec![1, 2]]
        );
    }

    #[test]
    fn a_tie_connects_both_ways_and_a_model_without_comparisons_stands_alone() {
        assert_eq!(
            totals(&[(0, 1, 0.5)], 3).connected_groups(),
            vec![vec![0, 1], vec![2]]
        );
    }

    #[test]
    fn bad_comparisons_are_named() {
        let check = |first: &[u32], second: &[u32], score: &[f64]| {
            Comparisons {
                first,
                second,
                score,
            }
            .check(2)
        };
        assert!(matches!(
            check(&[0, 1], &[1, 1], &[1.0; 2]),
            Err(StatsError::BadPair { row: 1, .. })
        ));
        assert!(matches!(
            check(&[0], &[2], &[1.0]),
            Err(StatsError::BadPair { row: 0, .. })
        ));
        assert!(matches!(
            check(&[0], &[1], &[1.5]),
            Err(StatsError::OutOfRange { .. })
        ));
        assert!(matches!(
            check(&[0], &[1], &[f64::NAN]),
            Err(StatsError::OutOfRange { .. })
        ));
        assert!(matches!(
            check(&[0, 1], &[1], &[1.0]),
            Err(StatsError::LengthMismatch { .. })
        ));
        assert_eq!(check(&[], &[], &[]), Err(StatsError::Empty));
    }
}
