//! What a reader has to know about the numbers.

use schemars::JsonSchema;
use serde::Serialize;

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
    /// Levels with too few clusters for a claim.
    FewInLevel,
    /// Levels whose interval may cover less than it says.
    LevelsFallShort,
    /// Items of a comparison have no rows on one of its criteria.
    CriterionWithoutRows,
    /// Items that were judged in one order only are left out.
    OneOrderItems,
    /// Nobody knows in which order the answers were shown.
    OrdersUnknown,
    /// The candidate's answer stood first, or second, far more often than not.
    OneSidedOrders,
    /// Each item was judged in one order, about half of them in each.
    OneOrderEach,
    /// There is one cluster, and so no interval.
    SingleCluster,
    /// The interval method has no interval for some items.
    NoInterval,
    /// The interval method takes items that share a question or a persona as
    /// independent.
    ItemsTakenIndependent,
    /// Items of one question, or of one persona, are in different clusters.
    ClustersSplit,
    /// Few clusters for the interval method, whatever the rate.
    FewClusters,
    /// Clusters whose numbers of items differ so much that they tell as little as few of one
    /// size.
    UnevenClusters,
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
    /// Answers of some models hold no text.
    EmptyAnswers,
    /// Answers of some models are refusals, and judged.
    RefusalsJudged,
    /// Replies of judges were repaired to be read.
    RepairedVerdicts,
    /// Some requests may have been billed beyond what is counted.
    UnmeteredRequests,
    /// Differences without an interval, or withheld.
    DifferenceWithoutInterval,
    /// There are more differences than are shown.
    DifferencesLeftOut,
    /// More than two models, and no three of them on one scale.
    NoLeaderboard,
}
