//! What is found about the agreement of raters, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::options::{Inconsistent, Ties};
use crate::analysis::report::{Limits, Method};

pub use super::corrected_report::{
    Corrected, CorrectedRate, CorrectionMethod, RandomCheck, RoganGladen, Stratified,
};

/// Version of [`AgreementReport`]: raised when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// How far judges and people agree.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AgreementReport {
    /// Version of this layout; further fields do not raise it.
    pub schema_version: u32,
    /// Confidence level of all intervals.
    pub level: f64,
    /// How intervals of coefficients are found: the percentiles are bias-corrected and
    /// accelerated, but for two dimensions of clusters.
    pub interval: Method,
    /// Seed of all draws.
    pub seed: u64,
    /// Bootstrap draws.
    pub draws: u32,
    /// What units are taken to move together by.
    pub clusters: Vec<String>,
    /// What is rated.
    pub unit: String,
    /// How verdicts became categories.
    pub coding: Coding,
    /// What each rater said.
    pub raters: Vec<RaterCounts>,
    /// Each judge against people, with people against each other beside it.
    pub judge_people: Vec<JudgePeople>,
    /// People against each other.
    pub people: Vec<Panel>,
    /// Judges against each other.
    pub judges: Vec<Panel>,
    /// Whether a judge may stand in for a person.
    pub alternative_annotator: Vec<AlternativeAnnotator>,
    /// Win rates corrected by labels of people.
    pub corrected: Vec<CorrectedRate>,
    /// What a reader has to know.
    pub notes: Vec<AgreementNote>,
}

/// How verdicts became categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coding {
    /// What both orders of a comparison are together where they differ.
    pub inconsistent: Inconsistent,
    /// What became of ties.
    pub ties: Ties,
    /// All of it for people.
    pub sentences: Vec<String>,
}

/// Whether a rater is a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RaterKind {
    /// A model.
    Judge,
    /// A person.
    Person,
}

/// What a rater said on one criterion, over all units.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RaterCounts {
    /// Its name.
    pub rater: String,
    /// Judge or person.
    pub kind: RaterKind,
    /// The rubric of a judge.
    pub rubric: Option<String>,
    /// The criterion.
    pub criterion: String,
    /// Units whose candidate it preferred.
    pub wins: u64,
    /// Units on which it preferred neither.
    pub ties: u64,
    /// Units whose opponent it preferred.
    pub losses: u64,
    /// Units without a verdict, or without one in each order.
    pub missing: u64,
    /// Units whose two orders differ, where these are left out.
    pub inconsistent: u64,
    /// Pairs of its verdicts on the same unit (of a judge: in the same order).
    pub repeats: u64,
    /// The share of these pairs that are the same verdict.
    pub self_agreement: Option<f64>,
}

/// A coefficient of agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoefficientName {
    /// The share of units on which both say the same.
    Agreement,
    /// The same with a tie and a win, or a tie and a loss, as half an agreement.
    AgreementHalfTies,
    /// Cohen's kappa.
    CohenKappa,
    /// The share of units on which both say the same, each unit counted as often as its
    /// labels say that it stands for others (`x.weight`).
    AgreementByDraw,
    /// Cohen's kappa of the same counts.
    CohenKappaByDraw,
    /// Cohen's kappa with linear weights.
    CohenKappaLinear,
    /// Cohen's kappa with quadratic weights.
    CohenKappaQuadratic,
    /// Gwet's AC1.
    GwetAc1,
    /// Gwet's AC2 with linear weights.
    GwetAc2Linear,
    /// Gwet's AC2 with quadratic weights.
    GwetAc2Quadratic,
    /// Fleiss' kappa; of two raters, Scott's pi.
    FleissKappa,
    /// Krippendorff's alpha of categories.
    KrippendorffAlphaNominal,
    /// Krippendorff's alpha of ordered categories.
    KrippendorffAlphaOrdinal,
    /// Krippendorff's alpha of numbers: win 1, tie one half, loss 0.
    KrippendorffAlphaInterval,
}

