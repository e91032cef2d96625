//! Structured answers that stand in files.

use std::fmt::Write as _;

use serde_json::Value;

use super::{MODELS, home, row, study};
use crate::support::home::{Home, Ran};

/// Scores answers that were made elsewhere.
fn score(home: &Home, more: &[&str]) -> Ran {
    home.oyer(&[&["survey", "score", "--study", "study.toml"], more].concat())
}

/// The models, and one whose answers stand in a file.
fn with_file(path: &str) -> String {
    format!("{MODELS}\n[models.file]\nprovider = \"file\"\nstructured_path = \"{path}\"\n")
}

/// The scores of a model over everything.
fn of_model(scores: &Value, model: &str) -> Value {
    row(scores, "models", model, "all", &Value::Null).clone()
}

/// How many answers of a model have an option, and how many failed.
fn answered_and_failed(scores: &Value, model: &str) -> [Value; 2] {
    let answers = &of_model(scores, model)["answers"];
    ["answered", "failed"].map(|count| answers[count].clone())
}

#[test]
fn answers_made_elsewhere_are_scored_by_the_study() {
    let home = home(2, 3);
    let mut batch = "custom_id,response\n".to_owned();
    for (p, sex) in ["Female", "Male"].iter().enumerate() {
        for q in 0..3 {
            let mode = 1 + (p + q) % 4;
            writeln!(batch, "Q{q}_sex_{sex}-{p},**Answer:** {mode}").unwrap();
        }
    }
    home.write("good.csv", &batch);
    home.write(
        "bad.csv",
        "custom_id,response\nQ0_sex_Female-0,I cannot answer that.\nQ1_sex_Female-0,9\n",
    );
    let bad = ["--responses", "bad.csv", "--model", "base"];
    let good = ["--responses", "good.csv", "--format", "json"];
    // One file holds two of the three items of its split, under the floor.
    let scores = score(&home, &[bad, good].concat()).expect(3).json();
    let good = of_model(&scores, "good");
    assert_eq!(good["metrics"]["accuracy"]["estimate"], 1.0);
    let base = of_model(&scores, "base");
    assert_eq!(
        (&base["answers"]["refused"], &base["answers"]["unreadable"]),
        (&1.into(), &1.into())
    );
    assert_eq!(base["answers"]["failed"], 1);
    assert_eq!(base["metrics"]["accuracy"], Value::Null);
    assert_eq!(
        base["withheld"],
        "2 of 3 planned answers are there (66.7%), under the floor of 95.0% (--coverage-floor)"
    );
    home.write("odd.csv", "custom_id,response\nQ9_sex_Female-0,1\n");
    let odd = score(&home, &["--responses", "odd.csv"]).expect(2);
    assert!(
        odd.stderr.contains("odd.csv:2:1: custom_id:"),
        "{}",
        odd.stderr
    );
}

#[test]
fn answers_made_elsewhere_need_no_models_of_the_study() {
    let home = home(2, 3);
    let mut all = "persona,question,option\n".to_owned();
    for q in 0..3 {
        write!(all, "sex_Female 0,Q{q},1\nsex_Male 1,Q{q},2\n").unwrap();
    }
    home.write("all.csv", all);
    let asked = ["--responses", "all.csv", "--format", "json"];
    let with_models = score(&home, &asked).expect(0).stdout;
    for models in ["", "[models]\n"] {
        study(&home, models, "");
        assert_eq!(score(&home, &asked).expect(0).stdout, with_models);
        home.oyer(&[
            "survey",
            "fairness",
            "--study",
            "study.toml",
            "--responses",
            "all.csv",
        ])
        .expect(0);
        home.oyer(&[
            "survey",
            "export-sft",
            "study.toml",
            "--split",
            "train",
            "--out",
            "sft",
        ])
        .expect(0);
    }
    // Whoever asks models needs one, and whoever compares them two.
    study(&home, "", "");
    let ran = home.oyer(&["run", "study.toml"]).expect(2);
    assert!(
        ran.stderr.contains(
            "models: this table is missing\n  help: [models.<name>] describes a model under study; one is enough where nothing is compared"
        ),
        "{}",
        ran.stderr
    );
    study(&home, "", "[compare]\nall = true\n");
    let ran = score(&home, &asked).expect(2);
    assert!(ran.stderr.contains("two are needed"), "{}", ran.stderr);
}

