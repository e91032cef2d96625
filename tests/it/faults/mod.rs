//! Whole runs against a server with bad days.

mod bodies;
mod classes;
mod limits;
mod replies;
mod servers;
mod weather;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::fault_server::{FaultServer, Logged};
use crate::support::home::{Home, Ran};
use crate::support::study::{self, StudyFiles};

/// The results folder of the studies here.
const RESULTS: &str = "results/s";

/// A home with a study on one server; `more` lines in each entry.
fn home(personas: usize, questions: usize, server: &FaultServer, more: &str) -> Home {
    written(&study::served(personas, questions, &server.url(), more))
}

fn written(study: &StudyFiles) -> Home {
    let home = Home::new();
    study.write(&home);
    home
}

fn run(home: &Home) -> Ran {
    home.oyer(&["run", "study.toml", "--format", "json"])
}

/// Verdicts of the first criterion that are missing for a reason.
fn missing(report: &Value, reason: &str) -> u64 {
    number(&report["comparisons"][0]["missing"][reason])
}

/// Verdicts of the first criterion that are there.
fn given(report: &Value) -> u64 {
    let comparison = &report["comparisons"][0];
    ["wins", "ties", "losses"]
        .iter()
        .map(|name| number(&comparison[name]))
        .sum()
}

#[track_caller]
fn number(value: &Value) -> u64 {
    value.as_u64().expect("a whole number")
}

/// What became of a model's planned answers.
fn answers<'r>(report: &'r Value, model: &str) -> &'r Value {
    let models = report["models"].as_array().expect("models");
    let found = models.iter().find(|entry| entry["model"] == model);
    &found.expect("the model")["answers"]
}

fn is_judge(logged: &Logged) -> bool {
    logged.model() == "judge-1"
}

/// Requests of the log by their body, in order of arrival.
fn by_body(log: Vec<Logged>) -> Vec<Vec<Logged>> {
    let mut groups: BTreeMap<String, Vec<Logged>> = BTreeMap::new();
    for logged in log {
        groups.entry(logged.body.clone()).or_default().push(logged);
    }
    groups.into_values().collect()
}
