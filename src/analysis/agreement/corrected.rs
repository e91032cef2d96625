//! Win rates of a judge corrected by labels of people.

use std::collections::HashMap;

use rayon::prelude::*;

use super::at_random::{adjust, random_check};
use super::by_errors::by_errors;
use super::corrected_report::{
    Corrected, CorrectedRate, CorrectionMethod, RoganGladen, Stratified,
};
use super::figures::Context;
use crate::analysis::clusters::{Clusters, Columns};
use crate::analysis::groups::Breakdown;
use crate::analysis::item_score::visit;
use crate::analysis::layout::Layout;
use crate::analysis::report::Limits;
use crate::stats::prediction_powered::{
    Items, PredictionPowered, Stratum, Tuning, prediction_powered,
};
use crate::stats::wilson::design_effect_wilson;
use crate::stats::{Level, StatsError, cluster_mean};

/// p-value under which labelled items are said to be unlike the others.
const UNLIKE: f64 = 0.05;

/// What people said of an item.
#[derive(Debug, Clone, Default)]
struct ByPeople {
    /// Mean over samples of the mean over people.
    score: f64,
    samples: f64,
    people: Vec<u32>,
}

/// The items of an estimate as columns.
pub(super) struct Judged {
    ranks: Vec<u32>,
    pub(super) judge: Vec<f64>,
    pub(super) people: Vec<Option<f64>>,
    /// Who labelled each.
    raters: Vec<Vec<u32>>,
}

impl Judged {
    fn only(&self, keep: impl Fn(u32) -> bool) -> Self {
        let places: Vec<usize> = (0..self.ranks.len())
            .filter(|i| keep(self.ranks[*i]))
            .collect();
        Self {
            ranks: places.iter().map(|i| self.ranks[*i]).collect(),
            judge: places.iter().map(|i| self.judge[*i]).collect(),
            people: places.iter().map(|i| self.people[*i]).collect(),
            raters: places.iter().map(|i| self.raters[*i].clone()).collect(),
        }
    }

    /// Scores of the judge, and of people, on the labelled items.
    pub(super) fn labelled(&self) -> impl Iterator<Item = (f64, f64)> {
        let both = self.judge.iter().zip(&self.people);
        both.filter_map(|(judge, people)| Some((*judge, (*people)?)))
    }
}

/// Every comparison that has labels, whole and in each level of the breakdowns.
pub(super) fn corrected(context: &Context<'_>, breakdowns: &[Breakdown]) -> Vec<CorrectedRate> {
    let layout = context.layout;
    let parts: Vec<(usize, u16)> = layout.parts();
    let made: Vec<Vec<CorrectedRate>> = parts
        .par_iter()
        .map(|(comparison, criterion)| {
            let judged = judged(context, *comparison, *criterion);
            if judged.people.iter().all(Option::is_none) {
                return Vec::new();
            }
            let one = One {
                context,
                comparison: *comparison,
                criterion: &layout.table.criteria[usize::from(*criterion)],
            };
            let mut rates = vec![one.rate(&judged, &[], &[], false)];
            rates[0].stratified = breakdowns
                .iter()
                .map(|by| one.stratified(&judged, by))
                .collect();
            for breakdown in breakdowns {
                for (group, levels) in breakdown.groups.iter().enumerate() {
                    let of_level = judged.only(|rank| breakdown.group_of(rank) == Some(group));
                    if !of_level.ranks.is_empty() {
                        let fixed = breakdown.of_personas;
                        rates.push(one.rate(&of_level, &breakdown.dimensions, levels, fixed));
                    }
                }
            }
            rates
        })
        .collect();
    let mut made = made.concat();
    adjust(
        made.iter_mut()
            .filter_map(|rate| rate.random_check.as_mut()),
    );
    made
}

