//! Random draws that do not depend on how many threads make them.
//!
//! Each replicate owns a stream of `ChaCha8` picked by its index, and results are
//! collected in the order of the index, so a seed fixes every byte.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How many random replicates to make, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    /// Seed of all streams.
    pub seed: u64,
    /// Number of replicates; 0 counts as 1.
    pub count: u32,
}

impl Draws {
    /// 2,000 replicates: with 100, the 97.5% quantile itself has a standard
    /// deviation of a quarter of a standard error.
    pub const BOOTSTRAP: Self = Self {
        seed: 0,
        count: 2_000,
    };
    /// 20,000 replicates, so that a p-value near .05 is known to .0015.
    pub const PERMUTATION: Self = Self {
        seed: 0,
        count: 20_000,
    };

    /// The same number of replicates from another seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// One result for each replicate, in order.
    pub(crate) fn each<T: Send>(self, make: impl Fn(&mut ChaCha8Rng) -> T + Sync) -> Vec<T> {
        let base = ChaCha8Rng::seed_from_u64(self.seed);
        (0..self.count.max(1))
            .into_par_iter()
            .with_min_len(16)
            .map(|replicate| {
                let mut stream = base.clone();
                stream.set_stream(u64::from(replicate));
                make(&mut stream)
            })
            .collect()
    }
}

/// A uniform draw from `0..bound`, without bias (Lemire 2019, *ACM TOMACS* 29:3).
///
/// Written here and not taken from a crate because a crate may change how it
/// spends random words, and with it every stored result.
pub(crate) fn below(rng: &mut impl Rng, bound: u32) -> u32 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(bound);
        if product as u32 >= threshold {
            return (product >> 32) as u32;
        }
    }
}

/// Fair coins, dealt from 64-bit words.
pub(crate) struct Coins<'a, R> {
    rng: &'a mut R,
    word: u64,
    left: u32,
}

impl<'a, R: Rng> Coins<'a, R> {
    pub(crate) fn new(rng: &'a mut R) -> Self {
        Self {
            rng,
            word: 0,
            left: 0,
        }
    }

    /// How many of `count` coins show heads.
    pub(crate) fn heads(&mut self, count: u32) -> u32 {
        let mut heads = 0;
        let mut missing = count;
        while missing > 0 {
            if self.left == 0 {
                self.word = self.rng.next_u64();
                self.left = 64;
            }
            let take = missing.min(self.left);
            let mask = u64::MAX >> (64 - take);
            heads += (self.word & mask).count_ones();
            self.word = self.word.checked_shr(take).unwrap_or(0);
            self.left -= take;
            missing -= take;
        }
        heads
    }
}

/// How many of `trials` succeed, each with the chance `part / whole`.
///
/// Exact: each trial is a uniform number told bit by bit beside the chance, whose
/// binary digits long division gives, until it is above or below. Half the trials
/// are decided by each bit, so that all cost two coins a trial, 64 to a word.
pub(crate) fn binomial<R: Rng>(
    coins: &mut Coins<'_, R>,
    trials: u32,
    part: u64,
    whole: u64,
) -> u32 {
    debug_assert!(part <= whole && whole < u64::MAX / 2, "a chance is a share");
    if part == whole {
        return trials;
    }
    let (mut successes, mut undecided, mut rest) = (0, trials, part);
    // Once the digits of the chance end, what is still equal is not below it.
    while undecided > 0 && rest > 0 {
        rest *= 2;
        let ones = coins.heads(undecided);
        if rest >= whole {
            rest -= whole;
            successes += undecided - ones;
            undecided = ones;
        } else {
            undecided -= ones;
        }
    }
    successes
}

/// A standard normal draw.
pub(crate) fn normal(rng: &mut impl Rng) -> f64 {
    normals(rng)[0]
}

