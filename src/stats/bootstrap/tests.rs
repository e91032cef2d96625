use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::{Clusters, cluster_mean};

const DRAWS: Draws = Draws {
    seed: 5,
    count: 2_000,
};

/// 30 clusters of 1 to 5 items whose scores lean on their cluster.
fn clustered() -> (Vec<f64>, Vec<u32>) {
    let mut scores = Vec::new();
    let mut labels = Vec::new();
    for g in 0..30_u32 {
        for i in 0..=(g % 5) {
            let high = (g * 7 + i * 3) % 11;
            scores.push(f64::from(u8::from(high > 4)) * 0.5 + f64::from(g % 3) * 0.25);
            labels.push(g);
        }
    }
    (scores, labels)
}

#[test]
fn standard_error_is_near_that_of_the_cluster_robust_formula() {
    let (scores, labels) = clustered();
    let boot = cluster_bootstrap(&scores, Clusters::OneWay(&labels), DRAWS).unwrap();
    let formula = cluster_mean(&scores, Clusters::OneWay(&labels))
        .unwrap()
        .standard_error()
        .unwrap();
    assert!(
        (boot.standard_error() / formula - 1.0).abs() < 0.06,
        "{}",
        boot.standard_error()
    );
}

/// `scipy.stats.bootstrap(method="BCa")` of SciPy 1.17 on the cluster sums and
/// sizes, with the ratio of sums as statistic, gives these limits from 200,000
/// draws; its and our Monte Carlo error at 20,000 is about .001.
#[test]
fn intervals_agree_with_scipy_up_to_simulation_error() {
    let (scores, labels) = clustered();
    let draws = Draws {
        seed: 1,
        count: 20_000,
    };
    let boot = cluster_bootstrap(&scores, Clusters::OneWay(&labels), draws).unwrap();
    let percentile = boot.percentile(Level::DEFAULT).unwrap();
    let bca = boot.bca(Level::DEFAULT).unwrap();
    for (found, expected) in [
        (percentile.low(), 0.440_476),
        (percentile.high(), 0.616_477),
        (bca.low(), 0.441_213),
        (bca.high(), 0.617_271),
    ] {
        assert!((found - expected).abs() < 0.004, "{found} {expected}");
    }
}

#[test]
fn replicates_are_the_same_for_any_number_of_threads() {
    let (scores, labels) = clustered();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| cluster_bootstrap(&scores, Clusters::OneWay(&labels), DRAWS).unwrap())
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(16));
}

#[test]
fn clusters_that_agree_are_refused_and_not_given_a_point() {
    let boot = cluster_bootstrap(
        &[1.0; 9],
        Clusters::OneWay(&[0, 0, 0, 1, 1, 1, 2, 2, 2]),
        DRAWS,
    )
    .unwrap();
    assert_eq!(
        boot.percentile(Level::DEFAULT),
        Err(StatsError::NoVariation)
    );
    assert!(boot.bca(Level::DEFAULT).is_err());
}

#[test]
fn one_cluster_or_no_items_are_errors() {
    let one = cluster_bootstrap(&[0.0, 1.0], Clusters::OneWay(&[4, 4]), DRAWS);
    assert_eq!(
        one,
        Err(StatsError::TooFewClusters {
            found: 1,
            needed: 2
        })
    );
    assert_eq!(
        cluster_bootstrap(&[], Clusters::OneWay(&[]), DRAWS),
        Err(StatsError::Empty)
    );
    assert!(cluster_bootstrap(&[0.0, 1.0], Clusters::OneWay(&[4]), DRAWS).is_err());
}

#[test]
fn crossed_clusters_are_drawn_each_by_itself() {
    // An additive table of 15 questions and 8 personas.
    let question: Vec<u32> = (0..120).map(|i| i / 8).collect();
    let persona: Vec<u32> = (0..120).map(|i| i % 8).collect();
    let scores: Vec<f64> = question
        .iter()
        .zip(&persona)
        .map(|(q, p)| f64::from(q * 7 % 15) / 30.0 + f64::from(p * 3 % 8) / 16.0)
        .collect();
    let clusters = Clusters::TwoWay(&question, &persona);
    let boot = cluster_bootstrap(&scores, clusters, DRAWS).unwrap();
    let formula = cluster_mean(&scores, clusters)
        .unwrap()
        .standard_error()
        .unwrap();
    assert!(
        (boot.standard_error() / formula - 1.0).abs() < 0.1,
        "{}",
        boot.standard_error()
    );
    assert!(boot.percentile(Level::DEFAULT).is_ok());
    assert_eq!(
        boot.bca(Level::DEFAULT),
        Err(StatsError::OneWayOnly { method: "BCa" })
    );
    let one_persona = Clusters::TwoWay(&question, &[0; 120]);
    assert_eq!(
        cluster_bootstrap(&scores, one_persona, DRAWS),
        Err(StatsError::TooFewClusters {
            found: 1,
            needed: 2
        })
    );
}

