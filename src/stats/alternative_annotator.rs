//! The alternative-annotator test: may a judge stand in for a person?
//!
//! Calderon, Reichart & Dror 2025, arXiv 2501.10970. Each person is left out in turn.
//! On each unit that the person labelled, the person and the judge are both held
//! against the labels of the others: `S` is the share of the others who gave the same
//! category. With `d = 1[S_person >= S_judge] - 1[S_judge >= S_person]`, a one-sided t
//! test rejects `mean(d) >= epsilon`: the judge is then as near to the others as this
//! person is, but for the epsilon that a judge's lower cost is worth. Benjamini and
//! Yekutieli's adjustment is over people. The *winning rate* is the share of people
//! for whom the test rejects; at one half the judge passes. The *advantage
//! probability* is the mean over people of the share of units with
//! `S_judge >= S_person`.
//!
//! The authors take units as independent. Here `d` is a mean over units with the
//! spread over their clusters, of one dimension or of two ([`super::cluster`]); where
//! each unit is its own cluster that is the authors' test.

use std::collections::BTreeMap;

use super::multiplicity::benjamini_yekutieli;
use super::quantile::t_upper_tail;
use super::{ClusterMean, Clusters, PValue, StatsError, cluster_mean};

/// A unit that a judge and some people rated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// The judge's category.
    pub judge: u32,
    /// People, by number, and the category that each gave.
    pub people: Vec<(u32, u32)>,
    /// Units of one cluster move together.
    pub cluster: u32,
    /// Cluster of a second dimension, where there are two: of all units or of none.
    pub crossed: Option<u32>,
}

/// How the test is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// What the judge may be worse by: .2 where people are experts, .15 where they
    /// are skilled, .1 for a crowd, say the authors.
    pub epsilon: f64,
    /// False rejections that are allowed among all.
    pub error_rate: f64,
    /// Units that a person must have to be tested.
    pub min_units: usize,
}

impl Rules {
    /// Those of the authors, for experts.
    pub const DEFAULT: Self = Self {
        epsilon: 0.2,
        error_rate: 0.05,
        min_units: 30,
    };
}

/// The test against one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstPerson {
    /// Number of the person.
    pub person: u32,
    /// Units that both rated and somebody else too.
    pub units: usize,
    /// Mean of `d`: from -1, where the judge is always nearer to the others, to 1.
    pub difference: f64,
    /// Share of units on which the judge is at least as near to the others.
    pub advantage: f64,
    /// p-value of "the person is nearer by epsilon or more".
    pub p: PValue,
    /// The same by Benjamini and Yekutieli over people.
    pub adjusted: PValue,
    /// Whether it is rejected.
    pub rejected: bool,
}

/// The test against all people.
#[derive(Debug, Clone, PartialEq)]
pub struct AlternativeAnnotator {
    /// Each person who has enough units.
    pub people: Vec<AgainstPerson>,
    /// People with too few units, or a single cluster of them, and how many units.
    pub left_out: Vec<(u32, usize)>,
    /// Share of people for whom the test rejects.
    pub winning_rate: f64,
    /// Mean over people of their advantage.
    pub advantage_probability: f64,
}

impl AlternativeAnnotator {
    /// Winning rate at which a judge passes.
    pub const PASS: f64 = 0.5;

    /// Whether the judge passes.
    pub fn passes(&self) -> bool {
        self.winning_rate >= Self::PASS
    }
}

/// `d` and the advantage on each unit of one person.
#[derive(Default)]
struct OfPerson {
    differences: Vec<f64>,
    clusters: Vec<u32>,
    crossed: Vec<u32>,
    ahead: usize,
}

impl OfPerson {
    fn mean(&self) -> Result<ClusterMean, StatsError> {
        let clusters = if self.crossed.is_empty() {
            Clusters::OneWay(&self.clusters)
        } else {
            Clusters::TwoWay(&self.clusters, &self.crossed)
        };
        cluster_mean(&self.differences, clusters)
    }
}

/// Runs the test (see the module).
///
/// # Errors
///
/// When fewer than two people have enough units, or some units only have a second
/// cluster.
pub fn alternative_annotator(
    units: &[Rated],
    rules: Rules,
) -> Result<AlternativeAnnotator, StatsError> {
    let (mut people, mut left_out) = (Vec::new(), Vec::new());
    for (person, of) in by_person(units) {
        let found = of.differences.len();
        let mean = of.mean()?;
        let tested = (found >= rules.min_units).then(|| p_value(&mean, rules.epsilon));
        let Some(p) = tested.flatten() else {
            left_out.push((person, found));
            continue;
        };
        people.push(AgainstPerson {
            person,
            units: found,
            difference: mean.mean(),
            advantage: of.ahead as f64 / found as f64,
            p,
            adjusted: p,
            rejected: false,
        });
    }
    if people.len() < 2 {
        return Err(StatsError::TooFewGroups {
            found: people.len(),
        });
    }
    let p: Vec<PValue> = people.iter().map(|person| person.p).collect();
    for (person, adjusted) in people.iter_mut().zip(benjamini_yekutieli(&p)) {
        person.adjusted = adjusted;
        person.rejected = adjusted.get() <= rules.error_rate;
    }
    let n = people.len() as f64;
    let rejected = people.iter().filter(|person| person.rejected).count();
    let advantage = people.iter().map(|person| person.advantage).sum::<f64>();
    Ok(AlternativeAnnotator {
        winning_rate: rejected as f64 / n,
        advantage_probability: advantage / n,
        people,
        left_out,
    })
}

/// What each person has on the units that somebody else labelled too.
fn by_person(units: &[Rated]) -> BTreeMap<u32, OfPerson> {
    let mut all: BTreeMap<u32, OfPerson> = BTreeMap::new();
    for unit in units.iter().filter(|unit| unit.people.len() > 1) {
        let mut given: BTreeMap<u32, usize> = BTreeMap::new();
        for (_, category) in &unit.people {
            *given.entry(*category).or_default() += 1;
        }
        for (person, own) in &unit.people {
            // Both shares have the same denominator, so that counts compare them.
            let alike = |category: u32| {
                let all = given.get(&category).copied().unwrap_or(0);
                all - usize::from(category == *own)
            };
            let (judge, own) = (alike(unit.judge), alike(*own));
            let of = all.entry(*person).or_default();
            let difference = f64::from(i8::from(own >= judge) - i8::from(judge >= own));
            of.differences.push(difference);
            of.clusters.push(unit.cluster);
            of.crossed.extend(unit.crossed);
            of.ahead += usize::from(judge >= own);
        }
    }
    all
}

/// The chance of a mean as low as this one were the truth epsilon. Where no cluster
/// differs from another the t statistic is infinite, or 0/0 at epsilon itself, which
/// is no evidence against it. `None` with a single cluster.
fn p_value(mean: &ClusterMean, epsilon: f64) -> Option<PValue> {
    let error = mean.standard_error()?;
    let distance = mean.mean() - epsilon;
    let p = if error > 0.0 {
        t_upper_tail(-distance / error, mean.degrees_of_freedom() as f64)
    } else {
        f64::from(u8::from(distance >= 0.0))
    };
    Some(PValue::clamped(p))
}

#[cfg(test)]
mod tests;
