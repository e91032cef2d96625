//! Win rates corrected by labels of people, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::report::Limits;

/// What people would say of all items that a judge has judged.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CorrectedRate {
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it was compared with.
    pub opponent: String,
    /// Who judged.
    pub judge: String,
    /// By what.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// What the items are broken down by; empty for all.
    pub dimensions: Vec<String>,
    /// The level of each dimension.
    pub levels: Vec<String>,
    /// What is estimated.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// Seed of the random draws of what stands beside it; its own interval draws none.
    pub seed: u64,
    /// Confidence level of all intervals.
    pub level: f64,
    /// What items are taken to move together by.
    pub clusters: Vec<String>,
    /// Items with a verdict of the judge.
    pub n_items: u64,
    /// Of the items begun, the share that has one; null where none was begun.
    pub coverage: Option<f64>,
    /// Why the judge's verdicts are not used; null where they are.
    pub withheld: Option<String>,
    /// Items with a verdict of the judge and a label.
    pub n_labelled: u64,
    /// Items with a label and without a verdict of the judge.
    pub n_labelled_unjudged: u64,
    /// Clusters with a labelled item.
    pub n_labelled_clusters: u64,
    /// People who labelled them.
    pub n_people: u64,
    /// The judge's win rate over all items; null where it is withheld.
    pub judge_win_rate: Option<f64>,
    /// Whether labels have unequal weights, as those of items that were drawn with
    /// unequal chances; all figures but Rogan and Gladen's, which then is not given, are
    /// by them.
    pub weighted: bool,
    /// The judge's win rate over the labelled items.
    pub judge_on_labelled: Option<f64>,
    /// The win rate by people over the labelled items.
    pub people_on_labelled: Option<f64>,
    /// Correlation of judge and people over the labelled items.
    pub correlation: Option<f64>,
    /// The correlation under which the judge gets no weight.
    pub least_correlation: Option<f64>,
    /// The corrected win rate; null where there are too few labels.
    pub corrected: Option<Corrected>,
    /// Why there is none, or why it is that of the labels alone.
    pub reason: Option<String>,
    /// The same, estimated within subgroups and joined.
    pub stratified: Vec<Stratified>,
    /// Whether the labelled items are like the others.
    pub random_check: Option<RandomCheck>,
    /// What it would be by the judge's errors, for labels from elsewhere.
    pub rogan_gladen: RoganGladen,
    /// All of it for people.
    pub sentence: String,
}

/// How a win rate was corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionMethod {
    /// Prediction-powered inference with a tuned weight.
    PpiPlusPlus,
    /// The mean of the labels.
    PeopleOnly,
}

/// A corrected win rate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Corrected {
    /// How.
    pub method: CorrectionMethod,
    /// The win rate.
    pub win_rate: f64,
    /// Its cluster-robust standard error.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Limits>,
    /// Degrees of freedom of the interval.
    pub degrees_of_freedom: Option<u64>,
    /// The judge's weight, from 0 to 1; null where strata have their own.
    pub lambda: Option<f64>,
}

/// A corrected win rate that is estimated within subgroups and joined by their shares.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Stratified {
    /// What the strata are.
    pub dimensions: Vec<String>,
    /// The win rate; null where a stratum has too few labels.
    pub corrected: Option<Corrected>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// Whether the judge's win rate is the same on the labelled items as on the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct RandomCheck {
    /// That of the labelled items less that of the others.
    pub difference: f64,
    /// p-value of no difference, of this check alone.
    pub p_alone: f64,
    /// The same by Holm's method over all of these checks.
    pub p_value: f64,
}

/// A win rate by Rogan and Gladen, over items that are won or lost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RoganGladen {
    /// The win rate; null where it does not exist.
    pub win_rate: Option<f64>,
    /// Its interval, by Lee et al.
    pub interval: Option<Limits>,
    /// Share of what people call won that the judge calls won.
    pub sensitivity: Option<f64>,
    /// Share of what people call lost that the judge calls lost.
    pub specificity: Option<f64>,
    /// Items without a label that the judge calls won or lost.
    pub n_items: u64,
    /// Labelled items that both call won or lost.
    pub n_labelled: u64,
    /// Labelled items left out as ties of the judge or of people.
    pub tied: u64,
    /// Why it does not exist.
    pub reason: Option<String>,
}
