//! What a pilot says of how scores scatter: over the orders of an item, and over the
//! samples of its answers and the repeats of their judgments.
//!
//! The score of an item in one order is the mean over `K` samples of the mean over `R`
//! repeats. Its variance, and its covariance with that of the other order, are
//!
//! `V = a + b/K + c/(K R)` and `C = a' + b'/K`,
//!
//! with `c` the variance between repeats of one sample in one order, `b` what samples of
//! one item differ by in one order beyond that, and `b'` what they differ by in both: the
//! answers themselves. All three are pooled within items, so that `a` and `a'`, in which
//! items differ, follow from the `V` and `C` seen. This is Miller's sum of the variance
//! between items and that of answers over their number (2024, arXiv 2411.00640, section
//! 5), with both models sampled as often. [`super::study_size`] plans with it.

use super::StatsError;
use super::cluster::{check_length, check_scores, mean};
use super::sum::sum;

/// Variance of the average over two orders: `Var_1 (1 + rho)/2`.
pub fn two_order_variance(one_judgment: f64, order_correlation: f64) -> f64 {
    0.5 * one_judgment * (1.0 + order_correlation)
}

/// What a pilot says of the two orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pilot {
    /// Items with both orders.
    pub items: usize,
    /// Variance of an item's score within its order, averaged over the two.
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
    products(a, b) / (a.len() as f64 - 1.0)
}

/// Sum of products of deviations.
fn products(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    sum(a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)))
}

/// A pooled variance that is being added up.
#[derive(Debug, Clone, Copy, Default)]
struct Pooled {
    products: f64,
    degrees_of_freedom: f64,
}

impl Pooled {
    fn add(&mut self, a: &[f64], b: &[f64]) {
        if a.len() > 1 {
            self.products += products(a, b);
            self.degrees_of_freedom += a.len() as f64 - 1.0;
        }
    }

    fn value(self) -> Option<f64> {
        (self.degrees_of_freedom > 0.0).then(|| self.products / self.degrees_of_freedom)
    }
}

/// The scores of one sample of an item in each order, a number a repeat. Where items are
/// judged in one order, whichever it is, the other is empty.
pub type SampleScores = [Vec<f64>; 2];

/// What the samples and the repeats of a pilot's items differ by, as it is added up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Repeated {
    items: f64,
    /// Sums over items: of `1/K`, and of `1/K` times the mean of `1/R` over samples.
    by_samples: f64,
    by_judgments: f64,
    repeats: Pooled,
    /// Of samples, by their means in one order.
    samples: Pooled,
    /// What repeats add to its products, in variances of a repeat.
    of_repeats: f64,
    /// Of samples, by the product of their means in the two orders.
    both_orders: Pooled,
}

/// What the samples and the repeats of a pilot's items differ by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replication {
    /// Mean over items of `1/K`.
    by_samples: f64,
    /// Mean over items and orders of `1/(K R)`.
    by_judgments: f64,
    /// `c`; `None` where nothing was judged twice in an order.
    between_repeats: Option<f64>,
    /// `b`; `None` where no item has two samples.
    between_samples: Option<f64>,
    /// `b'`; 0 where items are judged in one order.
    in_both_orders: f64,
}

/// By how much variances change when items have other samples and repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// That of a score in one order.
    pub(crate) variance: f64,
    /// The covariance of the two orders.
    pub(crate) covariance: f64,
}

impl Repeated {
    /// Adds an item with the samples that its score is the mean of.
    pub fn add(&mut self, samples: &[SampleScores]) {
        if samples.is_empty() {
            return;
        }
        let k = samples.len() as f64;
        let of_order = |order: usize| -> Vec<&[f64]> {
            let scores = samples.iter().map(|sample| &sample[order][..]);
            scores.filter(|scores| !scores.is_empty()).collect()
        };
        let (first, second) = (of_order(0), of_order(1));
        let both = first.len() == samples.len() && second.len() == samples.len();
        let orders = if both {
            vec![first, second]
        } else {
            vec![[first, second].concat()]
        };
        self.items += 1.0;
        self.by_samples += 1.0 / k;
        let mut means: Vec<Vec<f64>> = Vec::new();
        for order in &orders {
            for repeats in order {
                self.repeats.add(repeats, repeats);
            }
            let of_order: Vec<f64> = order.iter().map(|repeats| mean(repeats)).collect();
            let shares: f64 = order.iter().map(|repeats| 1.0 / repeats.len() as f64).sum();
            self.samples.add(&of_order, &of_order);
            self.of_repeats += shares * (k - 1.0) / k;
            self.by_judgments += shares / (k * k) / orders.len() as f64;
            means.push(of_order);
        }
        if let [first, second] = &means[..] {
            self.both_orders.add(first, second);
        }
    }

    /// What has been seen.
    pub fn seen(&self) -> Replication {
        let between_repeats = self.repeats.value();
        let repeats = between_repeats.unwrap_or(0.0);
        let between_samples = self.samples.value().map(|found| {
            (found - repeats * self.of_repeats / self.samples.degrees_of_freedom).max(0.0)
        });
        let in_both = self.both_orders.value().unwrap_or(0.0);
        Replication {
            by_samples: self.by_samples / self.items.max(1.0),
            by_judgments: self.by_judgments / self.items.max(1.0),
            between_repeats,
            between_samples,
            in_both_orders: in_both.clamp(0.0, between_samples.unwrap_or(0.0)),
        }
    }
}

impl Replication {
    /// By how much variances change with so many samples and repeats.
    ///
    /// # Errors
    ///
    /// [`StatsError::OneSample`] and [`StatsError::OneRepeat`] where the pilot does not
    /// tell.
    pub(crate) fn change(&self, samples: u64, repeats: u64) -> Result<Change, StatsError> {
        let (samples, repeats) = (samples.max(1), repeats.max(1));
        let by_samples = (samples as f64).recip() - self.by_samples;
        let by_judgments = ((samples * repeats) as f64).recip() - self.by_judgments;
        let between_samples = match self.between_samples {
            None if samples > 1 => return Err(StatsError::OneSample),
            seen => seen.unwrap_or(0.0),
        };
        let between_repeats = match self.between_repeats {
            None if repeats > 1 => return Err(StatsError::OneRepeat),
            // What samples differ by holds the noise of their one judgment.
            seen => seen.unwrap_or(0.0),
        };
        Ok(Change {
            variance: between_samples * by_samples + between_repeats * by_judgments,
            covariance: self.in_both_orders * by_samples,
        })
    }
}

#[cfg(test)]
mod tests;
