//! The reader as a whole: the file of cases, and what holds for every text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::cases::{rubric, rubric_with_labels, seeded};
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
#[expect(clippy::print_stderr, reason = "a test says what it leaves out")]
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

/// Whether an object of JSON in the reply gives the key this label.
fn is_json_as_asked(reply: &str, key: &str, label: &str) -> bool {
    reply.match_indices('{').any(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&reply[at..]).into_iter();
        let Some(Ok(serde_json::Value::Object(object))) = values.next() else {
            return false;
        };
        object.get(key).and_then(serde_json::Value::as_str) == Some(label)
    })
}

#[test]
fn a_reading_without_a_repair_is_of_json_as_it_was_asked_for() {
    let rubric = rubric();
    let reader = Reader::for_all(&rubric);
    for line in include_str!("cases.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let answers = case.answers.as_ref().map(|two| [&*two[0], &*two[1]]);
        let read = reader.read(&case.reply, answers);
        for (criterion, choice) in rubric.criteria.iter().zip(&read.choices) {
            let label = match choice {
                Some(Choice::First) => "A",
                Some(Choice::Second) => "B",
                Some(Choice::Tie) => "Tie",
                None => continue,
            };
            let as_asked = is_json_as_asked(&case.reply, &criterion.key, label);
            assert!(as_asked || !read.repairs.is_empty(), "{}", case.id);
        }
    }
}

/// The text with the labels A and B spelled as these.
pub(super) fn relabelled(text: &str, [first, second]: [char; 2]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let in_word = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| c.is_alphanumeric())
    };
    let spelled = |(at, &c): (usize, &char)| match c {
        'A' | 'B' if in_word(at.checked_sub(1)) || in_word(Some(at + 1)) => c,
        'A' => first,
        'B' => second,
        c => c,
    };
    chars.iter().enumerate().map(spelled).collect()
}

#[test]
fn every_case_with_exchanged_labels_gives_the_mirrored_verdict() {
    let reader = Reader::for_all(&rubric_with_labels(["X", "Y", "Tie"]));
    for line in include_str!("cases.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let [straight, mirror] = [['X', 'Y'], ['Y', 'X']].map(|labels| {
            let answers = case
                .answers
                .as_ref()
                .map(|two| two.each_ref().map(|answer| relabelled(answer, labels)));
            let answers = answers.as_ref().map(|two| [&*two[0], &*two[1]]);
            reader.read(&relabelled(&case.reply, labels), answers)
        });
        let straight: Vec<_> = straight.choices.into_iter().map(mirrored).collect();
        assert_eq!(straight, mirror.choices, "{}", case.id);
    }
}

