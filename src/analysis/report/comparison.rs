//! The win rate of a candidate against an opponent on one criterion.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Bounds, Equivalence, Finding, Interval, ItemCoverage, Missing, OrderSection, SizedInterval,
    StyleControl, SubgroupSection, Test, TestMethod,
};

/// The win rate of a candidate against an opponent on one criterion, over all items
/// or within a subgroup.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it was compared with.
    pub opponent: String,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// In which phrasing of the persona; absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub variant: Option<String>,
    /// The dimensions of the subgroup; absent over all items.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub dimensions: Vec<String>,
    /// The level of each of them; absent over all items.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub levels: Vec<String>,
    /// The dimensions as one text, joined by ` × `; absent over all items.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dimension: Option<String>,
    /// The level, or the levels as one text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<String>,
    /// What the win rate estimates.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// Seed of the study; null for a table from elsewhere.
    pub seed: Option<u64>,
    /// Planned judgments: wins, ties, losses and missing.
    pub n_judgments: u64,
    /// Items in the estimate.
    pub n_items: u64,
    /// Questions and personas of the items in the estimate.
    pub n_clusters: ClusterCounts,
    /// Judgments that preferred the candidate.
    pub wins: u64,
    /// Judgments that preferred neither.
    pub ties: u64,
    /// Judgments that preferred the opponent.
    pub losses: u64,
    /// Judgments without a verdict.
    pub missing: Missing,
    /// How much of what was planned is in the estimate.
    pub items: ItemCoverage,
    /// Why there is no win rate; null where there is one.
    pub withheld: Option<String>,
    /// Mean over items of the candidate's share, a tie counted one half.
    pub win_rate: Option<f64>,
    /// Cluster-robust standard error of the win rate, of the headline interval.
    pub standard_error: Option<f64>,
    /// How much the clusters widen the variance over that of independent items.
    pub design_effect: Option<f64>,
    /// The headline interval.
    pub interval: Option<Interval>,
    /// Why there is no headline interval although there is a win rate; null where
    /// there is one.
    pub no_interval: Option<String>,
    /// For claims about personas like these.
    pub interval_sampled_personas: Option<Interval>,
    /// For claims about exactly these personas.
    pub interval_fixed_personas: Option<Interval>,
    /// Beside the headline interval, one that allows for clusters of very different sizes;
    /// absent where they hardly differ.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub interval_uneven_clusters: Option<SizedInterval>,
    /// Items won, tied and lost, and what follows from their counts; null where the
    /// win rate is withheld.
    pub outcomes: Option<ItemOutcomes>,
    /// Two-sided p-value of the hypothesis that the win rate is one half.
    pub p_value: Option<f64>,
    /// The test that it is of.
    pub p_method: Option<TestMethod>,
    /// The p-value adjusted for the tests that are read together: over the criteria
    /// of the comparison, or within a subgroup over the levels of its breakdown.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted.
    pub adjustment: Option<Adjustment>,
    /// The smallest win rate above one half that a study of this precision finds
    /// with a chance of 80%; null where it finds none.
    pub smallest_detectable: Option<f64>,
    /// The p-value adjusted over the comparisons by the same judge and rubric on the
    /// same criterion that have a model in common with it, such as candidates that met
    /// the same opponent; null where there is no other.
    pub p_adjusted_candidates: Option<f64>,
    /// How that was adjusted.
    pub adjustment_candidates: Option<Adjustment>,
    /// All tests, that of `p_value` the first.
    pub tests: Vec<Test>,
    /// Whether the win rate is shown to be near one half; null where no margin was
    /// given.
    pub equivalence: Option<Equivalence>,
    /// What the tests say.
    pub finding: Option<Finding>,
    /// What the order in which the answers were shown did; null where the order is
    /// not known.
    pub order: Option<OrderSection>,
    /// The win rate under three ways to join the two orders; null where items were
    /// not judged in both, or the win rate is withheld.
    pub tie_rules: Option<TieRules>,
    /// The win rate if all missing verdicts of begun items had been losses, or
    /// wins; null where no item was begun.
    pub bounds: Option<Bounds>,
    /// The win rate with the judge's taste for style taken out; null where no
    /// control is known, or the win rate is withheld.
    pub style_control: Option<StyleControl>,
    /// How the levels of each breakdown differ; absent within a subgroup.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub subgroups: Vec<SubgroupSection>,
}

/// Questions and personas among some items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct ClusterCounts {
    /// Questions.
    pub question: u64,
    /// Personas; 0 where there are none.
    pub persona: u64,
}

/// Items by the side of one half that their score is on: an item is won where the
/// mean of its judgments is above one half, and tied where it is one half.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ItemOutcomes {
    /// Items won.
    pub wins: u64,
    /// Items neither won nor lost.
    pub ties: u64,
    /// Items lost.
    pub losses: u64,
    /// Share won less share lost, from -1 to 1.
    pub net: f64,
    /// Share won of the items that are no ties; null where all are ties.
    pub win_rate_without_ties: Option<f64>,
    /// Items that are no ties.
    pub n_without_ties: u64,
    /// Interval of the win rate without ties, with the clusters and the method of
    /// the headline.
    pub interval_without_ties: Option<Interval>,
}

/// How p-values that are read together are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Adjustment {
    /// The procedure.
    pub method: AdjustmentMethod,
    /// How many tests are read together.
    pub tests: u64,
}

/// A procedure for several tests at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentMethod {
    /// Holm: over criteria, and over candidates.
    Holm,
    /// Benjamini and Hochberg: over the levels of one breakdown, and over breakdowns.
    BenjaminiHochberg,
    /// Benjamini and Yekutieli: the same under any dependence.
    BenjaminiYekutieli,
}

/// The win rate under three ways to join the two orders of an item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct TieRules {
    /// The mean of both orders: the headline.
    pub average: RuleRate,
    /// A win or a loss in both orders counts; anything else is a tie.
    pub inconsistent_is_tie: RuleRate,
    /// Pairs with different verdicts are left out.
    pub drop_inconsistent: RuleRate,
}

/// A win rate under one rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct RuleRate {
    /// What it estimates.
    pub estimand: &'static str,
    /// What is counted as one.
    pub unit: &'static str,
    /// The win rate; null where the rule leaves no item.
    pub win_rate: Option<f64>,
    /// Items it was taken over.
    pub n_items: u64,
}
