//! Which foreign format a file is in, told by the fields of its first record.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::record::{Fields, kind, list};

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// AlpacaEval annotations.
    AlpacaEval,
    /// FastChat's `llm_judge`: pairs, single answers, votes of people, and the
    /// reviews of its first version.
    Fastchat,
    /// Arena-Hard-Auto, v0.1 and v2.
    ArenaHard,
    /// LLMBar.
    Llmbar,
    /// JudgeBench.
    Judgebench,
    /// `PandaLM`: judges and people.
    Pandalm,
    /// WildBench: pairs and scores.
    Wildbench,
    /// Inspect logs whose scores are pairwise labels.
    Inspect,
    /// Label Studio's JSON export.
    LabelStudio,
    /// Any CSV, by its columns.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AlpacaEval,
        Self::Fastchat,
        Self::ArenaHard,
        Self::Llmbar,
        Self::Judgebench,
        Self::Pandalm,
        Self::Wildbench,
        Self::Inspect,
        Self::LabelStudio,
        Self::Csv,
    ];

    /// As it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::AlpacaEval => "alpaca-eval",
            Self::Fastchat => "fastchat",
            Self::ArenaHard => "arena-hard",
            Self::Llmbar => "llmbar",
            Self::Judgebench => "judgebench",
            Self::Pandalm => "pandalm",
            Self::Wildbench => "wildbench",
            Self::Inspect => "inspect",
            Self::LabelStudio => "label-studio",
            Self::Csv => "csv",
        }
    }

    /// The format of this name; `_` may stand for `-`.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase().replace('_', "-");
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What its files hold.
    pub fn expects(self) -> &'static str {
        match self {
            Self::AlpacaEval => {
                "a JSON list of annotations with `instruction`, `output_1`, `output_2` and `preference`"
            }
            Self::Fastchat => {
                "JSON Lines with `question_id` and either `model_1`, `model_2`, `g1_winner`, `g2_winner` (pairs), or `model` and `score` (single answers), or `model_a`, `model_b`, `winner` (people), or `answer1_id`, `answer2_id`, `text` (reviews)"
            }
            Self::ArenaHard => "JSON Lines with `uid` or `question_id`, `model` and `games`",
            Self::Llmbar => {
                "a JSON list (`result.json`) with `input`, `output_1`, `output_2`, `label` and `results`"
            }
            Self::Judgebench => {
                "JSON Lines with `pair_id`, `response_A`, `response_B`, `label` and `judgments`"
            }
            Self::Pandalm => {
                "a JSON list with `idx` and either `annotator1`, `annotator2`, … and `cmp_key`, or a judge's `<judge>_result`"
            }
            Self::Wildbench => {
                "a JSON list with `session_id` and either `model_A`, `model_B`, `winner` (pairs) or `model_test`, `score` (or `generator`, `parsed_result.score`); beside them the data set with `primary_tag`"
            }
            Self::Inspect => "an Inspect log (`.eval`, or `.json` with `eval` and `samples`)",
            Self::LabelStudio => {
                "Label Studio's JSON export: a list of tasks with `data` and `annotations`, or JSON-MIN: a list of rows with `annotator` and `annotation_id`"
            }
            Self::Csv => "a CSV with a header",
        }
    }

    /// Whether a file of this kind is of use to the format.
    pub(super) fn accepts(self, kind: Kind) -> bool {
        match kind {
            Kind::Answers => matches!(self, Self::Fastchat | Self::ArenaHard),
            Kind::Questions => matches!(self, Self::Fastchat | Self::ArenaHard),
            other => other.format() == Some(self),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    AlpacaAnnotations,
    AlpacaOutputs,
    FastchatPairs,
    FastchatSingle,
    FastchatPeople,
    FastchatReviews,
    Answers,
    Questions,
    ArenaHard,
    ArenaHardAnswers,
    Llmbar,
    Judgebench,
    PandalmJudge,
    PandalmPeople,
    WildbenchPairs,
    WildbenchScores,
    WildbenchTasks,
    Inspect,
    LabelStudio,
    LabelStudioMin,
    Csv,
}

impl Kind {
    /// The format whose files these are; `None` for files that several have.
    pub(super) fn format(self) -> Option<Format> {
        Some(match self {
            Self::AlpacaAnnotations | Self::AlpacaOutputs => Format::AlpacaEval,
            Self::FastchatPairs
            | Self::FastchatSingle
            | Self::FastchatPeople
            | Self::FastchatReviews => Format::Fastchat,
            Self::Answers | Self::Questions => return None,
            Self::ArenaHard | Self::ArenaHardAnswers => Format::ArenaHard,
            Self::Llmbar => Format::Llmbar,
            Self::Judgebench => Format::Judgebench,
            Self::PandalmJudge | Self::PandalmPeople => Format::Pandalm,
            Self::WildbenchPairs | Self::WildbenchScores | Self::WildbenchTasks => {
                Format::Wildbench
            }
            Self::Inspect => Format::Inspect,
            Self::LabelStudio | Self::LabelStudioMin => Format::LabelStudio,
            Self::Csv => Format::Csv,
        })
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AlpacaAnnotations => "AlpacaEval annotations",
            Self::AlpacaOutputs => "AlpacaEval outputs, without annotations",
            Self::FastchatPairs => "FastChat judgments of pairs",
            Self::FastchatSingle => "FastChat judgments of single answers",
            Self::FastchatPeople => "FastChat votes of people",
            Self::FastchatReviews => "reviews of FastChat's first version",
            Self::Answers => "answers of a model (FastChat, Arena-Hard v0.1)",
            Self::Questions => "questions (FastChat, Arena-Hard v0.1)",
            Self::ArenaHard => "Arena-Hard judgments",
            Self::ArenaHardAnswers => "Arena-Hard answers of a model",
            Self::Llmbar => "LLMBar results",
            Self::Judgebench => "JudgeBench judgments",
            Self::PandalmJudge => "PandaLM verdicts of a judge",
            Self::PandalmPeople => "PandaLM verdicts of people",
            Self::WildbenchPairs => "WildBench judgments of pairs",
            Self::WildbenchScores => "WildBench scores",
            Self::WildbenchTasks => "WildBench's data set, with the tags of its sessions",
            Self::Inspect => "an Inspect log",
            Self::LabelStudio => "a Label Studio export",
            Self::LabelStudioMin => "a Label Studio export (JSON-MIN)",
            Self::Csv => "a CSV",
        }
    }
}

