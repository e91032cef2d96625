use proptest::prelude::*;

use super::*;

#[test]
fn exact_test_agrees_with_published_values() {
    // Bentur data of Fagerland et al. 2013: 1 against 7; printed .070 and .039.
    assert!((sign_test(1, 7).get() - 0.070_312_5).abs() < 1e-13);
    assert!((mid_p(1, 7).get() - 0.039_062_5).abs() < 1e-13);
}

#[test]
fn exact_test_agrees_with_scipy() {
    // scipy.stats.binomtest(14, 18).
    assert!((sign_test(14, 4).get() - 0.030_883_789_062_5).abs() < 1e-13);
}

#[test]
fn no_outcomes_and_even_outcomes_say_nothing() {
    for n in [0, 1, 50, 5_000_000] {
        assert!(sign_test(n, n).get() >= 1.0);
        assert!(mid_p(n, n).get() >= 1.0);
    }
}

#[test]
fn ten_million_outcomes_are_no_harder_than_ten() {
    // 4 standard deviations from even: the normal tail, two-sided, is 6.334e-5.
    let half = 5_000_000;
    let shift = 6_324;
    let p = sign_test(half - shift, half + shift).get();
    assert!((p / 6.34e-5 - 1.0).abs() < 5e-3, "{p}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_counts_can_be_swapped(a in 0_u64..500, b in 0_u64..500) {
        prop_assert_eq!(sign_test(a, b), sign_test(b, a));
        prop_assert_eq!(mid_p(a, b), mid_p(b, a));
        prop_assert!(mid_p(a, b) <= sign_test(a, b));
    }

    /// The naive twin sums the terms that are no more likely than the observed.
    #[test]
    fn p_is_the_chance_of_anything_as_unlikely(a in 0_u64..30, b in 0_u64..30) {
        let n = a + b;
        let mut terms = vec![0.5_f64.powi(n as i32)];
        for i in 0..n {
            terms.push(terms[i as usize] * (n - i) as f64 / (i + 1) as f64);
        }
        let observed = terms[a as usize];
        let naive: f64 = terms.iter().filter(|t| **t <= observed * (1.0 + 1e-9)).sum();
        prop_assert!((sign_test(a, b).get() - naive.min(1.0)).abs() < 1e-12);
    }
}
