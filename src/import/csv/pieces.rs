//! A CSV's rows as records, some at a time: with the header's names in every record, all
//! of them at once would take several times the file's size.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::Mapping;
use super::columns::check_columns;
use crate::import::labelling_key::field;
use crate::import::source::{Lines, Source, place_after};
use crate::input::quotes;
use crate::problem::Problem;
use crate::text::separator;

/// Bytes of records after which no more are made at a time.
const AT_A_TIME: usize = 4 << 20;

/// What is left of a CSV.
pub(in crate::import) struct Pieces {
    path: PathBuf,
    reader: csv::Reader<Cursor<Vec<u8>>>,
    separator: u8,
    row: csv::StringRecord,
    /// Names of the columns, as JSON.
    keys: Vec<String>,
    /// How many rows were read.
    rows: usize,
    lines: Lines,
}

impl Pieces {
    /// Reads the header.
    pub(in crate::import) fn open(
        path: &Path,
        bytes: Vec<u8>,
        mapping: &Mapping,
    ) -> Result<Self, Box<Problem>> {
        let mut text = Source::new(path, bytes)?.text;
        if is_json(&text) {
            let problem = Problem::error(path, "the file holds JSON, expected a CSV with a header");
            return Err(Box::new(
                problem.help("name the format that it has, or leave `csv` out and give the file a name that ends in .json, so that the format is told from what it holds"),
            ));
        }
        let separator = separator::of(text.as_bytes());
        text.drain(..separator::declaration(text.as_bytes()));
        let mut pieces = Self {
            path: path.to_owned(),
            separator,
            reader: csv::ReaderBuilder::new()
                .delimiter(separator)
                .has_headers(false)
                .from_reader(Cursor::new(text.into_bytes())),
            row: csv::StringRecord::new(),
            keys: Vec::new(),
            rows: 0,
            lines: Lines::default(),
        };
        pieces.advance()?;
        let header = &pieces.row;
        if header.len() < 2 {
            return Err(Box::new(
                Problem::error(
                    path,
                    "the file is no CSV: its first line has no two columns",
                )
                .help("expected a header such as question,candidate,opponent,outcome"),
            ));
        }
        if header.iter().any(|name| name == field::TASK) {
            let problem = Problem::error(
                path,
                "the file is a CSV of tasks that `oyer export label-studio` wrote, and a CSV does not say which of its columns are labels",
            );
            return Err(Box::new(problem.line(1).help(
                "export JSON or JSON-MIN from Label Studio, and import it with the tasks' key: oyer import label-studio FILE --key RESULTS/labelling/NAME.key.csv",
            )));
        }
        check_columns(path, header, mapping)?;
        let names = header.iter().map(serde_json::to_string);
        pieces.keys = names.map(Result::unwrap_or_default).collect();
        Ok(pieces)
    }

    /// The next records; `None` at the end.
    pub(in crate::import) fn next(&mut self) -> Result<Option<Source>, Box<Problem>> {
        let first = self.rows + 1;
        let (mut json, mut lines) = (String::new(), Vec::new());
        while json.len() < AT_A_TIME && self.advance()? {
            for (i, (key, value)) in self.keys.iter().zip(&self.row).enumerate() {
                json.push(if i == 0 { '{' } else { ',' });
                json.push_str(key);
                json.push(':');
                json.push_str(&serde_json::to_string(value).unwrap_or_default());
            }
            json.push_str("}\n");
            let place = self.row.position().cloned();
            lines.push(self.line(place.as_ref()));
        }
        self.rows += lines.len();
        if self.rows == 0 {
            let message = "the file has a header and no rows";
            return Err(Box::new(Problem::error(&self.path, message)));
        }
        Ok((!lines.is_empty()).then(|| Source {
            path: self.path.clone(),
            text: json,
            first,
            lines,
            entries: Vec::new(),
            not_numbers: 0,
            replaced: 0,
        }))
    }

    /// Reads a row; false at the end.
    fn advance(&mut self) -> Result<bool, Box<Problem>> {
        let read = self.reader.read_record(&mut self.row);
        let start = match &read {
            Ok(_) => self.row.position(),
            Err(error) => error.position(),
        };
        if let Some(problem) = start.and_then(|start| self.wrong_quote(start)) {
            return Err(Box::new(problem));
        }
        read.map_err(|error| {
            let message = match error.kind() {
                csv::ErrorKind::UnequalLengths {
                    expected_len, len, ..
                } => {
                    format!("the row has {len} fields, expected {expected_len} as in the header")
                }
                _ => format!("the row cannot be read: {error}"),
            };
            let line = self.line(error.position());
            Box::new(Problem::error(&self.path, message).line(line))
        })
    }

