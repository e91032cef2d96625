//! Several pairs of models, and several judges.

use super::*;

/// Two pairs, of which the first has half of the questions.
fn uneven(shared: bool) -> Made {
    let mut made = Made::new();
    for at in 0..20 {
        let (persona, question) = (format!("p{}", at % 4), format!("Q{}", at / 4));
        let place = (&*persona, &*question, "t");
        let has_first = if shared { at % 8 < 4 } else { at >= 20 };
        if has_first || (!shared && at < 4) {
            made.answer(&persona, &question, "t", "base_a", 1);
            made.answer(&persona, &question, "t", "tuned_a", 2);
            made.verdict(place, ("tuned_a", "base_a"), "overall", 1.0);
        }
        if shared || at >= 4 {
            made.answer(&persona, &question, "t", "base_b", 1 + at % 2);
            made.answer(&persona, &question, "t", "tuned_b", 1 + at % 2);
            made.verdict(place, ("tuned_b", "base_b"), "overall", 0.5);
        }
    }
    made
}

#[test]
fn the_mean_of_pairs_counts_each_alike_whichever_items_it_has() {
    let report = uneven(true).told(&two_items()).unwrap();
    let mean = report.gains.last().unwrap();
    assert_eq!(mean.contrast.pair, "mean of 2 pairs");
    let (structured, open) = (mean.structured.unwrap(), mean.open_ended.unwrap());
    assert!(near(structured.estimate, 0.5) && near(open.estimate, 0.25));
    assert_eq!((structured.items, open.items), (20, 20));
    let pairs = &report.gains[..2];
    let means = pairs.iter().map(|pair| pair.structured.unwrap().estimate);
    assert!(near(structured.estimate, means.sum::<f64>() / 2.0));
    assert!(
        report.notes.contains(&"the mean of 2 pairs is that of the pairs' own means: 8 structured and 8 open-ended items stand in some of the pairs only".to_owned()),
        "{:?}",
        report.notes
    );
    assert!(
        report
            .summary
            .starts_with("Of 50.0 points gained in structured accuracy on average over 2 pairs ("),
        "{}",
        report.summary
    );
}

#[test]
fn pairs_without_an_item_in_common_have_a_mean() {
    let report = uneven(false).told(&two_items()).unwrap();
    let mean = report.gains.last().unwrap();
    let (structured, open) = (mean.structured.unwrap(), mean.open_ended.unwrap());
    assert!(near(structured.estimate, 0.5) && near(open.estimate, 0.25));
}

#[test]
fn the_sentence_names_its_judge_and_what_others_say() {
    let mut made = small();
    let own: String = made.verdicts.clone();
    for (judge, flips) in [("k", true), ("l", false)] {
        for line in own.lines().skip(1) {
            let (rest, score) = line.rsplit_once(',').unwrap();
            let score: f64 = score.parse().unwrap();
            let score = if flips { 1.0 - score } else { score };
            writeln!(
                made.verdicts,
                "{},{score}",
                rest.replace(",j,", &format!(",{judge},"))
            )
            .unwrap();
        }
    }
    let report = made.told(&two_items()).unwrap();
    assert!(
        report.summary.ends_with(" The win rate is that by j; by k it changed by -6.2 points, the other way; by l it changed by 6.2 points."),
        "{}",
        report.summary
    );
    assert!(
        !small()
            .told(&two_items())
            .unwrap()
            .summary
            .contains("The win rate is that by")
    );
}

#[test]
fn a_model_is_not_paired_with_itself() {
    let options = TransferOptions {
        pairs: vec![("tuned".to_owned(), "tuned".to_owned())],
        ..two_items()
    };
    let told = small().told(&options).unwrap_err().to_string();
    assert!(
        told.starts_with("a pair is of two models, and this is tuned twice"),
        "{told}"
    );
}
