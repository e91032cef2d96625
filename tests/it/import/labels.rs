//! Small files of formats with known answers, people or columns: LLMBar, JudgeBench,
//! PandaLM, Label Studio, CSV, Inspect.

use serde_json::json;

use super::{about, column, counted, figure, imported, is_there, lines, near, ran};
use crate::support::home::Home;

#[test]
fn llmbar_and_judgebench_are_accuracies() {
    let home = Home::new();
    let instance = |label: u8, plain: serde_json::Value, swapped: serde_json::Value| {
        json!({
            "input": format!("i{label}{plain}{swapped}"), "output_1": "one", "output_2": "two!", "label": label,
            "results": [["note", "stop"], {"swap = False": {"completion": ["x", "stop"], "winner": plain}, "swap = True": {"completion": ["x", ""], "winner": swapped}}],
        })
    };
    home.write(
        "Natural/evaluators/GPT-4/CoT/result.json",
        json!([
            instance(1, json!("1"), json!("1")),
            instance(2, json!("2"), json!("1")),
            instance(2, json!("1"), json!("1")),
            instance(1, json!("1"), json!(null)),
        ])
        .to_string(),
    );
    let made = imported(&home, &["Natural/evaluators/GPT-4/CoT/result.json"]);
    let set = about(&made, "Natural/GPT-4/CoT");
    for (name, value) in [
        ("correct_False", 75.0),
        ("correct_True", 25.0),
        ("correct_average", 50.0),
        ("correct_both", 25.0),
        ("equal", 50.0),
    ] {
        near(figure(set, name), value);
    }
    assert!(set["estimate"]["withheld"].is_string());
    assert_eq!(counted(&made, "no winner"), 1);

    let home = Home::new();
    let pair = |id: &str, label: &str, first: serde_json::Value, second: serde_json::Value| {
        json!({
            "pair_id": id, "original_id": 1, "source": "mmlu-pro-law", "question": format!("q{id}"), "response_model": "r",
            "response_A": "a", "response_B": "bb", "label": label, "judge_name": "arena_hard",
            "judgments": [{"judgment": {"judge_model": "gpt"}, "decision": first}, second],
        })
    };
    home.write(
        "out.jsonl",
        lines(&[
            pair("1", "A>B", json!("A>B"), json!({"decision": "B>A"})),
            pair("2", "B>A", json!("B>A"), json!({"decision": "A=B"})),
            pair("3", "A>B", json!("A>B"), json!({"decision": "A>B"})),
            pair("4", "B>A", json!(null), json!(null)),
        ]),
    );
    let made = imported(&home, &["out.jsonl"]);
    let set = about(&made, "arena_hard/gpt on r");
    near(figure(set, "overall"), 50.0);
    near(figure(set, "mmlu-pro"), 50.0);
    near(figure(set, "inconsistent"), 2.0);
    assert_eq!(counted(&made, "without a decision"), 2);
}

