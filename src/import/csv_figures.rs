//! Leaderboards of models from a CSV of comparisons, as `evalica` defines them.

use super::csv::{Comparison, models_of};
use super::figures::mean;
use crate::analysis::source_figures::{Figure, SourceFigures, Unit};
use crate::stats::{Clusters, Comparisons, Ratings, StatsError, bradley_terry, davidson};
use crate::verdict::Outcome;

/// Adds the figures of every model, where at least two were compared.
pub(super) fn add(rows: &[&Comparison], figures: &mut Vec<SourceFigures>, notes: &mut Vec<String>) {
    let models = models_of(rows);
    let given: Vec<(usize, usize, f64)> = rows
        .iter()
        .filter_map(|row| {
            let score = match row.verdict.outcome() {
                Outcome::Win => 1.0,
                Outcome::Tie => 0.5,
                Outcome::Loss => 0.0,
                Outcome::Missing => return None,
            };
            Some((models[&row.candidate], models[&row.opponent], score))
        })
        .collect();
    let between: Vec<_> = given.iter().copied().filter(|row| row.0 != row.1).collect();
    if between.is_empty() {
        return;
    }
    let with_itself = given.len() - between.len();
    let strengths = Strengths::new(&between, models.len(), notes);
    let mut why = vec![
        "The source's figures take every row for an independent draw and come without intervals; the report's win rates are of one pair each, over questions as clusters.".to_owned(),
    ];
    if with_itself > 0 {
        why.push(format!("average_win_rate counts a model that met itself as one more that it met, with one half, as evalica does; strengths and the report leave these rows out ({with_itself} of them), and evalica's Newman counts them towards the chance of a tie."));
    }
    for (name, &model) in &models {
        figures.push(SourceFigures {
            source: "evalica".to_owned(),
            subject: name.clone(),
            also_called: Vec::new(),
            comparison: None,
            figures: vec![
                Figure::new("average_win_rate", average_win_rate(&given, model, models.len()), Unit::Share, "mean over the models it met, itself included, of its share of wins, a tie counted one half"),
                Figure::new("bradley_terry", strengths.bradley_terry.as_ref().map(|s| s[model]), Unit::Share, "Bradley-Terry strength, a tie counted half a win, the strengths adding up to 1"),
                Figure::new("newman", strengths.newman.as_ref().map(|s| s[model]), Unit::Strength, "strength under Newman's model of ties, which is Davidson's with nu = 2 v; only ratios are defined, and here their geometric mean is 1"),
            ],
            estimate: None,
            why_they_differ: why.clone(),
        });
    }
}

fn average_win_rate(given: &[(usize, usize, f64)], model: usize, models: usize) -> Option<f64> {
    let mut won = vec![0.0; models];
    let mut met = vec![0.0; models];
    for &(candidate, opponent, score) in given {
        let (other, share) = if candidate == model && opponent == model {
            (model, 0.5)
        } else if candidate == model {
            (opponent, score)
        } else if opponent == model {
            (candidate, 1.0 - score)
        } else {
            continue;
        };
        won[other] += share;
        met[other] += 1.0;
    }
    let shares: Vec<f64> = won
        .iter()
        .zip(&met)
        .filter(|(_, met)| **met > 0.0)
        .map(|(won, met)| won / met)
        .collect();
    mean(&shares)
}

/// Strengths of all models; `None` where the model has none.
struct Strengths {
    bradley_terry: Option<Vec<f64>>,
    newman: Option<Vec<f64>>,
}

impl Strengths {
    fn new(given: &[(usize, usize, f64)], models: usize, notes: &mut Vec<String>) -> Self {
        let candidates: Vec<u32> = given.iter().map(|row| row.0 as u32).collect();
        let opponents: Vec<u32> = given.iter().map(|row| row.1 as u32).collect();
        let scores: Vec<f64> = given.iter().map(|row| row.2).collect();
        let comparisons = Comparisons {
            first: &candidates,
            second: &opponents,
            score: &scores,
        };
        let each: Vec<u32> = (0..given.len() as u32).collect();
        let mut fitted = |name: &str, ratings: Result<Ratings, StatsError>| match ratings {
            Ok(ratings) if !ratings.separated() => {
                let strengths = ratings.strengths().iter().map(|theta| theta.exp());
                Some(strengths.collect::<Vec<f64>>())
            }
            Ok(_) => {
                notes.push(format!("{name} is not given: some models never lost to, or never met, the others, so that no strengths exist"));
                None
            }
            Err(error) => {
                notes.push(format!("{name} is not given: {error}"));
                None
            }
        };
        let bradley_terry = fitted(
            "bradley_terry",
            bradley_terry::bradley_terry(comparisons, models, Clusters::OneWay(&each)),
        );
        // Without a tie Newman's chance of one is 0, and the model is Bradley-Terry's.
        let newman = if scores.contains(&0.5) {
            fitted(
                "newman",
                davidson::davidson(comparisons, models, Clusters::OneWay(&each)),
            )
        } else {
            bradley_terry.as_deref().map(of_geometric_mean_one)
        };
        Self {
            bradley_terry: bradley_terry.map(|strengths| {
                let total: f64 = strengths.iter().sum();
                strengths.iter().map(|strength| strength / total).collect()
            }),
            newman,
        }
    }
}

fn of_geometric_mean_one(strengths: &[f64]) -> Vec<f64> {
    let logs: f64 = strengths.iter().map(|strength| strength.ln()).sum();
    let scale = (logs / strengths.len() as f64).exp();
    strengths.iter().map(|strength| strength / scale).collect()
}
