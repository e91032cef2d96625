//! Rows of a JSON Lines file: one object of plain values a line.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use csv::StringRecord;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value as Json;

use super::columns::{NAMES, QUESTION};
use super::source::{Header, Problems, add_column};
use crate::problem::Problem;

/// Rows of a JSON Lines file.
pub(crate) struct JsonRows<R> {
    reader: BufReader<R>,
    pub(super) line: usize,
    bytes: Vec<u8>,
    pub(super) text: String,
    fields: JsonFields,
    pub(super) record: StringRecord,
    /// The row before; empty before the second.
    pub(super) before: StringRecord,
}

/// The fields of one object, by slot, in buffers that are used again.
#[derive(Default)]
struct JsonFields {
    names: Vec<String>,
    slots: HashMap<String, usize>,
    values: Vec<String>,
    given: Vec<bool>,
    /// Slots whose value is no text, number or null, and slots given twice.
    faults: Vec<(usize, &'static str)>,
    /// Slots that the [`Header`] has not heard of yet.
    fresh: usize,
    /// Objects and lists are values, kept as their JSON text.
    takes_objects: bool,
}

impl<R: Read> JsonRows<R> {
    pub(super) fn new(reader: BufReader<R>) -> Self {
        Self {
            reader,
            line: 0,
            bytes: Vec::new(),
            text: String::new(),
            fields: JsonFields::default(),
            record: StringRecord::new(),
            before: StringRecord::new(),
        }
    }

    /// Reads the next readable row; false at the end.
    pub(super) fn advance(
        &mut self,
        columns: &mut dyn Header,
        problems: &mut Problems<'_>,
    ) -> io::Result<bool> {
        std::mem::swap(&mut self.record, &mut self.before);
        loop {
            self.bytes.clear();
            if self.reader.read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(false);
            }
            self.line += 1;
            let Ok(text) = std::str::from_utf8(&self.bytes) else {
                problems.add(|file| Problem::error(file, "the line is not UTF-8").line(self.line));
                continue;
            };
            let text = text.trim_end();
            if text.is_empty() {
                continue;
            }
            self.text.clear();
            self.text.push_str(text);
            if self.parse(columns, problems) {
                return Ok(true);
            }
        }
    }

    /// Parses the line at hand into the record; false where it cannot be used.
    fn parse(&mut self, columns: &mut dyn Header, problems: &mut Problems<'_>) -> bool {
        self.fields.clear();
        self.fields.takes_objects = columns.takes_objects();
        let mut json = serde_json::Deserializer::from_str(&self.text);
        let parsed = (&mut self.fields)
            .deserialize(&mut json)
            .and_then(|()| json.end());
        if let Err(error) = parsed {
            let column = self
                .text
                .get(..error.column())
                .map_or(0, |text| text.chars().count());
            problems.add(|file| {
                let message = format!("the line is not a JSON object: {}", reason(&error));
                Problem::error(file, message)
                    .line(self.line)
                    .column(column.max(1))
            });
            return false;
        }
        while self.fields.fresh < self.fields.names.len() {
            let slot = self.fields.fresh;
            let name = &self.fields.names[slot];
            let place = |problem: Problem| at(problem, &self.text, self.line, name);
            add_column(columns, name, slot, problems, place);
            self.fields.fresh += 1;
        }
        for &(slot, fault) in &self.fields.faults {
            let name = &self.fields.names[slot];
            problems.add(|file| at(Problem::error(file, fault), &self.text, self.line, name));
        }
        if !self.fields.faults.is_empty() {
            return false;
        }
        self.record.clear();
        for value in &self.fields.values {
            self.record.push_field(value);
        }
        true
    }
}

fn at(problem: Problem, text: &str, line: usize, name: &str) -> Problem {
    let problem = problem.line(line).field(name);
    match column_of_key(text, name) {
        Some(column) => problem.column(column),
        None => problem,
    }
}

/// The error without the place, which is said elsewhere.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The column of a key of a JSON object: its quoted name before a colon, which
/// stands nowhere else in an object of plain values.
pub(super) fn column_of_key(text: &str, name: &str) -> Option<usize> {
    let quoted = serde_json::to_string(name).ok()?;
    let (at, _) = text
        .match_indices(&quoted)
        .find(|(at, found)| text[at + found.len()..].trim_start().starts_with(':'))?;
    Some(text[..at].chars().count() + 1)
}

impl JsonFields {
    fn clear(&mut self) {
        self.values.iter_mut().for_each(String::clear);
        self.given.fill(false);
        self.faults.clear();
    }

    fn slot(&mut self, name: &str, expected: usize) -> usize {
        if self.names.get(expected).is_some_and(|known| known == name) {
            return expected;
        }
        if let Some(&slot) = self.slots.get(name) {
            return slot;
        }
        let slot = self.names.len();
        self.names.push(name.to_owned());
        self.slots.insert(name.to_owned(), slot);
        self.values.push(String::new());
        self.given.push(false);
        slot
    }
}

impl<'de> DeserializeSeed<'de> for &mut JsonFields {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut JsonFields {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with fields such as `{}`", NAMES[QUESTION])
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut expected = 0;
        while let Some(slot) = map.next_key_seed(Key {
            fields: self,
            expected,
        })? {
            expected = slot + 1;
            let value = Scalar {
                text: &mut self.values[slot],
                takes_objects: self.takes_objects,
            };
            let fault = map.next_value_seed(value)?;
            if let Some(fault) = fault {
                self.faults.push((slot, fault));
            }
            if std::mem::replace(&mut self.given[slot], true) {
                self.faults.push((slot, "the field stands here twice"));
            }
        }
        Ok(())
    }
}

/// Reads a key and gives its slot.
struct Key<'a> {
    fields: &'a mut JsonFields,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E>(self, name: &str) -> Result<usize, E> {
        Ok(self.fields.slot(name, self.expected))
    }
}

/// Reads a value as text; gives what is wrong with it.
struct Scalar<'a> {
    text: &'a mut String,
    takes_objects: bool,
}

const NOT_SCALAR: &str = "expected text, a number or null";

impl<'de> DeserializeSeed<'de> for Scalar<'_> {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar<'_> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or null")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        self.text.clear();
        self.text.push_str(text);
        Ok(None)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        *self.text = number.to_string();
        Ok(None)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        *self.text = number.to_string();
        Ok(None)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        *self.text = number.to_string();
        Ok(None)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        *self.text = truth.to_string();
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        self.text.clear();
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if self.takes_objects {
            let list = Json::deserialize(SeqAccessDeserializer::new(seq))?;
            *self.text = list.to_string();
            return Ok(None);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(NOT_SCALAR))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if self.takes_objects {
            let object = Json::deserialize(MapAccessDeserializer::new(map))?;
            *self.text = object.to_string();
            return Ok(None);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Some(NOT_SCALAR))
    }
}
