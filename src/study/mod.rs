//! A study: who is asked what, which models answer, and who judges.
//!
//! [`Study`] is the validated, self-contained form: tables, templates and the
//! rubric are inside it, so that it can be stored by hash beside the calls and a
//! report needs nothing else. Reading it from a study file is in `load`, which
//! reports every problem at once. A study holds no secrets: an entry names the
//! environment variable of its key, never the key.

mod answers;
mod cells;
mod checks;
mod compare;
mod endpoint;
mod entry;
mod file;
mod identity;
mod ids;
mod keys;
pub(crate) mod layout;
mod load;
pub(crate) mod modes;
mod report_options;
mod report_settings;
mod scaffold;
pub mod scale;
mod settings;
pub(crate) mod splits;
pub mod structured;
mod tables;
mod templates;
#[cfg(test)]
pub(crate) mod testing;
mod variants;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::rubric::{Rubric, Template};
use crate::text::names::Names;

pub use checks::items_without_truth;
pub use identity::Identity;
pub use keys::{KeyFault, key_variables, unusable_keys};
pub use load::{Loaded, Seen, TablePrompts, UNFINISHED, load, load_tables, load_unasked};
pub use report_options::{
    DEFAULT_MIN_ITEMS, IntervalMethod, PersonaPopulation, RatingMethod, ReportOptions,
    SubgroupAdjustment,
};
pub use scaffold::{STARTER, ScaffoldError, scaffold};
pub use scale::{Distribution, Scale, ScaleError, ScaleOption};
pub use structured::{AnswerForm, Structured, StructuredQuestion, StructuredTruth};
pub use variants::Variants;

/// A validated study with everything that its prompts and its report need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Name; also of the default results folder.
    pub name: String,
    /// Seeds the order of work and every random choice of the plan and the report.
    pub seed: u64,
    /// Persona dimensions, in column order.
    pub dimensions: Vec<String>,
    /// Question covariates, in column order.
    pub covariates: Vec<String>,
    /// Who is spoken for.
    pub personas: Vec<Persona>,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What each persona's group holds; sorted by persona, then question.
    #[serde(deserialize_with = "with_shared_text")]
    pub truths: Vec<Truth>,
    /// Models under study, in file order.
    pub models: Vec<Entry>,
    /// Judges, in file order.
    pub judges: Vec<Entry>,
    /// What is compared with what.
    pub compare: Compare,
    /// How it is judged.
    pub judging: Judging,
    /// How it is reported.
    pub report: ReportOptions,
    /// The structured half, where the study has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structured: Option<Structured>,
    /// The phrasings in which everything is asked, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variants: Option<Variants>,
}

/// Somebody whose voice the models take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Persona {
    /// Unique id.
    pub id: String,
    /// Free text about the persona, for the prompt.
    pub text: Option<String>,
    /// For instance in- or out-of-distribution.
    pub split: Option<String>,
    /// Stratum of a survey design.
    pub stratum: Option<String>,
    /// Respondents behind the persona.
    pub n: Option<f64>,
    /// Weight of the persona's group in the population.
    pub weight: Option<f64>,
    /// The level of each of the study's dimensions; `None` is not said in the
    /// prompt and belongs to no level.
    pub levels: Vec<Option<String>>,
}

/// An open-ended question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique id.
    pub id: String,
    /// Topic, a grouping of questions.
    pub topic: Option<String>,
    /// The question as it is asked.
    pub text: String,
    /// Id of the survey question behind it.
    pub structured: Option<String>,
    /// The value of each of the study's covariates.
    pub covariates: Vec<Option<String>>,
}

/// The value that an item's persona group holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Index into [`Study::personas`].
    pub persona: u32,
    /// Index into [`Study::questions`].
    pub question: u32,
    /// The value in words, as the judge is told it.
    pub value: Arc<str>,
    /// Its survey code.
    pub code: Option<Arc<str>>,
    /// Share of the group that holds it, in [0, 1].
    pub share: Option<f64>,
    /// Respondents behind it.
    pub n: Option<f64>,
}

