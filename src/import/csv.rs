//! Any CSV of comparisons, by its columns.
//!
//! Columns are told by their names, in any case, or by the user; values of the
//! outcome are told by a list of words, or by the user. What cannot be told is an
//! error that shows what is there.

mod columns;
mod outcome;

use std::collections::BTreeMap;
use std::path::Path;

pub use columns::Mapping;

use columns::{Columns, check_columns, short};
use outcome::{outcome, unknown};

use super::csv_figures;
use super::labelling_key::field;
use super::record::{Fault, Fields, Record, Source};
use super::rows::{Asked, Row, Rows, Verdict};
use super::sheet::Sheet;
use super::tally::{Effect, WITH_ITSELF};
use super::{Made, Part, Reader};
use crate::problem::Problem;
use crate::text::separator;
use crate::verdict::{MissingReason, Order, Outcome};

/// The rows of a CSV as records: objects of texts.
pub(super) fn open(path: &Path, bytes: Vec<u8>, mapping: &Mapping) -> Result<Source, Box<Problem>> {
    let text = Source::new(path, bytes)?.text;
    if is_json(&text) {
        let problem = Problem::error(path, "the file holds JSON, expected a CSV with a header");
        return Err(Box::new(
            problem.help("leave `csv` out, so that the format is told from the file"),
        ));
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator::of(text.as_bytes()))
        .from_reader(text.as_bytes());
    let unreadable = |error: &csv::Error| {
        let message = match error.kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => {
                format!("the row has {len} fields, expected {expected_len} as in the header")
            }
            _ => format!("the row cannot be read: {error}"),
        };
        let problem = Problem::error(path, message);
        match error.position() {
            Some(position) => problem.line(position.line() as usize),
            None => problem,
        }
    };
    let header = reader
        .headers()
        .map_err(|error| unreadable(&error))?
        .clone();
    if header.len() < 2 {
        return Err(Box::new(
            Problem::error(
                path,
                "the file is no CSV: its first line has no two columns",
            )
            .help("expected a header such as question,candidate,opponent,outcome"),
        ));
    }
    if header.iter().any(|name| name == field::TASK) {
        let problem = Problem::error(
            path,
            "the file is a CSV of tasks that `oyer export label-studio` wrote, and a CSV does not say which of its columns are labels",
        );
        return Err(Box::new(problem.line(1).help(
            "export JSON or JSON-MIN from Label Studio, and import it with the tasks' key: oyer import label-studio FILE --key RESULTS/labelling/NAME.key.csv",
        )));
    }
    check_columns(path, &header, mapping)?;
    let keys: Vec<String> = header
        .iter()
        .map(|name| serde_json::to_string(name).unwrap_or_default())
        .collect();
    let mut lines = Vec::new();
    let mut json = String::with_capacity(text.len() * 2);
    for row in reader.records() {
        let row = row.map_err(|error| unreadable(&error))?;
        lines.push(
            row.position()
                .map_or(0, |position| position.line() as usize),
        );
        for (i, (key, value)) in keys.iter().zip(&row).enumerate() {
            json.push(if i == 0 { '{' } else { ',' });
            json.push_str(key);
            json.push(':');
            json.push_str(&serde_json::to_string(value).unwrap_or_default());
        }
        json.push_str("}\n");
    }
    if lines.is_empty() {
        return Err(Box::new(Problem::error(
            path,
            "the file has a header and no rows",
        )));
    }
    Ok(Source {
        path: path.to_owned(),
        text: json,
        lines,
        not_numbers: 0,
    })
}

/// Whether a text begins as a JSON object or list does.
fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix(['{', '[']) else {
        return false;
    };
    let begins = |c: char| matches!(c, '{' | '}' | '[' | ']' | '"' | '-' | '0'..='9');
    inner.trim_start().starts_with(begins)
}

pub(super) struct Csv<'o> {
    pub(super) mapping: &'o Mapping,
    pub(super) judge: Option<&'o str>,
}

/// A row with its fields told.
pub(super) struct Comparison {
    pub(super) candidate: String,
    pub(super) opponent: String,
    pub(super) verdict: Verdict,
    order: Option<Order>,
    sample: u16,
    item: String,
    persona: String,
    question: String,
    topic: Option<String>,
    judge: Option<String>,
    annotator: Option<String>,
    rubric: Option<String>,
    criterion: Option<String>,
    groups: Vec<Option<String>>,
    covariates: Vec<Option<String>>,
    chars: [Option<u32>; 2],
}

