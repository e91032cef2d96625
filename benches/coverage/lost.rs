//! The win rate at equal length and the judge's taste for it where few items are lost: of all
//! fits, and of those that reports make claims of. Scores are of 0 and 1, or graded and close
//! to them.

use oyer::stats::length_control::{LengthControlled, StyleColumn, length_controlled};
use oyer::stats::t_interval::t_interval;
use oyer::stats::wilson::design_effect_wilson;
use oyer::stats::{Clusters, Interval, Level};
use rand_chacha::ChaCha8Rng;

use crate::draw::{normal, replicated, uniform};
use crate::tally::{Tally, head, merged, row};

/// What items lost, and items won, add up to where reports give intervals, with one control.
const FEWEST: f64 = 5.0;
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
    let slope = found.slopes[0];
    [
        design_effect_wilson(&found.win_rate, Level::DEFAULT).ok(),
        slope.and_then(|slope| t_interval(&slope, Level::DEFAULT).ok()),
    ]
}

/// Few losses at random, and a fixed number of them.
pub(crate) fn table(replications: u32) -> String {
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
                let sum: f64 = won.iter().sum();
                let claims = sum.min(f64::from(items) - sum) >= FEWEST;
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
    text += "\n";
    text += &head(
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
