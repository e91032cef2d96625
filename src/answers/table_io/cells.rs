//! Single cells of an answers table.

use super::columns::{MISSING_REASON, SAMPLE, SCALE, TRUTH_MODES};
use crate::answers::Missing;
use crate::study::scale::{Distribution, Scale, ScaleError, parse_code, parse_codes};
use crate::text::nearest::suggestion;
use crate::verdict::table_io::fault::Fault;

fn of_scale(column: usize) -> impl Fn(ScaleError) -> Fault {
    move |error| Fault::at(column, error.to_string())
}

/// Reads a cell that may be JSON.
pub(super) fn scale(text: &str) -> Result<Scale, Fault> {
    let read = match json(text) {
        Some(value) => Scale::from_json(&value),
        None => Scale::parse(text),
    };
    read.map_err(of_scale(SCALE))
}

pub(super) fn shares(text: &str, scale: &Scale, column: usize) -> Result<Vec<f64>, Fault> {
    let read = match json(text) {
        Some(value) => Distribution::from_json(&value),
        None => Distribution::parse(text),
    };
    read.and_then(|shares| shares.over(scale))
        .map_err(of_scale(column))
}

/// The value of a cell that is a JSON object or list.
fn json(text: &str) -> Option<serde_json::Value> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

pub(super) fn position(text: &str, scale: &Scale, column: usize) -> Result<u16, Fault> {
    let code = parse_code(text).map_err(of_scale(column))?;
    let position = scale.checked(code).map_err(of_scale(column))?;
    Ok(position as u16)
}

pub(super) fn positions(text: &str, scale: &Scale) -> Result<Vec<u16>, Fault> {
    let read = match json(text) {
        Some(serde_json::Value::Array(list)) => {
            let codes = list.iter().map(|code| parse_code(&code.to_string()));
            codes.collect::<Result<Vec<_>, _>>()
        }
        _ => parse_codes(text),
    };
    let positions = read.and_then(|codes| {
        let positions = codes.into_iter().map(|code| scale.checked(code));
        positions.collect::<Result<Vec<_>, _>>()
    });
    let positions = positions.map_err(of_scale(TRUTH_MODES))?;
    let mut positions: Vec<u16> = positions.into_iter().map(|at| at as u16).collect();
    positions.sort_unstable();
    Ok(positions)
}

pub(super) fn missing(text: &str) -> Result<Missing, Fault> {
    let known = Missing::ALL.into_iter();
    let found = known.clone().find(|reason| reason.name() == text.trim());
    found.ok_or_else(|| {
        let message = format!("`{text}` is no reason for a missing answer");
        let help = suggestion(text, known.map(Missing::name), "reasons");
        Fault::at(MISSING_REASON, message).help(help)
    })
}

/// A number from 1, and 1 where there is none.
pub(super) fn sample(text: &str) -> Result<u16, Fault> {
    if text.is_empty() {
        return Ok(1);
    }
    let number = text.trim().parse::<u16>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        let message = format!("`{text}` is not a whole number from 1 to 65535");
        Fault::at(SAMPLE, message)
    })
}

/// A number from 0 to `most`, where it is given.
pub(super) fn part(column: usize, text: &str, most: f64) -> Result<Option<f64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.trim().parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite() && (0.0..=most).contains(number));
    let range = if most.is_finite() {
        format!("from 0 to {most}")
    } else {
        "of at least 0".to_owned()
    };
    number
        .map(Some)
        .ok_or_else(|| Fault::at(column, format!("`{text}` is not a number {range}")))
}
