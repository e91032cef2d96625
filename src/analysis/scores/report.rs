//! What scoring gives, as it is written in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::metrics::{METRICS, Metric, Normaliser, TREATED, Treatment};
use super::stability::UnstableTruth;
use super::{ScoreClusters, Unstable};
use crate::analysis::report::{Adjustment, Gap, Homogeneity, Spread};
use crate::study::PersonaPopulation;

/// Scores of structured answers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScoreReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The study; null for a table.
    pub study: Option<String>,
    /// Models that are simulated: their answers are made up.
    pub simulated: Vec<String>,
    /// How answers were scored.
    pub settings: Settings,
    /// What has to be known beside the numbers.
    pub notes: Vec<String>,
    /// Each model over all items, and over those of each split.
    pub models: Vec<Scored>,
    /// Each model by topic, stratum, dimension level and persona.
    pub groups: Vec<Scored>,
    /// Paired differences of two models, over all items and in the same groups.
    pub differences: Vec<Difference>,
    /// Each model and metric over the phrasings of the persona; absent where there is
    /// one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phrasings: Vec<ScorePhrasings>,
}

/// One model and metric over the phrasings in which its items were asked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScorePhrasings {
    /// Model.
    pub model: String,
    /// Key of the metric.
    pub metric: String,
    /// The phrasing that the others are compared with; null where none was named.
    pub control: Option<String>,
    /// The metric in each phrasing.
    pub rates: Vec<PhrasingScore>,
    /// Whether phrasings, but for the control, differ at all.
    pub homogeneity: Option<Homogeneity>,
    /// Standard deviation over phrasings but the control, noise taken out.
    pub spread: Option<Spread>,
    /// The range over phrasings but the control.
    pub range: Option<Gap>,
    /// Seed of the draws behind the test and the range.
    pub seed: u64,
}

/// A metric in one phrasing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PhrasingScore {
    /// The phrasing.
    pub variant: String,
    /// The metric.
    pub estimate: Option<Estimate>,
    /// What it has more than the control on the items that both have; null for the
    /// control itself.
    pub gain: Option<Delta>,
    /// The p-value of the gain, by Holm over the phrasings.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted; null where it is not.
    pub adjustment: Option<Adjustment>,
}

/// How answers were scored.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Settings {
    /// What divides distances.
    pub normaliser: Normaliser,
    /// How answers without an option count in the metrics.
    pub missing: Treatment,
    /// What was done with items whose truth is unstable.
    pub unstable: Unstable,
    /// Above this share of resamples with another mode, a truth counts as unstable.
    pub unstable_above: f64,
    /// What is counted as one.
    pub unit: &'static str,
    /// Whether personas are a sample of personas like these.
    pub personas: PersonaPopulation,
    /// What items were taken to move together by.
    pub cluster: ScoreClusters,
    /// Confidence level.
    pub level: f64,
    /// The split that was asked for; null for all.
    pub split: Option<String>,
}

/// The scores of one model over some items.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Scored {
    /// Model.
    pub model: String,
    /// In which phrasing of the persona; absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// `all`, `split`, `topic`, `stratum`, `persona` or `group.<dimension>`.
    pub breakdown: String,
    /// The level; null of all items.
    pub level: Option<String>,
    /// What became of the planned answers.
    pub answers: Counts,
    /// Items with a truth and a planned answer.
    pub items: u64,
    /// The metrics under the treatment of missing answers that was asked for.
    pub metrics: ByMetric<Estimate>,
    /// Their means under each treatment; empty in groups.
    pub treatments: Vec<Treated>,
    /// Scores by what is done with items whose truth is unstable; null in groups, and
    /// where nothing is known of it.
    pub unstable_truth: Option<UnstableTruth>,
    /// Why there are no scores: too few of the planned answers are there.
    pub withheld: Option<String>,
}

/// Planned answers by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// All of them.
    pub planned: u64,
    /// With an option.
    pub answered: u64,
    /// Refused.
    pub refused: u64,
    /// Without one readable option.
    pub unreadable: u64,
    /// Cut off before an option.
    pub truncated: u64,
    /// Given up after errors, or not in a file.
    pub failed: u64,
    /// Not asked for yet.
    pub not_run: u64,
}

/// Something for each metric; null where no item has it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ByMetricOf{T}")]
pub struct ByMetric<T> {
    /// Share of answers that are the mode.
    pub accuracy: Option<T>,
    /// Share of answers that are a mode, where several tie.
    pub soft_accuracy: Option<T>,
    /// Accuracy if ties of the mode were broken at random.
    pub expected_accuracy: Option<T>,
    /// Normalised mean absolute error.
    pub nmae: Option<T>,
    /// Wasserstein-1 distance from the group's answers.
    pub wasserstein: Option<T>,
    /// Share of answers that are refusals.
    pub refusal_rate: Option<T>,
    /// Share of answers that cannot be read, or were cut off.
    pub unreadable_rate: Option<T>,
}

