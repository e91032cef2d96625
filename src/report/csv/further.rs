//! The rows of how levels differ, of two models of a leaderboard, and of what is
//! missing of each model.

use super::beside::{Row, of_board};
use super::{given, given_name, high, low};
use crate::analysis::Report;
use crate::analysis::report::{
    Comparison, Difference, Leaderboard, Limits, Model, Phrasings, RatedPair, StyleSlope,
    SubgroupSection,
};

/// Columns that only these rows fill.
pub(super) const TITLES: [&str; 4] = ["value", "expected_if_equal", "levels_compared", "variant"];

pub(super) fn rows(report: &Report) -> Vec<Row> {
    let of_comparison = |c: &Comparison| -> Vec<Row> {
        let sections = c.subgroups.iter();
        sections
            .flat_map(|section| of_section(section, &whose_comparison(c)))
            .collect()
    };
    let of_difference = |made: &Difference| -> Vec<Row> {
        let sections = made.subgroups.iter();
        sections
            .flat_map(|section| of_section(section, &whose_difference(made)))
            .collect()
    };
    let mut rows: Vec<Row> = report.comparisons.iter().flat_map(of_comparison).collect();
    rows.extend(report.differences.iter().flat_map(of_difference));
    rows.extend(report.comparisons.iter().flat_map(tastes));
    for board in &report.leaderboards {
        rows.extend(board.pairs.iter().map(|pair| rated(board, pair)));
    }
    rows.extend(report.models.iter().map(model));
    rows.extend(report.phrasings.iter().flat_map(phrasings));
    rows
}

/// How a comparison differs between phrasings, and what each gains over the control.
fn phrasings(made: &Phrasings) -> Vec<Row> {
    let whose = Row::from([
        ("candidate", made.candidate.clone()),
        ("opponent", made.opponent.clone()),
        ("judge", made.judge.clone()),
        ("rubric", made.rubric.clone()),
        ("criterion", made.criterion.clone()),
    ]);
    let row = |more: Vec<(&'static str, String)>| {
        let mut row = whose.clone();
        row.extend(more);
        row
    };
    let mut rows: Vec<Row> = made
        .gains
        .iter()
        .map(|gain| {
            let mut row = super::beside::difference(gain);
            row.insert("estimate", "phrasing_gain".to_owned());
            row
        })
        .collect();
    if let Some(range) = &made.range {
        rows.push(row(vec![
            ("estimate", "phrasing_range".to_owned()),
            ("value", range.gap.to_string()),
            ("low", given(range.interval.map(|limits| limits.low))),
            ("high", given(range.interval.map(|limits| limits.high))),
            ("expected_if_equal", range.expected_if_equal.to_string()),
        ]));
    }
    if let Some(spread) = &made.spread {
        rows.push(row(vec![
            ("estimate", "phrasing_spread".to_owned()),
            ("value", spread.tau.to_string()),
            ("low", given(spread.interval.map(|limits| limits.low))),
            ("high", given(spread.interval.map(|limits| limits.high))),
        ]));
    }
    rows
}

fn whose_comparison(c: &Comparison) -> Row {
    Row::from([
        ("candidate", c.candidate.clone()),
        ("opponent", c.opponent.clone()),
        ("judge", c.judge.clone()),
        ("rubric", c.rubric.clone()),
        ("criterion", c.criterion.clone()),
        ("variant", c.variant.clone().unwrap_or_default()),
    ])
}

fn whose_difference(made: &Difference) -> Row {
    Row::from([
        ("candidate", made.first.candidate.clone()),
        ("opponent", made.first.opponent.clone()),
        ("judge", made.first.judge.clone()),
        ("rubric", made.first.rubric.clone()),
        ("criterion", made.criterion.clone()),
        ("contrast", made.contrast.clone()),
    ])
}

