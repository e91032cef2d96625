//! From a rubric's name or path to a checked [`Rubric`].
//!
//! Everything wrong with a rubric file is reported at once. A problem about a
//! name that leads nowhere has no line: whoever asked for the name knows where it
//! was written.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use super::builtin::{self, RUBRICS, TEMPLATES, builtin_rubrics, builtin_templates};
use super::toml_reader::{Reader, Table, field, nearest};
use super::{Ask, Criterion, Labels, Rubric, Template, WithoutTruth};
use crate::problem::Problem;

/// The key of a verdict's free text, which no criterion may take.
const RESERVED_KEY: &str = "analysis";

/// Reads the rubric of this name: a built-in, else a TOML file by its path
/// relative to `dir`.
///
/// # Errors
/// Every problem of the rubric file, with line and column; or one problem without
/// a line where the name leads to no rubric.
pub fn load(name_or_path: &str, dir: &Path) -> Result<Rubric, Vec<Problem>> {
    if let Some(text) = builtin::source(RUBRICS, name_or_path) {
        return read(text, Path::new(name_or_path), Path::new(""));
    }
    let file = dir.join(name_or_path);
    let text = read_file(&file, name_or_path, "rubric", builtin_rubrics())?;
    read(&text, &file, file.parent().unwrap_or(dir))
}

/// Reads the prompt template of this name: a built-in, else a file by its path
/// relative to `dir`. Line ends become single newlines, so that a template gives
/// the same prompts on every system.
///
/// # Errors
/// One problem without a line where the name leads to no template.
pub fn template(name_or_path: &str, dir: &Path) -> Result<Template, Vec<Problem>> {
    let source = if let Some(text) = builtin::source(TEMPLATES, name_or_path) {
        text.to_owned()
    } else {
        let file = dir.join(name_or_path);
        read_file(&file, name_or_path, "prompt template", builtin_templates())?
    };
    Ok(Template {
        name: name_or_path.to_owned(),
        source: source.replace("\r\n", "\n"),
    })
}

/// Reads a text file, or says what may have been meant.
fn read_file(
    file: &Path,
    asked: &str,
    what: &str,
    builtins: impl Iterator<Item = &'static str>,
) -> Result<String, Vec<Problem>> {
    let error = match fs::read_to_string(file) {
        Ok(text) => return Ok(text.trim_start_matches('\u{feff}').to_owned()),
        Err(error) => error,
    };
    let names: Vec<_> = builtins.collect();
    let known = format!("built-in: {}; or the path of a file", names.join(", "));
    let problem = match error.kind() {
        std::io::ErrorKind::NotFound => Problem::error(
            file,
            format!("there is no built-in {what} and no file `{asked}`"),
        )
        .help(match nearest(asked, names) {
            Some(near) => format!("did you mean `{near}`? {known}"),
            None => known,
        }),
        std::io::ErrorKind::InvalidData => {
            Problem::error(file, format!("this {what} is not text in UTF-8"))
        }
        _ => Problem::error(file, format!("this {what} could not be read: {error}")),
    };
    Err(vec![problem])
}

/// Reads a rubric's text; `folder` is where its template's path starts.
fn read(text: &str, file: &Path, folder: &Path) -> Result<Rubric, Vec<Problem>> {
    let mut reader = Reader::new(file, text);
    let rubric = reader
        .parse()
        .and_then(|tree| read_rubric(&mut reader, &tree, folder));
    let problems = reader.into_problems();
    match rubric {
        Some(rubric) if problems.is_empty() => Ok(rubric),
        _ => Err(problems),
    }
}

fn read_rubric(
    reader: &mut Reader<'_>,
    tree: &Spanned<toml::de::DeTable<'_>>,
    folder: &Path,
) -> Option<Rubric> {
    // A key that is missing at the top belongs to the first line.
    let top = Table {
        path: "",
        entries: tree.get_ref(),
        span: &(0..0),
    };
    reader.only(
        top,
        &[
            "name",
            "template",
            "labels",
            "ties",
            "ask",
            "without_truth",
            "criteria",
        ],
    );
    let name = reader.text(top, "name");
    let template = read_template(reader, top, folder);
    let labels = read_labels(reader, top);
    let ties = reader.boolean(top, "ties", true);
    let ask = reader.word(
        top,
        "ask",
        &[("together", Ask::Together), ("separately", Ask::Separately)],
    );
    let without_truth = reader.word(
        top,
        "without_truth",
        &[
            ("skip", WithoutTruth::Skip),
            ("refuse", WithoutTruth::Refuse),
        ],
    );
    let criteria = read_criteria(reader, top);
    Some(Rubric {
        name: name?.0.to_owned(),
        template: template?,
        labels,
        ties,
        ask,
        without_truth,
        criteria,
    })
}

fn read_template(reader: &mut Reader<'_>, top: Table<'_>, folder: &Path) -> Option<Template> {
    let (name, span) = reader.text(top, "template")?;
    match template(name, folder) {
        Ok(template) => Some(template),
        Err(problems) => {
            for problem in problems {
                let help = problem.help.unwrap_or_default();
                reader.report_with_help(&span, "template", problem.message, help);
            }
            None
        }
    }
}

