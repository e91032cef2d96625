//! The reader as a whole: the file of cases, and what holds for every text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use super::cases::rubric;
use super::*;

/// A line of a file of cases.
#[derive(Deserialize)]
struct Case {
    id: String,
    reply: String,
    answers: Option<[String; 2]>,
    /// The label by criterion, or nothing at all.
    expect: Option<BTreeMap<String, Option<String>>>,
    /// All repairs, where they are held too.
    repairs: Option<Vec<Repair>>,
}

fn choice(label: &str) -> Choice {
    match label {
        "A" => Choice::First,
        "B" => Choice::Second,
        "tie" => Choice::Tie,
        other => panic!("the cases know no label {other}"),
    }
}

/// What is wrong with the reading of each case.
fn failures(cases: &str) -> (usize, String) {
    let rubric = rubric();
    let reader = Reader::for_all(&rubric);
    let mut wrong = String::new();
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.trim().is_empty()) {
        let case: Case = serde_json::from_str(line).unwrap();
        count += 1;
        let answers = case.answers.as_ref().map(|two| [&*two[0], &*two[1]]);
        let read = reader.read(&case.reply, answers);
        let expected: Vec<Option<Choice>> = rubric
            .criteria
            .iter()
            .map(|criterion| {
                let label = case.expect.as_ref()?.get(&criterion.key)?.as_deref()?;
                Some(choice(label))
            })
            .collect();
        if read.choices != expected {
            let _ = writeln!(wrong, "{}: {:?}\n  {:?}", case.id, read, case.reply);
        }
        if case.repairs.is_some_and(|repairs| repairs != read.repairs) {
            let _ = writeln!(wrong, "{}: {:?}", case.id, read.repairs);
        }
    }
    (count, wrong)
}

#[test]
fn every_case_is_read_as_it_must_be() {
    let (count, wrong) = failures(include_str!("cases.jsonl"));
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 200);
}

#[test]
fn shared_cases_are_read_as_they_must_be() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/judge-replies/replies.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        eprintln!("left out: {} is not there", path.display());
        return;
    };
    let (count, wrong) = failures(&cases);
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 0);
}

const FULL: &str = r#"{"persona_winner": "A", "value_winner": "B", "overall_winner": "Tie"}"#;
const READ: [Option<Choice>; 3] = [Some(Choice::First), Some(Choice::Second), Some(Choice::Tie)];

fn read(reply: &str) -> Extraction {
    Reader::for_all(&rubric()).read(reply, None)
}

/// Texts that invite to look again and again at the same stretch.
fn traps() -> Vec<(&'static str, String)> {
    let unit = |unit: &str, bytes: usize| unit.repeat(bytes / unit.len());
    let mut traps: Vec<(&str, String)> = [
        "{",
        "[",
        "\"",
        "'",
        "“",
        "\\",
        "\\\"",
        "`",
        "{\"",
        "{'",
        "{\"a\":",
        "{a:",
        "{\"a\":[",
        "[{",
        "{\"a\":\"",
        "{\"persona_winner\":\"",
        "{\"persona_winner\":",
        "{persona_winner: ",
        "\"persona_winner\":",
        "persona_winner: ",
        "persona_winner:\n",
        "{#",
        "{//",
        "{/*",
        "{#{/*",
        "{/*{#",
        "{ ",
        "{\n",
        " ",
        "\n",
        ",",
        "{a:b,",
        "{a:b,'",
        "{a:b,\"",
        "{a:'x\n",
        "{a:\"x\n",
        "{a:'x\"y",
        "{\"a\":1}",
        "}",
        "]",
        ":",
        "p",
        "P_",
        "persona_",
        "<think>",
        "</think>",
        "<",
        "｛",
        "：",
        "\u{200b}",
        "é",
        "😀",
        "{\"a\":\"{",
        "{a:\"\\\"{",
        "{\"a\": \"b\" c ",
        "{\"a\": x, y, ",
        "{\"a\": \"x\", \"",
        "\\\\\\\"",
        "{\\\"a\\\":\\\"",
        "{\"a\":/*",
        "...",
        "{\"a\":1,...",
        "a: A or n/a is n/a ",
        "A is ",
        "{\"persona_winner\":\"A\"}",
        "persona_winner: A\n",
        "{{\"persona_winner\":\"A\"},",
    ]
    .iter()
    .map(|&text| (text, unit(text, 1)))
    .map(|(text, _)| (text, unit(text, TRAP_BYTES)))
    .collect();
    let half = TRAP_BYTES / 2;
    for (name, head, tail) in [
        ("comments then lines", "{#", "#\n"),
        ("both comments then lines", "{#{/*", "#\n"),
        ("quotes then words", "{\"a\":\"", "word "),
        ("braces then a long key", "{/*", "k"),
        ("lines of braces then a long key", "{#", "k"),
        ("open keys then braces", "{\"a\":", "}"),
        ("lists then brackets", "{\"a\":[", "]"),
        ("value then commas", "{\"persona_winner\": A", ", b"),
    ] {
        traps.push((
            name,
            format!("{}\n*/\"{}\"", unit(head, half), unit(tail, half)),
        ));
    }
    traps
}

const TRAP_BYTES: usize = 40_000;

#[test]
fn work_grows_with_the_text_and_no_faster() {
    let rubric = rubric();
    let reader = Reader::for_all(&rubric);
    for (name, text) in traps() {
        let work = reader.work(&text);
        assert!(
            work <= 40 * text.len(),
            "{name:?}: {work} for {} bytes",
            text.len()
        );
    }
}

#[test]
fn a_verdict_after_any_trap_is_read() {
    for (name, text) in traps() {
        // These open a reasoning block that is never closed.
        if name == "<think>" {
            continue;
        }
        let read = read(&format!("{text}\n\n{FULL}"));
        assert_eq!(read.choices, READ, "{name:?}");
    }
}
