//! Rows out of a CSV or JSON Lines file, with the place of each for error
//! messages.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::StringRecord;

use super::Format;
use super::csv_rows::{CsvRows, column_of_field};
use super::json::{JsonRows, column_of_key};
use crate::problem::Problem;
use crate::text::{binary, misnamed};

/// Problems are collected up to this many, then only counted.
const SHOWN: usize = 1_000;
/// How much of a file is read at once.
pub(super) const BUFFER: usize = 1 << 16;

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
    pub(super) file: &'a Path,
    list: Vec<Problem>,
    more: usize,
}

impl<'a> Problems<'a> {
    /// What is read of a file, or every problem that it has.
    pub(crate) fn or_all<T>(
        file: &'a Path,
        read: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> Result<T, Vec<Problem>> {
        let mut problems = Self::new(file);
        match read(&mut problems) {
            Ok(whole) if problems.is_empty() => return Ok(whole),
            Ok(_) => {}
            Err(error) => problems
                .add(|file| Problem::error(file, format!("the file cannot be read: {error}"))),
        }
        Err(problems.into_list())
    }

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
            list.push(Problem::more(self.file, self.more));
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
        let start = reader.fill_buf()?;
        let start = String::from_utf8_lossy(&start[..start.len().min(misnamed::ENOUGH)]);
        if let Some((what, help)) = misnamed::what(&start, format == Format::Csv) {
            problems.add(|file| Problem::error(file, what).line(1).column(1).help(help));
            return Ok(None);
        }
        match format {
            Format::Csv => Ok(CsvRows::open(reader, columns, problems)?.map(Self::Csv)),
            Format::Jsonl => Ok(Some(Self::Jsonl(JsonRows::new(reader)))),
        }
    }

    /// Hands on every row; those that cannot be read become problems.
    pub(crate) fn each<H: Header>(
        self,
        columns: &mut H,
        problems: &mut Problems<'_>,
        mut take: impl FnMut(&Row<'_>, &H, &mut Problems<'_>),
    ) -> io::Result<()>
    where
        R: Send,
    {
        match self {
            Self::Csv(rows) => rows.each(|row| match row {
                Ok(row) => take(&row, columns, problems),
                Err(problem) => problems.add(|_| problem),
            }),
            Self::Jsonl(mut rows) => {
                while rows.advance(columns, problems)? {
                    let row = Row {
                        line: rows.line,
                        record: &rows.record,
                        before: &rows.before,
                        place: Place::Jsonl(&rows.text),
                    };
                    take(&row, columns, problems);
                }
                Ok(())
            }
        }
    }
}

/// One row, its fields in the slots of a [`Header`].
pub(crate) struct Row<'a> {
    /// Line of the file, from 1.
    pub(crate) line: usize,
    pub(super) record: &'a StringRecord,
    /// The row before; empty before the second.
    pub(super) before: &'a StringRecord,
    pub(super) place: Place<'a>,
}

/// The text of a row.
pub(super) enum Place<'a> {
    /// From its first byte on, and what stands between its fields.
    Csv(&'a [u8], u8),
    Jsonl(&'a str),
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
            Place::Csv(text, separator) => column_of_field(text, separator, slot),
            Place::Jsonl(text) => column_of_key(text, name),
        }
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
