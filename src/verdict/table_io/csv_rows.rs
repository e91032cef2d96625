//! Rows of a CSV file. A thread of their own reads them ahead, in batches, so that they
//! are split into cells while those before are made something of.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use csv::StringRecord;

use super::source::{BUFFER, Header, Place, Problems, Row, add_column};
use crate::input::quotes;
use crate::problem::Problem;
use crate::text::separator;

/// Rows are handed over when they have this many bytes.
const BATCH: u64 = 1 << 17;
/// Batches that wait to be taken, at the most.
const AHEAD: usize = 2;

/// Rows of a CSV file.
pub(crate) struct CsvRows<R> {
    /// What problems call it.
    file: PathBuf,
    separator: u8,
    reader: csv::Reader<Recent<BufReader<R>>>,
}

/// A reader that remembers what it has read, until it is asked to hand that over.
struct Recent<R> {
    inner: R,
    /// Offset of the first byte of `kept`.
    start: u64,
    kept: Vec<u8>,
}

/// Rows that were read ahead. Its buffers are used again.
#[derive(Default)]
struct Batch {
    /// Rows, of which `filled` are of this batch.
    rows: Vec<Ahead>,
    filled: usize,
    /// The file from the first row on.
    text: Vec<u8>,
    /// How the file ended after them; `None` where it goes on.
    end: Option<io::Result<()>>,
}

/// A row that was read ahead.
#[derive(Default)]
struct Ahead {
    record: StringRecord,
    line: usize,
    /// Where it begins in the text of its batch.
    at: usize,
    /// Why it cannot be read.
    problem: Option<Problem>,
}

impl<R: Read> Read for Recent<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.kept.extend_from_slice(&buffer[..n]);
        Ok(n)
    }
}

impl<R> Recent<R> {
    /// Puts all that stands before an offset into `text`, and forgets it.
    fn hand_over(&mut self, end: u64, text: &mut Vec<u8>) {
        let length = (end.saturating_sub(self.start) as usize).min(self.kept.len());
        text.clear();
        text.extend_from_slice(&self.kept[length..]);
        self.kept.truncate(length);
        std::mem::swap(text, &mut self.kept);
        self.start += length as u64;
    }

    /// The bytes of the file from a place on, as far as they are kept.
    fn since(&self, position: &csv::Position) -> Option<&[u8]> {
        self.kept.get(self.place_of(position)?..)
    }

    fn place_of(&self, position: &csv::Position) -> Option<usize> {
        let offset = position.byte().checked_sub(self.start)?;
        usize::try_from(offset).ok()
    }
}

impl<R: Read> CsvRows<R> {
    pub(super) fn open(
        mut reader: BufReader<R>,
        columns: &mut dyn Header,
        problems: &mut Problems<'_>,
    ) -> io::Result<Option<Self>> {
        let separator = separator::of(reader.buffer());
        reader.consume(separator::declaration(reader.buffer()));
        let recent = Recent {
            inner: reader,
            start: 0,
            kept: Vec::new(),
        };
        let mut rows = Self {
            file: problems.file.to_owned(),
            separator,
            reader: csv::ReaderBuilder::new()
                .delimiter(separator)
                .has_headers(false)
                .buffer_capacity(BUFFER)
                .from_reader(recent),
        };
        let mut header = Ahead::default();
        if !rows.read(&mut header)? {
            problems.add(|file| {
                Problem::error(file, "the file is empty, expected a header and rows")
                    .line(1)
                    .column(1)
                    .help("the first line names the columns")
            });
            return Ok(None);
        }
        if let Some(problem) = header.problem {
            problems.add(|_| problem);
            return Ok(None);
        }
        let text = &rows.reader.get_ref().kept[header.at..];
        for (slot, name) in header.record.iter().enumerate() {
            let place = |problem: Problem| {
                let problem = problem.line(header.line).field(name);
                match column_of_field(text, separator, slot) {
                    Some(column) => problem.column(column),
                    None => problem,
                }
            };
            add_column(columns, name, slot, problems, place);
        }
        Ok(Some(rows))
    }

