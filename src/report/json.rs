//! A report as JSON, and the schema of it.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::analysis::Report;
use crate::analysis::agreement::AgreementReport;
use crate::analysis::paper::report::PaperReport;
use crate::analysis::scores::fairness::report::FairnessReport;
use crate::analysis::scores::report::ScoreReport;
use crate::analysis::transfer::report::TransferReport;
use crate::text::escape_json;

/// The report as indented JSON, numbers unrounded, hidden characters escaped.
pub fn render(report: &Report) -> String {
    escaped(pretty(report))
}

/// The JSON Schema that every report satisfies, as it stands in
/// `docs/report.schema.json`.
pub fn schema() -> String {
    pretty(&schemars::schema_for!(Report))
}

/// An agreement report as indented JSON, numbers unrounded, hidden characters escaped.
pub fn render_agreement(report: &AgreementReport) -> String {
    escaped(pretty(report))
}

/// The JSON Schema that every agreement report satisfies, as it stands in
/// `docs/agreement.schema.json`.
pub fn agreement_schema() -> String {
    pretty(&schemars::schema_for!(AgreementReport))
}

/// Scores of structured answers as indented JSON, numbers unrounded, hidden characters
/// escaped. Its long lists are written in pieces side by side.
pub fn render_scores(report: &ScoreReport) -> String {
    let frame = ScoreReport {
        groups: Vec::new(),
        differences: Vec::new(),
        study: report.study.clone(),
        simulated: report.simulated.clone(),
        settings: report.settings.clone(),
        notes: report.notes.clone(),
        models: report.models.clone(),
        phrasings: report.phrasings.clone(),
        ..*report
    };
    let frame = escaped(pretty(&frame));
    let mut rest = frame.as_str();
    let lists = [
        ("groups", pieces(&report.groups)),
        ("differences", pieces(&report.differences)),
    ];
    let pieces = lists.iter().flat_map(|(_, pieces)| pieces);
    // A text of tens of megabytes is made room for once.
    let length: usize = pieces.map(|piece| piece.len() + 2).sum();
    let mut text = String::with_capacity(frame.len() + length + 16);
    for (name, pieces) in &lists {
        // No text in JSON has a line break, so that this can only be the empty list.
        let empty = format!("\n  \"{name}\": []");
        let Some((before, after)) = rest.split_once(&empty).filter(|_| !pieces.is_empty()) else {
            continue;
        };
        text.push_str(before);
        text.push_str(empty.trim_end_matches(']'));
        for (at, piece) in pieces.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            text.push_str(piece);
        }
        text.push_str("\n  ]");
        rest = after;
    }
    text + rest
}

/// The elements of a list that stands in an object, in a few texts to be joined by commas.
fn pieces<T: serde::Serialize + Sync>(list: &[T]) -> Vec<String> {
    const ELEMENTS: usize = 256;
    #[derive(serde::Serialize)]
    struct Within<'a, T> {
        list: &'a [T],
    }
    let elements = |list: &[T]| {
        let (before, after) = ("{\n  \"list\": [\n", "\n  ]\n}\n");
        let mut text = escaped(pretty(&Within { list }));
        text.truncate(text.len().saturating_sub(after.len()));
        text.drain(..before.len().min(text.len()));
        text
    };
    list.par_chunks(ELEMENTS).map(elements).collect()
}

/// The JSON Schema that all scores satisfy, as it stands in `docs/scores.schema.json`.
pub fn scores_schema() -> String {
    pretty(&schemars::schema_for!(ScoreReport))
}

/// Transfer as indented JSON, numbers unrounded, hidden characters escaped.
pub fn render_transfer(report: &TransferReport) -> String {
    escaped(pretty(report))
}

/// The JSON Schema of transfer, as it stands in `docs/transfer.schema.json`.
pub fn transfer_schema() -> String {
    pretty(&schemars::schema_for!(TransferReport))
}

/// The paper's tables as indented JSON, numbers unrounded, hidden characters escaped.
pub fn render_paper(report: &PaperReport) -> String {
    escaped(pretty(report))
}

/// The JSON Schema of the paper's tables, as it stands in `docs/paper.schema.json`.
pub fn paper_schema() -> String {
    pretty(&schemars::schema_for!(PaperReport))
}

/// Fairness over subgroups as indented JSON, numbers unrounded, hidden characters escaped.
pub fn render_fairness(report: &FairnessReport) -> String {
    escaped(pretty(report))
}

/// The JSON Schema that fairness satisfies, as it stands in `docs/fairness.schema.json`.
pub fn fairness_schema() -> String {
    pretty(&schemars::schema_for!(FairnessReport))
}

fn escaped(text: String) -> String {
    let escaped = match escape_json(&text) {
        Cow::Owned(escaped) => Some(escaped),
        Cow::Borrowed(_) => None,
    };
    escaped.unwrap_or(text)
}

fn pretty(value: &impl serde::Serialize) -> String {
    // Plain structs with text keys always have a JSON form.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
