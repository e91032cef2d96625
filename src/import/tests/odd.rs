//! Records that are not as the rest, and sentences about them.

use rstest::rstest;

use super::*;

fn csv(text: &str) -> (&'static str, String) {
    ("c.csv", text.to_owned())
}

fn outcomes(table: &VerdictTable) -> Vec<Outcome> {
    table.cells.iter().map(|cell| cell.outcome).collect()
}

#[test]
fn a_row_without_an_annotator_is_no_verdict_of_a_judge() {
    let import = made(&[csv(
        "question,candidate,opponent,outcome,annotator\nq1,a,b,win,x\nq2,a,b,loss,\n",
    )]);
    assert!(import.table.judgments.is_empty());
    assert_eq!(import.labels.table.judgments.len(), 1);
    assert_eq!(counted(&import, "names no annotator"), 1);
    let import = made(&[csv(
        "question,candidate,opponent,outcome,annotator,judge\nq1,a,b,win,x,\nq2,a,b,loss,,j\n",
    )]);
    assert_eq!(import.table.contests[0].judge, "j");
    assert_eq!(import.labels.table.judgments.len(), 1);
    assert!(import.reasons.is_empty(), "{:?}", import.reasons);
}

#[test]
fn first_and_second_say_nothing_where_no_order_is_known() {
    let said = refused(
        None,
        "c.csv",
        "question,candidate,opponent,outcome\nq1,a,b,first\n",
    );
    assert!(said.contains("the row has no order"), "{said}");
    assert!(said.contains("--value 'first=win'"), "{said}");
    let import = made(&[csv(
        "question,candidate,opponent,outcome,order\nq1,a,b,first,opponent_first\nq2,a,b,first,candidate_first\n",
    )]);
    assert_eq!(outcomes(&import.table), [Outcome::Loss, Outcome::Win]);
}

#[test]
fn rows_without_a_question_are_one_where_there_is_a_column_of_questions() {
    let import = made(&[csv(
        "question,candidate,opponent,outcome\nq1,a,b,win\n,a,b,win\n,a,b,tie\n",
    )]);
    assert_eq!(import.table.items.len(), 2);
    assert_eq!(counted(&import, "an empty question id"), 2);
}

#[test]
fn of_outcome_and_score_one_is_used_and_the_other_named() {
    let text = "question,candidate,opponent,outcome,score\nq1,a,b,win,0.2\nq2,a,b,loss,0.9\n";
    let import = made(&[csv(text)]);
    assert_eq!(outcomes(&import.table), [Outcome::Win, Outcome::Loss]);
    assert!(
        has_note(&import, "that are not used: score"),
        "{:?}",
        import.notes
    );
    let mut options = Options::default();
    options.columns.columns = vec![("score".to_owned(), "score".to_owned())];
    let import = imported(&options, &[csv(text)]).unwrap();
    assert_eq!(import.table.scores, [0.2, 0.9]);
    assert!(
        has_note(&import, "that are not used: outcome"),
        "{:?}",
        import.notes
    );
}

#[test]
fn a_csv_of_our_own_tasks_is_refused() {
    for format in [None, Some(Format::Csv)] {
        let text = "oyer_task,left,right,overall_winner\nt,x,y,left\n";
        let said = refused(format, "c.csv", text);
        assert!(said.contains("oyer export label-studio"), "{said}");
        assert!(said.contains("--key"), "{said}");
    }
}

#[test]
fn a_model_that_meets_itself_counts_as_evalica_counts_it() {
    let import = made(&[csv(
        "left,right,winner\na,b,left\na,b,left\na,b,right\na,a,left\n",
    )]);
    let set = &import.figures[0];
    let average = set
        .figures
        .iter()
        .find(|f| f.name == "average_win_rate")
        .unwrap();
    let expected = f64::midpoint(2.0 / 3.0, 0.5);
    assert!((average.value.unwrap() - expected).abs() < 1e-12);
    let why = set.why_they_differ.join(" ");
    assert!(why.contains("as evalica does"), "{why}");
}

