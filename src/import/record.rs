//! Records of a foreign JSON file, and their fields.
//!
//! A record is a slice of its file's text, and what is not asked for is never decoded.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::source::shown;
use crate::text::surrogates::{escape_length, whole_surrogates};

/// One value of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) raw: &'a RawValue,
    /// From 1; the header of a log is 0.
    pub(super) row: usize,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// The field is of another kind than was expected.
    pub(super) fn kind(field: &str, found: &RawValue, expected: &str) -> Self {
        Self::new(field, format!("found {}, expected {expected}", kind(found)))
    }

    /// The field should name something, and is blank.
    pub(super) fn unnamed(field: &str) -> Self {
        Self::new(field, "the text is empty, expected a name")
    }

    /// None of the fields is there with a value.
    fn absent(fields: &Fields<'_>, names: &[&str], expected: &str) -> Self {
        if let Some(name) = names.iter().find(|name| fields.has(name)) {
            return Self::new(*name, format!("the field is null, expected {expected}"));
        }
        let others = match names {
            [] | [_] => String::new(),
            [_, others @ ..] => format!(" (or {})", others.join(", ")),
        };
        let name = names.first().copied().unwrap_or_default();
        Self::new(
            name,
            format!("the field is missing{others}, expected {expected}"),
        )
    }
}

/// What a JSON value is, in words.
pub(super) fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'"') => "text",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

pub(super) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// The fields of an object, not decoded.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pairs: Vec<(Cow<'a, str>, &'a RawValue)>,
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(16));
        while let Some(key) = map.next_key_seed(Key)? {
            pairs.push((key, map.next_value()?));
        }
        Ok(pairs)
    }
}

/// A field name, borrowed where it holds no escape.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

impl<'a> Fields<'a> {
    /// The fields of an object; `None` where the value is none.
    pub(super) fn of(raw: &'a RawValue) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(raw.get());
        let pairs = json.deserialize_map(Pairs).ok()?;
        Some(Self { pairs })
    }

    /// The fields of a record.
    pub(super) fn of_record(record: &Record<'a>) -> Result<Self, Fault> {
        Self::of(record.raw).ok_or_else(|| Fault::kind("", record.raw, "an object"))
    }

    /// Field names, in the file's order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| &**name)
    }

    /// All fields, in the file's order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.pairs.iter().map(|(name, raw)| (&**name, *raw))
    }

    /// Whether the object has the field, be it null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The first of these fields that is there and not null, with its name. Of a
    /// field given twice the last stands, as in Python.
    fn find<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &'a RawValue)> {
        names.iter().find_map(|name| {
            let found = self.pairs.iter().rfind(|(known, _)| known == name)?;
            (!is_null(found.1)).then_some((*name, found.1))
        })
    }

    /// The first of these fields that is there and not null.
    pub(super) fn raw(&self, names: &[&str]) -> Option<&'a RawValue> {
        self.find(names).map(|(_, raw)| raw)
    }

    /// A text; a number or a truth value as it is written.
    pub(super) fn text(&self, names: &[&str]) -> Result<Option<Cow<'a, str>>, Fault> {
        let Some((name, raw)) = self.find(names) else {
            return Ok(None);
        };
        match raw.get().as_bytes().first() {
            Some(b'"') => Ok(Some(string(raw))),
            Some(b'{' | b'[') => Err(Fault::kind(name, raw, "text")),
            _ => Ok(Some(Cow::Borrowed(raw.get()))),
        }
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, names: &[&str]) -> Result<Cow<'a, str>, Fault> {
        self.text(names)?
            .ok_or_else(|| Fault::absent(self, names, "text"))
    }

    /// The name of a model, a judge or a criterion: a text that is not blank, which no
    /// table could hold.
    pub(super) fn name(&self, names: &[&str]) -> Result<Option<Cow<'a, str>>, Fault> {
        let found = self.text(names)?;
        match (&found, self.find(names)) {
            (Some(text), Some((field, _))) if text.trim().is_empty() => Err(Fault::unnamed(field)),
            _ => Ok(found),
        }
    }

    /// A name that must be there.
    pub(super) fn required_name(&self, names: &[&str]) -> Result<Cow<'a, str>, Fault> {
        self.name(names)?
            .ok_or_else(|| Fault::absent(self, names, "a name"))
    }

    /// A number, also one that is written as text.
    pub(super) fn number(&self, names: &[&str]) -> Result<Option<f64>, Fault> {
        let Some((name, raw)) = self.find(names) else {
            return Ok(None);
        };
        number(raw)
            .map(Some)
            .ok_or_else(|| match raw.get().as_bytes().first() {
                Some(b'"') => {
                    let text: String = string(raw).chars().take(40).collect();
                    Fault::new(name, format!("found the text `{text}`, expected a number"))
                }
                Some(b'-' | b'0'..=b'9') => {
                    let digits = shown(raw.get());
                    Fault::new(name, format!("the number `{digits}` is too large"))
                }
                _ => Fault::kind(name, raw, "a number"),
            })
    }

    /// The first of these fields that is there; of a list its first value, as where a text
    /// stands in a list of turns or beside why it ended.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'a RawValue> {
        let raw = self.raw(names)?;
        list(raw).map_or(Some(raw), |values| values.first().copied())
    }

    /// A list, its values not decoded.
    pub(super) fn list(&self, names: &[&str]) -> Result<Option<Vec<&'a RawValue>>, Fault> {
        let Some((name, raw)) = self.find(names) else {
            return Ok(None);
        };
        list(raw)
            .map(Some)
            .ok_or_else(|| Fault::kind(name, raw, "a list"))
    }

    /// A list that must be there.
    pub(super) fn required_list(&self, names: &[&str]) -> Result<Vec<&'a RawValue>, Fault> {
        self.list(names)?
            .ok_or_else(|| Fault::absent(self, names, "a list"))
    }

    /// A list that must be there; one of nothing where it is null.
    pub(super) fn nullable_list(&self, name: &str) -> Result<Vec<&'a RawValue>, Fault> {
        if self.has(name) {
            Ok(self.list(&[name])?.unwrap_or_default())
        } else {
            self.required_list(&[name])
        }
    }

    /// An object.
    pub(super) fn object(&self, names: &[&str]) -> Result<Option<Fields<'a>>, Fault> {
        let Some((name, raw)) = self.find(names) else {
            return Ok(None);
        };
        Self::of(raw)
            .map(Some)
            .ok_or_else(|| Fault::kind(name, raw, "an object"))
    }

    /// Characters of a text; `None` where it is no text.
    pub(super) fn chars(&self, names: &[&str]) -> Option<u32> {
        self.raw(names).and_then(chars)
    }
}

