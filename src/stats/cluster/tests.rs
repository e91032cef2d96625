use proptest::prelude::*;

use super::*;

/// The deterministic scores behind two golden values: 40 questions by 6
/// personas, `((i * 2654435761 mod 2^32) / 2^32 + .15 sin q + .1 cos p)` cut to
/// `[0, 1]` and rounded to two digits.
fn crossed_scores() -> (Vec<f64>, Vec<u32>, Vec<u32>) {
    let question: Vec<u32> = (0..240).map(|i| i / 6).collect();
    let persona: Vec<u32> = (0..240).map(|i| i % 6).collect();
    let scores = (0..240_u64)
        .map(|i| {
            let noise = (i * 2_654_435_761 % 4_294_967_296) as f64 / 4_294_967_296.0;
            let (q, p) = ((i / 6) as f64, (i % 6) as f64);
            let raw: f64 = noise + 0.15 * q.sin() + 0.1 * p.cos();
            (raw.clamp(0.0, 1.0) * 100.0).round_ties_even() / 100.0
        })
        .collect();
    (scores, question, persona)
}

#[test]
fn one_way_standard_error_agrees_with_statsmodels() {
    let (scores, question, _) = crossed_scores();
    let mean = cluster_mean(&scores, Clusters::OneWay(&question)).unwrap();
    // cov_cluster on an intercept-only regression; its correction there is
    // G/(G-1) * (N-1)/(N-1).
    assert!((mean.standard_error().unwrap() - 0.018_458_218_777_981_816).abs() < 1e-12);
    assert_eq!(mean.degrees_of_freedom(), 39);
}

#[test]
fn two_way_standard_error_agrees_with_statsmodels_before_its_floor() {
    let (scores, question, persona) = crossed_scores();
    let by = |labels: &[u32]| {
        cluster_mean(&scores, Clusters::OneWay(labels))
            .unwrap()
            .variance()
            .unwrap()
    };
    let items: Vec<u32> = (0..240).collect();
    let combined = by(&question) + by(&persona) - by(&items);
    // cov_cluster_2groups.
    assert!((combined.sqrt() - 0.027_964_575_870_836_25).abs() < 1e-12);

    // Here the combination falls below the variance by persona.
    let mean = cluster_mean(&scores, Clusters::TwoWay(&question, &persona)).unwrap();
    assert!(mean.floored());
    assert_eq!(mean.variance(), Some(by(&persona)));
    assert_eq!(mean.degrees_of_freedom(), 5);
    assert_eq!(
        mean.clusters(),
        ClusterCounts {
            first: 40,
            second: Some(6)
        }
    );
}

#[test]
fn nothing_to_average_is_an_error() {
    assert_eq!(
        cluster_mean(&[], Clusters::OneWay(&[])),
        Err(StatsError::Empty)
    );
}

#[test]
fn a_score_that_is_not_finite_is_named() {
    let error = cluster_mean(&[0.5, f64::NAN], Clusters::OneWay(&[0, 1])).unwrap_err();
    assert!(matches!(error, StatsError::NotFinite { row: 1, .. }));
}

#[test]
fn labels_must_match_the_scores() {
    let scores = [0.5, 1.0];
    assert!(cluster_mean(&scores, Clusters::OneWay(&[0])).is_err());
    assert!(cluster_mean(&scores, Clusters::TwoWay(&[0, 1], &[0])).is_err());
    assert!(cluster_mean(&scores, Clusters::TwoWay(&[0], &[0, 1])).is_err());
}

#[test]
fn a_single_cluster_has_a_mean_and_no_variance() {
    let mean = cluster_mean(&[0.0, 1.0, 1.0], Clusters::OneWay(&[7, 7, 7])).unwrap();
    assert!((mean.mean() - 2.0 / 3.0).abs() < 1e-15);
    assert_eq!(mean.variance(), None);
    assert_eq!(mean.degrees_of_freedom(), 0);
    let one_persona = cluster_mean(&[0.0, 1.0], Clusters::TwoWay(&[0, 1], &[3, 3])).unwrap();
    assert_eq!(one_persona.variance(), None);
}

