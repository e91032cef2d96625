//! Which variables of the codebook are the questions of the study.

use std::collections::BTreeMap;
use std::path::Path;

use super::codebook::{Codebook, Variable};
use super::config::Config;
use super::summary::Exclusion;
use crate::input::section::Spot;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::text::nearest::suggestion;

/// What is asked, and what could have been.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Variables in the order of the codebook. The spot is of one that was named by
    /// itself, and must be in the microdata.
    pub(super) chosen: Vec<(usize, Option<Spot<String>>)>,
    /// Questions of the codebook that are left out.
    pub(super) left_out: Vec<Exclusion>,
}

/// Finds the questions that are wanted.
pub(super) fn wanted(
    config: &Config,
    codebook: &Codebook,
    codebook_file: &Path,
    problems: &mut Vec<Problem>,
) -> Wanted {
    let rule = &config.questions;
    let dimensions = || config.dimensions.iter().map(|d| d.column.value.as_str());
    let mut chosen: BTreeMap<usize, Option<Spot<String>>> = BTreeMap::new();
    if rule.wanted.is_empty() {
        if !codebook.names_questions {
            let message = "this codebook does not say which of its variables are questions";
            let help = "name them in the configuration, [questions] with use = [\"Q1-Q45\"], or put question_metadata.json beside a codebook.json";
            problems.push(Problem::error(codebook_file, message).help(help));
        }
        let all = codebook.variables.iter().enumerate();
        let questions = all.filter(|(_, variable)| variable.is_question);
        chosen.extend(questions.map(|(index, _)| (index, None)));
    }
    for text in &rule.wanted {
        for (index, alone) in find(config, codebook, text, "questions.use", problems) {
            if alone {
                chosen.insert(index, Some(text.clone()));
            } else {
                chosen.entry(index).or_insert(None);
            }
        }
    }
    let mut reasons: BTreeMap<usize, &str> = BTreeMap::new();
    for text in &rule.drop {
        for (index, _) in find(config, codebook, text, "questions.drop", problems) {
            if chosen.remove(&index).is_some() {
                reasons.insert(index, "named in questions.drop");
            }
        }
    }
    for (name, _) in &config.scales {
        if codebook.find(&name.value).is_none() {
            unknown(config, codebook, name, "scales", problems);
        }
    }
    chosen.retain(|index, named| {
        let is_dimension = dimensions().any(|name| name == codebook.variables[*index].name);
        let stays = named.is_some() || !is_dimension;
        if !stays {
            reasons.insert(*index, "the columns of dimensions");
        }
        stays
    });
    for (index, variable) in codebook.variables.iter().enumerate() {
        if let Some(reason) = not_asked(variable, !rule.wanted.is_empty())
            && !chosen.contains_key(&index)
        {
            reasons.entry(index).or_insert(reason);
        }
    }
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for (index, reason) in reasons {
        let name = codebook.variables[index].name.as_str();
        match by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((reason, vec![name])),
        }
    }
    let left_out = by_reason.into_iter().map(|(reason, names)| {
        let count = names.len() as u64;
        Exclusion::new(
            "questions",
            None,
            count,
            format!("{reason}: {}", names.join(", ")),
        )
    });
    let left_out = left_out.collect();
    Wanted {
        chosen: chosen.into_iter().collect(),
        left_out,
    }
}

/// Why a question that was not chosen was not; `None` of what is no question.
fn not_asked(variable: &Variable, names_are_given: bool) -> Option<&'static str> {
    if names_are_given {
        return (variable.is_question || variable.is_unordered_question)
            .then_some("not named in questions.use");
    }
    variable
        .is_unordered_question
        .then_some("options without an order, and not named in questions.use")
}

/// The variables of a name or of a range of names.
fn find(
    config: &Config,
    codebook: &Codebook,
    text: &Spot<String>,
    field: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(usize, bool)> {
    if let Some(index) = codebook.position(&text.value) {
        return vec![(index, true)];
    }
    let ends = text.value.split_once('-').and_then(|(first, last)| {
        let position = |name: &str| codebook.position(name.trim());
        Some((position(first)?, position(last)?))
    });
    match ends {
        Some((first, last)) if first <= last => {
            (first..=last).map(|index| (index, false)).collect()
        }
        Some(_) => {
            let message = format!("`{}` runs backwards in the codebook", shown(&text.value));
            problems.push(
                config
                    .source
                    .error(text.offset, field, message)
                    .help("name the first question first"),
            );
            Vec::new()
        }
        None => {
            unknown(config, codebook, text, field, problems);
            Vec::new()
        }
    }
}

fn unknown(
    config: &Config,
    codebook: &Codebook,
    name: &Spot<String>,
    field: &str,
    problems: &mut Vec<Problem>,
) {
    let message = format!("the codebook has no variable `{}`", shown(&name.value));
    let help = suggestion(&name.value, codebook.names(), "variables");
    problems.push(config.source.error(name.offset, field, message).help(help));
}
