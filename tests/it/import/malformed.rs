//! Files that are not what they should be.

use std::io::Write as _;

use serde_json::json;

use super::{column, counted, imported, is_there, ran};
use crate::support::home::Home;

/// Imports a file that must be refused; what is said of it.
#[track_caller]
fn refused(format: &str, name: &str, text: impl AsRef<[u8]>) -> String {
    let home = Home::new();
    home.write(name, text);
    let arguments: &[&str] = if format.is_empty() {
        &[name]
    } else {
        &[format, name]
    };
    let failed = ran(&home, arguments).expect(2);
    assert_eq!(failed.stdout, "");
    assert!(failed.stderr.contains(name), "{}", failed.stderr);
    let left: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    failed.stderr
}

#[track_caller]
fn says(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made where it is given")]
fn annotation(preference: serde_json::Value) -> serde_json::Value {
    json!({"instruction": "i", "output_1": "a", "output_2": "b", "generator_1": "x", "generator_2": "y", "annotator": "z", "preference": preference})
}

#[test]
fn a_cut_off_file_is_refused_with_its_record() {
    let whole = json!([annotation(json!(1.0)), annotation(json!(2.0))]).to_string();
    let cut = &whole[..whole.len() - 30];
    says(
        &refused("alpaca-eval", "a.json", cut),
        &["a.json:1:", "record 2", "cut off"],
    );
    says(&refused("", "a.json", cut), &["record 2", "cut off"]);
    says(
        &refused(
            "fastchat",
            "p.jsonl",
            "{\"question_id\": 1, \"g1_winner\": \"ti",
        ),
        &["record 1", "cut off"],
    );
}

#[test]
fn wrong_types_name_row_and_field() {
    let rows = format!(
        "[\n{},\n{}\n]",
        annotation(json!(1.0)),
        annotation(json!({"a": 1}))
    );
    says(
        &refused("alpaca-eval", "a.json", &rows),
        &[
            "a.json:3",
            "preference",
            "record 2",
            "an object",
            "a number",
        ],
    );
    let rows = format!(
        "[\n{},\n{}\n]",
        annotation(json!(1.0)),
        annotation(json!("good"))
    );
    says(
        &refused("alpaca-eval", "a.json", &rows),
        &["a.json:3", "`good`"],
    );
    let mut row = annotation(json!(1.0));
    row.as_object_mut().unwrap().remove("instruction");
    says(
        &refused(
            "alpaca-eval",
            "a.json",
            json!([annotation(json!(1.0)), row, 7]).to_string(),
        ),
        &[
            "record 2",
            "instruction",
            "record 3",
            "found a number, expected an object",
            "2 errors",
        ],
    );
    let games = json!({"uid": "1", "model": "m", "games": [3]});
    says(
        &refused("arena-hard", "m.jsonl", games.to_string()),
        &["games", "a number"],
    );
    let label =
        json!([{"input": "i", "output_1": "a", "output_2": "b", "label": 3, "results": []}]);
    says(
        &refused("llmbar", "result.json", label.to_string()),
        &["label", "`3`", "1 or 2"],
    );
    says(
        &refused("csv", "c.csv", "left,right,winner\na,b,perhaps\n"),
        &["c.csv:2", "winner", "perhaps", "--value"],
    );
}

#[test]
fn files_of_another_format_are_told() {
    let pair = json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie"});
    says(
        &refused("alpaca-eval", "p.jsonl", pair.to_string()),
        &[
            "FastChat judgments of pairs",
            "expected, for `alpaca-eval`",
            "import it as `fastchat`",
        ],
    );
    says(
        &refused("", "x.json", json!([{"name": "x", "value": 1}]).to_string()),
        &["objects with `name`, `value`", "alpaca-eval, fastchat"],
    );
    says(
        &refused("fastchat", "x.json", "[1, 2]"),
        &["a number", "JSON Lines"],
    );
    says(
        &refused("", "x.json", "just words"),
        &["text that is no JSON and begins `just words`"],
    );
    says(
        &refused("inspect", "x.eval", b"PK\x03\x04nothing"),
        &["cannot be unpacked"],
    );
    let outputs = json!([{"instruction": "i", "output": "o", "generator": "g"}]);
    says(
        &refused("alpaca-eval", "model_outputs.json", outputs.to_string()),
        &["outputs, and no annotations"],
    );
}

#[test]
fn empty_files_are_refused() {
    for text in ["", "[]", "\n\n", "[ ]\n"] {
        says(
            &refused("alpaca-eval", "a.json", text),
            &["no record", "a JSON list of annotations"],
        );
    }
    says(
        &refused("csv", "c.csv", "left,right,winner\n"),
        &["no rows"],
    );
    says(&refused("csv", "c.csv", ""), &["no CSV"]);
}

#[test]
fn text_in_another_encoding_is_refused_with_its_place() {
    let mut bytes = json!([annotation(json!(1.0))]).to_string().into_bytes();
    bytes.insert(0, b'\n');
    bytes.insert(20, 0xe9);
    says(
        &refused("alpaca-eval", "a.json", &bytes),
        &["a.json:2:20", "not UTF-8"],
    );
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain("[]".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    says(&refused("alpaca-eval", "a.json", &utf16), &["UTF-16"]);
}

#[test]
fn numbers_that_json_has_not_are_null_and_counted() {
    let home = Home::new();
    let text = json!([annotation(json!(1.0)), annotation(json!(7.5))]).to_string();
    home.write("a.json", text.replace("7.5", "NaN"));
    let made = imported(&home, &["a.json"]);
    assert_eq!(counted(&made, "NaN or Infinity"), 1);
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["loss", "missing"]
    );
}

#[test]
fn versions_may_be_mixed_where_each_row_says_all() {
    let home = Home::new();
    home.write("p.jsonl", [
        json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "model_1", "judge": "gpt-4"}),
        json!({"question_id": "2", "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie", "judge": ["gpt-4", "pair-v2"], "turn": 1, "extra": {"x": [1]}}),
        json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "model_2", "judge": "gpt-4"}),
    ].map(|row| row.to_string()).join("\n"));
    let made = imported(&home, &["p.jsonl"]);
    assert_eq!(made["judgments"], 6);
    assert_eq!(
        column(&home, "verdicts.csv", "repeat"),
        ["1", "1", "1", "1", "2", "2"]
    );
    says(
        &refused(
            "fastchat",
            "p.jsonl",
            format!(
                "{}\n{}",
                json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie"}),
                json!({"question_id": 1, "model": "a", "score": 3})
            ),
        ),
        &["record 2", "model_1"],
    );
}

