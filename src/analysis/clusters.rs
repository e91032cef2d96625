//! Which items move together, and the intervals that follow from it.

use super::item_score::ItemScore;
use super::layout::Layout;
use super::report::{ClusterCounts, Clusters, Interval, Method};
use crate::stats::wilson::{design_effect_wilson, effective_items};
use crate::stats::{ClusterMean, Level, cluster_mean};

/// The items of an estimate as columns.
pub(super) struct Columns {
    pub(super) questions: Vec<u32>,
    pub(super) personas: Vec<u32>,
    pub(super) counts: ClusterCounts,
}

impl Columns {
    pub(super) fn of(layout: &Layout<'_>, items: &[ItemScore]) -> Self {
        let column = |numbers: &[u32]| -> Vec<u32> {
            items
                .iter()
                .map(|item| numbers[item.item as usize])
                .collect()
        };
        let (questions, personas) = (column(&layout.questions), column(&layout.personas));
        let distinct = |numbers: &[u32], bound: usize| {
            let mut seen = vec![false; bound];
            numbers
                .iter()
                .filter(|n| !std::mem::replace(&mut seen[**n as usize], true))
                .count() as u64
        };
        let counts = ClusterCounts {
            question: distinct(&questions, layout.question_count),
            persona: if layout.has_personas {
                distinct(&personas, layout.persona_count)
            } else {
                0
            },
        };
        Self {
            questions,
            personas,
            counts,
        }
    }

    /// The mean of some values with the spread over these clusters.
    pub(super) fn mean(&self, values: &[f64], clusters: Clusters) -> Option<ClusterMean> {
        use crate::stats::Clusters as By;
        let by = match clusters {
            Clusters::Question => By::OneWay(&self.questions),
            Clusters::Persona => By::OneWay(&self.personas),
            Clusters::QuestionAndPersona => By::TwoWay(&self.questions, &self.personas),
        };
        cluster_mean(values, by).ok()
    }

    /// The clusters for claims about personas like these.
    pub(super) fn sampled(&self) -> Option<Clusters> {
        match (self.counts.question, self.counts.persona) {
            (2.., 2..) => Some(Clusters::QuestionAndPersona),
            (_, 2..) => Some(Clusters::Persona),
            _ => None,
        }
    }

    /// The clusters for claims about exactly these personas.
    pub(super) fn fixed(&self) -> Option<Clusters> {
        (self.counts.question >= 2).then_some(Clusters::Question)
    }

    /// The one dimension that position effects are clustered by.
    pub(super) fn of_position(&self) -> Option<Clusters> {
        self.fixed().or_else(|| self.sampled())
    }

    /// Whom an interval over such clusters speaks of.
    fn population(&self, clusters: Clusters) -> String {
        match (clusters, self.counts.persona) {
            (Clusters::QuestionAndPersona, _) => "questions and personas like these".to_owned(),
            (Clusters::Persona, _) => "personas like these, asked exactly this question".to_owned(),
            (Clusters::Question, 0) => "questions like these".to_owned(),
            (Clusters::Question, 1) => {
                "questions like these, asked of exactly this persona".to_owned()
            }
            (Clusters::Question, n) => {
                format!("questions like these, asked of exactly these {n} personas")
            }
        }
    }

    /// The interval of a rate, on a scale that starts `shift` lower.
    pub(super) fn interval(
        &self,
        mean: &ClusterMean,
        clusters: Clusters,
        level: Level,
        shift: f64,
    ) -> Option<Interval> {
        let interval = design_effect_wilson(mean, level).ok()?;
        Some(Interval {
            low: interval.low() - shift,
            high: interval.high() - shift,
            level: level.get(),
            method: Method::DesignEffectWilson,
            clusters,
            population: self.population(clusters),
            degrees_of_freedom: mean.degrees_of_freedom() as u64,
            n_effective: effective_items(mean).ok()?,
        })
    }
}
