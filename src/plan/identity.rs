//! What a call is: its content, and the draw it is.
//!
//! Not in it: base URL, key, prices, limits, and the names of study and entries,
//! so that a server may move and nothing is paid for twice.

use super::{Generation, Judgment, Plan, Response};
use crate::key::Key;
use crate::prompt::Message;
use crate::provider::ReplySchema;
use crate::study::{Entry, Identity};
use crate::verdict::Order;
use serde::Serialize;

#[derive(Serialize)]
struct Call<'a> {
    kind: &'static str,
    entry: Identity<'a>,
    messages: &'a [Message],
    schema: Option<&'a str>,
    draw: Draw<'a>,
}

/// Which planned draw a call is; with the entry's first seed it also says which
/// seed is sent. A judgment names the two responses it compares,
/// since two pairs of models may give the same texts.
#[derive(Serialize)]
struct Draw<'a> {
    persona: &'a str,
    question: &'a str,
    sample: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    judgment: Option<JudgmentDraw<'a>>,
}

#[derive(Serialize)]
struct JudgmentDraw<'a> {
    order: Order,
    repeat: u32,
    criteria: Vec<&'a str>,
    candidate: Key,
    opponent: Key,
}

fn draw<'a>(
    plan: &'a Plan,
    item: u32,
    sample: u32,
    judgment: Option<JudgmentDraw<'a>>,
) -> Draw<'a> {
    let item = plan.items[item as usize];
    Draw {
        persona: &plan.study.personas[item.persona as usize].id,
        question: &plan.study.questions[item.question as usize].id,
        sample,
        judgment,
    }
}

pub(super) fn generation(
    plan: &Plan,
    slot: &Generation,
    entry: &Entry,
    messages: &[Message],
) -> Result<Key, serde_json::Error> {
    Key::of(&Call {
        kind: "generation",
        entry: entry.identity(),
        messages,
        schema: None,
        draw: draw(plan, slot.item, slot.sample, None),
    })
}

/// A response from a file is its text; it is no call, but judgments name it.
pub(super) fn file_response(
    plan: &Plan,
    slot: &Generation,
    entry: &Entry,
    text: &str,
) -> Result<Key, serde_json::Error> {
    #[derive(Serialize)]
    struct FileResponse<'a> {
        kind: &'static str,
        model: &'a str,
        revision: Option<&'a str>,
        text: &'a str,
        draw: Draw<'a>,
    }
    Key::of(&FileResponse {
        kind: "file",
        model: &entry.model,
        revision: entry.revision.as_deref(),
        text,
        draw: draw(plan, slot.item, slot.sample, None),
    })
}

fn judgment_draw<'a>(
    plan: &'a Plan,
    slot: &Judgment,
    candidate: &Response,
    opponent: &Response,
) -> Draw<'a> {
    let criteria = &plan.study.judging.rubric.criteria;
    let judgment = JudgmentDraw {
        order: slot.order,
        repeat: slot.repeat,
        criteria: plan
            .criteria(slot)
            .iter()
            .map(|index| criteria[*index].key.as_str())
            .collect(),
        candidate: candidate.key,
        opponent: opponent.key,
    };
    draw(plan, slot.item, slot.sample, Some(judgment))
}

/// What tells a judgment from every other, and so what its fence token is derived
/// from. It names both responses by their calls, which neither could know when it
/// was written.
pub(super) fn draw_of(
    plan: &Plan,
    slot: &Judgment,
    candidate: &Response,
    opponent: &Response,
) -> Result<Key, serde_json::Error> {
    Key::of(&judgment_draw(plan, slot, candidate, opponent))
}

pub(super) fn judgment(
    plan: &Plan,
    slot: &Judgment,
    entry: &Entry,
    messages: &[Message],
    schema: Option<&ReplySchema>,
    [candidate, opponent]: [&Response; 2],
) -> Result<Key, serde_json::Error> {
    Key::of(&Call {
        kind: "judgment",
        entry: entry.identity(),
        messages,
        schema: schema.map(|schema| schema.json.get()),
        draw: judgment_draw(plan, slot, candidate, opponent),
    })
}