/// The values of a list; `None` where the value is none.
pub(super) fn list(raw: &RawValue) -> Option<Vec<&RawValue>> {
    if raw.get().starts_with('[') {
        serde_json::from_str(raw.get()).ok()
    } else {
        None
    }
}

/// A number, also one that is written as text.
pub(super) fn number(raw: &RawValue) -> Option<f64> {
    let number: f64 = match raw.get().as_bytes().first()? {
        b'"' => string(raw).trim().parse().ok()?,
        b'-' | b'0'..=b'9' => raw.get().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// The text of a JSON string. Half of a surrogate pair, which no text can hold,
/// becomes the replacement character.
pub(super) fn string(raw: &RawValue) -> Cow<'_, str> {
    let text = raw.get();
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let decoded = |text: &str| serde_json::from_str(text).ok();
    let plain = decoded(text).or_else(|| decoded(&whole_surrogates(text)?));
    plain.map_or(Cow::Borrowed(inner), Cow::Owned)
}

/// Characters of a JSON string, counted without decoding it; `None` where the
/// value is none.
pub(super) fn chars(raw: &RawValue) -> Option<u32> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    let bytes = inner.as_bytes();
    let (mut at, mut count) = (0, 0_u32);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += escape_length(bytes, at),
            // Later bytes of a character that was counted.
            0x80..0xc0 => {
                at += 1;
                continue;
            }
            _ => at += 1,
        }
        count = count.checked_add(1)?;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn fields_say_what_was_found_and_what_was_expected() {
        let record = raw(r#"{"a":[1],"b":"two","c":null,"d":"2.5","a\u0062":true}"#);
        let fields = Fields::of(&record).unwrap();
        assert_eq!(fields.number(&["d"]).unwrap(), Some(2.5));
        assert_eq!(fields.number(&["c"]).unwrap(), None);
        assert_eq!(fields.text(&["ab"]).unwrap().unwrap(), "true");
        let fault = fields.number(&["a"]).unwrap_err();
        assert_eq!(
            (fault.field.as_str(), fault.message.as_str()),
            ("a", "found a list, expected a number")
        );
        let fault = fields.number(&["b"]).unwrap_err();
        assert_eq!(fault.message, "found the text `two`, expected a number");
        let large = raw(r#"{"a":1e400}"#);
        let fault = Fields::of(&large).unwrap().number(&["a"]).unwrap_err();
        assert_eq!(fault.message, "the number `1e400` is too large");
        let fault = fields.required_text(&["x", "y"]).unwrap_err();
        assert_eq!(fault.message, "the field is missing (or y), expected text");
        let fault = fields.required_text(&["x", "c"]).unwrap_err();
        assert_eq!(
            (fault.field.as_str(), fault.message.as_str()),
            ("c", "the field is null, expected text")
        );
    }

    #[test]
    fn a_name_is_not_blank() {
        let record = raw(r#"{"a":" \t","b":"m","c":null}"#);
        let fields = Fields::of(&record).unwrap();
        assert_eq!(fields.name(&["b", "a"]).unwrap().unwrap(), "m");
        assert_eq!(fields.name(&["c", "d"]).unwrap(), None);
        assert_eq!(fields.name(&["c", "a"]).unwrap_err(), Fault::unnamed("a"));
        assert!(fields.required_name(&["c"]).is_err());
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        let text = raw(r#""a\ud83d\n\u00e9\ud83d\ude00""#);
        assert_eq!(string(&text), "a\u{fffd}\né😀");
        assert_eq!(chars(&text), Some(5));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn characters_are_counted_as_decoding_counts_them(text in any::<String>()) {
            let json = raw(&serde_json::to_string(&text).unwrap());
            prop_assert_eq!(chars(&json).unwrap() as usize, text.chars().count());
            prop_assert_eq!(whole_surrogates(json.get()), None);
            prop_assert_eq!(string(&json), text.as_str());
        }
    }
}
