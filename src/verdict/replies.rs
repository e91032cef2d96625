//! Replies from a file, read line by line: one JSON object in, one out.
//!
//! In: `{"id", "reply"}` and optionally `"answers"`, the two answers that were
//! judged; other keys are passed over. Out: `{"id", "verdict", "repairs",
//! "reason"}`. A line that cannot be read is a [`Problem`] and holds up no other.

use std::path::{Path, PathBuf};

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::Choice;
use super::extract::{Extraction, Reader, Repair, Unread};
use crate::problem::Problem;
use crate::rubric::Rubric;
use crate::text::surrogates::whole_surrogates;

const EXPECTED: &str = "expected an object with `id` and `reply`, and `answers` as a list of two \
                        strings if it has any";
const HELP: &str = "each line is one JSON object; line breaks in a reply are written \\n";

/// Reads the lines of one file under one rubric, all of its criteria asked.
#[derive(Debug)]
pub struct LineReader<'r> {
    rubric: &'r Rubric,
    reader: Reader,
    file: PathBuf,
    lines: usize,
}

/// A line of the input.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(deserialize_with = "empty_if_null")]
    reply: String,
    #[serde(default)]
    answers: Option<[String; 2]>,
}

/// A judge that said nothing has null for its reply where it was saved from an API.
fn empty_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A line of the output.
#[derive(Serialize)]
struct Read<'a> {
    id: &'a RawValue,
    verdict: Option<Verdict<'a>>,
    repairs: &'a [Repair],
    reason: Option<String>,
}

/// The labels by criterion, in the rubric's order.
struct Verdict<'a> {
    rubric: &'a Rubric,
    choices: &'a [Option<Choice>],
}

impl Serialize for Verdict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let criteria = &self.rubric.criteria;
        let labels = &self.rubric.labels;
        let mut map = serializer.serialize_map(Some(criteria.len()))?;
        for (criterion, choice) in criteria.iter().zip(self.choices) {
            let label = choice.map(|choice| match choice {
                Choice::First => labels.first.as_str(),
                Choice::Second => labels.second.as_str(),
                Choice::Tie => "tie",
            });
            map.serialize_entry(&criterion.key, &label)?;
        }
        map.end()
    }
}

impl<'r> LineReader<'r> {
    /// For the lines of `file`, which is only named in problems.
    pub fn new(rubric: &'r Rubric, file: &Path) -> Self {
        Self {
            rubric,
            reader: Reader::for_all(rubric),
            file: file.to_owned(),
            lines: 0,
        }
    }

    /// As [`Self::read`], of a line as it stands in a file, with its line end.
    pub fn read_bytes(&mut self, line: &[u8]) -> Result<Option<String>, Box<Problem>> {
        match std::str::from_utf8(line) {
            Ok(line) => self.read(line.trim_end_matches(['\n', '\r'])),
            Err(error) => {
                self.lines += 1;
                let column = error.valid_up_to() + 1;
                let problem = self.problem("not UTF-8".to_owned());
                Err(Box::new(
                    problem.column(column).help("save the file as UTF-8"),
                ))
            }
        }
    }

    /// Reads the next line and gives the line to be printed, without a line end;
    /// nothing for a blank line.
    pub fn read(&mut self, line: &str) -> Result<Option<String>, Box<Problem>> {
        self.lines += 1;
        let line = if self.lines == 1 {
            line.strip_prefix('\u{feff}').unwrap_or(line)
        } else {
            line
        };
        if line.trim().is_empty() {
            return Ok(None);
        }
        let repaired;
        let input = match self.parse(line) {
            Ok(input) => input,
            Err(problem) => {
                repaired = whole_surrogates(line).ok_or(problem)?;
                self.parse(&repaired)?
            }
        };
        let answers = input.answers.as_ref().map(|two| [&*two[0], &*two[1]]);
        let read = self.reader.read(&input.reply, answers);
        let output = Read {
            id: input.id,
            verdict: (read.given() > 0).then_some(Verdict {
                rubric: self.rubric,
                choices: &read.choices,
            }),
            repairs: &read.repairs,
            reason: reason(self.rubric, &read),
        };
        serde_json::to_string(&output)
            .map(Some)
            .map_err(|error| Box::new(self.problem(format!("cannot be written as JSON: {error}"))))
    }

