//! What is known of transfer, as it is written in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::scores::Unstable;
use crate::analysis::scores::metrics::{Normaliser, Treatment};
use crate::analysis::scores::report::ScoreMethod;
use crate::analysis::scores::stability::UnstableGains;
use crate::study::PersonaPopulation;

/// How gains in structured answers go with gains in open-ended ones.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TransferReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The study; null for tables.
    pub study: Option<String>,
    /// Models and judges that are simulated: what they say is made up.
    pub simulated: Vec<String>,
    /// How gains were taken.
    pub settings: TransferSettings,
    /// A sentence to quote.
    pub summary: String,
    /// Gains over all items.
    pub gains: Vec<Gains>,
    /// How the two gains go together over units.
    pub transfers: Vec<Transfer>,
    /// What has to be known beside the numbers.
    pub notes: Vec<String>,
}

/// How gains were taken.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TransferSettings {
    /// What divides distances.
    pub normaliser: Normaliser,
    /// How answers without an option count.
    pub missing: Treatment,
    /// What was done with items whose truth is unstable.
    pub unstable: Unstable,
    /// Above this share of resamples with another mode, a truth counts as unstable.
    pub unstable_above: f64,
    /// Whether personas are a sample of personas like these.
    pub personas: PersonaPopulation,
    /// Confidence level.
    pub level: f64,
    /// The split that was asked for; null for all.
    pub split: Option<String>,
    /// Whether only items of questions that both halves ask count.
    pub linked_only: bool,
    /// Fewest items that a unit needs on either axis.
    pub min_items: u64,
    /// What is counted as one in gains over all items, and of what a unit is the mean.
    pub item: &'static str,
    /// How limits are found of what is told over units.
    pub methods: TransferMethods,
}

/// How limits are found of what is told over units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TransferMethods {
    /// Of Pearson's correlation.
    pub pearson: UnitsMethod,
    /// Of the correlation without noise.
    pub disattenuated: UnitsMethod,
    /// Of the correlation by maximum likelihood.
    pub likelihood: UnitsMethod,
    /// Of the slope.
    pub gain_slope: UnitsMethod,
}

/// How limits over units are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitsMethod {
    /// Fisher's transformation of a correlation.
    FisherZ,
    /// The values that the likelihood, maximised over all else, does not rule out.
    ProfileLikelihood,
    /// The slopes whose score, over its standard error by units, a t quantile does not
    /// refuse.
    ScoreT,
}

impl TransferMethods {
    /// Those of every report.
    pub(super) const ALL: Self = Self {
        pearson: UnitsMethod::FisherZ,
        disattenuated: UnitsMethod::FisherZ,
        likelihood: UnitsMethod::ProfileLikelihood,
        gain_slope: UnitsMethod::ScoreT,
    };
}

/// What is compared with what, and how it was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contrast {
    /// `tuned - base`, or the mean of several such pairs.
    pub pair: String,
    /// The model that both met; null where the tuned model met its base.
    pub reference: Option<String>,
    /// Judge of the open-ended answers.
    pub judge: String,
    /// Rubric as `name@hash`.
    pub rubric: String,
    /// Criterion of the win rate.
    pub criterion: String,
    /// Structured metric: `accuracy`, or 1 less `nmae` or `wasserstein`, …
    pub metric: String,
}

/// Both gains over all items.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Gains {
    /// Of what.
    pub contrast: Contrast,
    /// Structured gain; null where it is withheld.
    pub structured: Option<Gain>,
    /// Open-ended gain, in win rate; null where it is withheld.
    pub open_ended: Option<Gain>,
    /// Why a gain is withheld: too little of what was planned is there. Nothing is told
    /// then of how the two go together.
    pub withheld: Option<String>,
    /// The structured gain by what is done with items whose truth is unstable; null
    /// where nothing is known of it, and of the mean of pairs.
    pub unstable_truth: Option<UnstableGains>,
    /// Both in a sentence.
    pub sentence: String,
}

