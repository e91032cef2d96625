//! Holds a TOML document to a table of keys.
//!
//! [`read`] walks the document once, reports every unknown key, wrong type, value
//! out of range and missing key with its place, and gives back a tree of what was
//! right. What was wrong is left out of the tree, so that later checks neither
//! meet it nor report it twice.

mod words;

use std::ops::{Bound, RangeBounds};

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue, Error};

use self::words::{advice, example, expected, found, one_of, range};
use super::section::{Section, Spot, Value, join, spot};
use super::source::{Source, shown};
use crate::problem::Problem;
use crate::text::nearest::{is_secret, nearest};

/// A key that may stand in a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// For a key that must be there: what to write.
    pub(crate) required: Option<&'static str>,
}

/// A key that may be left out.
pub(crate) const fn optional(name: &'static str, kind: Kind) -> Key {
    Key {
        name,
        kind,
        required: None,
    }
}

/// A key that must be there, and what to write.
pub(crate) const fn required(name: &'static str, kind: Kind, hint: &'static str) -> Key {
    Key {
        name,
        kind,
        required: Some(hint),
    }
}

/// What a key may hold.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A string that is not blank.
    Text,
    /// A string that names a file.
    Path,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A number, whole or not.
    Number(Bounds),
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// `true` or `false`.
    Flag,
    /// A list of strings, at least one.
    Texts,
    /// A list of strings that name files, at least one.
    Paths,
    /// One string, or a list of them.
    TextOrTexts,
    /// A list of lists of strings.
    TextLists,
    /// A table of strings under any keys.
    TextTable,
    /// A table of anything that JSON can hold.
    Json,
    /// A table of these keys.
    Table(&'static [Key]),
    /// Tables of these keys under names of the user's choice.
    Named(&'static [Key]),
    /// Tables of these keys, one after the other, at least one.
    Tables(&'static [Key]),
}

/// The range of a number.
pub(crate) type Bounds = (Bound<f64>, Bound<f64>);

/// Reads a document by its keys; the flag says that all of it was understood as
/// TOML, so that a key that is not there is really missing.
pub(crate) fn read(
    source: &Source,
    keys: &'static [Key],
    problems: &mut Vec<Problem>,
) -> (Section, bool) {
    let (document, mut errors) = DeTable::parse_recoverable(&source.text);
    let place = |error: &Error| source.place(error.span().map_or(0, |span| span.start));
    let broken_lines: Vec<usize> = errors.iter().map(|error| place(error).0).collect();
    let swallowed_from = leave_what_follows(&mut errors).map(|error| place(error).0);
    for error in &errors {
        let (line, column) = place(error);
        let message = error.message().trim_end_matches(", expected nothing");
        let problem = Problem::error(&source.path, format!("not TOML: {message}"));
        let problem = problem.line(line).column(column);
        problems.push(problem.help(help_with_syntax(message)));
    }
    let mut walk = Walk {
        source,
        keys,
        complete: errors.is_empty(),
        found: Vec::new(),
    };
    let section = walk.table(document.get_ref(), keys, "", 0);
    // What the parser made of a broken line is not what the user wrote.
    let is_broken = |line: usize| {
        broken_lines.contains(&line) || swallowed_from.is_some_and(|first| line >= first)
    };
    let found = walk.found.into_iter();
    problems.extend(found.filter(|p| p.line.is_none_or(|line| !is_broken(line))));
    (section, errors.is_empty())
}

/// A list that is never closed takes in the lines after it, and what is wrong with them as
/// parts of it is not what the user wrote: the first such mistake, which comes back, and the
/// end are told.
fn leave_what_follows(errors: &mut Vec<Error>) -> Option<&Error> {
    let is_open = |error: &Error| error.message().starts_with("unclosed array");
    if !errors.iter().any(is_open) {
        return None;
    }
    let first = errors
        .iter()
        .position(|error| error.message().contains("array"))?;
    let mut index = 0;
    errors.retain(|error| {
        index += 1;
        index <= first + 1 || is_open(error)
    });
    errors.get(first)
}

/// What to do about a backslash that was meant as one.
const ESCAPE: &str = "a backslash within double quotes begins an escape: write `/` in a path, or single quotes around it";

fn help_with_syntax(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "keep one of the two"
    } else if message.contains("unclosed array") {
        "close the list with `]`; the lines after it were read as part of it"
    } else if message.contains("escape") {
        ESCAPE
    } else if message.contains("must be quoted") {
        "put the text into double quotes"
    } else {
        "a line is such as `key = \"text\"`, `key = 1.5`, `key = [\"a\", \"b\"]` or `[table]`"
    }
}

struct Walk<'a> {
    source: &'a Source,
    keys: &'static [Key],
    complete: bool,
    found: Vec<Problem>,
}

