use proptest::prelude::*;

use super::*;

fn proportion(k: u64, n: u64) -> Proportion {
    Proportion::new(k, n).unwrap()
}

fn check(interval: &Interval, low: f64, high: f64, tolerance: f64) {
    assert!(
        (interval.low() - low).abs() <= tolerance && (interval.high() - high).abs() <= tolerance,
        "found {} to {}, expected {low} to {high}",
        interval.low(),
        interval.high(),
    );
}

/// Newcombe (1998), *Statistics in Medicine* 17:857, Table I, as printed.
#[test]
fn wilson_and_clopper_pearson_agree_with_newcombe() {
    let printed = [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ];
    for (k, n, (wl, wh), (cl, ch)) in printed {
        check(&wilson(proportion(k, n), Level::DEFAULT), wl, wh, 6e-5);
        check(
            &clopper_pearson(proportion(k, n), Level::DEFAULT),
            cl,
            ch,
            6e-5,
        );
    }
}

#[test]
fn wilson_agrees_with_statsmodels() {
    let rows = [
        (81, 263, 0.255_288_519_878_274_2, 0.366_209_576_982_800_04),
        (15, 148, 0.062_386_399_530_736_28, 0.160_487_241_723_308_03),
        (0, 20, 0.0, 0.161_125_158_052_819_4),
        (1, 29, 0.006_113_214_292_762_667, 0.171_755_218_793_202_94),
    ];
    for (k, n, low, high) in rows {
        check(&wilson(proportion(k, n), Level::DEFAULT), low, high, 1e-12);
    }
}

#[test]
fn clopper_pearson_agrees_with_statsmodels_and_scipy() {
    let rows = [
        (81, 263, 0.252_736_745_585_271_37, 0.367_621_922_601_351_35),
        (15, 148, 0.057_844_010_083_448_57, 0.161_650_490_349_479),
        (0, 20, 0.0, 0.168_433_470_983_085_34),
        (1, 29, 0.000_872_646_883_579_922, 0.177_644_295_488_722_93),
        // SciPy documentation of BinomTestResult.proportion_ci.
        (7, 50, 0.058_191_700_339_973_42, 0.267_396_002_497_008_46),
    ];
    for (k, n, low, high) in rows {
        check(
            &clopper_pearson(proportion(k, n), Level::DEFAULT),
            low,
            high,
            1e-12,
        );
    }
}

#[test]
fn jeffreys_tails_agree_with_statsmodels() {
    let rows = [
        (81, 263, 0.254_521_934_991_023_6, 0.365_647_499_174_082_35),
        (15, 148, 0.060_448_517_009_296_3, 0.157_643_143_478_741_12),
        (0, 20, 2.424_647_845_924_273_3e-5, 0.116_638_982_904_875_45),
        (1, 29, 0.003_746_173_649_057_073, 0.150_077_686_002_231_76),
    ];
    for (k, n, low, high) in rows {
        let (found_low, found_high) = jeffreys_tails(proportion(k, n), Level::DEFAULT);
        assert!((found_low - low).abs() < 1e-12, "{k}/{n}: {found_low}");
        assert!((found_high - high).abs() < 1e-12, "{k}/{n}: {found_high}");
    }
}

#[test]
fn jeffreys_reaches_zero_without_successes_and_one_without_failures() {
    let none = jeffreys(proportion(0, 20), Level::DEFAULT);
    check(&none, 0.0, 0.116_638_982_904_875_45, 1e-12);
    let all = jeffreys(proportion(20, 20), Level::DEFAULT);
    check(&all, 1.0 - 0.116_638_982_904_875_45, 1.0, 1e-12);
}

#[test]
fn agresti_coull_agrees_with_statsmodels() {
    let rows = [
        (81, 263, 0.255_220_665_189_996_75, 0.366_277_431_671_077_5),
        (15, 148, 0.061_385_974_928_797_27, 0.161_487_666_325_247_05),
        (0, 20, 0.0, 0.189_809_560_542_488_88),
        (1, 29, 0.0, 0.186_286_508_561_706_12),
    ];
    for (k, n, low, high) in rows {
        check(
            &agresti_coull(proportion(k, n), Level::DEFAULT),
            low,
            high,
            1e-12,
        );
    }
}

/// Newcombe (1998), *Statistics in Medicine* 17:873, Table II (a): printed .0524
/// to .3339; the digits are those of statsmodels.
#[test]
fn difference_of_two_proportions_agrees_with_newcombe() {
    let a = wilson(proportion(56, 70), Level::DEFAULT);
    let b = wilson(proportion(48, 80), Level::DEFAULT);
    check(
        &newcombe(&a, &b),
        0.052_431_472_402_364_98,
        0.333_872_654_036_906_14,
        1e-12,
    );
}

