//! Gains of which too little is there.

use super::*;

/// Twenty items; of base the answers to some failed, and some have no verdict.
fn lacking(answers: usize, verdicts: usize) -> Made {
    let mut made = Made::new();
    made.answers = made.answers.replace(",option,", ",option,missing_reason,");
    made.verdicts = made.verdicts.replace(",score", ",outcome,missing_reason");
    for at in 0..20 {
        let (persona, question) = (format!("p{}", at % 4), format!("Q{}", at / 4));
        let item = format!("{persona},{question},t,{}", split(&persona));
        let base = if at < answers { ",failed" } else { "1," };
        writeln!(made.answers, "{item},base,{base},2,0,1|2|3").unwrap();
        writeln!(made.answers, "{item},tuned,2,,2,0,1|2|3").unwrap();
        let outcome = if at < verdicts {
            "missing,failed"
        } else {
            "win,"
        };
        writeln!(made.verdicts, "{item},tuned,base,j,r@1,overall,{outcome}").unwrap();
    }
    made
}

#[test]
fn a_gain_under_the_floor_is_withheld_with_its_reason() {
    let told = |answers, verdicts| lacking(answers, verdicts).told(&two_items()).unwrap();
    let whole = told(1, 1);
    assert!(whole.gains[0].withheld.is_none() && !whole.transfers.is_empty());
    let of_answers = told(2, 0);
    let gains = &of_answers.gains[0];
    assert!(gains.structured.is_none() && gains.unstable_truth.is_none());
    assert!(near(gains.open_ended.unwrap().estimate, 0.5));
    assert!(of_answers.transfers.is_empty());
    assert_eq!(
        of_answers.summary,
        "The gain in structured accuracy is withheld, since of base 18 of 20 planned answers are there (90.0%), under the floor of 95.0% (--coverage-floor); overall win rate changed by 50.0 points (95% interval -21.7 to 50.0, 20 items)."
    );
    let of_verdicts = told(0, 4);
    let gains = &of_verdicts.gains[0];
    assert!(near(gains.structured.unwrap().estimate, 1.0) && gains.open_ended.is_none());
    assert_eq!(
        gains.withheld.as_deref(),
        Some(
            "of tuned against base 80.0% of the 20 planned items have a verdict in each order, under the floor of 95.0% (--coverage-floor)"
        )
    );
    assert!(
        of_verdicts.summary.contains(
            "; the gain in overall win rate is withheld, since of tuned against base 80.0%"
        )
    );
    let neither = told(20, 20);
    assert!(
        neither
            .summary
            .starts_with("The gains in structured accuracy and in overall win rate are withheld"),
        "{}",
        neither.summary
    );
    let mut options = two_items();
    options.scores.coverage_floor = 0.9;
    assert!(
        lacking(2, 2).told(&options).unwrap().gains[0]
            .withheld
            .is_none()
    );
    // The split that was asked for is what counts.
    options.scores.split = Some("id".to_owned());
    let found = lacking(2, 2).told(&options).unwrap();
    assert!(found.gains[0].withheld.as_ref().unwrap().contains("4 of 5"));
}

#[test]
fn what_is_withheld_stands_in_every_format() {
    let report = lacking(2, 4).told(&two_items()).unwrap();
    let style = crate::report::table::Style::default();
    let text = crate::report::table::render_transfer(&report, style);
    assert!(
        text.contains("Withheld for overall: of base 18 of 20"),
        "{text}"
    );
    let csv = crate::report::csv::render_transfer(&report);
    assert!(
        csv.contains(",withheld,") && !csv.contains("structured_gain"),
        "{csv}"
    );
    let json = crate::report::json::render_transfer(&report);
    let schema = serde_json::from_str(&crate::report::transfer_schema()).unwrap();
    assert!(jsonschema::is_valid(
        &schema,
        &serde_json::from_str(&json).unwrap()
    ));
}

#[test]
fn a_mean_over_pairs_is_withheld_where_one_of_them_is() {
    let mut made = lacking(2, 0);
    for (of, from) in [
        ("answers", ["base", "tuned"]),
        ("verdicts", ["tuned", "base"]),
    ] {
        let text = if of == "answers" {
            &mut made.answers
        } else {
            &mut made.verdicts
        };
        let more: Vec<String> = text
            .lines()
            .skip(1)
            .map(|line| {
                let line = from.iter().fold(line.to_owned(), |line, name| {
                    line.replace(&format!(",{name},"), &format!(",{name}2,"))
                });
                line.replace(",,failed,", ",1,,")
            })
            .collect();
        text.push_str(&more.join("\n"));
        text.push('\n');
    }
    let report = made.told(&two_items()).unwrap();
    let withheld: Vec<bool> = report
        .gains
        .iter()
        .map(|gains| gains.withheld.is_some())
        .collect();
    assert_eq!(withheld, [true, false, true]);
    assert!(
        report
            .summary
            .contains("is withheld, since of base 18 of 20")
    );
    assert!(report.transfers.iter().all(|told| told.unit != Unit::Model));
}

#[test]
fn a_pair_that_is_named_twice_counts_once() {
    let pair = ("tuned".to_owned(), "base".to_owned());
    let mut options = two_items();
    options.pairs = vec![pair.clone()];
    let once = small().told(&options).unwrap();
    options.pairs = vec![pair.clone(), pair];
    assert_eq!(small().told(&options).unwrap(), once);
}
