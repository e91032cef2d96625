//! Judges that lack verdicts, and labels that stand for several items.

use super::*;
use crate::verdict::table::ItemQuestion;

/// 40 items, 30 of them labelled by two people, of which the judge lacks the first few.
fn half_judged(missing: usize) -> (VerdictTable, Labels) {
    let names: Vec<String> = (0..40).map(|number| format!("q{number:02}")).collect();
    let rows: Vec<(&str, char, char)> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let verdict = if number.is_multiple_of(2) { 'w' } else { 'l' };
            (
                name.as_str(),
                'c',
                if number < missing { 'm' } else { verdict },
            )
        })
        .collect();
    let said: Vec<(&str, &str, char)> = names[..30]
        .iter()
        .enumerate()
        .flat_map(|(number, name)| {
            let verdict = if number.is_multiple_of(2) { 'w' } else { 'l' };
            [
                (name.as_str(), "ann", verdict),
                (name.as_str(), "bob", verdict),
            ]
        })
        .collect();
    (table(&rows), labels(&said))
}

#[test]
fn a_judge_that_lacks_verdicts_is_withheld_and_people_speak_alone() {
    let (table, labels) = half_judged(20);
    let made = agree(&table, Some(&labels), &quick()).unwrap();
    let rate = &made.corrected[0];
    assert_eq!(rate.coverage, Some(0.5));
    assert!(
        rate.withheld
            .as_ref()
            .unwrap()
            .contains("50.0% of the 40 items begun"),
        "{rate:?}"
    );
    assert_eq!(
        (rate.n_items, rate.n_labelled, rate.n_labelled_unjudged),
        (20, 10, 20)
    );
    assert_eq!((rate.n_labelled_used(), rate.n_items_used()), (30, 40));
    assert_eq!((rate.judge_win_rate, rate.judge_on_labelled), (None, None));
    let corrected = rate.corrected.as_ref().unwrap();
    assert_eq!(corrected.method, CorrectionMethod::PeopleOnly);
    assert!((corrected.win_rate - 0.5).abs() < 1e-12);
    assert!(rate.rogan_gladen.win_rate.is_none() && rate.random_check.is_none());
    assert!(
        rate.sentence
            .contains("labels of 2 people on 30 items, people say 50.0%"),
        "{}",
        rate.sentence
    );
    let test = &made.alternative_annotator[0];
    assert_eq!((test.passes, test.people.len()), (None, 0));
    assert!((test.coverage.unwrap() - 1.0 / 3.0).abs() < 1e-12);
    assert!(test.sentence.contains("is withheld"), "{}", test.sentence);
    let withheld = made
        .notes
        .iter()
        .filter(|note| note.code == report::AgreementNoteCode::Withheld);
    assert_eq!(withheld.count(), 2);
    // With a lower floor the judge counts.
    let low = AgreementOptions {
        coverage_floor: 0.3,
        ..quick()
    };
    let made = agree(&table, Some(&labels), &low).unwrap();
    assert_eq!(made.corrected[0].withheld, None);
    let impossible = AgreementOptions {
        coverage_floor: 1.5,
        ..quick()
    };
    assert!(agree(&table, Some(&labels), &impossible).is_err());
}

#[test]
fn labels_without_a_verdict_are_counted_above_the_floor() {
    let (table, labels) = half_judged(2);
    let low = AgreementOptions {
        coverage_floor: 0.9,
        ..quick()
    };
    let made = agree(&table, Some(&labels), &low).unwrap();
    let rate = &made.corrected[0];
    assert_eq!(
        (
            rate.withheld.as_ref(),
            rate.n_labelled,
            rate.n_labelled_unjudged
        ),
        (None, 28, 2)
    );
    assert_eq!((rate.n_labelled_used(), rate.n_items_used()), (28, 38));
    assert_eq!(
        rate.corrected.as_ref().unwrap().method,
        CorrectionMethod::PpiPlusPlus
    );
    assert!(
        rate.sentence
            .contains("left out: 2 labelled items without a verdict"),
        "{}",
        rate.sentence
    );
    let test = &made.alternative_annotator[0];
    assert_eq!(test.withheld, None);
    assert!((test.coverage.unwrap() - 28.0 / 30.0).abs() < 1e-12);
}

