use proptest::prelude::*;

use super::*;
use crate::stats::wilson::{bounded_interval, design_effect_wilson};
use crate::stats::{Clusters, Level, cluster_mean};

fn rate(scores: &[f64], labels: &[u32]) -> ClusterMean {
    cluster_mean(scores, Clusters::OneWay(labels)).unwrap()
}

#[test]
fn an_even_rate_gives_no_evidence() {
    let test = score_test(&rate(&[0.0, 1.0, 0.5, 0.5], &[0, 1, 2, 3]), 0.5).unwrap();
    assert!(test.p.get() >= 1.0);
    assert_eq!(test.degrees_of_freedom, 3);
}

#[test]
fn all_ties_give_no_evidence() {
    let test = score_test(&rate(&[0.5; 6], &[0, 1, 2, 3, 4, 5]), 0.5).unwrap();
    assert!(test.p.get() >= 1.0);
}

#[test]
fn all_wins_are_tested_with_the_number_of_clusters() {
    let test = score_test(&rate(&[1.0; 6], &[0, 1, 2, 3, 4, 5]), 0.5).unwrap();
    // (1 - .5) / sqrt(.25 / 6) = sqrt(6), on 5 degrees of freedom.
    assert!((test.statistic - 6.0_f64.sqrt()).abs() < 1e-14);
}

#[test]
fn a_null_at_the_edge_is_decided_without_infinities_in_the_p_value() {
    let wins = rate(&[1.0, 1.0, 1.0], &[0, 1, 2]);
    assert!(score_test(&wins, 1.0).unwrap().p.get() >= 1.0);
    assert!(score_test(&wins, 0.0).unwrap().p.get() <= 0.0);
}

#[test]
fn impossible_questions_are_errors() {
    let one_cluster = rate(&[1.0, 0.0], &[0, 0]);
    assert!(matches!(
        score_test(&one_cluster, 0.5),
        Err(StatsError::TooFewClusters { .. })
    ));
    let fine = rate(&[1.0, 0.0], &[0, 1]);
    assert!(score_test(&fine, 1.5).is_err());
    assert!(score_test(&fine, f64::NAN).is_err());
    assert!(bounded_score_test(&fine, 2.0, -1.0, 1.0).is_err());
}

prop_compose! {
    fn design()(n in 4_usize..60)(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), n),
        mut first in prop::collection::vec(0_u32..10, n),
        mut second in prop::collection::vec(0_u32..4, n),
    ) -> (Vec<f64>, Vec<u32>, Vec<u32>) {
        first[0] = 10;
        first[1] = 11;
        second[0] = 5;
        second[1] = 6;
        (scores, first, second)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn p_is_below_alpha_exactly_when_the_interval_leaves_the_null_outside(
        (scores, first, second) in design(), null in 0.0..=1.0_f64, level in 0.5..0.999_f64,
    ) {
        let level = Level::new(level).unwrap();
        for clusters in [Clusters::OneWay(&first), Clusters::TwoWay(&first, &second)] {
            let mean = cluster_mean(&scores, clusters).unwrap();
            let interval = design_effect_wilson(&mean, level).unwrap();
            let p = score_test(&mean, null).unwrap().p.get();
            // Within rounding of a limit either answer is right.
            prop_assume!((null - interval.low()).abs() > 1e-9 && (null - interval.high()).abs() > 1e-9);
            prop_assert_eq!(p < level.alpha(), !interval.contains(null));
        }
    }

    #[test]
    fn p_at_a_limit_is_alpha((scores, first, _) in design()) {
        let mean = rate(&scores, &first);
        let interval = design_effect_wilson(&mean, Level::DEFAULT).unwrap();
        for limit in [interval.low(), interval.high()] {
            if limit > 0.0 && limit < 1.0 {
                prop_assert!((score_test(&mean, limit).unwrap().p.get() - 0.05).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn swapping_candidate_and_opponent_keeps_the_p_value((scores, first, _) in design()) {
        let mirror: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let plain = score_test(&rate(&scores, &first), 0.5).unwrap();
        let mirrored = score_test(&rate(&mirror, &first), 0.5).unwrap();
        prop_assert!((plain.p.get() - mirrored.p.get()).abs() < 1e-10);
        prop_assert!((plain.statistic + mirrored.statistic).abs() < 1e-9);
    }

    #[test]
    fn the_test_of_a_difference_agrees_with_its_interval(
        (scores, first, _) in design(), null in -1.0..=1.0_f64,
    ) {
        let differences: Vec<f64> = scores.iter().map(|score| 2.0 * score - 1.0).collect();
        let mean = rate(&differences, &first);
        let interval = bounded_interval(&mean, -1.0, 1.0, Level::DEFAULT).unwrap();
        prop_assume!((null - interval.low()).abs() > 1e-9 && (null - interval.high()).abs() > 1e-9);
        let p = bounded_score_test(&mean, null, -1.0, 1.0).unwrap().p.get();
        prop_assert_eq!(p < 0.05, !interval.contains(null));
    }
}
