//! Confidence levels, intervals and p-values as types with invariants.

use super::StatsError;

/// Confidence level of an interval, strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// The level used where nobody asks for another: 95%.
    pub const DEFAULT: Self = Self(0.95);

    /// A level such as `0.95`.
    ///
    /// # Errors
    ///
    /// When the number is not strictly between 0 and 1.
    pub fn new(level: f64) -> Result<Self, StatsError> {
        if level > 0.0 && level < 1.0 {
            Ok(Self(level))
        } else {
            Err(StatsError::OutOfRange {
                what: "the level",
                value: level,
                low: 0.0,
                high: 1.0,
            })
        }
    }

    /// The level itself, such as `0.95`.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Chance of missing the truth on either side, such as `0.05`.
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// Chance of missing the truth on one side, such as `0.025`.
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// An estimate with its confidence limits.
///
/// Always finite, and `low <= estimate <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    estimate: f64,
    low: f64,
    high: f64,
    level: Level,
}

impl Interval {
    /// An interval around an estimate.
    ///
    /// A limit on the wrong side of the estimate (rounding, or a bootstrap
    /// distribution that lies to one side of it) is moved to the estimate.
    ///
    /// # Errors
    ///
    /// When one of the numbers is not finite.
    pub fn new(estimate: f64, low: f64, high: f64, level: Level) -> Result<Self, StatsError> {
        for (row, value) in [estimate, low, high].into_iter().enumerate() {
            if !value.is_finite() {
                return Err(StatsError::NotFinite { row, value });
            }
        }
        Ok(Self::around(estimate, low, high, level))
    }

    /// An interval from numbers known to be finite.
    pub(crate) fn around(estimate: f64, low: f64, high: f64, level: Level) -> Self {
        debug_assert!(
            estimate.is_finite() && low.is_finite() && high.is_finite(),
            "limits are finite"
        );
        Self {
            estimate,
            low: low.min(estimate),
            high: high.max(estimate),
            level,
        }
    }

    /// The same interval with its limits kept inside a range.
    ///
    /// The estimate must lie inside it, as a mean of numbers from the range does.
    pub(crate) fn clamped(self, low: f64, high: f64) -> Self {
        Self {
            low: self.low.clamp(low, self.estimate),
            high: self.high.clamp(self.estimate, high),
            ..self
        }
    }

    /// The same interval on the scale `shift + scale * x`, with `scale` not zero.
    pub(crate) fn mapped(self, shift: f64, scale: f64) -> Self {
        let map = |x: f64| shift + scale * x;
        let (a, b) = (map(self.low), map(self.high));
        Self {
            estimate: map(self.estimate),
            low: a.min(b),
            high: a.max(b),
            level: self.level,
        }
    }

    /// The same limits, said to hold at another level.
    pub(crate) fn relabelled(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The estimate.
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// Lower limit.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Upper limit.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Confidence level of the limits.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Distance between the limits.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// Whether a value lies inside the limits.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A p-value, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct PValue(f64);

impl PValue {
    /// A p-value from a number in `[0, 1]`.
    ///
    /// # Errors
    ///
    /// When the number lies outside.
    pub fn new(p: f64) -> Result<Self, StatsError> {
        if (0.0..=1.0).contains(&p) {
            Ok(Self(p))
        } else {
            Err(StatsError::OutOfRange {
                what: "the p-value",
                value: p,
                low: 0.0,
                high: 1.0,
            })
        }
    }

    /// A p-value from a number that is one but for rounding.
    pub(crate) fn clamped(p: f64) -> Self {
        debug_assert!(!p.is_nan(), "a p-value is never NaN");
        Self(p.clamp(0.0, 1.0))
    }

    /// The number, from 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_strictly_between_zero_and_one() {
        for bad in [0.0, 1.0, -0.1, 95.0, f64::NAN, f64::INFINITY] {
            assert!(Level::new(bad).is_err(), "{bad}");
        }
        assert!((Level::new(0.9).unwrap().tail() - 0.05).abs() < 1e-15);
    }

    #[test]
    fn an_interval_never_leaves_its_estimate_outside() {
        let interval = Interval::new(0.5, 0.6, 0.4, Level::DEFAULT).unwrap();
        assert!(interval.low() <= interval.estimate() && interval.estimate() <= interval.high());
    }

    #[test]
    fn an_interval_refuses_numbers_that_are_not_finite() {
        assert!(Interval::new(0.5, f64::NAN, 0.7, Level::DEFAULT).is_err());
        assert!(Interval::new(0.5, 0.4, f64::INFINITY, Level::DEFAULT).is_err());
    }

    #[test]
    fn a_p_value_lies_between_zero_and_one() {
        assert!(PValue::new(-1e-9).is_err());
        assert!(PValue::new(f64::NAN).is_err());
        assert!(PValue::new(1.0).is_ok());
    }
}
