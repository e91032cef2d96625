//! How the levels of a breakdown differ.

use super::*;
use crate::analysis::report::SubgroupSection;
use crate::study::DEFAULT_MIN_ITEMS;

fn by_sex(rows: &[Row]) -> VerdictTable {
    with_dimension(table(rows), "sex", |p| {
        Some(if p < "p3" { "female" } else { "male" }.to_owned())
    })
}

fn section(table: &VerdictTable, options: &Options) -> SubgroupSection {
    analyse(table, None, options).unwrap().comparisons[0]
        .subgroups
        .remove(0)
}

fn rows() -> Vec<Row> {
    league(&["tuned", "base"], 5, 15, 21)
}

#[test]
fn each_level_is_the_groups_own_estimate_drawn_to_the_middle() {
    let table = by_sex(&rows());
    let report = analyse(&table, None, &without_floor()).unwrap();
    let section = &report.comparisons[0].subgroups[0];
    assert_eq!(section.levels.len(), 2);
    let means: Vec<f64> = section.levels.iter().map(|l| l.estimate.unwrap()).collect();
    for (level, group) in section.levels.iter().zip(&report.groups) {
        assert_eq!(level.levels, group.levels);
        assert_eq!(level.n_items, group.n_items);
        assert_close(level.estimate, group.win_rate);
        let interval = group.interval_fixed_personas.as_ref().unwrap();
        assert_close(level.interval.unwrap().low, interval.low);
        let pooled = level.pooled.unwrap();
        assert!(means[0].min(means[1]) <= pooled && pooled <= means[0].max(means[1]));
        assert!((0.0..=1.0).contains(&level.pooled_weight.unwrap()));
    }
    let gap = section.gap.as_ref().unwrap();
    assert_close(gap.gap, (means[0] - means[1]).abs());
    let limits = gap.interval.unwrap();
    assert!(limits.low <= gap.gap && gap.gap <= limits.high);
    assert!(gap.expected_if_equal > 0.0);
    let worst = section.worst.as_ref().unwrap();
    assert_close(worst.estimate, means[0].min(means[1]));
    let own = section
        .levels
        .iter()
        .find(|l| l.levels == worst.levels)
        .unwrap();
    let own = own.interval.unwrap();
    assert!(worst.interval.low < own.low && own.high < worst.interval.high);
    assert!(section.homogeneity.unwrap().p_adjusted.is_some());
    assert!(
        section
            .sentence
            .contains("to expect without any difference")
    );
}

#[test]
fn a_level_that_differs_is_seen_and_equal_ones_are_not() {
    let mut rows = rows();
    // Every persona gets the verdicts of the first.
    let first: Vec<Outcome> = rows.iter().take(30).map(|row| row.outcome).collect();
    for (i, row) in rows.iter_mut().enumerate() {
        row.outcome = first[i % 30];
    }
    let even = section(&by_sex(&rows), &without_floor());
    assert!(
        even.sentence.starts_with("no evidence that levels differ"),
        "{}",
        even.sentence
    );
    // Whom a question was asked of says nothing: there is no scatter in the gap.
    assert_eq!(even.gap.unwrap().interval, None);
    assert!(even.sentence.contains("no scatter"), "{}", even.sentence);
    for row in &mut rows {
        let female = row.persona < "p3";
        row.outcome = if female { Outcome::Win } else { row.outcome };
    }
    let uneven = section(&by_sex(&rows), &without_floor());
    assert!(
        uneven.sentence.starts_with("levels differ"),
        "{}",
        uneven.sentence
    );
    assert_eq!(uneven.worst.unwrap().levels, ["male"]);
}

#[test]
fn levels_under_the_floor_are_not_compared() {
    let table = by_sex(&league(&["tuned", "base"], 5, 9, 21));
    let few = section(&table, &without_floor());
    assert_eq!(few.min_items, DEFAULT_MIN_ITEMS);
    assert_eq!(
        few.sentence,
        "levels are not compared: fewer than two have 10 questions or more and a win rate that is not withheld"
    );
    assert!(few.homogeneity.is_none() && few.gap.is_none() && few.worst.is_none());
    assert!(
        few.levels
            .iter()
            .all(|level| !level.compared && level.pooled.is_none())
    );
    let mut options = without_floor();
    options.sections.min_items = 9;
    assert!(section(&table, &options).homogeneity.is_some());
}

