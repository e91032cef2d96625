//! Personas, questions and truth, from their tables.

use std::collections::{HashMap, HashSet};

use super::cells::{Cells, Columns};
use super::ids::Ids;
use super::structured::tables::{self as structured_tables, TruthColumns};
use super::{Persona, Question, StructuredQuestion, StructuredTruth, Truth};
use crate::input::source::shown;
use crate::input::table::{Column, Row, Table};
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

impl<T> Read<T> {
    /// No things of this name.
    pub(super) fn none(what: &'static str) -> Self {
        Self {
            rows: Vec::new(),
            ids: Ids::new(what),
            columns: Vec::new(),
        }
    }
}

/// Reads the personas: each column that is not reserved is a dimension.
pub(super) fn personas(table: &Table, problems: &mut Vec<Problem>) -> Option<Read<Persona>> {
    let names = ["id", "text", "split", "stratum", "n", "weight"];
    let Columns { at, rest } = Columns::find(table, names, &["id"], problems)?;
    let [id, text, split, stratum, n, weight] = at;
    let mut ids = Ids::of(table, "persona");
    let mut rows = Vec::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let new_id = cells.new_id(id, &mut ids, rows.len());
        let n = cells.number(n, f64::INFINITY);
        let weight = cells.number(weight, f64::INFINITY);
        let Some(id) = new_id else { continue };
        rows.push(Persona {
            id,
            text: cells.text(text),
            split: cells.text(split),
            stratum: cells.text(stratum),
            n,
            weight,
            levels: rest
                .iter()
                .map(|column| cells.text(Some(*column)))
                .collect(),
        });
    }
    refuse_empty(table, "persona", problems);
    for (index, column) in rest.iter().enumerate() {
        warn_of_dimension(table, *column, problems);
        warn_of_twin(table, *column, &rest[..index], problems);
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
    let mut ids = Ids::of(table, "question");
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
    warn_of_equal_texts(table, [id, text], problems);
    Some(Read {
        rows,
        ids,
        columns: names_of(table, &rest),
    })
}

/// Warns of questions that have one text: they are asked in the same words, and counted
/// as several.
fn warn_of_equal_texts(table: &Table, [id, text]: [Option<usize>; 2], problems: &mut Vec<Problem>) {
    let mut first: HashMap<&str, &str> = HashMap::new();
    let mut told = HashSet::new();
    for row in table.rows() {
        let (Some(id), Some(said)) = (row.word(id), row.word(text)) else {
            continue;
        };
        let before = *first.entry(said).or_insert(id);
        if before != id && told.insert(said) {
            let message = format!(
                "the questions `{}` and `{}` have one text, and are two questions",
                shown(before),
                shown(id)
            );
            let problem = table.source.warning(row.offset_of(text), "text", message);
            problems.push(problem.help("take one out if they are one"));
        }
    }
}

/// What a table of truth says of the two kinds of questions.
#[derive(Debug, Default)]
pub(super) struct Truths {
    pub(super) open: Vec<Truth>,
    pub(super) structured: Vec<StructuredTruth>,
}

const TRUTH: [&str; 9] = [
    "persona",
    "question",
    "value",
    "code",
    "share",
    "n",
    "modes",
    "distribution",
    "unstable",
];

/// Reads the truth, sorted by persona and question. Where a table of personas or
/// questions could not be read, rows are checked as far as they can be. A row whose id
/// is that of an open-ended and of a structured question is for both; without a value its
/// open-ended truth is what the modal option says.
pub(super) fn truths(
    table: &Table,
    personas: Option<&Ids>,
    questions: Option<&Ids>,
    structured: Option<&Read<StructuredQuestion>>,
    problems: &mut Vec<Problem>,
) -> Truths {
    let needed: &[&str] = match structured {
        None => &["persona", "question", "value"],
        Some(_) => &["persona", "question"],
    };
    let Some(Columns { at, .. }) = Columns::find(table, TRUTH, needed, problems) else {
        return Truths::default();
    };
    let mut reader = TruthReader {
        at,
        personas,
        questions,
        structured,
        texts: Names::default(),
        first_at: HashMap::new(),
        found: Truths::default(),
    };
    for row in table.rows() {
        reader.take(row, &mut Cells::new(table, row, problems));
    }
    let mut truths = reader.found;
    truths.open.shrink_to_fit();
    truths
        .open
        .sort_unstable_by_key(|truth| (truth.persona, truth.question));
    truths
        .structured
        .sort_unstable_by_key(|truth| (truth.persona, truth.question));
    truths
}

