//! A judge against people, with people against each other beside it.

use rayon::prelude::*;

use super::figures::{BY_DRAW, Context, Found, OF_PAIR, Scope, by_draw, confusion, of_pair};
use super::panels::MOST_RATERS;
use super::ratings::Unit;
use super::report::{ByDraw, Coefficient, CoefficientName, JudgePeople, Majority};
use crate::analysis::report::Limits;
use crate::stats::agreement::CrossTable;

/// How far from each other two rates of agreement may be and are called the same.
const AS_OFTEN: f64 = 0.05;

/// A unit's judge and people, as categories.
struct Seen {
    judge: u8,
    people: Vec<u8>,
}

/// Makes the coefficients of a cross table of so many categories that starts some sums.
type Evaluate = fn(usize, &[f64]) -> Vec<Found>;

/// Coefficients of a judge and people, of people, and how these differ.
struct Three {
    judge_person: Vec<Coefficient>,
    person_person: Vec<Coefficient>,
    difference: Vec<Coefficient>,
    n_clusters: Vec<u64>,
}

impl Context<'_> {
    /// The categories of a judge and of people on a unit that both rated.
    fn seen(&self, unit: &Unit, judge: u32) -> Option<Seen> {
        let judge = unit.category(judge)?;
        let people: Vec<u8> = self.people(unit).map(|(_, category)| category).collect();
        (!people.is_empty()).then_some(Seen { judge, people })
    }

    /// The people who labelled a unit, and what they said.
    pub(super) fn people(&self, unit: &Unit) -> impl Iterator<Item = (u32, u8)> {
        unit.ratings.iter().filter_map(|rating| {
            let person = self.ratings.raters[rating.rater as usize].is_person();
            Some((rating.rater, rating.category?)).filter(|_| person)
        })
    }

    /// A judge against people over some units; `None` where they share none.
    pub(super) fn judge_people(&self, scope: &Scope<'_>, judge: u32) -> Option<JudgePeople> {
        let labelled = |unit: &&&Unit| self.seen(unit, judge).is_some();
        let units: Vec<&Unit> = scope.units.iter().filter(labelled).copied().collect();
        if units.is_empty() {
            return None;
        }
        let made = self.three(scope, &units, judge, (&OF_PAIR, of_pair), |_| 1.0);
        let differ = |unit: &&Unit| (unit.weight - units[0].weight).abs() > 1e-9 * unit.weight;
        let weighed = units.iter().any(differ).then(|| {
            let made = self.three(scope, &units, judge, (&BY_DRAW, by_draw), |unit| {
                unit.weight
            });
            ByDraw {
                judge_person: made.judge_person,
                person_person: made.person_person,
                difference: made.difference,
            }
        });
        let all: Vec<Seen> = units
            .iter()
            .filter_map(|unit| self.seen(unit, judge))
            .collect();
        let shared = all.iter().filter(|seen| seen.people.len() > 1).count() as u64;
        let mut persons: Vec<u32> = units
            .iter()
            .flat_map(|unit| self.people(unit).map(|(person, _)| person))
            .collect();
        persons.sort_unstable();
        persons.dedup();
        let pairs = all
            .iter()
            .flat_map(|seen| seen.people.iter().map(|person| (seen.judge, *person)));
        let rater = &self.ratings.raters[judge as usize];
        let each: &[u32] = if persons.len() > MOST_RATERS {
            &[]
        } else {
            &persons
        };
        let mut report = JudgePeople {
            criterion: scope.criterion.to_owned(),
            dimensions: scope.dimensions.to_vec(),
            levels: scope.levels.to_vec(),
            judge: rater.name().to_owned(),
            rubric: rater.rubric().unwrap_or_default().to_owned(),
            n_units: units.len() as u64,
            n_clusters: made.n_clusters,
            n_labels: all.iter().map(|seen| seen.people.len() as u64).sum(),
            people: persons.iter().map(|person| self.name(*person)).collect(),
            confusion: confusion(&self.name(judge), "people", scope.categories, pairs),
            judge_person: made.judge_person,
            n_units_ceiling: shared,
            person_person: made.person_person,
            difference: made.difference,
            by_draw: weighed,
            no_ceiling: (shared == 0).then(|| match persons.len() {
                1 => "only one person labelled, so there is no telling how far people agree".to_owned(),
                _ => "no unit was labelled by two people, so there is no telling how far people agree".to_owned(),
            }),
            majority: self.majority(scope, &units, judge),
            each_person: each
                .par_iter()
                .map(|person| self.pair(scope, judge, *person))
                .collect(),
            sentence: String::new(),
        };
        report.sentence = said(&report);
        Some(report)
    }

    /// Coefficients of a judge against a person, of two persons, and their difference, each
    /// unit weighed by `weigh`. The last two are empty where no unit has two persons.
    fn three(
        &self,
        scope: &Scope<'_>,
        units: &[&Unit],
        judge: u32,
        (names, evaluate): (&[CoefficientName], Evaluate),
        weigh: impl Fn(&Unit) -> f64,
    ) -> Three {
        let k = scope.categories.count();
        let width = CrossTable::width(k);
        let made = self.figures(
            units,
            scope.fixed,
            3 * width,
            names,
            |unit, sums| {
                if let Some(seen) = self.seen(unit, judge) {
                    add(&seen, k, weigh(unit), sums);
                }
            },
            |sums| {
                let all = evaluate(k, sums);
                let shared = evaluate(k, &sums[width..]);
                let people = evaluate(k, &sums[2 * width..]);
                let differences: Vec<_> = shared
                    .iter()
                    .zip(&people)
                    .map(|(judge, people)| match (judge, people) {
                        (Ok(judge), Ok(people)) => Ok(judge - people),
                        (Err(why), _) | (_, Err(why)) => Err(why.clone()),
                    })
                    .collect();
                [all, people, differences].concat()
            },
        );
        let mut judge_person = made.coefficients;
        let mut difference = judge_person.split_off(2 * names.len());
        let mut person_person = judge_person.split_off(names.len());
        let several = |unit: &&Unit| self.people(unit).count() > 1;
        if !units.iter().any(several) {
            difference.clear();
            person_person.clear();
        }
        Three {
            judge_person,
            person_person,
            difference,
            n_clusters: made.n_clusters,
        }
    }

    fn majority(&self, scope: &Scope<'_>, units: &[&Unit], judge: u32) -> Option<Majority> {
        let k = scope.categories.count();
        let most = |unit: &Unit| {
            Some((
                unit.category(judge)?,
                most(&self.seen(unit, judge)?.people, k)?,
            ))
        };
        let decided: Vec<&Unit> = units
            .iter()
            .filter(|unit| most(unit).is_some())
            .copied()
            .collect();
        if decided.is_empty() {
            return None;
        }
        let made = self.figures(
            &decided,
            scope.fixed,
            CrossTable::width(k),
            &OF_PAIR,
            |unit, sums| {
                if let Some((judge, people)) = most(unit) {
                    CrossTable::add(sums, k, usize::from(judge), usize::from(people), 1.0);
                }
            },
            |sums| of_pair(k, sums),
        );
        Some(Majority {
            n_units: decided.len() as u64,
            undecided: (units.len() - decided.len()) as u64,
            coefficients: made.coefficients,
        })
    }
}

