use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::wilson::design_effect_wilson;
use crate::stats::{Clusters, cluster_mean};

const DRAWS: Draws = Draws {
    seed: 1,
    count: 2_000,
};

/// Scores, groups and clusters of items.
#[derive(Debug)]
struct Items {
    scores: Vec<f64>,
    group: Vec<u32>,
    labels: Vec<u32>,
}

impl Items {
    fn all(&self, groups: usize) -> Subgroups {
        subgroups(
            &self.scores,
            &self.group,
            groups,
            &self.labels,
            Scale::RATE,
            2,
        )
        .unwrap()
    }
}

/// Groups with the win rates given, `items` questions each, all their own.
fn separate(rates: &[f64], items: usize, rng: &mut ChaCha8Rng) -> Items {
    let mut made = Items {
        scores: Vec::new(),
        group: Vec::new(),
        labels: Vec::new(),
    };
    for (g, rate) in rates.iter().enumerate() {
        for _ in 0..items {
            let draw = super::super::quantile::normal_cdf(normal(rng));
            let score = if draw < rate - 0.1 {
                1.0
            } else if draw < rate + 0.1 {
                0.5
            } else {
                0.0
            };
            made.scores.push(score);
            made.group.push(g as u32);
            made.labels.push(made.labels.len() as u32);
        }
    }
    made
}

#[test]
fn each_group_has_the_mean_and_interval_of_its_own_items() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let items = separate(&[0.5, 0.7, 0.6], 30, &mut rng);
    let found = items.all(3);
    for g in 0..3_u32 {
        let own: Vec<usize> = (0..90).filter(|&i| items.group[i] == g).collect();
        let scores: Vec<f64> = own.iter().map(|&i| items.scores[i]).collect();
        let labels: Vec<u32> = own.iter().map(|&i| items.labels[i]).collect();
        let alone = cluster_mean(&scores, Clusters::OneWay(&labels)).unwrap();
        assert_eq!(found.means()[g as usize], Some(alone));
        assert_eq!(
            found.interval(g as usize, Level::DEFAULT),
            design_effect_wilson(&alone, Level::DEFAULT)
        );
    }
}

#[test]
fn groups_that_share_no_questions_are_independent() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let found = separate(&[0.5, 0.7, 0.6], 30, &mut rng).all(3);
    for (a, mean) in found.means().iter().enumerate() {
        for b in 0..3 {
            let expected = if a == b {
                mean.unwrap().variance().unwrap()
            } else {
                0.0
            };
            assert!((found.covariance().at(a, b) - expected).abs() < 1e-15);
        }
    }
}

#[test]
fn what_groups_share_cancels_in_their_difference() {
    // Two groups answer the same 20 questions and always score alike but for a
    // constant: the difference is known exactly, though each mean is not.
    let question: Vec<f64> = (0..20).map(|q| f64::from(q % 5) / 8.0).collect();
    let scores: Vec<f64> = question
        .iter()
        .copied()
        .chain(question.iter().map(|s| s + 0.25))
        .collect();
    let group: Vec<u32> = (0..40).map(|i| i / 20).collect();
    let labels: Vec<u32> = (0..40).map(|i| i % 20).collect();
    let found = subgroups(&scores, &group, 2, &labels, Scale::RATE, 2).unwrap();
    assert!(found.covariance().contrast(0, 1).abs() < 1e-15);
    let gap = found.gap(Level::DEFAULT, DRAWS).unwrap();
    assert!((gap.interval.low() - 0.25).abs() < 1e-6 && (gap.interval.high() - 0.25).abs() < 1e-6);
    assert!(gap.expected_if_equal < 1e-6);
    assert_eq!((gap.highest, gap.lowest), (1, 0));
}

#[test]
fn a_gap_is_between_two_groups_even_where_all_tie() {
    let scores: Vec<f64> = (0..60).map(|i| f64::from(i % 2)).collect();
    let group: Vec<u32> = (0..60).map(|i| i / 20).collect();
    let labels: Vec<u32> = (0..60).collect();
    let found = subgroups(&scores, &group, 3, &labels, Scale::RATE, 2).unwrap();
    let gap = found.gap(Level::DEFAULT, DRAWS).unwrap();
    assert_eq!((gap.highest, gap.lowest), (0, 2));
    assert!(gap.interval.estimate().abs() < 1e-12);
}

