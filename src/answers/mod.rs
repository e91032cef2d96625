//! Structured answers: a persona is asked a question with a scale, and picks an
//! option of it.
//!
//! Pure: text and rows in, data out. [`extract`] reads a reply; [`asked`]
//! knows the form in which a prompt asks for it; [`table`] is the narrow
//! waist between what was collected (a run, a file of outside answers, somebody's table)
//! and the scores; [`table_io`] reads and writes it.

pub mod asked;
pub mod extract;
pub mod links;
pub mod logprobs;
pub mod of_study;
pub mod outside;
pub mod reading;
pub mod table;
pub mod table_io;

pub use table::{Answer, AnswerTable, Given, Item, Persona, Question, Truth};

use serde::{Deserialize, Serialize};

/// Why a planned answer has no option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The model would not answer.
    Refused,
    /// The reply names no option, several, or one that is not on the scale.
    Unreadable,
    /// The reply was cut off before it named an option.
    Truncated,
    /// There is no reply: the call was given up, or a file has none.
    Failed,
    /// It has not been asked for.
    NotRun,
}

impl Missing {
    /// Every reason, in order.
    pub const ALL: [Self; 5] = [
        Self::Refused,
        Self::Unreadable,
        Self::Truncated,
        Self::Failed,
        Self::NotRun,
    ];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Failed => "failed",
            Self::NotRun => "not_run",
        }
    }
}
