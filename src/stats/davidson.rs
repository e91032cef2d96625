//! Davidson's model: Bradley-Terry strengths with ties as outcomes of their own.
//!
//! With strengths `pi = exp(theta)`, the chances that `a` wins, `b` wins or they
//! tie are as `pi_a : pi_b : nu sqrt(pi_a pi_b)` (Davidson 1970, *JASA* 65:317).
//! `nu` says how common ties are between equals. In log form this is an
//! exponential family with a concave likelihood, fitted by Newton's method with
//! the same cluster sandwich as [`super::bradley_terry`].
//!
//! Ties in judged data often say that a question is easy and not that models are
//! close, so a report shows the tie rate beside these strengths.

use super::bradley_terry::{about_average, fix_level};
use super::linalg::Square;
use super::newton::{Likelihood, maximise};
use super::pairwise::{Comparisons, PairTotals};
use super::ratings::Ratings;
use super::sandwich::cluster_covariance;
use super::sum::Sum;
use super::{Clusters, StatsError};

/// Fits strengths and the tie parameter (see the module).
///
/// # Errors
///
/// As [`bradley_terry`](super::bradley_terry::bradley_terry); and when a score is
/// not 0, 1/2 or 1, [`StatsError::OutOfRange`], and when there are no ties, or
/// nothing but ties, [`StatsError::NoVariation`]: the tie parameter then has no
/// finite value, and Bradley-Terry is the model to use.
pub fn davidson(
    comparisons: Comparisons<'_>,
    models: usize,
    clusters: Clusters<'_>,
) -> Result<Ratings, StatsError> {
    comparisons.check(models)?;
    let counts = Counts::new(&comparisons, models)?;
    let groups = PairTotals::new(&comparisons, models).connected_groups();
    let likelihood = Davidson {
        counts: &counts,
        models,
        imagined: groups.len() > 1,
    };
    let maximum = maximise(&likelihood, vec![0.0; models + 1])?;
    let parameters = maximum.at;
    let strengths = &parameters[..models];
    let chances: Vec<Chances> = strengths
        .iter()
        .flat_map(|a| strengths.iter().map(move |b| a - b))
        .map(|difference| Chances::new(difference, parameters[models]))
        .collect();
    let push = |row: usize| {
        let (a, b, score) = comparisons.row(row);
        let chances = &chances[a * models + b];
        let lead = 2.0 * score - 1.0;
        let tied = f64::from(u8::from(lead == 0.0));
        let push = 0.5 * (lead - chances.lead());
        [(a, push), (b, -push), (models, tied - chances.tie)]
    };
    let meat = cluster_covariance(models + 1, comparisons.len(), clusters, push)?;
    let bread = centred_strengths(&maximum.inverse_information);
    Ok(Ratings::new(
        about_average(strengths),
        Some(parameters[models].exp()),
        groups,
        meat.sandwiched(&bread),
    ))
}

/// The average over strengths (all rows but the last) taken away from them.
fn centred_strengths(inverse: &Square) -> Square {
    let models = inverse.size() - 1;
    let mut result = inverse.clone();
    for j in 0..=models {
        let middle = (0..models).map(|i| inverse.at(i, j)).sum::<f64>() / models as f64;
        for i in 0..models {
            result.add(i, j, -middle);
        }
    }
    result
}

/// Wins of each model against each other, and ties.
struct Counts {
    /// `(i, j, wins of i, wins of j, ties)` for pairs `i < j` that met.
    pairs: Vec<(usize, usize, f64, f64, f64)>,
}

impl Counts {
    const WON: u64 = 1.0_f64.to_bits();
    const LOST: u64 = 0.0_f64.to_bits();
    const TIED: u64 = 0.5_f64.to_bits();

