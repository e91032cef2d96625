use proptest::prelude::*;

use super::*;
use crate::stats::noisy_data::{noisy, precise};

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{found} {expected}"
    );
}

#[test]
fn as_scipy_has_them() {
    // scipy 1.17.1: stats.pearsonr with its interval, stats.spearmanr.
    let pairs = noisy(0.0);
    let r = pearson(&pairs, Level::DEFAULT).unwrap();
    close(r.estimate(), 0.396_244_024_659_059_06);
    close(r.low(), -0.056_116_589_015_065_07);
    close(r.high(), 0.713_632_115_878_573_1);
    close(spearman(&pairs).unwrap(), 0.437_593_984_962_406);
}

#[test]
fn reliabilities_scale_the_correlation_and_its_limits() {
    // The same with NumPy: 1 - mean(se²)/var, and Fisher's limits over their root.
    let found = disattenuated(&noisy(0.0), Level::DEFAULT).unwrap();
    assert!((found.x_reliability - 0.385_759_42).abs() < 1e-8);
    assert!((found.y_reliability - 0.505_441_08).abs() < 1e-8);
    close(found.unclipped, 0.897_365_118_802_955);
    close(found.interval.low(), -0.127_086_003_660_621_23);
    // Unclipped 1.616.
    close(found.interval.high(), 1.0);
    assert!(found.clipped);
    let precise = disattenuated(&precise(), Level::DEFAULT).unwrap();
    assert!(!precise.clipped);
}

#[test]
fn what_errors_share_is_taken_off() {
    // s_xy - c with c the mean of .3 se_x se_y, over the root of what is not noise.
    let pairs = noisy(0.3);
    let (xx, yy, xy) = pairs.moments().unwrap();
    let expected = (xy - pairs.error_covariance())
        / ((xx - cov(&pairs.x_variance)) * (yy - cov(&pairs.y_variance))).sqrt();
    let found = disattenuated(&pairs, Level::DEFAULT).unwrap();
    close(found.unclipped, expected);
    assert!(found.unclipped < 0.897);
}

#[test]
fn where_both_limits_are_beyond_one_the_nearer_is_left_as_it_stands() {
    // r .98 with two reliabilities of a half: .96 scaled is far beyond 1.
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| x + 2.0 * (x * 1.7).sin()).collect();
    let pairs = made(x, y, 17.5);
    let plain = pearson(&pairs, Level::DEFAULT).unwrap();
    let found = disattenuated(&pairs, Level::DEFAULT).unwrap();
    assert!(found.clipped && found.unclipped > 1.5);
    close(found.interval.low(), plain.low());
    close(found.interval.high(), 1.0);
}

fn cov(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn made(x: Vec<f64>, y: Vec<f64>, noise: f64) -> NoisyPairs {
    let n = x.len();
    NoisyPairs::new(x, y, vec![noise; n], vec![noise; n], Vec::new()).unwrap()
}

#[test]
fn few_units_and_nothing_but_noise_are_refused() {
    let few = made((0..7).map(f64::from).collect(), vec![1.0; 7], 0.0);
    let needed = FEWEST_UNITS;
    let expected = StatsError::TooFewUnits { found: 7, needed };
    assert_eq!(pearson(&few, Level::DEFAULT), Err(expected.clone()));
    assert_eq!(disattenuated(&few, Level::DEFAULT), Err(expected));
    let x: Vec<f64> = (0..9).map(f64::from).collect();
    let noise = made(x.clone(), x.clone(), 8.0);
    assert!(pearson(&noise, Level::DEFAULT).is_ok());
    // Variance 7.5, noise 8.
    let refused = disattenuated(&noise, Level::DEFAULT).unwrap_err();
    assert!(
        matches!(refused, StatsError::Unreliable { axis: "structured", reliability } if (reliability + 1.0 / 15.0).abs() < 1e-12)
    );
    let same = made(x, vec![2.0; 9], 0.0);
    assert_eq!(spearman(&same), Err(StatsError::NoVariation));
}

#[test]
fn a_perfect_correlation_has_itself_for_limits() {
    let x: Vec<f64> = (0..9).map(f64::from).collect();
    let r = pearson(&made(x.clone(), x, 0.0), Level::DEFAULT).unwrap();
    assert!((r.low() - 1.0).abs() < 1e-6 && (r.high() - 1.0).abs() < 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Ranks by counting what is smaller, and the textbook sums.
    #[test]
    fn as_a_naive_twin_has_them(
        points in prop::collection::vec((-5_i8..5, -5_i8..5), 8..30),
        noise in 0.0_f64..2.0,
    ) {
        let (x, y): (Vec<f64>, Vec<f64>) =
            points.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
        let n = x.len() as f64;
        let naive = |x: &[f64], y: &[f64]| {
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let total = |a: &[f64]| a.iter().sum::<f64>();
            (n * dot(x, y) - total(x) * total(y))
                / ((n * dot(x, x) - total(x).powi(2)) * (n * dot(y, y) - total(y).powi(2))).sqrt()
        };
        let ranked = |v: &[f64]| -> Vec<f64> {
            v.iter()
                .map(|a| {
                    let below = v.iter().filter(|b| *b < a).count() as f64;
                    let same = v.iter().filter(|b| *b <= a).count() as f64 - below;
                    below + f64::midpoint(same, 1.0)
                })
                .collect()
        };
        let pairs = made(x.clone(), y.clone(), noise);
        let expected = naive(&x, &y);
        if expected.is_nan() {
            prop_assert!(pearson(&pairs, Level::DEFAULT).is_err());
            return Ok(());
        }
        let r = pearson(&pairs, Level::DEFAULT).unwrap();
        prop_assert!((r.estimate() - expected).abs() < 1e-9);
        let rho = spearman(&pairs).unwrap();
        prop_assert!((rho - naive(&ranked(&x), &ranked(&y))).abs() < 1e-9);
        let variance = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / n;
            v.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (n - 1.0)
        };
        let (rx, ry) = (1.0 - noise / variance(&x), 1.0 - noise / variance(&y));
        match disattenuated(&pairs, Level::DEFAULT) {
            Ok(found) => {
                prop_assert!((found.unclipped - expected / (rx * ry).sqrt()).abs() < 1e-6 * found.unclipped.abs().max(1.0));
                prop_assert!(found.interval.low() >= -1.0 && found.interval.high() <= 1.0);
            }
            Err(_) => prop_assert!(rx <= 1e-9 || ry <= 1e-9),
        }
    }
}
