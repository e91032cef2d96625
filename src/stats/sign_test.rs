//! Exact tests of two counts that are equally likely under the null.
//!
//! Wins against losses of independent items, or questions whose first answer won
//! in both orders against those whose second did. Ties stay out. This is the
//! exact McNemar test on discordant pairs.

use super::PValue;
use super::quantile::{fair_binomial_cdf, fair_binomial_mass};

/// Exact two-sided binomial test: twice the smaller tail, at most 1. With no
/// outcomes at all the p-value is 1.
pub fn sign_test(a: u64, b: u64) -> PValue {
    PValue::clamped(2.0 * fair_binomial_cdf(a.min(b), a + b))
}

/// Mid-p version: the observed outcome counts half (1 where the counts are equal). Less conservative than the
/// exact test and still near its level (Fagerland, Lydersen & Laake 2013, *BMC
/// Medical Research Methodology* 13:91).
pub fn mid_p(a: u64, b: u64) -> PValue {
    if a == b {
        return PValue::clamped(1.0);
    }
    let (smaller, n) = (a.min(b), a + b);
    PValue::clamped(2.0 * fair_binomial_cdf(smaller, n) - fair_binomial_mass(smaller, n))
}

#[cfg(test)]
mod tests;
