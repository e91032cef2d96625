//! What stands alone or without a name: scores without a partner, pairs of one order,
//! models and judges that no file names.

use super::*;

fn score(id: u32, model: &str) -> Value {
    json!({"question_id": id, "model": model, "judge": ["gpt-4", "single-v1"], "turn": 1, "score": 5})
}

#[test]
fn a_score_without_a_partner_is_counted() {
    let scores = [
        score(1, "a"),
        score(2, "a"),
        score(2, "b"),
        score(3, "b"),
        score(3, "c"),
    ];
    let files = [("gpt-4_single.jsonl", lines(&scores))];
    let import = made(&files);
    assert_eq!(import.table.judgments.len(), 2);
    assert_eq!(counted(&import, "no other model was scored on"), 1);
    assert_eq!(import.reasons[0].first, "a on 1, by gpt-4");
    let options = Options {
        baseline: Some("a".to_owned()),
        ..Options::default()
    };
    let import = imported(&options, &files).unwrap();
    assert_eq!(import.table.judgments.len(), 1);
    assert_eq!(counted(&import, "no other model was scored on"), 1);
    assert_eq!(counted(&import, "the baseline was not scored on"), 2);
    let score = |id: u32, model: &str| json!({"session_id": format!("s{id}"), "model_test": model, "score": "5", "parsed_result": {}});
    let import = made(&[
        (
            "eval=j/a.json",
            json!([score(1, "a"), score(2, "a")]).to_string(),
        ),
        (
            "eval=j/b.json",
            json!([score(2, "b"), score(3, "b")]).to_string(),
        ),
    ]);
    assert_eq!(counted(&import, "no other model was scored on"), 2);
}

#[test]
fn names_of_alpaca_eval_that_no_row_gives_are_counted() {
    let without = |field: &str| {
        let mut row = annotation("i", ["b", "m"], 1.5);
        row[field] = Value::Null;
        json!([row, annotation("j", ["b", "m"], 1.5)]).to_string()
    };
    for (file, field, reason) in [
        ("x/y.json", "generator_2", "called after the file's folder"),
        ("x/y.json", "generator_1", "called `baseline`"),
        ("x/y.json", "annotator", "called `annotator`"),
    ] {
        let import = made(&[(file, without(field))]);
        assert_eq!(counted(&import, reason), 1, "{:?}", import.reasons);
    }
    let options = Options {
        judge: Some("j".to_owned()),
        ..Options::default()
    };
    let import = imported(&options, &[("x/y.json", without("annotator"))]).unwrap();
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
}

#[test]
fn a_folder_is_no_model_of_alpaca_eval() {
    let options = Options {
        baseline: Some("folder".to_owned()),
        ..Options::default()
    };
    let text = json!([annotation("i", ["b", "m"], 1.5)]).to_string();
    let problems = imported(&options, &[("folder/annotations.json", text)]).unwrap_err();
    let said = problems[0].to_string();
    assert!(said.contains("no file has a model `folder`"), "{said}");
    assert!(said.contains("models here: b, m"), "{said}");
}

#[test]
fn reviews_whose_file_names_no_models_are_counted() {
    let review = json!({"review_id": "r", "question_id": 1, "answer1_id": "x", "answer2_id": "y", "text": "9 7\nbetter"});
    let import = made(&[("review_gpt4.jsonl", lines(std::slice::from_ref(&review)))]);
    assert_eq!(counted(&import, "a file name that does not give"), 1);
    assert_eq!(import.table.contests[0].candidate, "answer 1");
    let import = made(&[("review_a_b.jsonl", lines(std::slice::from_ref(&review)))]);
    assert_eq!(counted(&import, "no judge is named"), 1);
    assert_eq!(import.reasons.len(), 1, "{:?}", import.reasons);
    let name = "gpt-3.5-turbo_review_alpaca-13b_vicuna-13b-20230322-new-hp-fp16.jsonl";
    let import = made(&[(name, lines(&[review]))]);
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
    let contest = &import.table.contests[0];
    assert_eq!(
        [&contest.candidate, &contest.opponent, &contest.judge],
        [
            "alpaca-13b",
            "vicuna-13b-20230322-new-hp-fp16",
            "gpt-3.5-turbo"
        ]
    );
}

#[test]
fn a_pair_of_judgebench_with_one_judgment_is_counted() {
    let pair = json!({"pair_id": "1", "label": "A>B", "response_A": "x", "response_B": "y", "judgments": [{"decision": "A>B"}]});
    let import = made(&[("o.jsonl", lines(&[pair]))]);
    assert_eq!(counted(&import, "judged in one order only"), 1);
}

