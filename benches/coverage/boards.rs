//! Leaderboards: Davidson's strengths, Bradley-Terry's where questions are crossed
//! with personas, and what is said of all pairs at once.

use oyer::stats::bradley_terry::bradley_terry;
use oyer::stats::davidson::davidson;
use oyer::stats::{Clusters, Comparisons, Draws, Level, Ratings};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, draws, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const MODELS: usize = 5;
/// What each model leads the one before it by.
const STEP: f64 = 0.2;
const QUESTION: f64 = 0.9;
const PERSONA: f64 = 0.4;
const JUDGE: Judge = Judge {
    lead: 0.0,
    place: 0.3,
    tie: 0.2,
};
const DRAWS: u32 = 2_000;

/// Every two models on every item: one row an item, its orders averaged.
#[derive(Default)]
struct Table {
    first: Vec<u32>,
    second: Vec<u32>,
    score: Vec<f64>,
    /// Won or lost in both orders, else tied.
    outcome: Vec<f64>,
    question: Vec<u32>,
    persona: Vec<u32>,
}

fn qualities(rng: &mut ChaCha8Rng, spread: f64) -> [f64; MODELS] {
    std::array::from_fn(|_| spread * normal(rng))
}

fn draw(rng: &mut ChaCha8Rng, questions: u32, personas: u32) -> Table {
    let mut table = Table::default();
    let of_persona: Vec<[f64; MODELS]> = (0..personas).map(|_| qualities(rng, PERSONA)).collect();
    for question in 0..questions {
        let of_question = qualities(rng, QUESTION);
        for (persona, liked) in of_persona.iter().enumerate() {
            let quality = |model: usize| STEP * model as f64 + of_question[model] + liked[model];
            for a in 0..MODELS {
                for b in a + 1..MODELS {
                    let (one, other) = JUDGE.both(rng, quality(a) - quality(b));
                    table.first.push(a as u32);
                    table.second.push(b as u32);
                    table.score.push(0.5 * (one + other));
                    table.outcome.push(match one + other {
                        2.0.. => 1.0,
                        sum if sum <= 0.0 => 0.0,
                        _ => 0.5,
                    });
                    table.question.push(question);
                    table.persona.push(persona as u32);
                }
            }
        }
    }
    table
}

impl Table {
    fn with<'a>(&'a self, score: &'a [f64]) -> Comparisons<'a> {
        Comparisons {
            first: &self.first,
            second: &self.second,
            score,
        }
    }
}

/// Strengths of the population: those of each pair's expected score.
fn expected_strengths(effects: f64) -> Option<Ratings> {
    let mut table = Table::default();
    for a in 0..MODELS {
        for b in a + 1..MODELS {
            let lead = STEP * (a as f64 - b as f64);
            table.first.push(a as u32);
            table.second.push(b as u32);
            table.score.push(Judge { lead, ..JUDGE }.truth(effects));
            table.question.push(a as u32);
        }
    }
    bradley_terry(
        table.with(&table.score),
        MODELS,
        Clusters::OneWay(&table.question),
    )
    .ok()
}

/// What is counted of a fit: each model's difference from the first, then whether all
/// pairs and all ranks hold at once.
fn count(tallies: &mut [Tally], fitted: &Ratings, truth: &[f64], draws: Draws) {
    for (model, strength) in truth.iter().enumerate().skip(1) {
        let interval = fitted.contrast(model, 0, Level::DEFAULT).ok();
        tallies[0].count(interval, strength - truth[0]);
    }
    let pairs: Vec<(usize, usize)> = (0..MODELS)
        .flat_map(|a| (a + 1..MODELS).map(move |b| (a, b)))
        .collect();
    if let Ok(all) = fitted.simultaneous(&pairs, Level::DEFAULT, draws) {
        let holds = |(interval, &(a, b)): (&oyer::stats::Interval, &(usize, usize))| {
            interval.contains(truth[a] - truth[b])
        };
        tallies[1].flag(all.iter().zip(&pairs).all(holds));
    }
    if let Ok(ranks) = fitted.rank_intervals(Level::DEFAULT, draws) {
        let rank = |model: usize| 1 + truth.iter().filter(|s| **s > truth[model]).count();
        let holds = |model: usize| (ranks[model].best..=ranks[model].worst).contains(&rank(model));
        tallies[2].flag((0..MODELS).all(holds));
        let width = |model: usize| (ranks[model].worst - ranks[model].best + 1) as f64;
        tallies[3].measure((0..MODELS).map(width).sum::<f64>() / MODELS as f64);
    }
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "strengths",
        "questions",
        "personas",
        "clusters",
        "difference from one model",
        "all pairs at once",
        "all ranks at once",
        "ranks left open, of 5",
    ];
    let mut text = head("Leaderboards of five models", &columns);
    let one_way = expected_strengths(2.0 * (QUESTION.powi(2) + PERSONA.powi(2)));
    let Some(bradley_terry_truth) = one_way else {
        return text;
    };
    let mut rng = ChaCha8Rng::seed_from_u64(99);
    let large = draw_apart(&mut rng, 200_000);
    let Ok(davidson_truth) = davidson(
        large.with(&large.outcome),
        MODELS,
        Clusters::OneWay(&large.question),
    ) else {
        return text;
    };
    for (rating, questions, personas) in [
        ("Bradley-Terry", 50_u32, 1_u32),
        ("Bradley-Terry", 200, 1),
        ("Davidson", 50, 1),
        ("Davidson", 200, 1),
        ("Bradley-Terry", 40, 10),
        ("Bradley-Terry", 40, 20),
        ("Davidson", 40, 20),
    ] {
        let tallies = replicated(
            u64::from(questions * 1_000 + personas),
            replications,
            || [Tally::default(); 4],
            |rng, mut tallies| {
                let table = if personas == 1 {
                    draw_apart(rng, questions)
                } else {
                    draw(rng, questions, personas)
                };
                let by = if personas == 1 {
                    Clusters::OneWay(&table.question)
                } else {
                    Clusters::TwoWay(&table.question, &table.persona)
                };
                let (fitted, truth) = if rating == "Davidson" {
                    (
                        davidson(table.with(&table.outcome), MODELS, by),
                        &davidson_truth,
                    )
                } else {
                    (
                        bradley_terry(table.with(&table.score), MODELS, by),
                        &bradley_terry_truth,
                    )
                };
                if let Ok(fitted) = fitted {
                    count(&mut tallies, &fitted, truth.strengths(), draws(rng, DRAWS));
                }
                tallies
            },
            merged,
        );
        let clusters = if personas == 1 {
            "questions"
        } else {
            "two-way"
        };
        text += &row(&[
            rating.to_owned(),
            questions.to_string(),
            personas.to_string(),
            clusters.to_owned(),
            tallies[0].percent(),
            tallies[1].percent(),
            tallies[2].percent(),
            tallies[3].mean_width(),
        ]);
    }
    text
}

/// Each question asked of a persona of its own: the same population with questions as
/// the only clusters.
fn draw_apart(rng: &mut ChaCha8Rng, questions: u32) -> Table {
    let mut table = Table::default();
    for question in 0..questions {
        let mut one = draw(rng, 1, 1);
        table.first.append(&mut one.first);
        table.second.append(&mut one.second);
        table.question.extend(one.score.iter().map(|_| question));
        table.score.append(&mut one.score);
        table.outcome.append(&mut one.outcome);
    }
    table
}
