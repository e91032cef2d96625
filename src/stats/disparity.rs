//! How unequal groups are, on the scale itself and relative to its level.
//!
//! Over the means `P_k` of `K` groups: the range `Pmax - Pmin` and the standard
//! deviation `sigma`; relative to the level the normalised range
//! `(Pmax - Pmin) / Pmax` and the coefficient of variation `sigma / mu` (both as
//! arXiv 2604.12851 has them). The two kinds can move in opposite directions where a
//! model's level changes.
//!
//! All four are too large by the noise of the means, the more the more groups there
//! are, and a plain bootstrap adds the noise a second time: in simulation its
//! percentile intervals hold the truth of a change 7 to 100% of the time at a nominal
//! 95%. The intervals here are taken over *shrunken* bootstrap draws. Each draw
//!
//! - draws whole clusters with replacement, the same for both models of a change;
//! - draws the variance `tau^2` between groups from the confidence distribution of the
//!   Q-profile method, with Welch's allowance for noise that is itself estimated (see
//!   [`super::heterogeneity`]), each model by itself;
//! - sets the true mean of group `k` to `mu + e + w_k (m_k - mu) + sqrt(w_k) (e_k - e)`,
//!   with `w_k = tau^2 / (tau^2 + v_k)`, `v_k` the noise of the group's mean about what
//!   groups share, `e_k` what the drawn clusters move it by (scaled to have the variance
//!   `v_k`) and `e` what they move all groups by.
//!
//! Given `tau`, that is the normal-normal posterior of the group means (Efron & Morris
//! 1975, *JASA* 70:311). Coverage is in the table of disparities in
//! `docs/statistics.md`.

use super::heterogeneity::{centre, confidence_distribution};
use super::random::{Draws, below, normal};
use super::subgroups::Subgroups;
use super::sum::sum;
use super::{Interval, Level, StatsError};

/// Which standard deviation is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sigma {
    /// Divided by `K`: the groups are all there are.
    #[default]
    Population,
    /// Divided by `K - 1`: the groups are a sample.
    Sample,
}

/// How unequal means are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disparity {
    /// Mean of the means.
    pub mean: f64,
    /// `(Pmax - Pmin) / Pmax`; `None` where the largest mean is not above 0.
    pub normalised_range: Option<f64>,
    /// `sigma / mu`; `None` where the mean of the means is not above 0.
    pub variation: Option<f64>,
    /// `Pmax - Pmin`.
    pub range: f64,
    /// `sigma`.
    pub deviation: f64,
}

/// Number of measures of a [`Disparity`].
pub const MEASURES: usize = 4;

impl Disparity {
    /// Normalised range, coefficient of variation, range, deviation.
    pub fn measures(&self) -> [Option<f64>; MEASURES] {
        [
            self.normalised_range,
            self.variation,
            Some(self.range),
            Some(self.deviation),
        ]
    }
}

/// The disparity of some means.
///
/// # Errors
///
/// When there are fewer than two.
pub fn disparity(means: &[f64], sigma: Sigma) -> Result<Disparity, StatsError> {
    if means.len() < 2 {
        return Err(StatsError::TooFewGroups { found: means.len() });
    }
    super::cluster::check_scores(means)?;
    Ok(measured(means, sigma))
}

fn measured(means: &[f64], sigma: Sigma) -> Disparity {
    let count = means.len() as f64;
    let mean = sum(means.iter().copied()) / count;
    let highest = means.iter().copied().fold(f64::MIN, f64::max);
    let lowest = means.iter().copied().fold(f64::MAX, f64::min);
    let squares = sum(means.iter().map(|m| (m - mean) * (m - mean)));
    let divisor = match sigma {
        Sigma::Population => count,
        Sigma::Sample => count - 1.0,
    };
    let range = highest - lowest;
    // The mean of equal means may be off them by rounding.
    let deviation = if range > 0.0 {
        (squares / divisor).sqrt()
    } else {
        0.0
    };
    Disparity {
        mean,
        normalised_range: (highest > 0.0).then(|| range / highest),
        variation: (mean > 0.0).then(|| deviation / mean),
        range,
        deviation,
    }
}

