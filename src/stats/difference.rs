//! Difference of two win rates on the same items.
//!
//! Candidate and baseline each met one reference, or two runs judged the same
//! items: each item gives one difference `d = a - b` in `[-1, 1]`, and its mean
//! goes through the same clusters, interval and test as a win rate (Miller 2024,
//! arXiv 2411.00640, section 4, for the pairing). What the two share, such as
//! hard questions, cancels within an item.

use super::cluster::check_length;
use super::score_test::{ScoreTest, bounded_score_test};
use super::wilson::bounded_interval;
use super::{ClusterMean, Clusters, Interval, Level, StatsError, cluster_mean};

/// A paired difference of two win rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifference {
    /// Mean difference with its cluster-robust variance.
    pub mean: ClusterMean,
    /// Interval of the mean difference, in `[-1, 1]`.
    pub interval: Interval,
    /// Test of no difference.
    pub test: ScoreTest,
}

/// Mean of `first - second` over items scored in both, with its interval and the
/// test of no difference.
///
/// # Errors
///
/// When there are no items, the slices differ in length, a score lies outside
/// `[0, 1]`, or some dimension has a single cluster.
pub fn paired_difference(
    first: &[f64],
    second: &[f64],
    clusters: Clusters<'_>,
    level: Level,
) -> Result<PairedDifference, StatsError> {
    check_length("the second score column", second.len(), first.len())?;
    for value in first.iter().chain(second).copied() {
        if !(0.0..=1.0).contains(&value) {
            return Err(StatsError::OutOfRange {
                what: "a score",
                value,
                low: 0.0,
                high: 1.0,
            });
        }
    }
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let mean = cluster_mean(&differences, clusters)?;
    Ok(PairedDifference {
        mean,
        interval: bounded_interval(&mean, -1.0, 1.0, level)?,
        test: bounded_score_test(&mean, 0.0, -1.0, 1.0)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_scores_twice_do_not_differ() {
        let scores = [0.0, 0.5, 1.0, 0.25];
        let labels = [0, 1, 2, 3];
        let found =
            paired_difference(&scores, &scores, Clusters::OneWay(&labels), Level::DEFAULT).unwrap();
        assert!(found.mean.mean().abs() <= 0.0);
        assert!(found.test.p.get() >= 1.0);
        assert!(found.interval.contains(0.0) && found.interval.width() > 0.5);
    }

    #[test]
    fn bad_input_is_an_error() {
        let labels = [0, 1];
        let call = |a: &[f64], b: &[f64]| {
            paired_difference(a, b, Clusters::OneWay(&labels), Level::DEFAULT)
        };
        assert!(call(&[0.0, 1.0], &[0.5]).is_err());
        assert!(call(&[0.0, 1.5], &[0.5, 0.5]).is_err());
        assert!(call(&[0.0, 1.0], &[0.5, f64::NAN]).is_err());
        assert!(paired_difference(&[], &[], Clusters::OneWay(&[]), Level::DEFAULT).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn swapping_the_two_turns_the_sign(
            scores in prop::collection::vec((0_u8..=4, 0_u8..=4), 4..40),
        ) {
            let first: Vec<f64> = scores.iter().map(|s| f64::from(s.0) / 4.0).collect();
            let second: Vec<f64> = scores.iter().map(|s| f64::from(s.1) / 4.0).collect();
            let labels: Vec<u32> = (0..scores.len() as u32).map(|i| i / 2).collect();
            let clusters = Clusters::OneWay(&labels);
            let plain = paired_difference(&first, &second, clusters, Level::DEFAULT).unwrap();
            let swapped = paired_difference(&second, &first, clusters, Level::DEFAULT).unwrap();
            prop_assert!((plain.interval.low() + swapped.interval.high()).abs() < 1e-10);
            prop_assert!((plain.interval.high() + swapped.interval.low()).abs() < 1e-10);
            prop_assert!((plain.test.p.get() - swapped.test.p.get()).abs() < 1e-9);
            let direct = first.iter().sum::<f64>() - second.iter().sum::<f64>();
            prop_assert!((plain.mean.mean() - direct / scores.len() as f64).abs() < 1e-12);
        }

        #[test]
        fn a_constant_reference_leaves_the_width_of_the_rate_itself(
            scores in prop::collection::vec(0_u8..=4, 4..40),
        ) {
            let first: Vec<f64> = scores.iter().map(|s| f64::from(*s) / 4.0).collect();
            let second = vec![0.5; first.len()];
            let labels: Vec<u32> = (0..first.len() as u32).collect();
            let clusters = Clusters::OneWay(&labels);
            let found = paired_difference(&first, &second, clusters, Level::DEFAULT).unwrap();
            let alone = cluster_mean(&first, clusters).unwrap();
            prop_assert!((found.mean.variance().unwrap() - alone.variance().unwrap()).abs() < 1e-13);
        }
    }
}