/// A mean gain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Gain {
    /// What it estimates.
    pub estimand: &'static str,
    /// Mean over items.
    pub estimate: f64,
    /// Clustered standard error; null where there are no two clusters.
    pub standard_error: Option<f64>,
    /// Lower limit.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
    /// Items.
    pub items: u64,
    /// How the limits are found; null where there are none.
    pub method: Option<ScoreMethod>,
    /// What items are taken to move together by; empty where there are no two clusters.
    pub clusters: &'static [&'static str],
}

/// What is counted as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A persona, which is a subgroup.
    Persona,
    /// A survey question with the open-ended ones behind which it stands.
    Question,
    /// A topic of both.
    Topic,
    /// A tuned model with its base.
    Model,
}

impl Unit {
    /// Every unit, in order.
    pub const ALL: [Self; 4] = [Self::Persona, Self::Question, Self::Topic, Self::Model];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Persona => "persona",
            Self::Question => "question",
            Self::Topic => "topic",
            Self::Model => "model",
        }
    }
}

/// How the two gains go together over units.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Transfer {
    /// Of what.
    pub contrast: Contrast,
    /// Over what.
    pub unit: Unit,
    /// Units with both gains.
    pub n_units: u64,
    /// Units that lack items on an axis.
    pub left_out: u64,
    /// What items of a unit were taken to move together by.
    pub clusters: Vec<String>,
    /// Why there is no correlation without noise, or none at all.
    pub refused: Option<String>,
    /// Share of the variance of structured gains over units that is not noise.
    pub structured_reliability: Option<f64>,
    /// The same of open-ended gains.
    pub open_reliability: Option<f64>,
    /// Covariance of the errors of both gains of a unit, beyond what all units share.
    pub error_covariance: Option<f64>,
    /// Pearson's correlation as it stands.
    pub pearson: Option<Limits>,
    /// Spearman's rank correlation as it stands.
    pub spearman: Option<f64>,
    /// The correlation without noise.
    pub disattenuated: Option<Corrected>,
    /// The same by maximum likelihood.
    pub likelihood: Option<Likelihood>,
    /// Open-ended gain for a structured gain that is larger by one.
    pub gain_slope: Option<Slope>,
    /// The units.
    pub units: Vec<UnitRow>,
}

/// An estimate with its limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Limits {
    /// The estimate.
    pub estimate: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// A correlation without noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Corrected {
    /// The correlation, drawn back into [-1, 1].
    pub estimate: f64,
    /// Lower limit, the same.
    pub low: f64,
    /// Upper limit, the same.
    pub high: f64,
    /// The correlation before it was drawn back.
    pub unclipped: f64,
    /// Whether it or a limit was beyond 1.
    pub clipped: bool,
}

impl Corrected {
    /// Whether the correlation itself was drawn back.
    pub fn is_drawn_back(&self) -> bool {
        self.unclipped.abs() > 1.0
    }

    /// Whether one of its limits was.
    pub fn is_limit_drawn_back(&self, limit: f64) -> bool {
        self.clipped && limit.abs() >= 1.0
    }
}

/// The fitted distribution of the true gains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Likelihood {
    /// Correlation of the true gains.
    pub estimate: f64,
    /// Lower limit of its profile; -1 where there is none.
    pub low: f64,
    /// Upper limit; 1 where there is none.
    pub high: f64,
    /// Standard deviation of true structured gains over units.
    pub structured_spread: f64,
    /// The same of open-ended gains.
    pub open_spread: f64,
}

/// A line through the true gains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Slope {
    /// Open-ended gain for a structured gain that is larger by one.
    pub estimate: f64,
    /// Lower limit; null where there is none.
    pub low: Option<f64>,
    /// Upper limit; null where there is none.
    pub high: Option<f64>,
    /// Open-ended gain where the structured one is 0.
    pub intercept: f64,
    /// Standard deviation of true open-ended gains about the line.
    pub scatter: f64,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnitRow {
    /// Its name.
    pub name: String,
    /// Structured gain.
    pub structured: f64,
    /// Its clustered standard error.
    pub structured_se: f64,
    /// Items behind it.
    pub structured_items: u64,
    /// Open-ended gain, in win rate.
    pub open_ended: f64,
    /// Its clustered standard error.
    pub open_se: f64,
    /// Items behind it.
    pub open_items: u64,
}
