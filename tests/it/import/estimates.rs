//! This program's estimates beside figures that are of no single comparison.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{about, counted, figure, imported, lines, near, ran};
use crate::support::home::Home;

fn scores(models: &[&str]) -> String {
    let score = |question: usize, place: usize, model: &str| json!({"question_id": question, "model": model, "judge": ["j", "single-v1"], "turn": 1, "score": 1 + (question * (place + 2)) % 7});
    let models = || models.iter().enumerate();
    let all: Vec<Value> = (0..12)
        .flat_map(|question| models().map(move |(place, model)| score(question, place, model)))
        .collect();
    lines(&all)
}

/// The win rate that a report of the folder has.
fn reported(home: &Home, candidate: &str, opponent: &str) -> Value {
    let report = home.oyer(&["report", "results", "--format", "json"]).json();
    let comparisons = report["comparisons"].as_array().unwrap().iter();
    let mut found =
        comparisons.filter(|one| one["candidate"] == candidate && one["opponent"] == opponent);
    found.next().unwrap()["win_rate"].clone()
}

#[test]
fn means_of_two_models_scores_have_the_estimate_beside_them() {
    let home = Home::new();
    home.write("j_single.jsonl", scores(&["a", "b"]));
    let made = imported(&home, &["j_single.jsonl"]);
    let rate = reported(&home, "a", "b");
    let [first, second] =
        ["a, by j", "b, by j"].map(|subject| about(&made, subject)["estimate"].clone());
    assert_eq!(first["value"], rate);
    assert!(first["low"].as_f64() < first["value"].as_f64(), "{first}");
    near(
        second["value"].as_f64().unwrap(),
        1.0 - rate.as_f64().unwrap(),
    );
    let why = about(&made, "a, by j")["why_they_differ"].to_string();
    assert!(why.contains("averages scores"), "{why}");
    let page = home.oyer(&["report", "results"]).expect(0).stdout;
    assert_eq!(
        page.matches("Estimate of this program: win rate").count(),
        2,
        "{page}"
    );

    let home = Home::new();
    let score = |model: &str, score: u32| {
        json!([{"session_id": "s", "model_test": model, "score": score.to_string(), "parsed_result": {}}]).to_string()
    };
    home.write("score.v2/eval=j/a.json", score("a", 8));
    home.write("score.v2/eval=j/b.json", score("b", 3));
    let made = imported(&home, &["score.v2/eval=j/a.json", "score.v2/eval=j/b.json"]);
    near(
        about(&made, "b, by j")["estimate"]["value"]
            .as_f64()
            .unwrap(),
        0.0,
    );
}

#[test]
fn models_that_labels_give_other_names_keep_their_estimates_by_the_reports_options() {
    let home = Home::new();
    let outcome = |question: usize| ["win", "loss", "tie", "win"][question % 4];
    let (mut games, mut labels) = (String::new(), String::new());
    for question in 0..12 {
        let outcome = outcome(question);
        let row = format!("{question},response 1,response 2,j,pandalm,overall,{outcome}");
        writeln!(games, "{row}").unwrap();
        writeln!(labels, "{question},m,n,pandalm,overall,{outcome},ann").unwrap();
    }
    let header = "question,candidate,opponent";
    home.write(
        "games.csv",
        format!("{header},judge,rubric,criterion,outcome\n{games}"),
    );
    home.write(
        "labels.csv",
        format!("{header},rubric,criterion,outcome,annotator\n{labels}"),
    );
    imported(&home, &["games.csv"]);
    let told = |flags: &[&str]| {
        let flags = [
            &["report", "results", "--level", "0.8", "--format", "json"],
            flags,
        ];
        home.oyer(&flags.concat()).expect(0).json()
    };
    let (plain, named) = (told(&[]), told(&["--labels", "labels.csv"]));
    assert_eq!(named["comparisons"][0]["candidate"], "m");
    let estimate = |report: &Value, model: &str| {
        let sets = report["source_figures"].as_array().unwrap().iter();
        let mut sets = sets.filter(|set| set["subject"] == model);
        sets.next().unwrap()["estimate"].clone()
    };
    for model in ["response 1", "response 2"] {
        let of_labels = estimate(&named, model);
        assert_eq!(of_labels["level"], 0.8);
        assert_eq!(of_labels, estimate(&plain, model));
        assert_eq!(of_labels["method"], "design_effect_wilson");
        assert_eq!(of_labels["clusters"], json!(["question"]));
    }
}

