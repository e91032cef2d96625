use proptest::prelude::*;

use super::*;

/// Cases and others, treated and control, in thirteen trials of BCG against
/// tuberculosis (Colditz et al. 1994, *JAMA* 271:698), as in R's `metafor`.
const TRIALS: [[f64; 4]; 13] = [
    [4.0, 119.0, 11.0, 128.0],
    [6.0, 300.0, 29.0, 274.0],
    [3.0, 228.0, 11.0, 209.0],
    [62.0, 13_536.0, 248.0, 12_619.0],
    [33.0, 5_036.0, 47.0, 5_761.0],
    [180.0, 1_361.0, 372.0, 1_079.0],
    [8.0, 2_537.0, 10.0, 619.0],
    [505.0, 87_886.0, 499.0, 87_892.0],
    [29.0, 7_470.0, 45.0, 7_232.0],
    [17.0, 1_699.0, 65.0, 1_600.0],
    [186.0, 50_448.0, 141.0, 27_197.0],
    [5.0, 2_493.0, 3.0, 2_338.0],
    [27.0, 16_886.0, 29.0, 17_825.0],
];

/// Log risk ratios and their variances.
fn trials() -> (Vec<f64>, Vec<f64>) {
    TRIALS
        .iter()
        .map(|[a, b, c, d]| {
            let ratio = (a / (a + b)).ln() - (c / (c + d)).ln();
            (ratio, 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d))
        })
        .unzip()
}

/// `metafor` prints `tau^2` .3181 by Paule-Mandel, limits .1197 and 1.1115, `Q`
/// 152.2330; digits by statsmodels `combine_effects` and SciPy.
#[test]
fn spread_of_trials_agrees_with_metafor_and_statsmodels() {
    let (estimates, variances) = trials();
    let found = spread(&estimates, &variances, Level::DEFAULT).unwrap();
    assert!((found.tau.estimate().powi(2) - 0.318_068_452_205_024).abs() < 1e-11);
    assert!((found.tau.low().powi(2) - 0.119_718_361_141_260_86).abs() < 1e-11);
    assert!((found.tau.high().powi(2) - 1.111_479_084_060_927_9).abs() < 1e-10);
    assert!((found.q - 152.233_008_082_373_3).abs() < 1e-9);
    assert_eq!(found.degrees_of_freedom, 12);
    assert!((found.p.get() / 1.996_764_590_845_992_4e-26 - 1.0).abs() < 1e-9);
}

/// Efron & Morris (1977, *Scientific American* 236:119): batting averages of 18
/// players after 45 at bats. James and Stein's factor with `K - 3` is the published
/// .212, and takes Clemente's .400 to .294; ours solves `Q = K - 1`, so that the
/// shrinkage `1 - w` is `(K - 1)/(K - 3)` times theirs.
#[test]
fn pooling_of_batting_averages_is_that_of_efron_and_morris_but_for_its_constant() {
    let hits = [
        18.0, 17.0, 16.0, 15.0, 14.0, 14.0, 13.0, 12.0, 11.0, 11.0, 10.0, 10.0, 10.0, 10.0, 10.0,
        9.0, 8.0, 7.0,
    ];
    let averages: Vec<f64> = hits.iter().map(|h| h / 45.0).collect();
    let middle = averages.iter().sum::<f64>() / 18.0;
    let variance = middle * (1.0 - middle) / 45.0;
    let found = partial_pooling(&averages, &[variance; 18]).unwrap();
    let factor = 0.211_653_417_144_265_9;
    let expected = 1.0 - 17.0 / 15.0 * (1.0 - factor);
    assert!(
        (found.weights[0] - expected).abs() < 1e-9,
        "{}",
        found.weights[0]
    );
    let clemente = middle + factor * (averages[0] - middle);
    assert!((clemente - 0.293_913_854_899_660_54).abs() < 1e-12);
    let with_ours = middle + expected * (averages[0] - middle);
    assert!((found.estimates[0] - with_ours).abs() < 1e-9);
    assert!((found.centre - middle).abs() < 1e-12);
}

#[test]
fn equal_estimates_have_no_spread_and_pool_completely() {
    let found = spread(&[0.5; 6], &[0.01; 6], Level::DEFAULT).unwrap();
    assert!(found.tau.estimate() <= 0.0 && found.tau.low() <= 0.0);
    assert!(found.p.get() >= 1.0);
    let pooled = partial_pooling(&[0.4, 0.41, 0.42], &[0.01; 3]).unwrap();
    assert!(pooled.estimates.iter().all(|e| (e - 0.41).abs() < 1e-12));
}