    /// Hands on every row in its turn, or what is wrong with it.
    pub(super) fn each(mut self, mut take: impl FnMut(Result<Row<'_>, Problem>)) -> io::Result<()>
    where
        R: Send,
    {
        let separator = self.separator;
        std::thread::scope(|scope| {
            let (full, batches) = mpsc::sync_channel::<Batch>(AHEAD);
            let (taken, spare) = mpsc::channel::<Batch>();
            scope.spawn(move || {
                loop {
                    let mut batch = spare.try_recv().unwrap_or_default();
                    self.fill(&mut batch);
                    let is_last = batch.end.is_some();
                    if full.send(batch).is_err() || is_last {
                        break;
                    }
                }
            });
            let mut before = StringRecord::new();
            for mut batch in batches {
                batch.hand_on(separator, &mut before, &mut take);
                if let Some(end) = batch.end.take() {
                    return end;
                }
                // The reader does not wait for it.
                let _ = taken.send(batch);
            }
            Ok(())
        })
    }

    /// Reads rows until they are many, or the file ends.
    fn fill(&mut self, batch: &mut Batch) {
        batch.filled = 0;
        let first = self.reader.position().byte();
        while batch.end.is_none() && self.reader.position().byte() - first < BATCH {
            if batch.filled == batch.rows.len() {
                batch.rows.push(Ahead::default());
            }
            match self.read(&mut batch.rows[batch.filled]) {
                Ok(true) => batch.filled += 1,
                Ok(false) => batch.end = Some(Ok(())),
                Err(error) => batch.end = Some(Err(error)),
            }
        }
        let end = self.reader.position().byte();
        self.reader.get_mut().hand_over(end, &mut batch.text);
    }

    /// Reads the next row; false at the end.
    fn read(&mut self, row: &mut Ahead) -> io::Result<bool> {
        row.problem = match self.reader.read_record(&mut row.record) {
            Ok(false) => return Ok(false),
            Ok(true) => self.wrong_quote(row.record.position()),
            Err(error) => {
                let position = error.position();
                let (line, wrong) = (
                    position.map(|position| self.line_of(position)),
                    self.wrong_quote(position),
                );
                let told = csv_problem(&self.file, error, line)?;
                Some(wrong.unwrap_or(told))
            }
        };
        if let Some(position) = row.record.position() {
            row.line = self.line_of(position);
            row.at = self.reader.get_ref().place_of(position).unwrap_or(0);
        }
        Ok(true)
    }

    /// What is wrong with the quotes of the row that was read last, from its place.
    fn wrong_quote(&self, position: Option<&csv::Position>) -> Option<Problem> {
        let position = position?;
        let length = self.reader.position().byte() - position.byte();
        let row = self.reader.get_ref().since(position)?;
        let row = row.get(..length as usize)?;
        let quotes::Wrong { at, message } = quotes::row(row, self.separator)?;
        let before = String::from_utf8_lossy(&row[..at]);
        let line = position.line() as usize + before.matches('\n').count();
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let problem = Problem::error(&self.file, message).line(line);
        Some(problem.column(column).help(quotes::HELP))
    }

    /// The line on which a record stands. The reader gives the place where the one
    /// before ended; blank lines may follow it.
    fn line_of(&self, position: &csv::Position) -> usize {
        let text = self.reader.get_ref().since(position).unwrap_or_default();
        let blank = text.iter().take_while(|byte| is_line_end(**byte));
        position.line() as usize + blank.filter(|byte| **byte == b'\n').count()
    }
}

impl Batch {
    /// Hands on its rows. `before` is the row before them, and then the last of them.
    fn hand_on(
        &mut self,
        separator: u8,
        before: &mut StringRecord,
        take: &mut impl FnMut(Result<Row<'_>, Problem>),
    ) {
        let rows = &mut self.rows[..self.filled];
        let mut last: Option<usize> = None;
        for index in 0..rows.len() {
            if let Some(problem) = rows[index].problem.take() {
                take(Err(problem));
                continue;
            }
            let Ahead {
                record, line, at, ..
            } = &rows[index];
            take(Ok(Row {
                line: *line,
                record,
                before: last.map_or(&*before, |last| &rows[last].record),
                place: Place::Csv(self.text.get(*at..).unwrap_or_default(), separator),
            }));
            last = Some(index);
        }
        if let Some(last) = last {
            std::mem::swap(before, &mut rows[last].record);
        }
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The column, in characters from 1, in which a field of a row starts; `None` where that
/// is not on the row's first line.
pub(super) fn column_of_field(text: &[u8], separator: u8, slot: usize) -> Option<usize> {
    let begin = text.iter().position(|byte| !is_line_end(*byte))?;
    let (mut field, mut quoted) = (0, false);
    for (at, &byte) in text.iter().enumerate().skip(begin) {
        if field == slot {
            let before = std::str::from_utf8(&text[begin..at]).ok()?;
            return Some(before.chars().count() + 1);
        }
        match byte {
            b'"' => quoted = !quoted,
            byte if byte == separator && !quoted => field += 1,
            byte if is_line_end(byte) => return None,
            _ => {}
        }
    }
    None
}

/// An error of the CSV reader as a problem, unless the file cannot be read.
fn csv_problem(file: &Path, error: csv::Error, line: Option<usize>) -> io::Result<Problem> {
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
    Ok(Problem {
        line,
        help: help.map(str::to_owned),
        ..Problem::error(file, message)
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::BufRead as _;

    use super::super::source::Refused;
    use super::*;

    struct Any;

    impl Header for Any {
        fn add(&mut self, _: &str, _: usize) -> Result<(), Refused> {
            Ok(())
        }

        fn table(&self) -> &'static str {
            "a table"
        }
    }

    /// The line, first cell and column of the last cell of a row, and the first cell of the
    /// row before; or the line of one that cannot be read.
    type Told = Result<(usize, String, Option<usize>, String), Option<usize>>;

    fn told(text: &str) -> Vec<Told> {
        let mut reader = BufReader::with_capacity(BUFFER, text.as_bytes());
        reader.fill_buf().unwrap();
        let mut problems = Problems::new(Path::new("t.csv"));
        let rows = CsvRows::open(reader, &mut Any, &mut problems);
        let mut all = Vec::new();
        let ended = rows.unwrap().unwrap().each(|row| {
            all.push(match row {
                Ok(row) => {
                    let before = row.before.get(0).unwrap_or_default();
                    let column = row.column_of("c", 2);
                    let first = row.at(Some(0)).to_owned();
                    Ok((row.line, first, column, before.to_owned()))
                }
                Err(problem) => Err(problem.line),
            });
        });
        ended.unwrap();
        all
    }

    #[test]
    fn rows_of_many_batches_come_in_order_with_their_places_and_the_row_before() {
        let (mut text, mut line) = ("a,b,c\n".to_owned(), 2);
        let (mut expected, mut before): (Vec<Told>, _) = (Vec::new(), String::new());
        for number in 0..40_000 {
            if number % 7 == 0 {
                text.push('\n');
                line += 1;
            }
            if number % 1000 == 999 {
                text.push_str("short\n");
                expected.push(Err(Some(line)));
                line += 1;
                continue;
            }
            let first = number.to_string();
            let is_broken = number % 11 == 0;
            let cell = if is_broken { "\"x\ny\"" } else { "x" };
            writeln!(text, "{first},{cell},z").unwrap();
            let column = (!is_broken).then_some(first.len() + 4);
            expected.push(Ok((line, first.clone(), column, before)));
            line += 1 + usize::from(is_broken);
            before = first;
        }
        assert!(text.len() as u64 > 3 * BATCH);
        assert!(told(&text) == expected);
        assert_eq!(told("a,b,c\n"), []);
    }

    #[test]
    fn a_line_that_names_the_separator_is_no_header_and_is_counted() {
        for head in ["sep=;\n", "SEP=;\r\n", "\u{feff}\"sep=;\"\n\n"] {
            let line = 2 + head.matches('\n').count();
            let text = format!("{head}a;b;c\n1;\"x;y\";3,5\nshort\n");
            let row = Ok((line, "1".to_owned(), Some(9), String::new()));
            assert_eq!(told(&text), [row, Err(Some(line + 1))], "{text}");
        }
    }
}