/// The items of a comparison that its judge has judged, with what people said.
fn judged(context: &Context<'_>, comparison: usize, criterion: u16) -> Judged {
    let layout = context.layout;
    let labels = labels(context, comparison, criterion);
    let mut judged = Judged {
        ranks: Vec::new(),
        judge: Vec::new(),
        people: Vec::new(),
        raters: Vec::new(),
    };
    visit(layout, comparison, criterion, |score, _| {
        if score.score.is_nan() {
            return;
        }
        let label = labels.get(&score.item);
        judged.ranks.push(score.item);
        judged.judge.push(score.score);
        judged
            .people
            .push(label.map(|label| label.score / label.samples));
        judged
            .raters
            .push(label.map(|label| label.people.clone()).unwrap_or_default());
    });
    judged
}

/// What people said of each item, from the side of the comparison's candidate.
fn labels(context: &Context<'_>, comparison: usize, criterion: u16) -> HashMap<u32, ByPeople> {
    let ratings = context.ratings;
    let compared = &context.layout.comparisons[comparison].contest;
    let name = &context.layout.table.criteria[usize::from(criterion)];
    let model = |name: &str| {
        ratings
            .models
            .iter()
            .position(|known| known == name)
            .map(|n| n as u32)
    };
    let mut of_item: HashMap<u32, ByPeople> = HashMap::new();
    let (Some(candidate), Some(opponent)) = (model(&compared.candidate), model(&compared.opponent))
    else {
        return of_item;
    };
    let parts = ratings.parts.iter().filter(|part| part.criterion == *name);
    for unit in parts.flat_map(|part| &part.units) {
        let turned = unit.pair == (opponent, candidate);
        if unit.pair != (candidate, opponent) && !turned {
            continue;
        }
        let people = unit.ratings.iter();
        let people: Vec<_> = people
            .filter(|rating| ratings.raters[rating.rater as usize].is_person())
            .collect();
        if people.is_empty() {
            continue;
        }
        let sum: f64 = people.iter().map(|rating| rating.score).sum();
        let mean = sum / people.len() as f64;
        let label = of_item.entry(unit.item).or_default();
        label.score += if turned { 1.0 - mean } else { mean };
        label.samples += 1.0;
        label
            .people
            .extend(people.iter().map(|rating| rating.rater));
    }
    of_item
}

/// One comparison on one criterion.
struct One<'a> {
    context: &'a Context<'a>,
    comparison: usize,
    criterion: &'a str,
}

