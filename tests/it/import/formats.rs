//! Small files of every format, made up here.

use serde_json::json;

use super::{about, column, counted, figure, imported, is_there, near, ran, rows};
use crate::support::home::Home;

fn lines(values: &[serde_json::Value]) -> String {
    let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn logprobs(first: f64, second: f64) -> serde_json::Value {
    json!({"logprobs": {"content": [{"token": "m", "top_logprobs": [
        {"token": "M", "logprob": second.ln()}, {"token": "m", "logprob": first.ln()}
    ]}]}})
}

#[expect(clippy::needless_pass_by_value, reason = "made where it is given")]
fn annotation(
    instruction: &str,
    preference: serde_json::Value,
    reply: serde_json::Value,
) -> serde_json::Value {
    json!({
        "instruction": instruction, "output_1": "grün", "output_2": "blue sky",
        "generator_1": "base", "generator_2": "tuned", "dataset": "made", "annotator": "judge-x",
        "preference": preference, "raw_completion": reply, "price_per_example": 0.01,
    })
}

#[test]
fn alpaca_eval_draws_gaps_and_orders() {
    let home = Home::new();
    let rows_given = json!([
        annotation("a", json!(1.75), logprobs(0.75, 0.25)),
        annotation("b", json!(1.25), logprobs(0.75, 0.25)),
        annotation("c", json!(2.0), json!("m")),
        annotation("d", json!(null), json!(null)),
        annotation("e", json!(-1), json!("?")),
        annotation("a", json!(1.0), json!("m")),
    ]);
    home.write("r/tuned/judge-x/annotations.json", rows_given.to_string());
    let made = imported(
        &home,
        &[
            "r/tuned/judge-x/annotations.json",
            "--published",
            "win_rate=50.0",
            "n_wins=3",
        ],
    );
    assert_eq!(made["format"], "alpaca-eval");
    assert_eq!(made["guessed"], true);
    let set = about(&made, "tuned against base, by judge-x");
    near(figure(set, "win_rate"), 50.0);
    near(figure(set, "n_total"), 4.0);
    near(figure(set, "n_wins"), 2.0);
    near(figure(set, "n_wins_base"), 2.0);
    near(figure(set, "discrete_win_rate"), 50.0);
    near(figure(set, "avg_length"), 8.0);
    let published = |name: &str| {
        set["figures"]
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["name"] == name)
            .unwrap()["published"]["agrees"]
            .clone()
    };
    assert_eq!(published("win_rate"), true);
    assert_eq!(published("n_wins"), false);
    // Two of six verdicts are missing, which is too many for a headline.
    assert!(set["estimate"]["value"].is_null() && set["estimate"]["withheld"].is_string());
    assert_eq!(counted(&made, "null"), 1);
    assert_eq!(counted(&made, "-1"), 1);
    assert_eq!(counted(&made, "stood in the file before"), 1);
    assert_eq!(
        column(&home, "verdicts.csv", "order")[..3],
        ["candidate_first", "opponent_first", "candidate_first"]
    );
    assert_eq!(
        column(&home, "verdicts.csv", "score")[..2],
        ["0.75", "0.25"]
    );
    assert_eq!(column(&home, "verdicts.csv", "opponent_chars")[0], "4");

    let report = home.oyer(&[
        "report",
        "results",
        "--coverage-floor",
        "0.5",
        "--format",
        "json",
    ]);
    let report = report.expect(0).json();
    near(
        report["source_figures"][0]["estimate"]["value"]
            .as_f64()
            .unwrap(),
        0.5,
    );
    assert_eq!(
        report["source_figures"][0]["subject"],
        "tuned against base, by judge-x"
    );
    let page = home.oyer(&["report", "results"]).stdout;
    assert!(
        page.contains("The source's own figures") && page.contains("Why they differ"),
        "{page}"
    );
    let item = &column(&home, "verdicts.csv", "item")[0];
    let shown = home.oyer(&["show", "results", item]).expect(0).stdout;
    assert!(
        shown.contains("blue sky") && shown.contains("win"),
        "{shown}"
    );
    let table = home
        .oyer(&["verdicts", "results", "--format", "jsonl"])
        .expect(0)
        .stdout;
    assert_eq!(table.lines().count(), 6);
}

