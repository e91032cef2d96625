//! Win rates of a judge corrected by labels of some items.
//!
//! What an item is worth is normal: a shared mean, what its question adds, and its own.
//! People and the judge each see it with noise and call it won, tied or lost.

use oyer::stats::prediction_powered::{Items, Tuning, prediction_powered};
use oyer::stats::quantile::normal_cdf;
use oyer::stats::rogan_gladen::{Share, rogan_gladen};
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Interval, Level, cluster_mean};
use rand_chacha::ChaCha8Rng;

use crate::draw::{normal, replicated};
use crate::tally::{Tally, head, merged, row};

struct Scenario {
    name: &'static str,
    /// How much the judge likes the candidate more than people do.
    bias: f64,
    /// Noise of the judge; that of people is .5.
    noise: f64,
    /// Half the width of a tie; 0 for wins and losses only.
    tie: f64,
    question: f64,
}

const PEOPLE: f64 = 0.5;
const LEAD: f64 = 0.15;

const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "good judge, biased",
        bias: 0.4,
        noise: 0.5,
        tie: 0.3,
        question: 0.6,
    },
    Scenario {
        name: "poor judge",
        bias: 0.4,
        noise: 2.0,
        tie: 0.3,
        question: 0.6,
    },
    Scenario {
        name: "judge who knows nothing",
        bias: 0.4,
        noise: 40.0,
        tie: 0.3,
        question: 0.6,
    },
    Scenario {
        name: "wins and losses only",
        bias: 0.4,
        noise: 0.5,
        tie: 0.0,
        question: 0.6,
    },
];

impl Scenario {
    fn outcome(&self, rng: &mut ChaCha8Rng, worth: f64, noise: f64) -> f64 {
        let seen = worth + noise * normal(rng);
        if seen > self.tie {
            1.0
        } else if seen < -self.tie {
            0.0
        } else {
            0.5
        }
    }

    /// What people would say of all items there could be.
    fn truth(&self) -> f64 {
        let spread = (1.0 + PEOPLE * PEOPLE + self.question * self.question).sqrt();
        let at = |x: f64| normal_cdf((LEAD + x) / spread);
        0.5 * (at(self.tie) + at(-self.tie))
    }
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "judge",
        "questions",
        "items of each",
        "labelled",
        "win rate by people",
        "judge alone",
        "labels alone",
        "PPI++, guarded (default)",
        "PPI++, no guard",
        "Rogan-Gladen",
        "width, labels alone",
        "width, PPI++",
        "width, Rogan-Gladen",
    ];
    let mut text = head("Win rates corrected by labels", &columns);
    for scenario in &SCENARIOS {
        for (questions, items, labelled) in
            [(500, 1, 30), (500, 1, 100), (100, 10, 100), (100, 10, 300)]
        {
            let tallies = replicated(
                (questions * 1000 + labelled) as u64,
                replications,
                || [Tally::default(); 5],
                |rng, tallies| one(scenario, rng, questions, items, labelled, tallies),
                merged,
            );
            let mut cells = vec![
                scenario.name.to_owned(),
                questions.to_string(),
                items.to_string(),
                labelled.to_string(),
                format!("{:.3}", scenario.truth()),
            ];
            cells.extend(tallies.iter().map(Tally::percent));
            cells.extend([1, 2, 4].map(|i: usize| tallies[i].mean_width()));
            text += &row(&cells);
        }
    }
    text
}

fn one(
    scenario: &Scenario,
    rng: &mut ChaCha8Rng,
    questions: usize,
    items: usize,
    labelled: usize,
    mut tallies: [Tally; 5],
) -> [Tally; 5] {
    let (mut judge, mut people, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
    for question in 0..questions {
        let shared = LEAD + scenario.question * normal(rng);
        for _ in 0..items {
            let worth = shared + normal(rng);
            people.push(scenario.outcome(rng, worth, PEOPLE));
            judge.push(scenario.outcome(rng, worth + scenario.bias, scenario.noise));
            clusters.push(question as u32);
        }
    }
    // A random sample of the items is labelled: those with the smallest random keys.
    let mut order: Vec<(f64, usize)> = (0..judge.len()).map(|i| (normal(rng), i)).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut labels = vec![None; judge.len()];
    for (_, i) in &order[..labelled] {
        labels[*i] = Some(people[*i]);
    }
    let given = Items {
        judge: &judge,
        people: &labels,
        clusters: Clusters::OneWay(&clusters),
        strata: &[],
        weights: &[],
    };
    let rate = |values: &[f64], clusters: &[u32]| {
        let mean = cluster_mean(values, Clusters::OneWay(clusters)).ok()?;
        design_effect_wilson(&mean, Level::DEFAULT).ok()
    };
    let rows: Vec<usize> = (0..judge.len()).filter(|i| labels[*i].is_some()).collect();
    let y: Vec<f64> = rows.iter().filter_map(|i| labels[*i]).collect();
    let groups: Vec<u32> = rows.iter().map(|i| clusters[*i]).collect();
    let alone = rate(&y, &groups);
    let powered = |tuning: Tuning| -> Option<Interval> {
        let made = prediction_powered(given, tuning).ok()?;
        if made.strata()[0].lambda == 0.0 {
            return alone;
        }
        made.interval(Level::DEFAULT).ok()
    };
    let truth = scenario.truth();
    tallies[0].count(rate(&judge, &clusters), truth);
    tallies[1].count(alone, truth);
    tallies[2].count(powered(Tuning::Power), truth);
    tallies[3].count(powered(Tuning::PowerUnguarded), truth);
    if scenario.tie == 0.0 {
        tallies[4].count(by_errors(&judge, &labels, &clusters), truth);
    }
    tallies
}

/// Rogan and Gladen's rate, with numbers of items divided by their design effects.
fn by_errors(judge: &[f64], labels: &[Option<f64>], clusters: &[u32]) -> Option<Interval> {
    let share = |value: &dyn Fn(usize) -> Option<f64>| -> Option<Share> {
        let (mut values, mut groups) = (Vec::new(), Vec::new());
        for (i, cluster) in clusters.iter().enumerate() {
            if let Some(value) = value(i) {
                values.push(value);
                groups.push(*cluster);
            }
        }
        let mean = cluster_mean(&values, Clusters::OneWay(&groups)).ok()?;
        let effect = mean.design_effect().unwrap_or(1.0).max(1.0);
        Some(Share {
            share: mean.mean(),
            of: values.len() as f64 / effect,
        })
    };
    let right = |i: usize, truth: bool| {
        let label = labels[i].filter(|label| (*label > 0.5) == truth)?;
        Some(f64::from(u8::from((judge[i] > 0.5) == (label > 0.5))))
    };
    let judged = share(&|i| labels[i].is_none().then_some(judge[i]))?;
    let sensitivity = share(&|i| right(i, true))?;
    let specificity = share(&|i| right(i, false))?;
    rogan_gladen(judged, specificity, sensitivity, Level::DEFAULT).ok()
}
