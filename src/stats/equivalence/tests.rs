use proptest::prelude::*;

use super::*;
use crate::stats::wilson::design_effect_wilson;
use crate::stats::{Clusters, Level, cluster_mean};

fn items(scores: &[f64]) -> ClusterMean {
    let labels: Vec<u32> = (0..scores.len() as u32).collect();
    cluster_mean(scores, Clusters::OneWay(&labels)).unwrap()
}

#[test]
fn one_sided_t_tests_agree_with_statsmodels() {
    // DescrStatsW.ttost_mean(.4, .6) on 80 order-averaged scores.
    let twenty = [
        0.5, 0.5, 1.0, 0.0, 0.5, 0.75, 0.25, 0.5, 0.75, 1.0, 0.0, 0.5, 0.5, 0.25, 0.75, 0.5, 1.0,
        0.5, 1.0, 0.0,
    ];
    let found = t_equivalence(&items(&twenty.repeat(4)), 0.4, 0.6).unwrap();
    assert!((found.p_low.get() - 0.000_126_906_058_579_556_47).abs() < 1e-13);
    assert!((found.p_high.get() - 0.042_719_689_502_007_19).abs() < 1e-12);
    assert_eq!(found.p(), found.p_high);
}

#[test]
fn few_ties_do_not_prove_equivalence_and_many_do() {
    let few = rate_equivalence(&items(&[0.5; 10]), 0.45, 0.55).unwrap();
    assert!(few.p().get() > 0.3);
    let many = rate_equivalence(&items(&[0.5; 2000]), 0.45, 0.55).unwrap();
    assert!(many.p().get() < 0.001);
}

#[test]
fn the_four_findings_are_told_apart() {
    let equivalence = |p: f64| Equivalence {
        p_low: PValue::new(p).unwrap(),
        p_high: PValue::new(p / 2.0).unwrap(),
    };
    let p = |p| PValue::new(p).unwrap();
    assert_eq!(
        Finding::new(p(0.01), &equivalence(0.5), 0.05),
        Finding::Different
    );
    assert_eq!(
        Finding::new(p(0.01), &equivalence(0.01), 0.05),
        Finding::DifferentWithinMargin
    );
    assert_eq!(
        Finding::new(p(0.4), &equivalence(0.01), 0.05),
        Finding::Equivalent
    );
    assert_eq!(
        Finding::new(p(0.4), &equivalence(0.2), 0.05),
        Finding::Undecided
    );
}

#[test]
fn margins_must_be_in_order() {
    let mean = items(&[0.0, 1.0, 0.5]);
    assert!(rate_equivalence(&mean, 0.6, 0.4).is_err());
    assert!(t_equivalence(&mean, 0.5, 0.5).is_err());
    assert!(t_equivalence(&mean, f64::NAN, 0.5).is_err());
    assert!(rate_equivalence(&mean, -0.1, 0.5).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn equivalent_means_the_wider_interval_lies_between_the_margins(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), 3..80),
        margin in 0.02..0.45_f64,
    ) {
        let mean = items(&scores);
        let (low, high) = (0.5 - margin, 0.5 + margin);
        let p = rate_equivalence(&mean, low, high).unwrap().p().get();
        let interval = design_effect_wilson(&mean, Level::new(0.9).unwrap()).unwrap();
        prop_assume!((interval.low() - low).abs() > 1e-9 && (interval.high() - high).abs() > 1e-9);
        prop_assert_eq!(p < 0.05, low < interval.low() && interval.high() < high);
    }

    #[test]
    fn swapping_candidate_and_opponent_swaps_the_margins(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), 3..80),
    ) {
        let mirror: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let plain = rate_equivalence(&items(&scores), 0.3, 0.6).unwrap();
        let mirrored = rate_equivalence(&items(&mirror), 0.4, 0.7).unwrap();
        prop_assert!((plain.p_low.get() - mirrored.p_high.get()).abs() < 1e-9);
        prop_assert!((plain.p_high.get() - mirrored.p_low.get()).abs() < 1e-9);
    }
}
