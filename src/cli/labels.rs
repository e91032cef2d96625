//! Labels of people, from whatever file or folder holds them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use oyer::import::folder::{self, Stored};
use oyer::import::{self, Options};
use oyer::verdict::labels::Labels;
use oyer::verdict::table_io::{self, Format};
use serde_json::Value;

use super::error::Failure;

/// The labels of a file or of an import's folder.
pub(crate) fn read(path: &Path) -> Result<Labels, Failure> {
    let labels = if path.is_dir() {
        let none = || {
            Failure::Input(format!(
                "{} holds no labels of people; name a labels table, a tool's JSON, or the folder of an import of labels",
                path.display()
            ))
        };
        of_import(path)?.ok_or_else(none)?
    } else if is_own(path)? {
        let format = Format::of_name(path);
        table_io::read_labels(path, open(path)?, format).map_err(Failure::Problems)?
    } else {
        let mut unkept = |_: &[u8]| Ok(());
        import::import(&[path.to_owned()], &Options::default(), &mut unkept)?.labels
    };
    if labels.is_empty() {
        return Err(Failure::Input(format!(
            "{} holds no label of a person",
            path.display()
        )));
    }
    Ok(labels)
}

/// The labels of an import's folder, if it is one that has any.
pub(crate) fn of_import(folder: &Path) -> Result<Option<Labels>, Failure> {
    let has = Stored::read(folder)?.is_some_and(|stored| stored.labels > 0);
    Ok(if has {
        Some(folder::read_labels(folder)?)
    } else {
        None
    })
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        Failure::Input(format!(
            "cannot read {}: {error}; name a labels table (CSV or JSONL), a tool's JSON, or the folder of an import",
            path.display()
        ))
    })
}

/// Whether a file is a labels table of this program, and not another tool's JSON: a CSV,
/// or JSON Lines whose first object has an `annotator`.
fn is_own(path: &Path) -> Result<bool, Failure> {
    let extension = path.extension().and_then(std::ffi::OsStr::to_str);
    let json = extension.is_some_and(|extension| {
        let known = ["json", "jsonl", "ndjson"];
        known
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    if !json {
        return Ok(true);
    }
    let mut first = String::new();
    for line in BufReader::new(open(path)?).lines() {
        let Ok(line) = line else {
            // What it is, the reader of the format will say.
            return Ok(false);
        };
        if !line.trim().is_empty() {
            first = line;
            break;
        }
    }
    let first: Value = serde_json::from_str(&first).unwrap_or_default();
    let has = |name: &str| first.get(name).is_some();
    Ok(has("annotator") || (has("criterion") && has("outcome")))
}
