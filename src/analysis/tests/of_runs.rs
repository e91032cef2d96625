//! What is known of a run besides its verdicts.

use super::edge_cases::all;
use super::*;
use Outcome::{Missing, Win};
use facts::Readings;
use report::NoteCode;

use crate::verdict::extract::Repair;

#[test]
fn models_are_counted_and_measured() {
    let mut table = table(&all(Win));
    for judgment in &mut table.judgments {
        judgment.candidate_chars = Some(100).into();
        judgment.opponent_chars = Some(60).into();
    }
    table.cells[0] = crate::verdict::table::Cell {
        criterion: 0,
        outcome: Missing,
        missing: Some(MissingReason::Refused),
    };
    let facts = Facts {
        simulated: vec!["base".to_owned()],
        models: vec![facts::ModelFacts {
            name: "base".to_owned(),
            answers: report::Answers {
                planned: 12,
                answered: 12,
                truncated: 2,
                empty: 3,
                refused_in_words: 1,
                ..Default::default()
            },
            mean_chars: Some(61.5),
        }],
        ..Facts::default()
    };
    let report = analyse(&table, Some(&facts), &Options::default()).unwrap();
    let [base, tuned] = &report.models[..] else {
        panic!("two models")
    };
    assert_eq!(
        (base.model.as_str(), base.simulated, base.verdicts),
        ("base", true, 24)
    );
    assert_close(base.mean_chars, 61.5);
    assert_close(tuned.mean_chars, 100.0);
    assert_eq!((tuned.missing.refused, tuned.answers), (1, None));
    for code in [
        NoteCode::Simulated,
        NoteCode::TruncatedAnswers,
        NoteCode::EmptyAnswers,
        NoteCode::RefusalsJudged,
    ] {
        assert!(has_note(&report, code), "{code:?}");
    }
}

#[test]
fn cost_is_summed_over_priced_entries() {
    let entry = |name: &str, dollars| report::EntryCost {
        entry: name.to_owned(),
        calls: 10,
        attempts: 12,
        input_tokens: 1000,
        output_tokens: 100,
        unmetered: 2,
        dollars,
    };
    let facts = Facts {
        cost: vec![
            entry("base", Some(0.25)),
            entry("tuned", None),
            entry("main", Some(1.5)),
        ],
        ..Facts::default()
    };
    let report = analyse(&table(&all(Win)), Some(&facts), &Options::default()).unwrap();
    let cost = report.cost.unwrap();
    assert_eq!(
        (cost.calls, cost.attempts, cost.input_tokens),
        (30, 36, 3000)
    );
    assert_close(cost.dollars, 1.75);
    assert_eq!(cost.unpriced, ["tuned"]);
    assert_eq!(cost.unmetered, 6);
    // What has no price may have been billed anything.
    let notes = report.notes.iter();
    let unmetered = notes.filter(|note| note.code == NoteCode::UnmeteredRequests);
    let subjects: Vec<&str> = unmetered
        .flat_map(|note| &note.subjects)
        .map(String::as_str)
        .collect();
    assert_eq!(subjects, ["base: 2 of 12", "main: 2 of 12"]);
}

#[test]
fn repaired_replies_are_counted_for_each_judge_that_gave_any() {
    let read = |judge: &str, repaired, repairs: &[(Repair, u64)]| Readings {
        judge: judge.to_owned(),
        verdicts: 400,
        repaired,
        repairs: repairs.to_vec(),
    };
    let facts = Facts {
        readings: vec![
            read(
                "main",
                12,
                &[(Repair::TrailingComma, 9), (Repair::Fence, 3)],
            ),
            read("other", 0, &[]),
        ],
        ..Facts::default()
    };
    let report = analyse(&table(&all(Win)), Some(&facts), &Options::default()).unwrap();
    let notes = report.notes.iter();
    let repaired: Vec<_> = notes
        .filter(|note| note.code == NoteCode::RepairedVerdicts)
        .collect();
    assert_eq!(repaired.len(), 1);
    let said = "main: 12 of 400 (trailing_comma 9, fence 3)";
    assert_eq!(repaired[0].subjects, [said]);
}
