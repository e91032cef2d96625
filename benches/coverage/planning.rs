//! Power of designs planned for 80%.

use oyer::stats::planning::{Plan, design_effect, intraclass_correlation, pilot};
use oyer::stats::score_test::score_test;
use oyer::stats::{Clusters, Level, cluster_mean};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, normal, replicated};
use crate::tally::{Tally, head, row};

struct Design {
    questions_of_a_template: usize,
    lead: f64,
    template: f64,
}

#[derive(Default)]
struct Study {
    first: Vec<f64>,
    second: Vec<f64>,
    labels: Vec<u32>,
}

impl Design {
    fn draw(&self, rng: &mut ChaCha8Rng, templates: usize) -> Study {
        let judge = Judge {
            lead: self.lead,
            place: 0.3,
            tie: 0.2,
        };
        let mut study = Study::default();
        for template in 0..templates {
            let shared = self.template * normal(rng);
            for _ in 0..self.questions_of_a_template {
                let effect = shared + 1.2 * normal(rng);
                let (first, second) = judge.both(rng, effect);
                study.first.push(first);
                study.second.push(second);
                study.labels.push(template as u32);
            }
        }
        study
    }
}

impl Study {
    fn scores(&self) -> Vec<f64> {
        self.first
            .iter()
            .zip(&self.second)
            .map(|(a, b)| 0.5 * (a + b))
            .collect()
    }
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "questions of a template",
        "win rate",
        "design effect",
        "questions planned",
        "power reached (planned: 80)",
        "planned as 2n judgments",
        "power reached",
    ];
    let mut text = head("Planned designs", &columns);
    for (questions_of_a_template, lead, template) in [
        (1, 0.25, 0.0),
        (1, 0.5, 0.0),
        (5, 0.25, 0.6),
        (10, 0.25, 0.6),
        (10, 0.25, 1.0),
    ] {
        let design = Design {
            questions_of_a_template,
            lead,
            template,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(99);
        let large = design.draw(&mut rng, 400_000 / questions_of_a_template);
        let Ok(known) = pilot(&large.first, &large.second) else {
            continue;
        };
        let scores = large.scores();
        let rate = scores.iter().sum::<f64>() / scores.len() as f64;
        let icc = intraclass_correlation(&scores, &large.labels).unwrap_or(0.0);
        let deff = design_effect(&[questions_of_a_template], icc).unwrap_or(1.0);
        let plan = |variance: f64, design_effect: f64| {
            Plan {
                variance,
                design_effect,
                level: Level::DEFAULT,
                power: 0.8,
            }
            .items_needed(rate - 0.5)
            .unwrap_or(f64::NAN)
            .ceil()
        };
        let planned = plan(known.variance, deff);
        let naive = plan(0.5 * known.judgment_variance, 1.0);
        text += &row(&[
            questions_of_a_template.to_string(),
            format!("{rate:.3}"),
            format!("{deff:.2}"),
            format!("{planned}"),
            power(&design, planned, replications),
            format!("{naive}"),
            power(&design, naive, replications),
        ]);
    }
    text
}

fn power(design: &Design, questions: f64, replications: u32) -> String {
    let templates = (questions / design.questions_of_a_template as f64)
        .ceil()
        .max(3.0) as usize;
    let found = replicated(
        templates as u64,
        replications,
        Tally::default,
        |rng, mut tally| {
            let study = design.draw(rng, templates);
            let test = cluster_mean(&study.scores(), Clusters::OneWay(&study.labels))
                .and_then(|rate| score_test(&rate, 0.5));
            tally.flag(test.is_ok_and(|test| test.p.get() < 0.05));
            tally
        },
        Tally::plus,
    );
    found.percent()
}
