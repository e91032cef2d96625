use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::random::normal;

#[test]
fn two_orders_vary_by_what_they_share() {
    assert!((two_order_variance(0.2, 1.0) - 0.2).abs() < 1e-15);
    assert!((two_order_variance(0.2, 0.0) - 0.1).abs() < 1e-15);
    assert!(two_order_variance(0.2, -1.0).abs() < 1e-15);
}

#[test]
fn a_pilot_gives_the_variances_and_the_correlation_of_orders() {
    let first = [1.0, 1.0, 0.0, 0.5, 1.0, 0.0];
    let second = [1.0, 0.0, 0.0, 0.5, 1.0, 0.5];
    let found = pilot(&first, &second).unwrap();
    // numpy.cov and numpy.var(ddof=1).
    assert!((found.order_correlation.unwrap() - 0.452_830_188_679_245_35).abs() < 1e-12);
    assert!((found.variance - 0.160_416_666_666_666_66).abs() < 1e-12);
    assert!((found.judgment_variance - 0.220_833_333_333_333_33).abs() < 1e-12);
    let steady = pilot(&[1.0, 1.0], &[0.0, 0.0]).unwrap();
    assert_eq!(steady.order_correlation, None);
    assert!(pilot(&[1.0], &[1.0]).is_err());
    assert!(pilot(&[1.0, 0.0], &[1.0]).is_err());
}

/// What items, orders of an item, samples, orders of a sample and repeats add, as standard
/// deviations.
#[derive(Clone, Copy)]
struct Effects {
    item: f64,
    order: f64,
    sample: f64,
    sample_order: f64,
    repeat: f64,
}

const EFFECTS: Effects = Effects {
    item: 1.0,
    order: 0.4,
    sample: 0.8,
    sample_order: 0.5,
    repeat: 0.7,
};

impl Effects {
    fn item(self, rng: &mut ChaCha8Rng, samples: u32, repeats: &[usize]) -> Vec<SampleScores> {
        let item = self.item * normal(rng);
        let orders = [self.order * normal(rng), self.order * normal(rng)];
        let sample = |rng: &mut ChaCha8Rng, k: u32| {
            let shared = item + self.sample * normal(rng);
            orders.map(|order| {
                let here = shared + order + self.sample_order * normal(rng);
                let repeats = repeats[k as usize % repeats.len()];
                (0..repeats)
                    .map(|_| here + self.repeat * normal(rng))
                    .collect()
            })
        };
        (0..samples).map(|k| sample(rng, k)).collect()
    }

    /// Variance in one order and covariance of the two.
    fn truth(self, samples: u32, repeats: u32) -> [f64; 2] {
        let [k, r] = [samples, repeats].map(f64::from);
        let square = |sd: f64| sd * sd;
        let shared = square(self.item) + square(self.sample) / k;
        let apart = square(self.order) + square(self.sample_order) / k;
        [shared + apart + square(self.repeat) / (k * r), shared]
    }
}

/// Means of an item over samples of means over repeats, by order.
fn means(item: &[SampleScores]) -> [f64; 2] {
    [0, 1].map(|order| {
        let of = |sample: &SampleScores| mean(&sample[order]);
        item.iter().map(of).sum::<f64>() / item.len() as f64
    })
}

/// Variance in one order and covariance of the two, as seen.
fn seen(items: &[Vec<SampleScores>]) -> [f64; 2] {
    let [first, second] =
        [0, 1].map(|order| -> Vec<f64> { items.iter().map(|item| means(item)[order]).collect() });
    let found = pilot(&first, &second).unwrap();
    let rho = found.order_correlation.unwrap();
    [found.judgment_variance, rho * found.judgment_variance]
}

