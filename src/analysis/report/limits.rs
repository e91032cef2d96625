//! The limits of an interval on an open scale.

use schemars::JsonSchema;
use serde::Serialize;

/// The limits of an interval whose level, clusters and method stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Limits {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

impl Limits {
    /// Whether the interval of a spread has shrunk to 0: the means lie no further apart
    /// than noise puts them, which is no proof that they are equal.
    pub(crate) fn is_unresolved(self) -> bool {
        self.low == 0.0 && self.high == 0.0
    }

    /// Whether nothing but rounding lies between the limits of a gap: every cluster says
    /// the same of the difference, so there was nothing to take an interval from.
    pub(crate) fn is_without_scatter(self) -> bool {
        self.high - self.low < 1e-6
    }
}

impl From<crate::stats::Interval> for Limits {
    fn from(interval: crate::stats::Interval) -> Self {
        Self {
            low: interval.low(),
            high: interval.high(),
        }
    }
}
