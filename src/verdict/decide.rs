//! Which reply to a judgment stands, and whether to ask again.
//!
//! Replies are never merged: two askings are two draws, and a verdict put
//! together from both is one that no judge gave.

use super::{Choice, MissingReason};
use crate::provider::Finish;

/// One reply to a judgment, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadReply<'a> {
    /// The choice on each criterion asked; `None` where it is missing.
    pub choices: &'a [Option<Choice>],
    /// Why the reply ended.
    pub finish: Finish,
}

impl ReadReply<'_> {
    fn given(&self) -> usize {
        self.choices.iter().flatten().count()
    }

    fn is_full(&self) -> bool {
        self.given() == self.choices.len()
    }
}

/// What to do about a judgment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A reply gives every criterion.
    Settled {
        /// The first that does.
        reply: usize,
    },
    /// Ask once more.
    Ask {
        /// Whether with twice the tokens, since the last reply was cut off.
        double_tokens: bool,
    },
    /// No reply gives every criterion, and there are no askings left.
    GivenUp {
        /// The reply that stands: it gives most criteria, the earliest of several.
        /// It may give none at all; `None` where there is no reply.
        best: Option<usize>,
    },
}

/// Decides from the replies so far, in the order in which they came.
///
/// The first reply that gives every criterion settles it. Else the judge is asked
/// again, `reasks` times, and once more if the last reply is the first that was cut off.
/// A refusal that the API signals counts as a reply.
pub fn decide(replies: &[ReadReply<'_>], reasks: usize) -> Decision {
    if let Some(reply) = replies.iter().position(ReadReply::is_full) {
        return Decision::Settled { reply };
    }
    let cut = |reply: &ReadReply<'_>| reply.finish == Finish::Length;
    let last_was_cut = replies.last().is_some_and(cut);
    let was_cut_once = replies.iter().filter(|reply| cut(reply)).count() == 1;
    if replies.len() <= reasks || (last_was_cut && was_cut_once) {
        return Decision::Ask {
            double_tokens: last_was_cut,
        };
    }
    Decision::GivenUp {
        best: best(replies),
    }
}

/// The reply that gives most criteria, the earliest of several.
pub fn best(replies: &[ReadReply<'_>]) -> Option<usize> {
    // Of several with as many criteria, `max_by_key` takes the last.
    let by_count = replies.iter().enumerate().rev();
    by_count
        .max_by_key(|(_, reply)| reply.given())
        .map(|(index, _)| index)
}

/// Why each criterion that the standing reply does not give is missing; `None`
/// where it is given.
///
/// A reply that was cut off or refused is why all that it lacks is missing, also
/// where it gave some criteria before. Else what it lacks is partial if it gives
/// some, and no verdict if it gives none.
pub fn missing_reasons(standing: ReadReply<'_>) -> Vec<Option<MissingReason>> {
    let why = match standing.finish {
        Finish::Length => MissingReason::Truncated,
        Finish::Refusal => MissingReason::Refused,
        Finish::Stop | Finish::Other if standing.given() > 0 => MissingReason::Partial,
        Finish::Stop | Finish::Other => MissingReason::NoVerdict,
    };
    standing
        .choices
        .iter()
        .map(|choice| choice.is_none().then_some(why))
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const A: Option<Choice> = Some(Choice::First);
    const FULL: &[Option<Choice>] = &[A, A, A];
    const TWO: &[Option<Choice>] = &[A, None, A];
    const ONE: &[Option<Choice>] = &[None, None, A];
    const NONE: &[Option<Choice>] = &[None, None, None];

    fn reply(choices: &[Option<Choice>], finish: Finish) -> ReadReply<'_> {
        ReadReply { choices, finish }
    }

    fn stop(choices: &[Option<Choice>]) -> ReadReply<'_> {
        reply(choices, Finish::Stop)
    }

    fn cut(choices: &[Option<Choice>]) -> ReadReply<'_> {
        reply(choices, Finish::Length)
    }

    const ASK: Decision = Decision::Ask {
        double_tokens: false,
    };
    const ASK_DOUBLE: Decision = Decision::Ask {
        double_tokens: true,
    };

    fn given_up(best: usize) -> Decision {
        Decision::GivenUp { best: Some(best) }
    }

    fn settled(reply: usize) -> Decision {
        Decision::Settled { reply }
    }

    #[rstest]
    #[case::nothing_yet(&[], 1, ASK)]
    #[case::nothing_yet_and_no_reasks(&[], 0, ASK)]
    #[case::full(&[stop(FULL)], 1, settled(0))]
    #[case::full_though_cut(&[cut(FULL)], 1, settled(0))]
    #[case::partial(&[stop(TWO)], 1, ASK)]
    #[case::partial_without_reasks(&[stop(TWO)], 0, given_up(0))]
    #[case::second_is_full(&[stop(TWO), stop(FULL)], 1, settled(1))]
    #[case::first_full_stands(&[stop(NONE), stop(FULL), stop(FULL)], 5, settled(1))]
    #[case::most_criteria_stand(&[stop(ONE), stop(TWO)], 1, given_up(1))]
    #[case::never_merged(&[stop(&[A, None, None]), stop(&[None, A, A])], 1, given_up(1))]
    #[case::earliest_on_a_draw(&[stop(NONE), stop(ONE), stop(ONE)], 2, given_up(1))]
    #[case::none_at_all(&[stop(NONE), stop(NONE)], 1, given_up(0))]
    #[case::more_reasks(&[stop(NONE), stop(NONE)], 2, ASK)]
    #[case::cut(&[cut(NONE)], 1, ASK_DOUBLE)]
    #[case::cut_without_reasks(&[cut(NONE)], 0, ASK_DOUBLE)]
    #[case::cut_twice_without_reasks(&[cut(NONE), cut(NONE)], 0, given_up(0))]
    #[case::cut_twice(&[cut(NONE), cut(TWO)], 1, given_up(1))]
    #[case::whole_then_cut_without_reasks_left(&[stop(ONE), cut(ONE)], 1, ASK_DOUBLE)]
    #[case::cut_after_the_last_reask(&[stop(ONE), cut(ONE), cut(ONE)], 1, given_up(0))]
    #[case::cut_then_whole(&[cut(NONE), stop(ONE)], 2, ASK)]
    #[case::whole_then_cut(&[stop(ONE), cut(ONE)], 2, ASK_DOUBLE)]
    #[case::refused(&[reply(NONE, Finish::Refusal)], 1, ASK)]
    #[case::refused_twice(&[reply(NONE, Finish::Refusal); 2], 1, given_up(0))]
    fn a_judgment_is_decided(
        #[case] replies: &[ReadReply<'_>],
        #[case] reasks: usize,
        #[case] decision: Decision,
    ) {
        assert_eq!(decide(replies, reasks), decision);
    }

    #[test]
    fn a_judgment_that_asks_nothing_is_settled_by_any_reply() {
        assert_eq!(decide(&[stop(&[])], 1), settled(0));
    }

    #[test]
    fn asking_always_ends() {
        for finish in [Finish::Stop, Finish::Length, Finish::Refusal, Finish::Other] {
            for reasks in 0..4 {
                let replies = vec![reply(NONE, finish); reasks + 2];
                assert!(matches!(decide(&replies, reasks), Decision::GivenUp { .. }));
            }
        }
    }

    #[rstest]
    #[case::full(stop(FULL), [None; 3])]
    #[case::partial(stop(TWO), [None, Some(MissingReason::Partial), None])]
    #[case::partial_cut(cut(TWO), [None, Some(MissingReason::Truncated), None])]
    #[case::partial_refused(
        reply(TWO, Finish::Refusal),
        [None, Some(MissingReason::Refused), None]
    )]
    #[case::nothing(stop(NONE), [Some(MissingReason::NoVerdict); 3])]
    #[case::nothing_other(reply(NONE, Finish::Other), [Some(MissingReason::NoVerdict); 3])]
    #[case::nothing_cut(cut(NONE), [Some(MissingReason::Truncated); 3])]
    #[case::nothing_refused(reply(NONE, Finish::Refusal), [Some(MissingReason::Refused); 3])]
    fn what_is_missing_has_a_reason(
        #[case] standing: ReadReply<'_>,
        #[case] reasons: [Option<MissingReason>; 3],
    ) {
        assert_eq!(missing_reasons(standing), reasons);
    }
}
