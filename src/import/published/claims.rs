//! Values that were published, as an argument or a file gives them.
//!
//! A claim is `name=value`, or `subject:name=value`; or a row and column of a
//! leaderboard (CSV, the first column naming the subject; or `algorithm`, `item`
//! and `score`); or a field of a JSON object.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::import::packed;
use crate::import::source::{without_not_numbers, wrong_quote};
use crate::input::quotes;
use crate::input::source::shown;
use crate::problem::Problem;

/// Where a value stands that is no file's.
pub(super) const COMMAND_LINE: &str = "the command line";

/// One value that was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Whom it is about, where that is said.
    pub subject: Option<String>,
    /// The figure's name.
    pub name: String,
    /// The number as it was printed.
    pub printed: String,
    /// The number; none where a file has something else in the place of one.
    pub value: Option<f64>,
    /// Whether a percent sign was printed after it.
    pub is_percent: bool,
    /// Where it stands.
    pub from: String,
}

/// Why published values cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// The file cannot be read or unpacked.
    #[error("{0}")]
    Unread(Box<Problem>),
    /// The file is neither JSON nor a CSV with numbers.
    #[error("{}: {what}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The argument is neither a file nor `name=value`.
    #[error("`{0}` is neither a file nor a value such as win_rate=50.0")]
    Argument(String),
    /// The argument has a value and no name before it.
    #[error("`{0}` does not say what the value is of, expected such as win_rate=50.0")]
    Unnamed(String),
}

/// Claims of one argument: a file, or a value.
///
/// # Errors
///
/// When it is neither, or the file holds no values.
pub fn read_claims(argument: &str) -> Result<Vec<Claim>, PublishedError> {
    let path = Path::new(argument);
    if path.exists() {
        return of_file(path);
    }
    let no_value = || PublishedError::Argument(argument.to_owned());
    let (name, value) = argument.rsplit_once('=').ok_or_else(no_value)?;
    let is_percent = is_percent(value);
    let (printed, value) = printed_number(value).ok_or_else(no_value)?;
    let (subject, name) = match name.rsplit_once(':') {
        Some((subject, name)) => (Some(subject.to_owned()), name),
        None => (None, name),
    };
    if name.trim().is_empty() {
        return Err(PublishedError::Unnamed(argument.to_owned()));
    }
    Ok(vec![Claim {
        subject,
        name: name.trim().to_owned(),
        printed,
        value: Some(value),
        is_percent,
        from: COMMAND_LINE.to_owned(),
    }])
}

fn of_file(path: &Path) -> Result<Vec<Claim>, PublishedError> {
    let bytes = packed::read(path).map_err(PublishedError::Unread)?;
    let text = String::from_utf8(bytes).map_err(|_| PublishedError::File {
        path: path.to_owned(),
        what: "the file is no UTF-8 text; save it as UTF-8".to_owned(),
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    let from = path.display().to_string();
    // What Python writes for a figure that has no value.
    let is_json = text.trim_start().starts_with(['{', '[']);
    let plain = if is_json {
        without_not_numbers(&text)
    } else {
        None
    };
    let text = plain.map_or(text, |(plain, _)| plain);
    let claims = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(fields)) => of_object(&fields, &from),
        Ok(_) => Vec::new(),
        Err(error) if is_json => {
            return Err(PublishedError::File {
                path: path.to_owned(),
                what: format!("the file is not JSON: {error}"),
            });
        }
        Err(_) => {
            if let Some((line, column, message)) = wrong_quote(text.as_bytes()) {
                return Err(PublishedError::File {
                    path: path.to_owned(),
                    what: format!("line {line}, column {column}: {message}; {}", quotes::HELP),
                });
            }
            of_csv(&text, &from).map_err(|error| PublishedError::File {
                path: path.to_owned(),
                what: error.to_string(),
            })?
        }
    };
    if claims.iter().all(|claim| claim.value.is_none()) {
        return Err(PublishedError::File {
            path: path.to_owned(),
            what: "the file holds no published values: expected a CSV whose first column names a model, or a JSON object of figures".to_owned(),
        });
    }
    Ok(claims)
}