#[test]
fn a_folder_is_not_written_over_unless_it_is_the_same_import() {
    let home = Home::new();
    home.write(
        "a.json",
        json!([annotation(json!(1.0)), annotation(json!(2.0))]).to_string(),
    );
    home.write("b.json", json!([annotation(json!(2.0))]).to_string());
    imported(&home, &["a.json"]);
    let before = home.read("results/verdicts.csv");
    imported(&home, &["a.json", "--published", "win_rate=50.0"]);
    assert!(
        home.read("results/import.json")
            .contains("\"agrees\": true")
    );
    // Importing again without published values keeps those that are there.
    imported(&home, &["a.json"]);
    assert!(
        home.read("results/import.json")
            .contains("\"agrees\": true")
    );
    // And later ones stand beside those.
    let name = ["--published", "n_draws=1", "--name", "new"];
    let made = imported(&home, &[&["a.json"], &name[..]].concat());
    let stored = home.read("results/import.json");
    assert!(stored.contains("\"agrees\": true") && stored.contains("\"agrees\": false"));
    assert_eq!(made["name"], "results");
    says(
        &made["notes"].to_string(),
        &["already, as `results`", "`new`"],
    );
    assert!(!stored.contains("`new`"));
    for arguments in [["--name", " "], ["--published", "=5"]] {
        let failed = ran(&home, &[&["a.json"], &arguments[..]].concat()).expect(2);
        says(&failed.stderr, &["expected"]);
    }
    for taken in ["a.json", "a.json/results"] {
        home.oyer(&["import", "a.json", "--results", taken])
            .expect(2);
    }
    let failed = ran(&home, &["b.json"]).expect(2);
    says(&failed.stderr, &["results", "another import", "--results"]);
    assert_eq!(home.read("results/verdicts.csv"), before);
    home.write("other/file", "x");
    let failed = home
        .oyer(&["import", "a.json", "--results", "other"])
        .expect(2);
    says(&failed.stderr, &["something else than an import"]);
    assert!(!is_there(&home, "other/import.json"));
    let entries = std::fs::read_dir(home.path()).unwrap().count();
    assert_eq!(entries, 4, "nothing is left beside");
}

