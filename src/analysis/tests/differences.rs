//! Differences of two win rates: which are taken, and that they are what the two
//! rates over the shared items say.

use super::*;
use crate::analysis::report::{Difference, DifferenceKind};

const REFERENCE: &str = "gpt";

/// Two candidates against one reference, which they never meet without.
fn referred(seed: u64) -> Vec<Row> {
    league(&["tuned", "base", REFERENCE], 3, 12, seed)
        .into_iter()
        .filter(|row| row.opponent == REFERENCE)
        .collect()
}

fn of_kind(report: &Report, kind: DifferenceKind) -> Vec<&Difference> {
    report
        .differences
        .iter()
        .filter(|made| made.kind == kind)
        .collect()
}

/// The mean score of each item of a candidate against the reference.
fn item_scores(rows: &[Row], candidate: &str) -> std::collections::BTreeMap<String, f64> {
    let mut sums: std::collections::BTreeMap<String, (f64, f64)> =
        std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| row.candidate == candidate) {
        let score = match row.outcome {
            Outcome::Win => 1.0,
            Outcome::Tie => 0.5,
            _ => 0.0,
        };
        let sum = sums
            .entry(format!("{}/{}", row.question, row.persona))
            .or_default();
        *sum = (sum.0 + score, sum.1 + 1.0);
    }
    sums.into_iter()
        .map(|(item, (sum, n))| (item, sum / n))
        .collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(16))]

    #[test]
    fn a_difference_is_the_mean_of_the_items_differences(seed in 0_u64..1_000) {
        let rows = referred(seed);
        let report = report(&rows, &without_floor());
        let made = of_kind(&report, DifferenceKind::Models);
        assert_eq!(made.len(), 1);
        let (a, b) = (item_scores(&rows, "tuned"), item_scores(&rows, "base"));
        let differences: Vec<f64> = a.iter().map(|(item, a)| a - b[item]).collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        assert_close(made[0].difference, mean);
        assert_close(made[0].first.win_rate, a.values().sum::<f64>() / n);
        assert_eq!(made[0].n_items as usize, differences.len());
        // One-way, by question: items of a question stand together.
        let mut sums = [0.0; 12];
        for (i, d) in a.keys().zip(&differences) {
            let question: usize = i.split_once('/').unwrap().0[1..].parse().unwrap();
            sums[question - 1] += d - mean;
        }
        let variance = 12.0 / 11.0 * sums.iter().map(|e| e * e).sum::<f64>() / n / n;
        let fixed = Options { personas: crate::study::PersonaPopulation::Fixed, ..without_floor() };
        let fixed = analyse(&table(&rows), None, &fixed).unwrap();
        let error = of_kind(&fixed, DifferenceKind::Models)[0].standard_error.unwrap();
        assert!((error - variance.sqrt()).abs() < 1e-12, "{error} {variance}");
    }

    #[test]
    fn who_is_called_the_candidate_changes_no_difference(seed in 0_u64..1_000) {
        let rows = referred(seed);
        let exchanged: Vec<Row> = rows.iter().map(mirrored).collect();
        let (a, b) = (report(&rows, &without_floor()), report(&exchanged, &without_floor()));
        let (a, b) = (&a.differences[0], &b.differences[0]);
        assert_close(a.difference, b.difference);
        assert_close(a.standard_error, b.standard_error);
        assert_eq!(a.contrast, b.contrast);
    }
}

#[test]
fn what_is_subtracted_from_what_follows_the_reference() {
    let rows = referred(5);
    let with = |reference: &str| {
        let mut options = without_floor();
        options.sections.reference = Some(reference.to_owned());
        let report = analyse(&table(&rows), None, &options).unwrap();
        report.differences[0].contrast.clone()
    };
    assert_eq!(with("base"), "tuned less base, each against gpt");
    assert_eq!(with("tuned"), "base less tuned, each against gpt");
    let mut options = without_floor();
    options.sections.reference = Some("bse".to_owned());
    let error = analyse(&table(&rows), None, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no model `bse` to be the reference; the table has base, gpt, tuned"
    );
}

