//! The test that the design-effect Wilson interval inverts.
//!
//! For a null rate `p0` the statistic is
//! `(p - p0) / sqrt(p0 (1 - p0) / n_eff)` with the `n_eff` of the interval,
//! referred to a t distribution with the smallest number of clusters less one.
//! A level-`1 - alpha` interval leaves `p0` outside exactly when this p-value is
//! below `alpha`.

use super::quantile::t_two_sided;
use super::wilson::{effective_items, onto_unit};
use super::{ClusterMean, PValue, StatsError};

/// Result of a score test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreTest {
    /// The statistic, positive where the rate is above the null; infinite where
    /// the null is 0 or 1 and the rate is not.
    pub statistic: f64,
    /// Degrees of freedom of the t distribution it is referred to.
    pub degrees_of_freedom: usize,
    /// Two-sided p-value.
    pub p: PValue,
}

/// Tests whether a rate in `[0, 1]` differs from `null` (see the module).
///
/// # Errors
///
/// When the rate or the null lies outside `[0, 1]` or some dimension has a single
/// cluster.
pub fn score_test(rate: &ClusterMean, null: f64) -> Result<ScoreTest, StatsError> {
    if !(0.0..=1.0).contains(&null) {
        return Err(StatsError::OutOfRange {
            what: "the null",
            value: null,
            low: 0.0,
            high: 1.0,
        });
    }
    let n = effective_items(rate)?;
    let degrees_of_freedom = rate.degrees_of_freedom();
    let statistic = statistic(rate.mean(), null, n);
    let p = PValue::clamped(t_two_sided(statistic, degrees_of_freedom as f64));
    Ok(ScoreTest {
        statistic,
        degrees_of_freedom,
        p,
    })
}

/// The statistic of a rate that is worth `n` independent outcomes.
pub(super) fn statistic(rate: f64, null: f64, n: f64) -> f64 {
    let distance = rate - null;
    if distance == 0.0 {
        0.0
    } else {
        distance / (null * (1.0 - null) / n).sqrt()
    }
}

/// The same test for a mean of numbers from `low` to `high`: the test that
/// [`bounded_interval`](super::wilson::bounded_interval) inverts.
///
/// # Errors
///
/// When the mean or the null lies outside the range, the range is empty, or some
/// dimension has a single cluster.
pub fn bounded_score_test(
    mean: &ClusterMean,
    null: f64,
    low: f64,
    high: f64,
) -> Result<ScoreTest, StatsError> {
    let rate = onto_unit(mean, low, high)?;
    if !(low <= null && null <= high) {
        return Err(StatsError::OutOfRange {
            what: "the null",
            value: null,
            low,
            high,
        });
    }
    score_test(&rate, ((null - low) / (high - low)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
