//! A [`Report`](crate::analysis::Report) for people and for programs.
//!
//! [`table`] and [`markdown`] are for people: numbers are rounded, names escaped,
//! and the sentences without which the numbers would mislead stand beside them.
//! [`json`] and [`csv`] are for programs: numbers as they are. [`terms`] says what
//! the words of a report mean. All are pure: a report in, text out.
//!
//! Invariants: no control character or terminal escape of a name reaches the
//! output; a number that is withheld is not shown in any format.

pub mod csv;
mod document;
pub mod json;
pub mod markdown;
mod numbers;
pub mod table;
pub mod terms;

/// How much of a report people are shown; JSON and CSV always hold all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Where more than a few pairs of models stand on a leaderboard, their win rates in
    /// one table.
    #[default]
    Short,
    /// A section for every pair.
    Full,
}

pub use json::{
    agreement_schema, fairness_schema, paper_schema, schema, scores_schema, transfer_schema,
};

#[cfg(test)]
mod tests;
