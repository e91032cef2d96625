//! Cluster-robust covariance of several estimates at once.
//!
//! Each row pushes a few parameters (its score, or influence); pushes are summed
//! by cluster to `u_g`, and the covariance is `G/(G-1) sum_g u_g u_g'`, between
//! two copies of the inverse information where the pushes are scores. Two ways as
//! for a mean (see [`super::cluster`]): first plus second less cells, and the
//! variance of a contrast never below the larger one-way variance.

use rayon::prelude::*;

use super::cluster::{ClusterCounts, Dense, check_length};
use super::linalg::Square;
use super::pairwise::PIECE;
use super::{Clusters, StatsError};

/// Covariance of estimates, kept apart by dimension so that the floor applies to
/// each contrast.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClusterCovariance {
    first: Square,
    /// Covariance by the second dimension and by cells.
    second: Option<(Square, Square)>,
    counts: ClusterCounts,
}

/// At most this many parameters are pushed by one row.
pub(crate) type Pushes = [(usize, f64); 3];

/// Sums the pushes of all rows by cluster (see the module). Unused entries of a
/// row's pushes have the value 0.
pub(crate) fn cluster_covariance(
    size: usize,
    rows: usize,
    clusters: Clusters<'_>,
    push: impl Fn(usize) -> Pushes + Sync,
) -> Result<ClusterCovariance, StatsError> {
    match clusters {
        Clusters::OneWay(labels) => {
            check_length("the cluster column", labels.len(), rows)?;
            let dense = Dense::from_labels(labels);
            Ok(ClusterCovariance {
                first: meat(size, &dense, &push),
                second: None,
                counts: ClusterCounts {
                    first: dense.count,
                    second: None,
                },
            })
        }
        Clusters::TwoWay(first, second) => {
            check_length("the first cluster column", first.len(), rows)?;
            check_length("the second cluster column", second.len(), rows)?;
            let (first, second) = (Dense::from_labels(first), Dense::from_labels(second));
            let cells = first.crossed(&second);
            let counts = ClusterCounts {
                first: first.count,
                second: Some(second.count),
            };
            Ok(ClusterCovariance {
                first: meat(size, &first, &push),
                second: Some((meat(size, &second, &push), meat(size, &cells, &push))),
                counts,
            })
        }
    }
}

impl ClusterCovariance {
    /// `B V B'` in each dimension.
    pub(crate) fn sandwiched(&self, bread: &Square) -> Self {
        let mirrored = bread.transposed();
        let wrap = |meat: &Square| bread.times(meat).times(&mirrored);
        Self {
            first: wrap(&self.first),
            second: self
                .second
                .as_ref()
                .map(|(second, cells)| (wrap(second), wrap(cells))),
            counts: self.counts,
        }
    }

    /// Number of clusters in each dimension.
    pub(crate) fn counts(&self) -> ClusterCounts {
        self.counts
    }

    /// Variance of a quadratic form, combined over dimensions with its floor.
    pub(crate) fn variance(&self, form: impl Fn(&Square) -> f64) -> f64 {
        let first = form(&self.first).max(0.0);
        match &self.second {
            None => first,
            Some((second, cells)) => {
                let second = form(second).max(0.0);
                (first + second - form(cells)).max(first).max(second)
            }
        }
    }

    /// A covariance that is never indefinite: by cluster, or with two dimensions
    /// the sum of both. For the correlations of simultaneous intervals.
    pub(crate) fn semidefinite(&self) -> Square {
        match &self.second {
            None => self.first.clone(),
            Some((second, _)) => self.first.plus(1.0, second),
        }
    }
}

/// `G/(G-1) sum_g u_g u_g'`; zeros with a single cluster.
fn meat(size: usize, clusters: &Dense, push: &(impl Fn(usize) -> Pushes + Sync)) -> Square {
    if clusters.count < 2 {
        return Square::zeros(size);
    }
    let order = ByCluster::new(clusters);
    let pieces: Vec<Square> = order
        .pieces()
        .into_par_iter()
        .map(|(from, to)| {
            let mut total = Square::zeros(size);
            let mut sums = vec![0.0; size];
            let mut touched = Vec::with_capacity(size);
            for cluster in from..to {
                for row in order.rows_of(cluster) {
                    for (parameter, value) in push(row) {
                        if value != 0.0 {
                            if sums[parameter] == 0.0 {
                                touched.push(parameter);
                            }
                            sums[parameter] += value;
                        }
                    }
                }
                add_touched(&mut total, &mut sums, &mut touched);
            }
            total
        })
        .collect();
    let g = clusters.count as f64;
    pieces.iter().fold(Square::zeros(size), |total, piece| {
        total.plus(g / (g - 1.0), piece)
    })
}

