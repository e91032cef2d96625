use super::*;
use crate::stats::Level;
use crate::stats::bootstrap::cluster_bootstrap;

const DRAWS: Draws = Draws {
    seed: 5,
    count: 400,
};

fn scores() -> (Vec<f64>, Vec<u32>, Vec<u32>) {
    let (mut scores, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
    for g in 0..14_u32 {
        for i in 0..=(g % 5) {
            scores.push(f64::from((g * 7 + i * 3) % 4) / 2.0);
            first.push(g);
            second.push(i);
        }
    }
    (scores, first, second)
}

fn mean_by(clusters: Clusters<'_>, scores: &[f64]) -> Vec<Result<Bootstrap, StatsError>> {
    let mut sums = ClusterSums::new(2, clusters).unwrap();
    for (unit, score) in scores.iter().enumerate() {
        let row = sums.row_of(unit);
        row[0] += score;
        row[1] += 1.0;
    }
    sums.bootstrap(DRAWS, |sums| vec![Some(sums[0] / sums[1]), None])
}

/// The mean is a function of two sums, and the bootstrap of it the one that win rates
/// have: same draws, same replicates.
#[test]
fn replicates_of_a_mean_are_those_of_the_cluster_bootstrap() {
    let (scores, first, second) = scores();
    for clusters in [Clusters::OneWay(&first), Clusters::TwoWay(&first, &second)] {
        let twin = cluster_bootstrap(&scores, clusters, DRAWS).unwrap();
        let made = mean_by(clusters, &scores);
        let found = made[0].as_ref().unwrap();
        for (a, b) in found.replicates().iter().zip(twin.replicates()) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
        assert!((found.estimate() - twin.estimate()).abs() < 1e-12);
        match (found.bca(Level::DEFAULT), twin.bca(Level::DEFAULT)) {
            (Ok(a), Ok(b)) => assert!((a.low() - b.low()).abs() < 1e-9, "{a:?} {b:?}"),
            (a, b) => assert_eq!(a, b),
        }
        assert_eq!(made[1], Err(StatsError::OneCategory));
    }
}

#[test]
fn replicates_are_the_same_for_any_number_of_threads() {
    let (scores, first, second) = scores();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            [Clusters::OneWay(&first), Clusters::TwoWay(&first, &second)]
                .map(|clusters| mean_by(clusters, &scores))
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
}

#[test]
fn a_single_cluster_and_no_units_are_refused() {
    let few = mean_by(Clusters::OneWay(&[4, 4]), &[0.5, 1.0]);
    assert!(matches!(
        few[0],
        Err(StatsError::TooFewClusters { found: 1, .. })
    ));
    let none = ClusterSums::new(2, Clusters::OneWay(&[]));
    assert_eq!(none.map(|sums| sums.total()), Err(StatsError::Empty));
    assert!(ClusterSums::new(2, Clusters::TwoWay(&[1, 2], &[1])).is_err());
}

#[test]
fn a_number_that_many_draws_lack_has_no_interval() {
    let labels: Vec<u32> = (0..10).collect();
    let mut sums = ClusterSums::new(1, Clusters::OneWay(&labels)).unwrap();
    sums.row_of(3)[0] = 1.0;
    // A third of all draws miss cluster 3.
    let made = sums.bootstrap(DRAWS, |sums| vec![(sums[0] > 0.0).then_some(sums[0])]);
    assert_eq!(made, [Err(StatsError::OftenUndefined)]);
}
