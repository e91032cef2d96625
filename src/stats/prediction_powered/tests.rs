use proptest::prelude::*;

use super::*;
use crate::stats::cluster_mean;
use crate::stats::quantile::normal_upper_quantile;

/// 200 labelled and 2,000 other items, made by rule.
fn golden() -> (Vec<f64>, Vec<Option<f64>>) {
    let one = |yes: bool| f64::from(u8::from(yes));
    let (mut judge, mut people) = (Vec::new(), Vec::new());
    for i in 0..200_u64 {
        let y = one((i * 7919) % 101 < 58);
        judge.push(if (i * 104_729) % 97 < 80 { y } else { 1.0 - y });
        people.push(Some(y));
    }
    for j in 0..2000_u64 {
        judge.push(one((j * 15_485_863) % 103 < 66));
        people.push(None);
    }
    (judge, people)
}

fn apart(n: usize) -> Vec<u32> {
    (0..n as u32).collect()
}

/// `ppi_py.ppi_mean_pointestimate` and `ppi_mean_ci` 0.2.3 at 95%: point, low, high.
/// Their interval has a normal quantile and divides sums of squares by n.
#[test]
fn ppi_py_is_reproduced() {
    let (judge, people) = golden();
    let clusters = apart(judge.len());
    let items = Items {
        judge: &judge,
        people: &people,
        clusters: Clusters::OneWay(&clusters),
        strata: &[],
        weights: &[],
    };
    for (tuning, point, low, high) in [
        (
            Tuning::Fixed(1.0),
            0.661,
            0.600_176_045_745_707_5,
            0.721_823_954_254_292_6,
        ),
        (
            Tuning::Power,
            0.629_127_452_183_914_7,
            0.575_663_324_446_137_7,
            0.682_591_579_921_691_8,
        ),
        (
            Tuning::Fixed(0.0),
            0.575,
            0.506_488_814_807_101_4,
            0.643_511_185_192_898_5,
        ),
    ] {
        let made = prediction_powered(items, tuning).unwrap();
        assert!((made.estimate() - point).abs() < 1e-12, "{made:?}");
        let stratum = made.strata()[0];
        let by_n = |variance: f64, n: usize| variance * (n as f64 - 1.0) / n as f64;
        let spread = by_n(stratum.labelled_variance, stratum.labelled)
            + by_n(stratum.unlabelled_variance, stratum.unlabelled);
        let reach = normal_upper_quantile(0.025) * spread.sqrt();
        assert!((point - reach - low).abs() < 1e-9 && (point + reach - high).abs() < 1e-9);
        // Items of their own make the clustered error the textbook one, a little wider
        // where the weight was tuned.
        let textbook = (stratum.labelled_variance + stratum.unlabelled_variance).sqrt();
        let ratio = made.standard_error() / textbook;
        if tuning == Tuning::Power {
            assert!((1.0..1.01).contains(&ratio), "{ratio}");
        } else {
            assert!((ratio - 1.0).abs() < 1e-12, "{ratio}");
        }
        assert_eq!(made.degrees_of_freedom(), 199);
    }
}

#[test]
fn labels_alone_are_the_cluster_mean() {
    let (judge, people) = golden();
    let clusters: Vec<u32> = (0..judge.len() as u32).map(|i| i % 40).collect();
    let items = Items {
        judge: &judge,
        people: &people,
        clusters: Clusters::OneWay(&clusters),
        strata: &[],
        weights: &[],
    };
    let made = prediction_powered(items, Tuning::Fixed(0.0)).unwrap();
    let y: Vec<f64> = people.iter().copied().flatten().collect();
    let mean = cluster_mean(&y, Clusters::OneWay(&clusters[..200])).unwrap();
    assert!((made.estimate() - mean.mean()).abs() < 1e-12);
    assert!((made.standard_error() - mean.standard_error().unwrap()).abs() < 1e-12);
    assert_eq!(made.degrees_of_freedom(), mean.degrees_of_freedom());
    let other: Vec<u32> = (0..judge.len() as u32).map(|i| i * 7 % 13).collect();
    let both = Items {
        clusters: Clusters::TwoWay(&clusters, &other),
        ..items
    };
    let made = prediction_powered(both, Tuning::Fixed(0.0)).unwrap();
    let mean = cluster_mean(&y, Clusters::TwoWay(&clusters[..200], &other[..200])).unwrap();
    assert!((made.standard_error() - mean.standard_error().unwrap()).abs() < 1e-12);
    assert_eq!(made.degrees_of_freedom(), 12);
}

