//! The chance of a simulated reply.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of choices that depends on its seeds alone. Numbers are made from the
/// stream's bits here, so that no release of a random-number crate changes them.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    /// Of the entry's seed (none is 0), the request's seed and the draw.
    pub(super) fn new(entry: Option<i64>, request: Option<i64>, draw: &[u8; 32]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("oyer 2026 draws of a simulated model");
        hasher.update(&entry.unwrap_or(0).to_le_bytes());
        hasher.update(&[u8::from(request.is_some())]);
        hasher.update(&request.unwrap_or(0).to_le_bytes());
        hasher.update(draw);
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// Whether something of this probability happens.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        /// 2⁻⁵³: the 53 high bits of a draw make a number in [0, 1).
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.0.next_u64() >> 11) as f64) * UNIT < probability
    }

    /// A number below `count`; 0 where that is 0. Its bias is below count / 2⁶⁴.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * count as u128;
        (product >> 64) as usize
    }

    /// One of the choices.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }

    /// The choices in a random order (Fisher and Yates).
    pub(super) fn shuffled<'a, T>(&mut self, choices: &'a [T]) -> Vec<&'a T> {
        let mut order: Vec<&T> = choices.iter().collect();
        for last in (1..order.len()).rev() {
            let other = self.below(last + 1);
            order.swap(last, other);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(seed: i64) -> Draws {
        Draws::new(Some(seed), None, &[7; 32])
    }

    #[test]
    fn every_seed_is_a_stream_of_its_own() {
        let first =
            |entry, request, draw: [u8; 32]| Draws::new(entry, request, &draw).below(usize::MAX);
        let base = first(Some(1), Some(2), [3; 32]);
        assert_eq!(base, first(Some(1), Some(2), [3; 32]));
        assert_ne!(base, first(Some(9), Some(2), [3; 32]));
        assert_ne!(base, first(Some(1), Some(9), [3; 32]));
        assert_ne!(base, first(Some(1), None, [3; 32]));
        assert_ne!(base, first(Some(1), Some(2), [9; 32]));
        assert_eq!(first(None, None, [3; 32]), first(Some(0), None, [3; 32]));
    }

    #[test]
    fn the_stream_never_changes() {
        let mut stream = draws(1);
        let numbers: Vec<usize> = (0..8).map(|_| stream.below(100)).collect();
        assert_eq!(numbers, [67, 60, 2, 97, 25, 25, 1, 16]);
    }

    #[test]
    fn certain_and_impossible_are_so() {
        let mut draws = draws(2);
        for _ in 0..1000 {
            assert!(draws.chance(1.0));
            assert!(!draws.chance(0.0));
            assert!(!draws.chance(f64::NAN));
        }
    }

    #[test]
    fn a_shuffle_keeps_all_choices() {
        let choices = [1, 2, 3, 4, 5];
        let mut shuffled = draws(3).shuffled(&choices);
        shuffled.sort_unstable();
        assert_eq!(shuffled, [&1, &2, &3, &4, &5]);
        assert!(draws(3).shuffled::<u8>(&[]).is_empty());
        assert_eq!(draws(3).pick::<u8>(&[]), None);
    }
}
