//! Tests, equivalence, and p-values that are read together.

use super::*;
use crate::stats::PValue;
use crate::stats::multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm};
use Outcome::{Loss, Tie, Win};
use report::{AdjustmentMethod, FindingCode, Method, TestMethod};

const QUESTIONS: [&str; 40] = [
    "q00", "q01", "q02", "q03", "q04", "q05", "q06", "q07", "q08", "q09", "q10", "q11", "q12",
    "q13", "q14", "q15", "q16", "q17", "q18", "q19", "q20", "q21", "q22", "q23", "q24", "q25",
    "q26", "q27", "q28", "q29", "q30", "q31", "q32", "q33", "q34", "q35", "q36", "q37", "q38",
    "q39",
];

/// One item a question, both orders alike.
fn apart(outcomes: &[Outcome]) -> Vec<Row> {
    let of = |(question, outcome): (&&'static str, &Outcome)| {
        [FIRST, SECOND].map(|order| row("", question, order, *outcome))
    };
    QUESTIONS.iter().zip(outcomes).flat_map(of).collect()
}

fn test(c: &report::Comparison, method: TestMethod) -> Option<&report::Test> {
    c.tests.iter().find(|test| test.method == method)
}

#[test]
fn independent_items_have_exact_tests_of_their_counts() {
    let outcomes = [[Win; 8].as_slice(), &[Tie; 3], &[Loss; 2]].concat();
    let report = report(&apart(&outcomes), &Options::default());
    let c = &report.comparisons[0];
    let exact = test(c, TestMethod::SignTest).unwrap();
    // 2 (1 + 10 + 45) / 1024
    assert_close(exact.p_value, 112.0 / 1024.0);
    assert_eq!((exact.n, exact.exact), (10, true));
    let mid = test(c, TestMethod::McnemarMidP).unwrap();
    assert_close(mid.p_value, (112.0 - 45.0) / 1024.0);
    // Thirteen clusters of one item, three of which no flip changes.
    let flips = test(c, TestMethod::SignFlip).unwrap();
    assert_close(flips.p_value, 112.0 / 1024.0);
    assert_eq!((flips.exact, flips.draws, flips.n), (true, None, 13));
    assert_eq!(c.tests[0].method, TestMethod::Score);
    assert_eq!(c.p_value, Some(c.tests[0].p_value));
    assert_eq!(c.tests[0].degrees_of_freedom, Some(12));
}

#[test]
fn many_clusters_are_flipped_in_all_ways_or_where_scores_are_graded_at_random() {
    let outcomes: Vec<Outcome> = (0..40)
        .map(|i| if i % 8 < 5 { Win } else { Loss })
        .collect();
    let facts = Facts {
        seed: 5,
        ..Facts::default()
    };
    let of = |rows: &[Row]| {
        let report = analyse(&table(rows), Some(&facts), &Options::default()).unwrap();
        let tests = [
            TestMethod::SignFlip,
            TestMethod::SignTest,
            TestMethod::McnemarMidP,
        ];
        tests.map(|method| test(&report.comparisons[0], method).unwrap().clone())
    };
    let rows = apart(&outcomes);
    let [flips, exact, _] = of(&rows);
    assert_eq!((flips.exact, flips.draws, flips.seed), (true, None, None));
    assert_close(flips.p_value, exact.p_value);
    // Nearly won and nearly lost, by as much as is a multiple of no number.
    let mut graded = rows;
    for (i, row) in graded.iter_mut().enumerate() {
        let near = 1e-3 * (i as f64 + 2.0).sqrt();
        row.score = Some(if row.outcome == Win { 1.0 - near } else { near });
    }
    let [flips, exact, mid] = of(&graded);
    assert_eq!(
        (flips.exact, flips.draws, flips.seed),
        (false, Some(20_000), Some(5))
    );
    // Patterns with as many wins are told apart by how near they were.
    let without_ties = 2.0 * mid.p_value - exact.p_value;
    assert!(
        (without_ties - 0.005..exact.p_value + 0.005).contains(&flips.p_value),
        "{flips:?} {exact:?}"
    );
}

