//! Bradley-Terry strengths from pairwise comparisons.
//!
//! `logit E[score of a against b] = theta_a - theta_b` (Bradley & Terry 1952,
//! *Biometrika* 39:324), a tie counting as half a win. Fitted by Newton's method
//! on the concave likelihood, without penalty; the covariance of the strengths is
//! the cluster sandwich `H^+ (G/(G-1) sum_g u_g u_g') H^+`, which covers 95% in
//! simulation where judgments share questions; one that takes judgments as
//! independent covers 74% (the table of differences in `docs/statistics.md`).
//!
//! Where some models never lost to others, no finite strengths exist. Each model
//! is then given half a win and half a loss against an imagined opponent (Turner
//! et al. 2020, *Computational Statistics* 35:1027), and the result says so.

use super::linalg::Square;
use super::logistic::{log_sigmoid, sigmoid};
use super::newton::{Likelihood, maximise};
use super::pairwise::{Comparisons, PairTotals};
use super::ratings::Ratings;
use super::sandwich::cluster_covariance;
use super::sum::Sum;
use super::{Clusters, StatsError};

/// Fits strengths of `models` models to comparisons (see the module).
///
/// # Errors
///
/// When there are no comparisons, fewer than two models, a comparison is not
/// between two different models below `models`, a score lies outside `[0, 1]`, or
/// the clusters do not match.
pub fn bradley_terry(
    comparisons: Comparisons<'_>,
    models: usize,
    clusters: Clusters<'_>,
) -> Result<Ratings, StatsError> {
    comparisons.check(models)?;
    let totals = PairTotals::new(&comparisons, models);
    let groups = totals.connected_groups();
    let likelihood = BradleyTerry {
        totals: &totals,
        models,
        imagined: groups.len() > 1,
    };
    let maximum = maximise(&likelihood, vec![0.0; models])?;
    let bread = centred(&maximum.inverse_information);
    let theta = maximum.at;
    let expected: Vec<f64> = theta
        .iter()
        .flat_map(|a| theta.iter().map(move |b| sigmoid(a - b)))
        .collect();
    let push = |row: usize| {
        let (a, b, score) = comparisons.row(row);
        let residual = score - expected[a * models + b];
        [(a, residual), (b, -residual), (a, 0.0)]
    };
    let meat = cluster_covariance(models, comparisons.len(), clusters, push)?;
    Ok(Ratings::new(
        about_average(&theta),
        None,
        groups,
        meat.sandwiched(&bread),
    ))
}

/// Strengths less their average.
pub(crate) fn about_average(theta: &[f64]) -> Vec<f64> {
    let middle = super::cluster::mean(theta);
    theta.iter().map(|t| t - middle).collect()
}

/// `P A` with `P` taking the average of the rows away: what maps scores to
/// strengths about their average.
fn centred(inverse: &Square) -> Square {
    let n = inverse.size();
    let mut result = inverse.clone();
    for j in 0..n {
        let middle = (0..n).map(|i| inverse.at(i, j)).sum::<f64>() / n as f64;
        for i in 0..n {
            result.add(i, j, -middle);
        }
    }
    result
}

struct BradleyTerry<'a> {
    totals: &'a PairTotals,
    models: usize,
    /// Whether each model also meets an imagined opponent of strength 0, with
    /// half a win and half a loss.
    imagined: bool,
}

impl Likelihood for BradleyTerry<'_> {
    fn value(&self, at: &[f64]) -> f64 {
        let mut total = Sum::default();
        for (i, j, up, down) in self.totals.pairs() {
            let d = at[i] - at[j];
            total.add(up * log_sigmoid(d) + down * log_sigmoid(-d));
        }
        if self.imagined {
            for &t in at {
                total.add(0.5 * log_sigmoid(t) + 0.5 * log_sigmoid(-t));
            }
        }
        total.value()
    }

    fn derivatives(&self, at: &[f64]) -> (Vec<f64>, Square) {
        let mut gradient = vec![Sum::default(); self.models];
        let mut information = Square::zeros(self.models);
        for (i, j, up, down) in self.totals.pairs() {
            let p = sigmoid(at[i] - at[j]);
            let push = up - (up + down) * p;
            gradient[i].add(push);
            gradient[j].add(-push);
            let weight = (up + down) * p * (1.0 - p);
            information.add(i, i, weight);
            information.add(j, j, weight);
            information.add(i, j, -weight);
            information.add(j, i, -weight);
        }
        fix_level(at, self.imagined, &mut gradient, &mut information);
        (gradient.into_iter().map(Sum::value).collect(), information)
    }

    fn runs_away(&self, at: &[f64]) -> bool {
        at.iter().any(|t| t.abs() > 100.0)
    }
}

/// Takes away the freedom to move all strengths together: by the comparisons with
/// the imagined opponent, or else by adding to the information along the direction
/// in which it is zero (which leaves the other directions as they are).
pub(crate) fn fix_level(
    at: &[f64],
    imagined: bool,
    gradient: &mut [Sum],
    information: &mut Square,
) {
    let models = at.len();
    if imagined {
        for (i, &t) in at.iter().enumerate() {
            let p = sigmoid(t);
            gradient[i].add(0.5 - p);
            information.add(i, i, p * (1.0 - p));
        }
        return;
    }
    let scale = (0..models).map(|i| information.at(i, i)).sum::<f64>() / (models * models) as f64;
    for i in 0..models {
        for j in 0..models {
            information.add(i, j, scale);
        }
    }
}

#[cfg(test)]
mod tests;
