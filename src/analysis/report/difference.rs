//! The difference of two win rates on the same items.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Adjustment, ClusterCounts, Interval, SubgroupSection};

/// The difference of two win rates on the same items.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// What is subtracted from what, for people.
    pub contrast: String,
    /// In what the two sides differ.
    pub kind: DifferenceKind,
    /// The win rate that is subtracted from.
    pub first: DifferenceSide,
    /// The win rate that is subtracted.
    pub second: DifferenceSide,
    /// On what.
    pub criterion: String,
    /// In which phrasing of the persona; absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub variant: Option<String>,
    /// What the difference estimates.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// Seed of the study; null for a table from elsewhere.
    pub seed: Option<u64>,
    /// Items in both win rates.
    pub n_items: u64,
    /// Questions and personas of those items.
    pub n_clusters: ClusterCounts,
    /// Why there is no difference; null where there is one.
    pub withheld: Option<String>,
    /// The first win rate less the second, from -1 to 1.
    pub difference: Option<f64>,
    /// Its cluster-robust standard error, of the headline interval.
    pub standard_error: Option<f64>,
    /// The headline interval.
    pub interval: Option<Interval>,
    /// For claims about personas like these.
    pub interval_sampled_personas: Option<Interval>,
    /// For claims about exactly these personas.
    pub interval_fixed_personas: Option<Interval>,
    /// Two-sided p-value of no difference, by the score test that the headline
    /// interval inverts.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the tests that are read together.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted.
    pub adjustment: Option<Adjustment>,
    /// Whether the difference is larger in some subgroups than in others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub subgroups: Vec<SubgroupSection>,
}

/// In what the two win rates of a difference differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Two models that met a third one.
    Models,
    /// Two judges of the same comparison.
    Judges,
    /// Two rubrics of the same comparison.
    Rubrics,
    /// Two runs or tables.
    Runs,
}

/// One of the two win rates of a difference.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DifferenceSide {
    /// Where it is from; absent where both are of the reported table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it was compared with.
    pub opponent: String,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// The win rate on the shared items; null where the difference is withheld.
    pub win_rate: Option<f64>,
    /// Items in this win rate that the other does not have.
    pub left_out: u64,
}

/// What was compared with another run or table.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Against {
    /// The other run or table.
    pub source: String,
    /// Items that both have: the same id, persona and question.
    pub shared_items: u64,
    /// Items of the reported table that the other does not have.
    pub only_here: u64,
    /// Items of the other that the reported table does not have.
    pub only_there: u64,
    /// Comparisons of the reported table without a counterpart, each with its
    /// criterion.
    pub unmatched_here: Vec<String>,
    /// Comparisons of the other without a counterpart, each with its criterion.
    pub unmatched_there: Vec<String>,
}
