//! Tables of separated values.

use super::{Column, ReadCell, ReadRow, Rows, Table};
use crate::input::quotes::{self, Wrong};
use crate::input::source::Source;
use crate::problem::Problem;
use crate::text::{counted, separator};

pub(super) fn read(source: Source, problems: &mut Vec<Problem>) -> Option<Table> {
    let text = source.text.as_bytes();
    let separator = separator::of(text);
    let begin = separator::declaration(text);
    let mut columns: Option<Vec<Column>> = None;
    let mut rows = Rows::default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(&text[begin..]);
    let place_of = |position: Option<&csv::Position>| {
        begin + position.map_or(0, |position| position.byte() as usize)
    };
    let mut record = csv::StringRecord::new();
    let mut lacks_rows = false;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {
                let read_from = place_of(record.position());
                let row = csv_row(&source, separator, read_from, &record, problems);
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
                let (line, column) = source.place(place_of(error.position()));
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
    let found = counted(cells as u64, "cell");
    let message = format!("this row has {found}, the header has {width}");
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
    read_from: usize,
    record: &csv::StringRecord,
    problems: &mut Vec<Problem>,
) -> ReadRow {
    let text = &source.text;
    // The reader counts blank lines before a record as part of it.
    let offset = read_from + text[read_from..].len()
        - text[read_from..].trim_start_matches(['\r', '\n']).len();
    let mut at = offset;
    let mut broken = false;
    let mut cells = Vec::with_capacity(record.len());
    for cell in record {
        let (end, wrong) = quotes::cell(text.as_bytes(), separator, at);
        if let Some(Wrong { at, message }) = wrong {
            let (line, column) = source.place(at);
            let problem = Problem::error(&source.path, message);
            problems.push(problem.line(line).column(column).help(quotes::HELP));
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
