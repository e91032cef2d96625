//! How many parameters of a fit are of clusters alone.
//!
//! A column with one number for each cluster has a parameter that is fitted to sums over
//! clusters, as an intercept is. With as many of these as there are clusters every such sum
//! is fitted without error, and a clustered variance of them is nothing but rounding. With
//! fewer the fit still follows them closely.

use super::grouping::Dense;
use super::linalg::Square;
use super::logistic::Design;

/// Spread within clusters, as a share of all, that is none but for rounding.
const ROUNDING: f64 = 1e-10;

/// Parameters that are the same in all items of a cluster: the intercept (a first column of
/// ones), and columns, or combinations of them, with one number for each cluster.
pub(crate) fn between_clusters(design: &Design, clusters: &Dense) -> usize {
    let size = design.rows().next().map_or(0, <[f64]>::len);
    let middle = means(design, &vec![0; clusters.of_item.len()], 1, size);
    let within = means(design, &clusters.of_item, clusters.count, size);
    let mut total = vec![0.0; size];
    let mut inside = Square::zeros(size);
    let mut off = vec![0.0; size];
    for (row, &cluster) in design.rows().zip(&clusters.of_item) {
        let own = &within[cluster as usize * size..][..size];
        for ((off, x), own) in off.iter_mut().zip(row).zip(own) {
            *off = x - own;
        }
        inside.add_outer(1.0, &off);
        for ((sum, x), middle) in total.iter_mut().zip(row).zip(&middle) {
            *sum += (x - middle) * (x - middle);
        }
    }
    size - inside.rank(&total, ROUNDING)
}

/// The means of all columns in each cluster, one cluster after another.
fn means(design: &Design, of_item: &[u32], clusters: usize, size: usize) -> Vec<f64> {
    let mut means = vec![0.0; clusters * size];
    let mut seen = vec![0_u32; clusters];
    for (row, &cluster) in design.rows().zip(of_item) {
        let seen = &mut seen[cluster as usize];
        *seen += 1;
        // Exact where all numbers of a cluster are equal.
        let means = &mut means[cluster as usize * size..][..size];
        for (mean, x) in means.iter_mut().zip(row) {
            *mean += (x - *mean) / f64::from(*seen);
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve items in four clusters of three.
    fn of(columns: &[fn(u32) -> f64]) -> usize {
        let labels: Vec<u32> = (0..12).map(|i| i / 3).collect();
        let mut design = vec![vec![1.0; 12]];
        design.extend(columns.iter().map(|f| (0..12).map(f).collect()));
        between_clusters(&Design::from_columns(&design), &Dense::from_labels(&labels))
    }

    fn own(i: u32) -> f64 {
        f64::from(i * 7 % 11) * 0.1
    }

    fn of_cluster(i: u32) -> f64 {
        1e5 + f64::from(i / 3 * 5 % 7) * 0.3
    }

    #[test]
    fn an_intercept_is_of_clusters_and_what_differs_within_them_is_not() {
        assert_eq!(of(&[]), 1);
        assert_eq!(of(&[own]), 1);
        assert_eq!(of(&[of_cluster]), 2);
        assert_eq!(of(&[own, of_cluster]), 2);
        assert_eq!(of(&[of_cluster, |i| f64::from(i / 6)]), 3);
    }

    #[test]
    fn combinations_with_one_number_for_each_cluster_count() {
        assert_eq!(of(&[own, |i| own(i) - of_cluster(i)]), 2);
        assert_eq!(of(&[own, |i| own(i + 1), |i| 2.0 * own(i) - own(i + 1)]), 2);
        assert_eq!(of(&[own, |i| own(i * i)]), 1);
    }

    #[test]
    fn items_that_share_no_cluster_leave_all_parameters_to_them() {
        let columns = [vec![1.0; 5], (0..5).map(own).collect()];
        let design = Design::from_columns(&columns);
        assert_eq!(
            between_clusters(&design, &Dense::from_labels(&[4, 1, 3, 0, 2])),
            2
        );
    }
}
