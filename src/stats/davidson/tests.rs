use proptest::prelude::*;

use super::*;
use crate::stats::Level;
use crate::stats::bradley_terry::bradley_terry;
use crate::stats::pairwise_data::{Table, puddings};

fn powers(ratings: &Ratings) -> Vec<f64> {
    let powers: Vec<f64> = ratings.strengths().iter().map(|t| t.exp()).collect();
    let total: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / total).collect()
}

/// Davidson (1970), and the documentation of R's `PlackettLuce`: printed .1388,
/// .1730, .1617, .1654, .1587, .2024 and nu = .7468; digits by SciPy's BFGS on the
/// likelihood, and by `evalica.newman`, whose `2 v` is `nu`.
#[test]
fn puddings_agree_with_davidson() {
    let table = puddings();
    let rows = table.rows();
    let found = davidson(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
    let published = [
        0.138_800_5,
        0.172_998_5,
        0.161_742,
        0.165_393,
        0.158_680_5,
        0.202_385_5,
    ];
    let oracle = [
        0.138_803_392_548_304_12,
        0.173_001_500_162_835_78,
        0.161_747_438_489_807_13,
        0.165_372_951_373_791_24,
        0.158_685_404_478_797,
        0.202_389_312_946_464_8,
    ];
    let newman = [
        0.138_803_375_180_688_28,
        0.173_001_499_982_992_97,
        0.161_747_434_036_790_4,
        0.165_372_957_762_914_83,
        0.158_685_394_574_720_45,
        0.202_389_338_461_893_08,
    ];
    for (model, power) in powers(&found).into_iter().enumerate() {
        assert!((power - published[model]).abs() < 2e-4, "{power}");
        assert!((power - oracle[model]).abs() < 1e-7, "{power}");
        assert!((power - newman[model]).abs() < 1e-7, "{power}");
    }
    let nu = found.tie().unwrap();
    assert!((nu - 0.746_814_7).abs() < 1e-3);
    assert!((nu - 0.746_822_997_859_266).abs() < 1e-6, "{nu}");
    assert!((nu - 0.746_822_987_654_273_2).abs() < 1e-6, "{nu}");
}

#[test]
fn scores_between_outcomes_are_refused() {
    let mut table = puddings();
    table.push(0, 1, 0.25, 1);
    let rows = table.rows();
    let found = davidson(table.comparisons(), 6, Clusters::OneWay(&rows));
    assert!(matches!(found, Err(StatsError::OutOfRange { .. })));
}

#[test]
fn no_ties_or_only_ties_are_refused() {
    let mut decided = Table::default();
    decided.push(0, 1, 1.0, 3);
    decided.push(0, 1, 0.0, 2);
    let mut tied = Table::default();
    tied.push(0, 1, 0.5, 5);
    for table in [decided, tied] {
        let rows = table.rows();
        let found = davidson(table.comparisons(), 2, Clusters::OneWay(&rows));
        assert_eq!(found, Err(StatsError::NoVariation));
    }
}

#[test]
fn a_model_that_never_lost_is_handled_and_marked() {
    let mut table = puddings();
    table.push(6, 0, 1.0, 4);
    let rows = table.rows();
    let found = davidson(table.comparisons(), 7, Clusters::OneWay(&rows)).unwrap();
    assert!(found.separated());
    assert!(found.strengths()[6] > found.strengths()[0]);
    assert!(found.contrast(6, 0, Level::DEFAULT).is_ok());
}

/// Two models: the likelihood has a closed form. With `w` wins, `l` losses and `t`
/// ties, `theta = ln(w/l)` and `nu = t / sqrt(w l)`.
#[test]
fn two_models_have_a_closed_form() {
    let mut table = Table::default();
    table.push(0, 1, 1.0, 40);
    table.push(0, 1, 0.5, 30);
    table.push(0, 1, 0.0, 10);
    let rows = table.rows();
    let found = davidson(table.comparisons(), 2, Clusters::OneWay(&rows)).unwrap();
    assert!((found.strengths()[0] - found.strengths()[1] - 4.0_f64.ln()).abs() < 1e-10);
    assert!((found.tie().unwrap() - 1.5).abs() < 1e-10);
    // Delta method on the multinomial: var ln(w/l) = 1/w + 1/l, times N/(N-1).
    let error = 4.0_f64.ln() / found.test(0, 1).unwrap().statistic;
    let expected = ((1.0 / 40.0 + 1.0 / 10.0) * 80.0 / 79.0_f64).sqrt();
    assert!((error - expected).abs() < 1e-9, "{error} {expected}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn turning_a_comparison_around_changes_nothing(seed in 0_u32..1000) {
        let table = puddings();
        let turn = |row: usize| (row as u32 * 7919 + seed).is_multiple_of(3);
        let mut turned = Table::default();
        for row in 0..table.score.len() {
            let (a, b, s) = (table.first[row], table.second[row], table.score[row]);
            if turn(row) {
                turned.push(b, a, 1.0 - s, 1);
            } else {
                turned.push(a, b, s, 1);
            }
        }
        let rows = table.rows();
        let plain = davidson(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
        let other = davidson(turned.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
        for model in 0..6 {
            prop_assert!((plain.strengths()[model] - other.strengths()[model]).abs() < 1e-9);
        }
        prop_assert!((plain.tie().unwrap() - other.tie().unwrap()).abs() < 1e-9);
    }

    /// No small move of any parameter raises the likelihood, written out outcome by
    /// outcome.
    #[test]
    fn the_fit_is_a_maximum_of_the_likelihood(model in 0_usize..7, up in any::<bool>()) {
        let table = puddings();
        let rows = table.rows();
        let found = davidson(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
        let naive = |powers: &[f64], nu: f64| -> f64 {
            (0..table.score.len())
                .map(|row| {
                    let a = powers[table.first[row] as usize];
                    let b = powers[table.second[row] as usize];
                    let tie = nu * (a * b).sqrt();
                    let chance = if table.score[row] > 0.5 {
                        a
                    } else if table.score[row] < 0.5 {
                        b
                    } else {
                        tie
                    };
                    (chance / (a + b + tie)).ln()
                })
                .sum()
        };
        let best = naive(&powers(&found), found.tie().unwrap());
        let factor = if up { 1.01 } else { 0.99 };
        let (mut near, mut nu) = (powers(&found), found.tie().unwrap());
        if model < 6 { near[model] *= factor } else { nu *= factor }
        prop_assert!(naive(&near, nu) < best);
    }

    #[test]
    fn order_of_strength_is_that_of_bradley_terry(extra in 0_usize..40) {
        let mut table = puddings();
        table.push(0, 5, 1.0, extra);
        let rows = table.rows();
        let with_ties = davidson(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
        let halves = bradley_terry(table.comparisons(), 6, Clusters::OneWay(&rows)).unwrap();
        let stronger = |r: &Ratings| r.strengths()[0] > r.strengths()[5] + 0.05;
        prop_assert!(stronger(&with_ties) == stronger(&halves)
            || (halves.strengths()[0] - halves.strengths()[5]).abs() < 0.1);
    }
}

#[test]
fn ties_draw_the_expected_score_to_one_half() {
    let won = 1.0 / (1.0 + (-1.2_f64).exp());
    assert!((expected_score(1.2, 0.0) - won).abs() < 1e-15);
    // pi = e and 1, nu = 2: (e + sqrt(e)) / (e + 1 + 2 sqrt(e)).
    let e = 1_f64.exp();
    let by_hand = (e + e.sqrt()) / (e + 1.0 + 2.0 * e.sqrt());
    assert!((expected_score(1.0, 2.0) - by_hand).abs() < 1e-15);
    assert!((expected_score(1.0, 2.0) + expected_score(-1.0, 2.0) - 1.0).abs() < 1e-15);
}
