//! Refuses an export that would give away what is held out.

use crate::text::{escape, folded, words_alone};
use std::collections::HashMap;

use super::SftError;
use super::select::Selection;
use crate::input::source::shown;
use crate::prompt::{Message, Prompts};
use crate::study::{Persona, Structured, Study};

/// Leaks that are told; further ones are counted.
const SHOWN: usize = 5;

/// Refuses where an exported persona tells all that makes a held-out one, or where the
/// prompt of an exported item is that of a held-out one.
pub(super) fn refuse(
    study: &Study,
    structured: &Structured,
    prompts: &Prompts,
    selection: &Selection,
    phrasing: usize,
) -> Result<(), SftError> {
    let mut leaks = told_levels(study, structured, selection);
    // Which prompts are the same is only worth saying where the personas are not.
    if leaks.is_empty() {
        leaks = same_prompts(study, structured, prompts, selection, phrasing)?;
    }
    if leaks.is_empty() {
        return Ok(());
    }
    let more = leaks.len().saturating_sub(SHOWN);
    leaks.truncate(SHOWN);
    if more > 0 {
        leaks.push(format!("… and {more} more"));
    }
    leaks.push(
        "nothing was written; put these personas into one split, or change the persona prompt so that it tells them apart"
            .to_owned(),
    );
    Err(SftError::Leak(leaks))
}

/// Exported personas that tell all that makes a held-out one.
fn told_levels(study: &Study, structured: &Structured, selection: &Selection) -> Vec<String> {
    let mut leaks = Vec::new();
    let persona = |index: u32| &study.personas[index as usize];
    for other in &selection.held_out_personas {
        let held_out = persona(*other);
        for own in &selection.personas {
            let exported = persona(*own);
            let are_alike = || may_be_same(structured, *own, *other);
            if let Some(how) = tells(exported, held_out, are_alike) {
                let advice = if how == ELSEWHERE && !same_answers(structured, *own, *other) {
                    "; if they are not the same people, `n` and `distribution` of the truth say so"
                } else {
                    ""
                };
                leaks.push(format!(
                    "the persona `{}` would be trained on, and {how} the subgroup `{}`, which is held out ({}){advice}",
                    escape(&exported.id),
                    escape(&held_out.id),
                    said_of(study, held_out),
                ));
            }
        }
    }
    leaks
}

const ELSEWHERE: &str =
    "tells, as levels of other dimensions and with the same answers, all the levels of";

/// How an exported persona tells all that makes a held-out one, if it does. A level that it
/// has of another dimension tells it where the two are alike: they are the same people.
fn tells(
    exported: &Persona,
    held_out: &Persona,
    are_alike: impl Fn() -> bool,
) -> Option<&'static str> {
    let (mut told_by_text, mut told_elsewhere) = (false, false);
    let mut any = false;
    let is_level = |level: &str, words: &str| words_alone(level) == words;
    for (index, level) in held_out.levels.iter().enumerate() {
        let level = level.as_deref().map(words_alone);
        let Some(level) = level.filter(|level| !level.is_empty()) else {
            continue;
        };
        any = true;
        let said = exported.levels.get(index).and_then(Option::as_deref);
        if said.is_some_and(|said| is_level(said, &level)) {
            continue;
        }
        let mut others = exported.levels.iter().flatten();
        if others.any(|other| is_level(other, &level)) && are_alike() {
            told_elsewhere = true;
            continue;
        }
        // A text that both have tells nothing apart.
        if typed(exported) == typed(held_out) || !has_words(&words(exported), &level) {
            return None;
        }
        told_by_text = true;
    }
    match any {
        // Without levels a persona is what its text says.
        false => {
            let silent = exported.levels.iter().all(Option::is_none);
            let is_same = silent && words(exported) == words(held_out);
            is_same.then_some("is told the same as")
        }
        true if told_elsewhere => Some(ELSEWHERE),
        true if told_by_text => Some("its text and levels tell all the levels of"),
        true => {
            let same = known(exported) == known(held_out);
            Some(if same {
                "is told the same levels as"
            } else {
                "is told all the levels of"
            })
        }
    }
}

fn known(persona: &Persona) -> usize {
    let levels = persona.levels.iter().flatten();
    levels.filter(|level| !level.trim().is_empty()).count()
}

/// Its text, but for how it was typed.
fn typed(persona: &Persona) -> String {
    folded(persona.text.as_deref().unwrap_or_default())
}

fn words(persona: &Persona) -> String {
    words_alone(persona.text.as_deref().unwrap_or_default())
}

/// Whether the words stand in the text, not as parts of longer ones.
fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// `sex = Male, religion = Hindu`
fn said_of(study: &Study, persona: &Persona) -> String {
    let levels = study.dimensions.iter().zip(&persona.levels);
    let levels: Vec<String> = levels
        .filter_map(|(dimension, level)| {
            Some(format!(
                "{} = {}",
                shown(dimension),
                shown(level.as_deref()?)
            ))
        })
        .collect();
    if levels.is_empty() {
        "no levels".to_owned()
    } else {
        levels.join(", ")
    }
}

