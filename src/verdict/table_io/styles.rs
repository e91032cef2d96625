//! The numbers that a row has of the covariates of its two answers.

use std::borrow::Cow;

use super::columns::{COVARIATE, Columns};
use super::fault::Fault;
use super::source::Row;
use crate::verdict::styles::number;
use crate::verdict::table::{Style, VerdictTable};

/// The number that a row has of each of the table's styles.
pub(super) fn numbers<'a>(
    table: &VerdictTable,
    row: &'a Row<'_>,
    columns: &Columns,
    text: impl Fn(&'a str) -> Cow<'a, str>,
) -> Result<Vec<f64>, Fault> {
    let of = |style: &Style| {
        let (name, slot) = &columns.covariates[style.covariate];
        let text = text(row.at(Some(*slot)));
        number(&text).ok_or_else(|| Fault {
            column: None,
            field: Some(format!("{COVARIATE}{name}")),
            slot: Some(*slot),
            message: format!(
                "`{text}` is no number, expected one or nothing, because `{COVARIATE}{name}` differs within items"
            ),
            help: None,
        })
    };
    table.styles.iter().map(of).collect()
}

/// Whether the numbers of a row are those of the last judgment.
pub(super) fn continue_last(table: &VerdictTable, numbers: &[f64]) -> bool {
    let last = |style: &Style| style.numbers.last().copied().map(f64::to_bits);
    let pairs = table.styles.iter().zip(numbers);
    pairs
        .into_iter()
        .all(|(style, number)| last(style) == Some(number.to_bits()))
}
