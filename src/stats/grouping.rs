//! Cluster labels as small numbers, and rows in the order of their clusters.

use std::collections::HashMap;

/// Cluster labels replaced by `0..count`, so that how clusters are named cannot
/// matter.
#[derive(Debug, Clone)]
pub(crate) struct Dense {
    /// Cluster of each item.
    pub(crate) of_item: Vec<u32>,
    /// Number of clusters.
    pub(crate) count: usize,
}

impl Dense {
    /// Numbers labels in the order of their first appearance: through a table
    /// where labels are small beside the number of items, else through a map.
    pub(crate) fn from_labels(labels: &[u32]) -> Self {
        let largest = labels.iter().copied().max().unwrap_or(0) as usize;
        Self::from_bounded(labels.iter().copied(), largest.saturating_add(1))
    }

    /// The same of labels that lie below a bound, in one pass.
    pub(crate) fn from_bounded(labels: impl ExactSizeIterator<Item = u32>, bound: usize) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let mut count = 0_u32;
        let mut next = || {
            count += 1;
            count - 1
        };
        let of_item = if bound <= 4 * labels.len() + 1025 {
            let mut table = vec![UNSEEN; bound];
            let number = |label: u32| {
                let slot = &mut table[label as usize];
                if *slot == UNSEEN {
                    *slot = next();
                }
                *slot
            };
            labels.map(number).collect()
        } else {
            let mut table = HashMap::new();
            labels
                .map(|label| *table.entry(label).or_insert_with(&mut next))
                .collect()
        };
        Self {
            of_item,
            count: count as usize,
        }
    }

    /// The cells in which two groupings cross, numbered one row of cells after
    /// another.
    pub(crate) fn crossed(&self, other: &Self) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let order = ByCluster::new(self);
        let mut of_item = vec![0; self.of_item.len()];
        let mut count = 0_u32;
        // The cell of each cluster of the other grouping within the current
        // cluster of this one; numbers of earlier clusters lie below `first`.
        let mut cell_of = vec![UNSEEN; other.count];
        for cluster in 0..self.count {
            let first = count;
            for row in order.rows_of(cluster) {
                let cell = &mut cell_of[other.of_item[row] as usize];
                if *cell == UNSEEN || *cell < first {
                    *cell = count;
                    count += 1;
                }
                of_item[row] = *cell;
            }
        }
        Self {
            of_item,
            count: count as usize,
        }
    }
}

/// Rows in the order of their clusters.
#[derive(Debug)]
pub(crate) struct ByCluster {
    /// Where each cluster starts, and the end of the last.
    starts: Vec<u32>,
    /// Rows in cluster order; `None` where the input is in that order already.
    rows: Option<Vec<u32>>,
}

impl ByCluster {
    pub(crate) fn new(clusters: &Dense) -> Self {
        let mut starts = vec![0_u32; clusters.count + 1];
        for &cluster in &clusters.of_item {
            starts[cluster as usize + 1] += 1;
        }
        for cluster in 0..clusters.count {
            starts[cluster + 1] += starts[cluster];
        }
        if clusters.of_item.is_sorted() {
            return Self { starts, rows: None };
        }
        let mut next = starts.clone();
        let mut rows = vec![0_u32; clusters.of_item.len()];
        for (row, &cluster) in clusters.of_item.iter().enumerate() {
            let place = &mut next[cluster as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        Self {
            starts,
            rows: Some(rows),
        }
    }

    /// Number of clusters.
    pub(crate) fn clusters(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of rows in a cluster.
    pub(crate) fn size(&self, cluster: usize) -> usize {
        (self.starts[cluster + 1] - self.starts[cluster]) as usize
    }

    /// The rows of a cluster, in their own order.
    pub(crate) fn rows_of(&self, cluster: usize) -> impl Iterator<Item = usize> {
        let range = self.starts[cluster] as usize..self.starts[cluster + 1] as usize;
        range.map(|place| {
            self.rows
                .as_ref()
                .map_or(place, |rows| rows[place] as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_are_numbered_as_they_appear() {
        let small = Dense::from_labels(&[7, 3, 7, 0, 3]);
        assert_eq!((small.of_item, small.count), (vec![0, 1, 0, 2, 1], 3));
        let large = Dense::from_labels(&[u32::MAX, 5, u32::MAX]);
        assert_eq!((large.of_item, large.count), (vec![0, 1, 0], 2));
        assert_eq!(Dense::from_labels(&[]).count, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn cells_are_the_pairs_of_labels(
            pairs in prop::collection::vec((0_u32..6, 0_u32..5), 1..60),
        ) {
            let (first, second): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
            let cells = Dense::from_labels(&first).crossed(&Dense::from_labels(&second));
            prop_assert_eq!(cells.count, pairs.iter().collect::<BTreeSet<_>>().len());
            for (i, a) in pairs.iter().enumerate() {
                prop_assert!((cells.of_item[i] as usize) < cells.count);
                for (j, b) in pairs.iter().enumerate() {
                    prop_assert_eq!(cells.of_item[i] == cells.of_item[j], a == b);
                }
            }
        }

        #[test]
        fn every_row_is_listed_once_under_its_cluster(
            labels in prop::collection::vec(0_u32..7, 1..60),
        ) {
            let dense = Dense::from_labels(&labels);
            let order = ByCluster::new(&dense);
            let mut seen = 0;
            for cluster in 0..order.clusters() {
                let rows: Vec<usize> = order.rows_of(cluster).collect();
                prop_assert!(rows.is_sorted());
                prop_assert!(rows.iter().all(|&row| dense.of_item[row] as usize == cluster));
                prop_assert_eq!(rows.len(), order.size(cluster));
                seen += rows.len();
            }
            prop_assert_eq!(seen, labels.len());
        }
    }
}
