//! Win rates of a judge corrected by labels of people.

use rayon::prelude::*;

use super::at_random::{adjust, random_check};
use super::by_errors::by_errors;
use super::corrected_report::{
    Corrected, CorrectedRate, CorrectionMethod, RoganGladen, Stratified,
};
use super::figures::Context;
use super::judged::{Judged, Seen, coverage, seen};
use crate::analysis::clusters::{Clusters, Columns};
use crate::analysis::estimate::why_withheld;
use crate::analysis::groups::Breakdown;
use crate::analysis::layout::Layout;
use crate::analysis::report::Limits;
use crate::stats::prediction_powered::{
    Items, PredictionPowered, Stratum, Tuning, prediction_powered,
};
use crate::stats::wilson::design_effect_wilson;
use crate::stats::{Level, StatsError, cluster_mean};
use crate::text::{counted, in_percent, people, thousands};

/// p-value under which labelled items are said to be unlike the others.
const UNLIKE: f64 = 0.05;

/// Why there is nothing where all items are of one question and persona.
const ONE_CLUSTER: &str = "there is only one cluster to generalise from";

/// Every comparison that has labels, whole and in each level of the breakdowns.
pub(super) fn corrected(context: &Context<'_>, breakdowns: &[Breakdown]) -> Vec<CorrectedRate> {
    let layout = context.layout;
    let parts: Vec<(usize, u16)> = layout.parts();
    let made: Vec<Vec<CorrectedRate>> = parts
        .par_iter()
        .map(|(comparison, criterion)| {
            let items = seen(context, *comparison, *criterion);
            let all: Vec<&Seen> = items.iter().collect();
            if all.is_empty() {
                return Vec::new();
            }
            let one = One {
                context,
                comparison: *comparison,
                criterion: &layout.table.criteria[usize::from(*criterion)],
            };
            let mut rates = vec![one.rate(&all, &[], &[], false)];
            rates[0].stratified = breakdowns
                .iter()
                .map(|by| one.stratified(&all, &rates[0], by))
                .collect();
            for breakdown in breakdowns {
                for (group, levels) in breakdown.groups.iter().enumerate() {
                    let of_level = |item: &&Seen| breakdown.group_of(item.rank) == Some(group);
                    let of_level: Vec<&Seen> = all.iter().copied().filter(of_level).collect();
                    if of_level
                        .iter()
                        .any(|item| item.is_judged() || item.is_labelled())
                    {
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
        items: &[&Seen],
        dimensions: &[String],
        levels: &[String],
        fixed: bool,
    ) -> CorrectedRate {
        let level = self.context.level;
        let judged = Judged::of(items, Seen::is_judged);
        let labelled = Judged::of(items, Seen::is_labelled);
        let place = &self.layout().comparisons[self.comparison];
        let contest = &place.contest;
        let share = coverage(items);
        let withheld = why_withheld(
            place.both_orders,
            [judged.ranks.len() as u64, items.len() as u64],
            share.unwrap_or_default(),
            self.context.floor,
            "item",
            " begun",
        );
        let used = if withheld.is_some() {
            &labelled
        } else {
            &judged
        };
        let columns = Columns::of_ranks(self.layout(), &used.ranks);
        let by = self.context.clusters(&columns, fixed);
        let n_labelled = judged.labelled().count() as u64;
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
            unit: self.layout().unit().to_owned(),
            seed: self.context.draws.seed,
            level: level.get(),
            clusters: by.map(|by| columns.names(by)).unwrap_or_default(),
            n_items: judged.ranks.len() as u64,
            coverage: share,
            n_labelled,
            n_labelled_unjudged: labelled.ranks.len() as u64 - n_labelled,
            n_labelled_clusters: 0,
            n_people: used.raters.len() as u64,
            judge_win_rate: mean(judged.judge.iter().map(|judge| (*judge, 1.0))),
            weighted: used.is_weighted(),
            judge_on_labelled: mean(judged.labelled().map(|(judge, _, w)| (judge, w))),
            people_on_labelled: mean(used.labelled().map(|(_, people, w)| (people, w))),
            correlation: None,
            least_correlation: None,
            corrected: None,
            reason: None,
            stratified: Vec::new(),
            random_check: None,
            rogan_gladen: RoganGladen::none(ONE_CLUSTER),
            sentence: String::new(),
            withheld,
        };
        if let Some(why) = &rate.withheld {
            rate.rogan_gladen = RoganGladen::none(&format!("the judge is withheld: {why}"));
            (rate.judge_win_rate, rate.judge_on_labelled) = (None, None);
            rate.corrected = by.and_then(|by| people_only(&labelled, &columns, by, level));
            rate.n_labelled_clusters = by.map_or(0, |by| fewest(&columns, by));
        } else if let Some(by) = by {
            rate.rogan_gladen = if rate.weighted {
                RoganGladen::none(
                    "the labels are weighed by their draw from these items, for which the corrected win rate is the one to read",
                )
            } else {
                by_errors(&judged, &columns, by, level)
            };
            self.fill(&mut rate, [&judged, &labelled], &columns, by);
        } else {
            rate.reason = Some(ONE_CLUSTER.to_owned());
        }
        rate.sentence = sentence(&rate);
        rate
    }

    fn fill(
        &self,
        rate: &mut CorrectedRate,
        [judged, labelled]: [&Judged; 2],
        columns: &Columns<'_>,
        by: Clusters,
    ) {
        let level = self.context.level;
        let items = Items {
            judge: &judged.judge,
            people: &judged.people,
            clusters: columns.stats(by),
            strata: &[],
            weights: &judged.weights,
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
            // Without the judge, labels of items that it has not judged say as much.
            let columns = Columns::of_ranks(self.layout(), &labelled.ranks);
            rate.corrected = people_only(labelled, &columns, by, level);
            rate.n_labelled_clusters = fewest(&columns, by);
            rate.n_people = labelled.raters.len() as u64;
            rate.reason = Some(why_people_only(stratum));
        }
    }

    /// The estimate within the levels of a breakdown, joined; items without a level are
    /// one of their own.
    fn stratified(&self, items: &[&Seen], whole: &CorrectedRate, by: &Breakdown) -> Stratified {
        let dimensions = by.dimensions.clone();
        if whole.withheld.is_some() {
            return Stratified {
                dimensions,
                corrected: None,
                reason: Some("the judge is withheld".to_owned()),
            };
        }
        let judged = Judged::of(items, Seen::is_judged);
        let columns = Columns::of_ranks(self.layout(), &judged.ranks);
        let none = by.groups.len() as u32;
        let strata: Vec<u32> = judged
            .ranks
            .iter()
            .map(|rank| by.group_of(*rank).map_or(none, |group| group as u32))
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
                    weights: &judged.weights,
                };
                prediction_powered(items, Tuning::Power)
            });
        Stratified {
            dimensions,
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

/// A weighted mean; `None` of nothing.
fn mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let add = |(sum, all): (f64, f64), (value, weight)| (sum + value * weight, all + weight);
    let (sum, all) = values.fold((0.0, 0.0), add);
    (all > 0.0).then(|| sum / all)
}

/// Clusters in the dimension that has fewest.
fn fewest(columns: &Columns<'_>, by: Clusters) -> u64 {
    columns.cluster_counts(by).into_iter().min().unwrap_or(0)
}

fn why_none(why: &StatsError) -> String {
    match why {
        StatsError::TooFewLabels { found, .. } => {
            format!(
                "{} in fewer than two clusters: too few to correct by",
                counted(*found as u64, "labelled item")
            )
        }
        StatsError::TooFewClusters { .. } => ONE_CLUSTER.to_owned(),
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

/// The mean of the labels: with the interval that win rates have, or, where labels have
/// weights, with that of a weighted mean.
fn people_only(
    labelled: &Judged,
    columns: &Columns<'_>,
    by: Clusters,
    level: Level,
) -> Option<Corrected> {
    if labelled.is_weighted() {
        let items = Items {
            judge: &labelled.judge,
            people: &labelled.people,
            clusters: columns.stats(by),
            strata: &[],
            weights: &labelled.weights,
        };
        let made = prediction_powered(items, Tuning::Fixed(0.0)).ok()?;
        return Some(Corrected {
            method: CorrectionMethod::PeopleOnly,
            ..powered(&made, level, Some(0.0))
        });
    }
    let values: Vec<f64> = labelled.people.iter().copied().flatten().collect();
    let mean = cluster_mean(&values, columns.stats(by)).ok()?;
    Some(Corrected {
        method: CorrectionMethod::PeopleOnly,
        win_rate: mean.mean(),
        standard_error: mean.standard_error(),
        interval: design_effect_wilson(&mean, level).ok().map(Limits::from),
        degrees_of_freedom: Some(mean.degrees_of_freedom() as u64),
        lambda: Some(0.0),
    })
}

impl CorrectedRate {
    /// Whether the labelled items are unlike the others.
    pub(super) fn is_not_random(&self) -> bool {
        self.random_check
            .is_some_and(|check| check.p_value < UNLIKE)
    }

    /// Whether labels count of items that the judge has not judged.
    fn is_of_people_alone(&self) -> bool {
        let method = self.corrected.as_ref().map(|corrected| corrected.method);
        self.withheld.is_some() || method == Some(CorrectionMethod::PeopleOnly)
    }

    /// Labelled items that the corrected win rate is made from.
    pub fn n_labelled_used(&self) -> u64 {
        if self.is_of_people_alone() {
            self.n_labelled + self.n_labelled_unjudged
        } else {
            self.n_labelled
        }
    }

    /// Items that the row of the estimate is about: those that the judge has a verdict on,
    /// and those that labels alone add.
    pub fn n_items_used(&self) -> u64 {
        self.n_items + self.n_labelled_used() - self.n_labelled
    }
}

fn sentence(rate: &CorrectedRate) -> String {
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let judge = rate.judge_win_rate.map_or_else(|| "-".to_owned(), percent);
    let start = match &rate.withheld {
        Some(why) => format!("{} is withheld ({why})", rate.judge),
        None => format!(
            "{} says that {} wins {judge} of {}",
            rate.judge,
            rate.candidate,
            counted(rate.n_items, "item")
        ),
    };
    let Some(corrected) = &rate.corrected else {
        let why = rate.reason.as_deref().unwrap_or("there are too few labels");
        return format!("{start}; it is not corrected: {why}.");
    };
    let interval = corrected.interval.map_or_else(String::new, |limits| {
        format!(
            " ({}%: {:.1}–{:.1})",
            in_percent(rate.level),
            limits.low * 100.0,
            limits.high * 100.0
        )
    });
    let unjudged = rate.n_labelled_unjudged;
    let used = match (rate.is_of_people_alone(), unjudged) {
        (true, 1..) => counted(rate.n_labelled_used(), "item"),
        _ => format!("{} of them", thousands(rate.n_labelled_used())),
    };
    let weighed = if rate.weighted {
        ", weighed by their draw"
    } else {
        ""
    };
    let by = format!(
        "by the labels of {} on {used}{weighed}",
        people(rate.n_people)
    );
    let win_rate = percent(corrected.win_rate);
    let say = match corrected.method {
        CorrectionMethod::PeopleOnly => {
            format!("people say {win_rate}{interval}, the labels alone")
        }
        CorrectionMethod::PpiPlusPlus => format!("people would say {win_rate}{interval}"),
    };
    let more = match (&rate.reason, corrected.method) {
        (Some(why), CorrectionMethod::PeopleOnly) => format!(": {why}"),
        (_, CorrectionMethod::PpiPlusPlus) if unjudged > 0 => format!(
            "; left out: {} without a verdict of {}",
            counted(unjudged, "labelled item"),
            rate.judge
        ),
        _ => String::new(),
    };
    format!("{start}; {by}, {say}{more}.")
}