/// Adds the outer product of the touched sums and clears them. A parameter may
/// be listed twice where its sum passed through zero.
fn add_touched(total: &mut Square, sums: &mut [f64], touched: &mut Vec<usize>) {
    touched.sort_unstable();
    touched.dedup();
    for &i in touched.iter() {
        for &j in touched.iter() {
            total.add(i, j, sums[i] * sums[j]);
        }
    }
    for &i in touched.iter() {
        sums[i] = 0.0;
    }
    touched.clear();
}

/// Rows in the order of their clusters.
struct ByCluster {
    /// Where each cluster starts, and the end of the last.
    starts: Vec<u32>,
    /// Rows in cluster order; `None` where the input is in that order already.
    rows: Option<Vec<u32>>,
}

impl ByCluster {
    fn new(clusters: &Dense) -> Self {
        let mut starts = vec![0_u32; clusters.count + 1];
        for &cluster in &clusters.of_item {
            starts[cluster as usize + 1] += 1;
        }
        for cluster in 0..clusters.count {
            starts[cluster + 1] += starts[cluster];
        }
        if clusters.of_item.is_sorted() {
            return Self { starts, rows: None };
        }
        let mut next = starts.clone();
        let mut rows = vec![0_u32; clusters.of_item.len()];
        for (row, &cluster) in clusters.of_item.iter().enumerate() {
            let place = &mut next[cluster as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        Self {
            starts,
            rows: Some(rows),
        }
    }

    fn rows_of(&self, cluster: usize) -> impl Iterator<Item = usize> {
        let range = self.starts[cluster] as usize..self.starts[cluster + 1] as usize;
        range.map(|place| {
            self.rows
                .as_ref()
                .map_or(place, |rows| rows[place] as usize)
        })
    }

    /// Runs of clusters with about [`PIECE`] rows each.
    fn pieces(&self) -> Vec<(usize, usize)> {
        let clusters = self.starts.len() - 1;
        let mut pieces = Vec::new();
        let mut from = 0;
        for cluster in 0..clusters {
            let rows = (self.starts[cluster + 1] - self.starts[from]) as usize;
            if rows >= PIECE || cluster + 1 == clusters {
                pieces.push((from, cluster + 1));
                from = cluster + 1;
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::cluster_mean;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// With the influence of a mean as the only push, this is the variance of
        /// the mean.
        #[test]
        fn one_parameter_is_the_clustered_mean(
            rows in prop::collection::vec((0.0..1.0_f64, 0_u32..6, 0_u32..4), 3..50),
        ) {
            let scores: Vec<f64> = rows.iter().map(|r| r.0).collect();
            let first: Vec<u32> = rows.iter().map(|r| r.1).collect();
            let second: Vec<u32> = rows.iter().map(|r| r.2).collect();
            let clusters = Clusters::TwoWay(&first, &second);
            let mean = cluster_mean(&scores, clusters).unwrap();
            prop_assume!(mean.variance().is_some());
            let n = scores.len() as f64;
            let push = |row: usize| [(0, (scores[row] - mean.mean()) / n), (0, 0.0), (0, 0.0)];
            let found = cluster_covariance(1, scores.len(), clusters, push).unwrap();
            let variance = found.variance(|square| square.at(0, 0));
            prop_assert!((variance - mean.variance().unwrap()).abs() < 1e-13);
        }
    }

    #[test]
    fn pieces_of_many_rows_add_up_to_one_pass() {
        let rows = 3 * PIECE + 17;
        let labels: Vec<u32> = (0..rows as u32).map(|i| i * 7919 % 50_021).collect();
        let push = |row: usize| {
            let value = (row % 13) as f64 - 6.0;
            [(row % 3, value), ((row + 1) % 3, -0.5 * value), (0, 0.0)]
        };
        let found = cluster_covariance(3, rows, Clusters::OneWay(&labels), push).unwrap();
        let mut sums = vec![[0.0; 3]; 50_021];
        for row in 0..rows {
            for (parameter, value) in push(row) {
                sums[labels[row] as usize][parameter] += value;
            }
        }
        let g = found.counts().first as f64;
        let naive: f64 = sums.iter().map(|u| u[0] * u[1]).sum::<f64>() * g / (g - 1.0);
        let both = found.variance(|square| square.at(0, 1) + 1e9) - 1e9;
        assert!(
            (both - naive).abs() < 1e-6 * naive.abs().max(1.0),
            "{both} {naive}"
        );
    }
}
