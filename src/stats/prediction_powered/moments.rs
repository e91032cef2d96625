//! The moments of labels and predictions, and the weight that they give the judge.

use super::super::cluster::mean;
use super::super::grouping::Dense;
use super::super::sum::sum;
use super::Columns;

/// Moments of scores in `[0, 1]` that are as small as this are 0.
pub(super) const ROUNDING: f64 = 1e-12;

/// λ and the mean prediction that the labels of other clusters give, for each labelled
/// item.
pub(super) fn left_out(columns: &Columns, moments: &Moments, clusters: &Dense) -> Vec<(f64, f64)> {
    let mut of_cluster = vec![Products::default(); clusters.count];
    let mut all = Products::default();
    let rows = columns.labelled.rows.iter();
    let labelled: Vec<usize> = rows.map(|row| clusters.of_item[*row] as usize).collect();
    for (place, cluster) in labelled.iter().enumerate() {
        let (y, f) = (columns.people[place], columns.labelled.judge[place]);
        of_cluster[*cluster].add(columns.shares[place], y, f);
        all.add(columns.shares[place], y, f);
    }
    labelled
        .iter()
        .map(|cluster| {
            let others = all.without(of_cluster[*cluster]);
            (moments.tuned(others.covariance()), others.judge / others.n)
        })
        .collect()
}

/// What a covariance is made from.
#[derive(Debug, Clone, Copy, Default)]
struct Products {
    n: f64,
    people: f64,
    judge: f64,
    both: f64,
}

impl Products {
    fn add(&mut self, share: f64, y: f64, f: f64) {
        self.n += share;
        self.people += share * y;
        self.judge += share * f;
        self.both += share * y * f;
    }

    fn without(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            people: self.people - other.people,
            judge: self.judge - other.judge,
            both: self.both - other.both,
        }
    }

    fn covariance(self) -> f64 {
        (self.both - self.people * self.judge / self.n) / self.n
    }
}

/// `s²/n`; 0 for fewer than two values.
pub(super) fn variance_of_mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let middle = mean(values);
    sum(values.iter().map(|value| (value - middle).powi(2))) / (n - 1.0) / n
}

/// What tunes the judge's weight.
pub(super) struct Moments {
    /// Covariance of judge and people over the labelled items, by their weights.
    pub(super) covariance: f64,
    /// Variances of both over the labelled items, by their weights.
    labelled_judge: f64,
    people: f64,
    /// Variance of the judge over all items, by one less than their number.
    judge: f64,
    /// `1 + n/N`.
    factor: f64,
}

impl Moments {
    pub(super) fn of(columns: &Columns) -> Self {
        let (y, f) = (&columns.people, &columns.labelled.judge);
        let n = y.len() as f64;
        let (of_people, of_judge) = (columns.weighted(y), columns.weighted(f));
        let all: Vec<f64> = f.iter().chain(&columns.unlabelled.judge).copied().collect();
        let apart = |values: &[f64], middle: f64| -> Vec<f64> {
            values.iter().map(|value| value - middle).collect()
        };
        let (y, f) = (apart(y, of_people), apart(f, of_judge));
        let product = |a: &[f64], b: &[f64]| {
            let products: Vec<f64> = a.iter().zip(b).map(|(a, b)| a * b).collect();
            columns.weighted(&products)
        };
        Self {
            covariance: product(&y, &f),
            labelled_judge: product(&f, &f),
            people: product(&y, &y),
            judge: variance_of_mean(&all) * all.len() as f64,
            factor: 1.0 + n / columns.unlabelled.rows.len().max(1) as f64,
        }
    }

    pub(super) fn correlation(&self) -> Option<f64> {
        let scale = (self.labelled_judge * self.people).sqrt();
        (scale > ROUNDING).then(|| (self.covariance / scale).clamp(-1.0, 1.0))
    }

    /// λ by a covariance. One that is 0 but for rounding gives exactly 0.
    pub(super) fn tuned(&self, covariance: f64) -> f64 {
        if self.judge > ROUNDING && covariance > ROUNDING {
            (covariance / (self.factor * self.judge)).min(1.0)
        } else {
            0.0
        }
    }
}
