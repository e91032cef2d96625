//! Files of several formats as they come, and what is made of them.

mod alone;
mod flags;
mod items;
mod names;
mod odd;
mod pandalm;
mod parts;

use serde_json::{Value, json};

use super::*;
use crate::verdict::{Order, Outcome};

/// Imports files of these names and texts.
fn imported(options: &Options, files: &[(&str, String)]) -> Result<Import, Vec<Problem>> {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(name, text)| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    import(&paths, options, &mut |_| Ok(())).map_err(|error| match error {
        ImportError::Problems(problems) => problems,
        ImportError::Keep(error) => panic!("{error}"),
    })
}

#[track_caller]
fn made(files: &[(&str, String)]) -> Import {
    imported(&Options::default(), files).unwrap()
}

/// What is said of files that are refused.
#[track_caller]
fn refused(format: Option<Format>, name: &str, text: impl Into<String>) -> String {
    let options = Options {
        format,
        ..Options::default()
    };
    let problems = imported(&options, &[(name, text.into())]).unwrap_err();
    problems[0].to_string()
}

fn lines(values: &[Value]) -> String {
    let lines = values.iter().map(|value| format!("{value}\n"));
    lines.collect()
}

#[track_caller]
fn counted(import: &Import, reason: &str) -> u64 {
    let found = import
        .reasons
        .iter()
        .find(|known| known.reason.contains(reason));
    found.map_or(0, |found| found.rows)
}

fn has_note(import: &Import, text: &str) -> bool {
    import.notes.iter().any(|note| note.contains(text))
}

/// Order and repeat of a contest's judgments.
fn orders(import: &Import, rubric: &str) -> Vec<(Order, u16)> {
    let of_rubric = import
        .table
        .judgments
        .iter()
        .filter(|judgment| import.table.contests[judgment.contest as usize].rubric == rubric);
    of_rubric
        .map(|judgment| (judgment.order, judgment.repeat))
        .collect()
}

fn fastchat_pairs() -> (&'static str, String) {
    let pair = |id: u32| json!({"question_id": id, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "model_2", "judge": ["gpt-4", "pair-v2"], "turn": 1});
    ("gpt-4_pair.jsonl", lines(&[pair(1), pair(2)]))
}

#[test]
fn scores_beside_pairs_leave_the_pairs_as_they_are() {
    let score = |id: u32, model: &str, score: u32| json!({"question_id": id, "model": model, "judge": ["gpt-4", "single-v1"], "turn": 1, "score": score});
    let scores = lines(&[score(1, "a", 9), score(1, "b", 2)]);
    let alone = made(&[fastchat_pairs()]);
    let both = made(&[fastchat_pairs(), ("gpt-4_single.jsonl", scores)]);
    let of_pairs = orders(&both, "mt-bench");
    assert_eq!(of_pairs, orders(&alone, "mt-bench"));
    assert_eq!(
        of_pairs[..2],
        [(Order::CandidateFirst, 1), (Order::OpponentFirst, 1)]
    );
    assert!(!both.table.orders_unknown);
    assert_eq!(
        orders(&both, "mt-bench-single"),
        [(Order::CandidateFirst, 1)]
    );
    assert_eq!(both.figures[..2], alone.figures[..2]);
    assert!(
        has_note(
            &both,
            "not known of a against b, by gpt-4 (mt-bench-single)"
        ),
        "{:?}",
        both.notes
    );
    assert_eq!(both.reasons, alone.reasons);
}

#[test]
fn votes_of_a_judge_beside_its_pairs_leave_the_pairs_as_they_are() {
    let vote = |id: u32| json!({"question_id": id, "model_a": "a", "model_b": "b", "winner": "model_a", "judge": ["gpt-4", "pair-v2"], "turn": 1});
    let both = made(&[
        fastchat_pairs(),
        ("votes.json", json!([vote(1), vote(2)]).to_string()),
    ]);
    assert!(!both.table.orders_unknown);
    assert_eq!(
        orders(&both, "mt-bench"),
        orders(&made(&[fastchat_pairs()]), "mt-bench")
    );
    assert_eq!(orders(&both, "mt-bench-votes").len(), 2);
    assert_eq!(counted(&both, "one more repeat"), 0);
}

#[test]
fn a_judge_that_is_named_by_a_text_is_no_person() {
    let vote = |judge: &str| json!({"question_id": 1, "model_a": "a", "model_b": "b", "winner": "model_a", "judge": judge, "turn": 1});
    let votes = json!([vote("gpt4_pair"), vote("claude"), vote("expert_3")]).to_string();
    let import = made(&[("votes.json", votes.clone())]);
    assert_eq!(import.table.judgments.len(), 1);
    assert!(has_note(
        &import,
        "taken for people, and their votes for labels: claude, expert_3;"
    ));
    let options = Options {
        judge: Some("claude".to_owned()),
        ..Options::default()
    };
    let import = imported(&options, &[("votes.json", votes)]).unwrap();
    assert_eq!(import.labels.annotators(), ["expert_3"]);
    assert_eq!(import.table.judgments.len(), 2);
}