/// A pilot of uneven samples and repeats tells the variances of other designs.
#[test]
fn variances_of_other_samples_and_repeats_follow_from_a_pilot() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let items: Vec<Vec<SampleScores>> = (0..30_000)
        .map(|_| {
            let samples = 1 + rng.next_u32() % 3;
            EFFECTS.item(&mut rng, samples, &[2, 1])
        })
        .collect();
    let mut repeated = Repeated::default();
    for item in &items {
        repeated.add(item);
    }
    let (repeated, now) = (repeated.seen(), seen(&items));
    for (samples, repeats) in [(1, 1), (1, 4), (2, 1), (5, 3), (100, 1)] {
        let change = repeated.change(samples.into(), repeats.into()).unwrap();
        let made = [now[0] + change.variance, now[1] + change.covariance];
        let truth = EFFECTS.truth(samples, repeats);
        for (made, truth) in made.iter().zip(truth) {
            assert!(
                (made / truth - 1.0).abs() < 0.04,
                "{samples} {repeats}: {made} {truth}"
            );
        }
    }
}

/// The twin of a pilot in which all items have two samples of two repeats in two orders:
/// each variance is half the mean square of a difference.
#[test]
fn what_repeats_and_samples_differ_by_is_half_the_square_of_their_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let items: Vec<Vec<SampleScores>> = (0..50).map(|_| EFFECTS.item(&mut rng, 2, &[2])).collect();
    let mut repeated = Repeated::default();
    for item in &items {
        repeated.add(item);
    }
    let found = repeated.seen();
    let half_square = |a: f64, b: f64| 0.5 * (a - b) * (a - b);
    let (mut c, mut between, mut both) = (0.0, 0.0, 0.0);
    for item in &items {
        let of = |sample: usize, order: usize| mean(&item[sample][order]);
        for order in [0, 1] {
            for sample in item {
                c += half_square(sample[order][0], sample[order][1]) / 200.0;
            }
            between += half_square(of(0, order), of(1, order)) / 100.0;
        }
        both += 0.5 * (of(0, 0) - of(1, 0)) * (of(0, 1) - of(1, 1)) / 50.0;
    }
    assert!((found.between_repeats.unwrap() - c).abs() < 1e-12);
    assert!((found.between_samples.unwrap() - (between - c / 2.0)).abs() < 1e-12);
    assert!((found.in_both_orders - both).abs() < 1e-12);
    assert!((found.by_samples - 0.5).abs() < 1e-12 && (found.by_judgments - 0.25).abs() < 1e-12);
    // As many as there are change nothing.
    let same = found.change(2, 2).unwrap();
    assert!(same.variance.abs() < 1e-12 && same.covariance.abs() < 1e-12);
}

#[test]
fn a_pilot_with_one_of_each_tells_of_no_more() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let of = |samples: u32, repeats: usize, rng: &mut ChaCha8Rng| {
        let mut repeated = Repeated::default();
        for _ in 0..40 {
            repeated.add(&EFFECTS.item(rng, samples, &[repeats]));
        }
        repeated.seen()
    };
    let single = of(1, 1, &mut rng);
    assert_eq!(single.change(2, 1), Err(StatsError::OneSample));
    assert_eq!(single.change(1, 2), Err(StatsError::OneRepeat));
    assert!(single.change(1, 1).unwrap().variance.abs() < 1e-12);
    let judged_twice = of(1, 2, &mut rng);
    assert_eq!(judged_twice.change(2, 2), Err(StatsError::OneSample));
    assert!(judged_twice.change(1, 1).unwrap().variance > 0.0);
    let sampled_twice = of(2, 1, &mut rng);
    assert_eq!(sampled_twice.change(2, 2), Err(StatsError::OneRepeat));
    let fewer = sampled_twice.change(1, 1).unwrap();
    assert!(fewer.variance > fewer.covariance && fewer.covariance > 0.0);
    let none = Repeated::default().seen();
    assert_eq!(none.change(2, 1), Err(StatsError::OneSample));
}

/// Items judged in one order, whichever it is.
#[test]
fn samples_in_one_order_each_are_compared_whatever_the_order() {
    let mut repeated = Repeated::default();
    repeated.add(&[[vec![1.0], vec![]], [vec![], vec![0.0]]]);
    repeated.add(&[[vec![], vec![1.0]], [vec![], vec![1.0]]]);
    let found = repeated.seen();
    assert!((found.between_samples.unwrap() - 0.25).abs() < 1e-12);
    assert!(found.in_both_orders.abs() < 1e-12 && found.between_repeats.is_none());
    assert!((found.by_judgments - 0.5).abs() < 1e-12);
}
