//! Tasks as Label Studio imports them: a JSON list of objects with `data`.
//!
//! A task's data holds the texts and an opaque id, and nothing else. Nothing in the
//! file stands for markup or moves a terminal: such characters are written as
//! `\uXXXX`, which is the same text.

use serde::Serialize;

use super::sample::Assignment;
use super::{Frame, Texts};
use crate::text::escape_json;

const NO_TRUTH: &str = "(not known: leave the question about it open)";
const NO_PERSONA: &str = "(nothing is known about the person)";
const NO_QUESTION: &str = "(the question is not known)";
const NO_ANSWER: &str = "(empty answer)";

#[derive(Serialize)]
struct Task<'t> {
    data: Data<'t>,
}

/// Its fields are those of [`field`](crate::import::labelling_key::field).
#[derive(Serialize)]
struct Data<'t> {
    oyer_task: &'t str,
    persona: &'t str,
    question: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<&'t str>,
    left: &'t str,
    right: &'t str,
}

/// The tasks of one annotator as a JSON text. `texts` gives what is shown of a
/// comparison, by its index in the frame.
///
/// # Errors
///
/// What `texts` fails with.
pub fn tasks<E>(
    frame: &Frame,
    assignments: &[&Assignment],
    mut texts: impl FnMut(usize) -> Result<Texts, E>,
) -> Result<String, E> {
    let mut json = String::from("[");
    for (number, assignment) in assignments.iter().enumerate() {
        let texts = texts(assignment.comparison)?;
        let task = Task {
            data: data(frame, assignment, &texts),
        };
        json.push_str(if number == 0 { "\n" } else { ",\n" });
        // Texts always serialise.
        json.push_str(&plain(&serde_json::to_string(&task).unwrap_or_default()));
    }
    json.push_str("\n]\n");
    Ok(json)
}

fn data<'t>(frame: &Frame, assignment: &'t Assignment, texts: &'t Texts) -> Data<'t> {
    let or = |text: &'t str, otherwise: &'t str| {
        if text.trim().is_empty() {
            otherwise
        } else {
            text
        }
    };
    let candidate = or(&texts.candidate, NO_ANSWER);
    let opponent = or(&texts.opponent, NO_ANSWER);
    let (left, right) = if assignment.candidate_left {
        (candidate, opponent)
    } else {
        (opponent, candidate)
    };
    Data {
        oyer_task: &assignment.task,
        persona: or(&texts.persona, NO_PERSONA),
        question: or(&texts.question, NO_QUESTION),
        truth: frame
            .needs_truth()
            .then(|| or(texts.truth.as_deref().unwrap_or_default(), NO_TRUTH)),
        left,
        right,
    }
}

/// JSON without a character that HTML or a terminal takes for its own.
fn plain(json: &str) -> String {
    escape_json(json)
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::import::labelling_key::field;
    use crate::labelling::Criterion;
    use crate::rubric::Labels;

    #[test]
    fn texts_are_data_and_stand_where_the_key_says() {
        let mut frame = Frame {
            dimensions: Vec::new(),
            of_personas: 0,
            criteria: vec![Criterion {
                key: "value".to_owned(),
                name: "Value".to_owned(),
                guide: String::new(),
                needs_truth: true,
            }],
            labels: Labels::default(),
            judge_ties: true,
            comparisons: Vec::new(),
            left_out: Vec::new(),
        };
        let assignment = |task: &str, candidate_left| Assignment {
            task: task.to_owned(),
            comparison: 0,
            stratum: 0,
            annotator: 1,
            candidate_left,
        };
        let evil = "</script><View name=\"x\"/>&amp;\u{1b}[31m\u{202e}\n$left";
        let texts = |_| {
            Ok::<_, Infallible>(Texts {
                question: "Why?".to_owned(),
                candidate: evil.to_owned(),
                opponent: " ".to_owned(),
                ..Texts::default()
            })
        };
        let (one, two) = (assignment("t1", true), assignment("t2", false));
        let json = tasks(&frame, &[&one, &two], texts).unwrap();
        assert!(
            !json.contains(['<', '>', '&', '\u{1b}', '\u{202e}']),
            "{json}"
        );
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read[0]["data"][field::LEFT], evil);
        assert_eq!(read[0]["data"][field::RIGHT], NO_ANSWER);
        assert_eq!(read[1]["data"][field::RIGHT], evil);
        assert_eq!(read[1]["data"][field::TASK], "t2");
        assert_eq!(read[0]["data"][field::PERSONA], NO_PERSONA);
        assert_eq!(read[0]["data"][field::TRUTH], NO_TRUTH);
        assert_eq!(read[0]["data"][field::QUESTION], "Why?");
        assert_eq!(read[0].as_object().unwrap().len(), 1);
        assert_eq!(read[0]["data"].as_object().unwrap().len(), 6);
        frame.criteria[0].needs_truth = false;
        let json = tasks(&frame, &[&one], texts).unwrap();
        assert!(!json.contains("truth"), "{json}");
        assert_eq!(tasks(&frame, &[], texts).unwrap(), "[\n]\n");
    }
}