/// Exported items with the words of the prompt of a held-out one in any phrasing: a template
/// may leave out what tells personas apart, and two questions may have the same words.
fn same_prompts(
    study: &Study,
    structured: &Structured,
    prompts: &Prompts,
    selection: &Selection,
    phrasing: usize,
) -> Result<Vec<String>, SftError> {
    let held_out = |persona: &u32, question: &u32| {
        selection.held_out_personas.contains(persona)
            || selection.held_out_questions.contains(question)
    };
    let mut known: HashMap<String, (u32, u32)> = HashMap::new();
    let personas = 0..study.personas.len() as u32;
    let questions = 0..structured.questions.len() as u32;
    for persona in personas {
        for question in questions
            .clone()
            .filter(|question| held_out(&persona, question))
        {
            for phrasing in 0..phrasings(study) {
                let prompt = prompts.structured(phrasing, persona as usize, question as usize)?;
                known
                    .entry(words_of(&prompt))
                    .or_insert((persona, question));
            }
        }
    }
    let mut same = Vec::new();
    if known.is_empty() {
        return Ok(same);
    }
    let id = |(persona, question): (u32, u32)| {
        format!(
            "{}/{}",
            escape(&study.personas[persona as usize].id),
            escape(&structured.questions[question as usize].id)
        )
    };
    for persona in &selection.personas {
        for question in &selection.questions {
            let prompt = prompts.structured(phrasing, *persona as usize, *question as usize)?;
            if let Some(held_out) = known.get(&words_of(&prompt)) {
                same.push(format!(
                    "the prompt of {}, which would be trained on, is word for word that of {}, which is held out",
                    id((*persona, *question)),
                    id(*held_out)
                ));
            }
        }
    }
    Ok(same)
}

fn words_of(prompt: &[Message]) -> String {
    let messages = prompt.iter().map(|message| words_alone(&message.content));
    messages.collect::<Vec<_>>().join("\n")
}

/// How many phrasings of the persona a study has.
fn phrasings(study: &Study) -> usize {
    let variants = study.variants.as_ref();
    variants.map_or(1, |variants| variants.persona_prompts.len())
}

/// What a reader of the training data should know, without being a leak by the split.
pub(super) fn notes(
    study: &Study,
    structured: &Structured,
    selection: &Selection,
    phrasing: usize,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(variants) = &study.variants {
        notes.push(format!(
            "every example is in the phrasing `{}`, one of the {} of [variants]; the others are new to a model that is trained on it",
            shown(&variants.persona_prompts[phrasing].name),
            variants.persona_prompts.len()
        ));
    }
    if selection.held_out_personas.is_empty() && selection.held_out_questions.is_empty() {
        notes.push(
            "nothing is held out: every persona is of the split that is trained on".to_owned(),
        );
    }
    for held_out in &selection.held_out_personas {
        let same = selection
            .personas
            .iter()
            .find(|exported| same_answers(structured, **exported, *held_out));
        if let Some(same) = same {
            notes.push(format!(
                "the held-out subgroup `{}` has the respondents and answers of `{}` to every question, as where one level is always met with another; a model trained on the one has seen the answers of the other",
                escape(&study.personas[*held_out as usize].id),
                escape(&study.personas[*same as usize].id)
            ));
        }
    }
    notes
}

/// Whether nothing that is known of the answers of two groups says that they are not the
/// same people. A truth may tell the most frequent answers alone.
fn may_be_same(structured: &Structured, a: u32, b: u32) -> bool {
    let differ =
        |a: Option<f64>, b: Option<f64>| a.zip(b).is_some_and(|(a, b)| a.total_cmp(&b).is_ne());
    let mut compared = 0;
    for question in 0..structured.questions.len() as u32 {
        let truths = (structured.truth(a, question), structured.truth(b, question));
        let (Some(a), Some(b)) = truths else { continue };
        let shares = a.distribution.as_ref().zip(b.distribution.as_ref());
        let counts_differ = differ(a.n, b.n) || differ(a.share, b.share);
        if a.code != b.code || counts_differ || shares.is_some_and(|(a, b)| a != b) {
            return false;
        }
        compared += 1;
    }
    compared > 0
}

/// Whether two groups have as many respondents and the same shares on every question.
fn same_answers(structured: &Structured, a: u32, b: u32) -> bool {
    let mut compared = 0;
    for question in 0..structured.questions.len() as u32 {
        match (structured.truth(a, question), structured.truth(b, question)) {
            (Some(a), Some(b)) => {
                let known = a.n.is_some() && a.distribution.is_some();
                if !known || a.n != b.n || a.code != b.code || a.distribution != b.distribution {
                    return false;
                }
                compared += 1;
            }
            (None, None) => {}
            _ => return false,
        }
    }
    compared > 1
}
