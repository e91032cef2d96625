//! Critical values for several intervals that hold together.
//!
//! The largest of the absolute t statistics of several contrasts has a quantile
//! between that of one contrast and Bonferroni's, the closer to one the more the
//! contrasts agree. It is found by drawing from the multivariate t distribution
//! with the estimated covariance (Hothorn, Bretz & Westfall 2008, *Biometrical
//! Journal* 50:346).

use rand::Rng;

use super::Level;
use super::bootstrap::sorted_quantile;
use super::linalg::Square;
use super::quantile::t_upper_quantile;
use super::random::{Draws, normal};

/// The quantile of `max |T|` over differences between entries of an estimate with
/// this covariance. Differences without variance do not count.
pub(crate) fn critical_value(
    covariance: &Square,
    contrasts: &[(usize, usize)],
    df: f64,
    level: Level,
    draws: Draws,
) -> f64 {
    let scaled: Vec<(usize, usize, f64)> = contrasts
        .iter()
        .map(|&(i, j)| (i, j, covariance.contrast(i, j)))
        .filter(|(_, _, variance)| *variance > 0.0)
        .map(|(i, j, variance)| (i, j, variance.sqrt().recip()))
        .collect();
    let single = t_upper_quantile(level.tail(), df);
    if scaled.len() < 2 {
        return single;
    }
    let root = covariance.semidefinite_root();
    let mut largest = draws.each(|rng| {
        let z: Vec<f64> = (0..root.size()).map(|_| normal(rng)).collect();
        let x = root.apply(&z);
        let top = scaled
            .iter()
            .map(|&(i, j, scale)| (x[i] - x[j]).abs() * scale);
        top.fold(0.0, f64::max) / (chi_squared(rng, df) / df).sqrt()
    });
    largest.sort_unstable_by(f64::total_cmp);
    let bonferroni = t_upper_quantile(level.tail() / scaled.len() as f64, df);
    sorted_quantile(&largest, level.get()).clamp(single, bonferroni)
}

/// A chi-squared draw, by Marsaglia & Tsang (2000, *ACM TOMS* 26:363).
fn chi_squared(rng: &mut impl Rng, df: f64) -> f64 {
    let uniform =
        |rng: &mut dyn FnMut() -> u64| ((rng() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let shape = 0.5 * df;
    if shape < 1.0 {
        let boost = uniform(&mut || rng.next_u64()).powf(1.0 / shape);
        return chi_squared(rng, df + 2.0) * boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = (1.0 + c * x).powi(3);
        let u = uniform(&mut || rng.next_u64());
        if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return 2.0 * d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const DRAWS: Draws = Draws {
        seed: 6,
        count: 20_000,
    };

    fn diagonal(values: &[f64]) -> Square {
        let mut square = Square::zeros(values.len());
        for (i, value) in values.iter().enumerate() {
            square.add(i, i, *value);
        }
        square
    }

    #[test]
    fn one_contrast_takes_the_t_quantile() {
        let found = critical_value(
            &diagonal(&[1.0, 2.0]),
            &[(0, 1)],
            9.0,
            Level::DEFAULT,
            DRAWS,
        );
        assert!((found - t_upper_quantile(0.025, 9.0)).abs() < 1e-12);
    }

    /// The studentized range: Tukey's table gives q = 3.877 for three means with
    /// 10 degrees of freedom and 3.314 with infinitely many; the contrast quantile
    /// is q / sqrt 2.
    #[test]
    fn equal_independent_means_give_tukeys_range() {
        let pairs = [(0, 1), (0, 2), (1, 2)];
        for (df, q) in [(10.0, 3.877), (1e9, 3.314)] {
            let found = critical_value(&diagonal(&[1.0; 3]), &pairs, df, Level::DEFAULT, DRAWS);
            assert!((found - q / 2.0_f64.sqrt()).abs() < 0.05, "{df}: {found}");
        }
    }

    #[test]
    fn contrasts_that_agree_completely_need_no_correction() {
        // Only the first entry varies, so all differences from it are one.
        let covariance = diagonal(&[1.0, 0.0, 0.0, 0.0]);
        let pairs = [(0, 1), (0, 2), (0, 3)];
        let found = critical_value(&covariance, &pairs, 50.0, Level::DEFAULT, DRAWS);
        assert!(
            (found - t_upper_quantile(0.025, 50.0)).abs() < 0.04,
            "{found}"
        );
    }

    #[test]
    fn chi_squared_draws_have_the_right_mean_and_variance() {
        for df in [1.0, 2.0, 7.0, 400.0] {
            let mut rng = ChaCha8Rng::seed_from_u64(8);
            let draws: Vec<f64> = (0..20_000).map(|_| chi_squared(&mut rng, df)).collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
            assert!((mean / df - 1.0).abs() < 0.05, "{df}: {mean}");
            assert!(
                (variance / (2.0 * df) - 1.0).abs() < 0.15,
                "{df}: {variance}"
            );
        }
    }
}
