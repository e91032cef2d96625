//! From a study to the calls it needs. Pure: the same study gives the same plan.
//!
//! A plan holds slots: a [`Generation`] is one response of one model to one
//! item, a [`Judgment`] one asking of one judge. A slot becomes a call, with its
//! messages and its [`Key`], when what it is made from is known: a judgment's key
//! depends on the two responses it compares.
//!
//! Invariants:
//! - two slots are never one call, even where their prompts happen to be equal;
//! - a call's key depends on its content and on the draw it is, not on where it
//!   is sent, how entries are named, or in which order the work is done.

mod doubts;
pub mod estimate;
mod identity;
mod slots;
mod structured;

use std::sync::Arc;

use serde_json::value::RawValue;

pub use slots::{AnswerSlot, Generation, Item, Judgment, Response};

use crate::key::Key;
use crate::problem::Problem;
use crate::prompt::{JudgmentContext, Message, PromptError, Prompts};
use crate::provider::{ReplySchema, SimulatedOptions};
use crate::rubric::{self, Rubric};
use crate::study::{Entry, FileAnswer, Orders, Pair, ReplyFormat, Study};
use crate::verdict::{Order, extract};

/// The work of a study.
pub struct Plan {
    study: Arc<Study>,
    prompts: Prompts,
    /// Open-ended items, then structured ones.
    items: Vec<Item>,
    /// How many are open-ended.
    open_ended: usize,
    /// Of each open-ended item, whether its truth is known.
    truth_is_known: Vec<bool>,
    /// What only the structured half needs.
    structured: structured::Parts,
    /// Indices of the models that a comparison needs.
    models: Vec<usize>,
    with_truth: Vec<Asked>,
    without_truth: Vec<Asked>,
    /// Each persona's levels in words, for simulated models.
    voices: Vec<String>,
    /// What of each model, and of each judge, is part of its calls' keys.
    model_identities: Vec<Box<RawValue>>,
    judge_identities: Vec<Box<RawValue>>,
    /// What tells each pair, by the identities of its two models.
    pairs: Vec<PairIdentity>,
}

/// The criteria of one judgment call.
struct Asked {
    criteria: Vec<usize>,
    schema: ReplySchema,
    reader: extract::Reader,
}

/// A slot whose call is known.
#[derive(Debug, Clone)]
pub struct PlannedCall<'p> {
    /// Its identity.
    pub key: Key,
    /// The table of the study file in which the entry stands: `models` or `judges`.
    pub table: &'static str,
    /// Who is asked.
    pub entry: &'p Entry,
    /// What is said.
    pub messages: Vec<Message>,
    /// Seed of this draw.
    pub seed: Option<i64>,
    /// The schema that the reply is bound to.
    pub schema: Option<&'p ReplySchema>,
    /// The persona in words, for simulated models.
    pub persona: &'p str,
    /// The item's truth, for simulated models.
    pub truth: Option<&'p str>,
    /// Whether the log-probabilities of the reply's tokens are asked for.
    pub logprobs: bool,
    /// How aligned a simulated model is for the persona, where its levels say so.
    pub alignment: Option<f64>,
    /// The options of a structured question, for simulated models.
    pub options: Option<SimulatedOptions<'p>>,
}

impl PlannedCall<'_> {
    /// The entry as the study file calls it, such as `models.base`.
    pub fn place(&self) -> String {
        format!("{}.{}", self.table, self.entry.name)
    }
}

/// Why a slot cannot become a call.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Its template fails on its data.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// Its identity cannot be written as JSON.
    #[error("cannot write the identity of a call as JSON: {0}")]
    Identity(#[from] serde_json::Error),
}

