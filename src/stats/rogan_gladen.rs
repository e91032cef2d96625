//! A rate corrected by how often a judge errs: Rogan & Gladen 1978, *American J. of
//! Epidemiology* 107:71, with the interval of Lee et al. 2025, arXiv 2511.21140.
//!
//! `θ = (p + q0 - 1) / (q0 + q1 - 1)`, with `p` the share that the judge calls wins,
//! `q1` the share of true wins that it calls wins (sensitivity) and `q0` the share of
//! true losses that it calls losses (specificity).
//!
//! It is for labels from elsewhere than the items whose rate is wanted, as long as the
//! judge errs there as often (label shift). Where labels were drawn at random from
//! those items, [`super::prediction_powered`] is narrower. It needs `q0 + q1 > 1`: a
//! judge who is no better than chance has no errors that could be undone.

use super::quantile::normal_upper_quantile;
use super::{Interval, Level, StatsError};

/// A share and the number of independent outcomes that it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// From 0 to 1.
    pub share: f64,
    /// Above 0; less than the items where they move together.
    pub of: f64,
}

impl Share {
    fn check(self, what: &'static str) -> Result<(), StatsError> {
        if (0.0..=1.0).contains(&self.share) && self.of > 0.0 && self.of.is_finite() {
            return Ok(());
        }
        Err(StatsError::OutOfRange {
            what,
            value: self.share,
            low: 0.0,
            high: 1.0,
        })
    }

    /// With `successes` and `failures` added.
    fn with(self, successes: f64, both: f64) -> Self {
        let of = self.of + both;
        Self {
            share: (self.share * self.of + successes) / of,
            of,
        }
    }

    fn variance(self) -> f64 {
        self.share * (1.0 - self.share) / self.of
    }
}

/// The corrected rate (see the module).
///
/// # Errors
///
/// When a share is none, or sensitivity and specificity sum to no more than 1, also
/// after the outcomes that the interval adds to each.
pub fn rogan_gladen(
    judged: Share,
    specificity: Share,
    sensitivity: Share,
    level: Level,
) -> Result<Interval, StatsError> {
    judged.check("the judge's rate")?;
    specificity.check("the specificity")?;
    sensitivity.check("the sensitivity")?;
    let estimate = corrected(judged, specificity, sensitivity)?.clamp(0.0, 1.0);
    let z = normal_upper_quantile(level.tail());
    let judged = judged.with(z * z / 2.0, z * z);
    let (q0, q1) = (specificity.with(1.0, 2.0), sensitivity.with(1.0, 2.0));
    let middle = corrected(judged, q0, q1)?;
    let shift = 2.0 * z * z * (middle * q1.variance() - (1.0 - middle) * q0.variance());
    let spread =
        judged.variance() + (1.0 - middle).powi(2) * q0.variance() + middle.powi(2) * q1.variance();
    let reach = z * spread.sqrt() / (q0.share + q1.share - 1.0);
    let low = (middle + shift - reach).clamp(0.0, 1.0);
    let high = (middle + shift + reach).clamp(0.0, 1.0);
    Interval::new(estimate, low, high, level)
}

fn corrected(judged: Share, specificity: Share, sensitivity: Share) -> Result<f64, StatsError> {
    let informed = specificity.share + sensitivity.share - 1.0;
    if informed > 1e-9 {
        return Ok((judged.share + specificity.share - 1.0) / informed);
    }
    Err(StatsError::NoBetterThanChance {
        sensitivity: sensitivity.share,
        specificity: specificity.share,
    })
}

#[cfg(test)]
mod tests;
