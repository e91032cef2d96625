//! Any CSV of comparisons, by its columns.
//!
//! Columns are told by their names, in any case, or by the user; values of the
//! outcome are told by a list of words, or by the user. What cannot be told is an
//! error that shows what is there.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::csv_figures;
use super::record::{Fault, Fields, Record, Source};
use super::rows::{Asked, Row, Rows, Verdict};
use super::sheet::Sheet;
use super::tally::Effect;
use super::{Made, Part, Reader};
use crate::problem::Problem;
use crate::verdict::{MissingReason, Order, Outcome};

/// What a column can be, with the names by which it is told, best first.
const FIELDS: [(&str, &[&str]); 16] = [
    ("candidate", &["candidate", "left", "model_a", "model_1"]),
    (
        "opponent",
        &[
            "opponent",
            "right",
            "model_b",
            "model_2",
            "reference",
            "baseline",
        ],
    ),
    ("outcome", &["outcome", "winner", "verdict"]),
    ("score", &["score"]),
    (
        "question",
        &[
            "question",
            "question_id",
            "prompt_id",
            "instruction_index",
            "prompt",
            "instruction",
            "uid",
        ],
    ),
    ("persona", &["persona"]),
    ("item", &["item"]),
    ("topic", &["topic", "category", "dataset"]),
    ("judge", &["judge", "judge_model"]),
    ("annotator", &["annotator"]),
    ("rubric", &["rubric"]),
    ("criterion", &["criterion"]),
    ("order", &["order"]),
    ("sample", &["sample"]),
    ("candidate_text", &[]),
    ("opponent_text", &[]),
];

/// Which column is what, and which word is which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// A field of the verdict table to the column that holds it.
    pub columns: Vec<(String, String)>,
    /// A word of the outcome's column to `win`, `tie`, `loss` or `missing`.
    pub values: Vec<(String, String)>,
}

impl Mapping {
    /// As settings of the import.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let pair = |kind: &str, (name, value): &(String, String)| {
            (kind.to_owned(), format!("{name}={value}"))
        };
        let columns = self.columns.iter().map(|given| pair("column", given));
        let values = self.values.iter().map(|given| pair("value", given));
        columns.chain(values).collect()
    }

    /// Whether the user may name this field.
    pub fn is_field(name: &str) -> bool {
        FIELDS.iter().any(|(field, _)| *field == name)
            || ["group.", "x."]
                .iter()
                .any(|prefix| name.len() > prefix.len() && name.starts_with(prefix))
    }

    /// All fields, for a sentence.
    pub fn fields() -> String {
        let names: Vec<&str> = FIELDS.iter().map(|(field, _)| *field).collect();
        format!("{}, group.<dimension>, x.<covariate>", names.join(", "))
    }
}

/// The rows of a CSV as records: objects of texts.
pub(super) fn open(path: &Path, bytes: Vec<u8>, mapping: &Mapping) -> Result<Source, Box<Problem>> {
    let text = Source::new(path, bytes)?.text;
    let head = text.lines().next().unwrap_or_default();
    let count = |byte: u8| head.bytes().filter(|found| *found == byte).count();
    let delimiter = [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|byte| (count(*byte), *byte == b','))
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
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

/// Which column holds each field; `None` where none does.
struct Columns<'m> {
    names: HashMap<&'m str, String>,
}

impl<'m> Columns<'m> {
    fn new(header: &[&str], mapping: &'m Mapping) -> Self {
        let mut names = HashMap::new();
        for (field, known) in FIELDS {
            let told = known.iter().find_map(|known| {
                let mut columns = header.iter();
                columns.find(|column| column.trim().eq_ignore_ascii_case(known))
            });
            if let Some(column) = told {
                names.insert(field, (*column).to_owned());
            }
        }
        for (field, column) in &mapping.columns {
            names.insert(field.as_str(), column.clone());
        }
        Self { names }
    }

