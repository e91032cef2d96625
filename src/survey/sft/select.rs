//! Which items are exported, in which order, and which of them are for validation.

use std::collections::{BTreeMap, BTreeSet};

use super::{Options, SftError, TiedTruth};
use crate::input::source::shown;
use crate::study::splits::{fold, is_held_out, same};
use crate::study::{Structured, Study};
use crate::text::nearest::suggestion;

/// Personas and questions, as indices into the study's.
#[derive(Debug)]
pub(super) struct Selection {
    /// The split that is trained on.
    pub(super) split: String,
    /// Those that are exported.
    pub(super) personas: Vec<u32>,
    /// Those that are exported.
    pub(super) questions: Vec<u32>,
    /// Those of another split, or of none.
    pub(super) held_out_personas: Vec<u32>,
    /// Those of another split.
    pub(super) held_out_questions: Vec<u32>,
}

/// Finds what may be exported and is asked for.
pub(super) fn select(
    study: &Study,
    structured: &Structured,
    options: &Options,
) -> Result<Selection, SftError> {
    let split = training_split(study, options.split.as_deref())?;
    let is_trained = |own: Option<&str>| own.is_some_and(|own| same(own, &split));
    let personas = study.personas.iter().map(|persona| {
        let may = is_trained(persona.split.as_deref());
        (persona.id.as_str(), persona.split.as_deref(), may)
    });
    let (personas, held_out_personas) = choose("persona", personas, &options.personas, &split)?;
    let questions = structured.questions.iter().map(|question| {
        let own = question.split.as_deref();
        let may = own.is_none() || is_trained(own);
        (question.id.as_str(), own, may)
    });
    let (questions, held_out_questions) =
        choose("question", questions, &options.questions, &split)?;
    Ok(Selection {
        split,
        personas,
        questions,
        held_out_personas,
        held_out_questions,
    })
}

/// Indices of those that are exported and of those that are held out.
fn choose<'a>(
    what: &str,
    all: impl Iterator<Item = (&'a str, Option<&'a str>, bool)> + Clone,
    wanted: &[String],
    split: &str,
) -> Result<(Vec<u32>, Vec<u32>), SftError> {
    for id in wanted {
        let found = all.clone().find(|(known, ..)| known == id);
        let name = shown(id);
        let message = match found {
            None => {
                let ids = all.clone().map(|(known, ..)| known);
                let near = suggestion(id, ids, &format!("{what}s"));
                format!("there is no {what} `{name}`; {near}")
            }
            Some((.., true)) => continue,
            Some((_, None, false)) => format!(
                "the {what} `{name}` has no split, so it is held out: only those of `{}` may be trained on",
                shown(split)
            ),
            Some((_, Some(own), false)) => format!(
                "the {what} `{name}` is of the split `{}`, which is held out: only those of `{}` may be trained on",
                shown(own),
                shown(split)
            ),
        };
        return Err(SftError::Named(message));
    }
    let (mut chosen, mut held_out) = (Vec::new(), Vec::new());
    for (index, (id, _, may)) in all.enumerate() {
        if !may {
            held_out.push(index as u32);
        } else if wanted.is_empty() || wanted.iter().any(|wanted| wanted == id) {
            chosen.push(index as u32);
        }
    }
    Ok((chosen, held_out))
}

/// The split of the personas that may be trained on.
fn training_split(study: &Study, asked: Option<&str>) -> Result<String, SftError> {
    let mut splits: BTreeMap<String, &str> = BTreeMap::new();
    for split in study.personas.iter().filter_map(|p| p.split.as_deref()) {
        splits.entry(fold(split)).or_insert(split);
    }
    if splits.is_empty() {
        return Err(SftError::NoSplit);
    }
    let all: Vec<String> = splits.values().map(|split| shown(split)).collect();
    let all = all.join(", ");
    if let Some(asked) = asked {
        if is_held_out(asked) {
            return Err(SftError::Split(format!(
                "the split `{}` is held out, as its name says: models that have seen it cannot be tested on it",
                shown(asked)
            )));
        }
        return splits
            .get(&fold(asked))
            .map(|split| (*split).to_owned())
            .ok_or_else(|| {
                SftError::Split(format!(
                    "no persona is of the split `{}`; splits here: {all}",
                    shown(asked)
                ))
            });
    }
    match study.trained_splits()[..] {
        [split] => Ok(split.to_owned()),
        _ => Err(SftError::Split(format!(
            "say with --split which split of the personas may be trained on; splits here: {all}"
        ))),
    }
}

