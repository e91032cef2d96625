//! What a command fails with, as a person needs it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use oyer::engine::StopReason;
use oyer::engine::stock::StockError;
use oyer::plan::PlanError;
use oyer::problem::{Problem, Severity};
use oyer::store::StoreError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The user's input is wrong.
    #[error("error: {0}")]
    Input(String),
    /// The user's files are wrong; everything that is.
    #[error("{}", render_problems(.0))]
    Problems(Vec<Problem>),
    /// Something is left to do.
    #[error("error: {0}")]
    Incomplete(String),
    /// A provider refused.
    #[error("error: {0}")]
    Refused(String),
    /// The program, or the machine under it, failed.
    #[error("error: {0}")]
    Internal(String),
    /// Nobody reads the output any more.
    #[error("the output is closed")]
    Closed,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Internal(_) => 1,
            Self::Input(_) | Self::Problems(_) => 2,
            Self::Incomplete(_) => 3,
            Self::Refused(_) => 4,
        }
    }
}

/// Most problems of one file that are shown; a table of the wrong study has as many
/// as it has rows.
const MOST_SHOWN: usize = 50;

/// Problems as lines, and how many more there are of each file.
pub(crate) fn render_problems(problems: &[Problem]) -> String {
    let mut text = String::new();
    let mut by_file: BTreeMap<&Path, usize> = BTreeMap::new();
    for problem in problems {
        let count = by_file.entry(&problem.file).or_default();
        *count += 1;
        if *count > MOST_SHOWN {
            continue;
        }
        let word = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{word}: {problem}");
    }
    for (file, count) in by_file {
        if count > MOST_SHOWN {
            let more = count - MOST_SHOWN;
            let _ = writeln!(text, "… and {more} more in {}", file.display());
        }
    }
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    if errors > 1 {
        let _ = writeln!(text, "{errors} errors");
    }
    text.trim_end().to_owned()
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Self::Incomplete(error.to_string())
            }
            StoreError::Locked { .. }
            | StoreError::Newer { .. }
            | StoreError::Foreign { .. }
            | StoreError::NotFound { .. }
            | StoreError::Io { .. } => Self::Input(error.to_string()),
            StoreError::Full { .. } | StoreError::Stopped(_) => Self::Incomplete(error.to_string()),
            StoreError::Sqlite { .. } | StoreError::Damaged { .. } => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl From<StockError> for Failure {
    fn from(error: StockError) -> Self {
        match error {
            StockError::Store(error) => error.into(),
            StockError::Plan(error) => error.into(),
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Prompt(error) => Self::Input(error.to_string()),
            PlanError::Identity(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<StopReason> for Failure {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::Refused { .. } => Self::Refused(reason.to_string()),
            StopReason::Store(error) => error.into(),
            StopReason::Broken(message) => Self::Internal(message),
            StopReason::Interrupted
            | StopReason::MaxCalls(_)
            | StopReason::Budget { .. }
            | StopReason::Down { .. } => Self::Incomplete(reason.to_string()),
        }
    }
}

/// A failure to write to stdout.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::Internal(format!("cannot write the output: {error}"))
        }
    }
}
