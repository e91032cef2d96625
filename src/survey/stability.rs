//! How far the most frequent answer depends on who happened to be asked.
//!
//! A bootstrap draw takes as many respondents as there are, with replacement. How
//! many of each answer are drawn is multinomial over their numbers, so no respondent
//! is looked at. A respondent keeps their weight; the weights drawn for an answer sum
//! to their number times the mean weight of that answer, plus a normal term with the
//! variance of its weights, which is exact where the weights of an answer are equal.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::items::{Cell, is_among_most};
use crate::stats::random::{Coins, below, binomial, normals};

/// Above this variance a binomial count is drawn from the normal distribution: its
/// skewness is then under 1/10, and the chance of a count is off by less than 1/500, far
/// under what a share of some hundred draws tells.
const NORMAL_ABOVE: f64 = 100.0;
/// A lead of this many standard errors is lost in no draw.
const SAFE: f64 = 8.0;

/// A stream of random numbers of one item.
fn stream(seed: u64, names: [&str; 2], what: &str) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for name in names.into_iter().chain([what]) {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
    }
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// One of `count`, drawn for this item.
pub(super) fn pick(seed: u64, names: [&str; 2], count: usize) -> usize {
    below(&mut stream(seed, names, "tie"), count.max(1) as u32) as usize
}

/// The share of draws in which `mode` is not among the most frequent answers.
pub(super) fn unstable(seed: u64, names: [&str; 2], cells: &[Cell], mode: u16, draws: u32) -> f64 {
    let near = contenders(cells, mode);
    if near.len() < 2 {
        return 0.0;
    }
    let people = cells.iter().map(|cell| cell.n).sum();
    let mut source = Source {
        rng: stream(seed, names, "bootstrap"),
        spare: None,
    };
    let mut weights = vec![0.0; near.len()];
    let mut other = 0_u32;
    for _ in 0..draws {
        source.draw(&near, people, &mut weights);
        other += u32::from(!is_among_most(&weights, 0));
    }
    f64::from(other) / f64::from(draws.max(1))
}

/// The mode, then the other answers but for those that it leads by so many standard
/// errors of the difference of their totals that no draw changes it. How many of the
/// latter are drawn makes no difference, so they are not drawn.
fn contenders(cells: &[Cell], mode: u16) -> Vec<Cell> {
    let top = cells[usize::from(mode)];
    let others = cells.iter().enumerate();
    let others = others.filter(|(position, _)| *position != usize::from(mode));
    let near = others.filter(|(_, cell)| {
        let lead = top.weight - cell.weight;
        cell.n > 0 && lead <= SAFE * (top.square + cell.square).sqrt()
    });
    [top]
        .into_iter()
        .chain(near.map(|(_, cell)| *cell))
        .collect()
}

/// Random numbers of one item.
struct Source {
    rng: ChaCha8Rng,
    /// Normal draws come in pairs.
    spare: Option<f64>,
}

impl Source {
    /// Draws the weights of the first answers of a multinomial; of the others it is only
    /// known that they are the rest of the people.
    fn draw(&mut self, cells: &[Cell], people: u64, weights: &mut [f64]) {
        let (mut left, mut trials) = (people, people);
        for (cell, weight) in cells.iter().zip(weights) {
            let taken = if cell.n == 0 {
                0
            } else {
                self.successes(trials, cell.n, left)
            };
            trials -= taken;
            left -= cell.n;
            *weight = self.weight(cell, taken);
        }
    }

    /// How many of `trials` succeed with the chance `part / whole`.
    fn successes(&mut self, trials: u64, part: u64, whole: u64) -> u64 {
        let chance = part as f64 / whole as f64;
        let variance = trials as f64 * chance * (1.0 - chance);
        if variance > NORMAL_ABOVE {
            let number = trials as f64 * chance + variance.sqrt() * self.normal();
            return number.round().clamp(0.0, trials as f64) as u64;
        }
        let trials = u32::try_from(trials).unwrap_or(u32::MAX);
        u64::from(binomial(
            &mut Coins::new(&mut self.rng),
            trials,
            part,
            whole,
        ))
    }

