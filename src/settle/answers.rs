//! What is known of a planned structured answer, from the reply that its call has got.
//!
//! The first reply stands: asking again until a reply is readable would hide how often
//! it is not.

use super::{CallHistory, Spent};
use crate::answers::extract::{self, Unreadable};
use crate::answers::reading::read;
use crate::answers::{Given, Missing, logprobs};
use crate::plan::{AnswerSlot, PlannedCall};
use crate::provider::Reply;
use crate::study::{FileAnswer, Scale};

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
pub fn from_file(slot: AnswerSlot, given: Option<&FileAnswer>, scale: &Scale) -> AnswerOutcome {
    let (given, why) = match given {
        Some(given) => read(&given.text, given.ending.into(), scale),
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
    let from = extract::from_option(&reply.text, scale);
    logprobs::shares(&reply.tokens, drawn, scale, from.as_deref())
}