#[test]
fn two_dimensions_of_clusters_have_the_score_test_alone() {
    let mut rows = Vec::new();
    for persona in ["p1", "p2"] {
        for (i, question) in QUESTIONS[..4].iter().enumerate() {
            rows.push(row(
                persona,
                question,
                FIRST,
                if i == 0 { Loss } else { Win },
            ));
        }
    }
    let both = report(&rows, &Options::default());
    let methods: Vec<TestMethod> = both.comparisons[0].tests.iter().map(|t| t.method).collect();
    assert_eq!(methods, [TestMethod::Score]);
    let options = Options {
        cluster: Some(vec!["question".to_owned()]),
        ..Options::default()
    };
    let one = report(&rows, &options);
    assert!(test(&one.comparisons[0], TestMethod::SignFlip).is_some());
    assert!(
        test(&one.comparisons[0], TestMethod::SignTest).is_none(),
        "items share questions"
    );
}

fn finding(wins: usize, items: usize, margin: Option<f64>) -> (FindingCode, String) {
    let outcomes: Vec<Outcome> = (0..items)
        .map(|i| if i < wins { Win } else { Loss })
        .collect();
    let options = Options {
        margin,
        ..Options::default()
    };
    let report = report(&apart(&outcomes), &options);
    let finding = report.comparisons[0].finding.clone().unwrap();
    (finding.code, finding.sentence)
}

#[test]
fn no_evidence_is_not_equivalence() {
    let sentence = |wins, items, margin| finding(wins, items, margin).1;
    assert_eq!(sentence(34, 40, None), "differs");
    assert_eq!(sentence(21, 40, None), "no evidence of a difference");
    assert_eq!(sentence(21, 40, Some(0.05)), "no evidence of a difference");
    assert_eq!(sentence(21, 40, Some(0.2)), "equivalent within ±20 points");
    assert_eq!(sentence(34, 40, Some(0.05)), "differs");
    assert_eq!(
        sentence(28, 40, Some(0.45)),
        "differs, by less than 45 points"
    );
    assert_eq!(
        finding(28, 40, Some(0.45)).0,
        FindingCode::DiffersWithinMargin
    );
}

#[test]
fn equivalence_is_the_narrower_interval_within_the_margin() {
    let outcomes: Vec<Outcome> = (0..40)
        .map(|i| if i % 2 == 0 { Win } else { Loss })
        .collect();
    for (margin, within) in [(0.12, false), (0.14, true)] {
        let options = Options {
            margin: Some(margin),
            level: 0.95,
            ..Options::default()
        };
        let narrower = Options {
            level: 0.90,
            ..Options::default()
        };
        let c = report(&apart(&outcomes), &options).comparisons.remove(0);
        let narrow = report(&apart(&outcomes), &narrower).comparisons.remove(0);
        let interval = narrow.interval.unwrap();
        let inside = 0.5 - margin < interval.low && interval.high < 0.5 + margin;
        assert_eq!(inside, within, "{interval:?}");
        let equivalence = c.equivalence.unwrap();
        assert_eq!(equivalence.p_value < 0.05, within);
        assert_close(
            equivalence.p_value,
            equivalence.p_low.max(equivalence.p_high),
        );
    }
}

#[test]
fn an_impossible_margin_is_refused() {
    for margin in [0.0, 0.5, -0.1, f64::NAN] {
        let options = Options {
            margin: Some(margin),
            ..Options::default()
        };
        let error = analyse(&VerdictTable::default(), None, &options).unwrap_err();
        assert!(matches!(error, AnalysisError::Margin(_)), "{error}");
    }
}

#[test]
fn candidates_of_one_opponent_are_adjusted_together() {
    let mut rows = Vec::new();
    for (candidate, wins) in [("a", 34), ("b", 28), ("c", 22)] {
        let outcomes: Vec<Outcome> = (0..40).map(|i| if i < wins { Win } else { Loss }).collect();
        rows.extend(
            apart(&outcomes)
                .into_iter()
                .map(|row| Row { candidate, ..row }),
        );
    }
    let report = report(&rows, &Options::default());
    let raw: Vec<PValue> = report
        .comparisons
        .iter()
        .map(|c| PValue::new(c.p_value.unwrap()).unwrap())
        .collect();
    for (c, p) in report.comparisons.iter().zip(holm(&raw)) {
        assert_close(c.p_adjusted_candidates, p.get());
        assert_eq!(c.adjustment_candidates.unwrap().tests, 3);
        // One criterion each: nothing to adjust over.
        assert_close(c.p_adjusted, c.p_value);
    }
}

