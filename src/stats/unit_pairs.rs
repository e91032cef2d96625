//! Two means for each of some units, from items that share questions and personas.
//!
//! The mean of unit `g` on one axis errs by `Σ_c a_gc`, with `c` a cluster of its items
//! (a question, a persona) and
//! `a_gc = sqrt(G_g / (G_g - 1)) Σ_{i in c} (value_i - m_g) / N_g`
//! over the `G_g` clusters that it has. Cluster sums estimate all that errors have in
//! common:
//!
//! - the variance of a unit's error, `V_g = Σ_c a_gc²`, as in [`super::cluster`];
//! - what two units share because the same questions were put to both, the mean of
//!   `Σ_c a_gc a_hc` over pairs of units. It moves all units alike, so that they differ
//!   by less than their errors say: the *noise* that makes units differ is the mean of
//!   `V_g` less that;
//! - what the two axes of a unit share because the same questions or personas feed both,
//!   `Σ_c a^x_gc a^y_gc`, again less the mean over pairs of units.
//!
//! With two ways, each of these is the one over questions, plus the one over personas,
//! less the one over the cells in which they meet (Cameron, Gelbach & Miller 2011), and
//! a variance is at least the larger one-way variance.
//!
//! What is shared is taken out of each unit's variance by one factor, so that the mean
//! of the variances is the noise. A variance is at least a twentieth of the noise: a
//! unit whose few items agree by chance is not known without error.

use super::sum::{Sum, sum};
use super::{NoisyPairs, StatsError};

/// The least that a unit's variance is, as a share of the mean.
const LEAST: f64 = 0.05;
/// The largest correlation of the errors of the two axes that is believed.
const MOST_CORRELATED: f64 = 0.95;

/// One item of a unit on one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitItem {
    /// The unit, from 0.
    pub unit: u32,
    /// Its question, or what stands for it; one numbering for both axes.
    pub question: u32,
    /// Its persona.
    pub persona: u32,
    /// Its value.
    pub value: f64,
    /// How much it counts, above 0.
    pub weight: f64,
}

/// What items of a unit move together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitClusters {
    /// Their questions.
    Questions,
    /// Their personas.
    Personas,
    /// Both.
    Both,
}

/// One mean of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitMean {
    /// Mean of its items.
    pub mean: f64,
    /// Its clustered standard error.
    pub standard_error: f64,
    /// Number of items.
    pub items: usize,
}

/// Both means of the units that have both.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitPairs {
    /// Each unit with its two means, ascending.
    pub units: Vec<(u32, UnitMean, UnitMean)>,
    /// Units that lack enough items or clusters on an axis.
    pub left_out: Vec<u32>,
    /// The means with the errors that make units differ (see the module).
    pub pairs: NoisyPairs,
}

/// The two means of each unit, of those with at least `fewest` items and two clusters
/// on both axes (see the module).
///
/// # Errors
///
/// When no unit has both, or a value is not finite.
pub fn unit_pairs(
    x: &[UnitItem],
    y: &[UnitItem],
    clusters: UnitClusters,
    fewest: usize,
) -> Result<UnitPairs, StatsError> {
    for items in [x, y] {
        if let Some(row) = items.iter().position(|item| !item.value.is_finite()) {
            let value = items[row].value;
            return Err(StatsError::NotFinite { row, value });
        }
    }
    let sides = [Side::new(x, clusters), Side::new(y, clusters)];
    let count = sides.iter().map(|side| side.means.len()).max().unwrap_or(0);
    let enough = |unit: &usize| sides.iter().all(|side| side.has(*unit, fewest));
    let (kept, left_out): (Vec<usize>, Vec<usize>) = (0..count)
        .filter(|unit| sides.iter().any(|side| side.has(*unit, 1)))
        .partition(enough);
    if kept.is_empty() {
        return Err(StatsError::Empty);
    }
    let mut place = vec![None; count];
    for (at, unit) in kept.iter().enumerate() {
        place[*unit] = Some(at);
    }
    let errors = Errors::new(&sides, &place, kept.len(), clusters);
    let mean_of = |side: usize, at: usize| {
        let known = &sides[side].means[kept[at]];
        UnitMean {
            mean: known.mean,
            standard_error: errors.variances[side][at].sqrt(),
            items: known.items,
        }
    };
    let column = |side: usize| {
        kept.iter()
            .map(|unit| sides[side].means[*unit].mean)
            .collect()
    };
    let (variances, covariance) = errors.net();
    let [x_variance, y_variance] = variances;
    Ok(UnitPairs {
        units: (0..kept.len())
            .map(|at| (kept[at] as u32, mean_of(0, at), mean_of(1, at)))
            .collect(),
        left_out: left_out.into_iter().map(|unit| unit as u32).collect(),
        pairs: NoisyPairs::new(column(0), column(1), x_variance, y_variance, covariance)?,
    })
}

