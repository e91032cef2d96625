//! What fairness says, as it is written in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::FairMetric;
use crate::analysis::report::{Adjustment, Gap, Homogeneity, Limits, SubgroupMethod, Worst};
use crate::analysis::scores::report::{ScoreMethod, Settings};

/// How unequally models speak for subgroups.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FairnessReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The study; null for a table.
    pub study: Option<String>,
    /// Models that are simulated: their answers are made up.
    pub simulated: Vec<String>,
    /// How answers were scored and groups compared.
    pub settings: FairnessSettings,
    /// What has to be known beside the numbers.
    pub notes: Vec<String>,
    /// Each model, over all items and those of each split, by persona and by the levels
    /// of each dimension, metric by metric.
    pub disparities: Vec<Disparity>,
    /// From one model to another on the items that both have.
    pub changes: Vec<DisparityChange>,
}

/// How answers were scored and groups compared.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FairnessSettings {
    /// How answers were scored.
    pub scores: Settings,
    /// Which standard deviation was taken over groups.
    pub sigma: SigmaKind,
    /// Different questions that a group needs to be compared.
    pub min_items: u64,
    /// Random draws of each interval.
    pub draws: u32,
    /// Seed of all draws.
    pub seed: u64,
    /// How intervals are found.
    pub methods: FairnessMethods,
}

/// How intervals are found, where that does not stand beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FairnessMethods {
    /// Of measures of the true means.
    pub measures: MeasureMethod,
    /// Of the spread without noise.
    pub between: SubgroupMethod,
    /// Of the mean of a group, and of its change.
    pub levels: SubgroupMethod,
    /// Of what a group has more than the others.
    pub advantages: ScoreMethod,
}

/// How a measure of the true means is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureMethod {
    /// Bootstrap draws of the means, shrunken by as much as noise moves them.
    ShrunkenBootstrap,
}

impl FairnessMethods {
    /// Those of every report.
    pub(super) const ALL: Self = Self {
        measures: MeasureMethod::ShrunkenBootstrap,
        between: SubgroupMethod::QProfile,
        levels: SubgroupMethod::DesignEffectWilson,
        advantages: ScoreMethod::T,
    };
}

/// A standard deviation over groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SigmaKind {
    /// Divided by the number of groups.
    Population,
    /// Divided by the number of groups less one.
    Sample,
}

/// How unequal the groups of one breakdown are in one metric of one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Disparity {
    /// Model.
    pub model: String,
    /// In which phrasing of the persona; absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The split; null for all items.
    pub split: Option<String>,
    /// `persona`, or `group.<dimension>`.
    pub breakdown: String,
    /// Metric.
    pub metric: FairMetric,
    /// What is compared between the groups.
    pub estimand: String,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// What items that move together share.
    pub clusters: String,
    /// Items in all groups.
    pub items: u64,
    /// Groups with items.
    pub groups: u64,
    /// Groups with enough of them to be compared.
    pub compared: u64,
    /// Mean of the compared groups' means; null where fewer than two are compared.
    pub mean: Option<f64>,
    /// How unequal they are; null where fewer than two are compared.
    pub measures: Option<Measures>,
    /// Whether they differ at all.
    pub homogeneity: Option<Homogeneity>,
    /// Standard deviation of the true means, without noise.
    pub between: Option<Between>,
    /// The largest difference between two of them.
    pub gap: Option<Gap>,
    /// The one that fares worst.
    pub worst: Option<Worst>,
    /// Which levels stand out, in words; null for personas.
    pub direction: Option<String>,
    /// All groups with items.
    pub levels: Vec<GroupLevel>,
    /// Groups that are left out, since too few of their planned answers are there.
    pub left_out: Vec<String>,
    /// How many of the planned answers of each of them are there, and how many were planned.
    #[serde(skip)]
    pub(crate) left_out_answers: Vec<[u64; 2]>,
    /// Why nothing is told: too few of the planned answers are there.
    pub withheld: Option<String>,
}

/// Measures of disparity, relative and absolute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Measures {
    /// (largest mean less smallest) / largest.
    pub normalised_range: Measure,
    /// Standard deviation of the means / their mean.
    pub variation: Measure,
    /// Largest mean less smallest.
    pub range: Measure,
    /// Standard deviation of the means.
    pub deviation: Measure,
}

/// One measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Measure {
    /// Of the means as they are, noise and all; null where it divides by 0.
    pub seen: Option<f64>,
    /// What noise alone would show, were all groups equal; of absolute measures.
    pub if_equal: Option<f64>,
    /// Of the true means; null where it does not exist.
    pub without_noise: Option<WithoutNoise>,
}