impl One<'_> {
    fn layout(&self) -> &Layout<'_> {
        self.context.layout
    }

    fn rate(
        &self,
        judged: &Judged,
        dimensions: &[String],
        levels: &[String],
        fixed: bool,
    ) -> CorrectedRate {
        let level = self.context.level;
        let columns = Columns::of_ranks(self.layout(), &judged.ranks);
        let by = self.context.clusters(&columns, fixed);
        let contest = &self.layout().comparisons[self.comparison].contest;
        let mean = |values: Vec<f64>| {
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let mut people: Vec<u32> = judged.raters.iter().flatten().copied().collect();
        people.sort_unstable();
        people.dedup();
        let mut rate = CorrectedRate {
            candidate: contest.candidate.clone(),
            opponent: contest.opponent.clone(),
            judge: contest.judge.clone(),
            rubric: contest.rubric.clone(),
            criterion: self.criterion.to_owned(),
            dimensions: dimensions.to_vec(),
            levels: levels.to_vec(),
            estimand: format!(
                "mean over items of the share that {} would win against {} on {} by people, a tie counted one half",
                contest.candidate, contest.opponent, self.criterion
            ),
            level: level.get(),
            clusters: by.map(|by| columns.names(by)).unwrap_or_default(),
            n_items: judged.ranks.len() as u64,
            n_labelled: judged.labelled().count() as u64,
            n_labelled_clusters: 0,
            n_people: people.len() as u64,
            judge_win_rate: mean(judged.judge.clone()),
            judge_on_labelled: mean(judged.labelled().map(|(judge, _)| judge).collect()),
            people_on_labelled: mean(judged.labelled().map(|(_, people)| people).collect()),
            correlation: None,
            least_correlation: None,
            corrected: None,
            reason: None,
            stratified: Vec::new(),
            random_check: None,
            rogan_gladen: by.map_or_else(RoganGladen::without_clusters, |by| {
                by_errors(judged, &columns, by, level)
            }),
            sentence: String::new(),
        };
        match by {
            None => rate.reason = Some("there is only one cluster to generalise from".to_owned()),
            Some(by) => self.fill(&mut rate, judged, &columns, by),
        }
        rate.sentence = sentence(&rate);
        rate
    }

    fn fill(&self, rate: &mut CorrectedRate, judged: &Judged, columns: &Columns<'_>, by: Clusters) {
        let level = self.context.level;
        let items = Items {
            judge: &judged.judge,
            people: &judged.people,
            clusters: columns.stats(by),
            strata: &[],
        };
        let made = match prediction_powered(items, Tuning::Power) {
            Ok(made) => made,
            Err(why) => {
                rate.reason = Some(why_none(&why));
                return;
            }
        };
        rate.n_labelled_clusters = made.labelled_clusters() as u64;
        rate.random_check = random_check(items);
        let Some(stratum) = made.strata().first() else {
            return;
        };
        rate.correlation = stratum.correlation;
        rate.least_correlation = Some(stratum.least_correlation);
        if stratum.lambda > 0.0 {
            rate.corrected = Some(powered(&made, level, Some(stratum.lambda)));
        } else {
            rate.corrected = people_only(judged, columns, by, level);
            rate.reason = Some(why_people_only(stratum));
        }
    }

    /// The estimate within the levels of a breakdown, joined; items without a level are
    /// one of their own.
    fn stratified(&self, judged: &Judged, breakdown: &Breakdown) -> Stratified {
        let columns = Columns::of_ranks(self.layout(), &judged.ranks);
        let none = breakdown.groups.len() as u32;
        let strata: Vec<u32> = judged
            .ranks
            .iter()
            .map(|rank| breakdown.group_of(*rank).map_or(none, |group| group as u32))
            .collect();
        let made = self
            .context
            .clusters(&columns, false)
            .ok_or(StatsError::TooFewClusters {
                found: 1,
                needed: 2,
            })
            .and_then(|by| {
                let items = Items {
                    judge: &judged.judge,
                    people: &judged.people,
                    clusters: columns.stats(by),
                    strata: &strata,
                };
                prediction_powered(items, Tuning::Power)
            });
        Stratified {
            dimensions: breakdown.dimensions.clone(),
            reason: made.as_ref().err().map(|why| match *why {
                StatsError::TooFewLabels { .. } => {
                    "some level has labels in fewer than two clusters".to_owned()
                }
                ref why => why_none(why),
            }),
            corrected: made
                .ok()
                .map(|made| powered(&made, self.context.level, None)),
        }
    }
}

fn why_none(why: &StatsError) -> String {
    match why {
        StatsError::TooFewLabels { found, .. } => {
            format!("{found} labelled item(s) in fewer than two clusters are too few to correct by")
        }
        StatsError::TooFewClusters { .. } => {
            "there is only one cluster to generalise from".to_owned()
        }
        other => other.to_string(),
    }
}

fn why_people_only(stratum: &Stratum) -> String {
    let why = match stratum.correlation {
        _ if stratum.unlabelled == 0 => {
            return "every item is labelled, so that there is nothing to predict".to_owned();
        }
        Some(r) if r >= stratum.least_correlation => {
            return "the judge gets no weight, because the other items are one cluster or all alike".to_owned();
        }
        Some(r) if r <= -stratum.least_correlation => format!(
            "the judge goes against people (correlation {r:.2}; check that sides, or candidate and opponent, are not exchanged)"
        ),
        Some(r) => format!(
            "the judge's scores go with those of people no further than chance would have it (correlation {r:.2}, at least {:.2} is asked)",
            stratum.least_correlation
        ),
        None => "the judge or people never differ on the labelled items".to_owned(),
    };
    format!("{why}, so that the labels alone are better")
}

