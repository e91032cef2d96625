//! Rows into an [`AnswerTable`]: names are kept once, and what cannot hold between
//! rows is said.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::Format;
use super::cells::{missing, part, position, positions, sample, scale, shares};
use super::columns::{
    Columns, DISTRIBUTION, GROUP, ITEM, MISSING_REASON, MODEL, NAMES, OF_TRUTH, OPTION, PERSONA,
    QUESTION, SAMPLE, SCALE, SIMULATED, SPLIT, STRATUM, TOPIC, TRUTH, TRUTH_DISTRIBUTION,
    TRUTH_MODES, TRUTH_N, TRUTH_SHARE, TRUTH_UNSTABLE, VARIANT,
};
use super::known::{self, KnownItems, Texts};
use crate::answers::{Answer, AnswerTable, Given, Item, Missing, Persona, Question, Truth};
use crate::problem::Problem;
use crate::study::modes::{modes_of, tied_modes};
use crate::text::cell;
use crate::text::names::Names;
use crate::verdict::table_io::fault::Fault;
use crate::verdict::table_io::source::{Problems, Row};

/// Collects rows into a table.
#[derive(Default)]
pub(super) struct Builder {
    table: AnswerTable,
    /// Cells hold escapes.
    escaped: bool,
    /// Whether the row before was taken.
    taken: bool,
    names: Names,
    personas: HashMap<Arc<str>, u32>,
    questions: HashMap<Arc<str>, u32>,
    /// The scale of each question as it was written.
    scales: Vec<String>,
    items: KnownItems,
    /// The truth of each item as it was written, cell after cell; empty where it has none.
    truths: Texts,
    models: HashMap<Arc<str>, u16>,
    last_item: Option<u32>,
    last_model: Option<u16>,
    /// Buffers for texts made of several cells.
    id: String,
    truth: String,
    /// Of each answer.
    lines: Vec<u32>,
}

impl Builder {
    pub(super) fn new(format: Format) -> Self {
        Self {
            escaped: format == Format::Csv,
            ..Self::default()
        }
    }

    /// Adds a row, or says what is wrong with it.
    pub(super) fn take(&mut self, row: &Row<'_>, columns: &Columns) -> Result<(), Fault> {
        // What was found for the row before holds only if that row was taken.
        let follows = std::mem::replace(&mut self.taken, false);
        let item = match self.last_item {
            Some(last) if follows && row.repeats(&columns.of_item) => last,
            _ => self.item(row, columns, follows)?,
        };
        self.last_item = Some(item);
        let model = self.model(row, columns)?;
        self.note_simulated(model, row.at(columns.slot(SIMULATED)))?;
        let sample = sample(row.at(columns.slot(SAMPLE)))?;
        let answer = self.answer(row, columns, item, model, sample)?;
        self.table.answers.push(answer);
        self.lines.push(u32::try_from(row.line).unwrap_or(u32::MAX));
        self.taken = true;
        Ok(())
    }

