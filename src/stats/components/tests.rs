use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::stats::random::normal;

/// Questions crossed with personas, in the order of questions.
fn crossed(questions: u32, personas: u32) -> (Vec<u32>, Vec<u32>) {
    (0..questions * personas)
        .map(|i| (i / personas, i % personas))
        .unzip()
}

/// The analysis of variance of a crossed table, written out.
fn analysis_of_variance(scores: &[f64], q: usize, p: usize) -> [f64; 3] {
    let middle = scores.iter().sum::<f64>() / (q * p) as f64;
    let row = |i: usize| (0..p).map(|j| scores[i * p + j]).sum::<f64>() / p as f64;
    let column = |j: usize| (0..q).map(|i| scores[i * p + j]).sum::<f64>() / q as f64;
    let msq = (0..q).map(|i| (row(i) - middle).powi(2)).sum::<f64>() * p as f64 / (q - 1) as f64;
    let msp = (0..p).map(|j| (column(j) - middle).powi(2)).sum::<f64>() * q as f64 / (p - 1) as f64;
    let mut sse = 0.0;
    for i in 0..q {
        for j in 0..p {
            sse += (scores[i * p + j] - row(i) - column(j) + middle).powi(2);
        }
    }
    let mse = sse / ((q - 1) * (p - 1)) as f64;
    [(msq - mse) / p as f64, (msp - mse) / q as f64, mse]
}

fn drawn(seed: u64, q: u32, p: u32, sd: [f64; 3]) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let of_question: Vec<f64> = (0..q).map(|_| sd[0] * normal(&mut rng)).collect();
    let of_persona: Vec<f64> = (0..p).map(|_| sd[1] * normal(&mut rng)).collect();
    let (question, persona) = crossed(q, p);
    question
        .iter()
        .zip(&persona)
        .map(|(&i, &j)| of_question[i as usize] + of_persona[j as usize] + sd[2] * normal(&mut rng))
        .collect()
}

#[test]
fn scores_that_differ_by_question_only_have_no_other_component() {
    let (question, persona) = crossed(3, 4);
    let scores: Vec<f64> = question.iter().map(|&q| f64::from(q)).collect();
    let found = components(&scores, &question, Some(&persona)).unwrap();
    assert!((found.question.unwrap() - 1.0).abs() < 1e-12, "{found:?}");
    assert!(
        found.persona.unwrap() < 1e-12 && found.rest < 1e-12,
        "{found:?}"
    );
}

#[test]
fn without_personas_and_with_one_item_a_question_all_is_rest() {
    let scores = [0.0, 1.0, 0.5, 1.0];
    let found = components(&scores, &[0, 1, 2, 3], None).unwrap();
    let variance = 0.229_166_666_666_666_66;
    assert!((found.rest - variance).abs() < 1e-12, "{found:?}");
    assert_eq!((found.question, found.persona), (None, None));
}

#[test]
fn a_component_that_no_two_items_show_is_unknown() {
    let scores = [0.0, 1.0, 0.5, 1.0];
    let nested = components(&scores, &[0, 1, 2, 3], Some(&[0, 1, 2, 3])).unwrap();
    assert_eq!((nested.question, nested.persona), (None, None));
    let own_questions = components(&scores, &[0, 1, 2, 3], Some(&[0, 0, 1, 1])).unwrap();
    assert!(own_questions.question.is_none() && own_questions.persona.is_some());
    let own_personas = components(&scores, &[0, 0, 1, 1], Some(&[0, 1, 2, 3])).unwrap();
    assert!(own_personas.question.is_some() && own_personas.persona.is_none());
}

#[test]
fn one_question_one_persona_and_columns_that_do_not_match_are_errors() {
    let few = |found| StatsError::TooFewClusters { found, needed: 2 };
    assert_eq!(components(&[0.0, 1.0], &[0, 0], None), Err(few(1)));
    assert_eq!(components(&[0.0, 1.0], &[0, 1], Some(&[3, 3])), Err(few(1)));
    assert!(components(&[0.0, 1.0], &[0], None).is_err());
    assert!(components(&[0.0, 1.0], &[0, 1], Some(&[0])).is_err());
    assert_eq!(components(&[], &[], None), Err(StatsError::Empty));
    assert!(components(&[f64::NAN, 1.0], &[0, 1], None).is_err());
}

#[test]
fn lopsided_layouts_stay_finite() {
    // Many items in one cell.
    let found = components(
        &[0.0, 1.0, 1.0, 0.0, 1.0],
        &[0, 0, 0, 0, 1],
        Some(&[0, 0, 0, 0, 1]),
    );
    let found = found.unwrap();
    assert!(
        found.total().is_finite() && found.total() >= 0.0,
        "{found:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The twin: the analysis of variance, where it has no negative component.
    #[test]
    fn a_crossed_table_has_the_components_of_the_analysis_of_variance(
        seed in 0_u64..1000, q in 2_u32..9, p in 2_u32..9,
    ) {
        let scores = drawn(seed, q, p, [1.0, 1.0, 0.5]);
        let (question, persona) = crossed(q, p);
        let found = components(&scores, &question, Some(&persona)).unwrap();
        let twin = analysis_of_variance(&scores, q as usize, p as usize);
        for (found, twin) in [found.question.unwrap(), found.persona.unwrap(), found.rest].iter().zip(twin) {
            prop_assert!((found - twin.max(0.0)).abs() < 1e-9, "{found} {twin}");
        }
    }

    /// With a third of the items gone the moments still find what was put in.
    #[test]
    fn what_was_put_in_is_found_in_a_table_with_holes(seed in 0_u64..12) {
        let sd = [0.8, 0.5, 1.0];
        let scores = drawn(seed, 300, 120, sd);
        let (question, persona) = crossed(300, 120);
        let kept: Vec<usize> = (0..scores.len()).filter(|i| (i * 7 + i / 120) % 3 > 0).collect();
        let of = |column: &[u32]| kept.iter().map(|&i| column[i]).collect::<Vec<_>>();
        let kept_scores: Vec<f64> = kept.iter().map(|&i| scores[i]).collect();
        let found = components(&kept_scores, &of(&question), Some(&of(&persona))).unwrap();
        prop_assert!((found.question.unwrap() - 0.64).abs() < 0.2, "{found:?}");
        prop_assert!((found.persona.unwrap() - 0.25).abs() < 0.12, "{found:?}");
        prop_assert!((found.rest - 1.0).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn the_order_of_items_does_not_matter(seed in 0_u64..100) {
        let scores = drawn(seed, 5, 4, [1.0, 0.5, 1.0]);
        let (question, persona) = crossed(5, 4);
        let back = |column: &[u32]| column.iter().rev().copied().collect::<Vec<_>>();
        let reversed: Vec<f64> = scores.iter().rev().copied().collect();
        let a = components(&scores, &question, Some(&persona)).unwrap();
        let b = components(&reversed, &back(&question), Some(&back(&persona))).unwrap();
        prop_assert!((a.question.unwrap() - b.question.unwrap()).abs() < 1e-12 && (a.rest - b.rest).abs() < 1e-12);
    }
}
