//! Means of item scores with their clustered intervals, and paired differences.
//!
//! Scores that lie in [0, 1] have the design-effect Wilson interval, differences of
//! them the same on [-1, 1] (errors by the number of options may lie above 1 where codes
//! have gaps, and have their own upper end); distances without a normaliser have no bounds, and the t
//! interval. Weighted items (`w`, mean `m`) enter by `m + w (x - m) N / sum(w)`, whose
//! mean is the weighted mean and whose cluster sums are those of the weighted
//! residuals, so that CR1 holds as it stands.

use std::borrow::Cow;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::items::ModelItems;
use super::metrics::{Metric, Normaliser, farthest_of};
use super::report::{Delta, Estimate, ScoreInterval, ScoreMethod};
use super::{ScoreClusters, ScoreOptions, Unstable};
use crate::answers::{AnswerTable, Item};
use crate::stats::cluster::{Grouping, mean};
use crate::stats::grouping::Dense;
use crate::stats::quantile::t_upper_quantile;
use crate::stats::score_test::bounded_score_test;
use crate::stats::sum::sum;
use crate::stats::t_interval::{t_interval, t_test};
use crate::stats::wilson::bounded_interval_at;
use crate::stats::{ClusterMean, Level};
use crate::study::PersonaPopulation;
use crate::text::counted;

/// What estimates over one table share.
pub(super) struct Estimator<'a> {
    options: &'a ScoreOptions,
    /// The largest error or distance there can be.
    farthest: f64,
    /// Question and persona of each item.
    questions: Vec<u32>,
    personas: Vec<u32>,
    /// How many questions and personas the table has.
    bounds: [usize; 2],
    has_personas: bool,
    /// Whether no two items are of one question and one persona.
    are_apart: bool,
    /// Of each item, where items are weighted.
    weights: Option<Vec<f64>>,
    /// The t quantile of the level by degrees of freedom: a report has thousands of
    /// intervals of a few.
    quantiles: Vec<OnceLock<f64>>,
}

/// Some items with a value each; its buffers are used again.
#[derive(Default)]
pub(super) struct Selection {
    /// Indices into the table's items.
    items: Vec<u32>,
    values: Vec<f64>,
}

impl Selection {
    /// Turns to those items that have a value.
    fn turn_to(&mut self, all: impl Iterator<Item = (u32, f64)>) -> &Self {
        self.items.clear();
        self.values.clear();
        for (item, value) in all.filter(|(_, value)| !value.is_nan()) {
            self.items.push(item);
            self.values.push(value);
        }
        self
    }

    /// A metric of a model on some of its items, those left out that lack it.
    pub(super) fn of(&mut self, model: &ModelItems, metric: Metric, members: &[u32]) -> &Self {
        let column = &model.values[metric as usize];
        let all = members.iter().map(|place| *place as usize);
        self.turn_to(all.map(|place| (model.items[place], column[place])))
    }

    /// The difference of two models on some of the items that both have.
    pub(super) fn difference(
        &mut self,
        candidate: &ModelItems,
        base: &ModelItems,
        metric: Metric,
        shared: &[(u32, u32)],
        members: &[u32],
    ) -> &Self {
        let [ours, theirs] = [candidate, base].map(|model| &model.values[metric as usize]);
        self.turn_to(members.iter().map(|member| {
            let (own, other) = shared[*member as usize];
            let difference = ours[own as usize] - theirs[other as usize];
            (candidate.items[own as usize], difference)
        }))
    }
}

/// Some items and their clusters: most metrics of a group are of the same items.
pub(super) type Labels = Option<(Vec<u32>, Labelled)>;

/// Items with their clusters.
pub(super) struct Labelled {
    counts: Counts,
    /// What the headline is clustered by.
    headline: Option<(Grouping, Sides)>,
    /// What claims about exactly these personas are clustered by, where it is neither that
    /// nor a part of it.
    fixed: Option<(Grouping, Sides)>,
}

