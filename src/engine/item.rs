//! One item: its responses, and each judgment as soon as its two are there.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::ask::{Asking, Shared, ask};
use super::context::Stopped;
use super::progress::Progress;
use super::stock::StockError;
use super::{StopReason, context::Context};
use crate::plan::{AnswerSlot, Generation, Judgment, PlanError, PlannedCall};
use crate::provider::ANTHROPIC_DEFAULT_MAX_TOKENS;
use crate::settle::{
    self, CallHistory, GenerationOutcome, ItemOutcome, JudgmentOutcome, NextStep,
    answers::{self, AnswerOutcome},
};
use crate::store::CallKind;
use crate::study::{Entry, ProviderKind};

/// A slot to be settled, by its position in the item.
enum Work {
    Generation(usize, Generation),
    Judgment(usize, Judgment, [Arc<GenerationOutcome>; 2]),
    Answer(usize, AnswerSlot),
}

/// A slot that has been settled.
enum Done {
    Generation(usize, GenerationOutcome),
    Judgment(usize, JudgmentOutcome),
    Answer(usize, AnswerOutcome),
}

/// Settles what can be settled of an item before the run ends or stops.
///
/// The slots of an item share its task: with many items in work that keeps every
/// core busy, and costs no task for each call.
pub(super) async fn run(shared: Shared, item: u32) -> ItemOutcome {
    let context = shared.as_ref();
    let mut waiting: Vec<(usize, Judgment)> = context
        .plan
        .judgments(item)
        .into_iter()
        .enumerate()
        .collect();
    let mut verdicts: Vec<Option<JudgmentOutcome>> = vec![None; waiting.len()];
    let settle = |work: Work| settle(context, work);
    let mut working: FuturesUnordered<_> = context
        .plan
        .generations(item)
        .enumerate()
        .map(|(position, slot)| settle(Work::Generation(position, slot)))
        .collect();
    let mut responses: Vec<Option<Arc<GenerationOutcome>>> = vec![None; working.len()];
    let mut answers: Vec<Option<AnswerOutcome>> = Vec::new();
    for (position, slot) in context.plan.answers(item).enumerate() {
        answers.push(None);
        working.push(settle(Work::Answer(position, slot)));
    }
    while let Some(done) = working.next().await {
        match done {
            Done::Generation(position, outcome) => {
                responses[position] = Some(Arc::new(outcome));
                waiting.retain(|(position, slot)| {
                    let pair = context.responses_of(slot, &responses);
                    let is_waiting = pair.is_none();
                    if let Some(pair) = pair {
                        working.push(settle(Work::Judgment(*position, *slot, pair)));
                    }
                    is_waiting
                });
            }
            Done::Judgment(position, outcome) => verdicts[position] = Some(outcome),
            Done::Answer(position, outcome) => answers[position] = Some(outcome),
        }
    }
    ItemOutcome {
        generations: responses.into_iter().flatten().collect(),
        judgments: verdicts.into_iter().flatten().collect(),
        answers: answers.into_iter().flatten().collect(),
    }
}

async fn settle(context: &Context, work: Work) -> Done {
    match work {
        Work::Generation(position, slot) => {
            Done::Generation(position, generation(context, slot).await)
        }
        Work::Judgment(position, slot, pair) => {
            Done::Judgment(position, judgment(context, slot, pair).await)
        }
        Work::Answer(position, slot) => Done::Answer(position, answer(context, slot).await),
    }
}

impl Context {
    /// The two responses of a judgment, if both are settled.
    fn responses_of(
        &self,
        slot: &Judgment,
        responses: &[Option<Arc<GenerationOutcome>>],
    ) -> Option<[Arc<GenerationOutcome>; 2]> {
        let [candidate, opponent] = settle::positions(&self.plan, slot);
        Some([responses[candidate].clone()?, responses[opponent].clone()?])
    }

    /// A slot that cannot be worked on for a reason that is no provider's.
    fn broken(&self, item: u32, error: StockError) -> Stopped {
        self.stop(match error {
            StockError::Store(error) => StopReason::Store(error),
            StockError::Plan(PlanError::Prompt(error)) => StopReason::Template {
                item: self.plan.item_id(item),
                message: error.to_string(),
            },
            StockError::Plan(error) => StopReason::Broken(error.to_string()),
        })
    }
}

async fn generation(context: &Context, slot: Generation) -> GenerationOutcome {
    let outcome = match settle_generation(context, slot).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let _: Stopped = context.broken(slot.item, error);
            GenerationOutcome::open(slot)
        }
    };
    if !outcome.is_open {
        Progress::add(&context.progress.responses, 1);
    }
    outcome
}

async fn settle_generation(
    context: &Context,
    slot: Generation,
) -> Result<GenerationOutcome, StockError> {
    if context.plan.study().models[slot.model].provider == ProviderKind::File {
        return Ok(settle::file_generation(&context.plan, slot)?);
    }
    let plan = &context.plan;
    let call = plan.generation_call(&slot)?;
    let is_wanted = settle::unasked_generation(plan, slot).is_open;
    let (model, item) = (slot.model, slot.item);
    let history = reply_of(context, model, &call, CallKind::Generation, item, is_wanted).await?;
    Ok(settle::generation(plan, slot, &call, &history)?)
}

