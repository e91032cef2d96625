//! What stands beside a win rate: the paired difference of two candidates that met
//! one reference, the rate without ties, the position effect, and the win rate at
//! equal length with the judge's taste for it.

use oyer::stats::difference::paired_difference;
use oyer::stats::length_control::{LengthControlled, StyleColumn, length_controlled};
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Interval, Level, cluster_mean};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, normal, replicated};
use crate::tally::{Tally, head, merged, row};

/// Questions of the sample that stands for the population.
const POPULATION: usize = 400_000;
/// How much longer the candidate's answers are, in standard deviations.
const LONGER: f64 = 0.3;

struct Scenario {
    name: &'static str,
    /// What candidates lead the reference by.
    leads: [f64; 2],
    /// Standard deviation of what questions of one template share.
    template: f64,
    questions_of_a_template: usize,
    /// What the judge gives for one standard deviation of length.
    taste: f64,
}

const SCENARIOS: [Scenario; 3] = [
    Scenario {
        name: "questions alone",
        leads: [0.5, 0.3],
        template: 0.0,
        questions_of_a_template: 1,
        taste: 0.6,
    },
    Scenario {
        name: "10 questions to a template",
        leads: [0.5, 0.3],
        template: 1.0,
        questions_of_a_template: 10,
        taste: 0.6,
    },
    Scenario {
        name: "lopsided",
        leads: [2.5, 2.2],
        template: 0.0,
        questions_of_a_template: 1,
        taste: 0.6,
    },
];

/// Two candidates against one reference on the same questions.
#[derive(Default)]
struct Sample {
    first: Vec<f64>,
    second: Vec<f64>,
    /// Score of the answer that was shown first.
    shown_first: Vec<f64>,
    longer: Vec<f64>,
    labels: Vec<u32>,
}

impl Scenario {
    fn judge(&self, candidate: usize) -> Judge {
        Judge {
            lead: self.leads[candidate],
            place: 0.3,
            tie: 0.3,
        }
    }

    fn draw(&self, rng: &mut ChaCha8Rng, questions: usize) -> Sample {
        let mut sample = Sample::default();
        for template in 0..questions / self.questions_of_a_template {
            let shared = self.template * normal(rng);
            for _ in 0..self.questions_of_a_template {
                let hard = shared + 0.8 * normal(rng);
                let longer = LONGER + normal(rng);
                let effect = hard + 0.8 * normal(rng) + self.taste * longer.tanh();
                let (a, b) = self.judge(0).both(rng, effect);
                sample.first.push(0.5 * (a + b));
                sample.shown_first.push(0.5 * (a + 1.0 - b));
                let effect = hard + 0.8 * normal(rng);
                let (a, b) = self.judge(1).both(rng, effect);
                sample.second.push(0.5 * (a + b));
                sample.longer.push(longer);
                sample.labels.push(template as u32);
            }
        }
        sample
    }
}

/// What each method says of a sample: an estimate for the population, an interval for
/// a sample of it.
struct Found {
    estimates: [Option<f64>; 5],
    intervals: [Option<Interval>; 5],
}

fn found(sample: &Sample) -> Found {
    let level = Level::DEFAULT;
    let by = Clusters::OneWay(&sample.labels);
    let paired = paired_difference(&sample.first, &sample.second, by, level).ok();
    let decided: Vec<usize> = (0..sample.first.len())
        .filter(|&item| (sample.first[item] - 0.5).abs() > 0.1)
        .collect();
    let won: Vec<f64> = decided
        .iter()
        .map(|&item| f64::from(u8::from(sample.first[item] > 0.5)))
        .collect();
    let labels: Vec<u32> = decided.iter().map(|&item| sample.labels[item]).collect();
    let without_ties = cluster_mean(&won, Clusters::OneWay(&labels)).ok();
    let place = cluster_mean(&sample.shown_first, by).ok();
    let style = [StyleColumn::length(&sample.longer)];
    let controlled = length_controlled(&sample.first, &style, None, by).ok();
    let slope = |found: &LengthControlled| found.slopes[0];
    let taste = |found: &LengthControlled| {
        let support = found.supports[0].as_ref()?;
        support.interval(&found.slopes[0]?, level).ok()
    };
    Found {
        estimates: [
            paired.as_ref().map(|found| found.mean.mean()),
            without_ties.map(|mean| mean.mean()),
            place.map(|mean| mean.mean()),
            controlled.as_ref().map(|found| found.win_rate.mean()),
            controlled.as_ref().and_then(slope).map(|mean| mean.mean()),
        ],
        intervals: [
            paired.map(|found| found.interval),
            without_ties.and_then(|mean| design_effect_wilson(&mean, level).ok()),
            place.and_then(|mean| design_effect_wilson(&mean, level).ok()),
            controlled
                .as_ref()
                .and_then(|found| design_effect_wilson(&found.win_rate, level).ok()),
            controlled.as_ref().and_then(taste),
        ],
    }
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "scenario",
        "questions",
        "clusters",
        "paired difference",
        "rate without ties",
        "position effect",
        "win rate at equal length",
        "taste for length",
        "width of the difference",
    ];
    let mut text = head("Beside the win rate", &columns);
    for scenario in &SCENARIOS {
        let mut rng = ChaCha8Rng::seed_from_u64(99);
        let truth = found(&scenario.draw(&mut rng, POPULATION)).estimates;
        for questions in [50_usize, 200, 500] {
            let tallies = replicated(
                questions as u64,
                replications,
                || [Tally::default(); 5],
                |rng, mut tallies| {
                    let found = found(&scenario.draw(rng, questions));
                    for ((tally, interval), truth) in
                        tallies.iter_mut().zip(found.intervals).zip(truth)
                    {
                        tally.count(interval, truth.unwrap_or(f64::NAN));
                    }
                    tallies
                },
                merged,
            );
            let mut cells = vec![
                scenario.name.to_owned(),
                questions.to_string(),
                (questions / scenario.questions_of_a_template).to_string(),
            ];
            cells.extend(tallies.iter().map(Tally::percent));
            cells.push(tallies[0].mean_width());
            text += &row(&cells);
        }
    }
    text
}
