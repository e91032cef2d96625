//! From a file to a [`VerdictTable`], with every problem of the file at once.

use std::io::{self, Read};
use std::path::Path;

use super::Format;
use super::build::Builder;
use super::columns::{
    ANNOTATOR, CANDIDATE, CRITERION, Columns, JUDGE, NAMES, OPPONENT, OUTCOME, QUESTION, SCORE,
};
use super::source::{Problems, Source};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::verdict::labels::Labels;
use crate::verdict::table::VerdictTable;

/// Reads a verdict table; `file` is what problems call it.
///
/// # Errors
///
/// Every problem of the file, up to a limit, each with line, column and field.
pub fn read(
    file: &Path,
    reader: impl Read + Send,
    format: Format,
) -> Result<VerdictTable, Vec<Problem>> {
    read_columns(file, reader, format, Columns::default())
}

/// Reads a labels table; `file` is what problems call it.
///
/// # Errors
///
/// As [`read`]; and where no row can say whose label it is.
pub fn read_labels(
    file: &Path,
    reader: impl Read + Send,
    format: Format,
) -> Result<Labels, Vec<Problem>> {
    read_columns(file, reader, format, Columns::of_labels()).map(|table| Labels { table })
}

fn read_columns(
    file: &Path,
    reader: impl Read + Send,
    format: Format,
    columns: Columns,
) -> Result<VerdictTable, Vec<Problem>> {
    Problems::or_all(file, |problems| {
        read_rows(reader, format, columns, problems)
    })
}

fn read_rows(
    reader: impl Read + Send,
    format: Format,
    mut columns: Columns,
    problems: &mut Problems<'_>,
) -> io::Result<VerdictTable> {
    let Some(source) = Source::open(reader, format, &mut columns, problems)? else {
        return Ok(VerdictTable::default());
    };
    if format == Format::Csv && !has_required(&columns, problems) {
        return Ok(VerdictTable::default());
    }
    let mut builder = Builder::new(format);
    source.each(&mut columns, problems, |row, columns, problems| {
        if let Err(fault) = builder.take(row, columns) {
            let known = |column| (columns.name(column), columns.slot(column));
            fault.add(row, known, problems);
        }
    })?;
    Ok(builder.finish(&columns, problems))
}

/// Whether a CSV has the columns that no row can do without.
fn has_required(columns: &Columns, problems: &mut Problems<'_>) -> bool {
    let mut missing: Vec<&str> = [QUESTION, CANDIDATE, OPPONENT, CRITERION]
        .into_iter()
        .filter(|column| !columns.has(*column))
        .map(|column| NAMES[column])
        .collect();
    if columns.is_labels() && !columns.has(JUDGE) {
        missing.push(ANNOTATOR);
    }
    if !columns.has(OUTCOME) && !columns.has(SCORE) {
        missing.push("outcome (or score)");
    }
    if missing.is_empty() {
        return true;
    }
    // Another file altogether: its first line is no header that could be gone through.
    if missing.len() >= 5 {
        problems.clear();
    }
    problems.add(|file| {
        let message = format!("the header lacks {}", missing.join(", "));
        if !columns.in_other_case.is_empty() {
            let named: Vec<_> = columns.in_other_case.iter().map(|name| shown(name)).collect();
            let help = format!(
                "write the names of columns in lower case: {} stand there",
                named.join(", ")
            );
            return Problem::error(file, message).line(1).help(help);
        }
        let help = if columns.is_labels() {
            "a labels table has at least question, candidate, opponent, criterion, outcome and annotator; `oyer import csv FILE --column annotator=COLUMN … --results DIR` makes one of another CSV, and its folder is taken too"
        } else {
            "a verdict table has at least question, candidate, opponent, criterion and outcome"
        };
        Problem::error(file, message).line(1).help(help)
    });
    false
}
