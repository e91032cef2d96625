//! Means of subgroups, and how they differ.
//!
//! Each group has its own cluster-robust mean. Groups that answered the same
//! questions share clusters, so their means move together; the joint covariance
//! `sum_c u_c u_c'` over the groups' influence sums carries that, with each
//! group's own `G/(G-1)`. What groups share cancels in their differences.
//!
//! Clusters are one-way: inside a group its personas are the population asked
//! about, and questions are what was sampled. (Where personas are a sample, give
//! them as the clusters.)
//!
//! Groups with fewer clusters than a floor are listed with their means and left
//! out of every comparison.

mod cells;

pub(crate) use cells::Cell;

use cells::{cells, check, check_columns, group_means, joint_covariance};

use super::bootstrap::sorted_quantile;
use super::heterogeneity::{self, PartialPooling, Spread};
use super::linalg::Square;
use super::max_t::critical_value;
use super::quantile::t_upper_quantile;
use super::random::{Draws, normal};
use super::wilson::bounded_interval;
use super::{ClusterMean, Interval, Level, StatsError};

/// The range of the scores: `[0, 1]` for win rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Smallest possible score.
    pub low: f64,
    /// Largest possible score.
    pub high: f64,
}

impl Scale {
    /// Win rates and shares.
    pub const RATE: Self = Self {
        low: 0.0,
        high: 1.0,
    };
    /// Differences of two rates on the same items.
    pub const DIFFERENCE: Self = Self {
        low: -1.0,
        high: 1.0,
    };
}

/// Which end of the scale is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Win rates, accuracies.
    LowerIsWorse,
    /// Errors.
    HigherIsWorse,
}

/// Weight, in clusters, of the variance of all groups in that of each.
const PRIOR_CLUSTERS: f64 = 30.0;

/// Means of all groups with what is needed to compare them.
#[derive(Debug, Clone)]
pub struct Subgroups {
    scale: Scale,
    means: Vec<Option<ClusterMean>>,
    /// Groups with enough clusters, by number.
    compared: Vec<usize>,
    /// Joint covariance of the compared groups, in that order.
    covariance: Square,
    /// Cells of the compared groups, by cluster; `group` counts within them.
    cells: Vec<Cell>,
    clusters: usize,
}

/// The largest difference between groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// Group with the highest mean.
    pub highest: usize,
    /// Group with the lowest mean.
    pub lowest: usize,
    /// Gap between them, with limits from simultaneous intervals over all pairs.
    pub interval: Interval,
    /// Gap to expect from noise alone, were all groups equal.
    pub expected_if_equal: f64,
    /// Standard deviation of the means.
    pub deviation: f64,
    /// Standard deviation to expect from noise alone.
    pub deviation_if_equal: f64,
}

/// The group that did worst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worst {
    /// Its number.
    pub group: usize,
    /// Its mean, with an interval that allows for its having been picked as the
    /// worst (Bonferroni over the compared groups: 99% where the plain interval
    /// covers 64 to 94% of 24 to 4 equal groups).
    pub interval: Interval,
}

/// Means of `groups` groups; `group` numbers the group of each item from 0, and
/// `labels` its cluster. Groups with fewer than `floor` clusters (at least 2) are
/// not compared.
///
/// # Errors
///
/// When there are no items, a score lies outside the scale, a group number is not
/// below `groups`, or a column does not match.
pub fn subgroups(
    scores: &[f64],
    group: &[u32],
    groups: usize,
    labels: &[u32],
    scale: Scale,
    floor: usize,
) -> Result<Subgroups, StatsError> {
    check(scores, group, groups, labels, scale)?;
    of_weighted(scores, group, groups, labels, scale, floor)
}