/// Adds a unit to three tables: the judge against a person, the same where there are
/// two people or more, and a person against another. A unit adds its weight to each,
/// however many people labelled it.
fn add(seen: &Seen, k: usize, unit: f64, sums: &mut [f64]) {
    let width = CrossTable::width(k);
    let n = seen.people.len();
    let judge = usize::from(seen.judge);
    for person in &seen.people {
        let weight = unit / n as f64;
        CrossTable::add(sums, k, judge, usize::from(*person), weight);
        if n > 1 {
            CrossTable::add(&mut sums[width..], k, judge, usize::from(*person), weight);
        }
    }
    for (i, one) in seen.people.iter().enumerate() {
        for (j, other) in seen.people.iter().enumerate() {
            if i != j {
                let weight = unit / (n * (n - 1)) as f64;
                let (one, other) = (usize::from(*one), usize::from(*other));
                CrossTable::add(&mut sums[2 * width..], k, one, other, weight);
            }
        }
    }
}

/// The category with more labels than any other.
fn most(people: &[u8], k: usize) -> Option<u8> {
    let mut counts = vec![0_usize; k];
    for person in people {
        counts[usize::from(*person)] += 1;
    }
    let top = counts.iter().max()?;
    let mut frequent = counts.iter().zip(0_u8..).filter(|(count, _)| *count == top);
    let (_, category) = frequent.next()?;
    frequent.next().is_none().then_some(category)
}

fn of(coefficients: &[Coefficient], name: CoefficientName) -> Option<&Coefficient> {
    coefficients.iter().find(|known| known.name == name)
}

/// How often a judge agrees with people, by the interval of the difference to how often
/// people agree with each other.
fn than_people(difference: Limits) -> String {
    let Limits { low, high } = difference;
    let often = if high < 0.0 {
        "less often than"
    } else if low > 0.0 {
        "more often than"
    } else if low > -AS_OFTEN && high < AS_OFTEN {
        "as often as"
    } else {
        return format!(
            "no difference shown ({:+.1} to {:+.1} points)",
            low * 100.0,
            high * 100.0
        );
    };
    format!("{often} people agree with each other")
}

/// What is found, for people.
fn said(report: &JudgePeople) -> String {
    let percent = |known: &Coefficient| match (known.estimate, known.interval) {
        (Some(share), Some(limits)) => format!(
            "{:.1}% ({:.1}–{:.1})",
            share * 100.0,
            limits.low * 100.0,
            limits.high * 100.0
        ),
        (Some(share), None) => format!("{:.1}%", share * 100.0),
        _ => "-".to_owned(),
    };
    let name = CoefficientName::Agreement;
    let Some(judge) = of(&report.judge_person, name) else {
        return String::new();
    };
    let start = format!(
        "{} agrees with a person on {} of units",
        report.judge,
        percent(judge)
    );
    let people = of(&report.person_person, name);
    let difference = of(&report.difference, name);
    let (Some(people), Some(difference)) = (people, difference) else {
        return match &report.no_ceiling {
            Some(why) => format!("{start}; {why}."),
            None => format!("{start}."),
        };
    };
    let verdict = match (difference.interval, difference.estimate) {
        (Some(limits), _) => than_people(limits),
        (None, Some(points)) => {
            let why = difference.no_interval.as_deref().unwrap_or_default();
            format!(
                "a difference of {:+.1} points, without an interval ({why})",
                points * 100.0
            )
        }
        (None, None) => "and there is no telling whether the two differ".to_owned(),
    };
    format!(
        "{start}, people with each other on {}: {verdict}.",
        percent(people)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_holds_no_difference_does_not_show_that_there_is_none() {
        let said = |low, high| than_people(Limits { low, high });
        assert_eq!(
            said(-0.182, 0.003),
            "no difference shown (-18.2 to +0.3 points)"
        );
        assert_eq!(
            said(-0.03, 0.04),
            "as often as people agree with each other"
        );
        assert_eq!(
            said(-0.3, -0.001),
            "less often than people agree with each other"
        );
        assert_eq!(
            said(0.01, 0.04),
            "more often than people agree with each other"
        );
    }
}
