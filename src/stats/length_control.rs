//! Win rate with the judge's taste for length, and other style, taken out.
//!
//! The logistic model of AlpacaEval 2 (Dubois et al. 2024, arXiv 2404.04475):
//!
//! ```text
//! logit P(candidate wins item i) =
//!     theta + psi * difficulty_i + phi * tanh(d_i) + sum_k beta_k * s_ik
//! ```
//!
//! with `d_i` the length of the candidate's answer less the opponent's, over the
//! standard deviation of that difference, and `s_ik` further style differences,
//! scaled alike. Differences are scaled and *not* centred: centred ones would
//! control for the average difference instead of none. Where AlpacaEval fits with
//! a small penalty this fits without; on its data the two differ by about a tenth
//! of a point.
//!
//! The controlled win rate is the mean of `sigmoid(theta + psi * difficulty_i)`:
//! what the candidate would win were both answers of one style. Its standard
//! error sums influence values by cluster,
//!
//! `inf_i = q_i - LC + grad' H^-1 x_i (y_i - p_i)`,
//!
//! so that it carries the error of the coefficients. (The spread of fitted values
//! alone, which AlpacaEval prints, is zero without a difficulty column.)
//!
//! A slope that fewer than fifty clusters of a dimension carry (see `support`), as that of
//! a style on few questions or of a dozen personas, has the variance of leaving these
//! out, because the fit follows them. From fifty on the two are within 2% for one control.
//!
//! Properties: swapping the two answers of every item mirrors the result, a model
//! against itself gets one half, and equal lengths leave the raw win rate.

use super::between_clusters::between_clusters;
use super::cluster::{check_length, check_scores, cluster_mean_with, mean};
use super::grouping::Dense;
use super::left_out::left_out;
use super::logistic::{Design, dot, fit, sigmoid};
use super::newton::Maximum;
use super::sum::sum;
pub use super::support::Support;
use super::support::supports;
use super::{ClusterMean, Clusters, StatsError, cluster_mean};

/// Scores this much apart are one but for rounding.
const ROUNDING: f64 = 1e-12;

/// From so many clusters on that carry a slope, leaving each out hardly changes its error.
const MANY: f64 = 50.0;

/// A style difference of each item: the candidate's value less the opponent's.
#[derive(Debug, Clone, Copy)]
pub struct StyleColumn<'a> {
    /// Differences, one for each item.
    pub difference: &'a [f64],
    /// Whether the scaled difference passes through `tanh`, as length does, so
    /// that a few extreme answers do not rule the slope.
    pub squashed: bool,
}

impl<'a> StyleColumn<'a> {
    /// Length differences, squashed as AlpacaEval 2 does.
    pub fn length(difference: &'a [f64]) -> Self {
        Self {
            difference,
            squashed: true,
        }
    }
}

/// What the length-controlled fit gives.
#[derive(Debug, Clone, PartialEq)]
pub struct LengthControlled {
    /// Controlled win rate, with the variance of its influence values.
    pub win_rate: ClusterMean,
    /// Slope of each style column in log odds for one standard deviation more on
    /// the candidate's side (through `tanh` where squashed): positive where the
    /// judge likes more of it. `None` where the column is all zeros.
    pub slopes: Vec<Option<ClusterMean>>,
    /// Slope of the difficulty column, where one was given and varies.
    pub difficulty: Option<ClusterMean>,
    /// What each slope rests on: those of styles, in their order, and that of the
    /// difficulty. `None` where there is no slope, or no scatter to tell it from.
    pub supports: Vec<Option<Support>>,
    /// A dimension, by its place, without one of whose clusters some slope could not be
    /// told: nothing tells its error either.
    pub unsupported: Option<usize>,
}

