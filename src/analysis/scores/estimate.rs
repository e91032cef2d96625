//! Means of item scores with their clustered intervals, and paired differences.
//!
//! Scores that lie in [0, 1] have the design-effect Wilson interval, differences of
//! them the same on [-1, 1]; distances without a normaliser have no bounds, and the t
//! interval. Weighted items (`w`, mean `m`) enter by `m + w (x - m) N / sum(w)`, whose
//! mean is the weighted mean and whose cluster sums are those of the weighted
//! residuals, so that CR1 holds as it stands.

use std::sync::OnceLock;

use super::items::ModelItems;
use super::metrics::{Metric, Normaliser};
use super::report::{Delta, Estimate, ScoreInterval, ScoreMethod};
use super::{ScoreClusters, ScoreOptions, Unstable};
use crate::answers::AnswerTable;
use crate::stats::cluster::Grouping;
use crate::stats::quantile::t_upper_quantile;
use crate::stats::score_test::bounded_score_test;
use crate::stats::t_interval::{t_interval, t_test};
use crate::stats::wilson::bounded_interval_at;
use crate::stats::{ClusterMean, Clusters, Level};
use crate::study::PersonaPopulation;

/// What estimates over one table share.
pub(super) struct Estimator<'a> {
    options: &'a ScoreOptions,
    /// Question and persona of each item.
    questions: Vec<u32>,
    personas: Vec<u32>,
    question_count: usize,
    persona_count: usize,
    has_personas: bool,
    /// Of each item, where items are weighted.
    weights: Option<Vec<f64>>,
    /// The t quantile of the level by degrees of freedom: a report has thousands of
    /// intervals of a few.
    quantiles: Vec<OnceLock<f64>>,
}

/// Some items with a value each.
#[derive(PartialEq)]
pub(super) struct Selection {
    /// Indices into the table's items.
    items: Vec<u32>,
    values: Vec<f64>,
}

impl Selection {
    /// A metric of a model on some of its items, those left out that lack it.
    pub(super) fn of(model: &ModelItems, metric: Metric, members: &[u32]) -> Self {
        let column = &model.values[metric as usize];
        let with = members.iter().map(|place| *place as usize);
        let with = with.filter(|place| !column[*place].is_nan());
        let (items, values) = with
            .map(|place| (model.items[place], column[place]))
            .unzip();
        Self { items, values }
    }

    /// The difference of two models on items that both have.
    pub(super) fn difference(
        candidate: &ModelItems,
        base: &ModelItems,
        metric: Metric,
        pairs: impl Iterator<Item = (u32, u32)>,
    ) -> Self {
        let (ours, theirs) = (
            &candidate.values[metric as usize],
            &base.values[metric as usize],
        );
        let differences = pairs.map(|(own, other)| {
            let difference = ours[own as usize] - theirs[other as usize];
            (candidate.items[own as usize], difference)
        });
        let (items, values) = differences.filter(|(_, value)| !value.is_nan()).unzip();
        Self { items, values }
    }
}

/// What the metrics of one group have in common: most are of the same items, and some
/// are the same number for each, as soft accuracy is accuracy where nothing ties.
pub(super) struct Shared<T> {
    labelled: Option<(Vec<u32>, Labelled)>,
    done: Vec<(Selection, bool, T)>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self {
            labelled: None,
            done: Vec::new(),
        }
    }
}

impl<T: Clone> Shared<T> {
    fn find(&self, selection: &Selection, bounded: bool) -> Option<T> {
        let is_it = |(known, is_bounded, _): &&(Selection, bool, T)| {
            *is_bounded == bounded && known == selection
        };
        let known = self.done.iter().find(is_it);
        known.map(|(_, _, made)| made.clone())
    }

    fn labelled(&mut self, items: &[u32], make: impl FnOnce() -> Labelled) -> &Labelled {
        let known = self.labelled.take().filter(|(known, _)| known == items);
        let known = known.unwrap_or_else(|| (items.to_vec(), make()));
        &self.labelled.insert(known).1
    }
}

/// Items with their clusters.
struct Labelled {
    labels: Labels,
    headline: Option<Grouped>,
    /// For claims about exactly these personas, where those of the headline are others.
    fixed: Option<Grouped>,
}

