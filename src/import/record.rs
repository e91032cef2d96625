//! Records out of a foreign JSON file, each with its place for messages.
//!
//! A file is read whole and looked at in place: a record is a slice of its text,
//! and what is not asked for is never decoded. Memory is the file's size and a few
//! words a record; a CSV is made into such text, with the header's names in every
//! record, and takes several times its size.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::source::shown;
use crate::problem::Problem;
use crate::text::binary;
use crate::text::surrogates::{escape_length, whole_surrogates};

/// The text of one source file.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// The line of each record in the file, where the text was made from another.
    pub(super) lines: Vec<usize>,
    /// Numbers that JSON does not have (`NaN`, `Infinity`), now null.
    pub(super) not_numbers: u64,
}

impl Source {
    /// Takes a file's bytes for text.
    pub(super) fn new(path: &Path, bytes: Vec<u8>) -> Result<Self, Box<Problem>> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(Box::new(
                Problem::error(path, "the file is UTF-16, expected UTF-8").help("save it as UTF-8"),
            ));
        }
        if let Some((what, help)) = binary::what(&bytes) {
            return Err(Box::new(Problem::error(path, what).help(help)));
        }
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        Ok(Self {
            path: path.to_owned(),
            text,
            lines: Vec::new(),
            not_numbers: 0,
        })
    }

    /// Writes null for what JSON has no number for, where Python wrote it, if there
    /// is any.
    pub(super) fn without_not_numbers(mut self) -> Self {
        if let Some((text, count)) = without_not_numbers(&self.text) {
            self.text = text;
            self.not_numbers = count;
        }
        self
    }

    /// The values of a JSON list, or of values that follow each other as in JSON
    /// Lines.
    pub(super) fn records(&self) -> Result<Vec<Record<'_>>, Box<Problem>> {
        let mut values = Vec::new();
        let read = if self.text.trim_start().starts_with('[') {
            let mut json = serde_json::Deserializer::from_str(&self.text);
            json.deserialize_seq(List(&mut values))
                .and_then(|()| json.end())
        } else {
            let mut stream =
                serde_json::Deserializer::from_str(&self.text).into_iter::<&RawValue>();
            stream.try_for_each(|value| {
                values.push(value?);
                Ok(())
            })
        };
        if let Err(error) = read {
            return Err(Box::new(self.unreadable(&error, values.len())));
        }
        let records = values.into_iter().zip(1..);
        Ok(records.map(|(raw, row)| Record { raw, row }).collect())
    }

    fn unreadable(&self, error: &serde_json::Error, whole: usize) -> Problem {
        let row = whole + 1;
        if error.is_eof() {
            return self
                .at(
                    error.line(),
                    error.column(),
                    format!("the file ends inside record {row}: it is cut off"),
                )
                .help("get the whole file again");
        }
        let reason = reason(error);
        self.at(
            error.line(),
            error.column(),
            format!("record {row} is not JSON: {reason}"),
        )
    }

    /// A problem at a line and a column of bytes, both from 1.
    fn at(&self, line: usize, column: usize, message: String) -> Problem {
        let text = self
            .text
            .lines()
            .nth(line.saturating_sub(1))
            .unwrap_or_default();
        let before = text.get(..column.saturating_sub(1)).unwrap_or(text);
        Problem::error(&self.path, message)
            .line(line)
            .column(before.chars().count() + 1)
    }

    /// The line on which a record starts, from 1.
    pub(super) fn line(&self, record: &Record<'_>) -> usize {
        if let Some(line) = self.lines.get(record.row - 1) {
            return *line;
        }
        let start = record.raw.get().as_ptr().addr();
        let offset = start.saturating_sub(self.text.as_ptr().addr());
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        line_of(before)
    }

    /// What is wrong with a field of a record.
    pub(super) fn problem(&self, record: &Record<'_>, fault: Fault) -> Problem {
        let problem = Problem::error(
            &self.path,
            format!("record {}: {}", record.row, fault.message),
        )
        .line(self.line(record));
        if fault.field.is_empty() {
            problem
        } else {
            problem.field(fault.field)
        }
    }
}

