//! The figures of another tool by its own definitions, beside this program's
//! estimate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::estimates::Estimates;
use super::report::{Comparison, Method};

/// What is estimated of a comparison.
const WIN_RATE: &str = "win rate";

/// What the tool that judgments come from says of them, by its own definitions,
/// and what this program says of the same judgments.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SourceFigures {
    /// Whose definitions these are.
    pub source: String,
    /// Whom or what the figures are about.
    pub subject: String,
    /// What else the subject may be called where figures of it are published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_called: Vec<String>,
    /// The comparison of the report that is about the same; null where none is.
    pub comparison: Option<Subject>,
    /// The figures.
    pub figures: Vec<Figure>,
    /// This program's estimate; null where there is none, or where there are several.
    pub estimate: Option<Estimate>,
    /// Which comparisons of the report the figures pool; absent where they pool none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pools: Option<Pools>,
    /// This program's estimates of the comparisons that the figures pool, the first of
    /// them; absent where there are none, or where `estimate` is the only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimates: Vec<OfPooled>,
    /// How many more estimates of such comparisons the report has; absent where none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further_estimates: u64,
    /// Why figures and estimate differ.
    pub why_they_differ: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Most estimates that stand beside figures which pool several comparisons.
const MOST_ESTIMATES: usize = 8;

/// Several comparisons of a report: those that all of what is named here is part of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Pools {
    /// Whose win rates they are; null for the candidate of each.
    pub model: Option<String>,
    /// Who judged; null for whoever did.
    pub judge: Option<String>,
    /// By what; null for whatever it was.
    pub rubric: Option<String>,
}

/// The estimate of one of several comparisons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfPooled {
    /// Which comparison.
    pub comparison: Subject,
    /// Its win rate.
    pub estimate: Estimate,
}

/// A comparison of a report.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Subject {
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it was compared with.
    pub opponent: String,
    /// Who judged.
    pub judge: String,
    /// By what.
    pub rubric: String,
    /// On what.
    pub criterion: String,
}

/// One figure of another tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// As the tool calls it.
    pub name: String,
    /// Its value; null where it is not defined.
    pub value: Option<f64>,
    /// What it is measured in.
    pub unit: Unit,
    /// How it is defined.
    pub definition: String,
    /// What was published for it, where that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
}

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Rows, games or votes.
    Count,
    /// From 0 to 100.
    Percent,
    /// From 0 to 1.
    Share,
    /// From -1 to 1: a share won less a share lost.
    NetShare,
    /// On the tool's own scale.
    Score,
    /// Positive, and defined up to a common factor.
    Strength,
    /// A coefficient, at most 1.
    Coefficient,
    /// Characters.
    Characters,
}

impl Unit {
    /// What one percent is in this unit; `None` where a percent means nothing.
    pub fn percent(self) -> Option<f64> {
        match self {
            Self::Percent => Some(1.0),
            Self::Share | Self::NetShare | Self::Coefficient => Some(0.01),
            Self::Count | Self::Characters | Self::Score | Self::Strength => None,
        }
    }
}

/// A value that was published for a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// As it was printed.
    pub printed: String,
    /// The number that was printed.
    pub value: f64,
    /// Whether the figure is the same to the digits that were printed.
    pub agrees: bool,
    /// Where it was read.
    pub from: String,
}

/// This program's estimate of what the figures are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// What is estimated.
    pub quantity: String,
    /// The estimate, from 0 to 1; null where it is withheld.
    pub value: Option<f64>,
    /// Lower limit of its interval.
    pub low: Option<f64>,
    /// Upper limit of its interval.
    pub high: Option<f64>,
    /// Confidence level.
    pub level: Option<f64>,
    /// What the interval speaks of.
    pub population: Option<String>,
    /// How the interval is found; null where there is none.
    #[serde(default)]
    pub method: Option<Method>,
    /// What items are taken to move together by.
    #[serde(default)]
    pub clusters: Vec<String>,
    /// Seed of the random draws of the interval; null where there are none.
    #[serde(default)]
    pub seed: Option<u64>,
    /// What is counted as one.
    pub unit: String,
    /// How many there are.
    pub n: u64,
    /// Why there is no estimate; null where there is one.
    #[serde(default)]
    pub withheld: Option<String>,
}

impl Figure {
    /// A figure that nothing published is known of.
    pub fn new(
        name: impl Into<String>,
        value: Option<f64>,
        unit: Unit,
        definition: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            value: value.filter(|value| value.is_finite()),
            unit,
            definition: definition.into(),
            published: None,
        }
    }

    /// How many there are of something.
    pub fn count(name: impl Into<String>, n: u64, definition: impl Into<String>) -> Self {
        Self::new(name, Some(n as f64), Unit::Count, definition)
    }
}

impl Published {
    /// Whether a figure is the number that was printed, to its last digit.
    pub fn is_to_the_last_digit(&self, figure: f64) -> bool {
        (figure - self.value).abs() <= half_of_last_digit(&self.printed)
    }
}

/// Half of the last digit that a number was printed with; a percent sign after it makes
/// that a hundredth.
pub fn half_of_last_digit(printed: &str) -> f64 {
    // A number that lies half way between two digits may be printed as either.
    0.5 * 10_f64.powi(-decimals(printed)) * (1.0 + 1e-9)
}

