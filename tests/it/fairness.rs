//! `oyer survey fairness`, from an answers table and from a run.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::home::Home;

/// Eight personas, sixty questions: `base` is right more often for men, `tuned` for both
/// alike, and for everybody more often.
fn answers() -> String {
    let mut text = "persona,question,split,model,option,truth,scale,group.sex\n".to_owned();
    for (model, rates) in [("base", [35, 65]), ("tuned", [80, 80])] {
        for p in 0..8 {
            for q in 0..60 {
                let mixed = (q * 37 + p * 53 + rates[0] * 29) % 100;
                let option = if mixed < rates[p % 2] {
                    2
                } else {
                    1 + 2 * (q % 2)
                };
                let sex = ["Female", "Male"][p % 2];
                let split = ["id", "ood"][p / 4];
                writeln!(text, "p{p},q{q},{split},{model},{option},2,1|2|3,{sex}").unwrap();
            }
        }
    }
    text
}

fn named<'v>(report: &'v Value, list: &str, wanted: &[(&str, &str)]) -> &'v Value {
    let rows = report[list].as_array().unwrap();
    let is = |row: &&Value| wanted.iter().all(|(key, value)| row[key] == *value);
    rows.iter().find(is).unwrap()
}

#[test]
fn fairness_says_what_tuning_changed_and_for_whom() {
    let home = Home::new();
    home.write("answers.csv", answers());
    let arguments = ["survey", "fairness", "answers.csv", "--draws", "400"];
    let with = |more: &[&str]| {
        let all: Vec<&str> = arguments.iter().chain(more).copied().collect();
        home.oyer(&all)
    };
    let report = with(&["--format", "json"]).expect(0).json();
    assert_eq!(report["settings"]["sigma"], "population");
    let of = [
        ("split", "ood"),
        ("breakdown", "group.sex"),
        ("metric", "accuracy"),
    ];
    let change = named(&report, "changes", &of);
    assert_eq!(
        (&change["candidate"], &change["base"]),
        (&"tuned".into(), &"base".into())
    );
    assert!(change["measures"]["range"]["change"].as_f64().unwrap() < -0.1);
    let direction = change["direction"].as_str().unwrap();
    assert!(
        direction.starts_with("base: better for Male, worse for Female; tuned: no level"),
        "{direction}"
    );
    let text = with(&[]).expect(0).stdout;
    for expected in ["Split ood", "Norm. Range", "For whom", "What changed"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let sample = with(&["--sigma", "sample", "--format", "csv"])
        .expect(0)
        .stdout;
    assert!(sample.starts_with("model,base,split,breakdown,metric,level,measure,"));
    assert!(sample.contains("\ntuned,base,ood,group.sex,nmae,,deviation,"));
    let markdown = with(&["--format", "md"]).expect(0).stdout;
    assert!(markdown.contains("| tuned - base | sex |"));
    let few = with(&["--min-items", "61", "--format", "md"])
        .expect(0)
        .stdout;
    assert!(few.contains("are not compared"), "{few}");
    let wrong = with(&["--split", "test"]).expect(2).stderr;
    assert!(wrong.contains("no item is of the split `test`"), "{wrong}");
    let wrong = with(&["--min-items", "1"]).expect(2).stderr;
    assert!(wrong.contains("min-items"), "{wrong}");
    let swapped = with(&["--pair", "base=tuned", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(swapped["changes"][0]["candidate"], "base");
}

#[test]
fn fairness_has_the_same_bytes_for_1_2_and_7_threads() {
    let home = Home::new();
    home.write("answers.csv", answers());
    let arguments = [
        "survey",
        "fairness",
        "answers.csv",
        "--draws",
        "200",
        "--format",
        "json",
    ];
    let made: Vec<String> = ["1", "2", "7"]
        .iter()
        .map(|threads| {
            home.oyer_with(&arguments, &[("RAYON_NUM_THREADS", *threads)])
                .expect(0)
                .stdout
        })
        .collect();
    assert!(made[0] == made[1] && made[0] == made[2]);
}

#[test]
fn what_is_under_the_coverage_floor_is_withheld() {
    let home = Home::new();
    // Of base the answers of p0 and p1 failed to a sixth of the questions: of both splits
    // the first is under the floor, and in it p0 and p1 by themselves.
    let failed = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let question = cells[1][1..].parse::<usize>().is_ok_and(|q| q < 10);
        cells[3] == "base" && ["p0", "p1"].contains(&cells[0]) && question
    };
    let lacking: Vec<String> = answers()
        .lines()
        .enumerate()
        .map(|(at, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            let (head, tail) = (cells[..4].join(","), cells[5..].join(","));
            match at {
                0 => format!("{head},option,missing_reason,{tail}"),
                _ if failed(line) => format!("{head},,failed,{tail}"),
                _ => format!("{head},{},,{tail}", cells[4]),
            }
        })
        .collect();
    home.write("answers.csv", lacking.join("\n"));
    let with = |more: &[&str]| {
        let arguments = ["survey", "fairness", "answers.csv", "--draws", "200"];
        let all: Vec<&str> = arguments.iter().chain(more).copied().collect();
        home.oyer(&all)
    };
    let report = with(&["--format", "json"]).expect(3).json();
    let of = |split: Value, model: &str| {
        let rows = report["disparities"].as_array().unwrap().iter();
        rows.filter(|row| row["split"] == split && row["model"] == model)
            .cloned()
            .collect::<Vec<Value>>()
    };
    for row in of("id".into(), "base") {
        assert_eq!(
            row["withheld"],
            "220 of 240 planned answers are there (91.7%), under the floor of 95.0% (--coverage-floor)"
        );
        assert!(row["measures"].is_null() && row["levels"] == serde_json::json!([]));
    }
    assert!(
        of("id".into(), "tuned")
            .iter()
            .all(|row| row["withheld"].is_null())
    );
    // Over all items enough is there, but not of these two.
    for row in of(Value::Null, "base") {
        if row["breakdown"] == "persona" {
            assert_eq!(row["left_out"], serde_json::json!(["p0", "p1"]));
            assert_eq!(row["groups"], 6);
        }
    }
    let changes = report["changes"].as_array().unwrap();
    let change = changes.iter().find(|row| row["split"] == "id").unwrap();
    assert_eq!(change["withheld"], "the scores of base are withheld");
    let text = with(&[]).expect(3).stdout;
    assert!(
        text.contains("Withheld for base: 220 of 240 planned answers are there (91.7%)"),
        "{text}"
    );
    let note = "base, persona: left out, as under 95.0% of their planned answers are there (--coverage-floor): p0 (50 of 60), p1 (50 of 60)";
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(note), "{text}");
    let csv = with(&["--format", "csv"]).expect(3).stdout;
    assert!(
        csv.contains("\nbase,,id,persona,accuracy,,withheld,,"),
        "{csv}"
    );
    with(&["--coverage-floor", "0.5"]).expect(0);
    // Groups are all there are of them: whether personas are a sample is no question here.
    for flag in [["--personas", "sampled"], ["--cluster", "persona"]] {
        let refused = with(&flag).expect(2).stderr;
        assert!(refused.contains("unexpected argument"), "{refused}");
    }
}
