//! The win rate at equal length and the judge's taste for it where few items are lost: of all
//! fits, and of those that reports make claims of. Scores are of 0 and 1, or graded and close
//! to them. Then where questions are crossed with personas, and what is lost is spread over all
//! of them or gathered in few, and where items of a cluster share a style.

use oyer::stats::length_control::{LengthControlled, StyleColumn, length_controlled};
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Interval, Level};
use rand_chacha::ChaCha8Rng;

use crate::draw::{normal, replicated, uniform};
use crate::tally::{Tally, head, merged, row};

/// What items lost, and items won, add up to where reports give intervals, with one control:
/// each as a share of the most that one was lost, or won, or of a quarter.
const FEWEST: f64 = 5.0;
const LEAST: f64 = 0.25;

/// What scores add up to, the largest of them counted as one.
fn counted(scores: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = scores.clone().fold(LEAST, f64::max);
    scores.sum::<f64>() / most
}
/// How much longer the candidate's answers are, in standard deviations.
const LONGER: f64 = 0.3;

/// A fit to independent items of which some are won, whatever their lengths.
fn fit(rng: &mut ChaCha8Rng, won: &[f64]) -> Option<LengthControlled> {
    let longer: Vec<f64> = won.iter().map(|_| LONGER + normal(rng)).collect();
    let labels: Vec<u32> = (0..won.len() as u32).collect();
    let style = [StyleColumn::length(&longer)];
    length_controlled(won, &style, None, Clusters::OneWay(&labels)).ok()
}

/// The score of an item that is won or lost, at most `graded` from 1 or 0.
fn score(rng: &mut ChaCha8Rng, won: bool, graded: f64) -> f64 {
    let off = if graded > 0.0 {
        graded * uniform(rng)
    } else {
        0.0
    };
    if won { 1.0 - off } else { off }
}

/// Intervals of the win rate at equal length and of the taste.
fn intervals(found: &LengthControlled) -> [Option<Interval>; 2] {
    [
        design_effect_wilson(&found.win_rate, Level::DEFAULT).ok(),
        tastes(found).next(),
    ]
}

/// The intervals of all slopes that have one.
fn tastes(found: &LengthControlled) -> impl Iterator<Item = Interval> {
    let slopes = found.slopes.iter().zip(&found.supports);
    slopes.filter_map(|(slope, support)| {
        let support = support.as_ref()?;
        support.interval(slope.as_ref()?, Level::DEFAULT).ok()
    })
}

const QUESTIONS: u32 = 60;
const PERSONAS: u32 = 12;

/// What is lost where questions are crossed with personas.
#[derive(Clone, Copy)]
enum Lost {
    /// Half of the items, some questions and personas more than others.
    Half,
    /// Something of every item: scores between these.
    Graded(f64, f64),
    /// Half of the items of so many personas.
    OfPersonas(u32),
    /// Half of the items of so many questions.
    OfQuestions(u32),
}

impl Lost {
    fn named(self) -> String {
        match self {
            Self::Half => "half of all".to_owned(),
            Self::Graded(low, high) => format!("graded {low} to {high}"),
            Self::OfPersonas(few) => format!("half, of {few} personas"),
            Self::OfQuestions(few) => format!("half, of {few} questions"),
        }
    }

    /// The expected score, where questions and personas are drawn anew each time.
    fn truth(self) -> Option<f64> {
        match self {
            Self::Half => Some(0.5),
            Self::Graded(low, high) => Some(f64::midpoint(low, high)),
            Self::OfPersonas(_) | Self::OfQuestions(_) => None,
        }
    }

    fn score(self, rng: &mut ChaCha8Rng, [question, persona]: [u32; 2], effect: f64) -> f64 {
        let half =
            |rng: &mut ChaCha8Rng, loses: bool| f64::from(u8::from(!loses || uniform(rng) < 0.5));
        match self {
            Self::Half => {
                let chance = (1.0 + (-effect).exp()).recip();
                f64::from(u8::from(uniform(rng) < chance))
            }
            Self::Graded(low, high) => low + (high - low) * uniform(rng),
            Self::OfPersonas(few) => half(rng, persona < few),
            Self::OfQuestions(few) => half(rng, question < few),
        }
    }
}