#[rstest]
#[case(json!(0))]
#[case(json!(-1))]
#[case(json!(1.5))]
#[case(json!(1e12))]
fn a_turn_that_is_none_is_refused(#[case] turn: Value) {
    let pair = json!({"question_id": 1, "model_1": "a", "model_2": "b", "g1_winner": "tie", "g2_winner": "tie", "judge": "j", "turn": turn});
    let said = refused(None, "p.jsonl", lines(&[pair]));
    assert!(
        said.contains("expected the number of a turn, from 1"),
        "{said}"
    );
}

#[test]
fn a_record_with_one_game_is_counted() {
    let record = |games: Value| json!({"uid": "u", "model": "m", "baseline": "b", "judge": "j", "games": games});
    let import = made(&[("g.jsonl", lines(&[record(json!([{"score": "A>B"}]))]))]);
    assert_eq!(counted(&import, "a record with one game"), 1);
}

#[test]
fn texts_of_alpaca_eval_that_are_none_are_counted() {
    let mut odd = annotation("i", ["b", "m"], 1.5);
    odd["output_2"] = Value::Null;
    odd["raw_completion"] = json!(["m"]);
    let fine = annotation("j", ["b", "m"], 1.5);
    let import = made(&[("annotations.json", json!([odd, fine]).to_string())]);
    assert_eq!(counted(&import, "an answer that is no text"), 1);
    assert_eq!(counted(&import, "neither a text nor an object"), 1);
}

#[test]
fn two_verdicts_of_judges_in_one_record_are_refused() {
    let record = json!([{"idx": 1, "gpt_result": 1, "pandalm_result": 2}]);
    let said = refused(None, "j.json", record.to_string());
    assert!(said.contains("found gpt_result, pandalm_result"), "{said}");
}

#[test]
fn a_csv_whose_header_is_quoted_is_told_for_one() {
    let text = "\"annotation_id\",\"left\"\n1,a\n";
    let said = refused(Some(Format::LabelStudio), "e.csv", text);
    assert!(
        said.contains("what looks like a CSV with 2 columns"),
        "{said}"
    );
    let said = refused(Some(Format::LabelStudio), "e.json", "\"text\"\n");
    assert!(said.contains("the file holds text"), "{said}");
}

#[test]
fn an_estimate_of_pooled_pairs_is_said_to_be_of_two_models() {
    let pair = |first: &str, second: &str| json!({"question_id": 1, "model_1": first, "model_2": second, "g1_winner": "model_1", "g2_winner": "model_1", "judge": ["j", "p"], "turn": 1});
    let pairs = [pair("a", "b"), pair("a", "c"), pair("b", "c")];
    let import = made(&[("j_pair.jsonl", lines(&pairs))]);
    let why = import.figures[0].why_they_differ.join(" ");
    assert!(why.starts_with("The figures pool"), "{why}");
    assert!(!why.contains("the estimate averages"), "{why}");
    let why = made(&[fastchat_pairs()]).figures[0]
        .why_they_differ
        .join(" ");
    assert!(why.contains("the estimate averages both orders"), "{why}");
}

