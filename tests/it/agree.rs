//! `oyer agree`, and `oyer report --labels`, on the real command line.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::home::Home;

/// Forty questions in ten topics, judged in both orders on two criteria, and two or
/// three people on half of them.
fn home() -> Home {
    let home = Home::new();
    home.write("v.csv", verdicts());
    home.write("labels.csv", labels("annotator"));
    home
}

fn outcome(n: usize) -> &'static str {
    ["win", "win", "loss", "tie", "win", "loss", "loss"][n % 7]
}

fn verdicts() -> String {
    let mut text =
        "item,question,topic,candidate,opponent,judge,rubric,criterion,order,outcome\n".to_owned();
    for q in 0..40 {
        for criterion in ["overall", "style"] {
            for (order, n) in [("candidate_first", q), ("opponent_first", q + q % 3)] {
                let outcome = outcome(n);
                let _ = writeln!(
                    text,
                    "q{q},q{q},t{},tuned,base,main,r,{criterion},{order},{outcome}",
                    q % 10
                );
            }
        }
    }
    text
}

fn labels(annotator: &str) -> String {
    let mut text = format!("question,candidate,opponent,criterion,outcome,{annotator}\n");
    for q in 0..20 {
        for (person, shift) in [("ann", 0), ("bob", q % 4), ("cid", q % 5)] {
            if person != "cid" || q % 3 > 0 {
                let outcome = outcome(q + shift);
                let _ = writeln!(text, "q{q},tuned,base,overall,{outcome},{person}");
            }
        }
    }
    text
}

fn agreed(home: &Home, arguments: &[&str]) -> Value {
    let all = [&["agree"], arguments, &["--format", "json"]].concat();
    home.oyer(&all).expect(0).json()
}

/// The estimate of a coefficient.
#[track_caller]
fn estimate(coefficients: &Value, name: &str) -> f64 {
    let all = coefficients.as_array().expect("coefficients");
    let found = all.iter().find(|known| known["name"] == name);
    let value = &found.unwrap_or_else(|| panic!("no {name}: {coefficients:#}"))["estimate"];
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{name} is {value}"))
}

#[test]
fn a_judge_is_held_against_people_with_their_ceiling_beside_it() {
    let made = agreed(&home(), &["v.csv", "--labels", "labels.csv"]);
    let [part] = &made["judge_people"].as_array().expect("parts")[..] else {
        panic!("{:#}", made["judge_people"]);
    };
    assert_eq!(part["criterion"], "overall");
    assert_eq!(part["n_units"], 20);
    assert_eq!(part["n_labels"], 53);
    assert_eq!(part["people"], json!(["ann", "bob", "cid"]));
    for place in ["judge_person", "person_person", "difference"] {
        assert_eq!(part[place].as_array().expect("coefficients").len(), 12);
    }
    let judge = estimate(&part["judge_person"], "agreement");
    let people = estimate(&part["person_person"], "agreement");
    let difference = estimate(&part["difference"], "agreement");
    assert!((judge - people - difference).abs() < 1e-12);
    assert_eq!(
        made["people"][0]["pairs"].as_array().expect("pairs").len(),
        3
    );
    assert_eq!(made["judges"], json!([]));
    assert_eq!(made["corrected"][0]["n_labelled"], 20);
    assert_eq!(made["corrected"][0]["n_items"], 40);
    let test = &made["alternative_annotator"][0];
    assert_eq!(test["passes"], Value::Null);
    assert!(
        test["sentence"]
            .as_str()
            .expect("a sentence")
            .contains("not made")
    );
}

#[test]
fn rules_change_what_is_compared_and_are_said() {
    let home = home();
    let run = |flags: &[&str]| {
        agreed(
            &home,
            &[&["v.csv", "--labels", "labels.csv"], flags].concat(),
        )
    };
    let said = |made: &Value| made["coding"]["sentences"].to_string();
    let tie = run(&[]);
    assert!(said(&tie).contains("two orders that differ are a tie"));
    let judge = |made: &Value| {
        let raters = made["raters"].as_array().expect("raters").clone();
        let judge = |rater: &&Value| rater["rater"] == "main" && rater["criterion"] == "overall";
        raters.iter().find(judge).expect("the judge").clone()
    };
    let drop = run(&["--inconsistent", "drop"]);
    let dropped = judge(&drop)["inconsistent"].as_u64().expect("a count");
    assert!(dropped > 0 && said(&drop).contains("left out"));
    let arguments = ["agree", "v.csv", "--labels", "labels.csv"];
    let page = home.oyer(&arguments).expect(0).stdout;
    assert!(!page.contains("inconsistent "), "{page}");
    let drop_page = [&arguments[..], &["--inconsistent", "drop"]].concat();
    let page = home.oyer(&drop_page).expect(0).stdout;
    let heads = page.lines().find(|line| line.contains("losses"));
    let heads = heads.expect("a table of raters");
    assert!(
        heads.contains("missing") && heads.contains("inconsistent"),
        "{page}"
    );
    let ties = judge(&tie)["ties"].as_u64().expect("a count");
    assert_eq!(
        judge(&drop)["ties"].as_u64().expect("a count") + dropped,
        ties
    );
    let first = run(&["--inconsistent", "candidate-first"]);
    assert!(judge(&first)["ties"].as_u64() < Some(ties));
    let average = run(&["--inconsistent", "average"]);
    assert!(judge(&average)["ties"].as_u64() < Some(ties));
    let without = run(&["--ties", "drop"]);
    assert_eq!(
        without["judge_people"][0]["confusion"]["categories"],
        json!(["win", "loss"])
    );
    assert!(said(&without).contains("ties are left out"));
}

