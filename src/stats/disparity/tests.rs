use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::random::Draws;
use crate::stats::subgroups::{Scale, subgroups};

const DRAWS: Draws = Draws {
    seed: 3,
    count: 400,
};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

#[test]
fn measures_are_those_of_their_definitions() {
    // Mean .5; deviations -.1, 0, .1.
    let found = disparity(&[0.4, 0.5, 0.6], Sigma::Population).unwrap();
    assert!(near(found.range, 0.2) && near(found.normalised_range.unwrap(), 0.2 / 0.6));
    assert!(near(found.deviation, (0.02_f64 / 3.0).sqrt()));
    assert!(near(found.variation.unwrap(), found.deviation / 0.5));
    let sample = disparity(&[0.4, 0.5, 0.6], Sigma::Sample).unwrap();
    assert!(near(sample.deviation, 0.1) && near(sample.variation.unwrap(), 0.2));
    assert!(disparity(&[0.4], Sigma::Sample).is_err());
    let none = disparity(&[0.0, 0.0], Sigma::Sample).unwrap();
    assert_eq!(none.measures(), [None, None, Some(0.0), Some(0.0)]);
}

/// What has shrunk to 0 is withheld by reports, which must not take rounding for a spread.
#[test]
fn equal_means_have_no_deviation_at_all() {
    for k in 2..60 {
        for step in 1..50 {
            let found = disparity(&vec![f64::from(step) / 50.3; k], Sigma::Population).unwrap();
            assert_eq!(found.measures(), [Some(0.0); MEASURES], "{k} of {step}");
        }
    }
}

/// The published table of arXiv 2604.12851: NMAE of Llama-3.1-8B, whose coefficient of
/// variation rises while its mean falls by more.
#[test]
fn relative_and_absolute_measures_can_disagree() {
    let at = |mean: f64, variation: f64| {
        let off = mean * variation;
        disparity(&[mean - off, mean + off], Sigma::Population).unwrap()
    };
    let (before, after) = (at(0.258, 0.085), at(0.143, 0.133));
    assert!(after.variation > before.variation);
    assert!((before.deviation - 0.0219).abs() < 5e-5 && (after.deviation - 0.0190).abs() < 5e-5);
}

/// Scores of groups that answered the same questions, from their rates.
fn drawn(rates: &[[f64; 2]], questions: usize, rng: &mut ChaCha8Rng) -> [Vec<f64>; 2] {
    let uniform = |rng: &mut ChaCha8Rng| f64::from(below(rng, 1 << 24)) / f64::from(1 << 24);
    let mut scores = [Vec::new(), Vec::new()];
    let difficulty: Vec<f64> = (0..questions).map(|_| 0.3 * (uniform(rng) - 0.5)).collect();
    for rate in rates {
        for difficulty in &difficulty {
            let own = 0.1 * (uniform(rng) - 0.5);
            let shared = uniform(rng);
            let second = if uniform(rng) < 0.4 {
                shared
            } else {
                uniform(rng)
            };
            for (model, u) in [shared, second].into_iter().enumerate() {
                let right = u < rate[model] + difficulty + own;
                scores[model].push(f64::from(u8::from(right)));
            }
        }
    }
    scores
}

fn groups(scores: &[f64], count: usize) -> Subgroups {
    let questions = scores.len() / count;
    let group: Vec<u32> = (0..scores.len()).map(|i| (i / questions) as u32).collect();
    let labels: Vec<u32> = (0..scores.len()).map(|i| (i % questions) as u32).collect();
    subgroups(scores, &group, count, &labels, Scale::RATE, 2).unwrap()
}