impl Plan {
    /// Plans a study, with every problem of its templates where there is one.
    pub fn new(study: Arc<Study>) -> Result<Self, Vec<Problem>> {
        let prompts = Prompts::new(&study)?;
        let rubric = &study.judging.rubric;
        let voices = study
            .personas
            .iter()
            .map(|persona| {
                let levels: Vec<&str> = persona
                    .levels
                    .iter()
                    .flatten()
                    .map(String::as_str)
                    .collect();
                levels.join(", ")
            })
            .collect();
        let mut items = slots::items(&study);
        let open_ended = items.len();
        let truth_is_known = items
            .iter()
            .map(|item| study.truth(item.persona, item.question).is_some())
            .collect();
        items.extend(slots::structured_items(&study));
        Ok(Self {
            items,
            open_ended,
            truth_is_known,
            structured: structured::Parts::new(&study)?,
            models: slots::models_in_use(&study),
            with_truth: asked(rubric, true)?,
            without_truth: asked(rubric, false)?,
            model_identities: identities(&study.models)?,
            judge_identities: identities(&study.judges)?,
            pairs: pairs(&study)?,
            prompts,
            voices,
            study,
        })
    }

    /// The study that is planned.
    pub fn study(&self) -> &Arc<Study> {
        &self.study
    }

    /// The open-ended items in the order of work: questions in an order drawn by the
    /// study's seed, each asked of every persona before the next.
    pub fn items(&self) -> &[Item] {
        &self.items[..self.open_ended]
    }

    /// Indices into [`Study::models`] of the models that a comparison needs.
    pub fn models(&self) -> &[usize] {
        &self.models
    }

    /// The responses an item needs, whoever gives them.
    pub fn generations(&self, item: u32) -> impl Iterator<Item = Generation> {
        let samples = self.study.compare.samples;
        let models: &[usize] = if self.is_structured(item) {
            &[]
        } else {
            &self.models
        };
        models.iter().flat_map(move |model| {
            (1..=samples).map(move |sample| Generation {
                item,
                model: *model,
                sample,
            })
        })
    }

    /// The judgments of an item: by comparison, sample, judge, criteria asked,
    /// repeat and order.
    pub fn judgments(&self, item: u32) -> Vec<Judgment> {
        if self.is_structured(item) {
            return Vec::new();
        }
        let judging = &self.study.judging;
        let mut judgments = Vec::with_capacity(self.judgments_of(item));
        for pair in 0..self.study.compare.pairs.len() {
            for sample in 1..=self.study.compare.samples {
                for judge in &judging.judges {
                    for ask in 0..self.asked_of(item).len() {
                        for repeat in 1..=judging.repeats {
                            for order in self.orders(item, pair, sample) {
                                judgments.push(Judgment {
                                    item,
                                    pair,
                                    sample,
                                    judge: *judge,
                                    ask,
                                    repeat,
                                    order: *order,
                                });
                            }
                        }
                    }
                }
            }
        }
        judgments
    }

    /// How many judgments an item has.
    pub fn judgments_of(&self, item: u32) -> usize {
        if self.is_structured(item) {
            return 0;
        }
        self.judgments_per_ask() * self.asked_of(item).len()
    }

    /// The most judgments that any item has.
    pub fn most_judgments(&self) -> usize {
        self.judgments_per_ask() * self.with_truth.len().max(self.without_truth.len())
    }

    fn judgments_per_ask(&self) -> usize {
        let judging = &self.study.judging;
        let orders = match judging.orders {
            Orders::Both => 2,
            Orders::Random => 1,
        };
        self.study.compare.pairs.len()
            * self.study.compare.samples as usize
            * judging.judges.len()
            * judging.repeats as usize
            * orders
    }

    /// How an item is called: `persona/question`, and `/variant` where there are several.
    pub fn item_id(&self, item: u32) -> String {
        let place = self.items[item as usize];
        let persona = &self.study.personas[place.persona as usize].id;
        let question = self.question_id(item);
        match self.variant(item) {
            Some(variant) => format!("{persona}/{question}/{variant}"),
            None => format!("{persona}/{question}"),
        }
    }

    /// The phrasing of an item, where the study has several.
    pub fn variant(&self, item: u32) -> Option<&str> {
        let variants = self.study.variants.as_ref()?;
        Some(variants.name(self.items[item as usize].variant))
    }

