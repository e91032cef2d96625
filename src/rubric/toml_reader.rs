//! Reads a TOML file key by key and collects everything that is wrong with it.
//!
//! A derived deserialiser stops at the first error; this reader goes on, so that
//! all problems of a file are shown at once, each with its line and column.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::Problem;
use crate::text::nearest::nearest;

/// A table of the file and the path of keys that leads to it.
#[derive(Clone, Copy)]
pub(super) struct Table<'t> {
    /// Key path, empty at the top; for messages.
    pub(super) path: &'t str,
    /// Its entries.
    pub(super) entries: &'t DeTable<'t>,
    /// Where it stands, for keys it lacks.
    pub(super) span: &'t Range<usize>,
}

/// The file that is read and what was found wrong with it.
pub(super) struct Reader<'a> {
    file: PathBuf,
    text: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &Path, text: &'a str) -> Self {
        Self {
            file: file.to_owned(),
            text,
            problems: Vec::new(),
        }
    }

    /// What was found, in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    /// Parses the text; `None` where it is not TOML, with every syntax error kept.
    pub(super) fn parse(&mut self) -> Option<Spanned<DeTable<'a>>> {
        let (tree, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            self.report(&span, "", format!("this is not TOML: {}", error.message()));
        }
        errors.is_empty().then_some(tree)
    }

    /// Keeps a problem at this place.
    pub(super) fn report(&mut self, span: &Range<usize>, field: &str, message: String) {
        let problem = self.place(span, field, message);
        self.problems.push(problem);
    }

    /// Keeps a problem at this place, with advice.
    pub(super) fn report_with_help(
        &mut self,
        span: &Range<usize>,
        field: &str,
        message: String,
        help: String,
    ) {
        let problem = self.place(span, field, message).help(help);
        self.problems.push(problem);
    }

    fn place(&self, span: &Range<usize>, field: &str, message: String) -> Problem {
        let (line, column) = line_and_column(self.text, span.start);
        let problem = Problem::error(&self.file, message)
            .line(line)
            .column(column);
        if field.is_empty() {
            problem
        } else {
            problem.field(field)
        }
    }

    /// Reports the keys of a table that are not among the known ones.
    pub(super) fn only(&mut self, table: Table<'_>, known: &[&str]) {
        for key in table.entries.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                self.report_with_help(
                    &key.span(),
                    &field(table.path, name),
                    "there is no such key".to_owned(),
                    nearest(name, known.iter().copied()).map_or_else(
                        || format!("known keys here: {}", known.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    ),
                );
            }
        }
    }

    /// A string that must be there and must not be blank.
    pub(super) fn text<'t>(
        &mut self,
        table: Table<'t>,
        key: &str,
    ) -> Option<(&'t str, Range<usize>)> {
        let Some(value) = table.entries.get(key) else {
            self.report(
                table.span,
                &field(table.path, key),
                "this key is missing; a text is expected".to_owned(),
            );
            return None;
        };
        let text = self.string(table, key, value)?;
        if text.trim().is_empty() {
            self.report(
                &value.span(),
                &field(table.path, key),
                "this must not be empty".to_owned(),
            );
            return None;
        }
        Some((text, value.span()))
    }

    /// A string that may be left out; `Err` where it is something else.
    pub(super) fn optional_text<'t>(
        &mut self,
        table: Table<'t>,
        key: &str,
    ) -> Option<(&'t str, Range<usize>)> {
        table
            .entries
            .contains_key(key)
            .then(|| self.text(table, key))?
    }

    /// A boolean, or the default where it is left out.
    pub(super) fn boolean(&mut self, table: Table<'_>, key: &str, default: bool) -> bool {
        let Some(value) = table.entries.get(key) else {
            return default;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(table, key, value, "`true` or `false`");
            default
        })
    }

    /// One of a few words, or the default where it is left out.
    pub(super) fn word<T: Copy + Default>(
        &mut self,
        table: Table<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> T {
        let Some((text, span)) = self.optional_text(table, key) else {
            return T::default();
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let known: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.report(
            &span,
            &field(table.path, key),
            format!("`{text}` is not known; expected {}", known.join(" or ")),
        );
        T::default()
    }

    fn string<'t>(
        &mut self,
        table: Table<'t>,
        key: &str,
        value: &'t Spanned<DeValue<'t>>,
    ) -> Option<&'t str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(table, key, value, "a text in quotes");
        }
        text
    }

    /// Reports a value of another type than the expected one.
    pub(super) fn wrong_type(
        &mut self,
        table: Table<'_>,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) {
        self.report(
            &value.span(),
            &field(table.path, key),
            format!("expected {expected}, found {}", kind(value.get_ref())),
        );
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The path of a key in a table.
pub(super) fn field(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Line and column in characters, both from 1, of a byte offset.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
