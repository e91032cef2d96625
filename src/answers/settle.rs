//! What is known of a planned structured answer, from the reply that its call has got.
//!
//! The first reply stands: asking again until a reply is readable would hide how often
//! it is not.

use super::extract::{self, Reading, Unreadable};
use super::{Given, Missing, logprobs};
use crate::plan::{AnswerSlot, PlannedCall};
use crate::provider::{Finish, Reply};
use crate::study::Scale;
use crate::verdict::settle::{CallHistory, Spent};

/// What became of a planned answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerOutcome {
    /// Which one.
    pub slot: AnswerSlot,
    /// The option, or why there is none.
    pub given: Given,
    /// Why a reply was unreadable.
    pub why: Option<Unreadable>,
    /// The model's own share of each option, where its probabilities were asked for.
    pub shares: Option<Vec<f64>>,
    /// Whether another run would ask for it.
    pub is_open: bool,
    /// What it has used.
    pub spent: Spent,
}

/// An answer that has not been asked for.
pub fn unasked(slot: AnswerSlot) -> AnswerOutcome {
    AnswerOutcome {
        slot,
        given: Given::Missing(Missing::NotRun),
        why: None,
        shares: None,
        is_open: true,
        spent: Spent::default(),
    }
}

/// An answer from a file; `None` where the file has none, which no run can change.
pub fn from_file(slot: AnswerSlot, text: Option<&str>, scale: &Scale) -> AnswerOutcome {
    let (given, why) = match text {
        Some(text) => read(text, Finish::Stop, scale),
        None => (Given::Missing(Missing::Failed), None),
    };
    AnswerOutcome {
        given,
        why,
        is_open: false,
        ..unasked(slot)
    }
}

/// Settles a planned answer.
pub fn answer(
    slot: AnswerSlot,
    call: &PlannedCall<'_>,
    scale: &Scale,
    history: &CallHistory,
) -> AnswerOutcome {
    let mut outcome = unasked(slot);
    outcome.spent = history.spent;
    let Some(reply) = history.replies.first() else {
        if history.has_failed(call.entry) {
            outcome.given = Given::Missing(Missing::Failed);
        }
        return outcome;
    };
    outcome.is_open = false;
    (outcome.given, outcome.why) = read(&reply.text, reply.finish, scale);
    outcome.shares = outcome
        .given
        .option()
        .and_then(|drawn| own_shares(reply, drawn, scale));
    outcome
}

fn own_shares(reply: &Reply, drawn: u16, scale: &Scale) -> Option<Vec<f64>> {
    if reply.tokens.is_empty() {
        return None;
    }
    logprobs::shares(&reply.tokens, drawn, scale)
}

/// What a reply that ended so gives.
pub fn read(text: &str, finish: Finish, scale: &Scale) -> (Given, Option<Unreadable>) {
    if finish == Finish::Refusal {
        return (Given::Missing(Missing::Refused), None);
    }
    let reading = extract::extract(text, scale);
    if finish == Finish::Length && !stands(text, reading, scale) {
        return (Given::Missing(Missing::Truncated), None);
    }
    match reading {
        Reading::Option(position) => (Given::Option(position), None),
        Reading::Refused => (Given::Missing(Missing::Refused), None),
        Reading::Unreadable(why) => (Given::Missing(Missing::Unreadable), Some(why)),
    }
}

/// Whether what was read of a reply that was cut off would have been read of all of it:
/// an option, and not one whose digits may have gone on.
fn stands(text: &str, reading: Reading, scale: &Scale) -> bool {
    let Reading::Option(position) = reading else {
        return reading == Reading::Refused;
    };
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let code = scale.options()[usize::from(position)].code.to_string();
    let mut codes = scale.codes().map(|other| other.to_string());
    !codes.any(|other| other.len() > code.len() && other.starts_with(&code))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Answer: 1", Finish::Stop, Given::Option(0))]
    #[case("Answer: 1", Finish::Length, Given::Missing(Missing::Truncated))]
    #[case("Answer: 2", Finish::Length, Given::Option(1))]
    #[case("Answer: 1, because", Finish::Length, Given::Option(0))]
    #[case("I think that", Finish::Length, Given::Missing(Missing::Truncated))]
    #[case("I think that", Finish::Stop, Given::Missing(Missing::Unreadable))]
    #[case("Answer: 1", Finish::Refusal, Given::Missing(Missing::Refused))]
    #[case("I cannot answer", Finish::Stop, Given::Missing(Missing::Refused))]
    #[case("", Finish::Other, Given::Missing(Missing::Unreadable))]
    fn the_end_of_a_reply_counts(#[case] text: &str, #[case] finish: Finish, #[case] given: Given) {
        let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
        assert_eq!(read(text, finish, &scale).0, given);
    }
}