/// The line on which what follows `before` stands.
#[expect(clippy::naive_bytecount, reason = "only counted where a place is told")]
fn line_of(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problem {
    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = line_of(good);
    let start = good
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let column = std::str::from_utf8(&good[start..]).map_or(0, |text| text.chars().count());
    Problem::error(path, "the file is not UTF-8 here")
        .line(line)
        .column(column + 1)
        .help("save it as UTF-8")
}

/// A JSON error without its place, which is said elsewhere.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The text with `NaN` and infinities outside of strings replaced by null, and how
/// many there were; `None` where there is none.
fn without_not_numbers(text: &str) -> Option<(String, u64)> {
    const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    if !WORDS.iter().any(|word| text.contains(word)) {
        return None;
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied, mut count) = (0, 0, 0);
    let mut quoted = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'-' | b'I' | b'N' if !quoted => {
                if let Some(word) = WORDS.iter().find(|word| text[at..].starts_with(**word)) {
                    out.push_str(&text[copied..at]);
                    out.push_str("null");
                    at += word.len();
                    copied = at;
                    count += 1;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&text[copied..]);
    (count > 0).then_some((out, count))
}

/// Collects the values of a list, so that those before an error are known.
struct List<'v, 'de>(&'v mut Vec<&'de RawValue>);

impl<'de> Visitor<'de> for List<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element()? {
            self.0.push(value);
        }
        Ok(())
    }
}

/// One value of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) raw: &'a RawValue,
    /// From 1.
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

    fn source(text: &str) -> Source {
        Source::new(Path::new("f.json"), text.as_bytes().to_vec()).unwrap()
    }

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn a_list_and_lines_give_the_same_records() {
        let list = source("[ {\"a\":1},\n {\"a\":2} ]\n");
        let lines = source("{\"a\":1}\n\n{\"a\":2}\n");
        for source in [list, lines] {
            let records = source.records().unwrap();
            assert_eq!(records.len(), 2);
            assert_eq!(records[1].row, 2);
            let fields = Fields::of_record(&records[1]).unwrap();
            assert_eq!(fields.number(&["a"]).unwrap(), Some(2.0));
            assert!(source.line(&records[1]) > 1);
        }
        assert!(source("").records().unwrap().is_empty());
        assert!(source("[]").records().unwrap().is_empty());
    }

    #[test]
    fn a_cut_off_file_is_told_with_its_record() {
        for text in ["[{\"a\":1},{\"a\":", "{\"a\":1}\n{\"a\":"] {
            let problem = source(text).records().unwrap_err();
            assert!(problem.message.contains("record 2"), "{problem}");
            assert!(problem.message.contains("cut off"), "{problem}");
        }
        let problem = source("[{\"a\":1},\n{\"ä\" 2}]").records().unwrap_err();
        assert_eq!((problem.line, problem.column), (Some(2), Some(6)));
    }

    #[test]
    fn text_that_is_not_utf8_is_told_with_its_place() {
        let problem = Source::new(Path::new("f"), b"{}\n\"\xc3\xa4\xff\"".to_vec()).unwrap_err();
        assert_eq!((problem.line, problem.column), (Some(2), Some(3)));
        assert!(Source::new(Path::new("f"), vec![0xff, 0xfe, 0, 0]).is_err());
        assert_eq!(source("\u{feff}[]").text, "[]");
    }

    #[test]
    fn not_numbers_become_null_outside_of_strings_only() {
        let text = r#"[{"a":NaN,"b":"NaN \" NaN","c":-Infinity,"d":Infinity,"e":-1}]"#;
        let source = source(text).without_not_numbers();
        assert_eq!(source.not_numbers, 3);
        assert_eq!(
            source.text,
            r#"[{"a":null,"b":"NaN \" NaN","c":null,"d":null,"e":-1}]"#
        );
        assert!(without_not_numbers(r#"["NaN"]"#).is_none());
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
