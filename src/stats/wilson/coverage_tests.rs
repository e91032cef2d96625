//! A small coverage check of the default interval: enough to see an interval that
//! ignores its clusters, or one that is far too wide.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::random::normal;
use crate::stats::{Clusters, cluster_mean};

const REPLICATIONS: usize = 400;

/// Outcome of one judgment from how far the candidate is ahead.
fn outcome(lead: f64, tie: f64) -> f64 {
    if lead > tie {
        1.0
    } else if lead < -tie {
        0.0
    } else {
        0.5
    }
}

/// A score averaged over both orders, with a judge that favours the first place.
fn both_orders(rng: &mut ChaCha8Rng, lead: f64) -> f64 {
    let first = outcome(lead + 0.3 + normal(rng), 0.2);
    let second = outcome(lead - 0.3 + normal(rng), 0.2);
    0.5 * (first + second)
}

/// The win rate of a normal lead of this mean and variance: the truth that the
/// intervals should hold.
fn truth(mean: f64, variance: f64) -> f64 {
    let spread = variance.sqrt();
    let at = |x: f64| super::super::quantile::normal_cdf(x / spread);
    let places = [0.3, -0.3];
    places
        .iter()
        .map(|s| 0.25 * (at(mean + s - 0.2) + at(mean + s + 0.2)))
        .sum()
}

fn coverage(truth: f64, mut draw: impl FnMut(&mut ChaCha8Rng) -> ClusterMean) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let hits = (0..REPLICATIONS)
        .filter(|_| {
            let interval = design_effect_wilson(&draw(&mut rng), Level::DEFAULT).unwrap();
            interval.contains(truth)
        })
        .count();
    hits as f64 / REPLICATIONS as f64
}

#[test]
fn ten_questions_to_a_template_are_covered() {
    let labels: Vec<u32> = (0..200).map(|i| i / 10).collect();
    let found = coverage(truth(0.4, 1.2 * 1.2 + 1.2 * 1.2 + 1.0), |rng| {
        let mut scores = Vec::with_capacity(200);
        for _ in 0..20 {
            let template = 1.2 * normal(rng);
            for _ in 0..10 {
                let question = 1.2 * normal(rng);
                scores.push(both_orders(rng, 0.4 + template + question));
            }
        }
        cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap()
    });
    assert!((0.92..=0.98).contains(&found), "{found}");
}

#[test]
fn crossed_questions_and_personas_are_covered() {
    let (questions, personas) = (30_u32, 12_u32);
    let question: Vec<u32> = (0..questions * personas).map(|i| i / personas).collect();
    let persona: Vec<u32> = (0..questions * personas).map(|i| i % personas).collect();
    let variance = 0.8 * 0.8 + 0.5 * 0.5 + 1.0 + 1.0;
    let found = coverage(truth(0.4, variance), |rng| {
        let by_question: Vec<f64> = (0..questions).map(|_| 0.8 * normal(rng)).collect();
        let by_persona: Vec<f64> = (0..personas).map(|_| 0.5 * normal(rng)).collect();
        let scores: Vec<f64> = question
            .iter()
            .zip(&persona)
            .map(|(&q, &p)| {
                let cell = normal(rng);
                both_orders(
                    rng,
                    0.4 + by_question[q as usize] + by_persona[p as usize] + cell,
                )
            })
            .collect();
        cluster_mean(&scores, Clusters::TwoWay(&question, &persona)).unwrap()
    });
    assert!((0.92..=0.98).contains(&found), "{found}");
}

#[test]
fn a_consistent_judge_of_separate_questions_is_covered() {
    let labels: Vec<u32> = (0..40).collect();
    let found = coverage(truth(0.6, 10.0), |rng| {
        let scores: Vec<f64> = (0..40)
            .map(|_| {
                let question = 3.0 * normal(rng);
                both_orders(rng, 0.6 + question)
            })
            .collect();
        cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap()
    });
    assert!((0.92..=0.98).contains(&found), "{found}");
}