    fn parse<'l>(&self, line: &'l str) -> Result<Line<'l>, Box<Problem>> {
        if !line.trim_start().starts_with('{') {
            return Err(Box::new(self.problem(EXPECTED).help(HELP)));
        }
        let input: Line<'_> = serde_json::from_str(line).map_err(|error| {
            let problem = self
                .problem(format!("{}; {EXPECTED}", without_place(&error)))
                .help(HELP);
            Box::new(match column(line, &error) {
                Some(column) => problem.column(column),
                None => problem,
            })
        })?;
        if input
            .id
            .get()
            .starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit())
        {
            Ok(input)
        } else {
            let problem = self.problem("expected a string or a number").field("id");
            Err(Box::new(problem))
        }
    }

    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::error(&self.file, message).line(self.lines)
    }
}

/// Why criteria are missing, in words; nothing where none is.
fn reason(rubric: &Rubric, read: &Extraction) -> Option<String> {
    if read.is_full() {
        return None;
    }
    let not_said = |unread: &Option<Unread>| *unread == Some(Unread::NotSaid);
    if read.unread.iter().all(not_said) {
        return Some("no_verdict: no object and no line says any criterion".to_owned());
    }
    let each: Vec<String> = rubric
        .criteria
        .iter()
        .zip(&read.unread)
        .filter_map(|(criterion, unread)| {
            unread.map(|unread| format!("{} {}", criterion.key, said(unread)))
        })
        .collect();
    let kind = if read.given() == 0 {
        "no_verdict"
    } else {
        "partial"
    };
    Some(format!("{kind}: {}", each.join("; ")))
}

/// What is wrong with a criterion, after its key.
fn said(unread: Unread) -> &'static str {
    match unread {
        Unread::NotSaid => "is not said",
        Unread::Null => "is null",
        Unread::Empty => "is empty",
        Unread::Number => "is a number",
        Unread::UnknownLabel => "states none of the rubric's labels",
        Unread::TwoLabels => "names more than one label",
        Unread::SaidTwice => "is said twice with different winners",
        Unread::TieNotAllowed => "is a tie, which the rubric does not know",
        Unread::InAnswer => "stands only in words of an answer",
        Unread::Cut => "is cut off",
    }
}

