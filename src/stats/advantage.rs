//! Which groups are above the others: the mean of each group less the mean of the
//! other groups, where every other group counts the same.
//!
//! `m_k - (sum_{j != k} m_j) / (K - 1)`, with the variance `c' S c` from the joint
//! covariance of the means, so that what groups share (their questions) cancels. The
//! interval and the test are Student's t with the fewest clusters of a group less one.

use super::linalg::Square;
use super::quantile::{t_two_sided, t_upper_quantile};
use super::subgroups::Subgroups;
use super::{Interval, Level, PValue, StatsError};

/// What rounding alone may leave of a difference, as a share of what it is made of.
const ROUNDING: f64 = 1e-12;

/// A group against the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advantage {
    /// Its number.
    pub group: usize,
    /// Its mean less the mean of the others' means.
    pub interval: Interval,
    /// Two-sided p-value of no difference, by itself.
    pub p: PValue,
}

/// Each compared group against the other compared groups, in their order.
///
/// # Errors
///
/// When fewer than two groups are compared.
pub fn advantages(groups: &Subgroups, level: Level) -> Result<Vec<Advantage>, StatsError> {
    groups.enough_groups()?;
    let means = groups.estimates();
    let covariance = groups.noise_covariance()?;
    let df = groups.degrees_of_freedom();
    let t = t_upper_quantile(level.tail(), df);
    let widest = groups.scale().high - groups.scale().low;
    let largest = means
        .iter()
        .fold(1.0_f64, |most, mean| most.max(mean.abs()));
    let spreads = (0..means.len()).map(|k| covariance.at(k, k));
    let widest_spread = spreads.fold(0.0, f64::max);
    (0..means.len())
        .map(|k| {
            let contrast = against_rest(means.len(), k);
            let difference: f64 = contrast.iter().zip(&means).map(|(c, m)| c * m).sum();
            let difference = or_zero(difference, largest);
            let error = or_zero(quadratic(&covariance, &contrast).max(0.0), widest_spread).sqrt();
            let p = if error > 0.0 {
                PValue::clamped(t_two_sided(difference / error, df))
            } else {
                PValue::clamped(if difference == 0.0 { 1.0 } else { 0.0 })
            };
            let reach = t * error;
            let (low, high) = (difference - reach, difference + reach);
            Ok(Advantage {
                group: groups.compared()[k],
                interval: Interval::new(difference, low, high, level)?.clamped(-widest, widest),
                p,
            })
        })
        .collect()
}

/// A difference of terms of some size, or 0 where it is no more than rounding leaves.
fn or_zero(difference: f64, size: f64) -> f64 {
    if difference.abs() <= ROUNDING * size {
        0.0
    } else {
        difference
    }
}

/// 1 at `k`, and the same share of -1 at all others.
fn against_rest(count: usize, k: usize) -> Vec<f64> {
    let other = -1.0 / (count as f64 - 1.0);
    (0..count)
        .map(|j| if j == k { 1.0 } else { other })
        .collect()
}

/// `c' S c`.
fn quadratic(covariance: &Square, c: &[f64]) -> f64 {
    covariance.apply(c).iter().zip(c).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::subgroups::{Scale, subgroups};

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-10
    }

    #[test]
    fn a_level_stands_against_the_mean_of_the_others_by_hand() {
        // Three groups answered the same four questions.
        let scores = [
            1.0, 1.0, 0.0, 1.0, // group 0: .75
            0.0, 1.0, 0.0, 1.0, // group 1: .5
            0.0, 0.0, 0.0, 1.0, // group 2: .25
        ];
        let group: Vec<u32> = (0..12).map(|i| i / 4).collect();
        let labels: Vec<u32> = (0..12).map(|i| i % 4).collect();
        let found = subgroups(&scores, &group, 3, &labels, Scale::RATE, 2).unwrap();
        let all = advantages(&found, Level::DEFAULT).unwrap();
        let estimates: Vec<f64> = all.iter().map(|a| a.interval.estimate()).collect();
        for (found, expected) in estimates.iter().zip([0.375, 0.0, -0.375]) {
            assert!(near(*found, expected), "{estimates:?}");
        }
        // Of group 0 question by question: 1, .5, 0, 0, about their mean .375; the
        // variance of the mean is 4/3 of the sum of squares over 16.
        let squares: f64 = [1.0, 0.5, 0.0, 0.0]
            .iter()
            .map(|d: &f64| (d - 0.375).powi(2))
            .sum();
        let error = (4.0 / 3.0 * squares / 16.0).sqrt();
        // The quartile of t with 3 degrees of freedom; wider limits would meet those of
        // the scale.
        let half = advantages(&found, Level::new(0.5).unwrap()).unwrap()[0].interval;
        assert!((half.width() / 2.0 - 0.764_892_328_4 * error).abs() < 1e-8);
        // The two groups of a pair are each other's rest.
        let two = subgroups(&scores[..8], &group[..8], 2, &labels[..8], Scale::RATE, 2).unwrap();
        let two = advantages(&two, Level::DEFAULT).unwrap();
        assert!(near(
            two[0].interval.estimate(),
            -two[1].interval.estimate()
        ));
        assert!(near(two[0].p.get(), two[1].p.get()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Groups with the same scores differ by rounding at most, which is no difference.
        #[test]
        fn no_group_stands_out_where_all_have_the_same_scores(
            scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.1, 0.3, 1.0]), 30..=90),
            groups in 2..=8_usize,
        ) {
            let questions = scores.len() as u32;
            let flat = scores.repeat(groups);
            let group: Vec<u32> = (0..flat.len() as u32).map(|i| i / questions).collect();
            let labels: Vec<u32> = (0..flat.len() as u32).map(|i| i % questions).collect();
            let found = subgroups(&flat, &group, groups, &labels, Scale::RATE, 2).unwrap();
            for advantage in advantages(&found, Level::DEFAULT).unwrap() {
                prop_assert!(advantage.p.get() >= 1.0);
                let interval = advantage.interval;
                prop_assert_eq!((interval.estimate(), interval.width()), (0.0, 0.0));
            }
        }

        /// Where every group answered every question, the contrast is the mean over
        /// questions of a group's score less the mean of the others' scores.
        #[test]
        fn the_contrast_is_a_paired_mean_over_questions(
            scores in prop::collection::vec(prop::collection::vec(0.0..1.0_f64, 8), 2..6),
        ) {
            let groups = scores.len();
            let flat: Vec<f64> = scores.concat();
            let group: Vec<u32> = (0..flat.len()).map(|i| (i / 8) as u32).collect();
            let labels: Vec<u32> = (0..flat.len()).map(|i| (i % 8) as u32).collect();
            let found = subgroups(&flat, &group, groups, &labels, Scale::RATE, 2).unwrap();
            let all = advantages(&found, Level::DEFAULT).unwrap();
            for (k, advantage) in all.iter().enumerate() {
                let of_question: Vec<f64> = (0..8).map(|q| {
                    let others: f64 = (0..groups).filter(|j| *j != k).map(|j| scores[j][q]).sum();
                    scores[k][q] - others / (groups as f64 - 1.0)
                }).collect();
                let mean = of_question.iter().sum::<f64>() / 8.0;
                let variance = of_question.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 56.0;
                let t = t_upper_quantile(0.025, 7.0);
                prop_assert!(near(advantage.interval.estimate(), mean));
                let high = (mean + t * variance.sqrt()).min(1.0);
                prop_assert!((advantage.interval.high() - high).abs() < 1e-9);
                prop_assert!((advantage.p.get() - t_two_sided(mean / variance.sqrt(), 7.0)).abs() < 1e-9);
            }
        }
    }
}