#[test]
fn a_judge_who_hardly_goes_with_people_gets_no_weight() {
    let judge: Vec<f64> = (0..60).map(|i| f64::from((i * 7 % 11) % 2)).collect();
    let people: Vec<Option<f64>> = (0..60)
        .map(|i| (i < 20).then(|| f64::from((i / 2) % 2)))
        .collect();
    let clusters = apart(60);
    let items = Items {
        judge: &judge,
        people: &people,
        clusters: Clusters::OneWay(&clusters),
        strata: &[],
        weights: &[],
    };
    let guarded = prediction_powered(items, Tuning::Power).unwrap();
    let stratum = guarded.strata()[0];
    assert!(stratum.correlation.unwrap().abs() < stratum.least_correlation);
    assert_eq!(
        guarded,
        prediction_powered(items, Tuning::Fixed(0.0)).unwrap()
    );
    assert!((stratum.least_correlation - 1.0 / 18_f64.sqrt()).abs() < 1e-12);
}

#[test]
fn too_few_labels_and_values_that_never_vary() {
    let clusters = apart(5);
    let made = |judge: &[f64], people: &[Option<f64>], strata: &[u32]| {
        let items = Items {
            judge,
            people,
            clusters: Clusters::OneWay(&clusters),
            strata,
            weights: &[],
        };
        prediction_powered(items, Tuning::Power)
    };
    let judge = [1.0, 0.0, 1.0, 0.0, 1.0];
    let one = [Some(1.0), None, None, None, None];
    assert!(matches!(
        made(&judge, &one, &[]),
        Err(StatsError::TooFewLabels {
            found: 1,
            needed: 2
        })
    ));
    let same = [Some(1.0), Some(1.0), None, None, None];
    let flat = made(&judge, &same, &[]).unwrap();
    assert_eq!(flat.interval(Level::DEFAULT), Err(StatsError::NoVariation));
    assert_eq!(flat.strata()[0].correlation, None);
    // A stratum without labels says nothing of itself.
    assert!(made(&judge, &same, &[0, 0, 1, 1, 1]).is_err());
    assert!(made(&judge, &same[..4], &[]).is_err());
    assert!(made(&[], &[], &[]).is_err());
    let bad = [Some(f64::NAN), Some(1.0), None, None, None];
    assert!(matches!(
        made(&judge, &bad, &[]),
        Err(StatsError::NotFinite { row: 0, .. })
    ));
    // With all items labelled there is nobody to predict.
    let all = [Some(1.0), Some(0.0), Some(1.0), Some(1.0), Some(0.0)];
    let mean = made(&judge, &all, &[]).unwrap();
    assert!((mean.estimate() - 0.6).abs() < 1e-12 && mean.strata()[0].lambda.abs() < 1e-12);
}

/// Scores whose covariance is 0 on paper and `1e-17` in the machine.
#[test]
fn a_weight_that_is_nothing_but_rounding_is_none() {
    let thirds = |n: u32| f64::from(n) / 3.0;
    let mut judge: Vec<f64> = Vec::new();
    let mut people: Vec<Option<f64>> = Vec::new();
    for n in 0..9 {
        judge.push(thirds(n % 3));
        people.push(Some(thirds(n / 3)));
    }
    for n in 0..20 {
        judge.push(thirds(n % 3));
        people.push(None);
    }
    let clusters = apart(judge.len());
    let of = |judge: &[f64], people: &[Option<f64>], tuning| {
        let items = Items {
            judge,
            people,
            clusters: Clusters::OneWay(&clusters),
            strata: &[],
            weights: &[],
        };
        prediction_powered(items, tuning).unwrap()
    };
    let turned: Vec<f64> = judge.iter().map(|f| 1.0 - f).collect();
    let turned_people: Vec<Option<f64>> = people.iter().map(|y| y.map(|y| 1.0 - y)).collect();
    for (judge, people) in [(&judge, &people), (&turned, &turned_people)] {
        let made = of(judge, people, Tuning::PowerUnguarded);
        assert!(made.strata()[0].lambda.to_bits() == 0, "{made:?}");
        assert_eq!(made, of(judge, people, Tuning::Fixed(0.0)));
    }
}

