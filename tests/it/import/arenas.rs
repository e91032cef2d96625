//! Small files of formats that compare models: AlpacaEval, FastChat, Arena-Hard,
//! WildBench.

use serde_json::json;

use super::{about, column, counted, figure, imported, is_there, lines, near, ran, rows};
use crate::support::home::Home;

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
    near(figure(set, "adjusted_score"), 4.0);
    near(figure(set, "WB_score"), 40.0);
    assert_eq!(column(&home, "verdicts.csv", "outcome"), ["win", "tie"]);
}

/// The data set's file tells the tags; means by category and their macro averages are
/// the source's.
#[test]
fn wildbench_task_macro_averages() {
    let home = Home::new();
    let score = |session: &str, score: &str, answer: &str| json!({"session_id": session, "parsed_result": {"score": score}, "score": score, "model_test": "a", "model_output": answer});
    home.write(
        "eval=j/a.json",
        json!([
            score("1", "8", "abc"),
            score("2", "6", "abcde"),
            score("3", "2", "abc... (truncated)"),
            score("4", "4", "x"),
        ])
        .to_string(),
    );
    let made = imported(&home, &["eval=j/a.json"]);
    let set = about(&made, "a, by j");
    assert!(
        set["why_they_differ"].to_string().contains("primary_tag"),
        "{set:#}"
    );
    near(figure(set, "raw_score"), 5.0);
    near(figure(set, "avg_len"), 3.0);
    let tags = [
        json!({"id": "1", "primary_tag": "Creative Writing", "secondary_tags": ["Planning", "Editing"]}),
        json!({"id": "2", "primary_tag": "Planning", "secondary_tags": []}),
        json!({"id": "3", "primary_tag": "Math", "secondary_tags": []}),
        json!({"id": "5", "primary_tag": "Dancing", "secondary_tags": null}),
    ];
    home.write("wildbench.jsonl", lines(&tags));
    std::fs::remove_dir_all(home.path().join("results")).expect("a removed folder");
    let made = imported(&home, &["eval=j/a.json", "wildbench.jsonl"]);
    let set = about(&made, "a, by j");
    // Creative 8 -> 6, planning 7 -> 4; the answer that was cut off is in neither.
    near(
        figure(set, "task_macro_score"),
        (0.5 * 6.0 + 1.25 * 4.0) / 4.75,
    );
    near(figure(set, "WB_score.task_macro"), 80.0 / 4.75);
    near(
        figure(set, "task_categorized_scores: Planning & Reasoning"),
        4.0,
    );
    assert_eq!(counted(&made, "a tag of no category"), 1);
    assert_eq!(counted(&made, "a session without a known tag"), 1);

    let home = Home::new();
    let pair = |session: &str, winner: &str, extent: u8, answer: &str, tag: &str| json!({"session_id": session, "model_A": "new", "model_B": "ref", "winner": winner, "extent": extent, "model_outputs": {"new": answer, "ref": "xx"}, "primary_tag": tag});
    home.write(
        "eval=judge/ref=ref/new.json",
        json!([
            pair("1", "new", 2, "four", "Math"),
            pair("2", "ref", 1, "four", "Math"),
            pair("3", "new", 2, "[This model response is empty.]", "Math"),
            pair("4", "ref", 2, "four", "Reasoning"),
        ])
        .to_string(),
    );
    let made = imported(&home, &["eval=judge/ref=ref/new.json"]);
    let set = about(&made, "new against ref, by judge");
    for (name, value) in [
        ("win_much", 1.0),
        ("total", 4.0),
        ("reward", -0.125),
        ("avg_len", 4.0),
        ("task_categorized_rewards: Math & Data Analysis", 0.25),
        ("task_macro_reward", (0.25 - 1.25) / 4.75),
    ] {
        near(figure(set, name), value);
    }
    assert_eq!(counted(&made, "cut off or empty"), 1);
    assert_eq!(made["judgments"], 4);
}

/// By hand: logit q = theta + phi tanh(d / s) with two lengths d = -30 and 30 of equal
/// number, so that equal length is half way between the two logits.
#[test]
fn alpaca_eval_length_controlled_without_difficulty() {
    let home = Home::new();
    let row = |n: usize, longer: bool, preference: f64| {
        let (mine, theirs) = if longer { (60, 30) } else { (30, 60) };
        json!({"instruction": format!("do {n}"), "output_1": "b".repeat(theirs), "output_2": "m".repeat(mine),
            "generator_1": "base", "generator_2": "tuned", "annotator": "j", "preference": preference})
    };
    let rows: Vec<serde_json::Value> = (0..20)
        .map(|n| {
            let preference = if n % 2 == 0 { 1.9 } else { 1.4 };
            let noise = if n % 4 < 2 { 0.05 } else { -0.05 };
            row(n, n % 2 == 0, preference + noise)
        })
        .collect();
    home.write("annotations.json", json!(rows).to_string());
    let made = imported(
        &home,
        &[
            "annotations.json",
            "--published",
            "length_controlled_winrate=60.0",
        ],
    );
    let set = about(&made, "tuned against base, by j");
    near(figure(set, "win_rate"), 65.0);
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let half_way = f64::midpoint(logit(0.9), logit(0.4));
    let expected = 100.0 / (1.0 + (-half_way).exp());
    let found = figure(set, "length_controlled_minimal");
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
    assert!(figure(set, "length_controlled_minimal_se") > 0.0);
    let why = set["why_they_differ"].to_string();
    assert!(
        why.contains("instruction_difficulty") && why.contains("lc_standard_error"),
        "{why}"
    );
    // The leaderboard's value is of another figure, and not marked as a difference.
    assert!(
        made["notes"]
            .to_string()
            .contains("length_controlled_winrate"),
        "{}",
        made["notes"]
    );
}

#[test]
fn pairs_and_scores_of_one_judge_are_not_averaged() {
    let home = Home::new();
    let pairs: Vec<String> = (1..=4)
        .map(|id| pair(id, ["model_1", "model_1"], Some(1)).to_string())
        .collect();
    home.write("gpt-4_pair.jsonl", pairs.join("\n"));
    let models = pair(1, ["tie", "tie"], None);
    let score = |id: u32, model: &serde_json::Value, score: u32| {
        json!({"question_id": id, "model": model, "judge": ["gpt-4", "single-v1"], "turn": 1, "score": score})
            .to_string()
    };
    let scores: Vec<String> = (1..=4)
        .flat_map(|id| {
            [
                score(id, &models["model_1"], 2),
                score(id, &models["model_2"], 9),
            ]
        })
        .collect();
    home.write("gpt-4_single.jsonl", scores.join("\n"));
    imported(&home, &["gpt-4_pair.jsonl", "gpt-4_single.jsonl"]);
    let mut rubrics = column(&home, "verdicts.csv", "rubric");
    rubrics.dedup();
    assert_eq!(rubrics, ["mt-bench", "mt-bench-single"]);
    let failed = ran(&Home::new(), &["x.jsonl", "--baseline", "nope"]);
    failed.expect(2);
    let home = Home::new();
    home.write("gpt-4_single.jsonl", scores.join("\n"));
    let failed = ran(&home, &["gpt-4_single.jsonl", "--baseline", "nope"]).expect(2);
    assert!(
        failed.stderr.contains("no file has a model `nope`"),
        "{}",
        failed.stderr
    );
    assert!(!is_there(&home, "results"));
}
