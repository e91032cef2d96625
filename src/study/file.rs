//! The keys of a study file: what may stand where, of which type, in which range.

use std::ops::Bound::{Excluded, Included, Unbounded};

use super::report_options::{IntervalMethod, RatingMethod, SubgroupAdjustment};
use crate::input::schema::{Bounds, Key, Kind, MAX_EXACT, optional, required};

/// Names of the dialects, as in [`super::ProviderKind`].
pub(super) const PROVIDERS: &[&str] = &["openai", "anthropic", "simulated", "file"];
/// Most samples, repeats, re-asks and tries: far above any use, so that a slip of
/// the finger does not plan a billion calls.
const MOST: i64 = 10_000;
/// A day; an entry that needs longer for one call is broken.
const MOST_SECONDS: f64 = 86_400.0;
/// Sample k is sent `seed + k - 1`, which must stay exact in JSON.
const MOST_SEED: i64 = MAX_EXACT - MOST;

const NOT_NEGATIVE: Bounds = (Included(0.0), Unbounded);
const PROBABILITY: Bounds = (Included(0.0), Included(1.0));
const INSIDE_UNIT: Bounds = (Excluded(0.0), Excluded(1.0));
const INSIDE_HALF: Bounds = (Excluded(0.0), Excluded(0.5));
const SHARE_ABOVE_ZERO: Bounds = (Excluded(0.0), Included(1.0));
const ABOVE_ZERO: Bounds = (Excluded(0.0), Unbounded);
const SECONDS: Bounds = (Excluded(0.0), Included(MOST_SECONDS));

/// The whole file. `docs/study.md` explains each key; a test holds it to that.
pub(super) const STUDY: &[Key] = &[
    required(
        "name",
        Kind::Text,
        "name = \"…\" names the study and its results folder",
    ),
    optional("seed", Kind::Whole(0, MAX_EXACT)),
    required(
        "data",
        Kind::Table(DATA),
        "[data] names the tables: personas, questions, and truth where it is known",
    ),
    optional("models", Kind::Named(ENTRY)),
    optional("judges", Kind::Named(ENTRY)),
    optional("compare", Kind::Table(COMPARE)),
    optional("judging", Kind::Table(JUDGING)),
    optional("report", Kind::Table(REPORT)),
    optional("structured", Kind::Table(STRUCTURED)),
    optional("variants", Kind::Table(VARIANTS)),
];

/// Keys of the file that a study can do without only where it asks structured questions
/// and compares nothing, and `models` only where no model is asked: what they are, and what
/// to write.
pub(super) const OF_COMPARISONS: [(&str, &str, &str); 4] = [
    (
        "models",
        "this table is missing",
        "[models.<name>] describes a model under study; two are needed",
    ),
    (
        "judges",
        "this table is missing",
        "[judges.<name>] describes a judge",
    ),
    (
        "compare",
        "this table is missing",
        "[compare] says which models are compared: pairs = [[\"candidate\", \"opponent\"]], or reference = \"…\", or all = true",
    ),
    (
        "data.questions",
        "this key is missing",
        "questions = \"questions.csv\"",
    ),
];

const DATA: &[Key] = &[
    required("personas", Kind::Path, "personas = \"personas.csv\""),
    optional("questions", Kind::Path),
    optional("truth", Kind::Path),
];

/// A model or a judge; which key applies to which is in `entry`.
pub(super) const ENTRY: &[Key] = &[
    required(
        "provider",
        Kind::OneOf(PROVIDERS),
        "provider = \"openai\" (any OpenAI-compatible server), \"anthropic\", \"simulated\" or \"file\"",
    ),
    optional("base_url", Kind::TextOrTexts),
    optional("model", Kind::Text),
    optional("revision", Kind::Text),
    optional("api_key_env", Kind::Text),
    optional("temperature", Kind::Number(NOT_NEGATIVE)),
    optional("top_p", Kind::Number(SHARE_ABOVE_ZERO)),
    optional("max_tokens", Kind::Whole(1, u32::MAX as i64)),
    optional("max_completion_tokens", Kind::Whole(1, u32::MAX as i64)),
    optional("seed", Kind::Whole(-MOST_SEED, MOST_SEED)),
    optional("extra", Kind::Json),
    optional("headers", Kind::TextTable),
    optional("api_version", Kind::Text),
    optional("system", Kind::OneOf(&["message", "user"])),
    optional("reply", Kind::OneOf(&["text", "json_schema"])),
    optional("price", Kind::Table(PRICE)),
    optional("max_connections", Kind::Whole(1, 65_536)),
    optional("timeout", Kind::Number(SECONDS)),
    optional("max_tries", Kind::Whole(1, MOST)),
    optional("alignment", Kind::Number(PROBABILITY)),
    optional("adherence", Kind::Number(PROBABILITY)),
    optional("skill", Kind::Number(PROBABILITY)),
    optional("first_bias", Kind::Number(PROBABILITY)),
    optional("tie_rate", Kind::Number(PROBABILITY)),
    optional("malformed_rate", Kind::Number(PROBABILITY)),
    optional("refusal_rate", Kind::Number(PROBABILITY)),
    optional("alignment_by", Kind::Json),
    optional("path", Kind::Path),
    optional("structured_path", Kind::Path),
];

