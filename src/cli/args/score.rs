//! The command line of `oyer survey score`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Population, ReportFormat, level, pair, seed, share};

/// Which answers are scored, and how.
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// A results folder, or an answers table (CSV or JSONL)
    #[arg(required_unless_present = "responses", conflicts_with = "responses")]
    pub(crate) source: Option<PathBuf>,
    /// The study whose questions and truth the responses are scored by
    #[arg(long, value_name = "STUDY", requires = "responses")]
    pub(crate) study: Option<PathBuf>,
    /// Answers of one model that were made elsewhere, as ids and responses of a batch,
    /// as `WorldValuesBench` has them, or as persona, question and option; may be repeated
    #[arg(long, value_name = "FILE", requires = "study")]
    pub(crate) responses: Vec<PathBuf>,
    /// Name of the model of each such file, in the same order [default: the file's name]
    #[arg(long, value_name = "NAME", requires = "responses")]
    pub(crate) model: Vec<String>,
    /// Leave out rows of such files about personas and questions that the study does not
    /// know, and say how many
    #[arg(long, requires = "responses")]
    pub(crate) skip_unknown: bool,
    #[command(flatten)]
    pub(crate) scoring: ScoringFlags,
    /// Only items of this split
    #[arg(long, value_name = "SPLIT")]
    pub(crate) split: Option<String>,
    /// A candidate and the model it is compared with; may be repeated [default: those of
    /// the study, else every model with the first]
    #[arg(long, value_name = "CANDIDATE=BASE", value_parser = pair)]
    pub(crate) pair: Vec<(String, String)>,
    /// Confidence level
    #[arg(long, value_name = "LEVEL", value_parser = level, allow_negative_numbers = true)]
    pub(crate) level: Option<f64>,
    /// Share of the planned answers that must be there for a score
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(crate) coverage_floor: Option<f64>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) answers: AnswerArgs,
    /// Whether personas are a sample of personas like these
    #[arg(long, value_enum)]
    pub(crate) personas: Option<Population>,
    /// What items are taken to move together by [default: follows from --personas]
    #[arg(long, value_enum)]
    pub(crate) cluster: Option<ClusterBy>,
    /// The phrasing that the others are compared with [default: the study's, else `none`
    /// where there is one]
    #[arg(long, value_name = "PHRASING")]
    pub(crate) control: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FairnessArgs {
    #[command(flatten)]
    pub(crate) answers: AnswerArgs,
    /// The standard deviation over groups, also in CV: divided by their number, or by
    /// one less
    #[arg(long, value_enum, default_value_t)]
    pub(crate) sigma: SigmaOf,
    /// Items of different questions that a group needs to be compared with others
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..), allow_negative_numbers = true)]
    pub(crate) min_items: u64,
    /// Random draws behind each interval
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000), allow_negative_numbers = true)]
    pub(crate) draws: u32,
    /// Seed of all draws [default: the study's, else 0]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
}

/// How structured answers are scored.
#[derive(Debug, Args)]
pub(crate) struct ScoringFlags {
    /// What divides errors and distances
    #[arg(long, value_enum, default_value_t)]
    pub(crate) normaliser: NormaliseBy,
    /// How refused, unreadable and cut-off answers count
    #[arg(long, value_enum, default_value_t)]
    pub(crate) missing: MissingAs,
    /// What is done with items whose modal answer is unstable
    #[arg(long, value_enum, default_value_t)]
    pub(crate) unstable: UnstableTruth,
    /// Share of resamples of the respondents with another modal answer above which an
    /// item's is unstable
    #[arg(long, value_name = "SHARE", value_parser = share, default_value_t = oyer::analysis::scores::UNSTABLE_ABOVE)]
    pub(crate) unstable_above: f64,
}

/// How structured answers are scored in the tables of the paper.
#[derive(Debug, Args)]
pub(crate) struct PaperFlags {
    /// With --layout paper: what divides errors [default: range]
    #[arg(long, value_enum)]
    pub(crate) normaliser: Option<NormaliseBy>,
    /// With --layout paper: how refused, unreadable and cut-off answers count [default:
    /// excluded]
    #[arg(long, value_enum)]
    pub(crate) missing: Option<MissingAs>,
    /// With --layout paper: what is done with items whose modal answer is unstable
    /// [default: keep]
    #[arg(long, value_enum)]
    pub(crate) unstable: Option<UnstableTruth>,
    /// With --layout paper: share of resamples of the respondents with another modal answer
    /// above which an item's is unstable [default: 0.05]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) unstable_above: Option<f64>,
    /// With --layout paper: the standard deviation in CV, divided by the number of personas
    /// or by one less [default: population]
    #[arg(long, value_enum)]
    pub(crate) sigma: Option<SigmaOf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SigmaOf {
    /// By the number of groups: they are all there are
    #[default]
    Population,
    /// By the number less one: they are a sample
    Sample,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum NormaliseBy {
    /// Highest less lowest code of the scale
    #[default]
    Range,
    /// The largest distance possible from the modal answer
    MaxDistance,
    /// The number of options
    ScaleSize,
    /// Nothing: distances in codes
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum MissingAs {
    /// Not at all
    #[default]
    Excluded,
    /// As wrong, and as the option farthest from the modal answer
    Wrong,
    /// As the middle of the scale
    Middle,
    /// As a random guess
    Guess,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum UnstableTruth {
    /// They count as any other
    #[default]
    Keep,
    /// They are left out
    Drop,
    /// An item counts with the share of resamples that have its mode
    Weight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClusterBy {
    /// Items of one question
    Question,
    /// Items of one persona
    Persona,
    /// Both
    Both,
}