/// The same of scores that carry the weights of their items, and so may lie outside
/// the scale though their means do not.
///
/// # Errors
///
/// As [`subgroups`], but for the scale.
pub(crate) fn of_weighted(
    scores: &[f64],
    group: &[u32],
    groups: usize,
    labels: &[u32],
    scale: Scale,
    floor: usize,
) -> Result<Subgroups, StatsError> {
    check_columns(scores, group, groups, labels)?;
    let means = group_means(scores, group, groups, labels)?;
    let enough = |mean: &Option<ClusterMean>| {
        mean.is_some_and(|mean| mean.clusters().smallest() >= floor.max(2))
    };
    let compared: Vec<usize> = (0..groups).filter(|&g| enough(&means[g])).collect();
    let cells = cells(scores, group, labels, &compared, groups);
    let clusters = cells.chunk_by(|a, b| a.cluster == b.cluster).count();
    let covariance = joint_covariance(&cells, &means, &compared);
    Ok(Subgroups {
        scale,
        means,
        compared,
        covariance,
        cells,
        clusters,
    })
}

impl Subgroups {
    /// Mean of each group, by number; `None` without items.
    pub fn means(&self) -> &[Option<ClusterMean>] {
        &self.means
    }

    /// Numbers of the groups with enough clusters to be compared.
    pub fn compared(&self) -> &[usize] {
        &self.compared
    }

    /// Design-effect Wilson interval of one group.
    ///
    /// # Errors
    ///
    /// When the group has no items or a single cluster.
    pub fn interval(&self, group: usize, level: Level) -> Result<Interval, StatsError> {
        let mean = self
            .means
            .get(group)
            .copied()
            .flatten()
            .ok_or(StatsError::Empty)?;
        bounded_interval(&mean, self.scale.low, self.scale.high, level)
    }

    /// Noise-corrected spread of the compared groups; no more than that of means of which
    /// half are at either end of the scale.
    ///
    /// # Errors
    ///
    /// When fewer than two groups are compared.
    pub fn spread(&self, level: Level) -> Result<Spread, StatsError> {
        self.enough_groups()?;
        let estimates = self.estimates();
        let (low, high) = (estimates.len() / 2, estimates.len().div_ceil(2));
        let pairs = estimates.len() * (estimates.len() - 1);
        let share = (low * high) as f64 / pairs as f64;
        let widest = (self.scale.high - self.scale.low) * share.sqrt();
        let spread = heterogeneity::spread(&estimates, &self.noise()?, level)?;
        Ok(Spread {
            tau: spread.tau.clamped(0.0, widest),
            ..spread
        })
    }

    /// Partially pooled means of the compared groups, in their order.
    ///
    /// # Errors
    ///
    /// When fewer than two groups are compared.
    pub fn partial_pooling(&self) -> Result<PartialPooling, StatsError> {
        self.enough_groups()?;
        heterogeneity::partial_pooling(&self.estimates(), &self.noise()?)
    }

    /// The largest difference between compared groups. Its limits are the largest
    /// lower and the largest upper limit of simultaneous intervals over all pairs,
    /// so they hold for the true gap whichever groups it is between.
    ///
    /// # Errors
    ///
    /// When fewer than two groups are compared.
    pub fn gap(&self, level: Level, draws: Draws) -> Result<Gap, StatsError> {
        self.enough_groups()?;
        let estimates = self.estimates();
        let covariance = self.noise_covariance()?;
        let pairs: Vec<(usize, usize)> = (0..estimates.len())
            .flat_map(|a| (a + 1..estimates.len()).map(move |b| (a, b)))
            .collect();
        let df = self.degrees_of_freedom();
        let critical = critical_value(&covariance, &pairs, df, level, draws);
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for &(a, b) in &pairs {
            let difference = (estimates[a] - estimates[b]).abs();
            let reach = critical * covariance.contrast(a, b).max(0.0).sqrt();
            low = low.max(difference - reach);
            high = high.max(difference + reach);
        }
        let (highest, lowest) = ends(&estimates);
        let observed = estimates[highest] - estimates[lowest];
        let (expected_if_equal, deviation_if_equal) = noise_alone(&covariance, draws);
        let widest = self.scale.high - self.scale.low;
        Ok(Gap {
            highest: self.compared[highest],
            lowest: self.compared[lowest],
            interval: Interval::new(observed, low, high, level)?.clamped(0.0, widest),
            expected_if_equal,
            deviation: deviation(&estimates),
            deviation_if_equal,
        })
    }

