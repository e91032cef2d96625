//! How a study wants to be reported.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Report settings of a study file; flags of the same names win.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportOptions {
    /// Whether the personas are a sample of a population of personas.
    pub personas: PersonaPopulation,
    /// Confidence level in (0, 1).
    pub level: f64,
    /// How intervals of win rates are computed.
    pub interval: IntervalMethod,
    /// What items are taken to move together by in the headline, one or two of
    /// `question`, `persona`, `topic`, `split`, a dimension (`group.<name>` or its
    /// name), a covariate (`x.<name>`). `None` follows from `personas`.
    pub cluster: Option<Vec<String>>,
    /// Distance from one half, in (0, 1/2), within which a win rate counts as
    /// equivalent to it; `None` tests no equivalence.
    pub margin: Option<f64>,
    /// How p-values over the levels of a breakdown are adjusted.
    pub adjust: SubgroupAdjustment,
    /// Breakdowns, each one or two dimensions; `None` is each dimension alone.
    pub by: Option<Vec<Vec<String>>>,
    /// Share of planned items that must have a verdict for a headline.
    pub coverage_floor: f64,
    /// What is taken out of the win rates: `length`, numeric columns `x.<name>` with
    /// commas between, or `none`. `None` is length, where lengths are known.
    pub control: Option<String>,
    /// Numeric column `x.<name>` with the difficulty of each item, for the controlled
    /// win rate.
    pub difficulty: Option<String>,
    /// How more than two models are put on one scale.
    pub rating: RatingMethod,
    /// Points at stake in each comparison of Elo, above 0.
    pub elo_k: f64,
    /// The model that the others are compared with; `None` is the one that all met, if
    /// there is one.
    pub reference: Option<String>,
    /// Clusters that a subgroup needs to be compared with others.
    pub min_items: u64,
}

/// Clusters of a subgroup under which it is not compared with others.
pub const DEFAULT_MIN_ITEMS: u64 = 10;

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            personas: PersonaPopulation::Sampled,
            level: 0.95,
            interval: IntervalMethod::DesignEffectWilson,
            cluster: None,
            margin: None,
            adjust: SubgroupAdjustment::BenjaminiHochberg,
            by: None,
            coverage_floor: 0.95,
            control: None,
            difficulty: None,
            rating: RatingMethod::default(),
            elo_k: 4.0,
            reference: None,
            min_items: DEFAULT_MIN_ITEMS,
        }
    }
}

/// What an interval speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PersonaPopulation {
    /// Personas like these: questions and personas are clusters.
    #[default]
    Sampled,
    /// Exactly these personas: only questions are clusters.
    Fixed,
}

/// How an interval is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Wilson's interval at the effective number of items that the cluster-robust
    /// standard error gives, with a t quantile.
    #[default]
    DesignEffectWilson,
    /// The mean and t times the cluster-robust standard error, cut to [0, 1].
    T,
    /// Tango's score interval on wins, ties and losses of independent items.
    Tango,
    /// Wilson's interval of independent items.
    Wilson,
    /// Clopper and Pearson's exact interval on wins and losses of independent items.
    ClopperPearson,
    /// Jeffreys' interval on wins and losses of independent items.
    Jeffreys,
    /// Quantiles of the means of clusters drawn with replacement.
    BootstrapPercentile,
    /// The same, corrected for bias and acceleration; one dimension of clusters.
    BootstrapBca,
}

impl IntervalMethod {
    /// Names that a study file and a flag call the methods by.
    pub const NAMES: &'static [&'static str] = &[
        "design-effect-wilson",
        "t",
        "tango",
        "wilson",
        "clopper-pearson",
        "jeffreys",
        "bootstrap-percentile",
        "bootstrap-bca",
    ];
    /// In the order of [`Self::NAMES`].
    const ALL: [Self; 8] = [
        Self::DesignEffectWilson,
        Self::T,
        Self::Tango,
        Self::Wilson,
        Self::ClopperPearson,
        Self::Jeffreys,
        Self::BootstrapPercentile,
        Self::BootstrapBca,
    ];

    /// The method of a name.
    pub fn named(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self::ALL[place])
    }

    /// Whether it takes all items as independent, whatever they share.
    pub fn takes_items_as_independent(self) -> bool {
        matches!(
            self,
            Self::Tango | Self::Wilson | Self::ClopperPearson | Self::Jeffreys
        )
    }
}

/// How models are rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatingMethod {
    /// Log strengths of Bradley and Terry; a tie is half a win.
    #[default]
    BradleyTerry,
    /// Log strengths of Davidson; a tie is an outcome of its own.
    Davidson,
    /// Elo ratings of the rows in their order.
    Elo,
}

impl RatingMethod {
    /// Names that a study file and a flag call the methods by.
    pub const NAMES: &'static [&'static str] = &["bradley-terry", "davidson", "elo"];

    /// The method of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "bradley-terry" => Some(Self::BradleyTerry),
            "davidson" => Some(Self::Davidson),
            "elo" => Some(Self::Elo),
            _ => None,
        }
    }
}

/// How the p-values of the levels of a breakdown are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubgroupAdjustment {
    /// Benjamini and Hochberg: for independent or positively dependent tests.
    #[default]
    BenjaminiHochberg,
    /// Benjamini and Yekutieli: under any dependence.
    BenjaminiYekutieli,
}

impl SubgroupAdjustment {
    /// Names that a study file and a flag call them by.
    pub const NAMES: &'static [&'static str] = &["bh", "by"];

    /// The adjustment of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "bh" => Some(Self::BenjaminiHochberg),
            "by" => Some(Self::BenjaminiYekutieli),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_something_and_nothing_else_does() {
        for name in IntervalMethod::NAMES {
            let method = IntervalMethod::named(name).unwrap();
            let text = serde_json::to_value(method).unwrap();
            assert_eq!(text.as_str().unwrap().replace('_', "-"), *name);
        }
        assert_eq!(IntervalMethod::named("bayes"), None);
        for name in RatingMethod::NAMES {
            let text = serde_json::to_value(RatingMethod::named(name).unwrap()).unwrap();
            assert_eq!(text.as_str().unwrap().replace('_', "-"), *name);
        }
        for name in SubgroupAdjustment::NAMES {
            assert!(SubgroupAdjustment::named(name).is_some());
        }
        assert_eq!(SubgroupAdjustment::named("holm"), None);
    }
}
