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