#[test]
fn labels_are_weighed_by_their_column() {
    let rows: Vec<(String, char, char)> = (0..60_usize)
        .map(|q| {
            (
                format!("q{q:02}"),
                'c',
                if q.is_multiple_of(3) { 'l' } else { 'w' },
            )
        })
        .collect();
    let refs: Vec<(&str, char, char)> = rows.iter().map(|(q, o, v)| (q.as_str(), *o, *v)).collect();
    let table = table(&refs);
    let given = |header: &str, weight: &dyn Fn(usize) -> String| {
        let mut text =
            format!("question,candidate,opponent,criterion,outcome,annotator,{header}\n");
        for q in 0..20_usize {
            // Won by people where the weight is 3, lost where it is 1.
            let outcome = if q.is_multiple_of(2) { "win" } else { "loss" };
            let _ = writeln!(text, "q{q:02},a,b,overall,{outcome},ann,{}", weight(q));
        }
        read_labels(Path::new("l.csv"), text.as_bytes(), Format::Csv).unwrap()
    };
    let uneven = |q: usize| (if q.is_multiple_of(2) { "3" } else { "1" }).to_owned();
    for header in ["weight", "x.weight"] {
        let made = agree(&table, Some(&given(header, &uneven)), &quick()).unwrap();
        let rate = &made.corrected[0];
        assert!(rate.weighted);
        assert!((rate.people_on_labelled.unwrap() - 0.75).abs() < 1e-12);
        let corrected = rate.corrected.as_ref().unwrap();
        assert_eq!(corrected.method, CorrectionMethod::PeopleOnly);
        assert!((corrected.win_rate - 0.75).abs() < 1e-12, "{corrected:?}");
        assert!(
            rate.rogan_gladen
                .reason
                .as_ref()
                .unwrap()
                .contains("weighed by their draw")
        );
        let codes: Vec<_> = made.notes.iter().map(|note| note.code).collect();
        assert!(
            codes.contains(&report::AgreementNoteCode::Weighted),
            "{codes:?}"
        );
    }
    let alike = agree(
        &table,
        Some(&given("x.weight", &|_| "2.5".to_owned())),
        &quick(),
    )
    .unwrap();
    assert!(!alike.corrected[0].weighted);
    assert!(
        alike
            .notes
            .iter()
            .all(|note| note.code != report::AgreementNoteCode::WeightsDiffer)
    );
    // Labels that are no file's lines, as of an import, are held to the same.
    for wrong in ["", "0", "-1", "much"] {
        let mut given = given("x.topic", &|_| "2".to_owned());
        given.table.covariates = vec!["weight".to_owned()];
        let item = &mut given.table.items[3];
        item.question = ItemQuestion {
            covariates: [Some(wrong.into())].into(),
            ..ItemQuestion::clone(&item.question)
        }
        .into();
        let refused = agree(&table, Some(&given), &quick()).unwrap_err();
        assert!(
            matches!(refused, AgreementError::Weight { .. }),
            "{refused}"
        );
    }
}

#[test]
fn a_weight_that_is_none_is_told_with_its_line() {
    let header = "question,candidate,opponent,criterion,outcome,annotator,x.weight\n";
    for (wrong, said) in [
        ("", "has none"),
        ("0", "`0`"),
        ("-1", "`-1`"),
        ("much", "`much`"),
    ] {
        let text = format!("{header}q1,a,b,overall,win,ann,2\nq2,a,b,overall,win,ann,{wrong}\n");
        let problems = read_labels(Path::new("l.csv"), text.as_bytes(), Format::Csv).unwrap_err();
        let told = problems[0].to_string();
        assert!(
            told.contains("l.csv:3") && told.contains("x.weight") && told.contains(said),
            "{told}"
        );
    }
}

#[test]
fn different_weights_of_one_labelled_item_are_told() {
    let table = table(&[("q1", 'c', 'w'), ("q2", 'c', 'l'), ("q3", 'c', 'w')]);
    let header = "question,candidate,opponent,criterion,outcome,annotator,x.weight\n";
    let rows = "q1,a,b,overall,win,ann,2\nq1,a,b,overall,win,bob,4\nq2,a,b,overall,win,ann,3\nq3,a,b,overall,win,ann,3\n";
    let text = format!("{header}{rows}");
    let labels = read_labels(Path::new("l.csv"), text.as_bytes(), Format::Csv).unwrap();
    let made = agree(&table, Some(&labels), &quick()).unwrap();
    let mut notes = made.notes.iter();
    let note = notes.find(|note| note.code == report::AgreementNoteCode::WeightsDiffer);
    let sentence = &note.unwrap().sentence;
    assert!(
        sentence.contains("on 1 unit, the first of item `q1` (2 and 4)"),
        "{sentence}"
    );
}

/// Verdicts and labels of units that may share a question: a question, its copy among the
/// units of that question, what the judge and two people say, and a weight.
type Given = (usize, usize, usize, usize, Option<usize>, u32);

fn weighed(units: &[Given], with_weights: bool) -> AgreementReport {
    let outcomes = ["win", "tie", "loss"];
    let mut verdicts = "item,question,candidate,opponent,criterion,outcome\n".to_owned();
    let mut said =
        "item,question,candidate,opponent,criterion,outcome,annotator,x.weight\n".to_owned();
    for (q, copy, judge, ann, bob, weight) in units {
        let unit = format!("q{q:02}-{copy},q{q:02},a,b,overall");
        let weight = if with_weights { *weight } else { 1 };
        let _ = writeln!(verdicts, "{unit},{}", outcomes[*judge]);
        for (name, outcome) in [("ann", Some(ann)), ("bob", bob.as_ref())] {
            if let Some(outcome) = outcome {
                let _ = writeln!(said, "{unit},{},{name},{weight}", outcomes[*outcome]);
            }
        }
    }
    let table = read(Path::new("v.csv"), verdicts.as_bytes(), Format::Csv).unwrap();
    let labels = read_labels(Path::new("l.csv"), said.as_bytes(), Format::Csv).unwrap();
    agree(&table, Some(&labels), &quick()).unwrap()
}

