//! What a bootstrap should draw where questions share templates: templates with all
//! their questions, templates and then questions within them, or questions alone.

use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, normal, replicated, uniform};
use crate::tally::{Tally, head, merged, row};

const JUDGE: Judge = Judge {
    lead: 0.4,
    place: 0.3,
    tie: 0.2,
};
const QUESTION: f64 = 1.2;
const DRAWS: usize = 399;

#[derive(Clone, Copy)]
enum Unit {
    Template,
    Nested,
    Question,
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "templates",
        "questions of each",
        "templates, whole (ours)",
        "templates, then questions",
        "questions",
    ];
    let mut text = head("What a percentile bootstrap draws", &columns);
    for (templates, questions, spread) in [(20, 5, 0.6), (50, 5, 0.6), (50, 10, 0.6)] {
        let truth = JUDGE.truth(f64::powi(spread, 2) + QUESTION * QUESTION);
        let tallies = replicated(
            (templates * 100 + questions) as u64,
            replications,
            || [Tally::default(); 3],
            |rng, mut tallies| {
                let scores: Vec<Vec<f64>> = (0..templates)
                    .map(|_| {
                        let shared = spread * normal(rng);
                        let score = |_| {
                            let effect = shared + QUESTION * normal(rng);
                            let (first, second) = JUDGE.both(rng, effect);
                            0.5 * (first + second)
                        };
                        (0..questions).map(score).collect()
                    })
                    .collect();
                let units = [Unit::Template, Unit::Nested, Unit::Question];
                for (tally, unit) in tallies.iter_mut().zip(units) {
                    let (low, high) = limits(rng, &scores, unit);
                    tally.flag(low <= truth && truth <= high);
                }
                tallies
            },
            merged,
        );
        let mut cells = vec![templates.to_string(), questions.to_string()];
        cells.extend(tallies.iter().map(Tally::percent));
        text += &row(&cells);
    }
    text
}

fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    (uniform(rng) * n as f64) as usize
}

/// Quantiles .025 and .975 of the means drawn.
fn limits(rng: &mut ChaCha8Rng, scores: &[Vec<f64>], unit: Unit) -> (f64, f64) {
    let (templates, questions) = (scores.len(), scores[0].len());
    let sums: Vec<f64> = scores.iter().map(|scores| scores.iter().sum()).collect();
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let mut total = 0.0;
            for _ in 0..templates {
                let template = below(rng, templates);
                total += match unit {
                    Unit::Template => sums[template],
                    Unit::Nested => (0..questions)
                        .map(|_| scores[template][below(rng, questions)])
                        .sum(),
                    Unit::Question => (0..questions)
                        .map(|_| scores[below(rng, templates)][below(rng, questions)])
                        .sum(),
                };
            }
            total / (templates * questions) as f64
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| means[(share * (DRAWS + 1) as f64).round() as usize - 1];
    (at(0.025), at(0.975))
}