/// Numbers of items that share a part with all of their question, and of their persona.
fn crossed(rng: &mut ChaCha8Rng, [of_question, of_persona]: [f64; 2]) -> Vec<f64> {
    let questions: Vec<f64> = (0..QUESTIONS).map(|_| of_question * normal(rng)).collect();
    let personas: Vec<f64> = (0..PERSONAS).map(|_| of_persona * normal(rng)).collect();
    (0..QUESTIONS * PERSONAS)
        .map(|i| {
            let own = normal(rng);
            questions[(i / PERSONAS) as usize] + personas[(i % PERSONAS) as usize] + own
        })
        .collect()
}

/// Tastes that are not there, for styles that items of a question and of a persona share.
fn of_crossed(replications: u32) -> String {
    let mut text = head(
        "At equal length, 60 questions crossed with 12 personas",
        &[
            "lost",
            "controls",
            "win rate at equal length",
            "taste rejected at 5% (none)",
        ],
    );
    let designs = [
        Lost::Half,
        Lost::Graded(0.6, 0.75),
        Lost::Graded(0.9, 1.0),
        Lost::OfPersonas(6),
        Lost::OfPersonas(4),
        Lost::OfPersonas(3),
        Lost::OfPersonas(2),
        Lost::OfQuestions(20),
        Lost::OfQuestions(10),
        Lost::OfQuestions(6),
        Lost::OfQuestions(4),
    ];
    let items = QUESTIONS * PERSONAS;
    let question: Vec<u32> = (0..items).map(|i| i / PERSONAS).collect();
    let persona: Vec<u32> = (0..items).map(|i| i % PERSONAS).collect();
    for (number, lost) in designs.into_iter().enumerate() {
        for controls in [1, 3] {
            let tallies = replicated(
                number as u64 * 10 + controls,
                replications,
                || [Tally::default(); 2],
                |rng, mut tallies| {
                    let effects = crossed(rng, [0.8, 0.4]);
                    let scores: Vec<f64> = (0..items)
                        .map(|i| {
                            let place = [question[i as usize], persona[i as usize]];
                            lost.score(rng, place, effects[i as usize])
                        })
                        .collect();
                    let styles: Vec<Vec<f64>> =
                        (0..controls).map(|_| crossed(rng, [1.0, 1.0])).collect();
                    let columns: Vec<StyleColumn<'_>> = (styles.iter().enumerate())
                        .map(|(i, difference)| StyleColumn {
                            difference,
                            squashed: i == 0,
                        })
                        .collect();
                    let by = Clusters::TwoWay(&question, &persona);
                    let Ok(found) = length_controlled(&scores, &columns, None, by) else {
                        return tallies;
                    };
                    if let Some(truth) = lost.truth() {
                        tallies[0].count(intervals(&found)[0], truth);
                    }
                    for taste in tastes(&found) {
                        tallies[1].flag(!taste.contains(0.0));
                    }
                    tallies
                },
                merged,
            );
            text += &row(&[
                lost.named(),
                controls.to_string(),
                tallies[0].percent(),
                tallies[1].percent(),
            ]);
        }
    }
    text
}

/// How the items of a cluster share a style.
#[derive(Clone, Copy)]
enum Shared {
    /// So much of its variance is the cluster's, normal, and the rest the item's.
    Variance(f64),
    /// It is on in so many clusters and off in the others.
    On(u32),
}

impl Shared {
    fn named(self) -> String {
        match self {
            Self::Variance(share) => format!("{share} of its variance"),
            Self::On(clusters) => format!("on in {clusters}"),
        }
    }