/// A model or judge: where it is and how it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The key of its table in the study file.
    pub name: String,
    /// Dialect.
    pub provider: ProviderKind,
    /// Base URLs; several share the load. Empty where there is no server.
    pub base_urls: Vec<String>,
    /// Model name as the server knows it.
    pub model: String,
    /// Part of a call's identity: tells a retrained checkpoint from the one before.
    pub revision: Option<String>,
    /// Environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Most tokens of a reply.
    pub max_tokens: Option<u32>,
    /// The name under which `max_tokens` is sent.
    pub max_tokens_field: MaxTokensField,
    /// Seed of the first sample or repeat; the k-th is sent `seed + k - 1`.
    pub seed: Option<i64>,
    /// Parameters passed through in the request body.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Headers passed through.
    pub headers: BTreeMap<String, String>,
    /// Azure's `api-version`, or Anthropic's version header.
    pub api_version: Option<String>,
    /// Where the system prompt goes.
    pub system: SystemRole,
    /// Whether the reply is free text or bound to a JSON Schema (judges).
    pub reply: ReplyFormat,
    /// Dollars per million tokens.
    pub price: Option<Price>,
    /// Calls in flight at once for this entry; `None` adapts.
    pub max_connections: Option<u32>,
    /// Seconds after which a call is given up and tried again.
    pub timeout: f64,
    /// Most tries of one call.
    pub max_tries: u32,
    /// Behaviour of a simulated entry.
    pub simulated: Simulated,
    /// Answers of a `file` entry; sorted by persona, question, sample.
    pub answers: Vec<FileAnswer>,
    /// Its structured answers; [`FileAnswer::question`] is an index into
    /// [`Structured::questions`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub structured_answers: Vec<FileAnswer>,
    /// The `alignment` of a simulated model for personas with certain levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alignment_by: Vec<AlignmentBy>,
}

/// How to talk to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// OpenAI-compatible chat completions.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// The embedded deterministic model.
    Simulated,
    /// Answers that were made elsewhere.
    File,
}

impl ProviderKind {
    /// Its name in a study file.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Simulated => "simulated",
            Self::File => "file",
        }
    }
}

/// The body field that carries the token limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// `max_tokens`.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`, which newer OpenAI models ask for.
    MaxCompletionTokens,
}

/// Where the system prompt is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SystemRole {
    /// In a message of the system role.
    #[default]
    Message,
    /// Before the user's text, for templates that refuse a system role.
    User,
}

/// How a judge's reply is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyFormat {
    /// Free text that ends with a JSON object.
    #[default]
    Text,
    /// The server is given the verdict's JSON Schema.
    JsonSchema,
}

/// Dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of the prompt.
    pub input: f64,
    /// Of the reply.
    pub output: f64,
}

impl Price {
    /// Dollars for these tokens.
    pub fn dollars(&self, input: u64, output: u64) -> f64 {
        (input as f64 * self.input + output as f64 * self.output) / 1e6
    }
}

/// How a simulated model or judge behaves; probabilities in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Simulated {
    /// A model's answer takes the ground-truth stance.
    pub alignment: f64,
    /// A model's answer speaks in character.
    pub adherence: f64,
    /// A judge sees which answer is better where one is.
    pub skill: f64,
    /// A judge names the answer shown first, whatever it says.
    pub first_bias: f64,
    /// A judge calls a tie.
    pub tie_rate: f64,
    /// A judge's reply holds no full verdict: none at all, one that lacks a criterion,
    /// a refusal, or one that is cut off.
    pub malformed_rate: f64,
    /// A model refuses to pick an option.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusal_rate: f64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(rate: &f64) -> bool {
    *rate == 0.0
}

/// How aligned a simulated model is for personas with these levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlignmentBy {
    /// Dimensions, as indices into [`Study::dimensions`], with a level each.
    pub levels: Vec<(u32, String)>,
    /// Probability that an answer takes the ground-truth stance.
    pub alignment: f64,
}

impl Default for Simulated {
    fn default() -> Self {
        Self {
            alignment: 0.5,
            adherence: 0.5,
            skill: 0.8,
            first_bias: 0.0,
            tie_rate: 0.0,
            malformed_rate: 0.0,
            refusal_rate: 0.0,
        }
    }
}