impl<T> ByMetric<T> {
    /// In the order of [`METRICS`].
    pub(super) fn new(of_each: [Option<T>; METRICS.len()]) -> Self {
        let [
            accuracy,
            soft_accuracy,
            expected_accuracy,
            nmae,
            wasserstein,
            refusal_rate,
            unreadable_rate,
        ] = of_each;
        Self {
            accuracy,
            soft_accuracy,
            expected_accuracy,
            nmae,
            wasserstein,
            refusal_rate,
            unreadable_rate,
        }
    }

    /// Nothing for any metric.
    pub(super) fn none() -> Self {
        Self::new(METRICS.map(|_| None))
    }

    /// That of a metric.
    pub fn get(&self, metric: Metric) -> Option<&T> {
        match metric {
            Metric::Accuracy => self.accuracy.as_ref(),
            Metric::SoftAccuracy => self.soft_accuracy.as_ref(),
            Metric::ExpectedAccuracy => self.expected_accuracy.as_ref(),
            Metric::Nmae => self.nmae.as_ref(),
            Metric::Wasserstein => self.wasserstein.as_ref(),
            Metric::Refusal => self.refusal_rate.as_ref(),
            Metric::Unreadable => self.unreadable_rate.as_ref(),
        }
    }

    /// That of a metric, to be changed.
    pub(super) fn get_mut(&mut self, metric: Metric) -> Option<&mut T> {
        match metric {
            Metric::Accuracy => self.accuracy.as_mut(),
            Metric::SoftAccuracy => self.soft_accuracy.as_mut(),
            Metric::ExpectedAccuracy => self.expected_accuracy.as_mut(),
            Metric::Nmae => self.nmae.as_mut(),
            Metric::Wasserstein => self.wasserstein.as_mut(),
            Metric::Refusal => self.refusal_rate.as_mut(),
            Metric::Unreadable => self.unreadable_rate.as_mut(),
        }
    }
}

/// A mean over items.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Estimate {
    /// What it estimates.
    pub estimand: &'static str,
    /// The mean.
    pub estimate: f64,
    /// Items that have it.
    pub items: u64,
    /// Cluster-robust standard error; null with fewer than two clusters.
    pub standard_error: Option<f64>,
    /// Its interval; null with fewer than two clusters.
    pub interval: Option<ScoreInterval>,
    /// The interval for claims about exactly these personas; null where it is the same.
    pub interval_fixed_personas: Option<ScoreInterval>,
}

/// A confidence interval.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScoreInterval {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Confidence level.
    pub level: f64,
    /// How it was computed.
    pub method: ScoreMethod,
    /// What items that move together share.
    pub clusters: Vec<String>,
    /// How many clusters each of them has.
    pub n_clusters: Vec<u64>,
    /// Whom it speaks of.
    pub population: String,
}

/// How an interval was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreMethod {
    /// Design-effect Wilson, for numbers with bounds.
    DesignEffectWilson,
    /// Student t, for distances in codes, and for a group less the others.
    T,
}

/// Means under one treatment of missing answers; null where no item has one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Treated {
    /// The treatment.
    pub treatment: Treatment,
    /// Share of answers that are the mode.
    pub accuracy: Option<f64>,
    /// Share of answers that are a mode, where several tie.
    pub soft_accuracy: Option<f64>,
    /// Accuracy if ties of the mode were broken at random.
    pub expected_accuracy: Option<f64>,
    /// Normalised mean absolute error.
    pub nmae: Option<f64>,
    /// Wasserstein-1 distance from the group's answers.
    pub wasserstein: Option<f64>,
}

impl Treated {
    pub(super) fn new(treatment: Treatment, means: [Option<f64>; TREATED.len()]) -> Self {
        let [
            accuracy,
            soft_accuracy,
            expected_accuracy,
            nmae,
            wasserstein,
        ] = means;
        Self {
            treatment,
            accuracy,
            soft_accuracy,
            expected_accuracy,
            nmae,
            wasserstein,
        }
    }
}

/// What one model has more than another, on items that both have.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// The model whose scores come first.
    pub candidate: String,
    /// The model whose scores are subtracted.
    pub base: String,
    /// In which phrasing of the persona; absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// As in [`Scored`].
    pub breakdown: String,
    /// The level; null of all items.
    pub level: Option<String>,
    /// Items of both.
    pub items: u64,
    /// Why there are no differences: one of the two has no scores.
    pub withheld: Option<String>,
    /// Candidate less base, metric by metric: distances are below 0 where the candidate
    /// is nearer.
    pub metrics: ByMetric<Delta>,
}

/// A paired difference.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Delta {
    /// What it estimates.
    pub estimand: String,
    /// Mean of candidate less base.
    pub estimate: f64,
    /// Items of both.
    pub items: u64,
    /// Cluster-robust standard error; null with fewer than two clusters.
    pub standard_error: Option<f64>,
    /// Its interval; null with fewer than two clusters.
    pub interval: Option<ScoreInterval>,
    /// Two-sided p-value of no difference.
    pub p_value: Option<f64>,
    /// By Benjamini and Hochberg over the levels of the breakdown.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted; null where it is not.
    pub adjustment: Option<Adjustment>,
}