/// A CSV's rows, and its columns that were not used.
pub(super) struct Table {
    rows: Vec<Comparison>,
    unused: Vec<String>,
    numbered: bool,
}

/// Names of the given dimensions, or covariates.
fn named<'m>(mapping: &'m Mapping, prefix: &str) -> Vec<&'m str> {
    let fields = mapping.columns.iter();
    fields
        .filter_map(|(field, _)| field.strip_prefix(prefix))
        .collect()
}

impl Reader for Csv<'_> {
    type Part = Table;

    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Table {
        let first = records.first().and_then(|record| Fields::of(record.raw));
        let header: Vec<String> = first
            .iter()
            .flat_map(Fields::names)
            .map(str::to_owned)
            .collect();
        let columns = Columns::new(
            &header.iter().map(String::as_str).collect::<Vec<_>>(),
            self.mapping,
        );
        let used = |name: &String| columns.names.values().any(|column| column == name);
        let unused = header.iter().filter(|name| !used(name)).cloned().collect();
        let numbered = !columns.has("question") && !columns.has("item");
        let rows = sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            self.row(&fields, &columns, record, sheet)
        });
        Table {
            rows,
            unused,
            numbered,
        }
    }

    fn combine(&self, parts: Vec<Part<Table>>, made: &mut Made) {
        let (dimensions, covariates) = (named(self.mapping, "group."), named(self.mapping, "x."));
        made.rows = Rows::new(&dimensions, &covariates);
        made.labels = Rows::new(&dimensions, &covariates);
        for part in &parts {
            for row in &part.given.rows {
                self.push(row, made);
            }
            let place = part.path.display();
            if !part.given.unused.is_empty() {
                made.notes.push(format!(
                    "columns of {place} that are not used: {}",
                    short(part.given.unused.iter())
                ));
            }
            if part.given.numbered {
                made.notes.push(format!(
                    "{place} has no column of questions, so every row is taken for a question of its own; rows that share a question are then counted as independent (give it with --column question=COLUMN)"
                ));
            }
        }
        let all: Vec<&Comparison> = parts.iter().flat_map(|part| &part.given.rows).collect();
        csv_figures::add(&all, &mut made.figures, &mut made.notes);
    }
}