#[test]
fn clusters_of_few_kinds_spread_as_when_drawn_one_by_one() {
    let scores: Vec<f64> = (0..3000_u32).map(|i| f64::from(i * i % 5) / 4.0).collect();
    let labels: Vec<u32> = (0..3000).collect();
    let sums = cluster_sums(&scores, &Dense::from_labels(&labels));
    let kinds = kinds(&sums).unwrap();
    assert_eq!(kinds.iter().map(|(_, n)| n).sum::<u64>(), 3000);
    assert!(kinds.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    let together = cluster_bootstrap(&scores, Clusters::OneWay(&labels), DRAWS).unwrap();
    let robust = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
    let ratio = together.standard_error() / robust.standard_error().unwrap();
    // 2,000 replicates know a standard error to 1.6%.
    assert!((ratio - 1.0).abs() < 0.08, "{ratio}");
    let middle = together.replicates().iter().sum::<f64>() / 2000.0;
    assert!(
        (middle - together.estimate()).abs()
            < 5.0 * robust.standard_error().unwrap() / 2000_f64.sqrt()
    );
}

#[test]
fn clusters_of_many_kinds_are_drawn_one_by_one() {
    let sums: Vec<ClusterSum> = (0..2000)
        .map(|i| ClusterSum {
            sum: f64::from(i),
            size: 1.0,
        })
        .collect();
    assert!(kinds(&sums).is_none());
}

#[test]
fn quantiles_are_linear_between_values() {
    let sorted = [1.0, 2.0, 4.0, 8.0];
    // numpy.quantile
    for (p, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
        assert!(
            (sorted_quantile(&sorted, p) - expected).abs() < 1e-12,
            "{p}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The naive twin copies the items of every drawn cluster and averages them.
    #[test]
    fn a_replicate_is_the_mean_of_all_items_of_the_drawn_clusters(
        scores in prop::collection::vec(0.0..1.0_f64, 4..40), seed in 0_u64..1000,
    ) {
        let labels: Vec<u32> = (0..scores.len() as u32).map(|i| i * i % 7).collect();
        let dense = Dense::from_labels(&labels);
        prop_assume!(dense.count >= 2);
        let boot = cluster_bootstrap(&scores, Clusters::OneWay(&labels), Draws { seed, count: 20 }).unwrap();
        let mut naive: Vec<f64> = (0..20)
            .map(|replicate| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(replicate);
                let mut items = Vec::new();
                for _ in 0..dense.count {
                    let drawn = below(&mut rng, dense.count as u32);
                    for (score, cluster) in scores.iter().zip(&dense.of_item) {
                        if *cluster == drawn {
                            items.push(*score);
                        }
                    }
                }
                items.iter().sum::<f64>() / items.len() as f64
            })
            .collect();
        naive.sort_by(f64::total_cmp);
        for (found, naive) in boot.replicates().iter().zip(&naive) {
            prop_assert!((found - naive).abs() < 1e-12);
        }
    }

    #[test]
    fn a_grid_of_cells_draws_what_its_items_do(
        items in prop::collection::vec((0_u32..4, 0_u32..9, 0_u32..=4), 30..120),
        seed in any::<u64>(),
    ) {
        let column = |of: fn(&(u32, u32, u32)) -> u32| items.iter().map(of).collect::<Vec<u32>>();
        let scores: Vec<f64> = items.iter().map(|item| f64::from(item.2) / 4.0).collect();
        let first = Dense::from_labels(&column(|item| item.0));
        let second = Dense::from_labels(&column(|item| item.1));
        prop_assume!(first.count > 1 && second.count > 1);
        let draws = Draws { seed, count: 20 };
        let grid = Grid::new(&scores, &first, &second);
        let by_cell = drawn_both(&first, &second, draws, |a, b| grid.total(a, b));
        let by_item = drawn_both(&first, &second, draws, |a, b| {
            let weight = |i: usize| a[first.of_item[i] as usize] * b[second.of_item[i] as usize];
            ClusterSum {
                sum: (0..scores.len()).map(|i| weight(i) * scores[i]).sum(),
                size: (0..scores.len()).map(weight).sum(),
            }
        });
        for (cell, item) in by_cell.iter().zip(&by_item) {
            prop_assert!((cell - item).abs() < 1e-12);
        }
    }

    #[test]
    fn labels_are_only_names(shift in 1_u32..1_000_000) {
        let (scores, labels) = clustered();
        let renamed: Vec<u32> = labels.iter().map(|l| l.wrapping_mul(2_654_435_761) ^ shift).collect();
        let draws = Draws { seed: 3, count: 50 };
        prop_assert_eq!(
            cluster_bootstrap(&scores, Clusters::OneWay(&labels), draws),
            cluster_bootstrap(&scores, Clusters::OneWay(&renamed), draws)
        );
    }
}

#[test]
fn bca_mirrors_although_draws_that_tie_with_the_estimate_round_otherwise() {
    let scores: Vec<f64> = (0..24).map(|i| f64::from(i * 7 % 11) / 10.0).collect();
    let mirrored: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
    let labels: Vec<u32> = (0..24).map(|i| i / 4).collect();
    let limits = |scores: &[f64]| {
        let drawn = cluster_bootstrap(scores, Clusters::OneWay(&labels), Draws::BOOTSTRAP);
        drawn.unwrap().bca(Level::default()).unwrap()
    };
    let (one, other) = (limits(&scores), limits(&mirrored));
    assert!(
        (one.low() - (1.0 - other.high())).abs() < 1e-9,
        "{one:?} {other:?}"
    );
    assert!(
        (one.high() - (1.0 - other.low())).abs() < 1e-9,
        "{one:?} {other:?}"
    );
}
