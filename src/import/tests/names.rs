//! Models, judges and criteria: what they are called, and that they are called something.

use rstest::rstest;

use super::*;

#[track_caller]
fn said(name: &str, text: String) -> String {
    let problems = imported(&Options::default(), &[(name, text)]).unwrap_err();
    problems[0].to_string()
}

fn pair(more: Value) -> Value {
    let mut pair = json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "model_1", "judge": ["j", "p"], "turn": 1});
    merge(&mut pair, more);
    pair
}

fn vote(more: Value) -> Value {
    let mut vote = json!({"question_id": 1, "model_a": "a", "model_b": "b", "winner": "model_a", "judge": "ann"});
    merge(&mut vote, more);
    vote
}

fn task(data: &Value, from_name: &str) -> Value {
    json!({"id": 1, "data": data, "annotations": [{"completed_by": 1, "result": [{"from_name": from_name, "type": "choices", "value": {"choices": ["left"]}}]}]})
}

fn people(cmp_key: &str) -> Value {
    json!({"idx": 1, "instruction": "i", "cmp_key": cmp_key, "annotator1": 1, "annotator2": 2, "response1": "x", "response2": "y"})
}

fn log(metadata: &Value, scores: &Value) -> Value {
    json!({"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "plan": {}, "samples": [{"id": 1, "epoch": 1, "input": "q", "target": "", "scores": scores, "metadata": metadata}]})
}

fn merge(value: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        panic!("not an object: {more}")
    };
    value.as_object_mut().unwrap().extend(more);
}

#[rstest]
#[case::alpaca_baseline("generator_1", json!([annotation("i", ["", "m"], 1.5)]))]
#[case::alpaca_model("generator_2", json!([annotation("i", ["b", " "], 1.5)]))]
#[case::fastchat_model("model_1", json!([pair(json!({"model_1": ""}))]))]
#[case::fastchat_judge("judge", json!([pair(json!({"judge": [""]}))]))]
#[case::fastchat_voter("judge", json!([vote(json!({"judge": ""}))]))]
#[case::arena_model("model", json!([{"uid": "u", "model": "", "baseline": "b", "games": []}]))]
#[case::arena_baseline("baseline", json!([{"uid": "u", "model": "m", "baseline": "", "games": [null, null]}]))]
#[case::wildbench("model_A", json!([{"session_id": "s", "model_A": "", "model_B": "b", "winner": "b"}]))]
#[case::wildbench_score("model_test", json!([{"session_id": "s", "model_test": "", "score": 3}]))]
#[case::left_model("left_model", json!([task(&json!({"left_model": "", "right_model": "b"}), "c")]))]
#[case::criterion("criterion", json!([task(&json!({"criterion": " "}), "c")]))]
#[case::control("from_name", json!([task(&json!({}), "")]))]
#[case::pandalm("cmp_key", json!([people("_b")]))]
#[case::inspect_model("opponent", log(&json!({"candidate": "a", "opponent": ""}), &json!({"s": {"value": "A"}})))]
#[case::inspect_scorer("scores", log(&json!({}), &json!({"": {"value": "A"}})))]
fn a_name_that_is_empty_is_refused_with_its_field(#[case] field: &str, #[case] file: Value) {
    let said = said("f.json", file.to_string());
    assert!(said.contains(field) && said.contains("expected"), "{said}");
    assert!(said.contains("name"), "{said}");
}

#[test]
fn a_judge_or_baseline_that_is_given_has_a_name() {
    for (judge, baseline) in [(Some(" "), None), (None, Some(""))] {
        let options = Options {
            judge: judge.map(str::to_owned),
            baseline: baseline.map(str::to_owned),
            ..Options::default()
        };
        let problems = imported(&options, &[fastchat_pairs()]).unwrap_err();
        assert!(problems[0].message.contains("expected a name"));
    }
}

/// The judges of an import with `--judge X`, and whether it is said that X is none.
fn judges(files: &[(&str, String)]) -> (Vec<String>, bool) {
    let options = Options {
        judge: Some("X".to_owned()),
        ..Options::default()
    };
    let import = imported(&options, files).unwrap();
    let judges: BTreeSet<String> = import
        .table
        .contests
        .iter()
        .map(|c| c.judge.clone())
        .collect();
    let is_said = has_note(&import, "--judge X names nothing here");
    (judges.into_iter().collect(), is_said)
}

#[test]
fn judges_that_files_name_are_not_merged_under_one_name() {
    let instance = |input: &str| {
        let verdict = json!({"completion": ["x", "stop"], "winner": "1"});
        json!([{"input": input, "output_1": "x", "output_2": "y", "label": 1, "results": [{"swap = False": verdict, "swap = True": verdict}]}]).to_string()
    };
    let files = [
        ("Natural/GPT-4/CoT/result.json", instance("i")),
        ("Natural/GPT-4/Vanilla/result.json", instance("j")),
    ];
    let both = vec!["GPT-4/CoT".to_owned(), "GPT-4/Vanilla".to_owned()];
    assert_eq!(judges(&files), (both, true));
    assert_eq!(
        judges(&[("mine.json", instance("i"))]),
        (vec!["X".to_owned()], false)
    );

    let runs = [
        ("one.json", instance("i")),
        ("two.json", instance("i") + "\n"),
    ];
    let (names, is_said) = judges(&runs);
    assert!(
        names.iter().all(|name| name.starts_with("X (")),
        "{names:?}"
    );
    assert!(!is_said, "{names:?}");

    let verdict = |idx: u32| json!([{"idx": idx, "gpt_result": 1}]).to_string();
    let files = [
        ("gpt-testset-v1.json", verdict(1)),
        ("pandalm-testset-v1.json", verdict(2)),
    ];
    let both = vec!["gpt".to_owned(), "pandalm".to_owned()];
    assert_eq!(judges(&files), (both, true));
    assert_eq!(
        judges(&[("mine.json", verdict(1))]),
        (vec!["X".to_owned()], false)
    );

    let mut pair = pair(json!({}));
    pair.as_object_mut().unwrap().remove("judge");
    let files = [
        ("a_pair.jsonl", lines(&[pair.clone()])),
        ("b_pair.jsonl", format!("{pair}\n\n")),
    ];
    assert_eq!(judges(&files).0, ["a", "b"]);
    assert_eq!(judges(&[("mine.jsonl", lines(&[pair]))]).0, ["X"]);
}

#[test]
fn a_model_whose_name_begins_with_tie_may_win() {
    let vote = |winner: &str| vote(json!({"model_a": "ties-7b", "winner": winner}));
    let votes = ["ties-7b", "b", "tie", "tie (bothbad)", "Tie (inconsistent)"].map(vote);
    let import = made(&[("votes.json", json!(votes).to_string())]);
    let outcomes: Vec<Outcome> = import
        .labels
        .table
        .cells
        .iter()
        .map(|cell| cell.outcome)
        .collect();
    let tie = Outcome::Tie;
    assert_eq!(outcomes, [Outcome::Win, Outcome::Loss, tie, tie, tie]);
    let unknown = said("votes.json", json!([vote("ties-13b")]).to_string());
    assert!(unknown.contains("found `ties-13b`"), "{unknown}");
}

#[test]
fn labels_and_logs_of_a_model_with_itself_make_no_row() {
    let tasks = json!([
        task(&json!({"left_model": "a", "right_model": "a"}), "c"),
        {"id": 2, "data": {"left_model": "a", "right_model": "b"}, "annotations": [{"completed_by": 1, "result": [{"from_name": "c", "type": "choices", "value": {"choices": ["left"]}}]}]},
    ]);
    let import = made(&[("e.json", tasks.to_string())]);
    assert_eq!(import.labels.table.judgments.len(), 1);
    assert_eq!(counted(&import, "compared with itself"), 1);

    let mut other = people("a_b");
    other["idx"] = json!(2);
    let import = made(&[("t.json", json!([people("b_b"), other]).to_string())]);
    assert_eq!(import.labels.table.judgments.len(), 2);
    assert_eq!(counted(&import, "compared with itself"), 1);

    let mut log = log(
        &json!({"candidate": "a", "opponent": "a"}),
        &json!({"s": {"value": "A"}}),
    );
    let mut other = log["samples"][0].clone();
    other["id"] = json!(2);
    other["metadata"]["opponent"] = json!("b");
    log["samples"].as_array_mut().unwrap().push(other);
    let import = made(&[("log.json", log.to_string())]);
    assert_eq!(import.table.judgments.len(), 1);
    assert_eq!(counted(&import, "compared with itself"), 1);
}

#[test]
fn alpaca_eval_files_are_told_apart_by_their_folders_where_these_differ() {
    let of = |annotator: &str, preference: f64| {
        let mut row = annotation("i", ["base", "m"], preference);
        row["annotator"] = json!(annotator);
        json!([row]).to_string()
    };
    let import = made(&[
        ("m1/ann1/annotations.json", of("ann1", 1.8)),
        ("m1/ann2/annotations.json", of("ann2", 1.2)),
        ("m2/ann1/annotations.json", of("ann1", 1.6)),
    ]);
    let contests = import.table.contests.iter();
    let names: Vec<[&str; 2]> = contests.map(|c| [&*c.candidate, &*c.judge]).collect();
    assert_eq!(
        names,
        [["m (m1)", "ann1"], ["m", "ann2"], ["m (m2)", "ann1"]]
    );
    let import = made(&[
        ("m1/a.json", of("ann1", 1.8)),
        ("m1/b.json", of("ann1", 1.6)),
    ]);
    let second = import.table.contests[1].candidate.as_str();
    assert!(
        second.starts_with("m (/") && second.ends_with("m1/b.json)"),
        "{second}"
    );
    assert!(has_note(&import, "their folder or their path"));
}
