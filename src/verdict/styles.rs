//! Covariates of the two answers of a judgment, and not of the question: numbers that
//! differ between the rows of an item. See [`Style`].

use super::table::{Item, ItemQuestion, Shared, Style, VerdictTable};

/// Takes a covariate of items for one of answers, which every value must be a number for;
/// false where one is not. What items have of it is taken away by [`finish`].
pub(crate) fn widen(table: &mut VerdictTable, covariate: usize) -> bool {
    let of_item = |item: &Item| number(value(&item.question.covariates, covariate));
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

/// Takes the covariates of answers away from the items.
pub(crate) fn finish(table: &mut VerdictTable, questions: &mut Shared<ItemQuestion>) {
    if table.styles.is_empty() {
        return;
    }
    let is_style = |i: usize| table.styles.iter().any(|style| style.covariate == i);
    for item in &mut table.items {
        let values = item.question.covariates.iter().cloned().enumerate();
        let covariates = values.map(|(i, value)| value.filter(|_| !is_style(i)));
        item.question = questions.one(ItemQuestion {
            covariates: covariates.collect(),
            ..ItemQuestion::clone(&item.question)
        });
    }
}

/// Whether two values are the same, as texts or as numbers.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let bits = |text| number(text).map(f64::to_bits);
    a == b || (bits(a).is_some() && bits(a) == bits(b))
}

/// What is given of a covariate, or an empty text.
pub(crate) fn value<T: AsRef<str>>(covariates: &[Option<T>], covariate: usize) -> &str {
    let value = covariates.get(covariate).and_then(Option::as_ref);
    value.map(AsRef::as_ref).unwrap_or_default()
}

/// What other programs write for a number that is not there.
const NOTHING: [&str; 6] = ["", "nan", "na", "n/a", "null", "none"];

/// A number; NaN for nothing, and `None` for anything else.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_nothing = |word: &&str| text.eq_ignore_ascii_case(word);
    if NOTHING.iter().any(is_nothing) {
        return Some(f64::NAN);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
