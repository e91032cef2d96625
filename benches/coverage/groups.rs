//! Twelve subgroups of 15 to 200 items whose true win rates have a standard
//! deviation near .05, and twelve equal ones.

use oyer::stats::Level;
use oyer::stats::homogeneity::homogeneity;
use oyer::stats::quantile::{chi_squared_upper_tail, normal_quantile};
use oyer::stats::subgroups::{Direction, Scale, Subgroups, subgroups};
use rand_chacha::ChaCha8Rng;

use crate::draw::{draws, replicated, uniform};
use crate::tally::{Tally, head, merged, row};

const DRAWS: u32 = 500;
const UNEQUAL: [usize; 12] = [15, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200];

fn draw(rng: &mut ChaCha8Rng, rates: &[f64], sizes: &[usize]) -> Option<Subgroups> {
    let (mut scores, mut group) = (Vec::new(), Vec::new());
    for (g, (rate, &size)) in rates.iter().zip(sizes).enumerate() {
        for _ in 0..size {
            let u = uniform(rng);
            scores.push(if u < rate - 0.1 {
                1.0
            } else if u < rate + 0.1 {
                0.5
            } else {
                0.0
            });
            group.push(g as u32);
        }
    }
    let labels: Vec<u32> = (0..scores.len() as u32).collect();
    subgroups(&scores, &group, rates.len(), &labels, Scale::RATE, 2).ok()
}

fn deviation(rates: &[f64]) -> f64 {
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let squares: f64 = rates.iter().map(|r| (r - mean).powi(2)).sum();
    (squares / (rates.len() as f64 - 1.0)).sqrt()
}

pub(crate) fn table(replications: u32) -> String {
    let columns = [
        "groups",
        "spread (Q-profile)",
        "gap",
        "worst group, allowing for the choice",
        "worst group, plain",
        "equality rejected at 5%",
        "by chi-squared",
        "mean gap",
        "gap expected if equal",
        "mean raw deviation",
    ];
    let mut text = head("Subgroups", &columns);
    let spread: Vec<f64> = (0..12)
        .map(|g| 0.6 + 0.05 * normal_quantile((f64::from(g) + 0.5) / 12.0))
        .collect();
    for (name, rates, sizes) in [
        ("12 of 15 to 200, deviation .047", spread, UNEQUAL.to_vec()),
        ("12 of 25, equal", vec![0.6; 12], vec![25; 12]),
        ("24 of 25, equal", vec![0.6; 24], vec![25; 24]),
        ("4 of 25, equal", vec![0.6; 4], vec![25; 4]),
    ] {
        let tallies = replicated(
            sizes.len() as u64,
            replications,
            || [Tally::default(); 9],
            |rng, mut tallies| {
                // Which group has which rate turns with each replication.
                let turn = (uniform(rng) * rates.len() as f64) as usize;
                let mut turned = rates.clone();
                turned.rotate_left(turn);
                if let Some(found) = draw(rng, &turned, &sizes) {
                    count(&found, &turned, rng, &mut tallies);
                }
                tallies
            },
            merged,
        );
        let mut cells = vec![name.to_owned()];
        cells.extend(tallies[..6].iter().map(Tally::percent));
        cells.extend(tallies[6..].iter().map(Tally::mean_width));
        text += &row(&cells);
    }
    text
}

fn count(found: &Subgroups, rates: &[f64], rng: &mut ChaCha8Rng, tallies: &mut [Tally; 9]) {
    let level = Level::DEFAULT;
    let highest = rates.iter().copied().fold(f64::MIN, f64::max);
    let lowest = rates.iter().copied().fold(f64::MAX, f64::min);
    tallies[0].count(
        found.spread(level).map(|spread| spread.tau).ok(),
        deviation(rates),
    );
    if let Ok(gap) = found.gap(level, draws(rng, DRAWS)) {
        tallies[1].count(Some(gap.interval), highest - lowest);
        tallies[6].measure(gap.interval.estimate());
        tallies[7].measure(gap.expected_if_equal);
        tallies[8].measure(gap.deviation);
    }
    if let Ok(worst) = found.worst(Direction::LowerIsWorse, level) {
        tallies[2].count(Some(worst.interval), rates[worst.group]);
        tallies[3].count(found.interval(worst.group, level).ok(), rates[worst.group]);
    }
    let equal = homogeneity(found, draws(rng, 199));
    tallies[4].flag(equal.is_ok_and(|test| test.p.get() <= 0.05));
    tallies[5].flag(chi_squared(found) <= 0.05);
}

/// Cochran's test: `Q` with each group's own variance, as chi-squared.
fn chi_squared(found: &Subgroups) -> f64 {
    let groups: Vec<(f64, f64)> = found
        .means()
        .iter()
        .flatten()
        .filter_map(|mean| Some((mean.mean(), 1.0 / mean.variance()?.max(1e-12))))
        .collect();
    let total: f64 = groups.iter().map(|(_, weight)| weight).sum();
    let centre = groups.iter().map(|(y, weight)| y * weight).sum::<f64>() / total;
    let q = groups
        .iter()
        .map(|(y, weight)| weight * (y - centre).powi(2))
        .sum();
    chi_squared_upper_tail(q, groups.len() as f64 - 1.0)
}
