//! From a judge's reply to a verdict, and from verdicts to the table that every
//! number is computed from.
//!
//! Pure: text and rows in, data out. `extract` reads one reply; `table` is
//! the narrow waist between what was collected (a run, an import, somebody's
//! CSV) and the analysis.

pub mod decide;
pub mod extract;
pub mod labels;
mod order;
pub mod reasoning;
pub mod replies;
pub(crate) mod styles;
pub mod table;
pub mod table_io;

use serde::{Deserialize, Serialize};

pub use order::Order;

/// Which answer a judge prefers, in the order in which it was shown them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Choice {
    /// The answer shown first.
    First,
    /// The answer shown second.
    Second,
    /// Neither.
    Tie,
}

/// A verdict on one criterion, from the candidate's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The candidate was preferred.
    Win,
    /// Neither was.
    Tie,
    /// The opponent was preferred.
    Loss,
    /// There is no verdict; never a loss and never a tie.
    Missing,
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// The judge answered, but its reply holds no verdict at all.
    NoVerdict,
    /// The judge gave a verdict on other criteria but not on this one.
    Partial,
    /// The judge, or a model whose answer was needed, refused through its API.
    Refused,
    /// A reply was cut off before it gave a verdict (or any answer).
    Truncated,
    /// A call failed for good.
    Failed,
    /// The call was planned but not made.
    NotRun,
}

impl Choice {
    /// The verdict from the candidate's side.
    pub fn outcome(self, order: Order) -> Outcome {
        match (self, order) {
            (Self::Tie, _) => Outcome::Tie,
            (Self::First, Order::CandidateFirst) | (Self::Second, Order::OpponentFirst) => {
                Outcome::Win
            }
            _ => Outcome::Loss,
        }
    }
}
