//! Scores as CSV: one row a metric of a model over some items, then one a difference.

use super::{finished, row};
use crate::analysis::scores::metrics::{METRICS, Metric};
use crate::analysis::scores::report::{
    Counts, Delta, Estimate, ScoreInterval, ScoreReport, Scored,
};

pub(super) const TITLES: [&str; 16] = [
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
                    scored.variant.as_deref().unwrap_or_default(),
                    "",
                ];
                row(of_estimate(place, metric, estimate).into_iter(), &mut out);
            }
        }
    }
    for scored in &report.models {
        for cells in further(scored) {
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
                row(of_delta(place, metric, delta).into_iter(), &mut out);
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
                row(of_delta(place, metric, gain).into_iter(), &mut out);
            }
        }
    }
    finished(out, &report.simulated.join("; "))
}

/// The counts of a model's answers, and its means under each treatment of missing answers
/// and of unstable truth.
fn further(scored: &Scored) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let level = scored.level.as_deref().unwrap_or_default();
    let place = [&*scored.model, "", &scored.breakdown, level].map(str::to_owned);
    let variant = scored.variant.clone().unwrap_or_default();
    let withheld = scored.withheld.clone().unwrap_or_default();
    let mut push = |metric: &str, items: u64, estimate: Option<f64>| {
        let Some(estimate) = estimate else { return };
        let numbers = [metric.to_owned(), items.to_string(), estimate.to_string()];
        let last = [
            variant.clone(),
            String::new(),
            String::new(),
            withheld.clone(),
        ];
        let rest = TITLES.len() - place.len() - numbers.len() - last.len();
        let empty = std::iter::repeat_n(String::new(), rest);
        let cells = place.iter().cloned().chain(numbers).chain(empty);
        rows.push(cells.chain(last).collect());
    };
    for (what, n) in counts(&scored.answers) {
        push(what, scored.items, Some(n as f64));
    }
    for treated in &scored.treatments {
        let way = treated.treatment.name();
        for (metric, estimate) in [
            ("accuracy", treated.accuracy),
            ("soft_accuracy", treated.soft_accuracy),
            ("nmae", treated.nmae),
            ("wasserstein", treated.wasserstein),
        ] {
            push(&format!("{metric}_missing_{way}"), scored.items, estimate);
        }
    }
    let Some(truth) = &scored.unstable_truth else {
        return rows;
    };
    let items = truth.items;
    push("unstable_share", items.known, Some(items.unstable_share));
    for scores in &truth.scores {
        let way = scores.unstable.name();
        for (metric, estimate) in [
            ("accuracy", scores.accuracy),
            ("nmae", scores.nmae),
            ("wasserstein", scores.wasserstein),
        ] {
            push(&format!("{metric}_unstable_{way}"), scores.items, estimate);
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

fn of_estimate(place: [&str; 6], metric: Metric, known: &Estimate) -> [String; TITLES.len()] {
    let numbers = Numbers {
        items: known.items,
        estimate: known.estimate,
        standard_error: known.standard_error,
        interval: known.interval.as_ref(),
        p_value: None,
        p_adjusted: None,
    };
    cells(place, metric, &numbers)
}

fn of_delta(place: [&str; 6], metric: Metric, known: &Delta) -> [String; TITLES.len()] {
    let numbers = Numbers {
        items: known.items,
        estimate: known.estimate,
        standard_error: known.standard_error,
        interval: known.interval.as_ref(),
        p_value: known.p_value,
        p_adjusted: known.p_adjusted,
    };
    cells(place, metric, &numbers)
}

struct Numbers<'a> {
    items: u64,
    estimate: f64,
    standard_error: Option<f64>,
    interval: Option<&'a ScoreInterval>,
    p_value: Option<f64>,
    p_adjusted: Option<f64>,
}

fn cells(place: [&str; 6], metric: Metric, known: &Numbers<'_>) -> [String; TITLES.len()] {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let limit = |of: fn(&ScoreInterval) -> f64| number(known.interval.map(of));
    let [model, base, breakdown, level, variant, base_variant] = place.map(str::to_owned);
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
        variant,
        base_variant,
        number(known.p_adjusted),
        String::new(),
    ]
}
