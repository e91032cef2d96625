//! Structured questions: from a study, or from answers made elsewhere, to their scores.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::home::Home;

mod files;

const MODELS: &str = r#"[models.base]
provider = "simulated"
alignment = 0.5

[models.tuned]
provider = "simulated"
alignment = 0.6
alignment_by = { "sex=Female" = 0.9 }
refusal_rate = 0.1
"#;

/// Half of the personas are female; the mode of an item is `1 + (persona + question) % 4`.
fn tables(home: &Home, personas: usize, questions: usize) {
    let mut rows = "id,sex,split\n".to_owned();
    for p in 0..personas {
        let sex = if p % 2 == 0 { "Female" } else { "Male" };
        let split = if p < personas / 2 { "train" } else { "eval" };
        writeln!(rows, "sex_{sex} {p},{sex},{split}").unwrap();
    }
    home.write("personas.csv", rows);
    let mut rows = "id,topic,text,options\n".to_owned();
    for q in 0..questions {
        let topic = ["family", "work"][q % 2];
        writeln!(
            rows,
            "Q{q},{topic},How important is matter {q}?,1 = Very | 2 = Rather | 3 | 4 = Not"
        )
        .unwrap();
    }
    home.write("survey/questions.csv", rows);
    let mut rows = "persona,question,value,code,share,n,modes,distribution,unstable\n".to_owned();
    for p in 0..personas {
        let sex = if p % 2 == 0 { "Female" } else { "Male" };
        for q in 0..questions {
            let mode = 1 + (p + q) % 4;
            let shares: Vec<String> = (1..=4)
                .map(|code| format!("{code} = {}", if code == mode { 0.4 } else { 0.2 }))
                .collect();
            writeln!(
                rows,
                "sex_{sex} {p},Q{q},,{mode},0.4,50,,{},0.02",
                shares.join(" | ")
            )
            .unwrap();
        }
    }
    home.write("truth.csv", rows);
}

fn study(home: &Home, models: &str, more: &str) {
    home.write(
        "study.toml",
        format!(
            "name = \"s\"\nseed = 7\n[data]\npersonas = \"personas.csv\"\ntruth = \"truth.csv\"\n{models}\n[structured]\nquestions = \"survey/questions.csv\"\n{more}"
        ),
    );
}

fn home(personas: usize, questions: usize) -> Home {
    let home = Home::new();
    tables(&home, personas, questions);
    study(&home, MODELS, "");
    home
}

/// The row of a model over some items.
fn row<'v>(
    scores: &'v Value,
    list: &str,
    model: &str,
    breakdown: &str,
    level: &Value,
) -> &'v Value {
    let rows = scores[list].as_array().unwrap();
    let wanted = |row: &&Value| {
        (row["model"] == model || row["candidate"] == model)
            && row["breakdown"] == breakdown
            && row["level"] == *level
    };
    rows.iter().find(wanted).unwrap()
}

#[track_caller]
fn covers(metric: &Value, truth: f64) {
    let (low, high) = (
        metric["interval"]["low"].as_f64(),
        metric["interval"]["high"].as_f64(),
    );
    assert!(
        low.unwrap() <= truth && truth <= high.unwrap(),
        "{truth}: {metric}"
    );
}

#[test]
fn a_study_of_structured_questions_alone_runs_to_its_scores() {
    let home = home(12, 40);
    let ran = home
        .oyer(&["run", "study.toml", "--format", "json"])
        .expect(0);
    let scores = ran.json();
    assert_eq!(home.read("results/s/scores.json").trim(), ran.stdout.trim());
    assert!(!home.path().join("results/s/report.json").exists());
    let base = row(&scores, "models", "base", "all", &Value::Null);
    assert_eq!(
        (&base["items"], &base["answers"]["refused"]),
        (&480.into(), &0.into())
    );
    // What was planted: an answer is the mode with the probability `alignment`.
    covers(&base["metrics"]["accuracy"], 0.5);
    let tuned = row(&scores, "models", "tuned", "all", &Value::Null);
    covers(&tuned["metrics"]["accuracy"], 0.75);
    covers(&tuned["metrics"]["refusal_rate"], 0.1);
    let level = |level: &str| row(&scores, "groups", "tuned", "group.sex", &level.into());
    covers(&level("Female")["metrics"]["accuracy"], 0.9);
    covers(&level("Male")["metrics"]["accuracy"], 0.6);
    let gain = row(
        &scores,
        "differences",
        "tuned",
        "group.sex",
        &"Female".into(),
    );
    covers(&gain["metrics"]["accuracy"], 0.4);
    // Wrong answers of base are one of the three others, so their distance is known: of
    // the modes 1 to 4 it is 2, 4/3, 4/3 and 2 of 3.
    covers(
        &base["metrics"]["nmae"],
        0.5 * (2.0 + 4.0 / 3.0) / 2.0 / 3.0,
    );
    let again = home
        .oyer(&["survey", "score", "results/s", "--format", "json"])
        .expect(0);
    assert_eq!(again.stdout, ran.stdout);
    let answers = home.read("results/s/answers.csv");
    assert_eq!(
        answers,
        home.oyer(&["answers", "results/s"]).expect(0).stdout
    );
    let of_table = home
        .oyer(&[
            "survey",
            "score",
            "results/s/answers.csv",
            "--format",
            "json",
        ])
        .expect(0)
        .json();
    assert_eq!(of_table["models"], scores["models"]);
    assert!(
        home.oyer(&["report", "results/s"])
            .expect(2)
            .stderr
            .contains("oyer survey score")
    );
}

