//! Rendering a study's prompts with the built-in and with own templates.

use std::fmt::Write;
use std::path::Path;

use super::*;
use crate::rubric::load::{load, template};
use crate::rubric::{Rubric, Template};
use crate::study::testing::entry;
use crate::study::{
    Compare, Entry, Judging, Orders, Persona, ProviderKind, Question, ReplyFormat, ReportOptions,
    Study, Truth,
};

mod hostile;
mod judges;
mod models;
mod problems;

/// Persona 0 has a text and all levels, persona 1 no text and one level, persona 2
/// nothing. Only persona 0 has a truth, and only on question 0.
fn study() -> Study {
    let level = |level: &str| Some(level.to_owned());
    let persona = |id: &str, text: Option<&str>, levels| Persona {
        id: id.to_owned(),
        text: text.map(str::to_owned),
        split: None,
        stratum: None,
        n: None,
        weight: None,
        levels,
    };
    let question = |id: &str, topic: Option<&str>, text: &str| Question {
        id: id.to_owned(),
        topic: topic.map(str::to_owned),
        text: text.to_owned(),
        structured: None,
        covariates: Vec::new(),
    };
    Study {
        name: "test".to_owned(),
        seed: 1,
        dimensions: vec!["sex".to_owned(), "age_group".to_owned()],
        covariates: Vec::new(),
        personas: vec![
            persona(
                "p1",
                Some("Lives in Singapore, in a flat in Tampines.\n"),
                vec![level("Female"), level("65 and\n over")],
            ),
            persona("p2", None, vec![None, level("25-34 years")]),
            persona("p3", None, vec![None, level(" ")]),
        ],
        questions: vec![
            question("q1", Some("trust"), "How far do you trust people you meet?"),
            question("q2", None, "What makes a good life?\nTell me about yours."),
        ],
        truths: vec![Truth {
            persona: 0,
            question: 0,
            value: "Most people\ncan be  trusted".into(),
            code: None,
            share: None,
            n: None,
        }],
        models: Vec::new(),
        judges: vec![judge(ReplyFormat::Text)],
        compare: Compare {
            pairs: Vec::new(),
            samples: 1,
        },
        judging: Judging {
            judges: vec![0],
            rubric: rubric("persona-value"),
            orders: Orders::Both,
            repeats: 1,
            reasks: 1,
            persona_prompt: builtin("persona"),
            question_prompt: builtin("open-ended"),
        },
        report: ReportOptions::default(),
        structured: None,
        variants: None,
    }
}

fn judge(reply: ReplyFormat) -> Entry {
    Entry {
        reply,
        ..entry("judge", ProviderKind::Simulated)
    }
}

fn rubric(name: &str) -> Rubric {
    load(name, Path::new("")).unwrap()
}

fn builtin(name: &str) -> Template {
    template(name, Path::new("")).unwrap()
}

fn own(source: &str) -> Template {
    Template {
        name: "mine.j2".to_owned(),
        source: source.to_owned(),
    }
}

/// A study whose judge is asked by this template.
fn judged_by(source: &str) -> Study {
    let mut study = study();
    study.judging.rubric.template = own(source);
    study
}

fn shown(messages: &[Message]) -> String {
    let mut text = String::new();
    for message in messages {
        writeln!(text, "--- {:?}\n{}", message.role, message.content).unwrap();
    }
    text
}

fn generated(study: &Study, persona: usize, question: usize) -> String {
    let prompts = Prompts::new(study).unwrap();
    shown(&prompts.generation(0, persona, question).unwrap())
}

fn asking<'a>(asked: &'a [usize], first: &'a str, second: &'a str) -> JudgmentContext<'a> {
    JudgmentContext {
        persona: 0,
        question: 0,
        asked,
        first,
        second,
        draw: "candidate_first 1 1",
    }
}

fn problems(study: &Study) -> String {
    let Err(problems) = Prompts::new(study) else {
        return "none".to_owned();
    };
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    without_more(&lines.join("\n"))
}

/// Without what is said of every failure.
fn without_more(problems: &str) -> String {
    let more = "more may show once this is mended";
    problems
        .replace(&format!("\n  help: {more}"), "")
        .replace(&format!("; {more}"), "")
}

#[test]
fn prompts_can_be_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Prompts>();
}
