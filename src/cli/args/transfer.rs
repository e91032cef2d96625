//! The command line of `oyer transfer`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Population, ReportFormat, ScoringFlags, level, pair, share};

#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// A results folder of a study with [structured]
    #[arg(required_unless_present = "answers", conflicts_with_all = ["answers", "verdicts"])]
    pub(crate) results: Option<PathBuf>,
    /// Structured answers that anyone wrote, as `oyer answers` writes them (CSV or JSONL)
    #[arg(long, value_name = "TABLE", requires = "verdicts")]
    pub(crate) answers: Option<PathBuf>,
    /// Verdicts that anyone wrote, as `oyer verdicts` writes them (CSV or JSONL)
    #[arg(long, value_name = "TABLE", requires = "answers")]
    pub(crate) verdicts: Option<PathBuf>,
    /// The survey question behind each open-ended one: a table with `id` and
    /// `structured` [default: the study's; for tables, questions of one id]
    #[arg(long, value_name = "TABLE")]
    pub(crate) questions: Option<PathBuf>,
    /// A tuned model and its base; may be repeated [default: the comparisons of the
    /// verdicts]
    #[arg(long, value_name = "TUNED=BASE", value_parser = pair)]
    pub(crate) pair: Vec<(String, String)>,
    /// The model that the tuned model and its base were both compared with
    #[arg(long, value_name = "MODEL")]
    pub(crate) reference: Option<String>,
    /// Structured metric whose gain is taken (distances are turned, so that less is a
    /// gain); may be repeated [default: accuracy]
    #[arg(long, value_enum, value_name = "METRIC")]
    pub(crate) metric: Vec<GainIn>,
    /// The phrasing that is taken, where the study has several
    #[arg(long, value_name = "PHRASING")]
    pub(crate) variant: Option<String>,
    /// Only this criterion of the win rate
    #[arg(long)]
    pub(crate) criterion: Option<String>,
    /// Only verdicts of this judge
    #[arg(long)]
    pub(crate) judge: Option<String>,
    /// Only items of this split
    #[arg(long, value_name = "SPLIT")]
    pub(crate) split: Option<String>,
    /// Only questions that both halves ask
    #[arg(long)]
    pub(crate) linked_only: bool,
    /// Items that a unit needs in both halves
    #[arg(long, value_name = "N", default_value_t = oyer::analysis::transfer::MIN_ITEMS as u64, value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    pub(crate) min_items: u64,
    #[command(flatten)]
    pub(crate) scoring: ScoringFlags,
    /// Whether personas are a sample of personas like these
    #[arg(long, value_enum)]
    pub(crate) personas: Option<Population>,
    /// Confidence level
    #[arg(long, value_name = "LEVEL", value_parser = level, allow_negative_numbers = true)]
    pub(crate) level: Option<f64>,
    /// Share of the planned answers, and of the planned verdicts, that must be there for a
    /// gain
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(crate) coverage_floor: Option<f64>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GainIn {
    /// Share of answers that are the mode
    Accuracy,
    /// Share of answers that are a mode, where several tie
    SoftAccuracy,
    /// Accuracy if ties were broken at random
    ExpectedAccuracy,
    /// 1 less the normalised mean absolute error
    Nmae,
    /// 1 less the Wasserstein distance from the group's answers
    Wasserstein,
}
