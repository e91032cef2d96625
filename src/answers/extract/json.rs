//! The option that JSON in a reply gives.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::lines::stated;
use super::value::{Found, has_noun, without_noun};
use super::{Finds, starts_at};
use crate::study::Scale;

/// Keys of an object that may hold the option.
const KEYS: [&str; 11] = [
    "answer",
    "jawapan",
    "jawaban",
    "答案",
    "回答",
    "பதில்",
    "option",
    "choice",
    "response",
    "code",
    "value",
];

/// The objects with a known key: the whole text, or all that stand in it.
pub(super) fn in_json(text: &str, scale: &Scale, finds: &mut Finds) {
    let whole = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.trim_end().strip_suffix("```"))
        .unwrap_or(text)
        .trim();
    if let Some(object) = parse(whole) {
        in_object(&object, whole, starts_at(whole, text), scale, finds);
        return;
    }
    let mut begin = 0;
    for (end, _) in text.match_indices('}') {
        // Innermost objects: what stands between a brace and the next one that closes.
        if let Some(open) = text[begin..end].rfind('{')
            && let Some(object) = parse(&text[begin + open..=end])
        {
            let written = &text[begin + open..=end];
            in_object(&object, written, begin + open, scale, finds);
        }
        begin = end + 1;
    }
}

/// The option that an object gives: by the first of the known keys, which no other one
/// may contradict.
fn in_object(object: &Members, written: &str, at: usize, scale: &Scale, finds: &mut Finds) {
    let mut is_first = true;
    for known in KEYS {
        let members = object.0.iter();
        for (key, held) in members.filter(|(key, _)| key.eq_ignore_ascii_case(known)) {
            let found = in_value(within(only(held)), scale);
            finds.is_settled = true;
            finds.holds_none |= is_first && matches!(found, Found::Nothing | Found::Denied);
            if !finds.holds_none {
                finds.add(found, at + after_key(written, key));
            }
            is_first = false;
        }
    }
}

/// The option that a value gives.
fn in_value(held: &Value, scale: &Scale) -> Found {
    match held {
        // `Option 3`; what is no such noun stays as it is, with its marks.
        // A label may begin with the noun too.
        Value::String(text) if has_noun(text) => match stated(text, scale) {
            Found::Nothing => stated(without_noun(text), scale),
            found => found,
        },
        Value::String(text) => stated(text, scale),
        Value::Number(number) => stated(&number.to_string(), scale),
        Value::Array(list) if list.len() > 1 => Found::Several,
        _ => Found::Nothing,
    }
}

/// What the first of the known keys holds in an object under another one, else the value.
fn within(held: &Value) -> &Value {
    let inner = match held {
        Value::Object(members) => KEYS.iter().find_map(|known| members.get(*known)),
        _ => None,
    };
    inner.unwrap_or(held)
}

/// Bytes of an object up to what a key holds.
fn after_key(written: &str, key: &str) -> usize {
    let quoted = format!("\"{key}\"");
    let keys = written.match_indices(&*quoted);
    let mut ends = keys.map(|(at, _)| at + quoted.len());
    let is_key = |end: &usize| written[*end..].trim_start().starts_with(':');
    ends.find(is_key).unwrap_or(0)
}

/// The one value of a list, else the value itself.
fn only(held: &Value) -> &Value {
    match held {
        Value::Array(list) if list.len() == 1 => &list[0],
        other => other,
    }
}

/// The members of a JSON object, of which several may have one key.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

fn parse(text: &str) -> Option<Members> {
    text.starts_with('{')
        .then(|| serde_json::from_str(text).ok())?
}
