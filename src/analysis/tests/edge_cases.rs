//! Tables with little or nothing in them, and what is said about them.

use std::sync::Arc;

use rstest::rstest;

use super::*;
use Outcome::{Loss, Missing, Tie, Win};
use report::NoteCode;

fn both(
    persona: &'static str,
    question: &'static str,
    first: Outcome,
    second: Outcome,
) -> [Row; 2] {
    [
        row(persona, question, FIRST, first),
        row(persona, question, SECOND, second),
    ]
}

const QUESTIONS: [&str; 12] = [
    "q01", "q02", "q03", "q04", "q05", "q06", "q07", "q08", "q09", "q10", "q11", "q12",
];

pub(super) fn all(outcome: Outcome) -> Vec<Row> {
    QUESTIONS
        .iter()
        .flat_map(|question| both("", question, outcome, outcome))
        .collect()
}

#[test]
fn an_empty_table_is_said_to_be_empty() {
    let report = analyse(&VerdictTable::default(), None, &Options::default()).unwrap();
    assert!(report.comparisons.is_empty());
    assert!(!report.coverage.complete);
    assert!(has_note(&report, NoteCode::EmptyTable));
}

#[rstest]
#[case(Win, 1.0)]
#[case(Loss, 0.0)]
#[case(Tie, 0.5)]
fn a_table_of_one_outcome_has_a_rate_and_an_honest_interval(
    #[case] outcome: Outcome,
    #[case] rate: f64,
) {
    let report = report(&all(outcome), &Options::default());
    let c = &report.comparisons[0];
    assert_close(c.win_rate, rate);
    let interval = c.interval.as_ref().unwrap();
    assert_close(interval.n_effective, 12.0);
    assert!(interval.high - interval.low > 0.2, "{interval:?}");
    assert!(has_note(&report, NoteCode::NoVariation));
    assert!(report.coverage.complete);
}

#[test]
fn one_item_has_a_rate_and_no_interval() {
    let report = report(&both("p", "q", Win, Loss), &Options::default());
    let c = &report.comparisons[0];
    assert_close(c.win_rate, 0.5);
    assert!(c.interval.is_none() && c.p_value.is_none() && c.standard_error.is_none());
    assert!(c.tie_rules.is_some());
    assert!(has_note(&report, NoteCode::SingleCluster));
}

#[test]
fn one_question_and_many_personas_are_clusters_of_personas() {
    let rows: Vec<Row> = ["p1", "p2", "p3"]
        .iter()
        .flat_map(|persona| both(persona, "q", Win, Loss))
        .collect();
    let sampled = report(&rows, &Options::default());
    assert_eq!(
        sampled.comparisons[0].interval.as_ref().unwrap().clusters,
        ["persona"]
    );
    assert!(has_note(&sampled, NoteCode::OnlyPersonaClusters));
    let options = Options {
        personas: crate::study::PersonaPopulation::Fixed,
        ..Options::default()
    };
    let fixed = report(&rows, &options);
    assert!(fixed.comparisons[0].interval.is_none());
    assert!(has_note(&fixed, NoteCode::SingleCluster));
}

#[test]
fn without_personas_only_questions_are_clusters() {
    let report = report(&all(Win), &Options::default());
    let c = &report.comparisons[0];
    assert_eq!(c.n_clusters.persona, 0);
    assert!(c.interval_sampled_personas.is_none() && c.interval_fixed_personas.is_none());
    assert!(!has_note(&report, NoteCode::FewPersonas));
    // Of personas there is something to say only where there is one.
    assert!(!has_note(&report, NoteCode::OnlyQuestionClusters));
    let of_one: Vec<Row> = QUESTIONS
        .iter()
        .flat_map(|question| both("p1", question, Win, Loss))
        .collect();
    let of_one = self::report(&of_one, &Options::default());
    assert!(has_note(&of_one, NoteCode::OnlyQuestionClusters));
}

#[test]
fn few_sampled_personas_get_a_warning() {
    let rows: Vec<Row> = ["p1", "p2"]
        .iter()
        .flat_map(|persona| {
            QUESTIONS
                .iter()
                .flat_map(|question| both(persona, question, Win, Loss))
        })
        .collect();
    assert!(has_note(
        &report(&rows, &Options::default()),
        NoteCode::FewPersonas
    ));
}

#[test]
fn a_high_rate_of_few_clusters_gets_a_warning() {
    let mut rows = all(Win);
    rows[0].outcome = Loss;
    assert!(has_note(
        &report(&rows, &Options::default()),
        NoteCode::FewClustersExtremeRate
    ));
}

