//! A labelling task, from a results folder to Label Studio and back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::home::Home;
use crate::support::study::simulated;

/// A home with a run of 6 personas and 10 questions in `results/s`.
fn home() -> Home {
    let home = Home::new();
    simulated(6, 10).write(&home);
    home.oyer(&["run", "study.toml"]).expect(0);
    home
}

#[track_caller]
fn exported(home: &Home, arguments: &[&str]) -> Value {
    let all = [
        &["export", "label-studio", "results/s", "--format", "json"],
        arguments,
    ]
    .concat();
    home.oyer(&all).expect(0).json()
}

fn tasks(home: &Home, name: &str) -> Vec<Value> {
    serde_json::from_str(&home.read(name)).expect("a JSON list")
}

/// Rows of a key by column.
fn key(home: &Home, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = home.read(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize();
    rows.map(|row| row.expect("a row")).collect()
}

const KEY: &str = "results/s/labelling/n40-seed3.key.csv";

#[test]
fn a_task_is_blinded_stratified_and_dealt_to_annotators() {
    let home = home();
    let made = exported(&home, &["--n", "40", "--seed", "3", "--by", "sex,age"]);
    assert_eq!(made["comparisons"], 40);
    assert_eq!(made["labelled_twice"], 8);
    assert_eq!(
        made["criteria"],
        json!(["persona_winner", "value_winner", "overall_winner"])
    );
    let subgroups = made["subgroups"].as_array().expect("subgroups");
    assert_eq!(subgroups.len(), 6);
    for subgroup in subgroups {
        assert_eq!(subgroup["there"], 10);
        let drawn = subgroup["drawn"].as_u64().expect("a count");
        assert!((6..=7).contains(&drawn), "{subgroup}");
    }
    let files = ["tasks-1.json", "tasks-2.json", "labelling-config.xml"]
        .map(|name| format!("results/s/labelling/n40-seed3/{name}"));
    let mut ids = BTreeSet::new();
    for (number, file) in files[..2].iter().enumerate() {
        let own = tasks(&home, file);
        assert_eq!(made["annotators"][number]["tasks"], own.len());
        for task in &own {
            let data = task["data"].as_object().expect("data");
            let names: Vec<&str> = data.keys().map(String::as_str).collect();
            assert_eq!(
                names,
                ["left", "oyer_task", "persona", "question", "right", "truth"]
            );
            ids.insert(data["oyer_task"].as_str().expect("an id").to_owned());
            assert!(data["persona"].as_str().expect("text").contains("sex: "));
            assert!(
                data["question"]
                    .as_str()
                    .expect("text")
                    .contains("How do you see")
            );
            assert!(data["truth"].as_str().expect("text").starts_with("It "));
        }
    }
    assert_eq!(ids.len(), 48);
    // Nothing that annotators get tells a model, an id of the study, or the seed.
    for file in &files {
        let text = home.read(file);
        for word in [
            "tuned",
            "\"base\"",
            "candidate",
            "opponent",
            "results",
            "seed",
            "p1/",
        ] {
            assert!(!text.contains(word), "{word} is in {file}");
        }
    }
    let xml = home.read(&files[2]);
    assert!(
        xml.contains("Whose stance is nearer to the ground-truth value?"),
        "{xml}"
    );
    for (name, times) in [
        ("<Choices ", 3),
        ("alias=\"tie\"", 3),
        ("value=\"$left\"", 1),
    ] {
        assert_eq!(xml.matches(name).count(), times, "{name}");
    }
    let rows = key(&home, KEY);
    assert_eq!(rows.len(), 48 * 3);
    let keyed: BTreeSet<String> = rows.iter().map(|row| row["task"].clone()).collect();
    assert_eq!(keyed, ids);
    let left = rows.iter().filter(|row| row["left"] == "candidate").count();
    assert!((30..=114).contains(&left), "{left} of 144");
}

#[test]
fn the_same_command_gives_the_same_files_and_nothing_is_written_over() {
    let home = home();
    let arguments = ["--n", "40", "--seed", "3"];
    assert_eq!(exported(&home, &arguments)["written"], true);
    let before = home.read(KEY);
    assert_eq!(exported(&home, &arguments)["written"], false);
    let failed = home
        .oyer(&[
            "export",
            "label-studio",
            "results/s",
            "--n",
            "30",
            "--name",
            "n40-seed3",
        ])
        .expect(2);
    assert!(
        failed.stderr.contains("n40-seed3.key.csv is there already"),
        "{}",
        failed.stderr
    );
    assert_eq!(home.read(KEY), before);
    let elsewhere = [
        "--n",
        "5",
        "--out",
        "for/ann.json",
        "--annotators",
        "1",
        "--criterion",
        "overall_winner",
        "--name",
        "pilot",
    ];
    let made = exported(&home, &elsewhere);
    assert_eq!(
        (&made["labelled_twice"], &made["annotators"][0]["tasks"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(tasks(&home, "for/ann.json").len(), 5);
    assert!(!home.read("for/ann.xml").contains("truth"));
    assert!(
        home.read("results/s/labelling/pilot.key.csv")
            .contains("overall_winner")
    );
    let page = home
        .oyer(&[
            "export",
            "label-studio",
            "results/s",
            "--n",
            "40",
            "--seed",
            "3",
        ])
        .expect(0)
        .stdout;
    for words in [
        "n40-seed3: 40 comparisons to label",
        "8 of them by two annotators (seed 3)",
        "keep it from the annotators",
        "subgroups by sex, age: there, drawn, of these twice",
        "oyer agree results/s --labels EXPORT.json",
        "were there already",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn what_cannot_be_exported_is_said() {
    let home = home();
    let said = |arguments: &[&str]| {
        let all = [&["export", "label-studio"], arguments].concat();
        home.oyer(&all).expect(2).stderr
    };
    home.write(
        "v.csv",
        "question,candidate,opponent,criterion,outcome\nq,a,b,overall,win\n",
    );
    for (arguments, words) in [
        (&["v.csv"][..], "a verdict table holds no answers"),
        (&["nowhere"], "is not there"),
        (&["results/s", "--by", "aeg"], "there is no dimension `aeg`"),
        (
            &["results/s", "--criterion", "overal"],
            "there is no criterion `overal`",
        ),
        (
            &["results/s", "--n", "3", "--by", "sex,age"],
            "too few for 6 subgroups",
        ),
        (
            &["results/s", "--annotators", "1", "--double", "0.5"],
            "by one annotator",
        ),
        (&["results/s", "--double", "1.5"], "a share from 0 to 1"),
        (&["results/s", "--name", "../x"], "is no name of a file"),
    ] {
        let said = said(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    home.oyer(&["import", "v.csv", "--results", "i"]).expect(0);
    let said = said(&["i"]);
    assert!(
        said.contains("do not hold the answers that were compared"),
        "{said}"
    );
    assert!(!home.path().join("i/labelling").exists());
    assert!(!home.path().join("results/s/labelling").exists());
}

/// What Label Studio exports of tasks that a person labelled so, in JSON and JSON-MIN.
/// `prefer` says who wins by item and criterion.
fn labelled(
    home: &Home,
    tasks: &[Value],
    person: &Value,
    prefer: impl Fn(&str, &str) -> &'static str,
) -> [String; 2] {
    let rows = key(home, KEY);
    let (mut full, mut min) = (Vec::new(), Vec::new());
    for (number, task) in tasks.iter().enumerate() {
        let id = task["data"]["oyer_task"].as_str().expect("an id");
        let mut results = Vec::new();
        let mut row = task["data"].as_object().expect("data").clone();
        for keyed in rows.iter().filter(|row| row["task"] == id) {
            let side = match (
                prefer(&keyed["item"], &keyed["criterion"]),
                keyed["left"].as_str(),
            ) {
                ("tie", _) => "tie",
                ("win", "candidate") | ("loss", "opponent") => "left",
                _ => "right",
            };
            let control = &keyed["control"];
            results.push(
                json!({"from_name": control, "to_name": "left", "type": "choices",
                "value": {"choices": [side]}}),
            );
            row.insert(control.clone(), json!(side));
        }
        row.extend([
            ("id".to_owned(), json!(number)),
            ("annotator".to_owned(), person.clone()),
            ("annotation_id".to_owned(), json!(number)),
            ("lead_time".to_owned(), json!(1.5)),
        ]);
        full.push(json!({"id": number, "data": task["data"], "annotations": [
            {"completed_by": person, "was_cancelled": false, "result": results}]}));
        min.push(Value::Object(row));
    }
    [Value::from(full).to_string(), Value::from(min).to_string()]
}

fn wins(item: &str, criterion: &str) -> &'static str {
    let sum: usize = item.bytes().chain(criterion.bytes()).map(usize::from).sum();
    ["win", "win", "loss", "tie"][sum % 4]
}

#[test]
fn labels_come_back_without_a_flag_and_judge_and_people_are_compared() {
    let home = home();
    exported(&home, &["--n", "40", "--seed", "3"]);
    for number in 1..=2 {
        let own = tasks(
            &home,
            &format!("results/s/labelling/n40-seed3/tasks-{number}.json"),
        );
        // Two installations, each with a user number 1.
        let [full, min] = labelled(&home, &own, &json!(1), wins);
        home.write(&format!("full-{number}.json"), full);
        home.write(&format!("min-{number}.json"), min);
    }
    let agree = |files: [&str; 2]| {
        let arguments = [
            "agree",
            "results/s",
            "--labels",
            files[0],
            "--labels",
            files[1],
        ];
        let all = [&arguments[..], &["--format", "json"]].concat();
        home.oyer(&all).expect(0).json()
    };
    let made = agree(["full-1.json", "full-2.json"]);
    assert_eq!(agree(["min-1.json", "min-2.json"]), made);
    // Two people who agree with each other on all that both labelled.
    let people = &made["people"][0];
    assert_eq!(people["pairs"][0]["n_units"], 8, "{people:#}");
    let raters: BTreeSet<&str> = made["raters"]
        .as_array()
        .expect("raters")
        .iter()
        .map(|rater| rater["rater"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        raters,
        BTreeSet::from(["annotator-1", "annotator-2", "main"])
    );
    let person = |name: &str| {
        let raters = made["raters"].as_array().expect("raters");
        raters
            .iter()
            .filter(|rater| rater["rater"] == name)
            .map(|rater| ["wins", "ties", "losses"].map(|n| rater[n].as_u64().expect("a count")))
            .fold(0, |all, counts| all + counts.iter().sum::<u64>())
    };
    assert_eq!(person("annotator-1") + person("annotator-2"), 48 * 3);
    // Every label is the preference, seen from the candidate's side.
    let import = [
        "import",
        "label-studio",
        "full-1.json",
        "full-2.json",
        "--key",
        KEY,
        "--results",
        "people",
    ];
    home.oyer(&import).expect(0);
    let text = home.read("people/labels.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rows = 0;
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.expect("a row");
        assert_eq!(
            row["outcome"],
            wins(&row["item"], &row["criterion"]),
            "{row:?}"
        );
        assert_eq!(
            (row["candidate"].as_str(), row["opponent"].as_str()),
            ("tuned", "base")
        );
        rows += 1;
    }
    assert_eq!(rows, 48 * 3);
    let all = [
        "agree",
        "results/s",
        "--labels",
        "people",
        "--format",
        "json",
    ];
    assert_eq!(home.oyer(&all).expect(0).json(), made);
    let report = home
        .oyer(&[
            "report",
            "results/s",
            "--labels",
            "full-1.json",
            "--labels",
            "min-2.json",
            "--format",
            "json",
        ])
        .expect(0)
        .json();
    assert_eq!(report["corrected"].as_array().expect("rates").len(), 3);
}

#[test]
fn without_its_key_a_task_is_not_read() {
    let home = home();
    exported(&home, &["--n", "40", "--seed", "3"]);
    let own = tasks(&home, "results/s/labelling/n40-seed3/tasks-1.json");
    let [full, min] = labelled(&home, &own, &json!({"id": 4, "email": "ann@x.org"}), wins);
    home.write("full.json", &full);
    home.write("min.json", min);
    for file in ["full.json", "min.json"] {
        let failed = home
            .oyer(&["import", file, "--results", "people"])
            .expect(2);
        for words in [file, "oyer_task", "record 1", "--key"] {
            assert!(failed.stderr.contains(words), "{words}: {}", failed.stderr);
        }
        assert!(!home.path().join("people").exists());
    }
    // The tasks themselves, not labelled yet.
    let failed = home
        .oyer(&[
            "agree",
            "results/s",
            "--labels",
            "results/s/labelling/n40-seed3/tasks-1.json",
        ])
        .expect(2);
    assert!(
        failed.stderr.contains("no annotation of any task"),
        "{}",
        failed.stderr
    );
    // Of a task of another export nothing is made, and it is counted.
    let mut values: Vec<Value> = serde_json::from_str(&full).expect("a list");
    values[0]["data"]["oyer_task"] = json!("0123");
    home.write("other.json", Value::from(values).to_string());
    let agreed = home
        .oyer(&["agree", "results/s", "--labels", "other.json"])
        .expect(0);
    assert!(
        agreed
            .stderr
            .contains("1 left out: a task that the key does not have"),
        "{}",
        agreed.stderr
    );
    assert!(agreed.stdout.contains("ann@x.org"), "{}", agreed.stdout);
    // A key that is none.
    home.write("no.key.csv", "a,b\n1,2\n");
    let failed = home
        .oyer(&[
            "import",
            "full.json",
            "--key",
            "no.key.csv",
            "--results",
            "people",
        ])
        .expect(2);
    assert!(
        failed.stderr.contains("no.key.csv") && failed.stderr.contains("no column `task`"),
        "{}",
        failed.stderr
    );
}

#[test]
fn an_import_whose_source_holds_the_answers_is_labelled_too() {
    let home = Home::new();
    let rows: Vec<Value> = (0..30)
        .map(|n| {
            json!({"instruction": format!("do {}", n / 2 * 2), "output_1": format!("old {n} <b>"),
                "output_2": format!("new {n}"), "generator_1": "gpt4_baseline", "generator_2": "my_model",
                "annotator": "judge", "preference": 1.0 + f64::from(n % 2)})
        })
        .collect();
    home.write("annotations.json", Value::from(rows).to_string());
    home.oyer(&["import", "annotations.json", "--results", "i"])
        .expect(0);
    let made = home
        .oyer(&[
            "export",
            "label-studio",
            "i",
            "--n",
            "50",
            "--format",
            "json",
        ])
        .expect(0)
        .json();
    assert_eq!(made["comparisons"], 30);
    assert!(
        made["notes"][0]
            .as_str()
            .expect("a note")
            .contains("all of them are labelled")
    );
    let text = home.read("i/labelling/n50-seed0/tasks-1.json");
    assert!(!text.contains("gpt4_baseline") && !text.contains("my_model") && !text.contains('<'));
    let mut keyed = BTreeMap::new();
    for row in key(&home, "i/labelling/n50-seed0.key.csv") {
        keyed.insert(row["task"].clone(), row);
    }
    for number in 1..=2 {
        for task in tasks(&home, &format!("i/labelling/n50-seed0/tasks-{number}.json")) {
            let data = &task["data"];
            let row = &keyed[data["oyer_task"].as_str().expect("an id")];
            let starts =
                |side: &str, word: &str| data[side].as_str().expect("text").starts_with(word);
            let [left, right] = if row["left"] == "candidate" {
                ["new", "old"]
            } else {
                ["old", "new"]
            };
            assert!(starts("left", left) && starts("right", right), "{data}");
            let number = |side: &str| -> String {
                let text = data[side].as_str().expect("text");
                text.chars().filter(char::is_ascii_digit).collect()
            };
            // Both answers are of one record, also where an instruction stands twice.
            assert_eq!(number("left"), number("right"));
        }
    }
}
