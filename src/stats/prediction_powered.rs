//! What people would say of all items, from a judge who saw all of them and people
//! who saw some: prediction-powered inference with a tuned weight (PPI++).
//!
//! With `F` the judge's scores, `Y` those of people, `n` labelled items and `N` others:
//!
//! ```text
//! θ = λ·mean(F of the others) + mean(Y - λF of the labelled)
//! λ = cov(Y, F) / ((1 + n/N) var(F)), cut to [0, 1]
//! V = λ²·var(F)/N + var(Y - λF)/n
//! ```
//!
//! Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453. λ = 0 is the mean of the labels
//! alone, λ = 1 the judge's mean less its mean error. Whatever λ is, θ estimates what
//! people would say of all items, if the labelled ones were drawn at random from all.
//!
//! Items that share a cluster move together, also where one is labelled and the other
//! is not: each item's share of the error is summed within clusters before it is
//! squared (`G/(G-1)` for the labelled and for the others), and with two dimensions of
//! clusters `V = V_1 + V_2 - V_12`, no less than the larger of the two, as in
//! [`super::cluster`]. The interval is θ ∓ t·√V with the number of labelled clusters
//! less one, in the dimension that has fewest.
//!
//! A tuned λ was chosen to make the errors of just these labels small, so that the
//! error of each is taken with the λ that the labels of other clusters give. θ is
//! `mean(Y) + λ(mean(F of the others) - mean(F of the labelled))`, in which λ stands
//! beside a difference of two means: so does each error hold `F` less its mean, again that
//! of the labels of other clusters, and a λ that differs from label to label adds nothing
//! of the level of `F`. Seen from the opponent's side θ is 1 - θ, with the same error.
//!
//! A judge whose scores hardly go with those of people makes θ worse than the labels
//! alone, because λ has to be estimated: where `|corr(Y, F)| < 1/√(n-2)`, about what
//! chance gives, λ is 0 (Mani et al. 2025, arXiv 2505.20178). `n` counts clusters.
//!
//! Where the labelled items had different chances to be drawn, each stands for `w` of all
//! items (one over its chance), and with `p = w/Σw` and `q = ((n+N)·p - 1)/N`
//!
//! ```text
//! θ = Σ p·Y + λ·(mean(F of the others) - Σ q·F of the labelled)
//! ```
//!
//! which is `Σ p·Y` less `λ(n+N)/N` times what the labels' weighted mean of `F` misses
//! that of all items by (Hájek's ratio of Horvitz-Thompson sums); of equal weights
//! `p = q = 1/n`, and it is the θ above. A label's share of the error is
//! `p·(Y - mean Y) - λ·q·(F - mean F)` with weighted means; covariances are weighted too.
//!
//! Stratified (Fisch et al. 2024, arXiv 2406.04291): θ and λ of each stratum, joined by
//! the strata's shares of all items.

mod moments;

use super::cluster::{check_length, check_scores, mean};
use super::grouping::Dense;
use super::quantile::t_upper_quantile;
use super::sum::sum;
use super::{Clusters, Interval, Level, StatsError};
use moments::{Moments, ROUNDING, left_out, variance_of_mean};

/// Items that a judge scored, some of which people scored too.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// The judge's scores.
    pub judge: &'a [f64],
    /// The scores of people, where there are any.
    pub people: &'a [Option<f64>],
    /// Which items move together.
    pub clusters: Clusters<'a>,
    /// The stratum of each item; empty for one stratum.
    pub strata: &'a [u32],
    /// How many items each labelled one stands for, in proportion: one over its chance to
    /// be drawn. Empty where all had the same; what others have here is not used.
    pub weights: &'a [f64],
}

/// How much weight the judge gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tuning {
    /// The weight with which the variance is least, by what the labels show, and none
    /// where judge and people hardly go together.
    Power,
    /// The same without that guard.
    PowerUnguarded,
    /// This weight: 1 is plain prediction-powered inference, 0 the labels alone.
    Fixed(f64),
}

