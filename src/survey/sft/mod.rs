//! Training data out: the in-distribution items of a study as supervised examples.
//!
//! An example is what `run` would ask a model in the structured half of the study, word
//! for word, and the modal answer of the persona's group in the form that was asked for.
//!
//! Invariants: no example is about a held-out persona or question; no example tells all
//! that makes a held-out subgroup; no example has the prompt of a held-out item. What is
//! written depends on the study, the options and nothing else, and whether an item is
//! for training or validation on its ids and the seed, and not on the order of tables.

mod form;
mod leak;
mod manifest;
mod select;
#[cfg(test)]
mod tests;

use crate::prompt::{Prompts, without_system_role};
use crate::study::{Study, SystemRole};

pub use form::Form;
pub use manifest::{Counts, ExportedFile, LeftOut, Manifest, OfPersona, OfQuestion, PromptUsed};

/// What is exported, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose training data.
    pub form: Form,
    /// Share of the items that is kept for validation, in [0, 1).
    pub val: f64,
    /// Seed of the order and of what is kept for validation; `None` is the study's.
    pub seed: Option<u64>,
    /// The split that may be trained on; `None` finds it by its usual names.
    pub split: Option<String>,
    /// Only these personas, by their ids; empty is all.
    pub personas: Vec<String>,
    /// Only these questions, by their ids; empty is all.
    pub questions: Vec<String>,
    /// Where the system prompt goes; `None` is where the models of the study have it.
    pub system: Option<SystemRole>,
    /// What is done with an item whose truth says that several answers tie.
    pub ties: TiedTruth,
}

/// What is done with an item whose truth says that several answers tie for the mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TiedTruth {
    /// The answer that the truth names.
    #[default]
    Named,
    /// An example of each tied answer.
    Each,
    /// The item is left out.
    Drop,
}

impl TiedTruth {
    /// Its name on the command line and in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Each => "each",
            Self::Drop => "drop",
        }
    }
}

/// Why nothing is exported.
#[derive(Debug, thiserror::Error)]
pub enum SftError {
    /// The study asks no structured questions.
    #[error("it has no [structured], so there are no questions with options to train on")]
    NoQuestions,
    /// No persona says whether it may be trained on.
    #[error(
        "its personas have no `split`, so nothing says which subgroups are held out; add a column `split` with `id` for those that may be trained on and `ood` for the others"
    )]
    NoSplit,
    /// The split that was asked for, or the usual ones, are not there.
    #[error("{0}")]
    Split(String),
    /// A persona or question was asked for that may not be trained on, or is not there.
    #[error("{0}")]
    Named(String),
    /// Models of the study have the system prompt in different places.
    #[error(
        "some of its models take the system prompt in the user message and others do not; say with --system which the training data are for"
    )]
    System,
    /// What would be exported gives away what is held out.
    #[error("{}", .0.join("\n"))]
    Leak(Vec<String>),
    /// Nothing is left.
    #[error("{0}")]
    Empty(String),
    /// A template fails on an item.
    #[error(transparent)]
    Prompt(#[from] crate::prompt::PromptError),
    /// The files cannot be made.
    #[error("the files cannot be made: {0}")]
    Json(#[from] serde_json::Error),
}

/// Every file that an export may make; those that it does not make this time are of an
/// earlier one.
pub const MADE: &[&str] = &[
    "train.jsonl",
    "val.jsonl",
    "dataset_info.json",
    "items.csv",
    "manifest.json",
];

/// What an export makes.
#[derive(Debug)]
pub struct Export {
    /// Names of files within the folder that they are for, and their bytes; without the
    /// manifest.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was exported and left out.
    pub manifest: Manifest,
}

/// Makes the training data of a study.
///
/// # Errors
/// Where the study has nothing to export, or the export would give away what is held out.
pub fn export(study: &Study, prompts: &Prompts, options: &Options) -> Result<Export, SftError> {
    let structured = study.structured.as_ref().ok_or(SftError::NoQuestions)?;
    let system = match options.system {
        Some(system) => system,
        None => system_role(study)?,
    };
    let seed = options.seed.unwrap_or(study.seed);
    let selection = select::select(study, structured, options)?;
    let phrasing = phrasing(study);
    leak::refuse(study, structured, prompts, &selection, phrasing)?;
    let mut drawn = select::draw(study, structured, &selection, options, seed);
    if drawn.examples.is_empty() {
        return Err(SftError::Empty(select::why_empty(
            structured, &selection, &drawn,
        )));
    }
    drawn.examples.sort_by_key(|example| example.order);
    let mut train = Vec::new();
    let mut val = Vec::new();
    let mut target = String::new();
    for example in &drawn.examples {
        let (persona, question) = (example.persona as usize, example.question as usize);
        let messages = prompts.structured(phrasing, persona, question)?;
        let messages = match system {
            SystemRole::Message => messages,
            SystemRole::User => without_system_role(&messages),
        };
        let answer = form::answer(structured.reply, &messages, example.code);
        let file = if example.val { &mut val } else { &mut train };
        options.form.write(&messages, &answer, file)?;
        if target.is_empty() {
            target = form::answer(structured.reply, &messages, 1);
        }
    }
    let mut files = vec![("train.jsonl".to_owned(), train)];
    if drawn.val_items > 0 {
        files.push(("val.jsonl".to_owned(), val));
    }
    if let Some(info) = options
        .form
        .dataset_info(&study.name, drawn.val_items > 0)?
    {
        files.push(("dataset_info.json".to_owned(), info));
    }
    files.push((
        "items.csv".to_owned(),
        manifest::items(study, structured, &drawn),
    ));
    let manifest = manifest::manifest(&manifest::Made {
        study,
        structured,
        selection: &selection,
        drawn: &drawn,
        options,
        system,
        seed,
        files: &files,
        phrasing,
        target,
        notes: leak::notes(study, structured, &selection, phrasing),
    });
    Ok(Export { files, manifest })
}

/// The phrasing that examples are written in: the first that is not the control.
fn phrasing(study: &Study) -> usize {
    let control = study
        .variants
        .as_ref()
        .and_then(|variants| variants.control);
    usize::from(control == Some(0))
}

/// Where all models of the study have the system prompt.
fn system_role(study: &Study) -> Result<SystemRole, SftError> {
    let mut roles = study.models.iter().map(|model| model.system);
    let first = roles.next().unwrap_or_default();
    if roles.any(|role| role != first) {
        return Err(SftError::System);
    }
    Ok(first)
}
