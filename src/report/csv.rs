//! A report as CSV: one row for each comparison and criterion, then one for each of
//! its subgroups, each difference, each model of a leaderboard, each corrected win rate,
//! what is said of how levels differ, the taste for each control, each two models of a
//! leaderboard, and each model; the column `estimate` says which. The last column of each
//! of these tables, `simulated`, says what of it is no real model or judge. Numbers are
//! unrounded; an empty cell is a number that is not given.

mod agreement;
mod beside;
mod fairness;
mod further;
mod paper;
mod scores;
mod transfer;

pub use agreement::render_agreement;
pub use fairness::render_fairness;
pub use paper::render_paper;
pub use scores::render_scores;
pub use transfer::render_transfer;

use crate::analysis::Report;
use crate::analysis::report::{
    Comparison, Interval, ItemOutcomes, OrderSection, PositionEffect, SizedInterval, TestMethod,
};
use crate::text::cell;

/// The report's estimates as CSV.
pub fn render(report: &Report) -> String {
    let mut out = Vec::new();
    let titles = COLUMNS
        .iter()
        .map(|(name, _)| *name)
        .chain(beside::TITLES)
        .chain(further::TITLES);
    row(titles.clone().map(str::to_owned), &mut out);
    for comparison in report.comparisons.iter().chain(&report.groups) {
        let values = COLUMNS.iter().map(|(_, value)| value(comparison));
        let beside = beside::of_comparison(report, comparison);
        let further = further::TITLES.map(|title| match title {
            "variant" => comparison.variant.clone().unwrap_or_default(),
            _ => String::new(),
        });
        row(values.chain(beside).chain(further), &mut out);
    }
    for named in beside::rows(report)
        .into_iter()
        .chain(further::rows(report))
    {
        let value = |title| named.get(title).cloned().unwrap_or_default();
        row(titles.clone().map(value), &mut out);
    }
    finished(out, &report.study.simulated.join("; "))
}

/// The rows as text, with a last column that says what of it is simulated.
fn finished(rows: Vec<u8>, simulated: &str) -> String {
    // Cells are encoded from text, so the bytes are text, and a row is a line.
    let rows = String::from_utf8(rows).unwrap_or_default();
    let mut out = Vec::with_capacity(rows.len() + rows.len() / 16);
    for (line, cells) in rows.lines().enumerate() {
        out.extend_from_slice(cells.as_bytes());
        out.push(b',');
        cell::encode(if line == 0 { "simulated" } else { simulated }, &mut out);
        out.push(b'\n');
    }
    String::from_utf8(out).unwrap_or_default()
}

fn row(cells: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    for (i, text) in cells.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        cell::encode(&text, out);
    }
    out.push(b'\n');
}

