//! Judgments of other tools, imported by the real command line.

mod arenas;
mod estimates;
mod labels;
mod malformed;
mod several;
mod studies;

use std::path::Path;

use serde_json::Value;

use crate::support::home::{Home, Ran};

/// Imports files of a home into its folder `results`; the JSON of it.
#[track_caller]
fn imported(home: &Home, arguments: &[&str]) -> Value {
    ran(home, arguments).expect(0).json()
}

fn ran(home: &Home, arguments: &[&str]) -> Ran {
    let mut all = vec!["import"];
    all.extend(arguments);
    all.extend(["--results", "results", "--format", "json"]);
    home.oyer(&all)
}

/// The figures about a subject.
#[track_caller]
fn about<'v>(imported: &'v Value, subject: &str) -> &'v Value {
    let sets = imported["source_figures"].as_array().expect("figures");
    sets.iter()
        .find(|set| set["subject"] == subject)
        .unwrap_or_else(|| panic!("no figures about {subject}: {sets:#?}"))
}

/// A figure's value.
#[track_caller]
fn figure(set: &Value, name: &str) -> f64 {
    let figures = set["figures"].as_array().expect("figures");
    let found = figures.iter().find(|figure| figure["name"] == name);
    let value = &found.unwrap_or_else(|| panic!("no figure {name}: {set:#}"))["value"];
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{name} is {value}"))
}

/// How many records have a reason.
fn counted(imported: &Value, reason: &str) -> u64 {
    let reasons = imported["reasons"].as_array().expect("reasons");
    let found = reasons.iter().find(|known| {
        known["reason"]
            .as_str()
            .is_some_and(|text| text.contains(reason))
    });
    found.map_or(0, |known| known["rows"].as_u64().expect("a count"))
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

/// Rows of the verdict table, header first, as cells.
fn rows(home: &Home, table: &str) -> Vec<Vec<String>> {
    let text = home.read(&format!("results/{table}"));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let records = reader
        .records()
        .map(|record| record.expect("a row").iter().map(str::to_owned).collect());
    records.collect()
}

/// Cells of a column.
fn column(home: &Home, table: &str, name: &str) -> Vec<String> {
    let rows = rows(home, table);
    let place = rows[0]
        .iter()
        .position(|column| column == name)
        .expect(name);
    rows[1..].iter().map(|row| row[place].clone()).collect()
}

fn is_there(home: &Home, name: &str) -> bool {
    Path::new(&home.path().join(name)).exists()
}

/// Values as JSON Lines.
fn lines(values: &[serde_json::Value]) -> String {
    let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn more_judgments_of_one_item_than_a_table_holds_are_refused_before_anything_is_written() {
    let home = Home::new();
    let row = "q,a,b,win\n".repeat(66_000);
    home.write(
        "many.csv",
        format!("question,candidate,opponent,outcome\n{row}"),
    );
    let ran = home
        .oyer(&["import", "csv", "many.csv", "--results", "out"])
        .expect(2);
    let said = "item `q` has 65535 judgments or more of the same models";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!is_there(&home, "out"));
}
