//! Confidence intervals and how they are computed.

use schemars::JsonSchema;
use serde::Serialize;

/// A confidence interval of a win rate or of a position effect.
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
    /// Which items were taken to move together.
    pub clusters: Clusters,
    /// Whom it speaks of.
    pub population: String,
    /// Degrees of freedom: the smallest number of clusters less one.
    pub degrees_of_freedom: u64,
    /// Independent yes/no outcomes that would be as precise.
    pub n_effective: f64,
}

/// How an interval is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Wilson's interval at the effective number of items that the cluster-robust
    /// standard error gives, with a t quantile.
    DesignEffectWilson,
}

/// Which items are taken to move together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clusters {
    /// Items of the same question.
    Question,
    /// Items of the same persona.
    Persona,
    /// Items of the same question, and items of the same persona.
    QuestionAndPersona,
}
