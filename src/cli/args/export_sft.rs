//! The command line of `oyer survey export-sft`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CheckFormat, number, seed};

#[derive(Debug, Args)]
pub(crate) struct ExportSftArgs {
    /// A study file or its folder, or the folder that `oyer survey build` wrote
    pub(crate) source: PathBuf,
    /// Folder of the training data
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Whose form: TRL with `messages`, or with `prompt` and `completion`; LLaMA-Factory
    /// as sharegpt, or as alpaca; OpenAI fine-tuning
    #[arg(long = "for", value_name = "TOOL", value_enum, default_value_t)]
    pub(crate) form: TrainingForm,
    /// Share of the items that is kept for validation, in a file of its own
    #[arg(long, value_name = "SHARE", value_parser = val, default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) val: f64,
    /// Seed of the order and of what is kept for validation [default: that of the study]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// The split that may be trained on [default: id or train]
    #[arg(long, value_name = "SPLIT")]
    pub(crate) split: Option<String>,
    /// Only this persona; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) persona: Vec<String>,
    /// Only this question; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) question: Vec<String>,
    /// What is done with an item whose truth says that several answers tie: the answer
    /// that it names, an example of each, or no example
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) ties: TiedAs,
    /// Where the system prompt goes [default: where the study's models have it]
    #[arg(long, value_name = "WHERE", value_enum)]
    pub(crate) system: Option<SystemPlace>,
    /// Template of the persona, where SOURCE is a folder of tables [default: persona]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) persona_prompt: Option<String>,
    /// Template of the question, where SOURCE is a folder of tables [default: structured]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) prompt: Option<String>,
    /// Output format of what is printed
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TrainingForm {
    /// TRL: `messages`
    #[default]
    Trl,
    /// TRL: `prompt` and `completion`
    TrlPromptCompletion,
    /// LLaMA-Factory: `conversations` and `system`, with `dataset_info.json`
    LlamaFactory,
    /// LLaMA-Factory: `instruction`, `output` and `system`, with `dataset_info.json`
    LlamaFactoryAlpaca,
    /// `OpenAI` fine-tuning: `messages`
    #[value(name = "openai")]
    OpenAi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TiedAs {
    /// The answer that the truth names
    #[default]
    Named,
    /// An example of each
    Each,
    /// No example
    Drop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SystemPlace {
    /// In a message of its own
    Message,
    /// Before the question, for models that take no system message
    User,
}

fn val(text: &str) -> Result<f64, String> {
    match number(text)? {
        share if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("expected a share of at least 0 and below 1, such as 0.1".to_owned()),
    }
}
