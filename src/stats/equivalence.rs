//! Equivalence: is a mean close enough to a value not to matter?
//!
//! Two one-sided tests (TOST; Schuirmann 1987, *J. Pharmacokinetics and
//! Biopharmaceutics* 15:657): the mean is equivalent when it is shown to be above
//! the lower margin and below the upper one. At level `alpha` this is the
//! `1 - 2 alpha` interval lying between the margins.
//!
//! A difference that is not significant and a difference shown to be small are
//! two findings, and [`Finding`] keeps them apart.

use super::quantile::t_upper_tail;
use super::score_test::score_test;
use super::t_interval::spread;
use super::{ClusterMean, PValue, StatsError};

/// Result of two one-sided tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalence {
    /// p-value of "not above the lower margin".
    pub p_low: PValue,
    /// p-value of "not below the upper margin".
    pub p_high: PValue,
}

impl Equivalence {
    /// p-value of "not equivalent": the larger of the two.
    pub fn p(&self) -> PValue {
        if self.p_low >= self.p_high {
            self.p_low
        } else {
            self.p_high
        }
    }
}

/// What a test of difference and a test of equivalence say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A difference is shown, and it may be larger than the margin.
    Different,
    /// A difference is shown, and it is smaller than the margin.
    DifferentWithinMargin,
    /// No difference is shown, and any is smaller than the margin.
    Equivalent,
    /// Neither is shown: there are too few items to tell.
    Undecided,
}

impl Finding {
    /// Reads both tests at the same error rate.
    pub fn new(difference: PValue, equivalence: &Equivalence, alpha: f64) -> Self {
        match (difference.get() < alpha, equivalence.p().get() < alpha) {
            (true, false) => Self::Different,
            (true, true) => Self::DifferentWithinMargin,
            (false, true) => Self::Equivalent,
            (false, false) => Self::Undecided,
        }
    }
}

fn check_margins(low: f64, high: f64) -> Result<(), StatsError> {
    if low.is_finite() && high.is_finite() && low < high {
        Ok(())
    } else {
        Err(StatsError::OutOfRange {
            what: "the lower margin",
            value: low,
            low: f64::MIN,
            high,
        })
    }
}

/// Tests whether a rate lies between `low` and `high`, by the one-sided halves of
/// the score test ([`score_test`]).
///
/// The `1 - 2 alpha` design-effect Wilson interval lies strictly between the
/// margins exactly when the p-value is below `alpha`.
///
/// # Errors
///
/// When the rate or a margin lies outside `[0, 1]`, the margins are not in order,
/// or some dimension has a single cluster.
pub fn rate_equivalence(
    rate: &ClusterMean,
    low: f64,
    high: f64,
) -> Result<Equivalence, StatsError> {
    check_margins(low, high)?;
    let tail =
        |statistic: f64| PValue::clamped(t_upper_tail(statistic, rate.degrees_of_freedom() as f64));
    Ok(Equivalence {
        p_low: tail(score_test(rate, low)?.statistic),
        p_high: tail(-score_test(rate, high)?.statistic),
    })
}

/// Tests whether a mean without bounds lies between `low` and `high`, by one-sided
/// t tests with the cluster-robust standard error.
///
/// # Errors
///
/// When the margins are not in order, some dimension has a single cluster, or all
/// clusters agree.
pub fn t_equivalence(mean: &ClusterMean, low: f64, high: f64) -> Result<Equivalence, StatsError> {
    check_margins(low, high)?;
    let (error, df) = spread(mean)?;
    Ok(Equivalence {
        p_low: PValue::clamped(t_upper_tail((mean.mean() - low) / error, df)),
        p_high: PValue::clamped(t_upper_tail((high - mean.mean()) / error, df)),
    })
}

#[cfg(test)]
mod tests;