/// A number of the true means, by shrunken bootstrap draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct WithoutNoise {
    /// Median of the draws.
    pub estimate: f64,
    /// The middle of the draws; null where it has shrunk to 0, because the means lie no
    /// further apart than noise puts them. That is no proof that groups are equal.
    pub interval: Option<Limits>,
}

/// Noise-corrected spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Between {
    /// Paule and Mandel's estimate.
    pub tau: f64,
    /// Its interval by the Q-profile method; null where it has shrunk to 0.
    pub interval: Option<Limits>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GroupLevel {
    /// Persona or level.
    pub level: String,
    /// Items.
    pub items: u64,
    /// Their clusters.
    pub clusters: u64,
    /// Whether it has enough clusters to be compared.
    pub compared: bool,
    /// Mean of its items.
    pub estimate: f64,
    /// Its interval.
    pub interval: Option<Limits>,
    /// The mean drawn towards that of all groups by as much as noise moves it.
    pub pooled: Option<f64>,
    /// What it has more than the mean of the other groups.
    pub advantage: Option<Advantage>,
}

/// A group's mean less the mean of the others' means.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Advantage {
    /// The difference; below 0 is better where lower is better.
    pub estimate: f64,
    /// Its interval, by itself; null where every cluster says the same of it.
    pub interval: Option<Limits>,
    /// p-value of no difference, by itself.
    pub p_value: f64,
    /// By Holm over the levels of a dimension, by Benjamini and Hochberg over personas;
    /// two groups are one test.
    pub p_adjusted: f64,
    /// How it was adjusted; null of two groups.
    pub adjustment: Option<Adjustment>,
}

/// How the disparity of the same groups changes between two models.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct DisparityChange {
    /// The model that is measured.
    pub candidate: String,
    /// The model that it is compared with.
    pub base: String,
    /// In which phrasing of the persona; absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The split; null for all items.
    pub split: Option<String>,
    /// As in [`Disparity`].
    pub breakdown: String,
    /// Metric.
    pub metric: FairMetric,
    /// What is compared between the groups.
    pub estimand: String,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// What items that move together share.
    pub clusters: String,
    /// Items of both.
    pub items: u64,
    /// Groups that are compared.
    pub compared: u64,
    /// Mean over groups of the base.
    pub mean_base: Option<f64>,
    /// Mean over groups of the candidate.
    pub mean_candidate: Option<f64>,
    /// Each measure before, after, and its change; null where fewer than two groups are
    /// compared.
    pub measures: Option<ChangedMeasures>,
    /// Whether the groups' own changes differ at all.
    pub homogeneity: Option<Homogeneity>,
    /// Each group.
    pub levels: Vec<ChangedLevel>,
    /// Said where relative and absolute measures move in opposite directions.
    pub disagreement: Option<String>,
    /// Which levels stand out before, after and in their change; null for personas.
    pub direction: Option<String>,
    /// Groups that are left out, since too few of the planned answers of one of the two
    /// are there.
    pub left_out: Vec<String>,
    /// Why nothing is told: one of the two is withheld.
    pub withheld: Option<String>,
}

/// The change of each measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ChangedMeasures {
    /// Of the normalised range.
    pub normalised_range: Changed,
    /// Of the coefficient of variation.
    pub variation: Changed,
    /// Of the range.
    pub range: Changed,
    /// Of the standard deviation.
    pub deviation: Changed,
    /// Of the noise-corrected spread.
    pub tau: Changed,
}

/// A measure before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Changed {
    /// Of the base, as seen.
    pub base: Option<f64>,
    /// Of the candidate, as seen.
    pub candidate: Option<f64>,
    /// Candidate less base, as seen.
    pub change: Option<f64>,
    /// The change of the true means' measure.
    pub without_noise: Option<WithoutNoise>,
}

/// One group before and after.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChangedLevel {
    /// Persona or level.
    pub level: String,
    /// Items of both models.
    pub items: u64,
    /// Their clusters.
    pub clusters: u64,
    /// Whether it has enough clusters to be compared.
    pub compared: bool,
    /// Mean of the base.
    pub base: f64,
    /// Mean of the candidate.
    pub candidate: f64,
    /// Mean of the paired differences.
    pub change: f64,
    /// Its interval.
    pub interval: Option<Limits>,
    /// The base's advantage of this group over the others.
    pub advantage_base: Option<Advantage>,
    /// The candidate's.
    pub advantage_candidate: Option<Advantage>,
    /// How that changed, item by item.
    pub advantage_change: Option<Advantage>,
}
