//! Many models on one scale, for each judge, rubric and criterion.
//!
//! One row is one item on which two models met, with the score of the item: the
//! orders, repeats and samples of an item are not independent comparisons. Rows that
//! share a question, or a persona where personas are a sample, move together.
//! Comparisons whose win rate is withheld are left out. Models that never met,
//! directly or through others, have no common scale and stand on boards of their
//! own.

mod ahead;
mod board;
mod elo;
mod fit;
mod rows;

use super::AnalysisError;
use super::estimate::Measured;
use super::layout::Layout;
use super::options::Settings;
use super::report::{Comparison, Leaderboard};
use super::sections::Sections;

/// Fewest models on a leaderboard: two are compared without one.
pub(super) const FEWEST_MODELS: usize = 3;

/// All leaderboards, in the order of the comparisons.
///
/// # Errors
///
/// When the reference is not among the models, or Elo's points are impossible.
pub(super) fn leaderboards(
    layout: &Layout<'_>,
    measured: &[Measured],
    sections: &Sections,
    settings: &Settings,
    seed: u64,
) -> Result<Vec<Leaderboard>, AnalysisError> {
    check(layout, sections)?;
    let mut boards = Vec::new();
    for family in rows::families(measured) {
        for rows in family.connected(measured) {
            if rows.models.len() >= FEWEST_MODELS {
                boards.push(board::board(
                    layout, measured, &rows, sections, settings, seed,
                ));
            }
        }
    }
    Ok(boards)
}

/// One comparison of each judge, rubric and criterion without a leaderboard that there would
/// be were no win rate withheld.
pub(super) fn lost(measured: &[Measured]) -> Vec<&Comparison> {
    let families = rows::families(measured).into_iter();
    families
        .filter(|family| family.is_lost(measured))
        .map(|family| family.comparison(measured))
        .collect()
}

/// Strengths this near are one strength but for rounding.
const ROUNDING: f64 = 1e-9;

/// The models from the strongest on, each with its rank: equals share one, and stand in
/// the order of their names.
fn standings(strengths: &[f64]) -> Vec<(usize, u64)> {
    let mut order: Vec<usize> = (0..strengths.len()).collect();
    order.sort_by(|&a, &b| strengths[b].total_cmp(&strengths[a]));
    let mut standings = Vec::with_capacity(order.len());
    for equals in order.chunk_by_mut(|&a, &b| strengths[a] - strengths[b] < ROUNDING) {
        equals.sort_unstable();
        let rank = standings.len() as u64 + 1;
        standings.extend(equals.iter().map(|&model| (model, rank)));
    }
    standings
}

fn check(layout: &Layout<'_>, sections: &Sections) -> Result<(), AnalysisError> {
    if !(sections.elo_k > 0.0 && sections.elo_k.is_finite()) {
        return Err(AnalysisError::EloK(sections.elo_k));
    }
    let Some(name) = &sections.reference else {
        return Ok(());
    };
    let mut known: Vec<String> = layout
        .comparisons
        .iter()
        .flat_map(|place| [&place.contest.candidate, &place.contest.opponent])
        .cloned()
        .collect();
    known.sort_unstable();
    known.dedup();
    if known.contains(name) {
        Ok(())
    } else {
        Err(AnalysisError::UnknownReference {
            name: name.clone(),
            known,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::standings;

    #[test]
    fn models_that_are_equal_but_for_rounding_share_a_rank() {
        let strengths = [-0.3, 0.1 + 0.2, 0.3, 1.0];
        assert_eq!(standings(&strengths), [(3, 1), (1, 2), (2, 2), (0, 4)]);
        let turned: Vec<f64> = strengths.iter().map(|strength| -strength).collect();
        assert_eq!(standings(&turned), [(0, 1), (1, 2), (2, 2), (3, 4)]);
        assert_eq!(standings(&[]), []);
    }
}