#[test]
fn an_outcome_that_is_a_models_name_and_another_word_is_counted() {
    let text = "question,candidate,opponent,winner\nq1,tie,b,tie\nq2,tie,b,b\n";
    let import = made(&[("c.csv", text.to_owned())]);
    assert_eq!(counted(&import, "a word for something else"), 1);
    assert_eq!(import.table.cells[0].outcome, Outcome::Win);
    let mut options = Options::default();
    options.columns.values = vec![("tie".to_owned(), "tie".to_owned())];
    let import = imported(&options, &[("c.csv", text.to_owned())]).unwrap();
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
    assert_eq!(import.table.cells[0].outcome, Outcome::Tie);
}

#[test]
fn records_of_both_versions_of_arena_hard_are_told_apart() {
    let new = |score: Value| json!({"uid": "u0", "judge": "j", "model": "m", "baseline": "o3", "games": [{"score": "B>A"}, {"score": score}]});
    let old = json!({"question_id": "u1", "judge": "j", "model": "m", "games": [{"score": "B>A"}, {"score": null}]});
    let files = [("g.jsonl", lines(&[new(json!("A>B")), old]))];
    let import = made(&files);
    assert!(
        has_note(&import, "1 of 2 records do not name the baseline"),
        "{:?}",
        import.notes
    );
    let options = Options {
        baseline: Some("o3".to_owned()),
        ..Options::default()
    };
    let import = imported(&options, &files).unwrap();
    let sources: Vec<&str> = import.figures.iter().map(|set| &*set.source).collect();
    assert_eq!(sources, ["arena-hard-v2", "arena-hard-v0.1"]);
    for set in &import.figures {
        assert_eq!(set.figures[0].value, Some(100.0), "{}", set.source);
    }
    assert!(has_note(&import, "of each version by itself"));
}

#[test]
fn the_later_annotation_is_told_by_its_time_and_not_by_its_text() {
    let annotation = |at: &str, side: &str| json!({"completed_by": 1, "updated_at": at, "result": [{"from_name": "overall", "type": "choices", "value": {"choices": [side]}}]});
    for (earlier, later) in [
        ("2026-01-01T10:00:00+08:00", "2026-01-01T09:00:00Z"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00.5Z"),
        ("2026-01-01 10:00:00", "2026-01-01T10:00:01Z"),
        ("2026-01-01", "2026-01-01T00:00:01Z"),
    ] {
        let task = json!([{"id": 1, "data": {"left_model": "a", "right_model": "b"}, "annotations": [annotation(later, "left"), annotation(earlier, "right")]}]);
        let import = made(&[("e.json", task.to_string())]);
        let outcomes: Vec<Outcome> = import
            .labels
            .table
            .cells
            .iter()
            .map(|c| c.outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Win], "{earlier} {later}");
    }
}

#[cfg(unix)]
#[test]
fn what_can_be_read_only_once_needs_a_format() {
    let error = import(&["/dev/null".into()], &Options::default(), &mut |_| Ok(())).unwrap_err();
    let ImportError::Problems(problems) = error else {
        panic!("{error}");
    };
    let said = problems[0].to_string();
    assert!(said.contains("can be read only once"), "{said}");
    assert!(said.contains("name the format before it"), "{said}");
}

/// A zip of such entries.
fn zip(entries: &[(&str, String)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn of_bytes(bytes: Vec<u8>) -> Result<Import, ImportError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.eval");
    std::fs::write(&path, bytes).unwrap();
    import(&[path], &Options::default(), &mut |_| Ok(()))
}

fn replace_all(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    let mut found = 0;
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            found += 1;
        }
    }
    found
}

fn samples() -> [(&'static str, String); 3] {
    let header = json!({"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}});
    let sample = |id: u32, value: &str| {
        json!({"id": id, "epoch": 1, "input": "?", "scores": {"s": {"value": value}}, "metadata": {"opponent": "b"}}).to_string()
    };
    [
        ("header.json", header.to_string()),
        ("samples/1_epoch_1.json", sample(1, "win")),
        ("samples/2_epoch_1.json", sample(2, "loss")),
    ]
}

#[test]
fn samples_of_one_name_are_counted() {
    let mut bytes = zip(&samples());
    let found = replace_all(&mut bytes, b"samples/1_", b"samples/2_");
    assert_eq!(found, 2, "the entry and the directory");
    let import = of_bytes(bytes).unwrap();
    assert_eq!(counted(&import, "an entry of the log with the name"), 1);
    assert_eq!(import.table.cells[0].outcome, Outcome::Loss);
    let import = of_bytes(zip(&samples())).unwrap();
    assert_eq!(counted(&import, "an entry of the log with the name"), 0);
}

#[test]
fn a_sample_that_says_to_be_too_large_is_refused_unread() {
    let mut bytes = zip(&samples());
    let directory = bytes
        .windows(4)
        .rposition(|four| four == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&u32::to_le_bytes((1 << 30) + 1));
    let ImportError::Problems(problems) = of_bytes(bytes).unwrap_err() else {
        panic!("expected a problem");
    };
    let said = problems[0].to_string();
    assert!(
        said.contains("`samples/2_epoch_1.json` unpacks to more than 1 GiB"),
        "{said}"
    );
}
