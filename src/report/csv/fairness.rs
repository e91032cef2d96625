//! Fairness as CSV: one row a number, of a model or of a change between two.

use super::{finished, given, given_name, row};
use crate::analysis::report::{Adjustment, Homogeneity, Limits};
use crate::analysis::scores::fairness::report::{
    Advantage, Changed, Disparity, DisparityChange, FairnessMethods, FairnessReport,
    FairnessSettings, Measure, WithoutNoise,
};

pub(super) const TITLES: [&str; 28] = [
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
    "adjustment",
    "items",
    "clusters",
    "method",
    "confidence",
    "draws",
    "seed",
    "estimand",
    "unit",
];

/// The numbers of a fairness report as CSV. `low` and `high` are the limits of
/// `without_noise` where there is one, else of `value` or `change`. What is withheld has one
/// row, without numbers.
pub fn render_fairness(report: &FairnessReport) -> String {
    let mut out = Vec::new();
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    let settings = &report.settings;
    let rows = report.disparities.iter();
    let rows = rows.flat_map(|known| of_model(known, settings));
    let changes = report.changes.iter();
    for cells in rows.chain(changes.flat_map(|known| of_change(known, settings))) {
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
    adjustment: Option<Adjustment>,
    withheld: String,
    /// Those of a level; without it of the whole.
    items: Option<u64>,
    method: String,
    /// Random draws, where there are any.
    draws: Option<u32>,
}

/// Where rows belong, and what they have in common.
struct Place<'a> {
    names: [&'a str; 5],
    variant: Option<&'a str>,
    compared: u64,
    items: u64,
    clusters: &'a str,
    estimand: &'a str,
}

impl Said {
    fn cells(&self, place: &Place<'_>, settings: &FairnessSettings) -> Vec<String> {
        let mut cells: Vec<String> = place.names.iter().map(|&text| text.to_owned()).collect();
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
            .map(given),
        );
        cells.extend([
            place.compared.to_string(),
            place.variant.unwrap_or_default().to_owned(),
            self.withheld.clone(),
            given_name(self.adjustment.map(|adjustment| adjustment.method)),
            self.items.unwrap_or(place.items).to_string(),
            place.clusters.to_owned(),
            self.method.clone(),
            given(self.limits.map(|_| settings.scores.level)),
            given(self.draws),
            given(self.draws.map(|_| settings.seed)),
            place.estimand.to_owned(),
            settings.scores.unit.to_owned(),
        ]);
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

fn of_model(known: &Disparity, settings: &FairnessSettings) -> Vec<Vec<String>> {
    let methods = settings.methods;
    let draws = Some(settings.draws);
    let mut said: Vec<Said> = withheld(known.withheld.as_ref()).into_iter().collect();
    if let Some(measures) = &known.measures {
        said.push(measure(
            "normalised_range",
            &measures.normalised_range,
            settings,
        ));
        said.push(measure("variation", &measures.variation, settings));
        said.push(measure("range", &measures.range, settings));
        said.push(measure("deviation", &measures.deviation, settings));
    }
    if let Some(between) = &known.between {
        said.push(Said {
            measure: "tau",
            value: Some(between.tau),
            limits: between.interval,
            method: given_name(Some(methods.between)),
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
            method: given_name(Some(gap.method)),
            draws,
            ..Said::default()
        });
    }
    if let Some(worst) = &known.worst {
        said.push(Said {
            level: worst.levels.concat(),
            measure: "worst",
            value: Some(worst.estimate),
            limits: Some(worst.interval),
            items: of_level(known, &worst.levels.concat()),
            method: given_name(Some(worst.method)),
            ..Said::default()
        });
    }
    if let Some(test) = &known.homogeneity {
        said.push(homogeneity(test));
    }
    for level in &known.levels {
        said.push(Said {
            level: level.level.clone(),
            measure: "mean",
            value: Some(level.estimate),
            limits: level.interval,
            items: Some(level.items),
            method: given_name(Some(methods.levels)),
            ..Said::default()
        });
        let told = advantage("advantage", &level.level, level.advantage, methods);
        said.extend(told.map(|told| Said {
            items: Some(level.items),
            ..told
        }));
    }
    let place = Place {
        names: [
            known.model.as_str(),
            "",
            known.split.as_deref().unwrap_or_default(),
            &known.breakdown,
            known.metric.name(),
        ],
        variant: known.variant.as_deref(),
        compared: known.compared,
        items: known.items,
        clusters: &known.clusters,
        estimand: &known.estimand,
    };
    let cells = said.iter().map(|said| said.cells(&place, settings));
    cells.collect()
}

/// Items of a level.
fn of_level(known: &Disparity, level: &str) -> Option<u64> {
    let mut levels = known.levels.iter();
    Some(levels.find(|of| of.level == level)?.items)
}

fn homogeneity(test: &Homogeneity) -> Said {
    Said {
        measure: "homogeneity",
        value: Some(test.statistic),
        p_value: Some(test.p_value),
        p_adjusted: test.p_adjusted,
        adjustment: test.adjustment,
        method: given_name(Some(test.method)),
        draws: test.draws,
        ..Said::default()
    }
}

fn measure(name: &'static str, known: &Measure, settings: &FairnessSettings) -> Said {
    Said {
        measure: name,
        value: known.seen,
        if_equal: known.if_equal,
        ..noiseless(known.without_noise, settings)
    }
}

fn noiseless(known: Option<WithoutNoise>, settings: &FairnessSettings) -> Said {
    Said {
        method: given_name(known.map(|_| settings.methods.measures)),
        draws: known.map(|_| settings.draws),
        without_noise: known.map(|known| known.estimate),
        limits: known.and_then(|known| known.interval),
        ..Said::default()
    }
}

fn advantage(
    name: &'static str,
    level: &str,
    known: Option<Advantage>,
    methods: FairnessMethods,
) -> Option<Said> {
    let known = known?;
    Some(Said {
        level: level.to_owned(),
        measure: name,
        value: Some(known.estimate),
        limits: known.interval,
        p_value: Some(known.p_value),
        p_adjusted: Some(known.p_adjusted),
        adjustment: known.adjustment,
        method: given_name(Some(methods.advantages)),
        ..Said::default()
    })
}

fn of_change(known: &DisparityChange, settings: &FairnessSettings) -> Vec<Vec<String>> {
    let methods = settings.methods;
    let mut said: Vec<Said> = withheld(known.withheld.as_ref()).into_iter().collect();
    if let Some(measures) = &known.measures {
        said.push(changed(
            "normalised_range",
            &measures.normalised_range,
            settings,
        ));
        said.push(changed("variation", &measures.variation, settings));
        said.push(changed("range", &measures.range, settings));
        said.push(changed("deviation", &measures.deviation, settings));
        said.push(changed("tau", &measures.tau, settings));
    }
    if let Some(test) = &known.homogeneity {
        said.push(homogeneity(test));
    }
    for level in &known.levels {
        said.push(Said {
            level: level.level.clone(),
            measure: "mean",
            value: Some(level.candidate),
            base_value: Some(level.base),
            change: Some(level.change),
            limits: level.interval,
            items: Some(level.items),
            method: given_name(Some(methods.levels)),
            ..Said::default()
        });
        let changed = level.advantage_change;
        let changed = advantage("advantage_change", &level.level, changed, methods);
        said.extend(changed.map(|changed| Said {
            value: level.advantage_candidate.map(|known| known.estimate),
            base_value: level.advantage_base.map(|known| known.estimate),
            change: changed.value,
            items: Some(level.items),
            ..changed
        }));
    }
    let place = Place {
        names: [
            known.candidate.as_str(),
            &known.base,
            known.split.as_deref().unwrap_or_default(),
            &known.breakdown,
            known.metric.name(),
        ],
        variant: known.variant.as_deref(),
        compared: known.compared,
        items: known.items,
        clusters: &known.clusters,
        estimand: &known.estimand,
    };
    let cells = said.iter().map(|said| said.cells(&place, settings));
    cells.collect()
}

fn changed(name: &'static str, known: &Changed, settings: &FairnessSettings) -> Said {
    Said {
        measure: name,
        value: known.candidate,
        base_value: known.base,
        change: known.change,
        ..noiseless(known.without_noise, settings)
    }
}
