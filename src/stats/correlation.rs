//! Correlation of two estimates over units: as it stands, by ranks, and as it would be
//! without their noise.
//!
//! Noise in either estimate draws a correlation towards zero: with reliabilities .64
//! and .59 a true .70 shows as about .43, and Fisher's interval around it misses the
//! truth the more often the more units there are. Spearman (1904, *American J.
//! Psychology* 15:72) divides by the root of the two reliabilities,
//! `r = (s_xy - c) / sqrt((s_xx - v_x) (s_yy - v_y))`, with `v` the mean error
//! variances and `c` the mean error covariance, which is not zero where the same
//! questions or personas feed both estimates. The limits are Fisher's around
//! `(s_xy - c) / sqrt(s_xx s_yy)`, scaled by the same factor. Where that puts both limits
//! beyond 1, the nearer one is left as it stands.

use super::quantile::normal_upper_quantile;
use super::{Interval, Level, NoisyPairs, StatsError};

/// Fewest units of which a correlation is given.
pub const FEWEST_UNITS: usize = 8;

/// A correlation without the noise of its estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disattenuated {
    /// The correlation with its limits, all drawn back into `[-1, 1]`.
    pub interval: Interval,
    /// The correlation before it was drawn back.
    pub unclipped: f64,
    /// Whether it or a limit was beyond 1.
    pub clipped: bool,
    /// Share of the variance of the first estimate that is not noise.
    pub x_reliability: f64,
    /// The same of the second.
    pub y_reliability: f64,
}

fn enough(units: usize) -> Result<(), StatsError> {
    if units < FEWEST_UNITS {
        return Err(StatsError::TooFewUnits {
            found: units,
            needed: FEWEST_UNITS,
        });
    }
    Ok(())
}

/// Pearson's correlation of the estimates as they stand, with Fisher's interval
/// (1921, *Metron* 1:3): `tanh(atanh r ∓ z / sqrt(n - 3))`.
///
/// # Errors
///
/// Under [`FEWEST_UNITS`], or when one of the estimates is the same for all units.
pub fn pearson(pairs: &NoisyPairs, level: Level) -> Result<Interval, StatsError> {
    enough(pairs.units())?;
    let r = plain(pairs, 0.0)?;
    let (low, high) = fisher(r, pairs.units(), level);
    Interval::new(r, low, high, level)
}

/// Spearman's rank correlation; ties have the mean of their ranks.
///
/// # Errors
///
/// As [`pearson`].
pub fn spearman(pairs: &NoisyPairs) -> Result<f64, StatsError> {
    enough(pairs.units())?;
    let n = pairs.units();
    let ranked = NoisyPairs::new(
        ranks(&pairs.x),
        ranks(&pairs.y),
        vec![0.0; n],
        vec![0.0; n],
        Vec::new(),
    )?;
    plain(&ranked, 0.0)
}

/// The correlation without noise (see the module).
///
/// # Errors
///
/// As [`pearson`], and when an estimate varies no more than its noise.
pub fn disattenuated(pairs: &NoisyPairs, level: Level) -> Result<Disattenuated, StatsError> {
    enough(pairs.units())?;
    let r = plain(pairs, pairs.error_covariance())?;
    let (x, y) = reliabilities(pairs)?;
    let factor = 1.0 / (x * y).sqrt();
    let (low, high) = fisher(r, pairs.units(), level);
    let unclipped = r * factor;
    let within = |value: f64| (value * factor).clamp(-1.0, 1.0);
    // Noise only draws a correlation towards zero, so that a limit of it as it stands is
    // a safe one where the scaled limit is impossible.
    let nearer = |limit: f64, impossible: bool| if impossible { limit } else { within(limit) };
    let lower = nearer(low, low * factor >= 1.0);
    let upper = nearer(high, high * factor <= -1.0);
    Ok(Disattenuated {
        interval: Interval::new(within(r), lower, upper, level)?,
        unclipped,
        clipped: [r, low, high].iter().any(|v| (v * factor).abs() > 1.0),
        x_reliability: x,
        y_reliability: y,
    })
}

/// Both reliabilities, each above zero and not above 1.
pub(super) fn reliabilities(pairs: &NoisyPairs) -> Result<(f64, f64), StatsError> {
    let (x, y) = pairs.reliabilities();
    let positive = |reliability: Option<f64>, axis: &'static str| {
        let found = reliability.ok_or(StatsError::NoVariation)?;
        if found > 0.0 {
            Ok(found.min(1.0))
        } else {
            Err(StatsError::Unreliable {
                axis,
                reliability: found,
            })
        }
    };
    Ok((positive(x, "structured")?, positive(y, "open-ended")?))
}

/// `(s_xy - c) / sqrt(s_xx s_yy)`.
fn plain(pairs: &NoisyPairs, covariance: f64) -> Result<f64, StatsError> {
    let (Some(_), Some(_)) = pairs.reliabilities() else {
        return Err(StatsError::NoVariation);
    };
    let (xx, yy, xy) = pairs.moments().ok_or(StatsError::NoVariation)?;
    Ok(((xy - covariance) / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

/// Fisher's limits; those of a perfect correlation are itself.
fn fisher(r: f64, units: usize, level: Level) -> (f64, f64) {
    let reach = normal_upper_quantile(level.tail()) / (units as f64 - 3.0).sqrt();
    let z = r.atanh();
    ((z - reach).tanh(), (z + reach).tanh())
}

/// Ranks from 1; ties have the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    #[expect(clippy::float_cmp, reason = "a tie is an equal number")]
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + f64::midpoint(tied.len() as f64, 1.0);
        for place in tied {
            ranks[*place] = rank;
        }
        before += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests;
