//! The command line.

mod agree;

pub(crate) use agree::{AgreeArgs, Orders, TieRule};

mod export;

pub(crate) use export::{ExportArgs, ExportCommand, LabelStudioArgs};

mod export_sft;
mod score;
mod transfer;
mod values;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use oyer::study::{IntervalMethod, RatingMethod, SubgroupAdjustment};

pub(crate) use export_sft::{ExportSftArgs, SystemPlace, TiedAs, TrainingForm};
pub(crate) use score::{
    AnswerArgs, ClusterBy, FairnessArgs, MissingAs, NormaliseBy, PaperFlags, ScoreArgs,
    ScoringFlags, SigmaOf, UnstableTruth,
};
pub(crate) use transfer::{GainIn, TransferArgs};
use values::{
    calls, column, correlation, dollars, items, level, margin, number, outcome, pair, positive,
    power, rate, seed, share, ties,
};

/// Measures what language models say in somebody else's voice.
///
/// Exit codes: 0 done; 1 internal error; 2 the input is wrong; 3 the run is
/// incomplete (interrupted, a cap reached, or under the coverage floor) and can be
/// resumed; 4 a provider refused (key, model, quota).
#[derive(Debug, Parser)]
#[command(name = "oyer", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a small study to start from
    Init(InitArgs),
    /// Check a study and say what a run would do, without a paid call
    Check(CheckArgs),
    /// Show the exact prompts of an item, before paying for them
    Prompt(PromptArgs),
    /// Ask the models, judge their answers, and report; resumes what is there
    Run(RunArgs),
    /// Report on a results folder or on anybody's verdict table
    Report(ReportArgs),
    /// Write the verdict table of a results folder
    Verdicts(VerdictsArgs),
    /// Write the table of structured answers of a results folder
    Answers(VerdictsArgs),
    /// Show both answers and every judgment of an item, raw
    Show(ShowArgs),
    /// Import raw judgments of another tool, with that tool's own figures
    Import(ImportArgs),
    /// Write answers for people to label, blinded, with a key to read them back
    Export(ExportArgs),
    /// Hold a judge against people, people and judges against each other
    Agree(AgreeArgs),
    /// Read judge replies from a file and print their verdicts
    Parse(ParseArgs),
    /// Say how many items a study needs, or what a given one can show
    Plan(PlanArgs),
    /// Make the tables of a study out of a survey's microdata, and score answers by it
    Survey(SurveyArgs),
    /// Say how gains in structured answers go with gains in open-ended ones
    Transfer(Box<TransferArgs>),
    /// Say what a term of a report means; without one, list the terms
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SurveyArgs {
    #[command(subcommand)]
    pub(crate) command: SurveyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SurveyCommand {
    /// Find subgroups and what each of them answers, from the rows of respondents
    Build(SurveyBuildArgs),
    /// Score structured answers: accuracy, NMAE, Wasserstein distance, refusals
    Score(Box<ScoreArgs>),
    /// Write what may be trained on as chat JSONL, and nothing that is held out
    ExportSft(Box<ExportSftArgs>),
    /// Say how unequally models speak for subgroups, and what tuning changed
    Fairness(Box<FairnessArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Folder of the new study
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The study file
    pub(crate) study: PathBuf,
    /// Results folder that a run would use [default: results/<name>]
    #[arg(long, value_name = "DIR")]
    pub(crate) results: Option<PathBuf>,
    /// Send a tiny call to each endpoint and report what it supports
    #[arg(long)]
    pub(crate) probe: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct PromptArgs {
    /// The study file
    pub(crate) study: PathBuf,
    /// The item, as persona/question
    pub(crate) item: String,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The study file
    pub(crate) study: PathBuf,
    /// Results folder [default: results/<name>]
    #[arg(long, value_name = "DIR")]
    pub(crate) results: Option<PathBuf>,
    /// Only the first N items of the study's order
    #[arg(long, value_name = "ITEMS", value_parser = items, allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,
    /// Stop before the request of this run that would be one more than N
    #[arg(long, value_name = "N", value_parser = calls, allow_negative_numbers = true)]
    pub(crate) max_calls: Option<u64>,
    /// Stop before the call with which this run might spend more than this
    #[arg(long, value_name = "DOLLARS", value_parser = dollars, allow_negative_numbers = true)]
    pub(crate) budget: Option<f64>,
    #[command(flatten)]
    pub(crate) report: ReportFlags,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A results folder, or a verdict table (CSV or JSONL)
    pub(crate) results: PathBuf,
    /// Another results folder or verdict table, whose win rates are subtracted on the
    /// items that both have
    #[arg(long, value_name = "OTHER")]
    pub(crate) against: Option<PathBuf>,
    /// A model, judge, rubric or criterion of this report and its name in OTHER; may
    /// be repeated
    #[arg(long, value_name = "HERE=THERE", requires = "against", value_parser = pair)]
    pub(crate) same: Vec<(String, String)>,
    /// Labels of people on some of the items (see `oyer agree`), by which the win rates
    /// are corrected; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Vec<PathBuf>,
    /// What is laid out: every estimate, or the two tables of arXiv 2604.12851 (accuracy,
    /// NMAE and win rate of each base and of the model tuned from it; inequality of
    /// personas), which need structured answers
    #[arg(long, value_enum, default_value_t)]
    pub(crate) layout: Layout,
    /// With --layout paper and a verdict table: structured answers that anyone wrote
    #[arg(long, value_name = "TABLE")]
    pub(crate) answers: Option<PathBuf>,
    /// With --layout paper: a tuned model and its base; may be repeated [default: the
    /// comparisons of the verdicts]
    #[arg(long, value_name = "TUNED=BASE", value_parser = pair)]
    pub(crate) pair: Vec<(String, String)>,
    /// With --layout paper: only items of this split [default: each]
    #[arg(long, value_name = "SPLIT")]
    pub(crate) split: Option<String>,
    /// Only this phrasing, where the study has several; --labels and --layout paper need it
    #[arg(long, value_name = "PHRASING")]
    pub(crate) variant: Option<String>,
    #[command(flatten)]
    pub(crate) paper: PaperFlags,
    #[command(flatten)]
    pub(crate) report: ReportFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Layout {
    /// Every estimate with its interval
    #[default]
    Full,
    /// The two tables of arXiv 2604.12851
    Paper,
}

/// What a report shows; each wins over the study's `[report]`.
#[derive(Debug, Args)]
pub(crate) struct ReportFlags {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// Show every pair of models in full, where a leaderboard stands for them
    #[arg(long)]
    pub(crate) full: bool,
    /// Confidence level
    #[arg(long, value_name = "LEVEL", value_parser = level, allow_negative_numbers = true)]
    pub(crate) level: Option<f64>,
    /// How intervals of win rates are computed [default: design-effect-wilson]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(IntervalMethod::NAMES.iter().copied()))]
    pub(crate) interval: Option<String>,
    /// What items are taken to move together by: question, persona, both, or a
    /// column such as group.region or x.template; two are joined with a comma
    #[arg(long, value_name = "COLUMN")]
    pub(crate) cluster: Option<String>,
    /// Distance from a win rate of 0.5 within which models count as equivalent,
    /// such as 0.05
    #[arg(long, value_name = "MARGIN", value_parser = margin, allow_negative_numbers = true)]
    pub(crate) margin: Option<f64>,
    /// How p-values over subgroups are adjusted: Benjamini-Hochberg, or
    /// Benjamini-Yekutieli under any dependence [default: bh]
    #[arg(long, value_name = "HOW", value_parser = PossibleValuesParser::new(SubgroupAdjustment::NAMES.iter().copied()))]
    pub(crate) adjust: Option<String>,
    /// Break down by a dimension, or by two joined with a comma; may be repeated
    #[arg(long, value_name = "DIMENSIONS")]
    pub(crate) by: Vec<String>,
    /// Whether the personas are a sample of such personas, or all there are
    #[arg(long, value_enum)]
    pub(crate) personas: Option<Population>,
    /// Share of begun items that must have a verdict for a headline
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(crate) coverage_floor: Option<f64>,
    /// Seed of all random draws (bootstrap, permutations, ranks) [default: the study's]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// What stands beside the win rates
    #[command(flatten)]
    pub(crate) sections: SectionFlags,
}

/// What stands beside the win rates of a report.
#[derive(Debug, Args)]
pub(crate) struct SectionFlags {
    /// Take the judge's taste out: `length`, numeric columns `x.NAME` (the
    /// candidate's less the opponent's), several with commas, or `none` [default:
    /// length, where lengths are known]
    #[arg(long, value_name = "CONTROLS")]
    pub(crate) control: Option<String>,
    /// Numeric column `x.NAME` with the difficulty of each item, for the controlled
    /// win rate
    #[arg(long, value_name = "COLUMN")]
    pub(crate) difficulty: Option<String>,
    /// How more than two models are put on one scale: ties as half a win, ties as
    /// outcomes of their own, or ratings that follow the rows [default: bradley-terry]
    #[arg(long, value_name = "HOW", value_parser = PossibleValuesParser::new(RatingMethod::NAMES.iter().copied()))]
    pub(crate) rating: Option<String>,
    /// Points at stake in each comparison of Elo [default: 4]
    #[arg(long, value_name = "K", value_parser = number, allow_negative_numbers = true)]
    pub(crate) elo_k: Option<f64>,
    /// The model that the others are compared with
    #[arg(long, value_name = "MODEL")]
    pub(crate) reference: Option<String>,
    /// Items of different questions that a subgroup needs to be compared with others
    /// [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..), allow_negative_numbers = true)]
    pub(crate) min_items: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    #[default]
    Table,
    /// The whole report, unrounded
    Json,
    /// One row an estimate
    Csv,
    /// Markdown
    Md,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Population {
    /// Personas like these
    Sampled,
    /// Exactly these personas
    Fixed,
}

#[derive(Debug, Args)]
pub(crate) struct VerdictsArgs {
    /// A results folder
    pub(crate) results: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TableFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TableFormat {
    /// Comma-separated
    #[default]
    Csv,
    /// One JSON object a line
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A results folder
    pub(crate) results: PathBuf,
    /// The item, as persona/question
    pub(crate) item: String,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The format, where it is not to be told from the files (alpaca-eval, fastchat,
    /// arena-hard, llmbar, judgebench, pandalm, wildbench, inspect, label-studio, csv),
    /// and the files
    #[arg(required = true, value_name = "[FORMAT] FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Results folder that the import is written to
    #[arg(long, value_name = "DIR")]
    pub(crate) results: PathBuf,
    /// Name of the study [default: the folder's]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Compare with published values: a leaderboard (CSV, JSON), or `win_rate=50.0`
    #[arg(long, value_name = "FILE|VALUE", num_args = 1..)]
    pub(crate) published: Vec<String>,
    /// The model that the others are compared with, where the files leave it open
    #[arg(long, value_name = "MODEL")]
    pub(crate) baseline: Option<String>,
    /// The judge, where the files do not name it
    #[arg(long, value_name = "NAME")]
    pub(crate) judge: Option<String>,
    /// A CSV's column that holds a field, such as `candidate=model_a`; may be repeated
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = column)]
    pub(crate) column: Vec<(String, String)>,
    /// The key of a labelling task that `oyer export label-studio` wrote; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// WildBench's length margin K: further figures for which a slight win by an answer more
    /// than K characters longer is a tie, such as 500; may be repeated [default: the `K`
    /// of what is published]
    #[arg(long, value_name = "K")]
    pub(crate) length_margin: Vec<u32>,
    /// What a word means: of a CSV's outcome, such as `yes=win`, or order, such as
    /// `AB=candidate_first`; of a Label Studio choice, such as `Upper=left`; may be repeated
    #[arg(long, value_name = "WORD=OUTCOME", value_parser = outcome)]
    pub(crate) value: Vec<(String, String)>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ParseArgs {
    /// Judge replies as JSONL with `id`, `reply` and optionally `answers`
    pub(crate) replies: PathBuf,
    /// The rubric that was judged by: a built-in name or a path
    #[arg(long)]
    pub(crate) rubric: String,
}

#[derive(Debug, Args)]
pub(crate) struct SurveyBuildArgs {
    /// Respondents, a row each: CSV with commas, semicolons or tabs
    pub(crate) microdata: PathBuf,
    /// What the codes mean: a CSV, or the codebook.json of WorldValuesBench
    #[arg(long, value_name = "FILE")]
    pub(crate) codebook: PathBuf,
    /// Which respondents, subgroups and questions are taken, and how
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Folder of the tables
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Win rate to be found, such as 0.55
    #[arg(long, value_name = "RATE", value_parser = rate, allow_negative_numbers = true)]
    pub(crate) effect: Option<f64>,
    /// Chance to find it
    #[arg(long, value_name = "CHANCE", value_parser = power, default_value_t = 0.8)]
    pub(crate) power: f64,
    /// Level of the interval whose test must find it
    #[arg(long, value_name = "LEVEL", value_parser = level, default_value_t = 0.95)]
    pub(crate) level: f64,
    /// Only a win rate above one half counts as found
    #[arg(long)]
    pub(crate) one_sided: bool,
    /// A results folder, or a verdict table, to take the scatter of scores from
    #[arg(long, value_name = "RESULTS")]
    pub(crate) pilot: Option<PathBuf>,
    /// Only this criterion of the pilot
    #[arg(long, requires = "pilot")]
    pub(crate) criterion: Option<String>,
    /// Only this phrasing of the pilot, where it has several
    #[arg(long, value_name = "PHRASING", requires = "pilot")]
    pub(crate) variant: Option<String>,
    /// Number of questions of a study: what does it find?
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    pub(crate) questions: Option<u64>,
    /// Number of personas that each question is asked of
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) personas: Option<u64>,
    /// Answers of each model to an item, where not as many as in the pilot
    #[arg(long, value_name = "N", requires = "pilot", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) samples: Option<u64>,
    /// Judgments of two answers in each order, where not as many as in the pilot
    #[arg(long, value_name = "N", requires = "pilot", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) repeats: Option<u64>,
    /// Claims are about exactly these personas, and not about personas like these
    #[arg(long)]
    pub(crate) fixed_personas: bool,
    /// Variance of the win rate over what it would be with independent items
    #[arg(long, value_name = "FACTOR", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) design_effect: Option<f64>,
    /// Share of an item's variance that items of one question have in common
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true, conflicts_with = "design_effect")]
    pub(crate) icc_question: Option<f64>,
    /// Share of an item's variance that items of one persona have in common
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true, conflicts_with = "design_effect")]
    pub(crate) icc_persona: Option<f64>,
    /// Correlation of the two orders of an item
    #[arg(long, value_name = "R", value_parser = correlation, allow_negative_numbers = true)]
    pub(crate) order_correlation: Option<f64>,
    /// Share of ties among verdicts
    #[arg(long, value_name = "SHARE", value_parser = ties, allow_negative_numbers = true)]
    pub(crate) ties: Option<f64>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A term: a name, a method, or a field of the report's JSON
    pub(crate) term: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExplainFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// Markdown
    Md,
}