#[test]
fn clusters_breakdowns_level_and_seed_are_settable() {
    let home = home();
    let run = |flags: &[&str]| {
        agreed(
            &home,
            &[&["v.csv", "--labels", "labels.csv"], flags].concat(),
        )
    };
    let plain = run(&[]);
    assert_eq!(plain["clusters"], json!(["question"]));
    let topic = run(&[
        "--cluster",
        "topic",
        "--level",
        "0.9",
        "--seed",
        "5",
        "--by",
        "topic",
    ]);
    assert_eq!(topic["clusters"], json!(["topic"]));
    assert_eq!((&topic["level"], &topic["seed"]), (&json!(0.9), &json!(5)));
    let parts = topic["judge_people"].as_array().expect("parts");
    assert_eq!(parts.len(), 11);
    assert_eq!(parts[0]["n_clusters"], json!([10]));
    assert_eq!(parts[1]["levels"], json!(["t0"]));
    let stratified = &topic["corrected"][0]["stratified"][0];
    assert_eq!(stratified["dimensions"], json!(["topic"]));
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads_or_the_order_of_rows() {
    let home = home();
    let turned = |text: String| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines.join("\n")
    };
    home.write("v2.csv", turned(verdicts()));
    home.write("labels2.csv", turned(labels("annotator")));
    let run = |table: &str, labels: &str, threads: &str| {
        let arguments = [
            "agree", table, "--labels", labels, "--by", "topic", "--format", "json",
        ];
        home.oyer_with(&arguments, &[("RAYON_NUM_THREADS", threads)])
            .expect(0)
            .stdout
    };
    let one = run("v.csv", "labels.csv", "1");
    assert_eq!(one, run("v.csv", "labels.csv", "2"));
    assert_eq!(one, run("v.csv", "labels.csv", "16"));
    let other: Value = serde_json::from_str(&run("v2.csv", "labels2.csv", "2")).expect("JSON");
    let one: Value = serde_json::from_str(&one).expect("JSON");
    let kappa = |made: &Value| estimate(&made["judge_people"][0]["judge_person"], "cohen_kappa");
    assert!((kappa(&one) - kappa(&other)).abs() < 1e-12);
    let intervals = |made: &Value| made["judge_people"][0]["judge_person"][0]["interval"].clone();
    assert_eq!(intervals(&one), intervals(&other));
}

#[test]
fn labels_are_read_from_every_kind_of_file() {
    let home = home();
    let expected = agreed(&home, &["v.csv", "--labels", "labels.csv"]);
    let same = |labels: &str, flags: &[&str]| {
        let made = agreed(&home, &[&["v.csv", "--labels", labels], flags].concat());
        assert_eq!(
            made["judge_people"][0]["judge_person"], expected["judge_people"][0]["judge_person"],
            "{labels}"
        );
    };
    let rows: Vec<Vec<String>> = labels("annotator")
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    let mut lines = String::new();
    let mut tasks: Vec<Value> = Vec::new();
    for row in &rows {
        let [question, candidate, opponent, criterion, outcome, person] = &row[..] else {
            panic!("{row:?}");
        };
        let line = json!({"question": question, "candidate": candidate, "opponent": opponent,
            "criterion": criterion, "outcome": outcome, "annotator": person});
        let _ = writeln!(lines, "{line}");
        // The candidate stands right.
        let side = match outcome.as_str() {
            "win" => "right",
            "loss" => "left",
            _ => "tie",
        };
        tasks.push(json!({
            "id": tasks.len(),
            "data": {"question": question, "candidate": candidate, "opponent": opponent, "order": "opponent_first"},
            "annotations": [{"completed_by": {"email": person}, "result": [
                {"from_name": "verdict", "type": "choices", "value": {"choices": [side]}}]}],
        }));
    }
    home.write("labels.jsonl", lines);
    same("labels.jsonl", &[]);
    home.write("export.json", json!(tasks).to_string());
    same("export.json", &["--same", "overall=verdict"]);
    home.oyer(&["import", "export.json", "--results", "people"])
        .expect(0);
    same("people", &["--same", "overall=verdict"]);
}

