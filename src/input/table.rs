//! CSV and JSONL files as one kind of table: columns, and rows of cells that know
//! where they stand.
//!
//! Reading goes on after everything that is wrong with a row, so that all of it is
//! shown at once. Line numbers are those of the file, also after cells that hold
//! line breaks.

mod csv;
mod jsonl;

use std::path::Path;

use super::source::Source;
use crate::problem::Problem;
use crate::text::{binary, misnamed};

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
#[derive(Clone)]
struct ReadRow {
    offset: usize,
    cells: Vec<Option<ReadCell>>,
    broken: bool,
}

#[derive(Clone)]
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
    pub(crate) fn read(
        file: &Path,
        bytes: impl Into<Vec<u8>>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let bytes = bytes.into();
        if let Some((what, help)) = binary::what(&bytes) {
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
        if let Some((what, help)) = misnamed::what(&source.text, csv) {
            let problem = Problem::error(file, what).line(1).column(1);
            problems.push(problem.help(help));
            return None;
        }
        let mut found = Vec::new();
        let table = if csv {
            csv::read(source, &mut found)
        } else {
            Some(jsonl::read(source, &mut found))
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

/// Whether a text begins with a JSON object, or with a list of them, which is told of then.
fn is_json(text: &str) -> bool {
    let list = text.strip_prefix('[');
    text.starts_with('{') || list.is_some_and(|list| list.trim_start().starts_with('{'))
}

/// By the file's extension, else by how it begins.
fn is_csv(file: &Path, text: &str) -> bool {
    let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("csv") => true,
        Some("jsonl" | "ndjson" | "jsonlines") => false,
        _ => !is_json(text.trim_start()),
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
        assert!(!kind("a.json", "[\n  {\"id\": 1}\n]"));
        assert!(kind("a.txt", "[id],text\n"));
    }

    #[test]
    fn a_line_that_names_the_separator_is_no_header() {
        let (table, problems) = read("t.csv", "sep=;\r\nid;text\r\nq0;a,b,c\r\n");
        assert!(problems.is_empty(), "{problems:?}");
        let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["id", "text"]);
        let row = table.rows().next().unwrap();
        assert_eq!(row.word(Some(1)), Some("a,b,c"));
        assert_eq!(table.source.place(row.offset()).0, 3);
    }

    #[test]
    fn a_list_of_objects_is_told_to_be_one_object_a_line() {
        let mut problems = Vec::new();
        let text = "[{\"custom_id\": \"Q1_a\", \"response\": \"1\"}]";
        assert!(Table::read(Path::new("a.json"), text.as_bytes(), &mut problems).is_none());
        assert!(
            problems[0]
                .to_string()
                .starts_with("a.json:1:1: this is a JSON list, not JSONL"),
            "{problems:?}"
        );
    }

    #[test]
    fn a_table_that_is_not_what_its_name_says_is_told_as_what_it_is_and_nothing_else_of_it() {
        for (name, text, expected) in [
            (
                "a.csv",
                "[{\"id\": \"q1\", \"n\": 1}]",
                "a.csv:1:1: this is a JSON list, not CSV",
            ),
            (
                "a.csv",
                "{\"id\": \"q1\"}\n{\"id\": \"q2\"}\n",
                "a.csv:1:1: this is JSON, not CSV",
            ),
            (
                "a.jsonl",
                "id,text\nq1,a\nq2,b\n",
                "a.jsonl:1:1: this is CSV, not JSONL",
            ),
        ] {
            let mut problems = Vec::new();
            assert!(Table::read(Path::new(name), text.as_bytes(), &mut problems).is_none());
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].to_string().starts_with(expected),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn a_quote_within_a_quoted_cell_that_is_not_doubled_is_an_error_and_blanks_after_it_are_not() {
        let text = "id,text\nq0,say \"hi\" now\nq1,\"a\"b\nq2,\"a\" \nq3,\"\" \"x\"\n";
        let (table, problems) = read("t.csv", text);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let after = "this stands after the double quote that closes its cell";
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with(&format!("t.csv:3:7: {after}")),
            "{told:?}"
        );
        assert!(
            told[1].starts_with(&format!("t.csv:5:7: {after}")),
            "{told:?}"
        );
        let broken: Vec<bool> = table.rows().map(Row::is_broken).collect();
        assert_eq!(broken, [false, true, false, true]);
    }

    #[test]
    fn a_line_of_a_batch_has_its_reply_and_how_that_ended() {
        let line = |choice: &str| {
            format!(
                r#"{{"custom_id":"q_p","response":{{"status_code":200,"body":{{"choices":[{choice}]}}}}}}"#
            )
        };
        for (choice, expected) in [
            (
                r#"{"message":{"content":"a"},"finish_reason":"stop"}"#,
                [Some("a"), Some("stop")],
            ),
            (
                r#"{"message":{"content":"a"},"finish_reason":"length"}"#,
                [Some("a"), Some("length")],
            ),
            (
                r#"{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}"#,
                [Some("no"), Some("refusal")],
            ),
            (
                r#"{"message":{"content":[{"type":"text","text":"b"}],"refusal":""}}"#,
                [Some("b"), None],
            ),
            (
                r#"{"message":{"content":null},"finish_reason":"content_filter"}"#,
                [None, Some("content_filter")],
            ),
            (
                r#"{"text":"Answer: 3","index":0,"finish_reason":"length"}"#,
                [Some("Answer: 3"), Some("length")],
            ),
            ("", [None, None]),
        ] {
            let (table, problems) = read("b.jsonl", &line(choice));
            assert_eq!(problems, []);
            let row = table.rows().next().unwrap();
            let cells = ["response", "finish_reason"].map(|name| row.word(table.column(name)));
            assert_eq!(cells, expected, "{choice}");
        }
    }

    #[test]
    fn a_line_of_a_batch_with_several_choices_is_a_row_each() {
        let line = r#"{"custom_id":"q_p","response":{"body":{"choices":[{"message":{"content":"a"},"finish_reason":"stop"},{"message":{"content":"b"},"finish_reason":"length"}]}},"error":null}"#;
        let (table, problems) = read("b.jsonl", line);
        assert_eq!(problems, []);
        let rows: Vec<_> = table
            .rows()
            .map(|row| {
                ["custom_id", "response", "finish_reason"].map(|name| row.word(table.column(name)))
            })
            .collect();
        assert_eq!(
            rows,
            [
                [Some("q_p"), Some("a"), Some("stop")],
                [Some("q_p"), Some("b"), Some("length")]
            ]
        );
    }

    #[test]
    fn a_line_of_a_batch_of_responses_is_read_too() {
        for (body, expected) in [
            (
                r#""output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"a"}]}],"incomplete_details":null"#,
                [Some("a"), None],
            ),
            (
                r#""output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}],"incomplete_details":{"reason":"max_output_tokens"}"#,
                [Some("a"), Some("length")],
            ),
            (
                r#""output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]"#,
                [Some("no"), Some("refusal")],
            ),
            (
                r#""output":[{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]},{"type":"message","content":[{"type":"output_text","text":"Answer: 2"}]}]"#,
                [Some("ab\nAnswer: 2"), None],
            ),
            (r#""output":[]"#, [None, None]),
        ] {
            let line = format!(r#"{{"custom_id":"q_p","response":{{"body":{{{body}}}}}}}"#);
            let (table, problems) = read("b.jsonl", &line);
            assert_eq!(problems, []);
            let row = table.rows().next().unwrap();
            let cells = ["response", "finish_reason"].map(|name| row.word(table.column(name)));
            assert_eq!(cells, expected, "{body}");
        }
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