    /// A style of items with these clusters.
    fn style(self, rng: &mut ChaCha8Rng, labels: &[u32], count: u32) -> Vec<f64> {
        match self {
            Self::Variance(share) => {
                let of_cluster: Vec<f64> = (0..count).map(|_| normal(rng)).collect();
                let [shared, own] = [share.sqrt(), (1.0 - share).sqrt()];
                labels
                    .iter()
                    .map(|label| shared * of_cluster[*label as usize] + own * normal(rng))
                    .collect()
            }
            Self::On(clusters) => labels
                .iter()
                .map(|label| f64::from(u8::from(*label < clusters)))
                .collect(),
        }
    }
}

/// Tastes that are not there, for styles that items of a cluster share.
fn of_clusters(replications: u32) -> String {
    let mut text = head(
        "Taste for a style that items of a cluster share",
        &[
            "questions",
            "personas",
            "style of the",
            "shared",
            "styles",
            "clusters",
            "taste rejected at 5% (none)",
        ],
    );
    let all = Shared::Variance(1.0);
    let designs = [
        (60, 12, "persona", all, 1, "question × persona"),
        (60, 12, "persona", all, 1, "persona"),
        (60, 8, "persona", all, 1, "question × persona"),
        (30, 24, "persona", all, 1, "question × persona"),
        (40, 12, "persona", all, 6, "question × persona"),
        (12, 20, "question", all, 1, "question"),
        (20, 20, "question", all, 1, "question"),
        (40, 20, "question", all, 1, "question × persona"),
        (40, 12, "persona", Shared::Variance(0.99), 1, "persona"),
        (40, 12, "persona", Shared::Variance(0.9), 1, "persona"),
        (40, 12, "persona", Shared::Variance(0.5), 1, "persona"),
        (40, 12, "persona", Shared::Variance(0.0), 1, "persona"),
        (12, 20, "question", Shared::Variance(0.99), 1, "question"),
        (40, 12, "question", Shared::On(2), 1, "question"),
        (40, 12, "question", Shared::On(3), 1, "question"),
        (40, 12, "question", Shared::On(4), 1, "question"),
        (40, 12, "question", Shared::On(6), 1, "question"),
        (40, 12, "persona", Shared::On(3), 1, "persona"),
    ];
    for (number, (questions, personas, level, shared, styles, by)) in
        designs.into_iter().enumerate()
    {
        let items = questions * personas;
        let question: Vec<u32> = (0..items).map(|i| i / personas).collect();
        let persona: Vec<u32> = (0..items).map(|i| i % personas).collect();
        let clusters = match by {
            "question" => Clusters::OneWay(&question),
            "persona" => Clusters::OneWay(&persona),
            _ => Clusters::TwoWay(&question, &persona),
        };
        let (sharing, count) = match level {
            "question" => (&question, questions),
            _ => (&persona, personas),
        };
        let spread = |rng: &mut ChaCha8Rng, labels: &[u32], count: u32, size: f64| {
            let values: Vec<f64> = (0..count).map(|_| size * normal(rng)).collect();
            labels
                .iter()
                .map(|label| values[*label as usize])
                .collect::<Vec<f64>>()
        };
        let [rejected] = replicated(
            number as u64,
            replications,
            || [Tally::default()],
            |rng, mut tallies| {
                let of_question = spread(rng, &question, questions, 0.5);
                let of_persona = spread(rng, &persona, personas, 0.5);
                let scores: Vec<f64> = (of_question.iter().zip(&of_persona))
                    .map(|(a, b)| {
                        f64::from(u8::from(uniform(rng) < (1.0 + (-a - b).exp()).recip()))
                    })
                    .collect();
                let columns: Vec<Vec<f64>> = (0..styles)
                    .map(|_| shared.style(rng, sharing, count))
                    .collect();
                let columns: Vec<StyleColumn<'_>> = (columns.iter())
                    .map(|difference| StyleColumn {
                        difference,
                        squashed: false,
                    })
                    .collect();
                let Ok(found) = length_controlled(&scores, &columns, None, clusters) else {
                    return tallies;
                };
                for taste in tastes(&found) {
                    tallies[0].flag(!taste.contains(0.0));
                }
                tallies
            },
            merged,
        );
        text += &row(&[
            questions.to_string(),
            personas.to_string(),
            level.to_owned(),
            shared.named(),
            styles.to_string(),
            by.to_owned(),
            rejected.percent(),
        ]);
    }
    text
}