#[test]
fn scores_that_agree_have_exactly_no_variance() {
    for score in [0.1, 1.0 / 3.0, 0.7, 1.0] {
        let scores = vec![score; 999];
        let labels: Vec<u32> = (0..999).map(|i| i % 37).collect();
        let mean = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
        assert!(mean.variance().unwrap() <= 0.0, "{score}");
    }
}

#[test]
fn clusters_that_agree_have_exactly_no_variance() {
    // Every cluster has the same mixture, whose mean is not a binary fraction.
    let scores: Vec<f64> = (0..3000)
        .map(|i| if i % 3 == 0 { 1.0 } else { 0.0 })
        .collect();
    let labels: Vec<u32> = (0..3000).map(|i| i / 300).collect();
    let mean = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
    assert!(mean.variance().unwrap() <= 0.0);
    assert_eq!(mean.design_effect(), Some(0.0));
}

#[test]
fn a_two_way_variance_below_a_one_way_variance_is_raised_and_marked() {
    // Alternating signs: rows and columns cancel while cells do not.
    let scores = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    let question = [0, 0, 1, 1, 2, 2, 3, 3];
    let persona = [0, 1, 0, 1, 0, 1, 0, 1];
    let mean = cluster_mean(&scores, Clusters::TwoWay(&question, &persona)).unwrap();
    assert!(mean.floored());
    let by_question = cluster_mean(&scores, Clusters::OneWay(&question)).unwrap();
    let by_persona = cluster_mean(&scores, Clusters::OneWay(&persona)).unwrap();
    let largest = by_question
        .variance()
        .unwrap()
        .max(by_persona.variance().unwrap());
    assert_eq!(mean.variance(), Some(largest));
}

#[test]
fn independent_items_have_a_design_effect_of_one() {
    let scores = [0.0, 1.0, 1.0, 0.5, 0.25];
    let mean = cluster_mean(&scores, Clusters::OneWay(&[0, 1, 2, 3, 4])).unwrap();
    assert!((mean.design_effect().unwrap() - 1.0).abs() < 1e-14);
}

/// The formulas as they stand in the papers, over label pairs by comparison.
fn naive_variance(scores: &[f64], key: impl Fn(usize) -> (u32, u32)) -> f64 {
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let mut keys: Vec<_> = (0..scores.len()).map(&key).collect();
    keys.sort_unstable();
    keys.dedup();
    let g = keys.len() as f64;
    let squares: f64 = keys
        .iter()
        .map(|k| {
            let e: f64 = (0..scores.len())
                .filter(|&i| key(i) == *k)
                .map(|i| scores[i] - mean)
                .sum();
            e * e
        })
        .sum();
    g / (g - 1.0) * squares / (n * n)
}

prop_compose! {
    fn design()(n in 3_usize..60)(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0, 0.3]), n),
        first in prop::collection::vec(0_u32..12, n),
        second in prop::collection::vec(0_u32..5, n),
    ) -> (Vec<f64>, Vec<u32>, Vec<u32>) {
        (scores, first, second)
    }
}

