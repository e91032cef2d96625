//! Cluster bootstrap of anything that is a function of sums over units.
//!
//! Each unit adds to a fixed number of sums ("a row"); the rows of a cluster are
//! added up once, and a replicate adds up the rows of the clusters that it drew.
//! What it costs does not depend on the number of units. Clusters whose rows are
//! alike are one kind, and a replicate counts how often each kind came up.
//!
//! Draws are those of [`super::bootstrap`]: whole clusters with replacement, or with
//! two dimensions each by itself (the pigeonhole bootstrap).

use std::collections::HashMap;

use super::bootstrap::{Bootstrap, how_often};
use super::grouping::Dense;
use super::random::{Draws, below};
use super::sum::sum;
use super::{ClusterCounts, Clusters, StatsError};

/// Share of replicates that may lack a number before there is no interval from them.
const MOST_UNDEFINED: f64 = 0.05;

/// Sums of each cluster.
#[derive(Debug, Clone)]
pub struct ClusterSums {
    width: usize,
    /// One row for each cluster, or for each cell in which two dimensions cross.
    rows: Vec<f64>,
    /// The row of each unit.
    row_of: Vec<u32>,
    counts: ClusterCounts,
    /// The clusters of each cell, where there are two dimensions.
    cells: Option<Vec<(u32, u32)>>,
}

impl ClusterSums {
    /// Sums of `width` numbers, all zero, for units with these clusters.
    ///
    /// # Errors
    ///
    /// When there are no units, or two columns differ in length.
    pub fn new(width: usize, clusters: Clusters<'_>) -> Result<Self, StatsError> {
        let (rows, counts, cells) = match clusters {
            Clusters::OneWay(labels) => {
                let dense = Dense::from_labels(labels);
                let counts = ClusterCounts {
                    first: dense.count,
                    second: None,
                };
                (dense, counts, None)
            }
            Clusters::TwoWay(first, second) => {
                super::cluster::check_length(
                    "the second cluster column",
                    second.len(),
                    first.len(),
                )?;
                let (first, second) = (Dense::from_labels(first), Dense::from_labels(second));
                let crossed = first.crossed(&second);
                let mut cells = vec![(0, 0); crossed.count];
                let places = first.of_item.iter().zip(&second.of_item);
                for (place, cell) in places.zip(&crossed.of_item) {
                    cells[*cell as usize] = (*place.0, *place.1);
                }
                let counts = ClusterCounts {
                    first: first.count,
                    second: Some(second.count),
                };
                (crossed, counts, Some(cells))
            }
        };
        if rows.of_item.is_empty() {
            return Err(StatsError::Empty);
        }
        Ok(Self {
            width,
            rows: vec![0.0; width * rows.count],
            row_of: rows.of_item,
            counts,
            cells,
        })
    }

    /// The sums that a unit adds to.
    pub fn row_of(&mut self, unit: usize) -> &mut [f64] {
        let start = self.row_of[unit] as usize * self.width;
        &mut self.rows[start..start + self.width]
    }

    /// How many clusters there are.
    pub fn clusters(&self) -> ClusterCounts {
        self.counts
    }

    fn each_row(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.chunks_exact(self.width.max(1))
    }

    /// The sums over all units.
    pub fn total(&self) -> Vec<f64> {
        (0..self.width)
            .map(|i| sum(self.each_row().map(|row| row[i])))
            .collect()
    }

    /// Replicates of several statistics at once, each from the same draws, so that
    /// a difference of two has the spread of a difference.
    ///
    /// A statistic is `None` where it does not exist. Replicates in which it does
    /// not are left out; it has none at all where they are more than one in twenty.
    ///
    /// # Errors
    ///
    /// For each statistic: when it does not exist for the units themselves, or not
    /// in enough replicates, or some dimension has a single cluster.
    pub fn bootstrap(
        &self,
        draws: Draws,
        statistics: impl Fn(&[f64]) -> Vec<Option<f64>> + Sync,
    ) -> Vec<Result<Bootstrap, StatsError>> {
        let estimates = statistics(&self.total());
        if self.counts.smallest() < 2 {
            let found = self.counts.smallest();
            let few = StatsError::TooFewClusters { found, needed: 2 };
            return vec![Err(few); estimates.len()];
        }
        let made = self.replicates(draws, &statistics);
        let accelerations = self.accelerations(&statistics, estimates.len());
        let one = |(i, estimate): (usize, &Option<f64>)| {
            let estimate = estimate.ok_or(StatsError::OneCategory)?;
            let values: Vec<f64> = made.iter().filter_map(|values| values[i]).collect();
            let undefined = (made.len() - values.len()) as f64;
            if undefined > MOST_UNDEFINED * made.len() as f64 {
                return Err(StatsError::OftenUndefined);
            }
            Ok(Bootstrap::new(estimate, values, accelerations[i]))
        };
        estimates.iter().enumerate().map(one).collect()
    }

