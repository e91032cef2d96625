//! Files that are no study, whose lines are not gone through.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Loaded;
use crate::input::source::Source;
use crate::problem::Problem;
use crate::text::binary;
use crate::text::nearest::nearest;

const A_STUDY: &str = "a study is a TOML file";

const NAME_ONE: &str = "name a study file, such as study.toml; `init` writes one to start from";

/// What a file is that is not TOML at all, so that its lines are not gone through.
pub(super) fn wrong_file(path: &Path, bytes: &[u8]) -> Option<Problem> {
    if let Some((what, _)) = binary::what(bytes) {
        return Some(Problem::error(path, format!("{what}; {A_STUDY}")).help(NAME_ONE));
    }
    let source = Source::new(path, bytes);
    if source.is_utf16() {
        return source.encoding_problem();
    }
    let extension = path.extension()?.to_ascii_lowercase();
    let other = ["csv", "tsv", "jsonl", "ndjson", "json", "yaml", "yml", "md"];
    other.iter().any(|known| extension == *known).then(|| {
        let message = format!("this is called .{}; {A_STUDY}", extension.display());
        Problem::error(path, message).help(NAME_ONE)
    })
}

pub(super) fn refused(path: &Path, problem: Problem) -> Loaded {
    Loaded {
        study: None,
        problems: vec![problem],
        files: Vec::new(),
        seen: None,
        file: path.to_owned(),
        key_variables: Vec::new(),
        templates: Vec::new(),
        key_places: BTreeMap::new(),
    }
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Loaded {
    let problem = Problem::error(path, format!("the study cannot be read: {error}"));
    let inside = path.join("study.toml");
    let near = if path.exists() { None } else { beside(path) };
    let problem = if path.is_dir() && inside.is_file() {
        problem.help(format!(
            "this is a folder; did you mean {}?",
            inside.display()
        ))
    } else if let Some(near) = near {
        problem.help(format!("did you mean {}?", near.display()))
    } else {
        problem.help(NAME_ONE)
    };
    refused(path, problem)
}

/// The TOML file in the same folder whose name is most like this one.
fn beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let files = std::fs::read_dir(here).ok()?.flatten();
    let studies = files.map(|file| file.path()).filter(|file| {
        file.extension()
            .is_some_and(|extension| extension == "toml")
    });
    let mut names: Vec<String> = studies
        .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort_unstable();
    let near = nearest(name, names.iter().map(String::as_str))?;
    Some(folder.join(near))
}