#[test]
fn pandalm_people_and_judges() {
    let home = Home::new();
    let pair = |idx: u32, votes: [u8; 3]| json!({"idx": idx, "motivation_app": "App", "cmp_key": "m_n", "instruction": "i", "input": idx, "response1": "x", "response2": "yy", "annotator1": votes[0], "annotator2": votes[1], "annotator3": votes[2]});
    home.write(
        "testset-v1.json",
        json!([
            pair(0, [1, 1, 2]),
            pair(1, [2, 2, 2]),
            pair(2, [0, 0, 1]),
            pair(3, [1, 1, 1])
        ])
        .to_string(),
    );
    home.write("gpt-testset-v1.json", json!([
        {"idx": 0, "gpt_result": "1"}, {"idx": 1, "gpt_result": 2}, {"idx": 2, "gpt_result": "garbage"}, {"idx": 3, "gpt_result": "Tie"},
    ]).to_string());
    let made = imported(&home, &["testset-v1.json", "gpt-testset-v1.json"]);
    let people = about(&made, "people");
    near(figure(people, "label_1"), 2.0);
    near(figure(people, "label_0"), 1.0);
    near(figure(people, "kappa_annotator1_annotator2"), 1.0);
    let judge = about(&made, "gpt");
    near(figure(judge, "accuracy"), 0.5);
    near(figure(judge, "accuracy_garbage_as_tie"), 0.75);
    near(judge["estimate"]["value"].as_f64().unwrap(), 2.0 / 3.0);
    assert_eq!(column(&home, "labels.csv", "annotator").len(), 12);
    assert_eq!(
        column(&home, "verdicts.csv", "candidate"),
        ["m", "m", "m", "m"]
    );
    assert_eq!(made["judgments"], 4);

    // Imported apart, they say the same of each other.
    let agreed = |arguments: &[&str]| {
        // One of the four has no verdict that can be read.
        let rest = ["--coverage-floor", "0.7", "--format", "json"];
        let all = [&["agree"], arguments, &rest].concat();
        home.oyer(&all).expect(0).json()
    };
    let together = agreed(&["results"]);
    for (file, folder) in [
        ("testset-v1.json", "people"),
        ("gpt-testset-v1.json", "judge"),
    ] {
        home.oyer(&["import", file, "--results", folder]).expect(0);
    }
    for labels in ["people", "testset-v1.json"] {
        let apart = agreed(&["judge", "--labels", labels]);
        assert_eq!(apart["judge_people"], together["judge_people"], "{labels}");
        assert_eq!(apart["people"], together["people"], "{labels}");
        assert_eq!(apart["corrected"], together["corrected"], "{labels}");
        let report = ["report", "judge", "--labels", labels];
        let floor = ["--coverage-floor", "0.7", "--format", "json"];
        let said = home.oyer(&[&report[..], &floor].concat());
        assert_eq!(said.json()["corrected"], together["corrected"], "{labels}");
    }

    let alone = Home::new();
    alone.write(
        "gpt.json",
        json!([{"idx": 0, "gpt_result": "2"}]).to_string(),
    );
    let made = imported(&alone, &["gpt.json"]);
    assert!(
        made["notes"][0]
            .as_str()
            .unwrap()
            .contains("testset-v1.json")
    );
}

#[test]
fn label_studio_choices_and_pairs() {
    let home = Home::new();
    let choice = |word: &str, person: serde_json::Value, cancelled: bool| {
        json!({"completed_by": person, "was_cancelled": cancelled, "lead_time": 3.5, "result": [
            {"from_name": "overall", "to_name": "t", "type": "choices", "value": {"choices": [word]}},
            {"from_name": "why", "to_name": "t", "type": "choices", "value": {"choices": ["it is longer"]}},
        ]})
    };
    home.write("export.json", json!([
        {"id": 1, "data": {"item": "p/q", "persona": "p", "question": "q", "candidate": "a", "opponent": "b", "order": "opponent_first"}, "annotations": [choice("Left", json!(7), false), choice("Tie", json!({"id": 8, "email": "e@x"}), false)]},
        {"id": 2, "data": {"text": "x"}, "annotations": [choice("Right", json!(7), true)]},
        {"id": 3, "data": {"left_model": "b", "right_model": "a"}, "annotations": [{"completed_by": 7, "result": [{"type": "pairwise", "from_name": "overall", "value": {"selected": "left"}}]}]},
    ]).to_string());
    let made = imported(&home, &["export.json"]);
    assert_eq!(made["format"], "label-studio");
    assert_eq!(
        column(&home, "labels.csv", "outcome"),
        ["loss", "tie", "win"]
    );
    assert_eq!(column(&home, "labels.csv", "annotator"), ["7", "e@x", "7"]);
    assert_eq!(column(&home, "labels.csv", "candidate"), ["a", "a", "b"]);
    assert_eq!(counted(&made, "cancelled"), 1);
    assert_eq!(
        counted(&made, "says nothing of the two sides: `it is longer`"),
        2
    );
    near(figure(about(&made, "7"), "left"), 2.0);
}