/// The disparity of the compared groups as it was seen, and without noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimated {
    /// Of the means themselves.
    pub seen: Disparity,
    /// Median and limits of each measure over the shrunken draws; `None` where it does
    /// not exist in more than one draw of twenty.
    pub without_noise: [Option<Interval>; MEASURES],
}

/// How the disparity of the same groups changes from one model to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Of the first model.
    pub base: Disparity,
    /// Of the second.
    pub candidate: Disparity,
    /// Median and limits of candidate less base over the shrunken draws, which are the
    /// same clusters for both.
    pub without_noise: [Option<Interval>; MEASURES],
    /// The same of the noise-corrected spread `tau`.
    pub tau: Interval,
}

/// The disparity of the compared groups.
///
/// # Errors
///
/// When fewer than two groups are compared.
pub fn estimated(
    groups: &Subgroups,
    sigma: Sigma,
    level: Level,
    draws: Draws,
) -> Result<Estimated, StatsError> {
    let shrunken = Shrunken::new(groups)?;
    let samples = draws.each(|rng| {
        let often = clusters_drawn(groups, rng);
        let means = shrunken.draw(groups, &often, rng).0;
        measured(&means, sigma).measures()
    });
    Ok(Estimated {
        seen: disparity(&groups.estimates(), sigma)?,
        without_noise: limits(&samples, level)?,
    })
}

/// How the disparity changes from the groups of `base` to those of `candidate`, which
/// are the same groups of the same items.
///
/// # Errors
///
/// When fewer than two groups are compared, or the two are not of the same items.
pub fn change(
    base: &Subgroups,
    candidate: &Subgroups,
    sigma: Sigma,
    level: Level,
    draws: Draws,
) -> Result<Change, StatsError> {
    super::cluster::check_length(
        "the groups of the candidate",
        candidate.compared().len(),
        base.compared().len(),
    )?;
    super::cluster::check_length(
        "the clusters of the candidate",
        candidate.cells().len(),
        base.cells().len(),
    )?;
    let (first, second) = (Shrunken::new(base)?, Shrunken::new(candidate)?);
    let samples = draws.each(|rng| {
        let often = clusters_drawn(base, rng);
        let (before, tau_before) = first.draw(base, &often, rng);
        let (after, tau_after) = second.draw(candidate, &often, rng);
        let before = measured(&before, sigma).measures();
        let after = measured(&after, sigma).measures();
        let less = |k: usize| Some(after[k]? - before[k]?);
        ([less(0), less(1), less(2), less(3)], tau_after - tau_before)
    });
    let measures: Vec<[Option<f64>; MEASURES]> = samples.iter().map(|draw| draw.0).collect();
    let tau = samples.iter().map(|draw| draw.1).collect();
    Ok(Change {
        base: disparity(&base.estimates(), sigma)?,
        candidate: disparity(&candidate.estimates(), sigma)?,
        without_noise: limits(&measures, level)?,
        tau: middle_of(tau, level)?,
    })
}

/// Points of the confidence distribution of `tau^2` that draws pick from.
const POINTS: u32 = 400;

/// What the draws of one model's group means are made from.
struct Shrunken {
    means: Vec<f64>,
    /// Variance of each about what groups share.
    noise: Vec<f64>,
    /// `G/(G-1)` of each group, under the root, times what brings its own variance
    /// about the mean of all to that of `noise`; 0 where none of its clusters differ.
    scales: Vec<f64>,
    /// Points of the confidence distribution of `tau^2`, and the mean of all groups at
    /// each.
    variances: Vec<f64>,
    centres: Vec<f64>,
    low: f64,
    high: f64,
}

impl Shrunken {
    fn new(groups: &Subgroups) -> Result<Self, StatsError> {
        groups.enough_groups()?;
        let means = groups.estimates();
        let noise = groups.noise_of_all()?;
        let degrees = groups.noise_degrees_of_freedom();
        let variances = confidence_distribution(&means, &noise, &degrees, POINTS)?;
        let centres = variances
            .iter()
            .map(|tau2| centre(&means, &noise, *tau2))
            .collect();
        Ok(Self {
            scales: scales(groups, &noise),
            means,
            noise,
            variances,
            centres,
            low: groups.scale().low,
            high: groups.scale().high,
        })
    }

