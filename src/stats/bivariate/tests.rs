use super::*;
use crate::stats::noisy_data::{noisy, precise};

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 2e-5, "{found} {expected}");
}

#[test]
fn as_scipy_has_it() {
    // scipy 1.17.1: Nelder-Mead over all but the correlation, minimize_scalar and brentq
    // over atanh of it.
    let found = bivariate(&precise(), Level::DEFAULT).unwrap();
    close(found.correlation.estimate(), -0.479_818_764_109_120_17);
    close(found.correlation.low(), -0.698_246_687_499_028_4);
    close(found.correlation.high(), -0.181_162_254_971_117_57);
    close(found.x_spread, 0.042_703_38);
    close(found.y_spread, 0.066_550_93);
    let noisy = bivariate(&noisy(0.0), Level::DEFAULT).unwrap();
    close(noisy.correlation.estimate(), 0.583_278_574_799_386_6);
    close(noisy.correlation.low(), -0.215_422_750_703_404_75);
    // There the likelihood does not fall enough up to .999.
    close(noisy.correlation.high(), 1.0);
    close(noisy.x_spread, 0.026_683_24);
    close(noisy.y_spread, 0.059_090_38);
}

#[test]
fn errors_that_correlate_are_not_taken_for_the_truth() {
    let found = bivariate(&noisy(0.3), Level::DEFAULT).unwrap();
    close(found.correlation.estimate(), 0.383_146_925_318_928_6);
    close(found.correlation.low(), -0.505_242_834_516_186_8);
    close(found.y_spread, 0.058_092_4);
}

#[test]
fn it_is_pearsons_where_there_is_no_noise() {
    let (x, y): (Vec<f64>, Vec<f64>) = (0..15)
        .map(f64::from)
        .map(|x| (x, x + 4.0 * (x * 1.7).sin()))
        .unzip();
    let pairs = NoisyPairs::new(x, y, vec![0.0; 15], vec![0.0; 15], Vec::new()).unwrap();
    let r = crate::stats::correlation::pearson(&pairs, Level::DEFAULT).unwrap();
    let found = bivariate(&pairs, Level::DEFAULT).unwrap();
    close(found.correlation.estimate(), r.estimate());
}

#[test]
fn exchanging_the_two_changes_nothing() {
    let pairs = noisy(0.2);
    let turned = NoisyPairs::new(
        pairs.y.clone(),
        pairs.x.clone(),
        pairs.y_variance.clone(),
        pairs.x_variance.clone(),
        pairs.covariance.clone(),
    )
    .unwrap();
    let (a, b) = (
        bivariate(&pairs, Level::DEFAULT).unwrap(),
        bivariate(&turned, Level::DEFAULT).unwrap(),
    );
    close(a.correlation.estimate(), b.correlation.estimate());
    close(a.correlation.low(), b.correlation.low());
    close(a.x_spread, b.y_spread);
}
