//! `oyer transfer`, from a run and from tables that anyone wrote.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::home::Home;

/// Ten personas, eight survey questions with an open-ended one each, and models whose
/// alignment depends on the persona.
fn home(compare: &str) -> Home {
    let home = Home::new();
    let mut personas = "id,sex,split\n".to_owned();
    let mut truth = "persona,question,value,code,share,n\n".to_owned();
    for p in 0..10 {
        let sex = ["F", "M"][p % 2];
        writeln!(personas, "g{p},{sex},{}", ["id", "ood"][p % 2]).unwrap();
        for q in 0..8 {
            let mode = 1 + (p + q) % 4;
            writeln!(truth, "g{p},Q{q},,{mode},0.6,50").unwrap();
            writeln!(truth, "g{p},open{q},Stance number {mode},{mode},0.6,50").unwrap();
        }
    }
    let mut survey = "id,topic,text,options\n".to_owned();
    let mut open = "id,topic,text,structured\n".to_owned();
    for q in 0..8 {
        let topic = ["family", "work"][q % 2];
        writeln!(
            survey,
            "Q{q},{topic},How important is matter {q}?,1 = Very | 2 = Rather | 3 = Little | 4 = Not"
        )
        .unwrap();
        writeln!(open, "open{q},{topic},What do you make of matter {q}?,Q{q}").unwrap();
    }
    home.write("personas.csv", personas);
    home.write("truth.csv", truth);
    home.write("survey.csv", survey);
    home.write("open.csv", open);
    home.write(
        "study.toml",
        format!(
            r#"name = "s"
seed = 7
[data]
personas = "personas.csv"
questions = "open.csv"
truth = "truth.csv"
[models]
base = {{ provider = "simulated", alignment = 0.3 }}
tuned = {{ provider = "simulated", alignment = 0.4, alignment_by = {{ "sex=F" = 0.95 }} }}
big = {{ provider = "simulated", alignment = 0.7 }}
[judges]
main = {{ provider = "simulated", skill = 0.9 }}
[compare]
pairs = {compare}
[judging]
judges = ["main"]
rubric = "stance"
[structured]
questions = "survey.csv"
"#
        ),
    );
    home
}

fn estimate(report: &Value, half: &str) -> f64 {
    report["gains"][0][half]["estimate"].as_f64().unwrap()
}