    /// One draw of the true means, and the `tau` it was made with.
    fn draw(&self, groups: &Subgroups, often: &[u32], rng: &mut impl rand::Rng) -> (Vec<f64>, f64) {
        let moved = self.moved(groups, often);
        let shared = sum(moved.iter().copied()) / moved.len() as f64;
        let point = below(rng, POINTS) as usize;
        let (tau2, mu) = (self.variances[point], self.centres[point]);
        let means = (0..moved.len())
            .map(|k| {
                let weight = tau2 / (tau2 + self.noise[k]);
                let own = if self.scales[k] > 0.0 {
                    self.scales[k] * (moved[k] - shared)
                } else {
                    self.noise[k].sqrt() * normal(rng)
                };
                let mean = mu + shared + weight * (self.means[k] - mu) + weight.sqrt() * own;
                mean.clamp(self.low, self.high)
            })
            .collect();
        (means, tau2.sqrt())
    }

    /// What the drawn clusters move each mean by.
    fn moved(&self, groups: &Subgroups, often: &[u32]) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.means.len()];
        for cell in groups.cells() {
            let times = f64::from(often[cell.cluster as usize]);
            let (total, size) = &mut sums[cell.group as usize];
            *total += times * cell.sum;
            *size += times * cell.size;
        }
        let deviation = |((total, size), mean): (&(f64, f64), &f64)| {
            // A group none of whose clusters came up says nothing in this draw.
            if *size > 0.0 {
                total / size - mean
            } else {
                0.0
            }
        };
        sums.iter().zip(&self.means).map(deviation).collect()
    }
}

/// See [`Shrunken::scales`].
fn scales(groups: &Subgroups, noise: &[f64]) -> Vec<f64> {
    let covariance = groups.covariance();
    let count = noise.len();
    let row = |k: usize| (0..count).map(|j| covariance.at(k, j)).sum::<f64>() / count as f64;
    let all = (0..count).map(row).sum::<f64>() / count as f64;
    (0..count)
        .map(|k| {
            let own = covariance.at(k, k) - 2.0 * row(k) + all;
            let wanted = noise[k] * (1.0 - 1.0 / count as f64);
            // The bootstrap's variance lacks G/(G-1), which the covariance has.
            let clusters = groups.means()[groups.compared()[k]]
                .map_or(2.0, |mean| mean.clusters().first as f64);
            if own > 1e-3 * wanted && own > 0.0 {
                (wanted / own * clusters / (clusters - 1.0)).sqrt()
            } else {
                0.0
            }
        })
        .collect()
}

/// How often each cluster comes up.
fn clusters_drawn(groups: &Subgroups, rng: &mut impl rand::Rng) -> Vec<u32> {
    let count = groups.clusters() as u32;
    let mut often = vec![0; count as usize];
    for _ in 0..count {
        often[below(rng, count) as usize] += 1;
    }
    often
}

fn limits(
    drawn: &[[Option<f64>; MEASURES]],
    level: Level,
) -> Result<[Option<Interval>; MEASURES], StatsError> {
    let mut found = [None; MEASURES];
    for (measure, place) in found.iter_mut().enumerate() {
        let known: Vec<f64> = drawn.iter().filter_map(|draw| draw[measure]).collect();
        if known.len() * 20 >= drawn.len() * 19 && !known.is_empty() {
            *place = Some(middle_of(known, level)?);
        }
    }
    Ok(found)
}

/// The median of draws with the limits that hold the middle of them.
fn middle_of(mut draws: Vec<f64>, level: Level) -> Result<Interval, StatsError> {
    draws.sort_unstable_by(f64::total_cmp);
    let at = |p: f64| super::bootstrap::sorted_quantile(&draws, p);
    Interval::new(at(0.5), at(level.tail()), at(1.0 - level.tail()), level)
}

#[cfg(test)]
mod tests;