/// What is known of one unit on one axis.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    mean: f64,
    items: usize,
    weight: f64,
    /// Clusters of the ways that are used: the larger where there are two.
    clusters: usize,
}

/// One axis.
struct Side<'a> {
    items: &'a [UnitItem],
    means: Vec<Known>,
}

impl<'a> Side<'a> {
    fn new(items: &'a [UnitItem], clusters: UnitClusters) -> Self {
        let count = items.iter().map(|item| item.unit as usize + 1).max();
        let mut sums = vec![(Sum::default(), Sum::default(), 0_usize); count.unwrap_or(0)];
        for item in items {
            let (sum, weight, n) = &mut sums[item.unit as usize];
            sum.add(item.weight * item.value);
            weight.add(item.weight);
            *n += 1;
        }
        let mut means: Vec<Known> = sums
            .iter()
            .map(|(sum, weight, n)| Known {
                mean: sum.value() / weight.value(),
                items: *n,
                weight: weight.value(),
                clusters: 0,
            })
            .collect();
        for way in ways(clusters).iter().filter(|way| **way != Way::Cell) {
            let mut seen: Vec<(u32, u64)> = items
                .iter()
                .map(|item| (item.unit, way.label(item)))
                .collect();
            seen.sort_unstable();
            seen.dedup();
            for of_unit in seen.chunk_by(|a, b| a.0 == b.0) {
                let known = &mut means[of_unit[0].0 as usize];
                known.clusters = known.clusters.max(of_unit.len());
            }
        }
        Self { items, means }
    }

    fn has(&self, unit: usize, fewest: usize) -> bool {
        let known = self.means.get(unit);
        known.is_some_and(|known| known.items >= fewest && (fewest < 2 || known.clusters >= 2))
    }
}

/// One way to cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Question,
    Persona,
    Cell,
}

impl Way {
    fn label(self, item: &UnitItem) -> u64 {
        match self {
            Self::Question => u64::from(item.question),
            Self::Persona => u64::from(item.persona),
            Self::Cell => u64::from(item.question) << 32 | u64::from(item.persona),
        }
    }
}

fn ways(clusters: UnitClusters) -> &'static [Way] {
    match clusters {
        UnitClusters::Questions => &[Way::Question],
        UnitClusters::Personas => &[Way::Persona],
        UnitClusters::Both => &[Way::Question, Way::Persona, Way::Cell],
    }
}

/// Error variances of the kept units, and what errors share.
struct Errors {
    /// By axis and unit.
    variances: [Vec<f64>; 2],
    /// Mean over pairs of units of what their errors share, by axis.
    shared: [f64; 2],
    /// Mean over units of what the errors of both axes share, less that over pairs of
    /// units.
    across: f64,
}

