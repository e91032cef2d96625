//! Reading and writing the answers table as CSV or JSON Lines.
//!
//! One row holds one answer of one model. Columns, in the order in which they are
//! written:
//!
//! | column | meaning | where it is absent |
//! | --- | --- | --- |
//! | `item` | unique id of the persona and question | `persona/question`, or the question |
//! | `persona`, `question` | ids | no persona; the question is required |
//! | `topic`, `split`, `stratum` | groupings | none |
//! | `model` | who answered | required |
//! | `sample` | from 1 | 1 |
//! | `option` | code of the answer | there is a `missing_reason` |
//! | `distribution` | the model's own shares of the options | not known |
//! | `missing_reason` | why there is no option | `unreadable` where there is none |
//! | `simulated` | `yes` where the model is simulated | it is not known to be |
//! | `truth` | code of the group's modal answer | lowest of `truth_modes`, or mode of the shares |
//! | `truth_modes` | codes that tie for the mode | those that tie with `truth` in the shares |
//! | `truth_distribution` | shares of the group's answers | not known |
//! | `truth_share` | share of the group that gave the mode | not known |
//! | `truth_n` | respondents | not known |
//! | `truth_unstable` | how often the mode is another one in resamples, from 0 to 1 | not known |
//! | `scale` | the options | required in the first row of a question |
//! | `variant` | the phrasing of the persona | there is one |
//! | `group.<dimension>` | the level of the persona | no dimensions |
//!
//! Cells of scales, shares and codes are those of [`crate::study::scale`].
//!
//! Invariants: a table that is written and read again is the same table; two rows for
//! one item, model and sample are refused, and so are rows that contradict each other
//! on a persona, a question or an item. What is written holds no control character,
//! and no CSV cell that a spreadsheet would run as a formula.

mod build;
mod cells;
mod columns;
mod known;
mod read;
mod write;

pub use crate::verdict::table_io::Format;
pub use read::read;
pub use write::write;

#[cfg(test)]
mod tests;
