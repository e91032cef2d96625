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
    let mut table = with_lengths(&rows, chars);
    for (name, seed) in [("a", 7_000), ("b", 90_000)] {
        table = with_column(table, name, |i| Some(chance(i as u64 + seed).to_string()));
    }
    let controls = ["length", "length,x.a", "length,x.a,x.b"][slopes - 1];
    controlled(&table, controls)
}

fn chars(item: u32) -> (Option<u32>, Option<u32>) {
    let longer = 400.0 * chance(u64::from(item) + 31);
    (Some(500 + longer as u32), Some(700))
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
    for (few, found) in [(3, "2.8"), (4, "3.8")] {
        for slopes in [1, 3] {
            let (shown, said) = of_personas(few, slopes);
            assert!(!shown);
            let start = format!(
                "losses in personas add up to {found} of 12; from fewer than two in five of them, errors come out far too small"
            );
            assert!(said.starts_with(&start), "{said}");
        }
    }
    for (few, slopes) in [(5, 1), (5, 3), (6, 1), (6, 3)] {
        let (shown, said) = of_personas(few, slopes);
        assert!(shown && said.contains("may cover less"), "{said}");
    }
    let of_questions =
        |few: usize, slopes: usize| judged(&of(12, 60, slopes, |p, q| half(q < few, p, q)));
    let (shown, said) = of_questions(6, 1);
    assert!(
        shown && said.contains("losses in questions add up to 5."),
        "{said}"
    );
    assert!(said.contains("from fewer than 10 for each slope"), "{said}");
    let (shown, said) = of_questions(6, 3);
    assert!(
        !shown && said.contains("from fewer than 5 for each slope"),
        "{said}"
    );
    assert_eq!(of_questions(40, 3), (true, String::new()));
}

/// A stray loss in each of the others makes up for nothing.
#[test]
fn losses_that_few_carry_are_few_though_all_have_some() {
    let lost = |share: f64, p: usize, q: usize| f64::from(u8::from(at(p, q) >= share));
    for slopes in 1..=3 {
        for (share, few) in [(0.7, 2), (0.9, 1)] {
            let share_of = |p: usize| if p < few { share } else { 0.04 };
            let (shown, said) = judged(&of(12, 60, slopes, |p, q| lost(share_of(p), p, q)));
            assert!(!shown && said.starts_with("losses in personas"), "{said}");
        }
        let share_of = |q: usize| if q < 3 { 0.9 } else { 0.005 };
        let (shown, said) = judged(&of(12, 60, slopes, |p, q| lost(share_of(q), p, q)));
        assert!(!shown && said.starts_with("losses in questions"), "{said}");
    }
    // Of five personas one lost.
    let (shown, said) = judged(&of(5, 60, 1, |p, q| {
        lost(if p == 0 { 0.5 } else { 0.0 }, p, q)
    }));
    assert!(!shown, "{said}");
}

/// One reply that was read as a loss takes nothing from what the other items tell.
#[test]
fn one_item_far_from_the_others_hides_no_losses() {
    let score = |p: usize, q: usize| {
        if (p, q) == (3, 7) {
            0.0
        } else {
            0.9 + 0.1 * at(p, q)
        }
    };
    assert_eq!(judged(&of(12, 60, 1, score)), (true, String::new()));
}

#[test]
fn a_few_questions_tell_of_no_more_slopes_than_they_are_enough_for() {
    let half = |p: usize, q: usize| f64::from(u8::from(at(p, q) < 0.5));
    let (shown, said) = judged(&of(30, 8, 1, half));
    assert!(
        shown && said.contains("in questions add up to 7."),
        "{said}"
    );
    for slopes in [2, 3] {
        let (shown, said) = judged(&of(30, 8, slopes, half));
        assert!(
            !shown && said.contains("from fewer than 5 for each slope"),
            "{said}"
        );
    }
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

/// Losses of 9.9 items, each of another question, spread over ten of twelve personas.
#[test]
fn clusters_that_are_enough_hide_no_items_that_are_too_few() {
    let lost = |p: usize| match p {
        0 | 1 => (2, 0.7),
        2..8 => (1, 1.0),
        8 => (1, 0.6),
        9 => (1, 0.5),
        _ => (0, 0.0),
    };
    // Of personas there are 9.3, of which 9 would do.
    let score = |p: usize, q: usize| {
        let (items, each) = lost(p);
        let is_lost = (5 * p..5 * p + items).contains(&q);
        if is_lost { 1.0 - each } else { 1.0 }
    };
    let warned = "add up to 9.9 of 720; from fewer than 10 for each slope";
    let (shown, said) = judged(&of(12, 60, 1, score));
    assert!(shown && said.contains(warned), "{said}");
    // The same of twelve questions, where personas are no clusters.
    let mut rows = Vec::new();
    for (p, persona) in numbered("p", 60).into_iter().enumerate() {
        for (q, question) in numbered("q", 12).into_iter().enumerate() {
            rows.push(Row {
                score: Some(score(q, p)),
                ..row(persona, question, FIRST, Outcome::Tie)
            });
        }
    }
    let options = Options {
        personas: crate::study::PersonaPopulation::Fixed,
        ..without_floor()
    };
    let report = analyse(&with_lengths(&rows, chars), None, &options).unwrap();
    let (shown, said) = judged(report.comparisons[0].style_control.as_ref().unwrap());
    assert!(shown && said.contains(warned), "{said}");
}