    fn text<'a>(&self, raw: &'a str) -> Cow<'a, str> {
        if self.escaped {
            cell::decode(raw)
        } else {
            Cow::Borrowed(raw)
        }
    }

    fn required<'a>(
        &self,
        row: &'a Row<'_>,
        columns: &Columns,
        column: usize,
    ) -> Result<Cow<'a, str>, Fault> {
        match row.at(columns.slot(column)) {
            "" => Err(Fault::at(column, "the row has none, and it is required")),
            raw => Ok(self.text(raw)),
        }
    }

    /// The item of a row; `follows` says that the row before was taken.
    fn item(&mut self, row: &Row<'_>, columns: &Columns, follows: bool) -> Result<u32, Fault> {
        let question_id = self.required(row, columns, QUESTION)?;
        let persona_id = self.text(row.at(columns.slot(PERSONA)));
        let given = self.text(row.at(columns.slot(ITEM)));
        let variant = self.text(row.at(columns.slot(VARIANT)));
        let names = known::Names {
            given: &given,
            persona: &persona_id,
            question: &question_id,
            variant: &variant,
        };
        // Of the row before, only what stands in this one too is known.
        let last = self.last_item.filter(|_| follows);
        let last = last.map(|item| &self.table.items[item as usize]);
        let last = last.map(|item| (item.persona, item.question));
        let question = match last {
            Some((_, last)) if row.repeats(&columns.of_question) => last,
            _ => self.question(&question_id, row, columns)?,
        };
        let persona = match last {
            Some((last, _)) if row.repeats(&columns.of_persona) => last,
            _ => self.persona(&persona_id, row, columns)?,
        };
        let pair = (persona, question);
        match self.items.find(&names, pair, &self.table.items) {
            Some(index) => {
                self.check_item(index, pair, row, columns)?;
                Ok(index)
            }
            None => self.add_item(&names, pair, row, columns),
        }
    }

    fn add_item(
        &mut self,
        names: &known::Names<'_>,
        (persona, question): (u32, u32),
        row: &Row<'_>,
        columns: &Columns,
    ) -> Result<u32, Fault> {
        let split = self.text(row.at(columns.slot(SPLIT)));
        let split = self.names.optional(Some(&*split).filter(|s| !s.is_empty()));
        let variant = Some(names.variant).filter(|variant| !variant.is_empty());
        let variant = self.names.optional(variant);
        let truth = self.truth(question, row, columns)?;
        let index = self.table.items.len() as u32;
        names.write(&mut self.id);
        let id: Arc<str> = Arc::from(self.id.as_str());
        self.items.add(&id, (persona, question), index);
        self.table.items.push(Item {
            id,
            persona,
            question,
            split,
            variant,
            truth,
            not_begun: false,
        });
        self.write_truth(row, columns);
        self.truths.push(&self.truth);
        Ok(index)
    }

    /// An item must be the same in all of its rows.
    fn check_item(
        &mut self,
        index: u32,
        (persona, question): (u32, u32),
        row: &Row<'_>,
        columns: &Columns,
    ) -> Result<(), Fault> {
        let item = &self.table.items[index as usize];
        let differs = |column: usize| another(&item.id, column);
        if item.persona != persona {
            return Err(differs(PERSONA));
        }
        if item.question != question {
            return Err(differs(QUESTION));
        }
        let split = self.text(row.at(columns.slot(SPLIT)));
        if item.split.as_deref().unwrap_or_default() != split {
            return Err(differs(SPLIT));
        }
        let variant = self.text(row.at(columns.slot(VARIANT)));
        if item.variant.as_deref().unwrap_or_default() != variant {
            return Err(differs(VARIANT));
        }
        self.write_truth(row, columns);
        if self.truth != self.truths.get(index) {
            let differs = another(&self.table.items[index as usize].id, TRUTH);
            return Err(differs.help("every row of an item has the same truth"));
        }
        Ok(())
    }

    /// Keeps the cells of a row's truth as they are written; nothing where all are empty.
    fn write_truth(&mut self, row: &Row<'_>, columns: &Columns) {
        self.truth.clear();
        let mut empty = true;
        for column in OF_TRUTH {
            let raw = row.at(columns.slot(column));
            empty &= raw.is_empty();
            self.truth.push_str(raw);
            self.truth.push('\0');
        }
        if empty {
            self.truth.clear();
        }
    }

    fn truth(
        &mut self,
        question: u32,
        row: &Row<'_>,
        columns: &Columns,
    ) -> Result<Option<Truth>, Fault> {
        let at = |column: usize| row.at(columns.slot(column));
        let scale = &self.table.questions[question as usize].scale;
        let shares = match at(TRUTH_DISTRIBUTION) {
            "" => None,
            raw => Some(shares(&self.text(raw), scale, TRUTH_DISTRIBUTION)?),
        };
        let mut modes = match at(TRUTH_MODES) {
            "" => Vec::new(),
            raw => positions(&self.text(raw), scale)?,
        };
        if modes.is_empty() && at(TRUTH).is_empty() {
            modes = shares.as_deref().map(modes_of).unwrap_or_default();
        }
        let mode = match (at(TRUTH), modes.first()) {
            ("", None) => return Ok(None),
            ("", Some(lowest)) => *lowest,
            (raw, _) => position(&self.text(raw), scale, TRUTH)?,
        };
        if modes.is_empty() {
            modes = shares
                .as_deref()
                .map_or_else(Vec::new, |shares| tied_modes(mode, shares));
        }
        if modes.len() <= 1 {
            modes.clear();
        } else if !modes.contains(&mode) {
            let message = "the truth is none of the tied modes";
            return Err(Fault::at(TRUTH_MODES, message).help("list every tied mode, the truth too"));
        }
        let unit = |column| part(column, at(column), 1.0);
        Ok(Some(Truth {
            mode,
            modes: modes.into(),
            share: unit(TRUTH_SHARE)?,
            unstable: unit(TRUTH_UNSTABLE)?,
            n: part(TRUTH_N, at(TRUTH_N), f64::INFINITY)?,
            distribution: shares.map(|shares| self.table.keep_shares(&shares)),
        }))
    }

    fn question(&mut self, id: &str, row: &Row<'_>, columns: &Columns) -> Result<u32, Fault> {
        let raw_scale = row.at(columns.slot(SCALE));
        let topic = self.text(row.at(columns.slot(TOPIC)));
        if let Some(&index) = self.questions.get(id) {
            let question = &self.table.questions[index as usize];
            if question.topic.as_deref().unwrap_or_default() != topic {
                let message = format!("question `{id}` has another topic in an earlier row");
                return Err(Fault::at(TOPIC, message));
            }
            let written = &self.scales[index as usize];
            if !raw_scale.is_empty() && raw_scale != written {
                let scale = scale(&self.text(raw_scale))?;
                if scale != question.scale {
                    let message = format!("question `{id}` has another scale in an earlier row");
                    return Err(Fault::at(SCALE, message));
                }
            }
            return Ok(index);
        }
        if raw_scale.is_empty() {
            let message = format!("the scale of question `{id}` is not known yet");
            let help = "write its options in its first row, such as `1 = Yes | 2 = No`";
            return Err(Fault::at(SCALE, message).help(help));
        }
        let scale = scale(&self.text(raw_scale))?;
        let index = self.table.questions.len() as u32;
        let id = self.names.text(id);
        let topic = Some(&*topic).filter(|topic| !topic.is_empty());
        self.table.questions.push(Question {
            id: Arc::clone(&id),
            topic: self.names.optional(topic),
            scale,
        });
        self.scales.push(raw_scale.to_owned());
        self.questions.insert(id, index);
        Ok(index)
    }

    fn persona(&mut self, id: &str, row: &Row<'_>, columns: &Columns) -> Result<u32, Fault> {
        let stratum = self.text(row.at(columns.slot(STRATUM)));
        let known = self.personas.get(id).copied();
        if let Some(index) = known {
            let persona = &self.table.personas[index as usize];
            if persona.stratum.as_deref().unwrap_or_default() != stratum {
                let message = format!("persona `{id}` has another stratum in an earlier row");
                return Err(Fault::at(STRATUM, message));
            }
            for (place, (name, slot)) in columns.groups.iter().enumerate() {
                let before = persona.levels.get(place).and_then(Option::as_deref);
                if before.unwrap_or_default() != self.text(row.at(Some(*slot))) {
                    let level = format!("{GROUP}{name}");
                    return Err(Fault {
                        column: None,
                        slot: Some(*slot),
                        message: format!("persona `{id}` has another level in an earlier row"),
                        field: Some(level),
                        help: Some("give personas that differ ids of their own".to_owned()),
                    });
                }
            }
            return Ok(index);
        }
        let levels: Vec<Cow<'_, str>> = columns
            .groups
            .iter()
            .map(|(_, slot)| self.text(row.at(Some(*slot))))
            .collect();
        let levels = levels
            .iter()
            .map(|level| Some(&**level).filter(|level| !level.is_empty()));
        let index = self.table.personas.len() as u32;
        let id = self.names.text(id);
        let stratum = Some(&*stratum).filter(|stratum| !stratum.is_empty());
        self.table.personas.push(Persona {
            id: Arc::clone(&id),
            stratum: self.names.optional(stratum),
            levels: self.names.row(levels),
        });
        self.personas.insert(id, index);
        Ok(index)
    }

    fn model(&mut self, row: &Row<'_>, columns: &Columns) -> Result<u16, Fault> {
        let name = self.required(row, columns, MODEL)?;
        // Most tables hold one model after the other, in their rows or in those of an item.
        let is_of = |index: &u16| {
            let models = self.table.models.get(usize::from(*index));
            models.is_some_and(|model| *model == *name)
        };
        let last = self.last_model.unwrap_or_default();
        let likely = [last, last.wrapping_add(1), 0].into_iter().find(is_of);
        if let Some(index) = likely {
            self.last_model = Some(index);
            return Ok(index);
        }
        let index = if let Some(index) = self.models.get(&*name) {
            *index
        } else {
            let index = u16::try_from(self.table.models.len())
                .map_err(|_| Fault::at(MODEL, "a table holds at most 65,536 models"))?;
            self.table.models.push(name.to_string());
            self.models.insert(Arc::from(&*name), index);
            index
        };
        self.last_model = Some(index);
        Ok(index)
    }

    /// A model is simulated where one of its rows says so.
    fn note_simulated(&mut self, model: u16, written: &str) -> Result<(), Fault> {
        match written {
            "" | "no" | "false" => return Ok(()),
            "yes" | "true" => {}
            other => {
                let message = format!("expected `yes` or nothing, found `{other}`");
                return Err(Fault::at(SIMULATED, message));
            }
        }
        let name = &self.table.models[usize::from(model)];
        if !self.table.simulated.contains(name) {
            self.table.simulated.push(name.clone());
        }
        Ok(())
    }

    fn answer(
        &mut self,
        row: &Row<'_>,
        columns: &Columns,
        item: u32,
        model: u16,
        sample: u16,
    ) -> Result<Answer, Fault> {
        let at = |column: usize| row.at(columns.slot(column));
        let question = self.table.items[item as usize].question;
        let scale = &self.table.questions[question as usize].scale;
        let shares = match at(DISTRIBUTION) {
            "" => None,
            raw => Some(shares(&self.text(raw), scale, DISTRIBUTION)?),
        };
        let given = match (at(OPTION), at(MISSING_REASON)) {
            ("", "") => shares
                .as_deref()
                .map_or(Given::Missing(Missing::Unreadable), |shares| {
                    Given::Option(modes_of(shares)[0])
                }),
            ("", reason) => Given::Missing(missing(reason)?),
            (option, "") => Given::Option(position(&self.text(option), scale, OPTION)?),
            (option, _) => {
                let message = format!("the row has a reason together with the option {option}");
                return Err(Fault::at(MISSING_REASON, message).help("leave one of them empty"));
            }
        };
        let distribution = shares.map(|shares| self.table.keep_shares(&shares));
        Ok(Answer {
            item,
            model,
            sample,
            given,
            distribution,
        })
    }

    /// The table of all rows taken, and what is wrong between rows.
    pub(super) fn finish(mut self, columns: &Columns, problems: &mut Problems<'_>) -> AnswerTable {
        self.add_duplicates(problems);
        let dimensions = columns.groups.iter().map(|(name, _)| name.clone());
        self.table.dimensions = dimensions.collect();
        // A JSON Lines file may name a dimension only after the first personas.
        let wanted = self.table.dimensions.len();
        for persona in &mut self.table.personas {
            if persona.levels.len() < wanted {
                let padded = persona
                    .levels
                    .iter()
                    .cloned()
                    .chain(std::iter::repeat(None));
                persona.levels = padded.take(wanted).collect();
            }
        }
        self.table
    }

    /// Says which rows repeat an earlier one.
    fn add_duplicates(&self, problems: &mut Problems<'_>) {
        let keys = || {
            let answers = self.table.answers.iter();
            answers.map(|answer| (answer.item, answer.model, answer.sample))
        };
        let by_model = || keys().map(|(item, model, sample)| (model, item, sample));
        if keys().is_sorted_by(|a, b| a < b) || by_model().is_sorted_by(|a, b| a < b) {
            return;
        }
        let mut rows: Vec<_> = keys().zip(&self.lines).collect();
        rows.sort_unstable();
        for same in rows.chunk_by(|a, b| a.0 == b.0) {
            for (_, line) in &same[1..] {
                problems.add(|file| {
                    let first = same[0].1;
                    let message =
                        format!("the row is for the same item, model and sample as line {first}");
                    let problem = Problem::error(file, message).line(**line as usize);
                    problem.help("tell rows apart by sample, or leave one out")
                });
            }
        }
    }
}

/// What is wrong with a row that says otherwise of an item than an earlier one.
fn another(id: &str, column: usize) -> Fault {
    let message = format!(
        "item `{id}` has another `{}` in an earlier row",
        NAMES[column]
    );
    Fault::at(column, message).help("an item is one persona asked one question")
}
