//! Two estimates for each of some units, with the variances and the covariance of
//! their errors.
//!
//! Invariants: all slices have one length, numbers are finite, variances are not
//! negative, and no covariance is larger than its two variances allow.

use super::StatsError;
use super::cluster::{check_length, check_scores, mean};
use super::sum::sum;

/// Pairs of estimates with known errors.
#[derive(Debug, Clone, PartialEq)]
pub struct NoisyPairs {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) x_variance: Vec<f64>,
    pub(super) y_variance: Vec<f64>,
    pub(super) covariance: Vec<f64>,
}

impl NoisyPairs {
    /// Estimates `x` and `y` of each unit; the variances of their errors, and the
    /// covariance of the two errors of a unit (empty: none).
    ///
    /// A covariance beyond what the variances allow is drawn back to it.
    ///
    /// # Errors
    ///
    /// When there is nothing, lengths differ, a number is not finite, or a variance is
    /// negative.
    pub fn new(
        x: Vec<f64>,
        y: Vec<f64>,
        x_variance: Vec<f64>,
        y_variance: Vec<f64>,
        mut covariance: Vec<f64>,
    ) -> Result<Self, StatsError> {
        if covariance.is_empty() {
            covariance = vec![0.0; x.len()];
        }
        for (what, column) in [
            ("the second estimates", &y),
            ("the variances of the first", &x_variance),
            ("the variances of the second", &y_variance),
            ("the error covariances", &covariance),
        ] {
            check_length(what, column.len(), x.len())?;
        }
        for column in [&x, &y, &x_variance, &y_variance, &covariance] {
            check_scores(column)?;
        }
        let variances = x_variance.iter().chain(&y_variance);
        if let Some(&value) = variances.clone().find(|value| **value < 0.0) {
            return Err(StatsError::OutOfRange {
                what: "the variance of an estimate",
                value,
                low: 0.0,
                high: f64::MAX,
            });
        }
        for (unit, covariance) in covariance.iter_mut().enumerate() {
            let most = (x_variance[unit] * y_variance[unit]).sqrt();
            *covariance = covariance.clamp(-most, most);
        }
        Ok(Self {
            x,
            y,
            x_variance,
            y_variance,
            covariance,
        })
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.x.len()
    }

    /// The two estimates of each unit.
    pub fn estimates(&self) -> (&[f64], &[f64]) {
        (&self.x, &self.y)
    }

    /// Mean over units of the covariance of the two errors of a unit.
    pub fn error_covariance(&self) -> f64 {
        mean(&self.covariance)
    }

    /// Share of the variance of each estimate over units that is not noise,
    /// `1 - mean(se²) / s²` with `n - 1` in `s²`. Not above 1, and not above 0 where
    /// noise alone would make the estimates differ as much; `None` for one unit, and
    /// where all estimates agree.
    pub fn reliabilities(&self) -> (Option<f64>, Option<f64>) {
        let of = |values: &[f64], errors: &[f64]| {
            let variance = self.products(values, values)?;
            let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
            let varies = variance > (1e-12 * largest).powi(2);
            varies.then(|| 1.0 - mean(errors) / variance)
        };
        (of(&self.x, &self.x_variance), of(&self.y, &self.y_variance))
    }

    /// Covariance of two columns, with `n - 1`.
    fn products(&self, a: &[f64], b: &[f64]) -> Option<f64> {
        let n = self.units();
        (n > 1).then(|| {
            let (a_mean, b_mean) = (mean(a), mean(b));
            let products = a.iter().zip(b).map(|(a, b)| (a - a_mean) * (b - b_mean));
            sum(products) / (n as f64 - 1.0)
        })
    }

    /// Variances of both estimates over units, and their covariance, with `n - 1`.
    pub(super) fn moments(&self) -> Option<(f64, f64, f64)> {
        Some((
            self.products(&self.x, &self.x)?,
            self.products(&self.y, &self.y)?,
            self.products(&self.x, &self.y)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reliability_is_the_share_of_the_variance_that_is_not_noise() {
        // Variances 1 and 4 over units, noise .25 and 5.
        let pairs = NoisyPairs::new(
            vec![1.0, 2.0, 3.0],
            vec![2.0, 4.0, 6.0],
            vec![0.25; 3],
            vec![4.0, 5.0, 6.0],
            Vec::new(),
        )
        .unwrap();
        let (x, y) = pairs.reliabilities();
        assert!((x.unwrap() - 0.75).abs() < 1e-15);
        assert!((y.unwrap() + 0.25).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_is_refused_or_drawn_back() {
        let made = |variance: f64, covariance: Vec<f64>| {
            NoisyPairs::new(
                vec![0.0, 1.0],
                vec![0.0, 1.0],
                vec![variance; 2],
                vec![4.0; 2],
                covariance,
            )
        };
        assert!(made(-1.0, Vec::new()).is_err());
        assert!(made(f64::NAN, Vec::new()).is_err());
        assert!(made(1.0, vec![0.0]).is_err());
        let drawn = made(1.0, vec![9.0, -9.0]).unwrap();
        assert_eq!(drawn.covariance, [2.0, -2.0]);
        let same = NoisyPairs::new(
            vec![1.0; 3],
            vec![1.0; 3],
            vec![0.0; 3],
            vec![0.0; 3],
            vec![],
        );
        assert_eq!(same.unwrap().reliabilities(), (None, None));
    }
}
