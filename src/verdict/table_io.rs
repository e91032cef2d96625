//! Reading and writing the verdict table as CSV or JSON Lines.
//!
//! One row holds the verdict of one judgment on one criterion. Columns, in the
//! order in which they are written:
//!
//! | column | meaning | where it is absent |
//! | --- | --- | --- |
//! | `item` | unique id of the persona and question | `persona/question`, or the question |
//! | `persona`, `question` | ids | no persona; the question is required |
//! | `topic`, `split` | groupings | none |
//! | `candidate`, `opponent` | models | required |
//! | `judge`, `rubric` | who judged by what | `judge`, `unknown` |
//! | `criterion` | what was judged | required |
//! | `order` | `candidate_first` or `opponent_first` | position effects cannot be seen |
//! | `sample`, `repeat` | from 1 | 1 |
//! | `outcome` | `win`, `tie`, `loss` or `missing`, from the candidate's side | from `score` |
//! | `score` | the candidate's share in [0, 1] | from `outcome` |
//! | `missing_reason` | why there is no verdict | `no_verdict` where it is missing |
//! | `candidate_chars`, `opponent_chars` | lengths of the answers | not known |
//! | `call` | key of the judge's call, 64 hexadecimal digits | not known |
//! | `simulated` | which of `candidate`, `opponent`, `judge` are simulated, blanks between | none |
//! | `variant` | the phrasing of the persona | there is one |
//! | `group.<dimension>` | the level of the item's persona | no dimensions |
//! | `x.<covariate>` | a value of the item's question, or a number of the candidate's answer less the opponent's | no covariates |
//!
//! A labels table ([`Labels`](super::labels::Labels)) has the same columns, but for
//! `annotator` in the place of `judge`; every row must have one. `x.weight`, which may be
//! called `weight` there, says how many comparisons a label stands for.
//!
//! Rows whose candidate and opponent are exchanged describe the same comparison
//! from the other side. They are kept as they are written, and the analysis merges
//! them; two rows for one judgment and criterion are refused even so.
//!
//! Invariants: a table that is written and read again is the same table (cells of
//! one judgment stand together, and an empty text is no text). What is written
//! holds no control character, and no CSV cell that a spreadsheet would run as a
//! formula.

mod build;
mod columns;
mod csv_rows;
pub(crate) mod fault;
mod joined;
mod json;
mod read;
pub(crate) mod source;
mod styles;
mod value;
mod write;

pub use read::{read, read_labels};
pub use write::{write, write_begun, write_labels};

/// How a verdict table is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl Format {
    /// The format that a file's name says: JSON Lines for `.jsonl` and `.ndjson`,
    /// else CSV.
    pub fn of_name(name: &std::path::Path) -> Self {
        let extension = name
            .extension()
            .and_then(std::ffi::OsStr::to_str)
            .unwrap_or_default();
        if extension.eq_ignore_ascii_case("jsonl") || extension.eq_ignore_ascii_case("ndjson") {
            Self::Jsonl
        } else {
            Self::Csv
        }
    }
}

#[cfg(test)]
mod tests;
