//! Rows out of a CSV or JSON Lines file, with the place of each for error
//! messages.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::StringRecord;

use super::Format;
use super::json::{JsonRows, column_of_key};
use crate::input::quotes;
use crate::problem::Problem;
use crate::text::{binary, separator};

/// Problems are collected up to this many, then only counted.
const SHOWN: usize = 1_000;
/// How much of a file behind the reader is kept to find the column of an error.
const KEPT: usize = 1 << 18;
const BUFFER: usize = 1 << 16;

/// The columns that a kind of table knows, as a file's header or its first rows name
/// them. A *slot* is a place in the rows of the file.
pub(crate) trait Header {
    /// Takes the column `name` to stand at `slot`.
    fn add(&mut self, name: &str, slot: usize) -> Result<(), Refused>;

    /// What such a table is called, as in "a verdict table".
    fn table(&self) -> &'static str;

    /// Whether a cell of JSON Lines may be an object or a list.
    fn takes_objects(&self) -> bool {
        false
    }
}

/// Why a column cannot be used.
#[derive(Debug)]
pub(crate) enum Refused {
    /// There is such a column already.
    Twice,
    /// Nobody knows it; the advice says what may have been meant.
    Unknown(String),
}

/// What is wrong with one file: the first problems, and how many there are.
pub(crate) struct Problems<'a> {
    file: &'a Path,
    list: Vec<Problem>,
    more: usize,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(file: &'a Path) -> Self {
        Self {
            file,
            list: Vec::new(),
            more: 0,
        }
    }

    /// Adds a problem; its message is only made where it is kept.
    pub(crate) fn add(&mut self, problem: impl FnOnce(&Path) -> Problem) {
        if self.list.len() < SHOWN {
            self.list.push(problem(self.file));
        } else {
            self.more += 1;
        }
    }

    /// Forgets what was found, for want of a table that it could be about.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.more = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All problems kept, by line, and one that counts the rest.
    pub(crate) fn into_list(self) -> Vec<Problem> {
        let mut list = self.list;
        list.sort_by_key(|problem| problem.line);
        if self.more > 0 {
            let message = format!("{} more problems are not listed", self.more);
            list.push(Problem::error(self.file, message));
        }
        list
    }
}

/// The rows of a file.
pub(crate) enum Source<R: Read> {
    Csv(CsvRows<R>),
    Jsonl(JsonRows<R>),
}

impl<R: Read> Source<R> {
    /// Opens a file: reads the header of a CSV.
    pub(crate) fn open(
        reader: R,
        format: Format,
        columns: &mut dyn Header,
        problems: &mut Problems<'_>,
    ) -> io::Result<Option<Self>> {
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        let start = reader.fill_buf()?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            problems.add(|file| {
                Problem::error(file, "the file is UTF-16, expected UTF-8")
                    .line(1)
                    .column(1)
                    .help("save it as `CSV UTF-8`")
            });
            return Ok(None);
        }
        if let Some((what, help)) = binary::what(start) {
            problems.add(|file| Problem::error(file, what).help(help));
            return Ok(None);
        }
        if start.starts_with("\u{feff}".as_bytes()) {
            reader.consume(3);
        }
        match format {
            Format::Csv => Ok(CsvRows::open(reader, columns, problems)?.map(Self::Csv)),
            Format::Jsonl => Ok(Some(Self::Jsonl(JsonRows::new(reader)))),
        }
    }

    /// The next row; `None` at the end. Rows that cannot be read become problems.
    pub(crate) fn next(
        &mut self,
        columns: &mut dyn Header,
        problems: &mut Problems<'_>,
    ) -> io::Result<Option<Row<'_>>> {
        match self {
            Self::Csv(rows) => Ok(rows.advance(problems)?.then(|| Row {
                line: rows.line(),
                record: &rows.record,
                before: &rows.before,
                place: Place::Csv(rows),
            })),
            Self::Jsonl(rows) => Ok(rows.advance(columns, problems)?.then(|| Row {
                line: rows.line,
                record: &rows.record,
                before: &rows.before,
                place: Place::Jsonl(&rows.text),
            })),
        }
    }
}

