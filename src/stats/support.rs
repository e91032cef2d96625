//! How many clusters a slope of a logistic fit rests on.
//!
//! What an item tells of a slope is `w_i r_i²`, its share of the slope's information: `r` is
//! what the other columns leave over of the slope's own, weighted by `w = p (1 - p)`. Summed
//! over clusters to `s_g`, as many clusters that tell as much each would spread as these do:
//!
//! `(Σ s_g)² / Σ s_g²` (Kish's effective number).
//!
//! It is near the number of clusters for a style that varies in all of them, near 2 for one
//! that is on in two of them, and about a third of their number for a normal one that is the
//! same in all items of a cluster.
//!
//! A t quantile for the slope has `2 (effective - 1)` degrees of freedom, and at most the
//! number of clusters less one. With one less than the effective number tests would be too
//! careful by half, because leaving clusters out makes errors wide where few carry a slope.

use super::grouping::Dense;
use super::logistic::{Design, dot, sigmoid};
use super::newton::Maximum;
use super::quantile::{t_two_sided, t_upper_quantile};
use super::t_interval::spread;
use super::{ClusterMean, Interval, Level, PValue, StatsError};

/// What a slope rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Support {
    /// Effective number of clusters, in each dimension.
    pub effective: Vec<f64>,
    /// Degrees of freedom of a t quantile for the slope, not a whole number: those of the
    /// dimension that has fewest, and at least one.
    pub degrees_of_freedom: f64,
}

impl Support {
    fn new(effective: Vec<f64>, clusters: &[Dense]) -> Self {
        let of_dimension =
            |(of, clusters): (&f64, &Dense)| (2.0 * (of - 1.0)).min(clusters.count as f64 - 1.0);
        let fewest = (effective.iter().zip(clusters))
            .map(of_dimension)
            .fold(f64::INFINITY, f64::min);
        Self {
            degrees_of_freedom: fewest.max(1.0),
            effective,
        }
    }

    /// The t interval of the slope.
    ///
    /// # Errors
    ///
    /// When some dimension has a single cluster, or all clusters agree.
    pub fn interval(&self, slope: &ClusterMean, level: Level) -> Result<Interval, StatsError> {
        let (error, _) = spread(slope)?;
        let reach = t_upper_quantile(level.tail(), self.degrees_of_freedom) * error;
        let mean = slope.mean();
        Interval::new(mean, mean - reach, mean + reach, level)
    }

    /// Two-sided p-value of no slope, by the test that the interval inverts.
    ///
    /// # Errors
    ///
    /// As for the interval.
    pub fn p_value(&self, slope: &ClusterMean) -> Result<PValue, StatsError> {
        let (error, _) = spread(slope)?;
        let p = t_two_sided(slope.mean() / error, self.degrees_of_freedom);
        Ok(PValue::clamped(p))
    }
}

/// What each coefficient of a fit rests on.
pub(crate) fn supports(design: &Design, fitted: &Maximum, dimensions: &[Dense]) -> Vec<Support> {
    let size = fitted.at.len();
    let mut sums: Vec<Vec<f64>> = (dimensions.iter())
        .map(|clusters| vec![0.0; clusters.count * size])
        .collect();
    for (i, row) in design.rows().enumerate() {
        let p = sigmoid(dot(row, &fitted.at));
        for j in 0..size {
            // What the other columns leave over, but for a factor.
            let rest: f64 = (row.iter().enumerate())
                .map(|(k, x)| fitted.inverse_information.at(j, k) * x)
                .sum();
            let told = p * (1.0 - p) * rest * rest;
            for (sums, clusters) in sums.iter_mut().zip(dimensions) {
                sums[clusters.of_item[i] as usize * size + j] += told;
            }
        }
    }
    let of_column = |j: usize| {
        let effective = sums.iter().map(|sums| effective(sums, j, size));
        Support::new(effective.collect(), dimensions)
    };
    (0..size).map(of_column).collect()
}

/// Kish's number of every `size`-th of the sums from the `j`-th.
fn effective(sums: &[f64], j: usize, size: usize) -> f64 {
    let of_clusters = || sums.iter().skip(j).step_by(size);
    let most = of_clusters().copied().fold(0.0, f64::max);
    let (sum, squares) = of_clusters().fold((0.0, 0.0), |(sum, squares), told| {
        let share = told / most;
        (sum + share, squares + share * share)
    });
    if most > 0.0 { sum * sum / squares } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::linalg::Square;

    /// Flat coefficients and one column beside the intercept, in clusters of four items.
    fn of(style: &[f64]) -> Support {
        let column: Vec<f64> = style.iter().flat_map(|x| [*x; 4]).collect();
        let labels: Vec<u32> = (0..column.len() as u32).map(|i| i / 4).collect();
        let design = Design::from_columns(&[vec![1.0; column.len()], column]);
        let mut information = Square::zeros(2);
        for row in design.rows() {
            information.add_outer(0.25, row);
        }
        let fitted = Maximum {
            at: vec![0.0; 2],
            inverse_information: information.inverse().unwrap(),
        };
        supports(&design, &fitted, &[Dense::from_labels(&labels)]).remove(1)
    }

    #[test]
    fn clusters_count_by_how_much_they_tell() {
        // By hand: in 2 of 40 the squares are .95² and .05².
        let flag = |on: usize| {
            of(&(0..40)
                .map(|q| f64::from(u8::from(q < on)))
                .collect::<Vec<_>>())
        };
        let by_hand = |on: f64| {
            let share = on / 40.0;
            let (one, other) = ((1.0 - share).powi(2), share.powi(2));
            let sum = on * one + (40.0 - on) * other;
            sum * sum / (on * one * one + (40.0 - on) * other * other)
        };
        for on in [1, 2, 3, 6, 20] {
            let found = flag(on);
            let expected = by_hand(on as f64);
            assert!((found.effective[0] - expected).abs() < 1e-9, "{found:?}");
            let df = (2.0 * (expected - 1.0)).clamp(1.0, 39.0);
            assert!((found.degrees_of_freedom - df).abs() < 1e-9, "{found:?}");
        }
        assert!((flag(2).effective[0] - 2.216).abs() < 1e-3);
    }

    #[test]
    fn clusters_that_tell_alike_all_count() {
        let found = of(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
        assert!((found.effective[0] - 6.0).abs() < 1e-9);
        assert!((found.degrees_of_freedom - 5.0).abs() < 1e-9);
    }
}
