//! Scores as CSV: one row a metric of a model over some items, then one a difference.

use super::row;
use crate::analysis::scores::metrics::{METRICS, Metric};
use crate::analysis::scores::report::{Delta, Estimate, ScoreInterval, ScoreReport};

const TITLES: [&str; 12] = [
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
];

/// The estimates of scores and of their differences as CSV.
pub fn render_scores(report: &ScoreReport) -> String {
    let mut out = Vec::new();
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    for scored in report.models.iter().chain(&report.groups) {
        for metric in METRICS {
            if let Some(estimate) = scored.metrics.get(metric) {
                let place = [
                    &scored.model,
                    "",
                    &scored.breakdown,
                    scored.level.as_deref().unwrap_or_default(),
                ];
                row(of_estimate(place, metric, estimate).into_iter(), &mut out);
            }
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
                ];
                row(of_delta(place, metric, delta).into_iter(), &mut out);
            }
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

fn of_estimate(place: [&str; 4], metric: Metric, known: &Estimate) -> [String; TITLES.len()] {
    let numbers = Numbers {
        items: known.items,
        estimate: known.estimate,
        standard_error: known.standard_error,
        interval: known.interval.as_ref(),
        p_value: None,
    };
    cells(place, metric, &numbers)
}

fn of_delta(place: [&str; 4], metric: Metric, known: &Delta) -> [String; TITLES.len()] {
    let numbers = Numbers {
        items: known.items,
        estimate: known.estimate,
        standard_error: known.standard_error,
        interval: known.interval.as_ref(),
        p_value: known.p_value,
    };
    cells(place, metric, &numbers)
}

struct Numbers<'a> {
    items: u64,
    estimate: f64,
    standard_error: Option<f64>,
    interval: Option<&'a ScoreInterval>,
    p_value: Option<f64>,
}

fn cells(place: [&str; 4], metric: Metric, known: &Numbers<'_>) -> [String; TITLES.len()] {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let limit = |of: fn(&ScoreInterval) -> f64| number(known.interval.map(of));
    let [model, base, breakdown, level] = place.map(str::to_owned);
    [
        model,
        base,
        breakdown,
        level,
        metric.name().to_owned(),
        known.items.to_string(),
        known.estimate.to_string(),
        number(known.standard_error),
        limit(|interval| interval.low),
        limit(|interval| interval.high),
        limit(|interval| interval.level),
        number(known.p_value),
    ]
}
