use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::report::{Coefficient, CoefficientName, CorrectionMethod};
use super::*;
use crate::stats::agreement::{CrossTable, Weights};
use crate::verdict::table_io::{Format, read, read_labels};

mod coverage_and_weights;

/// Rows of `question, order (c or o), outcome (w, t, l or m)`.
fn table(rows: &[(&str, char, char)]) -> VerdictTable {
    let mut text = "question,candidate,opponent,criterion,order,outcome\n".to_owned();
    for (question, order, outcome) in rows {
        let order = if *order == 'c' {
            "candidate_first"
        } else {
            "opponent_first"
        };
        text += &[question, "a,b,overall", order, word(*outcome)].join(",");
        text.push('\n');
    }
    read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap()
}

/// Rows of `question, annotator, outcome`.
fn labels(rows: &[(&str, &str, char)]) -> Labels {
    let mut text = "question,candidate,opponent,criterion,outcome,annotator\n".to_owned();
    for (question, person, outcome) in rows {
        text += &[question, "a,b,overall", word(*outcome), person].join(",");
        text.push('\n');
    }
    read_labels(Path::new("l.csv"), text.as_bytes(), Format::Csv).unwrap()
}

fn word(outcome: char) -> &'static str {
    match outcome {
        'w' => "win",
        't' => "tie",
        'l' => "loss",
        _ => "missing",
    }
}

fn quick() -> AgreementOptions {
    AgreementOptions {
        draws: Draws {
            seed: 2,
            count: 100,
        },
        ..AgreementOptions::default()
    }
}

fn coefficient(all: &[Coefficient], name: CoefficientName) -> &Coefficient {
    all.iter().find(|known| known.name == name).unwrap()
}

fn estimate(all: &[Coefficient], name: CoefficientName) -> f64 {
    coefficient(all, name).estimate.unwrap()
}

/// Four questions, by hand. The judge says w, t (orders differ), l, w; on q4 it lacks an
/// order. ann says w w l w w, bob w t w on the first three.
#[test]
fn a_small_case_by_hand() {
    let table = table(&[
        ("q1", 'c', 'w'),
        ("q1", 'o', 'w'),
        ("q2", 'c', 'w'),
        ("q2", 'o', 'l'),
        ("q3", 'c', 'l'),
        ("q3", 'o', 'l'),
        ("q4", 'c', 'w'),
        ("q4", 'o', 'm'),
    ]);
    let labels = labels(&[
        ("q1", "ann", 'w'),
        ("q2", "ann", 'w'),
        ("q3", "ann", 'l'),
        ("q4", "ann", 'w'),
        ("q1", "bob", 'w'),
        ("q2", "bob", 't'),
        ("q3", "bob", 'w'),
    ]);
    let made = agree(&table, Some(&labels), &quick()).unwrap();
    let part = &made.judge_people[0];
    assert_eq!(
        (part.n_units, part.n_labels, part.n_units_ceiling),
        (3, 6, 3)
    );
    // Of the people the judge agrees with both, one of two, and one of two.
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    near(
        estimate(&part.judge_person, CoefficientName::Agreement),
        2.0 / 3.0,
    );
    near(
        estimate(&part.person_person, CoefficientName::Agreement),
        1.0 / 3.0,
    );
    near(
        estimate(&part.difference, CoefficientName::Agreement),
        1.0 / 3.0,
    );
    // A tie against a win is half an agreement, a win against a loss none.
    near(
        estimate(&part.judge_person, CoefficientName::AgreementHalfTies),
        (1.0 + 0.75 + 0.5) / 3.0,
    );
    assert_eq!(part.confusion.counts, [[2, 0, 0], [1, 1, 0], [1, 0, 1]]);
    let majority = part.majority.as_ref().unwrap();
    assert_eq!((majority.n_units, majority.undecided), (1, 2));
    let judge = &made.raters[0];
    assert_eq!(
        (judge.wins, judge.ties, judge.losses, judge.missing),
        (1, 1, 1, 1)
    );
    // On q4 ann's label still counts for people alone, but nobody else labelled it.
    assert_eq!((made.people[0].n_units, made.people[0].n_ratings), (3, 7));
}

