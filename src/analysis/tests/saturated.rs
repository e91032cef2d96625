//! Controls that follow the clusters: a parameter for each, and nothing left to tell errors from.

use super::length::{lengths, with_column, with_lengths};
use super::*;
use crate::analysis::report::StyleControl;

/// Personas that were asked the same questions, each with how many it won and its number of
/// some styles.
fn of(questions: usize, personas: &[(usize, &[f64])]) -> VerdictTable {
    let mut rows = Vec::new();
    for (persona, (won, _)) in numbered("p", personas.len()).into_iter().zip(personas) {
        for (q, question) in numbered("q", questions).into_iter().enumerate() {
            let outcome = if q < *won {
                Outcome::Win
            } else {
                Outcome::Loss
            };
            rows.push(row(persona, question, FIRST, outcome));
        }
    }
    let styles = personas[0].1.len();
    (0..styles).fold(with_lengths(&rows, lengths), |table, style| {
        let number = |item: usize| personas[item / questions].1[style].to_string();
        with_column(table, &format!("s{style}"), |item| Some(number(item)))
    })
}

fn controlled(table: &VerdictTable, controls: &str, cluster: Option<&str>) -> StyleControl {
    let mut options = without_floor();
    options.sections.controls = Controls::parse(controls);
    options.cluster = cluster.map(|name| vec![name.to_owned()]);
    let report = analyse(table, None, &options).unwrap();
    report.comparisons[0].style_control.clone().unwrap()
}

#[track_caller]
fn assert_no_errors(made: &StyleControl, noun: &str, n: u64) {
    assert!(made.win_rate.is_some());
    assert_eq!(
        (made.standard_error, made.p_value, made.interval.is_some()),
        (None, None, false)
    );
    for slope in made.slopes.iter().chain(&made.difficulty) {
        assert!(slope.slope.is_some());
        assert_eq!((slope.standard_error, slope.p_value), (None, None));
        assert!(slope.interval.is_none());
    }
    let said = made.sentence.as_deref().unwrap();
    let start = format!(
        "the controls follow the {noun}: without one of these {n} there would be no slope to fit"
    );
    assert!(said.starts_with(&start), "{said}");
    assert!(
        said.ends_with("no intervals and no p-values here"),
        "{said}"
    );
}

#[test]
fn a_number_for_each_of_two_personas_leaves_rounding_for_an_error() {
    // Of 4 and 5 won items the sums are exactly 0, of 3 and 5 all but.
    for won in [[3, 5], [4, 5]] {
        let table = of(11, &[(won[0], &[0.3]), (won[1], &[1.1])]);
        for controls in ["x.s0", "length,x.s0"] {
            let made = controlled(&table, controls, Some("persona"));
            assert_no_errors(&made, "personas", 2);
        }
        // Questions tell nothing of how personas differ.
        assert_no_errors(&controlled(&table, "x.s0", None), "personas", 2);
        // And yet of these two personas they do.
        let of_questions = controlled(&table, "x.s0", Some("question"));
        assert!(of_questions.interval.is_some(), "{of_questions:?}");
    }
}

#[test]
fn two_numbers_for_each_of_three_personas_do_as_well() {
    let three = |other: [f64; 3]| {
        of(
            20,
            &[
                (7, &[0.3, other[0]]),
                (11, &[1.1, other[1]]),
                (13, &[-0.4, other[2]]),
            ],
        )
    };
    let both = controlled(&three([2.0, -1.0, 0.5]), "x.s0,x.s1", Some("persona"));
    assert_no_errors(&both, "personas", 3);
    // One of them leaves something over.
    let one = controlled(&three([2.0, -1.0, 0.5]), "x.s0", Some("persona"));
    assert!(one.standard_error.unwrap() > 1e-3, "{one:?}");
    assert!(one.interval.is_some());
}

/// Neither column is one number for each persona, and their difference is.
#[test]
fn what_columns_say_together_of_personas_counts() {
    let table = of(20, &[(7, &[]), (13, &[])]);
    let own = |item: usize| (item * 7 % 11) as f64;
    let of_persona = |item: usize| if item < 20 { 0.25 } else { 1.5 };
    let table = with_column(table, "a", |i| Some(own(i).to_string()));
    let table = with_column(table, "b", |i| Some((own(i) + of_persona(i)).to_string()));
    let made = controlled(&table, "x.a,x.b", Some("persona"));
    assert_no_errors(&made, "personas", 2);
    let alone = controlled(&table, "x.b", Some("persona"));
    assert!(alone.interval.is_some(), "{alone:?}");
}