#[test]
fn a_single_candidate_has_nothing_to_be_adjusted_with() {
    let report = report(&apart(&[Win, Loss, Win]), &Options::default());
    assert_eq!(report.comparisons[0].p_adjusted_candidates, None);
}

#[test]
fn levels_can_be_adjusted_under_any_dependence() {
    let mut rows = Vec::new();
    for (persona, every) in [("p1", 2), ("p2", 3), ("p3", 9)] {
        for (i, question) in QUESTIONS.iter().enumerate() {
            rows.push(row(
                persona,
                question,
                FIRST,
                if i % every == 0 { Loss } else { Win },
            ));
        }
    }
    let table = with_dimension(table(&rows), "who", |p| Some(p.to_owned()));
    let options = Options {
        adjust: crate::study::SubgroupAdjustment::BenjaminiYekutieli,
        ..Options::default()
    };
    let report = analyse(&table, None, &options).unwrap();
    let raw: Vec<PValue> = report
        .groups
        .iter()
        .map(|group| PValue::new(group.p_value.unwrap()).unwrap())
        .collect();
    for (group, p) in report.groups.iter().zip(benjamini_yekutieli(&raw)) {
        assert_close(group.p_adjusted, p.get());
        let method = group.adjustment.unwrap().method;
        assert_eq!(method, AdjustmentMethod::BenjaminiYekutieli);
    }
}

#[test]
fn each_kind_of_test_is_adjusted_with_its_like() {
    let mut rows = apart(&[[Win; 9].as_slice(), &[Loss; 1]].concat());
    rows.extend(
        apart(&[[Win; 7].as_slice(), &[Loss; 3]].concat())
            .into_iter()
            .map(|row| Row {
                criterion: "value",
                ..row
            }),
    );
    let report = report(&rows, &with_t());
    for method in [TestMethod::T, TestMethod::SignFlip, TestMethod::SignTest] {
        let of = |i: usize| test(&report.comparisons[i], method).unwrap();
        assert_close(of(0).p_adjusted, (2.0 * of(0).p_value).min(1.0));
        assert_close(of(1).p_adjusted, of(1).p_value);
    }
    assert!(test(&report.comparisons[0], TestMethod::Score).is_none());
}

fn with_t() -> Options {
    Options {
        interval: Method::T,
        ..Options::default()
    }
}

#[test]
fn a_model_that_meets_itself_is_one_comparison_of_it() {
    let itself = |rows: Vec<Row>| -> Vec<Row> {
        let candidate = "base";
        rows.into_iter()
            .map(|row| Row { candidate, ..row })
            .collect()
    };
    let alone = itself(apart(&[Win, Loss, Win, Win, Tie]));
    let made = report(&alone, &Options::default());
    assert_eq!(made.comparisons[0].p_adjusted_candidates, None);
    let mut rows = alone;
    rows.extend(apart(&[Win, Loss, Win, Win, Win]));
    let made = report(&rows, &Options::default());
    for c in &made.comparisons {
        assert_eq!(c.adjustment_candidates.unwrap().tests, 2);
    }
}

#[rstest::rstest]
#[case(
    crate::study::SubgroupAdjustment::BenjaminiHochberg,
    benjamini_hochberg
)]
#[case(
    crate::study::SubgroupAdjustment::BenjaminiYekutieli,
    benjamini_yekutieli
)]
fn whether_levels_differ_is_adjusted_over_breakdowns_as_levels_are(
    #[case] adjust: crate::study::SubgroupAdjustment,
    #[case] by: fn(&[PValue]) -> Vec<PValue>,
) {
    let mut table = table(&league(&["tuned", "base"], 6, 15, 11));
    for (name, from) in [("sex", "p3"), ("age", "p5")] {
        table = with_dimension(table, name, |p| Some((p < from).to_string()));
    }
    let options = Options {
        adjust,
        ..without_floor()
    };
    let report = analyse(&table, None, &options).unwrap();
    let tests: Vec<_> = (report.comparisons[0].subgroups.iter())
        .map(|section| section.homogeneity.unwrap())
        .collect();
    let raw: Vec<PValue> = tests
        .iter()
        .map(|t| PValue::new(t.p_value).unwrap())
        .collect();
    assert_eq!(raw.len(), 2);
    for (test, p) in tests.iter().zip(by(&raw)) {
        assert_close(test.p_adjusted, p.get());
    }
}
