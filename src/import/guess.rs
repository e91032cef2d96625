//! Which format files are of.

use std::path::{Path, PathBuf};

use super::{Format, packed, sheet};
use crate::problem::Problem;

/// The format of the first file that tells one.
pub(super) fn guess(paths: &[PathBuf]) -> Result<Format, Box<Problem>> {
    let mut nothing = None;
    for path in paths {
        // What is read here is read once more as the format that it tells.
        if std::fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir()) {
            let message = "this is a pipe or a device, which can be read only once";
            let problem = Problem::error(path, message);
            return Err(Box::new(
                problem.help(format!("name the format before it, one of {}", names())),
            ));
        }
        let bytes = packed::read(path)?;
        match sheet::sniff(path, bytes)? {
            (Some(kind), _) => {
                if let Some(format) = kind.format() {
                    return Ok(format);
                }
            }
            (None, found) => {
                nothing.get_or_insert_with(|| {
                    Problem::error(
                        path,
                        format!("the file holds {found}, which is no format known here"),
                    )
                    .help(format!("give one of {}", names()))
                });
            }
        }
    }
    Err(Box::new(nothing.unwrap_or_else(|| {
        let path = paths.first().map_or_else(PathBuf::new, Clone::clone);
        Problem::error(path, "no file holds judgments").help(format!("give one of {}", names()))
    })))
}

fn names() -> String {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    names.join(", ")
}

pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, Box<Problem>> {
    if path.is_dir() {
        let problem = Problem::error(path, "this is a folder, expected a file");
        return Err(Box::new(problem.help("name the files in it")));
    }
    std::fs::read(path).map_err(|error| {
        Box::new(Problem::error(
            path,
            format!("the file cannot be read: {error}"),
        ))
    })
}
