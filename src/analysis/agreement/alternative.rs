//! May a judge stand in for a person?

use std::collections::BTreeSet;

use super::figures::{Context, Scope};
use super::report::{AgainstPerson, AlternativeAnnotator};
use crate::analysis::clusters::Columns;
use crate::analysis::estimate::why_withheld;
use crate::analysis::item_score::visit;
use crate::stats::Clusters;
use crate::stats::alternative_annotator::{
    AlternativeAnnotator as Test, Rated, Rules, alternative_annotator,
};

impl Context<'_> {
    /// The alternative-annotator test of a judge on one criterion; `None` where no unit
    /// has its verdict and a label.
    pub(super) fn alternative(
        &self,
        scope: &Scope<'_>,
        judge: u32,
        rules: Rules,
    ) -> Option<AlternativeAnnotator> {
        let ranks: Vec<u32> = scope.units.iter().map(|unit| unit.item).collect();
        let columns = Columns::of_ranks(self.layout, &ranks);
        let by = self.clusters(&columns, scope.fixed);
        let labels = by.map(|by| match columns.stats(by) {
            Clusters::OneWay(labels) => (labels, None),
            Clusters::TwoWay(labels, crossed) => (labels, Some(crossed)),
        });
        let mut units = Vec::new();
        for (place, unit) in scope.units.iter().enumerate() {
            let people: Vec<(u32, u32)> = self
                .people(unit)
                .map(|(person, category)| (person, u32::from(category)))
                .collect();
            if let (Some(judge), false) = (unit.category(judge), people.is_empty()) {
                units.push(Rated {
                    judge: u32::from(judge),
                    people,
                    cluster: labels.map_or(0, |(labels, _)| labels[place]),
                    crossed: labels.and_then(|(_, crossed)| Some(crossed?[place])),
                });
            }
        }
        if units.is_empty() {
            return None;
        }
        let rater = &self.ratings.raters[judge as usize];
        let covered = self.covered(scope, judge);
        let coverage = covered.share();
        let withheld = why_withheld(
            covered.both_orders,
            [covered.judged, covered.begun].map(|items| items as u64),
            coverage.unwrap_or(1.0),
            self.floor,
            "labelled item",
            "",
        );
        let withheld = withheld.filter(|_| covered.begun > 0);
        let made = match withheld {
            Some(_) => None,
            None => alternative_annotator(&units, rules).ok(),
        };
        let people = made.as_ref().map_or(&[][..], |made| &made.people);
        Some(AlternativeAnnotator {
            criterion: scope.criterion.to_owned(),
            judge: rater.name().to_owned(),
            rubric: rater.rubric().unwrap_or_default().to_owned(),
            epsilon: rules.epsilon,
            error_rate: rules.error_rate,
            min_units: rules.min_units as u64,
            people: people
                .iter()
                .map(|person| AgainstPerson {
                    person: self.name(person.person),
                    n_units: person.units as u64,
                    difference: person.difference,
                    advantage: person.advantage,
                    p_value: person.p.get(),
                    p_adjusted: person.adjusted.get(),
                    rejected: person.rejected,
                })
                .collect(),
            left_out: made.as_ref().map_or_else(Vec::new, |made| {
                let names = made.left_out.iter();
                names.map(|(person, _)| self.name(*person)).collect()
            }),
            winning_rate: made.as_ref().map(|made| made.winning_rate),
            advantage_probability: made.as_ref().map(|made| made.advantage_probability),
            passes: made.as_ref().map(Test::passes),
            sentence: match &withheld {
                Some(why) => format!(
                    "Whether {} may stand in for a person is withheld ({why}): what it would have said of the others, nobody knows.",
                    self.name(judge)
                ),
                None => sentence(&self.name(judge), made.as_ref(), rules, coverage),
            },
            coverage,
            withheld,
        })
    }

    /// How many of the labelled items a judge was asked about it has a verdict on.
    fn covered(&self, scope: &Scope<'_>, judge: u32) -> Covered {
        let units = scope.units.iter();
        let labelled = units.filter(|unit| self.people(unit).next().is_some());
        let labelled: BTreeSet<u32> = labelled.map(|unit| unit.item).collect();
        let rater = &self.ratings.raters[judge as usize];
        let criteria = &self.layout.table.criteria;
        let criterion = criteria.iter().position(|name| name == scope.criterion);
        let mut covered = Covered::default();
        for (number, place) in self.layout.comparisons.iter().enumerate() {
            let is_of_judge = place.contest.judge == rater.name()
                && Some(place.contest.rubric.as_str()) == rater.rubric();
            let Some(criterion) = criterion.filter(|_| is_of_judge) else {
                continue;
            };
            visit(self.layout, number, criterion as u16, |score, tally| {
                if labelled.contains(&score.item) && tally.begun > 0 {
                    covered.begun += 1;
                    covered.judged += usize::from(!score.score.is_nan());
                    covered.samples += tally.share;
                    covered.both_orders |= place.both_orders;
                }
            });
        }
        covered
    }
}

/// Labelled items that a judge was asked about.
#[derive(Default)]
struct Covered {
    begun: usize,
    judged: usize,
    /// Sum of the shares of their samples that have a verdict.
    samples: f64,
    both_orders: bool,
}

impl Covered {
    fn share(&self) -> Option<f64> {
        (self.begun > 0).then(|| self.samples / self.begun as f64)
    }
}

fn sentence(judge: &str, made: Option<&Test>, rules: Rules, coverage: Option<f64>) -> String {
    let Some(made) = made else {
        return format!(
            "The test was not made for {judge}: it takes two people or more with {} units each that the judge and another person rated too, in more than one cluster.",
            rules.min_units
        );
    };
    let rejected = made.people.iter().filter(|person| person.rejected).count();
    let verdict = if made.passes() {
        "may stand in for a person"
    } else {
        "is not shown to be able to stand in for a person"
    };
    let covered = match coverage {
        Some(share) if share < 1.0 => format!(
            "; it has a verdict on {:.1}% of the labelled items",
            share * 100.0
        ),
        _ => String::new(),
    };
    format!(
        "{judge} {verdict}: it does as well as the person left out, but for {}, for {rejected} of {} people (winning rate {:.2}, at least {} is asked; advantage probability {:.2}){covered}.",
        rules.epsilon,
        made.people.len(),
        made.winning_rate,
        Test::PASS,
        made.advantage_probability
    )
}