#[test]
fn means_of_several_models_scores_have_an_estimate_for_each_pair() {
    let home = Home::new();
    home.write("j_single.jsonl", scores(&["a", "b", "c"]));
    let made = imported(&home, &["j_single.jsonl"]);
    let set = about(&made, "b, by j");
    assert_eq!(set["estimate"], Value::Null);
    let against: Vec<&Value> = (0..2)
        .map(|at| &set["estimates"][at]["comparison"]["opponent"])
        .collect();
    assert_eq!(against, ["a", "c"]);
    let value = |at: usize| set["estimates"][at]["estimate"]["value"].as_f64().unwrap();
    near(value(0), 1.0 - reported(&home, "a", "b").as_f64().unwrap());
    near(value(1), reported(&home, "b", "c").as_f64().unwrap());
}

#[test]
fn figures_over_all_games_have_estimates_by_opponent_judge_and_criterion_and_a_count_of_the_rest() {
    let home = Home::new();
    let mut text = "question,candidate,opponent,judge,criterion,outcome\n".to_owned();
    for question in 0..6 {
        for pair in ["a,b", "a,c", "c,b"] {
            for judge in ["x", "y"] {
                for criterion in ["clarity", "depth", "style"] {
                    let outcome = ["win", "loss", "tie"][question % 3];
                    let row = [&*question.to_string(), pair, judge, criterion, outcome].join(",");
                    text += &(row + "\n");
                }
            }
        }
    }
    home.write("games.csv", text);
    let made = imported(&home, &["games.csv"]);
    let set = about(&made, "a");
    // Against two models, by two judges, on three criteria.
    assert_eq!(set["estimates"].as_array().unwrap().len(), 8);
    assert_eq!(set["further_estimates"], 4);
    let page = home.oyer(&["report", "results"]).expect(0).stdout;
    assert!(
        page.contains("of  against  by  criterion  estimate"),
        "{page}"
    );
    assert!(
        page.contains("Estimates that are not shown here: 4;"),
        "{page}"
    );
}

#[test]
fn an_annotators_labels_have_an_estimate_beside_the_counts_of_sides() {
    let task = |id: u32, side: &str| {
        json!({"id": id, "data": {"question": id.to_string(), "left_model": "a", "right_model": "b"},
            "annotations": [{"completed_by": {"email": "p@x"}, "result": [{"type": "choices", "from_name": "better", "to_name": "t", "value": {"choices": [side]}}]}]})
    };
    let home = Home::new();
    let tasks = [
        task(1, "left"),
        task(2, "left"),
        task(3, "tie"),
        task(4, "right"),
    ];
    home.write("labels.json", Value::from(tasks.to_vec()).to_string());
    let made = imported(&home, &["label-studio", "labels.json"]);
    let set = about(&made, "p@x");
    near(figure(set, "left"), 2.0);
    near(set["estimate"]["value"].as_f64().unwrap(), 0.625);
    assert!(set["estimate"]["low"].is_number(), "{set}");
    let why = set["why_they_differ"].to_string();
    assert!(why.contains("counts on which side"), "{why}");
}

#[test]
fn a_report_has_estimates_of_judges_and_of_people_at_its_level() {
    let home = Home::new();
    let mut text = "question,candidate,opponent,judge,annotator,outcome\n".to_owned();
    for question in 0..12 {
        let judged = ["win", "loss", "win"][question % 3];
        let labelled = ["win", "loss", "tie", "loss"][question % 4];
        writeln!(text, "{question},a,b,j,,{judged}").unwrap();
        writeln!(text, "{question},a,b,,p,{labelled}").unwrap();
    }
    home.write("both.csv", text.clone());
    let made = imported(&home, &["both.csv"]);
    let before = about(&made, "a");
    assert_eq!(before["estimates"].as_array().unwrap().len(), 2, "{before}");
    let reported = |flags: &[&str]| {
        let report = ["report", "results", "--format", "json"];
        let report = home.oyer(&[&report[..], flags].concat()).json();
        about(&report, "a").clone()
    };
    assert_eq!(reported(&[]), *before);
    let narrow = reported(&["--level", "0.5"]);
    for at in 0..2 {
        let of = |set: &Value, name: &str| set["estimates"][at]["estimate"][name].clone();
        assert_eq!(of(&narrow, "value"), of(before, "value"));
        assert_eq!(of(&narrow, "level"), 0.5);
        assert!(of(&narrow, "low").as_f64() > of(before, "low").as_f64());
    }

    let home = Home::new();
    let people: Vec<&str> = text.lines().filter(|line| !line.contains(",j,")).collect();
    home.write("people.csv", people.join("\n"));
    imported(&home, &["people.csv"]);
    let report = ["report", "results", "--level", "0.5", "--format", "json"];
    let report = home.oyer(&report).json();
    assert_eq!(about(&report, "a")["estimate"]["level"], 0.5);
}

