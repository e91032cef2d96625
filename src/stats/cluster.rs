//! Mean of item scores with a variance that allows for clusters.
//!
//! Items that share a question (or a persona) get scores that move together, so
//! the spread is measured between clusters. One way, CR1:
//!
//! `V = G/(G-1) * sum_g e_g^2 / N^2`, with `e_g` the sum of `score - mean` over
//! the items of cluster `g`.
//!
//! Two ways, Cameron, Gelbach & Miller (2011, *J. Business & Economic
//! Statistics* 29:238), "Robust inference with multiway clustering":
//!
//! `V = V_q + V_p - V_qp`, each with its own `G/(G-1)`, the last over the cells in
//! which a question meets a persona. `V` can come out below a one-way variance,
//! even below zero; it is then set to the larger one-way variance and the result
//! says so.
//!
//! Invariants: the result does not depend on how clusters are labelled, and
//! depends on the order of items only by rounding; degrees of freedom are the
//! smallest number of clusters less one.

use super::StatsError;
use super::grouping::Dense;
use super::sum::{Sum, sum};

/// Which items belong together: labels parallel to the scores.
///
/// Labels are any numbers; equal labels are one cluster.
#[derive(Debug, Clone, Copy)]
pub enum Clusters<'a> {
    /// One dimension, such as the question of each item.
    OneWay(&'a [u32]),
    /// Two crossed dimensions, such as the question and the persona of each item.
    TwoWay(&'a [u32], &'a [u32]),
}

/// How many clusters each dimension has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterCounts {
    /// Clusters of the first (or only) dimension.
    pub first: usize,
    /// Clusters of the second dimension, where there is one.
    pub second: Option<usize>,
}

impl ClusterCounts {
    /// The number of clusters in the dimension that has fewest.
    pub fn smallest(self) -> usize {
        self.second
            .map_or(self.first, |second| second.min(self.first))
    }
}

/// A mean over items with its cluster-robust variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterMean {
    mean: f64,
    variance: f64,
    independent_variance: f64,
    items: usize,
    clusters: ClusterCounts,
    floored: bool,
}

impl ClusterMean {
    /// Mean of the scores.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Cluster-robust variance of the mean; `None` with a single cluster in some
    /// dimension, which cannot show how much clusters differ.
    pub fn variance(&self) -> Option<f64> {
        (self.clusters.smallest() >= 2).then_some(self.variance)
    }

    /// Cluster-robust standard error of the mean: the root of the variance.
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Number of clusters in each dimension.
    pub fn clusters(&self) -> ClusterCounts {
        self.clusters
    }

    /// Degrees of freedom of the t distribution that goes with the standard
    /// error: the smallest number of clusters less one (0 for a single cluster).
    pub fn degrees_of_freedom(&self) -> usize {
        self.clusters.smallest() - 1
    }

    /// Whether a two-way variance was raised to the larger one-way variance.
    pub fn floored(&self) -> bool {
        self.floored
    }

    /// How much the clusters widen the variance: the cluster-robust variance over
    /// the variance the same scores would have if items were independent
    /// (`s^2/N`). `None` with a single cluster or item, or where all scores agree.
    pub fn design_effect(&self) -> Option<f64> {
        let variance = self.variance()?;
        (self.independent_variance > 0.0).then(|| variance / self.independent_variance)
    }

    /// The same on the scale `shift + scale * score`.
    pub(crate) fn mapped(self, shift: f64, scale: f64) -> Self {
        Self {
            mean: shift + scale * self.mean,
            variance: scale * scale * self.variance,
            independent_variance: scale * scale * self.independent_variance,
            ..self
        }
    }
}

/// Mean of item scores with its cluster-robust variance (see the module for the
/// formulas).
///
/// # Errors
///
/// When there are no scores, a score is not finite, or a label slice is not as
/// long as the scores.
pub fn cluster_mean(scores: &[f64], clusters: Clusters<'_>) -> Result<ClusterMean, StatsError> {
    match clusters {
        Clusters::OneWay(labels) => {
            check_length("the cluster column", labels.len(), scores.len())?;
        }
        Clusters::TwoWay(first, second) => {
            check_length("the first cluster column", first.len(), scores.len())?;
            check_length("the second cluster column", second.len(), scores.len())?;
        }
    }
    Grouping::new(clusters).mean(scores)
}

/// Clusters that several columns of scores share.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    first: Dense,
    second: Option<Dense>,
    /// The cells in which two dimensions meet; `None` where no cell has two items.
    cells: Option<Dense>,
}

impl Grouping {
    /// Of labels, those of two dimensions of one length.
    pub(crate) fn new(clusters: Clusters<'_>) -> Self {
        let (first, second) = match clusters {
            Clusters::OneWay(labels) => (Dense::from_labels(labels), None),
            Clusters::TwoWay(first, second) => {
                (Dense::from_labels(first), Some(Dense::from_labels(second)))
            }
        };
        let cells = second.as_ref().map(|second| first.crossed(second));
        Self {
            cells: cells.filter(|cells| cells.count < cells.of_item.len()),
            first,
            second,
        }
    }

