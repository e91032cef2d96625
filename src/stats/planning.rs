//! How many items a study needs, and what a given number can show.
//!
//! For a win rate `p` tested against one half at level `alpha`,
//!
//! `n = (z_{1-alpha/2} + z_{power})^2 * Var(s) * DEFF / (p - 1/2)^2`
//!
//! items, where `s` is the score of an item. For two orders,
//! `Var(s) = Var_1 (1 + rho)/2` with `Var_1` the variance of one judgment and
//! `rho` the correlation of the two orders. `DEFF = 1 + (m - 1) ICC` for clusters
//! of `m` items (Kish 1965, *Survey Sampling*).
//!
//! What studies planned so reach, and what those do that count judgments as though
//! each were an item, is the table of planned studies in `docs/statistics.md`.
//! [`super::study_size`] plans whole studies, with the t quantiles of their clusters.

use super::cluster::{check_length, check_scores, mean};
use super::grouping::Dense;
use super::quantile::{normal_cdf, normal_upper_quantile, t_upper_quantile};
use super::sum::sum;
use super::{ClusterMean, Level, StatsError};

/// What a study is planned with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Variance of an item's score (after averaging its orders).
    pub variance: f64,
    /// Design effect of the clusters; 1 where items are independent.
    pub design_effect: f64,
    /// Level of the interval whose test is planned for.
    pub level: Level,
    /// Chance to find the effect, such as `0.8`.
    pub power: f64,
}

impl Plan {
    fn check(&self) -> Result<(), StatsError> {
        positive("the variance of a score", self.variance)?;
        positive("the design effect", self.design_effect)?;
        if self.power > 0.0 && self.power < 1.0 {
            Ok(())
        } else {
            Err(StatsError::OutOfRange {
                what: "the power",
                value: self.power,
                low: 0.0,
                high: 1.0,
            })
        }
    }

    fn reach(&self) -> f64 {
        normal_upper_quantile(self.level.tail()) + normal_upper_quantile(1.0 - self.power)
    }

    /// Items needed to find a mean `effect` away from the null, such as `0.05` for
    /// a win rate of `.55`. Not rounded: round up.
    ///
    /// # Errors
    ///
    /// When the effect is 0 or not finite, or the plan is out of range.
    pub fn items_needed(&self, effect: f64) -> Result<f64, StatsError> {
        self.check()?;
        positive("the effect", effect.abs())?;
        Ok((self.reach() / effect).powi(2) * self.variance * self.design_effect)
    }

    /// The smallest effect that a number of items finds with the power of the
    /// plan.
    ///
    /// # Errors
    ///
    /// When there are no items, or the plan is out of range.
    pub fn smallest_effect(&self, items: u64) -> Result<f64, StatsError> {
        self.check()?;
        if items == 0 {
            return Err(StatsError::Empty);
        }
        Ok(self.reach() * (self.variance * self.design_effect / items as f64).sqrt())
    }

    /// Chance that a number of items finds an effect.
    ///
    /// # Errors
    ///
    /// When there are no items, the effect is not finite, or the plan is out of
    /// range.
    pub fn power_with(&self, items: u64, effect: f64) -> Result<f64, StatsError> {
        self.check()?;
        if items == 0 {
            return Err(StatsError::Empty);
        }
        if !effect.is_finite() {
            return Err(StatsError::NotFinite {
                row: 0,
                value: effect,
            });
        }
        let error = (self.variance * self.design_effect / items as f64).sqrt();
        let z = normal_upper_quantile(self.level.tail());
        let shift = effect.abs() / error;
        Ok(normal_cdf(shift - z) + normal_cdf(-shift - z))
    }
}

fn positive(what: &'static str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(StatsError::OutOfRange {
            what,
            value,
            low: f64::MIN_POSITIVE,
            high: f64::MAX,
        })
    }
}

/// Variance of one judgment's score from the shares of wins and ties:
/// `p_w + p_t/4 - p^2`.
pub fn outcome_variance(wins: f64, ties: f64) -> f64 {
    let p = wins + 0.5 * ties;
    wins + 0.25 * ties - p * p
}

/// Variance of the average over two orders: `Var_1 (1 + rho)/2`.
pub fn two_order_variance(one_judgment: f64, order_correlation: f64) -> f64 {
    0.5 * one_judgment * (1.0 + order_correlation)
}

/// `1 + (m - 1) ICC`, with `m = sum m_g^2 / sum m_g` for clusters of unequal
/// sizes; a negative ICC counts as 0.
///
/// # Errors
///
/// When there are no items.
pub fn design_effect(cluster_sizes: &[usize], icc: f64) -> Result<f64, StatsError> {
    let items: usize = cluster_sizes.iter().sum();
    if items == 0 {
        return Err(StatsError::Empty);
    }
    let squares: f64 = cluster_sizes.iter().map(|&m| (m as f64).powi(2)).sum();
    Ok(1.0 + (squares / items as f64 - 1.0) * icc.max(0.0))
}