#[test]
fn an_item_that_only_a_file_answers_was_not_begun_by_a_run_of_a_few_items() {
    let home = home(2, 20);
    let (models, _) = MODELS.split_once("[models.tuned]").unwrap();
    let file = "[models.file]\nprovider = \"file\"\nstructured_path = \"all.csv\"\n";
    study(&home, &format!("{models}{file}"), "");
    let mut all = "persona,question,option\n".to_owned();
    for q in 0..20 {
        write!(all, "sex_Female 0,Q{q},1\nsex_Male 1,Q{q},2\n").unwrap();
    }
    home.write("all.csv", all);
    home.oyer(&["run", "study.toml", "--limit", "30"]).expect(3);
    let ran = home
        .oyer(&["survey", "score", "results/s", "--format", "json"])
        .expect(3);
    assert!(
        ran.stderr
            .contains("10 of 40 items were not begun and 10 structured answers were not asked for"),
        "{}",
        ran.stderr
    );
    let scores = ran.json();
    for model in ["base", "file"] {
        assert_eq!(answered_and_failed(&scores, model), [30, 0], "{model}");
        assert_ne!(
            of_model(&scores, model)["metrics"]["accuracy"],
            Value::Null,
            "{model}"
        );
    }
    // When nothing waits, all that a file has counts.
    home.oyer(&["run", "study.toml"]).expect(0);
    let scores = home.oyer(&["survey", "score", "results/s", "--format", "json"]);
    assert_eq!(
        answered_and_failed(&scores.expect(0).json(), "file"),
        [40, 0]
    );
}

#[test]
fn a_file_model_answers_structured_questions_from_its_file() {
    let home = home(2, 2);
    study(&home, &with_file("structured.csv"), "");
    home.write(
        "structured.csv",
        "persona,question,sample,text\nsex_Female 0,Q0,1,Very\nsex_Female 0,Q1,1,Rather\nsex_Male 1,Q0,1,Answer: 2\n",
    );
    // What the file lacks is told before anything is asked.
    let checked = home.oyer(&["check", "study.toml"]).expect(0);
    assert!(
        checked.stderr.contains(
            "models.file.structured_path: 1 of 4 planned answers is not in this file (sex_Male 1/Q1)"
        ),
        "{}",
        checked.stderr
    );
    assert!(
        checked
            .stdout
            .contains("4 calls planned, 3 stored, 0 to ask, 1 has no answer in the file"),
        "{}",
        checked.stdout
    );
    // The scores of the file are withheld, as `survey score` says with the same exit code.
    let ran = home
        .oyer(&["run", "study.toml", "--format", "json"])
        .expect(3);
    let scores = ran.json();
    assert_eq!(answered_and_failed(&scores, "file"), [3, 1]);
    assert_eq!(
        of_model(&scores, "file")["metrics"]["accuracy"],
        Value::Null
    );
    let flags = [
        "survey",
        "score",
        "results/s",
        "--coverage-floor",
        "0.5",
        "--format",
        "json",
    ];
    let scores = home.oyer(&flags).expect(0).json();
    let file = of_model(&scores, "file");
    assert_eq!(file["metrics"]["accuracy"]["estimate"], 1.0);
}

