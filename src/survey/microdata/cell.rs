//! What a cell says: a code, a number, nothing.

use crate::input::source::shown;

/// Which of these values a cell has, as text or as number.
pub(super) fn one_of(cell: &[u8], values: &[String]) -> Option<usize> {
    let same = values.iter().position(|value| value.as_bytes() == cell);
    same.or_else(|| {
        let code = whole(std::str::from_utf8(cell).unwrap_or_default())?;
        values.iter().position(|value| whole(value) == Some(code))
    })
}

/// The whole number that a cell holds: `1`, `1.0`, `1,0`.
pub(in crate::survey) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(code) = text.parse() {
        return Some(code);
    }
    let number = decimal(text)?;
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// The number that a cell holds, with a decimal point or a decimal comma.
pub(in crate::survey) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = text
        .parse::<f64>()
        .or_else(|_| text.replacen(',', ".", 1).parse());
    number.ok().filter(|number| number.is_finite())
}

/// Whether a cell says nothing, in the ways of the usual programs.
pub(in crate::survey) fn is_blank(text: &str) -> bool {
    let text = text.trim();
    // Stata has missing values from `.` to `.z`.
    let is_stata = text.strip_prefix('.').is_some_and(|rest| {
        rest.is_empty() || (rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_lowercase()))
    });
    is_stata || matches!(text, "" | "NA" | "N/A" | "NaN" | "nan" | "NULL" | "#NULL!")
}

/// Whether a cell is a number with a comma in a file that is cut at commas: a separator of
/// thousands as likely as a decimal comma.
pub(super) fn is_unclear(text: &str, separator: u8) -> bool {
    separator == b',' && text.contains(',') && decimal(&text.replace(',', "")).is_some()
}

/// A weight; 0 of 0 where there is none.
pub(super) fn weight(cell: &[u8], separator: u8) -> Result<f64, Box<str>> {
    let text = String::from_utf8_lossy(cell);
    if is_unclear(&text, separator) {
        return Err(shown(&text).into());
    }
    if is_blank(&text) {
        return Ok(f64::NAN);
    }
    decimal(&text).ok_or_else(|| shown(&text).into())
}
