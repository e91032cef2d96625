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
    cluster_mean_with(scores, clusters, [None, None])
}

/// The same with another variance over the clusters of a dimension where one is given.
pub(crate) fn cluster_mean_with(
    scores: &[f64],
    clusters: Clusters<'_>,
    variances: [Option<f64>; 2],
) -> Result<ClusterMean, StatsError> {
    match clusters {
        Clusters::OneWay(labels) => {
            check_length("the cluster column", labels.len(), scores.len())?;
        }
        Clusters::TwoWay(first, second) => {
            check_length("the first cluster column", first.len(), scores.len())?;
            check_length("the second cluster column", second.len(), scores.len())?;
        }
    }
    Ok(Grouping::new(clusters).means_with(scores, variances)?.0)
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
    fn new(clusters: Clusters<'_>) -> Self {
        match clusters {
            Clusters::OneWay(labels) => Self::one_way(Dense::from_labels(labels)),
            Clusters::TwoWay(first, second) => {
                let (first, second) = (Dense::from_labels(first), Dense::from_labels(second));
                Self::two_way(first, second, false)
            }
        }
    }

    pub(crate) fn one_way(first: Dense) -> Self {
        Self {
            first,
            second: None,
            cells: None,
        }
    }

    /// Of two dimensions; `apart` says that no two items are known to share a cell.
    pub(crate) fn two_way(first: Dense, second: Dense, apart: bool) -> Self {
        let cells = (!apart).then(|| first.crossed(&second));
        Self {
            cells: cells.filter(|cells| cells.count < cells.of_item.len()),
            first,
            second: Some(second),
        }
    }

    /// Mean of scores, one for each label, and the same by the first dimension alone.
    ///
    /// # Errors
    ///
    /// When there are no scores, or a score is not finite.
    pub(crate) fn means(&self, scores: &[f64]) -> Result<(ClusterMean, ClusterMean), StatsError> {
        self.means_with(scores, [None, None])
    }

    fn means_with(
        &self,
        scores: &[f64],
        variances: [Option<f64>; 2],
    ) -> Result<(ClusterMean, ClusterMean), StatsError> {
        let (largest, agree) = extent(scores);
        if !largest.is_finite() || scores.is_empty() {
            check_scores(scores)?;
        }
        if agree {
            return Ok(self.agreed(scores[0], scores.len()));
        }
        let mean = mean(scores);
        let column = Residuals::within(scores, mean, largest);
        let n = scores.len() as f64;
        let (squares, [by_first, by_second]) =
            column.squares([Some(&self.first), self.second.as_ref()]);
        let alone = ClusterMean {
            mean,
            variance: variances[0].unwrap_or_else(|| robust(by_first, self.first.count as f64, n)),
            independent_variance: squares / (n - 1.0).max(1.0) / n,
            items: scores.len(),
            clusters: ClusterCounts {
                first: self.first.count,
                second: None,
            },
            floored: false,
        };
        let Some(second) = &self.second else {
            return Ok((alone, alone));
        };
        let by_second = variances[1].unwrap_or_else(|| robust(by_second, second.count as f64, n));
        let by_cell = match &self.cells {
            Some(cells) => {
                let [by_cell] = column.squares([Some(cells)]).1;
                robust(by_cell, cells.count as f64, n)
            }
            None => robust(squares, n, n),
        };
        let combined = alone.variance + by_second - by_cell;
        let floor = alone.variance.max(by_second);
        let both = ClusterMean {
            variance: combined.max(floor),
            clusters: ClusterCounts {
                first: self.first.count,
                second: Some(second.count),
            },
            floored: combined < floor,
            ..alone
        };
        Ok((both, alone))
    }
}

