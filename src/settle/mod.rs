//! What is known of each planned slot, from the replies that its call has got.
//!
//! The same functions settle a slot while a run is going on and when its store
//! is read again, so a report made later says the same.

pub mod answers;
mod answers_table;
pub mod collect;
mod judgments;

use std::sync::Arc;

use crate::key::Key;
use crate::plan::{AnswerSlot, Generation, Judgment, Plan, PlanError, PlannedCall, Response};
use crate::provider::retry::{self, Reach};
use crate::provider::{ErrorClass, Finish, Reply};
use crate::study::{Ending, Entry, ProviderKind};
use crate::verdict::extract::Repair;
use crate::verdict::table::Cell;
use crate::verdict::{MissingReason, reasoning};
use answers::AnswerOutcome;
pub use judgments::{judgment, judgment_without_response};

/// What a call has got so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallHistory {
    /// Replies, oldest first.
    pub replies: Vec<Reply>,
    /// Failed tries since the last reply.
    pub errors: Vec<ErrorClass>,
    /// Everything that was sent for it.
    pub spent: Spent,
    /// Whether the last try was refused in words about how long a reply may be.
    limit_refused: bool,
}

/// What calls have used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Calls that have got a reply.
    pub calls: u64,
    /// Requests sent.
    pub attempts: u64,
    /// Prompt tokens as billed.
    pub input_tokens: u64,
    /// Reply tokens as billed.
    pub output_tokens: u64,
    /// Requests that may have been billed though nobody said for how many tokens:
    /// no reply came, or one without a count.
    pub unmetered: u64,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.unmetered += other.unmetered;
    }
}

impl CallHistory {
    /// Adds a try that gave a reply.
    pub fn replied(&mut self, reply: Reply) {
        self.spent.attempts += 1;
        self.spent.calls = 1;
        self.spent.input_tokens += reply.usage.input;
        self.spent.output_tokens += reply.usage.output;
        self.spent.unmetered += u64::from(reply.is_unmetered());
        self.errors.clear();
        self.limit_refused = false;
        self.replies.push(reply);
    }

    /// Adds a try that failed, with its HTTP status and what was said.
    pub fn failed(&mut self, class: ErrorClass, status: u16, message: &str) {
        self.spent.attempts += 1;
        self.spent.unmetered += u64::from(class.may_be_billed(status));
        self.errors.push(class);
        let words = message.to_lowercase();
        let is_of_limit = ["token", "context", "length"].map(|word| words.contains(word));
        self.limit_refused = retry::reach(class) == Reach::Call && is_of_limit.contains(&true);
    }

    /// Whether the tries since the last reply were given up.
    pub(crate) fn has_failed(&self, entry: &Entry) -> bool {
        retry::gives_up(&self.errors, entry.max_tries, false)
    }
}

/// What became of a planned response.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerationOutcome {
    /// Which one.
    pub slot: Generation,
    /// The response, or why there is none.
    pub response: Result<Response, MissingReason>,
    /// Whether a reasoning block was taken off.
    pub had_reasoning: bool,
    /// Whether another run would ask for it.
    pub is_open: bool,
    /// What it has used.
    pub spent: Spent,
}

impl GenerationOutcome {
    /// One that is to be asked for.
    pub(crate) fn open(slot: Generation) -> Self {
        Self {
            slot,
            response: Err(MissingReason::NotRun),
            had_reasoning: false,
            is_open: true,
            spent: Spent::default(),
        }
    }
}

/// What became of a planned judgment.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgmentOutcome {
    /// Which one.
    pub slot: Judgment,
    /// Its call; `None` where a response that it needs is missing.
    pub key: Option<Key>,
    /// A verdict for each criterion asked.
    pub cells: Vec<Cell>,
    /// What was needed to read the reply that they stand in.
    pub repairs: Vec<Repair>,
    /// Characters of the candidate's response and of the opponent's.
    pub chars: [Option<u32>; 2],
    /// Whether another run would ask for it.
    pub is_open: bool,
    /// What it has used.
    pub spent: Spent,
}

/// What to do about a judgment.
#[derive(Debug, Clone, PartialEq)]
pub enum NextStep {
    /// Ask, for the first time or again.
    Ask {
        /// With twice the tokens, since the last reply was cut off.
        double_tokens: bool,
    },
    /// Nothing: it is settled.
    Settled,
}

