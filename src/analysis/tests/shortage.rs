//! Whether enough was lost, and where, for claims about lengths and styles.

use super::length::{controlled, with_column, with_lengths};
use super::*;
use crate::analysis::report::StyleControl;

/// Scores of items that every persona was asked, with lengths and two columns by chance,
/// controlled for so many of the three.
fn of(
    personas: usize,
    questions: usize,
    slopes: usize,
    score: impl Fn(usize, usize) -> f64,
) -> StyleControl {
    let mut rows = Vec::new();
    for (p, persona) in numbered("p", personas).into_iter().enumerate() {
        for (q, question) in numbered("q", questions).into_iter().enumerate() {
            rows.extend([FIRST, SECOND].map(|order| Row {
                score: Some(score(p, q)),
                ..row(persona, question, order, Outcome::Tie)
            }));
        }
    }
    let chars = |item: u32| {
        let longer = 400.0 * chance(u64::from(item) + 31);
        (Some(500 + longer as u32), Some(700))
    };
    let mut table = with_lengths(&rows, chars);
    for (name, seed) in [("a", 7_000), ("b", 90_000)] {
        table = with_column(table, name, |i| Some(chance(i as u64 + seed).to_string()));
    }
    let controls = ["length", "length,x.a", "length,x.a,x.b"][slopes - 1];
    controlled(&table, controls)
}

fn at(p: usize, q: usize) -> f64 {
    chance((p * 1_000 + q) as u64)
}

/// Whether there are intervals, and what is said.
fn judged(made: &StyleControl) -> (bool, String) {
    assert_eq!(made.interval.is_some(), made.slopes[0].p_value.is_some());
    (
        made.interval.is_some(),
        made.sentence.clone().unwrap_or_default(),
    )
}

#[test]
fn clusters_that_all_have_losses_are_not_short_of_them_however_much_is_fitted() {
    let half = |p: usize, q: usize| f64::from(u8::from(at(p, q) < 0.5));
    for personas in [9, 10, 12, 14] {
        for slopes in 1..=3 {
            let made = of(personas, 60, slopes, half);
            assert_eq!(judged(&made), (true, String::new()), "{personas} {slopes}");
        }
    }
}

#[test]
fn graded_scores_that_are_all_alike_are_not_short_of_losses() {
    for (low, width) in [(0.6, 0.15), (0.9, 0.1), (0.0, 0.1), (0.45, 0.1)] {
        let made = of(12, 40, 1, |p, q| low + width * at(p, q));
        assert_eq!(judged(&made), (true, String::new()), "{low}");
    }
}

#[test]
fn items_that_are_all_but_won_are_short_of_losses_even_where_they_differ() {
    for (personas, questions) in [(1, 50), (1, 200), (12, 15)] {
        let made = of(personas, questions, 1, |p, q| 0.99 + 0.01 * at(p, q));
        let (shown, said) = judged(&made);
        assert!(!shown && said.starts_with("losses in "), "{said}");
    }
}

#[test]
fn losses_of_few_of_many_personas_or_questions_are_few() {
    let half =
        |is_among: bool, p: usize, q: usize| f64::from(u8::from(!is_among || at(p, q) < 0.5));
    let of_personas =
        |few: usize, slopes: usize| judged(&of(12, 60, slopes, |p, q| half(p < few, p, q)));
    let (shown, said) = of_personas(3, 1);
    assert!(!shown);
    assert!(
        said.starts_with("losses in personas add up to 3 of 12; from fewer than 5 for each slope"),
        "{said}"
    );
    let (shown, said) = of_personas(5, 3);
    assert!(!shown);
    assert!(
        said.starts_with("losses in personas add up to 5 of 12; from fewer than half of them, errors come out far too small"),
        "{said}"
    );
    for slopes in [1, 3] {
        let (shown, said) = of_personas(6, slopes);
        assert!(shown && said.contains("may cover less"), "{said}");
    }
    let of_questions =
        |few: usize, slopes: usize| judged(&of(12, 60, slopes, |p, q| half(q < few, p, q)));
    let (shown, said) = of_questions(6, 1);
    assert!(shown && said.starts_with("losses in questions add up to 6 of 60; from fewer than 10"));
    let (shown, said) = of_questions(6, 3);
    assert!(!shown && said.starts_with("losses in questions add up to 6 of 60; from fewer than 5"));
    assert_eq!(of_questions(30, 3), (true, String::new()));
}

/// Ten items lost, one by each persona and on a question of its own: enough for one slope.
#[test]
fn every_slope_needs_items_that_were_lost_whatever_clusters_they_are_in() {
    let lost = |p: usize, q: usize| f64::from(u8::from(q != 3 * p));
    let (shown, said) = judged(&of(10, 40, 1, lost));
    assert!(shown && said.is_empty(), "{said}");
    let (shown, said) = judged(&of(10, 40, 3, lost));
    assert!(!shown);
    assert!(
        said.starts_with("losses in items add up to 10 of 400; from fewer than 5 for each slope")
            || said.starts_with("losses in questions add up to 10 of 40; from fewer than 5"),
        "{said}"
    );
}

#[test]
fn many_clusters_are_counted_with_commas() {
    let (shown, said) = judged(&of(1, 1_200, 1, |_, q| f64::from(u8::from(q > 2))));
    assert!(!shown);
    assert!(
        said.starts_with("losses in questions add up to 3 of 1,200;"),
        "{said}"
    );
}

/// Rounding leaves no scatter to test a taste on.
#[test]
fn scores_that_are_all_the_same_have_no_taste_to_tell() {
    for score in [0.5, 0.6, 0.9, 0.94, 0.95, 0.05] {
        for personas in [1, 12] {
            let made = of(personas, 50, 2, |_, _| score);
            assert!((made.win_rate.unwrap() - score).abs() < 1e-12);
            assert!(made.interval.is_some(), "{score}");
            for slope in &made.slopes {
                assert_eq!(slope.slope, Some(0.0), "{score}");
                assert_eq!((slope.p_value, slope.interval.clone()), (None, None));
            }
            assert_eq!(
                made.sentence.as_deref(),
                Some(
                    "every item has the same score, so there is no scatter to test a taste for style on"
                )
            );
        }
    }
}
