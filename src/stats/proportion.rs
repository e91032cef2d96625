//! Intervals for a proportion of independent yes/no outcomes, and for the
//! difference of two.
//!
//! For items whose outcomes are independent and only won or lost; anything
//! clustered or graded goes through [`super::wilson`].

use super::quantile::{beta_quantile, beta_upper_quantile, normal_upper_quantile};
use super::wilson::wilson_limits;
use super::{Interval, Level, StatsError};

/// A number of successes out of a number of trials, `successes <= trials`,
/// `trials >= 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

impl Proportion {
    /// A proportion.
    ///
    /// # Errors
    ///
    /// When there are no trials, or more successes than trials.
    pub fn new(successes: u64, trials: u64) -> Result<Self, StatsError> {
        if trials == 0 {
            return Err(StatsError::Empty);
        }
        if successes > trials {
            return Err(StatsError::OutOfRange {
                what: "the number of successes",
                value: successes as f64,
                low: 0.0,
                high: trials as f64,
            });
        }
        Ok(Self { successes, trials })
    }

    /// Successes over trials.
    pub fn rate(self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// Number of trials.
    pub fn trials(self) -> u64 {
        self.trials
    }

    fn failures(self) -> u64 {
        self.trials - self.successes
    }
}

/// Wilson's score interval (1927, *JASA* 22:209).
pub fn wilson(proportion: Proportion, level: Level) -> Interval {
    let z = normal_upper_quantile(level.tail());
    finished(
        proportion,
        wilson_limits(proportion.rate(), proportion.trials as f64, z),
        level,
    )
}

/// Clopper and Pearson's exact interval (1934, *Biometrika* 26:404): beta
/// quantiles at `(k, n-k+1)` and `(k+1, n-k)`. It covers at least its level, so
/// it is wide.
pub fn clopper_pearson(proportion: Proportion, level: Level) -> Interval {
    let (k, rest) = (proportion.successes as f64, proportion.failures() as f64);
    let low = if proportion.successes == 0 {
        0.0
    } else {
        beta_quantile(level.tail(), k, rest + 1.0)
    };
    let high = if proportion.failures() == 0 {
        1.0
    } else {
        beta_upper_quantile(level.tail(), k + 1.0, rest)
    };
    finished(proportion, (low, high), level)
}

/// Jeffreys' interval: equal tails of the posterior under a beta(1/2, 1/2) prior,
/// with the limit on the side of no (or all) successes set to 0 (or 1) as Brown,
/// Cai & DasGupta (2001, *Statistical Science* 16:101) advise.
pub fn jeffreys(proportion: Proportion, level: Level) -> Interval {
    let (low, high) = jeffreys_tails(proportion, level);
    let low = if proportion.successes == 0 { 0.0 } else { low };
    let high = if proportion.failures() == 0 {
        1.0
    } else {
        high
    };
    finished(proportion, (low, high), level)
}

fn jeffreys_tails(proportion: Proportion, level: Level) -> (f64, f64) {
    let a = proportion.successes as f64 + 0.5;
    let b = proportion.failures() as f64 + 0.5;
    (
        beta_quantile(level.tail(), a, b),
        beta_upper_quantile(level.tail(), a, b),
    )
}

/// Agresti and Coull's interval (1998, *American Statistician* 52:119): a normal
/// interval around Wilson's midpoint, cut to `[0, 1]`.
pub fn agresti_coull(proportion: Proportion, level: Level) -> Interval {
    let z = normal_upper_quantile(level.tail());
    let n = proportion.trials as f64 + z * z;
    let middle = (proportion.successes as f64 + 0.5 * z * z) / n;
    let half = z * (middle * (1.0 - middle) / n).sqrt();
    finished(
        proportion,
        ((middle - half).max(0.0), (middle + half).min(1.0)),
        level,
    )
}

fn finished(proportion: Proportion, (low, high): (f64, f64), level: Level) -> Interval {
    Interval::around(proportion.rate(), low, high, level).clamped(0.0, 1.0)
}

/// Interval for the difference of two independent estimates from their own
/// intervals, at the level of the first: Newcombe's method 10 (1998, *Statistics
/// in Medicine* 17:873), also called MOVER.
///
/// `d - sqrt((a - low_a)^2 + (high_b - b)^2)` to
/// `d + sqrt((high_a - a)^2 + (b - low_b)^2)`.
pub fn newcombe(a: &Interval, b: &Interval) -> Interval {
    newcombe_correlated(a, b, 0.0)
}

/// As [`newcombe`] for estimates with correlation `phi` (Newcombe 1998,
/// *Statistics in Medicine* 17:2635).
pub(crate) fn newcombe_correlated(a: &Interval, b: &Interval, phi: f64) -> Interval {
    let (down_a, up_a) = (a.estimate() - a.low(), a.high() - a.estimate());
    let (down_b, up_b) = (b.estimate() - b.low(), b.high() - b.estimate());
    let reach = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
    let difference = a.estimate() - b.estimate();
    Interval::around(
        difference,
        difference - reach(down_a, up_b),
        difference + reach(up_a, down_b),
        a.level(),
    )
}

#[cfg(test)]
mod tests;
