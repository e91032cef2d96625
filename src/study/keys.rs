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

/// What is wrong with an environment variable that is to hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// It holds nothing.
    NotSet,
    /// What it holds cannot be a key, and why.
    Unfit(&'static str),
}

/// An error for each key that a run needs and that cannot be sent. `fault` says what is
/// wrong with a variable; `file` is the study's.
pub fn unusable_keys(
    study: &Study,
    fault: impl Fn(&str) -> Option<KeyFault>,
    file: &Path,
) -> Vec<Problem> {
    unusable(&key_variables(study), fault, file)
}

/// An error for each of these variables that holds no key.
pub(super) fn unusable(
    variables: &[(String, String)],
    fault: impl Fn(&str) -> Option<KeyFault>,
    file: &Path,
) -> Vec<Problem> {
    let problem = |(entry, variable): &(String, String)| {
        let (message, help) = match fault(variable)? {
            KeyFault::NotSet => (
                format!("the environment variable {variable} is not set"),
                format!(
                    "set it to the key of {entry}; for a server that needs no key, give base_url and leave api_key_env out"
                ),
            ),
            KeyFault::Unfit(why) => (
                format!("the key in the environment variable {variable} {why}"),
                "set it to the key as the provider shows it".to_owned(),
            ),
        };
        let field = format!("{entry}.api_key_env");
        Some(Problem::error(file, message).field(field).help(help))
    };
    variables.iter().filter_map(problem).collect()
}