    /// The compared group that did worst, with an interval that allows for the
    /// choice.
    ///
    /// # Errors
    ///
    /// When no group is compared.
    pub fn worst(&self, direction: Direction, level: Level) -> Result<Worst, StatsError> {
        if self.compared.is_empty() {
            return Err(StatsError::TooFewGroups { found: 0 });
        }
        let (highest, lowest) = ends(&self.estimates());
        let group = self.compared[match direction {
            Direction::LowerIsWorse => lowest,
            Direction::HigherIsWorse => highest,
        }];
        let shared = Level::new(1.0 - level.alpha() / self.compared.len() as f64)?;
        Ok(Worst {
            group,
            interval: self.interval(group, shared)?.relabelled(level),
        })
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The range of the scores.
    pub(crate) fn scale(&self) -> Scale {
        self.scale
    }

    /// Number of clusters with items in compared groups.
    pub(crate) fn clusters(&self) -> usize {
        self.clusters
    }

    pub(crate) fn covariance(&self) -> &Square {
        &self.covariance
    }

    pub(crate) fn estimates(&self) -> Vec<f64> {
        self.compared
            .iter()
            .filter_map(|&g| self.means[g])
            .map(|mean| mean.mean())
            .collect()
    }

    /// The fewest clusters of a compared group.
    pub(crate) fn fewest_clusters(&self) -> usize {
        let counts = self.compared.iter().filter_map(|&g| self.means[g]);
        counts.map(|mean| mean.clusters().first).min().unwrap_or(0)
    }

    pub(crate) fn enough_groups(&self) -> Result<(), StatsError> {
        let found = self.compared.len();
        if found < 2 {
            Err(StatsError::TooFewGroups { found })
        } else {
            Ok(())
        }
    }

    pub(crate) fn degrees_of_freedom(&self) -> f64 {
        (self.fewest_clusters().max(2) - 1) as f64
    }

    /// Variance of each compared mean about what the groups share: its own variance
    /// less the average covariance between groups, drawn towards that of all groups
    /// together as though the latter were known from [`PRIOR_CLUSTERS`] clusters
    /// (Smyth 2004, *Statistical Applications in Genetics* 3:3). Variances from few
    /// items wander, and low ones would pass for certainty.
    ///
    /// A group whose clusters all agree has no variance of its own; it starts from
    /// the one that its design-effect Wilson interval speaks of.
    pub(crate) fn noise(&self) -> Result<Vec<f64>, StatsError> {
        let covariance = self.noise_covariance()?;
        Ok(self.own(&covariance).drawn(PRIOR_CLUSTERS, &covariance))
    }

    /// The same drawn together as far as the groups' own variances scatter no more than
    /// their few clusters make them, and no less than [`Subgroups::noise`]. Of 0/1 scores a
    /// mean that chance put far out has a small variance of its own, and would be believed
    /// for it.
    pub(crate) fn noise_of_all(&self) -> Result<Vec<f64>, StatsError> {
        let covariance = self.noise_covariance()?;
        let own = self.own(&covariance);
        Ok(own.drawn(own.prior(), &covariance))
    }

    /// Clusters that the variances of [`Subgroups::noise`] are at least worth.
    pub(crate) fn noise_degrees_of_freedom(&self) -> Vec<f64> {
        let own: Vec<f64> = self
            .compared
            .iter()
            .filter_map(|&g| self.means[g])
            .map(|mean| mean.degrees_of_freedom() as f64)
            .collect();
        let all: f64 = own.iter().sum();
        own.iter()
            .map(|df| (df + PRIOR_CLUSTERS).min(all))
            .collect()
    }

    fn own(&self, covariance: &Square) -> Own {
        let k = self.compared.len();
        let shared: f64 = (0..k)
            .flat_map(|a| (0..k).map(move |b| (a, b)))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| covariance.at(a, b))
            .sum::<f64>()
            / (k * (k - 1)).max(1) as f64;
        let sizes: Vec<(f64, f64)> = self
            .compared
            .iter()
            .filter_map(|&g| self.means[g])
            .map(|mean| (mean.items() as f64, mean.degrees_of_freedom() as f64))
            .collect();
        let variances: Vec<f64> = (0..k)
            .map(|a| (covariance.at(a, a) - shared).max(0.0))
            .collect();
        let item = variances
            .iter()
            .zip(&sizes)
            .map(|(v, (n, df))| v * n * df)
            .sum::<f64>()
            / sizes.iter().map(|(_, df)| df).sum::<f64>();
        Own {
            variances,
            sizes,
            item,
        }
    }

