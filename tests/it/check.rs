//! What `oyer check` says of a study before anything is paid.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::fault_server::{FaultServer, Settings};
use crate::support::home::Home;
use crate::support::{replies, study};

#[test]
fn every_problem_of_a_study_is_in_one_document() {
    let home = Home::new();
    study::simulated(2, 2).write(&home);
    let mut truth = "persona,question,value\n".to_owned();
    for n in 0..120 {
        // Writing to a string cannot fail.
        let _ = writeln!(truth, "p0,nobody-asks-{n},x");
    }
    home.write("truth.csv", truth);
    let ran = home
        .oyer(&["check", "study.toml", "--format", "json"])
        .expect(2);
    let told = ran.json();
    let problems = told["problems"].as_array().unwrap();
    let unknown = problems.iter().filter(|problem| {
        problem["severity"] == "error" && problem["field"] == "question" && problem["line"] != 0
    });
    assert_eq!(unknown.count(), 120);
    let rest = "`oyer check STUDY --format json` tells all of them";
    assert!(ran.stderr.contains(rest), "{}", ran.stderr);
}

#[test]
fn probes_are_in_the_document_of_the_forecast() {
    let home = Home::new();
    study::simulated(2, 2).write(&home);
    let told = home
        .oyer(&["check", "study.toml", "--probe", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(told["items"], 4);
    let probes = told["probes"].as_array().unwrap();
    assert_eq!(probes.len(), 3);
    assert_eq!(probes[0]["endpoint"], "[models.base] simulated");
    let plain = home.oyer(&["check", "study.toml", "--format", "json"]);
    assert_eq!(plain.expect(0).json().get("probes"), None);
}

#[test]
fn an_endpoint_that_cannot_be_probed_is_told_of_in_the_document() {
    let server = FaultServer::start(Settings {
        key: Some("another".to_owned()),
        ..Settings::default()
    });
    let home = Home::new();
    study::served(1, 1, &server.url(), "").write(&home);
    let told = home
        .oyer(&["check", "study.toml", "--probe", "--format", "json"])
        .expect(4)
        .json();
    let probes = told["probes"].as_array().unwrap();
    assert!(
        probes.iter().all(|probe| probe["error"].is_string()),
        "{told}"
    );
}

#[test]
fn simulated_models_cost_nothing_and_what_has_no_price_is_unknown() {
    let home = Home::new();
    study::simulated(2, 2).write(&home);
    let said = home.oyer(&["check", "study.toml"]).expect(0).stdout;
    assert!(said.contains("cost       nothing\n"), "{said}");
    study::served(2, 2, "http://127.0.0.1:1/v1", "").write(&home);
    let said = home.oyer(&["check", "study.toml"]).expect(0).stdout;
    assert!(said.contains("cost       unknown"), "{said}");
}

#[test]
fn one_persona_has_no_scatter_of_personas_to_assume() {
    let home = Home::new();
    study::simulated(1, 60).write(&home);
    let said = home.oyer(&["check", "study.toml"]).expect(0).stdout;
    let finds: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("finds"))
        .collect();
    assert_eq!(finds.len(), 1, "{said}");
    assert!(
        finds[0].contains("(items of one persona are independent)"),
        "{said}"
    );
    assert!(!finds[0].contains("assumed"), "{said}");
    study::simulated(2, 60).write(&home);
    let said = home.oyer(&["check", "study.toml"]).expect(0).stdout;
    assert!(said.contains("(assumed scatter)"), "{said}");
}

/// A file with the answers to 2 of 6 items against a server.
#[test]
fn what_a_file_has_no_answer_to_compare_with_is_neither_forecast_nor_paid_for() {
    let server = FaultServer::start(Settings::default());
    let home = Home::new();
    let mut files = study::served(2, 3, &server.url(), "");
    files.entries = files.entries.replace(
        &study::openai("models.tuned", &server.url(), "tuned-1", ""),
        "[models.tuned]\nprovider = \"file\"\npath = \"tuned.csv\"\n",
    );
    files.write(&home);
    home.write(
        "tuned.csv",
        "persona,question,text\np0,q0,So.\np0,q2,<think>Hm.</think>No.\n",
    );
    let forecast = |home: &Home| {
        let told = home.oyer(&["check", "study.toml", "--format", "json"]);
        let told = told.expect(0).json();
        let number = |entry: &Value, name: &str| entry[name].as_u64().unwrap();
        let entries = told["entries"].as_array().unwrap().iter();
        let numbers = entries.map(|entry| {
            ["planned", "stored", "to_ask", "impossible"].map(|name| number(entry, name))
        });
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(forecast(&home), [[6, 0, 2, 4], [6, 2, 0, 4], [12, 0, 4, 8]]);
    home.oyer(&["run", "study.toml"]).expect(3);
    let judged = server.count(|logged| logged.model() == "judge-1");
    assert_eq!((server.log().len(), judged), (6, 4));
    let thought = server.count(|logged| logged.body.contains("think>Hm"));
    assert_eq!(thought, 0);
    assert_eq!(forecast(&home), [[6, 2, 0, 4], [6, 2, 0, 4], [12, 4, 0, 8]]);
    let said = home.oyer(&["check", "study.toml"]).expect(0).stdout;
    for line in [
        "2 stored, 0 to ask, 4 have no answer to be compared with",
        "2 stored, 0 to ask, 4 have no answer in the file",
        "4 stored, 0 to ask, 8 lack an answer",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

/// The judge never gives a verdict, so that each judgment is two requests.
#[test]
fn a_pilot_measures_what_a_call_takes_with_its_re_asks() {
    let server = FaultServer::start(Settings {
        reply: Box::new(|call| {
            if call.model == "judge-1" {
                "Both have their merits.".to_owned()
            } else {
                replies::usual(call)
            }
        }),
        ..Settings::default()
    });
    let home = Home::new();
    study::served(2, 10, &server.url(), "").write(&home);
    let run = ["run", "study.toml", "--limit", "10", "--format", "json"];
    let report = home.oyer(&run).expect(3).json();
    let costs = report["cost"]["entries"].as_array().unwrap();
    let spent = costs.iter().find(|cost| cost["entry"] == "judges.main");
    let spent = spent.unwrap();
    assert_eq!(
        (&spent["calls"], &spent["attempts"]),
        (&20.into(), &40.into())
    );
    let told = home
        .oyer(&["check", "study.toml", "--format", "json"])
        .expect(0)
        .json();
    let entries = told["entries"].as_array().unwrap();
    let judge = entries.iter().find(|entry| entry["entry"] == "judges.main");
    let judge = judge.unwrap();
    assert_eq!(
        (&judge["to_ask"], &judge["measured"]),
        (&20.into(), &true.into())
    );
    for tokens in ["input_tokens", "output_tokens"] {
        let number = |value: &Value| value.as_f64().unwrap();
        // As many judgments are left as were made.
        let expected = number(&spent[tokens]);
        let (low, high) = (
            number(&judge[tokens]["low"]),
            number(&judge[tokens]["high"]),
        );
        assert!((low / expected - 0.9).abs() < 1e-6, "{tokens}: {judge}");
        assert!((high / expected - 1.1).abs() < 1e-6, "{tokens}: {judge}");
    }
}

#[test]
fn templates_are_tried_whatever_else_is_wrong_with_a_study() {
    let home = Home::new();
    let mut study = study::simulated(2, 2);
    home.write("j.j2", "{{ first.label }} {{ second.label }}");
    home.write("p.j2", "{{ persona.id|shout }}");
    home.write(
        "r.toml",
        "name = \"mine\"\ntemplate = \"j.j2\"\n[[criteria]]\nkey = \"overall_winner\"\nname = \"all\"\nguide = \"who?\"\n",
    );
    study.judging = "rubric = \"r.toml\"\npersona_prompt = \"p.j2\"\nrepats = 1".to_owned();
    study.write(&home);
    let said = home.oyer(&["check", "study.toml"]).expect(2).stderr;
    for part in ["repats", "unknown filter", "both answers must stand"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    home.write("questions.csv", "id,text\nq0,One?\nq0,Two?\n");
    let said = home.oyer(&["check", "study.toml"]).expect(2).stderr;
    for part in ["stands twice", "unknown filter", "both answers must stand"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    home.write("personas.csv", "name\nx\n");
    let said = home.oyer(&["check", "study.toml"]).expect(2).stderr;
    for part in [
        "no column `id`",
        "unknown filter",
        "both answers must stand",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_reader_who_closes_the_errors_changes_no_exit_code() {
    let home = Home::new();
    home.write("study.toml", "nothing = \n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.command(&["check", "study.toml"]);
    let status = command.stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn structured_items_without_a_truth_are_told_before_they_are_paid() {
    let home = Home::new();
    home.write("personas.csv", "id\np0\np1\n");
    home.write("survey.csv", "id,text,options\nQ1,How much?,1 | 2\n");
    home.write("truth.csv", "persona,question,code\np0,Q1,1\n");
    home.write(
        "study.toml",
        "name = \"s\"\n[data]\npersonas = \"personas.csv\"\ntruth = \"truth.csv\"\n[structured]\nquestions = \"survey.csv\"\n[models.m]\nprovider = \"simulated\"\n",
    );
    let ran = home.oyer(&["check", "study.toml"]).expect(0);
    assert!(
        ran.stderr.contains("study.toml:4:9: data.truth: 1 of 2 structured items has no truth (p1/Q1): no answer to it can be scored, and no example made of it"),
        "{}",
        ran.stderr
    );
}
