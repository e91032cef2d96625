//! How unequal groups are without noise, of one model and changed by tuning.
//!
//! Every persona answers every question under both models. An answer is right where a
//! normal lead is above 0: its persona's, what the question adds (deviation .7), what the
//! question adds for the group (.3), and noise, of which half is the same under both
//! models. Leads of personas are set so that the rate over all questions is the planted
//! one; the truth is the disparity of the planted rates of the groups drawn.

use oyer::stats::disparity::{MEASURES, Sigma, change, disparity, estimated};
use oyer::stats::quantile::normal_quantile;
use oyer::stats::subgroups::{Scale, Subgroups, subgroups};
use oyer::stats::{Interval, Level};
use rand_chacha::ChaCha8Rng;

use crate::draw::{draws, normal, replicated};
use crate::tally::{Tally, head, merged, row};

const DRAWS: u32 = 300;
const LEVEL: f64 = 0.45;
const RAISED: f64 = 0.15;
const QUESTION: f64 = 0.7;
const QUESTION_IN_GROUP: f64 = 0.3;
/// Deviation of personas about their group.
const PERSONA: f64 = 0.05;

/// Deviation of the groups' true rates under the base and the tuned model, and what
/// tuning adds to all of them.
const SPREADS: [([f64; 2], f64); 5] = [
    ([0.0, 0.0], RAISED),
    ([0.05, 0.05], RAISED),
    ([0.1, 0.1], 0.0),
    ([0.05, 0.1], RAISED),
    ([0.1, 0.05], RAISED),
];

/// Groups, personas in each, and questions.
const SIZES: [(usize, usize, usize); 9] = [
    (6, 1, 24),
    (6, 1, 56),
    (6, 4, 24),
    (12, 1, 24),
    (12, 1, 56),
    (24, 1, 24),
    (24, 1, 56),
    (50, 1, 24),
    (50, 1, 56),
];

/// A study of both models.
struct Study {
    groups: [Subgroups; 2],
    rates: [Vec<f64>; 2],
}

fn draw(
    rng: &mut ChaCha8Rng,
    (count, personas, questions): (usize, usize, usize),
    (deviations, raised): ([f64; 2], f64),
) -> Option<Study> {
    let of_question: Vec<f64> = (0..questions).map(|_| QUESTION * normal(rng)).collect();
    let mut scores = [Vec::new(), Vec::new()];
    let (mut group, mut labels) = (Vec::new(), Vec::new());
    let mut rates = [vec![0.0; count], vec![0.0; count]];
    for g in 0..count as u32 {
        let of_group = rates_of(rng, deviations);
        let in_group: Vec<f64> = of_question
            .iter()
            .map(|effect| effect + QUESTION_IN_GROUP * normal(rng))
            .collect();
        for _ in 0..personas {
            let own = match personas {
                1 => 0.0,
                _ => PERSONA * bounded(rng),
            };
            let planted = [0.0, raised];
            let lead: [f64; 2] = std::array::from_fn(|model| {
                let rate = LEVEL + planted[model] + of_group[model] + own;
                rates[model][g as usize] += rate / personas as f64;
                lead(rate)
            });
            for (question, effect) in in_group.iter().enumerate() {
                let both = normal(rng);
                for (scores, lead) in scores.iter_mut().zip(lead) {
                    let noise = (both + normal(rng)) * 0.5_f64.sqrt();
                    scores.push(f64::from(u8::from(lead + effect + noise > 0.0)));
                }
                group.push(g);
                labels.push(question as u32);
            }
        }
    }
    let made = |scores: &[f64]| subgroups(scores, &group, count, &labels, Scale::RATE, 2).ok();
    Some(Study {
        groups: [made(&scores[0])?, made(&scores[1])?],
        rates,
    })
}

/// What a group's rates lie off the level by; the two go together with r = .7.
fn rates_of(rng: &mut ChaCha8Rng, deviations: [f64; 2]) -> [f64; 2] {
    let first = bounded(rng);
    let second = 0.7 * first + 0.51_f64.sqrt() * bounded(rng);
    [deviations[0] * first, deviations[1] * second]
}

/// Nearly normal, and short enough that rates stay inside the scale.
fn bounded(rng: &mut ChaCha8Rng) -> f64 {
    normal(rng).clamp(-2.5, 2.5)
}

/// The lead of a persona that is right at this rate over all questions.
fn lead(rate: f64) -> f64 {
    let effects = QUESTION * QUESTION + QUESTION_IN_GROUP * QUESTION_IN_GROUP;
    normal_quantile(rate) * (1.0 + effects).sqrt()
}