impl Walk<'_> {
    fn table(
        &mut self,
        table: &DeTable<'_>,
        keys: &'static [Key],
        path: &str,
        offset: usize,
    ) -> Section {
        let mut section = Section::new(path, offset);
        for (key, value) in in_file_order(table) {
            let name: &str = key.get_ref();
            let Some(known) = keys.iter().find(|known| known.name == name) else {
                self.unknown(key.span().start, path, name, keys);
                continue;
            };
            let field = join(path, name);
            let value = self.value(&known.kind, value, &field, key.span().start);
            section.push(key, value);
        }
        self.missing(table, keys, path, offset);
        section
    }

    fn missing(&mut self, table: &DeTable<'_>, keys: &[Key], path: &str, offset: usize) {
        if !self.complete {
            return;
        }
        for key in keys {
            let Some(hint) = key.required else { continue };
            if !table.contains_key(key.name) {
                let what = match key.kind {
                    Kind::Table(_) | Kind::Named(_) => "this table is missing",
                    Kind::Tables(_) => "there is no such table",
                    _ => "this key is missing",
                };
                let problem = self.source.error(offset, join(path, key.name), what);
                self.found.push(problem.help(hint));
            }
        }
    }

    fn unknown(&mut self, offset: usize, path: &str, name: &str, keys: &[Key]) {
        let field = join(path, &shown(name));
        let problem = if is_secret(name) {
            self.source
                .error(offset, field, "a key must not stand in a file")
                .help("put it into an environment variable and name that: api_key_env = \"…\"")
        } else {
            // After a broken header of a table its keys seem to stand at the top.
            if !self.complete && path.is_empty() {
                return;
            }
            self.source
                .error(offset, field, "there is no such key")
                .help(advice(self.keys, keys, name))
        };
        self.found.push(problem);
    }

    fn value(
        &mut self,
        kind: &Kind,
        value: &Spanned<DeValue<'_>>,
        field: &str,
        key_offset: usize,
    ) -> Option<Spot<Value>> {
        let offset = value.span().start;
        let raw = value.get_ref();
        let read = match (kind, raw) {
            (Kind::Text | Kind::TextOrTexts, DeValue::String(text)) => {
                self.text(text, field, offset)
            }
            (Kind::Path, DeValue::String(text)) => self.path(text, field, offset),
            (Kind::OneOf(words), DeValue::String(text)) => self.word(words, text, field, offset),
            (Kind::Number(bounds), DeValue::Float(number)) => {
                self.number(*bounds, number.as_str(), field, offset)
            }
            (Kind::Number(bounds), DeValue::Integer(number)) => {
                let decimal = integer(number).map_or_else(|| "inf".to_owned(), |n| n.to_string());
                self.number(*bounds, &decimal, field, offset)
            }
            (Kind::Whole(low, high), DeValue::Integer(number)) => {
                self.whole((*low, *high), number, field, offset)
            }
            (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
            (Kind::Texts | Kind::TextOrTexts, DeValue::Array(list)) => {
                self.list(&Kind::Text, list, field, offset)
            }
            (Kind::Paths, DeValue::Array(list)) => self.list(&Kind::Path, list, field, offset),
            (Kind::TextLists, DeValue::Array(lists)) => {
                Some(Value::List(self.elements(&Kind::Texts, lists, field)))
            }
            (Kind::TextTable, DeValue::Table(table)) => {
                Some(self.named(table, &Kind::Text, field, key_offset))
            }
            (Kind::Json, DeValue::Table(table)) => {
                let entries = self.json(table, field);
                Some(Value::Json(entries.collect()))
            }
            (Kind::Table(keys), DeValue::Table(table)) => {
                Some(Value::Table(self.table(table, keys, field, key_offset)))
            }
            (Kind::Named(keys), DeValue::Table(table)) => {
                Some(self.named(table, &Kind::Table(keys), field, key_offset))
            }
            (Kind::Tables(keys), DeValue::Array(list)) => {
                self.list(&Kind::Table(keys), list, field, offset)
            }
            _ => {
                let message = format!("expected {}, found {}", expected(kind), found(raw));
                let mut problem = self.source.error(offset, field, message);
                problem.help = example(kind).map(str::to_owned);
                self.found.push(problem);
                None
            }
        };
        read.map(|value| spot(offset, value))
    }

    fn text(&mut self, text: &str, field: &str, offset: usize) -> Option<Value> {
        if text.trim().is_empty() {
            let message = "this must not be empty";
            self.found.push(self.source.error(offset, field, message));
            return None;
        }
        Some(Value::Text(text.to_owned()))
    }

    fn path(&mut self, text: &str, field: &str, offset: usize) -> Option<Value> {
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            let message = format!(
                "this path holds a control character, `{}`, and no file is named so",
                control.escape_default()
            );
            let problem = self.source.error(offset, field, message);
            self.found.push(problem.help(ESCAPE));
            return None;
        }
        self.text(text, field, offset)
    }

    fn word(
        &mut self,
        words: &[&'static str],
        text: &str,
        field: &str,
        offset: usize,
    ) -> Option<Value> {
        if words.contains(&text) {
            return Some(Value::Text(text.to_owned()));
        }
        let message = format!("`{}` is not known; expected {}", shown(text), one_of(words));
        let mut problem = self.source.error(offset, field, message);
        if let Some(word) = nearest(text, words.iter().copied()) {
            problem = problem.help(format!("did you mean `{word}`?"));
        }
        self.found.push(problem);
        None
    }

    fn number(
        &mut self,
        bounds: Bounds,
        written: &str,
        field: &str,
        offset: usize,
    ) -> Option<Value> {
        let number: f64 = written.parse().unwrap_or(f64::NAN);
        if number.is_finite() && bounds.contains(&number) {
            return Some(Value::Number(number));
        }
        let message = format!("expected a number {}, found {written}", range(bounds));
        self.found.push(self.source.error(offset, field, message));
        None
    }

    fn whole(
        &mut self,
        (low, high): (i64, i64),
        number: &DeInteger<'_>,
        field: &str,
        offset: usize,
    ) -> Option<Value> {
        let value = integer(number).and_then(|value| i64::try_from(value).ok());
        if let Some(value) = value.filter(|value| (low..=high).contains(value)) {
            return Some(Value::Whole(value));
        }
        let message = format!("expected a whole number from {low} to {high}, found {number}");
        self.found.push(self.source.error(offset, field, message));
        None
    }

    fn list(
        &mut self,
        kind: &Kind,
        list: &[Spanned<DeValue<'_>>],
        field: &str,
        offset: usize,
    ) -> Option<Value> {
        if list.is_empty() {
            let message = "this list must not be empty";
            self.found.push(self.source.error(offset, field, message));
            return None;
        }
        Some(Value::List(self.elements(kind, list, field)))
    }

    fn elements(
        &mut self,
        kind: &Kind,
        list: &[Spanned<DeValue<'_>>],
        field: &str,
    ) -> Vec<Spot<Value>> {
        list.iter()
            .filter_map(|element| self.value(kind, element, field, element.span().start))
            .collect()
    }

    fn named(&mut self, table: &DeTable<'_>, kind: &Kind, path: &str, offset: usize) -> Value {
        let mut section = Section::new(path, offset);
        for (key, value) in in_file_order(table) {
            let field = join(path, key.get_ref());
            let value = self.value(kind, value, &field, key.span().start);
            section.push(key, value);
        }
        Value::Table(section)
    }

    fn json(
        &mut self,
        table: &DeTable<'_>,
        path: &str,
    ) -> impl Iterator<Item = (Spot<String>, serde_json::Value)> {
        in_file_order(table)
            .into_iter()
            .filter_map(move |(key, value)| {
                let name: &str = key.get_ref();
                let json = self.json_value(value, &join(path, name))?;
                Some((spot(key.span().start, name.to_owned()), json))
            })
    }

    fn json_value(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        field: &str,
    ) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        let json = match value.get_ref() {
            DeValue::String(text) => Some(Json::String(text.to_string())),
            // Beyond this range JSON numbers are not exact everywhere.
            DeValue::Integer(number) => integer(number)
                .and_then(|number| i64::try_from(number).ok())
                .filter(|number| number.abs() <= MAX_EXACT)
                .map(Json::from),
            DeValue::Float(number) => number
                .as_str()
                .parse::<f64>()
                .ok()
                .and_then(|number| serde_json::Number::from_f64(number).map(Json::Number)),
            DeValue::Boolean(flag) => Some(Json::Bool(*flag)),
            DeValue::Array(list) => Some(Json::Array(
                list.iter()
                    .filter_map(|element| self.json_value(element, field))
                    .collect(),
            )),
            DeValue::Table(table) => {
                let entries = self.json(table, field);
                Some(Json::Object(
                    entries.map(|(key, json)| (key.value, json)).collect(),
                ))
            }
            DeValue::Datetime(_) => None,
        };
        if json.is_none() {
            let message = match value.get_ref() {
                DeValue::Integer(_) => "this number is too large to be exact in JSON",
                DeValue::Float(_) => "JSON has no such number",
                _ => "JSON has no dates and times",
            };
            let problem = self.source.error(value.span().start, field, message);
            self.found
                .push(problem.help("write it as a text in quotes"));
        }
        json
    }
}

/// The largest whole number that every reader of JSON holds exactly, 2⁵³ - 1.
pub(crate) const MAX_EXACT: i64 = 9_007_199_254_740_991;

/// The parser keeps tables sorted by key; people meet them as they wrote them.
fn in_file_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(
    &'t Spanned<toml::de::DeString<'i>>,
    &'t Spanned<DeValue<'i>>,
)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn integer(number: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}