#[test]
fn bad_input_is_an_error() {
    assert_eq!(
        spread(&[0.5], &[0.1], Level::DEFAULT),
        Err(StatsError::TooFewGroups { found: 1 })
    );
    assert!(spread(&[0.5, 0.6], &[0.1], Level::DEFAULT).is_err());
    assert!(spread(&[0.5, 0.6], &[0.1, 0.0], Level::DEFAULT).is_err());
    assert!(partial_pooling(&[0.5, f64::NAN], &[0.1, 0.1]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_limit_solves_its_equation(
        rows in prop::collection::vec((-1.0..1.0_f64, 0.001..0.2_f64), 3..15),
    ) {
        let (estimates, variances): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let found = spread(&estimates, &variances, Level::DEFAULT).unwrap();
        let df = estimates.len() as f64 - 1.0;
        // Q written out once more.
        let q = |tau: f64| {
            let w: Vec<f64> = variances.iter().map(|v| 1.0 / (v + tau * tau)).collect();
            let total: f64 = w.iter().sum();
            let centre = w.iter().zip(&estimates).map(|(w, y)| w * y).sum::<f64>() / total;
            w.iter().zip(&estimates).map(|(w, y)| w * (y - centre).powi(2)).sum::<f64>()
        };
        for (tau, target) in [
            (found.tau.low(), chi_squared_quantile(0.975, df)),
            (found.tau.estimate(), df),
            (found.tau.high(), chi_squared_quantile(0.025, df)),
        ] {
            if tau > 1e-6 {
                prop_assert!((q(tau) - target).abs() < 1e-6 * target, "{tau}");
            } else {
                prop_assert!(q(0.0) <= target * (1.0 + 1e-6));
            }
        }
    }

    #[test]
    fn pooled_estimates_lie_between_their_own_and_the_centre(
        rows in prop::collection::vec((0.0..1.0_f64, 0.001..0.2_f64), 2..15),
    ) {
        let (estimates, variances): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let found = partial_pooling(&estimates, &variances).unwrap();
        for (own, pooled) in estimates.iter().zip(&found.estimates) {
            let (low, high) = (own.min(found.centre), own.max(found.centre));
            prop_assert!(low - 1e-12 <= *pooled && *pooled <= high + 1e-12);
        }
    }

    #[test]
    fn the_order_and_the_level_of_estimates_do_not_matter(
        rows in prop::collection::vec((0.0..1.0_f64, 0.001..0.2_f64), 2..15), shift in -3.0..3.0_f64,
    ) {
        let (estimates, variances): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        let (moved, turned): (Vec<f64>, Vec<f64>) =
            rows.iter().rev().map(|(y, v)| (shift - y, *v)).unzip();
        let a = spread(&estimates, &variances, Level::DEFAULT).unwrap();
        let b = spread(&moved, &turned, Level::DEFAULT).unwrap();
        prop_assert!((a.tau.estimate() - b.tau.estimate()).abs() < 1e-6);
        prop_assert!((a.tau.high() - b.tau.high()).abs() < 1e-6);
        prop_assert!((a.q - b.q).abs() < 1e-8 * (1.0 + a.q));
    }
}

/// With variances known from very many items Welch's allowance is none.
#[test]
fn the_confidence_distribution_holds_the_limits_of_the_spread() {
    let estimates = [0.31, 0.52, 0.44, 0.6, 0.38, 0.55, 0.7];
    let variances = [0.002, 0.004, 0.003, 0.002, 0.005, 0.003, 0.004];
    let known = confidence_distribution(&estimates, &variances, &[1e9; 7], 1000).unwrap();
    assert!(known.is_sorted());
    let noisy = Noisy::new(&estimates, &variances).unwrap();
    for (place, at) in [(24, 0.9755), (500, 0.4995), (974, 0.0255)] {
        let limit = noisy.solve(chi_squared_quantile(at, 6.0));
        assert!((known[place] - limit).abs() < 1e-7 * limit, "{place}");
    }
    // With variances from few items more of what is seen may be noise.
    let open = confidence_distribution(&estimates, &variances, &[20.0; 7], 1000).unwrap();
    assert!(open[24] < known[24] && open[500] < known[500]);
}

/// Welch 1951: for equal variances and degrees of freedom, in closed form.
#[test]
fn the_allowance_is_that_of_welch() {
    let (factor, second) = welch(&[0.3; 5], &[12.0; 5]);
    let parts = 5.0 * 0.64 / 12.0;
    assert!((factor - (1.0 + 6.0 / 24.0 * parts)).abs() < 1e-12);
    assert!((second - 24.0 / (3.0 * parts)).abs() < 1e-12);
}

#[test]
fn the_confidence_distribution_of_equal_estimates_is_0() {
    let none = confidence_distribution(&[0.5; 4], &[0.01; 4], &[40.0; 4], 100).unwrap();
    assert!(none.iter().all(|t| *t == 0.0));
}
