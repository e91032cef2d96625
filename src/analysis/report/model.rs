//! The models that were compared.

use schemars::JsonSchema;
use serde::Serialize;

use super::Missing;

/// A model that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Model {
    /// Its name.
    pub model: String,
    /// Whether it is simulated.
    pub simulated: bool,
    /// What became of its planned answers; null for a table from elsewhere.
    pub answers: Option<Answers>,
    /// Mean length of its answers in characters; null where no length is known.
    pub mean_chars: Option<f64>,
    /// Planned verdicts of judgments that it takes part in.
    pub verdicts: u64,
    /// Those that are missing.
    pub missing: Missing,
}

/// What became of a model's planned answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Answers {
    /// Answers that were planned.
    pub planned: u64,
    /// Answers that are there, those that were cut off among them.
    pub answered: u64,
    /// Answers that were cut off at the token limit.
    pub truncated: u64,
    /// Answers without any text, though nothing cut them off. They are judged as
    /// they are: to say nothing is an answer of the model.
    pub empty: u64,
    /// Answers with a text that the model's API calls a refusal. They are judged as they
    /// are.
    pub refused_in_words: u64,
    /// Calls that were refused without a text.
    pub refused: u64,
    /// Calls that failed for good.
    pub failed: u64,
    /// Answers that were to come from a file which does not hold them, or has an empty
    /// row for them; their verdicts are missing as those of calls that failed.
    pub not_in_file: u64,
    /// Calls that were not made.
    pub not_run: u64,
    /// Answers from which a reasoning block was taken off before judging.
    pub reasoning_removed: u64,
}
