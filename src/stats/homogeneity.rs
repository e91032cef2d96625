//! Do groups differ at all?
//!
//! The statistic is `Q = sum (m_k - mu)^2 / v_k` over the group means, with `mu`
//! their weighted mean and `v_k` their variance were they all equal. (A variance
//! from each group's own items would move with its mean, and the test would no
//! longer keep its level.) How large `Q` gets without a difference is found
//!
//! - where every cluster lies in one group, by shuffling which clusters belong to
//!   which group;
//! - where groups share clusters (all groups answered the same questions), by
//!   flipping the sign of each cluster's deviations in all groups at once: in all
//!   ways for up to 20 clusters, at random for more;
//! - with at least 100 clusters in every group and more than 1,000 in all, by
//!   Hotelling's `T^2` on the joint covariance (1931, *Annals of Mathematical
//!   Statistics* 2:360), which there agrees and costs nothing.
//!
//! The chi-squared distribution of `Q` with each group's own variance rejects 12 or
//! 24 equal groups of 25 items 11% of the time at a nominal 5%; this test 5%: the
//! table of subgroups in `docs/statistics.md`.

use super::permutation::EXACT_CLUSTERS;
use super::quantile::f_upper_tail;
use super::random::{Coins, Draws, below};
use super::subgroups::{Cell, Subgroups};
use super::{PValue, StatsError};

/// Clusters up to which random draws decide.
const DRAWN_CLUSTERS: usize = 1_000;
/// Clusters that every group needs for Hotelling's test.
const HOTELLING_CLUSTERS: usize = 100;
/// Statistics, whose size is that of the number of groups, below which nothing but
/// rounding is left.
const ROUNDING: f64 = 1e-12;

/// How the distribution of the statistic was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomogeneityMethod {
    /// Clusters shuffled between groups.
    Shuffled(Draws),
    /// Signs of clusters flipped, in all ways without draws.
    Flipped(Option<Draws>),
    /// Hotelling's test.
    Hotelling,
}

/// Result of a homogeneity test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homogeneity {
    /// `Q`, or Hotelling's `T^2`.
    pub statistic: f64,
    /// Number of groups compared.
    pub groups: usize,
    /// p-value of "all groups are equal".
    pub p: PValue,
    /// How it was found.
    pub method: HomogeneityMethod,
}

/// Tests whether the compared groups have one mean (see the module).
///
/// # Errors
///
/// When fewer than two groups are compared.
pub fn homogeneity(subgroups: &Subgroups, draws: Draws) -> Result<Homogeneity, StatsError> {
    subgroups.enough_groups()?;
    let many =
        subgroups.clusters() > DRAWN_CLUSTERS && subgroups.fewest_clusters() >= HOTELLING_CLUSTERS;
    if many && let Some(test) = hotelling(subgroups) {
        return Ok(test);
    }
    let nested = subgroups.clusters() == subgroups.cells().len();
    let (statistic, p, method) = if nested {
        let (q, p) = shuffled(subgroups, draws);
        (q, p, HomogeneityMethod::Shuffled(draws))
    } else {
        let draws = (subgroups.clusters() > EXACT_CLUSTERS).then_some(draws);
        let (q, p) = flipped(subgroups, draws);
        (q, p, HomogeneityMethod::Flipped(draws))
    };
    Ok(Homogeneity {
        statistic,
        groups: subgroups.compared().len(),
        p,
        method,
    })
}

/// `sum w_k (y_k - mu)^2`; 0 where nothing has weight.
fn q(values: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let centre = values.iter().zip(weights).map(|(y, w)| w * y).sum::<f64>() / total;
    values
        .iter()
        .zip(weights)
        .map(|(y, w)| w * (y - centre) * (y - centre))
        .sum()
}

fn reciprocal(variance: f64) -> f64 {
    if variance > 0.0 { 1.0 / variance } else { 0.0 }
}

/// Share of draws at least as large as observed, the observed one counted in.
///
/// A statistic that is zero but for rounding is zero, which nothing falls below: of
/// groups that agree exactly, draws would differ by their rounding alone.
fn share(reached: &[f64], observed: f64) -> PValue {
    if observed <= ROUNDING {
        return PValue::clamped(1.0);
    }
    let extreme = reached
        .iter()
        .filter(|q| **q >= threshold(observed))
        .count();
    PValue::clamped((extreme as f64 + 1.0) / (reached.len() as f64 + 1.0))
}

/// A statistic to reach, a little lowered so that rounding does not lose draws that tie with
/// the observed one.
fn threshold(observed: f64) -> f64 {
    observed * (1.0 - 1e-9)
}

