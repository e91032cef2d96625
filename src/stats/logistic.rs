//! Logistic regression on scores in `[0, 1]`, without penalty.
//!
//! `logit E[y] = x' b`, fitted by Newton's method (iteratively reweighted least
//! squares) on the log likelihood `sum y ln p + (1 - y) ln(1 - p)`, which is
//! concave. A score between 0 and 1 counts as that share of a win.

use super::StatsError;
use super::linalg::Square;
use super::newton::{Likelihood, Maximum, maximise};
use super::sum::Sum;

/// Beyond this linear predictor a fitted chance is 0 or 1 in double precision for
/// all purposes.
const RUNAWAY: f64 = 30.0;

/// A pivot under this share of its column's squares is zero but for rounding.
const ROUNDING: f64 = 1e-10;

/// A design matrix: one row of features for each item.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    columns: usize,
    entries: Vec<f64>,
}

impl Design {
    /// From columns of one length.
    pub(crate) fn from_columns(columns: &[Vec<f64>]) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let mut entries = Vec::with_capacity(rows * columns.len());
        for row in 0..rows {
            entries.extend(columns.iter().map(|column| column[row]));
        }
        Self {
            columns: columns.len(),
            entries,
        }
    }

    /// From rows of so many columns.
    pub(crate) fn from_rows(
        columns: usize,
        rows: usize,
        each: impl Iterator<Item = Vec<f64>>,
    ) -> Self {
        let mut entries = Vec::with_capacity(columns * rows);
        each.for_each(|row| entries.extend_from_slice(&row));
        Self { columns, entries }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.entries.chunks_exact(self.columns)
    }
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln sigmoid(x)` without overflow.
pub(crate) fn log_sigmoid(x: f64) -> f64 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Fits the regression.
///
/// # Errors
///
/// [`StatsError::Collinear`] when some feature is a combination of others, and
/// [`StatsError::Separated`] when features predict the outcome without error, so
/// that no finite coefficients are best.
pub(crate) fn fit(design: &Design, outcomes: &[f64]) -> Result<Maximum, StatsError> {
    maximise(&Logistic { design, outcomes }, vec![0.0; design.columns])
}

struct Logistic<'a> {
    design: &'a Design,
    outcomes: &'a [f64],
}

impl Logistic<'_> {
    fn rows(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.design.rows().zip(self.outcomes.iter().copied())
    }
}

impl Likelihood for Logistic<'_> {
    fn value(&self, at: &[f64]) -> f64 {
        let mut total = Sum::default();
        for (row, y) in self.rows() {
            let eta = dot(row, at);
            total.add(y * log_sigmoid(eta) + (1.0 - y) * log_sigmoid(-eta));
        }
        total.value()
    }

    fn derivatives(&self, at: &[f64]) -> (Vec<f64>, Square) {
        let mut gradient = vec![Sum::default(); self.design.columns];
        let mut information = Square::zeros(self.design.columns);
        for (row, y) in self.rows() {
            let p = sigmoid(dot(row, at));
            for (g, x) in gradient.iter_mut().zip(row) {
                g.add(x * (y - p));
            }
            information.add_outer(p * (1.0 - p), row);
        }
        (gradient.into_iter().map(Sum::value).collect(), information)
    }

    /// Where the fit runs away, all items that hold it back are the same along its way: what
    /// is not beyond tells some coefficient no longer. One item that is far out in a column
    /// is beyond at a maximum, too, and the others tell all of them.
    fn runs_away(&self, at: &[f64]) -> bool {
        let is_beyond = |row: &&[f64]| dot(row, at).abs() > RUNAWAY;
        if !self.design.rows().any(|row| is_beyond(&row)) {
            return false;
        }
        let mut left = Square::zeros(at.len());
        for row in self.design.rows().filter(|row| !is_beyond(row)) {
            left.add_outer(1.0, row);
        }
        let squares: Vec<f64> = (0..at.len()).map(|i| left.at(i, i)).collect();
        left.rank(&squares, ROUNDING) < at.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_intercept_alone_is_the_logit_of_the_mean() {
        let design = Design::from_columns(&[vec![1.0; 5]]);
        let fitted = fit(&design, &[1.0, 0.0, 0.5, 1.0, 1.0]).unwrap();
        assert!((fitted.at[0] - (0.7_f64 / 0.3).ln()).abs() < 1e-12);
    }

    #[test]
    fn a_feature_twice_is_collinear() {
        let x = vec![0.1, 0.5, -0.3, 0.2];
        let design = Design::from_columns(&[x.clone(), x]);
        assert_eq!(
            fit(&design, &[1.0, 0.0, 0.5, 1.0]).unwrap_err(),
            StatsError::Collinear
        );
    }

    #[test]
    fn outcomes_that_follow_a_feature_without_error_are_separated() {
        let design = Design::from_columns(&[vec![-2.0, -1.0, 1.0, 2.0], vec![1.0; 4]]);
        assert_eq!(
            fit(&design, &[0.0, 0.0, 1.0, 1.0]).unwrap_err(),
            StatsError::Separated
        );
    }

    /// Numbers about 3 that say little, and one item that is far out.
    #[test]
    fn one_item_far_out_is_no_separation() {
        let of = |far: f64, outcome: f64| {
            let near = (0..199_u32).map(|i| f64::from(i * 37 % 13) / 2.0 - 3.0);
            let x: Vec<f64> = near.chain([far]).collect();
            let won = |i: u32| f64::from(u8::from(i * 29 % 101 + 4 * (i * 37 % 13) > 70));
            let y: Vec<f64> = (0..199).map(won).chain([outcome]).collect();
            let design = Design::from_columns(&[vec![1.0; 200], x]);
            fit(&design, &y).map(|fitted| fitted.at[1])
        };
        // An item that is won as sure as can be tells nothing more.
        let without = of(60.0, 1.0).unwrap();
        assert!(without > 0.2, "{without}");
        for far in [100.0, 150.0, 1e4, 1e6] {
            let slope = of(far, 1.0).unwrap();
            assert!((slope - without).abs() < 1e-6, "{far} {slope} {without}");
        }
        // A loss that is far out holds the slope down.
        assert!(of(150.0, 0.0).unwrap() < 0.1);
    }

    #[test]
    fn items_that_hold_no_coefficient_back_are_separated_wherever_others_are() {
        // The second column is told by the first two items alone, which it splits.
        let far = vec![1e3, -1.0, 0.0, 0.0, 0.0, 0.0];
        let design = Design::from_columns(&[vec![1.0; 6], far]);
        assert_eq!(
            fit(&design, &[1.0, 0.0, 1.0, 0.0, 1.0, 0.0]).unwrap_err(),
            StatsError::Separated
        );
        // Rows that are split but for ties at one place.
        let design = Design::from_columns(&[vec![1.0; 6], vec![-200.0, -1.0, 0.0, 0.0, 1.0, 90.0]]);
        assert_eq!(
            fit(&design, &[0.0, 0.0, 1.0, 0.0, 1.0, 1.0]).unwrap_err(),
            StatsError::Separated
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// At the maximum no small move of any coefficient helps.
        #[test]
        fn the_fit_is_a_maximum(
            rows in prop::collection::vec((-1.0..1.0_f64, 0.05..0.95_f64), 6..40),
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            prop_assume!(x.iter().any(|v| (v - x[0]).abs() > 0.1));
            let design = Design::from_columns(&[x.clone(), vec![1.0; x.len()]]);
            let fitted = fit(&design, &y).unwrap();
            let likelihood = Logistic { design: &design, outcomes: &y };
            let best = likelihood.value(&fitted.at);
            for (i, move_by) in [(0, 1e-3), (0, -1e-3), (1, 1e-3), (1, -1e-3)] {
                let mut near = fitted.at.clone();
                near[i] += move_by;
                prop_assert!(likelihood.value(&near) < best);
            }
        }
    }
}
