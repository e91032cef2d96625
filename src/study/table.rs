//! CSV and JSONL files as one kind of table: columns, and rows of cells that know
//! where they stand.
//!
//! Reading goes on after everything that is wrong with a row, so that all of it is
//! shown at once. Line numbers are those of the file, also after cells that hold
//! line breaks.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::source::{Source, shown};
use crate::problem::Problem;
use crate::text::{binary, separator};

/// A table with the text that it was read from.
///
/// A cell is kept as its place in that text, since tables may have millions of them.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) source: Source,
    /// In file order; for JSONL in the order in which keys first appear.
    pub(crate) columns: Vec<Column>,
    rows: Rows,
    /// Whether some rows could not be told apart, so that they are not here.
    pub(crate) lacks_rows: bool,
    /// Whether a cell is one of CSV, where nothing and an empty text are the same.
    pub(crate) csv: bool,
}

/// A column and where its name stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) offset: usize,
}

/// Where rows and their cells are.
#[derive(Debug, Default)]
struct Rows {
    places: Vec<RowPlace>,
    cells: Vec<CellPlace>,
    /// Texts that the file writes otherwise, with quotes or escapes.
    decoded: Vec<Box<str>>,
}

#[derive(Debug)]
struct RowPlace {
    offset: u32,
    first_cell: u32,
    broken: bool,
}

#[derive(Debug, Clone, Copy)]
struct CellPlace {
    offset: u32,
    end: u32,
    text: TextPlace,
}

/// Where the text of a cell is.
#[derive(Debug, Clone, Copy)]
enum TextPlace {
    /// The row does not have the cell.
    Absent,
    /// In the file as it is.
    Plain,
    /// In the file, between quotes.
    Quoted,
    /// In [`Rows::decoded`].
    Decoded(u32),
}

/// A row; cells after the last one it has are empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'t> {
    table: &'t Table,
    index: usize,
}

/// What a cell holds and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'t> {
    pub(crate) text: &'t str,
    pub(crate) offset: usize,
    end: usize,
}

/// A row while it is read.
struct ReadRow {
    offset: usize,
    cells: Vec<Option<ReadCell>>,
    broken: bool,
}

struct ReadCell {
    text: String,
    offset: usize,
    end: usize,
}

impl<'t> Row<'t> {
    /// Where the row begins in the file.
    pub(crate) fn offset(self) -> usize {
        self.table.rows.places[self.index].offset as usize
    }

    /// Something was wrong with the row as such, and has been reported.
    pub(crate) fn is_broken(self) -> bool {
        self.table.rows.places[self.index].broken
    }

    /// The cell of this column, if the row has it.
    pub(crate) fn cell(self, column: Option<usize>) -> Option<Cell<'t>> {
        let place = self.places().get(column?)?;
        self.table.cell(*place)
    }

    /// The text of a cell without blanks around it; `None` where it is empty.
    pub(crate) fn word(self, column: Option<usize>) -> Option<&'t str> {
        let text = self.cell(column)?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Where a cell stands, or the row where it lacks the cell.
    pub(crate) fn offset_of(self, column: Option<usize>) -> usize {
        self.cell(column).map_or(self.offset(), |cell| cell.offset)
    }

    /// The cells in column order.
    fn places(self) -> &'t [CellPlace] {
        let Rows { places, cells, .. } = &self.table.rows;
        let first = places[self.index].first_cell as usize;
        let next = places.get(self.index + 1);
        let end = next.map_or(cells.len(), |next| next.first_cell as usize);
        &cells[first..end]
    }
}

impl Rows {
    fn push(&mut self, source: &Source, row: &ReadRow) {
        self.places.push(RowPlace {
            offset: row.offset as u32,
            first_cell: self.cells.len() as u32,
            broken: row.broken,
        });
        for cell in &row.cells {
            let place = match cell {
                None => CellPlace {
                    offset: row.offset as u32,
                    end: row.offset as u32,
                    text: TextPlace::Absent,
                },
                Some(cell) => CellPlace {
                    offset: cell.offset as u32,
                    end: cell.end as u32,
                    text: self.text_place(source, cell),
                },
            };
            self.cells.push(place);
        }
    }