#[test]
fn items_without_both_orders_are_left_out_and_counted() {
    let mut rows = all(Win);
    rows.push(row("", "q99", FIRST, Loss));
    let report = report(&rows, &without_floor());
    let c = &report.comparisons[0];
    assert_close(c.win_rate, 1.0);
    assert_eq!(c.items.one_order_only, 1);
    assert_close(c.bounds.unwrap().high, 12.5 / 13.0);
    assert!(has_note(&report, NoteCode::OneOrderItems));
}

#[test]
fn what_withholds_a_rate_counts_items_as_a_sentence_does() {
    let why = |judged, begun, share| {
        estimate::why_withheld(false, [judged, begun], share, 0.95, "item", " begun")
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(why(0, 1, 0.0), said("the 1 item begun has no verdict"));
    let none = "none of the 1,100 items begun has a verdict";
    assert_eq!(why(0, 1_100, 0.0), said(none));
    let few = "a verdict for 88.7% of the 1,100 items begun, under the floor of 95.0%";
    assert_eq!(why(976, 1_100, 0.887), said(few));
    assert_eq!(why(1_100, 1_100, 1.0), None);
}

#[test]
fn no_item_with_both_orders_withholds_the_rate() {
    let mut rows = both("", "q1", Win, Missing).to_vec();
    rows.extend(both("", "q2", Missing, Win));
    let report = report(&rows, &without_floor());
    let c = &report.comparisons[0];
    assert!(c.win_rate.is_none() && c.interval.is_none() && c.tie_rules.is_none());
    assert_eq!(
        c.withheld.as_deref(),
        Some("none of the 2 items begun has a verdict in both orders")
    );
    assert!(!report.coverage.complete);
}

#[test]
fn one_order_an_item_is_averaged_as_it_is() {
    let rows: Vec<Row> = QUESTIONS
        .iter()
        .enumerate()
        .map(|(i, question)| {
            row(
                "",
                question,
                if i % 2 == 0 { FIRST } else { SECOND },
                if i % 3 == 0 { Win } else { Loss },
            )
        })
        .collect();
    let report = report(&rows, &Options::default());
    let c = &report.comparisons[0];
    assert_close(c.win_rate, 4.0 / 12.0);
    let order = c.order.as_ref().unwrap();
    assert!(!order.both_orders && order.flip_rate.is_none() && order.position_effect.is_none());
    assert!(c.tie_rules.is_none());
    assert!(!has_note(&report, NoteCode::OneSidedOrders));
    assert!(has_note(&report, NoteCode::OneOrderEach));
}

#[test]
fn criteria_that_are_each_judged_in_an_order_of_their_own_are_judged_in_one_order() {
    let judged = |(i, question): (usize, &&'static str)| {
        let orders = if i % 2 == 0 {
            [FIRST, SECOND]
        } else {
            [SECOND, FIRST]
        };
        let outcome = if i % 3 == 0 { Win } else { Loss };
        let [first, second] = orders.map(|order| row("", question, order, outcome));
        let second = Row {
            criterion: "value",
            ..second
        };
        [first, second]
    };
    let rows: Vec<Row> = QUESTIONS.iter().enumerate().flat_map(judged).collect();
    let report = report(&rows, &Options::default());
    assert!(report.coverage.complete);
    for c in &report.comparisons {
        assert_close(c.win_rate, 4.0 / 12.0);
        assert!(c.interval.is_some() && !c.order.as_ref().unwrap().both_orders);
    }
    assert_eq!(report.comparisons.len(), 2);
}

#[test]
fn the_candidate_always_first_gets_a_warning() {
    let rows: Vec<Row> = QUESTIONS
        .iter()
        .map(|question| row("", question, FIRST, Win))
        .collect();
    assert!(has_note(
        &report(&rows, &Options::default()),
        NoteCode::OneSidedOrders
    ));
}

#[test]
fn unknown_orders_are_said_and_not_guessed() {
    let mut table = table(&all(Win)[..4]);
    table
        .judgments
        .iter_mut()
        .for_each(|judgment| judgment.order = FIRST);
    table.orders_unknown = true;
    let report = analyse(&table, None, &Options::default()).unwrap();
    assert!(report.comparisons[0].order.is_none());
    assert!(has_note(&report, NoteCode::OrdersUnknown));
    assert!(!has_note(&report, NoteCode::OneSidedOrders));
}

#[test]
fn under_the_floor_the_rate_is_withheld_and_the_bounds_are_not() {
    let mut rows = all(Win);
    rows[1].outcome = Missing;
    rows[1].reason = Some(MissingReason::Truncated);
    let under = report(&rows, &Options::default());
    let c = &under.comparisons[0];
    assert_eq!(
        c.withheld.as_deref(),
        Some("a verdict in both orders for 91.7% of the 12 items begun, under the floor of 95.0%")
    );
    assert!(c.win_rate.is_none() && c.p_value.is_none());
    assert_eq!(c.missing.truncated, 1);
    assert_close(c.bounds.unwrap().low, 11.5 / 12.0);
    assert!(!under.coverage.complete && has_note(&under, NoteCode::Withheld));
    let at = Options {
        coverage_floor: 11.0 / 12.0,
        ..Options::default()
    };
    assert!(report(&rows, &at).comparisons[0].win_rate.is_some());
}

#[test]
fn items_not_begun_make_a_report_partial_and_withhold_nothing() {
    let mut rows = all(Win);
    for row in &mut rows[8..] {
        row.outcome = Missing;
        row.reason = Some(MissingReason::NotRun);
    }
    let report = report(&rows, &Options::default());
    let c = &report.comparisons[0];
    assert_eq!((c.items.planned, c.items.begun, c.n_items), (12, 4, 4));
    assert_eq!(c.missing.not_run, 16);
    assert_close(c.win_rate, 1.0);
    assert_close(c.bounds.unwrap().low, 1.0);
    assert!(!report.coverage.complete && has_note(&report, NoteCode::Partial));
    assert_eq!(
        (report.coverage.planned_items, report.coverage.begun_items),
        (12, 4)
    );
}

/// As where an answer that the item needs is not in a file.
#[test]
fn an_item_that_is_not_begun_withholds_nothing_though_it_misses_for_good() {
    let mut rows = all(Win);
    for row in &mut rows[8..] {
        row.outcome = Missing;
        row.reason = Some(MissingReason::NotRun);
    }
    for row in &mut rows[6..8] {
        row.outcome = Missing;
        row.reason = Some(MissingReason::Failed);
    }
    let mut table = table(&rows);
    let of = |table: &VerdictTable| {
        let report = analyse(table, None, &Options::default()).unwrap();
        let c = &report.comparisons[0];
        let items = (c.items.planned, c.items.begun, c.n_items);
        (items, report.coverage.begun_items, c.win_rate)
    };
    assert_eq!(of(&table), ((12, 4, 3), 4, None));
    table.items[3].not_begun = true;
    assert_eq!(of(&table), ((12, 3, 3), 3, Some(1.0)));
    assert_eq!(table.not_asked(|_| true).items, 9);
    assert_eq!(table.not_asked(|item| !item.not_begun).items, 8);
    table.leave_out_items_not_begun();
    assert_eq!(table.items.len(), 3);
}

#[test]
fn a_begun_item_counts_what_was_not_run_as_missing() {
    let mut rows = all(Win);
    rows[0].outcome = Missing;
    rows[0].reason = Some(MissingReason::NotRun);
    let report = report(&rows, &Options::default());
    assert!(report.comparisons[0].withheld.is_some());
}

#[test]
fn items_that_the_table_does_not_hold_are_planned_too() {
    let facts = Facts {
        planned_items: Some(20),
        ..Facts::default()
    };
    let report = analyse(&table(&all(Win)), Some(&facts), &Options::default()).unwrap();
    assert_eq!(report.coverage.planned_items, 20);
    assert!(!report.coverage.complete && has_note(&report, NoteCode::Partial));
}

#[test]
fn a_criterion_left_out_of_some_items_is_planned_for_the_others_only() {
    let mut rows = all(Win);
    rows.extend(all(Loss).into_iter().take(10).map(|row| Row {
        criterion: "value",
        ..row
    }));
    let report = report(&rows, &Options::default());
    assert_eq!(report.comparisons[1].items.planned, 5);
    assert_close(report.comparisons[1].win_rate, 0.0);
}

#[test]
fn criteria_are_adjusted_together_by_holm() {
    let mut rows = all(Win);
    for (i, mut row) in all(Win).into_iter().enumerate() {
        row.criterion = "value";
        row.outcome = if i % 4 < 2 { Win } else { Loss };
        rows.push(row);
    }
    let report = report(&rows, &Options::default());
    let [a, b] = &report.comparisons[..] else {
        panic!("two criteria")
    };
    assert_close(a.p_adjusted, (2.0 * a.p_value.unwrap()).min(1.0));
    assert_close(b.p_adjusted, b.p_value);
    assert_eq!(a.adjustment.unwrap().tests, 2);
}

#[test]
fn pairs_of_dimensions_topics_and_splits_break_down_too() {
    let mut table = with_dimension(table(&all(Win)), "sex", |_| Some("f".to_owned()));
    for (i, item) in table.items.iter_mut().enumerate() {
        Arc::make_mut(&mut item.question).topic =
            Some(if i % 2 == 0 { "work" } else { "home" }.into());
    }
    assert!(
        analyse(&table, None, &Options::default())
            .unwrap()
            .groups
            .is_empty(),
        "one level"
    );
    let by = |names: &[&str]| Options {
        by: Some(vec![names.iter().map(|name| (*name).to_owned()).collect()]),
        ..Options::default()
    };
    let report = analyse(&table, None, &by(&["topic", "sex"])).unwrap();
    let levels: Vec<_> = report
        .groups
        .iter()
        .map(|group| group.levels.clone())
        .collect();
    assert_eq!(levels, [["home", "f"], ["work", "f"]]);
    assert_eq!(report.groups[0].n_items, 6);
    assert_eq!(
        analyse(&table, None, &by(&["sx"])).unwrap_err().to_string(),
        "there is no dimension `sx` to break down by; did you mean `sex`?"
    );
    assert_eq!(
        analyse(&table, None, &by(&["religion"]))
            .unwrap_err()
            .to_string(),
        "there is no dimension `religion` to break down by; the table has sex, topic"
    );
    assert!(matches!(
        analyse(&table, None, &by(&["sex", "sex"])),
        Err(AnalysisError::Breakdown(_))
    ));
    assert!(matches!(
        analyse(&table, None, &by(&[])),
        Err(AnalysisError::Breakdown(_))
    ));
}

#[test]
fn impossible_levels_and_floors_are_refused() {
    let level = Options {
        level: 95.0,
        ..Options::default()
    };
    assert_eq!(
        analyse(&table(&all(Win)), None, &level),
        Err(AnalysisError::Level(95.0))
    );
    let floor = Options {
        coverage_floor: 1.5,
        ..Options::default()
    };
    assert_eq!(
        analyse(&table(&all(Win)), None, &floor),
        Err(AnalysisError::Floor(1.5))
    );
}

#[test]
fn an_item_whose_judgments_balance_is_tied_however_they_add_up() {
    // The thirds of two samples have a mean of one half, which floating sums miss.
    let mut rows = Vec::new();
    for question in numbered("q", 30) {
        for (sample, wins) in [(1, [0, 1]), (2, [2, 3])] {
            for (order, wins) in [FIRST, SECOND].into_iter().zip(wins) {
                rows.extend((1..=3).map(|repeat| Row {
                    sample,
                    repeat,
                    ..row(
                        "p1",
                        question,
                        order,
                        if repeat <= wins { Win } else { Loss },
                    )
                }));
            }
        }
    }
    let turned: Vec<Row> = rows.iter().map(mirrored).collect();
    for rows in [rows, turned] {
        let c = &report(&rows, &Options::default()).comparisons[0];
        let outcomes = c.outcomes.as_ref().unwrap();
        assert_eq!((outcomes.wins, outcomes.ties, outcomes.losses), (0, 30, 0));
        assert_eq!((outcomes.net, outcomes.win_rate_without_ties), (0.0, None));
        assert!(
            c.tests.iter().all(|test| test.p_value >= 1.0),
            "{:?}",
            c.tests
        );
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn graded_judgments_that_balance_are_a_tie(
        tenths in proptest::collection::vec(0_u16..=10, 1..5),
        samples in 1_u16..4,
    ) {
        let mut rows = Vec::new();
        for question in numbered("q", 3) {
            for sample in 1..=samples {
                for (repeat, tenth) in tenths.iter().enumerate() {
                    let score = f64::from(*tenth) / 10.0;
                    for (n, score) in [score, 1.0 - score].into_iter().enumerate() {
                        rows.push(Row {
                            sample,
                            repeat: (2 * repeat + n) as u16 + 1,
                            score: Some(score),
                            ..row("p1", question, FIRST, Tie)
                        });
                    }
                }
            }
        }
        let outcomes = report(&rows, &Options::default()).comparisons[0].outcomes.clone().unwrap();
        proptest::prop_assert_eq!((outcomes.wins, outcomes.ties, outcomes.losses), (0, 3, 0));
    }
}

#[test]
fn coverage_just_under_the_floor_is_told_apart_from_it() {
    let mut rows: Vec<Row> = numbered("q", 2_500)
        .into_iter()
        .map(|question| row("p1", question, FIRST, Win))
        .collect();
    for row in &mut rows[..126] {
        row.outcome = Missing;
        row.reason = Some(MissingReason::NoVerdict);
    }
    let withheld = report(&rows, &Options::default()).comparisons[0]
        .withheld
        .clone();
    assert_eq!(
        withheld.as_deref(),
        Some("a verdict for 94.96% of the 2,500 items begun, under the floor of 95.00%")
    );
}
