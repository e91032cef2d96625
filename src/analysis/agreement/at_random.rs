//! Whether labelled items are like the others, as a draw at random makes them.
//!
//! The judge's mean over the labelled items less that over the others, `D = Σ a·f` with
//! `a` of `1/n` and `-1/N`, is held against the variance that it has when the labelled
//! ones are drawn at random: that of all items together, because a few labelled ones
//! hardly tell their own. With `d` the scores less their mean and `G` clusters
//!
//! ```text
//! V = s²·Σ a² + Σ over dimensions of G/(G-1)·γ·Σ over pairs in a cluster of a·a
//! γ = mean over pairs in a cluster of d·d, at least 0
//! ```
//!
//! so that it holds whether items were drawn or whole clusters. The degrees of freedom
//! are Satterthwaite's, `G - 1` for each part. By simulation a true null of skewed scores
//! is rejected at 5% between 4% and 6% of the time from 10 labelled items on.
//!
//! Labels of unequal weights `w` have `a = ((n+N)·w/Σw - 1)/N`, with which `D` is 0 on
//! average if items were drawn with the chances that the weights tell.

use super::corrected_report::RandomCheck;
use crate::stats::multiplicity::holm;
use crate::stats::prediction_powered::Items;
use crate::stats::quantile::t_two_sided;
use crate::stats::{Clusters, PValue};

/// The judge's win rate on the labelled items against that on the others; `None` where
/// it cannot be told.
pub(super) fn random_check(items: Items<'_>) -> Option<RandomCheck> {
    let labelled = items.people.iter().flatten().count() as f64;
    let n = items.judge.len() as f64;
    let others = n - labelled;
    if labelled < 2.0 || others < 2.0 {
        return None;
    }
    let stands_for = |row: usize| items.weights.get(row).copied().unwrap_or(1.0);
    let labels = items.people.iter().enumerate();
    let labels = labels.filter(|(_, label)| label.is_some());
    let all: f64 = labels.map(|(row, _)| stands_for(row)).sum();
    let rows = items.people.iter().enumerate();
    let weights: Vec<f64> = rows
        .map(|(row, label)| match label {
            None => -1.0 / others,
            Some(_) => (n * stands_for(row) / all - 1.0) / others,
        })
        .collect();
    let middle = items.judge.iter().sum::<f64>() / n;
    let apart: Vec<f64> = items.judge.iter().map(|score| score - middle).collect();
    let squares = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
    let alone = squares(&apart) / (n - 1.0) * squares(&weights);
    let (mut variance, mut spread) = (alone, alone * alone / (n - 1.0));
    let dimensions: &[&[u32]] = match items.clusters {
        Clusters::OneWay(labels) => &[labels],
        Clusters::TwoWay(first, second) => &[first, second],
    };
    for labels in dimensions {
        let (of_scores, of_weights) = (pairs(&apart, labels), pairs(&weights, labels));
        if of_scores.pairs > 0.0 && of_scores.clusters > 1.0 {
            let shared = (of_scores.sum / of_scores.pairs).max(0.0) * of_weights.sum;
            let more = shared * of_scores.clusters / (of_scores.clusters - 1.0);
            variance += more;
            spread += more * more / (of_scores.clusters - 1.0);
        }
    }
    // Labels that are spread over clusters lower it; how far is only estimated.
    let variance = variance.max(alone / 2.0);
    let difference: f64 = weights.iter().zip(&apart).map(|(a, d)| a * d).sum();
    (variance > 0.0).then(|| {
        let p = t_two_sided(difference / variance.sqrt(), variance * variance / spread);
        RandomCheck {
            difference,
            p_alone: p,
            p_value: p,
        }
    })
}

/// Products of two items of one cluster, over ordered pairs of them.
struct Products {
    clusters: f64,
    pairs: f64,
    sum: f64,
}

fn pairs(values: &[f64], labels: &[u32]) -> Products {
    let most = labels.iter().max().map_or(0, |most| *most as usize + 1);
    // Items, their sum, and their sum of squares.
    let mut clusters = vec![(0.0, 0.0, 0.0); most];
    for (value, label) in values.iter().zip(labels) {
        let (n, sum, squares) = &mut clusters[*label as usize];
        *n += 1.0;
        *sum += value;
        *squares += value * value;
    }
    let filled = clusters.iter().filter(|(n, ..)| *n > 0.0);
    let made = Products {
        clusters: 0.0,
        pairs: 0.0,
        sum: 0.0,
    };
    filled.fold(made, |made, (n, sum, squares)| Products {
        clusters: made.clusters + 1.0,
        pairs: made.pairs + n * (n - 1.0),
        sum: made.sum + sum * sum - squares,
    })
}