/// In how many of 150 studies each interval of a change and of a level holds the truth.
fn coverage(rates: impl Fn(&mut ChaCha8Rng) -> Vec<[f64; 2]>, questions: usize) -> [[u32; 4]; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut held = [[0; 4]; 2];
    for _ in 0..150 {
        let rates = rates(&mut rng);
        let [base, tuned] = drawn(&rates, questions, &mut rng).map(|s| groups(&s, rates.len()));
        let truth = |model: usize| {
            let means: Vec<f64> = rates.iter().map(|rate| rate[model]).collect();
            measured(&means, Sigma::Population).measures()
        };
        let draws = Draws {
            seed: 1,
            count: 200,
        };
        let level = Level::DEFAULT;
        let found = change(&base, &tuned, Sigma::Population, level, draws).unwrap();
        let alone = estimated(&base, Sigma::Population, level, draws).unwrap();
        let [of_change, of_level] = &mut held;
        for (measure, (change, level)) in of_change.iter_mut().zip(of_level).enumerate() {
            let (before, after) = (truth(0)[measure].unwrap(), truth(1)[measure].unwrap());
            let near = |interval: Option<Interval>, truth: f64| {
                let interval = interval.unwrap();
                interval.low() <= truth + 1e-9 && truth - 1e-9 <= interval.high()
            };
            *change += u32::from(near(found.without_noise[measure], after - before));
            *level += u32::from(near(alone.without_noise[measure], before));
        }
    }
    held
}

fn spread_out(deviations: [f64; 2], count: usize) -> impl Fn(&mut ChaCha8Rng) -> Vec<[f64; 2]> {
    move |rng| {
        let off = |rng: &mut ChaCha8Rng| normal(rng).clamp(-2.0, 2.0);
        (0..count)
            .map(|_| {
                let (first, second) = (off(rng), off(rng));
                let second = 0.7 * first + 0.714 * second;
                [0.45 + deviations[0] * first, 0.62 + deviations[1] * second]
            })
            .collect()
    }
}

/// Of 150 at 95%, 133 (88.7%) and fewer have a chance of 1 in 500.
#[test]
fn intervals_cover_where_groups_differ_and_where_they_do_not() {
    for (deviations, count, questions) in [
        ([0.06, 0.03], 12, 60),
        ([0.03, 0.08], 24, 100),
        ([0.0, 0.0], 12, 60),
    ] {
        let held = coverage(spread_out(deviations, count), questions);
        let fewest = held[0].iter().min().unwrap();
        assert!(*fewest >= 134, "{deviations:?} {held:?}");
        assert!(
            held[1].iter().all(|held| *held >= 125),
            "{deviations:?} {held:?}"
        );
    }
}

#[test]
fn draws_are_the_same_for_any_number_of_threads_and_paired() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let [base, tuned] =
        drawn(&[[0.4, 0.6], [0.5, 0.6], [0.6, 0.7]], 40, &mut rng).map(|scores| groups(&scores, 3));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| change(&base, &tuned, Sigma::Sample, Level::DEFAULT, DRAWS).unwrap())
    };
    assert_eq!(run(1), run(7));
    // Of a model and itself the clusters move nothing; only tau is drawn anew.
    let none = change(&base, &base, Sigma::Sample, Level::DEFAULT, DRAWS).unwrap();
    assert!(none.without_noise[3].unwrap().contains(0.0) && none.tau.contains(0.0));
    assert!(none.tau.low() < 0.0 && none.tau.high() > 0.0);
}

#[test]
fn groups_without_any_spread_of_their_own_have_intervals() {
    let mut scores = vec![1.0; 40];
    scores[0] = 0.0;
    let found = estimated(
        &groups(&scores, 2),
        Sigma::Population,
        Level::DEFAULT,
        DRAWS,
    )
    .unwrap();
    let range = found.without_noise[2].unwrap();
    assert!(range.low() >= 0.0 && range.high() > 0.05, "{range:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn measures_are_those_of_the_naive_twin(means in prop::collection::vec(0.01..1.0_f64, 2..20)) {
        let n = means.len() as f64;
        let mut sorted = means.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
        // The mean square of all differences between two is twice the variance.
        let pairs: f64 = means.iter().flat_map(|a| means.iter().map(move |b| (a - b).powi(2))).sum();
        for (sigma, variance) in [
            (Sigma::Population, pairs / (2.0 * n * n)),
            (Sigma::Sample, pairs / (2.0 * n * (n - 1.0))),
        ] {
            let found = disparity(&means, sigma).unwrap();
            let mean = means.iter().sum::<f64>() / n;
            prop_assert!((found.deviation - variance.sqrt()).abs() < 1e-9);
            prop_assert!((found.variation.unwrap() - variance.sqrt() / mean).abs() < 1e-9);
            prop_assert!(near(found.range, high - low));
            prop_assert!(near(found.normalised_range.unwrap(), 1.0 - low / high));
        }
    }
}
