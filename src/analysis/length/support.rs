//! Whether a slope rests on clusters enough for anything to be claimed of it.

use super::super::clusters::{Clusters, Columns, Side};
use crate::stats::length_control::Support;

/// The effective number of clusters that a slope needs for a claim, and for one without a
/// warning: a style that is on in two of many questions has a slope that two tell.
const FEWEST: f64 = 3.0;
const ENOUGH: f64 = 5.0;

/// Shares of the clusters of a dimension that are as good: it has no more to give.
const TWO_IN_FIVE: f64 = 0.4;
const THREE_IN_FOUR: f64 = 0.75;

/// Under this nobody can tell two clusters from one.
const LEAST: f64 = 1.5;

/// A slope that rests on few clusters.
pub(super) struct FewClusters {
    control: String,
    found: f64,
    of: u64,
    side: Side,
    /// Whether nothing should be claimed of it.
    pub(super) is_too_few: bool,
}

impl FewClusters {
    /// `None` where there are enough.
    pub(super) fn of(
        control: &str,
        support: &Support,
        columns: &Columns<'_>,
        by: Clusters,
    ) -> Option<Self> {
        let furthest = |most: f64, share: f64| {
            let needed = |side: Side| (share * columns.count(side) as f64).clamp(LEAST, most);
            let ratio = |(side, found): &(Side, f64)| found / needed(*side);
            let found = by
                .sides()
                .into_iter()
                .zip(support.effective.iter().copied());
            let fewest = found.min_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
            (ratio(&fewest) < 1.0).then_some(fewest)
        };
        let too_few = furthest(FEWEST, TWO_IN_FIVE);
        let (side, found) = too_few.or_else(|| furthest(ENOUGH, THREE_IN_FOUR))?;
        Some(Self {
            control: control.to_owned(),
            found,
            of: columns.count(side),
            side,
            is_too_few: too_few.is_some(),
        })
    }
}

/// What is said of them, for people: one part for each kind and dimension.
pub(super) fn sentence(few: &[Option<FewClusters>], columns: &Columns<'_>) -> Option<String> {
    let mut parts = Vec::new();
    let mut left: Vec<&FewClusters> = few.iter().flatten().collect();
    while let Some(first) = left.first().copied() {
        let is_alike =
            |few: &&FewClusters| few.side == first.side && few.is_too_few == first.is_too_few;
        let (alike, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_alike);
        parts.push(said(&alike, columns));
        left = others;
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn said(alike: &[&FewClusters], columns: &Columns<'_>) -> String {
    let first = alike[0];
    let names: Vec<&str> = alike.iter().map(|few| few.control.as_str()).collect();
    // Rounded down: less than needed never reads as enough.
    let fewest = alike
        .iter()
        .map(|few| few.found)
        .fold(f64::INFINITY, f64::min);
    let fewest = (fewest * 10.0).floor() / 10.0;
    let of = format!(
        "{fewest} of {} {}",
        crate::text::thousands(first.of),
        columns.called(first.side).1
    );
    let (rests, them) = match names.as_slice() {
        [name] => (format!("the slope of {name} rests on {of}"), "it"),
        names => {
            let names = names.join(", ");
            (
                format!("the slopes of {names} rest on as few as {of}"),
                "them",
            )
        }
    };
    if first.is_too_few {
        format!(
            "{rests}, too few to tell an error from, so no interval and no p-value is given for {them}"
        )
    } else {
        format!("{rests}; what so few tell need not hold of others")
    }
}
