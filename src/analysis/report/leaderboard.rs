//! Many models on one scale.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ClusterCounts, Limits, Method, SubgroupMethod};
use crate::study::RatingMethod;

/// The models that met each other, directly or through others, on one scale.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Leaderboard {
    /// In which phrasing of the persona; absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub variant: Option<String>,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// How models are rated.
    pub rating: RatingMethod,
    /// What a strength estimates.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// Seed of the draws behind simultaneous intervals.
    pub seed: u64,
    /// Comparisons of two models on an item; of judgments for Elo.
    pub n_comparisons: u64,
    /// Different items among them.
    pub n_items: u64,
    /// Questions and personas of those items.
    pub n_clusters: ClusterCounts,
    /// What comparisons that are taken to move together share: `question`,
    /// `persona`, or a column of the table. Empty where there are no intervals.
    pub clusters: Vec<String>,
    /// Degrees of freedom of the intervals, by Student's t; null where there are none.
    pub degrees_of_freedom: Option<u64>,
    /// How the intervals are computed; null where there are none.
    pub method: Option<RatingMethods>,
    /// Whom the intervals speak of.
    pub population: Option<String>,
    /// Confidence level of all intervals.
    pub level: f64,
    /// Share of ties among the judgments.
    pub tie_rate: Option<f64>,
    /// Davidson's tie parameter: the odds of a tie between equals are its half.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tie_parameter: Option<f64>,
    /// Settings of Elo.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub elo: Option<Elo>,
    /// The model that contrasts are to; null where none was chosen.
    pub reference: Option<String>,
    /// Groups of models within which strengths are settled by the comparisons: one
    /// group when all is well.
    pub groups: Vec<Vec<String>>,
    /// The pair of models that strengths on one scale describe worst; null where
    /// they describe all pairs well enough.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lack_of_fit: Option<LackOfFit>,
    /// What has to be known to read the strengths.
    pub sentences: Vec<String>,
    /// The models, the strongest first.
    pub models: Vec<RatedModel>,
    /// Every two models that something tells apart, the stronger first.
    pub pairs: Vec<RatedPair>,
}

/// How the intervals of a leaderboard are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RatingMethods {
    /// Those of single strengths.
    pub strengths: Method,
    /// Those of a difference, for the pair alone.
    pub contrasts: Method,
    /// Those of all pairs at once.
    pub simultaneous: SubgroupMethod,
}

impl Default for RatingMethods {
    fn default() -> Self {
        Self {
            strengths: Method::T,
            contrasts: Method::T,
            simultaneous: SubgroupMethod::MaxT,
        }
    }
}

/// Settings of Elo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Elo {
    /// Points at stake in each comparison.
    pub k: f64,
    /// Rating before the first comparison.
    pub start: f64,
}

/// A model on a leaderboard.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RatedModel {
    /// Its name.
    pub model: String,
    /// Its rank, 1 for the strongest; equals share the better one.
    pub rank: u64,
    /// Best rank that simultaneous intervals over all pairs do not rule out; where some
    /// models never lost a point to others, that who beat whom does not.
    pub rank_best: Option<u64>,
    /// Worst rank that they do not rule out.
    pub rank_worst: Option<u64>,
    /// Log strength about the average of all models, or Elo rating.
    pub strength: f64,
    /// Cluster-robust standard error of the strength.
    pub standard_error: Option<f64>,
    /// t interval of the strength.
    pub interval: Option<Limits>,
    /// Mean over the other models of the chance to win against each, a tie counted
    /// one half; null where nothing tells the model from one of them.
    pub expected_win_rate: Option<f64>,
    /// Comparisons on an item that it took part in; of judgments for Elo.
    pub n_comparisons: u64,
    /// Difference from the reference; null without one, and for itself.
    pub contrast: Option<Contrast>,
}

/// A difference in strength.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Contrast {
    /// Log odds.
    pub difference: f64,
    /// Its cluster-robust standard error.
    pub standard_error: Option<f64>,
    /// Its t interval, for this pair alone.
    pub interval: Option<Limits>,
    /// Its interval at a level that holds for all pairs at once.
    pub simultaneous: Option<Limits>,
    /// p-value of equal strength, for this pair alone.
    pub p_value: Option<f64>,
    /// By Holm, over all pairs of the leaderboard or over all contrasts to the
    /// reference.
    pub p_adjusted: Option<f64>,
    /// Chance to win, ties apart (Bradley-Terry: ties as halves).
    pub win_chance: f64,
    /// Its interval, for this pair alone.
    pub win_chance_interval: Option<Limits>,
}

/// Two models of a leaderboard.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RatedPair {
    /// The stronger.
    pub first: String,
    /// The other.
    pub second: String,
    /// By how much.
    pub contrast: Contrast,
}

/// Two models whose results are not what their strengths say.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LackOfFit {
    /// One of them.
    pub first: String,
    /// The other.
    pub second: String,
    /// What the first scored against the second.
    pub seen: f64,
    /// What their strengths say that it scores.
    pub expected: f64,
    /// Interval of the score that was seen, at a level that holds for all pairs at
    /// once; what is expected lies outside.
    pub interval: Limits,
    /// Pairs of which that is so.
    pub pairs_off: u64,
    /// Pairs that met.
    pub pairs: u64,
}