/// Figures of an object. One without numbers of its own holds an object for each
/// subject; one within the figures of a subject holds figures by part (`name: part`).
pub(super) fn of_object(fields: &Map<String, Value>, from: &str) -> Vec<Claim> {
    let is_of_subjects = fields.values().all(|value| printed_value(value).is_none());
    let mut claims = Vec::new();
    if !is_of_subjects {
        of_subject(fields, None, "", from, &mut claims);
        return claims;
    }
    for (subject, figures) in fields {
        if let Value::Object(figures) = figures {
            of_subject(figures, Some(subject), "", from, &mut claims);
        }
    }
    claims
}

fn of_subject(
    figures: &Map<String, Value>,
    subject: Option<&str>,
    whole: &str,
    from: &str,
    claims: &mut Vec<Claim>,
) {
    for (part, value) in figures {
        let name = format!("{whole}{part}");
        if let Value::Object(parts) = value {
            of_subject(parts, subject, &format!("{name}: "), from, claims);
        } else if let Some((printed, number)) = printed_or_text(value) {
            claims.push(Claim {
                subject: subject.map(str::to_owned),
                name,
                printed,
                value: number,
                is_percent: value.as_str().is_some_and(is_percent),
                from: from.to_owned(),
            });
        }
    }
}

/// What was printed, and its number if it is one; `None` where nothing is.
fn printed_or_text(value: &Value) -> Option<(String, Option<f64>)> {
    match value {
        Value::Number(number) => printed_cell(&number.to_string()),
        Value::String(text) => printed_cell(text),
        Value::Bool(_) | Value::Array(_) => Some((shown(&value.to_string()), None)),
        Value::Null | Value::Object(_) => None,
    }
}

/// The same of a cell.
fn printed_cell(text: &str) -> Option<(String, Option<f64>)> {
    match printed_number(text) {
        Some((printed, value)) => Some((printed, Some(value))),
        None if is_nothing(text) => None,
        None => Some((shown(text), None)),
    }
}

/// Whether a text stands for a value that is not there.
fn is_nothing(text: &str) -> bool {
    let word = text.trim().to_lowercase();
    ["", "-", "--", "nan", "na", "n/a", "null", "none"].contains(&word.as_str())
}

fn printed_value(value: &Value) -> Option<(String, f64)> {
    match value {
        Value::Number(number) => printed_number(&number.to_string()),
        Value::String(text) => printed_number(text),
        _ => None,
    }
}

pub(super) fn of_csv(text: &str, from: &str) -> Result<Vec<Claim>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let long = match (place("algorithm"), place("item"), place("score")) {
        (Some(algorithm), Some(item), Some(score)) => Some((algorithm, item, score)),
        _ => None,
    };
    let mut claims = Vec::new();
    for record in reader.records() {
        let record = record?;
        let at = |column: usize| record.get(column).unwrap_or_default();
        let mut push = |subject: &str, name: &str, text: &str| {
            if let Some((printed, value)) = printed_cell(text) {
                claims.push(Claim {
                    subject: Some(subject.to_owned()),
                    name: name.to_owned(),
                    printed,
                    value,
                    is_percent: is_percent(text),
                    from: from.to_owned(),
                });
            }
        };
        match long {
            Some((algorithm, item, score)) => push(at(item), at(algorithm), at(score)),
            None => {
                for (column, name) in header.iter().enumerate().skip(1) {
                    push(at(0), name, at(column));
                }
            }
        }
    }
    Ok(claims)
}

/// The number of a printed value: what stands after the last `=`, a percent sign
/// and blanks taken off.
fn printed_number(text: &str) -> Option<(String, f64)> {
    let text = text.rsplit('=').next()?.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim();
    let value: f64 = text.parse().ok()?;
    value.is_finite().then(|| (text.to_owned(), value))
}

/// Whether a percent sign stands after a printed value.
fn is_percent(text: &str) -> bool {
    text.trim_end().ends_with('%')
}