/// Adjusts the p-values of a report's checks together.
pub(super) fn adjust<'r>(checks: impl Iterator<Item = &'r mut RandomCheck>) {
    let mut checks: Vec<&mut RandomCheck> = checks.collect();
    let p: Vec<PValue> = checks
        .iter()
        .map(|check| PValue::clamped(check.p_value))
        .collect();
    for (check, p) in checks.iter_mut().zip(holm(&p)) {
        check.p_value = p.get();
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::stats::random::{below, normal};

    /// How often labels that are drawn at random are called unlike the others.
    fn alarms(
        judge: &[f64],
        clusters: Clusters<'_>,
        draw: impl Fn(&mut ChaCha8Rng) -> Vec<bool>,
    ) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let tries = 2_000;
        let mut alarms = 0;
        for _ in 0..tries {
            let people: Vec<Option<f64>> = draw(&mut rng)
                .into_iter()
                .map(|is_labelled| is_labelled.then_some(1.0))
                .collect();
            let items = Items {
                judge,
                people: &people,
                clusters,
                strata: &[],
                weights: &[],
            };
            alarms += u32::from(random_check(items).unwrap().p_value < 0.05);
        }
        f64::from(alarms) / f64::from(tries)
    }

    /// `wanted` of `n` places.
    fn some_of(rng: &mut ChaCha8Rng, n: u32, wanted: usize) -> Vec<bool> {
        let mut drawn = vec![false; n as usize];
        while drawn.iter().filter(|drawn| **drawn).count() < wanted {
            drawn[below(rng, n) as usize] = true;
        }
        drawn
    }

    #[test]
    fn few_labels_of_lopsided_scores_raise_no_more_alarms_than_they_may() {
        // As of a model that wins 7% of 800 items.
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let judge: Vec<f64> = (0..800)
            .map(|_| (normal(&mut rng) - 1.5).clamp(0.0, 1.0))
            .collect();
        let own: Vec<u32> = (0..800).collect();
        let rate = alarms(&judge, Clusters::OneWay(&own), |rng| some_of(rng, 800, 20));
        assert!((0.02..0.065).contains(&rate), "{rate}");
    }

    #[test]
    fn clusters_that_are_labelled_whole_raise_no_more_alarms_than_they_may() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let questions: Vec<f64> = (0..40).map(|_| normal(&mut rng)).collect();
        let of_item: Vec<u32> = (0..400).map(|item| item / 10).collect();
        let judge: Vec<f64> = of_item
            .iter()
            .map(|question| questions[*question as usize] + normal(&mut rng))
            .collect();
        let rate = alarms(&judge, Clusters::OneWay(&of_item), |rng| {
            let questions = some_of(rng, 40, 8);
            of_item
                .iter()
                .map(|question| questions[*question as usize])
                .collect()
        });
        assert!((0.02..0.065).contains(&rate), "{rate}");
    }

    #[test]
    fn labels_on_what_a_judge_calls_won_are_told() {
        let judge: Vec<f64> = (0..40).map(|item| f64::from(item % 2)).collect();
        let people: Vec<Option<f64>> = judge
            .iter()
            .enumerate()
            .map(|(item, score)| (*score > 0.0 && item < 30).then_some(1.0))
            .collect();
        let own: Vec<u32> = (0..40).collect();
        let items = Items {
            judge: &judge,
            people: &people,
            clusters: Clusters::OneWay(&own),
            strata: &[],
            weights: &[],
        };
        let check = random_check(items).unwrap();
        assert!(check.difference > 0.7 && check.p_value < 0.001, "{check:?}");
        let mut checks = [
            check,
            RandomCheck {
                p_value: 0.03,
                ..check
            },
        ];
        adjust(checks.iter_mut());
        assert!((checks[1].p_value - 0.03).abs() < 1e-12, "{checks:?}");
        assert!((checks[0].p_value - 2.0 * check.p_value).abs() < 1e-12);
    }
}
