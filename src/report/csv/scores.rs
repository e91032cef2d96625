//! Scores as CSV: one row a metric of a model over some items, then one a difference.

use super::{finished, given, given_name, row};
use crate::analysis::report::Adjustment;
use crate::analysis::scores::metrics::{METRICS, Metric};
use crate::analysis::scores::report::{
    Counts, Delta, Estimate, ScoreInterval, ScoreReport, Scored,
};

pub(super) const TITLES: [&str; 21] = [
    "model",
    "base",
    "breakdown",
    "level",
    "metric",
    "items",
    "estimate",
    "standard_error",
    "low",
    "high",
    "confidence",
    "p_value",
    "variant",
    "base_variant",
    "p_adjusted",
    "withheld",
    "adjustment",
    "clusters",
    "method",
    "estimand",
    "unit",
];

/// The estimates of scores and of their differences as CSV.
pub fn render_scores(report: &ScoreReport) -> String {
    let mut out = Vec::new();
    let unit = report.settings.unit;
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    for scored in report.models.iter().chain(&report.groups) {
        for metric in METRICS {
            if let Some(estimate) = scored.metrics.get(metric) {
                let place = [
                    &scored.model,
                    "",
                    &scored.breakdown,
                    scored.level.as_deref().unwrap_or_default(),
                    scored.variant.as_deref().unwrap_or_default(),
                    "",
                ];
                row(
                    of_estimate(place, metric, estimate, unit).into_iter(),
                    &mut out,
                );
            }
        }
    }
    for scored in &report.models {
        for cells in further(scored, unit) {
            row(cells.into_iter(), &mut out);
        }
    }
    for difference in &report.differences {
        for metric in METRICS {
            if let Some(delta) = difference.metrics.get(metric) {
                let place = [
                    difference.candidate.as_str(),
                    &difference.base,
                    &difference.breakdown,
                    difference.level.as_deref().unwrap_or_default(),
                    difference.variant.as_deref().unwrap_or_default(),
                    difference.variant.as_deref().unwrap_or_default(),
                ];
                let adjusted = (delta.p_adjusted, delta.adjustment);
                row(
                    of_delta(place, metric, delta, adjusted, unit).into_iter(),
                    &mut out,
                );
            }
        }
    }
    for phrasings in &report.phrasings {
        let metric = METRICS
            .into_iter()
            .find(|metric| metric.name() == phrasings.metric);
        let Some(metric) = metric else { continue };
        for rate in &phrasings.rates {
            if let Some(gain) = &rate.gain {
                let place = [
                    phrasings.model.as_str(),
                    &phrasings.model,
                    "all",
                    "",
                    &rate.variant,
                    phrasings.control.as_deref().unwrap_or_default(),
                ];
                let adjusted = (rate.p_adjusted, rate.adjustment);
                row(
                    of_delta(place, metric, gain, adjusted, unit).into_iter(),
                    &mut out,
                );
            }
        }
    }
    finished(out, &report.simulated.join("; "))
}

