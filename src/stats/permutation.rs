//! Sign-flip permutation test over clusters.
//!
//! If a rate equals the null and scores are symmetric about it, each cluster's
//! `e_g` (the sum of `score - null` over its items) was as likely to come out
//! with the other sign. The p-value is the share of sign patterns whose total is
//! at least as far from 0 as the one observed: over all patterns for up to 20
//! clusters, and beyond where `e_g` are multiples of one number, as scores of wins, ties
//! and losses are; else over random ones, as `(b + 1)/(B + 1)`.
//!
//! For one cluster dimension only. With 40 questions crossed with sampled personas,
//! flipping by question alone rejects a true null at 5% between 10% (50 personas) and
//! 31% (2 personas) of the time: the table of true nulls in `docs/statistics.md`.

mod lattice;

use rand::Rng;

use super::cluster::{check_length, check_scores, cluster_residuals};
use super::grouping::Dense;
use super::random::{Coins, Draws};
use super::sum::sum;
use super::{PValue, StatsError};
use lattice::lattice_p;

/// Clusters up to which all sign patterns are tried one by one.
pub const EXACT_CLUSTERS: usize = 20;

/// Totals this close, relative to the sum of all sizes, count as equal.
const SAME: f64 = 1e-9;

/// Result of a sign-flip test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignFlip {
    /// Two-sided p-value.
    pub p: PValue,
    /// Number of clusters.
    pub clusters: usize,
    /// Number of random patterns, or `None` where p is the share of all patterns.
    pub draws: Option<Draws>,
}

/// Tests whether the mean of scores differs from `null` by flipping the signs of
/// whole clusters (see the module).
///
/// # Errors
///
/// When the scores are empty or not finite, the null is not finite, or the labels
/// do not match.
pub fn sign_flip(
    scores: &[f64],
    labels: &[u32],
    null: f64,
    draws: Draws,
) -> Result<SignFlip, StatsError> {
    check_scores(scores)?;
    check_length("the cluster column", labels.len(), scores.len())?;
    if !null.is_finite() {
        return Err(StatsError::NotFinite {
            row: 0,
            value: null,
        });
    }
    let residuals = cluster_residuals(scores, null, &Dense::from_labels(labels));
    let exact = if residuals.len() <= EXACT_CLUSTERS {
        Some(exact_p(&residuals))
    } else {
        lattice_p(&residuals)
    };
    Ok(SignFlip {
        p: exact.unwrap_or_else(|| drawn_p(&residuals, draws)),
        clusters: residuals.len(),
        draws: exact.is_none().then_some(draws),
    })
}

/// The total to reach, a little lowered so that rounding does not lose patterns
/// that tie with the observed one.
fn threshold(residuals: &[f64]) -> f64 {
    let reach = sum(residuals.iter().map(|e| e.abs()));
    sum(residuals.iter().copied()).abs() - SAME * reach
}

/// All patterns. Flipping every sign only mirrors the total, so the first sign
/// stays; the others change one at a time in the order of a Gray code.
fn exact_p(residuals: &[f64]) -> PValue {
    let threshold = threshold(residuals);
    let patterns = 1_u64 << (residuals.len() - 1);
    let mut signs: Vec<f64> = residuals.to_vec();
    let mut total = sum(residuals.iter().copied());
    let mut extreme = u64::from(total.abs() >= threshold);
    for pattern in 1..patterns {
        let flipped = 1 + pattern.trailing_zeros() as usize;
        total -= 2.0 * signs[flipped];
        signs[flipped] = -signs[flipped];
        extreme += u64::from(total.abs() >= threshold);
    }
    PValue::clamped(extreme as f64 / patterns as f64)
}

/// Random patterns: a fair coin for each cluster, the smallest first.
fn drawn_p(residuals: &[f64], draws: Draws) -> PValue {
    let threshold = threshold(residuals);
    let sizes = sizes(residuals);
    let clusters: usize = sizes.iter().map(|(_, count)| *count as usize).sum();
    let extreme = if sizes.len() * 8 < clusters {
        draws.each(|rng| by_size(&sizes, rng).abs() >= threshold)
    } else {
        let bytes = bytes(&sizes);
        draws.each(|rng| by_byte(&bytes, rng).abs() >= threshold)
    };
    let extreme = extreme.into_iter().filter(|extreme| *extreme).count();
    PValue::clamped((extreme as f64 + 1.0) / (f64::from(draws.count.max(1)) + 1.0))
}

/// The total of a random pattern. Clusters of one size are drawn together: how many of
/// them are positive is a count of coins.
fn by_size(sizes: &[(f64, u32)], rng: &mut impl Rng) -> f64 {
    let mut coins = Coins::new(rng);
    let of_size = |&(size, count): &(f64, u32)| {
        let heads = coins.heads(count);
        size * (2.0 * f64::from(heads) - f64::from(count))
    };
    sizes.iter().map(of_size).sum()
}

/// The totals of eight clusters after the other, for each of their sign patterns.
fn bytes(sizes: &[(f64, u32)]) -> Vec<[f64; 256]> {
    let clusters: Vec<f64> = sizes
        .iter()
        .flat_map(|&(size, count)| std::iter::repeat_n(size, count as usize))
        .collect();
    let totals = |eight: &[f64]| {
        let sign = |pattern: usize, i: usize| if pattern >> i & 1 == 1 { 1.0 } else { -1.0 };
        let total = |pattern| {
            let signed = eight.iter().enumerate();
            signed.map(|(i, size)| sign(pattern, i) * size).sum()
        };
        std::array::from_fn(total)
    };
    clusters.chunks(8).map(totals).collect()
}

/// The same total of the same coins as [`by_size`], eight at a time.
fn by_byte(bytes: &[[f64; 256]], rng: &mut impl Rng) -> f64 {
    let mut total = 0.0;
    for of_word in bytes.chunks(8) {
        let coins = rng.next_u64().to_le_bytes();
        for (totals, coins) in of_word.iter().zip(coins) {
            total += totals[usize::from(coins)];
        }
    }
    total
}

/// Distinct absolute values, smallest first, with how often each occurs; zeros,
/// which no flip changes, left out.
fn sizes(residuals: &[f64]) -> Vec<(f64, u32)> {
    let mut values: Vec<f64> = residuals
        .iter()
        .map(|e| e.abs())
        .filter(|e| *e > 0.0)
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    values
        .chunk_by(|a, b| a.to_bits() == b.to_bits())
        .map(|run| (run[0], run.len() as u32))
        .collect()
}

#[cfg(test)]
mod tests;