/// Fagerland et al. (2014), *Statistics in Medicine* 33:2850: cells 1, 1, 7, 12,
/// printed -.507 to -.026. The correlation of two paired proportions is the phi
/// coefficient of their table, whose positive numerator Newcombe shrinks by `n/2`
/// for continuity.
#[test]
fn difference_of_paired_proportions_agrees_with_fagerland() {
    let (both, first, second, neither) = (1.0, 1.0, 7.0, 12.0);
    let n = 21.0;
    let product: f64 = (both + first) * (second + neither) * (both + second) * (first + neither);
    let numerator: f64 = both * neither - first * second;
    let phi = (numerator - n / 2.0).max(0.0) / product.sqrt();
    let a = wilson(proportion(2, 21), Level::DEFAULT);
    let b = wilson(proportion(8, 21), Level::DEFAULT);
    let difference = newcombe_correlated(&a, &b, phi);
    check(
        &difference,
        -0.506_920_226_686_141,
        -0.025_559_124_164_859_78,
        1e-12,
    );
}

#[test]
fn a_proportion_needs_trials_and_no_more_successes_than_trials() {
    assert_eq!(Proportion::new(0, 0), Err(StatsError::Empty));
    assert!(Proportion::new(3, 2).is_err());
}

#[test]
fn exact_limits_hold_at_ten_million_trials() {
    // SciPy 1.17: binomtest(5_012_345, 10_000_000).proportion_ci().
    let found = clopper_pearson(proportion(5_012_345, 10_000_000), Level::DEFAULT);
    check(
        &found,
        0.500_924_553_108_555_3,
        0.501_544_446_176_696_4,
        1e-12,
    );
}

const METHODS: [fn(Proportion, Level) -> Interval; 4] =
    [wilson, clopper_pearson, jeffreys, agresti_coull];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn swapping_successes_and_failures_mirrors_the_interval(n in 1_u64..400, share in 0.0..=1.0_f64) {
        let k = (share * n as f64) as u64;
        for method in METHODS {
            let plain = method(proportion(k, n), Level::DEFAULT);
            let mirrored = method(proportion(n - k, n), Level::DEFAULT);
            prop_assert!((plain.low() - (1.0 - mirrored.high())).abs() < 1e-13);
            prop_assert!((plain.high() - (1.0 - mirrored.low())).abs() < 1e-13);
        }
    }

    #[test]
    fn limits_hold_the_rate_inside_zero_and_one(n in 1_u64..400, share in 0.0..=1.0_f64, level in 0.01..0.999_f64) {
        let k = (share * n as f64) as u64;
        for method in METHODS {
            let interval = method(proportion(k, n), Level::new(level).unwrap());
            prop_assert!(0.0 <= interval.low() && interval.low() <= interval.estimate());
            prop_assert!(interval.estimate() <= interval.high() && interval.high() <= 1.0);
        }
    }

    /// The definition: at each exact limit the tail beyond the data has half of
    /// alpha.
    #[test]
    fn exact_limits_leave_half_of_alpha_in_each_tail(n in 1_u64..40, share in 0.0..=1.0_f64) {
        let k = (share * n as f64) as u64;
        let tail = |p: f64, wanted: &dyn Fn(u64) -> bool| -> f64 {
            (0..=n).filter(|&i| wanted(i)).map(|i| {
                (0..i).map(|j| (n - j) as f64 / (j + 1) as f64).product::<f64>()
                    * p.powi(i as i32) * (1.0 - p).powi((n - i) as i32)
            }).sum()
        };
        let interval = clopper_pearson(proportion(k, n), Level::DEFAULT);
        if k > 0 {
            prop_assert!((tail(interval.low(), &|i| i >= k) - 0.025).abs() < 1e-10);
        }
        if k < n {
            prop_assert!((tail(interval.high(), &|i| i <= k) - 0.025).abs() < 1e-10);
        }
    }

    #[test]
    fn swapping_the_two_estimates_mirrors_their_difference(
        ka in 0_u64..=50, kb in 0_u64..=80, phi in -0.9..0.9_f64,
    ) {
        let a = wilson(proportion(ka, 50), Level::DEFAULT);
        let b = wilson(proportion(kb, 80), Level::DEFAULT);
        let plain = newcombe_correlated(&a, &b, phi);
        let swapped = newcombe_correlated(&b, &a, phi);
        prop_assert!((plain.low() + swapped.high()).abs() < 1e-13);
        prop_assert!((plain.high() + swapped.low()).abs() < 1e-13);
    }
}
