use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::random::normal;
use crate::stats::score_test::score_test;
use crate::stats::{Clusters, cluster_mean};

const PLAN: Plan = Plan {
    variance: 0.15,
    design_effect: 1.0,
    level: Level::DEFAULT,
    power: 0.8,
};

#[test]
fn items_for_usual_win_rates() {
    // (z_.975 + z_.8)^2 .15 / (p - .5)^2.
    for (p, expected) in [(0.52, 2943.0), (0.53, 1308.0), (0.55, 471.0), (0.6, 118.0)] {
        let found = PLAN.items_needed(p - 0.5).unwrap();
        assert!((found - expected).abs() < 0.5, "{p}: {found}");
    }
}

/// Miller (2024, arXiv 2411.00640), section 5: a difference of .03 with
/// `omega^2 = 1/9` and no variance within items needs 969 questions.
#[test]
fn millers_example_needs_969_questions() {
    let answers = SampledAnswers {
        between_items: 1.0 / 9.0,
        within_item: [0.0, 0.0],
        samples: [1, 1],
    };
    let plan = Plan {
        variance: answers.variance(),
        ..PLAN
    };
    let found = plan.items_needed(0.03).unwrap();
    assert!((found - 968.997_498_067_788_6).abs() < 1e-9, "{found}");
    let noisy = SampledAnswers {
        within_item: [0.2, 0.1],
        samples: [4, 2],
        ..answers
    };
    assert!((noisy.variance() - (1.0 / 9.0 + 0.05 + 0.05)).abs() < 1e-15);
}

#[test]
fn variances_are_those_of_the_outcomes() {
    // Scores 1, .5, 0 with chances .5, .2, .3.
    let p: f64 = 0.6;
    let direct = 0.5 * (1.0 - p).powi(2) + 0.2 * (0.5 - p).powi(2) + 0.3 * p * p;
    assert!((outcome_variance(0.5, 0.2) - direct).abs() < 1e-15);
    assert!((two_order_variance(0.2, 1.0) - 0.2).abs() < 1e-15);
    assert!((two_order_variance(0.2, 0.0) - 0.1).abs() < 1e-15);
    assert!(two_order_variance(0.2, -1.0).abs() < 1e-15);
}

#[test]
fn equal_clusters_have_the_textbook_design_effect() {
    assert!((design_effect(&[5; 20], 0.25).unwrap() - 2.0).abs() < 1e-15);
    assert!((design_effect(&[1; 20], 0.25).unwrap() - 1.0).abs() < 1e-15);
    assert!((design_effect(&[1, 3], 0.5).unwrap() - 1.75).abs() < 1e-15);
    assert!((design_effect(&[5; 20], -0.1).unwrap() - 1.0).abs() < 1e-15);
    assert_eq!(design_effect(&[], 0.2), Err(StatsError::Empty));
}

#[test]
fn a_pilot_gives_the_variances_and_the_correlation_of_orders() {
    let first = [1.0, 1.0, 0.0, 0.5, 1.0, 0.0];
    let second = [1.0, 0.0, 0.0, 0.5, 1.0, 0.5];
    let found = pilot(&first, &second).unwrap();
    // numpy.cov and numpy.var(ddof=1).
    assert!((found.order_correlation.unwrap() - 0.452_830_188_679_245_35).abs() < 1e-12);
    assert!((found.variance - 0.160_416_666_666_666_66).abs() < 1e-12);
    assert!((found.judgment_variance - 0.220_833_333_333_333_33).abs() < 1e-12);
    let steady = pilot(&[1.0, 1.0], &[0.0, 0.0]).unwrap();
    assert_eq!(steady.order_correlation, None);
    assert!(pilot(&[1.0], &[1.0]).is_err());
    assert!(pilot(&[1.0, 0.0], &[1.0]).is_err());
}

#[test]
fn clusters_that_decide_everything_have_an_intraclass_correlation_of_one() {
    let labels = [0, 0, 1, 1, 2, 2];
    let all = intraclass_correlation(&[1.0, 1.0, 0.0, 0.0, 0.5, 0.5], &labels).unwrap();
    assert!((all - 1.0).abs() < 1e-12);
    let none = intraclass_correlation(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0], &labels).unwrap();
    assert!((none + 1.0).abs() < 1e-12);
}

#[test]
fn an_intraclass_correlation_needs_clusters_of_several_items() {
    assert!(intraclass_correlation(&[1.0, 0.0], &[0, 1]).is_err());
    assert!(intraclass_correlation(&[1.0, 0.0], &[0, 0]).is_err());
    assert_eq!(
        intraclass_correlation(&[0.5; 4], &[0, 0, 1, 1]),
        Err(StatsError::NoVariation)
    );
}

#[test]
fn a_finished_study_knows_what_it_could_have_found() {
    let scores: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
    let labels: Vec<u32> = (0..400).collect();
    let study = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
    let found = smallest_detectable(&study, Level::DEFAULT, 0.8).unwrap();
    // (1.966 + .843) * .5 / sqrt 399
    assert!((found - 0.0703).abs() < 2e-4, "{found}");
    assert!(smallest_detectable(&study, Level::DEFAULT, 1.0).is_err());
    let one = cluster_mean(&scores, Clusters::OneWay(&[0; 400])).unwrap();
    assert!(smallest_detectable(&one, Level::DEFAULT, 0.8).is_err());
}