/// The smallest difference from the null that a finished study would have found
/// with this power: `(t_{1-alpha/2} + t_{power}) * SE`.
///
/// # Errors
///
/// When some dimension has a single cluster or the power is not between 0 and 1.
pub fn smallest_detectable(
    study: &ClusterMean,
    level: Level,
    power: f64,
) -> Result<f64, StatsError> {
    if !(power > 0.0 && power < 1.0) {
        return Err(StatsError::OutOfRange {
            what: "the power",
            value: power,
            low: 0.0,
            high: 1.0,
        });
    }
    let error = study.standard_error().ok_or(StatsError::TooFewClusters {
        found: study.clusters().smallest(),
        needed: 2,
    })?;
    let df = study.degrees_of_freedom() as f64;
    Ok((t_upper_quantile(level.tail(), df) + t_upper_quantile(1.0 - power, df)) * error)
}

/// Items that a comparison of two models needs when answers are sampled (Miller
/// 2024, arXiv 2411.00640, section 5):
/// `(z + z)^2 (omega^2 + sigma_A^2/K_A + sigma_B^2/K_B) / delta^2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampledAnswers {
    /// Variance over items of the expected difference.
    pub between_items: f64,
    /// Variance of a score within an item over the samples of it, for each model.
    pub within_item: [f64; 2],
    /// Samples of each item, for each model, at least 1.
    pub samples: [u32; 2],
}

impl SampledAnswers {
    /// Variance of an item's difference.
    pub fn variance(&self) -> f64 {
        let share = |k: usize| self.within_item[k] / f64::from(self.samples[k].max(1));
        self.between_items + share(0) + share(1)
    }
}

/// What a pilot says of scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pilot {
    /// Items with both orders.
    pub items: usize,
    /// Variance of a single judgment's score within its order, averaged over the
    /// two.
    pub judgment_variance: f64,
    /// Covariance of the two orders over items, over that variance: their
    /// correlation, where both vary alike. `None` where neither varies.
    pub order_correlation: Option<f64>,
    /// Variance of the averaged score.
    pub variance: f64,
}

/// Variance and order correlation from items judged in both orders: `first` and
/// `second` hold the same model's score with its answer first and second.
///
/// # Errors
///
/// When there are fewer than two items, the columns differ in length, or a score
/// is not finite.
pub fn pilot(first: &[f64], second: &[f64]) -> Result<Pilot, StatsError> {
    check_scores(first)?;
    check_length("the second-order scores", second.len(), first.len())?;
    check_scores(second)?;
    if first.len() < 2 {
        return Err(StatsError::TooFewClusters {
            found: first.len(),
            needed: 2,
        });
    }
    let averaged: Vec<f64> = first
        .iter()
        .zip(second)
        .map(|(a, b)| 0.5 * (a + b))
        .collect();
    let (va, vb) = (covariance(first, first), covariance(second, second));
    let both = covariance(first, second);
    let judgment_variance = 0.5 * (va + vb);
    Ok(Pilot {
        items: first.len(),
        judgment_variance,
        order_correlation: (judgment_variance > 0.0).then(|| both / judgment_variance),
        variance: covariance(&averaged, &averaged),
    })
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    sum(a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb))) / (a.len() as f64 - 1.0)
}

/// Intraclass correlation of scores in clusters, by the one-way analysis of
/// variance (Donner 1986, *International Statistical Review* 54:67):
/// `(MSB - MSW) / (MSB + (m0 - 1) MSW)`. Negative where clusters differ less than
/// chance.
///
/// # Errors
///
/// When there are fewer than two clusters, no cluster has two items
/// ([`StatsError::TooFewClusters`] both), or no score differs from another.
pub fn intraclass_correlation(scores: &[f64], labels: &[u32]) -> Result<f64, StatsError> {
    check_scores(scores)?;
    check_length("the cluster column", labels.len(), scores.len())?;
    let clusters = Dense::from_labels(labels);
    let (n, g) = (scores.len() as f64, clusters.count as f64);
    if clusters.count < 2 || clusters.count == scores.len() {
        return Err(StatsError::TooFewClusters {
            found: clusters.count,
            needed: 2,
        });
    }
    let mut sums = vec![(0.0, 0.0); clusters.count];
    for (score, &cluster) in scores.iter().zip(&clusters.of_item) {
        let (total, size) = &mut sums[cluster as usize];
        *total += score;
        *size += 1.0;
    }
    let middle = mean(scores);
    let between = sum(sums
        .iter()
        .map(|(total, m)| m * (total / m - middle).powi(2)));
    let within = sum(scores
        .iter()
        .zip(&clusters.of_item)
        .map(|(score, &cluster)| {
            let (total, m) = sums[cluster as usize];
            (score - total / m).powi(2)
        }));
    let m0 = (n - sum(sums.iter().map(|(_, m)| m * m)) / n) / (g - 1.0);
    let (msb, msw) = (between / (g - 1.0), within / (n - g));
    let total = msb + (m0 - 1.0) * msw;
    if total <= 1e-24 {
        return Err(StatsError::NoVariation);
    }
    Ok((msb - msw) / total)
}

#[cfg(test)]
mod tests;
