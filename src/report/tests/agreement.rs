use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;

use super::formats::is_published;
use crate::analysis::agreement::{AgreementOptions, AgreementReport, agree};
use crate::report::table::{Style, render_agreement};
use crate::report::{agreement_schema, csv, json, markdown};
use crate::stats::Draws;
use crate::verdict::table_io::{Format, read, read_labels};

/// Twelve questions, one judge in both orders, two people on most of them.
fn small(judge: &str) -> AgreementReport {
    let mut verdicts =
        "question,candidate,opponent,judge,rubric,criterion,order,outcome\n".to_owned();
    let mut labels = "question,candidate,opponent,criterion,outcome,annotator\n".to_owned();
    for q in 0..12_usize {
        let outcome = |n: usize| ["win", "loss", "win", "tie", "loss"][n % 5];
        for (order, n) in [("candidate_first", q), ("opponent_first", q + 5 * (q % 3))] {
            let _ = writeln!(
                verdicts,
                "q{q},tuned,base,{judge},r,overall,{order},{}",
                outcome(n)
            );
        }
        let _ = writeln!(labels, "q{q},tuned,base,overall,{},ann", outcome(q + q / 6));
        if q < 10 {
            let _ = writeln!(labels, "q{q},tuned,base,overall,{},bob", outcome(q + q / 4));
        }
    }
    let table = read(Path::new("v.csv"), verdicts.as_bytes(), Format::Csv).unwrap();
    let labels = read_labels(Path::new("l.csv"), labels.as_bytes(), Format::Csv).unwrap();
    let options = AgreementOptions {
        draws: Draws {
            seed: 1,
            count: 200,
        },
        ..AgreementOptions::default()
    };
    agree(&table, Some(&labels), &options).unwrap()
}

#[test]
fn a_judge_and_two_people_for_people() {
    assert_snapshot!(render_agreement(&small("main"), Style::default()));
}

#[test]
fn agreement_reports_satisfy_their_schema() {
    let schema: serde_json::Value = serde_json::from_str(&agreement_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: serde_json::Value =
        serde_json::from_str(&json::render_agreement(&small("main"))).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut broken = value;
    broken["judge_people"][0]["n_units"] = serde_json::Value::from("many");
    assert!(!validator.is_valid(&broken), "the schema says something");
}

#[test]
fn the_published_schema_of_agreement_is_up_to_date() {
    is_published("agreement.schema.json", &agreement_schema());
}

#[test]
fn csv_has_as_many_cells_in_each_row_and_one_row_a_coefficient() {
    let report = small("main");
    let text = csv::render_agreement(&report);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    // Judge and person, two persons, difference, majority and each of two people: 12
    // each; the panel of people 9 and its pair 12; a corrected win rate.
    assert_eq!(rows.len(), 6 * 12 + 9 + 12 + 1);
}

/// The rows of a CSV, each cell by its title.
pub(super) fn by_title(text: &str) -> Vec<HashMap<String, String>> {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn every_row_of_the_csv_says_estimand_unit_clusters_method_n_and_seed() {
    let rows = by_title(&csv::render_agreement(&small("main")));
    for row in &rows {
        let mut told = vec!["estimand", "unit", "n_units", "seed", "clusters"];
        if !row["low"].is_empty() {
            told.push("method");
        }
        for title in told {
            assert!(!row[title].is_empty(), "{title}: {row:?}");
        }
    }
    let corrected = rows.iter().find(|row| row["section"] == "corrected");
    let corrected = corrected.unwrap();
    assert_eq!(corrected["unit"], "item (one question)");
    assert_eq!(corrected["seed"], "1");
    assert!(!corrected["degrees_of_freedom"].is_empty());
    let kappa = rows.iter().find(|row| row["coefficient"] == "cohen_kappa");
    assert_eq!(kappa.unwrap()["method"], "bootstrap_bca");
    assert_eq!(kappa.unwrap()["clusters"], "question");
}

#[test]
fn names_reach_no_terminal_and_no_page_as_they_are() {
    let hostile = small("\u{1b}[31mmain<b>");
    let text = render_agreement(&hostile, Style::default());
    let md = markdown::render_agreement(&hostile);
    let json = json::render_agreement(&hostile);
    let csv = csv::render_agreement(&hostile);
    for out in [&text, &md, &json, &csv] {
        assert!(!out.contains('\u{1b}'), "{out}");
    }
    assert!(!md.contains("<b>"), "{md}");
    assert!(text.contains("\\u{1b}[31mmain"), "{text}");
}
