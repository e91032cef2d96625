use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::random::normal;
use crate::stats::subgroups::{Scale, subgroups};

const DRAWS: Draws = Draws {
    seed: 1,
    count: 999,
};

/// `questions` questions put to `groups` groups: a shared question effect, a shift
/// for each group, noise, read as win or loss.
fn crossed(questions: usize, shifts: &[f64], rng: &mut ChaCha8Rng) -> Subgroups {
    let (mut scores, mut group, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for question in 0..questions {
        let effect = 1.5 * normal(rng);
        for (g, shift) in shifts.iter().enumerate() {
            scores.push(f64::from(u8::from(effect + shift + normal(rng) > 0.0)));
            group.push(g as u32);
            labels.push(question as u32);
        }
    }
    subgroups(&scores, &group, shifts.len(), &labels, Scale::RATE, 2).unwrap()
}

/// Each group with its own questions.
fn nested(sizes: &[usize], shifts: &[f64], rng: &mut ChaCha8Rng) -> Subgroups {
    let (mut scores, mut group, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    let mut question = 0;
    for (g, (&size, shift)) in sizes.iter().zip(shifts).enumerate() {
        for _ in 0..size {
            let effect = 1.5 * normal(rng);
            for _ in 0..2 {
                scores.push(f64::from(u8::from(effect + shift + normal(rng) > 0.0)));
                group.push(g as u32);
                labels.push(question);
            }
            question += 1;
        }
    }
    subgroups(&scores, &group, shifts.len(), &labels, Scale::RATE, 2).unwrap()
}

#[test]
fn groups_far_apart_are_told_apart_by_each_method() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let own = homogeneity(&nested(&[40, 40, 40], &[-1.5, 0.0, 1.5], &mut rng), DRAWS).unwrap();
    assert_eq!(own.method, HomogeneityMethod::Shuffled(DRAWS));
    assert!(own.p.get() < 0.005, "{own:?}");
    let shared = homogeneity(&crossed(60, &[-0.8, 0.0, 0.8], &mut rng), DRAWS).unwrap();
    assert_eq!(shared.method, HomogeneityMethod::Flipped(Some(DRAWS)));
    assert!(shared.p.get() < 0.005, "{shared:?}");
    let many = homogeneity(&crossed(1_200, &[0.0, 0.3], &mut rng), DRAWS).unwrap();
    assert_eq!(many.method, HomogeneityMethod::Hotelling);
    assert!(many.p.get() < 0.005, "{many:?}");
}

/// Weights that move with a group's own mean would reject 9% of the time here.
#[test]
fn equal_groups_are_rejected_at_the_nominal_rate() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let draws = Draws {
        seed: 1,
        count: 199,
    };
    let mut rejected = [0; 2];
    for _ in 0..600 {
        let own = nested(&[25; 12], &[0.3; 12], &mut rng);
        let shared = crossed(25, &[0.3; 4], &mut rng);
        for (count, groups) in rejected.iter_mut().zip([own, shared]) {
            *count += u32::from(homogeneity(&groups, draws).unwrap().p.get() <= 0.05);
        }
    }
    // 5% of 600 is 30, with a standard deviation of 5.3.
    assert!(
        rejected.iter().all(|count| (14..=44).contains(count)),
        "{rejected:?}"
    );
}

#[test]
fn the_methods_agree_where_both_apply() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let groups = crossed(400, &[0.0, 0.15, 0.1], &mut rng);
    let drawn = homogeneity(
        &groups,
        Draws {
            seed: 1,
            count: 4_000,
        },
    )
    .unwrap();
    let exact = hotelling(&groups).unwrap();
    assert!(
        (drawn.p.get() - exact.p.get()).abs() < 0.05,
        "{drawn:?} {exact:?}"
    );
}

/// Two groups: `T^2` is the square of the paired t statistic.
#[test]
fn hotellings_test_of_two_groups_is_the_paired_t_test() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let groups = crossed(50, &[0.0, 0.4], &mut rng);
    let found = hotelling(&groups).unwrap();
    let differences: Vec<f64> = groups
        .cells()
        .chunk_by(|a, b| a.cluster == b.cluster)
        .map(|cluster| cluster[1].sum - cluster[0].sum)
        .collect();
    let labels: Vec<u32> = (0..50).collect();
    let mean =
        crate::stats::cluster_mean(&differences, crate::stats::Clusters::OneWay(&labels)).unwrap();
    let test = crate::stats::t_interval::t_test(&mean, 0.0).unwrap();
    assert!((found.statistic - test.statistic.powi(2)).abs() < 1e-9);
    assert!((found.p.get() - test.p.get()).abs() < 1e-12);
}

/// Scores of some questions put to three groups, with questions called as the second column
/// says.
fn named(questions: u32, name: impl Fn(u32) -> u32) -> Subgroups {
    let cells = (0..questions).flat_map(|q| (0..3).map(move |g| (q, g)));
    let score = |(q, g): (u32, u32)| f64::from((q * q * 5 + g * 3 + q * g) % 7) / 6.0;
    let scores: Vec<f64> = cells.clone().map(score).collect();
    let group: Vec<u32> = cells.clone().map(|(_, g)| g).collect();
    let labels: Vec<u32> = cells.map(|(q, _)| name(q)).collect();
    subgroups(&scores, &group, 3, &labels, Scale::RATE, 2).unwrap()
}

