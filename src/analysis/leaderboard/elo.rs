//! Elo ratings: the judgments as a stream, in the order of the table.

use super::rows::Rows;
use super::standings;
use crate::analysis::estimate::Measured;
use crate::analysis::layout::Layout;
use crate::analysis::report::{Elo, Leaderboard, RatedModel};
use crate::stats::Comparisons;
use crate::stats::elo::{EloSettings, elo};
use crate::study::RatingMethod;

/// Fills a leaderboard with Elo ratings.
pub(super) fn fill(
    layout: &Layout<'_>,
    measured: &[Measured],
    rows: &Rows,
    k: f64,
    board: &mut Leaderboard,
) {
    let settings = EloSettings {
        k,
        ..EloSettings::default()
    };
    board.rating = RatingMethod::Elo;
    board.elo = Some(Elo {
        k,
        start: settings.start,
    });
    "Elo rating after all judgments in the order of the table".clone_into(&mut board.estimand);
    board.sentences.push(format!(
        "Elo ratings depend on the order of the rows and on k, here {k}; they have no interval and no test"
    ));
    let stream = Stream::new(layout, measured, rows);
    board.n_comparisons = stream.score.len() as u64;
    let models = rows.models.len();
    let comparisons = Comparisons {
        first: &stream.first,
        second: &stream.second,
        score: &stream.score,
    };
    let ratings = match elo(comparisons, models, settings) {
        Ok(ratings) => ratings,
        Err(error) => {
            board
                .sentences
                .push(format!("there are no ratings: {error}"));
            return;
        }
    };
    let mut counts = vec![0; models];
    for (&a, &b) in stream.first.iter().zip(&stream.second) {
        counts[a as usize] += 1;
        counts[b as usize] += 1;
    }
    let model = |&(model, rank): &(usize, u64)| RatedModel {
        model: rows.models[model].clone(),
        rank,
        rank_best: None,
        rank_worst: None,
        strength: ratings[model],
        standard_error: None,
        interval: None,
        expected_win_rate: Some(expected(&ratings, model)),
        n_comparisons: counts[model],
        contrast: None,
    };
    board.models = standings(&ratings).iter().map(model).collect();
}

/// Mean chance to win against each of the others, as Elo's curve has it.
fn expected(ratings: &[f64], model: usize) -> f64 {
    let chance = |other: &f64| 1.0 / (1.0 + 10_f64.powf((other - ratings[model]) / 400.0));
    let others = ratings.iter().enumerate().filter(|(m, _)| *m != model);
    others.map(|(_, other)| chance(other)).sum::<f64>() / (ratings.len() - 1) as f64
}

/// The verdicts of a leaderboard in the order of the table.
#[derive(Default)]
struct Stream {
    first: Vec<u32>,
    second: Vec<u32>,
    score: Vec<f64>,
}

impl Stream {
    fn new(layout: &Layout<'_>, measured: &[Measured], rows: &Rows) -> Self {
        let mut models: Vec<Option<(u32, u32)>> = vec![None; layout.comparisons.len()];
        for &(place, a, b) in &rows.parts {
            models[measured[place].place] = Some((a, b));
        }
        let criterion = &measured[rows.parts[0].0].comparison.criterion;
        let mut stream = Self::default();
        for (index, judgment) in layout.table.judgments.iter().enumerate() {
            let (comparison, turned) = layout.side(index as u32);
            let Some((a, b)) = models[comparison as usize] else {
                continue;
            };
            for (offset, cell) in layout.table.cells_of(judgment).iter().enumerate() {
                let score = layout.table.score(judgment.first_cell as usize + offset);
                if let Some(score) = score
                    && layout.table.criteria[usize::from(cell.criterion)] == *criterion
                {
                    stream.first.push(if turned { b } else { a });
                    stream.second.push(if turned { a } else { b });
                    stream.score.push(score);
                }
            }
        }
        stream
    }
}