/// The counts of a model's answers, and its means under each treatment of missing answers
/// and of unstable truth.
fn further(scored: &Scored, unit: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let level = scored.level.as_deref().unwrap_or_default();
    let place = [&*scored.model, "", &scored.breakdown, level].map(str::to_owned);
    let variant = scored.variant.clone().unwrap_or_default();
    let withheld = scored.withheld.clone().unwrap_or_default();
    let mut push = |metric: &str, estimand: &str, items: u64, estimate: Option<f64>| {
        let Some(estimate) = estimate else { return };
        let numbers = [metric.to_owned(), items.to_string(), estimate.to_string()];
        let mut cells: [String; TITLES.len()] = Default::default();
        let told = [
            ("variant", &variant),
            ("withheld", &withheld),
            ("estimand", &estimand.to_owned()),
            ("unit", &unit.to_owned()),
        ];
        for (cell, text) in cells.iter_mut().zip(place.iter().chain(&numbers)) {
            cell.clone_from(text);
        }
        for (cell, title) in cells.iter_mut().zip(TITLES) {
            if let Some((_, text)) = told.iter().find(|(name, _)| *name == title) {
                cell.clone_from(text);
            }
        }
        rows.push(cells.to_vec());
    };
    for (what, n) in counts(&scored.answers) {
        push(what, "planned answers", scored.items, Some(n as f64));
    }
    for treated in &scored.treatments {
        let way = treated.treatment.name();
        for (metric, estimate) in [
            (Metric::Accuracy, treated.accuracy),
            (Metric::SoftAccuracy, treated.soft_accuracy),
            (Metric::Nmae, treated.nmae),
            (Metric::Wasserstein, treated.wasserstein),
        ] {
            let title = format!("{}_missing_{way}", metric.name());
            push(&title, metric.estimand(), scored.items, estimate);
        }
    }
    let Some(truth) = &scored.unstable_truth else {
        return rows;
    };
    let items = truth.items;
    push(
        "unstable_share",
        "share of items whose truth is unstable",
        items.known,
        Some(items.unstable_share),
    );
    for scores in &truth.scores {
        let way = scores.unstable.name();
        for (metric, estimate) in [
            (Metric::Accuracy, scores.accuracy),
            (Metric::Nmae, scores.nmae),
            (Metric::Wasserstein, scores.wasserstein),
        ] {
            let title = format!("{}_unstable_{way}", metric.name());
            push(&title, metric.estimand(), scores.items, estimate);
        }
    }
    rows
}

/// The planned answers by what became of them.
fn counts(answers: &Counts) -> [(&'static str, u64); 7] {
    [
        ("answers_planned", answers.planned),
        ("answers_answered", answers.answered),
        ("answers_refused", answers.refused),
        ("answers_unreadable", answers.unreadable),
        ("answers_truncated", answers.truncated),
        ("answers_failed", answers.failed),
        ("answers_not_run", answers.not_run),
    ]
}

fn of_estimate(
    place: [&str; 6],
    metric: Metric,
    known: &Estimate,
    unit: &str,
) -> [String; TITLES.len()] {
    let numbers = Numbers {
        estimand: known.estimand,
        items: known.items,
        estimate: known.estimate,
        standard_error: known.standard_error,
        interval: known.interval.as_ref(),
        p_value: None,
        adjusted: (None, None),
    };
    cells(place, metric, &numbers, unit)
}

fn of_delta(
    place: [&str; 6],
    metric: Metric,
    known: &Delta,
    adjusted: Adjusted,
    unit: &str,
) -> [String; TITLES.len()] {
    let numbers = Numbers {
        estimand: &known.estimand,
        items: known.items,
        estimate: known.estimate,
        standard_error: known.standard_error,
        interval: known.interval.as_ref(),
        p_value: known.p_value,
        adjusted,
    };
    cells(place, metric, &numbers, unit)
}

/// An adjusted p-value, and how it was adjusted.
type Adjusted = (Option<f64>, Option<Adjustment>);

struct Numbers<'a> {
    estimand: &'a str,
    items: u64,
    estimate: f64,
    standard_error: Option<f64>,
    interval: Option<&'a ScoreInterval>,
    p_value: Option<f64>,
    adjusted: Adjusted,
}

fn cells(
    place: [&str; 6],
    metric: Metric,
    known: &Numbers<'_>,
    unit: &str,
) -> [String; TITLES.len()] {
    let limit = |of: fn(&ScoreInterval) -> f64| given(known.interval.map(of));
    let [model, base, breakdown, level, variant, base_variant] = place.map(str::to_owned);
    let (p_adjusted, adjustment) = known.adjusted;
    [
        model,
        base,
        breakdown,
        level,
        metric.name().to_owned(),
        known.items.to_string(),
        known.estimate.to_string(),
        given(known.standard_error),
        limit(|interval| interval.low),
        limit(|interval| interval.high),
        limit(|interval| interval.level),
        given(known.p_value),
        variant,
        base_variant,
        given(p_adjusted),
        String::new(),
        given_name(adjustment.map(|adjustment| adjustment.method)),
        given(known.interval.map(|interval| interval.clusters.join(" × "))),
        given_name(known.interval.map(|interval| interval.method)),
        known.estimand.to_owned(),
        unit.to_owned(),
    ]
}