    fn weight(&mut self, cell: &Cell, taken: u64) -> f64 {
        if taken == 0 {
            return 0.0;
        }
        let (n, taken) = (cell.n as f64, taken as f64);
        let mean = cell.weight / n;
        let variance = cell.square / n - mean * mean;
        // What rounding leaves of equal weights is no variance.
        if variance <= 1e-12 * mean * mean {
            return taken * mean;
        }
        (taken * mean + (taken * variance).sqrt() * self.normal()).max(0.0)
    }

    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let [first, second] = normals(&mut self.rng);
        self.spare = Some(second);
        first
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the same draws give the same bits")]
mod tests {
    use super::*;

    fn cells(counts: &[u64], weight: f64) -> Vec<Cell> {
        let cell = |n: &u64| Cell {
            n: *n,
            weight: *n as f64 * weight,
            square: *n as f64 * weight * weight,
        };
        counts.iter().map(cell).collect()
    }

    fn share(counts: &[u64], weight: f64, mode: u16) -> f64 {
        unstable(7, ["p", "q"], &cells(counts, weight), mode, 20_000)
    }

    /// The chance that the first of two answers is drawn less often than the second.
    fn exact(first: u32, second: u32) -> f64 {
        let n = first + second;
        let p = f64::from(first) / f64::from(n);
        let (mut term, mut below) = (f64::from(n) * (1.0 - p).ln(), 0.0);
        for k in 0..n {
            if 2 * k < n {
                below += term.exp();
            }
            term += (f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p)).ln();
        }
        below
    }

    #[test]
    fn two_answers_change_places_as_often_as_the_binomial_says() {
        for (first, second) in [(20, 15), (30, 29), (55, 40)] {
            let found = share(&[u64::from(first), u64::from(second)], 1.0, 0);
            assert!((found - exact(first, second)).abs() < 0.012, "{found}");
        }
    }

    #[test]
    fn many_respondents_are_drawn_alike_by_the_normal_distribution() {
        let found = share(&[1_020, 1_000], 1.0, 0);
        assert!((found - exact(1_020, 1_000)).abs() < 0.012, "{found}");
    }

    #[test]
    fn equal_weights_change_nothing() {
        assert_eq!(share(&[20, 15, 9], 1.0, 0), share(&[20, 15, 9], 0.25, 0));
    }

    #[test]
    fn weights_that_differ_make_a_mode_less_stable() {
        let mut uneven = cells(&[20, 12], 1.0);
        for cell in &mut uneven {
            cell.square *= 4.0;
        }
        let even = share(&[20, 12], 1.0, 0);
        assert!(unstable(7, ["p", "q"], &uneven, 0, 20_000) > even + 0.03);
    }

    #[test]
    fn a_wide_lead_is_safe_and_an_item_has_its_own_draws() {
        assert_eq!(share(&[5_000, 100], 1.0, 0), 0.0);
        let cells = cells(&[20, 18], 1.0);
        let one = unstable(7, ["p", "q"], &cells, 0, 100);
        assert_eq!(one, unstable(7, ["p", "q"], &cells, 0, 100));
        let others = ["q1", "q2", "q3"].map(|q| unstable(7, ["p", q], &cells, 0, 100));
        assert!(others.iter().any(|other| *other != one));
    }

    #[test]
    fn a_tie_is_broken_by_the_seed_alone() {
        let picks: Vec<usize> = (0..40).map(|seed| pick(seed, ["p", "q"], 2)).collect();
        assert!(picks.contains(&0) && picks.contains(&1));
        assert_eq!(pick(3, ["p", "q"], 2), pick(3, ["p", "q"], 2));
    }
}
