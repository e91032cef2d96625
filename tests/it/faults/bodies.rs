//! What a study sets arrives at the server.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{home, is_judge, run, written};
use crate::support::fault_server::{FaultServer, Settings};
use crate::support::study;

fn server() -> FaultServer {
    FaultServer::start(Settings::default())
}

/// The bodies of one model.
fn bodies(server: &FaultServer, model: &str) -> Vec<Value> {
    let log = server.log().into_iter();
    log.map(|logged| logged.json())
        .filter(|body| body["model"] == model)
        .collect()
}

/// How often each value of a field was sent.
fn counted(bodies: &[Value], field: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for body in bodies {
        *counts.entry(body[field].to_string()).or_default() += 1;
    }
    counts
}

#[test]
fn the_kth_sample_and_repeat_are_sent_the_kth_seed() {
    let server = server();
    let mut study = study::served(2, 2, &server.url(), "seed = 40\ntemperature = 0.9");
    study.compare.push_str("\nsamples = 3");
    study.judging = "repeats = 2".to_owned();
    let home = written(&study);
    run(&home).expect(0);
    let expected = |times| {
        (40..43)
            .map(|seed: i64| (seed.to_string(), times))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(counted(&bodies(&server, "base-1"), "seed"), expected(4));
    assert_eq!(counted(&bodies(&server, "tuned-1"), "seed"), expected(4));
    // 4 items of 3 samples in 2 orders, for each of 2 repeats.
    let judge = counted(&bodies(&server, "judge-1"), "seed");
    assert_eq!(judge, [("40".to_owned(), 24), ("41".to_owned(), 24)].into());
}

#[test]
fn temperature_0_with_more_than_one_sample_is_warned_of() {
    let server = server();
    let mut study = study::served(1, 1, &server.url(), "temperature = 0");
    study.compare.push_str("\nsamples = 2");
    let home = written(&study);
    let ran = run(&home).expect(0);
    assert!(
        ran.stderr.contains("at temperature 0 the 2 replies"),
        "{}",
        ran.stderr
    );
}

#[test]
fn sampling_parameters_extra_ones_and_headers_are_passed_through() {
    let server = server();
    let more = r#"
        temperature = 0.6
        top_p = 0.8
        max_completion_tokens = 300
        extra = { top_k = 20, chat_template_kwargs = { enable_thinking = false } }
        headers = { X-Title = "a study" }
    "#;
    let home = home(1, 1, &server, more);
    run(&home).expect(0);
    for logged in server.log() {
        let body = logged.json();
        assert_eq!(body["temperature"], 0.6);
        assert_eq!(body["top_p"], 0.8);
        assert_eq!(body["max_completion_tokens"], 300);
        assert!(body.get("max_tokens").is_none());
        assert_eq!(body["top_k"], 20);
        assert_eq!(
            body["chat_template_kwargs"],
            json!({"enable_thinking": false})
        );
        assert_eq!(logged.header("x-title"), Some("a study"));
        assert!(!logged.showed_key);
    }
}

#[test]
fn azures_version_and_key_header_are_sent() {
    let server = server();
    let more = "api_version = \"2024-10-21\"\napi_key_env = \"AZURE_KEY\"";
    let mut study = study::served(1, 1, &server.url(), more);
    // A bare resource address, as Azure's portal shows it.
    study.entries = study.entries.replace(&server.url(), &server.root());
    let home = written(&study);
    home.oyer_with(&["run", "study.toml"], &[("AZURE_KEY", "azure-key-1")])
        .expect(0);
    for logged in server.log() {
        let model = logged.model();
        assert_eq!(
            logged.target,
            format!("/openai/deployments/{model}/chat/completions?api-version=2024-10-21")
        );
        assert_eq!(logged.header("api-key"), Some("azure-key-1"));
        assert_eq!(logged.header("authorization"), None);
    }
}

#[test]
fn a_refused_system_role_goes_into_the_users_message() {
    let server = server();
    let home = home(1, 1, &server, "system = \"user\"");
    run(&home).expect(0);
    for logged in server.log() {
        let messages = logged.json()["messages"].clone();
        assert_eq!(messages.as_array().unwrap().len(), 1, "{messages}");
        assert_eq!(messages[0]["role"], "user");
    }
    let judged = server.log().into_iter().find(is_judge).unwrap();
    assert!(judged.body.contains("You are the judge of two answers"));
}

#[test]
fn a_whole_study_speaks_anthropics_dialect() {
    let server = FaultServer::start(Settings {
        key: Some("sk-ant-1".to_owned()),
        ..Settings::default()
    });
    let mut study = study::served(2, 2, &server.root(), "api_key_env = \"ANT_KEY\"");
    study.entries = study.entries.replace("\"openai\"", "\"anthropic\"");
    let home = written(&study);
    let ran = home
        .oyer_with(
            &["run", "study.toml", "--format", "json"],
            &[("ANT_KEY", "sk-ant-1")],
        )
        .expect(0);
    assert_eq!(super::given(&ran.json()), 8);
    for logged in server.log() {
        assert_eq!(logged.target, "/v1/messages");
        assert_eq!(logged.header("anthropic-version"), Some("2023-06-01"));
        assert_eq!(logged.header("x-api-key"), Some("sk-ant-1"));
        let body = logged.json();
        assert!(body["system"].is_string(), "{body}");
        assert_eq!(body["messages"].as_array().unwrap().len(), 1);
        assert!(body["max_tokens"].as_u64().unwrap() >= 1024);
        assert!(body.get("seed").is_none());
    }
}

#[test]
fn a_judge_can_be_bound_to_the_verdicts_schema() {
    let server = server();
    let mut study = study::served(2, 2, &server.url(), "");
    study.entries = study::openai("models.base", &server.url(), "base-1", "")
        + &study::openai("models.tuned", &server.url(), "tuned-1", "")
        + &study::openai(
            "judges.main",
            &server.url(),
            "judge-1",
            "reply = \"json_schema\"",
        );
    let home = written(&study);
    let ran = run(&home).expect(0);
    assert_eq!(super::given(&ran.json()), 8);
    for body in bodies(&server, "judge-1") {
        let format = &body["response_format"];
        assert_eq!(format["type"], "json_schema");
        let schema = &format["json_schema"]["schema"];
        for criterion in ["persona_winner", "value_winner", "overall_winner"] {
            let labels = &schema["properties"][criterion];
            assert_eq!(labels["enum"], json!(["A", "B", "Tie"]), "{schema}");
        }
    }
    for model in ["base-1", "tuned-1"] {
        let bodies = bodies(&server, model);
        assert!(
            bodies
                .iter()
                .all(|body| body.get("response_format").is_none())
        );
    }
}
