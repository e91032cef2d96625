//! Transfer as CSV: one row a quantity.

use super::{finished, row};
use crate::analysis::transfer::report::{Contrast, Gain, Transfer, TransferReport};

pub(super) const TITLES: [&str; 14] = [
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
];

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
}

/// Gains, what goes with what, and units, as CSV. Why a gain is withheld stands in `name`.
pub fn render_transfer(report: &TransferReport) -> String {
    let mut out = Vec::new();
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    for gains in &report.gains {
        for (quantity, gain) in [
            ("structured_gain", &gains.structured),
            ("open_ended_gain", &gains.open_ended),
        ] {
            if let Some(gain) = gain {
                push(&gains.contrast, &of_gain(quantity, gain), &mut out);
            }
        }
        if let Some(why) = &gains.withheld {
            let told = Told {
                unit: "all",
                name: why,
                quantity: "withheld",
                ..Told::default()
            };
            push(&gains.contrast, &told, &mut out);
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
                ..Told::default()
            };
            push(&gains.contrast, &told, &mut out);
        }
    }
    for transfer in &report.transfers {
        for told in quantities(transfer) {
            if told.estimate.is_some() {
                push(&transfer.contrast, &told, &mut out);
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
            push(&transfer.contrast, &structured, &mut out);
            push(&transfer.contrast, &open, &mut out);
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
        ..Told::default()
    }
}

fn quantities(transfer: &Transfer) -> Vec<Told<'_>> {
    let told = |quantity, estimate: Option<f64>, low: Option<f64>, high: Option<f64>| Told {
        unit: transfer.unit.name(),
        quantity,
        estimate,
        low,
        high,
        n: transfer.n_units,
        ..Told::default()
    };
    let alone = |quantity, estimate| told(quantity, estimate, None, None);
    let pearson = transfer.pearson;
    let corrected = transfer.disattenuated;
    let fit = transfer.likelihood;
    let slope = transfer.gain_slope;
    vec![
        alone("structured_reliability", transfer.structured_reliability),
        alone("open_ended_reliability", transfer.open_reliability),
        alone("error_covariance", transfer.error_covariance),
        told(
            "pearson",
            pearson.map(|r| r.estimate),
            pearson.map(|r| r.low),
            pearson.map(|r| r.high),
        ),
        alone("spearman", transfer.spearman),
        told(
            "disattenuated",
            corrected.map(|r| r.estimate),
            corrected.map(|r| r.low),
            corrected.map(|r| r.high),
        ),
        told(
            "likelihood",
            fit.map(|fit| fit.estimate),
            fit.map(|fit| fit.low),
            fit.map(|fit| fit.high),
        ),
        told(
            "gain_slope",
            slope.map(|slope| slope.estimate),
            slope.and_then(|slope| slope.low),
            slope.and_then(|slope| slope.high),
        ),
        alone("scatter", slope.map(|slope| slope.scatter)),
    ]
}

fn push(contrast: &Contrast, told: &Told<'_>, out: &mut Vec<u8>) {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
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
        number(told.estimate),
        number(told.standard_error),
        number(told.low),
        number(told.high),
        told.n.to_string(),
    ];
    row(cells.into_iter(), out);
}
