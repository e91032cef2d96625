use proptest::prelude::*;

use super::*;

/// The fifteen p-values of Benjamini & Hochberg (1995), section 4.1.
const P: [f64; 15] = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0,
];

fn values(p: &[f64]) -> Vec<PValue> {
    p.iter().map(|&p| PValue::new(p).unwrap()).collect()
}

fn check(found: &[PValue], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found.get() - expected).abs() < 1e-12,
            "{} {expected}",
            found.get()
        );
    }
}

#[test]
fn benjamini_hochberg_agrees_with_statsmodels_and_rejects_four_as_published() {
    let adjusted = benjamini_hochberg(&values(&P));
    check(
        &adjusted,
        &[
            0.0015,
            0.003,
            0.0095,
            0.035_625,
            0.0603,
            0.063_857_142_857_142_86,
            0.063_857_142_857_142_86,
            0.0645,
            0.0765,
            0.486,
            0.581_181_818_181_818_2,
            0.714_875,
            0.753_230_769_230_769_3,
            0.813_214_285_714_285_7,
            1.0,
        ],
    );
    assert_eq!(adjusted.iter().filter(|p| p.get() <= 0.05).count(), 4);
}

#[test]
fn holm_agrees_with_statsmodels_and_rejects_the_three_of_bonferroni() {
    let adjusted = holm(&values(&P));
    check(
        &adjusted,
        &[
            0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213, 1.0, 1.0, 1.0, 1.0,
            1.0, 1.0,
        ],
    );
    assert_eq!(adjusted.iter().filter(|p| p.get() <= 0.05).count(), 3);
    assert_eq!(P.iter().filter(|p| **p * 15.0 <= 0.05).count(), 3);
}

#[test]
fn benjamini_yekutieli_agrees_with_statsmodels() {
    check(
        &benjamini_yekutieli(&values(&P)),
        &[
            0.004_977_343_489_843_491,
            0.009_954_686_979_686_982,
            0.031_523_175_435_675_44,
            0.118_211_907_883_782_89,
            0.200_089_208_291_708_31,
            0.211_892_622_853_337_15,
            0.211_892_622_853_337_15,
            0.214_025_770_063_270_1,
            0.253_844_517_982_018,
            1.0,
            1.0,
            1.0,
            1.0,
            1.0,
            1.0,
        ],
    );
}

#[test]
fn one_test_needs_no_adjustment_and_none_gives_none() {
    for adjust in [holm, benjamini_hochberg, benjamini_yekutieli] {
        check(&adjust(&values(&[0.03])), &[0.03]);
        assert!(adjust(&[]).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The procedures as their papers state them: walk the sorted p-values and
    /// stop, at an error rate of `alpha`.
    #[test]
    fn adjusted_values_reject_what_the_procedures_reject(
        p in prop::collection::vec(0.0..1.0_f64, 1..12), alpha in 0.001..0.5_f64,
    ) {
        let m = p.len();
        let mut sorted = p.clone();
        sorted.sort_by(f64::total_cmp);
        let holm_count = (0..m).take_while(|&k| sorted[k] * (m - k) as f64 <= alpha).count();
        let found = holm(&values(&p)).iter().filter(|p| p.get() <= alpha).count();
        prop_assert_eq!(found, holm_count);
        let harmonic: f64 = (1..=m).map(|k| 1.0 / k as f64).sum();
        for (adjust, factor) in [
            (benjamini_hochberg as fn(&[PValue]) -> Vec<PValue>, 1.0),
            (benjamini_yekutieli, harmonic),
        ] {
            let count = (1..=m).rev().find(|&k| sorted[k - 1] * m as f64 * factor / k as f64 <= alpha);
            let found = adjust(&values(&p)).iter().filter(|p| p.get() <= alpha).count();
            prop_assert_eq!(found, count.unwrap_or(0));
        }
    }

    #[test]
    fn the_order_of_tests_does_not_matter(p in prop::collection::vec(0.0..1.0_f64, 1..12)) {
        let backwards: Vec<f64> = p.iter().rev().copied().collect();
        for adjust in [holm, benjamini_hochberg, benjamini_yekutieli] {
            let plain = adjust(&values(&p));
            let mut reversed = adjust(&values(&backwards));
            reversed.reverse();
            prop_assert_eq!(plain, reversed);
        }
    }
}
