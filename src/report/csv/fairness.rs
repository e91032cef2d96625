//! Fairness as CSV: one row a number, of a model or of a change between two.

use super::{finished, row};
use crate::analysis::report::Limits;
use crate::analysis::scores::fairness::report::{
    Advantage, Changed, Disparity, DisparityChange, FairnessReport, Measure, WithoutNoise,
};

pub(super) const TITLES: [&str; 19] = [
    "model",
    "base",
    "split",
    "breakdown",
    "metric",
    "level",
    "measure",
    "value",
    "base_value",
    "change",
    "if_equal",
    "without_noise",
    "low",
    "high",
    "p_value",
    "p_adjusted",
    "groups_compared",
    "variant",
    "withheld",
];

/// The numbers of a fairness report as CSV. `low` and `high` are the limits of
/// `without_noise` where there is one, else of `value` or `change`. What is withheld has one
/// row, without numbers.
pub fn render_fairness(report: &FairnessReport) -> String {
    let mut out = Vec::new();
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    let rows = report.disparities.iter().flat_map(of_model);
    for cells in rows.chain(report.changes.iter().flat_map(of_change)) {
        row(cells.into_iter(), &mut out);
    }
    finished(out, &report.simulated.join("; "))
}

/// What a row says; the rest is empty.
#[derive(Debug, Clone, Default)]
struct Said {
    level: String,
    measure: &'static str,
    value: Option<f64>,
    base_value: Option<f64>,
    change: Option<f64>,
    if_equal: Option<f64>,
    without_noise: Option<f64>,
    limits: Option<Limits>,
    p_value: Option<f64>,
    p_adjusted: Option<f64>,
    withheld: String,
}

impl Said {
    fn cells(&self, place: [&str; 5], compared: u64, variant: Option<&str>) -> Vec<String> {
        let number =
            |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut cells: Vec<String> = place.iter().map(|&text| text.to_owned()).collect();
        cells.push(self.level.clone());
        cells.push(self.measure.to_owned());
        cells.extend(
            [
                self.value,
                self.base_value,
                self.change,
                self.if_equal,
                self.without_noise,
                self.limits.map(|limits| limits.low),
                self.limits.map(|limits| limits.high),
                self.p_value,
                self.p_adjusted,
            ]
            .map(number),
        );
        cells.push(compared.to_string());
        cells.push(variant.unwrap_or_default().to_owned());
        cells.push(self.withheld.clone());
        cells
    }
}

/// That nothing is told, and why.
fn withheld(why: Option<&String>) -> Option<Said> {
    Some(Said {
        measure: "withheld",
        withheld: why?.clone(),
        ..Said::default()
    })
}

fn of_model(known: &Disparity) -> Vec<Vec<String>> {
    let mut said: Vec<Said> = withheld(known.withheld.as_ref()).into_iter().collect();
    if let Some(measures) = &known.measures {
        said.push(measure("normalised_range", &measures.normalised_range));
        said.push(measure("variation", &measures.variation));
        said.push(measure("range", &measures.range));
        said.push(measure("deviation", &measures.deviation));
    }
    if let Some(between) = &known.between {
        said.push(Said {
            measure: "tau",
            value: Some(between.tau),
            limits: between.interval,
            ..Said::default()
        });
    }
    if let Some(gap) = &known.gap {
        said.push(Said {
            level: [gap.highest.concat(), gap.lowest.concat()].join(" - "),
            measure: "gap",
            value: Some(gap.gap),
            if_equal: Some(gap.expected_if_equal),
            limits: gap.interval,
            ..Said::default()
        });
    }
    if let Some(worst) = &known.worst {
        said.push(Said {
            level: worst.levels.concat(),
            measure: "worst",
            value: Some(worst.estimate),
            limits: Some(worst.interval),
            ..Said::default()
        });
    }
    if let Some(test) = &known.homogeneity {
        said.push(Said {
            measure: "homogeneity",
            value: Some(test.statistic),
            p_value: Some(test.p_value),
            p_adjusted: test.p_adjusted,
            ..Said::default()
        });
    }
    for level in &known.levels {
        said.push(Said {
            level: level.level.clone(),
            measure: "mean",
            value: Some(level.estimate),
            limits: level.interval,
            ..Said::default()
        });
        said.extend(advantage("advantage", &level.level, level.advantage));
    }
    let place = [
        known.model.as_str(),
        "",
        known.split.as_deref().unwrap_or_default(),
        &known.breakdown,
        known.metric.name(),
    ];
    said.iter()
        .map(|said| said.cells(place, known.compared, known.variant.as_deref()))
        .collect()
}

fn measure(name: &'static str, known: &Measure) -> Said {
    Said {
        measure: name,
        value: known.seen,
        if_equal: known.if_equal,
        ..noiseless(known.without_noise)
    }
}

fn noiseless(known: Option<WithoutNoise>) -> Said {
    Said {
        without_noise: known.map(|known| known.estimate),
        limits: known.and_then(|known| known.interval),
        ..Said::default()
    }
}

fn advantage(name: &'static str, level: &str, known: Option<Advantage>) -> Option<Said> {
    let known = known?;
    Some(Said {
        level: level.to_owned(),
        measure: name,
        value: Some(known.estimate),
        limits: known.interval,
        p_value: Some(known.p_value),
        p_adjusted: Some(known.p_adjusted),
        ..Said::default()
    })
}

fn of_change(known: &DisparityChange) -> Vec<Vec<String>> {
    let mut said: Vec<Said> = withheld(known.withheld.as_ref()).into_iter().collect();
    if let Some(measures) = &known.measures {
        said.push(changed("normalised_range", &measures.normalised_range));
        said.push(changed("variation", &measures.variation));
        said.push(changed("range", &measures.range));
        said.push(changed("deviation", &measures.deviation));
        said.push(changed("tau", &measures.tau));
    }
    if let Some(test) = &known.homogeneity {
        said.push(Said {
            measure: "homogeneity",
            value: Some(test.statistic),
            p_value: Some(test.p_value),
            ..Said::default()
        });
    }
    for level in &known.levels {
        said.push(Said {
            level: level.level.clone(),
            measure: "mean",
            value: Some(level.candidate),
            base_value: Some(level.base),
            change: Some(level.change),
            limits: level.interval,
            ..Said::default()
        });
        let changed = advantage("advantage_change", &level.level, level.advantage_change);
        said.extend(changed.map(|changed| Said {
            value: level.advantage_candidate.map(|known| known.estimate),
            base_value: level.advantage_base.map(|known| known.estimate),
            change: changed.value,
            ..changed
        }));
    }
    let place = [
        known.candidate.as_str(),
        &known.base,
        known.split.as_deref().unwrap_or_default(),
        &known.breakdown,
        known.metric.name(),
    ];
    said.iter()
        .map(|said| said.cells(place, known.compared, known.variant.as_deref()))
        .collect()
}

fn changed(name: &'static str, known: &Changed) -> Said {
    Said {
        measure: name,
        value: known.candidate,
        base_value: known.base,
        change: known.change,
        ..noiseless(known.without_noise)
    }
}