    fn new(comparisons: &Comparisons<'_>, models: usize) -> Result<Self, StatsError> {
        let mut wins = vec![0.0; models * models];
        let mut ties = vec![0.0; models * models];
        for row in 0..comparisons.len() {
            let (a, b, score) = comparisons.row(row);
            match score.to_bits() {
                Self::WON => wins[a * models + b] += 1.0,
                Self::LOST => wins[b * models + a] += 1.0,
                Self::TIED => ties[a.min(b) * models + a.max(b)] += 1.0,
                _ => {
                    return Err(StatsError::OutOfRange {
                        what: "a score that must be 0, 1/2 or 1",
                        value: score,
                        low: 0.0,
                        high: 1.0,
                    });
                }
            }
        }
        if ties.iter().all(|t| *t == 0.0) || wins.iter().all(|w| *w == 0.0) {
            return Err(StatsError::NoVariation);
        }
        let pairs = (0..models)
            .flat_map(|i| (i + 1..models).map(move |j| (i, j)))
            .map(|(i, j)| {
                (
                    i,
                    j,
                    wins[i * models + j],
                    wins[j * models + i],
                    ties[i * models + j],
                )
            })
            .filter(|(_, _, up, down, tied)| up + down + tied > 0.0)
            .collect();
        Ok(Self { pairs })
    }
}

/// Share of the points that a model is expected to win of one that is weaker by
/// `difference` on the log scale, a tie counted one half; the chance to win where
/// `nu` is zero.
pub fn expected_score(difference: f64, nu: f64) -> f64 {
    let chances = Chances::new(difference, nu.ln());
    chances.win + 0.5 * chances.tie
}

/// Chances of the three outcomes for a difference in strength.
struct Chances {
    win: f64,
    loss: f64,
    tie: f64,
}

impl Chances {
    fn new(difference: f64, log_nu: f64) -> Self {
        let half = 0.5 * difference;
        let total = log_total(half, log_nu);
        Self {
            win: (half - total).exp(),
            loss: (-half - total).exp(),
            tie: (log_nu - total).exp(),
        }
    }

    fn lead(&self) -> f64 {
        self.win - self.loss
    }
}

/// `ln(e^h + e^-h + e^d)` without overflow.
fn log_total(h: f64, d: f64) -> f64 {
    let top = h.abs().max(d);
    top + ((h - top).exp() + (-h - top).exp() + (d - top).exp()).ln()
}

struct Davidson<'a> {
    counts: &'a Counts,
    models: usize,
    imagined: bool,
}

impl Likelihood for Davidson<'_> {
    fn value(&self, at: &[f64]) -> f64 {
        let log_nu = at[self.models];
        let mut total = Sum::default();
        for &(i, j, up, down, tied) in &self.counts.pairs {
            let half = 0.5 * (at[i] - at[j]);
            total.add((up - down) * half + tied * log_nu);
            total.add(-(up + down + tied) * log_total(half, log_nu));
        }
        if self.imagined {
            for &t in &at[..self.models] {
                total.add(-log_total(0.5 * t, f64::NEG_INFINITY));
            }
        }
        total.value()
    }

    fn derivatives(&self, at: &[f64]) -> (Vec<f64>, Square) {
        let last = self.models;
        let mut gradient = vec![Sum::default(); last + 1];
        let mut information = Square::zeros(last + 1);
        for &(i, j, up, down, tied) in &self.counts.pairs {
            let n = up + down + tied;
            let chances = Chances::new(at[i] - at[j], at[last]);
            let lead = chances.lead();
            let push = 0.5 * (up - down - n * lead);
            gradient[i].add(push);
            gradient[j].add(-push);
            gradient[last].add(tied - n * chances.tie);
            // The derivative of the lead is a quarter of its variance, and that of
            // the tie share against the lead is their covariance.
            let spread = 0.25 * n * (chances.win + chances.loss - lead * lead);
            information.add(i, i, spread);
            information.add(j, j, spread);
            information.add(i, j, -spread);
            information.add(j, i, -spread);
            let cross = -0.5 * n * chances.tie * lead;
            for (row, value) in [(i, cross), (j, -cross)] {
                information.add(row, last, value);
                information.add(last, row, value);
            }
            information.add(last, last, n * chances.tie * (1.0 - chances.tie));
        }
        fix_level(&at[..last], self.imagined, &mut gradient, &mut information);
        (gradient.into_iter().map(Sum::value).collect(), information)
    }

    fn runs_away(&self, at: &[f64]) -> bool {
        at.iter().any(|t| t.abs() > 100.0)
    }
}

#[cfg(test)]
mod tests;
