use proptest::prelude::*;

use super::*;
use crate::stats::proportion::{Proportion, wilson};
use crate::stats::{Clusters, cluster_mean};

fn one_way(scores: &[f64], labels: &[u32]) -> ClusterMean {
    cluster_mean(scores, Clusters::OneWay(labels)).unwrap()
}

#[test]
fn all_wins_give_wilson_with_the_number_of_clusters() {
    let scores = vec![1.0; 60];
    let labels: Vec<u32> = (0..60).map(|i| i / 3).collect();
    let interval = design_effect_wilson(&one_way(&scores, &labels), Level::DEFAULT).unwrap();
    assert!(interval.high() >= 1.0);
    // 1 / (1 + t^2 / 20) with t_19 = 2.0930240544083096.
    let t = 2.093_024_054_408_309_6_f64;
    assert!(
        (interval.low() - 1.0 / (1.0 + t * t / 20.0)).abs() < 1e-12,
        "{interval:?}"
    );
}

#[test]
fn all_ties_give_an_interval_around_one_half_and_not_a_point() {
    let scores = vec![0.5; 40];
    let labels: Vec<u32> = (0..40).collect();
    let interval = design_effect_wilson(&one_way(&scores, &labels), Level::DEFAULT).unwrap();
    assert!((interval.low() + interval.high() - 1.0).abs() < 1e-14);
    assert!(interval.width() > 0.25);
}

#[test]
fn one_cluster_is_an_error_that_says_so() {
    let mean = one_way(&[0.0, 1.0], &[3, 3]);
    assert_eq!(
        design_effect_wilson(&mean, Level::DEFAULT),
        Err(StatsError::TooFewClusters {
            found: 1,
            needed: 2
        })
    );
}

#[test]
fn a_mean_outside_the_range_is_an_error() {
    let mean = one_way(&[2.0, 1.0], &[0, 1]);
    assert!(design_effect_wilson(&mean, Level::DEFAULT).is_err());
    assert!(bounded_interval(&mean, -1.0, 1.0, Level::DEFAULT).is_err());
    assert!(bounded_interval(&mean, 1.0, 1.0, Level::DEFAULT).is_err());
}

#[test]
fn many_independent_outcomes_give_plain_wilson() {
    // With G = N the effective number is N - 1, and t is the normal quantile.
    let n = 200_000_u32;
    let scores: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 5 < 2))).collect();
    let labels: Vec<u32> = (0..n).collect();
    let found = design_effect_wilson(&one_way(&scores, &labels), Level::DEFAULT).unwrap();
    let plain = wilson(
        Proportion::new(u64::from(n) * 2 / 5, u64::from(n)).unwrap(),
        Level::DEFAULT,
    );
    assert!((found.low() - plain.low()).abs() < 2e-8);
    assert!((found.high() - plain.high()).abs() < 2e-8);
}

#[test]
fn averaged_orders_that_disagree_count_for_more_than_two_judgments_each() {
    // A judge that always takes the first answer: every item scores one half but
    // one.
    let mut scores = vec![0.5; 100];
    scores[0] = 1.0;
    let labels: Vec<u32> = (0..100).collect();
    assert!(effective_items(&one_way(&scores, &labels)).unwrap() > 200.0);
}

#[test]
fn few_clusters_and_a_lopsided_rate_are_marked() {
    let labels: Vec<u32> = (0..20).collect();
    let mut scores = vec![1.0; 20];
    scores[0] = 0.0;
    assert!(short_of_clusters(&one_way(&scores, &labels)));
    scores[..8].fill(0.0);
    assert!(!short_of_clusters(&one_way(&scores, &labels)));
}

prop_compose! {
    fn design()(n in 4_usize..60)(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), n),
        mut labels in prop::collection::vec(0_u32..10, n),
    ) -> (Vec<f64>, Vec<u32>) {
        labels[0] = 10;
        labels[1] = 11;
        (scores, labels)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The naive twin: the formulas one after another.
    #[test]
    fn limits_are_those_of_the_textbook((scores, labels) in design()) {
        let mean = one_way(&scores, &labels);
        let interval = design_effect_wilson(&mean, Level::DEFAULT).unwrap();
        let p = mean.mean();
        let v = mean.variance().unwrap();
        let n = if v > 0.0 { p * (1.0 - p) / v } else { mean.clusters().first as f64 };
        let t = t_upper_quantile(0.025, mean.degrees_of_freedom() as f64);
        let centre = (p + t * t / (2.0 * n)) / (1.0 + t * t / n);
        let half = t / (1.0 + t * t / n) * (p * (1.0 - p) / n + t * t / (4.0 * n * n)).sqrt();
        prop_assert!((interval.low() - (centre - half).max(0.0)).abs() < 1e-12);
        prop_assert!((interval.high() - (centre + half).min(1.0)).abs() < 1e-12);
    }

    #[test]
    fn swapping_candidate_and_opponent_mirrors_the_interval((scores, labels) in design()) {
        let plain = design_effect_wilson(&one_way(&scores, &labels), Level::DEFAULT).unwrap();
        let mirror: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let mirrored = design_effect_wilson(&one_way(&mirror, &labels), Level::DEFAULT).unwrap();
        prop_assert!((plain.low() - (1.0 - mirrored.high())).abs() < 1e-12);
        prop_assert!((plain.high() - (1.0 - mirrored.low())).abs() < 1e-12);
    }

    #[test]
    fn repeating_every_item_within_its_cluster_leaves_the_interval((scores, labels) in design()) {
        let plain = design_effect_wilson(&one_way(&scores, &labels), Level::DEFAULT).unwrap();
        let doubled = one_way(&[&scores[..], &scores[..]].concat(), &[&labels[..], &labels[..]].concat());
        let doubled = design_effect_wilson(&doubled, Level::DEFAULT).unwrap();
        prop_assert!((plain.low() - doubled.low()).abs() < 1e-10);
        prop_assert!((plain.high() - doubled.high()).abs() < 1e-10);
    }

    #[test]
    fn limits_hold_the_rate_inside_zero_and_one((scores, labels) in design(), level in 0.01..0.9999_f64) {
        let interval = design_effect_wilson(&one_way(&scores, &labels), Level::new(level).unwrap()).unwrap();
        prop_assert!(0.0 <= interval.low() && interval.low() <= interval.estimate());
        prop_assert!(interval.estimate() <= interval.high() && interval.high() <= 1.0);
    }

    #[test]
    fn a_difference_is_mapped_to_a_rate_and_back((scores, labels) in design()) {
        let differences: Vec<f64> = scores.iter().map(|score| 2.0 * score - 1.0).collect();
        let rate = design_effect_wilson(&one_way(&scores, &labels), Level::DEFAULT).unwrap();
        let found =
            bounded_interval(&one_way(&differences, &labels), -1.0, 1.0, Level::DEFAULT).unwrap();
        prop_assert!((found.low() - (2.0 * rate.low() - 1.0)).abs() < 1e-10);
        prop_assert!((found.high() - (2.0 * rate.high() - 1.0)).abs() < 1e-10);
    }
}
