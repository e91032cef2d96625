use proptest::prelude::*;

use super::*;
use crate::stats::cluster_mean;
use crate::stats::linalg::Square;
use crate::stats::wilson::design_effect_wilson;

/// Labels of clusters of these sizes.
fn labels(sizes: &[usize]) -> Vec<u32> {
    let of = |(g, size): (usize, &usize)| std::iter::repeat_n(g as u32, *size);
    sizes.iter().enumerate().flat_map(of).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// The twin: the variance and its first two moments by matrices, for items with errors of
/// variance 1 that do not move together. `e = (I - 11'/N) y`, a cluster's block of the hat
/// matrix has the one eigenvalue `n_g / N` along its sum, and `V = y' B y`.
fn by_matrices(scores: &[f64], labels: &[u32]) -> (f64, f64) {
    let n = scores.len();
    let groups = *labels.iter().max().unwrap() as usize + 1;
    let mut form = Square::zeros(n);
    for g in 0..groups {
        let size = labels.iter().filter(|label| **label as usize == g).count() as f64;
        // The row that takes scores to the adjusted sum of the cluster's residuals.
        let row: Vec<f64> = labels
            .iter()
            .map(|label| f64::from(u8::from(*label as usize == g)) - size / n as f64)
            .map(|x| x / (1.0 - size / n as f64).sqrt() / n as f64)
            .collect();
        for i in 0..n {
            for j in 0..n {
                form.add(i, j, row[i] * row[j]);
            }
        }
    }
    let applied = form.apply(scores);
    let variance = applied.iter().zip(scores).map(|(a, s)| a * s).sum();
    let mut square = 0.0;
    for i in 0..n {
        for j in 0..n {
            square += form.at(i, j) * form.at(j, i);
        }
    }
    let trace: f64 = (0..n).map(|i| form.at(i, i)).sum();
    (variance, trace * trace / square)
}

proptest! {
    #[test]
    fn variance_and_degrees_of_freedom_are_those_of_the_quadratic_form(
        sizes in prop::collection::vec(1_usize..9, 2..7),
        grades in prop::collection::vec(0_u8..=4, 60),
    ) {
        let labels = labels(&sizes);
        let scores: Vec<f64> = grades[..labels.len()].iter().map(|g| f64::from(*g) / 4.0).collect();
        let (variance, df) = by_matrices(&scores, &labels);
        let found = sized_wilson(&scores, Clusters::OneWay(&labels), Level::DEFAULT).unwrap();
        prop_assert!(close(found.degrees_of_freedom, df.max(1.0)), "{found:?} {df}");
        let p = mean(&scores);
        if variance > 1e-12 {
            prop_assert!(close(found.effective_items, p * (1.0 - p) / variance), "{found:?}");
        }
        prop_assert!(found.interval.contains(p));
    }

    #[test]
    fn clusters_of_one_size_give_the_default_interval(
        clusters in 2_u32..8,
        size in 1_usize..5,
        grades in prop::collection::vec(0_u8..=4, 32),
    ) {
        let labels = labels(&vec![size; clusters as usize]);
        let scores: Vec<f64> = grades[..labels.len()].iter().map(|g| f64::from(*g) / 4.0).collect();
        let by = Clusters::OneWay(&labels);
        let found = sized_wilson(&scores, by, Level::DEFAULT).unwrap();
        let rate = cluster_mean(&scores, by).unwrap();
        let usual = design_effect_wilson(&rate, Level::DEFAULT).unwrap();
        prop_assert!(close(found.degrees_of_freedom, f64::from(clusters) - 1.0));
        prop_assert!(close(found.interval.low(), usual.low()), "{found:?} {usual:?}");
        prop_assert!(close(found.interval.high(), usual.high()), "{found:?} {usual:?}");
        prop_assert!(!are_uneven(by, Level::DEFAULT));
    }

    #[test]
    fn swapping_sides_mirrors_the_interval_and_names_do_not_matter(
        sizes in prop::collection::vec(1_usize..9, 2..7),
        grades in prop::collection::vec(0_u8..=4, 60),
    ) {
        let labels = labels(&sizes);
        let renamed: Vec<u32> = labels.iter().map(|label| 900 - 7 * label).collect();
        let other: Vec<u32> = (0..labels.len() as u32).map(|i| i % 3).collect();
        let scores: Vec<f64> = grades[..labels.len()].iter().map(|g| f64::from(*g) / 4.0).collect();
        let swapped: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        if labels.len() >= 2 {
            let by = Clusters::TwoWay(&labels, &other);
            let renamed = Clusters::TwoWay(&renamed, &other);
            let found = sized_wilson(&scores, by, Level::DEFAULT).unwrap();
            let mirrored = sized_wilson(&swapped, renamed, Level::DEFAULT).unwrap();
            prop_assert!(close(found.interval.low(), 1.0 - mirrored.interval.high()));
            prop_assert!(close(found.interval.high(), 1.0 - mirrored.interval.low()));
            prop_assert!(close(found.degrees_of_freedom, mirrored.degrees_of_freedom));
        }
    }
}

#[test]
fn two_full_dimensions_give_the_default_interval() {
    let (questions, personas) = (7_u32, 5_u32);
    let cells = (0..questions).flat_map(|q| (0..personas).map(move |p| (q, p)));
    let first: Vec<u32> = cells.clone().map(|(q, _)| q).collect();
    let second: Vec<u32> = cells.clone().map(|(_, p)| p).collect();
    let scores: Vec<f64> = cells
        .map(|(q, p)| f64::from((q * 3 + p * p) % 5) / 4.0)
        .collect();
    let by = Clusters::TwoWay(&first, &second);
    let found = sized_wilson(&scores, by, Level::DEFAULT).unwrap();
    let rate = cluster_mean(&scores, by).unwrap();
    let usual = design_effect_wilson(&rate, Level::DEFAULT).unwrap();
    assert!(
        close(found.interval.low(), usual.low()),
        "{found:?} {usual:?}"
    );
    assert!(
        close(found.interval.high(), usual.high()),
        "{found:?} {usual:?}"
    );
    assert!(close(found.degrees_of_freedom, 4.0));
}

#[test]
fn one_cluster_with_most_items_leaves_hardly_a_degree_of_freedom() {
    let one_large = labels(&[[180].as_slice(), &[1; 20]].concat());
    let scores: Vec<f64> = (0..200).map(|i| f64::from(i % 2)).collect();
    let by = Clusters::OneWay(&one_large);
    let found = sized_wilson(&scores, by, Level::DEFAULT).unwrap();
    assert!((1.0..1.5).contains(&found.degrees_of_freedom), "{found:?}");
    assert!(are_uneven(by, Level::DEFAULT));
}

#[test]
fn clusters_that_agree_are_worth_as_many_as_would_weigh_alike() {
    let found = sized_wilson(
        &[1.0; 8],
        Clusters::OneWay(&labels(&[4, 2, 2])),
        Level::DEFAULT,
    )
    .unwrap();
    assert!(close(found.effective_items, 64.0 / 24.0), "{found:?}");
    assert!(found.interval.low() > 0.0 && close(found.interval.high(), 1.0));
}

#[test]
fn a_single_cluster_and_bad_scores_are_refused() {
    let refused = |scores: &[f64], labels: &[u32]| {
        sized_wilson(scores, Clusters::OneWay(labels), Level::DEFAULT).is_err()
    };
    assert!(refused(&[1.0, 0.0], &[3, 3]));
    assert!(refused(&[], &[]));
    assert!(refused(&[1.0, f64::NAN], &[0, 1]));
    assert!(refused(&[3.0, 1.0], &[0, 1]));
    assert!(refused(&[1.0, 0.0, 1.0], &[0, 1]));
    assert!(!are_uneven(Clusters::OneWay(&[2, 2]), Level::DEFAULT));
    assert!(!are_uneven(Clusters::OneWay(&[]), Level::DEFAULT));
}

proptest! {
    /// The test leaves out a rate exactly when the interval does.
    #[test]
    fn the_interval_inverts_its_test(
        sizes in prop::collection::vec(1_usize..30, 2..9),
        outcomes in prop::collection::vec(any::<bool>(), 300),
        null in 0.05..0.95_f64,
    ) {
        let labels = labels(&sizes);
        let scores: Vec<f64> =
            outcomes[..labels.len()].iter().map(|won| f64::from(u8::from(*won))).collect();
        let level = Level::new(0.9).unwrap();
        let found = sized_wilson(&scores, Clusters::OneWay(&labels), level).unwrap();
        let p = found.p(null).get();
        prop_assume!((p - 0.1).abs() > 1e-6);
        prop_assert_eq!(p < 0.1, !found.interval.contains(null), "{:?} {}", found, p);
    }
}