/// Takes the rows of a table of truth.
struct TruthReader<'a> {
    /// Where the columns of [`TRUTH`] stand.
    at: [Option<usize>; TRUTH.len()],
    personas: Option<&'a Ids>,
    questions: Option<&'a Ids>,
    structured: Option<&'a Read<StructuredQuestion>>,
    texts: Names,
    /// Where the truth of a persona and a question of each kind stands first.
    first_at: HashMap<(u32, Option<u32>, Option<u32>), usize>,
    found: Truths,
}

impl<'a> TruthReader<'a> {
    fn take(&mut self, row: Row<'_>, cells: &mut Cells<'_>) {
        let [
            persona,
            question,
            value,
            code,
            share,
            n,
            modes,
            distribution,
            unstable,
        ] = self.at;
        let found_persona = cells.known_id(persona, self.personas, "persona");
        let (open, survey) = self.asked(row, question, cells);
        // Without words of its own a row of a survey question leaves them to its scale.
        let is_open = survey.is_none() || (open.is_some() && row.word(value).is_some());
        let written = is_open
            .then(|| cells.needed_text(value, "the value that the persona's group holds"))
            .flatten();
        let share = cells.number(share, 1.0);
        let n = cells.number(n, f64::INFINITY);
        let Some(p) = found_persona else { return };
        let place = (p, open, survey.map(|(_, index)| index));
        if place.1.is_none() && place.2.is_none() {
            return;
        }
        if let Some(first) = self.first_at.get(&place) {
            let what = "the truth of this persona and question";
            cells.twice(persona, what, *first);
            return;
        }
        self.first_at.insert(place, row.offset());
        let (mut said, mut said_code) = (written, row.word(code).map(str::to_owned));
        if let Some((read, index)) = survey {
            let columns = TruthColumns {
                value,
                code,
                modes,
                distribution,
                unstable,
            };
            let scale = &read.rows[index as usize].scale;
            let truth = structured_tables::truth(cells, &columns, (p, index), scale);
            let truth = truth.map(|truth| StructuredTruth { share, n, ..truth });
            if let Some(truth) = truth.as_ref().filter(|_| said.is_none()) {
                said = scale.stance(truth.code);
                said_code = Some(truth.code.to_string());
            }
            self.found.structured.extend(truth);
        }
        if let (Some(question), Some(value)) = (open, said) {
            self.found.open.push(Truth {
                persona: p,
                question,
                value: self.texts.text(&value),
                code: self.texts.optional(said_code.as_deref()),
                share,
                n,
            });
        }
    }

    /// The question of each kind that a row is for.
    fn asked(
        &self,
        row: Row<'_>,
        question: Option<usize>,
        cells: &mut Cells<'_>,
    ) -> (Option<u32>, Option<(&'a Read<StructuredQuestion>, u32)>) {
        let id = row.cell(question).map_or("", |cell| cell.text);
        let survey = self
            .structured
            .and_then(|read| Some((read, read.ids.find(id)?)));
        let open = match (survey, self.questions) {
            (Some(_), questions) => questions.and_then(|ids| ids.find(id)),
            (None, None) => {
                let ids = self.structured.map(|read| &read.ids);
                cells.known_id(question, ids, "structured question")
            }
            (None, questions) => cells.known_id(question, questions, "question"),
        };
        (open, survey)
    }
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

/// Warns of a dimension whose name differs from an earlier one's in case only.
fn warn_of_twin(table: &Table, column: usize, before: &[usize], problems: &mut Vec<Problem>) {
    let Column { name, offset } = &table.columns[column];
    let mut twins = before.iter().map(|other| &table.columns[*other].name);
    let is_twin = |other: &&String| *other != name && other.to_lowercase() == name.to_lowercase();
    if let Some(twin) = twins.find(is_twin) {
        let message = format!(
            "`{}` and `{}` differ only in case, and are two dimensions",
            shown(twin),
            shown(name)
        );
        let problem = table.source.warning(*offset, name, message);
        problems.push(problem.help("call them alike if they are one"));
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
