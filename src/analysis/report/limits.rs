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
    /// The limits of a spread; none where they have shrunk to 0: the means lie no further
    /// apart than noise puts them, which is no proof that they are equal.
    pub(crate) fn of_spread(interval: crate::stats::Interval) -> Option<Self> {
        let shrunk = interval.low() == 0.0 && interval.high() == 0.0;
        (!shrunk).then(|| interval.into())
    }

    /// The limits of a difference; none where nothing but rounding lies between them: every
    /// cluster says the same of it, so there was nothing to take an interval from.
    pub(crate) fn of_difference(interval: crate::stats::Interval) -> Option<Self> {
        (interval.width() >= 1e-6).then(|| interval.into())
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