/// How far one cluster's items in one group are from the mean of all, and how many they are.
#[derive(Debug, Clone, Copy)]
struct Deviation {
    cluster: u32,
    /// The group's place when groups are ordered by what they hold.
    group: usize,
    sum: f64,
    size: f64,
}

/// A number that rounding does not tell from others.
fn rounded(value: f64) -> i64 {
    (value * 1e9).round() as i64
}

/// Deviations of all cells, with groups numbered by what they hold and not by their names:
/// so that these, and the side from which scores are written, do not move what is drawn.
fn deviations(subgroups: &Subgroups) -> Vec<Deviation> {
    let cells = subgroups.cells();
    let (sum, items) = cells
        .iter()
        .fold((0.0, 0.0), |(sum, items), c| (sum + c.sum, items + c.size));
    let middle = sum / items;
    let groups = subgroups.compared().len();
    let mut held = vec![(0.0, 0.0, 0.0); groups];
    let deviation = |cell: &Cell| cell.sum - cell.size * middle;
    for cell in cells {
        let (size, sum, squares) = &mut held[cell.group as usize];
        *size += cell.size;
        *sum += deviation(cell);
        *squares += deviation(cell).powi(2);
    }
    let mut order: Vec<usize> = (0..groups).collect();
    order.sort_by_key(|group| {
        let (size, sum, squares) = held[*group];
        [size, sum.abs(), squares].map(rounded)
    });
    let mut place = vec![0; groups];
    for (number, group) in order.into_iter().enumerate() {
        place[group] = number;
    }
    let deviations = cells.iter().map(|cell| Deviation {
        cluster: cell.cluster,
        group: place[cell.group as usize],
        sum: deviation(cell),
        size: cell.size,
    });
    deviations.collect()
}

/// Sum and number of items of a group.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    sum: f64,
    size: f64,
}

fn totals(cells: &[Deviation], groups: usize) -> Vec<Total> {
    let mut totals = vec![Total::default(); groups];
    for cell in cells {
        totals[cell.group].sum += cell.sum;
        totals[cell.group].size += cell.size;
    }
    totals
}

/// Every group's variance is that of all clusters over its own number of them,
/// which shuffling leaves as it is.
fn shuffled(subgroups: &Subgroups, draws: Draws) -> (f64, PValue) {
    let mut cells = deviations(subgroups);
    let count = subgroups.compared().len();
    // Clusters are shuffled from an order of what they hold, seen from the side that gives
    // the smaller one.
    let key = |c: &Deviation, side: f64| (c.group, rounded(c.size), rounded(side * c.sum));
    let keys = |side: f64| {
        let mut keys: Vec<_> = cells.iter().map(|c| key(c, side)).collect();
        keys.sort_unstable();
        keys
    };
    let side = if keys(1.0) <= keys(-1.0) { 1.0 } else { -1.0 };
    cells.sort_by_key(|c| key(c, side));
    let items: f64 = cells.iter().map(|cell| cell.size).sum();
    let squares: f64 = cells.iter().map(|c| c.sum.powi(2)).sum();
    let variance = squares * cells.len() as f64 / (items * items);
    let mut weights = vec![0.0; count];
    for cell in &cells {
        weights[cell.group] += reciprocal(variance);
    }
    let statistic = |groups: &[usize]| {
        let mut totals = vec![Total::default(); count];
        for (cell, &group) in cells.iter().zip(groups) {
            totals[group].sum += cell.sum;
            totals[group].size += cell.size;
        }
        let means: Vec<f64> = totals.iter().map(|group| group.sum / group.size).collect();
        q(&means, &weights)
    };
    let groups: Vec<usize> = cells.iter().map(|cell| cell.group).collect();
    let observed = statistic(&groups);
    let reached = draws.each(|rng| {
        let mut groups = groups.clone();
        for last in (1..groups.len()).rev() {
            groups.swap(last, below(rng, last as u32 + 1) as usize);
        }
        statistic(&groups)
    });
    (observed, share(&reached, observed))
}