/// A column: its name, and its value for a comparison.
type Column = (&'static str, fn(&Comparison) -> String);

const COLUMNS: &[Column] = &[
    ("candidate", |c| c.candidate.clone()),
    ("opponent", |c| c.opponent.clone()),
    ("judge", |c| c.judge.clone()),
    ("rubric", |c| c.rubric.clone()),
    ("criterion", |c| c.criterion.clone()),
    ("dimension", |c| c.dimensions.join(" × ")),
    ("level", |c| c.levels.join(" × ")),
    ("n_judgments", |c| c.n_judgments.to_string()),
    ("wins", |c| c.wins.to_string()),
    ("ties", |c| c.ties.to_string()),
    ("losses", |c| c.losses.to_string()),
    ("missing", |c| c.missing.total().to_string()),
    ("missing_no_verdict", |c| c.missing.no_verdict.to_string()),
    ("missing_partial", |c| c.missing.partial.to_string()),
    ("missing_refused", |c| c.missing.refused.to_string()),
    ("missing_truncated", |c| c.missing.truncated.to_string()),
    ("missing_failed", |c| c.missing.failed.to_string()),
    ("missing_not_run", |c| c.missing.not_run.to_string()),
    ("missing_candidate_first", |c| {
        given(c.order.as_ref().map(|o| o.candidate_first.missing.total()))
    }),
    ("missing_opponent_first", |c| {
        given(c.order.as_ref().map(|o| o.opponent_first.missing.total()))
    }),
    ("planned_items", |c| c.items.planned.to_string()),
    ("begun_items", |c| c.items.begun.to_string()),
    ("n_items", |c| c.n_items.to_string()),
    ("n_questions", |c| c.n_clusters.question.to_string()),
    ("n_personas", |c| c.n_clusters.persona.to_string()),
    ("coverage", |c| given(c.items.share)),
    ("withheld", |c| c.withheld.clone().unwrap_or_default()),
    ("win_rate", |c| given(c.win_rate)),
    ("standard_error", |c| given(c.standard_error)),
    ("design_effect", |c| given(c.design_effect)),
    ("low", |c| low(c.interval.as_ref())),
    ("high", |c| high(c.interval.as_ref())),
    ("confidence", |c| {
        given(c.interval.as_ref().map(|interval| interval.level))
    }),
    ("clusters", |c| {
        given(c.interval.as_ref().map(|i| i.clusters.join(" × ")))
    }),
    ("method", |c| {
        given_name(c.interval.as_ref().map(|interval| interval.method))
    }),
    ("degrees_of_freedom", |c| {
        given(c.interval.as_ref().and_then(|i| i.degrees_of_freedom))
    }),
    ("n_effective", |c| {
        given(c.interval.as_ref().and_then(|i| i.n_effective))
    }),
    ("draws", |c| {
        given(c.interval.as_ref().and_then(|i| i.draws))
    }),
    ("draws_seed", |c| {
        given(c.interval.as_ref().and_then(|i| i.seed))
    }),
    ("no_interval", |c| c.no_interval.clone().unwrap_or_default()),
    ("population", |c| {
        given(
            c.interval
                .as_ref()
                .map(|interval| interval.population.clone()),
        )
    }),
    ("sampled_personas_low", |c| {
        low(c.interval_sampled_personas.as_ref())
    }),
    ("sampled_personas_high", |c| {
        high(c.interval_sampled_personas.as_ref())
    }),
    ("fixed_personas_low", |c| {
        low(c.interval_fixed_personas.as_ref())
    }),
    ("fixed_personas_high", |c| {
        high(c.interval_fixed_personas.as_ref())
    }),
    ("uneven_clusters_low", |c| sized(c, |sized| sized.low)),
    ("uneven_clusters_high", |c| sized(c, |sized| sized.high)),
    ("uneven_clusters_degrees_of_freedom", |c| {
        sized(c, |sized| sized.degrees_of_freedom)
    }),
    ("uneven_clusters_n_effective", |c| {
        sized(c, |sized| sized.n_effective)
    }),
    ("uneven_clusters_p", |c| {
        given(c.interval_uneven_clusters.and_then(|sized| sized.p_value))
    }),
    ("items_won", |c| given(outcomes(c).map(|o| o.wins))),
    ("items_tied", |c| given(outcomes(c).map(|o| o.ties))),
    ("items_lost", |c| given(outcomes(c).map(|o| o.losses))),
    ("net", |c| given(outcomes(c).map(|o| o.net))),
    ("win_rate_without_ties", |c| {
        given(outcomes(c).and_then(|o| o.win_rate_without_ties))
    }),
    ("n_without_ties", |c| {
        given(outcomes(c).map(|o| o.n_without_ties))
    }),
    ("without_ties_low", |c| low(without_ties(c))),
    ("without_ties_high", |c| high(without_ties(c))),
    ("p_value", |c| given(c.p_value)),
    ("p_method", |c| given_name(c.p_method)),
    ("p_adjusted", |c| given(c.p_adjusted)),
    ("adjustment", |c| {
        given_name(c.adjustment.map(|adjustment| adjustment.method))
    }),
    ("smallest_detectable", |c| given(c.smallest_detectable)),
    ("p_adjusted_candidates", |c| given(c.p_adjusted_candidates)),
    ("sign_flip_p", |c| p_of(c, TestMethod::SignFlip)),
    ("sign_test_p", |c| p_of(c, TestMethod::SignTest)),
    ("mcnemar_mid_p", |c| p_of(c, TestMethod::McnemarMidP)),
    ("margin", |c| {
        given(c.equivalence.as_ref().map(|e| e.margin))
    }),
    ("equivalence_p", |c| {
        given(c.equivalence.as_ref().map(|e| e.p_value))
    }),
    ("equivalence_p_low", |c| {
        given(c.equivalence.as_ref().map(|e| e.p_low))
    }),
    ("equivalence_p_high", |c| {
        given(c.equivalence.as_ref().map(|e| e.p_high))
    }),
    ("finding", |c| {
        given(c.finding.as_ref().map(|f| f.sentence.clone()))
    }),
    ("pairs", |c| given(orders(c).map(|order| order.pairs))),
    ("consistent", |c| {
        given(orders(c).map(|order| order.consistent))
    }),
    ("first_first", |c| {
        given(orders(c).map(|order| order.first_first))
    }),
    ("second_second", |c| {
        given(orders(c).map(|order| order.second_second))
    }),
    ("half_tied", |c| {
        given(orders(c).map(|order| order.half_tied))
    }),
    ("flip_rate", |c| {
        given(orders(c).and_then(|order| order.flip_rate))
    }),
    ("primacy_rate", |c| {
        given(orders(c).and_then(|order| order.primacy_rate))
    }),
    ("recency_rate", |c| {
        given(orders(c).and_then(|order| order.recency_rate))
    }),
    ("flip_sign_p", |c| {
        given(orders(c).and_then(|order| Some(order.sign_test.as_ref()?.p_value)))
    }),
    ("repeat_pairs", |c| {
        given(c.order.as_ref().map(|order| order.repeat_pairs))
    }),
    ("repeat_consistency_rate", |c| {
        given(
            c.order
                .as_ref()
                .and_then(|order| order.repeat_consistency_rate),
        )
    }),
    ("position_effect", |c| {
        given(effect(c).map(|effect| effect.estimate))
    }),
    ("position_low", |c| {
        low(effect(c).and_then(|effect| effect.interval.as_ref()))
    }),
    ("position_high", |c| {
        high(effect(c).and_then(|effect| effect.interval.as_ref()))
    }),
    ("position_p", |c| {
        given(effect(c).and_then(|effect| effect.p_value))
    }),
    ("inconsistent_is_tie", |c| {
        given(c.tie_rules.and_then(|r| r.inconsistent_is_tie.win_rate))
    }),
    ("drop_inconsistent", |c| {
        given(c.tie_rules.and_then(|r| r.drop_inconsistent.win_rate))
    }),
    ("bound_low", |c| given(c.bounds.map(|bounds| bounds.low))),
    ("bound_high", |c| given(c.bounds.map(|bounds| bounds.high))),
    ("estimand", |c| c.estimand.clone()),
    ("unit", |c| c.unit.clone()),
    ("seed", |c| given(c.seed)),
];

/// A value, or an empty cell.
fn given(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The name that a value has in JSON, or an empty cell.
fn given_name(value: Option<impl serde::Serialize>) -> String {
    match value.map(serde_json::to_value) {
        Some(Ok(serde_json::Value::String(name))) => name,
        _ => String::new(),
    }
}

fn low(interval: Option<&Interval>) -> String {
    given(interval.map(|interval| interval.low))
}

fn high(interval: Option<&Interval>) -> String {
    given(interval.map(|interval| interval.high))
}

/// A number of the interval that allows for clusters of very different sizes.
fn sized(comparison: &Comparison, number: fn(SizedInterval) -> f64) -> String {
    given(comparison.interval_uneven_clusters.map(number))
}

/// What the orders did, where items were judged in both.
fn orders(comparison: &Comparison) -> Option<&OrderSection> {
    comparison.order.as_ref().filter(|order| order.both_orders)
}

fn outcomes(comparison: &Comparison) -> Option<&ItemOutcomes> {
    comparison.outcomes.as_ref()
}

fn without_ties(comparison: &Comparison) -> Option<&Interval> {
    outcomes(comparison)?.interval_without_ties.as_ref()
}

/// The p-value of one of the tests.
fn p_of(comparison: &Comparison, method: TestMethod) -> String {
    let test = comparison.tests.iter().find(|test| test.method == method);
    given(test.map(|test| test.p_value))
}

fn effect(comparison: &Comparison) -> Option<&PositionEffect> {
    orders(comparison)?.position_effect.as_ref()
}
