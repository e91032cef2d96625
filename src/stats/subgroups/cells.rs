//! Columns of scores, groups and clusters, summed up by group and cluster.

use super::Scale;
use crate::stats::cluster::{check_length, check_scores};
use crate::stats::grouping::Dense;
use crate::stats::linalg::Square;
use crate::stats::sum::Sum;
use crate::stats::{ClusterMean, Clusters, StatsError, cluster_mean};

/// Part of one cluster that lies in one group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) cluster: u32,
    pub(crate) group: u32,
    pub(crate) sum: f64,
    pub(crate) size: f64,
}

pub(super) fn check(
    scores: &[f64],
    group: &[u32],
    groups: usize,
    labels: &[u32],
    scale: Scale,
) -> Result<(), StatsError> {
    check_columns(scores, group, groups, labels)?;
    if let Some(&value) = scores
        .iter()
        .find(|s| !(scale.low..=scale.high).contains(*s))
    {
        return Err(StatsError::OutOfRange {
            what: "a score",
            value,
            low: scale.low,
            high: scale.high,
        });
    }
    Ok(())
}

pub(super) fn check_columns(
    scores: &[f64],
    group: &[u32],
    groups: usize,
    labels: &[u32],
) -> Result<(), StatsError> {
    check_scores(scores)?;
    check_length("the group column", group.len(), scores.len())?;
    check_length("the cluster column", labels.len(), scores.len())?;
    if let Some(&value) = group.iter().find(|g| **g as usize >= groups) {
        return Err(StatsError::OutOfRange {
            what: "a group number",
            value: f64::from(value),
            low: 0.0,
            high: groups as f64 - 1.0,
        });
    }
    Ok(())
}

pub(super) fn group_means(
    scores: &[f64],
    group: &[u32],
    groups: usize,
    labels: &[u32],
) -> Result<Vec<Option<ClusterMean>>, StatsError> {
    let mut parts = vec![(Vec::new(), Vec::new()); groups];
    for ((&score, &g), &label) in scores.iter().zip(group).zip(labels) {
        let (scores, labels) = &mut parts[g as usize];
        scores.push(score);
        labels.push(label);
    }
    parts
        .iter()
        .map(
            |(scores, labels)| match cluster_mean(scores, Clusters::OneWay(labels)) {
                Err(StatsError::Empty) => Ok(None),
                result => result.map(Some),
            },
        )
        .collect()
}

/// Sums of the compared groups by cluster, clusters in order of appearance.
pub(super) fn cells(
    scores: &[f64],
    group: &[u32],
    labels: &[u32],
    compared: &[usize],
    groups: usize,
) -> Vec<Cell> {
    let mut place = vec![None; groups];
    for (k, &g) in compared.iter().enumerate() {
        place[g] = Some(k as u32);
    }
    let kept: Vec<usize> = (0..scores.len())
        .filter(|&i| place[group[i] as usize].is_some())
        .collect();
    let clusters = Dense::from_labels(&kept.iter().map(|&i| labels[i]).collect::<Vec<_>>());
    let within = Dense::from_labels(&kept.iter().map(|&i| group[i]).collect::<Vec<_>>());
    let crossed = clusters.crossed(&within);
    let mut cells: Vec<Option<(Cell, Sum)>> = vec![None; crossed.count];
    for ((&i, &cell), &cluster) in kept.iter().zip(&crossed.of_item).zip(&clusters.of_item) {
        let group = place[group[i] as usize].unwrap_or(0);
        let new = (
            Cell {
                cluster,
                group,
                sum: 0.0,
                size: 0.0,
            },
            Sum::default(),
        );
        let (cell, sum) = cells[cell as usize].get_or_insert(new);
        sum.add(scores[i]);
        cell.size += 1.0;
    }
    let mut cells: Vec<Cell> = cells
        .into_iter()
        .flatten()
        .map(|(cell, sum)| Cell {
            sum: sum.value(),
            ..cell
        })
        .collect();
    cells.sort_by_key(|cell| (cell.cluster, cell.group));
    cells
}

/// `sum_c u_c u_c'` with `u_ck = sum (x - m_k) / n_k` over the items of cluster `c`
/// in group `k`, each entry times the root of both groups' `G/(G-1)`.
pub(super) fn joint_covariance(
    cells: &[Cell],
    means: &[Option<ClusterMean>],
    compared: &[usize],
) -> Square {
    let info: Vec<(f64, f64, f64)> = compared
        .iter()
        .filter_map(|&g| means[g])
        .map(|mean| {
            let g = mean.clusters().first as f64;
            (mean.mean(), mean.items() as f64, (g / (g - 1.0)).sqrt())
        })
        .collect();
    let mut covariance = Square::zeros(compared.len());
    for cluster in cells.chunk_by(|a, b| a.cluster == b.cluster) {
        let push = |cell: &Cell| {
            let (mean, items, factor) = info[cell.group as usize];
            let e = cell.sum - cell.size * mean;
            // A sum that is zero but for rounding is zero.
            if e.abs() <= 1e-13 * cell.size {
                0.0
            } else {
                factor * e / items
            }
        };
        for a in cluster {
            for b in cluster {
                covariance.add(a.group as usize, b.group as usize, push(a) * push(b));
            }
        }
    }
    covariance
}