const PRICE: &[Key] = &[
    required(
        "input",
        Kind::Number(NOT_NEGATIVE),
        "input = dollars per million tokens of the prompt",
    ),
    required(
        "output",
        Kind::Number(NOT_NEGATIVE),
        "output = dollars per million tokens of the reply",
    ),
];

const COMPARE: &[Key] = &[
    optional("pairs", Kind::TextLists),
    optional("reference", Kind::Text),
    optional("candidates", Kind::Texts),
    optional("all", Kind::Flag),
    optional("samples", Kind::Whole(1, MOST)),
];

const JUDGING: &[Key] = &[
    optional("judges", Kind::Texts),
    optional("rubric", Kind::Path),
    optional("orders", Kind::OneOf(&["both", "random"])),
    optional("repeats", Kind::Whole(1, MOST)),
    optional("reasks", Kind::Whole(0, MOST)),
    optional("persona_prompt", Kind::Path),
    optional("question_prompt", Kind::Path),
];

const VARIANTS: &[Key] = &[
    required(
        "persona_prompts",
        Kind::Paths,
        "persona_prompts = [\"persona\", \"persona-third\", \"none\"] names the phrasings, as persona_prompt of [judging] does",
    ),
    optional("control", Kind::Text),
];

const STRUCTURED: &[Key] = &[
    required(
        "questions",
        Kind::Path,
        "questions = \"survey/questions.csv\" names a table with id, topic, text, options",
    ),
    optional("prompt", Kind::Path),
    optional("reply", Kind::OneOf(&["text", "json_schema"])),
    optional("answer", Kind::OneOf(&["sampled", "logprobs"])),
    optional("samples", Kind::Whole(1, MOST)),
    optional("max_tokens", Kind::Whole(1, u32::MAX as i64)),
    optional("temperature", Kind::Number(NOT_NEGATIVE)),
];

const REPORT: &[Key] = &[
    optional("personas", Kind::OneOf(&["sampled", "fixed"])),
    optional("level", Kind::Number(INSIDE_UNIT)),
    optional("interval", Kind::OneOf(IntervalMethod::NAMES)),
    optional("cluster", Kind::TextOrTexts),
    optional("margin", Kind::Number(INSIDE_HALF)),
    optional("adjust", Kind::OneOf(SubgroupAdjustment::NAMES)),
    optional("by", Kind::TextLists),
    optional("coverage_floor", Kind::Number(PROBABILITY)),
    optional("control", Kind::Text),
    optional("difficulty", Kind::Text),
    optional("rating", Kind::OneOf(RatingMethod::NAMES)),
    optional("elo_k", Kind::Number(ABOVE_ZERO)),
    optional("reference", Kind::Text),
    optional("min_items", Kind::Whole(2, MOST)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{part, unexplained};

    #[test]
    fn the_page_on_studies_explains_every_key() {
        let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/study.md"));
        for key in STUDY {
            let missing = match key.kind {
                Kind::Table(keys) | Kind::Named(keys) => {
                    unexplained(part(page, &format!("[{}", key.name)), keys)
                }
                _ => unexplained(part(page, "The file"), std::slice::from_ref(key)),
            };
            assert!(
                missing.is_empty(),
                "docs/study.md does not explain, of {}: {}",
                key.name,
                missing.join(", ")
            );
        }
    }
}