/// An answer that was made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAnswer {
    /// Index into [`Study::personas`].
    pub persona: u32,
    /// Index into [`Study::questions`].
    pub question: u32,
    /// Index into the phrasings of [`Study::variants`]; 0 where there are none.
    #[serde(default, skip_serializing_if = "is_first")]
    pub variant: u32,
    /// From 1.
    pub sample: u32,
    /// The answer.
    pub text: String,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Ending::is_whole")]
    pub ending: Ending,
}

impl FileAnswer {
    /// Persona, question, phrasing and sample, by which the answers of a file are sorted.
    pub fn place(&self) -> (u32, u32, u32, u32) {
        (self.persona, self.question, self.variant, self.sample)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_first(variant: &u32) -> bool {
    *variant == 0
}

/// How an answer that was made elsewhere ended, as far as its file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The model was done.
    #[default]
    Whole,
    /// At the token limit.
    CutOff,
    /// By a filter, or by the model's own refusal signal.
    Refused,
}

impl Ending {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// What is compared with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compare {
    /// Candidate against opponent.
    pub pairs: Vec<Pair>,
    /// Responses per item and model, at least 1.
    pub samples: u32,
}

/// A candidate and its opponent, as indices into [`Study::models`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// The model whose win rate is estimated.
    pub candidate: usize,
    /// The model it is compared with.
    pub opponent: usize,
}

/// How comparisons are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judging {
    /// Indices into [`Study::judges`].
    pub judges: Vec<usize>,
    /// What is judged.
    pub rubric: Rubric,
    /// In which orders the answers are shown.
    pub orders: Orders,
    /// Askings of the same judge, at least 1.
    pub repeats: u32,
    /// Further attempts at a judgment without a full verdict.
    pub reasks: u32,
    /// Template of the system message of a model under study.
    pub persona_prompt: Template,
    /// Template of its user message.
    pub question_prompt: Template,
}

/// In which orders the two answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Orders {
    /// Each comparison is judged twice, once in each order.
    #[default]
    Both,
    /// Each comparison is judged once, in an order drawn by the study's seed.
    Random,
}

/// Keeps a value once however many items hold it.
fn with_shared_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Truth>, D::Error> {
    struct Truths;
    impl<'de> Visitor<'de> for Truths {
        type Value = Vec<Truth>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of truths")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Truth>, A::Error> {
            let mut names = Names::default();
            let mut truths = Vec::new();
            while let Some(truth) = list.next_element::<Truth>()? {
                truths.push(Truth {
                    value: names.text(&truth.value),
                    code: names.optional(truth.code.as_deref()),
                    ..truth
                });
            }
            Ok(truths)
        }
    }
    deserializer.deserialize_seq(Truths)
}

impl Entry {
    /// The alignment of a simulated model for a persona: of the settings that fit it, of
    /// those that name most levels, the mean; where none fits, the model's own.
    pub fn alignment_for(&self, persona: &Persona) -> f64 {
        let holds = |(dimension, level): &(u32, String)| {
            let own = persona.levels.get(*dimension as usize);
            own.is_some_and(|own| own.as_deref() == Some(level))
        };
        let fits = |by: &&AlignmentBy| by.levels.iter().all(holds);
        let fitting = || self.alignment_by.iter().filter(fits);
        let Some(most) = fitting().map(|by| by.levels.len()).max() else {
            return self.simulated.alignment;
        };
        let closest: Vec<f64> = fitting()
            .filter(|by| by.levels.len() == most)
            .map(|by| by.alignment)
            .collect();
        closest.iter().sum::<f64>() / closest.len() as f64
    }
}

impl Study {
    /// The truth of an item, if it is known.
    pub fn truth(&self, persona: u32, question: u32) -> Option<&Truth> {
        self.truths
            .binary_search_by_key(&(persona, question), |truth| {
                (truth.persona, truth.question)
            })
            .ok()
            .map(|index| &self.truths[index])
    }
}

#[cfg(test)]
mod tests;
