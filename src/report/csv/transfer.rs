//! Transfer as CSV: one row a quantity.

use super::{finished, given, given_name, row};
use crate::analysis::transfer::report::{
    Contrast, Gain, Transfer, TransferMethods, TransferReport,
};

pub(super) const TITLES: [&str; 18] = [
    "pair",
    "reference",
    "judge",
    "rubric",
    "criterion",
    "metric",
    "unit",
    "name",
    "quantity",
    "estimate",
    "standard_error",
    "low",
    "high",
    "n",
    "confidence",
    "clusters",
    "method",
    "estimand",
];

/// What the structured gain under each treatment of unstable truths estimates.
const STRUCTURED: &str = "mean over items of the structured gain";
/// What correlations without noise estimate.
const TRUE_GAINS: &str = "correlation of the true gains over units";

/// What a row says.
#[derive(Default)]
struct Told<'a> {
    unit: &'a str,
    name: &'a str,
    quantity: &'a str,
    estimate: Option<f64>,
    standard_error: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: u64,
    clusters: String,
    method: String,
    estimand: &'a str,
}

/// Gains, what goes with what, and units, as CSV. Why a gain is withheld stands in `name`.
pub fn render_transfer(report: &TransferReport) -> String {
    let mut out = Vec::new();
    let level = report.settings.level;
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    for gains in &report.gains {
        for (quantity, gain) in [
            ("structured_gain", &gains.structured),
            ("open_ended_gain", &gains.open_ended),
        ] {
            if let Some(gain) = gain {
                push(&gains.contrast, &of_gain(quantity, gain), level, &mut out);
            }
        }
        if let Some(why) = &gains.withheld {
            let told = Told {
                unit: "all",
                name: why,
                quantity: "withheld",
                ..Told::default()
            };
            push(&gains.contrast, &told, level, &mut out);
        }
    }
    for gains in &report.gains {
        let Some(known) = gains.unstable_truth else {
            continue;
        };
        for (quantity, estimate, n) in [
            (
                "unstable_share",
                Some(known.items.unstable_share),
                known.items.known,
            ),
            (
                "structured_gain_unstable_keep",
                known.keep,
                known.items.known,
            ),
            (
                "structured_gain_unstable_drop",
                known.drop,
                known.items.known,
            ),
            (
                "structured_gain_unstable_weight",
                known.weight,
                known.items.known,
            ),
        ] {
            let told = Told {
                unit: "all",
                quantity,
                estimate,
                n,
                estimand: match quantity {
                    "unstable_share" => "share of items whose truth is unstable",
                    _ => STRUCTURED,
                },
                ..Told::default()
            };
            push(&gains.contrast, &told, level, &mut out);
        }
    }
    for transfer in &report.transfers {
        for told in quantities(transfer, report.settings.methods) {
            if told.estimate.is_some() {
                push(&transfer.contrast, &told, level, &mut out);
            }
        }
    }
    for transfer in &report.transfers {
        for unit in &transfer.units {
            let told = |quantity, estimate, error, n| Told {
                unit: transfer.unit.name(),
                name: &unit.name,
                quantity,
                estimate: Some(estimate),
                standard_error: Some(error),
                n,
                clusters: transfer.clusters.join(" × "),
                estimand: "mean gain over the items of the unit",
                ..Told::default()
            };
            let structured = told(
                "structured_gain",
                unit.structured,
                unit.structured_se,
                unit.structured_items,
            );
            let open = told(
                "open_ended_gain",
                unit.open_ended,
                unit.open_se,
                unit.open_items,
            );
            push(&transfer.contrast, &structured, level, &mut out);
            push(&transfer.contrast, &open, level, &mut out);
        }
    }
    finished(out, &report.simulated.join("; "))
}

fn of_gain<'a>(quantity: &'a str, gain: &Gain) -> Told<'a> {
    Told {
        unit: "all",
        quantity,
        estimate: Some(gain.estimate),
        standard_error: gain.standard_error,
        low: gain.low,
        high: gain.high,
        n: gain.items,
        clusters: gain.clusters.join(" × "),
        method: given_name(gain.method),
        estimand: gain.estimand,
        ..Told::default()
    }
}

fn quantities<'a>(transfer: &'a Transfer, methods: TransferMethods) -> Vec<Told<'a>> {
    let alone = |quantity, estimand, estimate| Told {
        unit: transfer.unit.name(),
        quantity,
        estimate,
        n: transfer.n_units,
        clusters: transfer.clusters.join(" × "),
        estimand,
        ..Told::default()
    };
    let limited = |told: Told<'a>, method, low: Option<f64>, high: Option<f64>| Told {
        low,
        high,
        method: given_name(Some(method)),
        ..told
    };
    let pearson = transfer.pearson;
    let corrected = transfer.disattenuated;
    let fit = transfer.likelihood;
    let slope = transfer.gain_slope;
    vec![
        alone(
            "structured_reliability",
            "share of the variance of structured gains over units that is not noise",
            transfer.structured_reliability,
        ),
        alone(
            "open_ended_reliability",
            "share of the variance of open-ended gains over units that is not noise",
            transfer.open_reliability,
        ),
        alone(
            "error_covariance",
            "covariance of the errors of both gains of a unit",
            transfer.error_covariance,
        ),
        limited(
            alone(
                "pearson",
                "correlation of the measured gains over units",
                pearson.map(|r| r.estimate),
            ),
            methods.pearson,
            pearson.map(|r| r.low),
            pearson.map(|r| r.high),
        ),
        alone(
            "spearman",
            "rank correlation of the measured gains over units",
            transfer.spearman,
        ),
        limited(
            alone("disattenuated", TRUE_GAINS, corrected.map(|r| r.estimate)),
            methods.disattenuated,
            corrected.map(|r| r.low),
            corrected.map(|r| r.high),
        ),
        limited(
            alone("likelihood", TRUE_GAINS, fit.map(|fit| fit.estimate)),
            methods.likelihood,
            fit.map(|fit| fit.low),
            fit.map(|fit| fit.high),
        ),
        limited(
            alone(
                "gain_slope",
                "true open-ended gain for a true structured gain that is larger by one",
                slope.map(|slope| slope.estimate),
            ),
            methods.gain_slope,
            slope.and_then(|slope| slope.low),
            slope.and_then(|slope| slope.high),
        ),
        alone(
            "scatter",
            "standard deviation over units of true open-ended gains about the line",
            slope.map(|slope| slope.scatter),
        ),
    ]
}

fn push(contrast: &Contrast, told: &Told<'_>, level: f64, out: &mut Vec<u8>) {
    let cells: [String; TITLES.len()] = [
        contrast.pair.clone(),
        contrast.reference.clone().unwrap_or_default(),
        contrast.judge.clone(),
        contrast.rubric.clone(),
        contrast.criterion.clone(),
        contrast.metric.clone(),
        told.unit.to_owned(),
        told.name.to_owned(),
        told.quantity.to_owned(),
        given(told.estimate),
        given(told.standard_error),
        given(told.low),
        given(told.high),
        told.n.to_string(),
        given(told.low.or(told.high).map(|_| level)),
        told.clusters.clone(),
        told.method.clone(),
        told.estimand.to_owned(),
    ];
    row(cells.into_iter(), out);
}
