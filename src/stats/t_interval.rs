//! Student t interval and test for a mean without bounds.
//!
//! `mean -+ t_{df} * SE` with the cluster-robust standard error. For win rates
//! and their differences the design-effect Wilson interval ([`super::wilson`])
//! covers better; this is for numbers on an open scale.

use super::quantile::{t_two_sided, t_upper_quantile};
use super::score_test::ScoreTest;
use super::{ClusterMean, Interval, Level, PValue, StatsError};

/// Standard error and degrees of freedom of a mean that has some spread.
pub(crate) fn spread(mean: &ClusterMean) -> Result<(f64, f64), StatsError> {
    let error = mean.standard_error().ok_or(StatsError::TooFewClusters {
        found: mean.clusters().smallest(),
        needed: 2,
    })?;
    if error > 0.0 {
        Ok((error, mean.degrees_of_freedom() as f64))
    } else {
        Err(StatsError::NoVariation)
    }
}

/// `mean -+ t * SE` (see the module).
///
/// # Errors
///
/// When some dimension has a single cluster, or all clusters agree.
pub fn t_interval(mean: &ClusterMean, level: Level) -> Result<Interval, StatsError> {
    let (error, df) = spread(mean)?;
    let reach = t_upper_quantile(level.tail(), df) * error;
    Interval::new(mean.mean(), mean.mean() - reach, mean.mean() + reach, level)
}

/// The test that [`t_interval`] inverts, of the mean against `null`.
///
/// # Errors
///
/// When some dimension has a single cluster, all clusters agree, or the null is
/// not finite.
pub fn t_test(mean: &ClusterMean, null: f64) -> Result<ScoreTest, StatsError> {
    if !null.is_finite() {
        return Err(StatsError::NotFinite {
            row: 0,
            value: null,
        });
    }
    let (error, df) = spread(mean)?;
    let statistic = (mean.mean() - null) / error;
    Ok(ScoreTest {
        statistic,
        degrees_of_freedom: mean.degrees_of_freedom(),
        p: PValue::clamped(t_two_sided(statistic, df)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Clusters, cluster_mean};

    /// `scipy.stats.ttest_1samp` and its confidence interval.
    #[test]
    fn separate_items_give_the_textbook_t_interval_and_test() {
        let values = [1.2, -0.4, 3.1, 0.8, 2.2, 0.1, 1.9];
        let labels = [0, 1, 2, 3, 4, 5, 6];
        let mean = cluster_mean(&values, Clusters::OneWay(&labels)).unwrap();
        let interval = t_interval(&mean, Level::DEFAULT).unwrap();
        assert!(
            (interval.low() - 0.139_088_128_772_443_03).abs() < 1e-12,
            "{interval:?}"
        );
        assert!(
            (interval.high() - 2.403_769_014_084_7).abs() < 1e-12,
            "{interval:?}"
        );
        let test = t_test(&mean, 0.0).unwrap();
        assert!(
            (test.p.get() - 0.033_403_373_380_829_14).abs() < 1e-12,
            "{test:?}"
        );
    }

    #[test]
    fn values_that_agree_have_no_t_interval() {
        let mean = cluster_mean(&[0.3; 4], Clusters::OneWay(&[0, 1, 2, 3])).unwrap();
        assert_eq!(
            t_interval(&mean, Level::DEFAULT),
            Err(StatsError::NoVariation)
        );
        assert_eq!(t_test(&mean, 0.0), Err(StatsError::NoVariation));
        let one = cluster_mean(&[0.3, 0.4], Clusters::OneWay(&[0, 0])).unwrap();
        assert!(matches!(
            t_interval(&one, Level::DEFAULT),
            Err(StatsError::TooFewClusters { .. })
        ));
    }
}
