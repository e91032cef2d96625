use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::noisy_data::{noisy, pearson_york, precise};

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-6 * expected.abs().max(1.0),
        "{found} {expected}"
    );
}

#[track_caller]
fn is(found: &Line, slope: f64, intercept: f64, limits: Option<(f64, f64)>, scatter: f64) {
    close(found.slope, slope);
    close(found.intercept, intercept);
    close(found.scatter, scatter);
    assert_eq!(found.low.is_some(), limits.is_some());
    assert_eq!(found.high.is_some(), limits.is_some());
    if let (Some((low, high)), Some(found_low), Some(found_high)) = (limits, found.low, found.high)
    {
        close(found_low, low);
        close(found_high, high);
    }
}

#[test]
fn as_york_and_scipy_odr_have_the_line_of_pearsons_data() {
    let found = york(&pearson_york(), Level::DEFAULT).unwrap();
    // York et al. 2004: -0.480533407 and 5.47991022; scipy 1.17.1 odr: -0.480533708,
    // 5.47991178, sum of squares 11.866353. Limits by brentq on the same chi².
    close(found.slope, -0.480_533_407);
    close(found.intercept, 5.479_910_22);
    is(
        &found,
        -0.480_533_402_975_260_2,
        5.479_910_202_181_038,
        Some((-0.624_412_514_077_193_9, -0.359_754_520_850_596_34)),
        0.0,
    );
}

#[test]
fn as_scipy_has_the_line_with_scatter() {
    // scipy 1.17.1: minimize_scalar over the angle, brentq for the scatter and, on the
    // score's test, for the limits.
    let line = |pairs: &NoisyPairs| line(pairs, Level::DEFAULT).unwrap();
    is(
        &line(&noisy(0.0)),
        1.271_243_812_550_861_6,
        -0.094_291_968_820_312_4,
        None,
        0.046_287_322_029_102_12,
    );
    is(
        &line(&noisy(0.3)),
        0.882_543_283_299_040_6,
        -0.056_624_467_183_895_86,
        None,
        0.054_304_241_564_850_31,
    );
    is(
        &line(&precise()),
        -0.737_001_584_387_412_7,
        0.091_896_296_021_765_94,
        Some((-1.371_724_930_541_092_6, -0.250_502_977_418_492_76)),
        0.060_112_937_621_796_34,
    );
    is(
        &line(&pearson_york()),
        -0.489_619_967_829_217_74,
        5.535_137_575_718_515,
        Some((-0.645_210_342_191_935_8, -0.360_207_636_648_688_5)),
        0.145_874_972_886_054_33,
    );
}

#[test]
fn without_noise_in_x_it_is_least_squares() {
    let x: Vec<f64> = (0..10).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| 2.0 * x - 1.0 + (x * 2.3).sin()).collect();
    let least_squares = {
        let (mx, my) = (mean(&x), mean(&y));
        let xy: f64 = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum();
        xy / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
    };
    let pairs = NoisyPairs::new(x, y, vec![0.0; 10], vec![0.01; 10], Vec::new()).unwrap();
    close(line(&pairs, Level::DEFAULT).unwrap().slope, least_squares);
}

#[test]
fn a_slope_that_may_be_vertical_has_no_limit() {
    // y says little of x, which hardly varies beyond its noise.
    let x = vec![0.1, -0.2, 0.15, 0.0, -0.1, 0.22, 0.05, -0.18];
    let y = vec![1.0, -1.0, 0.5, 0.7, -0.4, -0.2, 0.9, -1.2];
    let pairs = NoisyPairs::new(x, y, vec![0.02; 8], vec![0.01; 8], Vec::new()).unwrap();
    let found = line(&pairs, Level::DEFAULT).unwrap();
    assert_eq!(found.high, None);
}

#[test]
fn few_units_are_refused() {
    let pairs = NoisyPairs::new(
        vec![0.0, 1.0, 3.0],
        vec![0.0, 1.0, 2.0],
        vec![0.1; 3],
        vec![0.1; 3],
        Vec::new(),
    )
    .unwrap();
    assert!(line(&pairs, Level::DEFAULT).is_err());
    assert!(york(&pairs, Level::DEFAULT).is_ok());
}

/// Sums of twelve uniform numbers, which are nearly normal.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

