//! Where the variance of item scores comes from: questions, personas, the rest.
//!
//! The model is `s = mu + question + persona + rest` with independent effects of
//! variance `vq`, `vp` and `ve`. The estimates are moments (Searle, Casella &
//! `McCulloch` 1992, *Variance Components*): with deviations `e = s - mean`, the mean
//! product `e_i e_j` over pairs of items that share a question but no persona
//! estimates `vq - V`, over pairs that share a persona but no question `vp - V`, and
//! over items themselves `vq + vp + ve - V`, where `V` is the variance of the mean,
//!
//! `V = vq sum m_q^2 / N^2 + vp sum m_p^2 / N^2 + ve / N`.
//!
//! The four equations are solved together. Where every persona is asked every
//! question once this is the analysis of variance; elsewhere it is close to it.
//! Estimates below 0 count as 0. A component without a pair to see it by is unknown,
//! and what there is of it counts to the rest.

use super::StatsError;
use super::cluster::{check_length, check_scores, mean};
use super::grouping::Dense;
use super::sum::Sum;

/// Variance of item scores by its source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Components {
    /// What items of one question have in common; `None` where no two items show it.
    pub question: Option<f64>,
    /// What items of one persona have in common; `None` where no two items show it.
    pub persona: Option<f64>,
    /// What is left: the item itself, and the judge's noise.
    pub rest: f64,
}

impl Components {
    /// Variance of a score.
    pub fn total(&self) -> f64 {
        self.question.unwrap_or(0.0) + self.persona.unwrap_or(0.0) + self.rest
    }
}

/// Components of scores; `persona` is `None` where there are no personas, or one.
///
/// # Errors
///
/// When there are no items, a column does not match, or a score is not finite;
/// [`StatsError::TooFewClusters`] where there is a single question or a single
/// persona.
pub fn components(
    scores: &[f64],
    question: &[u32],
    persona: Option<&[u32]>,
) -> Result<Components, StatsError> {
    check_scores(scores)?;
    check_length("the question column", question.len(), scores.len())?;
    if let Some(persona) = persona {
        check_length("the persona column", persona.len(), scores.len())?;
    }
    let n = scores.len() as f64;
    let middle = mean(scores);
    let deviations: Vec<f64> = scores.iter().map(|s| s - middle).collect();
    let questions = Dense::from_labels(question);
    let personas = persona.map(Dense::from_labels);
    let cells = personas
        .as_ref()
        .map(|personas| questions.crossed(personas));
    let fewest = personas.as_ref().map_or(questions.count, |personas| {
        questions.count.min(personas.count)
    });
    if fewest < 2 {
        return Err(StatsError::TooFewClusters {
            found: fewest,
            needed: 2,
        });
    }
    let itself = Products::of(&deviations, None);
    let both = cells
        .as_ref()
        .map_or(itself, |cells| Products::of(&deviations, Some(cells)));
    let moment = |by: &Dense| {
        let all = Products::of(&deviations, Some(by));
        all.beyond(both).map(|moment| (moment, all.pairs / (n * n)))
    };
    let of_question = moment(&questions);
    let of_persona = personas.as_ref().and_then(moment);
    let of_item = itself.sum / n;

    // The header's equations solved for V, over the dimensions that have pairs.
    let known = [of_question, of_persona];
    let known = || known.iter().flatten();
    let dimensions = known().count() as f64;
    let shared: f64 = known().map(|(moment, _)| moment).sum();
    let weighed: f64 = known().map(|(moment, weight)| moment * weight).sum();
    let left = 1.0 - known().map(|(_, weight)| weight).sum::<f64>() - (1.0 - dimensions) / n;
    let of_mean = if left > 0.0 {
        (weighed + (of_item - shared) / n) / left
    } else {
        0.0
    };
    let variance = |moment: Option<(f64, f64)>| moment.map(|(m, _)| m + of_mean);
    let (question, persona) = (variance(of_question), variance(of_persona));
    let of_both = question.unwrap_or(0.0) + persona.unwrap_or(0.0);
    Ok(Components {
        question: question.map(|variance| variance.max(0.0)),
        persona: persona.map(|variance| variance.max(0.0)),
        rest: (of_item + of_mean - of_both).max(0.0),
    })
}

/// Sum of products of deviations over ordered pairs of items of one cluster, an
/// item with itself included.
#[derive(Debug, Clone, Copy)]
struct Products {
    sum: f64,
    pairs: f64,
}

impl Products {
    /// Over clusters; without any, each item is one.
    fn of(deviations: &[f64], clusters: Option<&Dense>) -> Self {
        let Some(clusters) = clusters else {
            let mut sum = Sum::default();
            for e in deviations {
                sum.add(e * e);
            }
            return Self {
                sum: sum.value(),
                pairs: deviations.len() as f64,
            };
        };
        let mut sums = vec![(Sum::default(), 0.0); clusters.count];
        for (e, &cluster) in deviations.iter().zip(&clusters.of_item) {
            let (sum, size) = &mut sums[cluster as usize];
            sum.add(*e);
            *size += 1.0;
        }
        let mut all = Sum::default();
        let mut pairs = 0.0;
        for (sum, size) in &sums {
            all.add(sum.value() * sum.value());
            pairs += size * size;
        }
        Self {
            sum: all.value(),
            pairs,
        }
    }

    /// Mean product over the pairs that are here and not there, where there are any.
    fn beyond(self, other: Self) -> Option<f64> {
        let pairs = self.pairs - other.pairs;
        (pairs > 0.5).then(|| (self.sum - other.sum) / pairs)
    }
}

#[cfg(test)]
mod tests;
