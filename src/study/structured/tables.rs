//! Structured questions and their truth, from their tables.

use std::collections::HashMap;

use super::{StructuredQuestion, StructuredTruth};
use crate::input::table::Table;
use crate::problem::Problem;
use crate::study::cells::{Cells, Columns};
use crate::study::ids::Ids;
use crate::study::scale::{Distribution, Scale, ScaleError, parse_code, parse_codes};
use crate::study::tables::Read;
use crate::text::folded;
use crate::text::names::Names;

/// Reads the structured questions; further columns are none of this room's.
pub(in crate::study) fn questions(
    table: &Table,
    problems: &mut Vec<Problem>,
) -> Option<Read<StructuredQuestion>> {
    let names = ["id", "topic", "text", "options", "split"];
    let needed = ["id", "text", "options"];
    let Columns { at, .. } = Columns::find(table, names, &needed, problems)?;
    let [id, topic, text, options, split] = at;
    let mut ids = Ids::of(table, "structured question");
    let mut rows = Vec::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let new_id = cells.new_id(id, &mut ids, rows.len());
        let text = cells.needed_text(text, "the question as it is asked");
        let written = cells.needed_text(options, "its options, such as `1 = Yes | 2 = No`");
        let scale = written.map_or_else(
            || Scale::parse("0"),
            |cell| {
                let scale = read_scale(&cell);
                if let Err(error) = &scale {
                    cells.wrong(options, error.to_string());
                }
                scale
            },
        );
        let (Some(id), Ok(scale)) = (new_id, scale) else {
            continue;
        };
        let twice = same_label(&scale);
        rows.push(StructuredQuestion {
            id,
            topic: cells.text(topic),
            text: text.unwrap_or_default(),
            scale,
            split: cells.text(split),
        });
        if let Some((one, other)) = twice {
            let message = format!("the options {one} and {other} have the same label");
            let at = row.offset_of(options);
            let warning = table.source.warning(at, "options", message);
            problems.push(warning.help("an answer in words could be either, and is unreadable"));
        }
    }
    if table.is_empty() {
        let message = "there is no question in this table";
        let problem = Problem::error(&table.source.path, message);
        problems.push(
            problem
                .line(1)
                .column(1)
                .help("add one, or take [structured] out"),
        );
    }
    Some(Read {
        rows,
        ids,
        columns: Vec::new(),
    })
}

/// The codes of the first two options with one label.
fn same_label(scale: &Scale) -> Option<(i32, i32)> {
    let mut seen: HashMap<String, i32> = HashMap::new();
    scale.options().iter().find_map(|option| {
        let label = folded(option.label.as_deref()?);
        let other = seen.insert(label, option.code)?;
        Some((other, option.code))
    })
}

fn read_scale(cell: &str) -> Result<Scale, ScaleError> {
    match json(cell) {
        Some(value) => Scale::from_json(&value),
        None => Scale::parse(cell),
    }
}

/// The value of a cell that is a JSON object or list.
fn json(cell: &str) -> Option<serde_json::Value> {
    let is_json = cell.starts_with(['{', '[']);
    is_json.then(|| serde_json::from_str(cell).ok())?
}

/// The columns of a truth table that say what a group answered.
#[derive(Debug, Clone, Copy)]
pub(in crate::study) struct TruthColumns {
    pub(in crate::study) value: Option<usize>,
    pub(in crate::study) code: Option<usize>,
    pub(in crate::study) modes: Option<usize>,
    pub(in crate::study) distribution: Option<usize>,
    pub(in crate::study) unstable: Option<usize>,
}

/// The truth in a row that names a structured question, but for its share and its
/// respondents, which truths of both kinds have; `None` where something is wrong with
/// it, which has been said.
pub(in crate::study) fn truth(
    cells: &mut Cells<'_>,
    at: &TruthColumns,
    (persona, question): (u32, u32),
    scale: &Scale,
) -> Option<StructuredTruth> {
    let modes = match cells.text(at.modes) {
        None => Vec::new(),
        Some(cell) => cells.read(at.modes, modes(&cell, scale))?,
    };
    let distribution = match cells.text(at.distribution) {
        None => None,
        Some(cell) => Some(cells.read(at.distribution, distribution(&cell, scale))?),
    };
    let code = match (cells.text(at.code), cells.text(at.value)) {
        (Some(cell), _) => cells.read(at.code, on_scale(&cell, scale))?,
        (None, Some(value)) => code_of(cells, at, &value, scale)?,
        (None, None) => {
            if let Some(lowest) = modes.first() {
                *lowest
            } else {
                cells.needed_text(at.code, "the code of the modal answer");
                return None;
            }
        }
    };
    if let Some(other) = cells
        .text(at.value)
        .and_then(|value| contradicted(&value, code, scale))
    {
        let message =
            format!("this is what the code {other} says, and the code of this row is {code}");
        cells.wrong(at.value, message);
        return None;
    }
    if !modes.is_empty() && !modes.contains(&code) {
        cells.wrong(
            at.modes,
            format!("{code}, the truth, is none of the tied modes"),
        );
        return None;
    }
    Some(StructuredTruth {
        persona,
        question,
        code,
        modes: if modes.len() > 1 { modes } else { Vec::new() },
        distribution,
        share: None,
        n: None,
        unstable: cells.number(at.unstable, 1.0),
    })
}