#[test]
fn label_studio_json_min_and_what_is_odd_about_annotations() {
    let home = Home::new();
    let row = |id: u32, person: serde_json::Value, more: serde_json::Value| {
        let mut row = json!({"id": id, "question": format!("q{id}"), "candidate": "a", "opponent": "b",
            "order": "opponent_first", "left": "a long answer of one", "annotator": person,
            "annotation_id": id, "created_at": "2026-01-01T00:00:00Z", "lead_time": 3.5});
        let more = more.as_object().expect("an object").clone();
        row.as_object_mut().expect("an object").extend(more);
        row
    };
    home.write("min.json", json!([
        row(1, json!(7), json!({"overall": "Left", "why": "it is longer", "updated_at": "2026-01-02T00:00:00Z"})),
        row(1, json!(7), json!({"overall": "Right", "updated_at": "2026-01-03T00:00:00Z"})),
        row(2, json!("e@x"), json!({"overall": {"choices": ["left", "right"]}})),
        row(3, json!({"email": "f@x"}), json!({"overall": "tie", "pair": [{"selected": "left"}]})),
        row(4, json!(7), json!({"why": "both are fine"})),
    ]).to_string());
    let made = imported(&home, &["min.json"]);
    assert_eq!(made["format"], "label-studio");
    assert_eq!(
        column(&home, "labels.csv", "outcome"),
        ["win", "tie", "loss"]
    );
    assert_eq!(
        column(&home, "labels.csv", "annotator"),
        ["7", "f@x", "f@x"]
    );
    assert_eq!(
        column(&home, "labels.csv", "criterion"),
        ["overall", "overall", "pair"]
    );
    assert_eq!(column(&home, "labels.csv", "order"), ["opponent_first"; 3]);
    assert_eq!(counted(&made, "replaced by a later one"), 1);
    assert_eq!(counted(&made, "or of several things"), 1);
    assert_eq!(counted(&made, "without a label of the two sides"), 1);
    let told = made["files"][0]["kind"].to_string();
    assert!(told.contains("JSON-MIN"), "{told}");

    // The same of the full export; who is not named is nobody that another was.
    let home = Home::new();
    let choice = |words: &[&str], at: &str, more: serde_json::Value| {
        let mut annotation = json!({"updated_at": at, "result": [{"from_name": "overall", "type": "choices", "value": {"choices": words}}]});
        let more = more.as_object().expect("an object").clone();
        annotation.as_object_mut().expect("an object").extend(more);
        annotation
    };
    home.write(
        "full.json",
        json!([{"id": 1, "data": {"candidate": "a", "opponent": "b"}, "annotations": [
            choice(&["right"], "2026-01-03", json!({"completed_by": 7})),
            choice(&["left"], "2026-01-02", json!({"completed_by": 7})),
            choice(&["left"], "2026-01-02", json!({})),
            choice(&["left"], "2026-01-04", json!({})),
            choice(&["left", "tie"], "2026-01-04", json!({"completed_by": 8})),
            choice(&["left"], "2026-01-05", json!({"completed_by": 9, "was_cancelled": true})),
        ]}])
        .to_string(),
    );
    let made = imported(&home, &["full.json"]);
    assert_eq!(
        column(&home, "labels.csv", "outcome"),
        ["loss", "win", "win"]
    );
    assert_eq!(column(&home, "labels.csv", "repeat"), ["1", "1", "1"]);
    assert_eq!(
        column(&home, "labels.csv", "annotator"),
        ["7", "annotator", "annotator (2)"]
    );
    assert_eq!(counted(&made, "does not say whose it is"), 2);
    assert_eq!(counted(&made, "cancelled"), 1);
    assert_eq!(counted(&made, "replaced by a later one"), 1);
    assert_eq!(counted(&made, "or of several things"), 1);
}

