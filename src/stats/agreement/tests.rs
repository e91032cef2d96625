use proptest::prelude::*;

use super::*;
use crate::stats::cluster_sums::ClusterSums;
use crate::stats::{Clusters, Draws};

#[track_caller]
fn near(found: Result<f64, StatsError>, expected: f64, tolerance: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < tolerance, "{found} {expected}");
}

/// Ratings of units by some raters, `0` standing for none, else the category from 1.
fn panel(k: usize, raters: &[&[usize]]) -> Vec<f64> {
    let mut sums = vec![0.0; PanelTable::width(k)];
    for unit in 0..raters[0].len() {
        let mut counts = vec![0; k];
        for rater in raters {
            if rater[unit] > 0 {
                counts[rater[unit] - 1] += 1;
            }
        }
        PanelTable::add(&mut sums, &counts);
    }
    sums
}

/// Krippendorff's example of four raters and twelve units.
const FOUR_RATERS: [&[usize]; 4] = [
    &[1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    &[1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    &[0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    &[1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
];

/// `krippendorff.alpha` of the package krippendorff 0.9 and irrCAC 0.4; published .743,
/// .815, .849 (Krippendorff) and .77544, .76117 (irrCAC's vignette).
#[test]
fn four_raters_with_missing_ratings() {
    let sums = panel(5, &FOUR_RATERS);
    let table = PanelTable::new(5, &sums).unwrap();
    near(table.alpha(Metric::Nominal), 0.743_421_052_631_579, 1e-12);
    near(table.alpha(Metric::Ordinal), 0.815_387_503_754_881_4, 1e-12);
    near(
        table.alpha(Metric::Interval),
        0.849_107_142_857_142_8,
        1e-12,
    );
    near(table.gwet(Weights::Identity), 0.775_444_07, 5e-9);
    near(table.fleiss(), 0.761_169_28, 5e-9);
}

/// `irrCAC.table.CAC` and statsmodels' `cohens_kappa(wt="quadratic")`; the vignette
/// prints .7964094, .8493305, .7962397 and .7972585.
#[test]
fn two_abstractors() {
    let cells = [13.0, 0.0, 0.0, 0.0, 20.0, 7.0, 0.0, 4.0, 56.0];
    let table = CrossTable::new(3, &cells).unwrap();
    near(table.cohen_kappa(Weights::Identity), 0.796_409_4, 5e-8);
    near(table.gwet(Weights::Identity), 0.849_330_55, 5e-9);
    near(table.fleiss(), 0.796_239_7, 5e-8);
    near(table.alpha(Metric::Nominal), 0.797_258_5, 5e-8);
    near(
        table.cohen_kappa(Weights::Quadratic),
        0.892_156_862_745_098,
        1e-12,
    );
    near(table.agreement(Weights::Identity), 0.89, 1e-12);
}

/// Fleiss 1971 as Wikipedia has it: ten units, fourteen raters, five categories.
#[test]
fn fourteen_raters() {
    let counts: [[u32; 5]; 10] = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ];
    let mut sums = vec![0.0; PanelTable::width(5)];
    for unit in &counts {
        PanelTable::add(&mut sums, unit);
    }
    let table = PanelTable::new(5, &sums).unwrap();
    near(table.fleiss(), 0.209_930_704_421_955_22, 1e-12);
}

/// irrCAC's analytic standard errors of the abstractors' table: .05891 (kappa),
/// .04322 (AC1) and .05905 (Scott's pi, alpha).
#[test]
fn the_bootstrap_spreads_as_the_analytic_errors_say() {
    let cells = [13.0, 0.0, 0.0, 0.0, 20.0, 7.0, 0.0, 4.0, 56.0];
    let mut pairs = Vec::new();
    for (cell, n) in cells.iter().enumerate() {
        pairs.extend(std::iter::repeat_n((cell / 3, cell % 3), *n as usize));
    }
    let labels: Vec<u32> = (0..pairs.len() as u32).collect();
    let mut sums = ClusterSums::new(CrossTable::width(3), Clusters::OneWay(&labels)).unwrap();
    for (unit, (a, b)) in pairs.iter().enumerate() {
        CrossTable::add(sums.row_of(unit), 3, *a, *b, 1.0);
    }
    let draws = Draws {
        seed: 3,
        count: 10_000,
    };
    let made = sums.bootstrap(draws, |cells| {
        let table = CrossTable::new(3, cells).unwrap();
        vec![
            table.cohen_kappa(Weights::Identity).ok(),
            table.gwet(Weights::Identity).ok(),
            table.fleiss().ok(),
            table.alpha(Metric::Nominal).ok(),
        ]
    });
    let expected = [0.058_910_72, 0.043_217_47, 0.059_054_73, 0.059_054_73];
    for (made, expected) in made.iter().zip(expected) {
        let error = made.as_ref().unwrap().standard_error();
        assert!((error / expected - 1.0).abs() < 0.05, "{error} {expected}");
    }
}

#[test]
fn the_paradox_of_a_prevailing_category() {
    // 118 of 125 alike, and yet kappa is about zero (Gwet 2008, table 5's kind).
    let cells = [118.0, 5.0, 2.0, 0.0];
    let table = CrossTable::new(2, &cells).unwrap();
    let kappa = table.cohen_kappa(Weights::Identity).unwrap();
    assert!(kappa < 0.0, "{kappa}");
    assert!(table.gwet(Weights::Identity).unwrap() > 0.93);
}

#[test]
fn one_category_and_no_ratings_have_no_coefficient() {
    let one = CrossTable::new(3, &[9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).unwrap();
    for found in [
        one.cohen_kappa(Weights::Identity),
        one.cohen_kappa(Weights::Quadratic),
        one.fleiss(),
        one.alpha(Metric::Nominal),
        one.alpha(Metric::Ordinal),
        one.alpha(Metric::Interval),
    ] {
        assert_eq!(found, Err(StatsError::OneCategory));
    }
    near(one.agreement(Weights::Identity), 1.0, 1e-15);
    near(one.gwet(Weights::Identity), 1.0, 1e-15);
    let single = CrossTable::new(1, &[4.0]).unwrap();
    assert_eq!(single.gwet(Weights::Linear), Err(StatsError::OneCategory));
    let none = CrossTable::new(2, &[0.0; 4]).unwrap();
    assert_eq!(none.cohen_kappa(Weights::Linear), Err(StatsError::Empty));
    assert_eq!(none.alpha(Metric::Nominal), Err(StatsError::Empty));
    assert!(CrossTable::new(3, &[0.0; 4]).is_err());
    // One rater rates nothing twice.
    let lone = panel(3, &[&[1, 2, 3, 1]]);
    let lone = PanelTable::new(3, &lone).unwrap();
    assert_eq!(lone.fleiss(), Err(StatsError::Empty));
    assert_eq!(lone.gwet(Weights::Identity), Err(StatsError::Empty));
    assert_eq!(lone.alpha(Metric::Interval), Err(StatsError::Empty));
    assert!(PanelTable::new(3, &[0.0; 4]).is_err());
}

const WEIGHTS: [Weights; 3] = [Weights::Identity, Weights::Linear, Weights::Quadratic];
const METRICS: [Metric; 3] = [Metric::Nominal, Metric::Ordinal, Metric::Interval];

fn mean_of(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / n
}

/// The same within rounding, or both without an answer.
fn same(found: &Result<f64, StatsError>, naive: Option<f64>) -> bool {
    match (found, naive) {
        (Ok(found), Some(naive)) => (found - naive).abs() < 1e-9,
        (Err(_), None) => true,
        _ => false,
    }
}

fn corrected(observed: f64, chance: f64) -> Option<f64> {
    (1.0 - chance > 1e-12).then(|| (observed - chance) / (1.0 - chance))
}

/// Alpha from its definition: disagreement within units over that between any two
/// ratings of units with two or more.
fn naive_alpha(units: &[Vec<usize>], metric: Metric) -> Option<f64> {
    let paired: Vec<&Vec<usize>> = units.iter().filter(|unit| unit.len() > 1).collect();
    let all: Vec<usize> = paired
        .iter()
        .flat_map(|unit| unit.iter().copied())
        .collect();
    let n_of = |c: usize| all.iter().filter(|x| **x == c).count() as f64;
    let apart = |a: usize, b: usize| -> f64 {
        let (low, high) = (a.min(b), a.max(b));
        match metric {
            Metric::Nominal => f64::from(u8::from(a != b)),
            Metric::Interval => (high as f64 - low as f64).powi(2),
            Metric::Ordinal if a == b => 0.0,
            Metric::Ordinal => {
                let between: f64 = (low..=high).map(n_of).sum();
                (between - f64::midpoint(n_of(a), n_of(b))).powi(2)
            }
        }
    };
    let mut observed = 0.0;
    for unit in &paired {
        for (i, a) in unit.iter().enumerate() {
            for (j, b) in unit.iter().enumerate() {
                if i != j {
                    observed += apart(*a, *b) / (unit.len() as f64 - 1.0);
                }
            }
        }
    }
    let mut expected = 0.0;
    for (i, a) in all.iter().enumerate() {
        for (j, b) in all.iter().enumerate() {
            if i != j {
                expected += apart(*a, *b);
            }
        }
    }
    let n = all.len() as f64;
    let expected = expected / (n * (n - 1.0));
    (expected > 0.0).then(|| 1.0 - observed / n / expected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Twins that walk over pairs of ratings instead of tables.
    #[test]
    fn two_raters_as_by_walking_the_ratings(
        pairs in prop::collection::vec((0_usize..3, 0_usize..3), 1..40),
    ) {
        let mut cells = vec![0.0; 9];
        for (a, b) in &pairs {
            CrossTable::add(&mut cells, 3, *a, *b, 1.0);
        }
        let table = CrossTable::new(3, &cells).unwrap();
        for weights in WEIGHTS {
            let w = |a: usize, b: usize| weights.of(a, b, 3);
            let observed = mean_of(pairs.iter().map(|(a, b)| w(*a, *b)));
            prop_assert!(same(&table.agreement(weights), Some(observed)));
            let any = || pairs.iter().flat_map(|x| pairs.iter().map(move |y| (x, y)));
            let chance = mean_of(any().map(|(x, y)| w(x.0, y.1)));
            prop_assert!(same(&table.cohen_kappa(weights), corrected(observed, chance)));
            let given: Vec<usize> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
            let share = |c: usize| mean_of(given.iter().map(|x| f64::from(u8::from(*x == c))));
            let total: f64 = (0..3).flat_map(|a| (0..3).map(move |b| w(a, b))).sum();
            let chance = total / 6.0 * (0..3).map(|c| share(c) * (1.0 - share(c))).sum::<f64>();
            prop_assert!(same(&table.gwet(weights), corrected(observed, chance)));
        }
        let units: Vec<Vec<usize>> = pairs.iter().map(|(a, b)| vec![*a, *b]).collect();
        for metric in METRICS {
            prop_assert!(same(&table.alpha(metric), naive_alpha(&units, metric)));
        }
    }

    #[test]
    fn many_raters_as_by_walking_the_ratings(
        units in prop::collection::vec(prop::collection::vec(0_usize..4, 0..5), 1..15),
    ) {
        let mut sums = vec![0.0; PanelTable::width(4)];
        for unit in &units {
            let counts: Vec<u32> = (0..4)
                .map(|c| unit.iter().filter(|x| **x == c).count() as u32)
                .collect();
            PanelTable::add(&mut sums, &counts);
        }
        let table = PanelTable::new(4, &sums).unwrap();
        for metric in METRICS {
            prop_assert!(same(&table.alpha(metric), naive_alpha(&units, metric)));
        }
        let rated: Vec<&Vec<usize>> = units.iter().filter(|unit| !unit.is_empty()).collect();
        let paired: Vec<&Vec<usize>> = units.iter().filter(|unit| unit.len() > 1).collect();
        if paired.is_empty() {
            prop_assert!(table.fleiss().is_err());
            return Ok(());
        }
        for weights in WEIGHTS {
            let w = |a: usize, b: usize| weights.of(a, b, 4);
            let within = |unit: &&Vec<usize>| {
                let n = unit.len();
                let others = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
                mean_of(others.filter(|(i, j)| i != j).map(|(i, j)| w(unit[i], unit[j])))
            };
            let observed = mean_of(paired.iter().map(within));
            let share = |c: usize| {
                let of = |unit: &&Vec<usize>| mean_of(unit.iter().map(|x| f64::from(u8::from(*x == c))));
                mean_of(rated.iter().map(of))
            };
            let total: f64 = (0..4).flat_map(|a| (0..4).map(move |b| w(a, b))).sum();
            let chance = total / 12.0 * (0..4).map(|c| share(c) * (1.0 - share(c))).sum::<f64>();
            prop_assert!(same(&table.gwet(weights), corrected(observed, chance)));
            if weights == Weights::Identity {
                let chance: f64 = (0..4).map(|c| share(c) * share(c)).sum();
                prop_assert!(same(&table.fleiss(), corrected(observed, chance)));
            }
        }
    }

    /// Two raters who rate everything are a panel of two.
    #[test]
    fn a_panel_of_two_is_a_cross_table(
        pairs in prop::collection::vec((0_usize..3, 0_usize..3), 1..30),
    ) {
        let (mut cells, mut sums) = (vec![0.0; 9], vec![0.0; PanelTable::width(3)]);
        for (a, b) in &pairs {
            CrossTable::add(&mut cells, 3, *a, *b, 1.0);
            let mut counts = [0; 3];
            counts[*a] += 1;
            counts[*b] += 1;
            PanelTable::add(&mut sums, &counts);
        }
        let (two, many) = (CrossTable::new(3, &cells).unwrap(), PanelTable::new(3, &sums).unwrap());
        prop_assert!(same(&two.fleiss(), many.fleiss().ok()));
        for weights in WEIGHTS {
            prop_assert!(same(&two.gwet(weights), many.gwet(weights).ok()));
        }
        for metric in METRICS {
            prop_assert!(same(&two.alpha(metric), many.alpha(metric).ok()));
        }
    }

    /// Who is called the first rater, and from which side outcomes are told, changes
    /// nothing.
    #[test]
    fn raters_and_sides_may_be_exchanged(cells in prop::collection::vec(0_u32..9, 9)) {
        let cells: Vec<f64> = cells.into_iter().map(f64::from).collect();
        let turned = |place: &dyn Fn(usize, usize) -> usize| -> Vec<f64> {
            pairs(3).map(|(i, j)| cells[place(i, j)]).collect()
        };
        let table = CrossTable::new(3, &cells).unwrap();
        for other in [turned(&|i, j| j * 3 + i), turned(&|i, j| (2 - i) * 3 + 2 - j)] {
            let other = CrossTable::new(3, &other).unwrap();
            for weights in WEIGHTS {
                prop_assert!(same(&table.cohen_kappa(weights), other.cohen_kappa(weights).ok()));
                prop_assert!(same(&table.gwet(weights), other.gwet(weights).ok()));
            }
            for metric in METRICS {
                prop_assert!(same(&table.alpha(metric), other.alpha(metric).ok()));
            }
        }
    }
}
