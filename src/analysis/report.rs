//! The report as data: what is rendered for people and written as JSON.
//!
//! Numbers are not rounded here. A quantity that cannot be given is `null`, never
//! NaN, and a note or the `withheld` sentence says why.

use schemars::JsonSchema;
use serde::Serialize;

use crate::study::PersonaPopulation;
use crate::verdict::MissingReason;

/// Version of the report's JSON: raised when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that a verdict table says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// Version of this layout; further fields do not raise it.
    pub schema_version: u32,
    /// What was studied and how the report was asked for.
    pub study: StudySection,
    /// How much of what was planned has a verdict.
    pub coverage: Coverage,
    /// One estimate for each comparison, judge, rubric and criterion.
    pub comparisons: Vec<Comparison>,
    /// Differences of two win rates on the same items.
    pub differences: Vec<Difference>,
    /// The same estimates within subgroups.
    pub groups: Vec<Comparison>,
    /// The models that were compared.
    pub models: Vec<Model>,
    /// What the calls cost; null where no calls are known.
    pub cost: Option<Cost>,
    /// What a reader has to know about the numbers.
    pub notes: Vec<Note>,
}

/// What was studied and how the report was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StudySection {
    /// Name of the study; null for a table from elsewhere.
    pub name: Option<String>,
    /// Seed of the study; null for a table from elsewhere.
    pub seed: Option<u64>,
    /// Judges.
    pub judges: Vec<String>,
    /// Models and judges that are simulated: their numbers say nothing of any real
    /// model.
    pub simulated: Vec<String>,
    /// Whom the headline intervals speak of.
    pub personas: PersonaPopulation,
    /// Confidence level of all intervals.
    pub level: f64,
    /// Coverage under which a win rate is withheld.
    pub coverage_floor: f64,
}

/// How much of what was planned has a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Coverage {
    /// Nothing that was planned is left to run, and no headline is withheld.
    pub complete: bool,
    /// Items that were planned.
    pub planned_items: u64,
    /// Items of which anything was judged, or failed.
    pub begun_items: u64,
    /// Judgments that were planned: judge calls.
    pub judgments: u64,
    /// Verdicts that were planned: criteria of judgments.
    pub verdicts: u64,
    /// Verdicts that are there.
    pub given: u64,
    /// Verdicts that are not there.
    pub missing: Missing,
}

/// Verdicts that are not there, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Missing {
    /// The judge answered, but its reply holds no verdict.
    pub no_verdict: u64,
    /// The judge gave a verdict on other criteria only.
    pub partial: u64,
    /// The judge, or a model whose answer was needed, refused.
    pub refused: u64,
    /// A reply was cut off before its verdict.
    pub truncated: u64,
    /// A call failed for good.
    pub failed: u64,
    /// The call was planned but not made.
    pub not_run: u64,
}

impl Missing {
    /// Counts one more, or several.
    pub(super) fn add(&mut self, reason: MissingReason, n: u64) {
        *match reason {
            MissingReason::NoVerdict => &mut self.no_verdict,
            MissingReason::Partial => &mut self.partial,
            MissingReason::Refused => &mut self.refused,
            MissingReason::Truncated => &mut self.truncated,
            MissingReason::Failed => &mut self.failed,
            MissingReason::NotRun => &mut self.not_run,
        } += n;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.no_verdict += other.no_verdict;
        self.partial += other.partial;
        self.refused += other.refused;
        self.truncated += other.truncated;
        self.failed += other.failed;
        self.not_run += other.not_run;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.reasons().iter().map(|(_, n)| n).sum()
    }

