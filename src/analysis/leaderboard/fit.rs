//! Whether one scale describes how models fared against each other.
//!
//! Strengths say what each two models should score against each other. Where A beats
//! B, B beats C and C beats A, no strengths do. A pair is off if the score that the
//! strengths expect lies outside an interval of the score that was seen, at a level
//! that holds for all pairs at once (Bonferroni).

use rayon::prelude::*;

use super::board::Table;
use super::rows::Rows;
use crate::analysis::clusters::{Clusters, Columns};
use crate::analysis::layout::Layout;
use crate::analysis::report::LackOfFit;
use crate::stats::davidson::expected_score;
use crate::stats::wilson::design_effect_wilson;
use crate::stats::{Level, Ratings};

/// The pair that strengths describe worst, if any is described badly; `None` too
/// where no models met in a circle, so that strengths fit whatever was seen.
pub(super) fn lack_of_fit(
    layout: &Layout<'_>,
    table: &Table,
    rows: &Rows,
    ratings: &Ratings,
    by: Clusters,
    level: Level,
) -> Option<LackOfFit> {
    let starts = std::iter::once(0).chain(table.pair_ends.iter().copied());
    let ranges: Vec<(usize, usize)> = starts
        .zip(table.pair_ends.iter().copied())
        .filter(|&(start, end)| start < end && table.first[start] != table.second[start])
        .collect();
    let pairs = ranges.len();
    if pairs < rows.models.len() || ratings.separated() {
        return None;
    }
    let shared = Level::new(1.0 - level.alpha() / pairs as f64).ok()?;
    let off: Vec<LackOfFit> = ranges
        .par_iter()
        .filter_map(|&(start, end)| {
            let (a, b) = (table.first[start], table.second[start]);
            // A pair may have been compared from both sides.
            let seen_from_a = |place: usize| {
                let score = table.score[place];
                if table.first[place] == a {
                    score
                } else {
                    1.0 - score
                }
            };
            let scores: Vec<f64> = (start..end).map(seen_from_a).collect();
            let columns = Columns::of_ranks(layout, &table.ranks[start..end]);
            let mean = columns.mean(&scores, by)?;
            let interval = design_effect_wilson(&mean, shared).ok()?;
            let strengths = ratings.strengths();
            let difference = strengths[a as usize] - strengths[b as usize];
            let expected = expected_score(difference, ratings.tie().unwrap_or(0.0));
            let inside = interval.low() <= expected && expected <= interval.high();
            (!inside).then(|| LackOfFit {
                first: rows.models[a as usize].clone(),
                second: rows.models[b as usize].clone(),
                seen: mean.mean(),
                expected,
                interval: interval.relabelled(level).into(),
                pairs_off: 0,
                pairs: pairs as u64,
            })
        })
        .collect();
    let pairs_off = off.len() as u64;
    let distance = |lack: &LackOfFit| (lack.seen - lack.expected).abs();
    off.into_iter()
        .reduce(|worst, lack| {
            if distance(&lack) > distance(&worst) {
                lack
            } else {
                worst
            }
        })
        .map(|worst| LackOfFit { pairs_off, ..worst })
}

/// What lack of fit means, for people.
pub(super) fn sentence(lack: &LackOfFit) -> String {
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    format!(
        "one scale does not describe these models: {} scored {} against {}, where the strengths expect {} ({} of {} pairs are off by more than chance); read the win rates of the pairs",
        lack.first,
        percent(lack.seen),
        lack.second,
        percent(lack.expected),
        lack.pairs_off,
        lack.pairs
    )
}