    /// Whether a model is not told the persona: nothing is said of it in this phrasing.
    fn is_untold(&self, messages: &[Message]) -> bool {
        self.study.variants.is_some()
            && messages
                .iter()
                .all(|message| message.role != crate::prompt::Role::System)
    }

    /// The seed of an asking after `replies` replies: one that no planned draw has.
    pub fn reask_seed(&self, seed: Option<i64>, replies: u32) -> Option<i64> {
        let repeats = i64::from(self.study.judging.repeats);
        seed.map(|seed| seed.wrapping_add(repeats * i64::from(replies)))
    }

    /// The criteria that a judgment asks for, as indices into the rubric.
    pub fn criteria(&self, judgment: &Judgment) -> &[usize] {
        &self.asked_of(judgment.item)[judgment.ask].criteria
    }

    /// What reads the replies to a judgment.
    pub fn reader(&self, judgment: &Judgment) -> &extract::Reader {
        &self.asked_of(judgment.item)[judgment.ask].reader
    }

    /// The call of a response; `None` where the response is read from a file.
    pub fn generation_call(&self, slot: &Generation) -> Result<PlannedCall<'_>, PlanError> {
        let item = self.items[slot.item as usize];
        let entry = &self.study.models[slot.model];
        let messages = self.prompts.generation(
            item.variant as usize,
            item.persona as usize,
            item.question as usize,
        )?;
        let untold = self.is_untold(&messages);
        let seed = draw_seed(entry, slot.sample);
        let key = identity::generation(self, slot, &messages)?;
        Ok(PlannedCall {
            key,
            table: "models",
            entry,
            messages,
            seed,
            schema: None,
            persona: if untold {
                ""
            } else {
                &self.voices[item.persona as usize]
            },
            truth: self.truth(item).filter(|_| !untold),
            logprobs: false,
            alignment: self.alignment(entry, item).filter(|_| !untold),
            options: None,
        })
    }

    /// How aligned a simulated model is for an item's persona, where it depends on it.
    fn alignment(&self, entry: &Entry, item: Item) -> Option<f64> {
        let persona = &self.study.personas[item.persona as usize];
        (!entry.alignment_by.is_empty()).then(|| entry.alignment_for(persona))
    }

    /// The response of a `file` entry, if the file has one.
    pub fn file_response(&self, slot: &Generation) -> Option<&FileAnswer> {
        let answers = &self.study.models[slot.model].answers;
        let each = [
            self.study.questions.len(),
            self.study.compare.samples as usize,
        ];
        self.in_file(answers, each, slot.item, slot.sample)
    }

    /// The key of a response of a `file` entry, by what of it is judged.
    pub fn file_response_key(&self, slot: &Generation, judged: &str) -> Result<Key, PlanError> {
        let entry = &self.study.models[slot.model];
        Ok(identity::file_response(self, slot, entry, judged)?)
    }

    /// The responses that a response is compared with.
    pub fn compared_with(&self, slot: &Generation) -> impl Iterator<Item = Generation> {
        let slot = *slot;
        let pairs = self.study.compare.pairs.iter();
        let partners = pairs.filter_map(move |pair| match slot.model {
            model if model == pair.candidate => Some(pair.opponent),
            model if model == pair.opponent => Some(pair.candidate),
            _ => None,
        });
        partners.map(move |model| Generation { model, ..slot })
    }

    /// The call of a judgment of two responses.
    pub fn judgment_call(
        &self,
        slot: &Judgment,
        candidate: &Response,
        opponent: &Response,
    ) -> Result<PlannedCall<'_>, PlanError> {
        let item = self.items[slot.item as usize];
        let entry = &self.study.judges[slot.judge];
        let asked = &self.asked_of(slot.item)[slot.ask];
        let shown = match slot.order {
            Order::CandidateFirst => [candidate, opponent],
            Order::OpponentFirst => [opponent, candidate],
        };
        let draw = identity::draw_of(self, slot, shown)?.to_string();
        let messages = self.prompts.judgment(
            &self.study,
            &JudgmentContext {
                persona: item.persona as usize,
                question: item.question as usize,
                asked: &asked.criteria,
                first: &shown[0].text,
                second: &shown[1].text,
                draw: &draw,
            },
        )?;
        let seed = draw_seed(entry, slot.repeat);
        let schema = (entry.reply == ReplyFormat::JsonSchema).then_some(&asked.schema);
        let key = identity::judgment(self, slot, &messages, schema, shown)?;
        Ok(PlannedCall {
            key,
            table: "judges",
            entry,
            messages,
            seed,
            schema,
            persona: "",
            truth: None,
            logprobs: false,
            alignment: None,
            options: None,
        })
    }

    fn truth(&self, item: Item) -> Option<&str> {
        self.study
            .truth(item.persona, item.question)
            .map(|truth| &*truth.value)
    }

    fn asked_of(&self, item: u32) -> &[Asked] {
        if self.truth_is_known[item as usize] {
            &self.with_truth
        } else {
            &self.without_truth
        }
    }

    fn orders(&self, item: u32, pair: usize, sample: u32) -> &'static [Order] {
        match self.study.judging.orders {
            Orders::Both => &[Order::CandidateFirst, Order::OpponentFirst],
            Orders::Random => {
                let item = self.items[item as usize];
                let PairIdentity { key, is_mirrored } = self.pairs[pair];
                slots::random_order(&self.study, item, key, sample, is_mirrored)
            }
        }
    }
}

