//! Arguments of `oyer agree`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ReportFormat, level, number, pair, seed, share};

#[derive(Debug, Args)]
pub(crate) struct AgreeArgs {
    /// A results folder, an import, or a verdict table (CSV or JSONL)
    pub(crate) results: PathBuf,
    /// Labels of people: a labels table (CSV or JSONL), Label Studio's or another
    /// tool's JSON, or an import's folder; may be repeated. The key of a labelling task
    /// is found in RESULTS [default: the labels of RESULTS, if it has any]
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Vec<PathBuf>,
    /// Only this criterion
    #[arg(long)]
    pub(crate) criterion: Option<String>,
    /// The phrasing that is taken, where the verdicts are of several
    #[arg(long, value_name = "PHRASING")]
    pub(crate) variant: Option<String>,
    /// Break down by a dimension, or by two joined with a comma; may be repeated
    #[arg(long, value_name = "DIMENSIONS")]
    pub(crate) by: Vec<String>,
    /// What units are taken to move together by: question, persona, both, or a
    /// column such as group.region or x.template; two are joined with a comma
    /// [default: question]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) cluster: Option<String>,
    /// Confidence level
    #[arg(long, value_name = "LEVEL", value_parser = level, allow_negative_numbers = true, default_value_t = 0.95)]
    pub(crate) level: f64,
    /// Seed of the bootstrap [default: the study's, or 0]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// What two orders of one comparison are together where their verdicts differ
    #[arg(long, value_enum, default_value_t)]
    pub(crate) inconsistent: Orders,
    /// What becomes of ties
    #[arg(long, value_enum, default_value_t)]
    pub(crate) ties: TieRule,
    /// What a judge may be worse by than a person and still stand in for one: 0.2
    /// where people are experts, 0.15 where they are skilled, 0.1 for a crowd
    #[arg(long, value_name = "SHARE", value_parser = epsilon, allow_negative_numbers = true, default_value_t = 0.2)]
    pub(crate) epsilon: f64,
    /// Share of the items begun that a judge must have a verdict for to be held against
    /// people's win rate or in a person's place [default: the study's, or 0.95]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(crate) coverage_floor: Option<f64>,
    /// A criterion or model of the results and its name in the labels; may be repeated
    #[arg(long, value_name = "HERE=THERE", value_parser = pair)]
    pub(crate) same: Vec<(String, String)>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Orders {
    /// A tie
    #[default]
    Tie,
    /// The side of one half that their mean is on: a win and a tie are a win
    Average,
    /// Nothing; the judge is left out there
    Drop,
    /// The verdict given with the candidate's answer first
    CandidateFirst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TieRule {
    /// A category between win and loss
    #[default]
    Keep,
    /// Left out
    Drop,
}

fn epsilon(text: &str) -> Result<f64, String> {
    match number(text)? {
        share if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("expected a share of at least 0 and below 1, such as 0.2".to_owned()),
    }
}
