use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use rstest::rstest;

use super::metrics::{Answered, Group, treated};
use super::*;
use crate::answers::table_io::{Format, read};
use crate::study::Scale;

mod phrasings;
mod twin;

fn table(text: &str) -> AnswerTable {
    read(Path::new("a.csv"), text.as_bytes(), Format::Csv).unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

const HEAD: &str = "persona,question,topic,split,model,sample,option,missing_reason,truth,truth_modes,truth_distribution,truth_unstable,scale,group.sex\n";

/// Two personas, two questions; `tuned` is right but once, `base` refuses once.
fn small() -> AnswerTable {
    let mut text = HEAD.to_owned();
    for (persona, question, base, tuned, truth) in [
        ("p1", "Q1", "1", "1", "1"),
        ("p1", "Q2", "4", "2", "2"),
        ("p2", "Q1", "", "3", "3"),
        ("p2", "Q2", "3", "4", "1"),
    ] {
        let sex = if persona == "p1" { "F" } else { "M" };
        let split = if persona == "p1" { "train" } else { "eval" };
        for (model, option) in [("base", base), ("tuned", tuned)] {
            let reason = if option.is_empty() { "refused" } else { "" };
            writeln!(
                text,
                "{persona},{question},t,{split},{model},1,{option},{reason},{truth},,,,1|2|3|4,{sex}"
            )
            .unwrap();
        }
    }
    table(&text)
}

fn whole<'r>(report: &'r ScoreReport, model: &str) -> &'r Scored {
    let of_model = |row: &&Scored| row.model == model && row.breakdown == "all";
    report.models.iter().find(of_model).unwrap()
}