/// Does what the notes on left-out differences advise, each time with a difference that
/// was left out, and returns the references that were named.
fn followed(rows: &[Row], reference: Option<&str>) -> Vec<String> {
    let of = |reference: Option<&str>| {
        let mut options = without_floor();
        options.sections.reference = reference.map(str::to_owned);
        analyse(&table(rows), None, &options).unwrap()
    };
    // Whichever of the two is subtracted.
    let pairs = |report: &Report| -> Vec<[String; 3]> {
        let models = of_kind(report, DifferenceKind::Models).into_iter();
        let pair = |made: &Difference| {
            let mut models = [&made.first.candidate, &made.second.candidate];
            models.sort_unstable();
            [models[0], models[1], &made.first.opponent].map(String::clone)
        };
        models.map(pair).collect()
    };
    let before = of(reference);
    let shown = pairs(&before);
    let mut named = Vec::new();
    for note in &before.notes {
        if note.code == report::NoteCode::DifferencesLeftOut {
            assert_eq!(
                note.sentence.contains("`--reference MODEL`"),
                !note.subjects.is_empty(),
                "{}",
                note.sentence
            );
            for model in &note.subjects {
                let after = pairs(&of(Some(model)));
                assert!(
                    after.iter().any(|pair| !shown.contains(pair)),
                    "{model}: {}",
                    note.sentence
                );
                named.push(model.clone());
            }
        }
    }
    named
}

#[test]
fn what_the_notes_on_left_out_differences_advise_shows_them() {
    for (models, everybody) in [(4, true), (9, true), (10, true), (12, false)] {
        let models = numbered("m", models);
        let last = *models.last().unwrap();
        let all = league(&models, 1, 3, 7);
        let rows: Vec<Row> = all
            .into_iter()
            .filter(|row| everybody || row.opponent == last || row.candidate == "m1")
            .collect();
        for reference in [None, Some("m2"), Some(last)] {
            followed(&rows, reference);
        }
    }
    // Some pairs of eleven models met, m1 all others but one.
    let models = numbered("m", 11);
    let place = |name: &str| models.iter().position(|model| *model == name).unwrap() as u64;
    for seed in 0..8 {
        let met = |row: &Row| {
            let (a, b) = (place(row.candidate), place(row.opponent));
            (a == 0 && b > 1) || chance(seed * 1_000 + a * 20 + b) < 0.3
        };
        let mut rows = league(&models, 1, 3, 4);
        rows.retain(met);
        followed(&rows, None);
        followed(&rows, Some(rows[0].candidate));
    }
}

#[test]
fn many_models_that_met_one_are_compared_with_the_chosen_one_only() {
    let models = numbered("m", 10);
    let rows: Vec<Row> = league(&models, 1, 6, 3)
        .into_iter()
        .filter(|row| row.opponent == "m10")
        .collect();
    let report_of = |reference: Option<&str>| {
        let mut options = without_floor();
        options.sections.reference = reference.map(str::to_owned);
        analyse(&table(&rows), None, &options).unwrap()
    };
    let none = report_of(None);
    assert!(none.differences.is_empty());
    let advice = followed(&rows, None);
    assert_eq!(advice, ["m1", "m2", "m3"]);
    // Nor does naming the one that all met say which of them is the baseline.
    assert!(report_of(Some("m10")).differences.is_empty());
    assert_eq!(followed(&rows, Some("m10")), advice);
    let chosen = report_of(Some("m3"));
    assert_eq!(chosen.differences.len(), 8);
    assert!(
        chosen
            .differences
            .iter()
            .all(|made| made.second.candidate == "m3")
    );
    let tests = chosen.differences[0].adjustment.unwrap().tests;
    assert_eq!(tests, 8);
}

/// The same comparison by another judge, written from the other side.
fn with_second_judge(rows: &[Row]) -> VerdictTable {
    let mut both = table(rows);
    let mut contest = both.contests[0].clone();
    std::mem::swap(&mut contest.candidate, &mut contest.opponent);
    contest.judge = "other".to_owned();
    both.contests.push(contest);
    let last = both.contests.len() as u32 - 1;
    for judgment in both.judgments.clone() {
        let mut judgment = judgment;
        judgment.contest = last;
        judgment.order = judgment.order.swapped();
        let cell = both.cells[judgment.first_cell as usize];
        judgment.first_cell = both.cells.len() as u32;
        both.judgments.push(judgment);
        both.cells.push(Cell {
            // The other judge prefers the model that the first one does.
            outcome: match cell.outcome {
                Outcome::Win => Outcome::Loss,
                Outcome::Loss => Outcome::Win,
                same => same,
            },
            ..cell
        });
    }
    both
}