    fn text_place(&mut self, source: &Source, cell: &ReadCell) -> TextPlace {
        let written = &source.text[cell.offset..cell.end];
        if written == cell.text {
            return TextPlace::Plain;
        }
        let inner = written.strip_prefix('"').and_then(|w| w.strip_suffix('"'));
        if inner == Some(&cell.text) {
            return TextPlace::Quoted;
        }
        self.decoded.push(cell.text.as_str().into());
        TextPlace::Decoded(self.decoded.len() as u32 - 1)
    }
}

impl Table {
    /// Reads a table; `None` where nothing of it can be read.
    pub(crate) fn read(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Self> {
        if let Some((what, help)) = binary::what(bytes) {
            problems.push(Problem::error(file, what).help(help));
            return None;
        }
        if u32::try_from(bytes.len()).is_err() {
            let problem = Problem::error(file, "this table is larger than 4 GiB");
            problems.push(problem.help("split it"));
            return None;
        }
        let source = Source::new(file, bytes);
        if source.is_utf16() {
            problems.extend(source.encoding_problem());
            return None;
        }
        let csv = is_csv(file, &source.text);
        let mut found = Vec::new();
        let table = if csv {
            read_csv(source, &mut found)
        } else {
            read_jsonl(source, &mut found)
        };
        problems.append(&mut found);
        let table = table?;
        table.report_encoding(problems);
        Some(table)
    }

    /// In file order.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.rows.places.len()).map(|index| Row { table: self, index })
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.places.is_empty()
    }

    fn cell(&self, place: CellPlace) -> Option<Cell<'_>> {
        let (offset, end) = (place.offset as usize, place.end as usize);
        let text = match place.text {
            TextPlace::Absent => return None,
            TextPlace::Plain => &self.source.text[offset..end],
            TextPlace::Quoted => &self.source.text[offset + 1..end - 1],
            TextPlace::Decoded(index) => &self.rows.decoded[index as usize],
        };
        Some(Cell { text, offset, end })
    }

    /// The index of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Reports the cells that are not UTF-8, or the file as a whole where they are
    /// many or not in cells.
    fn report_encoding(&self, problems: &mut Vec<Problem>) {
        const SHOWN: usize = 10;
        let first_row = self.rows().next().map_or(usize::MAX, Row::offset);
        let outside_cells = self.source.undecoded_in(0..first_row).is_some();
        let found: Vec<_> = self.undecoded_cells().take(SHOWN + 1).collect();
        if found.is_empty() || found.len() > SHOWN || outside_cells {
            problems.extend(self.source.encoding_problem());
        } else {
            problems.extend(found);
        }
    }

    fn undecoded_cells(&self) -> impl Iterator<Item = Problem> {
        let cells = self
            .rows()
            .flat_map(|row| row.places().iter().zip(&self.columns));
        cells.filter_map(|(place, column)| {
            let cell = self.cell(*place)?;
            let offset = self.source.undecoded_in(cell.offset..cell.end)?;
            let problem = self.source.error(offset, &column.name, "this is not UTF-8");
            Some(problem.help("save the file as UTF-8"))
        })
    }
}

/// By the file's extension, else by its first character.
fn is_csv(file: &Path, text: &str) -> bool {
    let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("csv") => true,
        Some("jsonl" | "ndjson" | "jsonlines") => false,
        _ => !text.trim_start().starts_with('{'),
    }
}

fn read_csv(source: Source, problems: &mut Vec<Problem>) -> Option<Table> {
    let separator = separator::of(source.text.as_bytes());
    let mut columns: Option<Vec<Column>> = None;
    let mut rows = Rows::default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(source.text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut lacks_rows = false;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {
                let row = csv_row(&source, separator, &record, problems);
                lacks_rows |= row.broken;
                if let Some(columns) = &columns {
                    if let Some(row) = whole_row(&source, separator, row, columns, problems) {
                        rows.push(&source, &row);
                    }
                } else {
                    columns = Some(csv_columns(&source, row, problems));
                }
            }
            Ok(false) => break,
            Err(error) => {
                let offset = error.position().map_or(0, |p| p.byte() as usize);
                let (line, column) = source.place(offset);
                let problem = Problem::error(&source.path, format!("not CSV: {error}"));
                problems.push(problem.line(line).column(column));
                lacks_rows = true;
                break;
            }
        }
    }
    let Some(columns) = columns else {
        problems.push(
            Problem::error(&source.path, "this table is empty")
                .line(1)
                .column(1)
                .help("its first line names the columns"),
        );
        return None;
    };
    Some(Table {
        source,
        columns,
        rows,
        lacks_rows,
        csv: true,
    })
}

