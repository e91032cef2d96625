//! Any CSV of comparisons, by its columns.
//!
//! Columns are told by their names, in any case, or by the user; values of the
//! outcome are told by a list of words, or by the user. What cannot be told is an
//! error that shows what is there. A file may have millions of rows, so that they are
//! read a piece at a time, and what is kept of a row is short.

mod columns;
mod games;
mod outcome;
mod pieces;
mod texts;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub use columns::Mapping;
pub(super) use pieces::Pieces;

pub(super) use columns::Columns;
use columns::short;
use games::Games;
pub(super) use outcome::is_of_order;
use outcome::{is_ambiguous, is_missing, order, outcome, unknown, unknown_order};
use texts::{Collected, Text, Texts};

use serde_json::value::RawValue;

use super::flags::of_words;
use super::record::{Fault, Fields, Record, string};
use super::rows::{Asked, Row, Rows, Unlike, Verdict};
use super::sheet::{Found, Sheet};
use super::tally::{Effect, WITH_ITSELF};
use super::texts::QUESTION_TEXTS;
use super::{Made, Part, Reader};
use crate::problem::Problem;
use crate::verdict::labels::{WEIGHT, weight_of};
use crate::verdict::table::Length;
use crate::verdict::{MissingReason, Order, Outcome};

pub(super) struct Csv<'o> {
    /// All files.
    pub(super) paths: &'o [PathBuf],
    pub(super) mapping: &'o Mapping,
    pub(super) judge: Option<&'o str>,
}

/// A row with its fields told.
struct Comparison {
    verdict: Verdict,
    candidate: Text,
    opponent: Text,
    item: Text,
    persona: Text,
    question: Text,
    topic: Text,
    judge: Text,
    annotator: Text,
    rubric: Text,
    criterion: Text,
    /// Of [`Table::more`].
    more: Box<[Text]>,
    chars: [Length; 2],
    sample: u16,
    order: Option<Order>,
    line: u32,
}

/// Rows of a CSV, and its columns that were not used.
pub(super) struct Table {
    rows: Vec<Comparison>,
    texts: Texts,
    /// The fields of its dimensions and covariates.
    more: Vec<String>,
    /// Which column holds each field.
    columns: HashMap<String, String>,
    unused: Vec<String>,
    numbered: bool,
    /// The places, among the words that the user gave a meaning, of those that were met.
    met: BTreeSet<usize>,
}

/// The fields of this prefix that files have, each once.
fn named<'p>(parts: &'p [Part<Table>], prefix: &str) -> Vec<&'p str> {
    let mut names: Vec<&str> = Vec::new();
    for field in parts.iter().flat_map(|part| &part.given.more) {
        if field.starts_with(prefix) && !names.contains(&field.as_str()) {
            names.push(field);
        }
    }
    names
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
        let used = |name: &String| {
            columns.names.values().any(|column| column == name)
                || (columns.has("candidate_text") && columns.has("opponent_text"))
                    && QUESTION_TEXTS.contains(&name.as_str())
        };
        let unused = header.iter().filter(|name| !used(name)).cloned().collect();
        let numbered = !columns.has("question") && !columns.has("item");
        let name = self.name_of(&sheet.source.path);
        let mut texts = Collected::default();
        let mut met = BTreeSet::new();
        let rows = sheet.each(records, |sheet, record| {
            let fields = Fields::of_record(record)?;
            self.meet(&fields, &columns, &mut met);
            self.row(&fields, &columns, &name, &mut texts, record, sheet)
        });
        Table {
            rows,
            texts: texts.finish(),
            more: columns.more,
            columns: columns.names,
            unused,
            numbered,
            met,
        }
    }

    fn combine(&self, parts: Vec<Part<Table>>, made: &mut Made) {
        let (dimensions, covariates) = (named(&parts, "group."), named(&parts, "x."));
        let bare = |fields: &[&'_ str], prefix: &str| -> Vec<String> {
            let names = fields.iter().filter_map(|field| field.strip_prefix(prefix));
            names.map(str::to_owned).collect()
        };
        let bare = [bare(&dimensions, "group."), bare(&covariates, "x.")];
        let bare = bare
            .each_ref()
            .map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
        made.rows = Rows::new(&bare[0], &bare[1]);
        made.labels = Rows::new(&bare[0], &bare[1]);
        let fields: Vec<String> = dimensions
            .iter()
            .chain(&covariates)
            .map(|&field| field.to_owned())
            .collect();
        let count = dimensions.len();
        tell_of_columns(&parts, made);
        let met = parts.iter().flat_map(|part| &part.given.met);
        let met: BTreeSet<usize> = met.copied().collect();
        let unmet = self.mapping.values.iter().enumerate();
        let unmet = unmet.filter(|(at, _)| !met.contains(at));
        let (orders, outcomes): (Vec<_>, Vec<_>) = unmet
            .map(|(_, given)| given)
            .partition(|given| is_of_order(given));
        made.notes.extend(of_words(outcomes.into_iter(), "outcome"));
        made.notes.extend(of_words(orders.into_iter(), "order"));
        let mut games = Games::new(have_unequal_weights(&parts));
        for Part { given, .. } in &parts {
            for row in &given.rows {
                let models = [row.candidate, row.opponent].map(|model| given.texts.get(model));
                games.add(models, row.verdict);
            }
        }
        games.figures(&mut made.figures, &mut made.notes);
        let (mut last, mut found) = (PathBuf::new(), Found::default());
        for Part { path, given, .. } in parts {
            if path != last {
                made.begin(&path);
                last.clone_from(&path);
            }
            let place = |field: &String| given.more.iter().position(|known| known == field);
            let places: Vec<Option<usize>> = fields.iter().map(place).collect();
            for row in given
                .rows
                .iter()
                .filter(|row| row.candidate != row.opponent)
            {
                for unlike in self.push(row, (&places, count), &given, made) {
                    found.wrong(refused(&path, row, &given, &unlike));
                }
            }
        }
        made.problems
            .extend(found.finish(&last).err().into_iter().flatten());
    }
}