/// Ann and bob chose `a` on every task; ann left the first out, on which `a` stood right.
fn all_for_one_model() -> String {
    let said = |who: &str, side: &str| json!({"completed_by": {"email": who}, "result": [{"type": "pairwise", "from_name": "pw", "value": {"selected": side}}]});
    let task = |id: usize| {
        let ([left, right], side) = if id % 2 == 1 {
            (["a", "b"], "left")
        } else {
            (["b", "a"], "right")
        };
        let people: &[&str] = if id == 0 {
            &["bob@x"]
        } else {
            &["ann@x", "bob@x"]
        };
        let annotations: Vec<Value> = people.iter().map(|who| said(who, side)).collect();
        json!({"id": id, "data": {"question": format!("q{id}"), "left_model": left, "right_model": right}, "annotations": annotations})
    };
    Value::from((0..21).map(task).collect::<Vec<_>>()).to_string()
}

#[test]
fn a_comparison_has_one_candidate_whoever_labelled_it_and_every_form_names_both_models() {
    let home = Home::new();
    home.write("ls.json", all_for_one_model());
    let made = imported(&home, &["ls.json"]);
    let sets = ["ann@x", "bob@x"].map(|who| about(&made, who));
    assert_eq!(sets[0]["estimate"]["value"], sets[1]["estimate"]["value"]);
    for set in sets {
        let comparison = &set["comparison"];
        assert_eq!(
            (&comparison["candidate"], &comparison["opponent"]),
            (&json!("b"), &json!("a"))
        );
        near(set["estimate"]["value"].as_f64().unwrap(), 0.0);
    }
    for form in ["table", "md"] {
        let page = home.oyer(&["report", "results", "--format", form]);
        let page = page.expect(0).stdout.replace('\n', " ");
        let named = "Estimate of this program: win rate of b against a 0.0%";
        assert_eq!(page.matches(named).count(), 2, "{page}");
        assert!(!page.contains("nothing to estimate"), "{page}");
        assert!(page.contains("no judgments of judges"), "{page}");
    }
}

#[test]
fn what_is_of_no_certain_judge_is_of_all_people_together_where_they_are_many() {
    let mut text = "question,candidate,opponent,annotator,outcome\n".to_owned();
    for question in 0..60 {
        let outcome = ["win", "win", "loss"][question % 3];
        writeln!(text, "{question},a,b,user_{question},{outcome}").unwrap();
    }
    let home = Home::new();
    home.write("many.csv", &text);
    let made = imported(&home, &["many.csv"]);
    let set = about(&made, "a");
    assert_eq!(set["comparison"]["judge"], "people");
    near(set["estimate"]["value"].as_f64().unwrap(), 2.0 / 3.0);
    assert_eq!(set["estimate"]["n"], 60);
    assert_eq!(set["further_estimates"], Value::Null);
    let page = home.oyer(&["agree", "results"]).expect(0).stdout;
    assert!(page.contains("Raters who are not shown here: 20"), "{page}");

    // As verdicts of judges they are all reported, and no two of the judges compared.
    let home = Home::new();
    home.write(
        "many.csv",
        text.replace("annotator", "judge")
            .replace("question", "item")
            .replacen("item", "question", 1),
    );
    imported(&home, &["many.csv"]);
    let report = home.oyer(&["report", "results", "--format", "json"]).json();
    assert_eq!(report["comparisons"].as_array().unwrap().len(), 60);
    assert_eq!(report["differences"].as_array().unwrap().len(), 0);
    let notes = report["notes"].to_string();
    assert!(notes.contains("1,770 differences of two judges"), "{notes}");
}