#[test]
fn label_studio_sides_that_only_1_and_2_tell_are_said_to_be_and_may_be_left_out() {
    let task = |id: u32, said: &[(&str, &str)]| {
        let said = said.iter().map(|(control, word)| json!({"from_name": control, "type": "choices", "value": {"choices": [word]}}));
        json!({"id": id, "data": {"question": format!("q{id}"), "candidate": "a", "opponent": "b"},
            "annotations": [{"completed_by": 7, "result": said.collect::<Vec<_>>()}]})
    };
    let stars = json!([task(1, &[("stars", "1")]), task(2, &[("stars", "2")])]).to_string();
    let home = Home::new();
    home.write("export.json", &stars);
    let notes = imported(&home, &["export.json"])["notes"].to_string();
    assert!(
        notes.contains("1 was read as left and 2 as right"),
        "{notes}"
    );
    assert!(notes.contains("no other numbers occur: stars;"), "{notes}");
    assert_eq!(column(&home, "labels.csv", "criterion"), ["stars"; 2]);

    // Where another control says it in words, they are most likely a scale.
    let both = |id, side, stars| task(id, &[("overall", side), ("stars", stars)]);
    let tasks = json!([both(1, "left", "1"), both(2, "right", "2")]).to_string();
    let home = Home::new();
    home.write("export.json", &tasks);
    let notes = imported(&home, &["export.json"])["notes"].to_string();
    assert!(
        notes.contains("left, right or tie: stars (1, 2)"),
        "{notes}"
    );
    assert!(!notes.contains("was read as left"), "{notes}");
    assert_eq!(column(&home, "labels.csv", "criterion"), ["overall"; 2]);
    let home = Home::new();
    home.write("export.json", &tasks);
    let sides = ["export.json", "--value", "1=left", "--value", "2=right"];
    imported(&home, &sides);
    let criteria = column(&home, "labels.csv", "criterion");
    assert_eq!(criteria.iter().filter(|name| *name == "stars").count(), 2);

    let home = Home::new();
    home.write("export.json", &tasks);
    let scale = [
        "export.json",
        "--value",
        "1=missing",
        "--value",
        "2=missing",
    ];
    let notes = imported(&home, &scale)["notes"].to_string();
    assert!(
        notes.contains("not taken, because their words do not say left, right or tie: stars"),
        "{notes}"
    );
    assert_eq!(column(&home, "labels.csv", "criterion"), ["overall"; 2]);
    assert!(!notes.contains("was read as left"), "{notes}");
}

#[test]
fn label_studio_json_min_with_bare_numbers_is_read_as_with_numbers_in_texts() {
    let tables = [false, true].map(|is_text| {
        let side = |n: u32| if is_text { json!(n.to_string()) } else { json!(n) };
        let row = |n: u32| json!({"id": n, "question": format!("q{n}"), "candidate": "a", "opponent": "b", "annotator": 1, "annotation_id": n, "preference": side(1 + n % 2), "stars": n});
        let home = Home::new();
        home.write("min.json", json!([row(1), row(2), row(3)]).to_string());
        let made = imported(&home, &["min.json"]);
        let notes = made["notes"].to_string();
        assert!(notes.contains("no other numbers occur: preference;"), "{notes}");
        home.read("results/labels.csv")
    });
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[0].lines().count(), 4, "{}", tables[0]);
}

#[test]
fn csv_columns_are_told_or_given() {
    let home = Home::new();
    home.write(
        "games.csv",
        "left,right,winner\na,b,left\nb,a,right\na,b,tie\nc,a,right\nb,c,left\nc,b,left\n",
    );
    let made = imported(&home, &["games.csv"]);
    near(
        figure(about(&made, "a"), "average_win_rate"),
        f64::midpoint(2.5 / 3.0, 1.0),
    );
    assert!(
        made["notes"][0]
            .as_str()
            .unwrap()
            .contains("no column of questions")
    );

    let home = Home::new();
    home.write(
        "mine.tsv",
        "prompt\tnew\told\tbest\tsex\n1\tm\tn\tyes\tf\n2\tm\tn\tno\tm\n3\tm\tn\t\tf\n",
    );
    let arguments = [
        "csv",
        "mine.tsv",
        "--column",
        "candidate=new",
        "--column",
        "opponent=old",
        "--column",
        "outcome=best",
        "--column",
        "group.sex=sex",
        "--value",
        "yes=win",
        "--value",
        "no=loss",
    ];
    let made = imported(&home, &arguments);
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["win", "loss", "missing"]
    );
    assert_eq!(column(&home, "verdicts.csv", "group.sex"), ["f", "m", "f"]);
    assert_eq!(counted(&made, "no outcome"), 1);
    let without = ran(&Home::new(), &["csv", "mine.tsv"]).expect(2);
    assert!(without.stderr.contains("mine.tsv"), "{}", without.stderr);
}