struct Grouped {
    sides: Sides,
    grouping: Grouping,
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

/// The labels of a selection's items.
struct Labels {
    questions: Vec<u32>,
    personas: Vec<u32>,
    question_count: u64,
    persona_count: u64,
}

impl Labels {
    fn clusters(&self, sides: Sides) -> Clusters<'_> {
        match sides {
            Sides::Question => Clusters::OneWay(&self.questions),
            Sides::Persona => Clusters::OneWay(&self.personas),
            Sides::Both => Clusters::TwoWay(&self.questions, &self.personas),
        }
    }

    fn counts(&self, sides: Sides) -> Vec<u64> {
        match sides {
            Sides::Question => vec![self.question_count],
            Sides::Persona => vec![self.persona_count],
            Sides::Both => vec![self.question_count, self.persona_count],
        }
    }

    /// Whom an interval over such clusters speaks of.
    fn population(&self, sides: Sides) -> String {
        let exactly = |n: u64, one: &str| match n {
            1 => format!("exactly this {one}"),
            n => format!("exactly these {n} {one}s"),
        };
        match sides {
            Sides::Both => "questions and personas like these".to_owned(),
            Sides::Question if self.persona_count == 0 => "questions like these".to_owned(),
            Sides::Question => format!(
                "questions like these, asked of {}",
                exactly(self.persona_count, "persona")
            ),
            Sides::Persona => format!(
                "personas like these, asked {}",
                exactly(self.question_count, "question")
            ),
        }
    }
}

