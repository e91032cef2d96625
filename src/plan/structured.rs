//! The structured half of a plan: every model, asked every structured question in the
//! voice of every persona.

use serde_json::value::RawValue;

use super::slots::{AnswerSlot, Item};
use super::{Plan, PlanError, PlannedCall, draw_seed, identities, identity};
use crate::problem::Problem;
use crate::provider::{ReplySchema, SimulatedOptions};
use crate::study::{
    AnswerForm, Entry, FileAnswer, ReplyFormat, Scale, Structured, StructuredQuestion, Study,
};

/// What the structured calls of a plan are made from.
#[derive(Default)]
pub(super) struct Parts {
    /// The models as they are asked structured questions, in file order.
    entries: Vec<Entry>,
    identities: Vec<Box<RawValue>>,
    /// The schema of a reply to each question; empty where replies are free text.
    schemas: Vec<ReplySchema>,
    /// Indices of all models, since every one is asked.
    models: Vec<usize>,
}

impl Parts {
    pub(super) fn new(study: &Study) -> Result<Self, Vec<Problem>> {
        let Some(structured) = &study.structured else {
            return Ok(Self::default());
        };
        let entries: Vec<Entry> = study
            .models
            .iter()
            .map(|model| as_asked(model, structured))
            .collect();
        let bound = structured.reply == ReplyFormat::JsonSchema;
        let schemas = structured.questions.iter().filter(|_| bound).map(schema);
        Ok(Self {
            identities: identities(&entries)?,
            schemas: schemas.collect::<Result<_, _>>()?,
            models: (0..entries.len()).collect(),
            entries,
        })
    }
}

/// A model with the settings of `[structured]`, and without the answers of its file,
/// which are looked up in the study.
fn as_asked(model: &Entry, structured: &Structured) -> Entry {
    Entry {
        max_tokens: structured.max_tokens.or(model.max_tokens),
        temperature: structured.temperature.or(model.temperature),
        reply: structured.reply,
        answers: Vec::new(),
        structured_answers: Vec::new(),
        ..model.clone()
    }
}

/// An object with one of the codes.
fn schema(question: &StructuredQuestion) -> Result<ReplySchema, Vec<Problem>> {
    let codes: Vec<String> = question
        .scale
        .codes()
        .map(|code| code.to_string())
        .collect();
    let json = format!(
        r#"{{"type":"object","properties":{{"answer":{{"type":"integer","enum":[{}]}}}},"required":["answer"],"additionalProperties":false}}"#,
        codes.join(",")
    );
    let json = RawValue::from_string(json).map_err(|error| {
        let message = format!("its options cannot be written as a JSON Schema: {error}");
        vec![Problem::error(&question.id, message)]
    })?;
    Ok(ReplySchema {
        name: "answer".to_owned(),
        json,
    })
}

impl Plan {
    /// How many items there are, open-ended and structured.
    pub fn item_count(&self) -> u32 {
        self.items.len() as u32
    }

    /// The structured items in the order of work; their numbers follow those of the
    /// open-ended ones.
    pub fn structured_items(&self) -> &[Item] {
        &self.items[self.open_ended..]
    }

    /// Whether an item is a structured one.
    pub fn is_structured(&self, item: u32) -> bool {
        item as usize >= self.open_ended
    }

    /// The place of an item in the order of work of its kind. Both kinds are worked on
    /// side by side, so that a run that stops has the same part of each.
    pub fn rank(&self, item: u32) -> u32 {
        if self.is_structured(item) {
            item - self.open_ended as u32
        } else {
            item
        }
    }

    /// Responses, structured ones too, and judgments of an item.
    pub fn slots_of(&self, item: u32) -> [u64; 2] {
        let responses = self.generations(item).count() + self.answers(item).count();
        [responses as u64, self.judgments_of(item) as u64]
    }

    /// The same of all items that rank below a limit.
    pub fn slots_within(&self, limit: usize) -> [u64; 2] {
        let items = (0..self.item_count()).filter(|item| (self.rank(*item) as usize) < limit);
        items.fold([0, 0], |[responses, judgments], item| {
            let [more_responses, more_judgments] = self.slots_of(item);
            [responses + more_responses, judgments + more_judgments]
        })
    }

    /// The persona and question of an item, open-ended or structured.
    pub fn place(&self, item: u32) -> Item {
        self.items[item as usize]
    }

    /// The id of an item's question.
    pub fn question_id(&self, item: u32) -> &str {
        let place = self.items[item as usize];
        match self.structured_question(item) {
            Some(question) => &question.id,
            None => &self.study.questions[place.question as usize].id,
        }
    }

    /// The persona of an item, as an index into those of the study.
    pub fn persona_index(&self, item: u32) -> u32 {
        self.items[item as usize].persona
    }