fn identities(entries: &[Entry]) -> Result<Vec<Box<RawValue>>, Vec<Problem>> {
    entries
        .iter()
        .map(|entry| {
            identity::entry(entry).map_err(|error| {
                let message = format!("its parameters cannot be written as JSON: {error}");
                vec![Problem::error(&entry.name, message)]
            })
        })
        .collect()
}

/// The k-th draw of a seeded entry has the seed `seed + k - 1`.
fn draw_seed(entry: &Entry, k: u32) -> Option<i64> {
    entry.seed.map(|seed| seed.wrapping_add(i64::from(k) - 1))
}

/// What tells a pair of models, whichever of them is the candidate.
#[derive(Debug, Clone, Copy)]
struct PairIdentity {
    /// Of both, the one with the lesser key first.
    key: Key,
    /// Whether that is the opponent.
    is_mirrored: bool,
}

/// The identities of the models of each pair.
fn pairs(study: &Study) -> Result<Vec<PairIdentity>, Vec<Problem>> {
    let identity = |pair: &Pair| {
        let models = [pair.candidate, pair.opponent].map(|model| study.models[model].identity());
        let is_mirrored = Key::of(&models[1])? < Key::of(&models[0])?;
        let [candidate, opponent] = &models;
        let ordered = if is_mirrored {
            [opponent, candidate]
        } else {
            [candidate, opponent]
        };
        Ok(PairIdentity {
            key: Key::of(&ordered)?,
            is_mirrored,
        })
    };
    let pairs = study.compare.pairs.iter().map(identity);
    pairs
        .collect::<Result<_, serde_json::Error>>()
        .map_err(|error| {
            let message = format!("the identity of its models cannot be written: {error}");
            vec![Problem::error(&study.name, message)]
        })
}

/// The criteria of each call of an item whose truth is known, or is not.
fn asked(rubric: &Rubric, truth_is_known: bool) -> Result<Vec<Asked>, Vec<Problem>> {
    rubric
        .calls(truth_is_known)
        .into_iter()
        .map(|criteria| {
            let json = rubric::schema::reply_schema(rubric, &criteria).map_err(|error| {
                let message = format!("its verdict cannot be written as a JSON Schema: {error}");
                vec![Problem::error(&rubric.name, message)]
            })?;
            let name = "verdict".to_owned();
            Ok(Asked {
                schema: ReplySchema { name, json },
                reader: extract::Reader::new(rubric, &criteria),
                criteria,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