#[test]
fn wildbench_scores_beside_pairs_leave_the_pairs_as_they_are() {
    let pair = |id: &str, first: &str, second: &str| json!({"session_id": id, "model_A": first, "model_B": second, "winner": "m", "extent": 2});
    let pairs = json!([
        pair("1", "m", "ref"),
        pair("2", "ref", "m"),
        pair("3", "m", "m")
    ]);
    let score = |model: &str, score: Value| json!({"session_id": "1", "model_test": model, "score": score, "parsed_result": {}});
    let import = made(&[
        ("eval=j/ref=ref/m.json", pairs.to_string()),
        ("eval=j/m.json", json!([score("m", json!("8"))]).to_string()),
        (
            "eval=j/ref.json",
            json!([score("ref", json!(7))]).to_string(),
        ),
    ]);
    assert!(!import.table.orders_unknown);
    assert_eq!(
        orders(&import, "wildbench"),
        [(Order::CandidateFirst, 1), (Order::OpponentFirst, 1)]
    );
    assert_eq!(counted(&import, "compared with itself"), 1);
}

#[test]
fn wildbench_scores_that_are_no_numbers_are_missing() {
    let score = |id: u32, score: Value| json!({"session_id": format!("s{id}"), "model_test": "m", "score": score});
    let odd = [
        json!("N/A"),
        json!(""),
        json!("10/10"),
        Value::Null,
        json!([8]),
        json!("8"),
    ];
    let scores: Vec<Value> = odd
        .into_iter()
        .zip(1..)
        .map(|(odd, id)| score(id, odd))
        .collect();
    let import = made(&[("m.json", json!(scores).to_string())]);
    assert_eq!(counted(&import, "a score that is no number"), 4);
    assert_eq!(counted(&import, "no score"), 1);
    let figures = &import.figures[0].figures;
    let raw = figures
        .iter()
        .find(|figure| figure.name == "raw_score")
        .unwrap();
    assert_eq!(raw.value, Some(8.0));
}

#[test]
fn files_that_are_no_json_are_told_for_what_they_are() {
    for (text, told) in [
        ("<!DOCTYPE html><html>404</html>", "a page of HTML or XML"),
        (
            "version https://git-lfs.github.com/spec/v1\noid",
            "Git LFS pointer",
        ),
        (
            "id,left,right\n1,a,b\n",
            "what looks like a CSV with 3 columns",
        ),
        ("\0\0\0\0", "nothing but zero bytes"),
        ("oops", "text that is no JSON and begins `oops`"),
    ] {
        let said = refused(Some(Format::AlpacaEval), "a.json", text);
        assert!(
            said.contains(told) && said.contains("expected, for `alpaca-eval`"),
            "{said}"
        );
        let said = refused(None, "a.json", text);
        assert!(
            said.contains(told) && said.contains("no format known here"),
            "{said}"
        );
    }
    let said = refused(Some(Format::Inspect), "a.json", "<html>");
    assert!(said.contains("a page of HTML or XML"), "{said}");
    let said = refused(Some(Format::Csv), "a.csv", "[{\"left\": 1}]");
    assert!(
        said.contains("the file holds JSON, expected a CSV"),
        "{said}"
    );
    let said = refused(None, "a.csv", "[{\"left\": 1}]");
    assert!(said.contains("a name that ends in .json"), "{said}");
    for format in [None, Some(Format::Csv), Some(Format::Inspect)] {
        let bytes = b"\x1f\x8b\x08\0".to_vec();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json.gz");
        std::fs::write(&path, bytes).unwrap();
        let options = Options {
            format,
            ..Options::default()
        };
        let error = import(&[path], &options, &mut |_| Ok(())).unwrap_err();
        let ImportError::Problems(problems) = error else {
            panic!("{error}");
        };
        assert!(
            problems[0].message.contains("cannot be unpacked"),
            "{}",
            problems[0]
        );
    }
}

#[test]
fn a_header_is_told_short_and_no_column_stands_twice() {
    let long = format!("{},b\n1,2\n", "x".repeat(100_000));
    let said = refused(Some(Format::Csv), "a.csv", long);
    assert!(said.len() < 1000, "{}", said.len());
    let said = refused(None, "a.csv", "left,right,winner,winner\na,b,left,right\n");
    assert!(said.contains("the column `winner` twice"), "{said}");
}