/// Fits the model (see the module).
///
/// `difficulty` is a fixed number for each item, on the scale of log odds.
///
/// # Errors
///
/// When there are no items, a score lies outside `[0, 1]`, a column does not
/// match the scores or is not finite, a style difference is the same number other
/// than 0 for every item (style and strength cannot be told apart), columns are
/// collinear, a column predicts every win without error, or the difficulty is in numbers
/// whose squares are none.
pub fn length_controlled(
    scores: &[f64],
    styles: &[StyleColumn<'_>],
    difficulty: Option<&[f64]>,
    clusters: Clusters<'_>,
) -> Result<LengthControlled, StatsError> {
    check_rates(scores)?;
    let features = Features::new(scores.len(), styles, difficulty)?;
    if are_one(scores) {
        return of_one_score(scores[0], scores.len(), &features, clusters);
    }
    let fitted = fit(&features.design, scores)?;
    let moves = coefficient_influence(&features.design, &fitted, scores);
    let win_rate = cluster_mean(&controlled_values(&features, &fitted, &moves), clusters)?;
    let rests = rests_on(&features.design, &fitted, scores, clusters);
    let coefficient = |column: usize| {
        let values: Vec<f64> = moves
            .rows()
            .map(|m| fitted.at[column] + m[column])
            .collect();
        let variances = rests.variances.each_ref().map(|all| *all.get(column)?);
        cluster_mean_with(&values, clusters, variances)
    };
    let columns = || {
        features
            .style_columns
            .iter()
            .chain([&features.difficulty_column])
    };
    Ok(LengthControlled {
        win_rate,
        slopes: features
            .style_columns
            .iter()
            .map(|column| column.map(coefficient).transpose())
            .collect::<Result<_, _>>()?,
        difficulty: (features.difficulty_column.map(coefficient).transpose()?)
            .map(|slope| slope.mapped(0.0, features.difficulty_unit.recip())),
        supports: columns()
            .map(|column| Some(rests.supports[(*column)?].clone()))
            .collect(),
        unsupported: rests.unsupported,
    })
}

/// Whether there are scores and all are one but for rounding.
pub(crate) fn are_one(scores: &[f64]) -> bool {
    let is_first = |score: &f64| (score - scores[0]).abs() <= ROUNDING;
    !scores.is_empty() && scores.iter().all(is_first)
}

/// Where every item has the same score, the raw rate stands. Were all won (or lost), no slope
/// can be seen; else it is 0, and a fit would leave rounding for its error.
fn of_one_score(
    score: f64,
    items: usize,
    features: &Features,
    clusters: Clusters<'_>,
) -> Result<LengthControlled, StatsError> {
    let is_between = score > 0.0 && score < 1.0;
    let flat = |column: &Option<usize>| {
        column
            .filter(|_| is_between)
            .map(|_| cluster_mean(&vec![0.0; items], clusters))
            .transpose()
    };
    Ok(LengthControlled {
        win_rate: cluster_mean(&vec![score; items], clusters)?,
        slopes: (features.style_columns.iter())
            .map(flat)
            .collect::<Result<_, _>>()?,
        difficulty: flat(&features.difficulty_column)?,
        supports: vec![None; features.style_columns.len() + 1],
        unsupported: None,
    })
}

fn check_rates(scores: &[f64]) -> Result<(), StatsError> {
    check_scores(scores)?;
    match scores.iter().find(|score| !(0.0..=1.0).contains(*score)) {
        Some(&value) => Err(StatsError::OutOfRange {
            what: "a score",
            value,
            low: 0.0,
            high: 1.0,
        }),
        None => Ok(()),
    }
}

/// The design matrix and where each input column went.
struct Features {
    design: Design,
    style_columns: Vec<Option<usize>>,
    difficulty_column: Option<usize>,
    /// What the numbers of the difficulty's column are divided by.
    difficulty_unit: f64,
}

impl Features {
    fn new(
        items: usize,
        styles: &[StyleColumn<'_>],
        difficulty: Option<&[f64]>,
    ) -> Result<Self, StatsError> {
        let mut columns = vec![vec![1.0; items]];
        let mut style_columns = Vec::with_capacity(styles.len());
        for style in styles {
            check_length("a style column", style.difference.len(), items)?;
            check_scores(style.difference)?;
            style_columns.push(scaled(style)?.map(|column| {
                columns.push(column);
                columns.len() - 1
            }));
        }
        let (mut difficulty_column, mut difficulty_unit) = (None, 1.0);
        if let Some(difficulty) = difficulty {
            check_length("the difficulty column", difficulty.len(), items)?;
            check_scores(difficulty)?;
            if let Some((column, unit)) = centred(difficulty)? {
                difficulty_column = Some(columns.len());
                difficulty_unit = unit;
                columns.push(column);
            }
        }
        Ok(Self {
            design: Design::from_columns(&columns),
            style_columns,
            difficulty_column,
            difficulty_unit,
        })
    }
}

/// What the coefficients of a fit rest on.
struct Rests {
    supports: Vec<Support>,
    /// Variances of leaving out the clusters of a dimension, for coefficients that few of
    /// them carry; empty where none is carried by few.
    variances: [Vec<Option<f64>>; 2],
    unsupported: Option<usize>,
}

fn rests_on(design: &Design, fitted: &Maximum, scores: &[f64], clusters: Clusters<'_>) -> Rests {
    let dimensions: Vec<Dense> = match clusters {
        Clusters::OneWay(labels) => vec![Dense::from_labels(labels)],
        Clusters::TwoWay(first, second) => [first, second].map(Dense::from_labels).into(),
    };
    let supports = supports(design, fitted, &dimensions);
    let mut variances = [Vec::new(), Vec::new()];
    let mut unsupported = None;
    for (place, clusters) in dimensions.iter().enumerate() {
        let is_of_few = |support: &Support| support.effective[place] < MANY;
        // The first is the intercept.
        if !supports.iter().skip(1).any(is_of_few) {
            continue;
        }
        let found = left_out(design, fitted, scores, clusters);
        // What varies within clusters too has a slope without any of them, however large its
        // error; of the others there is nothing to tell theirs.
        let is_shared = clusters.count < scores.len();
        if !found.is_told && is_shared && between_clusters(design, clusters) > 1 {
            unsupported = unsupported.or(Some(place));
        }
        variances[place] = (supports.iter().zip(found.variances))
            .map(|(support, variance)| is_of_few(support).then_some(variance))
            .collect();
    }
    Rests {
        supports,
        variances,
        unsupported,
    }
}

/// Numbers over a power of two near the largest of them, and that power; `None` where all are
/// 0. The squares of the largest numbers would overflow, and those of the smallest vanish. A
/// power of two rounds nothing.
fn in_units(numbers: &[f64]) -> Option<(Vec<f64>, f64)> {
    let largest = numbers.iter().fold(0.0, |most: f64, d| most.max(d.abs()));
    let unit = largest.log2().floor().exp2();
    (largest > 0.0).then(|| (numbers.iter().map(|d| d / unit).collect(), unit))
}

/// What of numbers near 1 is rounding once their mean is taken away.
const ROUNDED: f64 = 8.0 * f64::EPSILON;
/// How far from 1 the unit of a difficulty may be for the variance of its slope to be a number.
const LARGEST_UNIT: f64 = 1e150;

/// A difficulty about its mean, over the unit that is given with it; `None` where it is
/// constant, and so part of theta. Far from 0 it would all but be theta; about its mean theta
/// is another number, and what is expected of each item the same.
fn centred(difficulty: &[f64]) -> Result<Option<(Vec<f64>, f64)>, StatsError> {
    if are_equal(difficulty) {
        return Ok(None);
    }
    let Some((numbers, first)) = in_units(difficulty) else {
        return Ok(None);
    };
    let middle = mean(&numbers);
    let numbers: Vec<f64> = numbers.iter().map(|d| d - middle).collect();
    // What is left of equal numbers is rounding.
    let Some((column, second)) = in_units(&numbers).filter(|(_, left)| *left > ROUNDED) else {
        return Ok(None);
    };
    let unit = first * second;
    if (LARGEST_UNIT.recip()..=LARGEST_UNIT).contains(&unit) {
        return Ok(Some((column, unit)));
    }
    let size = if unit < 1.0 { "small" } else { "large" };
    Err(StatsError::BeyondUnits { size })
}

/// A style column over its standard deviation; `None` where it is all zeros.
fn scaled(style: &StyleColumn<'_>) -> Result<Option<Vec<f64>>, StatsError> {
    let Some((mut column, _)) = in_units(style.difference) else {
        return Ok(None);
    };
    let spread = standard_deviation(&column);
    if spread <= 0.0 {
        return Err(StatsError::Collinear);
    }
    let squash = |x: f64| if style.squashed { x.tanh() } else { x };
    for d in &mut column {
        *d = squash(*d / spread);
    }
    Ok(Some(column))
}

fn are_equal(values: &[f64]) -> bool {
    values.iter().all(|v| v.to_bits() == values[0].to_bits())
}

/// With `n - 1`; exactly 0 for equal values and for a single one.
fn standard_deviation(values: &[f64]) -> f64 {
    if are_equal(values) {
        return 0.0;
    }
    let middle = mean(values);
    let squares = sum(values.iter().map(|v| (v - middle) * (v - middle)));
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// `N H^-1 x_i (y_i - p_i)`: how far each item moves the coefficients.
fn coefficient_influence(design: &Design, fitted: &Maximum, outcomes: &[f64]) -> Design {
    let n = outcomes.len() as f64;
    let moves = design.rows().zip(outcomes).map(|(row, y)| {
        let residual = n * (y - sigmoid(dot(row, &fitted.at)));
        let score: Vec<f64> = row.iter().map(|x| residual * x).collect();
        fitted.inverse_information.apply(&score)
    });
    Design::from_rows(fitted.at.len(), outcomes.len(), moves)
}

/// `LC + inf_i`: numbers whose mean is the controlled rate and whose spread is
/// that of its influence values.
fn controlled_values(features: &Features, fitted: &Maximum, moves: &Design) -> Vec<f64> {
    // At equal style every style difference is 0.
    let stays: Vec<bool> = (0..fitted.at.len())
        .map(|column| !features.style_columns.contains(&Some(column)))
        .collect();
    let at_equal_style: Vec<f64> = fitted
        .at
        .iter()
        .zip(&stays)
        .map(|(coefficient, stays)| if *stays { *coefficient } else { 0.0 })
        .collect();
    let mut values: Vec<f64> = features
        .design
        .rows()
        .map(|row| sigmoid(dot(row, &at_equal_style)))
        .collect();
    let n = values.len() as f64;
    let mut gradient = vec![0.0; fitted.at.len()];
    for (row, q) in features.design.rows().zip(&values) {
        for ((g, x), _) in gradient
            .iter_mut()
            .zip(row)
            .zip(&stays)
            .filter(|(_, s)| **s)
        {
            *g += q * (1.0 - q) * x / n;
        }
    }
    for (value, m) in values.iter_mut().zip(moves.rows()) {
        *value += dot(&gradient, m);
    }
    values
}

#[cfg(test)]
mod tests;
