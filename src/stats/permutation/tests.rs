use proptest::prelude::*;
use rand::SeedableRng;

use super::*;

const DRAWS: Draws = Draws {
    seed: 2,
    count: 20_000,
};

fn by_item(residuals: &[f64]) -> (Vec<f64>, Vec<u32>) {
    (residuals.to_vec(), (0..residuals.len() as u32).collect())
}

#[test]
fn all_patterns_agree_with_scipy() {
    // scipy.stats.permutation_test(permutation_type="samples") over all 2^10.
    let residuals = [0.3, -0.1, 0.25, 0.5, 0.0, 0.4, -0.2, 0.35, 0.15, 0.2];
    let (scores, labels) = by_item(&residuals);
    let test = sign_flip(&scores, &labels, 0.0, DRAWS).unwrap();
    assert!((test.p.get() - 0.039_062_5).abs() < 1e-14, "{:?}", test.p);
    assert_eq!((test.clusters, test.draws), (10, None));
}

#[test]
fn random_patterns_are_near_all_patterns() {
    let residuals: Vec<f64> = (0..20)
        .map(|i| f64::from(i * 7 % 13) / 13.0 - 0.38)
        .collect();
    let exact = exact_p(&residuals).get();
    let drawn = drawn_p(&residuals, DRAWS).get();
    // Four standard deviations of the simulation.
    let allowed = 4.0 * (exact * (1.0 - exact) / 20_000.0).sqrt() + 1e-4;
    assert!((exact - drawn).abs() < allowed, "{exact} {drawn}");
}

/// Scores that are multiples of no number.
fn uneven(n: u32) -> Vec<f64> {
    (0..n)
        .map(|i| 0.5 + f64::from(i + 2).sqrt().fract() / 2.0)
        .collect()
}

#[test]
fn many_clusters_that_all_win_have_the_smallest_p_there_is() {
    let labels: Vec<u32> = (0..100).collect();
    let drawn = sign_flip(&uneven(100), &labels, 0.45, DRAWS).unwrap();
    assert!((drawn.p.get() - 1.0 / 20_001.0).abs() < 1e-15);
    assert_eq!(drawn.draws, Some(DRAWS));
    let exact = sign_flip(&[1.0; 100], &labels, 0.5, DRAWS).unwrap();
    assert!((exact.p.get() / 0.5_f64.powi(99) - 1.0).abs() < 1e-12);
    assert_eq!(exact.draws, None);
}

/// Wins and losses alone make it the sign test, with clusters by the hundred thousand.
#[test]
fn clusters_of_one_size_have_the_p_of_the_sign_test() {
    for (wins, ties, losses) in [(20, 3, 30), (80, 0, 120), (50_600, 7, 50_000)] {
        let scores: Vec<f64> = [(1.0, wins), (0.5, ties), (0.0, losses)]
            .into_iter()
            .flat_map(|(score, n)| std::iter::repeat_n(score, n as usize))
            .collect();
        let labels: Vec<u32> = (0..scores.len() as u32).collect();
        let test = sign_flip(&scores, &labels, 0.5, DRAWS).unwrap();
        let expected = crate::stats::sign_test::sign_test(wins, losses);
        assert!(
            (test.p.get() / expected.get() - 1.0).abs() < 1e-9,
            "{:?} {expected:?}",
            test.p
        );
        assert_eq!(test.draws, None);
    }
}

/// Clusters of up to nine items, judged in both orders: near what random patterns give.
#[test]
fn many_patterns_at_once_are_near_random_ones() {
    let residuals: Vec<f64> = (0..400_u32)
        .map(|i| f64::from(i * 7_919 % 73) / 4.0 - 8.8 + 0.05)
        .collect();
    let exact = lattice_p(&residuals).unwrap().get();
    let drawn = drawn_p(&residuals, DRAWS).get();
    let allowed = 4.0 * (exact * (1.0 - exact) / 20_000.0).sqrt() + 1e-4;
    assert!(
        exact > 1e-3 && (exact - drawn).abs() < allowed,
        "{exact} {drawn}"
    );
}

#[test]
fn sizes_that_are_multiples_of_no_number_or_too_many_are_drawn() {
    assert_eq!(lattice_p(&uneven(40)), None);
    let many: Vec<f64> = (0..9_000)
        .map(|i| f64::from(i % 997) / 1_000.0 - 0.3)
        .collect();
    assert_eq!(lattice_p(&many), None);
}

