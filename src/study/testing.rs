//! A small study for the tests of other rooms.

use std::path::Path;

use super::{
    AnswerForm, Compare, Entry, Judging, MaxTokensField, Orders, Pair, Persona, ProviderKind,
    Question, ReplyFormat, ReportOptions, Scale, Simulated, Structured, StructuredQuestion,
    StructuredTruth, Study, SystemRole, Truth,
};
use crate::rubric::load::{load, template};

/// An entry with nothing set but its dialect.
pub(crate) fn entry(name: &str, provider: ProviderKind) -> Entry {
    Entry {
        name: name.to_owned(),
        provider,
        base_urls: Vec::new(),
        model: name.to_owned(),
        revision: None,
        api_key_env: None,
        temperature: None,
        top_p: None,
        max_tokens: None,
        max_tokens_field: MaxTokensField::default(),
        seed: None,
        extra: serde_json::Map::new(),
        headers: std::collections::BTreeMap::new(),
        api_version: None,
        system: SystemRole::default(),
        reply: ReplyFormat::default(),
        price: None,
        max_connections: None,
        timeout: 5.0,
        max_tries: 8,
        simulated: Simulated::default(),
        answers: Vec::new(),
        structured_answers: Vec::new(),
        alignment_by: Vec::new(),
    }
}

/// Simulated models `tuned` and `base`, judged by `main`; every item has a truth.
pub(crate) fn study(personas: u32, questions: u32) -> Study {
    let persona = |n: u32| Persona {
        id: format!("p{n}"),
        text: None,
        split: None,
        stratum: None,
        n: None,
        weight: None,
        levels: vec![Some(
            if n.is_multiple_of(2) {
                "female"
            } else {
                "male"
            }
            .to_owned(),
        )],
    };
    let question = |n: u32| Question {
        id: format!("q{n}"),
        topic: Some("trust".to_owned()),
        text: format!("What do you think of matter {n}?"),
        structured: None,
        covariates: Vec::new(),
    };
    let truth = |persona: u32, question: u32| Truth {
        persona,
        question,
        value: format!("holds view {persona} of matter {question}").into(),
        code: None,
        share: None,
        n: None,
    };
    let builtin = |name: &str| template(name, Path::new("")).unwrap();
    let simulated = |name: &str, seed| Entry {
        seed: Some(seed),
        ..entry(name, ProviderKind::Simulated)
    };
    Study {
        name: "test".to_owned(),
        seed: 7,
        dimensions: vec!["sex".to_owned()],
        covariates: Vec::new(),
        personas: (0..personas).map(persona).collect(),
        questions: (0..questions).map(question).collect(),
        truths: (0..personas)
            .flat_map(|p| (0..questions).map(move |q| truth(p, q)))
            .collect(),
        models: vec![simulated("tuned", 1), simulated("base", 2)],
        judges: vec![simulated("main", 3)],
        compare: Compare {
            pairs: vec![Pair {
                candidate: 0,
                opponent: 1,
            }],
            samples: 1,
        },
        judging: Judging {
            judges: vec![0],
            rubric: load("persona-value", Path::new("")).unwrap(),
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

/// The same with a structured half of as many questions; every item has the truth 2.
pub(crate) fn structured_study(personas: u32, questions: u32) -> Study {
    Study {
        structured: Some(structured_half(personas, questions, |_, _| 2)),
        ..study(personas, questions)
    }
}

/// A structured half; `code` is the truth of a persona and a question.
pub(crate) fn structured_half(
    personas: u32,
    questions: u32,
    code: impl Fn(u32, u32) -> i32,
) -> Structured {
    let id = |n: u32| format!("Q{}", n + 1);
    let question = |n: u32| StructuredQuestion {
        id: id(n),
        topic: None,
        text: format!("How much of {}?", id(n)),
        scale: Scale::parse("1 = Much | 2 = Little | 3 = None").unwrap(),
        split: None,
    };
    let truth = |persona: u32, question: u32| StructuredTruth {
        persona,
        question,
        code: code(persona, question),
        modes: Vec::new(),
        distribution: None,
        share: None,
        n: None,
        unstable: None,
    };
    let truth = &truth;
    Structured {
        questions: (0..questions).map(question).collect(),
        truths: (0..personas)
            .flat_map(|p| (0..questions).map(move |q| truth(p, q)))
            .collect(),
        prompt: template("structured", Path::new("")).unwrap(),
        reply: ReplyFormat::Text,
        answer: AnswerForm::Sampled,
        samples: 1,
        max_tokens: None,
        temperature: None,
    }
}