#[test]
fn a_level_whose_rate_is_withheld_is_shown_nowhere() {
    let mut rows = league(&["tuned", "base"], 30, 12, 4);
    for row in rows.iter_mut().filter(|row| row.persona == "p2") {
        row.outcome = Outcome::Missing;
        row.reason = Some(MissingReason::Failed);
    }
    let table = with_dimension(table(&rows), "who", |p| Some(p.to_owned()));
    let report = analyse(&table, None, &Options::default()).unwrap();
    let withheld = report
        .groups
        .iter()
        .filter(|group| group.withheld.is_some())
        .count();
    assert_eq!(withheld, 1);
    let levels = &report.comparisons[0].subgroups[0].levels;
    assert_eq!(levels.len(), 29);
    assert!(levels.iter().all(|level| level.levels != ["p2"]));
}

#[test]
fn exchanging_candidate_and_opponent_mirrors_levels_and_keeps_tests() {
    let rows = rows();
    let exchanged: Vec<Row> = rows.iter().map(mirrored).collect();
    let (a, b) = (
        section(&by_sex(&rows), &without_floor()),
        section(&by_sex(&exchanged), &without_floor()),
    );
    for (a, b) in a.levels.iter().zip(&b.levels) {
        assert!((a.estimate.unwrap() + b.estimate.unwrap() - 1.0).abs() < 1e-12);
        assert!((a.pooled.unwrap() + b.pooled.unwrap() - 1.0).abs() < 1e-9);
    }
    assert!((a.gap.unwrap().gap - b.gap.unwrap().gap).abs() < 1e-12);
    let (p, q) = (a.homogeneity.unwrap(), b.homogeneity.unwrap());
    assert_close(p.p_value, q.p_value);
}

#[test]
fn pairs_of_dimensions_are_one_breakdown() {
    let table = with_dimension(by_sex(&rows()), "age", |p| {
        Some(
            if p.ends_with(['1', '3']) {
                "old"
            } else {
                "young"
            }
            .to_owned(),
        )
    });
    let options = Options {
        by: Some(vec![vec!["sex".to_owned(), "age".to_owned()]]),
        ..without_floor()
    };
    let made = section(&table, &options);
    assert_eq!(made.dimensions, ["sex", "age"]);
    assert_eq!(made.levels.len(), 4);
    assert!(made.spread.is_some());
}

#[test]
fn the_interaction_of_a_difference_is_that_of_its_items() {
    let rows: Vec<Row> = league(&["tuned", "base", "gpt"], 5, 15, 3)
        .into_iter()
        .filter(|row| row.opponent == "gpt")
        .collect();
    let report = analyse(&by_sex(&rows), None, &without_floor()).unwrap();
    let made = &report.differences[0];
    let section = &made.subgroups[0];
    let of = |comparison: usize, level: usize| {
        report.comparisons[comparison].subgroups[0].levels[level]
            .estimate
            .unwrap()
    };
    for level in 0..2 {
        assert_close(section.levels[level].estimate, of(0, level) - of(1, level));
    }
    assert!(
        section.sentence.contains(" points ("),
        "{}",
        section.sentence
    );
}

#[test]
fn levels_are_compared_by_the_clusters_that_were_asked_for() {
    let mut table = by_sex(&rows());
    table.covariates.push("template".to_owned());
    for item in &mut table.items {
        let number: usize = item.question.id.trim_start_matches('q').parse().unwrap();
        let question = Arc::make_mut(&mut item.question);
        question.covariates = vec![Some(format!("t{}", number % 4).into())].into();
    }
    let mut options = without_floor();
    options.sections.min_items = 2;
    for (cluster, clusters) in [("question", 15), ("x.template", 4), ("persona", 2)] {
        options.cluster = Some(vec![cluster.to_owned()]);
        let report = analyse(&table, None, &options).unwrap();
        let section = &report.comparisons[0].subgroups[0];
        assert_eq!(section.clusters, cluster);
        assert_eq!(section.levels[0].n_clusters, clusters, "{cluster}");
        let row = report.groups[0].interval.as_ref().unwrap();
        assert_close(section.levels[0].interval.unwrap().low, row.low);
        let worst = section.worst.as_ref().unwrap();
        let own = section
            .levels
            .iter()
            .find(|level| level.levels == worst.levels);
        let own = own.unwrap().interval.unwrap();
        assert!(worst.interval.low < own.low && own.high < worst.interval.high);
    }
}

#[test]
fn one_breakdown_is_made_once_whichever_dimension_is_named_first() {
    let table = with_dimension(by_sex(&rows()), "age", |p| {
        Some(if p > "p2" { "old" } else { "young" }.to_owned())
    });
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    let options = Options {
        by: Some(vec![names(["sex", "age"]), names(["age", "sex"])]),
        ..without_floor()
    };
    let report = analyse(&table, None, &options).unwrap();
    assert_eq!(report.comparisons[0].subgroups.len(), 1);
    let twice = Options {
        by: Some(vec![names(["sex", "age"]), names(["sex", "sex"])]),
        ..without_floor()
    };
    assert!(analyse(&table, None, &twice).is_err());
}