/// An import brings its own labels: PandaLM's format, two judges and three people.
#[test]
fn an_import_brings_its_own_labels_and_people_alone_are_enough() {
    let home = Home::new();
    let people: Vec<Value> = (0..36)
        .map(|i| {
            json!({"idx": i, "motivation_app": "app", "cmp_key": "m1_m2",
                "instruction": format!("do {}", i / 2), "input": "", "response1": "a", "response2": "b",
                "annotator1": i % 3, "annotator2": (i + i / 12) % 3, "annotator3": (i + i / 18) % 3})
        })
        .collect();
    home.write("testset-v1.json", json!(people).to_string());
    for (judge, shift) in [("one", 9), ("two", 7)] {
        let verdicts: Vec<Value> = (0..36)
            .map(
                |i| json!({"idx": i, format!("{judge}_result"): ((i + i / shift) % 3).to_string()}),
            )
            .collect();
        home.write(
            &format!("{judge}-testset-v1.json"),
            json!(verdicts).to_string(),
        );
    }
    let import = [
        "import",
        "testset-v1.json",
        "one-testset-v1.json",
        "two-testset-v1.json",
    ];
    home.oyer(&[&import[..], &["--results", "all"]].concat())
        .expect(0);
    let made = agreed(&home, &["all"]);
    assert_eq!(made["judge_people"].as_array().expect("parts").len(), 2);
    assert_eq!(made["judges"][0]["pairs"][0]["n_units"], 36);
    assert_eq!(made["people"][0]["n_clusters"], json!([18]));
    assert_eq!(
        made["alternative_annotator"][0]["people"]
            .as_array()
            .expect("people")
            .len(),
        3
    );
    home.oyer(&["import", "testset-v1.json", "--results", "people"])
        .expect(0);
    let alone = agreed(&home, &["people"]);
    assert_eq!(alone["people"], made["people"]);
    assert_eq!(alone["judge_people"], json!([]));
    assert_eq!(alone["corrected"], json!([]));
}

/// Published by PandaLM: .852, .879 and .862.
#[test]
fn published_kappas_of_people() {
    let file = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/studies/pandalm/testset-v1.json"
    ));
    if !file.exists() {
        #[expect(clippy::print_stderr, reason = "what was left out is told")]
        {
            eprintln!("left out: {} is not there", file.display());
        }
        return;
    }
    let home = Home::new();
    let name = file.to_str().expect("a name");
    home.oyer(&["import", name, "--results", "people"])
        .expect(0);
    let made = agreed(&home, &["people"]);
    let pairs = made["people"][0]["pairs"].as_array().expect("pairs");
    for (pair, published) in pairs.iter().zip([0.852, 0.879, 0.862]) {
        let kappa = estimate(&pair["coefficients"], "cohen_kappa");
        assert!((kappa - published).abs() < 5e-4, "{kappa} {published}");
        assert_eq!(pair["n_units"], 999);
    }
}

#[test]
fn without_labels_judges_are_compared_where_there_are_several() {
    let home = home();
    let one = home.oyer(&["agree", "v.csv"]).expect(2).stderr;
    assert!(
        one.contains("1 judge and the labels of 0 people") && one.contains("--labels"),
        "{one}"
    );
    let second = verdicts()
        .replace(",main,", ",other,")
        .replace(",win", ",tie");
    let both = verdicts() + second.split_once('\n').expect("rows").1;
    home.write("two.csv", both);
    let made = agreed(&home, &["two.csv"]);
    let panels = made["judges"].as_array().expect("panels");
    assert_eq!(panels.len(), 2);
    assert_eq!(panels[0]["raters"], json!(["main", "other"]));
    assert_eq!(made["judge_people"], json!([]));
    let chosen = agreed(&home, &["two.csv", "--criterion", "style"]);
    assert_eq!(chosen["judges"].as_array().expect("panels").len(), 1);
}