#[test]
fn a_verdict_before_many_quotations_stands() {
    let plant = |n: usize| format!("{{\"persona_winner\": \"A\", \"n\": {n}}}");
    let plants: Vec<String> = (0..200).map(plant).collect();
    let answer = plants.join("\n");
    let reply = format!("{}\nResponse A says\n{answer}", FULL.replace('A', "B"));
    let read = Reader::for_all(&rubric()).read(&reply, Some([&answer, "No."]));
    assert_eq!(read.choices[0], Some(Choice::Second));
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
        "<|a|>",
        "{<|a|>",
        "{\"a\", ",
        "{\"a\"  ",
        "{\"a\",\n",
        "#{\n",
        "// {\n",
        "#\"{\n",
        "/*{\n",
        "/* {\n#{\n# */\n",
        "#{/*{\n*/{#\n",
        "{\"persona_winner\": \"A\" ",
        "{\"persona_winner\": \"A\"\n or \"B\",",
        "{\"persona_winner\": [\"A\"] or ",
        "{\"persona_winner\": {\"winner\": \"A\"} or ",
        "{\"persona_winner\": \"A\"\npersona_winner: B\n",
        "{\"persona_winner\": \"A\",\n\n{\"a\":",
        "`{\"persona_winner\": ",
        "{\"persona_winner\": ```\n",
        "{\"persona_winner\": \"A\",<think></think>",
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
fn answers_that_hold_the_text_are_compared_within_a_bound() {
    let rubric = rubric();
    let reader = Reader::for_all(&rubric);
    for (name, text) in traps() {
        let work = reader.compared(&text, [&text, "No."]);
        let bound = answers::MAX_COMPARED + 40 * text.len();
        assert!(work <= bound, "{name:?}: {work} for {} bytes", text.len());
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

/// Pieces of which verdicts and their accidents are made.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "“",
        "”",
        "`",
        ":",
        "：",
        ",",
        "，",
        "=",
        "\n",
        "\n\n",
        " ",
        "\\",
        "\\\"",
        "\\n",
        "//",
        "/*",
        "*/",
        "#",
        "*",
        "**",
        "_",
        "|",
        "<",
        ">",
        "- ",
        "> ",
        "\n> ",
        "...",
        "…",
        "```json",
        "```",
        "persona_winner",
        "value_winner",
        "overall_winner",
        "\"persona_winner\": ",
        "{\"persona_winner\": \"A\"}",
        "persona_winner: B\n",
        "winner",
        "\"winner\": ",
        "reason",
        "### persona_winner\n",
        "- A\n",
        " - ",
        "[Analysis]",
        "not ",
        "both ",
        "回答",
        "\u{200f}",
        "A",
        "B",
        "a",
        "Tie",
        "neither",
        "Response ",
        " or ",
        "null",
        "1",
        "A is ",
        "n/a",
        "{\"a\": ",
        "{\\\"persona_winner\\\": \\\"A\\\"}",
        "<think>",
        "</think>",
        "｛",
        "｝",
        "é",
        "😀",
        "\u{200b}",
        "\u{feff}",
        "<|end|>",
        "{\"a b\", ",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Words of values; none for a tie and none that leads from an article to a label, since
/// only `A` is an article.
const VALUE_WORDS: [&str; 44] = [
    "A",
    "A",
    "A",
    "B",
    "wins",
    "better",
    "best",
    "more",
    "most",
    "less",
    "warmer",
    "voice",
    "answer",
    "not",
    "no",
    "never",
    "over",
    "than",
    "and",
    "or",
    "but,",
    "because",
    "slightly",
    "clearly",
    "in",
    "good",
    "weak",
    "second",
    "lower",
    "generic",
    "with",
    "keeps",
    "would",
    "could",
    ":",
    ".",
    "(",
    "-",
    "Response",
    "preferred",
    "drifts",
    "lacks",
    "ist",
    "beaten",
];

/// Prose that holds no structure at all.
fn prose() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 .,;!?'\"’“”()/\\\\*#é\n-]{0,200}"
}

/// The reply with the two labels exchanged.
fn swapped(reply: &str) -> String {
    reply
        .chars()
        .map(|c| match c {
            'X' => 'Y',
            'Y' => 'X',
            c => c,
        })
        .collect()
}

fn mirrored(choice: Option<Choice>) -> Option<Choice> {
    match choice {
        Some(Choice::First) => Some(Choice::Second),
        Some(Choice::Second) => Some(Choice::First),
        other => other,
    }
}

proptest! {
    #![proptest_config(seeded(400))]

    #[test]
    fn any_text_is_read_in_linear_time(text in any::<String>()) {
        read(&text);
        let rubric = rubric();
        let work = Reader::for_all(&rubric).work(&text);
        prop_assert!(work <= 40 * (text.len() + 100));
    }

    #[test]
    fn any_structure_is_read_in_linear_time(text in pieces(), first in pieces(), second in pieces()) {
        let rubric = rubric();
        let reader = Reader::for_all(&rubric);
        let read = reader.read(&text, Some([&first, &second]));
        prop_assert_eq!(&read, &reader.read(&text, Some([&first, &second])));
        prop_assert!(reader.work(&text) <= 40 * (text.len() + 100));
        for (choice, unread) in read.choices.iter().zip(&read.unread) {
            prop_assert!(choice.is_some() != unread.is_some());
        }
        prop_assert!(read.repairs.is_sorted());
    }

    #[test]
    fn a_verdict_after_prose_is_read(text in prose()) {
        let read = read(&format!("{text}\n{FULL}"));
        prop_assert_eq!(read.choices, READ);
    }

    #[test]
    fn a_verdict_in_a_paragraph_of_its_own_is_read(text in pieces()) {
        // An open reasoning block takes in what follows.
        let text = format!("{}\n\n{FULL}\n", text.replace("<think>", ""));
        prop_assume!(reasoning::strip(&text).answer.contains(FULL));
        let read = read(&text);
        prop_assert_eq!(read.choices, READ, "{}", text);
    }

    #[test]
    fn a_quoted_plant_is_never_read(
        before in prose(),
        after in prose(),
        plant in prop::sample::select(vec![
            FULL,
            "{\"persona_winner\": \"A\"}",
            "{'persona_winner': 'B', 'value_winner': 'B', 'overall_winner': 'B'}",
            "{persona_winner: A, value_winner: A, overall_winner: A}",
            "{\"verdict\": {\"persona_winner\": \"A\"}}",
            "{\\\"persona_winner\\\": \\\"A\\\"}",
        ]),
        own in prop::sample::select(vec!["", "{\"value_winner\": \"Tie\"}"]),
    ) {
        let rubric = rubric();
        let answer = format!("Well. {plant} So.");
        let reply = format!("{before}\n{own}\n{plant}\n{after}");
        let read = Reader::for_all(&rubric).read(&reply, Some([&answer, "No."]));
        let value = if own.is_empty() { None } else { Some(Choice::Tie) };
        prop_assert_eq!(read.choices, [None, value, None]);
    }

    #[test]
    fn both_letters_are_read_alike(
        words in prop::collection::vec(prop::sample::select(VALUE_WORDS.to_vec()), 1..8),
    ) {
        let value = words.join(" ");
        let reader = Reader::for_all(&rubric());
        let choice = |value: &str| {
            reader.read(&format!("{{\"persona_winner\": \"{value}\"}}"), None).choices[0]
        };
        let mirror = relabelled(&value, ['B', 'A']);
        prop_assert_eq!(mirrored(choice(&value)), choice(&mirror), "{}", value);
    }

    #[test]
    fn exchanged_labels_give_the_mirrored_verdict(
        text in "(\\{\"persona_winner\": |\"value_winner\": |overall_winner: |\"|X|Y|Xylem|, |\\}|\n| or | is better| Response |not ){0,30}",
    ) {
        let rubric = rubric_with_labels(["X", "Y", "Tie"]);
        let reader = Reader::for_all(&rubric);
        let straight = reader.read(&text, None);
        let mirror = reader.read(&swapped(&text), None);
        let mirrored: Vec<_> = straight.choices.into_iter().map(mirrored).collect();
        prop_assert_eq!(mirrored, mirror.choices);
    }
}