fn read_labels(reader: &mut Reader<'_>, top: Table<'_>) -> Labels {
    let mut labels = Labels::default();
    let Some(value) = top.entries.get("labels") else {
        return labels;
    };
    let DeValue::Table(entries) = value.get_ref() else {
        reader.wrong_type(
            top,
            "labels",
            value,
            "a table such as { first = \"A\", second = \"B\", tie = \"Tie\" }",
        );
        return labels;
    };
    let table = Table {
        path: "labels",
        entries,
        span: &value.span(),
    };
    reader.only(table, &["first", "second", "tie"]);
    for (key, label) in [
        ("first", &mut labels.first),
        ("second", &mut labels.second),
        ("tie", &mut labels.tie),
    ] {
        if let Some((text, span)) = reader.optional_text(table, key) {
            check_label(reader, text, &span, &field("labels", key));
            text.clone_into(label);
        }
    }
    check_distinct_labels(reader, &labels, &value.span());
    labels
}

/// A label stands in a fence's line and in JSON, so it is one plain line.
fn check_label(reader: &mut Reader<'_>, label: &str, span: &Range<usize>, field: &str) {
    let wrong = if label.trim() != label {
        "a label must not begin or end with a space"
    } else if label.chars().any(char::is_control) {
        "a label must be one line without control characters"
    } else if label.contains("<<<") || label.contains(">>>") {
        "a label must not hold `<<<` or `>>>`, which fence the answers"
    } else {
        return;
    };
    reader.report(span, field, wrong.to_owned());
}

fn check_distinct_labels(reader: &mut Reader<'_>, labels: &Labels, span: &Range<usize>) {
    let named = [
        ("first", &labels.first),
        ("second", &labels.second),
        ("tie", &labels.tie),
    ];
    for (i, (one, label)) in named.iter().enumerate() {
        for (other, same) in &named[i + 1..] {
            if label.to_lowercase() == same.to_lowercase() {
                reader.report(
                    span,
                    "labels",
                    format!("`{one}` and `{other}` are both called `{label}`; labels must differ in more than case"),
                );
            }
        }
    }
}

fn read_criteria(reader: &mut Reader<'_>, top: Table<'_>) -> Vec<Criterion> {
    let Some(value) = top.entries.get("criteria") else {
        reader.report_with_help(
            top.span,
            "criteria",
            "a rubric needs at least one criterion".to_owned(),
            "add a table [[criteria]] with key, name and guide".to_owned(),
        );
        return Vec::new();
    };
    let DeValue::Array(array) = value.get_ref() else {
        reader.wrong_type(top, "criteria", value, "tables under [[criteria]]");
        return Vec::new();
    };
    if array.is_empty() {
        reader.report(
            &value.span(),
            "criteria",
            "a rubric needs at least one criterion".to_owned(),
        );
    }
    let mut seen = HashMap::new();
    array
        .iter()
        .filter_map(|element| read_criterion(reader, top, element, &mut seen))
        .collect()
}

fn read_criterion(
    reader: &mut Reader<'_>,
    top: Table<'_>,
    element: &Spanned<DeValue<'_>>,
    seen: &mut HashMap<String, String>,
) -> Option<Criterion> {
    let DeValue::Table(entries) = element.get_ref() else {
        reader.wrong_type(top, "criteria", element, "a table under [[criteria]]");
        return None;
    };
    let table = Table {
        path: "criteria",
        entries,
        span: &element.span(),
    };
    reader.only(table, &["key", "name", "guide", "needs_truth"]);
    let key = reader.text(table, "key");
    if let Some((key, span)) = &key {
        check_key(reader, key, span, seen);
    }
    let name = reader.text(table, "name");
    let guide = reader.text(table, "guide");
    let needs_truth = reader.boolean(table, "needs_truth", false);
    Some(Criterion {
        key: key?.0.to_owned(),
        name: name?.0.to_owned(),
        guide: guide?.0.trim().to_owned(),
        needs_truth,
    })
}

/// A key is a word in JSON, in a table's column and on the command line; two keys
/// that differ only in spelling could not be told apart in a judge's reply.
fn check_key(
    reader: &mut Reader<'_>,
    key: &str,
    span: &Range<usize>,
    seen: &mut HashMap<String, String>,
) {
    let at = "criteria.key";
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain {
        reader.report_with_help(
            span,
            at,
            format!("`{key}` is not a plain word"),
            "use letters, digits and underscores, a letter first, such as `persona_winner`"
                .to_owned(),
        );
        return;
    }
    let folded = key.to_lowercase().replace('_', "");
    if folded == RESERVED_KEY {
        reader.report(
            span,
            at,
            format!("`{key}` is taken: it is the key of the judge's reasoning"),
        );
    } else if let Some(other) = seen.insert(folded, key.to_owned()) {
        let message = if other == key {
            format!("the key `{key}` stands twice")
        } else {
            format!("`{key}` differs from `{other}` only in spelling")
        };
        reader.report(span, at, message);
    }
}
