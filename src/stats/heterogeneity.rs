//! How much estimates differ beyond their noise, and what to believe of each.
//!
//! Independent estimates `y_k` with known variances `v_k` scatter by their noise
//! alone. With a true spread `tau`, `y_k ~ N(mu, tau^2 + v_k)`, and
//! `Q(t) = sum (y_k - mu_t)^2 / (v_k + t)` (with `mu_t` the mean weighted by
//! `1/(v_k + t)`) is chi-squared with `K - 1` degrees of freedom at `t = tau^2`.
//!
//! The raw standard deviation of group means is biased up by the noise: 12 equal
//! groups of 25 items show about .085 where the truth is 0 (the table of subgroups in
//! `docs/statistics.md`).

use super::quantile::{beta_quantile, chi_squared_quantile, chi_squared_upper_tail};
use super::sum::sum;
use super::{Interval, Level, PValue, StatsError};

/// Noise-corrected spread of estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// `tau`, the standard deviation of the true values: estimate by Paule &
    /// Mandel (1982, *J. Res. Nat. Bureau of Standards* 87:377), which solves
    /// `Q(tau^2) = K - 1`; limits by the Q-profile method (Viechtbauer 2007,
    /// *Statistics in Medicine* 26:37), which solve `Q` at its chi-squared
    /// quantiles.
    pub tau: Interval,
    /// `Q(0)`: how far the estimates scatter against noise alone.
    pub q: f64,
    /// `K - 1`.
    pub degrees_of_freedom: usize,
    /// Chance of a `Q(0)` this large by noise. With few items to an estimate it is
    /// too small; the permutation test of [`super::homogeneity`] is not.
    pub p: PValue,
}

/// Estimates drawn together in proportion to their noise (normal-normal empirical
/// Bayes; Efron & Morris 1975, *JASA* 70:311).
#[derive(Debug, Clone, PartialEq)]
pub struct PartialPooling {
    /// `mu`, the mean weighted by `1/(v_k + tau^2)`.
    pub centre: f64,
    /// The Paule-Mandel `tau`.
    pub tau: f64,
    /// `mu + w_k (y_k - mu)` for each estimate.
    pub estimates: Vec<f64>,
    /// `w_k = tau^2 / (tau^2 + v_k)`: how far each estimate is believed.
    pub weights: Vec<f64>,
}

/// Noise-corrected spread (see [`Spread`]).
///
/// # Errors
///
/// When there are fewer than two estimates, or a variance is not positive.
pub fn spread(estimates: &[f64], variances: &[f64], level: Level) -> Result<Spread, StatsError> {
    let noisy = Noisy::new(estimates, variances)?;
    let df = noisy.degrees_of_freedom();
    let limit = |p: f64| noisy.solve(chi_squared_quantile(p, df)).sqrt();
    let tau = noisy.solve(df).sqrt();
    let q = noisy.q(0.0);
    Ok(Spread {
        tau: Interval::new(tau, limit(1.0 - level.tail()), limit(level.tail()), level)?,
        q,
        degrees_of_freedom: estimates.len() - 1,
        p: PValue::clamped(chi_squared_upper_tail(q, df)),
    })
}

/// Partially pooled estimates (see [`PartialPooling`]).
///
/// # Errors
///
/// As [`spread`].
pub fn partial_pooling(estimates: &[f64], variances: &[f64]) -> Result<PartialPooling, StatsError> {
    let noisy = Noisy::new(estimates, variances)?;
    let tau2 = noisy.solve(noisy.degrees_of_freedom());
    let centre = noisy.centre(tau2);
    let weights: Vec<f64> = variances.iter().map(|v| tau2 / (tau2 + v)).collect();
    let pooled = estimates
        .iter()
        .zip(&weights)
        .map(|(y, w)| centre + w * (y - centre))
        .collect();
    Ok(PartialPooling {
        centre,
        tau: tau2.sqrt(),
        estimates: pooled,
        weights,
    })
}

/// The variance between estimates (`tau^2`) whose upper confidence limits at rising
/// levels are spaced evenly: `Q(tau^2)` solved at the quantiles at `1 - (i + 1/2) / count`
/// of what it follows where each variance has so many `degrees` of freedom (see
/// [`welch`]). One of them picked at random is a draw from the confidence distribution of
/// the Q-profile method.
///
/// # Errors
///
/// As [`spread`], and when there are not as many degrees of freedom.
pub(crate) fn confidence_distribution(
    estimates: &[f64],
    variances: &[f64],
    degrees: &[f64],
    count: u32,
) -> Result<Vec<f64>, StatsError> {
    super::cluster::check_length("the degrees of freedom", degrees.len(), estimates.len())?;
    let noisy = Noisy::new(estimates, variances)?;
    let (factor, second) = welch(variances, degrees);
    let df = noisy.degrees_of_freedom();
    let quantile = |p: f64| {
        // F is the odds of a beta variable, times the ratio of its degrees of freedom.
        let x = beta_quantile(p, 0.5 * df, 0.5 * second);
        factor * second * x / (1.0 - x)
    };
    let at = |i: u32| 1.0 - (f64::from(i) + 0.5) / f64::from(count);
    let mut reached = 0.0;
    let rising = (0..count).map(|i| {
        reached = noisy.rise(reached, quantile(at(i)));
        reached
    });
    Ok(rising.collect())
}

