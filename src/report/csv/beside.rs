//! The cells of what stands beside the win rates.

use std::collections::HashMap;

use super::{given, given_name, high, low};
use crate::analysis::Report;
use crate::analysis::agreement::CorrectedRate;
use crate::analysis::report::{Comparison, Difference, Leaderboard, Limits, Method, RatedModel};
use crate::report::document::pooled;

/// Columns after those of a win rate.
pub(super) const TITLES: [&str; 23] = [
    "estimate",
    "controlled_for",
    "controlled",
    "controlled_standard_error",
    "controlled_low",
    "controlled_high",
    "controlled_p",
    "length_slope",
    "length_slope_low",
    "length_slope_high",
    "pooled",
    "contrast",
    "difference",
    "first_win_rate",
    "second_win_rate",
    "rating",
    "strength",
    "rank",
    "rank_best",
    "rank_worst",
    "expected_win_rate",
    "n_labelled",
    "lambda",
];

/// The cells under [`TITLES`] of a win rate.
pub(super) fn of_comparison(report: &Report, c: &Comparison) -> Vec<String> {
    let control = c.style_control.as_ref();
    let controls = control.map(|control| {
        let names: Vec<&str> = control.slopes.iter().map(|s| s.control.as_str()).collect();
        names.join(" ")
    });
    let interval = control.and_then(|control| control.interval.as_ref());
    let length = control.and_then(|control| control.slopes.iter().find(|s| s.control == "length"));
    let limits = length.and_then(|slope| slope.interval.as_ref());
    let level = if c.dimensions.is_empty() {
        None
    } else {
        pooled(report, c)
    };
    let mut cells = vec![
        "win_rate".to_owned(),
        given(controls),
        given(control.and_then(|control| control.win_rate)),
        given(control.and_then(|control| control.standard_error)),
        low(interval),
        high(interval),
        given(control.and_then(|control| control.p_value)),
        given(length.and_then(|slope| slope.slope)),
        given(limits.map(|limits| limits.low)),
        given(limits.map(|limits| limits.high)),
        given(level),
    ];
    cells.resize(TITLES.len(), String::new());
    cells
}

/// A row by its titles.
pub(super) type Row = HashMap<&'static str, String>;

/// The rows of differences and leaderboards.
pub(super) fn rows(report: &Report) -> Vec<Row> {
    let differences = report.differences.iter().map(difference);
    let models = report
        .leaderboards
        .iter()
        .flat_map(|board| board.models.iter().map(move |model| rated(board, model)));
    let corrected = report.corrected.iter().map(corrected);
    differences.chain(models).chain(corrected).collect()
}

fn corrected(rate: &CorrectedRate) -> Row {
    let made = rate.corrected.as_ref();
    let limit = |of: fn(Limits) -> f64| given(made.and_then(|made| made.interval.map(of)));
    Row::from([
        ("estimate", "corrected".to_owned()),
        ("candidate", rate.candidate.clone()),
        ("opponent", rate.opponent.clone()),
        ("judge", rate.judge.clone()),
        ("rubric", rate.rubric.clone()),
        ("criterion", rate.criterion.clone()),
        ("dimension", rate.dimensions.join(" × ")),
        ("level", rate.levels.join(" × ")),
        ("n_items", rate.n_items.to_string()),
        ("n_labelled", rate.n_labelled.to_string()),
        ("win_rate", given(made.map(|made| made.win_rate))),
        (
            "standard_error",
            given(made.and_then(|made| made.standard_error)),
        ),
        ("low", limit(|limits| limits.low)),
        ("high", limit(|limits| limits.high)),
        ("confidence", rate.level.to_string()),
        ("clusters", rate.clusters.join(" × ")),
        ("method", given_name(made.map(|made| made.method))),
        (
            "degrees_of_freedom",
            given(made.and_then(|made| made.degrees_of_freedom)),
        ),
        ("lambda", given(made.and_then(|made| made.lambda))),
        (
            "withheld",
            given(rate.reason.clone().filter(|_| made.is_none())),
        ),
        ("estimand", rate.estimand.clone()),
        ("unit", rate.unit.clone()),
        ("seed", rate.seed.to_string()),
    ])
}