/// The row, no wider than the table; `None` where it is blank.
fn whole_row(
    source: &Source,
    separator: u8,
    mut row: ReadRow,
    columns: &[Column],
    problems: &mut Vec<Problem>,
) -> Option<ReadRow> {
    let width = columns.len();
    let blank = row
        .cells
        .iter()
        .flatten()
        .all(|cell| cell.text.trim().is_empty());
    if blank && row.cells.len() < width.max(2) {
        return None;
    }
    if row.cells.len() != width {
        problems.push(ragged(source, separator, &row, columns));
        row.broken = true;
        row.cells.truncate(width);
    }
    Some(row)
}

fn ragged(source: &Source, separator: u8, row: &ReadRow, columns: &[Column]) -> Problem {
    let (cells, width) = (row.cells.len(), columns.len());
    let count = |n: usize| {
        if n == 1 {
            format!("{n} cell")
        } else {
            format!("{n} cells")
        }
    };
    let message = format!("this row has {}, the header has {width}", count(cells));
    let (one, many) = separator::named(separator);
    if cells < width {
        let help = format!("an empty cell still needs its {one}");
        let field = columns[cells].name.as_str();
        return source.error(row.offset, field, message).help(help);
    }
    let help = format!("a text with {many} in it needs double quotes around it");
    if let Some(split) = split_text(row, width) {
        let at = offset_of(row, split);
        return source.error(at, &columns[split].name, message).help(help);
    }
    let (line, column) = source.place(offset_of(row, width));
    Problem::error(&source.path, message)
        .line(line)
        .column(column)
        .help(help)
}

/// Where a cell stands, or the row where it lacks the cell.
fn offset_of(row: &ReadRow, column: usize) -> usize {
    let cell = row.cells.get(column).and_then(Option::as_ref);
    cell.map_or(row.offset, |cell| cell.offset)
}

/// The cell of a row with too many that a separator within it seems to have split:
/// what follows it begins with a blank, as after a comma in a text.
fn split_text(row: &ReadRow, width: usize) -> Option<usize> {
    let starts_blank = |cell: &Option<ReadCell>| {
        let text = cell.as_ref().map_or("", |cell| cell.text.as_str());
        text.starts_with(' ') && !text.trim().is_empty()
    };
    let rest = row.cells.get(1..)?;
    let split = rest.iter().position(starts_blank)?;
    (split < width).then_some(split)
}

fn csv_row(
    source: &Source,
    separator: u8,
    record: &csv::StringRecord,
    problems: &mut Vec<Problem>,
) -> ReadRow {
    let text = &source.text;
    let read_from = record.position().map_or(0, |p| p.byte() as usize);
    // The reader counts blank lines before a record as part of it.
    let offset = read_from + text[read_from..].len()
        - text[read_from..].trim_start_matches(['\r', '\n']).len();
    let mut at = offset;
    let mut broken = false;
    let mut cells = Vec::with_capacity(record.len());
    for cell in record {
        let end = cell_end(text.as_bytes(), separator, at);
        if end.is_none() {
            let (line, column) = source.place(at);
            problems.push(
                Problem::error(
                    &source.path,
                    "the double quote that opens this cell is never closed",
                )
                .line(line)
                .column(column)
                .help("write a double quote within a quoted cell twice"),
            );
            broken = true;
        }
        let end = end.unwrap_or(text.len());
        cells.push(Some(ReadCell {
            text: cell.to_owned(),
            offset: at,
            end,
        }));
        at = end + 1;
    }
    ReadRow {
        offset,
        cells,
        broken,
    }
}

