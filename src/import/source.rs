//! The text of a foreign file, and its records with their places for messages.
//!
//! A file is read whole and looked at in place. Memory is the file's size and a few
//! words a record; a CSV is made into such text a piece at a time.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::record::{Fault, Record};
use crate::input::quotes;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::text::binary;

/// The text of one source file, or of some of its records.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// The number of the first of these records in the file.
    pub(super) first: usize,
    /// The line of each record in the file, where the text was made from another.
    pub(super) lines: Vec<usize>,
    /// The entry of the file that holds each record, where the file is an archive.
    pub(super) entries: Vec<String>,
    /// Numbers that JSON does not have (`NaN`, `Infinity`), now null.
    pub(super) not_numbers: u64,
    /// Entries of the archive that a later one of the same name stands for.
    pub(super) replaced: u64,
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
            first: 1,
            lines: Vec::new(),
            entries: Vec::new(),
            not_numbers: 0,
            replaced: 0,
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
        let records = values.into_iter().zip(self.first..);
        Ok(records.map(|(raw, row)| Record { raw, row }).collect())
    }

    fn unreadable(&self, error: &serde_json::Error, whole: usize) -> Problem {
        let row = self.first + whole;
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

    /// A problem at a line, which a line feed ends, and a column of bytes, both from 1.
    fn at(&self, line: usize, column: usize, message: String) -> Problem {
        let mut ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let start = match line.checked_sub(2) {
            Some(ends_before) => ends.nth(ends_before).unwrap_or(self.text.len()),
            None => 0,
        };
        let end = (start + column.saturating_sub(1)).min(self.text.len());
        let (line, column) = place_after(&self.text.as_bytes()[..end]);
        let problem = Problem::error(&self.path, message);
        problem.line(line).column(column)
    }

    /// The place of a record among these, from 0.
    pub(super) fn place(&self, record: &Record<'_>) -> usize {
        record.row - self.first
    }

    /// The line on which a record starts, from 1; `None` where it is one of an archive's
    /// entries.
    pub(super) fn line(&self, record: &Record<'_>) -> Option<usize> {
        if !self.entries.is_empty() {
            return None;
        }
        if let Some(line) = self.lines.get(self.place(record)) {
            return Some(*line);
        }
        let start = record.raw.get().as_ptr().addr();
        let offset = start.saturating_sub(self.text.as_ptr().addr());
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        Some(line_of(before))
    }

    /// What a record is called in a sentence.
    pub(super) fn called(&self, record: &Record<'_>) -> String {
        let row = record.row;
        match (self.entries.get(self.place(record)), row) {
            (Some(entry), _) => shown(entry),
            (None, 0) => "the header".to_owned(),
            (None, _) => format!("record {row}"),
        }
    }

    /// Where a record stands, for whoever looks for it.
    pub(super) fn where_is(&self, record: &Record<'_>) -> String {
        let (path, called) = (self.path.display(), self.called(record));
        match self.line(record) {
            Some(line) => format!("{path}:{line} ({called})"),
            None => format!("{path} ({called})"),
        }
    }

    /// What is wrong with a field of a record.
    pub(super) fn problem(&self, record: &Record<'_>, fault: Fault) -> Problem {
        let message = format!("{}: {}", self.called(record), fault.message);
        let mut problem = Problem::error(&self.path, message);
        if let Some(line) = self.line(record) {
            problem = problem.line(line);
        }
        if fault.field.is_empty() {
            problem
        } else {
            problem.field(fault.field)
        }
    }
}

/// The line on which what follows `before` stands. A line ends with a line feed, a
/// carriage return, or both.
#[expect(clippy::naive_bytecount, reason = "only counted where a place is told")]
pub(super) fn line_of(before: &[u8]) -> usize {
    let count = |end: u8| before.iter().filter(|byte| **byte == end).count();
    let returns = count(b'\r');
    let both = match returns {
        0 => 0,
        _ => before.windows(2).filter(|two| two == b"\r\n").count(),
    };
    count(b'\n') + returns - both + 1
}

/// Line and column of characters, both from 1, of what follows `before`.
pub(super) fn place_after(before: &[u8]) -> (usize, usize) {
    let begun = before.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next();
    let begun = String::from_utf8_lossy(begun.unwrap_or_default());
    (line_of(before), begun.chars().count() + 1)
}

/// The line on which a CSV's row stands that a reader began at `start`: the rest of a line
/// end and blank lines may come before it.
pub(super) fn line_of_row(text: &[u8], start: usize) -> usize {
    let start = start.min(text.len());
    let is_blank = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
    let blank = text[start..].iter().take_while(is_blank).count();
    line_of(&text[..start + blank])
}

/// What is wrong with the quotes of a CSV with commas, with its line and column: rows
/// would be lost to it.
pub(super) fn wrong_quote(text: &[u8]) -> Option<(usize, usize, &'static str)> {
    let mut start = 0;
    while start < text.len() {
        let (end, wrong) = quotes::cell(text, b',', start);
        if let Some(quotes::Wrong { at, message }) = wrong {
            let (line, column) = place_after(&text[..at]);
            return Some((line, column, message));
        }
        start = end? + 1;
    }
    None
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
    let (line, column) = place_after(good);
    Problem::error(path, "the file is not UTF-8 here")
        .line(line)
        .column(column)
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
pub(super) fn without_not_numbers(text: &str) -> Option<(String, u64)> {
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
            assert!(source.line(&records[1]) > Some(1));
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
    fn lines_end_with_a_line_feed_a_carriage_return_or_both() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "{\"a\":1}\n\n{\"ä\" 2}".replace('\n', end);
            let problem = source(&text).records().unwrap_err();
            assert_eq!(
                (problem.line, problem.column),
                (Some(3), Some(6)),
                "{end:?}"
            );
            let text = "[{\"a\":1},\n{\"b\":2}]".replace('\n', end);
            let source = source(&text);
            let records = source.records().unwrap();
            assert_eq!(source.where_is(&records[1]), "f.json:2 (record 2)");
            let bytes = format!("{{}}{end}\"ä").into_bytes();
            let problem = Source::new(Path::new("f"), [&bytes[..], b"\xff"].concat());
            let problem = problem.unwrap_err();
            assert_eq!(
                (problem.line, problem.column),
                (Some(2), Some(3)),
                "{end:?}"
            );
        }
    }

    #[test]
    fn a_quote_that_swallows_rows_is_found_with_its_place() {
        let sound = "a,\"b\r\n,\"\r\n\r\n\"c\" ,d\n";
        assert_eq!(wrong_quote(sound.as_bytes()), None);
        for (row, place) in [("ä,\"b\n", (5, 3)), ("\"b\"c,d\n", (5, 4))] {
            let text = format!("{sound}{row}");
            let (line, column, _) = wrong_quote(text.as_bytes()).unwrap();
            assert_eq!((line, column), place);
        }
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