fn choices(words: &[&str]) -> (&'static str, String) {
    let tasks: Vec<Value> = words
        .iter()
        .zip(1..)
        .map(|(word, id)| json!({"id": id, "data": {"left_model": "a", "right_model": "b"}, "annotations": [{"completed_by": 1, "result": [{"from_name": "overall", "type": "choices", "value": {"choices": [word]}}]}]}))
        .collect();
    ("export.json", json!(tasks).to_string())
}

#[test]
fn words_of_label_studio_that_nobody_knows_are_told_or_given() {
    let import = made(&[choices(&[
        "A is much better",
        "Both are bad",
        "Upper",
        "Upper",
    ])]);
    assert_eq!(import.labels.table.judgments.len(), 2);
    assert_eq!(
        counted(&import, "says nothing of the two sides: `Upper`"),
        2
    );
    assert_eq!(import.reasons.len(), 1, "{:?}", import.reasons);
    let said = refused(None, "e.json", choices(&["Upper", "Lower"]).1);
    assert!(said.contains("but `Upper`, `Lower`"), "{said}");
    assert!(said.contains("--value 'Upper=left'"), "{said}");
    let mut options = Options::default();
    let pair = |word: &str, side: &str| (word.to_owned(), side.to_owned());
    options.columns.values = vec![pair("Upper", "left"), pair("Lower", "right")];
    let import = imported(&options, &[choices(&["Upper", "Lower"])]).unwrap();
    let cells = import.labels.table.cells.iter();
    let outcomes: Vec<Outcome> = cells.map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Win, Outcome::Loss]);
    options.columns.values = vec![pair("Upper", "win")];
    let problems = imported(&options, &[choices(&["Upper"])]).unwrap_err();
    assert!(problems[0].message.contains("left, right, tie or missing"));
}

fn annotation(instruction: &str, models: [&str; 2], preference: f64) -> Value {
    json!({"instruction": instruction, "output_1": "x", "output_2": "y", "generator_1": models[0], "generator_2": models[1], "annotator": "ann", "preference": preference})
}

#[test]
fn alpaca_eval_models_are_called_after_their_folder_too() {
    let text = json!([annotation("i", ["base", "null"], 1.7)]).to_string();
    for file in [
        "NullModel/annotations.json",
        "NullModel/ann/annotations.json",
    ] {
        let mut import = made(&[(file, text.clone())]);
        assert!(
            import.figures[0]
                .also_called
                .contains(&"NullModel".to_owned()),
            "{file}"
        );
        let claims = read_claims("NullModel:win_rate=70").unwrap();
        assert!(compare(&mut import.figures, &claims).is_empty());
    }
}

#[test]
fn a_model_compared_with_itself_makes_no_row_in_any_format() {
    let text = json!([
        annotation("i", ["b", "b"], 1.5),
        annotation("i", ["b", "m"], 2.0)
    ]);
    let import = made(&[("annotations.json", text.to_string())]);
    assert_eq!(import.table.judgments.len(), 1);
    assert_eq!(counted(&import, "compared with itself"), 1);
    assert!(has_note(&import, "b is compared with itself"));
    assert_eq!(import.figures.len(), 2);
    let played = |model: &str| json!({"uid": "u", "model": model, "baseline": "b", "judge": "j", "games": [{"score": "A>B"}, {"score": "B>A"}]});
    let import = made(&[("g.jsonl", lines(&[played("b"), played("m"), played("j")]))]);
    assert_eq!(import.table.judgments.len(), 4);
    assert_eq!(counted(&import, "compared with itself"), 1);
    assert!(has_note(&import, "b is compared with itself"));
    assert!(has_note(&import, "j judges its own answers"));
}

#[test]
fn what_is_odd_about_single_records_is_counted() {
    let judged = |id: &str, judgments: Value| json!({"pair_id": id, "label": "A>B", "response_A": "x", "response_B": "y", "judgments": judgments});
    let import = made(&[(
        "o.jsonl",
        lines(&[
            judged("1", json!([{"decision": "A>>B"}, {"decision": "B>A"}])),
            judged("2", json!([])),
        ]),
    )]);
    assert_eq!(counted(&import, "a decision other than"), 1);
    assert_eq!(counted(&import, "a pair without judgments"), 1);
    let outcomes: Vec<Outcome> = import.table.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [Outcome::Missing, Outcome::Win]);

    let people = json!({"idx": 1, "instruction": "i", "cmp_key": null, "annotator1": 1, "annotator2": 2, "response1": "x", "response2": "y"});
    let import = made(&[("testset-v1.json", json!([people, people]).to_string())]);
    assert_eq!(counted(&import, "no cmp_key"), 2);
    assert_eq!(counted(&import, "one more repeat"), 2);

    let pair = json!({"question_id": "", "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie"});
    let import = made(&[("j_pair.jsonl", lines(&[pair]))]);
    assert_eq!(counted(&import, "an empty question id"), 2);
}