#[test]
fn the_true_slope_is_refused_as_often_as_the_level_says() {
    // Reliabilities of about .4, and true values that correlate by .5.
    let slope = 0.75;
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let (studies, units) = (1000, 30);
    let refused = (0..studies).filter(|_| {
        let mut columns: [Vec<f64>; 4] = Default::default();
        for _ in 0..units {
            let x = normal(&mut rng);
            let y = slope * x + 1.3 * normal(&mut rng);
            let mut error = || 1.2 * (0.6 + 0.8 * rng.random::<f64>());
            let (sx, sy) = (error(), 1.5 * error());
            let point = [
                x + sx * normal(&mut rng),
                y + sy * normal(&mut rng),
                sx * sx,
                sy * sy,
            ];
            for (column, value) in columns.iter_mut().zip(point) {
                column.push(value);
            }
        }
        let [x, y, vx, vy] = columns;
        let pairs = NoisyPairs::new(x, y, vx, vy, Vec::new()).unwrap();
        let fit = Fit::new(&pairs).unwrap();
        fit.score(slope).abs() > fit.t_quantile(Level::DEFAULT)
    });
    let refused = refused.count();
    assert!((30..=70).contains(&refused), "{refused} of {studies}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// With one error for all units the score is that of moments: the covariance of `x` and
    /// the residuals, less what errors make of it.
    #[test]
    fn with_equal_errors_and_scatter_the_score_is_of_moments(
        points in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 8..30),
        slope in -2.0_f64..2.0,
        x_noise in 0.05_f64..0.2,
        covariance in -0.04_f64..0.04,
    ) {
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let n = x.len();
        let pairs = NoisyPairs::new(
            x.clone(),
            y.clone(),
            vec![x_noise; n],
            vec![0.05; n],
            vec![covariance; n],
        )
        .unwrap();
        let fit = Fit::new(&pairs).unwrap();
        prop_assume!(fit.scatter_at(slope) > 1e-3);
        let middle = (mean(&x), mean(&y));
        let products: Vec<f64> = x
            .iter()
            .zip(&y)
            .map(|(x, y)| (y - middle.1 - slope * (x - middle.0)) * (x - middle.0))
            .collect();
        let count = n as f64;
        let excess = mean(&products) + (slope * x_noise - covariance) * (count - 2.0) / count;
        let centre = mean(&products);
        let squares: f64 = products.iter().map(|p| (p - centre).powi(2)).sum();
        let expected = excess / (squares / (count - 1.0) / count).sqrt();
        let found = fit.score(slope);
        prop_assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
    }

    #[test]
    fn limits_hold_the_slope(
        points in prop::collection::vec((-3.0_f64..3.0, -1.0_f64..1.0), 8..30),
        slope in -2.0_f64..2.0,
        noise in 0.01_f64..0.5,
    ) {
        let x: Vec<f64> = points.iter().map(|(x, _)| *x).collect();
        let y: Vec<f64> = points.iter().map(|(x, e)| slope * x + e).collect();
        let n = x.len();
        let pairs = NoisyPairs::new(x, y, vec![noise; n], vec![noise; n], Vec::new()).unwrap();
        if let Ok(found) = line(&pairs, Level::DEFAULT) {
            prop_assert!(found.low.is_none_or(|low| low <= found.slope), "{found:?}");
            prop_assert!(found.high.is_none_or(|high| found.slope <= high), "{found:?}");
        }
    }

    /// Deming's closed form, with one ratio of variances for all units.
    #[test]
    fn with_equal_errors_it_is_demings(
        points in prop::collection::vec((-3.0_f64..3.0, -1.0_f64..1.0), 8..30),
        slope in -2.0_f64..2.0,
        x_noise in 0.05_f64..0.5,
        y_noise in 0.05_f64..0.5,
    ) {
        let x: Vec<f64> = points.iter().map(|(x, _)| *x).collect();
        let y: Vec<f64> = points.iter().map(|(x, e)| slope * x + e).collect();
        let n = x.len();
        let pairs =
            NoisyPairs::new(x, y, vec![x_noise; n], vec![y_noise; n], Vec::new()).unwrap();
        let (xx, yy, xy) = pairs.moments().unwrap();
        let ratio = y_noise / x_noise;
        let part = yy - ratio * xx;
        prop_assume!(xy.abs() > 1e-3);
        let expected = (part + (part * part + 4.0 * ratio * xy * xy).sqrt()) / (2.0 * xy);
        let found = york(&pairs, Level::DEFAULT).unwrap();
        prop_assert!((found.slope - expected).abs() < 1e-5 * expected.abs().max(1.0), "{} {expected}", found.slope);
    }
}
