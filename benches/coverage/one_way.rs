//! Items judged in both orders; questions stand alone or share a template.

use oyer::stats::bootstrap::cluster_bootstrap;
use oyer::stats::proportion::{Proportion, wilson};
use oyer::stats::t_interval::t_interval;
use oyer::stats::tango::tango_win_rate;
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Draws, Level, Outcomes, cluster_mean};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, draws, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const DRAWS: u32 = 599;

struct Scenario {
    name: &'static str,
    judge: Judge,
    /// Standard deviations of what templates and questions add to the lead.
    template: f64,
    question: f64,
    questions_of_a_template: usize,
}

const SCENARIOS: [Scenario; 7] = [
    scenario("A consistent judge", [0.6, 0.0, 0.0], 0.0, 3.0, 1),
    scenario("B noisy judge", [0.4, 0.0, 0.0], 0.0, 1.2, 1),
    scenario("C consistent, with ties", [0.6, 0.0, 0.9], 0.0, 3.0, 1),
    scenario("D strong place effect", [0.3, 1.5, 0.0], 0.0, 1.0, 1),
    scenario("E lopsided", [5.0, 0.0, 0.0], 0.0, 3.0, 1),
    scenario(
        "F 10 questions to a template",
        [0.4, 0.3, 0.2],
        1.2,
        1.2,
        10,
    ),
    scenario("G the same, lopsided", [3.0, 0.3, 0.2], 1.2, 1.2, 10),
];

const fn scenario(
    name: &'static str,
    [lead, place, tie]: [f64; 3],
    template: f64,
    question: f64,
    questions_of_a_template: usize,
) -> Scenario {
    let judge = Judge { lead, place, tie };
    Scenario {
        name,
        judge,
        template,
        question,
        questions_of_a_template,
    }
}

/// What one data set holds.
struct Sample {
    /// Score of each item with the candidate first and second.
    both: Vec<(f64, f64)>,
    labels: Vec<u32>,
}

impl Scenario {
    fn draw(&self, rng: &mut ChaCha8Rng, questions: usize) -> Sample {
        let mut sample = Sample {
            both: Vec::new(),
            labels: Vec::new(),
        };
        for template in 0..questions / self.questions_of_a_template {
            let shared = self.template * normal(rng);
            for _ in 0..self.questions_of_a_template {
                let effect = shared + self.question * normal(rng);
                sample.both.push(self.judge.both(rng, effect));
                sample.labels.push(template as u32);
            }
        }
        sample
    }

    fn truth(&self) -> f64 {
        self.judge
            .truth(self.template.powi(2) + self.question.powi(2))
    }

    /// Truth of the outcomes that Tango's interval takes: won or lost in both
    /// orders, else tied.
    fn collapsed_truth(&self) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(99);
        let sample = self.draw(&mut rng, 400_000);
        collapsed(&sample).win_rate().unwrap_or(0.5)
    }
}

fn collapsed(sample: &Sample) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for &(first, second) in &sample.both {
        if first + second >= 2.0 {
            outcomes.wins += 1;
        } else if first + second <= 0.0 {
            outcomes.losses += 1;
        } else {
            outcomes.ties += 1;
        }
    }
    outcomes
}

const METHODS: [&str; 6] = [
    "Wilson on 2n judgments",
    "t",
    "design-effect Wilson",
    "Tango",
    "bootstrap percentile",
    "bootstrap BCa",
];

pub(crate) fn table(replications: u32) -> String {
    let mut columns = vec!["scenario", "questions", "clusters", "win rate"];
    columns.extend(METHODS);
    columns.push("width of design-effect Wilson");
    let mut text = head("Both orders, one cluster dimension", &columns);
    for (s, scenario) in SCENARIOS.iter().enumerate() {
        let (truth, collapsed_truth) = (scenario.truth(), scenario.collapsed_truth());
        for questions in [30, 50, 100, 200, 500] {
            let clusters = questions / scenario.questions_of_a_template;
            if clusters < 10 {
                continue;
            }
            let tallies = replicated(
                1_000 * s as u64 + questions as u64,
                replications,
                || [Tally::default(); METHODS.len()],
                |rng, mut tallies| {
                    let sample = scenario.draw(rng, questions);
                    let truths = [truth, collapsed_truth];
                    count(&sample, truths, draws(rng, DRAWS), &mut tallies);
                    tallies
                },
                merged,
            );
            let mut cells = vec![
                scenario.name.to_owned(),
                questions.to_string(),
                clusters.to_string(),
                format!("{truth:.3}"),
            ];
            cells.extend(tallies.iter().map(Tally::percent));
            cells.push(tallies[2].mean_width());
            text += &row(&cells);
        }
    }
    text
}

fn count(
    sample: &Sample,
    [truth, collapsed_truth]: [f64; 2],
    draws: Draws,
    tallies: &mut [Tally; METHODS.len()],
) {
    let level = Level::DEFAULT;
    let scores: Vec<f64> = sample.both.iter().map(|(a, b)| 0.5 * (a + b)).collect();
    // Ties as half wins, rounded up: what a tool that counts judgments would do.
    let wins: f64 = sample.both.iter().map(|(a, b)| a + b).sum();
    let naive = Proportion::new(wins.ceil() as u64, 2 * sample.both.len() as u64)
        .map(|proportion| wilson(proportion, level))
        .ok();
    tallies[0].count(naive, truth);
    let items: Vec<u32> = (0..scores.len() as u32).collect();
    let by_item = cluster_mean(&scores, Clusters::OneWay(&items));
    tallies[1].count(
        by_item.and_then(|mean| t_interval(&mean, level)).ok(),
        truth,
    );
    let by_cluster = cluster_mean(&scores, Clusters::OneWay(&sample.labels));
    tallies[2].count(
        by_cluster
            .and_then(|mean| design_effect_wilson(&mean, level))
            .ok(),
        truth,
    );
    tallies[3].count(
        tango_win_rate(collapsed(sample), level).ok(),
        collapsed_truth,
    );
    let boot = cluster_bootstrap(&scores, Clusters::OneWay(&sample.labels), draws);
    tallies[4].count(
        boot.as_ref()
            .ok()
            .and_then(|boot| boot.percentile(level).ok()),
        truth,
    );
    tallies[5].count(boot.ok().and_then(|boot| boot.bca(level).ok()), truth);
}
