//! Which of the rows are respondents who count: once each, and with a weight.

use std::collections::HashMap;
use std::path::Path;

use super::SHOWN;
use super::cell::decimal;
use super::merged::Merged;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::survey::config::{Config, Duplicates};

/// Weights whose squares can be added up.
const USABLE: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

impl Merged {
    pub(super) fn drop_duplicates(
        &self,
        file: &Path,
        config: &Config,
        kept: &mut [bool],
        left_out: &mut Vec<(u64, String)>,
        problems: &mut Vec<Problem>,
    ) {
        let mut first: HashMap<&[u8], usize> = HashMap::with_capacity(self.ids.len());
        let mut dropped = 0_u64;
        let mut example = None;
        for (row, id) in self.ids.iter().enumerate() {
            if id.is_empty() {
                continue;
            }
            let earlier = *first.entry(without_zeros(id)).or_insert(row);
            if earlier == row {
                continue;
            }
            let name = shown(&String::from_utf8_lossy(id));
            if config.duplicates == Duplicates::Refuse {
                if dropped < SHOWN as u64 {
                    let message = format!(
                        "the respondent {name} stands twice, first on line {}",
                        self.lines[earlier]
                    );
                    let column = config.id.as_ref().map_or("", |id| &id.value);
                    let problem = Problem::error(file, message)
                        .line(self.lines[row] as usize)
                        .field(column);
                    problems.push(problem.help(
                        "take one row out, or set respondents.duplicates to \"first\" or \"none\"",
                    ));
                }
                dropped += 1;
                continue;
            }
            kept[row] = false;
            dropped += 1;
            if config.duplicates == Duplicates::None && kept[earlier] {
                kept[earlier] = false;
                dropped += 1;
            }
            example.get_or_insert((name, self.lines[row]));
        }
        if let Some((name, line)) = example {
            let which = match config.duplicates {
                Duplicates::None => "rows with an id that stands more than once",
                _ => "further rows of an id that stands already",
            };
            left_out.push((dropped, format!("{which} (such as {name}, line {line})")));
        } else {
            more(file, dropped as usize, "respondents twice", problems);
        }
    }

    pub(super) fn check_weights(
        &self,
        file: &Path,
        name: &str,
        kept: &mut [bool],
        left_out: &mut Vec<(u64, String)>,
        problems: &mut Vec<Problem>,
    ) {
        let (mut wrong, mut blank, mut zero) = (0, 0_u64, 0_u64);
        let mut is_any_usable = false;
        for (row, weight) in self.weights.iter().enumerate() {
            let message = match weight {
                Ok(weight) if weight.is_nan() => {
                    blank += u64::from(kept[row]);
                    kept[row] = false;
                    continue;
                }
                // Stands for nobody: no estimate moves by it, and no sample is larger.
                Ok(0.0) => {
                    zero += u64::from(kept[row]);
                    kept[row] = false;
                    continue;
                }
                Ok(weight) if USABLE.contains(weight) => {
                    is_any_usable = true;
                    continue;
                }
                Ok(weight) if *weight > 0.0 => {
                    format!("the weight {weight:e} is too large or too small to be one")
                }
                Ok(weight) => format!("the weight {weight} is negative"),
                Err(text) if decimal(text).is_some() => {
                    format!("expected a weight without a comma, found `{text}`")
                }
                Err(text) => format!("expected a weight, found `{text}`"),
            };
            wrong += 1;
            if wrong <= SHOWN {
                let problem = Problem::error(file, message)
                    .line(self.lines[row] as usize)
                    .field(name);
                problems.push(problem.help("a weight is a number above 0; write 0, or leave the cell empty, to leave the respondent out"));
            }
        }
        more(file, wrong, "wrong weights", problems);
        if wrong == 0 && !is_any_usable && !self.weights.is_empty() {
            let message = "every weight of this column is missing or 0";
            let problem = Problem::error(file, message).line(1).field(name);
            problems.push(problem.help(
                "name another column in respondents.weight, or leave the key out for equal weights",
            ));
        }
        for (count, what) in [(blank, "without a weight in"), (zero, "of weight 0 in")] {
            if count > 0 {
                left_out.push((count, format!("{what} {name}")));
            }
        }
    }
}

/// A whole number without the zeros that some programs write after its point: `7.0` is `7`.
fn without_zeros(id: &[u8]) -> &[u8] {
    let Some(point) = id.iter().position(|byte| matches!(byte, b'.' | b',')) else {
        return id;
    };
    let (number, zeros) = (&id[..point], &id[point + 1..]);
    let is_whole = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    if is_whole && zeros.iter().all(|byte| *byte == b'0') {
        number
    } else {
        id
    }
}

/// Says how many more mistakes of a kind there are than are told one by one.
pub(super) fn more(file: &Path, found: usize, what: &str, problems: &mut Vec<Problem>) {
    if found > SHOWN {
        let message = format!("… and {} more {what}", found - SHOWN);
        problems.push(Problem::error(file, message));
    }
}