    /// How many questions the study has of the kind that an item is about.
    pub fn questions_beside(&self, item: u32) -> usize {
        match &self.study.structured {
            Some(structured) if self.is_structured(item) => structured.questions.len(),
            _ => self.study.questions.len(),
        }
    }

    /// The question of a structured item.
    pub fn structured_question(&self, item: u32) -> Option<&StructuredQuestion> {
        let structured = self.study.structured.as_ref()?;
        let place = self.items[item as usize];
        self.is_structured(item)
            .then(|| &structured.questions[place.question as usize])
    }

    /// Indices of the models that anything is asked of.
    pub fn models_asked(&self) -> &[usize] {
        if self.study.structured.is_some() {
            &self.structured.models
        } else {
            &self.models
        }
    }

    /// The answers that a structured item needs, whoever gives them.
    pub fn answers(&self, item: u32) -> impl Iterator<Item = AnswerSlot> {
        let structured = self.study.structured.as_ref();
        let samples = structured.map_or(0, |structured| structured.samples);
        let models: &[usize] = if self.is_structured(item) {
            &self.structured.models
        } else {
            &[]
        };
        models.iter().flat_map(move |model| {
            (1..=samples).map(move |sample| AnswerSlot {
                item,
                model: *model,
                sample,
            })
        })
    }

    /// The answers of all structured items.
    pub fn answer_count(&self) -> u64 {
        let structured = self.study.structured.as_ref();
        let samples = structured.map_or(0, |structured| structured.samples);
        self.structured_items().len() as u64
            * self.structured.models.len() as u64
            * u64::from(samples)
    }

    /// The model of an answer as it is asked: with the settings of `[structured]`.
    pub fn structured_entry(&self, model: usize) -> &Entry {
        &self.structured.entries[model]
    }

    /// The call of an answer, and the scale that its reply is read by; `None` for an item
    /// that is no structured one.
    pub fn answer_call(
        &self,
        slot: &AnswerSlot,
    ) -> Result<Option<(PlannedCall<'_>, &Scale)>, PlanError> {
        let Some((structured, question)) = self
            .study
            .structured
            .as_ref()
            .zip(self.structured_question(slot.item))
        else {
            return Ok(None);
        };
        let item = self.items[slot.item as usize];
        let entry = &self.structured.entries[slot.model];
        let messages = self.prompts.structured(
            item.variant as usize,
            item.persona as usize,
            item.question as usize,
        )?;
        let untold = self.is_untold(&messages);
        let logprobs = structured.answer == AnswerForm::Logprobs;
        let schema = self.structured.schemas.get(item.question as usize);
        let identity = &self.structured.identities[slot.model];
        let key = identity::answer(self, slot, identity, logprobs, &messages, schema)?;
        let truth = structured.truth(item.persona, item.question);
        let call = PlannedCall {
            key,
            table: "models",
            entry,
            messages,
            seed: draw_seed(entry, slot.sample),
            schema,
            persona: if untold {
                ""
            } else {
                &self.voices[item.persona as usize]
            },
            truth: None,
            logprobs,
            alignment: self.alignment(entry, item).filter(|_| !untold),
            options: Some(SimulatedOptions {
                scale: &question.scale,
                truth: truth.map(|truth| truth.code).filter(|_| !untold),
            }),
        };
        Ok(Some((call, &question.scale)))
    }

    /// The answer of a `file` entry, if the file has one.
    pub fn file_answer(&self, slot: &AnswerSlot) -> Option<&FileAnswer> {
        let answers = &self.study.models[slot.model].structured_answers;
        let structured = self.study.structured.as_ref()?;
        let each = [structured.questions.len(), structured.samples as usize];
        self.in_file(answers, each, slot.item, slot.sample)
    }

    /// The answer of a sample to an item, among those of a file. `each` is how many questions
    /// every persona is asked, and how many samples are planned of each.
    pub(super) fn in_file<'a>(
        &self,
        answers: &'a [FileAnswer],
        [questions, samples]: [usize; 2],
        item: u32,
        sample: u32,
    ) -> Option<&'a FileAnswer> {
        let item = self.items[item as usize];
        let wanted = (item.persona, item.question, item.variant, sample);
        let variants = self.study.variants.as_ref();
        let variants = variants.map_or(1, |variants| variants.persona_prompts.len());
        // Where a file gives all that is planned and no more, each stands at its place.
        let row = item.persona as usize * questions + item.question as usize;
        let place = (row * variants + item.variant as usize) * samples + sample as usize - 1;
        answers
            .get(place)
            .filter(|answer| answer.place() == wanted)
            .or_else(|| {
                let found = answers.binary_search_by_key(&wanted, FileAnswer::place);
                Some(&answers[found.ok()?])
            })
    }
}
