//! Reads any text as a judge's reply.
//!
//! `cargo +nightly fuzz run verdict` in the project's folder. The input is cut at
//! bytes 0xFF into the reply and the two answers. Held: no panic, the same reading
//! twice, a reason for all that is missing, no reading of what stands in an
//! answer, and a verdict in a paragraph of its own is always read.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use oyer::rubric::{Ask, Criterion, Labels, Rubric, Template, WithoutTruth};
use oyer::verdict::Choice;
use oyer::verdict::extract::Reader;
use oyer::verdict::reasoning::strip;

const FULL: &str = r#"{"persona_winner": "A", "value_winner": "B", "overall_winner": "Tie"}"#;

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let criterion = |key: &str| Criterion {
        key: key.to_owned(),
        name: key.to_owned(),
        guide: String::new(),
        needs_truth: false,
    };
    Reader::for_all(&Rubric {
        name: "fuzz".to_owned(),
        template: Template {
            name: "fuzz".to_owned(),
            source: String::new(),
        },
        labels: Labels::default(),
        ties: true,
        ask: Ask::Together,
        without_truth: WithoutTruth::Skip,
        criteria: ["persona_winner", "value_winner", "overall_winner"]
            .map(criterion)
            .into(),
    })
});

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |&byte| byte == 0xFF).map(String::from_utf8_lossy);
    let reply = parts.next().unwrap_or_default();
    let first = parts.next().unwrap_or_default();
    let second = parts.next().unwrap_or_default();

    let read = READER.read(&reply, Some([&first, &second]));
    assert_eq!(read, READER.read(&reply, Some([&first, &second])));
    for (choice, unread) in read.choices.iter().zip(&read.unread) {
        assert!(choice.is_some() != unread.is_some());
    }

    // What is quoted from an answer says nothing: the reply itself, as an answer, and what
    // is left of it without its reasoning as the other.
    let stripped = strip(&reply);
    let quoted = READER.read(&reply, Some([&stripped.answer, &reply]));
    assert_eq!(quoted.given(), 0);

    // An open reasoning block would take in what follows.
    let text = format!("{}\n\n{FULL}\n", stripped.answer);
    if !strip(&text).had_reasoning {
        let after = READER.read(&text, None);
        let expected = [Choice::First, Choice::Second, Choice::Tie].map(Some);
        assert_eq!(after.choices, expected);
    }
});
