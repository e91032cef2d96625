//! The structured half of a study: questions with scales, and what the respondents
//! of each persona's group answered.

pub(super) mod load;
pub(super) mod tables;

use serde::{Deserialize, Serialize};

use super::{Distribution, ReplyFormat, Scale, modes};
use crate::rubric::Template;

/// `[structured]`: every model is asked each of these questions in the voice of every
/// persona, and picks an option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Structured {
    /// What is asked.
    pub questions: Vec<StructuredQuestion>,
    /// What each persona's group answered; sorted by persona, then question.
    pub truths: Vec<StructuredTruth>,
    /// Template of the user message.
    pub prompt: Template,
    /// Whether the reply is free text or bound to a JSON Schema.
    pub reply: ReplyFormat,
    /// Whether an answer is what was sampled, or the probabilities of all options.
    pub answer: AnswerForm,
    /// Answers per item and model, at least 1.
    pub samples: u32,
    /// Most tokens of a reply; `None` is the entry's own limit.
    pub max_tokens: Option<u32>,
    /// Sampling temperature; `None` is the entry's own.
    pub temperature: Option<f64>,
}

/// A question with a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StructuredQuestion {
    /// Unique id.
    pub id: String,
    /// Topic, a grouping of questions.
    pub topic: Option<String>,
    /// The question as it is asked.
    pub text: String,
    /// Its options.
    pub scale: Scale,
    /// For instance whether a fine-tune may see it; without one it belongs to all splits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
}

/// What a persona's group answered to a structured question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StructuredTruth {
    /// Index into [`Study::personas`](super::Study::personas).
    pub persona: u32,
    /// Index into [`Structured::questions`].
    pub question: u32,
    /// The modal answer.
    pub code: i32,
    /// Every answer that ties for the mode, ascending; empty where none does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<i32>,
    /// Shares of the group's answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Distribution>,
    /// Share of the group that gave the modal answer, in [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Respondents behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<f64>,
    /// How often the mode is another one when respondents are drawn anew, in [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unstable: Option<f64>,
}

/// What is taken for a model's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerForm {
    /// The option in the reply.
    #[default]
    Sampled,
    /// The probability of each option, from the log-probabilities of the reply's tokens.
    Logprobs,
}

impl StructuredTruth {
    /// The answers that tie for the mode, ascending: those that the truth names, else those
    /// of its distribution; none where the mode is alone.
    pub fn tied(&self, scale: &Scale) -> Vec<i32> {
        if !self.modes.is_empty() {
            return self.modes.clone();
        }
        let shares = self.distribution.as_ref();
        let shares = shares.and_then(|distribution| distribution.over(scale).ok());
        let mode = scale.position(self.code);
        let tied = mode.zip(shares).map_or_else(Vec::new, |(mode, shares)| {
            modes::tied_modes(mode as u16, &shares)
        });
        let mut codes: Vec<i32> = tied
            .into_iter()
            .filter_map(|at| Some(scale.options().get(usize::from(at))?.code))
            .collect();
        codes.sort_unstable();
        codes
    }
}

impl Structured {
    /// The truth of an item, if it is known.
    pub fn truth(&self, persona: u32, question: u32) -> Option<&StructuredTruth> {
        self.truths
            .binary_search_by_key(&(persona, question), |truth| {
                (truth.persona, truth.question)
            })
            .ok()
            .map(|index| &self.truths[index])
    }
}