/// Where the cell that begins here ends, before its separator or line end; `None`
/// where its quotes are not closed.
fn cell_end(bytes: &[u8], separator: u8, start: usize) -> Option<usize> {
    let mut at = start.min(bytes.len());
    if bytes.get(at) == Some(&b'"') {
        at += 1;
        loop {
            at += bytes[at..].iter().position(|byte| *byte == b'"')? + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
    }
    let rest = bytes[at..]
        .iter()
        .position(|byte| *byte == separator || matches!(byte, b'\n' | b'\r'));
    Some(rest.map_or(bytes.len(), |length| at + length))
}

fn csv_columns(source: &Source, header: ReadRow, problems: &mut Vec<Problem>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for cell in header.cells.into_iter().flatten() {
        let name = cell.text.trim().to_owned();
        let error =
            |message: String, help: &str| source.error(cell.offset, &name, message).help(help);
        if name.is_empty() {
            let (line, column) = source.place(cell.offset);
            problems.push(
                Problem::error(&source.path, "this column has no name")
                    .line(line)
                    .column(column)
                    .help("name it in the first line, or take it out"),
            );
        } else if let Some(first) = columns.iter().find(|column| column.name == name) {
            let (_, column) = source.place(first.offset);
            let message = format!("this column stands twice, first at column {column} of the line");
            problems.push(error(message, "rename one, or take it out"));
        } else if name.chars().any(char::is_control) {
            problems.push(error(
                "this name of a column has control characters in it".to_owned(),
                "rename it",
            ));
        }
        columns.push(Column {
            name,
            offset: cell.offset,
        });
    }
    columns
}

fn read_jsonl(source: Source, problems: &mut Vec<Problem>) -> Option<Table> {
    if source.text.trim_start().starts_with('[') {
        let problem = Problem::error(&source.path, "this is a JSON list, not JSONL");
        problems.push(
            problem
                .line(1)
                .column(1)
                .help("write one object a line, without the list around them"),
        );
        return None;
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut rows = Rows::default();
    let mut lacks_rows = false;
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let content = line.trim_end();
        if !content.trim_start().is_empty() {
            match jsonl_row(&source, content, offset, &mut columns, problems) {
                Some(row) => rows.push(&source, &row),
                None => lacks_rows = true,
            }
        }
        offset += line.len();
    }
    Some(Table {
        source,
        columns,
        rows,
        lacks_rows,
        csv: false,
    })
}

fn jsonl_row(
    source: &Source,
    line: &str,
    start: usize,
    columns: &mut Vec<Column>,
    problems: &mut Vec<Problem>,
) -> Option<ReadRow> {
    let object: Object<'_> = match serde_json::from_str(line) {
        Ok(object) => object,
        Err(error) => {
            let (row, column) = source.place(start + error.column().saturating_sub(1));
            let problem = Problem::error(&source.path, json_message(&error));
            problems.push(
                problem
                    .line(row)
                    .column(column)
                    .help("each line is one JSON object, such as {\"id\": \"p1\"}"),
            );
            return None;
        }
    };
    let mut row = ReadRow {
        offset: start,
        cells: Vec::new(),
        broken: false,
    };
    let mut seen = HashSet::new();
    for (name, raw) in object.0 {
        let within = raw.get().as_ptr() as usize - line.as_ptr() as usize;
        let offset = start + within;
        let index = columns.iter().position(|column| column.name == name);
        let index = index.unwrap_or_else(|| {
            columns.push(Column {
                name: name.clone(),
                offset,
            });
            columns.len() - 1
        });
        let wrong = match &cell_text(&name, raw.get()) {
            _ if !seen.insert(index) => Some("this key stands twice in one object"),
            Err(message) => Some(*message),
            Ok(text) => {
                if row.cells.len() <= index {
                    row.cells.resize_with(index + 1, || None);
                }
                row.cells[index] = text.clone().map(|text| ReadCell {
                    text,
                    offset,
                    end: offset + raw.get().len(),
                });
                None
            }
        };
        if let Some(message) = wrong {
            problems.push(source.error(offset, shown(&name), message));
            row.broken = true;
        }
    }
    Some(row)
}

/// The error without the place that `serde_json` adds to it.
fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    format!("not a JSON object: {message}")
}

/// The text of a JSON value: numbers stay as they are written, so that an id such
/// as `007.0` or one of twenty digits is not changed; null is no text.
///
/// A line of a batch's output has its reply deep within `response`, or an `error`.
fn cell_text(name: &str, raw: &str) -> Result<Option<String>, &'static str> {
    match (raw.as_bytes().first(), name) {
        (Some(b'"'), _) => serde_json::from_str(raw)
            .map(Some)
            .map_err(|_| "this text is not valid JSON"),
        (Some(b'{'), "response") if raw.contains("\"body\"") => Ok(reply_of_batch(raw)),
        (Some(b'{'), "error") => Ok(None),
        (Some(b'{' | b'['), _) => Err("expected a text or a number, found a nested value"),
        (Some(b'n'), _) => Ok(None),
        _ => Ok(Some(raw.to_owned())),
    }
}