#[test]
fn a_difficulty_of_two_questions_follows_them() {
    let mut rows = Vec::new();
    for (p, persona) in numbered("p", 24).into_iter().enumerate() {
        for (q, question) in ["easy", "hard"].into_iter().enumerate() {
            let won = (p * 7 + q) % (3 - q) == 0;
            let outcome = if won { Outcome::Win } else { Outcome::Loss };
            rows.push(row(persona, question, FIRST, outcome));
        }
    }
    let table = with_column(with_lengths(&rows, lengths), "hard", |item| {
        Some((item % 2).to_string())
    });
    let mut options = without_floor();
    options.personas = crate::study::PersonaPopulation::Fixed;
    options.sections.difficulty = Some("x.hard".to_owned());
    let report = analyse(&table, None, &options).unwrap();
    let made = report.comparisons[0].style_control.as_ref().unwrap();
    assert_no_errors(made, "questions", 2);
}

#[test]
fn a_style_of_one_persona_alone_tells_nothing_of_others() {
    let style = |p: usize| if p == 2 { &[1.0][..] } else { &[0.0] };
    let personas: Vec<(usize, &[f64])> = (0..8).map(|p| (5 + p * 3 % 8, style(p))).collect();
    let table = of(20, &personas);
    assert_no_errors(&controlled(&table, "x.s0", None), "personas", 8);
    assert_no_errors(&controlled(&table, "length,x.s0", None), "personas", 8);
    assert!(controlled(&table, "length", None).interval.is_some());
}

/// Forty questions that twelve personas were asked, with a style that is on in the first.
fn of_questions_on(on: usize, all: usize) -> StyleControl {
    let mut rows = Vec::new();
    for (p, persona) in numbered("p", 12).into_iter().enumerate() {
        for (q, question) in numbered("q", all).into_iter().enumerate() {
            let won = (q * 31 + p * 17 + q * p * 7) % 13 < 5 + q % 3 + p % 2;
            let outcome = if won { Outcome::Win } else { Outcome::Loss };
            rows.push(row(persona, question, FIRST, outcome));
        }
    }
    let table = with_column(with_lengths(&rows, lengths), "flag", |item| {
        Some(u8::from(item % all < on).to_string())
    });
    let mut options = without_floor();
    options.personas = crate::study::PersonaPopulation::Fixed;
    options.sections.controls = Controls::parse("length,x.flag");
    let report = analyse(&table, None, &options).unwrap();
    report.comparisons[0].style_control.clone().unwrap()
}

#[test]
fn a_slope_that_two_of_many_questions_tell_has_no_error_and_others_keep_theirs() {
    let made = of_questions_on(2, 40);
    assert!(made.interval.is_some() && made.p_value.is_some());
    let [length, flag] = &made.slopes[..] else {
        panic!("two controls")
    };
    assert!(length.interval.is_some() && length.p_value.is_some());
    assert!(flag.slope.is_some());
    assert_eq!((flag.standard_error, flag.p_value), (None, None));
    assert_eq!((flag.degrees_of_freedom, &flag.interval), (None, &None));
    assert_eq!(
        made.sentence.as_deref(),
        Some(
            "the slope of x.flag rests on 2.3 of 40 questions, too few to tell an error from, so no interval and no p-value is given for it"
        )
    );
}

#[test]
fn a_slope_that_three_of_many_questions_tell_is_warned_of() {
    let made = of_questions_on(3, 40);
    let flag = &made.slopes[1];
    let df = flag.degrees_of_freedom.unwrap();
    assert!((4.0..6.0).contains(&df), "{df}");
    let interval = flag.interval.as_ref().unwrap();
    assert_eq!(interval.degrees_of_freedom, Some(df as u64));
    let said = made.sentence.unwrap();
    assert!(
        said.starts_with("the slope of x.flag rests on 3.")
            && said.ends_with("of 40 questions; what so few tell need not hold of others"),
        "{said}"
    );
}

#[test]
fn slopes_that_many_or_all_questions_tell_need_no_sentence() {
    for (on, all) in [(6, 40), (20, 40), (2, 4)] {
        let made = of_questions_on(on, all);
        let said = made.sentence.clone().unwrap_or_default();
        assert!(!said.contains("rests on"), "{said}");
    }
}