/// Few losses at random, a fixed number of them, and losses gathered in few clusters.
pub(crate) fn table(replications: u32) -> String {
    [
        of_chance(replications),
        of_number(replications),
        of_crossed(replications),
        of_clusters(replications),
    ]
    .join("\n")
}

/// Few losses at random.
fn of_chance(replications: u32) -> String {
    let of_rates = head(
        "At equal length, where few items are lost",
        &[
            "items",
            "won",
            "graded within",
            "win rate at equal length, all fits",
            "reports give an interval",
            "that misses, of all fits",
            "taste for length (none), all fits",
            "missed in reports, of all fits",
        ],
    );
    let mut text = of_rates;
    for (items, rate, graded) in [
        (50, 0.97, 0.0),
        (50, 0.94, 0.0),
        (50, 0.9, 0.0),
        (50, 0.8, 0.0),
        (200, 0.99, 0.0),
        (200, 0.97, 0.0),
        (200, 0.95, 0.0),
        (50, 0.94, 0.01),
        (50, 0.9, 0.1),
        (200, 0.99, 0.01),
        (200, 0.97, 0.01),
        (200, 0.95, 0.1),
    ] {
        // Scores are off by half of it on the average.
        let truth = rate + graded / 2.0 * (1.0 - 2.0 * rate);
        let tallies = replicated(
            items as u64,
            replications,
            || [Tally::default(); 5],
            |rng, mut tallies| {
                let won: Vec<f64> = (0..items)
                    .map(|_| {
                        let won = uniform(rng) < rate;
                        score(rng, won, graded)
                    })
                    .collect();
                let lost = counted(won.iter().map(|score| 1.0 - score));
                let claims = lost.min(counted(won.iter().copied())) >= FEWEST;
                // Where none is lost the raw rate stands.
                let Some(found) = fit(rng, &won).filter(|found| found.slopes[0].is_some()) else {
                    return tallies;
                };
                let [equal, taste] = intervals(&found);
                let misses = |interval: Option<Interval>, truth: f64| {
                    claims && interval.is_some_and(|interval| !interval.contains(truth))
                };
                tallies[0].count(equal, truth);
                tallies[1].flag(claims && equal.is_some());
                tallies[2].flag(misses(equal, truth));
                tallies[3].count(taste, 0.0);
                tallies[4].flag(misses(taste, 0.0));
                tallies
            },
            merged,
        );
        let mut cells = vec![items.to_string(), rate.to_string(), graded.to_string()];
        cells.extend(tallies.iter().map(Tally::percent));
        text += &row(&cells);
    }
    text
}

/// A fixed number of losses.
fn of_number(replications: u32) -> String {
    let mut text = head(
        "Taste for length, by items lost",
        &[
            "items",
            "lost",
            "graded within",
            "rejected at 5% (no taste)",
        ],
    );
    let of_two = [1, 2, 3, 4, 5, 6, 8, 10, 15, 30].map(|lost| (lost, 0.0));
    let graded = [1, 2, 3, 5, 10].map(|lost| (lost, 0.01));
    for (lost, graded) in of_two.into_iter().chain(graded) {
        let [rejected] = replicated(
            lost as u64,
            replications,
            || [Tally::default()],
            |rng, mut tallies| {
                let won: Vec<f64> = (0..100)
                    .map(|item| score(rng, item >= lost, graded))
                    .collect();
                let found = fit(rng, &won);
                if let Some([_, Some(taste)]) = found.as_ref().map(intervals) {
                    tallies[0].flag(!taste.contains(0.0));
                }
                tallies
            },
            merged,
        );
        text += &row(&[
            "100".to_owned(),
            lost.to_string(),
            graded.to_string(),
            rejected.percent(),
        ]);
    }
    text
}
