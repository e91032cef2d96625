//! Arguments of `oyer export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use oyer::labelling::sample::MOST_ANNOTATORS;

use super::{CheckFormat, seed, share};

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    pub(crate) command: ExportCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Blinded comparisons of answers for people to label in Label Studio, and their key
    LabelStudio(LabelStudioArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LabelStudioArgs {
    /// A results folder, or the folder of an import whose source holds the answers
    pub(crate) results: PathBuf,
    /// Comparisons to be labelled, drawn at random inside subgroups, at least one of each
    #[arg(long, value_name = "N", value_parser = comparisons, default_value_t = 200)]
    pub(crate) n: usize,
    /// Seed of the draw and of the sides [default: the study's, or 0]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// People who label; each gets a file of tasks with sides shuffled anew
    #[arg(long, value_name = "A", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_ANNOTATORS)))]
    pub(crate) annotators: u32,
    /// Share of the comparisons that two people label [default: 0.2, or 0 for one
    /// annotator]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(crate) double: Option<f64>,
    /// Only this criterion; may be repeated
    #[arg(long)]
    pub(crate) criterion: Vec<String>,
    /// Dimensions whose crossed levels are the subgroups, joined with commas; may be
    /// repeated [default: all of the personas]
    #[arg(long, value_name = "DIMENSIONS")]
    pub(crate) by: Vec<String>,
    /// Name of the labelling task [default: n<N>-seed<SEED>]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Folder of the tasks, or a file ending in .json after which they are named
    /// [default: RESULTS/labelling/NAME]. The key always goes to
    /// RESULTS/labelling/NAME.key.csv, where `oyer agree` finds it
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

fn comparisons(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1_000_000) => Ok(n),
        _ => Err("expected a number of comparisons, from 1 to 1000000".to_owned()),
    }
}
