//! Power of studies planned for 80%, from a scatter that is known.

use oyer::stats::score_test::score_test;
use oyer::stats::study_size::{Design, Needed, Orders, Scatter, scatter_of};
use oyer::stats::{Clusters, Level, cluster_mean};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::draw::{Judge, normal, replicated};
use crate::tally::{Tally, head, row};

/// Questions crossed with personas. Where personas do not differ, they stand for the
/// questions of a template.
struct World {
    lead: f64,
    question: f64,
    persona: f64,
    personas: u64,
}

#[derive(Default)]
struct Study {
    first: Vec<f64>,
    second: Vec<f64>,
    question: Vec<u32>,
    persona: Vec<u32>,
}

impl World {
    fn draw(&self, rng: &mut ChaCha8Rng, questions: u64, personas: u64) -> Study {
        let judge = Judge {
            lead: self.lead,
            place: 0.3,
            tie: 0.2,
        };
        let of_persona: Vec<f64> = (0..personas).map(|_| self.persona * normal(rng)).collect();
        let mut study = Study::default();
        for question in 0..questions as u32 {
            let shared = self.question * normal(rng);
            for (persona, of_persona) in of_persona.iter().enumerate() {
                let effect = shared + of_persona + normal(rng);
                let (first, second) = judge.both(rng, effect);
                study.first.push(first);
                study.second.push(second);
                study.question.push(question);
                study.persona.push(persona as u32);
            }
        }
        study
    }

    /// The win rate, and how scores scatter around it.
    fn known(&self) -> Option<(f64, Scatter)> {
        let mut rng = ChaCha8Rng::seed_from_u64(99);
        let large = self.draw(&mut rng, 1_000, 1_000);
        let persona = Some(large.persona.as_slice());
        let seen = scatter_of(
            &large.first,
            Some(&large.second),
            &large.question,
            persona,
            0.0,
        )
        .ok()?;
        let judge = Judge {
            lead: self.lead,
            place: 0.3,
            tie: 0.2,
        };
        let rate = judge.truth(self.question.powi(2) + self.persona.powi(2) + 1.0);
        Some((rate, seen.scatter))
    }

    fn design(&self, scatter: Scatter, orders: Orders) -> Design {
        Design {
            scatter,
            sampled_personas: self.persona > 0.0,
            orders,
            level: Level::DEFAULT,
            one_sided: false,
            power: 0.8,
        }
    }

    /// Share of studies of this size that find a difference.
    fn power(&self, questions: u64, orders: Orders, replications: u32) -> String {
        let found = replicated(
            questions,
            replications,
            Tally::default,
            |rng, mut tally| {
                let study = self.draw(rng, questions, self.personas);
                let scores = study.scores(orders);
                let clusters = if self.persona > 0.0 && self.personas > 1 {
                    Clusters::TwoWay(&study.question, &study.persona)
                } else {
                    Clusters::OneWay(&study.question)
                };
                let test = cluster_mean(&scores, clusters).and_then(|rate| score_test(&rate, 0.5));
                tally.flag(test.is_ok_and(|test| test.p.get() < 0.05));
                tally
            },
            Tally::plus,
        );
        found.percent()
    }
}

impl Study {
    /// One order: the candidate first in every other item of a question and of a
    /// persona.
    fn scores(&self, orders: Orders) -> Vec<f64> {
        let item = |i: usize| match orders {
            Orders::Both => 0.5 * (self.first[i] + self.second[i]),
            Orders::One if (self.question[i] + self.persona[i]).is_multiple_of(2) => self.first[i],
            Orders::One => self.second[i],
        };
        (0..self.first.len()).map(item).collect()
    }
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "personas",
        "clusters",
        "win rate",
        "orders",
        "questions planned",
        "design effect",
        "power reached (planned: 80)",
        "questions if judgments were independent",
        "power reached",
    ];
    let mut text = head("Planned studies", &columns);
    for (lead, question, persona, personas) in [
        (0.25, 0.8, 0.0, 1),
        (0.5, 0.8, 0.0, 1),
        (1.2, 0.8, 0.0, 1),
        (0.25, 0.6, 0.0, 5),
        (0.25, 1.0, 0.0, 10),
        (0.5, 0.8, 0.3, 10),
        (0.5, 0.8, 0.5, 18),
        (0.4, 0.8, 0.5, 40),
    ] {
        let world = World {
            lead,
            question,
            persona,
            personas,
        };
        let Some((rate, scatter)) = world.known() else {
            continue;
        };
        for orders in [Orders::Both, Orders::One] {
            let design = world.design(scatter, orders);
            let Ok(Needed::Questions(planned)) = design.questions_needed(rate, personas) else {
                continue;
            };
            let judgments = if orders == Orders::Both { 2.0 } else { 1.0 };
            let z = 2.801_585;
            let naive = (z * z * 0.25 * scatter.judgment
                / (judgments * personas as f64 * (rate - 0.5).powi(2)))
            .ceil()
            .max(3.0) as u64;
            text += &row(&[
                personas.to_string(),
                if persona > 0.0 {
                    "two-way"
                } else {
                    "questions"
                }
                .to_owned(),
                format!("{rate:.3}"),
                if orders == Orders::Both {
                    "both"
                } else {
                    "one"
                }
                .to_owned(),
                planned.to_string(),
                format!("{:.2}", design.design_effect(planned, personas)),
                world.power(planned, orders, replications),
                naive.to_string(),
                world.power(naive, orders, replications),
            ]);
        }
    }
    text
}
