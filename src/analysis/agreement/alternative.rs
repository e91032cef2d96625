//! May a judge stand in for a person?

use super::figures::{Context, Scope};
use super::report::{AgainstPerson, AlternativeAnnotator};
use crate::analysis::clusters::Columns;
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
        let made = alternative_annotator(&units, rules).ok();
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
            sentence: sentence(&self.name(judge), made.as_ref(), rules),
        })
    }
}

fn sentence(judge: &str, made: Option<&Test>, rules: Rules) -> String {
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
    format!(
        "{judge} {verdict}: it does as well as the person left out, but for {}, for {rejected} of {} people (winning rate {:.2}, at least {} is asked; advantage probability {:.2}).",
        rules.epsilon,
        made.people.len(),
        made.winning_rate,
        Test::PASS,
        made.advantage_probability
    )
}