/// Everything known of one item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ItemOutcome {
    /// Its planned responses, in the plan's order.
    pub generations: Vec<Arc<GenerationOutcome>>,
    /// Its planned judgments, in the plan's order.
    pub judgments: Vec<JudgmentOutcome>,
    /// The planned answers of a structured item, in the plan's order.
    pub answers: Vec<AnswerOutcome>,
}

impl ItemOutcome {
    /// Whether another run would ask for anything of it.
    pub fn is_open(&self) -> bool {
        self.generations.iter().any(|generation| generation.is_open)
            || self.judgments.iter().any(|judgment| judgment.is_open)
            || self.answers.iter().any(|answer| answer.is_open)
    }

    /// Whether a request for any of it was ever sent.
    fn was_sent(&self) -> bool {
        let responses = self.generations.iter().map(|generation| generation.spent);
        let judgments = self.judgments.iter().map(|judgment| judgment.spent);
        let answers = self.answers.iter().map(|answer| answer.spent);
        let mut all = responses.chain(judgments).chain(answers);
        all.any(|spent| spent.attempts > 0)
    }
}

/// Settles a planned response. The first reply stands, also one that was cut off, since
/// more tokens for one model would change its length, and a refusal in words, which is
/// what the model says to that persona.
pub fn generation(
    plan: &Plan,
    slot: Generation,
    call: &PlannedCall<'_>,
    history: &CallHistory,
) -> Result<GenerationOutcome, PlanError> {
    let Some(reply) = history.replies.first() else {
        let mut outcome = unasked_generation(plan, slot);
        outcome.spent = history.spent;
        if history.has_failed(call.entry) {
            outcome.response = Err(MissingReason::Failed);
        }
        return Ok(outcome);
    };
    let mut outcome = replied(slot, &reply.text, reply.finish, |_| Ok(call.key))?;
    outcome.spent = history.spent;
    Ok(outcome)
}

/// A planned response that has not been asked for, and is not asked for where a file lacks
/// all that it would be compared with.
pub fn unasked_generation(plan: &Plan, slot: Generation) -> GenerationOutcome {
    GenerationOutcome {
        is_open: plan
            .compared_with(&slot)
            .any(|other| may_come(plan, &other)),
        ..GenerationOutcome::open(slot)
    }
}

/// Whether a response is there or could be asked for, as far as its own model goes.
fn may_come(plan: &Plan, slot: &Generation) -> bool {
    !is_file(plan, slot) || is_in_file(plan, slot)
}

/// Whether a file gives a response.
fn is_in_file(plan: &Plan, slot: &Generation) -> bool {
    plan.file_response(slot).is_some_and(|given| {
        let text = || reasoning::strip(&given.text);
        given.ending == Ending::Whole
            || no_response(given.ending.into(), text().answer.trim()).is_none()
    })
}

/// A response from a file. One that the file lacks can never be asked for.
pub fn file_generation(plan: &Plan, slot: Generation) -> Result<GenerationOutcome, PlanError> {
    match plan.file_response(&slot) {
        Some(given) => replied(slot, &given.text, given.ending.into(), |judged| {
            plan.file_response_key(&slot, judged)
        }),
        None => Ok(GenerationOutcome {
            response: Err(MissingReason::Failed),
            is_open: false,
            ..GenerationOutcome::open(slot)
        }),
    }
}

/// What a reply gives to be judged, wherever it came from. `key` makes the response's key
/// from the text that is judged.
fn replied(
    slot: Generation,
    reply: &str,
    finish: Finish,
    key: impl FnOnce(&str) -> Result<Key, PlanError>,
) -> Result<GenerationOutcome, PlanError> {
    let stripped = reasoning::strip(reply);
    let text = stripped.answer.trim();
    let response = match no_response(finish, text) {
        Some(reason) => Err(reason),
        None => Ok(Response {
            refused: finish == Finish::Refusal,
            ..Response::new(key(text)?, text, finish == Finish::Length)
        }),
    };
    Ok(GenerationOutcome {
        response,
        had_reasoning: stripped.had_reasoning,
        is_open: false,
        ..GenerationOutcome::open(slot)
    })
}

/// Why a reply of this text, its reasoning taken off, is no response.
fn no_response(finish: Finish, text: &str) -> Option<MissingReason> {
    match finish {
        Finish::Refusal if text.is_empty() => Some(MissingReason::Refused),
        Finish::Length if text.is_empty() => Some(MissingReason::Truncated),
        _ => None,
    }
}

