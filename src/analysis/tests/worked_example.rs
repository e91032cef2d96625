//! A table small enough to work out by hand.

use super::*;
use Outcome::{Loss, Missing, Tie, Win};

/// Two personas, three questions, both orders:
///
/// | item | tuned first | base first | score | first shown |
/// | --- | --- | --- | --- | --- |
/// | p1 q1 | win | win | 1 | (1 + 0) / 2 = 1/2 |
/// | p1 q2 | win | loss | 1/2 | (1 + 1) / 2 = 1 |
/// | p1 q3 | tie | win | 3/4 | (1/2 + 0) / 2 = 1/4 |
/// | p2 q1 | loss | loss | 0 | (0 + 1) / 2 = 1/2 |
/// | p2 q2 | win | loss | 1/2 | 1 |
/// | p2 q3 | win | missing | - | - |
fn rows() -> Vec<Row> {
    vec![
        row("p1", "q1", FIRST, Win),
        row("p1", "q1", SECOND, Win),
        row("p1", "q2", FIRST, Win),
        row("p1", "q2", SECOND, Loss),
        row("p1", "q3", FIRST, Tie),
        row("p1", "q3", SECOND, Win),
        row("p2", "q1", FIRST, Loss),
        row("p2", "q1", SECOND, Loss),
        row("p2", "q2", FIRST, Win),
        row("p2", "q2", SECOND, Loss),
        row("p2", "q3", FIRST, Win),
        row("p2", "q3", SECOND, Missing),
    ]
}

#[test]
fn counts_are_of_judgments_and_the_rate_is_of_items() {
    let report = report(&rows(), &without_floor());
    let c = &report.comparisons[0];
    assert_eq!((c.wins, c.ties, c.losses, c.missing.total()), (6, 1, 4, 1));
    assert_eq!(c.n_judgments, 12);
    assert_eq!(c.n_items, 5);
    // (1 + 1/2 + 3/4 + 0 + 1/2) / 5
    assert_close(c.win_rate, 0.55);
    assert_close(c.items.share, 5.0 / 6.0);
    // The sixth item is 1/2 with its missing verdict lost and 1 with it won.
    let bounds = c.bounds.unwrap();
    assert_close(bounds.low, (2.75 + 0.5) / 6.0);
    assert_close(bounds.high, (2.75 + 1.0) / 6.0);
}

#[test]
fn the_standard_error_is_cluster_robust() {
    let report = report(&rows(), &without_floor());
    let c = &report.comparisons[0];
    // Residuals .45, -.05, .2, -.55, -.05; sums by question -.1, -.1, .2, by
    // persona .6, -.6, by item as they are.
    let by_question: f64 = 3.0 / 2.0 * (0.01 + 0.01 + 0.04) / 25.0;
    let by_persona: f64 = 2.0 / 1.0 * (0.36 + 0.36) / 25.0;
    let by_item: f64 = 5.0 / 4.0 * (0.2025 + 0.0025 + 0.04 + 0.3025 + 0.0025) / 25.0;
    let two_way = (by_question + by_persona - by_item)
        .max(by_question)
        .max(by_persona);
    assert_close(c.standard_error, two_way.sqrt());
    assert_eq!((c.n_clusters.question, c.n_clusters.persona), (3, 2));
    let sampled = c.interval.as_ref().unwrap();
    assert_eq!(sampled.clusters, ["question", "persona"]);
    assert_eq!(sampled.degrees_of_freedom, Some(1));
    assert_close(sampled.n_effective, 0.55 * 0.45 / two_way);
    assert_eq!(c.interval_sampled_personas.as_ref(), Some(sampled));
    let fixed = c.interval_fixed_personas.as_ref().unwrap();
    assert_eq!(fixed.clusters, ["question"]);
    assert_eq!(fixed.degrees_of_freedom, Some(2));
    assert_close(fixed.n_effective, 0.55 * 0.45 / by_question);
}

#[test]
fn fixed_personas_take_questions_as_the_only_clusters() {
    let options = Options {
        personas: crate::study::PersonaPopulation::Fixed,
        ..without_floor()
    };
    let report = report(&rows(), &options);
    let c = &report.comparisons[0];
    assert_eq!(c.interval, c.interval_fixed_personas);
    assert_close(c.standard_error, (3.0 / 2.0 * 0.06_f64 / 25.0).sqrt());
    assert!(c.interval_sampled_personas.is_some());
}

#[test]
fn orders_are_told_apart() {
    let report = report(&rows(), &without_floor());
    let order = report.comparisons[0].order.as_ref().unwrap();
    assert!(order.both_orders);
    assert_eq!(
        (
            order.candidate_first.wins,
            order.candidate_first.missing.total()
        ),
        (4, 0)
    );
    assert_eq!(
        (
            order.opponent_first.wins,
            order.opponent_first.missing.no_verdict
        ),
        (2, 1)
    );
    assert_eq!(
        (
            order.pairs,
            order.consistent,
            order.first_first,
            order.second_second,
            order.half_tied
        ),
        (5, 2, 2, 0, 1)
    );
    assert_close(order.flip_rate, 0.4);
    assert_close(order.consistency_rate, 0.4);
    let test = order.sign_test.as_ref().unwrap();
    // Both flips are of one question.
    assert_eq!(
        (test.unit.as_str(), test.first, test.second),
        ("question", 1, 0)
    );
    assert_close(test.p_value, 1.0);
    let effect = order.position_effect.as_ref().unwrap();
    assert_close(effect.estimate, (0.5 + 1.0 + 0.25 + 0.5 + 1.0) / 5.0 - 0.5);
}