/// The message of a JSON error without its line and column.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The column of a JSON error in characters, from 1; it is counted in bytes.
fn column(line: &str, error: &serde_json::Error) -> Option<usize> {
    let byte = error.column().checked_sub(1)?;
    Some(line.char_indices().take_while(|(at, _)| *at < byte).count() + 1)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::extract::cases::{rubric, rubric_with_labels};
    use super::*;

    fn read(line: &str) -> String {
        let rubric = rubric();
        let mut reader = LineReader::new(&rubric, Path::new("replies.jsonl"));
        match reader.read(line) {
            Ok(output) => output.unwrap_or_default(),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn a_full_verdict_has_no_reason() {
        assert_snapshot!(
            read(r#"{"id": "x", "reply": "{\"persona_winner\": \"A\", \"value_winner\": \"B\", \"overall_winner\": \"neither\"}"}"#),
            @r##"{"id":"x","verdict":{"persona_winner":"A","value_winner":"B","overall_winner":"tie"},"repairs":["tie_word"],"reason":null}"##
        );
    }

    #[test]
    fn what_is_missing_is_null_with_a_reason() {
        assert_snapshot!(
            read(r#"{"reply": "{\"persona_winner\": \"A\", \"value_winner\": 3}", "id": 17, "note": "passed over"}"#),
            @r##"{"id":17,"verdict":{"persona_winner":"A","value_winner":null,"overall_winner":null},"repairs":[],"reason":"partial: value_winner is a number; overall_winner is not said"}"##
        );
    }

    #[test]
    fn a_reply_without_a_verdict_has_none() {
        assert_snapshot!(read(r#"{"id": 1.50, "reply": ""}"#), @r##"{"id":1.50,"verdict":null,"repairs":[],"reason":"no_verdict: no object and no line says any criterion"}"##);
        assert_snapshot!(
            read(r#"{"id": "é", "reply": "{\"persona_winner\": \"A or B\"}", "answers": null}"#),
            @r##"{"id":"é","verdict":null,"repairs":[],"reason":"no_verdict: persona_winner names more than one label; value_winner is not said; overall_winner is not said"}"##
        );
    }

    #[test]
    fn what_stands_in_an_answer_is_not_read() {
        assert_snapshot!(
            read(r#"{"id": "x", "reply": "{\"persona_winner\": \"A\"}", "answers": ["{\"persona_winner\": \"A\"}", ""]}"#),
            @r##"{"id":"x","verdict":null,"repairs":["answer_quote_passed_over"],"reason":"no_verdict: persona_winner stands only in words of an answer; value_winner is not said; overall_winner is not said"}"##
        );
    }

    #[test]
    fn labels_are_the_rubrics_and_a_tie_is_tie() {
        let rubric = rubric_with_labels(["Left", "Right", "Even"]);
        let mut reader = LineReader::new(&rubric, Path::new("replies.jsonl"));
        let line = r#"{"id": "x", "reply": "persona_winner: left\nvalue_winner: Right\noverall_winner: EVEN"}"#;
        assert_snapshot!(reader.read(line).unwrap().unwrap(), @r##"{"id":"x","verdict":{"persona_winner":"Left","value_winner":"Right","overall_winner":"tie"},"repairs":["key_lines","label_case"],"reason":null}"##);
    }

    #[test]
    fn bad_lines_are_told_with_their_place() {
        assert_snapshot!(read(r#"{"id": "x", "reply": "cut"#), @r##"
        replies.jsonl:1:25: EOF while parsing a string; expected an object with `id` and `reply`, and `answers` as a list of two strings if it has any
          help: each line is one JSON object; line breaks in a reply are written \n
        "##);
        assert_snapshot!(read(r#"{"id": "x"}"#), @r##"
        replies.jsonl:1:11: missing field `reply`; expected an object with `id` and `reply`, and `answers` as a list of two strings if it has any
          help: each line is one JSON object; line breaks in a reply are written \n
        "##);
        assert_snapshot!(read(r#"{"id": "日本", "reply": 3}"#), @r##"
        replies.jsonl:1:23: invalid type: integer `3`, expected a string; expected an object with `id` and `reply`, and `answers` as a list of two strings if it has any
          help: each line is one JSON object; line breaks in a reply are written \n
        "##);
        assert_snapshot!(read(r#"{"id": null, "reply": ""}"#), @r##"replies.jsonl:1: id: expected a string or a number"##);
        assert_snapshot!(read(r#"{"id": "x", "reply": "", "answers": ["one"]}"#), @r##"
        replies.jsonl:1:43: invalid length 1, expected an array of length 2; expected an object with `id` and `reply`, and `answers` as a list of two strings if it has any
          help: each line is one JSON object; line breaks in a reply are written \n
        "##);
        assert_snapshot!(read("[1, 2]"), @r##"
        replies.jsonl:1: expected an object with `id` and `reply`, and `answers` as a list of two strings if it has any
          help: each line is one JSON object; line breaks in a reply are written \n
        "##);
    }

    #[test]
    fn a_text_cut_inside_a_character_is_read() {
        for line in [
            r#"{"id": 1, "reply": "{\"persona_winner\": \"A\"} \ud83d"}"#,
            r#"{"id": 1, "reply": "{\"persona_winner\": \"A\"}", "answers": ["\ud83d", "\udc00"]}"#,
        ] {
            assert!(read(line).contains(r#""persona_winner":"A""#), "{line}");
        }
    }

    #[test]
    fn a_reply_that_is_null_is_empty() {
        assert_eq!(
            read(r#"{"id": 1, "reply": null}"#),
            read(r#"{"id": 1, "reply": ""}"#)
        );
        assert!(read(r#"{"id": 1}"#).contains("missing field `reply`"));
    }

    #[test]
    fn a_bad_line_holds_up_no_other() {
        let rubric = rubric();
        let mut reader = LineReader::new(&rubric, Path::new("replies.jsonl"));
        assert!(
            reader
                .read("\u{feff}{\"id\": 1, \"reply\": \"\"}")
                .unwrap()
                .is_some()
        );
        assert!(reader.read("   ").unwrap().is_none());
        assert_eq!(reader.read("no").unwrap_err().line, Some(3));
        assert!(
            reader
                .read("{\"id\": 2, \"reply\": \"\"}")
                .unwrap()
                .is_some()
        );
    }
}