#[test]
fn judges_that_agree_do_not_differ() {
    let rows = league(&["tuned", "base"], 2, 12, 9);
    let report = analyse(&with_second_judge(&rows), None, &without_floor()).unwrap();
    let made = of_kind(&report, DifferenceKind::Judges);
    assert_eq!(made.len(), 1);
    assert_eq!(
        made[0].contrast,
        // Both sides are written as often: the name that sorts first is the candidate.
        "judge main less judge other, base against tuned"
    );
    assert_close(made[0].difference, 0.0);
    assert_close(made[0].p_value, 1.0);
}

/// Rows of which a tenth of the personas, those of the level `few`, lack most verdicts of one
/// model in one run.
fn with_a_level_withheld(rows: &mut [Row], candidate: &str) {
    let lost = |row: &&mut Row| row.candidate == candidate && row.persona == "p1";
    for row in rows.iter_mut().filter(lost) {
        if !["q1", "q2", "q3", "q4"].contains(&row.question) {
            row.outcome = Outcome::Missing;
            row.reason = Some(MissingReason::NoVerdict);
        }
    }
}

fn by_size(rows: &[Row]) -> VerdictTable {
    with_dimension(table(rows), "size", |persona| {
        let level = match persona {
            "p1" => "few",
            "p2" | "p3" | "p4" => "some",
            _ => "many",
        };
        Some(level.to_owned())
    })
}

/// Levels that are compared in the differences of a report.
fn levels_of_differences(report: &Report) -> Vec<Vec<String>> {
    let sections = report.differences.iter().map(|made| &made.subgroups[0]);
    let of = |section: &crate::analysis::report::SubgroupSection| {
        let levels = section.levels.iter().map(|level| level.levels.join(" "));
        levels.collect()
    };
    sections.map(of).collect()
}

/// A floor of nine tenths for levels of two items and more.
fn with_a_floor() -> Options {
    let mut options = Options {
        coverage_floor: 0.9,
        ..Options::default()
    };
    options.sections.min_items = 2;
    options
}

#[test]
fn a_level_that_is_withheld_of_either_side_is_in_no_difference() {
    let options = with_a_floor();
    let all = league(&["tuned", "base", REFERENCE], 10, 12, 3);
    let met_reference = |row: &&Row| row.opponent == REFERENCE;
    let rows: Vec<Row> = all.iter().filter(met_reference).cloned().collect();
    let whole = analyse(&by_size(&rows), None, &options).unwrap();
    assert_eq!(levels_of_differences(&whole), [["few", "many", "some"]]);
    for candidate in ["tuned", "base"] {
        let mut rows = rows.clone();
        with_a_level_withheld(&mut rows, candidate);
        let report = analyse(&by_size(&rows), None, &options).unwrap();
        assert!(has_note(&report, report::NoteCode::GroupsWithheld));
        assert_eq!(levels_of_differences(&report), [["many", "some"]]);
        let section = &report.differences[0].subgroups[0];
        let [withheld] = &section.withheld[..] else {
            panic!("{:?}", section.withheld);
        };
        assert_eq!(withheld.levels, ["few"]);
        let side = &report.differences[0].first;
        let side = if side.candidate == candidate {
            "first"
        } else {
            "second"
        };
        let why = format!("the {side} win rate is withheld: a verdict in both orders for ");
        assert!(withheld.reason.starts_with(&why), "{}", withheld.reason);
        assert!(
            section
                .sentence
                .ends_with("left out, a win rate there being withheld: few"),
            "{}",
            section.sentence
        );
        let csv = crate::report::csv::render(&report);
        let row = csv.lines().find(|line| line.contains(",withheld_level,"));
        assert!(row.unwrap().contains(&why));
    }
    let rows = league(&["tuned", "base"], 10, 12, 3);
    let mut less = rows.clone();
    with_a_level_withheld(&mut less, "tuned");
    for (here, there) in [(&rows, &less), (&less, &rows)] {
        let (here, there) = (by_size(here), by_size(there));
        let other = Other {
            here: "new".to_owned(),
            there: "old".to_owned(),
            table: &there,
            same: Vec::new(),
        };
        let report = analyse_against(&here, None, &options, Some(&other)).unwrap();
        assert_eq!(levels_of_differences(&report), [["many", "some"]]);
    }
}