#[test]
fn alpaca_eval_with_zeros_and_the_newer_spelling() {
    let home = Home::new();
    let row = |instruction: &str, preference: f64| {
        json!({
            "instruction": instruction, "output_1": "x", "output_2": "y", "generator_2": "m", "generator_1": "b",
            "annotator": "a", "preference": preference, "preference_raw_completion": "Output (a)",
            "preference_version": "0.6.6", "preference_price_per_example": null,
        })
    };
    home.write(
        "a.json",
        json!([row("q", 0.0), row("r", 2.0), row("s", 1.5)]).to_string(),
    );
    let made = imported(&home, &["alpaca_eval", "a.json"]);
    let set = about(&made, "m against b, by a");
    near(figure(set, "n_draws"), 2.0);
    near(figure(set, "win_rate"), 200.0 / 3.0);
    assert_eq!(counted(&made, "which is a draw"), 1);
    assert!(!rows(&home, "verdicts.csv")[0].contains(&"order".to_owned()));
}

fn pair(question: u32, games: [&str; 2], turn: Option<u32>) -> serde_json::Value {
    let mut row = json!({
        "question_id": question, "model_1": "tuned", "model_2": "base", "g1_winner": games[0],
        "g2_winner": games[1], "judge": ["gpt-4", "pair-v2"], "g1_judgment": "[[A]]",
    });
    if let Some(turn) = turn {
        row["turn"] = json!(turn);
    }
    row
}

#[test]
fn fastchat_pairs_with_answers_and_questions() {
    let home = Home::new();
    home.write(
        "gpt-4_pair.jsonl",
        lines(&[
            pair(1, ["model_1", "model_1"], Some(1)),
            pair(1, ["model_1", "model_2"], Some(2)),
            pair(2, ["tie", "model_2"], Some(1)),
            pair(3, ["model_2", "model_2"], None),
            pair(4, ["error", "model_1"], Some(1)),
        ]),
    );
    home.write("tuned.jsonl", lines(&[json!({"question_id": 1, "answer_id": "x", "model_id": "tuned", "choices": [{"index": 0, "turns": ["four", "fives"]}], "tstamp": 1.0})]));
    home.write(
        "question.jsonl",
        lines(&[json!({"question_id": 1, "category": "writing", "turns": ["?", "!"]})]),
    );
    let made = imported(
        &home,
        &["gpt-4_pair.jsonl", "tuned.jsonl", "question.jsonl"],
    );
    let set = about(&made, "tuned against base, by gpt-4");
    for (name, value) in [
        ("win", 1.0),
        ("loss", 1.0),
        ("tie", 2.0),
        ("win_rate", 0.25),
        ("win_rate_adjusted", 0.5),
        ("error", 1.0),
        ("inconsistent", 1.0),
        ("tie_in_one_order", 1.0),
    ] {
        near(figure(set, name), value);
    }
    assert_eq!(column(&home, "verdicts.csv", "topic")[0], "writing");
    assert_eq!(column(&home, "verdicts.csv", "candidate_chars")[2], "5");
    assert_eq!(column(&home, "verdicts.csv", "item")[2], "1 turn 2");
    assert_eq!(counted(&made, "error"), 1);
}

#[test]
fn fastchat_single_scores_votes_and_reviews() {
    let home = Home::new();
    let score = |question: u32, model: &str, score: f64, turn: u32| json!({"question_id": question, "model": model, "judge": ["gpt-4", "single-v1"], "user_prompt": "", "judgment": "", "score": score, "turn": turn});
    home.write(
        "gpt-4_single.jsonl",
        lines(&[
            score(1, "a", 8.0, 1),
            score(1, "b", 6.0, 1),
            score(1, "a", 4.0, 2),
            score(1, "b", 4.0, 2),
            score(2, "a", -1.0, 1),
            score(2, "b", 3.0, 1),
        ]),
    );
    let made = imported(&home, &["gpt-4_single.jsonl"]);
    let set = about(&made, "a, by gpt-4");
    near(figure(set, "average"), 6.0);
    near(figure(set, "second_turn"), 4.0);
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["win", "tie", "missing"]
    );

    let home = Home::new();
    home.write("votes.json", json!([
        {"question_id": 1, "model_a": "a", "model_b": "b", "winner": "model_a", "judge": "expert_1", "turn": 1},
        {"question_id": 1, "model_a": "b", "model_b": "a", "winner": "tie (inconsistent)", "judge": "author_2", "turn": 1},
    ]).to_string());
    let made = imported(&home, &["votes.json"]);
    assert_eq!(made["labels"], 2);
    assert_eq!(
        column(&home, "labels.csv", "annotator"),
        ["expert_1", "author_2"]
    );

    let home = Home::new();
    home.write("review_a_b.jsonl", lines(&[
        json!({"review_id": "r", "question_id": 1, "answer1_id": "x", "answer2_id": "y", "text": "8 9.5\nThe second."}),
        json!({"review_id": "s", "question_id": 2, "answer1_id": "x", "answer2_id": "y", "text": "none"}),
    ]));
    imported(&home, &["review_a_b.jsonl"]);
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["loss", "missing"]
    );
    assert_eq!(column(&home, "verdicts.csv", "candidate"), ["a", "a"]);
}