/// What is wrong with a row that says something else of its item than an earlier one.
fn refused(path: &Path, row: &Comparison, table: &Table, unlike: &Unlike) -> Problem {
    let column = table.columns.get(&unlike.field).unwrap_or(&unlike.field);
    let problem = Problem::error(path, unlike.message.as_str());
    let problem = problem.line(row.line as usize).field(column.as_str());
    problem.help(unlike.help())
}

/// Whether labels stand for unequal numbers of comparisons.
fn have_unequal_weights(parts: &[Part<Table>]) -> bool {
    let is_weight = |field: &String| field.strip_prefix("x.") == Some(WEIGHT);
    let weights = parts.iter().flat_map(|Part { given, .. }| {
        let place = given.more.iter().position(is_weight);
        let is_label = |row: &&Comparison| given.texts.optional(row.annotator).is_some();
        let labels = given.rows.iter().filter(is_label);
        labels.filter_map(move |row| weight_of(given.texts.get(*row.more.get(place?)?)))
    });
    let mut weights = weights.map(f64::to_bits);
    let first = weights.next();
    weights.any(|weight| Some(weight) != first)
}

/// Says which columns of each file are not used, and where no questions are named.
fn tell_of_columns(parts: &[Part<Table>], made: &mut Made) {
    for of_file in parts.chunk_by(|a, b| a.path == b.path) {
        let (place, table) = (of_file[0].path.display(), &of_file[0].given);
        if !table.unused.is_empty() {
            made.notes.push(format!(
                "columns of {place} that are not used: {}",
                short(table.unused.iter())
            ));
        }
        if table.numbered {
            made.notes.push(format!(
                "{place} has no column of questions, so every row is taken for a question of its own; rows that share a question are then counted as independent (give it with --column question=COLUMN)"
            ));
        }
    }
}

