//! How the subgroups of a breakdown differ.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Adjustment, Limits};
use crate::stats::{heterogeneity, subgroups};

/// How the levels of one breakdown differ, on one criterion.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SubgroupSection {
    /// One dimension, or two that are crossed.
    pub dimensions: Vec<String>,
    /// What items of a level that are taken to move together share: `question`,
    /// `persona`, or a column of the table.
    pub clusters: String,
    /// What the levels are compared in, on what, over which items.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// How the intervals of single levels are computed.
    pub method: SubgroupMethod,
    /// Clusters that a level needs to be compared.
    pub min_items: u64,
    /// Confidence level of all intervals.
    pub level: f64,
    /// Seed of all draws.
    pub seed: u64,
    /// All levels with items, but for those that are withheld.
    pub levels: Vec<SubgroupLevel>,
    /// Levels that are left out because a win rate there is withheld: that of the level, or
    /// for a difference that of one of its sides, over the items of the level.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub withheld: Vec<WithheldLevel>,
    /// Whether levels differ at all; null where fewer than two are compared.
    pub homogeneity: Option<Homogeneity>,
    /// How much they differ beyond noise.
    pub spread: Option<Spread>,
    /// The largest difference between two of them.
    pub gap: Option<Gap>,
    /// The one that did worst.
    pub worst: Option<Worst>,
    /// Whom the comparison of levels speaks of, where that is not whom the report speaks
    /// of: levels that all personas stand in are compared as asked of exactly these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// All of it for people.
    pub sentence: String,
}

/// How an interval over subgroups is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubgroupMethod {
    /// Wilson's interval with the items that the clusters are worth.
    DesignEffectWilson,
    /// Values of the spread that Cochran's Q does not rule out.
    QProfile,
    /// Intervals of all pairs at once, by the largest of their statistics.
    MaxT,
    /// Wilson's interval at a level shared out over the compared levels.
    BonferroniWilson,
}

/// A level of a breakdown that is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WithheldLevel {
    /// The level of each dimension.
    pub levels: Vec<String>,
    /// Why it is not.
    pub reason: String,
}

/// One level of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SubgroupLevel {
    /// The level of each dimension.
    pub levels: Vec<String>,
    /// Items in the estimate.
    pub n_items: u64,
    /// Their clusters.
    pub n_clusters: u64,
    /// Whether it has enough clusters to be compared.
    pub compared: bool,
    /// The mean of its items.
    pub estimate: Option<f64>,
    /// Its interval.
    pub interval: Option<Limits>,
    /// The mean drawn towards that of all levels by as much as noise moves it; null
    /// where the level is not compared.
    pub pooled: Option<f64>,
    /// How far its own mean is believed, from 0 to 1.
    pub pooled_weight: Option<f64>,
}

/// Test of one mean in all compared levels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Homogeneity {
    /// How large values come about without a difference.
    pub method: HomogeneityMethod,
    /// Random draws, where the method draws.
    pub draws: Option<u32>,
    /// Levels compared.
    pub groups: u64,
    /// `Q`, or Hotelling's `T²`.
    pub statistic: f64,
    /// p-value of "all levels have one mean".
    pub p_value: f64,
    /// Adjusted over the breakdowns of one comparison and criterion, as p-values of
    /// levels are over the levels of one of them.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted; absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub adjustment: Option<Adjustment>,
}

/// How the distribution of a homogeneity statistic is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HomogeneityMethod {
    /// Clusters shuffled between levels.
    Shuffled,
    /// Signs of the clusters that levels share flipped.
    Flipped,
    /// Hotelling's test on the joint covariance.
    Hotelling,
}

/// Standard deviation of the true means of all levels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// Paule and Mandel's estimate, noise taken out.
    pub tau: f64,
    /// Its interval; null where it has shrunk to 0, because the means lie no further apart
    /// than noise puts them. That is no proof that they are equal.
    pub interval: Option<Limits>,
    /// How it is computed.
    pub method: SubgroupMethod,
    /// Standard deviation of the estimated means, noise and all.
    pub deviation: f64,
    /// The deviation to expect from noise alone.
    pub deviation_if_equal: f64,
}

impl Spread {
    /// The deviations are those that come with the gap of the same levels.
    pub(crate) fn of(spread: heterogeneity::Spread, gap: subgroups::Gap) -> Self {
        Self {
            tau: spread.tau.estimate(),
            interval: Limits::of_spread(spread.tau),
            method: SubgroupMethod::QProfile,
            deviation: gap.deviation,
            deviation_if_equal: gap.deviation_if_equal,
        }
    }

    /// What is said of it, its numbers written by `number` and followed by `unit`.
    pub(crate) fn said(&self, unit: &str, number: impl Fn(f64) -> String) -> String {
        let limits = self.interval.map_or_else(
            || "unresolved".to_owned(),
            |Limits { low, high }| format!("{} to {}", number(low), number(high)),
        );
        format!("spread without noise {}{unit} ({limits})", number(self.tau))
    }
}

/// The largest difference between two compared levels.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Gap {
    /// Level with the highest mean.
    pub highest: Vec<String>,
    /// Level with the lowest mean.
    pub lowest: Vec<String>,
    /// Difference between them.
    pub gap: f64,
    /// Its limits from simultaneous intervals over all pairs; null where every cluster says
    /// the same of the differences, so that there is no scatter to take them from.
    pub interval: Option<Limits>,
    /// How they are computed.
    pub method: SubgroupMethod,
    /// The gap to expect from noise alone, were there no difference.
    pub expected_if_equal: f64,
}

impl Gap {
    /// `name` gives the levels of a group.
    pub(crate) fn of(gap: subgroups::Gap, name: impl Fn(usize) -> Vec<String>) -> Self {
        Self {
            highest: name(gap.highest),
            lowest: name(gap.lowest),
            gap: gap.interval.estimate(),
            interval: Limits::of_difference(gap.interval),
            method: SubgroupMethod::MaxT,
            expected_if_equal: gap.expected_if_equal,
        }
    }

    /// What is said of it, its numbers written by `number` and followed by `unit`.
    pub(crate) fn said(&self, unit: &str, number: impl Fn(f64) -> String) -> String {
        let gap = number(self.gap);
        let Some(Limits { low, high }) = self.interval else {
            return format!("{gap}{unit} (no scatter to take an interval from)");
        };
        format!(
            "{gap}{unit} ({} to {}), {} to expect without any difference",
            number(low),
            number(high),
            number(self.expected_if_equal)
        )
    }
}

/// The level that did worst.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Worst {
    /// Which one.
    pub levels: Vec<String>,
    /// Its mean.
    pub estimate: f64,
    /// An interval that allows for its having been picked as the worst.
    pub interval: Limits,
    /// How it is computed.
    pub method: SubgroupMethod,
}
