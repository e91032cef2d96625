//! Which environment variables the keys of a study are in.

use std::path::Path;

use super::{Entry, Study};
use crate::problem::Problem;

/// The entries that a run of the study asks and the variables of their keys, as
/// `models.base` and `VLLM_API_KEY`, in file order.
pub fn key_variables(study: &Study) -> Vec<(String, String)> {
    let models = study.models.iter().enumerate().filter(|(index, _)| {
        let pairs = &study.compare.pairs;
        pairs
            .iter()
            .any(|p| p.candidate == *index || p.opponent == *index)
    });
    let judges = study
        .judges
        .iter()
        .enumerate()
        .filter(|(index, _)| study.judging.judges.contains(index));
    let variable = |table: &str, entry: &Entry| {
        let variable = entry.api_key_env.clone()?;
        Some((format!("{table}.{}", entry.name), variable))
    };
    models
        .filter_map(|(_, entry)| variable("models", entry))
        .chain(judges.filter_map(|(_, entry)| variable("judges", entry)))
        .collect()
}

/// An error for each key that a run needs and that is not there. `is_set` says
/// whether a variable holds a text; `file` is the study's.
pub fn missing_keys(study: &Study, is_set: impl Fn(&str) -> bool, file: &Path) -> Vec<Problem> {
    key_variables(study)
        .into_iter()
        .filter(|(_, variable)| !is_set(variable))
        .map(|(entry, variable)| {
            Problem::error(file, format!("the environment variable {variable} is not set"))
                .field(format!("{entry}.api_key_env"))
                .help(format!(
                    "set it to the key of {entry}; for a server that needs no key, give base_url and leave api_key_env out"
                ))
        })
        .collect()
}
