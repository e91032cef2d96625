//! Questions crossed with personas: win rates for questions and personas like
//! these.

use oyer::stats::bootstrap::cluster_bootstrap;
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Level, cluster_mean};

use crate::draw::{Judge, draws, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const JUDGE: Judge = Judge {
    lead: 0.4,
    place: 0.3,
    tie: 0.2,
};
const QUESTION: f64 = 0.8;
const PERSONA: f64 = 0.5;
const CELL: f64 = 1.0;
const DRAWS: u32 = 499;

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "questions",
        "personas",
        "by question",
        "by persona",
        "both (default)",
        "pigeonhole bootstrap",
        "width of the default",
    ];
    let mut text = head("Questions crossed with personas", &columns);
    let truth = JUDGE.truth(QUESTION.powi(2) + PERSONA.powi(2) + CELL.powi(2));
    for (questions, personas) in [(20_u32, 10_u32), (50, 10), (50, 20), (100, 20), (200, 10)] {
        let question: Vec<u32> = (0..questions * personas).map(|i| i / personas).collect();
        let persona: Vec<u32> = (0..questions * personas).map(|i| i % personas).collect();
        let tallies = replicated(
            u64::from(questions * 1_000 + personas),
            replications,
            || [Tally::default(); 4],
            |rng, mut tallies| {
                let of_question: Vec<f64> =
                    (0..questions).map(|_| QUESTION * normal(rng)).collect();
                let of_persona: Vec<f64> = (0..personas).map(|_| PERSONA * normal(rng)).collect();
                let scores: Vec<f64> = question
                    .iter()
                    .zip(&persona)
                    .map(|(&q, &p)| {
                        let cell = CELL * normal(rng);
                        let effect = of_question[q as usize] + of_persona[p as usize] + cell;
                        let (first, second) = JUDGE.both(rng, effect);
                        0.5 * (first + second)
                    })
                    .collect();
                let ways = [
                    Clusters::OneWay(&question),
                    Clusters::OneWay(&persona),
                    Clusters::TwoWay(&question, &persona),
                ];
                for (tally, clusters) in tallies.iter_mut().zip(ways) {
                    let interval = cluster_mean(&scores, clusters)
                        .and_then(|mean| design_effect_wilson(&mean, Level::DEFAULT))
                        .ok();
                    tally.count(interval, truth);
                }
                let boot = cluster_bootstrap(&scores, ways[2], draws(rng, DRAWS));
                tallies[3].count(
                    boot.and_then(|boot| boot.percentile(Level::DEFAULT)).ok(),
                    truth,
                );
                tallies
            },
            merged,
        );
        let mut cells = vec![questions.to_string(), personas.to_string()];
        cells.extend(tallies.iter().map(Tally::percent));
        cells.push(tallies[2].mean_width());
        text += &row(&cells);
    }
    text
}