#[test]
fn of_many_annotators_the_page_shows_those_with_most_labels() {
    let task = |id: usize| {
        let said = |who: usize| json!({"completed_by": {"email": format!("p{who}@x")}, "result": [{"type": "pairwise", "from_name": "pw", "value": {"selected": "left"}}]});
        // Everybody labels one task, and p7 all of them.
        let annotations = [said(id + 100), said(7)];
        json!({"id": id, "data": {"question": id.to_string(), "left_model": "a", "right_model": "b"}, "annotations": annotations})
    };
    let home = Home::new();
    let tasks: Vec<Value> = (0..40).map(task).collect();
    home.write("ls.json", Value::from(tasks).to_string());
    let arguments = ["import", "ls.json", "--results", "results"];
    let page = home.oyer(&arguments).expect(0).stdout;
    assert!(
        page.contains("p7@x") && page.contains("People who are not shown here: 17"),
        "{page}"
    );
    let report = home.oyer(&["report", "results", "--format", "json"]).json();
    assert_eq!(report["source_figures"].as_array().unwrap().len(), 41);
}

#[test]
fn votes_of_people_are_counted_together_and_have_an_estimate() {
    let vote = |question: u32, who: &str, winner: &str| json!({"question_id": question, "model_a": "a", "model_b": "b", "winner": winner, "judge": who, "turn": 1});
    let home = Home::new();
    let votes = [
        vote(1, "expert_1", "model_a"),
        vote(1, "expert_2", "model_b"),
        vote(2, "expert_1", "model_a"),
        vote(3, "author_0", "tie"),
    ];
    home.write(
        "human_judgments.json",
        Value::from(votes.to_vec()).to_string(),
    );
    let made = imported(&home, &["human_judgments.json"]);
    let set = about(&made, "a against b, by people");
    for (name, value) in [("win", 2.0), ("loss", 1.0), ("tie", 1.0), ("win_rate", 0.5)] {
        near(figure(set, name), value);
    }
    // Half of question 1, all of 2, half of 3.
    near(set["estimate"]["value"].as_f64().unwrap(), 2.0 / 3.0);
    assert_eq!(set["estimate"]["n"], 3);
    assert!(
        set["why_they_differ"]
            .to_string()
            .contains("Every vote counts once"),
        "{set}"
    );
}

#[test]
fn slight_wins_by_longer_answers_are_ties_within_the_margin_that_was_published() {
    let answer = |n: usize| "x".repeat(n);
    let pair = |id: u32, choice: &str, winner: &str, lengths: [usize; 2]| {
        json!({"session_id": id.to_string(), "model_A": "m", "model_B": "ref", "winner": winner, "extent": choice.len() - 1,
            "parsed_result": {"choice": choice}, "model_outputs": {"m": answer(lengths[0]), "ref": answer(lengths[1])}})
    };
    let pairs = [
        pair(1, "A+", "m", [601, 100]),
        pair(2, "A+", "m", [600, 100]),
        pair(3, "A++", "m", [900, 100]),
        pair(4, "B+", "ref", [10, 511]),
    ];
    let home = Home::new();
    let file = "pairwise.v2/eval=j/ref=ref/m.json";
    home.write(file, Value::from(pairs.to_vec()).to_string());
    let published = json!({"m": {"win_much": 1, "win": 1, "tie": 2, "lose": 0, "lose_much": 0, "total": 4, "reward": 0.375, "K": 500}});
    home.write("pairwise-ref-K=500.json", published.to_string());
    let made = imported(&home, &[file, "--published", "pairwise-ref-K=500.json"]);
    let set = about(&made, "m against ref, by j");
    let published = |name: &str| {
        let figures = set["figures"].as_array().unwrap().iter();
        let found = figures
            .clone()
            .find(|figure| figure["name"] == name)
            .unwrap();
        found["published"]["agrees"].clone()
    };
    near(figure(set, "win"), 2.0);
    near(figure(set, "win (K=500)"), 1.0);
    for name in [
        "win (K=500)",
        "tie (K=500)",
        "lose (K=500)",
        "reward (K=500)",
        "win_much",
        "total",
    ] {
        assert_eq!(published(name), true, "{name}");
    }
    assert_eq!(published("win"), Value::Null);
    assert_eq!(
        made["notes"].to_string().matches("published").count(),
        0,
        "{made}"
    );

    // The same files again keep what was published.
    let again = imported(&home, &[file]);
    assert_eq!(
        about(&again, "m against ref, by j")["figures"],
        set["figures"]
    );
    let home = Home::new();
    home.write(file, Value::from(pairs.to_vec()).to_string());
    let made = imported(&home, &[file, "--length-margin", "0"]);
    near(
        figure(about(&made, "m against ref, by j"), "tie (K=0)"),
        3.0,
    );
}

