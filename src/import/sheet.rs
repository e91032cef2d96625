//! One source file at work: its kind, what is wrong with its records, what became
//! of them, and their raw text to be kept.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::kind::{self, Format, Kind};
use super::record::{Fault, Record};
use super::source::Source;
use super::tally::{Effect, Tally};
use super::{Options, csv, inspect, packed};
use crate::input::source::shown;
use crate::problem::Problem;

/// Most problems of one file that are told.
const SHOWN: usize = 50;
/// Most words of one file that are counted each by itself.
const WORDS: usize = 8;
/// How hard raw records are compressed: as hard as reading them is quick.
const LEVEL: i32 = 3;

/// The text of a file: all of it, or that of some rows after the other.
pub(super) enum Opened {
    Whole(Option<Source>),
    Rows(csv::Pieces),
}

impl Opened {
    /// What comes next; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Source>, Box<Problem>> {
        match self {
            Self::Whole(source) => Ok(source.take()),
            Self::Rows(pieces) => pieces.next(),
        }
    }
}

/// Text of a file, whatever holds it.
pub(super) fn open(
    path: &Path,
    bytes: Vec<u8>,
    format: Format,
    options: &Options,
) -> Result<Opened, Box<Problem>> {
    let whole = match format {
        Format::Csv => return csv::Pieces::open(path, bytes, &options.columns).map(Opened::Rows),
        Format::Inspect => inspect::open(path, bytes)?,
        _ => Source::new(path, bytes)?.without_not_numbers(),
    };
    Ok(Opened::Whole(Some(whole)))
}

/// The records of a file, which must be JSON.
pub(super) fn records(source: &Source, format: Format) -> Result<Vec<Record<'_>>, Box<Problem>> {
    let Some((found, help)) = not_json(&source.text) else {
        return source.records();
    };
    let message = format!(
        "the file holds {found}; expected, for `{format}`, {}",
        format.expects()
    );
    let problem = Problem::error(&source.path, message);
    Err(Box::new(match help {
        Some(help) => problem.help(help),
        None => problem,
    }))
}

/// What a text is that does not begin as JSON does, and what to do.
fn not_json(text: &str) -> Option<(String, Option<&'static str>)> {
    let start = text.trim_start();
    let line = start.lines().next().unwrap_or_default();
    // A header whose first column is quoted begins with a JSON text, and goes on.
    let is_value = serde_json::from_str::<&RawValue>(line).is_ok();
    if start.is_empty() || start.starts_with(['{', '[']) || is_value {
        return None;
    }
    let columns = line.split([',', '\t', ';']).count();
    Some(if start.bytes().all(|byte| byte == 0) {
        let help = "get the file again";
        ("nothing but zero bytes".to_owned(), Some(help))
    } else if start.starts_with('<') {
        let help = "get the raw file, not the page that shows it";
        ("a page of HTML or XML".to_owned(), Some(help))
    } else if start.starts_with("version https://git-lfs") {
        let help = "get the file itself with `git lfs pull`";
        let what = "a Git LFS pointer in the place of the file";
        (what.to_owned(), Some(help))
    } else if columns > 1 {
        let what = format!("what looks like a CSV with {columns} columns");
        (what, Some("a CSV is imported as `csv`"))
    } else {
        (
            format!("text that is no JSON and begins `{}`", shown(line)),
            None,
        )
    })
}

/// The kind of a file; `None` with what it holds where nobody knows it.
pub(super) fn sniff(path: &Path, bytes: Vec<u8>) -> Result<(Option<Kind>, String), Box<Problem>> {
    let is_csv = |path: &Path| {
        let extension = packed::inner(path).extension();
        let extension = extension.and_then(std::ffi::OsStr::to_str);
        extension.is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("tsv"))
    };
    if is_csv(path) {
        return Ok((Some(Kind::Csv), String::new()));
    }
    if bytes.starts_with(b"PK") {
        return Ok((Some(Kind::Inspect), String::new()));
    }
    let source = Source::new(path, bytes)?;
    if let Some((found, help)) = not_json(&source.text) {
        let help = help.map_or_else(String::new, |help| format!(" ({help})"));
        return Ok((None, format!("{found}{help}")));
    }
    let text = source.text.trim_start();
    let text = text.strip_prefix('[').unwrap_or(text);
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(first)) => Ok((kind::of_record(first), kind::found(first))),
        Some(Err(_)) if text.trim_start().starts_with(']') => {
            Ok((None, "an empty list".to_owned()))
        }
        Some(Err(_)) => {
            // A record that Python wrote with a number that JSON has not, or that is
            // broken: reading all of the file tells.
            let source = source.without_not_numbers();
            let records = source.records()?;
            let first = records.first().map(|record| record.raw);
            Ok(first.map_or((None, "nothing".to_owned()), |first| {
                (kind::of_record(first), kind::found(first))
            }))
        }
        None => Ok((None, "nothing".to_owned())),
    }
}