/// One row, its fields in the slots of a [`Header`].
pub(crate) struct Row<'a> {
    /// Line of the file, from 1.
    pub(crate) line: usize,
    record: &'a StringRecord,
    before: &'a StringRecord,
    place: Place<'a>,
}

enum Place<'a> {
    Csv(&'a dyn Locate),
    Jsonl(&'a str),
}

/// Finds the column of a field in the text of a row.
trait Locate {
    fn column_of(&self, slot: usize) -> Option<usize>;
}

impl Row<'_> {
    /// The text at a slot; empty where the row has none.
    pub(crate) fn at(&self, slot: Option<usize>) -> &str {
        slot.and_then(|slot| self.record.get(slot))
            .unwrap_or_default()
    }

    /// Whether these slots hold what they held in the row before.
    pub(crate) fn repeats(&self, slots: &[usize]) -> bool {
        !self.before.is_empty()
            && slots
                .iter()
                .all(|slot| self.record.get(*slot) == self.before.get(*slot))
    }

    /// The column, in characters from 1, in which a field starts.
    pub(crate) fn column_of(&self, name: &str, slot: usize) -> Option<usize> {
        match self.place {
            Place::Csv(rows) => rows.column_of(slot),
            Place::Jsonl(text) => column_of_key(text, name),
        }
    }
}

/// A reader that remembers the end of what it has read, and all of the row at hand.
struct Recent<R> {
    inner: R,
    /// Offset of the first byte of `kept`.
    start: u64,
    kept: Vec<u8>,
    /// Offset from which on all is kept: where the row begins that is being read.
    needed: u64,
}

impl<R: Read> Read for Recent<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if self.kept.len() > 4 * KEPT {
            let needed = self.needed.saturating_sub(self.start) as usize;
            let drop = needed.min(self.kept.len() - KEPT);
            self.kept.drain(..drop);
            self.start += drop as u64;
        }
        self.kept.extend_from_slice(&buffer[..n]);
        Ok(n)
    }
}

/// Rows of a CSV file.
pub(crate) struct CsvRows<R> {
    separator: u8,
    reader: csv::Reader<Recent<BufReader<R>>>,
    record: StringRecord,
    /// The row before; empty before the second.
    before: StringRecord,
}

impl<R: Read> CsvRows<R> {
    fn open(
        reader: BufReader<R>,
        columns: &mut dyn Header,
        problems: &mut Problems<'_>,
    ) -> io::Result<Option<Self>> {
        let separator = separator::of(reader.buffer());
        let recent = Recent {
            inner: reader,
            start: 0,
            kept: Vec::new(),
            needed: 0,
        };
        let reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .buffer_capacity(BUFFER)
            .from_reader(recent);
        let mut rows = Self {
            separator,
            reader,
            record: StringRecord::new(),
            before: StringRecord::new(),
        };
        match rows.reader.read_record(&mut rows.record) {
            Ok(true) => {}
            Ok(false) => {
                problems.add(|file| {
                    Problem::error(file, "the file is empty, expected a header and rows")
                        .line(1)
                        .column(1)
                        .help("the first line names the columns")
                });
                return Ok(None);
            }
            Err(error) => {
                add_csv_error(error, Some(1), problems)?;
                return Ok(None);
            }
        }
        if let Some(problem) = rows.wrong_quote(rows.record.position()) {
            problems.add(problem);
            return Ok(None);
        }
        for (slot, name) in rows.record.iter().enumerate() {
            let place = |problem: Problem| match rows.column_of(slot) {
                Some(column) => problem.line(rows.line()).column(column).field(name),
                None => problem.line(rows.line()).field(name),
            };
            add_column(columns, name, slot, problems, place);
        }
        rows.record.clear();
        Ok(Some(rows))
    }

    /// Reads the next readable row; false at the end.
    fn advance(&mut self, problems: &mut Problems<'_>) -> io::Result<bool> {
        std::mem::swap(&mut self.record, &mut self.before);
        loop {
            self.reader.get_mut().needed = self.reader.position().byte();
            match self.reader.read_record(&mut self.record) {
                Ok(false) => return Ok(false),
                Ok(true) => match self.wrong_quote(self.record.position()) {
                    Some(problem) => problems.add(problem),
                    None => return Ok(true),
                },
                Err(error) => {
                    if let Some(problem) = self.wrong_quote(error.position()) {
                        problems.add(problem);
                        continue;
                    }
                    let line = error.position().map(|position| self.line_of(position));
                    add_csv_error(error, line, problems)?;
                }
            }
        }
    }