impl Grouping {
    /// Both means of scores that agree: the score, known exactly.
    fn agreed(&self, score: f64, items: usize) -> (ClusterMean, ClusterMean) {
        let alone = ClusterMean {
            mean: score,
            variance: 0.0,
            independent_variance: 0.0,
            items,
            clusters: ClusterCounts {
                first: self.first.count,
                second: None,
            },
            floored: false,
        };
        let clusters = ClusterCounts {
            second: self.second.as_ref().map(|second| second.count),
            ..alone.clusters
        };
        (ClusterMean { clusters, ..alone }, alone)
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

/// The largest of the absolute values, which is not finite where one of them is not, and
/// whether all scores are the same number. Compared as bits, which takes one pass that
/// waits for nothing.
fn extent(scores: &[f64]) -> (f64, bool) {
    const SIGN: u64 = 1 << 63;
    let first = scores.first().copied().unwrap_or_default().to_bits();
    let (mut largest, mut others) = (0, 0);
    for score in scores {
        let bits = score.to_bits();
        largest = (bits & !SIGN).max(largest);
        others |= bits ^ first;
    }
    (f64::from_bits(largest), others == 0)
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

pub(crate) fn mean(scores: &[f64]) -> f64 {
    sum(scores.iter().copied()) / scores.len() as f64
}

/// CR1 from the sum of the squares of the sums of `g` clusters of `n` items; 0 with a
/// single one.
fn robust(squares: f64, g: f64, n: f64) -> f64 {
    if g < 2.0 {
        return 0.0;
    }
    g / (g - 1.0) * squares / n / n
}

/// How far scores are from a middle.
struct Residuals<'a> {
    scores: &'a [f64],
    middle: f64,
    /// What rounding may leave of a score that is equal to the middle: scores that agree
    /// exactly must not look like scores known to sixteen digits.
    rounding: f64,
}

impl<'a> Residuals<'a> {
    fn about(scores: &'a [f64], middle: f64) -> Self {
        Self::within(scores, middle, extent(scores).0)
    }

    /// The same, where the largest absolute value is known.
    fn within(scores: &'a [f64], middle: f64, largest: f64) -> Self {
        Self {
            scores,
            middle,
            rounding: 8.0 * f64::EPSILON * largest,
        }
    }

    /// A sum over so many items; zero where it is that but for rounding.
    fn rounded(&self, sum: f64, items: u32) -> f64 {
        if sum.abs() <= self.rounding * f64::from(items) {
            0.0
        } else {
            sum
        }
    }

    /// The sums of the squares of all items and, for each grouping that there is, of the
    /// sums of its clusters. All are made in one pass, since each waits for itself only.
    fn squares<const N: usize>(&self, groupings: [Option<&Dense>; N]) -> (f64, [f64; N]) {
        // Clusters of one item have the squares of the items.
        let is_apart = |clusters: &Dense| clusters.count == self.scores.len();
        let mut clusters = groupings.map(|grouping| {
            let grouping = grouping.filter(|clusters| !is_apart(clusters))?;
            let sums = vec![(Sum::default(), 0_u32); grouping.count];
            Some((grouping.of_item.as_slice(), sums))
        });
        let mut of_items = Sum::default();
        for (item, score) in self.scores.iter().enumerate() {
            let residual = score - self.middle;
            let e = self.rounded(residual, 1);
            of_items.add(e * e);
            for (of_item, sums) in clusters.iter_mut().flatten() {
                let (sum, size) = &mut sums[of_item[item] as usize];
                sum.add(residual);
                *size += 1;
            }
        }
        let of_items = of_items.value();
        let of_clusters = clusters.map(|clusters| match clusters {
            Some((_, sums)) => sum(self.residuals(sums).map(|e| e * e)),
            None => of_items,
        });
        (of_items, of_clusters)
    }

    /// `e_g`: the sum over the items of each cluster.
    fn of_clusters(&self, clusters: &Dense) -> impl Iterator<Item = f64> {
        let mut sums = vec![(Sum::default(), 0_u32); clusters.count];
        for (score, &cluster) in self.scores.iter().zip(&clusters.of_item) {
            let (sum, size) = &mut sums[cluster as usize];
            sum.add(score - self.middle);
            *size += 1;
        }
        self.residuals(sums)
    }

    /// The residuals of clusters from their sums and sizes.
    fn residuals(&self, sums: Vec<(Sum, u32)>) -> impl Iterator<Item = f64> {
        sums.into_iter()
            .map(|(sum, size)| self.rounded(sum.value(), size))
    }
}

/// `e_g`: the sum of `score - middle` over the items of each cluster, zero where it is that
/// but for rounding.
pub(crate) fn cluster_residuals(scores: &[f64], middle: f64, clusters: &Dense) -> Vec<f64> {
    Residuals::about(scores, middle)
        .of_clusters(clusters)
        .collect()
}

#[cfg(test)]
mod tests;