    fn replicates<T: Send>(&self, draws: Draws, make: &(impl Fn(&[f64]) -> T + Sync)) -> Vec<T> {
        let Some(cells) = &self.cells else {
            let (kinds, kind_of) = self.kinds();
            let clusters = kind_of.len() as u32;
            return draws.each(|rng| {
                let mut often = vec![0_u32; kinds.len()];
                for _ in 0..clusters {
                    often[kind_of[below(rng, clusters) as usize] as usize] += 1;
                }
                let weighted = kinds
                    .iter()
                    .copied()
                    .zip(often.iter().map(|n| f64::from(*n)));
                make(&self.weighted(weighted))
            });
        };
        let (first, second) = (self.counts.first, self.counts.second.unwrap_or(1));
        draws.each(|rng| {
            // Where few cells are filled, a draw can miss them all: draw again.
            loop {
                let (a, b) = (how_often(rng, first), how_often(rng, second));
                let weight = |cell: &(u32, u32)| a[cell.0 as usize] * b[cell.1 as usize];
                if cells.iter().any(|cell| weight(cell) > 0.0) {
                    break make(&self.weighted(self.each_row().zip(cells.iter().map(weight))));
                }
            }
        })
    }

    fn weighted<'r>(&self, rows: impl Iterator<Item = (&'r [f64], f64)>) -> Vec<f64> {
        let mut total = vec![0.0; self.width];
        for (row, weight) in rows.filter(|(_, weight)| *weight > 0.0) {
            for (total, value) in total.iter_mut().zip(row) {
                *total += weight * value;
            }
        }
        total
    }

    /// Rows that differ, and which of them each cluster has.
    fn kinds(&self) -> (Vec<&[f64]>, Vec<u32>) {
        let mut numbers: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut kinds = Vec::new();
        let number = |row| {
            let bits = <[f64]>::iter(row).map(|value| value.to_bits()).collect();
            *numbers.entry(bits).or_insert_with(|| {
                kinds.push(row);
                kinds.len() as u32 - 1
            })
        };
        let kind_of = self.each_row().map(number).collect();
        (kinds, kind_of)
    }

    /// `Σ d³ / (6 (Σ d²)^1.5)` over the deviations of leaving one cluster out; `None`
    /// with two dimensions, for which there is no such jackknife, and where a
    /// statistic does not exist without some cluster.
    fn accelerations(
        &self,
        statistics: &impl Fn(&[f64]) -> Vec<Option<f64>>,
        count: usize,
    ) -> Vec<Option<f64>> {
        if self.cells.is_some() {
            return vec![None; count];
        }
        let total = self.total();
        let (kinds, kind_of) = self.kinds();
        let mut often = vec![0.0; kinds.len()];
        for kind in &kind_of {
            often[*kind as usize] += 1.0;
        }
        let without: Vec<Vec<Option<f64>>> = kinds
            .iter()
            .map(|row| {
                // What is nothing but rounding is nothing.
                let less = |(a, b): (&f64, &f64)| Some(a - b).filter(|rest| rest.abs() > 1e-9);
                let rest = total.iter().zip(*row).map(|ab| less(ab).unwrap_or(0.0));
                statistics(&rest.collect::<Vec<f64>>())
            })
            .collect();
        let n = kind_of.len() as f64;
        let acceleration = |i: usize| {
            let values: Vec<f64> = without.iter().map(|all| all[i]).collect::<Option<_>>()?;
            let over = |power: i32, middle: f64| {
                let all = values.iter().zip(&often);
                sum(all.map(|(value, n)| n * (middle - value).powi(power)))
            };
            let middle = -over(1, 0.0) / n;
            let scale = 6.0 * over(2, middle).powf(1.5);
            Some(if scale > 0.0 {
                over(3, middle) / scale
            } else {
                0.0
            })
        };
        (0..count).map(acceleration).collect()
    }
}

#[cfg(test)]
mod tests;
