//! What is claimed of levels, of related comparisons, and of runs that are compared.

use super::*;
use crate::analysis::report::NoteCode;
use crate::study::PersonaPopulation;

fn by(names: &[&str]) -> Options {
    Options {
        by: Some(vec![names.iter().map(|name| (*name).to_owned()).collect()]),
        ..without_floor()
    }
}

/// Questions with an even number are of one topic, the others of another.
fn with_topics(mut table: VerdictTable) -> VerdictTable {
    for item in &mut table.items {
        let number: u32 = item.question.id[1..].parse().unwrap();
        let topic = if number.is_multiple_of(2) {
            "even"
        } else {
            "odd"
        };
        Arc::make_mut(&mut item.question).topic = Some(topic.into());
    }
    table
}

#[test]
fn levels_that_all_personas_stand_in_have_intervals_for_personas_like_these() {
    let table = with_topics(table(&league(&["tuned", "base"], 12, 24, 5)));
    let report = analyse(&table, None, &by(&["topic"])).unwrap();
    let section = &report.comparisons[0].subgroups[0];
    for (level, group) in section.levels.iter().zip(&report.groups) {
        let own = group.interval.as_ref().unwrap();
        assert_eq!(own.clusters, ["question", "persona"]);
        assert_close(level.interval.unwrap().low, own.low);
        assert_close(level.interval.unwrap().high, own.high);
    }
    let worst = section.worst.as_ref().unwrap();
    let mut levels = section.levels.iter();
    let own = levels.find(|level| level.levels == worst.levels).unwrap();
    let own = own.interval.unwrap();
    assert!(worst.interval.low < own.low && own.high < worst.interval.high);
    let population = section.population.as_ref().unwrap();
    assert!(
        population.ends_with("asked of exactly these 12 personas"),
        "{population}"
    );
    assert!(
        section.sentence.contains(population.as_str()),
        "{}",
        section.sentence
    );

    let fixed = Options {
        personas: PersonaPopulation::Fixed,
        ..by(&["topic"])
    };
    let fixed = analyse(&table, None, &fixed).unwrap();
    let section = &fixed.comparisons[0].subgroups[0];
    assert_eq!(section.population, None);
    let own = fixed.groups[0].interval.as_ref().unwrap();
    assert_close(section.levels[0].interval.unwrap().low, own.low);
}

#[test]
fn a_level_with_too_few_questions_has_a_rate_and_no_test() {
    let rows: Vec<Row> = league(&["tuned", "base"], 2, 20, 8)
        .into_iter()
        .filter(|row| row.persona == "p1" || row.question < "q15")
        .collect();
    let table = with_dimension(table(&rows), "who", |p| Some(p.to_owned()));
    let options = Options {
        margin: Some(0.1),
        ..by(&["who"])
    };
    let report = analyse(&table, None, &options).unwrap();
    let [enough, few] = &report.groups[..] else {
        panic!("{:?}", report.groups)
    };
    assert!(few.n_clusters.question < 10, "{:?}", few.n_clusters);
    assert!(few.win_rate.is_some() && few.interval.is_some() && few.wins > 0);
    assert_eq!((few.p_value, few.p_adjusted), (None, None));
    assert!(few.finding.is_none() && few.equivalence.is_none() && few.tests.is_empty());
    // The other level is a family of its own.
    assert_close(enough.p_adjusted, enough.p_value.unwrap());
    assert!(enough.finding.is_some());
    let note = report
        .notes
        .iter()
        .find(|note| note.code == NoteCode::FewInLevel);
    assert_eq!(note.unwrap().subjects, ["p2"]);
}

#[test]
fn levels_whose_interval_may_fall_short_are_named() {
    let mut rows = league(&["tuned", "base"], 2, 20, 8);
    for row in rows
        .iter_mut()
        .filter(|row| row.persona == "p2" && row.question != "q1")
    {
        row.outcome = Outcome::Win;
    }
    let table = with_dimension(table(&rows), "who", |p| Some(p.to_owned()));
    let report = analyse(&table, None, &by(&["who"])).unwrap();
    let note = report
        .notes
        .iter()
        .find(|note| note.code == NoteCode::LevelsFallShort);
    assert_eq!(note.unwrap().subjects, ["p2"]);
}

#[test]
fn comparisons_that_share_a_model_are_adjusted_together_whichever_side_it_is_on() {
    let rows: Vec<Row> = league(&["a", "b", "z"], 1, 40, 3)
        .into_iter()
        .filter(|row| row.opponent == "z")
        .collect();
    let turned: Vec<Row> = rows.iter().map(mirrored).collect();
    let adjusted = |report: &Report| -> Vec<Option<f64>> {
        let mut of: Vec<_> = report
            .comparisons
            .iter()
            .map(|c| c.p_adjusted_candidates)
            .collect();
        of.sort_by(|a, b| a.partial_cmp(b).unwrap());
        of
    };
    let (straight, other) = (
        report(&rows, &without_floor()),
        report(&turned, &without_floor()),
    );
    let (straight, other) = (adjusted(&straight), adjusted(&other));
    assert!(straight.iter().all(Option::is_some), "{straight:?}");
    for (a, b) in straight.into_iter().zip(other) {
        assert_close(a, b);
    }
}

#[test]
fn rows_that_are_missing_in_both_orders_of_a_criterion_are_told() {
    let mut rows = league(&["tuned", "base"], 1, 20, 3);
    let second: Vec<Row> = rows
        .iter()
        .filter(|row| row.question < "q15")
        .map(|row| Row {
            criterion: "value",
            ..row.clone()
        })
        .collect();
    rows.extend(second);
    let report = report(&rows, &without_floor());
    let mut notes = report.notes.iter();
    let note = notes.find(|note| note.code == NoteCode::CriterionWithoutRows);
    assert_eq!(note.unwrap().subjects, ["tuned vs base, value"]);
}

#[test]
fn what_has_to_be_said_of_another_run_is_said() {
    let rows = league(&["tuned", "base"], 2, 20, 3);
    let mut there = table(&rows);
    there.orders_unknown = true;
    there.simulated.insert("tuned".to_owned());
    let other = Other {
        here: "new".to_owned(),
        there: "old".to_owned(),
        table: &there,
        same: Vec::new(),
    };
    let report = analyse_against(&table(&rows), None, &without_floor(), Some(&other)).unwrap();
    for code in [NoteCode::Simulated, NoteCode::OrdersUnknown] {
        let note = report.notes.iter().find(|note| note.code == code).unwrap();
        assert!(note.sentence.starts_with("of old: "), "{}", note.sentence);
    }
    assert_eq!(report.study.simulated, ["tuned"]);

    // Of one question there is nothing to generalise from.
    let one: Vec<Row> = rows
        .into_iter()
        .filter(|row| row.question == "q1")
        .collect();
    let there = table(&one);
    let other = Other {
        table: &there,
        ..other
    };
    let report = analyse_against(&table(&one), None, &fixed(), Some(&other)).unwrap();
    assert!(report.differences[0].interval.is_none());
    assert!(has_note(&report, NoteCode::DifferenceWithoutInterval));
}

fn fixed() -> Options {
    Options {
        personas: PersonaPopulation::Fixed,
        ..without_floor()
    }
}