/// Whose difference it is.
pub(super) fn whose_difference(made: &Difference) -> Row {
    Row::from([
        ("candidate", made.first.candidate.clone()),
        ("opponent", made.first.opponent.clone()),
        ("judge", made.first.judge.clone()),
        ("rubric", made.first.rubric.clone()),
        ("criterion", made.criterion.clone()),
        ("contrast", made.contrast.clone()),
        ("variant", made.variant.clone().unwrap_or_default()),
    ])
}

pub(super) fn difference(made: &Difference) -> Row {
    let interval = made.interval.as_ref();
    let mut row = whose_difference(made);
    row.extend([
        ("estimate", "difference".to_owned()),
        ("n_items", made.n_items.to_string()),
        ("n_questions", made.n_clusters.question.to_string()),
        ("n_personas", made.n_clusters.persona.to_string()),
        ("withheld", given(made.withheld.clone())),
        ("difference", given(made.difference)),
        ("first_win_rate", given(made.first.win_rate)),
        ("second_win_rate", given(made.second.win_rate)),
        ("standard_error", given(made.standard_error)),
        ("low", low(interval)),
        ("high", high(interval)),
        ("confidence", given(interval.map(|interval| interval.level))),
        (
            "clusters",
            given(interval.map(|interval| interval.clusters.join(" × "))),
        ),
        (
            "method",
            given_name(interval.map(|interval| interval.method)),
        ),
        (
            "degrees_of_freedom",
            given(interval.and_then(|interval| interval.degrees_of_freedom)),
        ),
        (
            "population",
            given(interval.map(|interval| interval.population.clone())),
        ),
        ("p_value", given(made.p_value)),
        ("p_adjusted", given(made.p_adjusted)),
        (
            "adjustment",
            given_name(made.adjustment.map(|adjustment| adjustment.method)),
        ),
        ("estimand", made.estimand.clone()),
        ("unit", made.unit.clone()),
        ("seed", given(made.seed)),
    ]);
    row
}

/// What the rows of one leaderboard have in common, and the t interval of one.
pub(super) fn of_board(board: &Leaderboard, interval: Option<Limits>) -> Row {
    Row::from([
        ("judge", board.judge.clone()),
        ("rubric", board.rubric.clone()),
        ("criterion", board.criterion.clone()),
        ("rating", given_name(Some(board.rating))),
        ("variant", board.variant.clone().unwrap_or_default()),
        ("n_items", board.n_items.to_string()),
        ("n_questions", board.n_clusters.question.to_string()),
        ("n_personas", board.n_clusters.persona.to_string()),
        ("low", given(interval.map(|limits| limits.low))),
        ("high", given(interval.map(|limits| limits.high))),
        ("confidence", board.level.to_string()),
        ("clusters", board.clusters.join(" × ")),
        ("method", given_name(interval.map(|_| Method::T))),
        (
            "degrees_of_freedom",
            given(board.degrees_of_freedom.filter(|_| interval.is_some())),
        ),
        ("population", given(board.population.clone())),
        ("estimand", board.estimand.clone()),
        ("unit", board.unit.clone()),
        ("seed", board.seed.to_string()),
    ])
}

fn rated(board: &Leaderboard, model: &RatedModel) -> Row {
    let mut row = of_board(board, model.interval);
    row.extend([
        ("estimate", "strength".to_owned()),
        ("candidate", model.model.clone()),
        ("strength", model.strength.to_string()),
        ("standard_error", given(model.standard_error)),
        ("rank", model.rank.to_string()),
        ("rank_best", given(model.rank_best)),
        ("rank_worst", given(model.rank_worst)),
        ("expected_win_rate", given(model.expected_win_rate)),
    ]);
    row
}
