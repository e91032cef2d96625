//! The same bytes for any number of threads.

use std::fmt::Write as _;

use crate::support::home::Home;

const FORMATS: [&str; 4] = ["table", "json", "csv", "md"];

/// Two comparisons of three models by two judges on two criteria, in both orders,
/// with ties, gaps and rows of a comparison's other side.
fn table() -> String {
    let mut text = "question,persona,topic,candidate,opponent,judge,criterion,order,outcome,\
                    missing_reason,candidate_chars,opponent_chars,group.sex,group.age\n"
        .to_owned();
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for question in 0..40 {
        for persona in 0..12 {
            let lengths = (200 + draw(400), 200 + draw(300));
            // Some rows are written from the other side of the comparison.
            let pair = [("tuned", "base"), ("base", "tuned")][persona % 2];
            for (candidate, opponent) in [pair, ("other", "base")] {
                for judge in ["main", "second"] {
                    for criterion in ["persona_winner", "overall_winner"] {
                        for order in ["candidate_first", "opponent_first"] {
                            let (outcome, reason) = match draw(40) {
                                0 => ("missing", "no_verdict"),
                                1..=5 => ("tie", ""),
                                6..=21 => ("loss", ""),
                                _ => ("win", ""),
                            };
                            let sex = ["female", "male"][persona % 2];
                            let age = ["young", "middle", "old"][persona % 3];
                            // Writing to a string cannot fail.
                            let _ = writeln!(
                                text,
                                "q{question},p{persona},t{},{candidate},{opponent},{judge},{criterion},\
                                 {order},{outcome},{reason},{},{},{sex},{age}",
                                question % 4,
                                lengths.0,
                                lengths.1,
                            );
                        }
                    }
                }
            }
        }
    }
    text
}

#[test]
fn a_report_has_the_same_bytes_for_1_2_and_16_threads() {
    let home = Home::new();
    home.write("verdicts.csv", table());
    for format in FORMATS {
        let arguments = [
            "report",
            "verdicts.csv",
            "--format",
            format,
            "--by",
            "sex",
            "--by",
            "sex,age",
        ];
        let reports: Vec<String> = ["1", "2", "16"]
            .iter()
            .map(|threads| {
                let variables = [("RAYON_NUM_THREADS", *threads)];
                home.oyer_with(&arguments, &variables).expect(3).stdout
            })
            .collect();
        assert!(reports[0].len() > 2_000, "{}", reports[0]);
        for (report, threads) in reports.iter().zip(["1", "2", "16"]) {
            assert!(
                *report == reports[0],
                "{format} with {threads} threads differs"
            );
        }
    }
}