/// What one run lost outside the items that both have takes no level away, whichever of the
/// two is reported; what it lost among them takes it away from both.
#[test]
fn levels_of_two_runs_are_withheld_by_the_items_that_both_have() {
    let options = with_a_floor();
    let whole = league(&["tuned", "base"], 10, 24, 3);
    let is_shared = |row: &Row| numbered("q", 12).contains(&row.question);
    let half: Vec<Row> = whole.iter().filter(|row| is_shared(row)).cloned().collect();
    let without = |lost: &dyn Fn(&Row) -> bool| {
        let mut rows = whole.clone();
        for row in rows.iter_mut().filter(|row| row.persona == "p1") {
            if lost(row) {
                row.outcome = Outcome::Missing;
                row.reason = Some(MissingReason::NoVerdict);
            }
        }
        by_size(&rows)
    };
    let half = by_size(&half);
    let of = |here: &VerdictTable, there: &VerdictTable| {
        let other = Other {
            here: "new".to_owned(),
            there: "old".to_owned(),
            table: there,
            same: Vec::new(),
        };
        let report = analyse_against(here, None, &options, Some(&other)).unwrap();
        levels_of_differences(&report).remove(0)
    };
    // Half of the level is lost, and none of what both have.
    let outside = without(&|row| !is_shared(row));
    assert_eq!(of(&outside, &half), ["few", "many", "some"]);
    assert_eq!(of(&half, &outside), ["few", "many", "some"]);
    // A twelfth of the level is lost, and a sixth of what both have.
    let inside = without(&|row| ["q1", "q2"].contains(&row.question));
    assert_eq!(of(&inside, &half), ["many", "some"]);
    assert_eq!(of(&half, &inside), ["many", "some"]);
}

#[test]
fn a_difference_without_a_level_that_may_be_shown_says_so() {
    let options = Options {
        coverage_floor: 0.9,
        ..Options::default()
    };
    let mut rows = league(&["tuned", "base"], 10, 12, 3);
    let there = by_size(&rows);
    let is_of_a_level = |persona: &str| ["p1", "p2"].contains(&persona);
    for row in &mut rows {
        if is_of_a_level(row.persona) && ["q1", "q2", "q3"].contains(&row.question) {
            row.outcome = Outcome::Missing;
            row.reason = Some(MissingReason::NoVerdict);
        }
    }
    let here = with_dimension(table(&rows), "who", |persona| {
        is_of_a_level(persona).then(|| persona.to_owned())
    });
    let other = Other {
        here: "new".to_owned(),
        there: "old".to_owned(),
        table: &there,
        same: Vec::new(),
    };
    let report = analyse_against(&here, None, &options, Some(&other)).unwrap();
    let section = &report.differences[0].subgroups[0];
    assert!(section.levels.is_empty());
    assert_eq!(
        section.sentence,
        "levels are not compared: fewer than two have 10 questions or more and a win rate that is not withheld; left out, a win rate there being withheld: p1, p2"
    );
}

fn against(here: &[Row], there: &VerdictTable, same: Vec<Same>) -> Result<Report, AnalysisError> {
    let other = Other {
        here: "new".to_owned(),
        there: "old".to_owned(),
        table: there,
        same,
    };
    analyse_against(&table(here), None, &without_floor(), Some(&other))
}

