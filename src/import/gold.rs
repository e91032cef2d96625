//! Judges against a known answer: the answer that is right is the candidate, so that
//! the win rate is the judge's accuracy.

use super::rows::{Asked, Row, Verdict};
use crate::analysis::source_figures::Estimate;
use crate::analysis::{Options, analyse};
use crate::verdict::Outcome;

use super::rows::Rows;

/// The candidate of a comparison with a known answer.
pub(super) const RIGHT: &str = "right answer";
/// Its opponent.
pub(super) const WRONG: &str = "other answer";

/// The share of judgments that agree with a known answer, with its interval.
///
/// Each is an item, its question (by which items move together), and whether it
/// agrees.
pub(super) fn accuracy<'a>(
    quantity: &str,
    judged: impl Iterator<Item = (&'a str, &'a str, bool)>,
) -> Option<Estimate> {
    let mut rows = Rows::default();
    for (item, question, agrees) in judged {
        rows.push(&Row {
            asked: Asked {
                item,
                question,
                ..Asked::default()
            },
            candidate: RIGHT,
            opponent: WRONG,
            judge: "judge",
            rubric: "agreement",
            criterion: "agreement",
            order: None,
            sample: 1,
            verdict: Verdict::Given(if agrees { Outcome::Win } else { Outcome::Loss }),
            candidate_chars: None,
            opponent_chars: None,
        });
    }
    let options = Options {
        random_tests: false,
        ..Options::default()
    };
    let report = analyse(&rows.finish().0, None, &options).ok()?;
    let comparison = report.comparisons.first()?;
    Some(Estimate::of(comparison, quantity))
}