/// Two independent standard normal draws, by the polar method (Marsaglia & Bray 1964).
pub(crate) fn normals(rng: &mut impl Rng) -> [f64; 2] {
    let unit = |rng: &mut dyn FnMut() -> u64| (rng() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut next = || rng.next_u64();
    loop {
        let u = 2.0 * unit(&mut next) - 1.0;
        let v = 2.0 * unit(&mut next) - 1.0;
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            let factor = (-2.0 * s.ln() / s).sqrt();
            return [u * factor, v * factor];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicates_are_the_same_for_any_number_of_threads() {
        let draws = Draws {
            seed: 7,
            count: 500,
        };
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| draws.each(|rng| (rng.next_u64(), below(rng, 1000))))
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(16));
    }

    #[test]
    fn replicates_and_seeds_differ() {
        let first = Draws { seed: 1, count: 50 }.each(Rng::next_u64);
        let second = Draws { seed: 2, count: 50 }.each(Rng::next_u64);
        let mut all = [first, second].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100);
    }

    #[test]
    fn bounded_draws_are_even() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[below(&mut rng, 7) as usize] += 1;
        }
        // Ten standard deviations of a binomial count are 926.
        assert!(
            counts.iter().all(|count| count.abs_diff(10_000) < 926),
            "{counts:?}"
        );
    }

    #[test]
    fn coins_are_dealt_one_by_one_across_words() {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let together: u32 = Coins::new(&mut rng).heads(1000);
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut coins = Coins::new(&mut rng);
        let apart: u32 = [1, 62, 3, 64, 128, 700, 0, 42]
            .into_iter()
            .map(|n| coins.heads(n))
            .sum();
        assert_eq!(together, apart);
        assert!(together.abs_diff(500) < 100);
    }

    #[test]
    fn binomial_counts_have_their_mean_and_variance() {
        let mut rng = ChaCha8Rng::seed_from_u64(13);
        let mut coins = Coins::new(&mut rng);
        for (trials, part, whole) in [(40, 3, 10), (7, 1, 3), (1000, 999, 1000), (130, 1, 2)] {
            let p = part as f64 / whole as f64;
            let (mean, variance) = (f64::from(trials) * p, f64::from(trials) * p * (1.0 - p));
            let n = 20_000;
            let counts: Vec<f64> = (0..n)
                .map(|_| f64::from(binomial(&mut coins, trials, part, whole)))
                .collect();
            assert!(counts.iter().all(|count| *count <= f64::from(trials)));
            let found = counts.iter().sum::<f64>() / f64::from(n);
            let spread = counts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!(
                (found - mean).abs() < 5.0 * (variance / f64::from(n)).sqrt(),
                "{found} {mean}"
            );
            assert!((spread / variance - 1.0).abs() < 0.1, "{spread} {variance}");
        }
        assert_eq!(binomial(&mut coins, 9, 0, 5), 0);
        assert_eq!(binomial(&mut coins, 9, 5, 5), 9);
        assert_eq!(binomial(&mut coins, 0, 1, 5), 0);
    }

    #[test]
    fn few_trials_have_the_binomial_distribution() {
        let mut rng = ChaCha8Rng::seed_from_u64(17);
        let mut coins = Coins::new(&mut rng);
        let mut counts = [0_u32; 3];
        for _ in 0..90_000 {
            counts[binomial(&mut coins, 2, 1, 3) as usize] += 1;
        }
        // 4/9, 4/9 and 1/9 of 90,000; ten standard deviations are 1,491 and 943.
        assert!(counts[0].abs_diff(40_000) < 1_491, "{counts:?}");
        assert!(counts[1].abs_diff(40_000) < 1_491, "{counts:?}");
        assert!(counts[2].abs_diff(10_000) < 943, "{counts:?}");
    }

    #[test]
    fn normal_draws_have_mean_zero_and_variance_one() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let draws: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let square = draws.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(
            mean.abs() < 0.04 && (square - 1.0).abs() < 0.06,
            "{mean} {square}"
        );
    }
}
