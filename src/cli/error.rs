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
use oyer::text::{counted, form, thousands};

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
pub(crate) fn render_study(problems: &[Problem]) -> String {
    with_the_rest(
        problems,
        "`oyer check STUDY --format json` tells all of them",
    )
}

/// Problems as lines: the first few of each kind, the lines of some more, and how many
/// there are. A table of the wrong study has as many as it has rows.
pub(crate) fn render_problems(problems: &[Problem]) -> String {
    with_the_rest(problems, "once these are mended, the others are told")
}

/// The lines, and where the rest stands if there is one.
fn with_the_rest(problems: &[Problem], rest: &str) -> String {
    let (mut text, is_all) = rendered(problems);
    if !is_all {
        text.push('\n');
        text.push_str(rest);
    }
    text
}

/// The lines, and whether they tell where every problem is.
fn rendered(problems: &[Problem]) -> (String, bool) {
    let mut text = String::new();
    let mut alike: HashMap<Kind<'_>, Vec<&Problem>> = HashMap::new();
    for problem in problems {
        alike.entry(Kind::of(problem)).or_default().push(problem);
    }
    let mut is_all = true;
    let mut seen: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut by_file: BTreeMap<&Path, (usize, usize)> = BTreeMap::new();
    for problem in problems {
        if problem.not_listed > 0 {
            let (_, left_out) = by_file.entry(&problem.file).or_default();
            *left_out += problem.not_listed;
            continue;
        }
        let same = &alike[&Kind::of(problem)];
        let times = seen.entry(Kind::of(problem)).or_default();
        let (shown, left_out) = by_file.entry(&problem.file).or_default();
        if *times >= MOST_ALIKE {
            // Told with those that are shown of its kind.
            continue;
        }
        if *shown >= MOST_SHOWN {
            *left_out += 1;
            continue;
        }
        *shown += 1;
        *times += 1;
        let word = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{word}: {problem}");
        if *times == MOST_ALIKE && same.len() > MOST_ALIKE {
            let (words, are_named) = elsewhere(&same[MOST_ALIKE..]);
            is_all &= are_named;
            let _ = writeln!(text, "  … the same {words}");
        }
    }
    for (file, (_, left_out)) in by_file {
        if left_out > 0 {
            is_all = false;
            let _ = writeln!(
                text,
                "… and {} more in {}",
                thousands(left_out as u64),
                file.display()
            );
        }
    }
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    let errors: usize = errors.map(|problem| problem.not_listed.max(1)).sum();
    if errors > 1 {
        let _ = writeln!(text, "{}", counted(errors as u64, "error"));
    }
    (text.trim_end().to_owned(), is_all)
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

/// Where further problems of a kind stand, and whether that is said of each.
fn elsewhere(problems: &[&Problem]) -> (String, bool) {
    let lines: Vec<String> = problems
        .iter()
        .take(MOST_LINES)
        .filter_map(|problem| problem.line)
        .map(|line| line.to_string())
        .collect();
    let times = match problems.len() {
        1 => "once more".to_owned(),
        times => format!("{} times more", thousands(times as u64)),
    };
    if lines.is_empty() {
        return (times, true);
    }
    let are_named = problems.len() == lines.len();
    let and_more = if are_named { "" } else { ", …" };
    let of = form(lines.len() as u64, "line", "lines");
    (
        format!("{times}, in {of} {}{and_more}", lines.join(", ")),
        are_named,
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
            | StoreError::TooLarge { .. }
            | StoreError::Foreign { .. }
            | StoreError::NotFound { .. }
            | StoreError::Io { .. } => Self::Input(error.to_string()),
            StoreError::Full { .. }
            | StoreError::Unwritable { .. }
            | StoreError::OpenFiles { .. }
            | StoreError::Stopped(_) => Self::Incomplete(error.to_string()),
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
            | StopReason::OpenFiles { .. }
            | StopReason::Down { .. }
            | StopReason::Silent { .. } => Self::Incomplete(reason.to_string()),
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
        once these are mended, the others are told
        ");
    }

    #[test]
    fn one_more_mistake_of_a_kind_is_said_to_be_one() {
        let bad = |line: usize| Problem::error("v.csv", "`won` is not an outcome").line(line);
        let problems: Vec<Problem> = (2..6).map(bad).collect();
        let text = render_problems(&problems);
        assert!(
            text.contains("  … the same once more, in line 5\n"),
            "{text}"
        );
        let nowhere = |_| Problem::error("v.csv", "empty");
        let text = render_problems(&(0..4).map(nowhere).collect::<Vec<_>>());
        assert!(text.contains("  … the same once more\n"), "{text}");
    }

    #[test]
    fn many_different_mistakes_are_counted_beyond_the_first_fifty() {
        let bad = |line: usize| Problem::error("v.csv", format!("row {line}")).line(line);
        let problems: Vec<Problem> = (0..60).map(bad).collect();
        let text = render_problems(&problems);
        assert_eq!(text.lines().count(), 53);
        let end = "… and 10 more in v.csv\n60 errors\nonce these are mended, the others are told";
        assert!(text.ends_with(end), "{text}");
        let text = render_study(&problems);
        assert!(
            text.ends_with("`oyer check STUDY --format json` tells all of them"),
            "{text}"
        );
        assert!(!render_study(&problems[..50]).contains("json"));
    }

    #[test]
    fn mistakes_that_are_not_listed_are_counted_with_the_others() {
        let bad = |line: usize| Problem::error("v.csv", format!("row {line}")).line(line);
        let alike = |line: usize| Problem::error("w.csv", "alike").line(line);
        let mut problems: Vec<Problem> = (0..1_000).map(bad).collect();
        problems.push(Problem::more("v.csv", 500));
        problems.extend((0..3).map(alike));
        problems.push(Problem::more("w.csv", 1));
        let text = render_problems(&problems);
        let end = "… and 1,450 more in v.csv\n… and 1 more in w.csv\n1,504 errors\n";
        assert!(text.contains(end), "{text}");
        assert!(!text.contains("not listed"), "{text}");
    }

    #[test]
    fn mistakes_of_one_kind_that_come_late_are_counted_too() {
        let bad = |line: usize| Problem::error("v.csv", format!("row {line}")).line(line);
        let alike = |line: usize| Problem::error("v.csv", "alike").line(line);
        let problems: Vec<Problem> = (0..49).map(bad).chain((50..60).map(alike)).collect();
        let text = render_study(&problems);
        // One of the ten is shown.
        assert!(
            text.contains("… and 9 more in v.csv\n59 errors\n"),
            "{text}"
        );
    }

    #[test]
    fn where_the_lines_of_some_mistakes_are_not_named_it_is_said_what_names_them() {
        let bad = |line: usize| Problem::error("v.csv", "`won` is not an outcome").line(line);
        let problems: Vec<Problem> = (0..13).map(bad).collect();
        assert!(!render_study(&problems).contains("json"));
        let problems: Vec<Problem> = (0..14).map(bad).collect();
        assert!(render_study(&problems).contains("json"));
    }
}