/// An estimate by prediction-powered inference, cut to the range of a rate.
fn powered(made: &PredictionPowered, level: Level, lambda: Option<f64>) -> Corrected {
    let cut = |rate: f64| rate.clamp(0.0, 1.0);
    Corrected {
        method: CorrectionMethod::PpiPlusPlus,
        win_rate: cut(made.estimate()),
        standard_error: Some(made.standard_error()),
        interval: made.interval(level).ok().map(|interval| Limits {
            low: cut(interval.low()),
            high: cut(interval.high()),
        }),
        degrees_of_freedom: Some(made.degrees_of_freedom() as u64),
        lambda,
    }
}

/// The mean of the labels, with the interval that win rates have.
fn people_only(
    judged: &Judged,
    columns: &Columns<'_>,
    by: Clusters,
    level: Level,
) -> Option<Corrected> {
    let (labels, values) = selected(columns, by, judged.people.iter().copied());
    let mean = cluster_mean(&values, labels.stats()).ok()?;
    Some(Corrected {
        method: CorrectionMethod::PeopleOnly,
        win_rate: mean.mean(),
        standard_error: mean.standard_error(),
        interval: design_effect_wilson(&mean, level).ok().map(Limits::from),
        degrees_of_freedom: Some(mean.degrees_of_freedom() as u64),
        lambda: Some(0.0),
    })
}

/// Cluster labels of some of the items.
pub(super) struct Labels {
    first: Vec<u32>,
    second: Option<Vec<u32>>,
}

impl Labels {
    pub(super) fn stats(&self) -> crate::stats::Clusters<'_> {
        match &self.second {
            None => crate::stats::Clusters::OneWay(&self.first),
            Some(second) => crate::stats::Clusters::TwoWay(&self.first, second),
        }
    }
}

/// The items that have a value, with their clusters.
pub(super) fn selected(
    columns: &Columns<'_>,
    by: Clusters,
    values: impl Iterator<Item = Option<f64>>,
) -> (Labels, Vec<f64>) {
    let (first, second) = match columns.stats(by) {
        crate::stats::Clusters::OneWay(first) => (first, None),
        crate::stats::Clusters::TwoWay(first, second) => (first, Some(second)),
    };
    let mut labels = Labels {
        first: Vec::new(),
        second: second.map(|_| Vec::new()),
    };
    let mut kept = Vec::new();
    for (place, value) in values.enumerate() {
        if let Some(value) = value {
            labels.first.push(first[place]);
            if let (Some(labels), Some(second)) = (&mut labels.second, second) {
                labels.push(second[place]);
            }
            kept.push(value);
        }
    }
    (labels, kept)
}

impl CorrectedRate {
    /// Whether the labelled items are unlike the others.
    pub(super) fn is_not_random(&self) -> bool {
        self.random_check
            .is_some_and(|check| check.p_value < UNLIKE)
    }
}

fn sentence(rate: &CorrectedRate) -> String {
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let judge = rate.judge_win_rate.map_or_else(|| "-".to_owned(), percent);
    let start = format!(
        "{} says that {} wins {judge} of {} items",
        rate.judge, rate.candidate, rate.n_items
    );
    let Some(corrected) = &rate.corrected else {
        let why = rate.reason.as_deref().unwrap_or("there are too few labels");
        return format!("{start}; it is not corrected: {why}.");
    };
    let interval = corrected.interval.map_or_else(String::new, |limits| {
        format!(
            " ({}%: {:.1}–{:.1})",
            rate.level * 100.0,
            limits.low * 100.0,
            limits.high * 100.0
        )
    });
    let people = if rate.n_people == 1 {
        "person"
    } else {
        "people"
    };
    let by = format!(
        "by the labels of {} {people} on {} of them",
        rate.n_people, rate.n_labelled
    );
    let win_rate = percent(corrected.win_rate);
    match (&rate.reason, corrected.method) {
        (Some(why), CorrectionMethod::PeopleOnly) => {
            format!("{start}; {by}, people say {win_rate}{interval}, the labels alone: {why}.")
        }
        _ => format!("{start}; {by}, people would say {win_rate}{interval}."),
    }
}