#[test]
fn a_small_table_is_scored_by_hand() {
    let report = score(&small(), &ScoreOptions::default()).unwrap();
    let base = whole(&report, "base");
    assert_eq!((base.answers.answered, base.answers.refused), (3, 1));
    let accuracy = base.metrics.accuracy.as_ref().unwrap();
    assert_eq!(accuracy.items, 3);
    assert!(near(accuracy.estimate, 1.0 / 3.0));
    // |1-1|, |4-2| and |3-1| of a range of 3.
    let nmae = base.metrics.nmae.as_ref().unwrap().estimate;
    assert!(near(nmae, (0.0 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0));
    let refusal = base.metrics.refusal_rate.as_ref().unwrap();
    assert!(near(refusal.estimate, 0.25) && refusal.items == 4);
    assert!(base.metrics.wasserstein.is_none());
    let tuned = whole(&report, "tuned");
    assert!(near(
        tuned.metrics.accuracy.as_ref().unwrap().estimate,
        0.75
    ));
    let difference = &report.differences[0];
    assert_eq!(
        (&*difference.candidate, &*difference.base),
        ("tuned", "base")
    );
    // On the three items that both answered: 0, 1, 0.
    let gain = difference.metrics.accuracy.as_ref().unwrap();
    assert!(gain.items == 3 && near(gain.estimate, 1.0 / 3.0));
}

#[test]
fn every_treatment_of_missing_answers_stands_side_by_side() {
    let report = score(&small(), &ScoreOptions::default()).unwrap();
    let base = whole(&report, "base");
    let means: Vec<(f64, f64)> = base
        .treatments
        .iter()
        .map(|treated| (treated.accuracy.unwrap(), treated.nmae.unwrap()))
        .collect();
    // The refused item has the truth 3 of 1 to 4: farthest is 1; the middle is half 2,
    // half 3; a guess is right once in four and off by (2 + 1 + 0 + 1) / 4.
    let others = 4.0 / 3.0;
    let expected = [
        (1.0 / 3.0, others / 3.0),
        (1.0 / 4.0, (others + 2.0 / 3.0) / 4.0),
        (1.5 / 4.0, (others + 0.5 / 3.0) / 4.0),
        (1.25 / 4.0, (others + 1.0 / 3.0) / 4.0),
    ];
    for (found, expected) in means.iter().zip(expected) {
        assert!(
            near(found.0, expected.0) && near(found.1, expected.1),
            "{found:?} {expected:?}"
        );
    }
    for (treatment, expected) in Treatment::ALL.into_iter().zip(expected) {
        let options = ScoreOptions {
            missing: treatment,
            ..ScoreOptions::default()
        };
        let report = score(&small(), &options).unwrap();
        let base = whole(&report, "base");
        assert!(near(
            base.metrics.accuracy.as_ref().unwrap().estimate,
            expected.0
        ));
    }
}

#[test]
fn splits_levels_and_personas_have_rows_of_their_own() {
    let report = score(&small(), &ScoreOptions::default()).unwrap();
    let named: Vec<(&str, Option<&str>)> = report
        .groups
        .iter()
        .filter(|row| row.model == "tuned")
        .map(|row| (row.breakdown.as_str(), row.level.as_deref()))
        .collect();
    assert_eq!(
        named,
        [
            ("topic", Some("t")),
            ("group.sex", Some("F")),
            ("group.sex", Some("M")),
            ("persona", Some("p1")),
            ("persona", Some("p2")),
        ]
    );
    let eval = report
        .models
        .iter()
        .find(|row| row.level.as_deref() == Some("eval"));
    assert!(near(
        eval.unwrap()
            .metrics
            .refusal_rate
            .as_ref()
            .unwrap()
            .estimate,
        0.5
    ));
    let only = ScoreOptions {
        split: Some("train".to_owned()),
        ..ScoreOptions::default()
    };
    let report = score(&small(), &only).unwrap();
    assert_eq!(report.models.len(), 2);
    assert!(near(
        whole(&report, "base")
            .metrics
            .accuracy
            .as_ref()
            .unwrap()
            .estimate,
        0.5
    ));
}

#[test]
fn what_is_not_there_is_named() {
    let none = score(
        &small(),
        &ScoreOptions {
            split: Some("test".to_owned()),
            ..ScoreOptions::default()
        },
    );
    assert_eq!(
        none.unwrap_err().to_string(),
        "no item is of the split `test`; splits: train, eval"
    );
    let pairs = vec![("tuned".to_owned(), "bse".to_owned())];
    let none = score(
        &small(),
        &ScoreOptions {
            pairs,
            ..ScoreOptions::default()
        },
    );
    assert_eq!(
        none.unwrap_err().to_string(),
        "no model is called `bse`; models: base, tuned"
    );
    let bare = table("question,model,option,truth,scale\nQ,m,1,,1|2\n");
    assert_eq!(
        score(&bare, &ScoreOptions::default()),
        Err(ScoreError::NoTruth)
    );
}

#[test]
fn ties_count_once_for_accuracy_all_for_soft_and_half_on_average() {
    let text = format!("{HEAD}p,Q,,,m,1,2,,1,1 | 2,,,1|2|3,\n");
    let report = score(&table(&text), &ScoreOptions::default()).unwrap();
    let row = whole(&report, "m");
    let metric = |metric| row.metrics.get(metric).unwrap().estimate;
    assert!(near(metric(Metric::Accuracy), 0.0));
    assert!(near(metric(Metric::SoftAccuracy), 1.0));
    assert!(near(metric(Metric::ExpectedAccuracy), 0.5));
    assert!(report.notes[0].starts_with("the mode of 1 of 1 item ties"));
}

#[test]
fn unstable_items_are_kept_left_out_or_weighted() {
    let rows = "p,Q1,,,m,1,1,,1,,,0.4,1|2,\np,Q2,,,m,1,2,,1,,,0,1|2,\n";
    let accuracy = |unstable| {
        let options = ScoreOptions {
            unstable,
            ..ScoreOptions::default()
        };
        let report = score(&table(&format!("{HEAD}{rows}")), &options).unwrap();
        whole(&report, "m")
            .metrics
            .accuracy
            .as_ref()
            .unwrap()
            .estimate
    };
    assert!(near(accuracy(Unstable::Keep), 0.5));
    assert!(near(accuracy(Unstable::Drop), 0.0));
    assert!(near(accuracy(Unstable::Weight), 0.6 / 1.6));
}

#[test]
fn weights_of_one_change_no_interval() {
    let with = |unstable| {
        let options = ScoreOptions {
            unstable,
            ..ScoreOptions::default()
        };
        score(&small(), &options).unwrap().models
    };
    assert_eq!(with(Unstable::Keep), with(Unstable::Weight));
}

#[rstest]
#[case(Normaliser::Range, 2.0 / 9.0)]
#[case(Normaliser::MaxDistance, 2.0 / 6.0)]
#[case(Normaliser::ScaleSize, 2.0 / 10.0)]
#[case(Normaliser::None, 2.0)]
fn errors_are_divided_by_what_is_asked(#[case] normaliser: Normaliser, #[case] expected: f64) {
    let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
    let mut picks = vec![0.0; 10];
    picks[5] = 1.0;
    let answered = Answered {
        shares: picks.clone(),
        picks,
        answered: 1.0,
        missing: 0.0,
    };
    let group = Group {
        scale: &scale,
        mode: 3,
        modes: &[],
        shares: None,
    };
    let [_, _, _, nmae, _] = treated(&answered, &group, Treatment::Excluded, normaliser);
    assert!(near(nmae, expected));
}

#[test]
fn options_without_an_order_are_one_apart() {
    let scale = Scale::parse("nominal: 1 | 5 | 9").unwrap();
    let answered = Answered {
        picks: vec![1.0, 1.0, 0.0],
        shares: vec![1.0, 1.0, 0.0],
        answered: 2.0,
        missing: 0.0,
    };
    let group = Group {
        scale: &scale,
        mode: 0,
        modes: &[],
        shares: Some(&[0.2, 0.3, 0.5]),
    };
    let [accuracy, _, _, nmae, distance] =
        treated(&answered, &group, Treatment::Excluded, Normaliser::Range);
    assert!(near(accuracy, 0.5) && near(nmae, 0.5) && near(distance, 0.5));
}

#[test]
fn probabilities_count_with_the_likeliest_option_and_as_a_distribution() {
    let text = "question,model,option,distribution,truth_distribution,scale\nQ,m,1,1 = 0.3 | 3 = 0.7,1 = 0.3 | 3 = 0.7,1|2|3\n";
    let report = score(&table(text), &ScoreOptions::default()).unwrap();
    let row = whole(&report, "m");
    assert!(near(row.metrics.accuracy.as_ref().unwrap().estimate, 1.0));
    assert!(near(
        row.metrics.wasserstein.as_ref().unwrap().estimate,
        0.0
    ));
}

#[test]
fn all_formats_hold_the_scores() {
    let report = score(&small(), &ScoreOptions::default()).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&crate::report::scores_schema()).unwrap();
    let json = crate::report::json::render_scores(&report);
    // However it is put together, it is the whole report.
    assert_eq!(
        json.trim_end(),
        serde_json::to_string_pretty(&report).unwrap()
    );
    let bare = ScoreReport {
        groups: Vec::new(),
        ..report.clone()
    };
    let text = crate::report::json::render_scores(&bare);
    assert_eq!(
        text.trim_end(),
        serde_json::to_string_pretty(&bare).unwrap()
    );
    let value = serde_json::from_str(&json).unwrap();
    assert!(jsonschema::is_valid(&schema, &value));
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scores.schema.json");
    let published = std::fs::read_to_string(published).unwrap_or_default();
    if published != crate::report::scores_schema() {
        let fresh = std::env::temp_dir().join("oyer-scores.schema.json");
        std::fs::write(&fresh, crate::report::scores_schema()).unwrap();
        panic!(
            "docs/scores.schema.json is out of date; copy {} over it",
            fresh.display()
        );
    }
    let csv = crate::report::csv::render_scores(&report);
    assert!(csv.contains("\nbase,,all,,accuracy,3,0.333"), "{csv}");
    let rows: Vec<HashMap<String, String>> = ::csv::Reader::from_reader(csv.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect();
    for row in &rows {
        let mut told = vec!["estimand", "unit", "items"];
        if !row["low"].is_empty() {
            told.extend(["method", "clusters", "confidence"]);
        }
        if !row["p_adjusted"].is_empty() {
            told.push("adjustment");
        }
        for title in told {
            assert!(!row[title].is_empty(), "{title}: {row:?}");
        }
    }
    assert!(rows.iter().any(|row| !row["adjustment"].is_empty()));
    let text = crate::report::table::render_scores(&report, crate::report::table::Style::default());
    // On three items both have an accuracy, and each differs in one of them.
    assert!(text.contains("tuned - base  all            3"), "{text}");
    assert!(crate::report::markdown::render_scores(&report).contains("| tuned - base |"));
}

#[test]
fn ties_of_a_distribution_are_ties_under_every_rule() {
    let text = format!(
        "{HEAD}p,Q,,,m,1,2,,1,,1 = 0.4 | 2 = 0.4 | 3 = 0.2,,1|2|3,\np,R,,,m,1,2,,3,,1 = 0.4 | 2 = 0.4 | 3 = 0.2,,1|2|3,\n"
    );
    let report = score(&table(&text), &ScoreOptions::default()).unwrap();
    let row = whole(&report, "m");
    let metric = |metric| row.metrics.get(metric).unwrap().estimate;
    assert!(near(metric(Metric::Accuracy), 0.0));
    assert!(near(metric(Metric::SoftAccuracy), 0.5));
    assert!(near(metric(Metric::ExpectedAccuracy), 0.25));
    assert!(report.notes[0].starts_with("the mode of 1 of 2 items ties"));
    let other = "the truth of 1 of 2 items is not the most frequent answer of its distribution";
    assert!(report.notes[1].starts_with(other), "{:?}", report.notes);
}

#[test]
fn errors_by_the_number_of_options_have_their_own_upper_end() {
    // Codes that are far apart: 9 codes over 3 options.
    let mut text = "persona,question,model,option,truth,scale\n".to_owned();
    for p in 0..4 {
        for q in 0..6 {
            for (model, option) in [("base", 10), ("tuned", 1)] {
                let truth = if p == 3 { 10 } else { 1 };
                writeln!(
                    text,
                    "p{p},q{q},{model},{option},{truth},1 = a | 5 = b | 10 = c"
                )
                .unwrap();
            }
        }
    }
    let options = ScoreOptions {
        normaliser: Normaliser::ScaleSize,
        ..ScoreOptions::default()
    };
    let report = score(&table(&text), &options).unwrap();
    for (model, mean) in [("base", 2.25), ("tuned", 0.75)] {
        let nmae = whole(&report, model).metrics.nmae.as_ref().unwrap();
        let interval = nmae.interval.as_ref().unwrap();
        assert!(near(nmae.estimate, mean));
        assert!(0.0 <= interval.low && interval.low < mean, "{interval:?}");
        assert!(mean < interval.high && interval.high <= 3.0, "{interval:?}");
    }
    let delta = report.differences[0].metrics.nmae.as_ref().unwrap();
    let interval = delta.interval.as_ref().unwrap();
    assert!(near(delta.estimate, -1.5));
    assert!(-3.0 <= interval.low && interval.low < -1.5, "{interval:?}");
    assert!(-1.5 < interval.high && interval.high <= 3.0, "{interval:?}");
    assert!(delta.p_value.is_some());
}

#[test]
fn unstable_truths_are_counted_and_scores_stand_side_by_side() {
    let mut text = HEAD.to_owned();
    // Right, right, wrong; the last two are unstable in 1/2 and in 1/4 of resamples.
    for (question, option, unstable) in [("Q1", 1, "0"), ("Q2", 1, "0.5"), ("Q3", 2, "0.25")] {
        writeln!(
            text,
            "p,{question},t,all,m,1,{option},,1,,,{unstable},1|2|3,F"
        )
        .unwrap();
    }
    let told = |unstable: Unstable, unstable_above: f64| {
        let options = ScoreOptions {
            unstable,
            unstable_above,
            ..ScoreOptions::default()
        };
        let report = score(&table(&text), &options).unwrap();
        whole(&report, "m").unstable_truth.clone().unwrap()
    };
    let found = told(Unstable::Keep, UNSTABLE_ABOVE);
    assert_eq!((found.items.known, found.items.unstable), (3, 2));
    assert!(near(found.items.unstable_share, 2.0 / 3.0));
    let accuracy: Vec<f64> = found.scores.iter().map(|s| s.accuracy.unwrap()).collect();
    // 2 of 3; 1 of 1; (1 + 1/2) of (1 + 1/2 + 3/4).
    assert!(near(accuracy[0], 2.0 / 3.0) && near(accuracy[1], 1.0));
    assert!(near(accuracy[2], 1.5 / 2.25));
    assert!(near(found.scores[2].nmae.unwrap(), 0.5 * 0.75 / 2.25));
    let items: Vec<u64> = found.scores.iter().map(|s| s.items).collect();
    assert_eq!(items, [3, 1, 3]);
    // What an option leaves out of the scores still stands here.
    assert_eq!(told(Unstable::Drop, UNSTABLE_ABOVE), found);
    assert_eq!(told(Unstable::Weight, 0.3).items.unstable, 1);
    let report = score(&table(&text), &ScoreOptions::default()).unwrap();
    let csv = crate::report::csv::render_scores(&report);
    assert!(csv.contains("\nm,,all,,unstable_share,3,0.666"), "{csv}");
    assert!(
        csv.contains("\nm,,all,,accuracy_unstable_drop,1,1,"),
        "{csv}"
    );
    let style = crate::report::table::Style::default();
    let text = crate::report::table::render_scores(&report, style);
    assert!(text.contains("Unstable truth"), "{text}");
}

#[test]
fn levels_and_shares_are_told_as_they_were_asked_for() {
    let mut text = HEAD.to_owned();
    for (persona, question, option) in [("p", "Q1", 1), ("p", "Q2", 2), ("q", "Q1", 1)] {
        writeln!(
            text,
            "{persona},{question},t,all,m,1,{option},,1,,,0.5,1|2|3,F"
        )
        .unwrap();
    }
    let options = ScoreOptions {
        level: Level::new(0.999).unwrap(),
        unstable_above: 0.005,
        ..ScoreOptions::default()
    };
    let report = score(&table(&text), &options).unwrap();
    let text = crate::report::markdown::render_scores(&report);
    assert!(text.contains(" 99.9% intervals are for "), "{text}");
    let told = text.matches(" in more than 0.5% of resamples of the respondents");
    assert_eq!(told.count(), 2, "{text}");
}

#[test]
fn items_without_weight_are_no_items() {
    let mut with = "persona,question,model,option,truth,truth_unstable,scale\n".to_owned();
    let mut without = with.clone();
    for p in 0..6 {
        for q in 0..5 {
            let unstable = if p < 2 { 0.25 } else { 1.0 };
            let row = format!("p{p},q{q},m,{},1,{unstable},1 | 2\n", 1 + (p + q) % 2);
            with.push_str(&row);
            if unstable < 1.0 {
                without.push_str(&row);
            }
        }
    }
    let options = ScoreOptions {
        unstable: Unstable::Weight,
        ..ScoreOptions::default()
    };
    let [with, without] = [with, without].map(|text| score(&table(&text), &options).unwrap());
    let (all, few) = (whole(&with, "m"), whole(&without, "m"));
    assert_eq!((all.items, &all.metrics), (10, &few.metrics));
    assert_eq!(all.treatments, few.treatments);
    // Beside it still stands what they would have changed.
    let kept = &all.unstable_truth.as_ref().unwrap().scores[0];
    assert_eq!((kept.unstable, kept.items), (Unstable::Keep, 30));
}

#[test]
fn a_pair_that_is_asked_for_twice_is_compared_once() {
    let pair = ("tuned".to_owned(), "base".to_owned());
    let options = ScoreOptions {
        pairs: vec![pair.clone(), pair],
        ..ScoreOptions::default()
    };
    let report = score(&small(), &options).unwrap();
    let whole = report.differences.iter().filter(|d| d.breakdown == "all");
    assert_eq!(whole.count(), 1);
}

#[test]
fn a_model_is_not_compared_with_itself() {
    let options = ScoreOptions {
        pairs: vec![("m".to_owned(), "m".to_owned())],
        ..ScoreOptions::default()
    };
    let text = "question,model,option,truth,scale\nQ1,m,1,1,1 | 2\n";
    let told = score(&table(text), &options).unwrap_err().to_string();
    assert!(
        told.starts_with("a pair is of two models, and this is m twice"),
        "{told}"
    );
}
