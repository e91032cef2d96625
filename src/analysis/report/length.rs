//! The win rate with the judge's taste for length, and other style, taken out.

use schemars::JsonSchema;
use serde::Serialize;

use super::Interval;

/// The win rate that a candidate would have were both answers of one style.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StyleControl {
    /// What it estimates.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// How it was computed.
    pub method: StyleMethod,
    /// Items in the fit: those of the win rate with all controls known.
    pub n_items: u64,
    /// Items of the win rate that lack a control in some sample.
    pub left_out: u64,
    /// Mean over items of the candidate's length less the opponent's, in
    /// characters; null where length is not a control.
    pub mean_length_difference: Option<f64>,
    /// The win rate on the items of the fit, without control.
    pub raw_win_rate: Option<f64>,
    /// The controlled win rate; null where it does not exist, which `sentence`
    /// explains.
    pub win_rate: Option<f64>,
    /// Its standard error, from influence values summed over clusters; null, as are the
    /// interval and p-values here, where too few clusters were not all won, or not all
    /// lost, to tell.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Two-sided p-value of a controlled win rate of one half.
    pub p_value: Option<f64>,
    /// The judge's taste for each control.
    pub slopes: Vec<StyleSlope>,
    /// The column of item difficulty, where one is used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difficulty: Option<StyleSlope>,
    /// What has to be said where a number does not exist, or means less than it
    /// seems to.
    pub sentence: Option<String>,
}

/// How a controlled win rate is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StyleMethod {
    /// The logistic model of AlpacaEval 2 without its penalty, predicted at no
    /// difference in style.
    LogisticAtEqualStyle,
}

/// How much a judge likes more of something, in log odds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StyleSlope {
    /// `length`, or the name of a column.
    pub control: String,
    /// What the slope estimates.
    pub estimand: String,
    /// Items in the fit.
    pub n_items: u64,
    /// Log odds for one standard deviation more on the candidate's side (for
    /// length, through a hyperbolic tangent); positive where the judge likes more
    /// of it. Null where it cannot be seen.
    pub slope: Option<f64>,
    /// Cluster-robust standard error; null, as are the interval and the p-value, where too few
    /// clusters carry the slope to tell.
    pub standard_error: Option<f64>,
    /// Degrees of freedom of its t quantile, not a whole number where few clusters carry it.
    pub degrees_of_freedom: Option<f64>,
    /// Its t interval, with what items are taken to move together by.
    pub interval: Option<Interval>,
    /// Two-sided p-value of no taste.
    pub p_value: Option<f64>,
}