#[test]
fn what_cannot_be_compared_is_said_with_what_to_do() {
    let home = home();
    let said = |labels: &str, flags: &[&str]| {
        let arguments = [&["agree", "v.csv", "--labels", labels], flags].concat();
        home.oyer(&arguments).expect(2).stderr
    };
    let criterion = said("labels.csv", &["--criterion", "overal"]);
    assert!(criterion.contains("did you mean `overall`?"), "{criterion}");
    home.write("items.csv", labels("annotator").replace("\nq", "\nx"));
    let items = said("items.csv", &[]);
    assert!(items.contains("`x0`") && items.contains("`q0`"), "{items}");
    home.write("models.csv", labels("annotator").replace("tuned", "new"));
    let models = said("models.csv", &[]);
    assert!(
        models.contains("`new against base`") && models.contains("--same"),
        "{models}"
    );
    home.write(
        "criteria.csv",
        labels("annotator").replace("overall", "taste"),
    );
    let criteria = said("criteria.csv", &[]);
    assert!(
        criteria.contains("`taste`") && criteria.contains("`style`"),
        "{criteria}"
    );
    let matched = said("criteria.csv", &["--same", "overall=test"]);
    assert!(matched.contains("`test` is to be matched"), "{matched}");
    home.write(
        "bad.csv",
        labels("annotator").replacen(",loss,", ",lost,", 1),
    );
    let bad = said("bad.csv", &[]);
    assert!(bad.contains("bad.csv:") && bad.contains("`lost`"), "{bad}");
    home.write("judged.csv", labels("judge"));
    assert!(said("judged.csv", &[]).contains("annotator"));
    assert!(said("nowhere.csv", &[]).contains("cannot read nowhere.csv"));
    home.write("other.json", r#"[{"name": 1}]"#);
    assert!(said("other.json", &[]).contains("no format known here"));
    home.write("labels.jsonl", labels("annotator"));
    assert!(said("labels.jsonl", &[]).contains("labels.jsonl:1:1: this is CSV, not JSONL"));
    home.write("list.csv", r#"[{"annotator": "ann"}]"#);
    assert!(said("list.csv", &[]).contains("list.csv:1:1: this is a JSON list, not CSV"));
    home.write(
        "empty.csv",
        labels("annotator").lines().next().expect("a header"),
    );
    assert!(said("empty.csv", &[]).contains("no label of a person"));
    for flags in [
        ["--epsilon", "1"],
        ["--level", "95"],
        ["--by", "topics"],
        ["--cluster", "x.no"],
    ] {
        said("labels.csv", &flags);
    }
}

#[test]
fn labels_about_something_else_are_left_out_and_counted() {
    let home = home();
    let more =
        labels("annotator") + "q999,tuned,base,overall,win,ann\nq1,tuned,other,overall,win,ann\n";
    home.write("more.csv", more);
    let made = agreed(&home, &["v.csv", "--labels", "more.csv"]);
    let notes = made["notes"].to_string();
    assert!(
        notes.contains("such as q999") && notes.contains("tuned against other"),
        "{notes}"
    );
    let before = agreed(&home, &["v.csv", "--labels", "labels.csv"]);
    assert_eq!(made["judge_people"], before["judge_people"]);
}

#[test]
fn a_report_with_labels_has_the_corrected_win_rate_beside_the_judges() {
    let home = home();
    let flags = ["report", "v.csv", "--labels", "labels.csv"];
    let table = home.oyer(&flags).expect(0).stdout;
    assert!(
        table.contains("Win rates corrected by labels of people"),
        "{table}"
    );
    let json = home
        .oyer(&[&flags[..], &["--format", "json"]].concat())
        .expect(0)
        .json();
    let corrected = &json["corrected"][0];
    assert_eq!(
        corrected["judge_win_rate"],
        json["comparisons"][0]["win_rate"]
    );
    assert_eq!(corrected["corrected"]["method"], "ppi_plus_plus");
    let both = agreed(&home, &["v.csv", "--labels", "labels.csv"]);
    assert_eq!(both["corrected"][0], *corrected);
    let csv = home
        .oyer(&[&flags[..], &["--format", "csv"]].concat())
        .expect(0)
        .stdout;
    assert_eq!(
        csv.lines()
            .filter(|line| line.contains("ppi_plus_plus"))
            .count(),
        1
    );
    let plain = home
        .oyer(&["report", "v.csv", "--format", "json"])
        .expect(0)
        .json();
    assert!(plain.get("corrected").is_none());
}

#[test]
fn every_format_is_written_and_escaped() {
    let home = Home::new();
    home.write("v.csv", verdicts().replace(",main,", ",\u{1b}[31mmain,"));
    home.write("labels.csv", labels("annotator"));
    for format in ["table", "json", "csv", "md"] {
        let arguments = [
            "agree",
            "v.csv",
            "--labels",
            "labels.csv",
            "--format",
            format,
        ];
        let out = home.oyer(&arguments).expect(0).stdout;
        assert!(!out.contains('\u{1b}') && out.contains("main"), "{out}");
    }
}
