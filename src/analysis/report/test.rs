//! Tests of whether a win rate differs from one half.

use schemars::JsonSchema;
use serde::Serialize;

/// A two-sided test of a win rate of one half.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Test {
    /// Which test it is.
    pub method: TestMethod,
    /// p-value.
    pub p_value: f64,
    /// The same, adjusted by Holm over the criteria of the comparison.
    pub p_adjusted: Option<f64>,
    /// What was counted: clusters, or items won or lost.
    pub n: u64,
    /// What items that are taken to move together share; empty where all are
    /// taken as independent, which they are only said to be where no two share a
    /// question or a persona.
    pub clusters: Vec<String>,
    /// Whether every outcome was counted, and not a distribution approached or
    /// drawn from.
    pub exact: bool,
    /// Random draws; null where there are none.
    pub draws: Option<u32>,
    /// Their seed.
    pub seed: Option<u64>,
    /// The statistic, positive where the candidate wins more; null where there is
    /// none.
    pub statistic: Option<f64>,
    /// Its degrees of freedom.
    pub degrees_of_freedom: Option<u64>,
}

/// A test of a win rate of one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestMethod {
    /// The score test that the design-effect Wilson interval inverts.
    Score,
    /// The t test that the t interval inverts.
    T,
    /// Signs of whole clusters flipped; for one dimension of clusters.
    SignFlip,
    /// The exact binomial test of items won against items lost.
    SignTest,
    /// The same with the observed outcome counted half.
    McnemarMidP,
}

/// Whether a win rate is shown to be near one half.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Equivalence {
    /// Distance from one half that is still near.
    pub margin: f64,
    /// p-value of "not within the margin": the larger of two one-sided tests.
    pub p_value: f64,
    /// p-value of "not above the lower limit of the margin".
    pub p_low: f64,
    /// p-value of "not below its upper limit".
    pub p_high: f64,
}

/// What the tests of difference and equivalence say together, each at one less the
/// confidence level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// For programs.
    pub code: FindingCode,
    /// For people.
    pub sentence: String,
}

/// What the tests of difference and equivalence say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// A difference is shown.
    Differs,
    /// A difference is shown, and that it is smaller than the margin.
    DiffersWithinMargin,
    /// No difference is shown, and that any is smaller than the margin.
    Equivalent,
    /// Neither is shown.
    NoEvidence,
}