/// Agreement and kappa of pairs of categories, each with a weight, as they are defined.
fn naive(pairs: &[(usize, usize, f64)]) -> (f64, Option<f64>) {
    let all: f64 = pairs.iter().map(|pair| pair.2).sum();
    let share = |holds: &dyn Fn(usize, usize) -> bool| {
        let of = pairs.iter().filter(|(a, b, _)| holds(*a, *b));
        of.map(|pair| pair.2).sum::<f64>() / all
    };
    let agreement = share(&|a, b| a == b);
    let chance: f64 = (0..3)
        .map(|k| share(&|a, _| a == k) * share(&|_, b| b == k))
        .sum();
    let kappa = (1.0 - chance > 1e-12).then(|| (agreement - chance) / (1.0 - chance));
    (agreement, kappa)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Agreement and kappa by draw are those of the weighted pairs, and a unit of weight 3
    /// is three units of its cluster, in the estimates and in their intervals.
    #[test]
    fn a_weight_is_so_many_units_of_a_cluster(
        cells in prop::collection::vec((0_usize..3, 0_usize..3, prop::option::of(0_usize..3), 1_u32..4), 3..12),
    ) {
        let once: Vec<Given> = cells
            .iter()
            .enumerate()
            .map(|(q, (judge, ann, bob, weight))| (q, 0, *judge, *ann, *bob, *weight))
            .collect();
        let copies: Vec<Given> = once
            .iter()
            .flat_map(|unit| (0..unit.5 as usize).map(move |copy| (unit.0, copy, unit.2, unit.3, unit.4, unit.5)))
            .collect();
        let made = weighed(&once, true);
        let made = &made.judge_people[0];
        let first = cells[0].3;
        let differ = cells.iter().any(|cell| cell.3 != first);
        prop_assert_eq!(made.by_draw.is_some(), differ);
        let Some(by) = &made.by_draw else { return Ok(()) };
        let copied = weighed(&copies, false);
        let copied = &copied.judge_people[0];
        prop_assert!(copied.by_draw.is_none());

        let mut judged = Vec::new();
        let mut people = Vec::new();
        for (judge, ann, bob, weight) in &cells {
            let weight = f64::from(*weight);
            match bob {
                None => judged.push((*judge, *ann, weight)),
                Some(bob) => {
                    judged.extend([(*judge, *ann, weight / 2.0), (*judge, *bob, weight / 2.0)]);
                    people.extend([(*ann, *bob, weight / 2.0), (*bob, *ann, weight / 2.0)]);
                }
            }
        }
        let sides = [
            (&by.judge_person, &copied.judge_person, judged),
            (&by.person_person, &copied.person_person, people),
        ];
        for (by, copied, pairs) in sides {
            prop_assert_eq!(by.is_empty(), pairs.is_empty());
            if pairs.is_empty() {
                continue;
            }
            let (agreement, kappa) = naive(&pairs);
            let twins = [
                (CoefficientName::AgreementByDraw, CoefficientName::Agreement, Some(agreement)),
                (CoefficientName::CohenKappaByDraw, CoefficientName::CohenKappa, kappa),
            ];
            for (name, plain, twin) in twins {
                let (by, plain) = (coefficient(by, name), coefficient(copied, plain));
                let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                    (Some(a), Some(b)) => (a - b).abs() < 1e-9,
                    (a, b) => a.is_none() && b.is_none(),
                };
                prop_assert!(near(by.estimate, twin), "{:?} {:?}", by, twin);
                prop_assert!(near(by.estimate, plain.estimate), "{:?} {:?}", by, plain);
                let limits = |of: &Coefficient| of.interval.map(|limits| [limits.low, limits.high]);
                match (limits(by), limits(plain)) {
                    (Some(a), Some(b)) => {
                        prop_assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9), "{:?} {:?}", by, plain);
                    }
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }
    }
}

#[test]
fn weights_of_labels_that_no_judge_stands_beside_are_said_to_change_nothing() {
    let labels = |weights: [&str; 2]| {
        let mut text =
            "question,candidate,opponent,criterion,outcome,annotator,x.weight\n".to_owned();
        for (question, weight) in weights.iter().enumerate() {
            for person in ["ann", "bob"] {
                writeln!(text, "q{question},a,b,overall,win,{person},{weight}").unwrap();
            }
        }
        read_labels(Path::new("l.csv"), text.as_bytes(), Format::Csv).unwrap()
    };
    let said = |weights| {
        let made = agree(&VerdictTable::default(), Some(&labels(weights)), &quick()).unwrap();
        let notes = made.notes.into_iter();
        let mut notes = notes.filter(|note| note.code == report::AgreementNoteCode::Weighted);
        notes.next().map(|note| note.sentence)
    };
    let sentence = said(["1", "3"]).unwrap();
    assert!(
        sentence.contains("x.weight") && sentence.contains("the labelled units as they are"),
        "{sentence}"
    );
    assert_eq!(said(["3", "3"]), None);
}
