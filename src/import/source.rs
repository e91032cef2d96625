//! The text of a foreign file, and its records with their places for messages.
//!
//! A file is read whole and looked at in place. Memory is the file's size and a few
//! words a record; a CSV is made into such text a piece at a time.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::record::{Fault, Record};
use crate::problem::Problem;
use crate::text::binary;

/// The text of one source file, or of some of its records.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// How many records of the file come before.
    pub(super) before: usize,
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
            before: 0,
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
        let records = values.into_iter().zip(self.before + 1..);
        Ok(records.map(|(raw, row)| Record { raw, row }).collect())
    }

    fn unreadable(&self, error: &serde_json::Error, whole: usize) -> Problem {
        let row = self.before + whole + 1;
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

    /// The place of a record among these, from 0.
    pub(super) fn place(&self, record: &Record<'_>) -> usize {
        record.row - 1 - self.before
    }

    /// The line on which a record starts, from 1.
    pub(super) fn line(&self, record: &Record<'_>) -> usize {
        if let Some(line) = self.lines.get(self.place(record)) {
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
pub(super) fn line_of(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Lines of places of a text that follow each other, counted from one to the next.
#[derive(Default)]
pub(super) struct Lines {
    /// Bytes that were gone through.
    bytes: usize,
    /// Line ends among them.
    ends: usize,
}

impl Lines {
    /// The line of the byte at `start`.
    pub(super) fn of(&mut self, text: &[u8], start: usize) -> usize {
        let passed = text.get(self.bytes..start).unwrap_or_default();
        self.ends += line_of(passed) - 1;
        self.bytes = self.bytes.max(start);
        self.ends + 1
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::record::Fields;

    fn source(text: &str) -> Source {
        Source::new(Path::new("f.json"), text.as_bytes().to_vec()).unwrap()
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
}
