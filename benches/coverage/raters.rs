//! Coefficients of two raters, over units that may share a question.
//!
//! What a unit is worth is normal: a shared mean, what its question adds, and the unit's
//! own. Each rater sees it with noise, and calls it a win or a loss where it is beyond a
//! threshold.

use oyer::stats::agreement::{CrossTable, Weights};
use oyer::stats::bootstrap::Bootstrap;
use oyer::stats::cluster_sums::ClusterSums;
use oyer::stats::quantile::t_upper_quantile;
use oyer::stats::{Clusters, Interval, Level, StatsError};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{draws, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const K: usize = 3;
/// Units from which the truth of a scenario is taken; their error is a thousandth.
const TRUTH: u32 = 400_000;

struct Raters {
    name: &'static str,
    lead: f64,
    noise: f64,
    question: f64,
    threshold: f64,
}

const SCENARIOS: [Raters; 3] = [
    Raters {
        name: "near to each other",
        lead: 0.2,
        noise: 0.4,
        question: 0.7,
        threshold: 0.4,
    },
    Raters {
        name: "far from each other",
        lead: 0.2,
        noise: 1.2,
        question: 0.7,
        threshold: 0.4,
    },
    Raters {
        name: "one verdict prevails",
        lead: 1.8,
        noise: 0.7,
        question: 0.7,
        threshold: 0.2,
    },
];

impl Raters {
    fn category(&self, rng: &mut ChaCha8Rng, worth: f64) -> usize {
        let seen = worth + self.noise * normal(rng);
        if seen > self.threshold {
            0
        } else if seen < -self.threshold {
            2
        } else {
            1
        }
    }

    /// Both raters on the units of one question.
    fn question(&self, rng: &mut ChaCha8Rng, units: usize, mut add: impl FnMut(usize, usize)) {
        let shared = self.lead + self.question * normal(rng);
        for _ in 0..units {
            let worth = shared + normal(rng);
            let first = self.category(rng, worth);
            add(first, self.category(rng, worth));
        }
    }

    fn truth(&self) -> [f64; 2] {
        let mut rng = ChaCha8Rng::seed_from_u64(99);
        let mut cells = vec![0.0; K * K];
        for _ in 0..TRUTH {
            self.question(&mut rng, 1, |a, b| {
                CrossTable::add(&mut cells, K, a, b, 1.0);
            });
        }
        let [kappa, ac1] = coefficients(&cells);
        [kappa.unwrap_or_default(), ac1.unwrap_or_default()]
    }
}

fn coefficients(cells: &[f64]) -> [Option<f64>; 2] {
    let Ok(table) = CrossTable::new(K, cells) else {
        return [None; 2];
    };
    [
        table.cohen_kappa(Weights::Identity).ok(),
        table.gwet(Weights::Identity).ok(),
    ]
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "raters",
        "questions",
        "units of each",
        "kappa",
        "percentile",
        "BCa",
        "t",
        "AC1",
        "percentile",
        "BCa",
        "t",
    ];
    let mut text = head("Agreement of two raters", &columns);
    for raters in &SCENARIOS {
        let truth = raters.truth();
        for (questions, units) in [(30, 1), (100, 1), (300, 1), (30, 5), (100, 5)] {
            let tallies = replicated(
                (questions * 100 + units) as u64,
                replications,
                || [Tally::default(); 6],
                |rng, tallies| one(raters, rng, questions, units, truth, tallies),
                merged,
            );
            let mut cells = vec![
                raters.name.to_owned(),
                questions.to_string(),
                units.to_string(),
                format!("{:.3}", truth[0]),
            ];
            cells.extend(tallies[..3].iter().map(Tally::percent));
            cells.push(format!("{:.3}", truth[1]));
            cells.extend(tallies[3..].iter().map(Tally::percent));
            text += &row(&cells);
        }
    }
    text
}

fn one(
    raters: &Raters,
    rng: &mut ChaCha8Rng,
    questions: usize,
    units: usize,
    truth: [f64; 2],
    mut tallies: [Tally; 6],
) -> [Tally; 6] {
    let labels: Vec<u32> = (0..questions as u32).collect();
    let Ok(mut sums) = ClusterSums::new(K * K, Clusters::OneWay(&labels)) else {
        return tallies;
    };
    for question in 0..questions {
        raters.question(rng, units, |a, b| {
            CrossTable::add(sums.row_of(question), K, a, b, 1.0);
        });
    }
    let made = sums.bootstrap(draws(rng, 599), |cells| coefficients(cells).to_vec());
    for (i, (made, truth)) in made.iter().zip(truth).enumerate() {
        let level = Level::DEFAULT;
        let interval = |j: usize, made: &Bootstrap| match j {
            0 => made.percentile(level),
            1 => made.bca(level),
            _ => t(made, level, questions),
        };
        for j in 0..3 {
            let made = made.as_ref().ok();
            let interval = made.and_then(|made| interval(j, made).ok());
            tallies[3 * i + j].count(interval, truth);
        }
    }
    tallies
}

fn t(made: &Bootstrap, level: Level, clusters: usize) -> Result<Interval, StatsError> {
    let reach = t_upper_quantile(level.tail(), clusters as f64 - 1.0) * made.standard_error();
    let estimate = made.estimate();
    Interval::new(estimate, estimate - reach, estimate + reach, level)
}