/// The kind of a file whose first record this is.
pub(super) fn of_record(raw: &RawValue) -> Option<Kind> {
    let fields = Fields::of(raw)?;
    let has = |names: &[&str]| names.iter().all(|name| fields.has(name));
    let any = |names: &[&str]| names.iter().any(|name| fields.has(name));
    let ends = |suffix: &str| fields.names().any(|name| name.ends_with(suffix));
    let kind = if has(&["instruction", "preference"]) {
        Kind::AlpacaAnnotations
    } else if has(&["games", "model"]) {
        Kind::ArenaHard
    } else if any(&["g1_winner", "g2_winner"]) {
        Kind::FastchatPairs
    } else if has(&["model_a", "model_b", "winner"]) {
        Kind::FastchatPeople
    } else if has(&["answer1_id", "answer2_id"]) {
        Kind::FastchatReviews
    } else if has(&["session_id"]) && any(&["winner", "assignment", "model_A"]) {
        Kind::WildbenchPairs
    } else if has(&["session_id"]) && any(&["score", "model_test", "parsed_result"]) {
        Kind::WildbenchScores
    } else if has(&["primary_tag"]) && any(&["session_id", "id"]) {
        Kind::WildbenchTasks
    } else if has(&["results", "label", "output_1", "output_2"]) {
        Kind::Llmbar
    } else if any(&["judgments"]) && any(&["response_A", "pair_id"]) {
        Kind::Judgebench
    } else if fields.names().any(is_annotator) && any(&["cmp_key", "response1", "idx"]) {
        Kind::PandalmPeople
    } else if has(&["idx"]) && ends("_result") {
        Kind::PandalmJudge
    } else if has(&["data"]) && (any(&["annotations", "completions"]) || is_task(&fields)) {
        Kind::LabelStudio
    } else if has(&["annotator"]) && any(&["annotation_id", "lead_time"]) {
        Kind::LabelStudioMin
    } else if has(&["eval"]) && any(&["samples", "plan", "status"]) {
        Kind::Inspect
    } else if any(&["model_id", "model"]) && has(&["choices"]) {
        Kind::Answers
    } else if has(&["question_id", "score"]) && any(&["model", "judge"]) {
        Kind::FastchatSingle
    } else if has(&["uid", "messages"]) {
        Kind::ArenaHardAnswers
    } else if any(&["question_id", "uid"]) && any(&["turns", "prompt", "text"]) {
        Kind::Questions
    } else if has(&["instruction", "output", "generator"]) {
        Kind::AlpacaOutputs
    } else {
        return None;
    };
    Some(kind)
}

/// Whether a field is the verdict of one of `PandaLM`'s people.
pub(super) fn is_annotator(name: &str) -> bool {
    let number = name.strip_prefix("annotator");
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a record is a task for Label Studio that this program wrote.
fn is_task(fields: &Fields<'_>) -> bool {
    let data = fields.object(&["data"]).ok().flatten();
    data.is_some_and(|data| data.has(super::labelling_key::field::TASK))
}

/// What the first record of a file is, for a sentence.
pub(super) fn found(raw: &RawValue) -> String {
    if let Some(fields) = Fields::of(raw) {
        let names: Vec<String> = fields
            .names()
            .take(8)
            .map(|name| format!("`{name}`"))
            .collect();
        return match names.len() {
            0 => "an object without fields".to_owned(),
            _ => format!("objects with {}", names.join(", ")),
        };
    }
    match list(raw) {
        Some(_) => "lists of lists".to_owned(),
        None => kind(raw).to_owned(),
    }
}