/// A twin that tunes the weight and takes the mean prediction again without each cluster.
#[test]
fn the_error_of_a_tuned_weight_leaves_clusters_out() {
    let judge: Vec<f64> = (0..40)
        .map(|i| f64::from((i * 7 + i / 5) % 3) / 2.0)
        .collect();
    let people: Vec<Option<f64>> = (0..40_usize)
        .map(|i| (i % 2 == 0).then(|| if i % 7 == 0 { 1.0 - judge[i] } else { judge[i] }))
        .collect();
    let clusters: Vec<u32> = (0..40).map(|i| i % 10).collect();
    let items = Items {
        judge: &judge,
        people: &people,
        clusters: Clusters::OneWay(&clusters),
        strata: &[],
        weights: &[],
    };
    let made = prediction_powered(items, Tuning::PowerUnguarded).unwrap();
    let lambda = made.strata()[0].lambda;
    assert!(lambda > 0.0 && lambda < 1.0);
    let labelled: Vec<usize> = (0..40).filter(|i| people[*i].is_some()).collect();
    let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let all = mean_of(&judge);
    let variance = judge.iter().map(|f| (f - all).powi(2)).sum::<f64>() / 39.0;
    let tuned = |without: u32| -> (f64, f64) {
        let rest: Vec<usize> = labelled
            .iter()
            .copied()
            .filter(|i| clusters[*i] != without)
            .collect();
        let y: Vec<f64> = rest.iter().map(|i| people[*i].unwrap()).collect();
        let f: Vec<f64> = rest.iter().map(|i| judge[*i]).collect();
        let (my, mf) = (mean_of(&y), mean_of(&f));
        let products: Vec<f64> = y.iter().zip(&f).map(|(y, f)| (y - my) * (f - mf)).collect();
        let lambda = (mean_of(&products) / (2.0 * variance)).clamp(0.0, 1.0);
        (lambda, mf)
    };
    let residuals: Vec<f64> = labelled
        .iter()
        .map(|i| {
            let (lambda, middle) = tuned(clusters[*i]);
            people[*i].unwrap() - lambda * (judge[*i] - middle)
        })
        .collect();
    let middle = mean_of(&residuals);
    let others: Vec<usize> = (0..40).filter(|i| people[*i].is_none()).collect();
    let predicted: Vec<f64> = others.iter().map(|i| lambda * judge[*i]).collect();
    let of_others = mean_of(&predicted);
    let mut errors = [0.0; 10];
    // Five clusters hold the labelled items, and five the others.
    let scale = 1.25_f64.sqrt() / 20.0;
    for (i, r) in labelled.iter().zip(&residuals) {
        errors[clusters[*i] as usize] += scale * (r - middle);
    }
    for (i, p) in others.iter().zip(&predicted) {
        errors[clusters[*i] as usize] += scale * (p - of_others);
    }
    let expected = errors.iter().map(|e| e * e).sum::<f64>().sqrt();
    assert!(
        (made.standard_error() - expected).abs() < 1e-12,
        "{expected}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whose win rate it is does not change how well it is known.
    #[test]
    fn the_opponents_side_mirrors_the_estimate_and_has_the_same_error(
        rows in prop::collection::vec((0_u8..3, prop::option::weighted(0.5, 0_u8..3), 0_u32..9, 0_u32..7, 0_u32..2), 40),
        shape in 0..3,
    ) {
        let [questions, personas, strata]: [Vec<u32>; 3] = [
            rows.iter().map(|row| row.2).collect(),
            rows.iter().map(|row| row.3).collect(),
            rows.iter().map(|row| row.4).collect(),
        ];
        let made = |turned: bool, tuning: Tuning| {
            let side = |score: u8| {
                // Thirds are not exact, so that moments round differently from each side.
                let score = f64::from(score) / 3.0;
                if turned { 1.0 - score } else { score }
            };
            let judge: Vec<f64> = rows.iter().map(|row| side(row.0)).collect();
            let people: Vec<Option<f64>> = rows.iter().map(|row| row.1.map(side)).collect();
            let clusters = if shape == 1 { Clusters::TwoWay(&questions, &personas) } else { Clusters::OneWay(&questions) };
            let strata: &[u32] = if shape == 2 { &strata } else { &[] };
            prediction_powered(Items { judge: &judge, people: &people, clusters, strata, weights: &[] }, tuning)
        };
        for tuning in [Tuning::Power, Tuning::PowerUnguarded, Tuning::Fixed(0.7)] {
            match (made(false, tuning), made(true, tuning)) {
                (Ok(one), Ok(other)) => {
                    prop_assert!((one.estimate() + other.estimate() - 1.0).abs() < 1e-9);
                    let errors = [one.standard_error(), other.standard_error()];
                    prop_assert!((errors[0] - errors[1]).abs() < 1e-9, "{errors:?}");
                    for (a, b) in one.strata().iter().zip(other.strata()) {
                        prop_assert!((a.lambda - b.lambda).abs() < 1e-9);
                    }
                }
                (one, other) => prop_assert_eq!(one.is_ok(), other.is_ok()),
            }
        }
    }

    /// A twin that writes out each item's share of the error and sums it by cluster.
    #[test]
    fn the_error_is_the_sum_of_the_items_shares(
        rows in prop::collection::vec((0_u8..3, prop::option::weighted(0.5, 0_u8..3), 0_u32..6, 0_u32..2), 30),
    ) {
        let judge: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 2.0).collect();
        let people: Vec<Option<f64>> = rows.iter().map(|row| row.1.map(|y| f64::from(y) / 2.0)).collect();
        let clusters: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let strata: Vec<u32> = rows.iter().map(|row| row.3).collect();
        let items = Items { judge: &judge, people: &people, clusters: Clusters::OneWay(&clusters), strata: &strata, weights: &[] };
        let lambda = 0.6;
        let Ok(made) = prediction_powered(items, Tuning::Fixed(lambda)) else { return Ok(()) };
        let n = rows.len() as f64;
        let (mut estimate, mut errors) = (0.0, [0.0; 6]);
        for stratum in 0..2 {
            let of = |labelled: bool| -> Vec<usize> {
                (0..rows.len()).filter(|i| strata[*i] == stratum && people[*i].is_some() == labelled).collect()
            };
            let (l, u) = (of(true), of(false));
            if l.is_empty() && u.is_empty() { continue; }
            let groups = |rows: &[usize]| rows.iter().map(|i| clusters[*i]).collect::<std::collections::BTreeSet<_>>().len() as f64;
            let share = (l.len() + u.len()) as f64 / n;
            // Others of a single cluster get no weight.
            let lambda = if groups(&u) < 2.0 { 0.0 } else { lambda };
            let value = |i: usize| people[i].map_or(lambda * judge[i], |y| y - lambda * judge[i]);
            for rows in [&l, &u] {
                let size = rows.len() as f64;
                if rows.is_empty() || groups(rows) < 2.0 { continue; }
                let middle = rows.iter().map(|i| value(*i)).sum::<f64>() / size;
                estimate += share * middle;
                for i in rows {
                    let correction = (groups(rows) / (groups(rows) - 1.0)).sqrt();
                    errors[clusters[*i] as usize] += share * correction * (value(*i) - middle) / size;
                }
            }
        }
        prop_assert!((made.estimate() - estimate).abs() < 1e-9);
        let variance: f64 = errors.iter().map(|e| e * e).sum();
        prop_assert!((made.standard_error() - variance.sqrt()).abs() < 1e-9);
    }
}

