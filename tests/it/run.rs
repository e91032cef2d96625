//! A study from its file to its report, on simulated models.

use crate::support::home::Home;
use crate::support::study::{self, StudyFiles};

fn home(study: &StudyFiles) -> Home {
    let home = Home::new();
    study.write(&home);
    home
}

#[test]
fn a_study_runs_to_a_report_and_leaves_its_files() {
    let home = home(&study::simulated(4, 6));
    let ran = home
        .oyer(&["run", "study.toml", "--format", "json"])
        .expect(0);
    let report = ran.json();
    let comparisons = report["comparisons"].as_array().unwrap();
    assert_eq!(comparisons.len(), 3);
    for comparison in comparisons {
        assert_eq!(comparison["n_items"], 24);
        assert_eq!(comparison["n_judgments"], 48);
    }
    assert_eq!(home.read("results/s/report.json").trim(), ran.stdout.trim());
    for file in ["run.sqlite", "verdicts.csv", "manifest.json"] {
        assert!(home.path().join("results/s").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_finished_study_is_reported_again_without_a_call_and_to_the_same_bytes() {
    let home = home(&study::simulated(4, 6));
    home.oyer(&["run", "study.toml"]).expect(0);
    let (report, verdicts) = (
        home.read("results/s/report.json"),
        home.read("results/s/verdicts.csv"),
    );
    let again = home
        .oyer(&["run", "study.toml", "--max-calls", "0"])
        .expect(0);
    assert!(
        again.stderr.contains("stored replies used"),
        "{}",
        again.stderr
    );
    assert_eq!(report, home.read("results/s/report.json"));
    assert_eq!(verdicts, home.read("results/s/verdicts.csv"));
    let made = home
        .oyer(&["report", "results/s", "--format", "json"])
        .expect(0);
    assert_eq!(report.trim(), made.stdout.trim());
    assert_eq!(
        verdicts,
        home.oyer(&["verdicts", "results/s"]).expect(0).stdout
    );
}

#[test]
fn a_run_cut_into_pieces_ends_as_one_that_was_not() {
    let whole = home(&study::simulated(3, 4));
    whole.oyer(&["run", "study.toml"]).expect(0);
    let pieces = home(&study::simulated(3, 4));
    let mut runs = 0;
    while pieces.oyer(&["run", "study.toml", "--max-calls", "7"]).code == Some(3) {
        runs += 1;
        assert!(runs < 20, "no end in sight");
    }
    // 12 items of 2 responses and 2 judgments.
    assert_eq!(runs, 48 / 7);
    for file in ["report.json", "verdicts.csv"] {
        let file = format!("results/s/{file}");
        assert_eq!(whole.read(&file), pieces.read(&file));
    }
}

#[test]
fn a_limited_run_takes_whole_items_of_the_studys_order_and_says_what_is_left() {
    let home = home(&study::simulated(3, 4));
    let ran = home
        .oyer(&["run", "study.toml", "--limit", "5", "--format", "json"])
        .expect(3);
    assert!(
        ran.stderr.contains("left out by --limit: 7 items;"),
        "{}",
        ran.stderr
    );
    let report = ran.json();
    assert_eq!(report["coverage"]["begun_items"], 5);
    assert_eq!(report["comparisons"][0]["n_items"], 5);
    assert_eq!(report["comparisons"][0]["missing"]["not_run"], 14);
    // Items that were not begun have no rows: 5 of 2 judgments on 3 criteria.
    let verdicts = home.read("results/s/verdicts.csv");
    assert_eq!(verdicts.lines().count(), 1 + 30);
    assert_eq!(
        verdicts,
        home.oyer(&["verdicts", "results/s"]).expect(0).stdout
    );
}

/// What a table of verdicts cannot know of the run that made it.
fn of_the_table(mut report: serde_json::Value) -> serde_json::Value {
    let fields = report.as_object_mut().unwrap();
    for unknown in ["study", "seed", "cost", "coverage", "models", "notes"] {
        fields.remove(unknown);
    }
    for part in ["comparisons", "groups", "differences"] {
        for entry in fields[part].as_array_mut().unwrap() {
            // What was not begun has no rows.
            entry["n_judgments"] = 0.into();
            entry["missing"]["not_run"] = 0.into();
            entry["items"]["planned"] = 0.into();
            for order in ["candidate_first", "opponent_first"] {
                entry["order"][order]["missing"]["not_run"] = 0.into();
            }
        }
    }
    without_seeds(&mut report);
    report
}

/// A table does not have the study's seed.
fn without_seeds(value: &mut serde_json::Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove("seed");
        fields.values_mut().for_each(without_seeds);
    }
    if let Some(entries) = value.as_array_mut() {
        entries.iter_mut().for_each(without_seeds);
    }
}

#[test]
fn the_report_of_the_exported_table_is_that_of_the_run() {
    let mut study = study::simulated(4, 6);
    study.entries = study
        .entries
        .replace("tie_rate = 0.1", "tie_rate = 0.1\nmalformed_rate = 0.3");
    let home = home(&study);
    for limit in ["7", "24"] {
        let own = home.oyer(&["run", "study.toml", "--limit", limit, "--format", "json"]);
        let table = ["report", "results/s/verdicts.csv", "--format", "json"];
        let own = of_the_table(own.json());
        let again = of_the_table(home.oyer(&table).json());
        assert!(own["comparisons"][0]["n_items"].as_u64() > Some(0));
        for part in own.as_object().unwrap().keys() {
            assert_eq!(own[part], again[part], "--limit {limit}: {part}");
        }
    }
}

#[test]
fn check_and_prompt_need_no_results_and_leave_none() {
    let home = home(&study::simulated(3, 4));
    let check = home.oyer(&["check", "study.toml"]).expect(0);
    assert!(
        check
            .stdout
            .contains("24 calls planned, 0 stored, 24 to ask"),
        "{}",
        check.stdout
    );
    let prompt = home.oyer(&["prompt", "study.toml", "p1/q2"]).expect(0);
    assert!(
        prompt.stdout.contains("How do you see matter number 2"),
        "{}",
        prompt.stdout
    );
    assert!(!home.path().join("results").exists());
    let unknown = home.oyer(&["prompt", "study.toml", "p1/q9"]).expect(2);
    assert!(
        unknown.stderr.contains("the nearest is p1/q"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn show_gives_both_answers_and_every_judgment() {
    let home = home(&study::simulated(2, 2));
    home.oyer(&["run", "study.toml"]).expect(0);
    let shown = home.oyer(&["show", "results/s", "p1/q1"]).expect(0).stdout;
    assert!(shown.contains("[models.base] sample 1"), "{shown}");
    assert!(shown.contains("[models.tuned] sample 1"), "{shown}");
    assert_eq!(
        shown.matches("[judges.main] tuned against base").count(),
        2,
        "{shown}"
    );
    assert!(shown.contains("overall_winner: "), "{shown}");
}

#[test]
fn the_starter_study_runs_as_it_is_written() {
    let home = Home::new();
    home.oyer(&["init", "new"]).expect(0);
    home.oyer(&["run", "new/study.toml"]).expect(0);
    let again = home.oyer(&["init", "new"]).expect(2);
    assert!(again.stderr.contains("already there"), "{}", again.stderr);
}

#[test]
fn answers_that_were_made_elsewhere_are_judged() {
    let mut study = study::simulated(2, 3);
    study.entries = r#"
        [models.base]
        provider = "file"
        path = "base.csv"
        [models.tuned]
        provider = "file"
        path = "tuned.csv"
        [judges.main]
        provider = "simulated"
    "#
    .to_owned();
    let home = home(&study);
    for model in ["base", "tuned"] {
        let header = "persona,question,text\n".to_owned();
        let items = (0..2).flat_map(|persona| (0..3).map(move |question| (persona, question)));
        let answers = items.fold(header, |table, (p, q)| {
            table + &format!("p{p},q{q},{model} says {p} of {q}.\n")
        });
        home.write(&format!("{model}.csv"), answers);
    }
    let report = home
        .oyer(&["run", "study.toml", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(report["comparisons"][0]["n_items"], 6);
    assert_eq!(report["comparisons"][0]["n_judgments"], 12);
}

#[test]
fn an_answer_that_its_file_lacks_is_told_as_such() {
    let mut study = study::simulated(1, 3);
    study.entries = study.entries.replacen(
        "provider = \"simulated\"\n            alignment = 0.4\n            adherence = 0.5",
        "provider = \"file\"\n            path = \"base.csv\"",
        1,
    );
    let home = home(&study);
    home.write("base.csv", "persona,question,text\np0,q0,So.\np0,q2,No.\n");
    let ran = home.oyer(&["run", "study.toml"]);
    assert!(
        ran.stdout.contains("2 of 3, 1 with no answer in its file"),
        "{}",
        ran.stdout
    );
    let report: serde_json::Value =
        serde_json::from_str(&home.read("results/s/report.json")).unwrap();
    let answers = &report["models"][0]["answers"];
    assert_eq!(
        (&answers["not_in_file"], &answers["failed"]),
        (&1.into(), &0.into())
    );
    assert_eq!(report["comparisons"][0]["missing"]["failed"], 2);
    let shown = home.oyer(&["show", "results/s", "p0/q1"]).expect(0).stdout;
    assert!(
        shown.contains("[models.base] sample 1 (missing: no answer in its file)"),
        "{shown}"
    );
}

#[test]
fn what_is_counted_is_told_with_its_noun_and_thousands_apart() {
    let home = home(&study::simulated(1, 1));
    home.write("r.jsonl", "{\"id\": \"a\", \"reply\": \"A\"}\nnone\n");
    let parse = ["parse", "r.jsonl", "--rubric", "persona-value"];
    let said = home.oyer(&parse).expect(2).stderr;
    let expected = "1 of 2 lines is no reply; the others were read";
    assert!(said.contains(expected), "{said}");
    home.oyer(&["run", "study.toml"]).expect(0);
    let shown = home.oyer(&["show", "results/s", "p0/q0"]).expect(0).stdout;
    // A judge's prompt has a thousand tokens and some.
    assert!(shown.contains("reply (whole, 1,"), "{shown}");
}

#[test]
fn a_run_writes_over_nothing_that_is_not_of_a_run() {
    let home = home(&study::simulated(2, 2));
    home.write(
        "v.csv",
        "question,candidate,opponent,criterion,outcome\nq,a,b,c,win\n",
    );
    let import = ["import", "csv", "v.csv", "--results", "imported"];
    home.oyer(&import).expect(0);
    for (file, folder, what) in [
        ("verdicts.csv", "imported", "an import"),
        ("import.json", "imported", "an import"),
        (
            "verdicts.csv",
            "mine",
            "a verdicts.csv that is not of a run",
        ),
        ("scores.json", "notes", "a scores.json that is not of a run"),
    ] {
        let file = format!("{folder}/{file}");
        if folder != "imported" {
            home.write(&file, "mine");
        }
        let before = home.read(&file);
        let expected =
            format!("{folder} is there already, and holds {what}; choose another folder");
        for command in ["check", "run"] {
            let command = [command, "study.toml", "--results", folder];
            let said = home.oyer(&command).expect(2).stderr;
            assert!(said.contains(&expected), "{said}");
        }
        assert_eq!(home.read(&file), before);
        assert!(!home.path().join(folder).join("run.sqlite").exists());
    }
    for (folder, file) in [("v.csv", "v.csv"), ("v.csv/within", "v.csv")] {
        for command in ["check", "run"] {
            let command = [command, "study.toml", "--results", folder];
            let said = home.oyer(&command).expect(2).stderr;
            let expected = format!("{file} is there already, and is no folder; choose another");
            assert!(said.contains(&expected), "{said}");
        }
    }
    // What is of a run is written again, and other files are no hindrance.
    home.write("free/notes.txt", "mine");
    for _ in 0..2 {
        let run = ["run", "study.toml", "--results", "free"];
        home.oyer(&run).expect(0);
    }
    // Without its store nothing tells the rest for that of a run; all is told at once.
    std::fs::remove_file(home.path().join("free/run.sqlite")).unwrap();
    for command in ["check", "run"] {
        let command = [command, "study.toml", "--results", "free"];
        let said = home.oyer(&command).expect(2).stderr;
        let expected = "free is there already, and holds verdicts.csv, report.json and \
             manifest.json, but not the run.sqlite that a run would have made them of; choose";
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_is_shown_says_that_it_is_simulated_and_a_table_is_no_folder() {
    let home = home(&study::simulated(2, 2));
    home.oyer(&["run", "study.toml"]).expect(0);
    let shown = home.oyer(&["show", "results/s", "p0/q0"]).expect(0).stdout;
    let judged = shown.lines().filter(|line| line.starts_with("=== [judges"));
    let judged: Vec<_> = judged.collect();
    assert_eq!(judged.len(), 2);
    for line in judged {
        assert!(line.ends_with("shown first (simulated)"), "{line}");
    }
    let table = "results/s/verdicts.csv";
    let commands = [
        &["show", table, "p0/q0"][..],
        &["verdicts", table],
        &["answers", table],
    ];
    for command in commands {
        let said = home.oyer(command).expect(2).stderr;
        assert!(said.contains("takes a results folder"), "{said}");
        assert!(said.trim_end().ends_with("name results/s"), "{said}");
    }
}