#[test]
fn one_person_has_no_ceiling_and_one_category_no_kappa() {
    let rows: Vec<(String, char, char)> = (0..5).map(|q| (format!("q{q}"), 'c', 'w')).collect();
    let rows: Vec<(&str, char, char)> = rows.iter().map(|(q, o, v)| (q.as_str(), *o, *v)).collect();
    let given: Vec<(&str, &str, char)> = rows.iter().map(|row| (row.0, "ann", 'w')).collect();
    let made = agree(&table(&rows), Some(&labels(&given)), &quick()).unwrap();
    let part = &made.judge_people[0];
    assert!(
        part.no_ceiling
            .as_ref()
            .unwrap()
            .contains("only one person")
    );
    assert!(part.person_person.is_empty() && part.difference.is_empty());
    let kappa = coefficient(&part.judge_person, CoefficientName::CohenKappa);
    assert_eq!(kappa.estimate, None);
    assert!(kappa.undefined.as_ref().unwrap().contains("one category"));
    let agreement = coefficient(&part.judge_person, CoefficientName::Agreement);
    assert_eq!(agreement.estimate, Some(1.0));
    assert!(
        agreement
            .no_interval
            .as_ref()
            .unwrap()
            .contains("all clusters agree")
    );
    assert!(made.people.is_empty());
    assert_eq!(made.alternative_annotator[0].passes, None);
}

#[test]
fn people_who_share_no_unit_have_no_coefficient() {
    let given = labels(&[("q1", "ann", 'w'), ("q2", "bob", 'l'), ("q3", "bob", 't')]);
    let made = agree(&VerdictTable::default(), Some(&given), &quick()).unwrap();
    let panel = &made.people[0];
    assert_eq!((panel.n_units, panel.pairs.len()), (0, 0));
    for known in &panel.coefficients {
        assert_eq!(known.estimate, None);
        assert!(
            known
                .undefined
                .as_ref()
                .unwrap()
                .contains("no unit was rated by two")
        );
    }
}

#[test]
fn a_single_question_has_estimates_and_no_intervals() {
    let one = "item,question,candidate,opponent,criterion,outcome,annotator\n\
        i1,q,a,b,overall,win,ann\ni1,q,a,b,overall,win,bob\n\
        i2,q,a,b,overall,loss,ann\ni2,q,a,b,overall,win,bob\n";
    let one = read_labels(Path::new("l.csv"), one.as_bytes(), Format::Csv).unwrap();
    let made = agree(&VerdictTable::default(), Some(&one), &quick()).unwrap();
    let known = coefficient(&made.people[0].coefficients, CoefficientName::Agreement);
    assert_eq!(known.estimate, Some(0.5));
    assert!(
        known
            .no_interval
            .as_ref()
            .unwrap()
            .contains("only one cluster")
    );
    assert_eq!(made.people[0].n_clusters, [1]);
}

#[test]
fn a_person_asked_twice_is_held_against_themself() {
    let twice = "question,candidate,opponent,criterion,outcome,annotator,repeat\n\
        q1,a,b,overall,win,ann,1\nq1,a,b,overall,loss,ann,2\nq1,a,b,overall,win,bob,1\n\
        q2,a,b,overall,win,ann,1\nq2,a,b,overall,win,ann,2\nq2,a,b,overall,win,bob,1\n";
    let twice = read_labels(Path::new("l.csv"), twice.as_bytes(), Format::Csv).unwrap();
    let made = agree(&VerdictTable::default(), Some(&twice), &quick()).unwrap();
    let ann = &made.raters[0];
    assert_eq!((ann.repeats, ann.self_agreement), (2, Some(0.5)));
    assert_eq!((ann.wins, ann.ties), (1, 1), "a win and a loss are a tie");
    assert_eq!(made.raters[1].self_agreement, None);
}

#[test]
fn a_judge_with_two_rubrics_is_two_raters() {
    let text = "question,candidate,opponent,judge,rubric,criterion,outcome\n\
        q1,a,b,main,old,overall,win\nq1,a,b,main,new,overall,loss\n\
        q2,a,b,main,old,overall,win\nq2,a,b,main,new,overall,win\n";
    let table = read(Path::new("v.csv"), text.as_bytes(), Format::Csv).unwrap();
    let made = agree(&table, None, &quick()).unwrap();
    assert_eq!(made.judges[0].raters, ["main by new", "main by old"]);
    assert_eq!(made.judges[0].n_units, 2);
}

#[test]
fn impossible_options_are_refused() {
    let given = labels(&[("q1", "ann", 'w'), ("q1", "bob", 'l')]);
    let refused = |options: AgreementOptions| {
        agree(&VerdictTable::default(), Some(&given), &options).unwrap_err()
    };
    let level = AgreementOptions {
        level: 1.0,
        ..quick()
    };
    assert!(matches!(refused(level), AgreementError::Analysis(_)));
    for epsilon in [-0.1, 1.0, f64::NAN] {
        let epsilon = AgreementOptions { epsilon, ..quick() };
        assert!(matches!(refused(epsilon), AgreementError::Epsilon(_)));
    }
    let nobody = agree(&VerdictTable::default(), None, &quick()).unwrap_err();
    assert!(matches!(
        nobody,
        AgreementError::NobodyToCompare {
            judges: 0,
            people: 0
        }
    ));
}

