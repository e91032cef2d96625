//! From the verdicts of one rater on one unit to one category.

use super::options::{Inconsistent, Ties};
use crate::verdict::{Order, Outcome};

/// A verdict or label from the side of the unit's candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Given {
    pub(super) order: Order,
    pub(super) outcome: Outcome,
    /// `None` where it is missing.
    pub(super) score: Option<f64>,
}

/// What a rater says of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Said {
    /// A verdict, and its score: the mean over orders of the mean over repeats.
    Outcome(Outcome, f64),
    /// Nothing, or not in both orders though both were asked for.
    Missing,
    /// Different things in the two orders, which are left out.
    Dropped,
}

/// Joins a rater's verdicts on a unit. Of several repeats of one order the verdict
/// that most of them give stands; where several are as frequent, a tie. Where both
/// orders are asked for (`both`) each must have a verdict.
pub(super) fn join(given: &[Given], both: bool, rule: Inconsistent) -> Said {
    let of = |order: Order| -> Option<(Outcome, f64)> {
        let repeats = || given.iter().filter(move |one| one.order == order);
        let scores: Vec<f64> = repeats().filter_map(|one| one.score).collect();
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        Some((most(repeats().map(|one| one.outcome))?, mean))
    };
    let (first, second) = (of(Order::CandidateFirst), of(Order::OpponentFirst));
    match (first, second) {
        (None, None) => Said::Missing,
        (None, Some(_)) | (Some(_), None) if both => Said::Missing,
        (Some((outcome, score)), None) | (None, Some((outcome, score))) => {
            Said::Outcome(outcome, score)
        }
        (Some((one, a)), Some((other, b))) => {
            let score = f64::midpoint(a, b);
            if one == other || rule == Inconsistent::CandidateFirst {
                return Said::Outcome(one, score);
            }
            match rule {
                Inconsistent::Drop => Said::Dropped,
                Inconsistent::Average => Said::Outcome(average(one, other), score),
                Inconsistent::Tie | Inconsistent::CandidateFirst => {
                    Said::Outcome(Outcome::Tie, score)
                }
            }
        }
    }
}

/// The most frequent verdict; a tie where several are; `None` where there is none.
fn most(outcomes: impl Iterator<Item = Outcome>) -> Option<Outcome> {
    let mut counts = [(Outcome::Win, 0_u32), (Outcome::Loss, 0), (Outcome::Tie, 0)];
    for outcome in outcomes {
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == outcome) {
            *count += 1;
        }
    }
    let top = counts
        .iter()
        .map(|(_, count)| *count)
        .max()
        .filter(|n| *n > 0)?;
    let mut frequent = counts.iter().filter(|(_, count)| *count == top);
    let first = frequent.next().map(|(outcome, _)| *outcome);
    if frequent.next().is_some() {
        Some(Outcome::Tie)
    } else {
        first
    }
}

/// The side of one half that the mean of two different verdicts is on.
fn average(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Tie, decided) | (decided, Outcome::Tie) => decided,
        _ => Outcome::Tie,
    }
}

/// The categories of a criterion, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Categories {
    ties: bool,
}

impl Categories {
    /// Ties are a category where they are kept and somebody gave one.
    pub(super) fn new(rule: Ties, any_tie: bool) -> Self {
        Self {
            ties: any_tie && rule == Ties::Keep,
        }
    }

    pub(super) fn count(self) -> usize {
        if self.ties { 3 } else { 2 }
    }

    pub(super) fn names(self) -> Vec<String> {
        let names: &[&str] = if self.ties {
            &["win", "tie", "loss"]
        } else {
            &["win", "loss"]
        };
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// The number of a verdict's category; `None` where it is left out.
    pub(super) fn of(self, outcome: Outcome) -> Option<u8> {
        match outcome {
            Outcome::Win => Some(0),
            Outcome::Tie => self.ties.then_some(1),
            Outcome::Loss => Some(if self.ties { 2 } else { 1 }),
            Outcome::Missing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Order = Order::CandidateFirst;
    const SECOND: Order = Order::OpponentFirst;

    fn given(order: Order, outcome: Outcome) -> Given {
        let score = match outcome {
            Outcome::Win => Some(1.0),
            Outcome::Tie => Some(0.5),
            Outcome::Loss => Some(0.0),
            Outcome::Missing => None,
        };
        Given {
            order,
            outcome,
            score,
        }
    }

    fn joined(first: Outcome, second: Outcome, rule: Inconsistent) -> Said {
        join(&[given(FIRST, first), given(SECOND, second)], true, rule)
    }

    #[test]
    fn two_orders_are_joined_by_the_rule() {
        use Outcome::{Loss, Tie, Win};
        for (first, second, tie, average, one) in [
            (Win, Win, Win, Win, Win),
            (Win, Loss, Tie, Tie, Win),
            (Tie, Loss, Tie, Loss, Tie),
            (Win, Tie, Tie, Win, Win),
        ] {
            let score = match joined(first, second, Inconsistent::Tie) {
                Said::Outcome(found, score) => {
                    assert_eq!(found, tie);
                    score
                }
                other => panic!("{other:?}"),
            };
            let said = |outcome| Said::Outcome(outcome, score);
            assert_eq!(joined(first, second, Inconsistent::Average), said(average));
            assert_eq!(
                joined(first, second, Inconsistent::CandidateFirst),
                said(one)
            );
            let dropped = joined(first, second, Inconsistent::Drop);
            assert_eq!(dropped == Said::Dropped, first != second);
        }
    }

    #[test]
    fn a_missing_order_is_missing_only_where_both_are_asked_for() {
        let one = [given(FIRST, Outcome::Win), given(SECOND, Outcome::Missing)];
        assert_eq!(join(&one, true, Inconsistent::Tie), Said::Missing);
        assert_eq!(
            join(&one, true, Inconsistent::CandidateFirst),
            Said::Missing
        );
        let said = Said::Outcome(Outcome::Win, 1.0);
        assert_eq!(join(&one, false, Inconsistent::Tie), said);
        assert_eq!(join(&[], false, Inconsistent::Tie), Said::Missing);
    }

    #[test]
    fn of_repeats_the_most_frequent_stands() {
        use Outcome::{Loss, Missing, Tie, Win};
        let repeats = |outcomes: &[Outcome]| {
            let given: Vec<Given> = outcomes.iter().map(|o| given(FIRST, *o)).collect();
            match join(&given, false, Inconsistent::Tie) {
                Said::Outcome(outcome, _) => outcome,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(repeats(&[Win, Loss, Loss]), Loss);
        assert_eq!(repeats(&[Win, Loss]), Tie);
        assert_eq!(repeats(&[Win, Tie, Missing]), Tie);
        assert_eq!(repeats(&[Tie, Tie, Win]), Tie);
    }

    #[test]
    fn ties_are_a_category_only_where_kept_and_given() {
        let three = Categories::new(Ties::Keep, true);
        assert_eq!(three.names(), ["win", "tie", "loss"]);
        assert_eq!(three.of(Outcome::Loss), Some(2));
        for two in [
            Categories::new(Ties::Keep, false),
            Categories::new(Ties::Drop, true),
        ] {
            assert_eq!(two.names(), ["win", "loss"]);
            assert_eq!(
                (two.of(Outcome::Loss), two.of(Outcome::Tie)),
                (Some(1), None)
            );
        }
    }
}