/// 10 subgroups of 60 items and 40 of 2; people call 75% of the large ones' items won and
/// 35% of the small ones'. 6 are labelled of each large one, 1 of each small one.
struct Uneven {
    judge: Vec<f64>,
    all: Vec<f64>,
    people: Vec<Option<f64>>,
    weights: Vec<f64>,
}

fn uneven(seed: u64) -> Uneven {
    use rand::SeedableRng as _;
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut made = Uneven {
        judge: Vec::new(),
        all: Vec::new(),
        people: Vec::new(),
        weights: Vec::new(),
    };
    let one = |yes: bool| f64::from(u8::from(yes));
    for subgroup in 0..50 {
        let (size, drawn, rate) = if subgroup < 10 {
            (60, 6, 0.75)
        } else {
            (2, 1, 0.35)
        };
        for place in 0..size {
            let won = one(rng.random_bool(rate));
            made.all.push(won);
            // People are followed two times in five, and the candidate favoured.
            let followed = rng.random_bool(0.4);
            made.judge.push(if followed {
                won
            } else {
                one(rng.random_bool(0.8))
            });
            // Items of a subgroup are alike, so that the first are as good as any.
            made.people.push((place < drawn).then_some(won));
            made.weights.push(f64::from(size) / f64::from(drawn));
        }
    }
    made
}

#[test]
fn labels_of_small_subgroups_drawn_more_often_are_weighed_down() {
    const RUNS: u64 = 200;
    let truth = (600.0 * 0.75 + 80.0 * 0.35) / 680.0;
    let (mut weighted, mut plain, mut covered) = (0.0, 0.0, 0);
    for seed in 0..RUNS {
        let made = uneven(seed);
        let clusters = apart(made.judge.len());
        let items = Items {
            judge: &made.judge,
            people: &made.people,
            clusters: Clusters::OneWay(&clusters),
            strata: &[],
            weights: &made.weights,
        };
        let found = prediction_powered(items, Tuning::Power).unwrap();
        weighted += found.estimate();
        let interval = found.interval(Level::DEFAULT).unwrap();
        covered += u64::from((interval.low()..=interval.high()).contains(&truth));
        let items = Items {
            weights: &[],
            ..items
        };
        plain += prediction_powered(items, Tuning::Power).unwrap().estimate();
    }
    let runs = RUNS as f64;
    assert!(
        (weighted / runs - truth).abs() < 0.01,
        "{}",
        weighted / runs
    );
    assert!(plain / runs < truth - 0.05, "{}", plain / runs);
    let covered = covered as f64 / runs;
    assert!((0.91..=0.995).contains(&covered), "{covered}");
}

