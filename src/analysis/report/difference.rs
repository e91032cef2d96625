//! The difference of two win rates on the same items.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ClusterCounts, Interval};

/// The difference of two win rates on the same items.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// What is subtracted from what.
    pub contrast: String,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// What the difference estimates.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// Items in both win rates.
    pub n_items: u64,
    /// Questions and personas of those items.
    pub n_clusters: ClusterCounts,
    /// The difference, from -1 to 1.
    pub difference: Option<f64>,
    /// Its cluster-robust standard error.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// p-value of no difference.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the tests that are read together.
    pub p_adjusted: Option<f64>,
}
