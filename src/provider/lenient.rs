//! JSON fields read for what they hold, whatever their type.
//!
//! Servers that call themselves compatible send null, numbers, lists or objects
//! where a text is documented. A reply that was paid for must not be lost over a
//! field that nobody needs, so every type here takes any JSON and is empty where
//! it does not hold what is looked for.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{CallError, Reply, error, stream};
use crate::text::surrogates::whole_surrogates;

/// A text; anything else is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) Option<String>);

/// A count; negative numbers, numbers that no call can have, and anything that is no number
/// are 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

/// The text of a message: a string, or the texts of a list of parts, joined.
/// Parts that hold no `text` (thinking, images) give nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content(pub(super) String);

/// An object; anything else is the default.
#[derive(Debug, Default)]
pub(super) struct Object<T>(pub(super) T);

/// A list; anything else is empty.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What a visitor answers for the JSON types that it does not look for.
macro_rules! otherwise_empty {
    ($value:expr; $($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok($value)
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

/// Reads past a list.
fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads past an object.
fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;

        impl<'de> Visitor<'de> for AnyText {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Text, A::Error> {
                skip_list(list).map(|()| Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Text, A::Error> {
                skip_object(object).map(|()| Text(None))
            }

            otherwise_empty!(Text(None); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }

        deserializer.deserialize_any(AnyText)
    }
}

impl Count {
    /// More than a call can have says nothing, and sums of it would overflow.
    fn believed(number: u64) -> Self {
        const MOST: u64 = 100_000_000;
        Self(if number > MOST { 0 } else { number })
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyCount;

        impl<'de> Visitor<'de> for AnyCount {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Count, E> {
                Ok(Count::believed(number))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Count, E> {
                // The cast saturates: negative numbers and NaN are 0.
                Ok(Count::believed(number as u64))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Count, A::Error> {
                skip_list(list).map(|()| Count(0))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Count, A::Error> {
                skip_object(object).map(|()| Count(0))
            }

            otherwise_empty!(Count(0); visit_bool: bool, visit_i64: i64, visit_str: &str);
        }

        deserializer.deserialize_any(AnyCount)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyContent;

        impl<'de> Visitor<'de> for AnyContent {
            type Value = Content;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_str<E>(self, text: &str) -> Result<Content, E> {
                Ok(Content(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Content, A::Error> {
                let mut joined = String::new();
                while let Some(Content(part)) = list.next_element()? {
                    joined.push_str(&part);
                }
                Ok(Content(joined))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Content, A::Error> {
                #[derive(Deserialize)]
                struct Part {
                    #[serde(default)]
                    text: Text,
                }
                let part = Part::deserialize(MapAccessDeserializer::new(object))?;
                Ok(Content(part.text.0.unwrap_or_default()))
            }

            otherwise_empty!(Content::default(); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }

        deserializer.deserialize_any(AnyContent)
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyObject<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for AnyObject<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Object<T>, A::Error> {
                skip_list(list).map(|()| Object(T::default()))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(Object)
            }

            otherwise_empty!(Object(T::default()); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
        }

        deserializer.deserialize_any(AnyObject(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyList<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyList<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = list.next_element()? {
                    elements.push(element);
                }
                Ok(List(elements))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<List<T>, A::Error> {
                skip_object(object).map(|()| List::default())
            }

            otherwise_empty!(List::default(); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
        }

        deserializer.deserialize_any(AnyList(PhantomData))
    }
}

/// A dialect's replies.
pub(super) trait Dialect {
    /// What is read of a body.
    type Shape<'a>: Deserialize<'a>;

    /// What it comes to; `body` is for messages.
    fn reply(shape: Self::Shape<'_>, body: &[u8]) -> Result<Reply, CallError>;

    /// What the events of a stream add up to, where they have an end.
    fn joined(events: &[Value]) -> Option<Value>;
}

/// Reads the body of a success, mended where a strict reader stumbles over it, and joined
/// where it came as a stream.
pub(super) fn read<D: Dialect>(body: &[u8]) -> Result<Reply, CallError> {
    let problem = match serde_json::from_slice(body) {
        Ok(shape) => return D::reply(shape, body),
        Err(problem) => problem,
    };
    if let Some(joined) = stream::events(body).and_then(|events| D::joined(&events)) {
        let joined = joined.to_string();
        if let Ok(shape) = serde_json::from_str(&joined) {
            return D::reply(shape, joined.as_bytes());
        }
    }
    let mended = repaired(body);
    match mended.as_deref().map(serde_json::from_str) {
        Some(Ok(shape)) => D::reply(shape, body),
        _ => Err(error::no_reply(&problem, body)),
    }
}

/// The body with what a strict JSON reader stumbles over replaced by U+FFFD:
/// bytes that are no UTF-8, and halves of a surrogate pair, as servers write
/// where a token limit falls inside a character. `None` where there was neither.
fn repaired(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let whole = whole_surrogates(&text);
    match (whole, text) {
        (Some(whole), _) => Some(whole),
        (None, std::borrow::Cow::Owned(text)) => Some(text),
        (None, std::borrow::Cow::Borrowed(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#""yes""#, Some("yes"))]
    #[case("null", None)]
    #[case("7", None)]
    #[case("-7", None)]
    #[case("1.5", None)]
    #[case("true", None)]
    #[case(r#"["yes"]"#, None)]
    #[case(r#"{"a": ["yes"]}"#, None)]
    fn a_text_takes_any_json(#[case] json: &str, #[case] expected: Option<&str>) {
        let Text(text) = serde_json::from_str(json).unwrap();
        assert_eq!(text.as_deref(), expected);
    }

    #[rstest]
    #[case("12", 12)]
    #[case("12.9", 12)]
    #[case("-3", 0)]
    #[case("-3.5", 0)]
    #[case("100000001", 0)]
    #[case("1e30", 0)]
    #[case("null", 0)]
    #[case(r#""12""#, 0)]
    #[case("[1]", 0)]
    #[case(r#"{"a":1}"#, 0)]
    fn a_count_takes_any_json(#[case] json: &str, #[case] expected: u64) {
        let Count(count) = serde_json::from_str(json).unwrap();
        assert_eq!(count, expected);
    }

    #[rstest]
    #[case(r#""plain""#, "plain")]
    #[case(
        r#"[{"type":"text","text":"one "},{"type":"text","text":"two"}]"#,
        "one two"
    )]
    #[case(r#"["one ", {"text": "two"}, null, 5]"#, "one two")]
    #[case(r#"[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"so"}]"#, "so")]
    #[case("null", "")]
    #[case("3", "")]
    fn content_is_a_text_or_parts(#[case] json: &str, #[case] expected: &str) {
        let Content(content) = serde_json::from_str(json).unwrap();
        assert_eq!(content, expected);
    }

    #[rstest]
    #[case("[1, 2]", 2)]
    #[case("null", 0)]
    #[case(r#"{"0": 1}"#, 0)]
    #[case(r#""1""#, 0)]
    fn a_list_takes_any_json(#[case] json: &str, #[case] expected: usize) {
        let List(list): List<Count> = serde_json::from_str(json).unwrap();
        assert_eq!(list.len(), expected);
    }

    #[rstest]
    #[case(r#"{"a":"\ud83d"}"#, Some(r#"{"a":"\ufffd"}"#))]
    #[case(r#"{"a":"\ud83dx\ude00"}"#, Some(r#"{"a":"\ufffdx\ufffd"}"#))]
    #[case(r#"{"a":"\ud83d\ude00"}"#, None)]
    #[case(r#"{"a":"\\ud83d"}"#, None)]
    #[case(r#"{"a":"\u00e9"}"#, None)]
    #[case(r#"{"a":"\"#, None)]
    fn lone_surrogates_are_replaced(#[case] json: &str, #[case] expected: Option<&str>) {
        assert_eq!(repaired(json.as_bytes()).as_deref(), expected);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced() {
        assert_eq!(
            repaired(b"{\"a\":\"caf\xc3\"}").as_deref(),
            Some("{\"a\":\"caf\u{fffd}\"}")
        );
    }
}
