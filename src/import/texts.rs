//! The answers that a source's records hold, for people to read.
//!
//! What a record does not have is left out, and a record of a form not known here
//! gives nothing: the verdicts were read before, and this adds only what was shown.

use serde_json::value::RawValue;

use super::Format;
use super::csv::{Columns, Mapping};
use super::pandalm::models;
use super::record::{Fields, list, string};
use super::wildbench::answer;

/// Columns of a CSV that may hold what was asked, best first.
pub(super) const QUESTION_TEXTS: [&str; 3] = ["question_text", "prompt", "instruction"];

/// Whose answer a text is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// Of a model by this name.
    Model(String),
    /// Of whoever is the candidate.
    Candidate,
    /// Of whoever is the opponent.
    Opponent,
}

/// What a record shows of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    pub(crate) item: String,
    pub(crate) question: Option<String>,
    /// The draw that the answers are of; `None` where the source knows none.
    pub(crate) sample: Option<u16>,
    pub(crate) sides: Vec<(Side, String)>,
}

/// What a raw record shows. `item` is the one that it was said to be about, `mapping` what
/// the columns of a CSV were said to be.
pub(crate) fn shown(
    format: Format,
    mapping: &Mapping,
    item: Option<&str>,
    raw: &RawValue,
) -> Vec<Shown> {
    let Some(fields) = Fields::of(raw) else {
        return Vec::new();
    };
    match format {
        Format::AlpacaEval => one(item, alpaca_eval(&fields)),
        Format::Llmbar => one(item, gold(&fields, "input", ["output_1", "output_2"])),
        Format::Judgebench => one(
            item,
            gold(&fields, "question", ["response_A", "response_B"]),
        ),
        Format::Pandalm => one(item, pandalm(&fields)),
        Format::Wildbench => one(item, wildbench(&fields)),
        Format::Csv => item
            .and_then(|item| csv(item, &fields, mapping))
            .into_iter()
            .collect(),
        Format::Fastchat => turns(&fields),
        Format::ArenaHard => arena_hard(&fields),
        Format::Inspect | Format::LabelStudio => Vec::new(),
    }
}

type Part = Option<(Option<String>, Vec<(Side, String)>)>;

fn one(item: Option<&str>, part: Part) -> Vec<Shown> {
    let (Some(item), Some((question, sides))) = (item, part) else {
        return Vec::new();
    };
    vec![Shown {
        item: item.to_owned(),
        question,
        sample: None,
        sides,
    }]
}

fn text(fields: &Fields<'_>, names: &[&str]) -> Option<String> {
    fields.text(names).ok().flatten().map(String::from)
}

fn alpaca_eval(fields: &Fields<'_>) -> Part {
    let side = |name: &str, otherwise: Side| text(fields, &[name]).map_or(otherwise, Side::Model);
    Some((
        text(fields, &["instruction"]),
        vec![
            (
                side("generator_2", Side::Candidate),
                text(fields, &["output_2"])?,
            ),
            (
                side("generator_1", Side::Opponent),
                text(fields, &["output_1"])?,
            ),
        ],
    ))
}

/// The candidate is the answer that the label says is right.
fn gold(fields: &Fields<'_>, question: &str, answers: [&str; 2]) -> Part {
    let label = text(fields, &["label"])?;
    let mut sides = [Side::Candidate, Side::Opponent];
    match label.trim() {
        "1" | "A>B" => {}
        "2" | "B>A" => sides.reverse(),
        _ => return None,
    }
    let texts = answers.map(|name| text(fields, &[name]));
    let [Some(first), Some(second)] = texts else {
        return None;
    };
    let sides = sides.into_iter().zip([first, second]).collect();
    Some((text(fields, &[question]), sides))
}

fn pandalm(fields: &Fields<'_>) -> Part {
    let first = text(fields, &["response1", "response_1"])?;
    let second = text(fields, &["response2", "response_2"])?;
    let instruction = text(fields, &["instruction"])?;
    let question = match text(fields, &["input"]).filter(|input| !input.is_empty()) {
        Some(input) => format!("{instruction}\n\n{input}"),
        None => instruction,
    };
    let sides = models(text(fields, &["cmp_key"]).as_deref()).map(Side::Model);
    Some((
        Some(question),
        sides.into_iter().zip([first, second]).collect(),
    ))
}

fn wildbench(fields: &Fields<'_>) -> Part {
    let question = conversation(fields);
    if let Ok(Some(outputs)) = fields.object(&["model_outputs"]) {
        let sides = outputs
            .pairs()
            .filter(|(_, raw)| raw.get().starts_with('"'))
            .map(|(name, raw)| (Side::Model(name.to_owned()), string(raw).into_owned()));
        return Some((question, sides.collect()));
    }
    let model = text(fields, &["model_test", "generator"])?;
    let side = |model, name| Some((Side::Model(model), answer(fields, name)?.into_owned()));
    let reference = text(fields, &["ref_generator"]).and_then(|name| side(name, "ref_output"));
    let sides = side(model, "model_output").into_iter().chain(reference);
    let sides: Vec<(Side, String)> = sides.collect();
    (!sides.is_empty()).then_some((question, sides))
}