#[test]
fn an_empty_reply_in_a_file_is_unreadable_in_a_run_as_in_scores() {
    let home = home(2, 2);
    study(&home, &with_file("structured.csv"), "");
    home.write(
        "structured.csv",
        "persona,question,text\nsex_Female 0,Q0,\nsex_Female 0,Q1,1\nsex_Male 1,Q0,1\nsex_Male 1,Q1,1\n",
    );
    let checked = home.oyer(&["check", "study.toml"]).expect(0);
    assert!(
        checked
            .stderr
            .contains("structured.csv:2:17: text: this answer is empty\n  help: it counts as an answer that cannot be read"),
        "{}",
        checked.stderr
    );
    let counts = |scores: &Value| {
        let answers = &of_model(scores, "file")["answers"];
        ["answered", "unreadable", "failed"].map(|count| answers[count].clone())
    };
    let run = home.oyer(&["run", "study.toml", "--format", "json"]);
    let outside = ["--responses", "structured.csv", "--model", "file"];
    let outside = score(&home, &[&outside[..], &["--format", "json"]].concat());
    for ran in [run, outside] {
        assert_eq!(counts(&ran.expect(0).json()), [3, 1, 0]);
    }
}

#[test]
fn a_file_model_takes_batches_and_codes_too() {
    let home = home(2, 2);
    let line = |id: &str, response: &str| {
        format!(
            "{{\"id\": \"r\", \"custom_id\": \"{id}\", \"response\": {response}, \"error\": null}}\n"
        )
    };
    let reply = |text: &str| {
        format!(
            "{{\"status_code\": 200, \"body\": {{\"choices\": [{{\"message\": {{\"role\": \"assistant\", \"content\": {text}}}}}]}}}}"
        )
    };
    let batch = [
        line("Q0_sex_Female-0", &reply("\"Answer: 1\"")),
        line(
            "Q1_sex_Female-0",
            &reply("[{\"type\": \"text\", \"text\": \"Rather\"}]"),
        ),
        line("Q0_sex_Male-1", &reply("\"Answer: 2\"")),
        line(
            "Q1_sex_Male-1",
            "{\"status_code\": 500, \"body\": {\"error\": {\"message\": \"no\"}}}",
        ),
    ]
    .concat();
    let flat =
        "custom_id,response\nQ0_sex_Female-0,Answer: 1\nQ1_sex_Female-0,Rather\nQ0_sex_Male-1,2\n";
    let codes = "QUESTION_ID\tPARTICIPANT_ID\tSCORE\nQ0\tsex_Female 0\t1\nQ1\tsex_Female 0\t2\nQ0\tsex_Male 1\t2\n";
    for (name, text) in [
        ("answers.jsonl", batch.as_str()),
        ("answers.csv", flat),
        ("answers.tsv", codes),
    ] {
        home.write(name, text);
        study(&home, &with_file(name), "");
        let results = ["--results", name.trim_start_matches("answers.")];
        let run = ["run", "study.toml", "--format", "json"];
        let scores = home.oyer(&[&run[..], &results].concat()).expect(3).json();
        assert_eq!(answered_and_failed(&scores, "file"), [3, 1], "{name}");
    }
    home.write("answers.csv", "custom_id,response\nQ0_sex_Nobody,1\n");
    study(&home, &with_file("answers.csv"), "");
    let ran = home.oyer(&["check", "study.toml"]).expect(2);
    assert!(
        ran.stderr.contains(
            "answers.csv:2:1: custom_id: `Q0_sex_Nobody` is no question of the study, an underscore, and one of its personas"
        ),
        "{}",
        ran.stderr
    );
    // The same batch, against the truth and without a run.
    home.write("answers.jsonl", &batch);
    study(&home, MODELS, "");
    let file = ["--responses", "answers.jsonl", "--coverage-floor", "0.5"];
    let scores = score(&home, &[&file[..], &["--format", "json"]].concat())
        .expect(0)
        .json();
    let answers = of_model(&scores, "answers");
    assert_eq!(answers["metrics"]["accuracy"]["estimate"], 1.0);
    assert_eq!(answers["answers"]["failed"], 1);
}
