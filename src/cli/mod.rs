//! Commands, one a file.
//!
//! Results go to stdout, progress and notes to stderr. Exit codes: 0 done,
//! 1 internal error, 2 the input is wrong, 3 the run is incomplete and can be
//! resumed, 4 a provider refused.

mod agree;
mod announce;
mod args;
mod check;
mod detectable;
mod error;
mod explain;
mod export;
mod export_sft;
mod facts;
mod fairness;
mod folder;
mod import;
mod init;
mod labels;
mod load;
mod manifest;
mod open_files;
mod output;
mod pace;
mod paper;
mod parse;
mod phrasing;
mod plan;
mod probe;
mod progress;
mod prompt;
mod report;
mod results;
mod run;
mod score;
mod show;
mod show_import;
mod survey;
mod transfer;
mod verdicts;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use error::Failure;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// All of it is done.
    Complete,
    /// Something is left, and can be resumed.
    Incomplete,
}

/// Lets a write beyond the limit on the size of files (`ulimit -f`) fail like any other,
/// where the signal that tells of it would end the process without a word.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn outlive_file_limits() {
    use tokio::signal::unix::{SignalKind, signal};
    // Its number in the C libraries of both on all but MIPS.
    const SIGXFSZ: i32 = 25;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if let Ok(runtime) = runtime {
        let _entered = runtime.enter();
        // The handler stays when what listens to it is gone. Without it only the words
        // are missing.
        let _ = signal(SignalKind::from_raw(SIGXFSZ));
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn outlive_file_limits() {}

pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    outlive_file_limits();
    let done = match cli.command {
        Command::Init(args) => init::init(&args),
        Command::Check(args) => check::check(&args),
        Command::Prompt(args) => prompt::prompt(&args),
        Command::Run(args) => run::run(&args),
        Command::Report(args) => report::report(&args),
        Command::Survey(args) => match &args.command {
            args::SurveyCommand::Build(args) => survey::build(args),
            args::SurveyCommand::Score(args) => score::score(args),
            args::SurveyCommand::ExportSft(args) => export_sft::export(args),
            args::SurveyCommand::Fairness(args) => fairness::fairness(args),
        },
        Command::Transfer(args) => transfer::transfer(&args),
        Command::Verdicts(args) => verdicts::verdicts(&args),
        Command::Answers(args) => verdicts::answers(&args),
        Command::Show(args) => show::show(&args),
        Command::Parse(args) => parse::parse(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Import(args) => import::import(&args),
        Command::Export(args) => match &args.command {
            args::ExportCommand::LabelStudio(args) => export::label_studio(args),
        },
        Command::Agree(args) => agree::agree(&args),
        Command::Explain(args) => explain::explain(&args),
    };
    match done {
        // A closed output is a reader that has seen enough, as `head` has.
        Ok(Done::Complete) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Ok(Done::Incomplete) => ExitCode::from(3),
        Err(failure) => {
            output::note(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}
