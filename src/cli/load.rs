//! A study file to a plan, with every problem shown.

use std::path::Path;
use std::sync::Arc;

use oyer::plan::Plan;
use oyer::problem::{Problem, Severity};
use oyer::prompt::Prompts;
use oyer::study;

use super::error::{Failure, render_problems};
use super::manifest::Input;
use super::output;

/// A study that can run.
pub(crate) struct Loaded {
    pub(crate) plan: Arc<Plan>,
    /// What is worth knowing before it does.
    pub(crate) warnings: Vec<Problem>,
    /// An error for each key that is not in the environment.
    missing_keys: Vec<Problem>,
    /// The files that it was read from.
    pub(crate) inputs: Vec<Input>,
}

/// Reads and plans a study. All that is wrong with it comes in one failure.
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    plan(study::load(path))
}

/// Plans a study that was read.
pub(crate) fn plan(mut loaded: study::Loaded) -> Result<Loaded, Failure> {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let missing_keys = loaded.missing_keys(is_set);
    let inputs = loaded.files.iter().map(|file| input(file)).collect();
    let mut problems = std::mem::take(&mut loaded.problems);
    let plan = match loaded.study.take() {
        Some(study) => Plan::new(Arc::new(study)).map_err(|more| loaded.place_templates(more)),
        // The templates of a refused study are looked at too, so that all is told at once.
        None => Err(loaded.judging.as_ref().map_or_else(Vec::new, |judging| {
            loaded.place_templates(Prompts::lint(judging, loaded.dimensions.as_deref()))
        })),
    };
    let plan = plan.map_err(|more| problems.extend(more)).ok();
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    match plan {
        Some(plan) if !problems.iter().any(is_error) => Ok(Loaded {
            plan: Arc::new(plan),
            warnings: problems,
            missing_keys,
            inputs,
        }),
        _ => {
            problems.extend(missing_keys);
            Err(Failure::Study(problems))
        }
    }
}

/// A file and its hash; an unreadable one has been told of by the study.
fn input(file: &Path) -> Input {
    let hash = std::fs::read(file).map(|text| blake3::hash(&text).to_string());
    Input {
        file: file.display().to_string(),
        blake3: hash.unwrap_or_default(),
    }
}

/// Refuses a study whose keys are not all there.
pub(crate) fn need_keys(loaded: &Loaded) -> Result<(), Failure> {
    if loaded.missing_keys.is_empty() {
        Ok(())
    } else {
        Err(Failure::Problems(loaded.missing_keys.clone()))
    }
}

/// Shows warnings, if there are any.
pub(crate) fn warn(warnings: &[Problem]) {
    if !warnings.is_empty() {
        output::note(&render_problems(warnings));
    }
}

/// The index of an item by its `persona/question`.
pub(crate) fn find_item(plan: &Plan, wanted: &str) -> Result<u32, Failure> {
    let count = plan.item_count();
    if let Some(item) = (0..count).find(|item| plan.item_id(*item) == wanted) {
        return Ok(item);
    }
    let ids: Vec<String> = (0..count).map(|item| plan.item_id(item)).collect();
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
