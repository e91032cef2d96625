//! Whole studies, good and bad, as a user writes them.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::problem::{Problem, Severity};

/// A study of two models on two personas and two questions.
const STUDY: &str = r#"name = "small"
seed = 7

[data]
personas = "personas.csv"
questions = "questions.csv"
truth = "truth.csv"

[models.base]
provider = "simulated"

[models.tuned]
provider = "simulated"
alignment = 0.7

[judges.main]
provider = "simulated"

[compare]
pairs = [["tuned", "base"]]
"#;
const PERSONAS: &str = "id,text,sex,age,weight\np1,,female,25-34,1.5\np2,A nurse.,male,,\n";
const QUESTIONS: &str =
    "id,topic,text,length\nq1,work,What is work for?,short\nq2,,Whom do you trust?,\n";
const TRUTH: &str = "persona,question,value,share\np2,q2,Few people,0.4\np1,q1,Money,0.62\np1,q2,Most people,\np2,q1,Meaning,1\n";

/// A folder with the small study, with some of its files replaced.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let all = [
        ("study.toml", STUDY.as_bytes()),
        ("personas.csv", PERSONAS.as_bytes()),
        ("questions.csv", QUESTIONS.as_bytes()),
        ("truth.csv", TRUTH.as_bytes()),
    ];
    for (name, bytes) in all.iter().chain(files) {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

fn load_in(dir: &Path) -> Loaded {
    let loaded = load(&dir.join("study.toml"));
    let refused = loaded
        .problems
        .iter()
        .any(|p| p.severity == Severity::Error);
    assert_eq!(loaded.study.is_none(), refused);
    loaded
}

/// All problems as a user reads them, without the folder; warnings are marked.
fn told(dir: &Path, problems: &[Problem]) -> String {
    let prefix = format!("{}/", dir.display());
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| {
            let mark = match problem.severity {
                Severity::Warning => "warning: ",
                Severity::Error => "",
            };
            format!("{mark}{problem}").replace(&prefix, "")
        })
        .collect();
    lines.join("\n")
}

/// The problems of the small study with some of its files replaced.
fn check(files: &[(&str, &str)]) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    let dir = folder(&files);
    told(dir.path(), &load_in(dir.path()).problems)
}

/// The problems of the small study with one part of its study file replaced.
fn check_with(part: &str, by: &str) -> String {
    check(&[("study.toml", &changed(part, by))])
}

fn changed(part: &str, by: &str) -> String {
    assert!(STUDY.contains(part), "{part}");
    STUDY.replace(part, by)
}

/// The problems of the small study with one entry of these keys for a model.
fn check_model(keys: &str) -> String {
    check_with("provider = \"simulated\"\nalignment = 0.7", keys)
}

/// The problems of the small study with one entry of these keys for the judge.
fn check_judge(keys: &str) -> String {
    check_with(
        "[judges.main]\nprovider = \"simulated\"",
        &format!("[judges.main]\n{keys}"),
    )
}

/// The small study with some of its files replaced, which must be without errors.
fn study(files: &[(&str, &str)]) -> Study {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    let dir = folder(&files);
    let loaded = load_in(dir.path());
    let told = told(dir.path(), &loaded.problems);
    loaded.study.expect(&told)
}

mod data;
mod entries;
mod settings;
mod whole;