    fn text(&self, fields: &Fields<'_>, field: &str) -> Option<String> {
        let column = self.names.get(field)?;
        let text = fields.text(&[column]).ok()??;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn has(&self, field: &str) -> bool {
        self.names.contains_key(field)
    }
}

/// The columns that are given must be there, and those that are needed be told.
fn check_columns(
    path: &Path,
    header: &csv::StringRecord,
    mapping: &Mapping,
) -> Result<(), Box<Problem>> {
    let shown: Vec<String> = header
        .iter()
        .take(20)
        .map(|name| format!("`{name}`"))
        .collect();
    let shown = shown.join(", ");
    for (field, column) in &mapping.columns {
        if !header.iter().any(|name| name == column) {
            return Err(Box::new(
                Problem::error(
                    path,
                    format!("there is no column `{column}`, given for {field}"),
                )
                .line(1)
                .help(format!("the columns are {shown}")),
            ));
        }
    }
    let columns = Columns::new(&header.iter().collect::<Vec<_>>(), mapping);
    let lacks = |field: &str| !columns.has(field);
    let missing = if lacks("candidate") {
        "candidate"
    } else if lacks("opponent") {
        "opponent"
    } else if lacks("outcome") && lacks("score") {
        "outcome"
    } else {
        return Ok(());
    };
    Err(Box::new(
        Problem::error(path, format!("no column is told to be the {missing}"))
            .line(1)
            .field(missing)
            .help(format!(
                "say which with --column {missing}=COLUMN; the columns are {shown}"
            )),
    ))
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
            self.row(&fields, &columns, record, sheet).map(Some)
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
                    part.given.unused.join(", ")
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
    ) -> Result<Comparison, Fault> {
        let at = |field: &str| columns.text(fields, field);
        let needed = |field: &str| {
            at(field).ok_or_else(|| {
                let column = columns.names.get(field).map_or(field, String::as_str);
                Fault::new(column, format!("the row has no {field}"))
            })
        };
        let (candidate, opponent) = (needed("candidate")?, needed("opponent")?);
        if candidate == opponent {
            sheet.count(Effect::Skipped, "a model compared with itself", record);
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
        Ok(Comparison {
            verdict,
            order,
            sample,
            item,
            persona,
            question,
            topic: at("topic"),
            judge: at("judge"),
            annotator: at("annotator"),
            rubric: at("rubric"),
            criterion: at("criterion"),
            groups: list("group."),
            covariates: list("x."),
            chars: [chars("candidate_text"), chars("opponent_text")],
            candidate,
            opponent,
        })
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
                .ok_or_else(|| {
                    let text: String = text.chars().take(40).collect();
                    Fault::new(
                        column.as_str(),
                        format!("`{text}` is no outcome known here; say what it is with --value `{text}`=win (or tie, loss, missing)"),
                    )
                });
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

/// What a word says of two models, from the candidate's side; `None` where it says
/// nothing known.
fn outcome(
    text: &str,
    models: [&str; 2],
    order: Option<Order>,
    mapping: &Mapping,
) -> Option<Outcome> {
    let of_word = |word: &str| match word {
        "win" => Some(Outcome::Win),
        "tie" => Some(Outcome::Tie),
        "loss" => Some(Outcome::Loss),
        "missing" => Some(Outcome::Missing),
        _ => None,
    };
    let given = mapping.values.iter().find(|(word, _)| word.trim() == text);
    if let Some((_, outcome)) = given {
        return of_word(outcome);
    }
    if text == models[0] {
        return Some(Outcome::Win);
    }
    if text == models[1] {
        return Some(Outcome::Loss);
    }
    let turned = |first: bool| match (order, first) {
        (Some(Order::OpponentFirst), first) => {
            Some(if first { Outcome::Loss } else { Outcome::Win })
        }
        (_, true) => Some(Outcome::Win),
        (_, false) => Some(Outcome::Loss),
    };
    match text.to_lowercase().as_str() {
        "win" | "won" | "candidate" | "left" | "a" | "x" | "model_a" | "model_1" => {
            Some(Outcome::Win)
        }
        "loss" | "lost" | "lose" | "opponent" | "right" | "b" | "y" | "model_b" | "model_2" => {
            Some(Outcome::Loss)
        }
        "first" => turned(true),
        "second" => turned(false),
        "tie" | "draw" | "equal" | "tied" | "a=b" | "tie (bothbad)" | "both" | "neither" => {
            Some(Outcome::Tie)
        }
        "" | "missing" | "error" | "nan" | "null" | "none" | "n/a" => Some(Outcome::Missing),
        _ => None,
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