/// The estimate within one stratum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// θ of the stratum.
    pub estimate: f64,
    /// The judge's weight.
    pub lambda: f64,
    /// Correlation of judge and people; `None` where one of them never varies.
    pub correlation: Option<f64>,
    /// The correlation under which the judge gets no weight.
    pub least_correlation: f64,
    /// Labelled items.
    pub labelled: usize,
    /// Other items.
    pub unlabelled: usize,
    /// Variance from the other items, `λ²·var(F)/N`, were all items independent.
    pub unlabelled_variance: f64,
    /// Variance from the labelled ones, `var(Y - λF)/n`, were all items independent.
    pub labelled_variance: f64,
}

/// An estimate of what people would say of all items.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionPowered {
    estimate: f64,
    variance: f64,
    clusters: usize,
    strata: Vec<Stratum>,
}

impl PredictionPowered {
    /// θ.
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// Its cluster-robust standard error.
    pub fn standard_error(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Clusters with a labelled item, in the dimension that has fewest.
    pub fn labelled_clusters(&self) -> usize {
        self.clusters
    }

    /// Labelled clusters less the number of strata.
    pub fn degrees_of_freedom(&self) -> usize {
        self.clusters.saturating_sub(self.strata.len()).max(1)
    }

    /// What each stratum says; a single one where there are no strata.
    pub fn strata(&self) -> &[Stratum] {
        &self.strata
    }

    /// θ ∓ t·√V.
    ///
    /// # Errors
    ///
    /// When nothing varies, so that the interval would be a point.
    pub fn interval(&self, level: Level) -> Result<Interval, StatsError> {
        if self.variance <= 0.0 {
            return Err(StatsError::NoVariation);
        }
        let t = t_upper_quantile(level.tail(), self.degrees_of_freedom() as f64);
        let reach = t * self.standard_error();
        let low = self.estimate - reach;
        Interval::new(self.estimate, low, self.estimate + reach, level)
    }
}

/// One stratum's items as columns.
#[derive(Default)]
struct Columns {
    labelled: Part,
    unlabelled: Part,
    people: Vec<f64>,
    /// What each label stands for, parallel to `people`, adding up to 1.
    shares: Vec<f64>,
}

impl Columns {
    /// With which the predictions on the labelled items are taken off.
    fn of_judge(&self) -> Vec<f64> {
        let others = self.unlabelled.rows.len().max(1) as f64;
        let all = (self.people.len() + self.unlabelled.rows.len()) as f64;
        let shares = self.shares.iter();
        shares.map(|share| (all * share - 1.0) / others).collect()
    }

    /// Weighted mean over the labelled items.
    fn weighted(&self, values: &[f64]) -> f64 {
        sum(values.iter().zip(&self.shares).map(|(v, share)| v * share))
    }
}

/// Labelled items, or the others.
#[derive(Default)]
struct Part {
    rows: Vec<usize>,
    judge: Vec<f64>,
}

impl Part {
    fn add(&mut self, row: usize, judge: f64) {
        self.rows.push(row);
        self.judge.push(judge);
    }