/// An item with the answer that is taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) persona: u32,
    pub(super) question: u32,
    pub(super) code: i32,
    pub(super) val: bool,
    /// Place in the order of the files.
    pub(super) order: ([u8; 32], i32),
}

/// The examples and what was left out.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) examples: Vec<Example>,
    /// Items, each of one example or, where tied answers are all taught, of several.
    pub(super) items: u64,
    pub(super) val_items: u64,
    /// Items of which the truth says nothing, by persona and question.
    pub(super) without_truth: Vec<(u32, u32)>,
    /// Items whose truth ties: left out, or not, as the options say.
    pub(super) tied: Vec<(u32, u32)>,
}

/// Draws the order of the items and which of them are for validation.
///
/// Both are by a hash of the seed and the item's ids, so that an item keeps its place
/// where others are added or tables are sorted otherwise.
pub(super) fn draw(
    study: &Study,
    structured: &Structured,
    selection: &Selection,
    options: &Options,
    seed: u64,
) -> Drawn {
    let mut drawn = Drawn::default();
    let mut items = Vec::new();
    for persona in selection.personas.iter().copied() {
        for question in selection.questions.iter().copied() {
            let Some(truth) = structured.truth(persona, question) else {
                drawn.without_truth.push((persona, question));
                continue;
            };
            let tied = truth.tied(&structured.questions[question as usize].scale);
            let is_tied = tied.len() > 1;
            if is_tied {
                drawn.tied.push((persona, question));
            }
            let codes = match options.ties {
                TiedTruth::Drop if is_tied => continue,
                TiedTruth::Each if is_tied => tied,
                _ => vec![truth.code],
            };
            let ids = (
                study.personas[persona as usize].id.as_str(),
                structured.questions[question as usize].id.as_str(),
            );
            items.push((persona, question, codes, place("val", seed, ids), ids));
        }
    }
    items.sort_by_key(|item| item.3);
    let count = items.len();
    let val = validation_items(count, options.val);
    for (rank, (persona, question, codes, _, ids)) in items.into_iter().enumerate() {
        let order = place("order", seed, ids);
        drawn.examples.extend(codes.iter().map(|code| Example {
            persona,
            question,
            code: *code,
            val: rank < val,
            order: (order, *code),
        }));
    }
    drawn.items = count as u64;
    drawn.val_items = val as u64;
    drawn
}

/// The share of the items to the nearest whole, but at least one where any is asked for,
/// and never all of them.
fn validation_items(items: usize, share: f64) -> usize {
    if share <= 0.0 || items < 2 {
        return 0;
    }
    ((items as f64 * share).round() as usize).clamp(1, items - 1)
}

fn place(what: &str, seed: u64, (persona, question): (&str, &str)) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for text in [what, persona, question] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Why there is no example.
pub(super) fn why_empty(structured: &Structured, selection: &Selection, drawn: &Drawn) -> String {
    if selection.questions.is_empty() {
        let split = shown(&selection.split);
        let own = structured.questions.iter();
        let own: BTreeSet<String> = own
            .filter_map(|question| question.split.as_deref().map(shown))
            .collect();
        let own: Vec<String> = own.iter().map(|split| format!("`{split}`")).collect();
        return format!(
            "no question may be trained on: the split that is trained on, that of the personas, is `{split}`, and the questions are of {}; in the column `split` of the questions, write `{split}` for those that may be trained on, or leave their cells empty",
            own.join(", ")
        );
    }
    if selection.personas.is_empty() {
        return "no persona may be trained on".to_owned();
    }
    format!(
        "none of the {} items that may be trained on can be: {} have no truth, {} have tied answers",
        selection.personas.len() * selection.questions.len(),
        drawn.without_truth.len(),
        drawn.tied.len()
    )
}