/// What was said to the model, turn by turn.
fn conversation(fields: &Fields<'_>) -> Option<String> {
    let raw = fields.raw(&["conversation_input", "chat_history", "input", "prompt"])?;
    let Some(turns) = list(raw) else {
        return raw.get().starts_with('"').then(|| string(raw).into_owned());
    };
    let mut said = Vec::new();
    for turn in turns {
        if let Some(turn) = Fields::of(turn) {
            let role = text(&turn, &["role"]).unwrap_or_else(|| "user".to_owned());
            said.push(format!("{role}: {}", text(&turn, &["content"])?));
        } else if turn.get().starts_with('"') {
            said.push(string(turn).into_owned());
        }
    }
    (!said.is_empty()).then(|| said.join("\n\n"))
}

fn csv(item: &str, fields: &Fields<'_>, mapping: &Mapping) -> Option<Shown> {
    let header: Vec<&str> = fields.names().collect();
    let columns = Columns::new(&header, mapping);
    let side = |field: &str, answer: &str| {
        let model = columns.text(fields, field)?.into_owned();
        let column = columns.names.get(answer).map_or(answer, String::as_str);
        Some((Side::Model(model), text(fields, &[column])?))
    };
    let sample = columns.text(fields, "sample");
    Some(Shown {
        item: item.to_owned(),
        question: text(fields, &QUESTION_TEXTS),
        // As where the rows were read.
        sample: Some(sample.map_or(Some(1), |sample| sample.parse().ok())?),
        sides: vec![
            side("candidate", "candidate_text")?,
            side("opponent", "opponent_text")?,
        ],
    })
}

/// The item of a turn: the first is the question's own.
fn of_turn(question: &str, turn: usize) -> String {
    if turn == 0 {
        question.to_owned()
    } else {
        format!("{question} turn {}", turn + 1)
    }
}

/// `FastChat`'s questions and answers, an item each turn.
fn turns(fields: &Fields<'_>) -> Vec<Shown> {
    let Some(question) = text(fields, &["question_id", "uid"]) else {
        return Vec::new();
    };
    let texts = |raw: &RawValue| -> Vec<String> {
        let turns = list(raw).unwrap_or_default();
        turns.iter().filter_map(|turn| turn_text(turn)).collect()
    };
    if let (Some(model), Ok(Some(choices))) = (
        text(fields, &["model_id", "model"]),
        fields.list(&["choices"]),
    ) {
        let first = choices.first().and_then(|choice| Fields::of(choice));
        let turns = first.and_then(|choice| choice.raw(&["turns"]).map(texts));
        let answers = turns.unwrap_or_default().into_iter().enumerate();
        return answers
            .map(|(turn, answer)| Shown {
                item: of_turn(&question, turn),
                question: None,
                sample: None,
                sides: vec![(Side::Model(model.clone()), answer)],
            })
            .collect();
    }
    let Some(asked) = fields.raw(&["turns"]).map(texts) else {
        let asked = text(fields, &["prompt", "text"]);
        return vec![Shown {
            item: question,
            question: asked,
            sample: None,
            sides: Vec::new(),
        }];
    };
    (0..asked.len())
        .map(|turn| Shown {
            item: of_turn(&question, turn),
            question: Some(asked[..=turn].join("\n\n")),
            sample: None,
            sides: Vec::new(),
        })
        .collect()
}

/// A turn as text, or with its text in `content`.
fn turn_text(raw: &RawValue) -> Option<String> {
    if raw.get().starts_with('"') {
        return Some(string(raw).into_owned());
    }
    text(&Fields::of(raw)?, &["content", "answer"])
}