/// The code that a value says, by its label or its digits, where it is not the one that its
/// row has. Other words than those of an option are a text of their own.
fn contradicted(value: &str, code: i32, scale: &Scale) -> Option<i32> {
    if scale.value(code).as_deref() == Some(value) || parse_code(value) == Ok(code) {
        return None;
    }
    let value = folded(value);
    let said = scale.codes().filter(|code| {
        let own = scale.value(*code);
        own.is_some_and(|own| folded(&own) == value)
    });
    let said: Vec<i32> = said.collect();
    if said.is_empty() {
        return parse_code(&value)
            .ok()
            .filter(|other| scale.position(*other).is_some());
    }
    said.first().copied().filter(|_| !said.contains(&code))
}

/// The code whose label, or digits, a value is.
fn code_of(cells: &mut Cells<'_>, at: &TruthColumns, value: &str, scale: &Scale) -> Option<i32> {
    let is_it = |option: &&crate::study::ScaleOption| {
        let label = option.label.as_deref();
        label.is_some_and(|label| label.eq_ignore_ascii_case(value))
    };
    let mut fitting = scale.options().iter().filter(is_it);
    match (fitting.next(), fitting.next()) {
        (Some(option), None) => Some(option.code),
        (None, _) if parse_code(value).is_ok() => cells.read(at.value, on_scale(value, scale)),
        _ => {
            let message = "this is the label of no option, or of several; write the code too";
            cells.wrong(at.value, message);
            None
        }
    }
}

fn on_scale(cell: &str, scale: &Scale) -> Result<i32, ScaleError> {
    let code = parse_code(cell)?;
    scale.checked(code).map(|_| code)
}

fn modes(cell: &str, scale: &Scale) -> Result<Vec<i32>, ScaleError> {
    let mut codes = match json(cell) {
        Some(serde_json::Value::Array(list)) => {
            let codes = list.iter().map(|code| parse_code(&code.to_string()));
            codes.collect::<Result<Vec<_>, _>>()?
        }
        _ => parse_codes(cell)?,
    };
    for code in &codes {
        scale.checked(*code)?;
    }
    codes.sort_unstable();
    Ok(codes)
}

fn distribution(cell: &str, scale: &Scale) -> Result<Distribution, ScaleError> {
    let shares = match json(cell) {
        Some(value) => Distribution::from_json(&value)?,
        None => Distribution::parse(cell)?,
    };
    shares.over(scale)?;
    Ok(shares)
}

/// Which of an open-ended question's truths follow from its structured question: what the
/// mode says, for personas without a truth of their own.
pub(in crate::study) fn inherited(
    truths: &mut Vec<crate::study::Truth>,
    open: &[crate::study::Question],
    questions: &Read<StructuredQuestion>,
    structured: &[StructuredTruth],
) {
    let mut followers: HashMap<u32, Vec<u32>> = HashMap::new();
    for (index, question) in open.iter().enumerate() {
        let survey = question.structured.as_deref();
        if let Some(found) = survey.and_then(|id| questions.ids.find(id)) {
            followers.entry(found).or_default().push(index as u32);
        }
    }
    let mut added = Vec::new();
    let mut texts = Names::default();
    for truth in structured {
        for follower in followers.get(&truth.question).into_iter().flatten() {
            let place = (truth.persona, *follower);
            let own = truths.binary_search_by_key(&place, |truth| (truth.persona, truth.question));
            let scale = &questions.rows[truth.question as usize].scale;
            if let (Err(_), Some(value)) = (own, scale.stance(truth.code)) {
                added.push(crate::study::Truth {
                    persona: truth.persona,
                    question: *follower,
                    value: texts.text(&value),
                    code: texts.optional(Some(&truth.code.to_string())),
                    share: truth.share,
                    n: truth.n,
                });
            }
        }
    }
    truths.append(&mut added);
    truths.sort_by_key(|truth| (truth.persona, truth.question));
}
