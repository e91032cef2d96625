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