/// What a model says in a batch's output, as OpenAI writes it: the content of the first
/// message, in one piece or several, else its refusal; nothing where the request failed.
fn reply_of_batch(raw: &str) -> Option<String> {
    let response: serde_json::Value = serde_json::from_str(raw).ok()?;
    let message = response.pointer("/body/choices/0/message")?;
    let content = match &message["content"] {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.collect()
        }
        _ => message["refusal"].as_str()?.to_owned(),
    };
    Some(content)
}

/// A JSON object with its keys in order and its values as they are written.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn read(name: &str, text: &str) -> (Table, Vec<Problem>) {
        let mut problems = Vec::new();
        let table = Table::read(Path::new(name), text.as_bytes(), &mut problems).unwrap();
        (table, problems)
    }

    /// Cells as they were read, each with the byte where it begins.
    fn cells(table: &Table) -> Vec<Vec<(String, usize)>> {
        let cell = |place: &CellPlace| table.cell(*place).map(|c| (c.text.to_owned(), c.offset));
        let row = |row: Row<'_>| row.places().iter().filter_map(cell).collect();
        table.rows().map(row).collect()
    }

    #[test]
    fn an_extension_that_says_nothing_leaves_it_to_the_text() {
        let kind = |name: &str, text: &str| is_csv(Path::new(name), text);
        assert!(kind("a.csv", "{}"));
        assert!(kind("a.CSV", "{}"));
        assert!(!kind("a.jsonl", "id"));
        assert!(!kind("a.txt", "\n {\"id\": 1}"));
        assert!(kind("a.txt", "id\n"));
        assert!(!kind("a", "{"));
    }

    #[test]
    fn a_cell_ends_at_its_comma_or_line_end() {
        let end = |text: &str| cell_end(text.as_bytes(), b',', 0);
        assert_eq!(end("ab,c"), Some(2));
        assert_eq!(end("\"a,\"\"b\n\",c"), Some(8));
        assert_eq!(end("\"a\"b,c"), Some(4));
        assert_eq!(end("a\"b\r\n"), Some(3));
        assert_eq!(end(""), Some(0));
        assert_eq!(end("\"a,b"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// The twin writes the file cell by cell and notes where each begins.
        #[test]
        fn csv_cells_stand_where_they_were_written(
            rows in prop::collection::vec(
                (prop::collection::vec(("[ab ,\"\n\u{e9}]{0,5}", any::<bool>()), 3), 0_usize..3, any::<bool>()),
                0..6,
            ),
        ) {
            let mut text = "x,y,z".to_owned();
            let mut written = Vec::new();
            for (row, blank_lines, windows) in &rows {
                let line_end = if *windows { "\r\n" } else { "\n" };
                text.push_str(&line_end.repeat(blank_lines + 1));
                let mut at = Vec::new();
                for (index, (cell, quoted)) in row.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    at.push((cell.clone(), text.len()));
                    if *quoted || cell.contains([',', '"', '\n']) {
                        let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
                    } else {
                        text.push_str(cell);
                    }
                }
                written.push(at);
            }
            let (table, problems) = read("t.csv", &text);
            prop_assert_eq!(problems, []);
            prop_assert_eq!(cells(&table), written);
        }

        #[test]
        fn jsonl_values_stand_where_they_were_written(
            rows in prop::collection::vec((any::<String>(), any::<i64>(), 0_usize..3), 0..6),
        ) {
            let mut text = String::new();
            let mut written = Vec::new();
            for (word, number, blank_lines) in &rows {
                text.push_str(&"\n".repeat(*blank_lines));
                text.push_str("{ \"a\" :  ");
                let first = (word.clone(), text.len());
                let _ = write!(text, "{}, \"b\":", serde_json::to_string(word).unwrap());
                written.push(vec![first, (number.to_string(), text.len())]);
                let _ = writeln!(text, "{number}}}");
            }
            let (table, problems) = read("t.jsonl", &text);
            prop_assert_eq!(problems, []);
            prop_assert_eq!(cells(&table), written);
        }
    }
}
