//! Samples of one id in logs of different tasks.
//!
//! A sample without an id of its own is called by its place in the task's data set, so that
//! every task has a sample 1. Of two tasks these are one item only where they ask the same.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::header::Header;
use super::{Label, Log, identity};
use crate::import::Part;
use crate::import::notes::most_of;

/// What each task asks under each id that several tasks have.
#[derive(Default)]
pub(super) struct Tasks<'p> {
    /// By id, tasks in the order in which they come, with what they ask.
    of_id: BTreeMap<&'p str, Vec<(&'p str, &'p str)>>,
}

fn task(header: &Header) -> &str {
    header.task.as_deref().unwrap_or_default()
}

impl<'p> Tasks<'p> {
    pub(super) fn of(parts: &'p [Part<Log>]) -> Self {
        let mut made = Self::default();
        for Part { given, .. } in parts {
            let task = task(&given.header);
            for label in &given.labels {
                let tasks = made.of_id.entry(&label.item).or_default();
                if tasks.iter().all(|(known, _)| *known != task) {
                    tasks.push((task, &label.asked));
                }
            }
        }
        made.of_id.retain(|_, tasks| {
            let first = tasks.first().map(|(_, asked)| *asked);
            tasks.iter().any(|(_, asked)| Some(*asked) != first)
        });
        made
    }

    /// What the item and the question of a label are called: where its id is of several
    /// questions, by the first task that asks its own.
    pub(super) fn names<'l>(&self, header: &Header, label: &'l Label) -> [Cow<'l, str>; 2] {
        let plain = [&label.item, &label.question].map(|name| Cow::Borrowed(name.as_str()));
        let Some(tasks) = self.of_id.get(label.item.as_str()) else {
            return plain;
        };
        let own = tasks.iter().find(|(known, _)| *known == task(header));
        let first = own.and_then(|(_, own)| tasks.iter().find(|(_, asked)| asked == own));
        let Some((task, _)) = first.filter(|(task, _)| !task.is_empty()) else {
            return plain;
        };
        let of_task = |name: &str| Cow::Owned(format!("{task}/{name}"));
        let is_named = label.question != label.item;
        let [_, question] = plain;
        let question = if is_named {
            question
        } else {
            of_task(&label.item)
        };
        [of_task(&label.item), question]
    }

    /// What is said of them.
    pub(super) fn note(&self) -> Option<String> {
        let ids = self.of_id.keys().map(|id| format!("`{id}`"));
        let of_tasks = self.of_id.values().flatten();
        let tasks: std::collections::BTreeSet<String> =
            of_tasks.map(|(task, _)| format!("`{task}`")).collect();
        (!self.of_id.is_empty()).then(|| {
            format!(
                "samples of one id ask different things in logs of different tasks ({}), and so are items of their own, called by task and id; where they ask the same, give them the same `question_id` in their metadata: {}",
                most_of(tasks.into_iter()),
                most_of(ids)
            )
        })
    }
}

/// What identifies a sample's input: the words of its messages in alphabetical order, so that
/// it is one with the two answers turned, and whatever ids messages have in each run.
pub(super) fn input_identity(raw: &RawValue) -> String {
    let text = match serde_json::from_str(raw.get()) {
        Ok(Value::Array(messages)) => messages.iter().map(said).collect(),
        Ok(Value::String(text)) => text,
        _ => raw.get().to_owned(),
    };
    let words = text.split(|c: char| !c.is_alphanumeric());
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    identity(&words.join(" "))
}

/// The role and the content of a message; a part without a text is a picture or a file.
fn said(message: &Value) -> String {
    let part = |part: &Value| match part.get("text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => part.to_string(),
    };
    let content = match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().map(part).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let role = message.get("role").and_then(Value::as_str);
    format!("{} {content} ", role.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> String {
        input_identity(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn messages_ask_the_same_whatever_their_ids_and_the_order_of_their_keys() {
        let first = of(r#"[{"id":"a1","role":"user","content":"Rice or bread?"}]"#);
        let second = of(
            r#"[{"content":[{"type":"text","text":"Rice or bread?"}],"role":"user","id":"b2"}]"#,
        );
        assert_eq!(first, second);
        assert_ne!(first, of(r#"[{"role":"user","content":"Rice or soup?"}]"#));
        assert_ne!(
            first,
            of(r#"[{"role":"system","content":"Rice or bread?"}]"#)
        );
        assert_ne!(of("\"a\""), of("\"b\""));
    }

    #[test]
    fn answers_that_are_turned_make_no_other_question() {
        let first = of("\"Staple?\\n[A]Rice.[/A] [B]Bread, of course.[/B]\"");
        let turned = of("\"Staple?\\n[A]Bread, of course.[/A] [B]Rice.[/B]\"");
        assert_eq!(first, turned);
    }
}
