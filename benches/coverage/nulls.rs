//! Tests of a true null where forty questions are crossed with sampled personas:
//! how often they reject at 5%.

use oyer::stats::permutation::sign_flip;
use oyer::stats::score_test::score_test;
use oyer::stats::{Clusters, cluster_mean};

use crate::draw::{Judge, draws, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const QUESTIONS: u32 = 40;
const JUDGE: Judge = Judge {
    lead: 0.0,
    place: 0.3,
    tie: 0.2,
};
const DRAWS: u32 = 999;

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "questions",
        "personas",
        "score test, two-way (default)",
        "score test, by question",
        "sign-flip, by question",
    ];
    let mut text = head("True nulls with sampled personas, rejected at 5%", &columns);
    for personas in [2_u32, 6, 10, 16, 50] {
        let size = QUESTIONS * personas;
        let question: Vec<u32> = (0..size).map(|i| i / personas).collect();
        let persona: Vec<u32> = (0..size).map(|i| i % personas).collect();
        let tallies = replicated(
            u64::from(personas),
            replications,
            || [Tally::default(); 3],
            |rng, mut tallies| {
                let of_question: Vec<f64> = (0..QUESTIONS).map(|_| 0.8 * normal(rng)).collect();
                let of_persona: Vec<f64> = (0..personas).map(|_| 0.5 * normal(rng)).collect();
                let scores: Vec<f64> = question
                    .iter()
                    .zip(&persona)
                    .map(|(&q, &p)| {
                        let effect = of_question[q as usize] + of_persona[p as usize] + normal(rng);
                        let (first, second) = JUDGE.both(rng, effect);
                        0.5 * (first + second)
                    })
                    .collect();
                let ways = [
                    Clusters::TwoWay(&question, &persona),
                    Clusters::OneWay(&question),
                ];
                for (tally, clusters) in tallies.iter_mut().zip(ways) {
                    let found =
                        cluster_mean(&scores, clusters).and_then(|mean| score_test(&mean, 0.5));
                    tally.flag(found.is_ok_and(|found| found.p.get() < 0.05));
                }
                let flipped = sign_flip(&scores, &question, 0.5, draws(rng, DRAWS));
                tallies[2].flag(flipped.is_ok_and(|test| test.p.get() < 0.05));
                tallies
            },
            merged,
        );
        let mut cells = vec![QUESTIONS.to_string(), personas.to_string()];
        cells.extend(tallies.iter().map(Tally::percent));
        text += &row(&cells);
    }
    text
}