    /// What is wrong with the quotes of the row that was read last, from its place.
    fn wrong_quote(
        &self,
        position: Option<&csv::Position>,
    ) -> Option<impl FnOnce(&Path) -> Problem + use<R>> {
        let position = position?;
        let length = self.reader.position().byte() - position.byte();
        let row = self.raw(position)?.get(..length as usize)?;
        let quotes::Wrong { at, message } = quotes::row(row, self.separator)?;
        let before = String::from_utf8_lossy(&row[..at]);
        let line = position.line() as usize + before.matches('\n').count();
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Some(move |file: &Path| {
            let problem = Problem::error(file, message).line(line).column(column);
            problem.help(quotes::HELP)
        })
    }

    fn line(&self) -> usize {
        self.record
            .position()
            .map_or(0, |position| self.line_of(position))
    }

    /// The line on which a record stands. The reader gives the place where the one
    /// before ended; blank lines may follow it.
    fn line_of(&self, position: &csv::Position) -> usize {
        let raw = self.raw(position).unwrap_or_default();
        let blank = raw.iter().take_while(|byte| is_line_end(**byte));
        position.line() as usize + blank.filter(|byte| **byte == b'\n').count()
    }

    /// The bytes of the file from a place on, as far as they are kept.
    fn raw(&self, position: &csv::Position) -> Option<&[u8]> {
        let recent = self.reader.get_ref();
        let offset = position.byte().checked_sub(recent.start)?;
        recent.kept.get(offset as usize..)
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

impl<R: Read> Locate for CsvRows<R> {
    /// `None` where the field does not start on the record's first line.
    fn column_of(&self, slot: usize) -> Option<usize> {
        let raw = self.raw(self.record.position()?)?;
        let begin = raw.iter().position(|byte| !is_line_end(*byte))?;
        let (mut field, mut quoted) = (0, false);
        for (at, &byte) in raw.iter().enumerate().skip(begin) {
            if field == slot {
                let before = std::str::from_utf8(&raw[begin..at]).ok()?;
                return Some(before.chars().count() + 1);
            }
            match byte {
                b'"' => quoted = !quoted,
                byte if byte == self.separator && !quoted => field += 1,
                byte if is_line_end(byte) => return None,
                _ => {}
            }
        }
        None
    }
}

/// Takes a column, or says why it cannot be used.
pub(crate) fn add_column(
    columns: &mut dyn Header,
    name: &str,
    slot: usize,
    problems: &mut Problems<'_>,
    place: impl Fn(Problem) -> Problem,
) {
    match columns.add(name, slot) {
        Ok(()) => {}
        Err(Refused::Twice) => {
            problems.add(|file| place(Problem::error(file, "the column stands here twice")));
        }
        Err(Refused::Unknown(advice)) => problems.add(|file| {
            let message = format!("{} has no such column", columns.table());
            place(Problem::error(file, message).help(advice))
        }),
    }
}

/// Turns an error of the CSV reader into a problem, unless the file cannot be read.
fn add_csv_error(
    error: csv::Error,
    line: Option<usize>,
    problems: &mut Problems<'_>,
) -> io::Result<()> {
    let mut help = None;
    let message = match error.into_kind() {
        csv::ErrorKind::Io(error) => return Err(error),
        csv::ErrorKind::Utf8 { err, .. } => {
            help = Some("save the file as UTF-8");
            format!("field {} is not UTF-8", err.field() + 1)
        }
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            help = Some(if len > expected_len {
                "a text with a separator in it needs double quotes around it"
            } else {
                "an empty field still needs its separator"
            });
            format!("the row has {len} fields, expected {expected_len} as in the header")
        }
        other => format!("{other:?}"),
    };
    problems.add(|file| Problem {
        line,
        help: help.map(str::to_owned),
        ..Problem::error(file, message)
    });
    Ok(())
}