/// A judge that sees what people see but for the label of each item's place.
fn judged(n: usize) -> (VerdictTable, Vec<(String, &'static str, char)>) {
    let outcome = |q: usize| ['w', 'l', 'w', 't', 'w', 'l'][q % 6];
    let rows: Vec<(String, char, char)> = (0..n)
        .map(|q| (format!("q{q:03}"), 'c', outcome(q)))
        .collect();
    let refs: Vec<(&str, char, char)> = rows.iter().map(|(q, o, v)| (q.as_str(), *o, *v)).collect();
    let people = (0..n / 3)
        .map(|q| {
            (
                format!("q{q:03}"),
                "ann",
                if q % 7 == 0 { 't' } else { outcome(q) },
            )
        })
        .collect();
    (table(&refs), people)
}

#[test]
fn a_corrected_win_rate_is_that_of_the_statistics_and_says_why_it_is_the_labels() {
    let (table, people) = judged(60);
    let refs: Vec<(&str, &str, char)> = people
        .iter()
        .map(|(q, p, v)| (q.as_str(), *p, *v))
        .collect();
    let made = agree(&table, Some(&labels(&refs)), &quick()).unwrap();
    let rate = &made.corrected[0];
    let corrected = rate.corrected.as_ref().unwrap();
    assert_eq!(corrected.method, CorrectionMethod::PpiPlusPlus);
    assert_eq!((rate.n_items, rate.n_labelled, rate.n_people), (60, 20, 1));
    let score = |v: char| match v {
        'w' => 1.0,
        't' => 0.5,
        _ => 0.0,
    };
    let mut human: Vec<Option<f64>> = people.iter().map(|(_, _, v)| Some(score(*v))).collect();
    human.resize(60, None);
    let judge: Vec<f64> = (0..60)
        .map(|q| score(['w', 'l', 'w', 't', 'w', 'l'][q % 6]))
        .collect();
    let clusters: Vec<u32> = (0..60).collect();
    let twin = crate::stats::prediction_powered::prediction_powered(
        crate::stats::prediction_powered::Items {
            judge: &judge,
            people: &human,
            clusters: crate::stats::Clusters::OneWay(&clusters),
            strata: &[],
            weights: &[],
        },
        crate::stats::prediction_powered::Tuning::Power,
    )
    .unwrap();
    assert!((corrected.win_rate - twin.estimate()).abs() < 1e-12);
    assert!((corrected.standard_error.unwrap() - twin.standard_error()).abs() < 1e-12);
    // Labels that have nothing to do with the judge are better alone.
    let strangers: Vec<(&str, &str, char)> = refs
        .iter()
        .enumerate()
        .map(|(i, row)| (row.0, row.1, if (i / 6) % 2 == 0 { 'w' } else { 'l' }))
        .collect();
    let made = agree(&table, Some(&labels(&strangers)), &quick()).unwrap();
    let rate = &made.corrected[0];
    assert_eq!(
        rate.corrected.as_ref().unwrap().method,
        CorrectionMethod::PeopleOnly
    );
    assert!(
        rate.reason
            .as_ref()
            .unwrap()
            .contains("no further than chance"),
        "{rate:?}"
    );
}

#[test]
fn labelled_items_unlike_the_others_are_warned_of() {
    let rows: Vec<(String, char, char)> = (0..60)
        .map(|q| {
            (
                format!("q{q:02}"),
                'c',
                if (q < 30) == (q % 10 > 0) { 'w' } else { 'l' },
            )
        })
        .collect();
    let refs: Vec<(&str, char, char)> = rows.iter().map(|(q, o, v)| (q.as_str(), *o, *v)).collect();
    let given: Vec<(&str, &str, char)> =
        refs[..30].iter().map(|row| (row.0, "ann", row.2)).collect();
    let made = agree(&table(&refs), Some(&labels(&given)), &quick()).unwrap();
    let codes: Vec<_> = made.notes.iter().map(|note| note.code).collect();
    assert!(
        codes.contains(&report::AgreementNoteCode::NotAtRandom),
        "{codes:?}"
    );
    let errors = &made.corrected[0].rogan_gladen;
    assert_eq!(
        (errors.sensitivity, errors.specificity),
        (Some(1.0), Some(1.0))
    );
    assert!((errors.win_rate.unwrap() - 0.1).abs() < 1e-12, "{errors:?}");
    let said = |made: &report::AgreementReport| {
        let code = report::AgreementNoteCode::NotAtRandom;
        let note = made.notes.iter().find(|note| note.code == code);
        note.unwrap()
            .sentence
            .contains("Rogan and Gladen's is the one to read")
    };
    assert!(said(&made));
    // Of a judge who is always wrong there is no such rate.
    let wrong = |verdict: char| if verdict == 'w' { 'l' } else { 'w' };
    let given: Vec<(&str, &str, char)> =
        (refs[..30].iter().map(|row| (row.0, "ann", wrong(row.2)))).collect();
    let made = agree(&table(&refs), Some(&labels(&given)), &quick()).unwrap();
    assert_eq!(made.corrected[0].rogan_gladen.win_rate, None);
    assert!(!said(&made));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The order of rows and the side that they are told from change nothing, and the
    /// judge's figure is that of a table in which each unit weighs one.
    #[test]
    fn rows_may_be_turned_and_shuffled(
        cells in prop::collection::vec((0_usize..3, 0_usize..3, prop::option::of(0_usize..3)), 2..14),
        shift in 0_usize..13,
        turn in any::<bool>(),
    ) {
        let outcomes = ['w', 't', 'l'];
        let names: Vec<String> = (0..cells.len()).map(|q| format!("q{q:02}")).collect();
        let mut verdicts: Vec<(&str, char, char)> = Vec::new();
        let mut given: Vec<(&str, &str, char)> = Vec::new();
        let mut sums = vec![0.0; 9];
        for (q, (judge, ann, bob)) in cells.iter().enumerate() {
            verdicts.push((&names[q], 'c', outcomes[*judge]));
            given.push((&names[q], "ann", outcomes[*ann]));
            let weight = if bob.is_some() { 0.5 } else { 1.0 };
            CrossTable::add(&mut sums, 3, *judge, *ann, weight);
            if let Some(bob) = bob {
                given.push((&names[q], "bob", outcomes[*bob]));
                CrossTable::add(&mut sums, 3, *judge, *bob, weight);
            }
        }
        let plain = agree(&table(&verdicts), Some(&labels(&given)), &quick()).unwrap();
        let ties = plain.judge_people[0].confusion.categories.len() == 3;
        let twin = CrossTable::new(3, &sums).unwrap();
        let found = &plain.judge_people[0].judge_person;
        prop_assert!((estimate(found, CoefficientName::Agreement) - twin.agreement(Weights::Identity).unwrap()).abs() < 1e-9);
        if ties {
            let kappa = coefficient(found, CoefficientName::CohenKappaQuadratic).estimate;
            match (kappa, twin.cohen_kappa(Weights::Quadratic)) {
                (Some(kappa), Ok(twin)) => prop_assert!((kappa - twin).abs() < 1e-9),
                (None, Err(_)) => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let (verdict_shift, label_shift) = (shift % verdicts.len(), shift % given.len());
        verdicts.rotate_left(verdict_shift);
        given.rotate_left(label_shift);
        let mut shuffled = table(&verdicts);
        let mut given = labels(&given);
        if turn {
            turned(&mut shuffled);
            turned(&mut given.table);
        }
        let other = agree(&shuffled, Some(&given), &quick()).unwrap();
        let near = |a: &Coefficient, b: &Coefficient| match (a.estimate, b.estimate) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (None, None) => true,
            _ => false,
        };
        let both = plain.judge_people[0].judge_person.iter().zip(&other.judge_people[0].judge_person);
        for (a, b) in both {
            prop_assert!(near(a, b), "{a:?} {b:?}");
        }
        let rate = |report: &AgreementReport| report.corrected[0].people_on_labelled.unwrap();
        let turned_rate = if turn { 1.0 - rate(&other) } else { rate(&other) };
        prop_assert!((rate(&plain) - turned_rate).abs() < 1e-9);
    }
}

/// A CSV of verdicts or labels of `zeta` and `alpha`, each row written from the side of
/// `zeta` or (where `turned` says so) of `alpha`.
fn of_sides(header: &str, rows: &[(char, bool)]) -> String {
    let mut text = format!("question,criterion,{header},candidate,opponent,outcome\n");
    for (number, (outcome, turned)) in rows.iter().enumerate() {
        let (models, outcome) = match (turned, outcome) {
            (false, _) => ("zeta,alpha", *outcome),
            (true, 'w') => ("alpha,zeta", 'l'),
            (true, 'l') => ("alpha,zeta", 'w'),
            (true, _) => ("alpha,zeta", *outcome),
        };
        let outcome = word(outcome);
        let _ = writeln!(text, "q{number:03},overall,X,{models},{outcome}");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The side that a label is written from changes nothing, label by label, and the
    /// candidate is that of the results.
    #[test]
    fn labels_may_be_written_from_either_side(
        cells in prop::collection::vec((0_usize..3, 0_usize..3, any::<bool>()), 3..20),
    ) {
        let outcomes = ['w', 't', 'l'];
        let verdicts: Vec<_> = cells.iter().map(|cell| (outcomes[cell.0], false)).collect();
        let verdicts = of_sides("judge", &verdicts);
        let table = read(Path::new("v.csv"), verdicts.as_bytes(), Format::Csv).unwrap();
        let report = |turned: bool| {
            let said = cells.iter().map(|cell| (outcomes[cell.1], turned && cell.2));
            let said = of_sides("annotator", &said.collect::<Vec<_>>());
            let said = read_labels(Path::new("l.csv"), said.as_bytes(), Format::Csv).unwrap();
            agree(&table, Some(&said), &quick()).unwrap()
        };
        let plain = report(false);
        let wins = cells.iter().filter(|cell| cell.0 == 0).count() as u64;
        prop_assert_eq!(plain.raters[0].wins, wins);
        prop_assert_eq!(&report(true), &plain);
    }
}

#[test]
fn the_candidate_of_labels_alone_is_the_one_that_most_are_written_of() {
    let rows = [('w', false), ('w', true), ('l', false)];
    let text = of_sides("annotator", &rows);
    let other = text.replace(",X,", ",Y,");
    let other = other.lines().skip(1).collect::<Vec<_>>().join("\n");
    let both = format!("{text}{other}\n");
    let given = read_labels(Path::new("l.csv"), both.as_bytes(), Format::Csv).unwrap();
    let made = agree(&VerdictTable::default(), Some(&given), &quick()).unwrap();
    let counts: Vec<_> = made
        .raters
        .iter()
        .map(|rater| (rater.wins, rater.losses))
        .collect();
    assert_eq!(counts, [(2, 1), (2, 1)]);
}

/// The same told from the opponent's side.
fn turned(table: &mut VerdictTable) {
    use crate::verdict::Outcome;
    for contest in &mut table.contests {
        std::mem::swap(&mut contest.candidate, &mut contest.opponent);
    }
    for judgment in &mut table.judgments {
        judgment.order = judgment.order.swapped();
    }
    for cell in &mut table.cells {
        cell.outcome = match cell.outcome {
            Outcome::Win => Outcome::Loss,
            Outcome::Loss => Outcome::Win,
            same => same,
        };
    }
}

#[test]
fn a_judge_that_goes_against_people_is_told() {
    let questions: Vec<String> = (0..30).map(|number| format!("q{number}")).collect();
    let word = |number: usize, turned: bool| {
        if (number.is_multiple_of(3)) == turned {
            'l'
        } else {
            'w'
        }
    };
    let rows: Vec<(&str, char, char)> = questions
        .iter()
        .enumerate()
        .map(|(number, question)| (question.as_str(), 'c', word(number, false)))
        .collect();
    let said: Vec<(&str, &str, char)> = questions[..20]
        .iter()
        .enumerate()
        .map(|(number, question)| (question.as_str(), "ann", word(number, true)))
        .collect();
    let report = agree(&table(&rows), Some(&labels(&said)), &quick()).unwrap();
    let rate = &report.corrected[0];
    let reason = rate.reason.as_deref().unwrap();
    assert!(
        reason.contains("goes against people (correlation -1.00"),
        "{reason}"
    );
    assert!(reason.contains("exchanged"), "{reason}");
    assert_eq!(
        rate.corrected.as_ref().unwrap().method,
        CorrectionMethod::PeopleOnly
    );
}

#[test]
fn a_difference_that_is_the_same_on_every_unit_is_said_without_an_interval() {
    let names: Vec<String> = (0..40).map(|number| format!("q{number}")).collect();
    let rows: Vec<(&str, char, char)> =
        names.iter().map(|name| (name.as_str(), 'c', 'w')).collect();
    for (people, points) in [('t', "-100.0"), ('w', "+0.0")] {
        let said: Vec<(&str, &str, char)> = names
            .iter()
            .flat_map(|name| ["ann", "bob"].map(|person| (name.as_str(), person, people)))
            .collect();
        let made = agree(&table(&rows), Some(&labels(&said)), &quick()).unwrap();
        let sentence = &made.judge_people[0].sentence;
        let words =
            format!("a difference of {points} points, without an interval (all clusters agree");
        assert!(sentence.contains(&words), "{sentence}");
    }
}
