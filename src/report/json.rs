//! A report as JSON, and the schema of it.

use std::borrow::Cow;

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
/// escaped.
pub fn render_scores(report: &ScoreReport) -> String {
    escaped(pretty(report))
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