    /// What is wrong with the quotes of the row that was read last, from its place.
    fn wrong_quote(&self, start: &csv::Position) -> Option<Problem> {
        let text = self.reader.get_ref().get_ref();
        let start = start.byte() as usize;
        let row = text.get(start..self.reader.position().byte() as usize)?;
        let quotes::Wrong { at, message } = quotes::row(row, self.separator)?;
        let (line, column) = place_after(&text[..start + at]);
        let problem = Problem::error(&self.path, message).line(line);
        Some(problem.column(column).help(quotes::HELP))
    }

    /// The line on which a row stands that was read from a place.
    fn line(&mut self, position: Option<&csv::Position>) -> usize {
        let start = position.map_or(0, |position| position.byte() as usize);
        let text = self.reader.get_ref().get_ref();
        // The reader gives the place where the row before ended; the rest of that line's
        // end and blank lines may follow it.
        let rest = text.get(start..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        self.lines.of(text, start + blank.count())
    }
}

/// Whether a text begins as a JSON object or list does.
fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix(['{', '[']) else {
        return false;
    };
    let begins = |c: char| matches!(c, '{' | '}' | '[' | ']' | '"' | '-' | '0'..='9');
    inner.trim_start().starts_with(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Pieces {
        let bytes = text.as_bytes().to_vec();
        Pieces::open(Path::new("c.csv"), bytes, &Mapping::default()).unwrap()
    }

    #[test]
    fn rows_are_on_the_lines_of_the_file() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "\nleft,right,winner\n\na,\"b\nc\",left\na,b,tie\n\n\nb,a,left\n";
            let mut pieces = pieces(&text.replace('\n', end));
            let source = pieces.next().unwrap().unwrap();
            assert_eq!(source.lines, [4, 6, 9], "{end:?}");
            assert!(pieces.next().unwrap().is_none());
            let ragged = text.replace("b,a,left", "b,a").replace('\n', end);
            let problem = self::pieces(&ragged).next().unwrap_err();
            assert_eq!(problem.line, Some(9), "{end:?}");
        }
    }

    #[test]
    fn a_line_that_names_the_separator_is_no_header_and_is_counted() {
        let mut pieces = pieces("sep=;\r\nleft;right;winner\r\na,b;c;left\r\n");
        let source = pieces.next().unwrap().unwrap();
        assert_eq!(
            source.text,
            "{\"left\":\"a,b\",\"right\":\"c\",\"winner\":\"left\"}\n"
        );
        assert_eq!(source.lines, [3]);
    }

    #[test]
    fn a_quote_that_swallows_rows_is_an_error_at_its_place() {
        let header = "left,reply,right,winner\n";
        for (rows, line, column) in [
            ("a,\"ü\",b,left\na,\"x,b,left\na,\"y\",b,tie\n", 4, 4),
            ("a,\"ü\",b,left\n\na,\"x,b,tie\n", 4, 3),
            ("a,\"p\nq\" z,b,left\n", 3, 4),
        ] {
            let problem = pieces(&format!("{header}{rows}")).next().unwrap_err();
            assert_eq!(problem.help.as_deref(), Some(quotes::HELP), "{problem}");
            assert_eq!(
                (problem.line, problem.column),
                (Some(line), Some(column)),
                "{problem}"
            );
        }
        let sound = "a,\"p\nq, \"\"z\"\"\" ,b,left\na,say \"x\",b,tie\n";
        assert!(pieces(&format!("{header}{sound}")).next().is_ok());
    }

    #[test]
    fn pieces_are_numbered_on() {
        let long = "x".repeat(AT_A_TIME / 2);
        let row = format!("{long},b,tie\n");
        let mut pieces = pieces(&format!("left,right,winner\n{}", row.repeat(5)));
        let mut seen = Vec::new();
        while let Some(source) = pieces.next().unwrap() {
            for record in source.records().unwrap() {
                seen.push((record.row, source.line(&record).unwrap()));
            }
        }
        assert_eq!(seen, [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]);
    }
}
