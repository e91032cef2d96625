//! How much of what was planned has a verdict, and what the rest could do.

use schemars::JsonSchema;
use serde::Serialize;

use crate::verdict::MissingReason;

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
    pub(in crate::analysis) fn add(&mut self, reason: MissingReason, n: u64) {
        *match reason {
            MissingReason::NoVerdict => &mut self.no_verdict,
            MissingReason::Partial => &mut self.partial,
            MissingReason::Refused => &mut self.refused,
            MissingReason::Truncated => &mut self.truncated,
            MissingReason::Failed => &mut self.failed,
            MissingReason::NotRun => &mut self.not_run,
        } += n;
    }

    pub(in crate::analysis) fn merge(&mut self, other: &Self) {
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

/// How far the missing verdicts could move a win rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Bounds {
    /// What they are of.
    pub estimand: &'static str,
    /// What is counted as one.
    pub unit: &'static str,
    /// Items begun, over which they are taken.
    pub n_items: u64,
    /// All of them lost.
    pub low: f64,
    /// All of them won.
    pub high: f64,
}