    pub(crate) fn noise_covariance(&self) -> Result<Square, StatsError> {
        let mut covariance = self.covariance.clone();
        for (k, &g) in self.compared.iter().enumerate() {
            if covariance.at(k, k) <= 0.0 {
                let interval = self.interval(g, Level::DEFAULT)?;
                let clusters = self.means[g].map_or(2, |mean| mean.clusters().first);
                let t = t_upper_quantile(Level::DEFAULT.tail(), clusters as f64 - 1.0);
                covariance.add(k, k, (0.5 * interval.width() / t).powi(2));
            }
        }
        Ok(covariance)
    }
}

/// Variances of the compared means about what they share, each by itself.
struct Own {
    variances: Vec<f64>,
    /// Items and degrees of freedom of each.
    sizes: Vec<(f64, f64)>,
    /// The variance of one item in all groups together.
    item: f64,
}

impl Own {
    /// Each drawn towards that of all groups, known from `prior` clusters.
    fn drawn(&self, prior: f64, covariance: &Square) -> Vec<f64> {
        let drawn = |(a, (own, (n, df))): (usize, (&f64, &(f64, f64)))| {
            let drawn = (df * own + prior * self.item / n) / (df + prior);
            // Where groups share all that varies, keep a trace of it.
            drawn.max(0.01 * covariance.at(a, a))
        };
        let groups = self.variances.iter().zip(&self.sizes);
        groups.enumerate().map(drawn).collect()
    }

    /// The clusters that the variance of all groups counts for, by how much the groups' own
    /// scatter about it beyond the `2 / df` of their estimation (Smyth 2004): of variances
    /// that differ by a squared coefficient of variation `c`, `2 / c`.
    fn prior(&self) -> f64 {
        const ALL: f64 = 1e6;
        let groups = self.variances.iter().zip(&self.sizes);
        let beyond = groups
            .map(|(own, (n, df))| (own * n / self.item - 1.0).powi(2) - 2.0 / df)
            .sum::<f64>()
            / self.sizes.len() as f64;
        if beyond > 2.0 / ALL {
            (2.0 / beyond).max(PRIOR_CLUSTERS)
        } else {
            ALL
        }
    }
}

/// Places of the largest and the smallest value: the first of equals is the largest and the
/// last the smallest, so that groups that all tie are still two.
fn ends(values: &[f64]) -> (usize, usize) {
    let (mut highest, mut lowest) = (0, 0);
    for (place, value) in values.iter().enumerate() {
        if *value > values[highest] {
            highest = place;
        }
        if *value <= values[lowest] {
            lowest = place;
        }
    }
    (highest, lowest)
}

fn deviation(values: &[f64]) -> f64 {
    let middle = super::cluster::mean(values);
    let squares: f64 = values.iter().map(|v| (v - middle) * (v - middle)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// Mean gap and mean standard deviation of equal groups with this noise.
fn noise_alone(covariance: &Square, draws: Draws) -> (f64, f64) {
    let root = covariance.semidefinite_root();
    let noise = draws.each(|rng| {
        let z: Vec<f64> = (0..root.size()).map(|_| normal(rng)).collect();
        let mut x = root.apply(&z);
        let spread = deviation(&x);
        x.sort_unstable_by(f64::total_cmp);
        (sorted_quantile(&x, 1.0) - sorted_quantile(&x, 0.0), spread)
    });
    let n = noise.len() as f64;
    (
        noise.iter().map(|d| d.0).sum::<f64>() / n,
        noise.iter().map(|d| d.1).sum::<f64>() / n,
    )
}

#[cfg(test)]
mod tests;