fn inspect(samples: &[(Value, Value)]) -> (&'static str, String) {
    let samples: Vec<Value> = samples
        .iter()
        .zip(1..)
        .map(|((target, score), id)| json!({"id": id, "epoch": 1, "input": "q", "target": target, "scores": {"s": score}, "metadata": {}}))
        .collect();
    let metrics = json!({"scores": [{"name": "s", "metrics": {"accuracy": {"value": 0.5}}}]});
    let log = json!({"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "plan": {}, "results": metrics, "samples": samples});
    ("log.json", log.to_string())
}

#[test]
fn a_log_of_one_comparison_has_an_estimate_and_one_of_several_a_reason() {
    let judged = |value: &str| (json!("A"), json!({"value": value, "answer": "Tie"}));
    let import = made(&[inspect(&[judged("C"), judged("I")])]);
    assert!(import.figures[0].comparison.is_some());
    let why = import.figures[0].why_they_differ.join(" ");
    assert!(
        why.contains("a tie that was scored I") && !why.contains("No estimate"),
        "{why}"
    );
    let both = json!({"value": {"style": "A", "facts": "B"}});
    let import = made(&[inspect(&[(json!(""), both)])]);
    assert!(import.figures[0].comparison.is_none());
    let why = import.figures[0].why_they_differ.join(" ");
    assert!(why.contains("No estimate stands beside"), "{why}");
}

#[test]
fn of_a_log_whose_samples_are_all_wrong_only_that_is_said() {
    let (name, log) = inspect(&[(json!(""), json!({"value": "A"}))]);
    let mut log: Value = serde_json::from_str(&log).unwrap();
    log["samples"][0]["scores"] = json!(3);
    let problems = imported(&Options::default(), &[(name, log.to_string())]).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
}

#[test]
fn a_csv_of_ties_alone_has_no_strengths_of_newman_and_says_why() {
    let text = "question,candidate,opponent,outcome\nq1,a,b,tie\nq2,a,b,tie\n";
    let import = made(&[("ties.csv", text.to_owned())]);
    let notes = import.notes.join(" ");
    assert!(
        notes.contains("newman is not given: every game is a tie"),
        "{notes}"
    );
}

#[test]
fn a_log_without_metrics_has_its_estimate_and_says_so() {
    let sample = |id: u32, value: Value| json!({"id": id, "epoch": 1, "input": "q", "target": "", "scores": {"p": {"value": value}}, "metadata": {"candidate": "a", "opponent": "b"}});
    let mut log = log(1, &[sample(1, json!(1)), sample(2, json!(0.5))]);
    let import = made(&[("log.json", log.to_string())]);
    let set = &import.figures[0];
    assert!(set.figures.is_empty() && set.comparison.is_some());
    let why = set.why_they_differ.join(" ");
    assert!(why.starts_with("The log states no metrics"), "{why}");
    assert!(!has_note(&import, "status"), "{:?}", import.notes);
    log["status"] = json!("error");
    let import = made(&[("log.json", log.to_string())]);
    assert!(has_note(&import, "log.json is `error`, not `success`"));
    log["status"] = Value::Null;
    let import = made(&[("log.json", log.to_string())]);
    assert!(has_note(&import, "log.json states no status"));
}

#[test]
fn scores_of_inspect_that_are_no_labels_are_named() {
    let scored = |value: Value| (json!(""), json!({"value": value}));
    let log = inspect(&[
        scored(json!(true)),
        scored(json!(false)),
        scored(json!("good")),
    ]);
    let said = refused(None, "log.json", log.1);
    assert!(
        said.contains("found `good`, true or false, expected"),
        "{said}"
    );
}

#[test]
fn a_scale_of_inspect_is_no_share() {
    let scored = |value: f64| (json!(""), json!({"value": value}));
    let import = made(&[inspect(&[scored(0.25), scored(1.0)])]);
    assert_eq!(import.table.scores, [0.25, 1.0]);
    let said = refused(None, "log.json", inspect(&[scored(1.0), scored(4.0)]).1);
    assert!(
        said.contains("no score of the log is a pairwise label"),
        "{said}"
    );
}

fn task(id: u32, results: &[(&str, &str)]) -> Value {
    let result = |(control, word): &(&str, &str)| json!({"from_name": control, "type": "choices", "value": {"choices": [word]}});
    let results: Vec<Value> = results.iter().map(result).collect();
    json!({"id": id, "data": {"left_model": "a", "right_model": "b"}, "annotations": [{"completed_by": 1, "result": results}]})
}

#[test]
fn a_scale_of_label_studio_is_no_choice_of_a_side() {
    let likert = ["1", "2", "3", "4"].iter().zip(1..);
    let likert: Vec<Value> = likert
        .map(|(word, id)| task(id, &[("quality", word)]))
        .collect();
    let said = refused(None, "e.json", json!(likert).to_string());
    assert!(said.contains("but `1`, `2`, `3`, `4`"), "{said}");

    let tasks = json!([
        task(1, &[("overall", "left"), ("conf", "1")]),
        task(2, &[("overall", "right"), ("conf", "3")]),
    ]);
    let import = made(&[("e.json", tasks.to_string())]);
    assert_eq!(import.labels.table.criteria, ["overall"]);
    assert_eq!(counted(&import, "says nothing of the two sides: `1`"), 1);
    let note = "taken for labels of the two sides: overall; not taken, because their words do not say left, right or tie: conf (1, 3)";
    assert!(has_note(&import, note), "{:?}", import.notes);

    let min = |id: u32, overall: &str, conf: &str| json!({"id": id, "left_model": "a", "right_model": "b", "overall": overall, "conf": conf, "annotator": 1, "annotation_id": id});
    let rows = json!([min(1, "1", "1"), min(2, "2", "3")]);
    let import = made(&[("m.json", rows.to_string())]);
    assert_eq!(import.labels.table.criteria, ["overall"]);
    assert_eq!(
        outcomes(&import.labels.table),
        [Outcome::Win, Outcome::Loss]
    );
    assert!(has_note(&import, "conf (1, 3)"), "{:?}", import.notes);
}

#[test]
fn fields_of_json_min_that_are_taken_are_always_named_where_there_are_several() {
    let row = |id: u32, verdict: &str| json!({"id": id, "left_model": "a", "right_model": "b", "preference": "left", "judge_verdict": verdict, "annotator": 1, "annotation_id": id});
    let rows = json!([row(1, "B"), row(2, "A")]);
    let import = made(&[("m.json", rows.to_string())]);
    let note = "taken for labels of the two sides: judge_verdict, preference; JSON-MIN does not tell labels from the task's data";
    assert!(has_note(&import, note), "{:?}", import.notes);
    let tasks = json!([task(1, &[("overall", "left"), ("style", "right")])]);
    let import = made(&[("e.json", tasks.to_string())]);
    assert!(!has_note(&import, "taken for labels"), "{:?}", import.notes);
}

#[test]
fn a_task_that_names_no_models_is_counted() {
    let mut tasks = json!([
        task(1, &[("overall", "left")]),
        task(2, &[("overall", "left")])
    ]);
    tasks[1]["data"] = json!({"text": "x"});
    let import = made(&[("e.json", tasks.to_string())]);
    assert_eq!(counted(&import, "does not name both models"), 1);
}

#[test]
fn a_task_that_nobody_labelled_is_no_annotation_without_a_label() {
    let rows = json!([
        {"id": 1, "left_model": "a", "right_model": "b", "overall": "left", "annotator": 1, "annotation_id": 1},
        {"id": 2, "left_model": "a", "right_model": "b"},
    ]);
    let import = made(&[("m.json", rows.to_string())]);
    assert_eq!(counted(&import, "a task without annotations"), 1);
    assert_eq!(counted(&import, "an annotation without a label"), 0);
}

#[test]
fn a_later_annotation_stands_also_where_it_is_empty() {
    let mut tasks = json!([
        task(1, &[("overall", "left")]),
        task(2, &[("overall", "right")])
    ]);
    tasks[0]["annotations"][0]["updated_at"] = json!("2026-01-01");
    let later = json!({"completed_by": 1, "updated_at": "2026-01-02", "result": []});
    tasks[0]["annotations"].as_array_mut().unwrap().push(later);
    let import = made(&[("e.json", tasks.to_string())]);
    assert_eq!(outcomes(&import.labels.table), [Outcome::Loss]);
    assert_eq!(counted(&import, "replaced by a later one"), 1);
    assert_eq!(counted(&import, "an annotation without a label"), 1);
}

#[test]
fn tasks_of_our_own_without_a_key_are_refused_once() {
    let own =
        |id: u32| json!({"id": id, "data": {"oyer_task": format!("t{id}")}, "annotations": []});
    let problems = imported(
        &Options::default(),
        &[("e.json", json!([own(1), own(2), own(3)]).to_string())],
    )
    .unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let said = problems[0].to_string();
    assert!(
        said.contains("--key") && said.contains("`oyer agree`"),
        "{said}"
    );
}

#[test]
fn a_score_json_of_wildbench_is_compared_with_its_parts() {
    let score = |id: &str, score: u32| json!({"session_id": id, "model_test": "m", "score": score, "primary_tag": "Math"});
    let scores = json!([score("1", 8), score("2", 6)]);
    let mut import = made(&[("m.json", scores.to_string())]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("score.json");
    let published = json!({"m": {"score": 7.0, "adjusted_score": 4.0, "total": 2, "adjusted_task_macro_score": 99.0, "task_categorized_scores": {"Math & Data Analysis": 99.0}}});
    std::fs::write(&path, published.to_string()).unwrap();
    let claims = read_claims(path.to_str().unwrap()).unwrap();
    let notes = compare(&mut import.figures, &claims);
    assert!(notes.is_empty(), "{notes:?}");
    let of = |name: &str| {
        let mut figures = import.figures[0].figures.iter();
        let figure = figures.find(|figure| figure.name == name).unwrap();
        figure.published.as_ref().map(|published| published.agrees)
    };
    assert_eq!(of("raw_score"), Some(true));
    assert_eq!(of("adjusted_score"), Some(true));
    assert_eq!(of("task_macro_score"), Some(false));
    assert_eq!(
        of("task_categorized_scores: Math & Data Analysis"),
        Some(false)
    );
}

fn log(first: u32, samples: &[Value]) -> Value {
    json!({"version": 2, "status": "success", "eval": {"task": "t", "model": format!("m{first}")}, "plan": {}, "samples": samples})
}

#[test]
fn samples_of_inspect_that_are_none_and_a_second_log_are_refused_at_their_lines() {
    let sample = json!({"id": 1, "epoch": 1, "scores": {"s": {"value": "A"}}});
    let wrong = json!({"id": 2, "epoch": "one", "scores": {"s": {"value": "A"}}});
    let text = log(
        1,
        &[sample.clone(), json!(null), json!("oops"), wrong, sample],
    )
    .to_string();
    let text = text
        .replace("{\"epoch\"", "\n{\"epoch\"")
        .replace(",\"oops\"", ",\n\n\"oops\"");
    let problems = imported(&Options::default(), &[("log.json", text)]).unwrap_err();
    let told: Vec<(Option<usize>, &str)> = problems
        .iter()
        .map(|problem| (problem.line, problem.message.as_str()))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(
        told[0],
        (Some(2), "record 2: found null, expected an object")
    );
    assert_eq!(
        told[1],
        (Some(4), "record 3: found text, expected an object")
    );
    assert_eq!(told[2].0, Some(5), "{told:?}");

    let two = format!("{}\n{}\n", log(1, &[]), log(2, &[]));
    let said = refused(None, "log.json", two);
    assert!(
        said.contains(":2: the file holds 2 values, expected one log"),
        "{said}"
    );
}

#[test]
fn the_results_of_inspects_first_version_are_one_score_named_by_its_scorer() {
    let sample = json!({"id": 1, "epoch": 1, "score": {"value": "A"}});
    let mut log = log(1, &[sample]);
    log["results"] = json!({"scorer": {"name": "match"}, "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}}});
    let import = made(&[("log.json", log.to_string())]);
    assert_eq!(import.table.criteria, ["match"]);
    assert_eq!(import.figures[0].figures[0].name, "match/accuracy");
    assert_eq!(import.figures[0].figures[0].value, Some(0.5));
}

#[test]
fn a_file_and_the_same_one_packed_are_one_file_given_twice() {
    use std::io::Write as _;

    let dir = tempfile::tempdir().unwrap();
    let text = "left,right,winner\na,b,left\n";
    let paths = ["x.csv", "x.csv.gz", "y.csv.gz"].map(|name| dir.path().join(name));
    std::fs::write(&paths[0], text).unwrap();
    for (path, level) in paths[1..].iter().zip([0, 9]) {
        let file = std::fs::File::create(path).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::new(level));
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap();
    }
    for two in [[0, 1], [1, 0], [1, 2]] {
        let two = two.map(|at| paths[at].clone());
        let error = import(&two, &Options::default(), &mut |_| Ok(())).unwrap_err();
        let ImportError::Problems(problems) = error else {
            panic!("{error}")
        };
        let said = problems[0].to_string();
        assert!(said.contains("the file is the same as"), "{said}");
    }
}

#[test]
fn why_files_hold_no_judgment_is_said() {
    let said = refused(None, "g.csv", "left,right,winner\na,a,left\nb,b,tie\n");
    assert!(
        said.contains("the files hold no judgment: 2 × a model compared with itself"),
        "{said}"
    );
}

#[test]
fn scores_of_wildbench_by_a_judge_that_writes_no_score_of_its_own_are_read() {
    let score = |model: &str, score: &str| {
        (
            format!("score.v2/eval=claude/{model}.json"),
            json!([{"session_id": "s", "parsed_result": {"score": score}, "generator": model, "model_output": ["four"]}]).to_string(),
        )
    };
    let files = [score("m", "8"), score("n", "5")];
    let import = made(
        &files
            .each_ref()
            .map(|(name, text)| (name.as_str(), text.clone())),
    );
    assert_eq!(import.format, Format::Wildbench);
    let raw: Vec<Option<f64>> = import
        .figures
        .iter()
        .map(|set| set.figures[0].value)
        .collect();
    assert_eq!(raw, [Some(8.0), Some(5.0)]);
    assert_eq!(outcomes(&import.table), [Outcome::Win]);
}

#[test]
fn of_prompts_that_were_judged_in_one_order_no_two_games_are_spoken_of() {
    let game = json!([{"score": "A>B"}]);
    for id in ["question_id", "uid"] {
        let record =
            json!({id: "q", "model": "m", "judge": "j", "baseline": "base", "games": game});
        let import = made(&[("m.jsonl", lines(&[record]))]);
        let why = import.figures[0].why_they_differ.join(" ");
        assert!(why.contains("judged in one order only"), "{why}");
        assert!(!why.contains("two games of a prompt"), "{why}");
    }
}

#[test]
fn percentages_of_judgebench_have_the_last_digit_of_its_own() {
    let pair = |id: u32| {
        let decision = if id < 11 { "A>B" } else { "B>A" };
        json!({"pair_id": id.to_string(), "source": "mmlu-pro", "label": "A>B", "response_A": "x", "response_B": "y", "judge_name": "arena_hard", "judgments": [{"decision": decision}]})
    };
    let pairs: Vec<Value> = (0..40).map(pair).collect();
    let import = made(&[("out.jsonl", lines(&pairs))]);
    assert_eq!(import.figures[0].figures[0].value, Some(27.5));
}

#[test]
fn verdicts_of_pandalms_people_have_an_estimate_of_each_two_models() {
    let pair = |idx: u32, votes: [u8; 2]| json!({"idx": idx, "cmp_key": "m_n", "instruction": "i", "input": idx, "response1": "x", "response2": "y", "annotator1": votes[0], "annotator2": votes[1]});
    let import = made(&[(
        "testset-v1.json",
        json!([pair(0, [1, 2]), pair(1, [1, 1])]).to_string(),
    )]);
    let set = &import.figures[0];
    assert_eq!(set.pools.as_ref().unwrap().judge.as_deref(), Some("people"));
}

#[test]
fn weights_of_labels_that_figures_leave_out_are_said() {
    let with = |weights: [&str; 2], who: &str| {
        let text = format!(
            "question,candidate,opponent,outcome,{who},x.weight\nq1,a,b,win,x,{}\nq2,b,a,win,x,{}\n",
            weights[0], weights[1]
        );
        let import = made(&[csv(&text)]);
        let why = import
            .figures
            .iter()
            .map(|set| set.why_they_differ.concat());
        let said: Vec<bool> = why.map(|why| why.contains("x.weight")).collect();
        assert_eq!(said.len(), 2);
        assert_eq!(said[0], said[1]);
        said[0]
    };
    assert!(with(["1", "3"], "annotator"));
    assert!(!with(["3", "3.0"], "annotator"));
    // A covariate of verdicts is only called so.
    assert!(!with(["1", "3"], "judge"));
}
