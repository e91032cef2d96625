//! From a file to an [`AnswerTable`], with every problem of the file at once.

use std::io::{self, Read};
use std::path::Path;

use super::Format;
use super::build::Builder;
use super::columns::{
    Columns, MISSING_REASON, MODEL, NAMES, OPTION, QUESTION, SCALE, TRUTH, TRUTH_DISTRIBUTION,
};
use crate::answers::AnswerTable;
use crate::problem::Problem;
use crate::verdict::table_io::source::{Problems, Source};

/// Reads an answers table; `file` is what problems call it.
///
/// # Errors
///
/// Every problem of the file, up to a limit, each with line, column and field.
pub fn read(
    file: &Path,
    reader: impl Read + Send,
    format: Format,
) -> Result<AnswerTable, Vec<Problem>> {
    Problems::or_all(file, |problems| read_rows(reader, format, problems))
}

fn read_rows(
    reader: impl Read + Send,
    format: Format,
    problems: &mut Problems<'_>,
) -> io::Result<AnswerTable> {
    let mut columns = Columns::default();
    let Some(source) = Source::open(reader, format, &mut columns, problems)? else {
        return Ok(AnswerTable::default());
    };
    if format == Format::Csv && !has_required(&columns, problems) {
        return Ok(AnswerTable::default());
    }
    let mut builder = Builder::new(format);
    source.each(&mut columns, problems, |row, columns, problems| {
        if let Err(fault) = builder.take(row, columns) {
            let known = |column| (NAMES[column], columns.slot(column));
            fault.add(row, known, problems);
        }
    })?;
    Ok(builder.finish(&columns, problems))
}

/// Whether a CSV has the columns that no row can do without.
fn has_required(columns: &Columns, problems: &mut Problems<'_>) -> bool {
    let mut missing: Vec<&str> = [QUESTION, MODEL, SCALE]
        .into_iter()
        .filter(|column| !columns.has(*column))
        .map(|column| NAMES[column])
        .collect();
    if !columns.has(OPTION) && !columns.has(MISSING_REASON) {
        missing.push("option");
    }
    if !columns.has(TRUTH) && !columns.has(TRUTH_DISTRIBUTION) {
        missing.push("truth (or truth_distribution)");
    }
    if missing.is_empty() {
        return true;
    }
    // Another file altogether: its first line is no header that could be gone through.
    if missing.len() >= 4 {
        problems.clear();
    }
    problems.add(|file| {
        let message = format!("the header lacks {}", missing.join(", "));
        let help = "an answers table has at least question, model, option, truth and scale";
        Problem::error(file, message).line(1).help(help)
    });
    false
}