    /// Clusters among these rows.
    fn clusters(&self, clusters: &Dense) -> usize {
        let labels: Vec<u32> = self.rows.iter().map(|row| clusters.of_item[*row]).collect();
        Dense::from_labels(&labels).count
    }
}

/// Estimates what people would say of all items (see the module).
///
/// # Errors
///
/// When columns differ in length, a score is not finite, or some stratum has fewer
/// than two clusters with labels.
pub fn prediction_powered(
    items: Items<'_>,
    tuning: Tuning,
) -> Result<PredictionPowered, StatsError> {
    check_scores(items.judge)?;
    let n = items.judge.len();
    check_length("the people column", items.people.len(), n)?;
    if !items.weights.is_empty() {
        check_length("the weight column", items.weights.len(), n)?;
    }
    let dimensions = dimensions(items.clusters, n)?;
    let strata = if items.strata.is_empty() {
        vec![Columns::default()]
    } else {
        check_length("the stratum column", items.strata.len(), n)?;
        let of_item = Dense::from_labels(items.strata);
        (0..of_item.count).map(|_| Columns::default()).collect()
    };
    let strata = filled(strata, items)?;
    let mut made = PredictionPowered {
        estimate: 0.0,
        variance: 0.0,
        clusters: usize::MAX,
        strata: Vec::new(),
    };
    let mut errors = vec![0.0; n];
    for columns in &strata {
        let share = (columns.labelled.rows.len() + columns.unlabelled.rows.len()) as f64 / n as f64;
        let stratum = one_stratum(columns, &dimensions, tuning, share, &mut errors)?;
        made.estimate += share * stratum.estimate;
        made.strata.push(stratum);
    }
    let squares = |clusters: &Dense| squares(&errors, &strata, clusters);
    for clusters in &dimensions {
        made.clusters = made.clusters.min(labelled_clusters(&strata, clusters));
        made.variance = made.variance.max(squares(clusters));
    }
    if let [first, second] = &dimensions[..] {
        let both = squares(first) + squares(second) - squares(&first.crossed(second));
        made.variance = made.variance.max(both);
    }
    Ok(made)
}

fn dimensions(clusters: Clusters<'_>, n: usize) -> Result<Vec<Dense>, StatsError> {
    let columns: &[&[u32]] = match clusters {
        Clusters::OneWay(labels) => &[labels],
        Clusters::TwoWay(first, second) => &[first, second],
    };
    let dense = |labels: &&[u32]| {
        check_length("a cluster column", labels.len(), n)?;
        Ok(Dense::from_labels(labels))
    };
    columns.iter().map(dense).collect()
}

/// The sum over clusters of the squared errors of all of their items, those of the
/// labelled items and those of the others each by its own `√(G/(G-1))`.
fn squares(errors: &[f64], strata: &[Columns], clusters: &Dense) -> f64 {
    let mut sums = vec![0.0; clusters.count];
    let parts = strata
        .iter()
        .flat_map(|columns| [&columns.labelled, &columns.unlabelled]);
    for part in parts {
        let groups = part.clusters(clusters) as f64;
        if groups < 2.0 {
            continue;
        }
        let scale = (groups / (groups - 1.0)).sqrt();
        for row in &part.rows {
            sums[clusters.of_item[*row] as usize] += scale * errors[*row];
        }
    }
    sum(sums.iter().map(|e| e * e))
}

fn filled(mut strata: Vec<Columns>, items: Items<'_>) -> Result<Vec<Columns>, StatsError> {
    let of_item = Dense::from_labels(items.strata).of_item;
    for (row, (judge, people)) in items.judge.iter().zip(items.people).enumerate() {
        let columns = &mut strata[of_item.get(row).copied().unwrap_or(0) as usize];
        match people {
            Some(value) if !value.is_finite() => {
                return Err(StatsError::NotFinite { row, value: *value });
            }
            Some(value) => {
                columns.labelled.add(row, *judge);
                columns.people.push(*value);
                columns.shares.push(weight_of(items, row)?);
            }
            None => columns.unlabelled.add(row, *judge),
        }
    }
    for columns in &mut strata {
        let all = sum(columns.shares.iter().copied());
        columns.shares.iter_mut().for_each(|share| *share /= all);
    }
    Ok(strata)
}

fn weight_of(items: Items<'_>, row: usize) -> Result<f64, StatsError> {
    match items.weights.get(row) {
        None => Ok(1.0),
        Some(weight) if *weight > 0.0 && weight.is_finite() => Ok(*weight),
        Some(weight) => Err(StatsError::OutOfRange {
            what: "the weight of a label",
            value: *weight,
            low: f64::MIN_POSITIVE,
            high: f64::MAX,
        }),
    }
}

fn labelled_clusters(strata: &[Columns], clusters: &Dense) -> usize {
    let mut seen = vec![false; clusters.count];
    let rows = strata.iter().flat_map(|columns| &columns.labelled.rows);
    rows.filter(|row| !std::mem::replace(&mut seen[clusters.of_item[**row] as usize], true))
        .count()
}

/// One stratum, whose items' errors, times its share of all items, are put down.
fn one_stratum(
    columns: &Columns,
    dimensions: &[Dense],
    tuning: Tuning,
    share: f64,
    errors: &mut [f64],
) -> Result<Stratum, StatsError> {
    let fewest = |part: &Part| {
        let counts = dimensions.iter().map(|clusters| part.clusters(clusters));
        counts.min().unwrap_or_default()
    };
    let groups = fewest(&columns.labelled);
    if groups < 2 {
        return Err(StatsError::TooFewLabels {
            found: columns.people.len(),
            needed: 2,
        });
    }
    let other_groups = fewest(&columns.unlabelled);
    let moments = Moments::of(columns);
    // Labels of unequal weights say as much as fewer of equal ones (Kish).
    let squares = sum(columns.shares.iter().map(|share| share * share));
    let worth = groups as f64 / (squares * columns.people.len() as f64).max(1.0);
    let least_correlation = 1.0 / (worth - 2.0).max(1.0).sqrt();
    let tied = |r: f64| r.abs() >= least_correlation - ROUNDING;
    let lambda = match tuning {
        // Others that are none, or one cluster, have no mean to lean on.
        _ if other_groups < 2 => 0.0,
        Tuning::Fixed(lambda) => lambda,
        Tuning::Power if !moments.correlation().is_some_and(tied) => 0.0,
        Tuning::Power | Tuning::PowerUnguarded => moments.tuned(moments.covariance),
    };
    let of_judge = columns.of_judge();
    let of_labelled = columns.weighted(&columns.labelled.judge);
    let alike = vec![(lambda, of_labelled); columns.people.len()];
    let plain = label_errors(columns, &of_judge, &alike);
    let chosen = !matches!(tuning, Tuning::Fixed(_)) && lambda > 0.0;
    let told = if chosen {
        label_errors(
            columns,
            &of_judge,
            &left_out(columns, &moments, &dimensions[0]),
        )
    } else {
        plain.clone()
    };
    for (error, row) in told.iter().zip(&columns.labelled.rows) {
        errors[*row] = share * error;
    }
    let predicted = columns.labelled.judge.iter().zip(&of_judge);
    let predicted = sum(predicted.map(|(f, q)| f * q));
    let mut estimate = columns.weighted(&columns.people) - lambda * predicted;
    if lambda != 0.0 {
        let others = &columns.unlabelled;
        let of_others = mean(&others.judge);
        estimate += lambda * of_others;
        // What the mean of the others is once the labelled ones stand for all.
        let middle = of_others - predicted + of_labelled;
        for (f, row) in others.judge.iter().zip(&others.rows) {
            errors[*row] = share * lambda / others.rows.len() as f64 * (f - middle);
        }
    }
    let n = columns.people.len() as f64;
    Ok(Stratum {
        estimate,
        lambda,
        correlation: moments.correlation(),
        least_correlation,
        labelled: columns.people.len(),
        unlabelled: columns.unlabelled.rows.len(),
        unlabelled_variance: lambda * lambda * variance_of_mean(&columns.unlabelled.judge),
        labelled_variance: n / (n - 1.0).max(1.0) * sum(plain.iter().map(|e| e * e)),
    })
}

/// Each label's share of the error, with the λ and the mean prediction that are given for
/// it.
fn label_errors(columns: &Columns, of_judge: &[f64], given: &[(f64, f64)]) -> Vec<f64> {
    let scores = columns.labelled.judge.iter().zip(given);
    let predicted: Vec<f64> = scores
        .map(|(f, (lambda, middle))| lambda * (f - middle))
        .collect();
    let middle = columns.weighted(&columns.people) - columns.weighted(&predicted);
    let weights = columns.shares.iter().zip(of_judge);
    let values = columns.people.iter().zip(&predicted);
    values
        .zip(weights)
        .map(|((y, f), (p, q))| p * (y - middle) - q * f)
        .collect()
}

#[cfg(test)]
mod tests;