impl Csv<'_> {
    /// Notes the words of a row's outcome and order that the user gave a meaning.
    fn meet(&self, fields: &Fields<'_>, columns: &Columns, met: &mut BTreeSet<usize>) {
        if met.len() == self.mapping.values.len() {
            return;
        }
        let [outcome, order] =
            ["outcome", "order"].map(|field| columns.text(fields, field).unwrap_or_default());
        for (at, given) in self.mapping.values.iter().enumerate() {
            let text = if is_of_order(given) { &order } else { &outcome };
            if given.0.trim() == *text {
                met.insert(at);
            }
        }
    }

    /// What the rows of a file are called that names no questions: its name, or its path
    /// where another file has the same name.
    fn name_of(&self, path: &Path) -> String {
        let stem = |path: &Path| super::stem(path).unwrap_or_default();
        let mine = stem(path);
        let of_this_name = self.paths.iter().filter(|other| stem(other) == mine);
        if of_this_name.count() > 1 {
            path.display().to_string()
        } else {
            mine
        }
    }

    fn row(
        &self,
        fields: &Fields<'_>,
        columns: &Columns,
        name: &str,
        texts: &mut Collected,
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
        let is_empty = |raw: &RawValue| string(raw).trim().is_empty();
        if fields.pairs().all(|(_, raw)| is_empty(raw)) {
            sheet.count(Effect::Skipped, "a row of empty fields", record);
            return Ok(None);
        }
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
        let shown_first = at("order").map(|word| {
            order(&word, self.mapping)
                .ok_or_else(|| Fault::new(columns.names["order"].as_str(), unknown_order(&word)))
        });
        let order = shown_first.transpose()?;
        let question = match (at("question"), at("item")) {
            (Some(question), _) => question,
            // The item's name stands for it.
            (None, Some(_)) => Cow::default(),
            // As in every format, questions without a name are one.
            (None, None) if columns.has("question") || columns.has("item") => Cow::default(),
            (None, None) => Cow::Owned(format!("{name} row {}", record.row)),
        };
        let verdict = self.verdict(fields, columns, [&candidate, &opponent], order)?;
        if verdict.outcome() == Outcome::Missing {
            sheet.count(Effect::Missing, "no outcome", record);
        }
        if at("outcome")
            .is_some_and(|word| is_ambiguous(&word, [&candidate, &opponent], order, self.mapping))
        {
            let reason = "an outcome that is a model's name and a word for something else: read as the name; --value WORD=OUTCOME says otherwise";
            sheet.count(Effect::Kept, reason, record);
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
        let chars = |field: &str| {
            let chars = at(field).map(|text| text.chars().count());
            Length::from(chars.and_then(|chars| u32::try_from(chars).ok()))
        };
        let (item, persona) = (
            at("item").unwrap_or_default(),
            at("persona").unwrap_or_default(),
        );
        if !item.is_empty() {
            sheet.about(record, &item);
        } else if persona.is_empty() {
            sheet.about(record, &question);
        } else {
            sheet.about(record, &format!("{persona}/{question}"));
        }
        let mut text = |text: Option<Cow<'_, str>>| texts.add(&text.unwrap_or_default());
        Ok(Some(Comparison {
            more: columns.more.iter().map(|field| text(at(field))).collect(),
            verdict,
            order,
            sample,
            line: sheet.source.line(record).unwrap_or_default() as u32,
            item: text(Some(item)),
            persona: text(Some(persona)),
            question: text(Some(question)),
            topic: text(at("topic")),
            judge: text(judge),
            annotator: text(annotator),
            rubric: text(at("rubric")),
            criterion: text(at("criterion")),
            chars: [chars("candidate_text"), chars("opponent_text")],
            candidate: text(Some(candidate)),
            opponent: text(Some(opponent)),
        }))
    }

    fn verdict(
        &self,
        fields: &Fields<'_>,
        columns: &Columns,
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
            None => Ok(Verdict::Missing(MissingReason::NoVerdict)),
            Some(text) if is_missing(text) => Ok(Verdict::Missing(MissingReason::NoVerdict)),
            Some(text) => match text.parse() {
                Ok(share) if (0.0..=1.0).contains(&share) => Ok(Verdict::Graded(share)),
                _ => Err(Fault::new(
                    column,
                    format!("found `{text}`, expected the candidate's share from 0 to 1"),
                )),
            },
        }
    }

    /// Adds a row; of its dimensions and covariates the places are given, and how many of
    /// them are dimensions. Gives what it says of its item that an earlier row does not:
    /// of a column that the file has not it says nothing.
    fn push(
        &self,
        row: &Comparison,
        (places, dimensions): (&[Option<usize>], usize),
        table: &Table,
        made: &mut Made,
    ) -> Vec<Unlike> {
        let texts = &table.texts;
        let text = |place: &Option<usize>| Some(texts.get(*row.more.get((*place)?)?));
        let more: Vec<Option<&str>> = places.iter().map(text).collect();
        let (levels, covariates) = more.split_at(dimensions);
        let judge = texts.optional(row.judge).or(self.judge);
        let (who, rows) = match texts.optional(row.annotator) {
            Some(annotator) => (annotator, &mut made.labels),
            None => (judge.unwrap_or("judge"), &mut made.rows),
        };
        let has_topic = table.columns.contains_key("topic");
        let [item, question] = [row.item, row.question].map(|text| texts.get(text));
        let has_no_question = question.is_empty() && !item.is_empty();
        rows.add(&Row {
            asked: Asked {
                item,
                persona: texts.get(row.persona),
                question: if has_no_question { item } else { question },
                has_no_question,
                topic: has_topic.then(|| texts.get(row.topic)),
                levels,
                covariates,
            },
            candidate: texts.get(row.candidate),
            opponent: texts.get(row.opponent),
            judge: who,
            rubric: texts.optional(row.rubric).unwrap_or("csv"),
            criterion: texts.optional(row.criterion).unwrap_or("overall"),
            order: row.order,
            sample: row.sample,
            verdict: row.verdict,
            candidate_chars: row.chars[0].chars(),
            opponent_chars: row.chars[1].chars(),
        })
    }
}
