//! What a call is: its content, and the draw it is.
//!
//! Not in it: base URL, key, prices, limits, and the names of study and entries,
//! so that a server may move and nothing is paid for twice.

use super::{AnswerSlot, Generation, Judgment, Plan, Response};
use crate::key::{Key, MOST_KEPT};
use crate::prompt::{Message, Role};
use crate::provider::ReplySchema;
use crate::study::Entry;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::cell::RefCell;

/// Its fields, and those of all in it, stand in the order of RFC 8785, so that
/// writing it down gives the canonical form without sorting: keys are made for
/// every call of a plan, each time that a store is opened.
#[derive(Serialize)]
struct Call<'a> {
    draw: Draw<'a>,
    entry: &'a RawValue,
    kind: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
    messages: Messages<'a>,
    schema: Option<&'a str>,
}

/// Which planned draw a call is; with the entry's first seed it also says which
/// seed is sent. A judgment names the two responses it compares, since two pairs of
/// models may give the same texts, by the places in which they are shown: which of them is
/// the candidate's changes nothing of what is asked.
#[derive(Serialize)]
struct Draw<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    judgment: Option<JudgmentDraw<'a>>,
    persona: &'a str,
    question: &'a str,
    sample: u32,
    /// The phrasing, where the study has several: two that say the same are two draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a str>,
}

#[derive(Serialize)]
struct JudgmentDraw<'a> {
    criteria: Vec<&'a str>,
    first: Key,
    repeat: u32,
    second: Key,
}

/// In the order of RFC 8785, like a call.
#[derive(Serialize)]
struct FileResponse<'a> {
    draw: Draw<'a>,
    kind: &'static str,
    model: &'a str,
    revision: Option<&'a str>,
    text: &'a str,
}

struct Messages<'a>(&'a [Message]);

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Sorted<'a> {
            content: &'a str,
            role: Role,
        }
        serializer.collect_seq(self.0.iter().map(|message| Sorted {
            content: &message.content,
            role: message.role,
        }))
    }
}

/// What of an entry is part of its calls' keys, in canonical form.
pub(super) fn entry(entry: &Entry) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(serde_json_canonicalizer::to_string(&entry.identity())?)
}

thread_local! {
    static CANONICAL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The key of what is canonical as it is written.
fn key_of_sorted<T: Serialize>(identity: &T) -> Result<Key, serde_json::Error> {
    CANONICAL.with_borrow_mut(|canonical| {
        canonical.clear();
        canonical.shrink_to(MOST_KEPT);
        serde_json::to_writer(&mut *canonical, identity)?;
        Ok(Key(blake3::hash(canonical).into()))
    })
}

fn draw<'a>(
    plan: &'a Plan,
    item: u32,
    sample: u32,
    judgment: Option<JudgmentDraw<'a>>,
) -> Draw<'a> {
    let place = plan.items[item as usize];
    Draw {
        persona: &plan.study.personas[place.persona as usize].id,
        question: plan.question_id(item),
        sample,
        judgment,
        variant: plan.variant(item),
    }
}

pub(super) fn generation(
    plan: &Plan,
    slot: &Generation,
    messages: &[Message],
) -> Result<Key, serde_json::Error> {
    key_of_sorted(&Call {
        draw: draw(plan, slot.item, slot.sample, None),
        entry: &plan.model_identities[slot.model],
        kind: "generation",
        logprobs: false,
        messages: Messages(messages),
        schema: None,
    })
}

pub(super) fn answer(
    plan: &Plan,
    slot: &AnswerSlot,
    entry: &RawValue,
    logprobs: bool,
    messages: &[Message],
    schema: Option<&ReplySchema>,
) -> Result<Key, serde_json::Error> {
    key_of_sorted(&Call {
        draw: draw(plan, slot.item, slot.sample, None),
        entry,
        kind: "answer",
        logprobs,
        messages: Messages(messages),
        schema: schema.map(|schema| schema.json.get()),
    })
}

/// A response from a file is its text; it is no call, but judgments name it.
pub(super) fn file_response(
    plan: &Plan,
    slot: &Generation,
    entry: &Entry,
    text: &str,
) -> Result<Key, serde_json::Error> {
    key_of_sorted(&FileResponse {
        draw: draw(plan, slot.item, slot.sample, None),
        kind: "file",
        model: &entry.model,
        revision: entry.revision.as_deref(),
        text,
    })
}

fn judgment_draw<'a>(plan: &'a Plan, slot: &Judgment, [first, second]: [&Response; 2]) -> Draw<'a> {
    let criteria = &plan.study.judging.rubric.criteria;
    let judgment = JudgmentDraw {
        repeat: slot.repeat,
        criteria: plan
            .criteria(slot)
            .iter()
            .map(|index| criteria[*index].key.as_str())
            .collect(),
        first: first.key,
        second: second.key,
    };
    draw(plan, slot.item, slot.sample, Some(judgment))
}

/// What tells a judgment from every other, and so what its fence token is derived
/// from. It names both responses by their calls, which neither could know when it
/// was written.
pub(super) fn draw_of(
    plan: &Plan,
    slot: &Judgment,
    shown: [&Response; 2],
) -> Result<Key, serde_json::Error> {
    key_of_sorted(&judgment_draw(plan, slot, shown))
}

pub(super) fn judgment(
    plan: &Plan,
    slot: &Judgment,
    messages: &[Message],
    schema: Option<&ReplySchema>,
    shown: [&Response; 2],
) -> Result<Key, serde_json::Error> {
    key_of_sorted(&Call {
        draw: judgment_draw(plan, slot, shown),
        entry: &plan.judge_identities[slot.judge],
        kind: "judgment",
        logprobs: false,
        messages: Messages(messages),
        schema: schema.map(|schema| schema.json.get()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::study;

    #[test]
    fn what_is_written_in_order_is_the_canonical_form() {
        let mut study = study(1, 1);
        let model = &mut study.models[0];
        model.temperature = Some(1e-7);
        model.top_p = Some(0.95);
        model.extra.insert("zeta".to_owned(), 1.5e300.into());
        model.extra.insert(
            "Alpha".to_owned(),
            serde_json::json!({"b": [1.0, null], "a": true}),
        );
        let identity = entry(&study.models[0]).unwrap();
        let text: String = (0..0x2100).filter_map(char::from_u32).collect();
        let messages = [
            Message {
                role: Role::System,
                content: text,
            },
            Message {
                role: Role::User,
                content: "\u{1f600} \"quoted\" \\ / \u{7f}".to_owned(),
            },
        ];
        let call = Call {
            draw: Draw {
                judgment: Some(JudgmentDraw {
                    criteria: vec!["b", "a"],
                    first: Key([1; 32]),
                    repeat: 3,
                    second: Key([2; 32]),
                }),
                persona: "p\"1",
                question: "q",
                sample: 2,
                variant: Some("z"),
            },
            entry: &identity,
            kind: "judgment",
            logprobs: true,
            messages: Messages(&messages),
            schema: Some("{\"type\":\"object\"}"),
        };
        let written = serde_json::to_string(&call).unwrap();
        let value: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(
            written,
            serde_json_canonicalizer::to_string(&value).unwrap()
        );
        assert_eq!(key_of_sorted(&call).unwrap(), Key::of(&value).unwrap());
        let response = FileResponse {
            draw: call.draw,
            kind: "file",
            model: "m\u{1}\u{2028}",
            revision: None,
            text: &messages[0].content,
        };
        assert_eq!(
            key_of_sorted(&response).unwrap(),
            Key::of(&response).unwrap()
        );
    }
}
