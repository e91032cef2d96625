//! A planted study: models whose alignment is known for every persona and question.
//!
//! The base takes the stance of a persona's group with probability .45, the tuned model
//! with .15 more, give or take what its persona (deviation .1) and the question (.1) add;
//! what its open-ended answers gain goes with that over personas by a planted
//! correlation, and has the same part of the question. A judge sees the better of two
//! answers nine times in ten, so a win rate gains 45 points for each 100 of alignment.

use oyer::stats::correlation::disattenuated;
use oyer::stats::errors_in_variables::line;
use oyer::stats::unit_pairs::{UnitClusters, UnitItem, unit_pairs};
use oyer::stats::wilson::bounded_interval;
use oyer::stats::{Clusters, Interval, Level, cluster_mean};
use rand_chacha::ChaCha8Rng;

use crate::draw::{normal, replicated, uniform};
use crate::tally::{Tally, head, merged, row};
use crate::transfer::{is_open, limits_of};

const BASE: f64 = 0.45;
const GAIN: f64 = 0.15;
const SPREAD: f64 = 0.1;
const SKILL: f64 = 0.9;

/// Structured and open-ended gains of every item.
fn draw(rng: &mut ChaCha8Rng, personas: u32, questions: u32, rho: f64) -> [Vec<UnitItem>; 2] {
    let of_question: Vec<f64> = (0..questions).map(|_| SPREAD * normal(rng)).collect();
    let mut halves = [Vec::new(), Vec::new()];
    for persona in 0..personas {
        let (a, b) = (normal(rng), normal(rng));
        let own = [a, rho * a + (1.0 - rho * rho).sqrt() * b].map(|z| SPREAD * z);
        for question in 0..questions {
            for (half, own) in own.into_iter().enumerate() {
                let tuned = (BASE + GAIN + own + of_question[question as usize]).clamp(0.0, 1.0);
                let [base, tuned] = [BASE, tuned].map(|chance| uniform(rng) < chance);
                let value = if half == 0 {
                    f64::from(i8::from(tuned) - i8::from(base))
                } else {
                    judged(rng, base, tuned) - 0.5
                };
                halves[half].push(UnitItem {
                    unit: persona,
                    question,
                    persona,
                    value,
                    weight: 1.0,
                });
            }
        }
    }
    halves
}

/// The tuned model's share of two judgments.
fn judged(rng: &mut ChaCha8Rng, base: bool, tuned: bool) -> f64 {
    let won = (0..2).filter(|_| {
        let (sees, coin) = (uniform(rng) < SKILL, uniform(rng) < 0.5);
        if sees && base != tuned { tuned } else { coin }
    });
    won.count() as f64 / 2.0
}

fn over_all(items: &[UnitItem], low: f64, high: f64) -> Option<Interval> {
    let column = |of: fn(&UnitItem) -> u32| items.iter().map(of).collect::<Vec<u32>>();
    let (questions, personas) = (column(|item| item.question), column(|item| item.persona));
    let values: Vec<f64> = items.iter().map(|item| item.value).collect();
    let mean = cluster_mean(&values, Clusters::TwoWay(&questions, &personas)).ok()?;
    bounded_interval(&mean, low, high, Level::DEFAULT).ok()
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "personas",
        "questions",
        "planted r",
        "structured gain",
        "win-rate gain",
        "mean reliability: structured",
        "open-ended",
        "mean r without noise",
        "r without noise",
        "slope",
        "slope without a limit",
    ];
    let mut text = head("Planted studies", &columns);
    let share = SKILL / 2.0;
    for (personas, questions, rho) in [
        (12, 24, 1.0),
        (30, 24, 1.0),
        (30, 24, 0.5),
        (30, 48, 0.5),
        (60, 24, 0.5),
        (60, 24, 0.0),
    ] {
        let tallies = replicated(
            u64::from(personas + questions),
            replications,
            || [Tally::default(); 8],
            |rng, mut tallies| {
                let [x, y] = draw(rng, personas, questions, rho);
                tallies[0].count(over_all(&x, -1.0, 1.0), GAIN);
                tallies[1].count(over_all(&y, -0.5, 0.5), share * GAIN);
                let Ok(found) = unit_pairs(&x, &y, UnitClusters::Questions, 2) else {
                    return tallies;
                };
                let reliabilities = found.pairs.reliabilities();
                for (place, reliability) in [(2, reliabilities.0), (3, reliabilities.1)] {
                    if let Some(reliability) = reliability {
                        tallies[place].measure(reliability);
                    }
                }
                let r = disattenuated(&found.pairs, Level::DEFAULT).ok();
                if let Some(r) = r {
                    tallies[4].measure(r.interval.estimate());
                }
                tallies[5].count(r.map(|r| r.interval), rho);
                let slope = line(&found.pairs, Level::DEFAULT).ok();
                if let Some(slope) = &slope {
                    tallies[7].flag(is_open(slope));
                }
                tallies[6].count(slope.as_ref().and_then(limits_of), rho * share);
                tallies
            },
            merged,
        );
        let mut cells = vec![personas.to_string(), questions.to_string(), rho.to_string()];
        for (place, tally) in tallies.iter().enumerate() {
            cells.push(if (2..=4).contains(&place) {
                tally.mean_width()
            } else {
                tally.percent()
            });
        }
        text += &row(&cells);
    }
    text
}
