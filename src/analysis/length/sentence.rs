//! What has to be said of a fit, or of why there is none.

use super::super::clusters::{Clusters, Columns};
use super::Items;
use crate::stats::length_control::{LengthControlled, are_one};
use crate::stats::{ClusterMean, StatsError};

/// Standard errors under this are rounding: those of a slope for one standard deviation, and
/// of a rate, are far larger with any number of items.
const ROUNDING: f64 = 1e-9;

/// What has to be said of a fit that exists.
pub(super) fn said(items: &Items, found: &LengthControlled) -> Option<String> {
    if found.slopes.iter().flatten().next().is_some() {
        return are_one(&items.scores).then(|| {
            "every item has the same score, so there is no scatter to test a taste for style on"
                .to_owned()
        });
    }
    let one_score = |bound: f64| {
        items
            .scores
            .iter()
            .all(|score| (score - bound).abs() <= 0.0)
    };
    if one_score(1.0) {
        return Some(
            "every item was won, so no taste for style can be seen; the raw rate stands".to_owned(),
        );
    }
    if one_score(0.0) {
        return Some(
            "every item was lost, so no taste for style can be seen; the raw rate stands"
                .to_owned(),
        );
    }
    Some("the two answers of every item are alike in the controls, so there is nothing to take out; the raw rate stands".to_owned())
}

/// Why a fit to scores that differ has nothing to take an error from.
pub(super) fn no_error(
    items: &Items,
    columns: &Columns<'_>,
    by: Clusters,
    found: &LengthControlled,
) -> Option<String> {
    // Were there no slopes it would be the raw rate, which is its own business.
    let slopes = || found.slopes.iter().flatten();
    if are_one(&items.scores) || slopes().chain(&found.difficulty).next().is_none() {
        return None;
    }
    if let Some(place) = found.unsupported {
        let side = by.sides()[place];
        let (noun, n) = (columns.called(side).1, columns.count(side));
        return Some(format!(
            "the controls follow the {noun}: without one of these {n} there would be no slope to fit, so nothing tells its error, and there are no intervals and no p-values here"
        ));
    }
    let is_rounding =
        |mean: &ClusterMean| mean.standard_error().is_some_and(|error| error < ROUNDING);
    let is_alike = is_rounding(&found.win_rate) || slopes().any(is_rounding);
    is_alike.then(|| {
        "all clusters tell the same of the controls, and nothing is left over to take an error from, so there are no intervals and no p-values here".to_owned()
    })
}

pub(super) fn why_not(error: &StatsError) -> String {
    match error {
        StatsError::Separated => "the controls tell wins from losses without error, in all items or in some of them, so no finite slope is best and there is no controlled win rate".to_owned(),
        StatsError::Collinear => "a control is the same number in every item, or follows from the others, so its part cannot be told from the models' strength and there is no controlled win rate".to_owned(),
        other => other.to_string(),
    }
}
