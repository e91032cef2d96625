use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::stats::{Clusters, cluster_mean};

fn item(unit: u32, question: u32, persona: u32, value: f64) -> UnitItem {
    UnitItem {
        unit,
        question,
        persona,
        value,
        weight: 1.0,
    }
}

#[test]
fn noise_by_hand() {
    // Two units asked the same two questions. Unit 0: 0 and 1, unit 1: 0 and 3. With
    // two clusters each part is sqrt(2) times half the deviation.
    let x = [
        item(0, 0, 0, 0.0),
        item(0, 1, 0, 1.0),
        item(1, 0, 1, 0.0),
        item(1, 1, 1, 3.0),
    ];
    let found = unit_pairs(&x, &x, UnitClusters::Questions, 2).unwrap();
    let (_, first, _) = found.units[0];
    // Parts -sqrt(2)/4 and sqrt(2)/4: variance 1/4. Unit 1: 9/4.
    assert!((first.standard_error - 0.5).abs() < 1e-15);
    assert!((found.units[1].1.standard_error - 1.5).abs() < 1e-15);
    // Shared: 2 * (sqrt(2)/4)(3 sqrt(2)/4) = 3/4; noise 5/4 - 3/4 = 1/2.
    let noise = mean(&found.pairs.x_variance);
    assert!((noise - 0.5).abs() < 1e-15, "{noise}");
    // Both axes are one: the covariance of errors is as large as is believed.
    assert!((found.pairs.error_covariance() - 0.475).abs() < 1e-12);
}

#[test]
fn what_all_units_share_is_no_noise() {
    // Questions differ much, and move all units alike.
    let x: Vec<UnitItem> = (0..40)
        .map(|i| {
            let (unit, question) = (i / 5, i % 5);
            item(
                unit,
                question,
                unit,
                f64::from(unit) * 0.1 + f64::from(question),
            )
        })
        .collect();
    let found = unit_pairs(&x, &x, UnitClusters::Questions, 2).unwrap();
    assert!(found.units[0].1.standard_error > 0.5);
    assert!(mean(&found.pairs.x_variance) < 1e-12);
}

#[test]
fn units_without_enough_on_an_axis_are_left_out() {
    let x = [
        item(0, 0, 0, 0.0),
        item(0, 1, 0, 1.0),
        item(1, 0, 1, 1.0),
        item(1, 0, 1, 0.0),
        item(2, 0, 2, 1.0),
        item(2, 1, 2, 1.0),
    ];
    let y = [item(0, 0, 0, 1.0), item(0, 1, 0, 0.0), item(1, 3, 1, 1.0)];
    let found = unit_pairs(&x, &y, UnitClusters::Questions, 2).unwrap();
    assert_eq!(found.units.len(), 1);
    assert_eq!(found.left_out, [1, 2]);
    assert_eq!(
        unit_pairs(&x, &[], UnitClusters::Questions, 2),
        Err(StatsError::Empty)
    );
}