#[test]
fn sizes_that_are_small_beside_a_part_are_not_nothing() {
    let scores = [0.500_000_005; 22];
    let labels: Vec<u32> = (0..22).collect();
    let found = sign_flip(&scores, &labels, 0.5, Draws::PERMUTATION).unwrap();
    assert!(found.draws.is_some() && found.p.get() < 0.001, "{found:?}");
}

#[test]
fn all_ties_and_a_single_cluster_give_no_evidence() {
    let labels: Vec<u32> = (0..50).collect();
    assert!(sign_flip(&[0.5; 50], &labels, 0.5, DRAWS).unwrap().p.get() >= 1.0);
    assert!(
        sign_flip(&[0.5; 5], &labels[..5], 0.5, DRAWS)
            .unwrap()
            .p
            .get()
            >= 1.0
    );
    assert!(sign_flip(&[1.0, 1.0], &[0, 0], 0.5, DRAWS).unwrap().p.get() >= 1.0);
}

#[test]
fn items_of_a_cluster_flip_together() {
    // Two clusters of 50 wins: one pattern in two is as extreme, not one in 2^99.
    let labels: Vec<u32> = (0..100).map(|i| i / 50).collect();
    let test = sign_flip(&[1.0; 100], &labels, 0.5, DRAWS).unwrap();
    assert!((test.p.get() - 0.5).abs() < 1e-15);
}

#[test]
fn the_same_seed_gives_the_same_p_for_any_number_of_threads() {
    let scores = uneven(64);
    let labels: Vec<u32> = (0..64).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| sign_flip(&scores, &labels, 0.75, DRAWS).unwrap())
    };
    let one = run(1);
    assert!(one.draws.is_some());
    assert_eq!(one, run(16));
}

#[test]
fn bad_input_is_an_error() {
    assert_eq!(sign_flip(&[], &[], 0.5, DRAWS), Err(StatsError::Empty));
    assert!(sign_flip(&[1.0], &[0, 1], 0.5, DRAWS).is_err());
    assert!(sign_flip(&[1.0], &[0], f64::NAN, DRAWS).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The naive twin adds every pattern up from scratch.
    #[test]
    fn the_exact_p_is_the_share_of_patterns(
        residuals in prop::collection::vec(prop::sample::select(vec![-1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 0.3]), 1..10),
    ) {
        let observed = residuals.iter().sum::<f64>().abs();
        let count = 1_u32 << residuals.len();
        let extreme = (0..count)
            .filter(|pattern| {
                let total: f64 = residuals
                    .iter()
                    .enumerate()
                    .map(|(i, e)| if pattern >> i & 1 == 1 { -e } else { *e })
                    .sum();
                total.abs() >= observed - 1e-9
            })
            .count();
        let naive = extreme as f64 / f64::from(count);
        prop_assert!((exact_p(&residuals).get() - naive).abs() < 1e-12);
        prop_assert!((lattice_p(&residuals).unwrap().get() - naive).abs() < 1e-12);
    }

    /// Whichever way is faster, the coins and the total are the same.
    #[test]
    fn coins_by_the_byte_give_the_totals_of_coins_by_size(
        residuals in prop::collection::vec(prop::sample::select(vec![-0.7, 0.1, 0.31, 0.5, 0.77, 0.9]), 1..150),
        seed in 0_u64..1_000,
    ) {
        let sizes = sizes(&residuals);
        let rng = || rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let (one, other) = (by_size(&sizes, &mut rng()), by_byte(&bytes(&sizes), &mut rng()));
        prop_assert!((one - other).abs() < 1e-12, "{} {}", one, other);
    }

    /// Thirds are sums that differ by rounding.
    #[test]
    fn all_patterns_at_once_are_all_patterns_one_by_one(
        residuals in prop::collection::vec((-9_i32..=9, 1_i32..=3), 1..15),
    ) {
        let residuals: Vec<f64> = residuals
            .iter()
            .map(|(k, repeats)| (0..*repeats).map(|_| f64::from(*k) / 6.0).sum::<f64>() / 3.0)
            .collect();
        let (at_once, one_by_one) = (lattice_p(&residuals).unwrap(), exact_p(&residuals));
        prop_assert!((at_once.get() - one_by_one.get()).abs() < 1e-12);
    }

    #[test]
    fn swapping_candidate_and_opponent_keeps_the_p_value(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), 30),
    ) {
        let labels: Vec<u32> = (0..30).collect();
        let mirror: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let draws = Draws { seed: 4, count: 200 };
        prop_assert_eq!(
            sign_flip(&scores, &labels, 0.5, draws),
            sign_flip(&mirror, &labels, 0.5, draws)
        );
    }
}
