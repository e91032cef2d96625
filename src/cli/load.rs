//! A study file to a plan, with every problem shown.

use std::env::VarError;
use std::path::Path;
use std::sync::Arc;

use oyer::plan::Plan;
use oyer::problem::{Problem, Severity};
use oyer::prompt::Prompts;
use oyer::provider::key_problem;
use oyer::study::{self, KeyFault};

use super::error::{Failure, render_study};
use super::manifest::Input;
use super::output;

/// A study that can run.
pub(crate) struct Loaded {
    pub(crate) plan: Arc<Plan>,
    /// What is worth knowing before it does.
    pub(crate) warnings: Vec<Problem>,
    /// An error for each key that the environment does not hold as it can be sent.
    unusable_keys: Vec<Problem>,
    /// The files that it was read from.
    pub(crate) inputs: Vec<Input>,
}

/// Reads and plans a study. All that is wrong with it comes in one failure.
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    plan(study::load(path))
}

/// Reads a study of which no model is asked, so that it may have none.
pub(crate) fn load_unasked(path: &Path) -> Result<Loaded, Failure> {
    plan(study::load_unasked(path))
}

/// Plans a study that was read.
pub(crate) fn plan(mut loaded: study::Loaded) -> Result<Loaded, Failure> {
    let unusable_keys = loaded.unusable_keys(key_fault);
    let inputs = loaded.files.iter().map(|file| input(file)).collect();
    let mut problems = std::mem::take(&mut loaded.problems);
    let plan = match loaded.study.take() {
        Some(study) => Plan::new(Arc::new(study)).map_err(|more| loaded.place_templates(more)),
        // The templates of a refused study are tried too, so that all is told at once.
        None => Err(loaded
            .seen
            .as_ref()
            .map_or_else(Vec::new, |seen| loaded.place_templates(Prompts::lint(seen)))),
    };
    let plan = plan.map_err(|more| problems.extend(more)).ok();
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    match plan {
        Some(plan) if !problems.iter().any(is_error) => {
            problems.extend(loaded.place_templates(plan.doubts()));
            Ok(Loaded {
                plan: Arc::new(plan),
                warnings: problems,
                unusable_keys,
                inputs,
            })
        }
        _ => {
            problems.extend(unusable_keys);
            Err(Failure::Study(problems))
        }
    }
}

/// A file and its hash; an unreadable one has been told of by the study.
fn input(file: &Path) -> Input {
    let hash = || {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(std::fs::File::open(file)?)?;
        Ok::<_, std::io::Error>(hasher.finalize().to_string())
    };
    Input {
        file: file.display().to_string(),
        blake3: hash().unwrap_or_default(),
    }
}

/// What is wrong with the key in an environment variable.
fn key_fault(variable: &str) -> Option<KeyFault> {
    match std::env::var(variable) {
        Ok(key) if !key.is_empty() => key_problem(&key).map(KeyFault::Unfit),
        Ok(_) | Err(VarError::NotPresent) => Some(KeyFault::NotSet),
        Err(VarError::NotUnicode(_)) => Some(KeyFault::Unfit("is no text")),
    }
}

/// Refuses a study whose keys are not all there.
pub(crate) fn need_keys(loaded: &Loaded) -> Result<(), Failure> {
    if loaded.unusable_keys.is_empty() {
        Ok(())
    } else {
        Err(Failure::Problems(loaded.unusable_keys.clone()))
    }
}

/// Shows warnings, if there are any.
pub(crate) fn warn(warnings: &[Problem]) {
    if !warnings.is_empty() {
        output::note(&render_study(warnings));
    }
}

/// The indices of the items of a `persona/question`, in each of its phrasings where there
/// are several. An open-ended and a structured question may have one id.
pub(crate) fn find_items(plan: &Plan, wanted: &str) -> Result<Vec<u32>, Failure> {
    let ids: Vec<String> = (0..plan.item_count())
        .map(|item| plan.item_id(item))
        .collect();
    let has_phrasings = plan.study().variants.is_some();
    let is_wanted = |id: &String| {
        let phrasing = id.strip_prefix(wanted).filter(|_| has_phrasings);
        id == wanted || phrasing.is_some_and(|rest| rest.starts_with('/'))
    };
    let named = (0..).zip(&ids).filter(|(_, id)| is_wanted(id));
    let items: Vec<u32> = named.map(|(item, _)| item).collect();
    if !items.is_empty() {
        return Ok(items);
    }
    let nearest = ids
        .iter()
        .min_by_key(|id| strsim::damerau_levenshtein(id, wanted));
    let hint = nearest.map_or(String::new(), |id| format!("; the nearest is {id}"));
    Err(Failure::Input(format!(
        "no item is called {wanted:?}; items are called persona/question{}{hint}",
        if plan.study().variants.is_some() {
            "/phrasing"
        } else {
            ""
        }
    )))
}