/// A mean, and what it is clustered by.
type Known = (ClusterMean, Sides);

/// What is known of a selection.
struct Found<'a> {
    estimate: f64,
    items: u64,
    /// The largest value there can be, where there is one.
    highest: Option<f64>,
    counts: &'a Counts,
    headline: Option<Known>,
    fixed: Option<Known>,
}

impl Labelled {
    /// The mean of the headline, and that for claims about exactly these personas.
    fn means(&self, values: &[f64]) -> (Option<Known>, Option<Known>) {
        let means = |grouped: &Option<(Grouping, Sides)>| {
            let (grouping, sides) = grouped.as_ref()?;
            Some((grouping.means(values).ok()?, *sides))
        };
        let headline = means(&self.headline);
        let fixed = match headline {
            Some(((_, alone), Sides::Both)) => Some((alone, Sides::Question)),
            _ => means(&self.fixed).map(|((mean, _), sides)| (mean, sides)),
        };
        (headline.map(|((mean, _), sides)| (mean, sides)), fixed)
    }
}

/// Which sides items are clustered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sides {
    Question,
    Persona,
    Both,
}

impl Sides {
    fn names(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Question => &["question"],
            Self::Persona => &["persona"],
            Self::Both => &["question", "persona"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// How many questions and personas items are of.
struct Counts {
    questions: u64,
    personas: u64,
}

impl Counts {
    fn of(&self, sides: Sides) -> Vec<u64> {
        match sides {
            Sides::Question => vec![self.questions],
            Sides::Persona => vec![self.personas],
            Sides::Both => vec![self.questions, self.personas],
        }
    }

    /// The clusters for claims about exactly these personas: questions, or personas where
    /// there is one question.
    fn fixed(&self) -> Option<Sides> {
        match (self.questions, self.personas) {
            (2.., _) => Some(Sides::Question),
            (_, 2..) => Some(Sides::Persona),
            _ => None,
        }
    }

    /// Whom an interval over such clusters speaks of.
    fn population(&self, sides: Sides) -> String {
        let exactly = |n: u64, one: &str| match n {
            1 => format!("exactly this {one}"),
            n => format!("exactly these {}", counted(n, one)),
        };
        match sides {
            Sides::Both => "questions and personas like these".to_owned(),
            Sides::Question if self.personas == 0 => "questions like these".to_owned(),
            Sides::Question => format!(
                "questions like these, asked of {}",
                exactly(self.personas, "persona")
            ),
            Sides::Persona => format!(
                "personas like these, asked {}",
                exactly(self.questions, "question")
            ),
        }
    }
}

/// Whether no two items are of one question and one persona.
fn are_apart(items: &[Item]) -> bool {
    let pairs = items.iter().map(|item| (item.persona, item.question));
    let mut pairs: Vec<(u32, u32)> = pairs.collect();
    pairs.par_sort_unstable();
    pairs.is_sorted_by(|a, b| a < b)
}

impl<'a> Estimator<'a> {
    pub(super) fn new(table: &AnswerTable, options: &'a ScoreOptions) -> Self {
        let weight = |item: &Item| {
            let unstable = item.truth.as_ref().and_then(|truth| truth.unstable);
            1.0 - unstable.unwrap_or(0.0)
        };
        let weights = options.unstable == Unstable::Weight;
        Self {
            options,
            farthest: farthest_of(options.normaliser, &table.questions),
            questions: table.items.iter().map(|item| item.question).collect(),
            personas: table.items.iter().map(|item| item.persona).collect(),
            bounds: [table.questions.len(), table.personas.len()],
            quantiles: vec![OnceLock::new(); table.questions.len().max(table.personas.len())],
            are_apart: are_apart(&table.items),
            has_personas: table.personas.iter().any(|persona| !persona.id.is_empty()),
            weights: weights.then(|| table.items.iter().map(weight).collect()),
        }
    }

    /// The weight of each item of the table, where they are weighted.
    pub(super) fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The mean of a metric.
    pub(super) fn estimate(
        &self,
        labels: &mut Labels,
        selection: &Selection,
        metric: Metric,
        fixes_personas: bool,
    ) -> Option<Estimate> {
        self.told(labels, selection, metric, fixes_personas, |found| {
            let headline = found.headline.as_ref();
            let bounds = found.highest.map(|highest| (0.0, highest));
            let interval = |known: &Known| self.interval(found, known, bounds);
            Estimate {
                estimand: metric.estimand(),
                estimate: found.estimate,
                items: found.items,
                standard_error: headline.and_then(|(mean, _)| mean.standard_error()),
                interval: headline.and_then(interval),
                interval_fixed_personas: found.fixed.as_ref().and_then(interval),
            }
        })
    }

    /// The mean of paired differences, with the test of none.
    pub(super) fn difference(
        &self,
        labels: &mut Labels,
        selection: &Selection,
        metric: Metric,
        fixes_personas: bool,
    ) -> Option<Delta> {
        self.told(labels, selection, metric, fixes_personas, |found| {
            let headline = found.headline.as_ref();
            let bounds = found.highest.map(|highest| (-highest, highest));
            let test = |(mean, _): &Known| {
                let test = match found.highest {
                    Some(highest) => bounded_score_test(mean, 0.0, -highest, highest),
                    None => t_test(mean, 0.0),
                };
                Some(test.ok()?.p.get())
            };
            Delta {
                estimand: format!("{}, candidate less base", metric.estimand()),
                estimate: found.estimate,
                items: found.items,
                standard_error: headline.and_then(|(mean, _)| mean.standard_error()),
                interval: headline.and_then(|known| self.interval(found, known, bounds)),
                p_value: headline.and_then(test),
                p_adjusted: None,
                adjustment: None,
            }
        })
    }

    /// What is said of a selection; `None` where nothing of it counts.
    fn told<T>(
        &self,
        labels: &mut Labels,
        selection: &Selection,
        metric: Metric,
        fixes_personas: bool,
        say: impl FnOnce(&Found<'_>) -> T,
    ) -> Option<T> {
        let (values, weighted) = self.weighted(selection)?;
        let known = labels.take().filter(|(items, _)| *items == selection.items);
        let make = || {
            let labelled = self.labelled(&selection.items, fixes_personas);
            (selection.items.clone(), labelled)
        };
        let (_, labelled) = labels.insert(known.unwrap_or_else(make));
        let (headline, fixed) = labelled.means(&values);
        let plain = || headline.map_or_else(|| mean(&values), |(mean, _)| mean.mean());
        Some(say(&Found {
            estimate: weighted.unwrap_or_else(plain),
            items: values.len() as u64,
            highest: self.highest(metric),
            counts: &labelled.counts,
            headline,
            fixed,
        }))
    }

    fn labelled(&self, items: &[u32], fixes_personas: bool) -> Labelled {
        let column = |of_item: &[u32], bound: usize| {
            Dense::from_bounded(items.iter().map(|item| of_item[*item as usize]), bound)
        };
        let [questions, personas] = self.bounds;
        let questions = column(&self.questions, questions);
        let personas = column(&self.personas, personas);
        let counts = Counts {
            questions: questions.count as u64,
            personas: if self.has_personas {
                personas.count as u64
            } else {
                0
            },
        };
        let headline = self.sides(&counts, fixes_personas);
        let (headline, fixed) = if headline == Some(Sides::Both) {
            let both = Grouping::two_way(questions, personas, self.are_apart);
            (Some((both, Sides::Both)), None)
        } else {
            let fixed = counts.fixed().filter(|fixed| Some(*fixed) != headline);
            let (mut questions, mut personas) = (Some(questions), Some(personas));
            let mut alone = |sides: Sides| {
                let is_persona = sides == Sides::Persona;
                let labels = if is_persona {
                    &mut personas
                } else {
                    &mut questions
                };
                Some((Grouping::one_way(labels.take()?), sides))
            };
            (headline.and_then(&mut alone), fixed.and_then(&mut alone))
        };
        Labelled {
            counts,
            headline,
            fixed,
        }
    }

    /// The t quantile of the level.
    fn quantile(&self, degrees_of_freedom: usize) -> f64 {
        let of = |df: usize| t_upper_quantile(self.options.level.tail(), df as f64);
        match self.quantiles.get(degrees_of_freedom) {
            Some(known) => *known.get_or_init(|| of(degrees_of_freedom)),
            None => of(degrees_of_freedom),
        }
    }

    /// Values whose plain mean is the weighted one, and that mean where items are weighted.
    fn weighted<'s>(&self, selection: &'s Selection) -> Option<(Cow<'s, [f64]>, Option<f64>)> {
        let values = &selection.values;
        if values.is_empty() {
            return None;
        }
        let Some(weights) = &self.weights else {
            return Some((Cow::Borrowed(values), None));
        };
        let items = || {
            let weights = selection.items.iter().map(|item| weights[*item as usize]);
            values.iter().zip(weights)
        };
        let total = sum(items().map(|(_, weight)| weight));
        if total <= 0.0 {
            return None;
        }
        let mean = sum(items().map(|(value, weight)| value * weight)) / total;
        let scale = values.len() as f64 / total;
        let moved = items().map(|(value, weight)| mean + weight * (value - mean) * scale);
        Some((moved.collect(), Some(mean)))
    }

    /// The clusters of a headline: those asked for, else for personas like these where
    /// they are a sample, else for exactly these; `None` where there are not two.
    fn sides(&self, counts: &Counts, fixes_personas: bool) -> Option<Sides> {
        let several = |sides: Sides| {
            let fewest = counts.of(sides).into_iter().min().unwrap_or(0);
            Some(sides).filter(|_| fewest >= 2)
        };
        match self.options.cluster {
            ScoreClusters::Question => several(Sides::Question),
            ScoreClusters::Persona if fixes_personas => several(Sides::Question),
            ScoreClusters::Persona => several(Sides::Persona),
            ScoreClusters::Both if !fixes_personas => several(Sides::Both),
            ScoreClusters::Auto
                if !fixes_personas && self.options.personas == PersonaPopulation::Sampled =>
            {
                several(Sides::Both)
                    .or_else(|| several(Sides::Persona))
                    .or_else(|| several(Sides::Question))
            }
            ScoreClusters::Both | ScoreClusters::Auto => counts.fixed(),
        }
    }

    /// The largest value there can be of a metric; `None` where it has no bounds.
    fn highest(&self, metric: Metric) -> Option<f64> {
        match self.options.normaliser {
            _ if !metric.is_distance() => Some(1.0),
            Normaliser::None => None,
            _ => Some(self.farthest),
        }
    }

    /// The interval of a mean of numbers within bounds, where they have any.
    fn interval(
        &self,
        found: &Found<'_>,
        (mean, sides): &Known,
        bounds: Option<(f64, f64)>,
    ) -> Option<ScoreInterval> {
        let level: Level = self.options.level;
        let (limits, method) = if let Some((low, high)) = bounds {
            let t = self.quantile(mean.degrees_of_freedom());
            let limits = bounded_interval_at(mean, low, high, level, t).ok()?;
            (limits, ScoreMethod::DesignEffectWilson)
        } else {
            (t_interval(mean, level).ok()?, ScoreMethod::T)
        };
        Some(ScoreInterval {
            low: limits.low(),
            high: limits.high(),
            level: level.get(),
            method,
            clusters: sides.names(),
            n_clusters: found.counts.of(*sides),
            population: found.counts.population(*sides),
        })
    }
}