/// Counts of the four measures.
#[derive(Clone, Copy, Default)]
struct Measured {
    held: [Tally; MEASURES],
    /// Of the SD: studies without an interval, and the width of those given.
    without: Tally,
    width: Tally,
}

impl Measured {
    fn plus(self, other: Self) -> Self {
        Self {
            held: merged(self.held, other.held),
            without: self.without.plus(other.without),
            width: self.width.plus(other.width),
        }
    }

    fn count(&mut self, known: [Option<Interval>; MEASURES], truth: [Option<f64>; MEASURES]) {
        let known = known.map(reported);
        for (tally, (known, truth)) in self.held.iter_mut().zip(known.into_iter().zip(truth)) {
            if let (Some(known), Some(truth)) = (known, truth) {
                // Of equal groups the truth is 0 but for rounding.
                let truth = if truth.abs() < 1e-12 { 0.0 } else { truth };
                tally.count(Some(known), truth);
            }
        }
        let deviation = known[MEASURES - 1];
        self.without.flag(deviation.is_none());
        if let Some(known) = deviation {
            self.width.measure(known.width());
        }
    }

    fn cells(&self) -> Vec<String> {
        let mut cells: Vec<String> = self.held.iter().map(Tally::percent).collect();
        cells.push(self.width.mean_width());
        cells.push(self.without.percent());
        cells
    }
}

#[derive(Clone, Copy, Default)]
struct Tallies {
    one: Measured,
    change: Measured,
}

impl Tallies {
    fn plus(self, other: Self) -> Self {
        Self {
            one: self.one.plus(other.one),
            change: self.change.plus(other.change),
        }
    }

    /// Counts the change, and one model's measures if they are wanted.
    fn count(mut self, study: &Study, with_one: bool, rng: &mut ChaCha8Rng) -> Self {
        let (sigma, level) = (Sigma::Population, Level::DEFAULT);
        let [base, tuned] = &study.groups;
        let truth = study
            .rates
            .each_ref()
            .map(|rates| disparity(rates, sigma).map(|truth| truth.measures()));
        let [Ok(before), Ok(after)] = truth else {
            return self;
        };
        if with_one && let Ok(alone) = estimated(base, sigma, level, draws(rng, DRAWS)) {
            self.one.count(alone.without_noise, before);
        }
        if let Ok(changed) = change(base, tuned, sigma, level, draws(rng, DRAWS)) {
            let less = |at: usize| Some(after[at]? - before[at]?);
            let truth = std::array::from_fn(less);
            self.change.count(changed.without_noise, truth);
        }
        self
    }
}

/// What reports give: nothing where the limits have shrunk to 0.
fn reported(known: Option<Interval>) -> Option<Interval> {
    known.filter(|known| known.low() != 0.0 || known.high() != 0.0)
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "groups",
        "personas in each",
        "questions",
        "true SD",
        "level",
        "one model: Norm. Range",
        "CV",
        "range",
        "SD",
        "mean width of SD",
        "% without interval",
        "change: Norm. Range",
        "CV",
        "range",
        "SD",
        "mean width of SD",
        "% without interval",
    ];
    // A study takes as long as many of the other tables'.
    let replications = replications.div_ceil(2);
    let title = format!("Disparity without noise, {replications} replications");
    let mut text = head(&title, &columns);
    for size in SIZES {
        for spread in SPREADS {
            let stays = spread.0[0].total_cmp(&spread.0[1]).is_eq();
            let tallies = replicated(
                (size.0 * size.1 + size.2) as u64,
                replications,
                Tallies::default,
                |rng, tallies: Tallies| match draw(rng, size, spread) {
                    Some(study) => tallies.count(&study, stays, rng),
                    None => tallies,
                },
                Tallies::plus,
            );
            text += &row(&cells(size, spread, &tallies));
        }
    }
    text
}

fn cells(
    (groups, personas, questions): (usize, usize, usize),
    ([before, after], raised): ([f64; 2], f64),
    tallies: &Tallies,
) -> Vec<String> {
    let mut cells = vec![
        groups.to_string(),
        personas.to_string(),
        questions.to_string(),
        format!("{before} to {after}"),
        format!("{LEVEL} to {}", LEVEL + raised),
    ];
    cells.extend(tallies.one.cells());
    cells.extend(tallies.change.cells());
    cells
}