/// The kind of a file, which must be of use to the format.
pub(super) fn check(
    source: &Source,
    records: &[Record<'_>],
    format: Format,
) -> Result<Kind, Box<Problem>> {
    if format == Format::Csv {
        return Ok(Kind::Csv);
    }
    let Some(first) = records.first() else {
        return Err(Box::new(
            Problem::error(&source.path, "the file holds no record").help(format!(
                "for `{format}` it should hold {}",
                format.expects()
            )),
        ));
    };
    let known = records
        .iter()
        .take(20)
        .find_map(|record| kind::of_record(record.raw));
    match known {
        Some(kind) if format.accepts(kind) => Ok(kind),
        Some(kind) => {
            let message = format!(
                "the file holds {}; expected, for `{format}`, {}",
                kind.words(),
                format.expects()
            );
            let problem = Problem::error(&source.path, message);
            Err(Box::new(match kind.format() {
                Some(other) if other != format => problem.help(format!("import it as `{other}`")),
                _ => problem,
            }))
        }
        None => Err(Box::new(Problem::error(
            &source.path,
            format!(
                "the file holds {}; expected, for `{format}`, {}",
                kind::found(first.raw),
                format.expects()
            ),
        ))),
    }
}

/// What was found in the records of a file so far.
#[derive(Default)]
pub(super) struct Found {
    tally: Tally,
    problems: Vec<Problem>,
    more: usize,
    /// Words that nobody knows.
    pub(super) words: Vec<String>,
}

impl Found {
    /// Tells what is wrong.
    pub(super) fn wrong(&mut self, problem: Problem) {
        if self.problems.len() < SHOWN {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// What was counted, or everything that is wrong.
    pub(super) fn finish(self, path: &Path) -> Result<Tally, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(self.tally);
        }
        let mut problems = self.problems;
        if self.more > 0 {
            problems.push(Problem::more(path, self.more));
        }
        Err(problems)
    }
}

/// The raw records of a file as JSON Lines, compressed as they come.
pub(super) struct Frame {
    file: usize,
    out: zstd::Encoder<'static, Vec<u8>>,
}

impl Frame {
    pub(super) fn new(file: usize) -> io::Result<Self> {
        let out = zstd::Encoder::new(Vec::new(), LEVEL)?;
        Ok(Self { file, out })
    }

    fn push(&mut self, record: &Record<'_>, item: Option<&str>) -> io::Result<()> {
        let (file, row) = (self.file, record.row);
        write!(self.out, "{{\"file\":{file},\"record\":{row}")?;
        if let Some(item) = item {
            write!(self.out, ",\"item\":")?;
            serde_json::to_writer(&mut self.out, item)?;
        }
        self.out.write_all(b",\"raw\":")?;
        // In JSON a line only ends between values.
        for (i, piece) in record.raw.get().lines().enumerate() {
            let piece = if i == 0 { piece } else { piece.trim_start() };
            self.out.write_all(piece.as_bytes())?;
        }
        self.out.write_all(b"}\n")
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.out.finish()
    }
}

/// One source file, or some records of it, at work.
pub(super) struct Sheet<'s> {
    pub(super) source: &'s Source,
    pub(super) kind: Kind,
    pub(super) found: Found,
    /// The item that each record is about.
    items: Vec<Option<Arc<str>>>,
}

impl<'s> Sheet<'s> {
    pub(super) fn new(source: &'s Source, kind: Kind, records: usize, mut found: Found) -> Self {
        let odd = [
            (
                Effect::Kept,
                "NaN or Infinity, which JSON has no number for: read as null",
                source.not_numbers,
            ),
            (
                Effect::Skipped,
                "an entry of the log with the name of a later one, which is read alone",
                source.replaced,
            ),
        ];
        for (effect, reason, rows) in odd.into_iter().filter(|(_, _, rows)| *rows > 0) {
            let place = || source.path.display().to_string();
            found.tally.add_many(effect, reason, rows, place);
        }
        Self {
            source,
            kind,
            found,
            items: vec![None; records],
        }
    }

    /// Counts a record that is not as the rest.
    pub(super) fn count(&mut self, effect: Effect, reason: &str, record: &Record<'_>) {
        let source = self.source;
        self.found
            .tally
            .add(effect, reason, || source.where_is(record));
    }

    /// Counts records of the file that are all alike, if there are any.
    pub(super) fn count_all(&mut self, effect: Effect, reason: &str, rows: u64) {
        if rows > 0 {
            let place = || self.source.path.display().to_string();
            self.found.tally.add_many(effect, reason, rows, place);
        }
    }

    /// Counts a record with a word that nobody knows.
    pub(super) fn count_word(
        &mut self,
        effect: Effect,
        reason: &str,
        word: &str,
        record: &Record<'_>,
    ) {
        let word = shown(word);
        let is_known = self.found.words.contains(&word);
        if !is_known && self.found.words.len() == WORDS {
            self.count(effect, &format!("{reason}: other words"), record);
            return;
        }
        self.count(effect, &format!("{reason}: `{word}`"), record);
        if !is_known {
            self.found.words.push(word);
        }
    }

    /// Tells what is wrong with a record.
    pub(super) fn fault(&mut self, record: &Record<'_>, fault: Fault) {
        self.found.wrong(self.source.problem(record, fault));
    }

    /// Says which item a record is about.
    pub(super) fn about(&mut self, record: &Record<'_>, item: &str) {
        if let Some(place) = self.items.get_mut(self.source.place(record)) {
            *place = Some(Arc::from(item));
        }
    }

    /// What each record gives; a record with a fault gives nothing and is told.
    pub(super) fn each<'a, T>(
        &mut self,
        records: &[Record<'a>],
        mut read: impl FnMut(&mut Self, &Record<'a>) -> Result<Option<T>, Fault>,
    ) -> Vec<T> {
        let mut all = Vec::with_capacity(records.len());
        for record in records {
            match read(self, record) {
                Ok(given) => all.extend(given),
                Err(fault) => self.fault(record, fault),
            }
        }
        all
    }

    /// Adds the raw records to those of the file, and gives what was found.
    pub(super) fn keep(self, records: &[Record<'_>], frame: &mut Frame) -> io::Result<Found> {
        for (record, item) in records.iter().zip(&self.items) {
            frame.push(record, item.as_deref())?;
        }
        Ok(self.found)
    }
}