/// Decimals that a number was printed with.
fn decimals(printed: &str) -> i32 {
    let lower = printed.to_lowercase();
    let (number, hundredths) = match lower.strip_suffix('%') {
        Some(number) => (number, 2),
        None => (lower.as_str(), 0),
    };
    let (digits, exponent) = match number.split_once('e') {
        Some((digits, exponent)) => (digits, exponent.parse().unwrap_or(0)),
        None => (number, 0),
    };
    let exponent = i32::saturating_sub(exponent, hundredths);
    let after = digits.split_once('.').map_or(0, |(_, after)| after.len());
    // No number has more; beyond it powers of ten overflow.
    let after = i32::try_from(after).unwrap_or(i32::MAX);
    after.saturating_sub(exponent).clamp(-400, 400)
}

impl Estimate {
    /// The win rate of a comparison, called `quantity`.
    pub fn of(comparison: &Comparison, quantity: &str) -> Self {
        let interval = comparison.interval.as_ref();
        Self {
            quantity: quantity.to_owned(),
            value: comparison.win_rate,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            level: interval.map(|interval| interval.level),
            population: interval.map(|interval| interval.population.clone()),
            method: interval.map(|interval| interval.method),
            clusters: interval.map_or_else(Vec::new, |interval| interval.clusters.clone()),
            seed: interval.and_then(|interval| interval.seed),
            unit: comparison.unit.clone(),
            n: comparison.n_items,
            withheld: comparison.withheld.clone(),
        }
    }
}

impl Estimate {
    /// The same from the opponent's side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        let other = |share: Option<f64>| share.map(|share| 1.0 - share);
        Self {
            value: other(self.value),
            low: other(self.high),
            high: other(self.low),
            ..self
        }
    }
}

impl Pools {
    /// The comparisons of a model by a judge and a rubric.
    pub fn of(model: &str, judge: &str, rubric: &str) -> Self {
        Self {
            model: Some(model.to_owned()),
            judge: Some(judge.to_owned()),
            rubric: Some(rubric.to_owned()),
        }
    }

    /// The estimate of a comparison that is among them, from their model's side.
    fn take(&self, one: &OfPooled) -> Option<OfPooled> {
        let is = |wanted: &Option<String>, name: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == name)
        };
        let comparison = &one.comparison;
        if !is(&self.judge, &comparison.judge) || !is(&self.rubric, &comparison.rubric) {
            return None;
        }
        if is(&self.model, &comparison.candidate) {
            Some(one.clone())
        } else if is(&self.model, &comparison.opponent) {
            Some(one.clone().mirrored())
        } else {
            None
        }
    }
}

impl OfPooled {
    /// The win rate of a comparison.
    pub fn of(comparison: &Comparison) -> Self {
        Self {
            comparison: Subject {
                candidate: comparison.candidate.clone(),
                opponent: comparison.opponent.clone(),
                judge: comparison.judge.clone(),
                rubric: comparison.rubric.clone(),
                criterion: comparison.criterion.clone(),
            },
            estimate: Estimate::of(comparison, WIN_RATE),
        }
    }

    /// The same from the opponent's side.
    fn mirrored(self) -> Self {
        let Subject {
            candidate,
            opponent,
            ..
        } = self.comparison;
        Self {
            comparison: Subject {
                candidate: opponent,
                opponent: candidate,
                ..self.comparison
            },
            estimate: self.estimate.mirrored(),
        }
    }
}

impl SourceFigures {
    /// Whether they are about comparisons whose judge is such a one; `None` is whoever
    /// judged.
    pub(super) fn is_by(&self, is_such: impl Fn(Option<&str>) -> bool) -> bool {
        match (&self.pools, &self.comparison) {
            (Some(pools), _) => is_such(pools.judge.as_deref()),
            (None, Some(comparison)) => is_such(Some(&comparison.judge)),
            (None, None) => false,
        }
    }

    /// Whether they have an estimate beside them.
    pub fn has_estimate(&self) -> bool {
        self.estimate.is_some() || !self.estimates.is_empty()
    }

    /// Takes its estimates from those that there are, from either side; what none of them
    /// has stays as it is.
    pub fn take_estimates(&mut self, known: &Estimates) {
        if let Some(pools) = &self.pools {
            let found = known.by(pools.judge.as_deref());
            let mut all: Vec<OfPooled> = found.filter_map(|one| pools.take(one)).collect();
            if let [one] = &all[..] {
                self.comparison = Some(one.comparison.clone());
                self.estimate = Some(one.estimate.clone());
                self.estimates.clear();
                self.further_estimates = 0;
            } else if !all.is_empty() {
                self.comparison = None;
                self.estimate = None;
                self.further_estimates = all.len().saturating_sub(MOST_ESTIMATES) as u64;
                all.truncate(MOST_ESTIMATES);
                self.estimates = all;
            }
            return;
        }
        let Some(subject) = &self.comparison else {
            return;
        };
        let one = Pools::of(&subject.candidate, &subject.judge, &subject.rubric);
        let mut found = known
            .by(Some(&subject.judge))
            .filter_map(|comparison| one.take(comparison));
        let Some(found) = found.find(|found| found.comparison == *subject) else {
            return;
        };
        let before = self.estimate.take();
        let quantity = before.map_or_else(|| WIN_RATE.to_owned(), |before| before.quantity);
        self.estimate = Some(Estimate {
            quantity,
            ..found.estimate
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_seen_from_the_other_side_is_mirrored() {
        let estimate = Estimate {
            quantity: "win rate".to_owned(),
            value: Some(0.7),
            low: Some(0.6),
            high: Some(0.75),
            level: Some(0.95),
            population: None,
            method: None,
            clusters: Vec::new(),
            seed: None,
            unit: "item".to_owned(),
            n: 3,
            withheld: None,
        };
        let mirrored = estimate.mirrored();
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(near(mirrored.value, 0.3) && near(mirrored.low, 0.25) && near(mirrored.high, 0.4));
    }
}
