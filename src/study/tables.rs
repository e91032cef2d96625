//! Personas, questions and truth, from their tables.

use std::collections::{HashMap, HashSet};

use super::cells::{Cells, Columns};
use super::ids::Ids;
use super::source::shown;
use super::table::{Column, Table};
use super::{Persona, Question, Truth};
use crate::problem::Problem;
use crate::text::names::Names;

/// A table's rows as things with ids.
#[derive(Debug)]
pub(super) struct Read<T> {
    /// The things, in file order.
    pub(super) rows: Vec<T>,
    pub(super) ids: Ids,
    /// Names of the further columns: dimensions or covariates.
    pub(super) columns: Vec<String>,
}

/// Reads the personas: each column that is not reserved is a dimension.
pub(super) fn personas(table: &Table, problems: &mut Vec<Problem>) -> Option<Read<Persona>> {
    let names = ["id", "text", "split", "stratum", "n", "weight"];
    let Columns { at, rest } = Columns::find(table, names, &["id"], problems)?;
    let [id, text, split, stratum, n, weight] = at;
    let mut ids = Ids::new("persona");
    let mut rows = Vec::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let Some(id) = cells.new_id(id, &mut ids, rows.len()) else {
            continue;
        };
        rows.push(Persona {
            id,
            text: cells.text(text),
            split: cells.text(split),
            stratum: cells.text(stratum),
            n: cells.number(n, f64::INFINITY),
            weight: cells.number(weight, f64::INFINITY),
            levels: rest
                .iter()
                .map(|column| cells.text(Some(*column)))
                .collect(),
        });
    }
    refuse_empty(table, "persona", problems);
    for column in &rest {
        warn_of_dimension(table, *column, problems);
    }
    Some(Read {
        rows,
        ids,
        columns: names_of(table, &rest),
    })
}

/// Reads the questions: each column that is not reserved is a covariate.
pub(super) fn questions(table: &Table, problems: &mut Vec<Problem>) -> Option<Read<Question>> {
    let names = ["id", "topic", "text", "structured"];
    let Columns { at, rest } = Columns::find(table, names, &["id", "text"], problems)?;
    let [id, topic, text, structured] = at;
    let mut ids = Ids::new("question");
    let mut rows = Vec::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let new_id = cells.new_id(id, &mut ids, rows.len());
        let text = cells.needed_text(text, "the question as it is asked");
        let Some(id) = new_id else { continue };
        rows.push(Question {
            id,
            topic: cells.text(topic),
            text: text.unwrap_or_default(),
            structured: cells.text(structured),
            covariates: rest
                .iter()
                .map(|column| cells.text(Some(*column)))
                .collect(),
        });
    }
    refuse_empty(table, "question", problems);
    Some(Read {
        rows,
        ids,
        columns: names_of(table, &rest),
    })
}

/// Reads the truth, sorted by persona and question. Where a table of personas or
/// questions could not be read, rows are checked as far as they can be.
pub(super) fn truths(
    table: &Table,
    personas: Option<&Ids>,
    questions: Option<&Ids>,
    problems: &mut Vec<Problem>,
) -> Vec<Truth> {
    let names = ["persona", "question", "value", "code", "share", "n"];
    let needed = ["persona", "question", "value"];
    let Some(Columns { at, .. }) = Columns::find(table, names, &needed, problems) else {
        return Vec::new();
    };
    let [persona, question, value, code, share, n] = at;
    let mut truths = Vec::new();
    let mut texts = Names::default();
    let mut first_at = HashMap::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let found_persona = cells.known_id(persona, personas, "persona");
        let found_question = cells.known_id(question, questions, "question");
        let value = cells.needed_text(value, "the value that the persona's group holds");
        let truth = Truth {
            persona: found_persona.unwrap_or_default(),
            question: found_question.unwrap_or_default(),
            value: texts.text(value.as_deref().unwrap_or_default()),
            code: texts.optional(row.word(code)),
            share: cells.number(share, 1.0),
            n: cells.number(n, f64::INFINITY),
        };
        let (Some(p), Some(q)) = (found_persona, found_question) else {
            continue;
        };
        if let Some(first) = first_at.get(&(p, q)) {
            let what = "the truth of this persona and question";
            cells.twice(persona, what, *first);
            continue;
        }
        first_at.insert((p, q), row.offset());
        truths.push(truth);
    }
    truths.shrink_to_fit();
    truths.sort_unstable_by_key(|truth: &Truth| (truth.persona, truth.question));
    truths
}

fn names_of(table: &Table, columns: &[usize]) -> Vec<String> {
    let name = |column: &usize| table.columns[*column].name.clone();
    columns.iter().map(name).collect()
}

fn refuse_empty(table: &Table, what: &str, problems: &mut Vec<Problem>) {
    if table.is_empty() {
        let message = format!("there is no {what} in this table");
        let problem = Problem::error(&table.source.path, message);
        problems.push(problem.line(1).column(1).help("a study needs at least one"));
    }
}

/// Warns where a dimension has no level, or two that only look different.
fn warn_of_dimension(table: &Table, column: usize, problems: &mut Vec<Problem>) {
    let Column { name, offset } = &table.columns[column];
    let mut spellings: HashMap<String, &str> = HashMap::new();
    let mut told = HashSet::new();
    for row in table.rows() {
        let Some(level) = row.word(Some(column)) else {
            continue;
        };
        let folded = level.to_lowercase();
        let first = *spellings.entry(folded.clone()).or_insert(level);
        if first != level && told.insert(folded) {
            let message = format!(
                "`{}` and `{}` differ only in case, and are two levels",
                shown(first),
                shown(level)
            );
            let at = row.offset_of(Some(column));
            problems.push(table.source.warning(at, name, message));
        }
    }
    if spellings.is_empty() && !table.is_empty() {
        let message = "no persona has a level of this dimension";
        problems.push(table.source.warning(*offset, name, message));
    }
}