#[test]
fn the_gap_of_equal_groups_is_what_was_expected_of_equal_groups() {
    // 12 groups of 25 items with 20% ties at one win rate: a mean gap of .281 and
    // a mean deviation of .085 over many data sets.
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let draws = Draws {
        seed: 1,
        count: 500,
    };
    let (mut gaps, mut expected, mut deviations, mut covered) = (0.0, 0.0, 0.0, 0);
    for _ in 0..60 {
        let found = separate(&[0.6; 12], 25, &mut rng).all(12);
        let gap = found.gap(Level::DEFAULT, draws).unwrap();
        gaps += gap.interval.estimate() / 60.0;
        expected += gap.expected_if_equal / 60.0;
        deviations += gap.deviation / 60.0;
        covered += u32::from(gap.interval.low() <= 0.0);
    }
    assert!((gaps - 0.281).abs() < 0.03, "{gaps}");
    assert!((expected - 0.281).abs() < 0.03, "{expected}");
    assert!((deviations - 0.085).abs() < 0.01, "{deviations}");
    assert!(covered >= 54, "{covered}");
}

/// Twelve groups of 15 to 200 items whose true rates have a deviation near .05: the
/// plain interval of the group that came out worst covers 83% of the time.
#[test]
fn spread_and_worst_group_are_covered() {
    let sizes = [15, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200];
    let true_rates: Vec<f64> = (0..12)
        .map(|g| 0.6 + 0.05 * super::super::quantile::normal_quantile((f64::from(g) + 0.5) / 12.0))
        .collect();
    let true_deviation = deviation(&true_rates);
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let (mut spread, mut worst, mut plain) = (0, 0, 0);
    for turn in 0..300 {
        let mut made = Items {
            scores: Vec::new(),
            group: Vec::new(),
            labels: Vec::new(),
        };
        let rate = |g: usize| true_rates[(g * 5 + turn) % 12];
        for (g, &size) in sizes.iter().enumerate() {
            let part = separate(&[rate(g)], size, &mut rng);
            made.scores.extend(part.scores);
            made.group.extend(vec![g as u32; size]);
        }
        made.labels = (0..made.scores.len() as u32).collect();
        let found = made.all(12);
        let tau = found.spread(Level::DEFAULT).unwrap().tau;
        spread += u32::from(tau.contains(true_deviation));
        let chosen = found
            .worst(Direction::LowerIsWorse, Level::DEFAULT)
            .unwrap();
        worst += u32::from(chosen.interval.contains(rate(chosen.group)));
        let own = found.interval(chosen.group, Level::DEFAULT).unwrap();
        plain += u32::from(own.contains(rate(chosen.group)));
    }
    let [spread, worst, plain] = [spread, worst, plain].map(|hits| f64::from(hits) / 300.0);
    assert!((0.90..=0.985).contains(&spread), "{spread}");
    assert!(worst >= 0.93, "{worst}");
    assert!(plain < worst, "{plain} {worst}");
}

#[test]
fn the_worst_group_has_a_wider_interval_than_one_chosen_beforehand() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let found = separate(&[0.5, 0.7, 0.6], 40, &mut rng).all(3);
    let worst = found
        .worst(Direction::LowerIsWorse, Level::DEFAULT)
        .unwrap();
    let plain = found.interval(worst.group, Level::DEFAULT).unwrap();
    assert!(worst.interval.width() > plain.width());
    let shared = found
        .interval(worst.group, Level::new(1.0 - 0.05 / 3.0).unwrap())
        .unwrap();
    assert!((worst.interval.low() - shared.low()).abs() < 1e-12);
    assert_eq!(worst.interval.level(), Level::DEFAULT);
    let best = found
        .worst(Direction::HigherIsWorse, Level::DEFAULT)
        .unwrap();
    assert!(best.interval.estimate() >= worst.interval.estimate());
}

#[test]
fn groups_under_the_floor_are_listed_and_not_compared() {
    let scores = [1.0, 0.0, 1.0, 0.5, 0.0, 1.0];
    let group = [0, 0, 0, 0, 1, 3];
    let labels = [0, 1, 2, 3, 4, 5];
    let found = subgroups(&scores, &group, 4, &labels, Scale::RATE, 2).unwrap();
    assert_eq!(found.compared(), &[0]);
    assert!(found.means()[1].is_some() && found.means()[2].is_none());
    assert_eq!(
        found.gap(Level::DEFAULT, DRAWS),
        Err(StatsError::TooFewGroups { found: 1 })
    );
    assert!(found.spread(Level::DEFAULT).is_err());
    assert!(found.worst(Direction::LowerIsWorse, Level::DEFAULT).is_ok());
    assert!(found.interval(1, Level::DEFAULT).is_err());
    assert_eq!(found.interval(2, Level::DEFAULT), Err(StatsError::Empty));
    assert_eq!(found.interval(9, Level::DEFAULT), Err(StatsError::Empty));
}

