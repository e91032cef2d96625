//! Confidence intervals and how they are computed.

use schemars::JsonSchema;
use serde::Serialize;

/// How an interval is computed.
pub use crate::study::IntervalMethod as Method;

/// A confidence interval of an estimate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Interval {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Confidence level.
    pub level: f64,
    /// How it was computed.
    pub method: Method,
    /// What items that are taken to move together share: `question`, `persona`, or
    /// a column of the table. Empty where the method takes all as independent.
    pub clusters: Vec<String>,
    /// How many clusters each of them has.
    pub n_clusters: Vec<u64>,
    /// Whom it speaks of.
    pub population: String,
    /// Degrees of freedom of the t quantile: the smallest number of clusters less
    /// one, for a slope its own rounded down; null where the method has none.
    pub degrees_of_freedom: Option<u64>,
    /// Independent yes/no outcomes that would be as precise; null where the method
    /// does not use it.
    pub n_effective: Option<f64>,
    /// Random draws; null where there are none.
    pub draws: Option<u32>,
    /// Their seed.
    pub seed: Option<u64>,
}

/// A design-effect Wilson interval that allows for clusters of very different sizes, by CR2
/// and Satterthwaite degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct SizedInterval {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Confidence level.
    pub level: f64,
    /// Degrees of freedom of the t quantile, not a whole number.
    pub degrees_of_freedom: f64,
    /// Independent yes/no outcomes that would be as precise.
    pub n_effective: f64,
    /// p-value of a win rate of one half by the test that this interval inverts, not
    /// adjusted; null where nothing is claimed.
    pub p_value: Option<f64>,
}
