//! The metrics that a log states, and the comparison that they are of.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::header::Header;
use super::{Label, Log, RUBRIC};
use crate::analysis::source_figures::{Figure, SourceFigures, Subject, Unit};
use crate::input::source::shown;

/// The comparisons that labels are of.
pub(super) fn subjects(labels: &[Label]) -> BTreeSet<Subject> {
    let subject = |label: &Label| Subject {
        candidate: label.candidate.clone(),
        opponent: label.opponent.clone(),
        judge: label.judge.clone(),
        rubric: RUBRIC.to_owned(),
        criterion: label.criterion.clone(),
    };
    labels.iter().map(subject).collect()
}

/// The metrics of a log, if it states any; `logs_of` says how many logs have a comparison.
pub(super) fn figures(
    log: &Log,
    subjects: &BTreeSet<Subject>,
    logs_of: &HashMap<&Subject, usize>,
) -> SourceFigures {
    let header = &log.header;
    // Labels of one comparison, and of this log alone.
    let comparison = match subjects.iter().collect::<Vec<_>>()[..] {
        [subject] if logs_of[subject] == 1 => Some(subject.clone()),
        _ => None,
    };
    let figures = header.metrics.iter().map(|(scorer, metric, value)| {
        let is_share = metric == "accuracy" && value.is_some_and(|v| (0.0..=1.0).contains(&v));
        Figure::new(
            format!("{scorer}/{metric}"),
            *value,
            if is_share { Unit::Share } else { Unit::Score },
            "as the log states it",
        )
    });
    SourceFigures {
        source: "inspect".to_owned(),
        subject: format!(
            "{}, {}",
            header.task.as_deref().unwrap_or("task"),
            header.model.as_deref().unwrap_or("model")
        ),
        also_called: header.model.iter().cloned().collect(),
        figures: figures.collect(),
        why_they_differ: why(!header.metrics.is_empty(), comparison.is_some()),
        comparison,
        ..SourceFigures::default()
    }
}

/// What is said of a log whose run did not come to its end.
pub(super) fn of_status(header: &Header, path: &Path) -> Option<String> {
    const WHY: &str =
        "samples may be missing, and what the log states may be of those that are there";
    let path = path.display();
    match header.status.as_deref() {
        Some("success") => None,
        Some(status) => Some(format!(
            "the status of {path} is `{}`, not `success`: {WHY}",
            shown(status)
        )),
        None => Some(format!(
            "{path} states no status, as of a run that has not ended: {WHY}"
        )),
    }
}

/// Why the log's metrics are not what this program says.
fn why(has_metrics: bool, has_estimate: bool) -> Vec<String> {
    let mut why =
        vec!["The log states no metrics, so that no figure of it stands here.".to_owned()];
    if has_metrics {
        why = vec![
        "The log's metrics take every sample for independent; the report's intervals are over questions, epochs of a sample taken together.".to_owned(),
        "A metric is of the values as the scorer gave them, so that a tie that was scored I counts as wrong there, and one half here; a sample without a verdict is left out here, and what it could do to the win rate is stated.".to_owned(),
    ];
    }
    if !has_estimate {
        why.push("No estimate stands beside the log, because the log's labels are of several comparisons, or other logs have the same: the report has a win rate for each.".to_owned());
    }
    why
}