impl Errors {
    fn new(
        sides: &[Side<'_>; 2],
        place: &[Option<usize>],
        units: usize,
        clusters: UnitClusters,
    ) -> Self {
        let mut variances = [vec![0.0; units], vec![0.0; units]];
        let mut floors = variances.clone();
        let (mut shared, mut across) = ([0.0; 2], 0.0);
        let pairs = (units * (units - 1)).max(1) as f64;
        for way in ways(clusters) {
            let sign = if *way == Way::Cell { -1.0 } else { 1.0 };
            let parts = parts(sides, place, units, *way);
            // Products of the parts of one cluster: within units, and in all.
            let mut within = [0.0; 3];
            let mut whole = [0.0; 3];
            let mut own = [vec![0.0; units], vec![0.0; units]];
            for cluster in parts.chunk_by(|a, b| a.cluster == b.cluster) {
                let (mut x, mut y) = (Sum::default(), Sum::default());
                for part in cluster {
                    let [a, b] = part.sums;
                    own[0][part.unit] += a * a;
                    own[1][part.unit] += b * b;
                    for (total, product) in within.iter_mut().zip([a * a, b * b, a * b]) {
                        *total += product;
                    }
                    x.add(a);
                    y.add(b);
                }
                let (x, y) = (x.value(), y.value());
                for (total, product) in whole.iter_mut().zip([x * x, y * y, x * y]) {
                    *total += product;
                }
            }
            for axis in 0..2 {
                shared[axis] += sign * (whole[axis] - within[axis]) / pairs;
                for (unit, own) in own[axis].iter().enumerate() {
                    variances[axis][unit] += sign * own;
                    if sign > 0.0 {
                        floors[axis][unit] = own.max(floors[axis][unit]);
                    }
                }
            }
            across += sign * (within[2] / units as f64 - (whole[2] - within[2]) / pairs);
        }
        for (variances, floors) in variances.iter_mut().zip(&floors) {
            for (variance, floor) in variances.iter_mut().zip(floors) {
                *variance = variance.max(*floor);
            }
        }
        Self {
            variances,
            shared,
            across,
        }
    }

    /// The variances without what units share, and the covariances of the two axes.
    fn net(&self) -> ([Vec<f64>; 2], Vec<f64>) {
        let mut noise = [0.0; 2];
        let mut net = [Vec::new(), Vec::new()];
        for axis in 0..2 {
            let raw = &self.variances[axis];
            let all = mean(raw);
            noise[axis] = (all - self.shared[axis]).max(0.0);
            let factor = if all > 0.0 { noise[axis] / all } else { 0.0 };
            let floored: Vec<f64> = raw
                .iter()
                .map(|variance| (variance * factor).max(LEAST * noise[axis]))
                .collect();
            let excess = mean(&floored);
            let back = if excess > 0.0 {
                noise[axis] / excess
            } else {
                0.0
            };
            net[axis] = floored.iter().map(|variance| variance * back).collect();
        }
        let roots: Vec<f64> = net[0]
            .iter()
            .zip(&net[1])
            .map(|(x, y)| (x * y).sqrt())
            .collect();
        let all = mean(&roots);
        // The correlation of the two errors of a unit.
        let share = if all > 0.0 {
            (self.across / all).clamp(-MOST_CORRELATED, MOST_CORRELATED)
        } else {
            0.0
        };
        let covariance = roots.iter().map(|root| root * share).collect();
        (net, covariance)
    }
}

fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / values.len() as f64
}

/// `a_gc` of both axes.
struct Part {
    cluster: u32,
    unit: usize,
    sums: [f64; 2],
}

/// The parts of all clusters, sorted by cluster and unit.
fn parts(sides: &[Side<'_>; 2], place: &[Option<usize>], units: usize, way: Way) -> Vec<Part> {
    // Labels of both axes in one numbering.
    let labels: Vec<u64> = sides
        .iter()
        .flat_map(|side| side.items.iter().map(|item| way.label(item)))
        .collect();
    let mut known = labels.clone();
    known.sort_unstable();
    known.dedup();
    let dense: Vec<u32> = labels
        .iter()
        .map(|label| known.binary_search(label).unwrap_or(0) as u32)
        .collect();
    let mut rows: Vec<(u32, u32, usize, f64)> = Vec::new();
    let mut next = dense.iter();
    for (axis, side) in sides.iter().enumerate() {
        for (item, cluster) in side.items.iter().zip(&mut next) {
            if let Some(unit) = place[item.unit as usize] {
                let of_unit = &side.means[item.unit as usize];
                let part = item.weight * (item.value - of_unit.mean) / of_unit.weight;
                rows.push((*cluster, unit as u32, axis, part));
            }
        }
    }
    rows.sort_by_key(|row| (row.0, row.1, row.2));
    let mut parts: Vec<Part> = Vec::new();
    let mut clusters = [vec![0_usize; units], vec![0_usize; units]];
    for group in rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let unit = group[0].1 as usize;
        let mut sums = [0.0; 2];
        for (axis, (sum_of, clusters)) in sums.iter_mut().zip(&mut clusters).enumerate() {
            let mine = || group.iter().filter(|row| row.2 == axis);
            *sum_of = sum(mine().map(|row| row.3));
            clusters[unit] += usize::from(mine().next().is_some());
        }
        parts.push(Part {
            cluster: group[0].0,
            unit,
            sums,
        });
    }
    for part in &mut parts {
        for (sum, clusters) in part.sums.iter_mut().zip(&clusters) {
            let g = clusters[part.unit] as f64;
            *sum *= if g > 1.0 { (g / (g - 1.0)).sqrt() } else { 0.0 };
        }
    }
    parts
}

#[cfg(test)]
mod tests;