#[test]
fn tie_rules_stand_side_by_side() {
    let rules = report(&rows(), &without_floor()).comparisons[0]
        .tie_rules
        .unwrap();
    assert_close(rules.average.win_rate, 0.55);
    // 1, 1/2, 1/2, 0, 1/2
    assert_close(rules.inconsistent_is_tie.win_rate, 0.5);
    assert_eq!(rules.inconsistent_is_tie.n_items, 5);
    // 1 and 0
    assert_close(rules.drop_inconsistent.win_rate, 0.5);
    assert_eq!(rules.drop_inconsistent.n_items, 2);
}

#[test]
fn repeats_are_averaged_in_their_order_and_samples_in_their_item() {
    let sampled = |sample, repeat, order, outcome| Row {
        sample,
        repeat,
        ..row("p", "q1", order, outcome)
    };
    let rows = [
        // First sample: (1 + 0 + 0) / 3 in one order, 1 in the other: 2/3.
        sampled(1, 1, FIRST, Win),
        sampled(1, 2, FIRST, Loss),
        sampled(1, 3, FIRST, Loss),
        sampled(1, 1, SECOND, Win),
        sampled(1, 2, SECOND, Missing),
        // Second sample: no verdict in one order, so it does not count.
        sampled(2, 1, FIRST, Win),
        sampled(2, 1, SECOND, Missing),
        // Third sample: 0.
        sampled(3, 1, FIRST, Loss),
        sampled(3, 1, SECOND, Loss),
    ];
    let report = report(&rows, &without_floor());
    let c = &report.comparisons[0];
    assert_close(c.win_rate, f64::midpoint(2.0 / 3.0, 0.0));
    assert_close(c.items.share, 2.0 / 3.0);
    let bounds = c.bounds.unwrap();
    let low = [f64::midpoint(1.0 / 3.0, 0.5), 0.5, 0.0];
    let high = [f64::midpoint(1.0 / 3.0, 1.0), 1.0, 0.0];
    assert_close(bounds.low, low.iter().sum::<f64>() / 3.0);
    assert_close(bounds.high, high.iter().sum::<f64>() / 3.0);
    // Pairs: repeat 1 of sample 1 agrees, repeat 2 has no partner, sample 3 agrees.
    let order = c.order.as_ref().unwrap();
    assert_eq!((order.pairs, order.consistent), (2, 2));
}

#[test]
fn graded_scores_take_the_place_of_outcomes() {
    let graded = |order, score: f64| Row {
        score: Some(score),
        ..row("p", "q1", order, if score > 0.5 { Win } else { Loss })
    };
    let report = report(&[graded(FIRST, 0.9), graded(SECOND, 0.4)], &without_floor());
    assert_close(report.comparisons[0].win_rate, 0.65);
}

#[test]
fn graded_scores_are_kept_by_every_tie_rule() {
    let graded = |question, order, score: f64| Row {
        score: Some(score),
        ..row("p", question, order, if score > 0.5 { Win } else { Loss })
    };
    let rows = [
        graded("q1", FIRST, 0.9),
        graded("q1", SECOND, 0.7),
        graded("q2", FIRST, 0.9),
        graded("q2", SECOND, 0.3),
    ];
    let rules = report(&rows, &without_floor()).comparisons[0]
        .tie_rules
        .unwrap();
    assert_close(rules.average.win_rate, f64::midpoint(0.8, 0.6));
    assert_close(rules.inconsistent_is_tie.win_rate, f64::midpoint(0.8, 0.5));
    assert_close(rules.drop_inconsistent.win_rate, 0.8);
}

#[test]
fn repeats_show_the_noise_that_is_not_the_place() {
    let asked = |repeat, order, outcome| Row {
        repeat,
        ..row("p", "q1", order, outcome)
    };
    let rows = [
        asked(1, FIRST, Win),
        asked(2, FIRST, Win),
        asked(3, FIRST, Loss),
        asked(1, SECOND, Loss),
        asked(2, SECOND, Loss),
        asked(3, SECOND, Missing),
    ];
    let report = report(&rows, &without_floor());
    let order = report.comparisons[0].order.as_ref().unwrap();
    // One pair of three agrees in the first order, one of one in the second.
    assert_eq!(order.repeat_pairs, 4);
    assert_close(order.repeat_consistency_rate, 0.5);
    assert_close(order.primacy_rate, 1.0);
    assert_close(order.recency_rate, 0.0);
}

#[test]
fn levels_of_a_dimension_are_reported_with_fixed_personas() {
    let table = with_dimension(table(&rows()), "sex", |p| {
        Some(if p == "p1" { "f" } else { "m" }.to_owned())
    });
    let mut options = without_floor();
    options.sections.min_items = 2;
    let report = analyse(&table, None, &options).unwrap();
    let levels: Vec<_> = report
        .groups
        .iter()
        .map(|g| (g.levels[0].as_str(), g.n_items, g.n_judgments))
        .collect();
    assert_eq!(levels, [("f", 3, 6), ("m", 2, 6)]);
    let f = &report.groups[0];
    assert_eq!(f.dimensions, ["sex"]);
    assert_close(f.win_rate, 0.75);
    assert_eq!(f.interval.as_ref().unwrap().clusters, ["question"]);
    assert_eq!(
        f.adjustment.unwrap().method,
        report::AdjustmentMethod::BenjaminiHochberg
    );
    assert_eq!(f.adjustment.unwrap().tests, 2);
    assert_eq!(f.order.as_ref().unwrap().pairs, 3);
}