#[test]
fn packed_labels_published_values_and_keys_are_read() {
    use std::io::Write as _;
    let packed = |text: &str| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let home = Home::new();
    let rows = |who: &str| {
        let rows = (0..8).map(|q| format!("{q},a,b,overall,{},{who}\n", ["win", "loss"][q % 2]));
        rows.collect::<String>()
    };
    home.write(
        "v.csv",
        format!(
            "question,candidate,opponent,criterion,outcome,judge\n{}",
            rows("j")
        ),
    );
    home.write(
        "published.json.gz",
        packed(r#"{"a": {"average_win_rate": 0.5}}"#),
    );
    let made = imported(&home, &["v.csv", "--published", "published.json.gz"]);
    let figures = &about(&made, "a")["figures"];
    assert_eq!(figures[0]["published"]["agrees"], true, "{figures}");
    let labels = format!(
        "question,candidate,opponent,criterion,outcome,annotator\n{}",
        rows("ann")
    );
    home.write("l.csv.gz", packed(&labels));
    home.write("l.jsonl.gz", packed(r#"{"question":"1","candidate":"a","opponent":"b","criterion":"overall","outcome":"loss","annotator":"bob"}"#));
    let agreed = [
        "agree",
        "results",
        "--labels",
        "l.csv.gz",
        "--labels",
        "l.jsonl.gz",
        "--format",
        "json",
    ];
    let agreed = home.oyer(&agreed).expect(0).json();
    assert_eq!(agreed["judge_people"][0]["n_labels"], 9);
    home.write("k.csv.gz", packed("a,b\n1,2\n"));
    home.write("t.json", all_for_one_model());
    let refused = ran(&home, &["label-studio", "t.json", "--key", "k.csv.gz"]).expect(2);
    assert!(
        refused.stderr.contains("no column `task`"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_weight_of_labels_and_columns_called_as_in_a_table_are_kept() {
    let home = Home::new();
    let text = "question,candidate,opponent,annotator,outcome,weight,group.sex,x.length\n\
        q1,a,b,ann,win,1.25,f,3\nq2,a,b,ann,loss,2,m,4\n";
    home.write("l.csv", text);
    let made = imported(&home, &["l.csv"]);
    assert!(!made["notes"].to_string().contains("not used"), "{made}");
    let header = &super::rows(&home, "labels.csv")[0];
    for name in ["x.weight", "group.sex", "x.length"] {
        assert!(header.iter().any(|column| column == name), "{header:?}");
    }
    assert_eq!(
        super::column(&home, "labels.csv", "x.weight"),
        ["1.25", "2"]
    );
    assert_eq!(super::column(&home, "labels.csv", "group.sex"), ["f", "m"]);
    let home = Home::new();
    for (wrong, said) in [("", "no weight"), ("1e308", "`1e308`"), ("x", "`x`")] {
        home.write("l.csv", text.replace("1.25", wrong));
        let refused = ran(&home, &["l.csv"]).expect(2).stderr;
        assert!(
            refused.contains(said) && refused.contains("weight"),
            "{refused}"
        );
    }
}

#[test]
fn annotations_that_name_nobody_are_counted_and_are_no_repeats_of_one_person() {
    let said = |side: &str| json!({"completed_by": null, "result": [{"type": "pairwise", "from_name": "pw", "value": {"selected": side}}]});
    let task = |id: u32| json!({"id": id, "data": {"question": id.to_string(), "left_model": "a", "right_model": "b"}, "annotations": [said("left"), said("right")]});
    let home = Home::new();
    home.write("ls.json", json!([task(1), task(2)]).to_string());
    let made = imported(&home, &["ls.json"]);
    assert_eq!(counted(&made, "does not say whose it is"), 4);
    assert_eq!(counted(&made, "one more repeat"), 0);
    assert!(
        made["notes"]
            .to_string()
            .contains("do not say whose they are"),
        "{made}"
    );
    assert_eq!(
        super::column(&home, "labels.csv", "annotator"),
        ["annotator", "annotator (2)", "annotator", "annotator (2)"]
    );
}
