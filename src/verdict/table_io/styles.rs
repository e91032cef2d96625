//! Covariates of the two answers that a row compares, and not of the question: numbers
//! that differ between the rows of an item.

use std::borrow::Cow;

use super::columns::{COVARIATE, Columns};
use super::fault::Fault;
use super::source::Row;
use crate::verdict::table::{Item, Style, VerdictTable};

/// Takes a covariate of items for one of answers, which every value must be a number for;
/// false where one is not.
pub(super) fn widen(table: &mut VerdictTable, covariate: usize) -> bool {
    let of_item = |item: &Item| number(value(item, covariate));
    let Some(of_item) = table
        .items
        .iter()
        .map(of_item)
        .collect::<Option<Vec<f64>>>()
    else {
        return false;
    };
    let judgments = table.judgments.iter();
    let numbers = judgments.map(|judgment| of_item[judgment.item as usize]);
    let style = Style {
        covariate,
        numbers: numbers.collect(),
    };
    table.styles.push(style);
    true
}

/// Whether two values are the same, as texts or as numbers.
pub(super) fn same(a: &str, b: &str) -> bool {
    let bits = |text| number(text).map(f64::to_bits);
    a == b || (bits(a).is_some() && bits(a) == bits(b))
}

/// What an item has of a covariate, or an empty text.
pub(super) fn value(item: &Item, covariate: usize) -> &str {
    let value = item.question.covariates.get(covariate);
    value.and_then(Option::as_deref).unwrap_or_default()
}

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

/// Whether a text is a number, or nothing.
pub(super) fn is_number(text: &str) -> bool {
    number(text).is_some()
}

/// A number; NaN for nothing, and `None` for anything else.
fn number(text: &str) -> Option<f64> {
    match text.trim() {
        "" => Some(f64::NAN),
        text => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}