#[test]
fn a_weight_that_is_no_positive_number_is_refused() {
    let made = uneven(1);
    let clusters = apart(made.judge.len());
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut weights = made.weights.clone();
        weights[0] = wrong;
        let items = Items {
            judge: &made.judge,
            people: &made.people,
            clusters: Clusters::OneWay(&clusters),
            strata: &[],
            weights: &weights,
        };
        let refused = prediction_powered(items, Tuning::Power);
        assert!(
            matches!(refused, Err(StatsError::OutOfRange { .. })),
            "{refused:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A twin that repeats each label as often as its weight says: the same weighted mean
    /// and residuals, each put down at the item that it is of.
    #[test]
    fn weights_are_those_of_labels_that_stand_for_several_items(
        rows in prop::collection::vec((0_u8..3, prop::option::weighted(0.5, 0_u8..3), 0_u32..6, 1_u8..5), 30),
        lambda in 0.0_f64..1.0,
    ) {
        let judge: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 2.0).collect();
        let people: Vec<Option<f64>> = rows.iter().map(|row| row.1.map(|y| f64::from(y) / 2.0)).collect();
        let clusters: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.3)).collect();
        let items = Items { judge: &judge, people: &people, clusters: Clusters::OneWay(&clusters), strata: &[], weights: &weights };
        let made = prediction_powered(items, Tuning::Fixed(lambda));
        let of = |labelled: bool| -> Vec<usize> {
            (0..rows.len()).filter(|i| people[*i].is_some() == labelled).collect()
        };
        let groups = |rows: &[usize]| rows.iter().map(|i| clusters[*i]).collect::<std::collections::BTreeSet<_>>().len() as f64;
        let (labelled, others) = (of(true), of(false));
        if groups(&labelled) < 2.0 || groups(&others) < 2.0 { return Ok(()) }
        let made = made.unwrap();
        let repeated = |value: &dyn Fn(usize) -> f64| -> f64 {
            let each = labelled.iter().flat_map(|i| std::iter::repeat_n(value(*i), usize::from(rows[*i].3)));
            let each: Vec<f64> = each.collect();
            each.iter().sum::<f64>() / each.len() as f64
        };
        let (y, f) = (repeated(&|i| people[i].unwrap()), repeated(&|i| judge[i]));
        // The mean over all items moves the labels' mean by the judge's slope.
        let (n, m) = (rows.len() as f64, others.len() as f64);
        let slope = lambda * n / m;
        let all = judge.iter().sum::<f64>() / n;
        prop_assert!((made.estimate() - (y + slope * (all - f))).abs() < 1e-9);
        let sum: f64 = labelled.iter().map(|i| weights[*i]).sum();
        let mut errors = [0.0; 6];
        let scale = |rows: &[usize]| (groups(rows) / (groups(rows) - 1.0)).sqrt();
        for i in &labelled {
            let residual = people[*i].unwrap() - y - slope * (judge[*i] - f);
            errors[clusters[*i] as usize] += scale(&labelled) * (weights[*i] / sum * residual + slope / n * (judge[*i] - f));
        }
        let middle = f + n / m * (all - f);
        for i in &others {
            errors[clusters[*i] as usize] += scale(&others) * slope / n * (judge[*i] - middle);
        }
        let variance: f64 = errors.iter().map(|e| e * e).sum();
        prop_assert!((made.standard_error() - variance.sqrt()).abs() < 1e-9);
        // Equal weights are none.
        let alike = Items { weights: &vec![2.5; rows.len()], ..items };
        let none = Items { weights: &[], ..items };
        for tuning in [Tuning::Power, Tuning::PowerUnguarded, Tuning::Fixed(lambda)] {
            let (one, other) = (prediction_powered(alike, tuning).unwrap(), prediction_powered(none, tuning).unwrap());
            prop_assert!((one.estimate() - other.estimate()).abs() < 1e-9);
            prop_assert!((one.standard_error() - other.standard_error()).abs() < 1e-9);
        }
    }
}