/// The judge's taste for each control of a comparison.
fn tastes(c: &Comparison) -> Vec<Row> {
    let control = c.style_control.iter();
    let slopes = control.flat_map(|control| control.slopes.iter().chain(&control.difficulty));
    let taste = |slope: &StyleSlope| {
        let interval = slope.interval.as_ref();
        let mut row = whose_comparison(c);
        row.extend([
            ("estimate", "taste".to_owned()),
            ("controlled_for", slope.control.clone()),
            ("n_items", slope.n_items.to_string()),
            ("value", given(slope.slope)),
            ("standard_error", given(slope.standard_error)),
            ("low", low(interval)),
            ("high", high(interval)),
            ("confidence", given(interval.map(|i| i.level))),
            ("clusters", given(interval.map(|i| i.clusters.join(" × ")))),
            ("method", given_name(interval.map(|i| i.method))),
            (
                "degrees_of_freedom",
                given(interval.and_then(|i| i.degrees_of_freedom)),
            ),
            ("population", given(interval.map(|i| i.population.clone()))),
            ("p_value", given(slope.p_value)),
            ("unit", c.unit.clone()),
        ]);
        row
    };
    slopes.map(taste).collect()
}

/// Whether levels differ, by how much, the largest gap and the level that did worst.
fn of_section(section: &SubgroupSection, whose: &Row) -> Vec<Row> {
    let shared = |estimate: &str| {
        let mut row = whose.clone();
        row.extend([
            ("estimate", estimate.to_owned()),
            ("dimension", section.dimensions.join(" × ")),
            ("clusters", section.clusters.clone()),
            ("estimand", section.estimand.clone()),
            ("unit", section.unit.clone()),
            ("seed", section.seed.to_string()),
        ]);
        row
    };
    let measured = |estimate: &str, value: f64, limits: Option<Limits>, method| {
        let mut row = shared(estimate);
        row.extend([
            ("value", value.to_string()),
            ("low", given(limits.map(|limits| limits.low))),
            ("high", given(limits.map(|limits| limits.high))),
            ("confidence", section.level.to_string()),
            ("method", given_name(Some(method))),
        ]);
        row
    };
    let mut rows = Vec::new();
    if let Some(test) = section.homogeneity {
        let mut row = shared("homogeneity");
        row.extend([
            ("value", test.statistic.to_string()),
            ("levels_compared", test.groups.to_string()),
            ("p_value", test.p_value.to_string()),
            ("p_adjusted", given(test.p_adjusted)),
            ("method", given_name(Some(test.method))),
        ]);
        rows.push(row);
    }
    if let Some(spread) = section.spread {
        let mut row = measured("spread", spread.tau, spread.interval, spread.method);
        row.insert("expected_if_equal", "0".to_owned());
        rows.push(row);
    }
    if let Some(gap) = &section.gap {
        let mut row = measured("gap", gap.gap, gap.interval, gap.method);
        let levels = [gap.highest.join(" × "), gap.lowest.join(" × ")];
        row.extend([
            ("expected_if_equal", gap.expected_if_equal.to_string()),
            ("level", levels.join(" less ")),
        ]);
        rows.push(row);
    }
    if let Some(worst) = &section.worst {
        let mut row = measured("worst", worst.estimate, Some(worst.interval), worst.method);
        row.insert("level", worst.levels.join(" × "));
        rows.push(row);
    }
    rows
}

/// Two models of a leaderboard; the limits hold for all pairs at once.
fn rated(board: &Leaderboard, pair: &RatedPair) -> Row {
    let contrast = &pair.contrast;
    let limit = |of: fn(Limits) -> f64| given(contrast.simultaneous.map(of));
    let mut row = of_board(board);
    row.extend([
        ("estimate", "strength_difference".to_owned()),
        ("candidate", pair.first.clone()),
        ("opponent", pair.second.clone()),
        ("difference", contrast.difference.to_string()),
        ("low", limit(|limits| limits.low)),
        ("high", limit(|limits| limits.high)),
        ("p_value", given(contrast.p_value)),
        ("p_adjusted", given(contrast.p_adjusted)),
    ]);
    row
}

/// What became of the verdicts that a model took part in.
fn model(model: &Model) -> Row {
    Row::from([
        ("estimate", "model".to_owned()),
        ("candidate", model.model.clone()),
        ("n_judgments", model.verdicts.to_string()),
        ("missing", model.missing.total().to_string()),
        ("missing_no_verdict", model.missing.no_verdict.to_string()),
        ("missing_partial", model.missing.partial.to_string()),
        ("missing_refused", model.missing.refused.to_string()),
        ("missing_truncated", model.missing.truncated.to_string()),
        ("missing_failed", model.missing.failed.to_string()),
        ("missing_not_run", model.missing.not_run.to_string()),
    ])
}
