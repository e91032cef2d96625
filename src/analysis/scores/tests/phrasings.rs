//! Items that were asked in several phrasings.

use super::*;

#[test]
fn what_phrasings_differ_by_is_without_the_control() {
    let mut text = "question,model,option,truth,variant,scale\n".to_owned();
    for q in 0..20 {
        for (variant, right) in [("second", 16), ("third", 12), ("none", 4)] {
            let option = if q < right { 1 } else { 2 };
            writeln!(text, "Q{q},m,{option},1,{variant},1 | 2").unwrap();
        }
    }
    let report = score(&table(&text), &ScoreOptions::default()).unwrap();
    let of = |metric: &str| report.phrasings.iter().find(|p| p.metric == metric);
    let made = of("accuracy").unwrap();
    assert_eq!(made.control.as_deref(), Some("none"));
    let range = made.range.as_ref().unwrap();
    assert!(near(range.gap, 0.2) && range.lowest == ["third"]);
    let spread = made.spread.unwrap();
    assert!(near(spread.deviation, 0.02_f64.sqrt()));
    assert!(spread.interval.unwrap().high <= 0.5_f64.sqrt());
    let gain = made.rates[0].gain.as_ref().unwrap().estimate;
    assert!(near(gain, 0.6));
}

#[test]
fn a_phrasing_without_items_of_the_split_is_left_out_and_told() {
    let mut text = "persona,question,split,model,option,truth,variant,scale\n".to_owned();
    for q in 0..6 {
        for (split, variant) in [("a", "first"), ("a", ""), ("b", "second")] {
            let option = 1 + q % 2;
            writeln!(text, "p{split},q{q},{split},m,{option},1,{variant},1 | 2").unwrap();
        }
    }
    let options = ScoreOptions {
        split: Some("a".to_owned()),
        ..ScoreOptions::default()
    };
    let report = score(&table(&text), &options).unwrap();
    let scored: Vec<_> = report
        .models
        .iter()
        .map(|row| row.variant.as_deref())
        .collect();
    assert_eq!(scored, [Some("first"), Some("(none given)")]);
    let note = "no item of the phrasing second is of the split a; it has no scores here";
    assert!(
        report.notes.iter().any(|known| known == note),
        "{:?}",
        report.notes
    );
    let rates = report.phrasings[0].rates.iter();
    let names: Vec<_> = rates.map(|rate| rate.variant.as_str()).collect();
    assert_eq!(names, ["first", "second", "(none given)"]);
    let fair = fairness::fairness(
        &table(&text),
        &options,
        &fairness::FairnessOptions::default(),
    );
    assert!(fair.unwrap().notes.iter().any(|known| known == note));
    let wrong = ScoreOptions {
        split: Some("c".to_owned()),
        ..ScoreOptions::default()
    };
    assert!(score(&table(&text), &wrong).is_err());
}

#[test]
fn weighted_items_say_that_the_phrasings_are_not_compared() {
    let mut text = "question,model,option,truth,truth_unstable,variant,scale\n".to_owned();
    for q in 0..20 {
        for (variant, right) in [("first", 16), ("second", 12)] {
            let option = if q < right { 1 } else { 2 };
            writeln!(text, "Q{q},m,{option},1,0.1,{variant},1 | 2").unwrap();
        }
    }
    let told = |unstable: Unstable| {
        let options = ScoreOptions {
            unstable,
            ..ScoreOptions::default()
        };
        let report = score(&table(&text), &options).unwrap();
        let notes = report.notes.iter();
        let said = notes
            .filter(|note| note.starts_with("how far the phrasings differ"))
            .count();
        (report.phrasings[0].spread.is_some(), said)
    };
    assert_eq!(told(Unstable::Weight), (false, 1));
    assert_eq!(told(Unstable::Keep), (true, 0));
}

#[test]
fn gains_of_phrasings_have_their_adjusted_p_values_in_the_csv() {
    let mut text = "question,model,option,truth,variant,scale\n".to_owned();
    for q in 0..20 {
        for (variant, right) in [("none", 8), ("second", 12), ("third", 17)] {
            let option = if q < right { 1 } else { 2 };
            writeln!(text, "Q{q},m,{option},1,{variant},1 | 2").unwrap();
        }
    }
    let report = score(&table(&text), &ScoreOptions::default()).unwrap();
    let known = report.phrasings.iter().find(|of| of.metric == "accuracy");
    let csv = crate::report::csv::render_scores(&report);
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<std::collections::HashMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    for rate in known.unwrap().rates.iter().filter(|of| of.gain.is_some()) {
        let row = rows.iter().find(|row| {
            row["base"] == "m" && row["metric"] == "accuracy" && row["variant"] == rate.variant
        });
        let row = row.unwrap();
        assert_eq!(row["p_adjusted"], rate.p_adjusted.unwrap().to_string());
        assert_eq!(row["adjustment"], "holm");
    }
}

#[test]
fn a_spread_of_scores_that_shrank_to_nothing_is_unresolved() {
    let mut text = "question,model,option,truth,variant,scale\n".to_owned();
    for q in 0..20 {
        for (variant, from) in [("second", 0), ("third", 4)] {
            let option = if (from..from + 10).contains(&q) { 1 } else { 2 };
            writeln!(text, "Q{q},m,{option},1,{variant},1 | 2").unwrap();
        }
    }
    let report = score(&table(&text), &ScoreOptions::default()).unwrap();
    let said = crate::report::table::render_scores(&report, crate::report::table::Style::default());
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("spread without noise 0.000 (unresolved)."),
        "{said}"
    );
}