/// A zip of stored entries, as Inspect's logs are but for their compression.
fn zip(entries: &[(&str, String)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn inspect_logs_packed_and_plain() {
    let header = json!({"version": 2, "status": "success", "eval": {"task": "pairs", "model": "openai/m", "model_roles": {"grader": {"model": "openai/g"}}},
        "results": {"scores": [{"name": "pair", "scorer": "pair", "metrics": {"mean": {"name": "mean", "value": 0.5}}}]}});
    let sample = |id: u32, epoch: u32, value: serde_json::Value| {
        json!({"id": id, "epoch": epoch, "input": "?", "target": "", "messages": [{"role": "user"}],
        "metadata": {"opponent": "base", "order": "opponent_first", "question_id": format!("q{id}")},
        "scores": {"pair": {"value": value, "answer": "x", "explanation": "y"}}})
    };
    let home = Home::new();
    home.write(
        "log.eval",
        zip(&[
            ("header.json", header.to_string()),
            ("summaries.json", "[]".to_owned()),
            (
                "samples/1_epoch_1.json",
                sample(1, 1, json!("A")).to_string(),
            ),
            (
                "samples/1_epoch_2.json",
                sample(1, 2, json!("tie")).to_string(),
            ),
            (
                "samples/2_epoch_1/sample.json",
                sample(2, 1, json!({"style": "B", "facts": 0.25})).to_string(),
            ),
            ("samples/2_epoch_1/messages/1.json", "[]".to_owned()),
        ]),
    );
    let made = imported(&home, &["log.eval"]);
    assert_eq!(made["format"], "inspect");
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["loss", "tie", "loss", "win"]
    );
    assert_eq!(column(&home, "verdicts.csv", "judge")[0], "openai/g");
    assert_eq!(
        column(&home, "verdicts.csv", "sample"),
        ["1", "2", "1", "1"]
    );
    near(figure(about(&made, "pairs, openai/m"), "pair/mean"), 0.5);

    let home = Home::new();
    let mut log = header.clone();
    let known = |id: u32, target: &str, value: &str| json!({"id": id, "epoch": 1, "input": "?", "target": target, "scores": {"choice": {"value": value, "answer": "A"}}});
    log["samples"] = json!([known(1, "A", "C"), known(2, "B", "I"), known(3, "B", "N")]);
    home.write("log.json", log.to_string());
    let made = imported(&home, &["inspect", "log.json"]);
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["win", "loss", "missing"]
    );
    assert_eq!(column(&home, "verdicts.csv", "order")[1], "opponent_first");
    assert_eq!(counted(&made, "without a verdict"), 1);

    let home = Home::new();
    log["samples"] =
        json!([{"id": 1, "epoch": 1, "scores": {"x": {"value": "C"}}, "target": "42"}]);
    home.write("log.json", log.to_string());
    let failed = ran(&home, &["inspect", "log.json"]).expect(2);
    assert!(
        failed.stderr.contains("pairwise label"),
        "{}",
        failed.stderr
    );
    assert!(!is_there(&home, "results"));
}