#[test]
fn impossible_plans_are_errors() {
    assert!(PLAN.items_needed(0.0).is_err());
    assert!(PLAN.items_needed(f64::NAN).is_err());
    assert!(PLAN.smallest_effect(0).is_err());
    assert!(PLAN.power_with(0, 0.1).is_err());
    assert!(Plan { power: 1.0, ..PLAN }.items_needed(0.1).is_err());
    assert!(
        Plan {
            variance: 0.0,
            ..PLAN
        }
        .items_needed(0.1)
        .is_err()
    );
    assert!(
        Plan {
            design_effect: f64::NAN,
            ..PLAN
        }
        .items_needed(0.1)
        .is_err()
    );
}

/// A planned design, played: clusters of five items in both orders.
#[test]
fn the_planned_number_of_items_has_about_the_planned_power() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let score = |rng: &mut ChaCha8Rng, lead: f64| {
        let outcome = |lead: f64| {
            f64::from(u8::from(lead > 0.2)) + 0.5 * f64::from(u8::from(lead.abs() <= 0.2))
        };
        (
            outcome(lead + 0.3 + normal(rng)),
            outcome(lead - 0.3 + normal(rng)),
        )
    };
    let study = |rng: &mut ChaCha8Rng, clusters: u32| {
        let (mut first, mut second, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for cluster in 0..clusters {
            let shared = 0.6 * normal(rng);
            for _ in 0..5 {
                let question = 1.2 * normal(rng);
                let (a, b) = score(rng, 0.4 + shared + question);
                first.push(a);
                second.push(b);
                labels.push(cluster);
            }
        }
        (first, second, labels)
    };
    let average = |a: &[f64], b: &[f64]| -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| 0.5 * (a + b)).collect()
    };
    let (first, second, labels) = study(&mut rng, 20_000);
    let scores = average(&first, &second);
    let known = pilot(&first, &second).unwrap();
    let icc = intraclass_correlation(&scores, &labels).unwrap();
    let by_parts = two_order_variance(known.judgment_variance, known.order_correlation.unwrap());
    assert!(
        (by_parts - known.variance).abs() < 1e-12,
        "{by_parts} {known:?}"
    );

    let plan = Plan {
        variance: known.variance,
        design_effect: design_effect(&[5], icc).unwrap(),
        ..PLAN
    };
    let effect = mean(&scores) - 0.5;
    let items = plan.items_needed(effect).unwrap();
    let clusters = (items / 5.0).ceil() as u32;
    let found = (0..400)
        .filter(|_| {
            let (first, second, labels) = study(&mut rng, clusters);
            let scores = average(&first, &second);
            let rate = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
            score_test(&rate, 0.5).unwrap().p.get() < 0.05
        })
        .count();
    assert!(
        (290..=345).contains(&found),
        "{found} of 400 with {clusters} clusters"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn items_effect_and_power_are_three_views_of_one_formula(
        variance in 0.01..0.25_f64, deff in 1.0..5.0_f64, effect in 0.01..0.3_f64, power in 0.5..0.99_f64,
    ) {
        let plan = Plan { variance, design_effect: deff, level: Level::DEFAULT, power };
        let items = plan.items_needed(effect).unwrap();
        let whole = items.ceil() as u64;
        prop_assert!(plan.smallest_effect(whole).unwrap() <= effect * (1.0 + 1e-12));
        let reached = plan.power_with(whole, effect).unwrap();
        prop_assert!(reached >= power - 1e-9);
        if whole > 20 {
            prop_assert!(plan.power_with(whole - 1, effect).unwrap() <= power + 0.001);
        }
    }

    #[test]
    fn the_sign_of_an_effect_does_not_matter(effect in 0.01..0.3_f64) {
        let (up, down) = (PLAN.items_needed(effect).unwrap(), PLAN.items_needed(-effect).unwrap());
        prop_assert!((up - down).abs() < 1e-9);
    }

    /// The naive twin of the intraclass correlation: pairs of items in one cluster,
    /// which agrees for clusters of one size and many of them.
    #[test]
    fn intraclass_correlation_is_near_the_correlation_of_pairs(seed in 0_u64..50) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for cluster in 0..400 {
            let shared = normal(&mut rng);
            for _ in 0..3 {
                scores.push(shared + normal(&mut rng));
                labels.push(cluster);
            }
        }
        let found = intraclass_correlation(&scores, &labels).unwrap();
        let middle = mean(&scores);
        let total: f64 = scores.iter().map(|s| (s - middle).powi(2)).sum::<f64>() / 1200.0;
        let pairs: f64 = scores
            .chunks(3)
            .map(|c| {
                let d: Vec<f64> = c.iter().map(|s| s - middle).collect();
                (d[0] * d[1] + d[0] * d[2] + d[1] * d[2]) / 3.0
            })
            .sum::<f64>() / 400.0;
        prop_assert!((found - pairs / total).abs() < 0.01, "{found} {}", pairs / total);
    }
}