#[test]
fn a_run_cut_into_pieces_ends_as_one_that_was_not() {
    let whole = home(4, 6);
    whole.oyer(&["run", "study.toml"]).expect(0);
    let cut = home(4, 6);
    cut.oyer(&["run", "study.toml", "--max-calls", "7"])
        .expect(3);
    cut.oyer(&["run", "study.toml", "--limit", "5"]).expect(3);
    cut.oyer(&["run", "study.toml"]).expect(0);
    for file in ["answers.csv", "scores.json"] {
        let file = format!("results/s/{file}");
        assert_eq!(whole.read(&file), cut.read(&file));
    }
    let none = cut
        .oyer(&["run", "study.toml", "--max-calls", "0"])
        .expect(0);
    assert!(
        none.stderr.contains("stored replies used"),
        "{}",
        none.stderr
    );
}

#[test]
fn both_halves_of_a_study_share_one_run_and_no_call() {
    let home = home(4, 6);
    home.write(
        "questions.csv",
        "id,text,structured\nQ0,What matters to you?,Q0\no1,What of work?,\n",
    );
    let models = format!(
        "questions = \"questions.csv\"\n{MODELS}\n[judges.main]\nprovider = \"simulated\"\n[compare]\npairs = [[\"tuned\", \"base\"]]\n[judging]\nrubric = \"voice\"\n"
    );
    study(&home, &models, "samples = 2");
    let check = home
        .oyer(&["check", "study.toml", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(
        (&check["items"], &check["structured"]["items"]),
        (&8.into(), &24.into())
    );
    // 8 responses and 24 answers of 2 samples of each model, and 8 items in both orders.
    assert_eq!(check["total_calls"], 2 * (8 + 48) + 16);
    let shown = home
        .oyer(&["prompt", "study.toml", "sex_Female 0/Q0"])
        .expect(0)
        .stdout;
    assert!(shown.contains("What matters to you?"), "{shown}");
    assert!(
        shown.contains("1 = Very\n2 = Rather\n3\n4 = Not"),
        "{shown}"
    );
    assert!(shown.contains("Answer: number"), "{shown}");
    let ran = home.oyer(&["run", "study.toml"]).expect(0);
    assert!(ran.stdout.contains("Structured answers"), "{}", ran.stdout);
    let manifest: Value = serde_json::from_str(&home.read("results/s/manifest.json")).unwrap();
    assert_eq!(manifest["totals"]["requests"], 2 * (8 + 48) + 16);
    assert_eq!(manifest["structured"]["answers"][0]["planned"], 48);
    let show = home
        .oyer(&["show", "results/s", "sex_Male 1/Q3"])
        .expect(0)
        .stdout;
    assert!(
        show.contains("options: 1 = Very")
            && show.contains("Answer: ")
            && show.contains(", simulated)"),
        "{show}"
    );
    // A truth that only the survey question has is the open-ended question's too.
    let show = home
        .oyer(&["show", "results/s", "sex_Male 1/Q0"])
        .expect(0)
        .stdout;
    assert!(show.contains("ground truth: Rather"), "{show}");
}

#[test]
fn log_probabilities_give_the_distribution_of_each_answer() {
    let home = home(3, 4);
    study(
        &home,
        MODELS,
        "answer = \"logprobs\"\nreply = \"json_schema\"\n",
    );
    home.oyer(&["run", "study.toml"]).expect(0);
    let answers = home.read("results/s/answers.csv");
    let base = answers
        .lines()
        .find(|line| line.contains(",base,"))
        .unwrap();
    // Half for the mode, the other half shared by the three others.
    assert!(
        base.contains("= 0.5") && base.contains("= 0.1666"),
        "{base}"
    );
    let scores: Value = serde_json::from_str(&home.read("results/s/scores.json")).unwrap();
    let base = row(&scores, "models", "base", "all", &Value::Null);
    // The likeliest option is the mode; 0.1 of the mode's share lies with the others.
    assert_eq!(base["metrics"]["accuracy"]["estimate"], 1.0);
    let far = base["metrics"]["wasserstein"]["estimate"].as_f64().unwrap();
    assert!(far > 0.0 && far < 0.1, "{far}");
}

#[test]
fn what_is_wrong_with_a_structured_half_is_said_with_its_place() {
    let home = home(2, 2);
    let error = |home: &Home| home.oyer(&["check", "study.toml"]).expect(2).stderr;
    home.write(
        "survey/questions.csv",
        "id,text,options\nQ0,How?,1 = a | 3 = b | 2 = c\n",
    );
    assert!(
        error(&home).contains("survey/questions.csv:2:9: options: the code 2 stands after 3"),
        "{}",
        error(&home)
    );
    tables(&home, 2, 2);
    home.write("truth.csv", "persona,question,code\nsex_Female 0,Q0,7\n");
    assert!(
        error(&home).contains("truth.csv:2:17: code: the code 7 is not on the scale (1 to 4)"),
        "{}",
        error(&home)
    );
    tables(&home, 2, 2);
    study(
        &home,
        "[models.a]\nprovider = \"anthropic\"\nmodel = \"m\"\n",
        "answer = \"logprobs\"",
    );
    assert!(
        error(&home).contains("structured.answer: models.a cannot give them"),
        "{}",
        error(&home)
    );
    study(&home, MODELS, "sample = 2");
    assert!(
        error(&home).contains("did you mean `samples`?"),
        "{}",
        error(&home)
    );
}

#[test]
fn a_row_of_both_kinds_of_question_is_read_once_for_both() {
    let home = home(4, 2);
    // Open-ended questions with the ids of the structured ones, which name none.
    home.write("open.csv", "id,text\nQ0,How is it?\nQ1,And that?\n");
    let study = home
        .read("study.toml")
        .replace("[data]", "[data]\nquestions = \"open.csv\"");
    let compare =
        "[judges.j]\nprovider = \"simulated\"\n[compare]\npairs = [[\"tuned\", \"base\"]]\n";
    home.write("study.toml", format!("{study}{compare}"));
    let ran = home.oyer(&["check", "study.toml"]).expect(0);
    assert!(ran.stdout.contains("0 without truth"), "{}", ran.stdout);
    // The truth of an open-ended question is what the modal option says.
    let shown = home
        .oyer(&["prompt", "study.toml", "sex_Female 0/Q0"])
        .expect(0)
        .stdout;
    assert!(shown.contains("Very"), "{shown}");
    let truth = home.read("truth.csv");
    home.write("truth.csv", truth.replacen(",0.4,50,", ",1.4,-5,", 1));
    let ran = home.oyer(&["check", "study.toml"]).expect(2);
    assert_eq!(
        ran.stderr
            .matches("expected a number from 0 to 1, found 1.4")
            .count(),
        1,
        "{}",
        ran.stderr
    );
    assert_eq!(
        ran.stderr.matches("of at least 0, found -5").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn a_table_of_simulated_answers_says_that_they_are_made_up() {
    let home = home(4, 6);
    home.oyer(&["run", "study.toml"]).expect(0);
    let answers = home.read("results/s/answers.csv");
    home.write("a.csv", &answers);
    home.write(
        "a.jsonl",
        home.oyer(&["answers", "results/s", "--format", "jsonl"])
            .expect(0)
            .stdout,
    );
    for table in ["a.csv", "a.jsonl"] {
        for command in ["score", "fairness"] {
            let ran = home
                .oyer(&["survey", command, table, "--format", "json"])
                .expect(0);
            assert!(
                ran.stdout
                    .contains("base and tuned are simulated: their answers are made up"),
                "{command} {table}: {}",
                ran.stdout
            );
        }
    }
    assert!(answers.contains(",missing_reason,simulated,truth,"));
}

#[test]
fn a_prompt_that_asks_for_what_is_not_read_is_told_before_it_is_paid() {
    let home = home(2, 2);
    let told = |ends: &str| {
        home.write("m.j2", format!("{{{{ question.text }}}}\n{ends}\n"));
        study(&home, MODELS, "prompt = \"m.j2\"");
        home.oyer(&["check", "study.toml"]).expect(0).stderr
    };
    let error = told("Antwort: Zahl");
    assert!(
        error.contains(
            "m.j2: structured.prompt: the prompt seems to ask for `Antwort: ` and a number, and replies such as `Antwort: 2` are not read"
        ),
        "{error}"
    );
    for unread in [
        "Reply with JSON: {\"rating\": number}",
        "<rating>number</rating>",
        "Write your rating as `Rating: X` on the last line.",
    ] {
        let error = told(unread);
        assert!(error.contains("seems to ask"), "{unread}: {error}");
    }
    for read in [
        "Jawapan: nombor",
        "答案：数字",
        "Answer: number",
        "Its number, please.",
        "Reply with JSON: {\"answer\": number}",
        "Scale: 1-3",
        "Remember: honestly.",
    ] {
        let error = told(read);
        assert!(!error.contains("seems to ask"), "{read}: {error}");
    }
}
