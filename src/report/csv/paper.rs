//! The tables of the paper as CSV: one row a number of a model.

use super::{finished, row};
use crate::analysis::paper::report::{Change, PaperReport};

pub(super) const TITLES: [&str; 11] = [
    "split",
    "table",
    "model",
    "base_model",
    "judge",
    "rubric",
    "criterion",
    "metric",
    "base",
    "tuned",
    "difference",
];

/// Both tables of every split as CSV.
pub fn render_paper(report: &PaperReport) -> String {
    let mut out = Vec::new();
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    for split in &report.splits {
        let of = split.split.as_deref().unwrap_or_default();
        for table in &split.tables {
            let rows = table.rows.iter().chain([&table.mean]).chain(&table.others);
            for known in rows {
                let base = known.base.as_deref().unwrap_or_default();
                for (metric, change) in [
                    ("accuracy", known.accuracy),
                    ("nmae", known.nmae),
                    ("win_rate", known.win_rate),
                ] {
                    let judged = [&*table.judge, &*table.rubric, &*table.criterion];
                    push(
                        [of, "A", &known.model, base],
                        judged,
                        metric,
                        change,
                        &mut out,
                    );
                }
            }
        }
        for known in split.fairness.rows.iter().chain([&split.fairness.mean]) {
            for (metric, change) in [
                ("accuracy_norm_range", known.accuracy_range),
                ("accuracy_cv", known.accuracy_cv),
                ("nmae_norm_range", known.nmae_range),
                ("nmae_cv", known.nmae_cv),
            ] {
                let place = [of, "B", &known.model, &known.base];
                push(place, ["", "", ""], metric, change, &mut out);
            }
        }
    }
    finished(out, &report.simulated.join("; "))
}

fn push(place: [&str; 4], judged: [&str; 3], metric: &str, change: Change, out: &mut Vec<u8>) {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let names = place.into_iter().chain(judged).chain([metric]);
    let numbers = [change.base, change.tuned, change.difference].map(number);
    row(names.map(str::to_owned).chain(numbers), out);
}