    /// Each reason by its name, with its count.
    pub fn reasons(&self) -> [(&'static str, u64); 6] {
        [
            ("no_verdict", self.no_verdict),
            ("partial", self.partial),
            ("refused", self.refused),
            ("truncated", self.truncated),
            ("failed", self.failed),
            ("not_run", self.not_run),
        ]
    }
}

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
    /// The dimensions of the subgroup; absent over all items.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub dimensions: Vec<String>,
    /// The level of each of them; absent over all items.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub levels: Vec<String>,
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
    /// The headline interval.
    pub interval: Option<Interval>,
    /// For claims about personas like these.
    pub interval_sampled_personas: Option<Interval>,
    /// For claims about exactly these personas.
    pub interval_fixed_personas: Option<Interval>,
    /// Two-sided p-value of the hypothesis that the win rate is one half, by the
    /// score test that the headline interval inverts.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the tests that are read together.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted.
    pub adjustment: Option<Adjustment>,
    /// What the order in which the answers were shown did; null where the order is
    /// not known.
    pub order: Option<OrderSection>,
    /// The win rate under three ways to join the two orders; null where items were
    /// not judged in both, or the win rate is withheld.
    pub tie_rules: Option<TieRules>,
    /// The win rate if all missing verdicts of begun items had been losses, or
    /// wins; null where no item was begun.
    pub bounds: Option<Bounds>,
}

/// Questions and personas among some items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct ClusterCounts {
    /// Questions.
    pub question: u64,
    /// Personas; 0 where there are none.
    pub persona: u64,
}

/// How much of what was planned is in an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct ItemCoverage {
    /// Items that were planned.
    pub planned: u64,
    /// Items of which anything was judged, or failed.
    pub begun: u64,
    /// Begun items that were judged in one order only although the comparison is
    /// judged in both.
    pub one_order_only: u64,
    /// Mean over begun items of the share of their samples that are in the
    /// estimate; null where none was begun.
    pub share: Option<f64>,
}

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
    /// Holm, over the criteria of one comparison, judge and rubric.
    Holm,
    /// Benjamini and Hochberg, over the levels of one breakdown.
    BenjaminiHochberg,
}

/// What the order in which the answers were shown did.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OrderSection {
    /// Whether items were judged in both orders.
    pub both_orders: bool,
    /// Judgments in which the candidate's answer stood first.
    pub candidate_first: OrderCounts,
    /// Judgments in which the opponent's answer stood first.
    pub opponent_first: OrderCounts,
    /// Pairs of judgments with a verdict that differ in order only.
    pub pairs: u64,
    /// Pairs with the same verdict in both orders.
    pub consistent: u64,
    /// Pairs in which the answer shown first won both times.
    pub first_first: u64,
    /// Pairs in which the answer shown second won both times.
    pub second_second: u64,
    /// Pairs with a tie in one order and a winner in the other.
    pub half_tied: u64,
    /// Share of pairs in which the winner changed sides with the order:
    /// `(first_first + second_second) / pairs`.
    pub flip_rate: Option<f64>,
    /// Share of pairs with the same verdict in both orders.
    pub consistency_rate: Option<f64>,
    /// Whether flips go one way.
    pub sign_test: Option<SignTest>,
    /// How much standing first helps; null where items were judged in one order.
    pub position_effect: Option<PositionEffect>,
}

/// Judgments of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct OrderCounts {
    /// Judgments that preferred the candidate.
    pub wins: u64,
    /// Judgments that preferred neither.
    pub ties: u64,
    /// Judgments that preferred the opponent.
    pub losses: u64,
    /// Judgments without a verdict.
    pub missing: Missing,
}

/// Exact two-sided sign test of whether flips favour the first or the second
/// place. Its unit is the cluster, because flips of one question are not
/// independent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct SignTest {
    /// What is counted.
    pub unit: Clusters,
    /// Clusters with more first-first than second-second pairs.
    pub first: u64,
    /// Clusters with more second-second than first-first pairs.
    pub second: u64,
    /// p-value of equal chances.
    pub p_value: f64,
}

/// How much standing first helps: the mean over items of half the difference
/// between the candidate's score when shown first and when shown second, which is
/// the rate at which the answer shown first wins, less one half.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PositionEffect {
    /// The effect, from -1/2 (the second place always wins) to 1/2.
    pub estimate: f64,
    /// Cluster-robust standard error.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// p-value of no effect.
    pub p_value: Option<f64>,
    /// Items it was taken over.
    pub n_items: u64,
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
    /// The win rate; null where the rule leaves no item.
    pub win_rate: Option<f64>,
    /// Items it was taken over.
    pub n_items: u64,
}

