//! Labels of people, from whatever file or folder holds them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use oyer::import::folder::{self, Stored};
use oyer::import::labelling_key::keys_of;
use oyer::import::{self, Effect, Options};
use oyer::verdict::labels::{Labels, WEIGHT};
use oyer::verdict::table_io::{self, Format};
use serde_json::Value;

use super::error::Failure;
use super::output;

/// The labels of files or of imports' folders, about these results: their folder holds
/// the keys of labelling tasks that were made of them.
pub(crate) fn read(paths: &[PathBuf], results: &Path) -> Result<Labels, Failure> {
    let mut all = Vec::new();
    let mut foreign = Vec::new();
    for path in paths {
        if path.is_dir() {
            let none = || {
                Failure::Input(format!(
                    "{} holds no labels of people; name a labels table, a tool's JSON, or the folder of an import of labels",
                    path.display()
                ))
            };
            all.push(of_import(path)?.ok_or_else(none)?);
        } else if is_own(path)? {
            let format = Format::of_name(import::unpacked_name(path));
            let labels = table_io::read_labels(path, open(path)?, format);
            all.push(labels.map_err(Failure::Problems)?);
        } else {
            foreign.push(path.clone());
        }
    }
    if !foreign.is_empty() {
        all.push(imported(&foreign, results)?);
    }
    let is_weighted = |labels: &Labels| labels.table.covariates.iter().any(|name| name == WEIGHT);
    let some_weighted = all.iter().any(is_weighted);
    let labels = Labels::joined(all);
    if some_weighted && !is_weighted(&labels) {
        return Err(Failure::Input(
            "some of these labels say how many comparisons they stand for (`x.weight`) and others do not, or their tables have other `x.` columns beside it; give each the same `x.` columns, or import them together".to_owned(),
        ));
    }
    if labels.is_empty() {
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Failure::Input(format!(
            "{} holds no label of a person",
            names.join(", ")
        )));
    }
    Ok(labels)
}

/// The labels of another tool's files; what was odd about them is noted.
fn imported(paths: &[PathBuf], results: &Path) -> Result<Labels, Failure> {
    let options = Options {
        keys: if results.is_dir() {
            keys_of(results)
        } else {
            Vec::new()
        },
        ..Options::default()
    };
    let mut unkept = |_: &[u8]| Ok(());
    let made = import::import(paths, &options, &mut unkept)?;
    let mut text = String::new();
    for reason in &made.reasons {
        let became = match reason.effect {
            Effect::Kept => "kept",
            Effect::Missing => "without a label",
            Effect::Skipped => "left out",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "labels: {} {became}: {} (first: {})",
            reason.rows, reason.reason, reason.first
        );
    }
    for note in &made.notes {
        let _ = writeln!(text, "labels: {note}");
    }
    if !text.is_empty() {
        output::note(text.trim_end());
    }
    Ok(made.labels)
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

/// What a file holds, unpacked where its name says that it is packed.
fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    let file = File::open(path).map_err(|error| {
        Failure::Input(format!(
            "cannot read {}: {error}; name a labels table (CSV or JSONL), a tool's JSON, or the folder of an import",
            path.display()
        ))
    })?;
    if import::unpacked_name(path) == path {
        return Ok(Box::new(file));
    }
    let bytes = import::read_unpacked(path);
    let bytes = bytes.map_err(|problem| Failure::Problems(vec![*problem]))?;
    Ok(Box::new(Cursor::new(bytes)))
}

/// Whether a file is a labels table of this program, and not another tool's JSON: a CSV,
/// or JSON Lines whose first object has an `annotator`.
fn is_own(path: &Path) -> Result<bool, Failure> {
    let extension = import::unpacked_name(path).extension();
    let extension = extension.and_then(std::ffi::OsStr::to_str);
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
    // A CSV, of which its reader says how it is to be called.
    if first.contains([',', ';', '\t']) && !first.contains(['{', '}', '<']) {
        return Ok(true);
    }
    let first: Value = serde_json::from_str(&first).unwrap_or_default();
    let has = |name: &str| first.get(name).is_some();
    Ok(has("annotator") || (has("criterion") && has("outcome")))
}
