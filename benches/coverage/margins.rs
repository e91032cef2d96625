//! The test of equivalence: how often models are called equivalent that are just not,
//! and how often those that are the same.

use oyer::stats::equivalence::rate_equivalence;
use oyer::stats::{Clusters, cluster_mean};

use crate::draw::{Judge, normal, replicated};
use crate::tally::{Tally, head, row};

const MARGIN: f64 = 0.05;
const QUESTION: f64 = 1.0;
const TEMPLATE: f64 = 0.8;

fn judge(lead: f64) -> Judge {
    Judge {
        lead,
        place: 0.3,
        tie: 0.3,
    }
}

/// The lead with which the win rate is `rate`, by bisection.
fn lead_of(rate: f64, effects: f64) -> f64 {
    let (mut low, mut high) = (-5.0, 5.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if judge(middle).truth(effects) < rate {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "questions",
        "clusters",
        "win rate 55% called equivalent (at most 5 wanted)",
        "win rate 45% called equivalent (at most 5 wanted)",
        "win rate 50% called equivalent",
    ];
    let mut text = head("Equivalence within 5 points, tested at 5%", &columns);
    for (questions, of_a_template) in [(50_u32, 1), (200, 1), (1_000, 1), (500, 10), (2_000, 10)] {
        let template = if of_a_template > 1 { TEMPLATE } else { 0.0 };
        let effects = QUESTION * QUESTION + template * template;
        let mut cells = vec![
            questions.to_string(),
            (questions / of_a_template).to_string(),
        ];
        for rate in [0.5 + MARGIN, 0.5 - MARGIN, 0.5] {
            let judge = judge(lead_of(rate, effects));
            let labels: Vec<u32> = (0..questions).map(|q| q / of_a_template).collect();
            let called = replicated(
                u64::from(questions),
                replications,
                Tally::default,
                |rng, mut tally| {
                    let mut shared = 0.0;
                    let scores: Vec<f64> = (0..questions)
                        .map(|question| {
                            if question % of_a_template == 0 {
                                shared = template * normal(rng);
                            }
                            let effect = shared + QUESTION * normal(rng);
                            let (a, b) = judge.both(rng, effect);
                            0.5 * (a + b)
                        })
                        .collect();
                    let found = cluster_mean(&scores, Clusters::OneWay(&labels))
                        .and_then(|mean| rate_equivalence(&mean, 0.5 - MARGIN, 0.5 + MARGIN));
                    tally.flag(found.is_ok_and(|test| test.p().get() < 0.05));
                    tally
                },
                Tally::plus,
            );
            cells.push(called.percent());
        }
        text += &row(&cells);
    }
    text
}