/// The joint covariance of all errors, cell by cell, from the definition.
fn naive(x: &[UnitItem], y: &[UnitItem], kept: &[u32], clusters: UnitClusters) -> Vec<Vec<f64>> {
    let axes: Vec<(&[UnitItem], u32)> = [x, y]
        .into_iter()
        .flat_map(|items| kept.iter().map(move |unit| (items, *unit)))
        .collect();
    let label = |way: Way, item: &UnitItem| match way {
        Way::Question => (item.question, 0),
        Way::Persona => (item.persona, 0),
        Way::Cell => (item.question, item.persona),
    };
    let parts = |way: Way, (items, unit): (&[UnitItem], u32), cluster: (u32, u32)| -> f64 {
        let own: Vec<&UnitItem> = items.iter().filter(|item| item.unit == unit).collect();
        let weight: f64 = own.iter().map(|item| item.weight).sum();
        let mean = own.iter().map(|i| i.weight * i.value).sum::<f64>() / weight;
        let g = own
            .iter()
            .map(|item| label(way, item))
            .collect::<BTreeSet<_>>()
            .len() as f64;
        let inside = own.iter().filter(|item| label(way, item) == cluster);
        let sum: f64 = inside.map(|i| i.weight * (i.value - mean)).sum();
        if g > 1.0 {
            (g / (g - 1.0)).sqrt() * sum / weight
        } else {
            0.0
        }
    };
    let ways: &[(Way, f64)] = match clusters {
        UnitClusters::Questions => &[(Way::Question, 1.0)],
        UnitClusters::Personas => &[(Way::Persona, 1.0)],
        UnitClusters::Both => &[(Way::Question, 1.0), (Way::Persona, 1.0), (Way::Cell, -1.0)],
    };
    axes.iter()
        .map(|a| {
            axes.iter()
                .map(|b| {
                    let one = |(way, sign): &(Way, f64)| {
                        let all: BTreeSet<(u32, u32)> =
                            x.iter().chain(y).map(|item| label(*way, item)).collect();
                        sign * all
                            .into_iter()
                            .map(|c| parts(*way, *a, c) * parts(*way, *b, c))
                            .sum::<f64>()
                    };
                    ways.iter().map(one).sum()
                })
                .collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn as_the_joint_covariance_has_it(
        cells in prop::collection::vec((0_u32..4, 0_u32..4, 0_u32..4, -1_i8..=1, 0_u8..2, 1_u8..3), 20..70),
        way in 0_usize..3,
    ) {
        let clusters = [UnitClusters::Questions, UnitClusters::Personas, UnitClusters::Both][way];
        let axis = |wanted: u8| -> Vec<UnitItem> {
            cells
                .iter()
                .filter(|cell| cell.4 == wanted)
                .map(|(unit, question, persona, value, _, weight)| UnitItem {
                    weight: f64::from(*weight),
                    ..item(*unit, *question, *persona, f64::from(*value))
                })
                .collect()
        };
        let (x, y) = (axis(0), axis(1));
        let Ok(found) = unit_pairs(&x, &y, clusters, 2) else { return Ok(()) };
        let kept: Vec<u32> = found.units.iter().map(|(unit, ..)| *unit).collect();
        let k = kept.len();
        let joint = naive(&x, &y, &kept, clusters);
        // Standard errors are those of the mean alone.
        for (at, (unit, of_x, _)) in found.units.iter().enumerate() {
            let own: Vec<&UnitItem> = x.iter().filter(|item| item.unit == *unit).collect();
            if own.iter().all(|item| (item.weight - own[0].weight).abs() < 1e-12) {
                let values: Vec<f64> = own.iter().map(|item| item.value).collect();
                let questions: Vec<u32> = own.iter().map(|item| item.question).collect();
                let personas: Vec<u32> = own.iter().map(|item| item.persona).collect();
                let labels = match clusters {
                    UnitClusters::Questions => Clusters::OneWay(&questions),
                    UnitClusters::Personas => Clusters::OneWay(&personas),
                    UnitClusters::Both => Clusters::TwoWay(&questions, &personas),
                };
                let mean = cluster_mean(&values, labels).unwrap();
                prop_assert!((mean.mean() - of_x.mean).abs() < 1e-12);
                if let Some(error) = mean.standard_error() {
                    prop_assert!((error - of_x.standard_error).abs() < 1e-9, "{error} {of_x:?}");
                }
            }
            if way < 2 {
                prop_assert!((joint[at][at].sqrt() - of_x.standard_error).abs() < 1e-9);
            }
        }
        if k < 2 || way == 2 {
            return Ok(());
        }
        let over_pairs = |row: usize, column: usize| {
            let mut sum = 0.0;
            for a in 0..k {
                for b in (0..k).filter(|b| *b != a) {
                    sum += joint[row + a][column + b];
                }
            }
            sum / (k * (k - 1)) as f64
        };
        let diagonal = |row: usize, column: usize| {
            (0..k).map(|a| joint[row + a][column + a]).sum::<f64>() / k as f64
        };
        let noise = [0, k].map(|at| (diagonal(at, at) - over_pairs(at, at)).max(0.0));
        prop_assert!((mean(&found.pairs.x_variance) - noise[0]).abs() < 1e-9);
        prop_assert!((mean(&found.pairs.y_variance) - noise[1]).abs() < 1e-9);
        let net = found.pairs.x_variance.iter().zip(&found.pairs.y_variance);
        let roots: Vec<f64> = net.map(|(x, y)| (x * y).sqrt()).collect();
        let most = 0.95 * mean(&roots);
        let across = (diagonal(0, k) - over_pairs(0, k)).clamp(-most, most);
        prop_assert!((found.pairs.error_covariance() - across).abs() < 1e-9, "{across}");
    }
}
