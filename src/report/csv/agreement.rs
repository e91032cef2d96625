//! An agreement report as CSV: one row a coefficient, then one a corrected win rate.
//! `section` says which: the judge against a person, a person against another, their
//! difference, the majority, a pair, or all raters of a kind together.

use super::{finished, given, given_name, row};
use crate::analysis::agreement::report::{
    AgreementNote, AgreementNoteCode, AgreementReport, ByDraw, Coefficient, CorrectedRate,
    JudgePeople, Pair, Panel,
};

const TITLES: [&str; 22] = [
    "section",
    "criterion",
    "dimension",
    "level",
    "first",
    "second",
    "n_units",
    "n_clusters",
    "coefficient",
    "estimate",
    "standard_error",
    "low",
    "high",
    "reason",
    "confidence",
    "draws",
    "seed",
    "estimand",
    "unit",
    "clusters",
    "method",
    "degrees_of_freedom",
];

/// What the rows of some coefficients have in common.
#[derive(Clone, Copy)]
struct Start<'a> {
    section: &'a str,
    criterion: &'a str,
    dimensions: &'a [String],
    levels: &'a [String],
    first: &'a str,
    second: &'a str,
    units: u64,
    clusters: &'a [u64],
}

/// The coefficients and corrected win rates as CSV.
pub fn render_agreement(report: &AgreementReport) -> String {
    let mut out = Vec::new();
    row(TITLES.iter().map(|&title| title.to_owned()), &mut out);
    let mut add = |start: Start<'_>, coefficients: &[Coefficient]| {
        for known in coefficients {
            row(cells(report, start, known), &mut out);
        }
    };
    for part in &report.judge_people {
        judge_people(part, &mut add);
    }
    for (section, panels) in [("people", &report.people), ("judges", &report.judges)] {
        for panel in panels {
            of_panel(section, panel, &mut add);
        }
    }
    for rate in &report.corrected {
        row(corrected(rate), &mut out);
    }
    // Cells are encoded from text, so the bytes are text.
    let is_simulated = |note: &AgreementNote| note.code == AgreementNoteCode::Simulated;
    let simulated = report.notes.iter().any(is_simulated);
    finished(out, if simulated { "yes" } else { "" })
}

type Add<'f> = dyn FnMut(Start<'_>, &[Coefficient]) + 'f;

fn judge_people(part: &JudgePeople, add: &mut Add<'_>) {
    let start = Start {
        section: "judge_person",
        criterion: &part.criterion,
        dimensions: &part.dimensions,
        levels: &part.levels,
        first: &part.confusion.rows,
        second: "people",
        units: part.n_units,
        clusters: &part.n_clusters,
    };
    let by_draw = part.by_draw.as_ref();
    let weighed = |of: fn(&ByDraw) -> &Vec<Coefficient>| by_draw.map_or(&[][..], |by| of(by));
    add(start, &part.judge_person);
    add(start, weighed(|by| &by.judge_person));
    let shared = Start {
        units: part.n_units_ceiling,
        ..start
    };
    let people = Start {
        section: "person_person",
        first: "people",
        ..shared
    };
    add(people, &part.person_person);
    add(people, weighed(|by| &by.person_person));
    let difference = Start {
        section: "difference",
        ..shared
    };
    add(difference, &part.difference);
    add(difference, weighed(|by| &by.difference));
    if let Some(majority) = &part.majority {
        let start = Start {
            section: "majority",
            units: majority.n_units,
            ..start
        };
        add(start, &majority.coefficients);
    }
    for pair in &part.each_person {
        of_pair(start, "judge_each_person", pair, add);
    }
}

fn of_panel(section: &str, panel: &Panel, add: &mut Add<'_>) {
    let start = Start {
        section,
        criterion: &panel.criterion,
        dimensions: &panel.dimensions,
        levels: &panel.levels,
        first: "",
        second: "",
        units: panel.n_units,
        clusters: &panel.n_clusters,
    };
    add(start, &panel.coefficients);
    let section = format!("{section}_pair");
    for pair in &panel.pairs {
        of_pair(start, &section, pair, add);
    }
}

fn of_pair(start: Start<'_>, section: &str, pair: &Pair, add: &mut Add<'_>) {
    let start = Start {
        section,
        first: &pair.first,
        second: &pair.second,
        units: pair.n_units,
        clusters: &pair.n_clusters,
        ..start
    };
    add(start, &pair.coefficients);
}

fn cells<'c>(
    report: &AgreementReport,
    start: Start<'_>,
    known: &'c Coefficient,
) -> impl Iterator<Item = String> + use<'c> {
    let clusters: Vec<String> = start.clusters.iter().map(u64::to_string).collect();
    let reason = known
        .undefined
        .clone()
        .or_else(|| known.no_interval.clone());
    [
        start.section.to_owned(),
        start.criterion.to_owned(),
        start.dimensions.join(" × "),
        start.levels.join(" × "),
        start.first.to_owned(),
        start.second.to_owned(),
        start.units.to_string(),
        clusters.join(" × "),
        given_name(Some(known.name)),
        given(known.estimate),
        given(known.standard_error),
        given(known.interval.map(|limits| limits.low)),
        given(known.interval.map(|limits| limits.high)),
        reason.unwrap_or_default(),
        report.level.to_string(),
        report.draws.to_string(),
        report.seed.to_string(),
        known.estimand.to_owned(),
        report.unit.clone(),
        known.clusters.join(" × "),
        given_name(known.method),
        String::new(),
    ]
    .into_iter()
}

fn corrected(rate: &CorrectedRate) -> impl Iterator<Item = String> {
    let made = rate.corrected.as_ref();
    let limits = made.and_then(|made| made.interval);
    [
        "corrected".to_owned(),
        rate.criterion.clone(),
        rate.dimensions.join(" × "),
        rate.levels.join(" × "),
        rate.candidate.clone(),
        rate.opponent.clone(),
        rate.n_labelled.to_string(),
        rate.n_labelled_clusters.to_string(),
        given_name(made.map(|made| made.method)),
        given(made.map(|made| made.win_rate)),
        given(made.and_then(|made| made.standard_error)),
        given(limits.map(|limits| limits.low)),
        given(limits.map(|limits| limits.high)),
        rate.reason.clone().unwrap_or_default(),
        rate.level.to_string(),
        String::new(),
        rate.seed.to_string(),
        rate.estimand.clone(),
        rate.unit.clone(),
        rate.clusters.join(" × "),
        given_name(made.map(|made| made.method)),
        given(made.and_then(|made| made.degrees_of_freedom)),
    ]
    .into_iter()
}