fn several(labels: &[u32]) -> bool {
    labels.iter().any(|label| *label != labels[0])
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-13
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_variance_is_that_of_the_naive_twin((scores, first, second) in design()) {
        prop_assume!(several(&first) && several(&second));
        let one = cluster_mean(&scores, Clusters::OneWay(&first)).unwrap();
        let q = naive_variance(&scores, |i| (first[i], 0));
        prop_assert!(close(one.variance().unwrap(), q));
        let two = cluster_mean(&scores, Clusters::TwoWay(&first, &second)).unwrap();
        let p = naive_variance(&scores, |i| (second[i], 0));
        let qp = naive_variance(&scores, |i| (first[i], second[i]));
        prop_assert!(close(two.variance().unwrap(), (q + p - qp).max(q).max(p)));
    }

    #[test]
    fn labels_are_only_names((scores, first, second) in design(), shift in 1_u32..4_000_000_000) {
        let relabel = |labels: &[u32]| -> Vec<u32> {
            labels.iter().map(|label| label.wrapping_mul(2_654_435_761).wrapping_add(shift)).collect()
        };
        let plain = cluster_mean(&scores, Clusters::TwoWay(&first, &second)).unwrap();
        let renamed =
            cluster_mean(&scores, Clusters::TwoWay(&relabel(&first), &relabel(&second))).unwrap();
        prop_assert_eq!(plain, renamed);
    }

    #[test]
    fn dimensions_can_be_swapped((scores, first, second) in design()) {
        prop_assume!(several(&first) && several(&second));
        let plain = cluster_mean(&scores, Clusters::TwoWay(&first, &second)).unwrap();
        let swapped = cluster_mean(&scores, Clusters::TwoWay(&second, &first)).unwrap();
        prop_assert!(close(plain.variance().unwrap(), swapped.variance().unwrap()));
        prop_assert_eq!(plain.degrees_of_freedom(), swapped.degrees_of_freedom());
    }

    #[test]
    fn the_order_of_items_does_not_matter((scores, first, second) in design()) {
        prop_assume!(several(&first) && several(&second));
        let plain = cluster_mean(&scores, Clusters::TwoWay(&first, &second)).unwrap();
        let reversed = cluster_mean(
            &scores.iter().rev().copied().collect::<Vec<_>>(),
            Clusters::TwoWay(
                &first.iter().rev().copied().collect::<Vec<_>>(),
                &second.iter().rev().copied().collect::<Vec<_>>(),
            ),
        ).unwrap();
        prop_assert!(close(plain.mean(), reversed.mean()));
        prop_assert!(close(plain.variance().unwrap(), reversed.variance().unwrap()));
    }

    #[test]
    fn swapping_candidate_and_opponent_mirrors_the_mean_and_keeps_the_variance(
        (scores, first, second) in design(),
    ) {
        prop_assume!(several(&first) && several(&second));
        let plain = cluster_mean(&scores, Clusters::TwoWay(&first, &second)).unwrap();
        let mirror: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let mirrored = cluster_mean(&mirror, Clusters::TwoWay(&first, &second)).unwrap();
        prop_assert!(close(plain.mean(), 1.0 - mirrored.mean()));
        prop_assert!(close(plain.variance().unwrap(), mirrored.variance().unwrap()));
    }

    #[test]
    fn repeating_every_item_within_its_cluster_adds_no_precision((scores, first, _) in design()) {
        prop_assume!(several(&first));
        let plain = cluster_mean(&scores, Clusters::OneWay(&first)).unwrap();
        let doubled = cluster_mean(
            &[scores.clone(), scores.clone()].concat(),
            Clusters::OneWay(&[first.clone(), first.clone()].concat()),
        ).unwrap();
        prop_assert!(close(plain.mean(), doubled.mean()));
        prop_assert!(close(plain.variance().unwrap(), doubled.variance().unwrap()));
        prop_assert_eq!(plain.degrees_of_freedom(), doubled.degrees_of_freedom());
    }

    #[test]
    fn a_single_second_cluster_per_item_changes_nothing_but_correction_factors(
        (scores, first, _) in design(),
    ) {
        // With every item its own second cluster, V_p and V_qp are the same sum,
        // so the two-way variance is the one-way variance by question.
        prop_assume!(several(&first));
        let items: Vec<u32> = (0..scores.len() as u32).collect();
        let two = cluster_mean(&scores, Clusters::TwoWay(&first, &items)).unwrap();
        let by_question = cluster_mean(&scores, Clusters::OneWay(&first)).unwrap();
        let by_item = cluster_mean(&scores, Clusters::OneWay(&items)).unwrap();
        let expected = by_question.variance().unwrap().max(by_item.variance().unwrap());
        prop_assert!(close(two.variance().unwrap(), expected));
    }
}