/// How far the missing verdicts could move a win rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Bounds {
    /// All of them lost.
    pub low: f64,
    /// All of them won.
    pub high: f64,
}

/// The difference of two win rates on the same items.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// What is subtracted from what.
    pub contrast: String,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// What the difference estimates.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// Items in both win rates.
    pub n_items: u64,
    /// Questions and personas of those items.
    pub n_clusters: ClusterCounts,
    /// The difference, from -1 to 1.
    pub difference: Option<f64>,
    /// Its cluster-robust standard error.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// p-value of no difference.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the tests that are read together.
    pub p_adjusted: Option<f64>,
}

/// A model that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Model {
    /// Its name.
    pub model: String,
    /// Whether it is simulated.
    pub simulated: bool,
    /// What became of its planned answers; null for a table from elsewhere.
    pub answers: Option<Answers>,
    /// Mean length of its answers in characters; null where no length is known.
    pub mean_chars: Option<f64>,
    /// Planned verdicts of judgments that it takes part in.
    pub verdicts: u64,
    /// Those that are missing.
    pub missing: Missing,
}

/// What became of a model's planned answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Answers {
    /// Answers that were planned.
    pub planned: u64,
    /// Answers that are there, those that were cut off among them.
    pub answered: u64,
    /// Answers that were cut off at the token limit.
    pub truncated: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Calls that failed for good.
    pub failed: u64,
    /// Calls that were not made.
    pub not_run: u64,
    /// Answers from which a reasoning block was taken off before judging.
    pub reasoning_removed: u64,
}

/// What the calls cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cost {
    /// Calls with a final reply.
    pub calls: u64,
    /// Attempts, failed ones among them.
    pub attempts: u64,
    /// Tokens of prompts.
    pub input_tokens: u64,
    /// Tokens of replies.
    pub output_tokens: u64,
    /// Dollars of the entries with a price; null where none has one.
    pub dollars: Option<f64>,
    /// Entries that were called and have no price.
    pub unpriced: Vec<String>,
    /// Each model and judge.
    pub entries: Vec<EntryCost>,
}

/// What the calls to one model or judge cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct EntryCost {
    /// The entry's name.
    pub entry: String,
    /// Calls with a final reply.
    pub calls: u64,
    /// Attempts, failed ones among them.
    pub attempts: u64,
    /// Tokens of prompts.
    pub input_tokens: u64,
    /// Tokens of replies.
    pub output_tokens: u64,
    /// Dollars; null where the entry has no price.
    pub dollars: Option<f64>,
}

/// What a reader has to know about the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Note {
    /// What it is about, for programs.
    pub code: NoteCode,
    /// How much it matters.
    pub kind: NoteKind,
    /// What it says, for people.
    pub sentence: String,
    /// The comparisons, models or entries it is about; empty where it is about all.
    pub subjects: Vec<String>,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoteKind {
    /// How the numbers are to be read.
    Note,
    /// The numbers may mislead.
    Warning,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// Models or judges are simulated.
    Simulated,
    /// There are no judgments.
    EmptyTable,
    /// Something that was planned was not run.
    Partial,
    /// A win rate is withheld for want of coverage.
    Withheld,
    /// Win rates of subgroups are withheld for want of coverage.
    GroupsWithheld,
    /// Items that were judged in one order only are left out.
    OneOrderItems,
    /// Nobody knows in which order the answers were shown.
    OrdersUnknown,
    /// The candidate's answer stood first, or second, far more often than not.
    OneSidedOrders,
    /// There is one cluster, and so no interval.
    SingleCluster,
    /// Few sampled personas.
    FewPersonas,
    /// Few clusters and a rate near 0 or 1.
    FewClustersExtremeRate,
    /// All clusters have the same rate.
    NoVariation,
    /// Only questions are clusters, because there are no personas to tell apart.
    OnlyQuestionClusters,
    /// Only personas are clusters, because there is one question.
    OnlyPersonaClusters,
    /// Rows from the opponent's side were turned.
    MirroredRows,
    /// Answers of some models were cut off.
    TruncatedAnswers,
}
