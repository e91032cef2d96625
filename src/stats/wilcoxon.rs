//! Wilcoxon signed-rank test (Wilcoxon 1945, *Biometrics Bulletin* 1:80).
//!
//! It asks whether independent differences are symmetric about 0, which is not
//! the question whether their mean is 0; the score test is what reports show.
//! Differences of exactly 0 are dropped, as Wilcoxon did.

use super::quantile::normal_upper_tail;
use super::{PValue, StatsError};

/// Differences up to which the exact distribution is used, if no two are of one
/// size.
pub const EXACT_DIFFERENCES: usize = 50;

/// Result of a signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The smaller of the rank sums of positive and negative differences.
    pub statistic: f64,
    /// Two-sided p-value.
    pub p: PValue,
    /// Differences that are not 0.
    pub used: usize,
    /// Whether the p-value is exact; otherwise it is the normal approximation with
    /// the variance corrected for ties.
    pub exact: bool,
}

/// Tests whether independent differences are symmetric about 0.
///
/// # Errors
///
/// When there are no differences, one is not finite, or all are 0.
pub fn signed_rank(differences: &[f64]) -> Result<SignedRank, StatsError> {
    super::cluster::check_scores(differences)?;
    let mut used: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if used.is_empty() {
        return Err(StatsError::NoVariation);
    }
    used.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let runs: Vec<&[f64]> = used
        .chunk_by(|a, b| a.abs().to_bits() == b.abs().to_bits())
        .collect();
    let (positive, ties) = rank_sum(&runs);
    let n = used.len() as f64;
    let total = n * (n + 1.0) / 2.0;
    let statistic = positive.min(total - positive);
    let exact = ties <= 0.0 && used.len() <= EXACT_DIFFERENCES;
    let p = if exact {
        exact_p(used.len(), statistic as usize)
    } else {
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
        2.0 * normal_upper_tail((total / 2.0 - statistic) / variance.sqrt())
    };
    Ok(SignedRank {
        statistic,
        p: PValue::clamped(p),
        used: used.len(),
        exact,
    })
}

/// Rank sum of the positive differences, equal sizes sharing their mean rank, and
/// `sum t^3 - t` over runs of `t` equal sizes.
fn rank_sum(runs: &[&[f64]]) -> (f64, f64) {
    let (mut before, mut positive, mut ties) = (0.0, 0.0, 0.0);
    for run in runs {
        let t = run.len() as f64;
        let rank = before + 0.5 * (t + 1.0);
        positive += rank * run.iter().filter(|d| **d > 0.0).count() as f64;
        ties += t * t * t - t;
        before += t;
    }
    (positive, ties)
}

/// `2 P(W <= statistic)`, by counting the subsets of `1..=n` with each sum.
fn exact_p(n: usize, statistic: usize) -> f64 {
    let mut share = vec![0.0; n * (n + 1) / 2 + 1];
    share[0] = 1.0;
    for rank in 1..=n {
        for total in (0..share.len()).rev() {
            let with = if total >= rank {
                share[total - rank]
            } else {
                0.0
            };
            share[total] = 0.5 * (share[total] + with);
        }
    }
    (2.0 * share[..=statistic].iter().sum::<f64>()).min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Darwin's maize, as in the SciPy documentation of `wilcoxon`.
    #[test]
    fn agrees_with_scipy_on_darwins_maize() {
        let differences = [
            6.0, 8.0, 14.0, 16.0, 23.0, 24.0, 28.0, 29.0, 41.0, -48.0, 49.0, 56.0, 60.0, -67.0,
            75.0,
        ];
        let found = signed_rank(&differences).unwrap();
        assert!((found.statistic - 24.0).abs() < 1e-12 && found.exact);
        assert!(
            (found.p.get() - 0.041_259_765_625).abs() < 1e-14,
            "{:?}",
            found.p
        );
    }

    /// `scipy.stats.wilcoxon(x, zero_method="wilcox", method="asymptotic",
    /// correction=False)`.
    #[test]
    fn equal_sizes_use_the_normal_approximation_of_scipy() {
        let differences = [
            0.5, 0.5, -0.25, 0.0, 0.25, 0.5, 1.0, -0.5, 0.25, 0.75, 0.0, 0.5,
        ];
        let found = signed_rank(&differences).unwrap();
        assert_eq!((found.used, found.exact), (10, false));
        assert!((found.statistic - 8.0).abs() < 1e-12, "{}", found.statistic);
        assert!(
            (found.p.get() - 0.043_451_534_252_480_294).abs() < 1e-10,
            "{:?}",
            found.p
        );
    }

    #[test]
    fn no_differences_are_an_error() {
        assert_eq!(signed_rank(&[]), Err(StatsError::Empty));
        assert_eq!(signed_rank(&[0.0, 0.0]), Err(StatsError::NoVariation));
        assert!(signed_rank(&[0.1, f64::NAN]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The naive twin tries every pattern of signs.
        #[test]
        fn the_exact_p_is_the_share_of_sign_patterns(signs in prop::collection::vec(any::<bool>(), 1..11)) {
            let n = signs.len();
            let differences: Vec<f64> = signs
                .iter()
                .enumerate()
                .map(|(i, up)| (i + 1) as f64 * if *up { 1.3 } else { -1.3 })
                .collect();
            let smaller = |pattern: u32| -> usize {
                let up: usize = (0..n).filter(|i| pattern >> i & 1 == 1).map(|i| i + 1).sum();
                up.min(n * (n + 1) / 2 - up)
            };
            let observed = signs.iter().enumerate().map(|(i, up)| u32::from(*up) << i).sum();
            let count = (0..1_u32 << n).filter(|p| smaller(*p) <= smaller(observed)).count();
            let found = signed_rank(&differences).unwrap();
            prop_assert!((found.p.get() - count as f64 / f64::from(1_u32 << n)).abs() < 1e-12);
        }

        #[test]
        fn turning_all_signs_keeps_the_p_value(d in prop::collection::vec(-4_i8..=4, 1..40)) {
            let plain: Vec<f64> = d.iter().map(|d| f64::from(*d) / 4.0).collect();
            let turned: Vec<f64> = plain.iter().map(|d| -d).collect();
            prop_assert_eq!(signed_rank(&plain), signed_rank(&turned));
        }
    }
}
