//! Small dense symmetric matrices: as large as the number of models or
//! coefficients, never of items.

/// A square matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Square {
    size: usize,
    entries: Vec<f64>,
}

impl Square {
    /// A matrix of zeros.
    pub(crate) fn zeros(size: usize) -> Self {
        Self {
            size,
            entries: vec![0.0; size * size],
        }
    }

    /// Number of rows.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Entry in row `i` and column `j`.
    pub(crate) fn at(&self, i: usize, j: usize) -> f64 {
        self.entries[i * self.size + j]
    }

    /// Adds to the entry in row `i` and column `j`.
    pub(crate) fn add(&mut self, i: usize, j: usize, value: f64) {
        self.entries[i * self.size + j] += value;
    }

    /// Adds `weight * x x'`.
    pub(crate) fn add_outer(&mut self, weight: f64, x: &[f64]) {
        for (i, &xi) in x.iter().enumerate() {
            let row = &mut self.entries[i * self.size..(i + 1) * self.size];
            for (entry, &xj) in row.iter_mut().zip(x) {
                *entry += weight * xi * xj;
            }
        }
    }

    /// The sum of this and `scale` times another matrix of the same size.
    pub(crate) fn plus(&self, scale: f64, other: &Self) -> Self {
        let entries = self
            .entries
            .iter()
            .zip(&other.entries)
            .map(|(a, b)| a + scale * b)
            .collect();
        Self {
            size: self.size,
            entries,
        }
    }

    /// The matrix product with another of the same size.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.size);
        for i in 0..self.size {
            for k in 0..self.size {
                let factor = self.at(i, k);
                for j in 0..self.size {
                    product.entries[i * self.size + j] += factor * other.at(k, j);
                }
            }
        }
        product
    }

    /// The matrix mirrored on its diagonal.
    pub(crate) fn transposed(&self) -> Self {
        let mut mirrored = Self::zeros(self.size);
        for i in 0..self.size {
            for j in 0..self.size {
                mirrored.entries[j * self.size + i] = self.at(i, j);
            }
        }
        mirrored
    }

    /// The product with a vector.
    pub(crate) fn apply(&self, x: &[f64]) -> Vec<f64> {
        self.entries
            .chunks_exact(self.size)
            .map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum())
            .collect()
    }

    /// `c' A c` for the contrast that is 1 at `i`, -1 at `j` and 0 elsewhere.
    pub(crate) fn contrast(&self, i: usize, j: usize) -> f64 {
        (self.at(i, i) - self.at(i, j)) + (self.at(j, j) - self.at(j, i))
    }

    /// Inverse of a positive definite matrix; `None` where it is not positive
    /// definite up to rounding.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let lower = self.cholesky()?;
        let n = self.size;
        let mut inverse = Self::zeros(n);
        for column in 0..n {
            let mut x = vec![0.0; n];
            x[column] = 1.0;
            for i in 0..n {
                let known: f64 = (0..i).map(|k| lower.at(i, k) * x[k]).sum();
                x[i] = (x[i] - known) / lower.at(i, i);
            }
            for i in (0..n).rev() {
                let known: f64 = (i + 1..n).map(|k| lower.at(k, i) * x[k]).sum();
                x[i] = (x[i] - known) / lower.at(i, i);
            }
            for (i, value) in x.into_iter().enumerate() {
                inverse.entries[i * n + column] = value;
            }
        }
        Some(inverse)
    }

    /// Lower triangular `L` with `L L'` equal to this matrix; `None` where a
    /// pivot is not clearly positive.
    fn cholesky(&self) -> Option<Self> {
        let mut lower = Self::zeros(self.size);
        for j in 0..self.size {
            let pivot = self.reduced(&lower, j, j);
            if !(pivot > 1e-12 * self.at(j, j).abs() && pivot.is_finite()) {
                return None;
            }
            self.fill_column(&mut lower, j, pivot);
        }
        Some(lower)
    }

    /// As the Cholesky factor, for a matrix that may be singular: a column whose
    /// pivot is zero up to rounding is left zero.
    pub(crate) fn semidefinite_root(&self) -> Self {
        let largest = (0..self.size).map(|i| self.at(i, i)).fold(0.0, f64::max);
        let mut lower = Self::zeros(self.size);
        for j in 0..self.size {
            let pivot = self.reduced(&lower, j, j);
            if pivot > 1e-10 * largest {
                self.fill_column(&mut lower, j, pivot);
            }
        }
        lower
    }

    /// How many columns of a positive semidefinite matrix are none of the others, where a
    /// pivot under a share of its column's `total` is zero but for rounding.
    pub(crate) fn rank(&self, total: &[f64], rounding: f64) -> usize {
        let mut lower = Self::zeros(self.size);
        let mut rank = 0;
        for (j, total) in total.iter().enumerate() {
            let pivot = self.reduced(&lower, j, j);
            if pivot > rounding * total {
                self.fill_column(&mut lower, j, pivot);
                rank += 1;
            }
        }
        rank
    }

    fn reduced(&self, lower: &Self, i: usize, j: usize) -> f64 {
        let known: f64 = (0..j).map(|k| lower.at(i, k) * lower.at(j, k)).sum();
        self.at(i, j) - known
    }

    fn fill_column(&self, lower: &mut Self, j: usize, pivot: f64) {
        let root = pivot.sqrt();
        for i in j..self.size {
            let value = self.reduced(lower, i, j) / root;
            lower.entries[i * self.size + j] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gram(rows: &[Vec<f64>]) -> Square {
        let mut square = Square::zeros(rows[0].len());
        for row in rows {
            square.add_outer(1.0, row);
        }
        square
    }

    #[test]
    fn a_singular_matrix_has_no_inverse_but_a_root() {
        let square = gram(&[vec![1.0, 2.0, -3.0], vec![0.5, 0.25, -0.75]]);
        assert_eq!(square.inverse(), None);
        let root = square.semidefinite_root();
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| root.at(i, k) * root.at(j, k)).sum();
                assert!((product - square.at(i, j)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_contrast_is_its_quadratic_form() {
        let square = gram(&[vec![1.0, 2.0], vec![0.5, -1.0]]);
        let applied = square.apply(&[1.0, -1.0]);
        assert!((square.contrast(0, 1) - (applied[0] - applied[1])).abs() < 1e-15);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_inverse_times_the_matrix_is_the_identity(
            rows in prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, 4), 8..12),
        ) {
            let mut square = gram(&rows);
            for i in 0..4 {
                square.add(i, i, 0.5);
            }
            let product = square.times(&square.inverse().unwrap());
            for i in 0..4 {
                for j in 0..4 {
                    let expected = f64::from(u8::from(i == j));
                    prop_assert!((product.at(i, j) - expected).abs() < 1e-11);
                }
            }
        }
    }
}