impl CoefficientName {
    /// What it estimates.
    pub fn estimand(self) -> &'static str {
        match self {
            Self::Agreement => "share of units on which both say the same",
            Self::AgreementByDraw => {
                "share of all units that could have been labelled on which both say the same"
            }
            Self::CohenKappaByDraw => {
                "agreement beyond the chance that each rater's own categories give, over all units that could have been labelled"
            }
            Self::AgreementHalfTies => {
                "share of units on which both say the same, a tie and a winner as half of it"
            }
            Self::CohenKappa | Self::CohenKappaLinear | Self::CohenKappaQuadratic => {
                "agreement beyond the chance that each rater's own categories give"
            }
            Self::GwetAc1 | Self::GwetAc2Linear | Self::GwetAc2Quadratic => {
                "agreement beyond the chance of ratings that are made at random"
            }
            Self::FleissKappa => "agreement beyond the chance that all raters' categories give",
            Self::KrippendorffAlphaNominal
            | Self::KrippendorffAlphaOrdinal
            | Self::KrippendorffAlphaInterval => {
                "1 less the disagreement seen over that of ratings paired by chance"
            }
        }
    }

    /// As people write it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::AgreementHalfTies => "agreement, ties half",
            Self::CohenKappa => "Cohen's kappa",
            Self::AgreementByDraw => "agreement, by draw",
            Self::CohenKappaByDraw => "Cohen's kappa, by draw",
            Self::CohenKappaLinear => "kappa, linear",
            Self::CohenKappaQuadratic => "kappa, quadratic",
            Self::GwetAc1 => "Gwet's AC1",
            Self::GwetAc2Linear => "AC2, linear",
            Self::GwetAc2Quadratic => "AC2, quadratic",
            Self::FleissKappa => "Fleiss' kappa",
            Self::KrippendorffAlphaNominal => "alpha, nominal",
            Self::KrippendorffAlphaOrdinal => "alpha, ordinal",
            Self::KrippendorffAlphaInterval => "alpha, interval",
        }
    }
}

/// A coefficient with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Coefficient {
    /// Which one.
    pub name: CoefficientName,
    /// What it estimates.
    pub estimand: &'static str,
    /// Its value; null where it does not exist.
    pub estimate: Option<f64>,
    /// Why it does not exist.
    pub undefined: Option<String>,
    /// Standard deviation of the bootstrap draws.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Limits>,
    /// How the interval is found; null where there is none.
    pub method: Option<Method>,
    /// What units are taken to move together by; empty where there is one cluster.
    pub clusters: Vec<String>,
    /// Why it has no interval.
    pub no_interval: Option<String>,
}

/// How often one rater gave one category where another gave another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Confusion {
    /// Whose categories the rows are.
    pub rows: String,
    /// Whose categories the columns are.
    pub columns: String,
    /// The categories, in the order of rows and of columns.
    pub categories: Vec<String>,
    /// Pairs of ratings.
    pub counts: Vec<Vec<u64>>,
}

/// Two raters.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Pair {
    /// The first of them.
    pub first: String,
    /// The second.
    pub second: String,
    /// Units that both rated.
    pub n_units: u64,
    /// Clusters of these, in each dimension.
    pub n_clusters: Vec<u64>,
    /// What they said.
    pub confusion: Confusion,
    /// How far they agree.
    pub coefficients: Vec<Coefficient>,
}

/// Raters of one kind against each other.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Panel {
    /// The criterion.
    pub criterion: String,
    /// What the units are broken down by; empty for all.
    pub dimensions: Vec<String>,
    /// The level of each dimension.
    pub levels: Vec<String>,
    /// Who rated any of them.
    pub raters: Vec<String>,
    /// Units that two or more rated.
    pub n_units: u64,
    /// Clusters of all units that any of them rated, in each dimension.
    pub n_clusters: Vec<u64>,
    /// Ratings of all units.
    pub n_ratings: u64,
    /// How far all agree.
    pub coefficients: Vec<Coefficient>,
    /// Each two of them who rated some units both.
    pub pairs: Vec<Pair>,
}

