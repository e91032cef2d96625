//! What the order in which the answers were shown did.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Interval, Missing};

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
    /// Share of pairs in which the answer shown first won both times.
    pub primacy_rate: Option<f64>,
    /// Share of pairs in which the answer shown second won both times.
    pub recency_rate: Option<f64>,
    /// Pairs of repeats: judgments with a verdict that are the same prompt.
    pub repeat_pairs: u64,
    /// Share of them with the same verdict; null without repeats. What it lacks to
    /// one is noise of the judge; what `consistency_rate` lacks besides is the place.
    pub repeat_consistency_rate: Option<f64>,
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SignTest {
    /// What is counted: `question`, `persona`, or a column that stands for one.
    pub unit: String,
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
    /// What it estimates.
    pub estimand: &'static str,
    /// What is counted as one.
    pub unit: &'static str,
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
