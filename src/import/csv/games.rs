//! The figures of a leaderboard over all games of a CSV, by the definitions of evalica.

use std::collections::HashMap;

use crate::analysis::source_figures::{Figure, Pools, SourceFigures, Unit};
use crate::import::figures::mean;
use crate::import::rows::Verdict;
use crate::stats::{Clusters, Comparisons, Ratings, StatsError, bradley_terry, davidson};
use crate::verdict::Outcome;

/// Whose definitions these are.
const SOURCE: &str = "evalica";

/// Who met whom, and who won.
#[derive(Default)]
pub(super) struct Games {
    /// Models by number, in the order in which they come.
    models: HashMap<String, u32>,
    /// Of games between two models: the candidate, the opponent, the candidate's share.
    first: Vec<u32>,
    second: Vec<u32>,
    scores: Vec<f64>,
    /// What a model won of how many games against another, or itself.
    met: HashMap<[u32; 2], [f64; 2]>,
    with_itself: u64,
    /// Games with a share that is no win, tie or loss.
    graded: u64,
    /// Whether labels stand for unequal numbers of comparisons.
    weighted: bool,
}

impl Games {
    /// None yet; `weighted` where labels stand for unequal numbers of comparisons.
    pub(super) fn new(weighted: bool) -> Self {
        Self {
            weighted,
            ..Self::default()
        }
    }

    /// Adds a game, unless it has no outcome.
    pub(super) fn add(&mut self, models: [&str; 2], verdict: Verdict) {
        let [first, second] = models.map(|model| self.number(model));
        let is_graded =
            matches!(verdict, Verdict::Graded(share) if ![0.0, 0.5, 1.0].contains(&share));
        self.graded += u64::from(is_graded);
        let score = match verdict.outcome() {
            Outcome::Win => 1.0,
            Outcome::Tie => 0.5,
            Outcome::Loss => 0.0,
            Outcome::Missing => return,
        };
        let mut count = |pair: [u32; 2], share: f64| {
            let [won, games] = self.met.entry(pair).or_default();
            *won += share;
            *games += 1.0;
        };
        if first == second {
            count([first, first], 0.5);
            self.with_itself += 1;
            return;
        }
        count([first, second], score);
        count([second, first], 1.0 - score);
        self.first.push(first);
        self.second.push(second);
        self.scores.push(score);
    }

    fn number(&mut self, model: &str) -> u32 {
        if let Some(known) = self.models.get(model) {
            return *known;
        }
        let new = self.models.len() as u32;
        self.models.insert(model.to_owned(), new);
        new
    }

    /// Adds the figures of every model, where at least two were compared.
    pub(super) fn figures(mut self, figures: &mut Vec<SourceFigures>, notes: &mut Vec<String>) {
        if self.scores.is_empty() {
            return;
        }
        let mut names: Vec<(String, u32)> = self.models.drain().collect();
        names.sort_unstable();
        let mut places = vec![0; names.len()];
        for ((_, number), place) in names.iter().zip(0..) {
            places[*number as usize] = place;
        }
        // Sums run by name, in whatever order the models come.
        for number in self.first.iter_mut().chain(&mut self.second) {
            *number = places[*number as usize];
        }
        let strengths = Strengths::new(
            Comparisons {
                first: &self.first,
                second: &self.second,
                score: &self.scores,
            },
            names.len(),
            notes,
        );
        let mut why = vec![
            "The source's figures take every row for an independent draw and come without intervals; an estimate is of one pair, judge and criterion, over questions as clusters.".to_owned(),
        ];
        if self.with_itself > 0 {
            why.push(format!("average_win_rate counts a model that met itself as one more that it met, with one half, as evalica does; strengths and estimates leave these rows out ({} of them), and evalica's Newman counts them towards the chance of a tie.", self.with_itself));
        }
        if self.graded > 0 {
            why.push(format!("evalica knows win, tie and loss only: a share over one half is a whole win in its figures, and in an estimate as much as it is ({} rows).", self.graded));
        }
        if self.weighted {
            why.push("Labels stand for unequal numbers of comparisons (x.weight): the source's figures and an estimate count each of them as one.".to_owned());
        }
        for (place, (name, number)) in names.iter().enumerate() {
            let met = names
                .iter()
                .filter_map(|(_, other)| self.met.get(&[*number, *other]));
            let shares: Vec<f64> = met.map(|[won, games]| won / games).collect();
            figures.push(SourceFigures {
                source: SOURCE.to_owned(),
                subject: name.clone(),
                figures: vec![
                    Figure::new("average_win_rate", mean(&shares), Unit::Share, "mean over the models it met, itself included, of its share of wins, a tie counted one half"),
                    Figure::new("bradley_terry", strengths.bradley_terry.as_ref().map(|s| s[place]), Unit::Strength, "Bradley-Terry strength, a tie counted half a win; only ratios are defined, and here the strengths add up to 1"),
                    Figure::new("newman", strengths.newman.as_ref().map(|s| s[place]), Unit::Strength, "strength under Newman's model of ties, which is Davidson's with nu = 2 v; only ratios are defined, and here their geometric mean is 1"),
                ],
                pools: Some(Pools {
                    model: Some(name.clone()),
                    ..Pools::default()
                }),
                why_they_differ: why.clone(),
                ..SourceFigures::default()
            });
        }
    }
}

/// Strengths of all models; `None` where the model has none.
struct Strengths {
    bradley_terry: Option<Vec<f64>>,
    newman: Option<Vec<f64>>,
}

impl Strengths {
    fn new(comparisons: Comparisons<'_>, models: usize, notes: &mut Vec<String>) -> Self {
        let each: Vec<u32> = (0..comparisons.score.len() as u32).collect();
        let fitted = |name: &str, ratings: Result<Ratings, StatsError>, notes: &mut Vec<String>| {
            match ratings {
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
            }
        };
        let bradley_terry = fitted(
            "bradley_terry",
            bradley_terry::bradley_terry(comparisons, models, Clusters::OneWay(&each)),
            notes,
        );
        // Without a tie Newman's chance of one is 0, and the model is Bradley-Terry's.
        let is_decided = |score: &f64| [0.0, 1.0].contains(score);
        let newman = if !comparisons.score.iter().any(is_decided) {
            notes.push("newman is not given: every game is a tie, which its model has only where ties are infinitely likely, whatever the strengths".to_owned());
            None
        } else if comparisons.score.contains(&0.5) {
            fitted(
                "newman",
                davidson::davidson(comparisons, models, Clusters::OneWay(&each)),
                notes,
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