/// By what `Q(0) / (K - 1)` of equal means is larger than an F variable because variances
/// are estimates, and that variable's second degrees of freedom (Welch 1951, *Biometrika*
/// 38:330).
fn welch(variances: &[f64], degrees: &[f64]) -> (f64, f64) {
    let count = variances.len() as f64;
    let all = sum(variances.iter().map(|v| 1.0 / v));
    let part = |(v, df): (&f64, &f64)| (1.0 - 1.0 / (v * all)).powi(2) / df;
    let parts = sum(variances.iter().zip(degrees).map(part));
    let squares = count * count - 1.0;
    (
        1.0 + 2.0 * (count - 2.0) / squares * parts,
        squares / (3.0 * parts),
    )
}

/// The mean of estimates weighted by `1/(v_k + tau^2)`.
pub(crate) fn centre(estimates: &[f64], variances: &[f64], tau2: f64) -> f64 {
    let weights = || variances.iter().map(|v| 1.0 / (v + tau2));
    sum(estimates.iter().zip(weights()).map(|(y, w)| w * y)) / sum(weights())
}

/// Estimates with their variances, checked.
struct Noisy<'a> {
    estimates: &'a [f64],
    variances: &'a [f64],
}

impl<'a> Noisy<'a> {
    fn new(estimates: &'a [f64], variances: &'a [f64]) -> Result<Self, StatsError> {
        super::cluster::check_length("the variances", variances.len(), estimates.len())?;
        if estimates.len() < 2 {
            return Err(StatsError::TooFewGroups {
                found: estimates.len(),
            });
        }
        super::cluster::check_scores(estimates)?;
        super::cluster::check_scores(variances)?;
        match variances.iter().find(|v| **v <= 0.0) {
            Some(&value) => Err(StatsError::OutOfRange {
                what: "the variance of an estimate",
                value,
                low: f64::MIN_POSITIVE,
                high: f64::MAX,
            }),
            None => Ok(Self {
                estimates,
                variances,
            }),
        }
    }

    fn degrees_of_freedom(&self) -> f64 {
        self.estimates.len() as f64 - 1.0
    }

    /// Mean weighted by `1/(v_k + t)`.
    fn centre(&self, t: f64) -> f64 {
        centre(self.estimates, self.variances, t)
    }

    fn q(&self, t: f64) -> f64 {
        let centre = self.centre(t);
        let terms = self.estimates.iter().zip(self.variances);
        sum(terms.map(|(y, v)| (y - centre) * (y - centre) / (v + t)))
    }

    /// The `t >= from` at which `Q(t)` has come down to `target`; `from` where it is below.
    /// By Newton's method, which never steps beyond it: over contrasts that the variances
    /// leave uncorrelated `Q(t)` is `sum z_i^2 / (l_i + t)`, which is convex.
    fn rise(&self, from: f64, target: f64) -> f64 {
        let mut t = from;
        for _ in 0..200 {
            let centre = self.centre(t);
            let terms = || self.estimates.iter().zip(self.variances);
            let square = |y: &f64| (y - centre) * (y - centre);
            let q = sum(terms().map(|(y, v)| square(y) / (v + t)));
            let slope = sum(terms().map(|(y, v)| square(y) / ((v + t) * (v + t))));
            let step = (q - target) / slope;
            // NaN where the estimates are all the same, and nothing is left to come down.
            if step.is_nan() || step <= 1e-13 * t || t + step <= t {
                break;
            }
            t += step;
        }
        t
    }

    /// The `t >= 0` at which `Q(t)`, which falls as `t` rises, has come down to
    /// `target`; 0 where it starts below.
    fn solve(&self, target: f64) -> f64 {
        if self.q(0.0) <= target {
            return 0.0;
        }
        let mut high = self
            .variances
            .iter()
            .copied()
            .fold(f64::MIN_POSITIVE, f64::max);
        while self.q(high) > target && high < f64::MAX / 4.0 {
            high *= 2.0;
        }
        let mut low = 0.0;
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.q(middle) > target {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests;