#[test]
fn other_names_of_questions_give_the_same_p() {
    for questions in [12, 40] {
        let found = homogeneity(&named(questions, |q| q), DRAWS).unwrap();
        let renamed = homogeneity(&named(questions, |q| (q * 7 + 3) % questions), DRAWS).unwrap();
        assert_eq!(found.p, renamed.p, "{questions}");
        assert!(found.p.get() < 1.0);
    }
}

/// 40 questions of three groups, crossed with them or each in one; `turned` writes scores
/// from the other side, `numbers` says what groups are called.
fn written(crossed: bool, turned: bool, numbers: [u32; 3]) -> Subgroups {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let (mut scores, mut group, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for question in 0..40_u32 {
        let effect = normal(&mut rng);
        for g in 0..3_u32 {
            let lead = effect + 0.2 * f64::from(g) + normal(&mut rng);
            let score = (4.0 * lead).round().clamp(0.0, 6.0) / 6.0;
            if crossed || question % 3 == g {
                scores.push(if turned { 1.0 - score } else { score });
                group.push(numbers[g as usize]);
                labels.push(question);
            }
        }
    }
    subgroups(&scores, &group, 3, &labels, Scale::RATE, 2).unwrap()
}

#[test]
fn swapped_sides_and_other_names_of_groups_give_the_same_drawn_p() {
    for crossed in [true, false] {
        let found = homogeneity(&written(crossed, false, [0, 1, 2]), DRAWS).unwrap();
        assert!((0.002..0.999).contains(&found.p.get()), "{found:?}");
        for (turned, numbers) in [(true, [0, 1, 2]), (false, [2, 0, 1]), (true, [1, 0, 2])] {
            let other = homogeneity(&written(crossed, turned, numbers), DRAWS).unwrap();
            assert_eq!(found.p, other.p, "{crossed} {turned} {numbers:?}");
            assert!((found.statistic - other.statistic).abs() < 1e-9);
        }
    }
}

/// The twin: each pattern on its own.
#[test]
fn up_to_twenty_clusters_are_flipped_in_all_ways() {
    let groups = named(9, |q| q);
    let found = homogeneity(&groups, DRAWS).unwrap();
    assert_eq!(found.method, HomogeneityMethod::Flipped(None));
    let middle = groups.cells().iter().map(|c| c.sum).sum::<f64>() / 27.0;
    let mut pushes = vec![[0.0; 3]; 9];
    for cell in groups.cells() {
        pushes[cell.cluster as usize][cell.group as usize] = (cell.sum - cell.size * middle) / 9.0;
    }
    let variance = |g: usize| pushes.iter().map(|push| push[g] * push[g]).sum::<f64>();
    let weights: Vec<f64> = (0..3).map(|g| 1.0 / variance(g)).collect();
    let of_pattern = |pattern: u32| {
        let sign = |i: usize| if pattern >> i & 1 == 1 { -1.0 } else { 1.0 };
        let total = |g: usize| (0..9).map(|i| sign(i) * pushes[i][g]).sum::<f64>();
        q(&[total(0), total(1), total(2)], &weights)
    };
    let observed = of_pattern(0);
    let extreme = (0..512)
        .filter(|p| of_pattern(*p) >= observed - 1e-9)
        .count();
    assert!(
        (found.p.get() - extreme as f64 / 512.0).abs() < 1e-12,
        "{found:?}"
    );
    let drawn = flipped(
        &groups,
        Some(Draws {
            seed: 1,
            count: 20_000,
        }),
    )
    .1;
    assert!(
        (drawn.get() - found.p.get()).abs() < 0.02,
        "{drawn:?} {found:?}"
    );
}

#[test]
fn one_group_cannot_be_compared() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let alone = crossed(10, &[0.0], &mut rng);
    assert_eq!(
        homogeneity(&alone, DRAWS),
        Err(StatsError::TooFewGroups { found: 1 })
    );
}

#[test]
fn groups_that_agree_in_everything_give_no_evidence() {
    let scores = [0.5; 20];
    let group: Vec<u32> = (0..20).map(|i| i % 2).collect();
    let labels: Vec<u32> = (0..20).map(|i| i / 2).collect();
    let groups = subgroups(&scores, &group, 2, &labels, Scale::RATE, 2).unwrap();
    let found = homogeneity(&groups, DRAWS).unwrap();
    assert!(found.p.get() >= 1.0, "{found:?}");
}

/// The same verdicts in both groups, question by question: what is left of the
/// statistic is rounding, and draws must not be told from it.
#[test]
fn groups_that_agree_question_by_question_give_no_evidence() {
    let scores: Vec<f64> = (0..45).map(|i| [0.0, 0.5, 1.0][i / 3 * 7 % 3]).collect();
    let group: Vec<u32> = (0..45).map(|i| u32::from(i % 3 == 2)).collect();
    let labels: Vec<u32> = (0..45).map(|i| i / 3).collect();
    let groups = subgroups(&scores, &group, 2, &labels, Scale::RATE, 2).unwrap();
    let found = homogeneity(&groups, DRAWS).unwrap();
    assert!(found.p.get() >= 1.0, "{found:?}");
}