#[test]
fn a_group_that_won_everything_does_not_look_certain() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut items = separate(&[0.6, 0.6, 0.6], 20, &mut rng);
    items.scores[..20].fill(1.0);
    let found = items.all(3);
    assert!(
        found.noise().unwrap().iter().all(|v| *v > 1e-4),
        "{:?}",
        found.noise()
    );
    let pooled = found.partial_pooling().unwrap();
    assert!(pooled.estimates[0] < 1.0 && pooled.weights[0] < 1.0);
}

#[test]
fn bad_input_is_an_error() {
    let call = |scores: &[f64], group: &[u32], labels: &[u32]| {
        subgroups(scores, group, 2, labels, Scale::RATE, 2).map(|_| ())
    };
    assert_eq!(call(&[], &[], &[]), Err(StatsError::Empty));
    assert!(call(&[0.5, 2.0], &[0, 1], &[0, 1]).is_err());
    assert!(call(&[0.5, 0.5], &[0, 2], &[0, 1]).is_err());
    assert!(call(&[0.5, 0.5], &[0], &[0, 1]).is_err());
    assert!(call(&[0.5, 0.5], &[0, 1], &[0]).is_err());
}

prop_compose! {
    fn crossed()(n in 30_usize..80)(
        scores in prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 0.75, 1.0]), n),
        group in prop::collection::vec(0_u32..3, n),
        labels in prop::collection::vec(0_u32..9, n),
    ) -> Items {
        Items { scores, group, labels }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The naive twin sums influences by cluster over all pairs of items.
    #[test]
    fn covariance_is_that_of_the_naive_twin(items in crossed()) {
        let found = items.all(3);
        prop_assume!(found.compared().len() == 3);
        let n = items.scores.len();
        let mean = |g: u32| found.means()[g as usize].unwrap();
        for a in 0..3_u32 {
            for b in 0..3_u32 {
                let influence = |i: usize, g: u32| {
                    (items.scores[i] - mean(g).mean()) / mean(g).items() as f64
                };
                let mut total = 0.0;
                for i in (0..n).filter(|&i| items.group[i] == a) {
                    for j in (0..n).filter(|&j| items.group[j] == b) {
                        if items.labels[i] == items.labels[j] {
                            total += influence(i, a) * influence(j, b);
                        }
                    }
                }
                let factor = |g: u32| {
                    let clusters = mean(g).clusters().first as f64;
                    (clusters / (clusters - 1.0)).sqrt()
                };
                let naive = total * factor(a) * factor(b);
                prop_assert!((found.covariance().at(a as usize, b as usize) - naive).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn swapping_candidate_and_opponent_turns_the_groups_around(items in crossed()) {
        let plain = items.all(3);
        prop_assume!(plain.compared().len() == 3);
        let mirror = Items {
            scores: items.scores.iter().map(|s| 1.0 - s).collect(),
            group: items.group.clone(),
            labels: items.labels.clone(),
        };
        let mirrored = mirror.all(3);
        let (a, b) = (plain.gap(Level::DEFAULT, DRAWS).unwrap(), mirrored.gap(Level::DEFAULT, DRAWS).unwrap());
        prop_assert!((a.interval.estimate() - b.interval.estimate()).abs() < 1e-12);
        prop_assert!((a.interval.high() - b.interval.high()).abs() < 1e-9);
        let (a, b) = (plain.spread(Level::DEFAULT).unwrap(), mirrored.spread(Level::DEFAULT).unwrap());
        prop_assert!((a.tau.high() - b.tau.high()).abs() < 1e-6);
    }

    #[test]
    fn labels_are_only_names(items in crossed(), shift in 1_u32..1_000_000) {
        let renamed = Items {
            labels: items.labels.iter().map(|l| l.wrapping_mul(2_654_435_761) ^ shift).collect(),
            scores: items.scores.clone(),
            group: items.group.clone(),
        };
        let (a, b) = (items.all(3), renamed.all(3));
        prop_assert_eq!(a.means(), b.means());
        prop_assert_eq!(a.covariance(), b.covariance());
    }
}