#[test]
fn places_in_a_packed_log_are_its_entries_and_lines_of_them() {
    let header = json!({"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}});
    let sample = |id: u32, epoch: serde_json::Value, value: &str| json!({"id": id, "epoch": epoch, "scores": {"s": {"value": value}}});
    let refused = |last: String| {
        let home = Home::new();
        let first = sample(1, json!(1), "A").to_string();
        home.write(
            "log.eval",
            zip(&[
                ("header.json", header.to_string()),
                ("samples/1_epoch_1.json", first),
                ("samples/2_epoch_1.json", last),
            ]),
        );
        ran(&home, &["log.eval"])
    };
    let failed = refused(sample(2, json!("one"), "A").to_string()).expect(2);
    let said = "log.eval: epoch: samples/2_epoch_1.json: found the text `one`";
    assert!(failed.stderr.contains(said), "{}", failed.stderr);
    let failed = refused("{\"id\": 2,\n\"epoch\" 1}".to_owned()).expect(2);
    let said = "log.eval: samples/2_epoch_1.json, line 2: record 1 is not JSON";
    assert!(failed.stderr.contains(said), "{}", failed.stderr);
    let made = refused(sample(2, json!(1), "").to_string())
        .expect(0)
        .json();
    let reasons = made["reasons"].as_array().expect("reasons");
    let missing = reasons.iter().find(|one| one["effect"] == "missing");
    let first = &missing.expect("one without a verdict")["first"];
    assert_eq!(first, "log.eval (samples/2_epoch_1.json)");
    assert_eq!(made["files"][0]["records"], 2);
}

#[test]
fn inspect_logs_of_the_first_version_and_targets_in_lists() {
    let sample = |id: u32, target: serde_json::Value, value: &str| json!({"id": id, "epoch": 1, "input": "?", "target": target, "score": {"value": value, "answer": "A"}});
    let home = Home::new();
    home.write("log.json", json!({"version": 1, "status": "success", "eval": {"task": "pairs", "model": "m"},
        "samples": [sample(1, json!("A"), "C"), sample(2, json!(["B"]), "I"), sample(3, json!(["A", "B"]), "C")]}).to_string());
    let made = imported(&home, &["log.json"]);
    assert_eq!(column(&home, "verdicts.csv", "outcome"), ["win", "loss"]);
    assert_eq!(
        column(&home, "verdicts.csv", "order"),
        ["candidate_first", "opponent_first"]
    );
    assert_eq!(counted(&made, "no pairwise label"), 1);
}

#[test]
fn inspect_samples_with_slashes_metadata_beside_them_and_without_scores() {
    let header = json!({"version": 2, "status": "error", "eval": {"task": "pairs", "model": "m"},
        "plan": {}, "results": {"scores": [
            {"name": "pair", "reducer": "mean", "metrics": {"mean": {"name": "mean", "value": 0.5}}},
            {"name": "pair", "reducer": "max", "metrics": {"mean": {"name": "mean", "value": null}}}]}});
    let metadata = json!({"candidate": "new", "opponent": "old", "order": "opponent_first"});
    let sample = |id: &str, scores: serde_json::Value| {
        json!({"id": id, "epoch": 1, "input": "?", "target": "", "scores": scores, "metadata": metadata}).to_string()
    };
    let apart = json!({"id": "q4", "epoch": 1, "scores": {"pair": {"value": "A"}}});
    let home = Home::new();
    home.write(
        "log.eval",
        zip(&[
            ("_journal/start.json", header.to_string()),
            (
                "samples/set/q1_epoch_1.json",
                sample("set/q1", json!({"pair": {"value": "A"}})),
            ),
            (
                "samples/q2_epoch_1.json",
                sample("q2", json!({"pair": {"value": null}})),
            ),
            ("samples/q3_epoch_1.json", sample("q3", json!(null))),
            ("samples/q4_epoch_1/sample.json", apart.to_string()),
            ("samples/q4_epoch_1/metadata.json", metadata.to_string()),
        ]),
    );
    let made = imported(&home, &["log.eval"]);
    assert_eq!(
        column(&home, "verdicts.csv", "item"),
        ["q2", "q3", "q4", "set/q1"]
    );
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["missing", "missing", "loss", "loss"]
    );
    assert_eq!(column(&home, "verdicts.csv", "opponent"), ["old"; 4]);
    assert_eq!(counted(&made, "without a label that other samples have"), 2);
    near(figure(about(&made, "pairs, m"), "pair/mean"), 0.5);
    let text = made.to_string();
    assert!(text.contains("pair[max]/mean"), "{text}");
}

#[test]
fn a_judge_is_named_by_the_other_pairs_of_its_file() {
    let home = Home::new();
    let judgment =
        |decision: &str| json!({"decision": decision, "judgment": {"judge_model": "org/m"}});
    let pair = |id: u32, judgments: serde_json::Value| {
        json!({"pair_id": id, "label": "A>B", "question": format!("q{id}"),
        "source": "livebench-math", "judge_name": "arena_hard", "response_A": "a", "response_B": "b", "judgments": judgments})
    };
    let lines = [
        pair(1, json!([judgment("A>B"), judgment("B>A")])),
        pair(2, json!([null, null])),
        pair(3, json!([judgment("B<A"), judgment("A<B")])),
    ];
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    home.write(
        "dataset=judgebench,judge_model=org_m.jsonl",
        lines.join("\n"),
    );
    let made = imported(&home, &["dataset=judgebench,judge_model=org_m.jsonl"]);
    let set = about(&made, "arena_hard/org/m");
    near(figure(set, "n_pairs"), 3.0);
    near(figure(set, "overall"), 100.0 / 3.0);
    assert_eq!(counted(&made, "without a decision"), 2);
    assert_eq!(counted(&made, "other than A>B"), 2);
}
