//! Which environment variables the keys of a study are in.

use std::path::Path;

use super::{Compare, Entry, Judging, Study};
use crate::problem::Problem;

/// The entries that a run of the study asks and the variables of their keys, as
/// `models.base` and `VLLM_API_KEY`, in file order.
pub fn key_variables(study: &Study) -> Vec<(String, String)> {
    of_entries(
        study.models.iter(),
        study.judges.iter(),
        Some(&study.compare).filter(|_| study.structured.is_none()),
        Some(&study.judging),
    )
}

/// The same of the entries of a study that is not whole: where it is not known which
/// are asked, all of them are taken to be.
pub(super) fn of_entries<'e>(
    models: impl Iterator<Item = &'e Entry>,
    judges: impl Iterator<Item = &'e Entry>,
    compare: Option<&Compare>,
    judging: Option<&Judging>,
) -> Vec<(String, String)> {
    let pairs = compare
        .map(|compare| &compare.pairs)
        .filter(|pairs| !pairs.is_empty());
    let models = models.enumerate().filter(|(index, _)| {
        pairs.is_none_or(|pairs| {
            pairs
                .iter()
                .any(|pair| pair.candidate == *index || pair.opponent == *index)
        })
    });
    let judges = judges.enumerate().filter(|(index, _)| {
        judging.is_none_or(|judging| judging.judges.is_empty() || judging.judges.contains(index))
    });
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
    missing(&key_variables(study), is_set, file)
}

/// An error for each of these variables that is not there.
pub(super) fn missing(
    variables: &[(String, String)],
    is_set: impl Fn(&str) -> bool,
    file: &Path,
) -> Vec<Problem> {
    variables
        .iter()
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