    /// Mean of scores, one for each label.
    ///
    /// # Errors
    ///
    /// When there are no scores, or a score is not finite.
    pub(crate) fn mean(&self, scores: &[f64]) -> Result<ClusterMean, StatsError> {
        check_scores(scores)?;
        Ok(match &self.second {
            None => one_way(scores, &self.first),
            Some(second) => two_way(scores, &self.first, second, self.cells.as_ref()),
        })
    }
}

pub(crate) fn check_scores(scores: &[f64]) -> Result<(), StatsError> {
    if scores.is_empty() {
        return Err(StatsError::Empty);
    }
    match scores.iter().position(|score| !score.is_finite()) {
        Some(row) => Err(StatsError::NotFinite {
            row,
            value: scores[row],
        }),
        None => Ok(()),
    }
}

pub(crate) fn check_length(
    what: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), StatsError> {
    if found == expected {
        Ok(())
    } else {
        Err(StatsError::LengthMismatch {
            what,
            expected,
            found,
        })
    }
}

fn one_way(scores: &[f64], clusters: &Dense) -> ClusterMean {
    let mean = mean(scores);
    ClusterMean {
        mean,
        variance: cluster_variance(scores, mean, clusters),
        independent_variance: independent_variance(scores, mean),
        items: scores.len(),
        clusters: ClusterCounts {
            first: clusters.count,
            second: None,
        },
        floored: false,
    }
}

fn two_way(scores: &[f64], first: &Dense, second: &Dense, cells: Option<&Dense>) -> ClusterMean {
    let mean = mean(scores);
    let by_first = cluster_variance(scores, mean, first);
    let by_second = cluster_variance(scores, mean, second);
    let by_cell = match cells {
        Some(cells) => cluster_variance(scores, mean, cells),
        None => item_variance(scores, mean),
    };
    let combined = by_first + by_second - by_cell;
    let floor = by_first.max(by_second);
    ClusterMean {
        mean,
        variance: combined.max(floor),
        independent_variance: independent_variance(scores, mean),
        items: scores.len(),
        clusters: ClusterCounts {
            first: first.count,
            second: Some(second.count),
        },
        floored: combined < floor,
    }
}

pub(crate) fn mean(scores: &[f64]) -> f64 {
    sum(scores.iter().copied()) / scores.len() as f64
}

/// `s^2 / N` with `N - 1` in the denominator of `s^2`; 0 for a single item.
fn independent_variance(scores: &[f64], mean: f64) -> f64 {
    let n = scores.len() as f64;
    if scores.len() < 2 {
        return 0.0;
    }
    sum(scores.iter().map(|score| (score - mean) * (score - mean))) / (n - 1.0) / n
}

/// CR1 over one grouping; 0 with a single cluster.
fn cluster_variance(scores: &[f64], mean: f64, clusters: &Dense) -> f64 {
    if clusters.count < 2 {
        return 0.0;
    }
    let residuals = cluster_residuals(scores, mean, clusters);
    let g = clusters.count as f64;
    let n = scores.len() as f64;
    g / (g - 1.0) * sum(residuals.iter().map(|e| e * e)) / n / n
}

/// CR1 where every item is a cluster of its own.
fn item_variance(scores: &[f64], mean: f64) -> f64 {
    let n = scores.len() as f64;
    if scores.len() < 2 {
        return 0.0;
    }
    let rounding = rounding(scores);
    let residuals = scores.iter().map(|score| score - mean);
    let residuals = residuals.map(|e| if e.abs() <= rounding { 0.0 } else { e * e });
    n / (n - 1.0) * sum(residuals) / n / n
}

/// What rounding may leave of a score that is equal to the mean.
fn rounding(scores: &[f64]) -> f64 {
    let largest = scores
        .iter()
        .fold(0.0_f64, |largest, score| largest.max(score.abs()));
    8.0 * f64::EPSILON * largest
}

/// `e_g`: the sum of `score - mean` over the items of each cluster.
///
/// A sum that is zero but for rounding is set to zero: scores that agree exactly
/// must not look like scores known to sixteen digits.
pub(crate) fn cluster_residuals(scores: &[f64], mean: f64, clusters: &Dense) -> Vec<f64> {
    let mut sums = vec![(Sum::default(), 0_u32); clusters.count];
    for (score, &cluster) in scores.iter().zip(&clusters.of_item) {
        let (sum, size) = &mut sums[cluster as usize];
        sum.add(score - mean);
        *size += 1;
    }
    let rounding = rounding(scores);
    sums.into_iter()
        .map(|(sum, size)| {
            let e = sum.value();
            if e.abs() <= rounding * f64::from(size) {
                0.0
            } else {
                e
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
