//! What templates are given of a persona and a question, and the names of all that
//! they are given.

use std::borrow::Cow;

use minijinja::context;
use minijinja::value::Value;

use super::lint::Known;
use crate::study::{Persona, Question, StructuredQuestion, Study};

pub(super) fn persona(study: &Study, persona: &Persona) -> Value {
    let levels = || study.dimensions.iter().zip(&persona.levels);
    let traits: Vec<_> = levels()
        .filter_map(|(dimension, level)| Some((dimension, said(level.as_deref())?)))
        .map(|(dimension, level)| {
            context! { name => readable(dimension), value => one_line(level) }
        })
        .collect();
    let by_dimension = Value::from_pairs(
        levels().map(|(dimension, level)| (dimension.as_str(), said(level.as_deref()))),
    );
    context! {
        id => &persona.id,
        text => said(persona.text.as_deref()),
        traits => Value::from(traits),
        levels => by_dimension,
    }
}

/// What is known of a persona, in lines for people to read; empty where nothing is.
pub fn persona_lines(study: &Study, persona: &Persona) -> String {
    let mut lines: Vec<String> = said(persona.text.as_deref())
        .map(str::to_owned)
        .into_iter()
        .collect();
    let levels = study.dimensions.iter().zip(&persona.levels);
    lines.extend(levels.filter_map(|(dimension, level)| {
        let level = said(level.as_deref())?;
        Some(format!("{}: {}", readable(dimension), one_line(level)))
    }));
    lines.join("\n")
}

pub(super) fn question(question: &Question) -> Value {
    context! {
        id => &question.id,
        topic => question.topic.as_deref().and_then(|topic| said(Some(topic))).map(one_line),
        text => question.text.trim(),
    }
}

pub(super) fn structured(question: &StructuredQuestion) -> Value {
    let scale = &question.scale;
    let options: Vec<_> = scale
        .options()
        .iter()
        .map(|option| {
            context! { code => option.code, label => option.label.as_deref().map(one_line) }
        })
        .collect();
    context! {
        id => &question.id,
        topic => question.topic.as_deref().and_then(|topic| said(Some(topic))).map(one_line),
        text => question.text.trim(),
        options => Value::from(options),
        low => scale.low(),
        high => scale.high(),
        ordered => scale.is_ordered(),
    }
}

/// A cell's text without blank space around it; `None` where nothing is left.
pub(super) fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// A dimension's name in words: `age_group` is the age group.
fn readable(dimension: &str) -> String {
    one_line(&dimension.replace(['_', '-'], " ")).into_owned()
}

/// The text on one line: each run of blank space becomes a single space.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let is_one_line = !text.contains("  ")
        && text.trim() == text
        && text.chars().all(|c| c == ' ' || !c.is_whitespace());
    if is_one_line {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// What the templates of a model under study are given. Where the dimensions are not
/// known, any level may be asked for.
pub(super) fn of_item(dimensions: Option<&[String]>) -> Vec<Known> {
    let levels = dimensions
        .unwrap_or_default()
        .iter()
        .map(|dimension| format!("persona.levels.{dimension}"));
    let of_levels = Known {
        path: "persona.levels".to_owned(),
        has_attributes: dimensions.is_some(),
    };
    [
        "persona.id",
        "persona.text",
        "persona.traits",
        "question.id",
        "question.topic",
        "question.text",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(levels)
    .map(leaf)
    .chain(["persona", "question"].map(node))
    .chain([of_levels])
    .collect()
}

/// What a judge's template is given, beside what belongs to the item.
pub(super) fn of_judge(item: Vec<Known>) -> Vec<Known> {
    let leaves = [
        "truth",
        "truth_known",
        "criteria",
        "labels.first",
        "labels.second",
        "labels.tie",
        "ties",
        "token",
        "first.label",
        "first.fenced",
        "second.label",
        "second.fenced",
    ];
    item.into_iter()
        .chain(leaves.map(|path| leaf(path.to_owned())))
        .chain(["labels", "first", "second"].map(node))
        .collect()
}

/// What the template of a structured question is given, beside what belongs to any item.
pub(super) fn of_structured(item: Vec<Known>) -> Vec<Known> {
    let leaves = [
        "question.options",
        "question.low",
        "question.high",
        "question.ordered",
        "json",
    ];
    item.into_iter()
        .chain(leaves.map(|path| leaf(path.to_owned())))
        .collect()
}

fn leaf(path: String) -> Known {
    Known {
        path,
        has_attributes: false,
    }
}

fn node(path: &str) -> Known {
    Known {
        path: path.to_owned(),
        has_attributes: true,
    }
}