fn is_file(plan: &Plan, slot: &Generation) -> bool {
    plan.study().models[slot.model].provider == ProviderKind::File
}

/// Everything known of an item, by what `lookup` knows of each call.
pub fn item<E: From<PlanError>>(
    plan: &Plan,
    item: u32,
    mut lookup: impl FnMut(&PlannedCall<'_>) -> Result<CallHistory, E>,
) -> Result<ItemOutcome, E> {
    let mut generations = Vec::new();
    for slot in plan.generations(item) {
        generations.push(Arc::new(if is_file(plan, &slot) {
            file_generation(plan, slot)?
        } else {
            let call = plan.generation_call(&slot)?;
            let history = lookup(&call)?;
            generation(plan, slot, &call, &history)?
        }));
    }
    let mut judgments = Vec::new();
    for slot in plan.judgments(item) {
        let outcomes = responses_of(plan, &slot, &generations);
        let (Ok(candidate), Ok(opponent)) = (&outcomes[0].response, &outcomes[1].response) else {
            judgments.push(judgment_without_response(plan, slot, outcomes));
            continue;
        };
        let call = plan.judgment_call(&slot, candidate, opponent)?;
        let history = lookup(&call)?;
        let (outcome, _) = judgment(plan, slot, &call, [candidate, opponent], &history);
        judgments.push(outcome);
    }
    let mut answers = Vec::new();
    for slot in plan.answers(item) {
        answers.push(match file_answer(plan, slot) {
            Some(outcome) => outcome,
            None => match plan.answer_call(&slot)? {
                Some((call, scale)) => answers::answer(slot, &call, scale, &lookup(&call)?),
                None => answers::unasked(slot),
            },
        });
    }
    Ok(ItemOutcome {
        generations,
        judgments,
        answers,
    })
}

/// The answer of a `file` entry; `None` for any other entry.
pub fn file_answer(plan: &Plan, slot: AnswerSlot) -> Option<AnswerOutcome> {
    let is_file = plan.study().models[slot.model].provider == ProviderKind::File;
    let question = plan.structured_question(slot.item).filter(|_| is_file)?;
    let given = plan.file_answer(&slot);
    Some(answers::from_file(slot, given, &question.scale))
}

/// Whether an item of which nothing has been asked is open, as [`unasked`] would have it,
/// without making its outcome.
pub fn is_unasked_open(plan: &Plan, item: u32) -> bool {
    let has_judgments = plan.judgments_of(item) > 0;
    plan.generations(item).any(|slot| {
        let waits = !is_file(plan, &slot) || has_judgments && is_in_file(plan, &slot);
        waits && unasked_generation(plan, slot).is_open
    }) || plan.answers(item).any(|slot| {
        let answer = file_answer(plan, slot);
        answer.unwrap_or_else(|| answers::unasked(slot)).is_open
    })
}

/// An item of which nothing has been asked.
pub fn unasked(plan: &Plan, item: u32) -> Result<ItemOutcome, PlanError> {
    let mut outcome = ItemOutcome::default();
    for slot in plan.generations(item) {
        outcome.generations.push(Arc::new(if is_file(plan, &slot) {
            file_generation(plan, slot)?
        } else {
            unasked_generation(plan, slot)
        }));
    }
    for slot in plan.judgments(item) {
        let responses = responses_of(plan, &slot, &outcome.generations);
        let judgment = judgment_without_response(plan, slot, responses);
        outcome.judgments.push(judgment);
    }
    for slot in plan.answers(item) {
        let answer = file_answer(plan, slot);
        outcome
            .answers
            .push(answer.unwrap_or_else(|| answers::unasked(slot)));
    }
    Ok(outcome)
}

/// The positions, among an item's planned responses, of the two that a judgment
/// compares, candidate's first.
pub fn positions(plan: &Plan, slot: &Judgment) -> [usize; 2] {
    let study = plan.study();
    let pair = study.compare.pairs[slot.pair];
    [pair.candidate, pair.opponent].map(|model| {
        let position = plan.models().partition_point(|used| *used < model);
        position * study.compare.samples as usize + slot.sample as usize - 1
    })
}

fn responses_of<'g>(
    plan: &Plan,
    slot: &Judgment,
    generations: &'g [Arc<GenerationOutcome>],
) -> [&'g GenerationOutcome; 2] {
    positions(plan, slot).map(|position| generations[position].as_ref())
}

#[cfg(test)]
mod tests;
