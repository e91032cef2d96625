//! Files of one name in several folders, packed files, and large ones.

use std::io::Write as _;

use serde_json::json;

use super::{about, column, counted, figure, imported, lines, near, ran};
use crate::support::home::Home;

#[track_caller]
fn notes(made: &serde_json::Value) -> String {
    made["notes"].to_string()
}

#[test]
fn runs_of_alpaca_eval_in_two_folders_are_kept_apart() {
    let home = Home::new();
    let annotations = |preference: f64| {
        json!([{"instruction": "i", "output_1": "a", "output_2": "b", "generator_1": "x", "generator_2": "y", "annotator": "z", "preference": preference}]).to_string()
    };
    home.write("a/annotations.json", annotations(1.0));
    home.write("b/annotations.json", annotations(2.0));
    let made = imported(&home, &["a/annotations.json", "b/annotations.json"]);
    assert_eq!(
        column(&home, "verdicts.csv", "candidate"),
        ["y (a)", "y (b)"]
    );
    near(
        figure(about(&made, "y (a) against x, by z"), "win_rate"),
        0.0,
    );
    near(
        figure(about(&made, "y (b) against x, by z"), "win_rate"),
        100.0,
    );
}

#[test]
fn runs_of_llmbar_in_two_folders_are_kept_apart_and_parts_of_one_are_not() {
    let instance = |input: &str, winner: &str| {
        json!({"input": input, "output_1": "one", "output_2": "two", "label": 1,
            "results": [{"swap = False": {"winner": winner}, "swap = True": {"winner": winner}}]})
    };
    let home = Home::new();
    let place = |run: &str| format!("{run}/Natural/evaluators/GPT-4/CoT/result.json");
    home.write(&place("run1"), json!([instance("i", "1")]).to_string());
    home.write(&place("run2"), json!([instance("i", "2")]).to_string());
    home.write(&place("more"), json!([instance("j", "1")]).to_string());
    let made = imported(&home, &[&place("run1"), &place("run2"), &place("more")]);
    assert_eq!(
        column(&home, "verdicts.csv", "judge"),
        [
            "GPT-4/CoT (run1)",
            "GPT-4/CoT (run1)",
            "GPT-4/CoT (run2)",
            "GPT-4/CoT (run2)",
            "GPT-4/CoT",
            "GPT-4/CoT"
        ]
    );
    assert_eq!(column(&home, "verdicts.csv", "repeat"), ["1"; 6]);
    assert!(
        notes(&made).contains("runs of their own"),
        "{}",
        notes(&made)
    );
    for (run, accuracy) in [("run1", 100.0), ("run2", 0.0)] {
        let set = about(&made, &format!("Natural/GPT-4/CoT ({run})"));
        near(figure(set, "correct_both"), accuracy);
        near(set["estimate"]["value"].as_f64().unwrap() * 100.0, accuracy);
    }
}

#[test]
fn files_that_give_the_same_judgments_are_named() {
    let pair = |winner: &str| {
        json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": winner, "g2_winner": winner, "judge": ["gpt-4", "pair-v2"]}).to_string()
    };
    let home = Home::new();
    home.write("a/gpt-4_pair.jsonl", pair("model_1"));
    home.write("b/gpt-4_pair.jsonl", pair("tie"));
    let made = imported(&home, &["a/gpt-4_pair.jsonl", "b/gpt-4_pair.jsonl"]);
    let told = notes(&made);
    assert!(
        told.contains("a/gpt-4_pair.jsonl and b/gpt-4_pair.jsonl (2)"),
        "{told}"
    );
    assert!(told.contains("different runs apart"), "{told}");
    assert_eq!(counted(&made, "one more repeat"), 2);

    // Repeats within a file are its own.
    let home = Home::new();
    home.write("p.jsonl", format!("{}\n{}", pair("model_1"), pair("tie")));
    let made = imported(&home, &["p.jsonl"]);
    assert!(!notes(&made).contains("different runs"), "{}", notes(&made));
}

#[test]
fn rows_without_a_question_of_two_files_of_one_name_are_not_one_question() {
    let home = Home::new();
    home.write("a/games.csv", "left,right,winner\nm,n,left\n");
    home.write("b/games.csv", "left,right,winner\nm,n,right\n");
    home.write("c.csv", "left,right,winner\nm,n,tie\n");
    let made = imported(&home, &["a/games.csv", "b/games.csv", "c.csv"]);
    assert_eq!(
        column(&home, "verdicts.csv", "question"),
        ["a/games.csv row 1", "b/games.csv row 1", "c row 1"]
    );
    assert_eq!(counted(&made, "one more repeat"), 0);
}

#[test]
fn packed_files_are_read_as_those_that_are_in_them() {
    let packed = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let csv = "question,left,right,winner\nq,m,n,left\n";
    let pairs = lines(&[
        json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie"}),
        json!({"question_id": 2, "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie"}),
    ]);
    for (name, text) in [("games.csv", csv), ("gpt-4_pair.jsonl", &*pairs)] {
        let (plain, home) = (Home::new(), Home::new());
        plain.write(name, text);
        let name_packed = format!("{name}.gz");
        home.write(&name_packed, packed(text));
        let plain_made = imported(&plain, &[name]);
        let made = imported(&home, &[&name_packed]);
        assert_eq!(made["source_figures"], plain_made["source_figures"]);
        assert_eq!(
            home.read("results/verdicts.csv"),
            plain.read("results/verdicts.csv")
        );
    }
    let home = Home::new();
    home.write("x.csv.gz", &packed(csv)[..20]);
    let failed = ran(&home, &["x.csv.gz"]).expect(2);
    assert!(
        failed
            .stderr
            .contains("x.csv.gz: the file cannot be unpacked"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_csv_of_many_pieces_is_as_one() {
    let home = Home::new();
    let text = "x".repeat(1_000);
    let row = |n: usize, winner: &str| format!("q{n},m,n,{winner},{text}\r\n");
    let mut rows: String = (0..20_000).map(|n| row(n, "left")).collect();
    let header = "question,left,right,winner,text\r\n\r\n";
    home.write("games.csv", format!("{header}{rows}"));
    let made = imported(&home, &["games.csv"]);
    assert_eq!(made["files"][0]["records"], 20_000);
    assert_eq!(column(&home, "verdicts.csv", "question")[19_999], "q19999");
    let told = notes(&made);
    assert_eq!(
        told.matches("columns of games.csv that are not used")
            .count(),
        1
    );
    assert!(
        home.oyer(&["show", "results", "q19999"])
            .expect(0)
            .stdout
            .contains("19999")
    );

    let home = Home::new();
    rows.push_str(&row(1, "perhaps").repeat(60));
    home.write("games.csv", format!("{header}{rows}"));
    let failed = ran(&home, &["games.csv"]).expect(2);
    assert!(
        failed.stderr.contains("games.csv:20003"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("record 20001"), "{}", failed.stderr);
    assert!(failed.stderr.contains("record 20050"), "{}", failed.stderr);
}