/// One line of 100 MB: one record of 50 MB among many.
#[test]
fn a_line_of_100_megabytes_is_read_in_place() {
    let home = Home::new();
    let path = home.write("big.json", "");
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let long = "long \\\"text\\\" ".repeat(50 << 16);
    file.write_all(b"[").unwrap();
    for number in 0..2000 {
        let output = if number == 7 { long.as_str() } else { "short" };
        let more = "x".repeat(25_000);
        write!(file, "{}{{\"instruction\":\"{number}\",\"output_1\":\"{more}\",\"output_2\":\"{output}\",\"generator_1\":\"b\",\"generator_2\":\"m\",\"annotator\":\"j\",\"preference\":2.0}}", if number > 0 { "," } else { "" }).unwrap();
    }
    file.write_all(b"]").unwrap();
    drop(file);
    assert!(
        std::fs::metadata(home.path().join("big.json"))
            .unwrap()
            .len()
            > 90 << 20
    );
    let made = imported(&home, &["alpaca-eval", "big.json"]);
    assert_eq!(made["judgments"], 2000);
    assert_eq!(
        column(&home, "verdicts.csv", "candidate_chars")[7],
        (12 * (50 << 16)).to_string()
    );
}

#[test]
fn a_word_that_is_no_format_is_told() {
    let failed = ran(&Home::new(), &["alpaca", "a.json"]).expect(2);
    says(
        &failed.stderr,
        &["`alpaca` is neither a file nor a format", "alpaca-eval"],
    );
}

#[test]
fn a_folder_is_no_file() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("empty")).unwrap();
    for arguments in [&["empty"][..], &["alpaca-eval", "empty"]] {
        let failed = ran(&home, arguments).expect(2);
        says(
            &failed.stderr,
            &["empty: this is a folder", "name the files in it"],
        );
        assert!(!is_there(&home, "results"));
    }
}

#[test]
fn a_label_of_the_wrong_type_leaves_the_others() {
    let home = Home::new();
    let row = |n: u32, label: serde_json::Value| json!({"id": n, "question": format!("q{n}"), "candidate": "a", "opponent": "b", "overall": label, "annotator": 1, "annotation_id": n});
    home.write(
        "min.json",
        json!([
            row(1, json!("left")),
            row(2, json!(7)),
            row(3, json!({"a": 1}))
        ])
        .to_string(),
    );
    let made = imported(&home, &["min.json"]);
    assert_eq!(made["labels"], 1);
    assert_eq!(counted(&made, "neither a text nor a list of choices"), 2);
    says(
        &refused(
            "label-studio",
            "ls.json",
            json!([{"id": 1, "data": 3, "annotations": []}]).to_string(),
        ),
        &["record 1", "data", "a number", "an object"],
    );
}

#[test]
fn a_file_given_twice_is_refused() {
    let home = Home::new();
    let text = json!([annotation(json!(1.0))]).to_string();
    home.write("a.json", &text);
    home.write("b/copy.json", &text);
    let failed = ran(&home, &["a.json", "b/copy.json"]).expect(2);
    says(&failed.stderr, &["b/copy.json", "the same as a.json"]);
    assert!(!is_there(&home, "results"));
}

#[test]
fn a_flag_that_tells_nothing_of_the_format_is_refused() {
    let home = Home::new();
    home.write("a.json", json!([annotation(json!(1.0))]).to_string());
    home.write("c.csv", "question,candidate,opponent,outcome\nq,a,b,win\n");
    for (file, flag) in [
        ("a.json", ["--key", "k.key.csv"]),
        ("a.json", ["--column", "judge=x"]),
        ("a.json", ["--value", "x=win"]),
        ("c.csv", ["--key", "k.key.csv"]),
        ("c.csv", ["--baseline", "b"]),
    ] {
        let failed = ran(&home, &[file, flag[0], flag[1]]).expect(2);
        says(
            &failed.stderr,
            &[flag[0], "says nothing of", "leave it out"],
        );
    }
    assert!(!is_there(&home, "results"));
}
