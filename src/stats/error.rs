//! What can be wrong with the input of an estimator.

/// Why an estimate cannot be given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// There is nothing to average.
    #[error("there are no items to estimate from")]
    Empty,
    /// Two parallel slices differ in length.
    #[error("{what} has {found} entries, expected {expected}, one for each item")]
    LengthMismatch {
        /// The slice that does not fit.
        what: &'static str,
        /// How many entries were expected.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A number is NaN or infinite.
    #[error("item {row} has the value {value}, expected a finite number")]
    NotFinite {
        /// Position of the item in the input, from 0.
        row: usize,
        /// The value found there.
        value: f64,
    },
    /// A number lies outside the range the method is for.
    #[error("{what} is {value}, expected a number from {low} to {high}")]
    OutOfRange {
        /// What the number stands for.
        what: &'static str,
        /// The number.
        value: f64,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// Too few clusters to see how much clusters differ.
    #[error("the spread between clusters needs at least {needed} of them, and there are {found}")]
    TooFewClusters {
        /// How many clusters there are, in the dimension that has fewest.
        found: usize,
        /// How many the method needs.
        needed: usize,
    },
    /// All values agree, so a method that scales by the spread has no answer.
    #[error("all clusters agree exactly, so this method has no standard error to work with")]
    NoVariation,
    /// All ratings are one category, so that chance alone would always agree.
    #[error("all ratings are of one category, so that agreement beyond chance does not exist")]
    OneCategory,
    /// A statistic does not exist in many of the draws of a bootstrap.
    #[error(
        "in more than one of twenty bootstrap draws the number does not exist, so that draws say nothing of its spread"
    )]
    OftenUndefined,
    /// The labelled items are too few, or say nothing.
    #[error("labelled items: {found}; at least {needed} are needed")]
    TooFewLabels {
        /// How many there are.
        found: usize,
        /// How many the method needs.
        needed: usize,
    },
    /// A judge who is no better than chance cannot be corrected by its errors.
    #[error(
        "the judge's sensitivity ({sensitivity:.3}) and specificity ({specificity:.3}) sum to no more than 1, so its errors cannot be undone"
    )]
    NoBetterThanChance {
        /// Share of what people call a win that the judge calls one.
        sensitivity: f64,
        /// Share of what people call a loss that the judge calls one.
        specificity: f64,
    },
    /// Some column is a combination of others, or constant.
    #[error(
        "the columns of the model cannot be told apart: one is constant or a combination of others; leave one out"
    )]
    Collinear,
    /// The square of a number for one of its unit would overflow, or vanish.
    #[error(
        "the difficulty is in numbers too {size} for the error of its slope; give it in another unit"
    )]
    BeyondUnits {
        /// Small or large.
        size: &'static str,
    },
    /// Some columns predict the outcome without error.
    #[error(
        "the columns of the model predict every outcome without error, so no finite coefficients are best"
    )]
    Separated,
    /// A comparison names a model that does not exist, or the same model twice.
    #[error(
        "comparison {row} is between models {first} and {second}, expected two different ones below {models}"
    )]
    BadPair {
        /// Position of the comparison in the input, from 0.
        row: usize,
        /// Its first model.
        first: u32,
        /// Its second model.
        second: u32,
        /// Number of models.
        models: usize,
    },
    /// A pilot without two samples of any item says nothing of more of them.
    #[error(
        "no item has two samples that count, so how much the samples of an item differ is not known"
    )]
    OneSample,
    /// A pilot in which nothing was judged twice says nothing of more repeats.
    #[error(
        "no sample was judged twice in one order, so how much the repeats of a judgment differ is not known"
    )]
    OneRepeat,
    /// Too few groups have enough clusters to be compared.
    #[error("groups with enough clusters to be compared: {found}; at least 2 are needed")]
    TooFewGroups {
        /// How many have.
        found: usize,
    },
    /// Too few units to say how two numbers go together.
    #[error(
        "units with both numbers: {found}; a correlation of fewer than {needed} says nothing, so none is given"
    )]
    TooFewUnits {
        /// How many there are.
        found: usize,
        /// How many the method needs.
        needed: usize,
    },
    /// A number varies over units no more than its noise.
    #[error(
        "the {axis} gain varies over units no more than its noise alone would make it vary (reliability {reliability:.2}), so how it goes with another number cannot be told"
    )]
    Unreliable {
        /// Which of the two.
        axis: &'static str,
        /// Its reliability, not above zero.
        reliability: f64,
    },
    /// The method knows one cluster dimension and was given two.
    #[error("{method} is for one cluster dimension; choose one, or another method")]
    OneWayOnly {
        /// The method.
        method: &'static str,
    },
}