/// What a model replied to a call, which is asked for where it is wanted and no reply is
/// stored.
async fn reply_of(
    context: &Context,
    model: usize,
    call: &PlannedCall<'_>,
    kind: CallKind,
    item: u32,
    is_wanted: bool,
) -> Result<CallHistory, StockError> {
    let (mut history, id) = context.history(call)?;
    if is_wanted
        && history.replies.is_empty()
        && let Some(endpoint) = &context.models[model]
    {
        let mut stored = context.store.call(id);
        let asking = Asking {
            call,
            kind,
            item,
            replies: 0,
            max_tokens: call.entry.max_tokens,
            seed: call.seed,
        };
        // A stop shows in the outcome, which then is open.
        let _ = ask(context, endpoint, &mut stored, &asking, &mut history).await;
    }
    Ok(history)
}

async fn answer(context: &Context, slot: AnswerSlot) -> AnswerOutcome {
    let outcome = match settle_answer(context, slot).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let _: Stopped = context.broken(slot.item, error);
            answers::unasked(slot)
        }
    };
    if !outcome.is_open {
        Progress::add(&context.progress.responses, 1);
    }
    outcome
}

async fn settle_answer(context: &Context, slot: AnswerSlot) -> Result<AnswerOutcome, StockError> {
    if let Some(outcome) = settle::file_answer(&context.plan, slot) {
        return Ok(outcome);
    }
    let Some((call, scale)) = context.plan.answer_call(&slot)? else {
        return Ok(answers::unasked(slot));
    };
    let (model, item) = (slot.model, slot.item);
    let history = reply_of(context, model, &call, CallKind::Answer, item, true).await?;
    Ok(answers::answer(slot, &call, scale, &history))
}

async fn judgment(
    context: &Context,
    slot: Judgment,
    pair: [Arc<GenerationOutcome>; 2],
) -> JudgmentOutcome {
    let outcome = match settle_judgment(context, slot, &pair).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let _: Stopped = context.broken(slot.item, error);
            settle::judgment_without_response(
                &context.plan,
                slot,
                [pair[0].as_ref(), pair[1].as_ref()],
            )
        }
    };
    if !outcome.is_open {
        Progress::add(&context.progress.judgments, 1);
    }
    outcome
}

async fn settle_judgment(
    context: &Context,
    slot: Judgment,
    pair: &[Arc<GenerationOutcome>; 2],
) -> Result<JudgmentOutcome, StockError> {
    let plan = &context.plan;
    let (Ok(candidate), Ok(opponent)) = (&pair[0].response, &pair[1].response) else {
        let outcomes = [pair[0].as_ref(), pair[1].as_ref()];
        return Ok(settle::judgment_without_response(plan, slot, outcomes));
    };
    let responses = [candidate, opponent];
    let call = plan.judgment_call(&slot, candidate, opponent)?;
    let (mut history, id) = context.history(&call)?;
    let settle = |history: &CallHistory| settle::judgment(plan, slot, &call, responses, history);
    let (mut outcome, mut next) = settle(&history);
    let Some(endpoint) = &context.judges[slot.judge] else {
        return Ok(outcome);
    };
    let mut stored = context.store.call(id);
    while let NextStep::Ask { double_tokens } = next {
        let replies = history.replies.len();
        if replies > 0 {
            context.store.renew_request(&mut stored);
            Progress::add(&context.progress.reasks, 1);
        }
        let asking = Asking {
            call: &call,
            kind: CallKind::Judgment,
            item: slot.item,
            replies: replies as u32,
            max_tokens: max_tokens(call.entry, double_tokens, &history),
            seed: plan.reask_seed(call.seed, replies as u32),
        };
        let asked = ask(context, endpoint, &mut stored, &asking, &mut history).await;
        (outcome, next) = settle(&history);
        if asked.is_err() || history.replies.len() == replies {
            break;
        }
    }
    Ok(outcome)
}

/// A server's own limit where nobody says what it is.
const ASSUMED_LIMIT: u32 = 4096;

/// The token limit of the next asking: after a reply that was cut off, twice what
/// that reply had.
fn max_tokens(entry: &Entry, double: bool, history: &CallHistory) -> Option<u32> {
    if !double {
        return entry.max_tokens;
    }
    let used = history.replies.last().map_or(0, |reply| reply.usage.output);
    let used = u32::try_from(used).ok().filter(|tokens| *tokens > 0);
    let had = entry.max_tokens.or(match entry.provider {
        ProviderKind::Anthropic => Some(ANTHROPIC_DEFAULT_MAX_TOKENS),
        _ => used,
    });
    Some(had.unwrap_or(ASSUMED_LIMIT).saturating_mul(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Finish, Reply, Usage};

    fn cut_off(output: u64) -> CallHistory {
        let mut history = CallHistory::default();
        history.replied(Reply {
            text: String::new(),
            finish: Finish::Length,
            usage: Usage { input: 1, output },
            model: None,
            fingerprint: None,
            tokens: Vec::new(),
        });
        history
    }

    #[test]
    fn a_cut_off_reply_is_asked_for_again_with_twice_the_tokens() {
        let limit = |provider, planned, double, used| {
            let mut entry = crate::study::testing::entry("judge", provider);
            entry.max_tokens = planned;
            max_tokens(&entry, double, &cut_off(used))
        };
        let openai = |planned, used| limit(ProviderKind::OpenAi, planned, true, used);
        assert_eq!(openai(Some(100), 100), Some(200));
        assert_eq!(openai(None, 64), Some(128));
        assert_eq!(openai(None, 0), Some(8192));
        assert_eq!(limit(ProviderKind::Anthropic, None, true, 1500), Some(8192));
        assert_eq!(limit(ProviderKind::OpenAi, Some(100), false, 3), Some(100));
    }
}