/// Under the null all groups have the mean of all items; a cluster's deviations
/// from it are flipped together, which keeps what its groups share. The variance of
/// a group is the sum of its squared deviations, which flips leave as it is.
fn flipped(subgroups: &Subgroups, draws: Option<Draws>) -> (f64, PValue) {
    let cells = deviations(subgroups);
    let totals = totals(&cells, subgroups.compared().len());
    let mut clusters: Vec<Pushes> = cells
        .chunk_by(|a, b| a.cluster == b.cluster)
        .map(|cluster| {
            let push = |cell: &Deviation| (cell.group, cell.sum / totals[cell.group].size);
            let mut pushes: Pushes = cluster.iter().map(push).collect();
            pushes.sort_unstable_by_key(|(group, _)| *group);
            pushes
        })
        .collect();
    let mut variances = vec![0.0; totals.len()];
    for (group, value) in clusters.iter().flatten() {
        variances[*group] += value * value;
    }
    let weights: Vec<f64> = variances.into_iter().map(reciprocal).collect();
    let observed = flipped_q(&clusters, &weights, || 1.0);
    // Coins go to clusters by what these hold, each seen from the side from which its first
    // push is upwards: other names, and swapped sides, give the same p.
    clusters.iter_mut().for_each(face_up);
    clusters.sort_by_cached_key(keyed);
    let Some(draws) = draws else {
        return (observed, all_flips(&clusters, &weights, observed));
    };
    let reached = draws.each(|rng| {
        let mut coins = Coins::new(rng);
        flipped_q(&clusters, &weights, || {
            2.0 * f64::from(coins.heads(1)) - 1.0
        })
    });
    (observed, share(&reached, observed))
}

/// What a cluster adds to the mean of each group that it is in.
type Pushes = Vec<(usize, f64)>;

/// Pushes as numbers that rounding does not tell apart.
fn keyed(pushes: &Pushes) -> Vec<(usize, i64)> {
    let keyed = |&(group, value): &(usize, f64)| (group, (value * 1e12).round() as i64);
    pushes.iter().map(keyed).collect()
}

/// Turns all pushes where the first that is not zero is downwards.
fn face_up(pushes: &mut Pushes) {
    let first = keyed(pushes)
        .into_iter()
        .map(|(_, value)| value)
        .find(|value| *value != 0);
    if first.is_some_and(|value| value < 0) {
        for (_, value) in pushes {
            *value = -*value;
        }
    }
}

/// The share of all sign patterns with a statistic at least as large as observed. Flipping
/// every sign changes nothing, so the first stays; the others change one at a time in the
/// order of a Gray code.
fn all_flips(clusters: &[Pushes], weights: &[f64], observed: f64) -> PValue {
    if observed <= ROUNDING {
        return PValue::clamped(1.0);
    }
    let patterns = 1_u64 << (clusters.len() - 1);
    let mut signs = vec![1.0; clusters.len()];
    let mut totals = vec![0.0; weights.len()];
    for &(group, value) in clusters.iter().flatten() {
        totals[group] += value;
    }
    let mut extreme = u64::from(q(&totals, weights) >= threshold(observed));
    for pattern in 1..patterns {
        let flipped = 1 + pattern.trailing_zeros() as usize;
        signs[flipped] = -signs[flipped];
        for &(group, value) in &clusters[flipped] {
            totals[group] += 2.0 * signs[flipped] * value;
        }
        extreme += u64::from(q(&totals, weights) >= threshold(observed));
    }
    PValue::clamped(extreme as f64 / patterns as f64)
}

/// `Q` of the group totals with each cluster's pushes under one sign.
fn flipped_q(clusters: &[Pushes], weights: &[f64], mut sign: impl FnMut() -> f64) -> f64 {
    let mut totals = vec![0.0; weights.len()];
    for cluster in clusters {
        let sign = sign();
        for &(group, value) in cluster {
            totals[group] += sign * value;
        }
    }
    q(&totals, weights)
}

/// `T^2 = d' V^-1 d` over differences from the first group, as
/// `F = T^2 (G - K + 1) / ((G - 1)(K - 1))` with `K - 1` and `G - K + 1` degrees of
/// freedom; `None` where the covariance is singular.
fn hotelling(subgroups: &Subgroups) -> Option<Homogeneity> {
    let estimates = subgroups.estimates();
    let (k, g) = (estimates.len(), subgroups.clusters());
    let joint = subgroups.covariance();
    let mut covariance = super::linalg::Square::zeros(k - 1);
    for a in 1..k {
        for b in 1..k {
            let value = joint.at(a, b) - joint.at(a, 0) - joint.at(0, b) + joint.at(0, 0);
            covariance.add(a - 1, b - 1, value);
        }
    }
    let differences: Vec<f64> = estimates[1..].iter().map(|m| m - estimates[0]).collect();
    let solved = covariance.inverse()?.apply(&differences);
    let statistic: f64 = differences.iter().zip(&solved).map(|(d, s)| d * s).sum();
    let (df1, df2) = (
        (k - 1) as f64,
        (g + 1).checked_sub(k).filter(|df| *df > 0)? as f64,
    );
    let f = statistic * df2 / ((g - 1) as f64 * df1);
    Some(Homogeneity {
        statistic,
        groups: k,
        p: PValue::clamped(f_upper_tail(f, df1, df2)),
        method: HomogeneityMethod::Hotelling,
    })
}

#[cfg(test)]
mod tests;