impl Csv<'_> {
    fn row(
        &self,
        fields: &Fields<'_>,
        columns: &Columns<'_>,
        record: &Record<'_>,
        sheet: &mut Sheet<'_>,
    ) -> Result<Option<Comparison>, Fault> {
        let at = |field: &str| columns.text(fields, field);
        let needed = |field: &str| {
            at(field).ok_or_else(|| {
                let column = columns.names.get(field).map_or(field, String::as_str);
                Fault::new(column, format!("the row has no {field}"))
            })
        };
        let (candidate, opponent) = (needed("candidate")?, needed("opponent")?);
        let (judge, annotator) = (at("judge"), at("annotator"));
        if columns.has("annotator") && annotator.is_none() && judge.is_none() {
            let reason = "a row that names no annotator, in a table of labels";
            sheet.count(Effect::Skipped, reason, record);
            return Ok(None);
        }
        if candidate == opponent {
            sheet.count(Effect::Skipped, WITH_ITSELF, record);
        }
        let order = match at("order").as_deref() {
            None => None,
            Some("candidate_first") => Some(Order::CandidateFirst),
            Some("opponent_first") => Some(Order::OpponentFirst),
            Some(other) => {
                let message =
                    format!("found `{other}`, expected candidate_first or opponent_first");
                return Err(Fault::new(columns.names["order"].as_str(), message));
            }
        };
        let number = record.row;
        let stem = || {
            sheet
                .source
                .path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
        };
        let question = match (at("question"), at("item")) {
            (Some(question), _) => question,
            (None, Some(item)) => item,
            // As in every format, questions without a name are one.
            (None, None) if columns.has("question") || columns.has("item") => String::new(),
            (None, None) => format!("{} row {number}", stem().unwrap_or_default()),
        };
        let verdict = self.verdict(fields, columns, [&candidate, &opponent], order)?;
        if verdict.outcome() == Outcome::Missing {
            sheet.count(Effect::Missing, "no outcome", record);
        }
        let sample = match at("sample") {
            None => 1,
            Some(text) => text
                .parse()
                .ok()
                .filter(|sample| *sample > 0)
                .ok_or_else(|| {
                    Fault::new(
                        columns.names["sample"].as_str(),
                        format!("found `{text}`, expected a number from 1"),
                    )
                })?,
        };
        let chars =
            |field: &str| at(field).and_then(|text| u32::try_from(text.chars().count()).ok());
        let list = |prefix: &str| -> Vec<Option<String>> {
            let names = named(self.mapping, prefix).into_iter();
            names.map(|name| at(&format!("{prefix}{name}"))).collect()
        };
        let item = at("item").unwrap_or_default();
        let persona = at("persona").unwrap_or_default();
        let id = if !item.is_empty() {
            item.clone()
        } else if persona.is_empty() {
            question.clone()
        } else {
            format!("{persona}/{question}")
        };
        sheet.about(record, &id);
        Ok(Some(Comparison {
            verdict,
            order,
            sample,
            item,
            persona,
            question,
            topic: at("topic"),
            judge,
            annotator,
            rubric: at("rubric"),
            criterion: at("criterion"),
            groups: list("group."),
            covariates: list("x."),
            chars: [chars("candidate_text"), chars("opponent_text")],
            candidate,
            opponent,
        }))
    }

    fn verdict(
        &self,
        fields: &Fields<'_>,
        columns: &Columns<'_>,
        models: [&str; 2],
        order: Option<Order>,
    ) -> Result<Verdict, Fault> {
        if let Some(column) = columns.names.get("outcome") {
            let text = columns.text(fields, "outcome").unwrap_or_default();
            return outcome(&text, models, order, self.mapping)
                .map(|outcome| match outcome {
                    Outcome::Missing => Verdict::Missing(MissingReason::NoVerdict),
                    outcome => Verdict::Given(outcome),
                })
                .ok_or_else(|| Fault::new(column.as_str(), unknown(&text)));
        }
        let column = columns.names.get("score").map_or("score", String::as_str);
        match fields.text(&[column])?.as_deref().map(str::trim) {
            None | Some("") => Ok(Verdict::Missing(MissingReason::NoVerdict)),
            Some(text) => match text.parse() {
                Ok(share) if (0.0..=1.0).contains(&share) => Ok(Verdict::Graded(share)),
                _ => Err(Fault::new(
                    column,
                    format!("found `{text}`, expected the candidate's share from 0 to 1"),
                )),
            },
        }
    }

    fn push(&self, row: &Comparison, made: &mut Made) {
        if row.candidate == row.opponent {
            return;
        }
        let list = |values: &'_ [Option<String>]| -> Vec<Option<String>> { values.to_vec() };
        let (groups, covariates) = (list(&row.groups), list(&row.covariates));
        let groups: Vec<Option<&str>> = groups.iter().map(Option::as_deref).collect();
        let covariates: Vec<Option<&str>> = covariates.iter().map(Option::as_deref).collect();
        let judge = row.judge.as_deref().or(self.judge).unwrap_or("judge");
        let (who, rows) = match &row.annotator {
            Some(annotator) => (annotator.as_str(), &mut made.labels),
            None => (judge, &mut made.rows),
        };
        rows.push(&Row {
            asked: Asked {
                item: &row.item,
                persona: &row.persona,
                question: &row.question,
                topic: row.topic.as_deref(),
                levels: &groups,
                covariates: &covariates,
            },
            candidate: &row.candidate,
            opponent: &row.opponent,
            judge: who,
            rubric: row.rubric.as_deref().unwrap_or("csv"),
            criterion: row.criterion.as_deref().unwrap_or("overall"),
            order: row.order,
            sample: row.sample,
            verdict: row.verdict,
            candidate_chars: row.chars[0],
            opponent_chars: row.chars[1],
        });
    }
}

/// Wins, ties and losses of models by pair, for figures.
pub(super) fn models_of(rows: &[&Comparison]) -> BTreeMap<String, usize> {
    let mut models = BTreeMap::new();
    for row in rows {
        for model in [&row.candidate, &row.opponent] {
            models.entry(model.clone()).or_insert(0);
        }
    }
    for (number, (_, place)) in models.iter_mut().enumerate() {
        *place = number;
    }
    models
}