impl<'a> Estimator<'a> {
    pub(super) fn new(table: &AnswerTable, options: &'a ScoreOptions) -> Self {
        let weight = |item: &crate::answers::Item| {
            let unstable = item.truth.as_ref().and_then(|truth| truth.unstable);
            1.0 - unstable.unwrap_or(0.0)
        };
        let weights = options.unstable == Unstable::Weight;
        Self {
            options,
            questions: table.items.iter().map(|item| item.question).collect(),
            personas: table.items.iter().map(|item| item.persona).collect(),
            quantiles: vec![OnceLock::new(); table.questions.len().max(table.personas.len())],
            question_count: table.questions.len(),
            persona_count: table.personas.len(),
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
        shared: &mut Shared<Estimate>,
        selection: Selection,
        metric: Metric,
        fixes_personas: bool,
    ) -> Option<Estimate> {
        let bounded = self.is_bounded(metric);
        if let Some(known) = shared.find(&selection, bounded) {
            return Some(known);
        }
        let (values, estimate) = self.weighted(&selection)?;
        let labelled = shared.labelled(&selection.items, || {
            self.labelled(&selection, fixes_personas)
        });
        let mean = |grouped: &Option<Grouped>| {
            let grouped = grouped.as_ref()?;
            Some((grouped.grouping.mean(&values).ok()?, grouped.sides))
        };
        let interval = |(mean, sides): &(ClusterMean, Sides)| {
            self.interval(mean, bounded, 0.0, &labelled.labels, *sides)
        };
        let headline = mean(&labelled.headline);
        let made = Estimate {
            estimate,
            items: values.len() as u64,
            standard_error: headline
                .as_ref()
                .and_then(|(mean, _)| mean.standard_error()),
            interval: headline.as_ref().and_then(interval),
            interval_fixed_personas: mean(&labelled.fixed).as_ref().and_then(interval),
        };
        shared.done.push((selection, bounded, made.clone()));
        Some(made)
    }

    /// The mean of paired differences, with the test of none.
    pub(super) fn difference(
        &self,
        shared: &mut Shared<Delta>,
        selection: Selection,
        metric: Metric,
        fixes_personas: bool,
    ) -> Option<Delta> {
        let bounded = self.is_bounded(metric);
        if let Some(known) = shared.find(&selection, bounded) {
            return Some(known);
        }
        let (values, estimate) = self.weighted(&selection)?;
        let labelled = shared.labelled(&selection.items, || {
            self.labelled(&selection, fixes_personas)
        });
        let mean = labelled
            .headline
            .as_ref()
            .and_then(|grouped| Some((grouped.sides, grouped.grouping.mean(&values).ok()?)));
        let p_value = mean.as_ref().and_then(|(_, mean)| {
            let test = if bounded {
                bounded_score_test(mean, 0.0, -1.0, 1.0)
            } else {
                t_test(mean, 0.0)
            };
            Some(test.ok()?.p.get())
        });
        let made = Delta {
            estimate,
            items: values.len() as u64,
            standard_error: mean.as_ref().and_then(|(_, mean)| mean.standard_error()),
            interval: mean.as_ref().and_then(|(sides, mean)| {
                self.interval(mean, bounded, -1.0, &labelled.labels, *sides)
            }),
            p_value,
            p_adjusted: None,
        };
        shared.done.push((selection, bounded, made.clone()));
        Some(made)
    }

    fn labelled(&self, selection: &Selection, fixes_personas: bool) -> Labelled {
        let labels = self.labels(selection);
        let headline = self.sides(&labels, fixes_personas);
        let fixed = fixed(&labels).filter(|fixed| Some(*fixed) != headline);
        let grouped = |sides: Sides| Grouped {
            sides,
            grouping: Grouping::new(labels.clusters(sides)),
        };
        Labelled {
            headline: headline.map(grouped),
            fixed: fixed.map(grouped),
            labels,
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

    /// Values whose plain mean is the weighted one, and that mean.
    fn weighted(&self, selection: &Selection) -> Option<(Vec<f64>, f64)> {
        let values = &selection.values;
        if values.is_empty() {
            return None;
        }
        let plain =
            |values: &[f64]| crate::stats::sum::sum(values.iter().copied()) / values.len() as f64;
        let Some(weights) = &self.weights else {
            return Some((values.clone(), plain(values)));
        };
        let of_items = || selection.items.iter().map(|item| weights[*item as usize]);
        let total = crate::stats::sum::sum(of_items());
        if total <= 0.0 {
            return None;
        }
        let products = values
            .iter()
            .zip(of_items())
            .map(|(value, weight)| value * weight);
        let mean = crate::stats::sum::sum(products) / total;
        let scale = values.len() as f64 / total;
        let moved = values
            .iter()
            .zip(of_items())
            .map(|(value, weight)| mean + weight * (value - mean) * scale);
        Some((moved.collect(), mean))
    }

    fn labels(&self, selection: &Selection) -> Labels {
        let column = |of_item: &[u32]| -> Vec<u32> {
            selection
                .items
                .iter()
                .map(|item| of_item[*item as usize])
                .collect()
        };
        let (questions, personas) = (column(&self.questions), column(&self.personas));
        Labels {
            question_count: distinct(&questions, self.question_count),
            persona_count: if self.has_personas {
                distinct(&personas, self.persona_count)
            } else {
                0
            },
            questions,
            personas,
        }
    }

    /// The clusters of a headline: those asked for, else for personas like these where
    /// they are a sample, else for exactly these; `None` where there are not two.
    fn sides(&self, labels: &Labels, fixes_personas: bool) -> Option<Sides> {
        let several = |sides: Sides| {
            let fewest = labels.counts(sides).into_iter().min().unwrap_or(0);
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
            ScoreClusters::Both | ScoreClusters::Auto => fixed(labels),
        }
    }

    fn is_bounded(&self, metric: Metric) -> bool {
        !(metric.is_distance() && self.options.normaliser == Normaliser::None)
    }

    fn interval(
        &self,
        mean: &ClusterMean,
        bounded: bool,
        low: f64,
        labels: &Labels,
        sides: Sides,
    ) -> Option<ScoreInterval> {
        let level: Level = self.options.level;
        let (limits, method) = if bounded {
            let t = self.quantile(mean.degrees_of_freedom());
            let limits = bounded_interval_at(mean, low, 1.0, level, t).ok()?;
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
            n_clusters: labels.counts(sides),
            population: labels.population(sides),
        })
    }
}

/// The clusters for claims about exactly these personas: questions, or personas where
/// there is one question.
fn fixed(labels: &Labels) -> Option<Sides> {
    match (labels.question_count, labels.persona_count) {
        (2.., _) => Some(Sides::Question),
        (_, 2..) => Some(Sides::Persona),
        _ => None,
    }
}

fn distinct(numbers: &[u32], bound: usize) -> u64 {
    let mut seen = vec![false; bound];
    numbers
        .iter()
        .filter(|n| !std::mem::replace(&mut seen[**n as usize], true))
        .count() as u64
}