#[test]
fn a_run_and_its_own_tables_say_the_same() {
    let home = home(r#"[["tuned", "base"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    let report = home
        .oyer(&["transfer", "r", "--format", "json"])
        .expect(0)
        .json();
    assert!(estimate(&report, "structured") > 0.15, "{report}");
    assert!(estimate(&report, "open_ended") > 0.0, "{report}");
    assert!(report["notes"][0].as_str().unwrap().contains("simulated"));
    let units: Vec<&str> = report["transfers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|transfer| transfer["unit"].as_str().unwrap())
        .collect();
    assert_eq!(units, ["persona", "question", "topic"]);
    assert_eq!(report["transfers"][0]["n_units"], 10);
    assert_eq!(report["transfers"][1]["n_units"], 8);
    assert!(report["transfers"][1]["pearson"].is_object());
    assert!(
        report["transfers"][2]["refused"]
            .as_str()
            .unwrap()
            .starts_with("2 topics have")
    );

    for (command, file) in [("answers", "a.csv"), ("verdicts", "v.csv")] {
        let said = home.oyer(&[command, "r"]).expect(0).stdout;
        home.write(file, said);
    }
    let tables = ["transfer", "--answers", "a.csv", "--verdicts", "v.csv"];
    let more = ["--questions", "open.csv", "--format", "json"];
    let from_tables = home.oyer(&[&tables[..], &more].concat()).expect(0).json();
    assert_eq!(from_tables["gains"], report["gains"]);
    assert_eq!(from_tables["transfers"], report["transfers"]);
    // Without the links personas and topics still stand.
    let unlinked = home
        .oyer(&[&tables[..], &["--format", "json"]].concat())
        .expect(0)
        .json();
    assert_eq!(unlinked["transfers"][1]["n_units"], 0);
    assert_eq!(unlinked["gains"], report["gains"]);

    let text = home.oyer(&["transfer", "r"]).expect(0).stdout;
    assert!(
        text.contains("points gained in structured accuracy"),
        "{text}"
    );
    let markdown = home
        .oyer(&["transfer", "r", "--format", "md", "--metric", "nmae"])
        .expect(0);
    assert!(
        markdown.stdout.contains("points gained in 1 - NMAE"),
        "{}",
        markdown.stdout
    );
    let csv = home
        .oyer(&["transfer", "r", "--format", "csv"])
        .expect(0)
        .stdout;
    assert!(csv.starts_with("pair,reference,judge,"), "{csv}");
    let ood = home
        .oyer(&["transfer", "r", "--split", "ood", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(ood["gains"][0]["structured"]["items"], 40);
}

#[test]
fn the_design_with_a_reference_is_asked_for_and_the_rest_is_said() {
    let home = home(r#"[["base", "big"], ["tuned", "big"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    let said = home.oyer(&["transfer", "r"]).expect(2).stderr;
    assert!(said.contains("--reference big --pair TUNED=BASE"), "{said}");
    let report = home
        .oyer(&["transfer", "r", "--pair", "tuned=base", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(report["gains"][0]["contrast"]["reference"], "big");
    assert!(estimate(&report, "structured") > 0.15, "{report}");
    let wrong = home
        .oyer(&["transfer", "r", "--pair", "tuned=nobody"])
        .expect(2)
        .stderr;
    assert!(
        wrong.contains("tuned and nobody neither met each other"),
        "{wrong}"
    );
    let wrong = home.oyer(&["transfer", "study.toml"]).expect(2).stderr;
    assert!(wrong.contains("is no results folder"), "{wrong}");
    home.write("links.csv", "question,survey\nopen1,Q1\n");
    let wrong = home
        .oyer(&["transfer", "r", "--questions", "links.csv"])
        .expect(2)
        .stderr;
    assert!(wrong.contains("`structured`"), "{wrong}");
}

#[test]
fn the_tables_of_the_paper_come_from_a_run_and_from_tables() {
    let home = home(r#"[["base", "big"], ["tuned", "big"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    let paper = ["report", "r", "--layout", "paper", "--pair", "tuned=base"];
    let json = home
        .oyer(&[&paper[..], &["--format", "json"]].concat())
        .expect(0)
        .json();
    let splits: Vec<&str> = json["splits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|split| split["split"].as_str().unwrap())
        .collect();
    assert_eq!(splits, ["id", "ood"]);
    let table = &json["splits"][1]["tables"][0];
    assert_eq!(table["rows"][0]["model"], "tuned");
    // The same number as the scores have.
    let scores = home
        .oyer(&["survey", "score", "r", "--split", "ood", "--format", "json"])
        .expect(0)
        .json();
    let mut tuned = scores["models"].as_array().unwrap().iter();
    let tuned = tuned.find(|row| row["model"] == "tuned").unwrap();
    assert_eq!(
        table["rows"][0]["accuracy"]["tuned"],
        tuned["metrics"]["accuracy"]["estimate"]
    );
    assert_eq!(table["others"][0]["model"], "big");
    assert_eq!(table["others"][0]["win_rate"]["base"], 0.5);
    let fairness = &json["splits"][1]["fairness"]["rows"][0];
    assert_eq!(fairness["personas"], 5);

    let ood = home
        .oyer(&[&paper[..], &["--split", "ood", "--format", "md"]].concat())
        .expect(0);
    assert!(
        ood.stdout.contains("Table A (ood)") && !ood.stdout.contains("(id)"),
        "{}",
        ood.stdout
    );
    for (command, file) in [("answers", "a.csv"), ("verdicts", "v.csv")] {
        let said = home.oyer(&[command, "r"]).expect(0).stdout;
        home.write(file, said);
    }
    let tables = [
        "report",
        "v.csv",
        "--layout",
        "paper",
        "--answers",
        "a.csv",
        "--reference",
        "big",
    ];
    let from_tables = home
        .oyer(&[&tables[..], &["--format", "json"]].concat())
        .expect(0)
        .json();
    assert_eq!(from_tables["splits"], json["splits"]);
    let csv = home
        .oyer(&[&tables[..], &["--format", "csv"]].concat())
        .expect(0)
        .stdout;
    assert!(
        csv.contains("\nood,B,tuned,base,,,,accuracy_norm_range,"),
        "{csv}"
    );

    let wrong = home
        .oyer(&["report", "v.csv", "--layout", "paper"])
        .expect(2)
        .stderr;
    assert!(wrong.contains("give --answers TABLE"), "{wrong}");
    let wrong = home
        .oyer(&["report", "r", "--split", "ood"])
        .expect(2)
        .stderr;
    assert!(wrong.contains("--layout paper"), "{wrong}");
}

#[test]
fn a_gain_under_the_coverage_floor_is_withheld() {
    let home = home(r#"[["tuned", "base"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    // Every answer of the tuned model has failed.
    let table = home.oyer(&["answers", "r"]).expect(0).stdout;
    let failed = |line: &str| match line.split_once(",tuned,1,") {
        Some((before, after)) => {
            let (_, after) = after.split_once(',').unwrap();
            let (_, after) = after.split_once(',').unwrap();
            format!(
                "{before},tuned,1,,,failed{}\n",
                &after[after.find(',').unwrap()..]
            )
        }
        None => format!("{line}\n"),
    };
    home.write("a.csv", table.lines().map(failed).collect::<String>());
    let tables = ["--answers", "a.csv", "--verdicts", "r"];
    let ran = home.oyer(&[&["transfer"][..], &tables].concat()).expect(3);
    assert!(
        ran.stdout.contains("withheld, since of ") && ran.stdout.contains("--coverage-floor"),
        "{}",
        ran.stdout
    );
    let paper = home
        .oyer(&[
            "report",
            "r",
            "--layout",
            "paper",
            "--answers",
            "a.csv",
            "--split",
            "ood",
        ])
        .expect(3);
    assert!(
        paper.stdout.contains("are withheld, since under"),
        "{}",
        paper.stdout
    );
}

#[test]
fn what_is_asked_about_a_held_out_question_is_held_out_in_every_table_and_report() {
    let home = home(r#"[["tuned", "base"]]"#);
    let survey = home.read("survey.csv");
    let with_split = survey.lines().enumerate().map(|(line, row)| match line {
        0 => format!("{row},split\n"),
        1..=4 => format!("{row},id\n"),
        _ => format!("{row},ood\n"),
    });
    home.write("survey.csv", with_split.collect::<String>());
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    let verdicts = home.oyer(&["verdicts", "r"]).expect(0).stdout;
    let answers = home.oyer(&["answers", "r"]).expect(0).stdout;
    home.write("v.csv", &verdicts);
    home.write("a.csv", answers);
    let mut seen = [0, 0];
    for row in verdicts.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |cell: &str| cell[cell.len() - 1..].parse::<usize>().unwrap();
        let is_held_out = number(cells[1]) % 2 == 1 || number(cells[2]) > 3;
        assert_eq!(cells[4], ["id", "ood"][usize::from(is_held_out)], "{row}");
        seen[usize::from(is_held_out)] += 1;
    }
    assert_eq!(3 * seen[0], seen[1]);
    for of in ["r", "v.csv"] {
        let report = ["report", of, "--by", "split", "--format", "csv"];
        let report = home.oyer(&report).expect(0).stdout;
        // 60 of 80 items, in both orders.
        assert!(report.contains(",split,ood,120,"), "{report}");
    }
    let paper = |of: &[&str]| {
        let more = ["--layout", "paper", "--split", "ood", "--format", "csv"];
        let made = home.oyer(&[&["report"], of, &more].concat());
        made.expect(0).stdout
    };
    assert_eq!(paper(&["v.csv", "--answers", "a.csv"]), paper(&["r"]));
}

#[test]
fn items_that_were_not_begun_are_no_missing_ones() {
    let home = home(r#"[["tuned", "base"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r", "--limit", "20"])
        .expect(3);
    let told: Value = serde_json::from_str(&home.read("r/scores.json")).unwrap();
    let first = told["notes"][0].as_str().unwrap();
    assert!(
        first.starts_with("not everything planned was run: "),
        "{told}"
    );
    for command in [
        &["transfer", "r", "--min-items", "2"][..],
        &["survey", "score", "r"],
        &["survey", "fairness", "r", "--min-items", "2"],
        &["report", "r", "--layout", "paper"],
    ] {
        let said = home.oyer(command).expect(3).stdout;
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("not everything planned was run: "), "{said}");
        assert!(
            said.contains(" structured answers were not asked for; "),
            "{said}"
        );
        assert!(!said.contains("--coverage-floor"), "{said}");
        // A CSV has no notes.
        let csv = home.oyer(&[command, &["--format", "csv"]].concat());
        let csv = csv.expect(3).stderr;
        let told = "the report is not complete: not everything planned was run: ";
        assert!(csv.starts_with(told), "{csv}");
    }
    for (command, what) in [("answers", "structured answers"), ("verdicts", "verdicts")] {
        let said = home.oyer(&[command, "r"]).expect(0).stderr;
        let told = format!(" {what} were not asked for; it holds the items begun");
        assert!(
            said.starts_with("the table is not complete: ") && said.contains(&told),
            "{said}"
        );
    }
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    for command in ["answers", "verdicts", "transfer"] {
        assert_eq!(home.oyer(&[command, "r"]).expect(0).stderr, "");
    }
    let said = home.oyer(&["transfer", "r"]).expect(0).stdout;
    assert!(!said.contains("not everything"), "{said}");
}

#[test]
fn what_was_not_begun_is_counted_within_the_split_asked_for() {
    let home = home(r#"[["tuned", "base"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r", "--limit", "60"])
        .expect(3);
    for command in [
        &["transfer", "r", "--min-items", "2"][..],
        &["report", "r", "--layout", "paper"],
    ] {
        // Of structured answers and of verdicts: items not begun, items, what was not asked.
        let told = |split: &[&str]| {
            let command = [command, &["--format", "json"], split].concat();
            let made = home.oyer(&command).expect(3).json();
            let notes = made["notes"].as_array().unwrap().iter();
            let notes = notes.filter_map(Value::as_str);
            let told: Vec<[u64; 3]> = notes.filter_map(numbers_not_begun).collect();
            assert_eq!(told.len(), 2, "{made}");
            told
        };
        let all = told(&[]);
        let [id, ood] = ["id", "ood"].map(|split| told(&["--split", split]));
        for half in 0..2 {
            assert_eq!([id[half][1], ood[half][1]], [40, 40]);
            for number in 0..3 {
                assert_eq!(id[half][number] + ood[half][number], all[half][number]);
            }
        }
    }
}

/// The numbers of a note on what was not begun.
fn numbers_not_begun(note: &str) -> Option<[u64; 3]> {
    let told = note.strip_prefix("not everything planned was run: ")?;
    let words = told.split(|c: char| !c.is_ascii_digit());
    let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
    numbers.try_into().ok()
}

#[test]
fn splits_of_survey_questions_alone_are_those_of_both_halves() {
    let home = home(r#"[["tuned", "base"]]"#);
    let without = |text: String| {
        let rows = text.lines().map(|row| row.rsplit_once(',').unwrap().0);
        rows.collect::<Vec<_>>().join("\n")
    };
    home.write("personas.csv", without(home.read("personas.csv")));
    let survey = home.read("survey.csv");
    let rows = survey.lines().enumerate().map(|(at, row)| {
        let split = ["split", "id", "id", "id", "id", "id", "ood", "ood", "ood"][at];
        format!("{row},{split}\n")
    });
    home.write("survey.csv", rows.collect::<String>());
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    let made = home
        .oyer(&["report", "r", "--layout", "paper", "--format", "json"])
        .expect(0)
        .json();
    let items = home
        .oyer(&["transfer", "r", "--split", "id", "--format", "json"])
        .expect(0)
        .json();
    let gains = &items["gains"][0];
    assert_eq!(gains["structured"]["items"], 50);
    assert_eq!(gains["open_ended"]["items"], 50);
    for split in 0..2 {
        let row = &made["splits"][split]["tables"][0]["rows"][0];
        assert!(row["win_rate"]["tuned"].is_number(), "{row}");
    }
}

#[test]
fn a_pair_that_is_named_twice_is_one_row() {
    let home = home(r#"[["tuned", "base"]]"#);
    home.oyer(&["run", "study.toml", "--results", "r"])
        .expect(0);
    let pair = ["--pair", "tuned=base"];
    for command in [
        &["transfer", "r"][..],
        &["report", "r", "--layout", "paper"],
    ] {
        let once = home.oyer(&[command, &pair].concat()).expect(0).stdout;
        let twice = home
            .oyer(&[command, &pair, &pair].concat())
            .expect(0)
            .stdout;
        assert_eq!(once, twice);
    }
}