#[test]
fn two_runs_are_compared_on_the_items_that_both_have() {
    let here: Vec<Row> = league(&["tuned", "base"], 2, 14, 1)
        .into_iter()
        .filter(|row| row.question != "q1")
        .collect();
    let there: Vec<Row> = league(&["tuned", "base"], 2, 12, 2)
        .iter()
        .map(mirrored)
        .collect();
    let mut table_there = table(&there);
    for contest in &mut table_there.contests {
        contest.rubric = "persona-value@another".to_owned();
    }
    let report = against(&here, &table_there, Vec::new()).unwrap();
    let summary = report.against.unwrap();
    assert_eq!(
        (summary.shared_items, summary.only_here, summary.only_there),
        (22, 4, 2)
    );
    assert!(summary.unmatched_here.is_empty() && summary.unmatched_there.is_empty());
    let made = &report.differences[0];
    assert_eq!((made.kind, made.n_items), (DifferenceKind::Runs, 22));
    assert_eq!((made.first.left_out, made.second.left_out), (4, 2));
    let shared = |rows: &[Row]| -> f64 {
        let kept: Vec<f64> = rows
            .iter()
            .filter(|row| !["q1", "q13", "q14"].contains(&row.question))
            .map(|row| match row.outcome {
                Outcome::Win => 1.0,
                Outcome::Tie => 0.5,
                _ => 0.0,
            })
            .collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    let straight: Vec<Row> = there.iter().map(mirrored).collect();
    assert_close(made.difference, shared(&here) - shared(&straight));
    assert_eq!(
        made.contrast,
        "tuned against base in new less the same in old (rubrics persona-value@0123456789abcdef and persona-value@another)"
    );
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let rows = league(&["tuned", "base"], 2, 12, 4);
    let report = against(&rows, &table(&rows), Vec::new()).unwrap();
    assert_close(report.differences[0].difference, 0.0);
    let interval = report.differences[0].interval.as_ref().unwrap();
    assert!(interval.low < 0.0 && interval.high > 0.0);
}

#[test]
fn names_that_mean_the_same_are_matched_and_others_are_not_guessed() {
    let here = league(&["new", "old"], 1, 12, 4);
    let there = table(&league(&["v2", "v1"], 1, 12, 5));
    let unmatched = against(&here, &there, Vec::new()).unwrap();
    assert!(unmatched.differences.is_empty());
    assert_eq!(unmatched.against.unwrap().unmatched_here.len(), 1);
    let same = |here: &str, there: &str| Same {
        here: here.to_owned(),
        there: there.to_owned(),
    };
    let matched = against(&here, &there, vec![same("new", "v2"), same("old", "v1")]).unwrap();
    assert_eq!(matched.differences.len(), 1);
    let error = against(&here, &there, vec![same("new", "v3")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`v3` is to be matched, but the other has no model, judge, rubric or criterion of that name"
    );
}

#[test]
fn a_name_is_matched_with_what_it_is_the_same_as_though_the_other_has_it_too() {
    let rows = league(&["tuned", "base"], 2, 12, 9);
    let there = with_second_judge(&rows);
    let same = Same {
        here: "main".to_owned(),
        there: "other".to_owned(),
    };
    let report = against(&rows, &there, vec![same]).unwrap();
    assert_eq!(report.differences.len(), 1);
    let made = &report.differences[0];
    assert_eq!(made.second.judge, "other");
    let summary = report.against.unwrap();
    assert_eq!(summary.unmatched_there.len(), 1);
    assert!(summary.unmatched_there[0].contains("judge main"));
}

#[test]
fn a_difference_to_a_withheld_rate_is_withheld() {
    let mut rows = referred(6);
    for row in rows
        .iter_mut()
        .filter(|row| row.candidate == "base")
        .take(30)
    {
        row.outcome = Outcome::Missing;
        row.reason = Some(MissingReason::Failed);
    }
    let made = report(&rows, &Options::default()).differences.remove(0);
    let why = made.withheld.unwrap();
    assert!(
        why.starts_with("the second win rate is withheld: "),
        "{why}"
    );
    assert!(made.difference.is_none() && made.first.win_rate.is_none());
}

#[test]
fn a_model_that_met_itself_is_subtracted_from_nothing() {
    let mut rows = league(&["a", "b"], 2, 6, 1);
    let itself: Vec<Row> = rows
        .iter()
        .map(|row| Row {
            candidate: "a",
            opponent: "a",
            ..row.clone()
        })
        .collect();
    rows.extend(itself);
    assert!(report(&rows, &without_floor()).differences.is_empty());
}

#[test]
fn both_with_a_third_column_is_refused_by_what_it_stands_for() {
    let options = Options {
        cluster: Some(vec!["both".to_owned(), "topic".to_owned()]),
        ..without_floor()
    };
    let error = analyse(&table(&league(&["a", "b"], 2, 6, 1)), None, &options).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("topic"), "{text}");
}

/// What is subtracted from what, of models that met as `met` says.
fn contrasts(
    models: &[&'static str],
    met: impl Fn(&Row) -> bool,
    reference: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let rows: Vec<Row> = league(models, 2, 6, 4)
        .into_iter()
        .filter(|row| met(row))
        .collect();
    let mut options = without_floor();
    options.sections.reference = reference.map(str::to_owned);
    let report = analyse(&table(&rows), None, &options).unwrap();
    let left_out = report::NoteCode::DifferencesLeftOut;
    let left_out = report.notes.into_iter().find(|note| note.code == left_out);
    let contrasts = report.differences.into_iter().map(|made| made.contrast);
    (contrasts.collect(), left_out.map(|note| note.sentence))
}

#[test]
fn a_further_model_takes_away_no_difference_through_the_one_that_all_met() {
    let models = ["tuned", "base", "new", REFERENCE];
    let met = |row: &Row| row.opponent == REFERENCE || row.opponent == "base";
    for reference in [None, Some(REFERENCE)] {
        let (made, left_out) = contrasts(&models, met, reference);
        assert_eq!(
            made,
            [
                "tuned less base, each against gpt",
                "tuned less new, each against gpt",
                "base less new, each against gpt"
            ]
        );
        assert!(left_out.unwrap().starts_with("2 differences"));
    }
}

#[test]
fn where_everybody_met_everybody_differences_go_through_the_reference() {
    let models = ["a", "b", "c", "d"];
    let (made, left_out) = contrasts(&models, |_| true, None);
    assert_eq!(made, Vec::<String>::new());
    assert!(
        left_out
            .unwrap()
            .starts_with("12 differences of two models")
    );
    let (made, left_out) = contrasts(&models, |_| true, Some("d"));
    assert_eq!(
        made,
        [
            "a less b, each against d",
            "a less c, each against d",
            "b less c, each against d"
        ]
    );
    assert!(left_out.unwrap().starts_with("9 differences"));
}

/// Two candidates that each met the reference on ten personas, of which they share eight.
#[test]
fn a_difference_over_few_personas_gets_a_warning() {
    let personas = numbered("p", 12);
    let of = |shared_from: usize| {
        let rows: Vec<Row> = league(&["tuned", "base", REFERENCE], 12, 12, 5)
            .into_iter()
            .filter(|row| {
                let persona = personas.iter().position(|name| *name == row.persona);
                let persona = persona.unwrap();
                row.opponent == REFERENCE
                    && match row.candidate {
                        "tuned" => persona < 10,
                        _ => (shared_from..shared_from + 10).contains(&persona),
                    }
            })
            .collect();
        report(&rows, &without_floor())
    };
    let few = |report: &Report| -> Vec<report::Note> {
        let notes = report.notes.iter();
        let notes = notes.filter(|note| note.code == report::NoteCode::FewPersonas);
        notes.cloned().collect()
    };
    assert_eq!(few(&of(0)), []);
    let notes = few(&of(2));
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].kind, report::NoteKind::Warning);
    assert!(
        notes[0]
            .sentence
            .starts_with("there are fewer than 10 personas:"),
        "{}",
        notes[0].sentence
    );
    assert_eq!(
        notes[0].subjects,
        ["tuned less base, each against gpt, overall"]
    );
    // One warning names win rates and differences that rest on few personas.
    let both = few(&report(&referred(1), &without_floor()));
    assert_eq!(both.len(), 1);
    assert_eq!(
        both[0].subjects,
        [
            "tuned vs gpt, overall",
            "base vs gpt, overall",
            "tuned less base, each against gpt, overall"
        ]
    );
}