/// A judge against people.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct JudgePeople {
    /// The criterion.
    pub criterion: String,
    /// What the units are broken down by; empty for all.
    pub dimensions: Vec<String>,
    /// The level of each dimension.
    pub levels: Vec<String>,
    /// The judge.
    pub judge: String,
    /// Its rubric.
    pub rubric: String,
    /// Units with a verdict of the judge and a label.
    pub n_units: u64,
    /// Clusters of these, in each dimension.
    pub n_clusters: Vec<u64>,
    /// Labels of these.
    pub n_labels: u64,
    /// Who labelled them.
    pub people: Vec<String>,
    /// What the judge and people said, a pair for each label.
    pub confusion: Confusion,
    /// The judge against a person: over units, each weighing the same however many
    /// people labelled it.
    pub judge_person: Vec<Coefficient>,
    /// Units with a verdict of the judge and labels of two people or more.
    pub n_units_ceiling: u64,
    /// The human ceiling: a person against another, over the units of
    /// `n_units_ceiling`. Empty where there are none.
    pub person_person: Vec<Coefficient>,
    /// The judge against a person less a person against another, on the same units.
    pub difference: Vec<Coefficient>,
    /// Agreement and Cohen's kappa with units weighed by their draw; absent where labels
    /// have no weights or equal ones.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by_draw: Option<ByDraw>,
    /// Why there is no ceiling.
    pub no_ceiling: Option<String>,
    /// The judge against what most people said.
    pub majority: Option<Majority>,
    /// The judge against each person.
    pub each_person: Vec<Pair>,
    /// All of it for people.
    pub sentence: String,
}

/// Figures of a judge and people with units weighed by how many they stand for, as where
/// small subgroups were drawn more often; all other coefficients take units as they are.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ByDraw {
    /// As in [`JudgePeople`].
    pub judge_person: Vec<Coefficient>,
    /// The same.
    pub person_person: Vec<Coefficient>,
    /// The same.
    pub difference: Vec<Coefficient>,
}

/// A judge against what most people said.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Majority {
    /// Units on which one category has more labels than any other.
    pub n_units: u64,
    /// Units on which none has, which are left out.
    pub undecided: u64,
    /// How far the judge agrees with it.
    pub coefficients: Vec<Coefficient>,
}

/// Whether a judge may stand in for a person.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AlternativeAnnotator {
    /// The criterion.
    pub criterion: String,
    /// The judge.
    pub judge: String,
    /// Its rubric.
    pub rubric: String,
    /// What the judge may be worse by.
    pub epsilon: f64,
    /// False rejections that are allowed among all.
    pub error_rate: f64,
    /// Units that a person must have to be tested.
    pub min_units: u64,
    /// The test against each person.
    pub people: Vec<AgainstPerson>,
    /// People with fewer units.
    pub left_out: Vec<String>,
    /// The share of people for whom the test rejects; null where it was not made.
    pub winning_rate: Option<f64>,
    /// Mean over people of the share of units on which the judge is at least as near
    /// to the other people.
    pub advantage_probability: Option<f64>,
    /// Whether the winning rate is at least one half.
    pub passes: Option<bool>,
    /// Share of the labelled items that the judge has a verdict on; null where it was
    /// asked about none.
    pub coverage: Option<f64>,
    /// Why the test was not made, where that is too small a share.
    pub withheld: Option<String>,
    /// The verdict for people.
    pub sentence: String,
}

/// The test against one person.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AgainstPerson {
    /// Who.
    pub person: String,
    /// Units.
    pub n_units: u64,
    /// Mean of `1[S_person >= S_judge] - 1[S_judge >= S_person]`.
    pub difference: f64,
    /// Share of units with `S_judge >= S_person`.
    pub advantage: f64,
    /// p-value of "the person is nearer to the others by epsilon or more".
    pub p_value: f64,
    /// The same by Benjamini and Yekutieli.
    pub p_adjusted: f64,
    /// Whether that is rejected, so that the judge does as well.
    pub rejected: bool,
}

/// Something a reader has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgreementNote {
    /// For programs.
    pub code: AgreementNoteCode,
    /// For people.
    pub sentence: String,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementNoteCode {
    /// Some of the models or judges are simulated.
    Simulated,
    /// Labels about nothing in the results.
    LabelsLeftOut,
    /// Units on which a rater is missing.
    UnitsLeftOut,
    /// One person labelled.
    OnePerson,
    /// So few clusters that intervals are too narrow.
    FewClusters,
    /// More pairs of raters than are compared one by one.
    ManyRaters,
    /// Labelled items that are unlike the others.
    NotAtRandom,
    /// Labels that stand for unequal numbers of items.
    Weighted,
    /// Some labelled units have labels of different weights.
    WeightsDiffer,
    /// Something withheld, because a judge lacks too many verdicts.
    Withheld,
}