#[test]
fn arena_hard_both_versions_and_null_games() {
    let home = Home::new();
    let row = |id: &str, games: serde_json::Value| json!({"uid": id, "category": "hard_prompt", "judge": "j", "model": "m", "baseline": "o3", "games": games});
    home.write(
        "m.jsonl",
        lines(&[
            row(
                "1",
                json!([{"score": "B>>A", "judgment": {"answer": "x"}}, {"score": "A>B"}]),
            ),
            row("2", json!([{"score": "A=B"}, {"score": "B>A"}])),
            row("3", json!([null, {"score": "A>>B"}])),
        ]),
    );
    home.write("answers.jsonl", lines(&[json!({"uid": "1", "ans_id": "z", "model": "m", "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": {"answer": "four"}}], "metadata": {"token_len": 1}})]));
    let made = imported(&home, &["m.jsonl", "answers.jsonl"]);
    let set = about(&made, "m against o3, by j");
    // 3 wins and 1 win, 1/2 and 0; prompt 3 is dropped.
    near(figure(set, "score"), 100.0 * 4.5 / 6.0);
    assert_eq!(
        column(&home, "verdicts.csv", "outcome"),
        ["win", "win", "tie", "loss", "missing", "win"]
    );
    assert_eq!(column(&home, "verdicts.csv", "order")[0], "opponent_first");
    assert_eq!(column(&home, "verdicts.csv", "candidate_chars")[0], "4");
    assert_eq!(counted(&made, "null"), 1);

    let home = Home::new();
    home.write("m.jsonl", lines(&[
        json!({"question_id": "1", "model": "m", "judge": "j", "games": [{"score": "A>B", "judgment": "[[A>B]]", "user_prompt": ""}, {"score": null}]}),
        json!({"question_id": "2", "model": "m", "judge": "j", "games": [{"score": "B>A"}, {"score": "A>>B"}]}),
    ]));
    let made = imported(
        &home,
        &["arena-hard", "m.jsonl", "--baseline", "gpt-4-0314"],
    );
    // Only the game without a verdict is dropped: 0, 1 and 3 times 1.
    near(
        figure(about(&made, "m against gpt-4-0314, by j"), "score"),
        100.0 * 4.0 / 5.0,
    );
}

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
    let set = about(&made, "arena_hard/gpt");
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
fn wildbench_pairs_and_scores() {
    let home = Home::new();
    let pair = |session: &str, flip: bool, choice: &str, winner: &str, extent: u8| {
        let (a, b) = if flip { ("ref", "new") } else { ("new", "ref") };
        json!({"session_id": session, "parsed_result": {"choice": choice}, "model_A": a, "model_B": b, "winner": winner, "extent": extent, "model_outputs": {"new": "four", "ref": "xx"}})
    };
    home.write(
        "eval=judge/ref=ref/new.json",
        json!([
            pair("1", false, "A++", "new", 2),
            pair("2", true, "B+", "new", 1),
            pair("3", true, "A=B", "tie", 0),
            pair("4", true, "A++", "ref", 2),
        ])
        .to_string(),
    );
    let made = imported(&home, &["eval=judge/ref=ref/new.json"]);
    let set = about(&made, "new against ref, by judge");
    for (name, value) in [
        ("win_much", 1.0),
        ("win", 1.0),
        ("tie", 1.0),
        ("lose", 0.0),
        ("lose_much", 1.0),
        ("reward", 0.125),
        ("avg_len", 4.0),
    ] {
        near(figure(set, name), value);
    }
    near(set["estimate"]["value"].as_f64().unwrap(), 0.625);
    assert_eq!(column(&home, "verdicts.csv", "order")[1], "opponent_first");

    let home = Home::new();
    let score = |session: &str, model: &str, score: &str| json!({"session_id": session, "parsed_result": {"score": score}, "score": score, "model_test": model, "model_output": "abc"});
    home.write(
        "eval=j/a.json",
        json!([score("1", "a", "8"), score("2", "a", "6")]).to_string(),
    );
    home.write(
        "eval=j/b.json",
        json!([score("1", "b", "5"), score("2", "b", "6")]).to_string(),
    );
    let made = imported(&home, &["eval=j/a.json", "eval=j/b.json"]);
    let set = about(&made, "a, by j");
    near(figure(set, "raw_score"), 7.0);
    near(figure(set, "adjusted_score"), 40.0);
    assert_eq!(column(&home, "verdicts.csv", "outcome"), ["win", "tie"]);
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
    assert_eq!(counted(&made, "says nothing of the two sides"), 2);
    near(figure(about(&made, "7"), "left"), 2.0);
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
