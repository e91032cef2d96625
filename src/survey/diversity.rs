//! How far the subgroups of a stratum differ in what they answer.
//!
//! Modal diversity of a question within a stratum: the entropy of the most frequent
//! answers over its subgroups, over the largest that it can have,
//! `-Σ p(m) log₂ p(m) / log₂ min(S, C)` with S subgroups and C options; 0 where all
//! agree (arXiv 2604.12851). Beside it the mean Wasserstein-1 distance of two
//! subgroups' answers, with the scale from 0 to 1, over all pairs.

use super::answers::Question;
use super::items::Item;
use super::subgroups::Subgroups;
use crate::stats::sum::Sum;
use crate::study::scale::Scale;

/// A question within a stratum.
#[derive(Debug, Clone)]
pub(super) struct Diversity {
    pub(super) question: u32,
    pub(super) stratum: usize,
    /// Subgroups with an answer.
    pub(super) subgroups: usize,
    /// Different modes among them.
    pub(super) modes: usize,
    /// In [0, 1]; `None` for less than two subgroups.
    pub(super) modal: Option<f64>,
    /// In [0, 1]; `None` for less than two subgroups.
    pub(super) wasserstein: Option<f64>,
}

/// Every question within every stratum that has an item, in that order.
pub(super) fn diversity(
    items: &[Item],
    subgroups: &Subgroups,
    questions: &[Question],
    strata: usize,
) -> Vec<Diversity> {
    let mut found = Vec::new();
    for of_question in items.chunk_by(|a, b| a.question == b.question) {
        let Some(first) = of_question.first() else {
            continue;
        };
        let scale = &questions[first.question as usize].scale;
        for stratum in 0..strata {
            let within = |item: &&Item| subgroups.all[item.subgroup as usize].stratum == stratum;
            let items: Vec<&Item> = of_question.iter().filter(within).collect();
            if items.is_empty() {
                continue;
            }
            let mut counts = vec![0_u64; scale.len()];
            for item in &items {
                counts[usize::from(item.mode)] += 1;
            }
            let shares: Vec<&[f64]> = items.iter().map(|item| &item.shares[..]).collect();
            found.push(Diversity {
                question: first.question,
                stratum,
                subgroups: items.len(),
                modes: counts.iter().filter(|count| **count > 0).count(),
                modal: modal(&counts),
                wasserstein: mean_distance(&shares, scale),
            });
        }
    }
    found
}

/// The entropy of counts over options, over the largest possible.
fn modal(counts: &[u64]) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    let most = (total as usize).min(counts.len());
    if most < 2 {
        return None;
    }
    let entropy = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = *count as f64 / total as f64;
            -share * share.log2()
        })
        .collect::<Sum>()
        .value();
    Some((entropy / (most as f64).log2()).max(0.0))
}

fn mean_distance(shares: &[&[f64]], scale: &Scale) -> Option<f64> {
    let mut sum = Sum::default();
    let mut pairs = 0_u64;
    for (index, a) in shares.iter().enumerate() {
        for b in &shares[index + 1..] {
            sum.add(wasserstein(a, b, scale));
            pairs += 1;
        }
    }
    (pairs > 0).then(|| sum.value() / pairs as f64)
}

/// Wasserstein-1 of two distributions with the scale's range as 1; where options have
/// no order the total variation distance, which is Wasserstein-1 when any two differ
/// by 1.
fn wasserstein(a: &[f64], b: &[f64], scale: &Scale) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| a - b);
    if !scale.is_ordered() {
        return differences.map(f64::abs).sum::<f64>() / 2.0;
    }
    let codes: Vec<i32> = scale.codes().collect();
    let mut ahead = 0.0;
    let mut sum = 0.0;
    for (difference, pair) in differences.zip(codes.windows(2)) {
        ahead += difference;
        sum += f64::abs(ahead) * (f64::from(pair[1]) - f64::from(pair[0]));
    }
    sum / scale.range()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these numbers are exact in binary")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn modal_diversity_is_nothing_where_all_agree_and_all_where_they_split() {
        assert_eq!(modal(&[6, 0, 0, 0]), Some(0.0));
        assert_eq!(modal(&[1, 1, 0]), Some(1.0));
        assert_eq!(modal(&[2, 2, 2, 2]), Some(1.0));
        assert_eq!(modal(&[1, 0, 0]), None);
        let half = modal(&[3, 1, 0]).unwrap();
        let entropy = -(0.75 * 0.75_f64.log2() + 0.25 * 0.25_f64.log2());
        assert!((half - entropy / 3_f64.log2()).abs() < 1e-12);
    }

    #[test]
    fn distance_is_the_part_of_the_scale_that_mass_moves() {
        let scale = Scale::parse("1 | 2 | 3 | 4 | 5").unwrap();
        let (first, last) = ([1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(wasserstein(&first, &last, &scale), 1.0);
        let nominal = Scale::parse("nominal: 1 = a | 2 = b | 9 = c").unwrap();
        assert_eq!(
            wasserstein(&[0.5, 0.5, 0.0], &[0.0, 0.5, 0.5], &nominal),
            0.5
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The naive twin: the cheapest way to move mass on a line is in order.
        #[test]
        fn distance_is_that_of_mass_moved_in_order(
            a in prop::collection::vec(1_u32..9, 4),
            b in prop::collection::vec(1_u32..9, 4),
        ) {
            let share = |v: &[u32]| -> Vec<f64> {
                let sum: u32 = v.iter().sum();
                v.iter().map(|x| f64::from(*x) / f64::from(sum)).collect()
            };
            let scale = Scale::parse("0 | 1 | 2 | 3").unwrap();
            let (a, b) = (share(&a), share(&b));
            let quantile = |v: &[f64], p: f64| {
                let mut sum = 0.0;
                v.iter().position(|x| { sum += x; p < sum }).unwrap_or(v.len() - 1) as f64
            };
            let steps = 4000;
            let twin: f64 = (0..steps)
                .map(|i| (f64::from(i) + 0.5) / f64::from(steps))
                .map(|p| (quantile(&a, p) - quantile(&b, p)).abs())
                .sum::<f64>() / f64::from(steps) / 3.0;
            prop_assert!((wasserstein(&a, &b, &scale) - twin).abs() < 5e-3);
        }
    }
}