fn arena_hard(fields: &Fields<'_>) -> Vec<Shown> {
    let Ok(Some(messages)) = fields.list(&["messages"]) else {
        return turns(fields);
    };
    let answer = || {
        let item = text(fields, &["uid", "question_id"])?;
        let model = text(fields, &["model", "model_id"])?;
        let last = Fields::of(messages.last()?)?;
        let answer = turn_text(last.raw(&["content"])?)?;
        let asked = messages[..messages.len() - 1]
            .iter()
            .filter_map(|message| turn_text(Fields::of(message)?.raw(&["content"])?));
        let asked: Vec<String> = asked.collect();
        Some(Shown {
            item,
            question: (!asked.is_empty()).then(|| asked.join("\n\n")),
            sample: None,
            sides: vec![(Side::Model(model), answer)],
        })
    };
    answer().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "made where it is given")]
    fn of(format: Format, item: &str, record: serde_json::Value) -> Vec<Shown> {
        let text = record.to_string();
        let mapping = Mapping {
            columns: vec![("candidate_text".to_owned(), "reply".to_owned())],
            values: Vec::new(),
        };
        let raw = serde_json::from_str(&text).unwrap();
        shown(format, &mapping, Some(item), raw)
    }

    type Told<'s> = (&'s str, Option<&'s str>, Vec<(&'s Side, &'s str)>);

    fn texts(shown: &[Shown]) -> Vec<Told<'_>> {
        shown
            .iter()
            .map(|one| {
                let sides = one.sides.iter().map(|(side, text)| (side, text.as_str()));
                (one.item.as_str(), one.question.as_deref(), sides.collect())
            })
            .collect()
    }

    #[test]
    fn older_pairs_of_wildbench_tell_both_answers() {
        let model = |name: &str| Side::Model(name.to_owned());
        let older = of(
            Format::Wildbench,
            "s",
            json!({"generator": "a", "model_output": ["x"], "ref_generator": "b", "ref_output": "y"}),
        );
        assert_eq!(
            texts(&older),
            [("s", None, vec![(&model("a"), "x"), (&model("b"), "y")])]
        );
    }

    #[test]
    fn each_format_tells_its_answers() {
        let model = |name: &str| Side::Model(name.to_owned());
        let alpaca = of(
            Format::AlpacaEval,
            "i",
            json!({"instruction": "do", "output_1": "b", "output_2": "m", "generator_2": "new"}),
        );
        assert_eq!(
            texts(&alpaca),
            [(
                "i",
                Some("do"),
                vec![(&model("new"), "m"), (&Side::Opponent, "b")]
            )]
        );
        let llmbar = of(
            Format::Llmbar,
            "i",
            json!({"input": "do", "output_1": "x", "output_2": "y", "label": 2}),
        );
        assert_eq!(
            texts(&llmbar),
            [(
                "i",
                Some("do"),
                vec![(&Side::Opponent, "x"), (&Side::Candidate, "y")]
            )]
        );
        let judgebench = of(
            Format::Judgebench,
            "i",
            json!({"question": "why", "response_A": "x", "response_B": "y", "label": "A>B"}),
        );
        assert_eq!(judgebench[0].sides[0], (Side::Candidate, "x".to_owned()));
        let pandalm = of(
            Format::Pandalm,
            "3",
            json!({"instruction": "do", "input": "this", "response1": "x", "response2": "y"}),
        );
        assert_eq!(pandalm[0].question.as_deref(), Some("do\n\nthis"));
        assert_eq!(pandalm[0].sides[1], (model("response 2"), "y".to_owned()));
        let pandalm = of(
            Format::Pandalm,
            "3",
            json!({"instruction": "do", "cmp_key": "a_b", "response1": "x", "response2": "y"}),
        );
        assert_eq!(pandalm[0].sides[1], (model("b"), "y".to_owned()));
        let wildbench = of(
            Format::Wildbench,
            "s",
            json!({"model_outputs": {"a": "x", "b": "y"}, "conversation_input": [{"role": "user", "content": "hi"}]}),
        );
        assert_eq!(
            texts(&wildbench),
            [(
                "s",
                Some("user: hi"),
                vec![(&model("a"), "x"), (&model("b"), "y")]
            )]
        );
        let answers = of(
            Format::Fastchat,
            "",
            json!({"question_id": 7, "model_id": "a", "choices": [{"turns": ["one", "two"]}]}),
        );
        assert_eq!(
            texts(&answers),
            [
                ("7", None, vec![(&model("a"), "one")]),
                ("7 turn 2", None, vec![(&model("a"), "two")])
            ]
        );
        let asked = of(
            Format::Fastchat,
            "",
            json!({"question_id": 7, "turns": ["q", "and?"]}),
        );
        assert_eq!(asked[1].question.as_deref(), Some("q\n\nand?"));
        let arena = of(
            Format::ArenaHard,
            "",
            json!({"uid": "u", "model": "a", "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": {"answer": "x"}}]}),
        );
        assert_eq!(texts(&arena), [("u", Some("q"), vec![(&model("a"), "x")])]);
        let rows = of(
            Format::Csv,
            "q",
            json!({"left": "a ", "Right": "b", "sample": "2", "reply": "x", "opponent_text": "y"}),
        );
        assert_eq!(rows[0].sample, Some(2));
        assert_eq!(
            texts(&rows),
            [("q", None, vec![(&model("a"), "x"), (&model("b"), "y")])]
        );
    }

    #[test]
    fn records_without_texts_give_nothing() {
        for format in Format::ALL {
            let of = of(format, "i", json!({"label": 1, "winner": "a"}));
            assert!(of.iter().all(|one| one.sides.is_empty()), "{format}");
        }
        assert_eq!(of(Format::Csv, "i", json!([1])), []);
    }
}
