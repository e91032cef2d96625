//! What a command fails with, as a person needs it.

use std::collections::{BTreeMap, HashMap};
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
    /// The user's study is wrong; everything that is.
    #[error("{}", render_study(.0))]
    Study(Vec<Problem>),
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
            Self::Input(_) | Self::Problems(_) | Self::Study(_) => 2,
            Self::Incomplete(_) => 3,
            Self::Refused(_) => 4,
        }
    }
}

/// Most different problems of one file that are shown.
const MOST_SHOWN: usize = 50;
/// How often the same problem is shown with all it says.
const MOST_ALIKE: usize = 3;
/// Lines of further problems of the same kind that are named.
const MOST_LINES: usize = 10;

/// As [`render_problems`], with where the rest stands.
fn render_study(problems: &[Problem]) -> String {
    let (mut text, left_out) = rendered(problems);
    if left_out > 0 {
        text.push_str("\n`oyer check STUDY --format json` tells all of them");
    }
    text
}

/// Problems as lines: the first few of each kind, the lines of some more, and how many
/// there are. A table of the wrong study has as many as it has rows.
pub(crate) fn render_problems(problems: &[Problem]) -> String {
    rendered(problems).0
}

/// The lines, and how many problems beyond the most that are shown have none.
fn rendered(problems: &[Problem]) -> (String, usize) {
    let mut text = String::new();
    let mut alike: HashMap<Kind<'_>, Vec<&Problem>> = HashMap::new();
    for problem in problems {
        alike.entry(Kind::of(problem)).or_default().push(problem);
    }
    let mut seen: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut by_file: BTreeMap<&Path, (usize, usize)> = BTreeMap::new();
    for problem in problems {
        let same = &alike[&Kind::of(problem)];
        let times = seen.entry(Kind::of(problem)).or_default();
        *times += 1;
        let times = *times;
        if times > MOST_ALIKE {
            continue;
        }
        let (shown, left_out) = by_file.entry(&problem.file).or_default();
        if *shown >= MOST_SHOWN {
            *left_out += 1;
            continue;
        }
        *shown += 1;
        let word = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{word}: {problem}");
        if times == MOST_ALIKE && same.len() > MOST_ALIKE {
            let _ = writeln!(text, "  … the same {}", elsewhere(&same[MOST_ALIKE..]));
        }
    }
    let mut all_left_out = 0;
    for (file, (_, left_out)) in by_file {
        all_left_out += left_out;
        if left_out > 0 {
            let _ = writeln!(text, "… and {left_out} more in {}", file.display());
        }
    }
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    if errors > 1 {
        let _ = writeln!(text, "{errors} errors");
    }
    (text.trim_end().to_owned(), all_left_out)
}

/// What problems have in common that differ only in where they stand.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'a>(
    Severity,
    &'a Path,
    Option<&'a str>,
    &'a str,
    Option<&'a str>,
);

impl<'a> Kind<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self(
            problem.severity,
            &problem.file,
            problem.field.as_deref(),
            &problem.message,
            problem.help.as_deref(),
        )
    }
}

/// Where further problems of a kind stand.
fn elsewhere(problems: &[&Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .take(MOST_LINES)
        .filter_map(|problem| problem.line)
        .map(|line| line.to_string())
        .collect();
    let times = problems.len();
    if lines.is_empty() {
        return format!("{times} times more");
    }
    let and_more = if times > lines.len() { ", …" } else { "" };
    format!(
        "{times} times more, in lines {}{and_more}",
        lines.join(", ")
    )
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
            StopReason::Template { .. } => Self::Input(reason.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_every_row_is_told_a_few_times_and_counted() {
        let bad = |line: usize| Problem::error("v.csv", "`won` is not an outcome").line(line);
        let mut problems: Vec<Problem> = (2..20).map(bad).collect();
        problems.insert(4, Problem::warning("v.csv", "another").line(5));
        insta::assert_snapshot!(render_problems(&problems), @"
        error: v.csv:2: `won` is not an outcome
        error: v.csv:3: `won` is not an outcome
        error: v.csv:4: `won` is not an outcome
          … the same 15 times more, in lines 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, …
        warning: v.csv:5: another
        18 errors
        ");
    }

    #[test]
    fn many_different_mistakes_are_counted_beyond_the_first_fifty() {
        let bad = |line: usize| Problem::error("v.csv", format!("row {line}")).line(line);
        let problems: Vec<Problem> = (0..60).map(bad).collect();
        let text = render_problems(&problems);
        assert_eq!(text.lines().count(), 52);
        assert!(text.contains("… and 10 more in v.csv\n60 errors"), "{text}");
        let text = render_study(&problems);
        assert!(
            text.ends_with("`oyer check STUDY --format json` tells all of them"),
            "{text}"
        );
        assert!(!render_study(&problems[..50]).contains("json"));
    }
}