#[test]
fn a_spread_that_shrank_to_nothing_is_unresolved() {
    let mut rows = rows();
    for row in &mut rows {
        row.outcome = Outcome::Tie;
    }
    let table = with_dimension(table(&rows), "of", |p| Some(p.to_owned()));
    let section = section(&table, &without_floor());
    assert!(section.spread.unwrap().interval.is_none());
    let said = section.sentence;
    assert!(
        said.contains("spread without noise 0.0 points (unresolved)"),
        "{said}"
    );
}

#[test]
fn a_gap_that_nothing_varies_in_has_no_interval() {
    let (personas, questions) = (numbered("p", 3), numbered("q", 20));
    let rows: Vec<Row> = (0..60)
        .map(|i| {
            let (persona, question) = (i % 3, i / 3);
            let outcome = match (question % 2, persona) {
                (0, 0) => Outcome::Loss,
                (0, _) | (1, 0) => Outcome::Tie,
                _ => Outcome::Win,
            };
            row(personas[persona], questions[question], FIRST, outcome)
        })
        .collect();
    let table = with_dimension(table(&rows), "of", |p| {
        Some(if p == "p1" { "low" } else { "high" }.to_owned())
    });
    let said = section(&table, &without_floor()).sentence;
    assert!(
        said.contains("largest gap 50.0 points (no scatter to take an interval from);"),
        "{said}"
    );
}

fn notes_of(report: &Report, code: report::NoteCode) -> Vec<(String, Vec<String>)> {
    let notes = report.notes.iter().filter(|note| note.code == code);
    notes
        .map(|note| (note.sentence.clone(), note.subjects.clone()))
        .collect()
}

/// Twelve personas of either sex on one question.
#[test]
fn levels_of_one_question_have_the_intervals_that_they_are_compared_by() {
    let of = |personas: usize| {
        let rows = league(&["tuned", "base"], personas, 1, 3);
        let sex = |p: &str| {
            let number: usize = p[1..].parse().unwrap();
            Some(if number.is_multiple_of(2) { "f" } else { "m" }.to_owned())
        };
        let table = with_dimension(table(&rows), "sex", sex);
        analyse(&table, None, &without_floor()).unwrap()
    };
    let many = of(24);
    let section = &many.comparisons[0].subgroups[0];
    for (level, group) in section.levels.iter().zip(&many.groups) {
        let interval = group.interval.as_ref().unwrap();
        assert_eq!(interval.clusters, ["persona"]);
        assert_eq!(
            interval.population,
            "personas like these, asked exactly this question"
        );
        assert_close(Some(interval.low), level.interval.unwrap().low);
        assert!(group.p_value.is_some() && group.interval_fixed_personas.is_none());
    }
    assert_eq!(notes_of(&many, report::NoteCode::FewInLevel), []);
    let few = of(12);
    assert!(few.groups.iter().all(|group| group.interval.is_some()));
    let notes = notes_of(&few, report::NoteCode::FewInLevel);
    assert_eq!(
        notes[0].0,
        "levels with too few clusters for a claim (--min-items) have a rate and an interval, and no test"
    );
    // Of exactly these personas nothing is sampled.
    let rows = league(&["tuned", "base"], 24, 1, 3);
    let table = with_dimension(table(&rows), "sex", |p| Some(p.len().to_string()));
    let fixed = Options {
        personas: crate::study::PersonaPopulation::Fixed,
        ..without_floor()
    };
    let fixed = analyse(&table, None, &fixed).unwrap();
    assert!(fixed.groups.iter().all(|group| group.interval.is_none()));
}

#[test]
fn levels_of_one_cluster_are_said_to_have_no_interval() {
    let rows = league(&["tuned", "base"], 12, 12, 3);
    let sex = |p: &str| Some(if p < "p3" { "f" } else { "m" }.to_owned());
    let table = with_dimension(table(&rows), "sex", sex);
    let options = Options {
        cluster: Some(vec!["group.sex".to_owned()]),
        ..without_floor()
    };
    let report = analyse(&table, None, &options).unwrap();
    assert!(report.groups.iter().all(|group| group.interval.is_none()));
    assert_eq!(notes_of(&report, report::NoteCode::FewInLevel), []);
    let single = notes_of(&report, report::NoteCode::SingleCluster);
    assert_eq!(
        single,
        [(
            "levels with a single cluster have a rate, and neither an interval nor a test"
                .to_owned(),
            vec!["f".to_owned(), "m".to_owned()]
        )]
    );
}
