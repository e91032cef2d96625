//! Five models, all pairs, both orders, on shared questions: differences in
//! strength from the first model.

use oyer::stats::bradley_terry::bradley_terry;
use oyer::stats::{Clusters, Comparisons, Level, Ratings};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const MODELS: usize = 5;
const JUDGE: Judge = Judge {
    lead: 0.0,
    place: 0.3,
    tie: 0.2,
};

#[derive(Default)]
struct Table {
    first: Vec<u32>,
    second: Vec<u32>,
    score: Vec<f64>,
    question: Vec<u32>,
}

fn draw(rng: &mut ChaCha8Rng, questions: u32) -> Table {
    let mut table = Table::default();
    for question in 0..questions {
        let quality: Vec<f64> = (0..MODELS)
            .map(|model| 0.2 * model as f64 + 1.2 * normal(rng))
            .collect();
        for a in 0..MODELS {
            for b in a + 1..MODELS {
                for side in [1.0, -1.0] {
                    table.first.push(a as u32);
                    table.second.push(b as u32);
                    table
                        .score
                        .push(JUDGE.score(rng, quality[a] - quality[b], side));
                    table.question.push(question);
                }
            }
        }
    }
    table
}

fn fit(table: &Table, labels: &[u32]) -> Option<Ratings> {
    let comparisons = Comparisons {
        first: &table.first,
        second: &table.second,
        score: &table.score,
    };
    bradley_terry(comparisons, MODELS, Clusters::OneWay(labels)).ok()
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "questions",
        "rows",
        "rows as independent",
        "by question (default)",
    ];
    let mut text = head("Bradley-Terry differences", &columns);
    let mut rng = ChaCha8Rng::seed_from_u64(99);
    let large = draw(&mut rng, 60_000);
    let truth: Vec<f64> = fit(&large, &large.question)
        .map(|found| {
            found
                .strengths()
                .iter()
                .map(|s| s - found.strengths()[0])
                .collect()
        })
        .unwrap_or_default();
    for questions in [50, 150, 400] {
        let tallies = replicated(
            u64::from(questions),
            replications,
            || [Tally::default(); 2],
            |rng, mut tallies| {
                let table = draw(rng, questions);
                let rows: Vec<u32> = (0..table.score.len() as u32).collect();
                for (tally, labels) in tallies.iter_mut().zip([&rows, &table.question]) {
                    let Some(found) = fit(&table, labels) else {
                        continue;
                    };
                    for (model, &truth) in truth.iter().enumerate().skip(1) {
                        tally.count(found.contrast(model, 0, Level::DEFAULT).ok(), truth);
                    }
                }
                tallies
            },
            merged,
        );
        let mut cells = vec![questions.to_string(), (questions * 20).to_string()];
        cells.extend(tallies.iter().map(Tally::percent));
        text += &row(&cells);
    }
    text
}
