//! The codebook of WorldValuesBench, with the two files that it has beside it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{ADJUSTMENTS, Code, Codebook, Variable};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::study::scale::MOST_OPTIONS;
use crate::survey::microdata::whole;

/// The file of WorldValuesBench that says which variables are questions, and their scales.
const METADATA: &str = "question_metadata.json";

/// A JSON object whose entries keep the order of the file.
#[derive(Debug)]
struct Ordered<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(String, T)> = Vec::new();
                let mut seen = HashSet::new();
                while let Some((key, value)) = map.next_entry::<String, T>()? {
                    if !seen.insert(key.clone()) {
                        let message = format!("the key `{}` stands twice", shown(&key));
                        return Err(A::Error::custom(message));
                    }
                    entries.push((key, value));
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A text, or a number that is written without quotes, or null for none.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Word {
    #[default]
    None,
    Number(serde_json::Number),
    Text(String),
}

impl Word {
    fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.trim().to_owned(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct JsonVariable {
    question: Option<String>,
    choices: Option<Ordered<Word>>,
}

#[derive(Debug, Deserialize)]
struct JsonMetadata {
    question: Option<String>,
    category: Option<String>,
    use_case: Option<String>,
    #[serde(default)]
    answer_scale_min: Word,
    #[serde(default)]
    answer_scale_max: Word,
    answer_data_type: Option<String>,
}

pub(super) fn read(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Codebook> {
    let mut variables: Vec<Variable> = Vec::new();
    for entry in entries::<JsonVariable>(file, bytes, problems)? {
        let mut variable = Variable {
            name: entry.name,
            text: one_line(entry.value.question),
            line: Some(entry.line),
            ..Variable::default()
        };
        let choices = entry
            .value
            .choices
            .map_or_else(Vec::new, |choices| choices.0);
        for (code, label) in choices {
            let code = code.trim().to_owned();
            if let Some(known) = variable.code(&code) {
                let message = format!(
                    "the code {} stands twice, first as {}",
                    shown(&code),
                    shown(&known.text)
                );
                let problem = Problem::error(file, message).line(entry.line);
                let problem = problem.field(variable.name.clone());
                problems.push(problem.help("keep one of the two"));
                continue;
            }
            variable.codes.push(Code {
                text: code,
                label: one_line(Some(label.text())),
                line: Some(entry.line),
            });
        }
        variables.push(variable);
    }
    let mut beside = Vec::new();
    let sister = |name: &str, problems: &mut Vec<Problem>| {
        let path = file.with_file_name(name);
        match std::fs::read(&path) {
            Ok(bytes) => Some((path, bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                problems.push(Problem::error(&path, format!("cannot be read: {error}")));
                None
            }
        }
    };
    let mut names_questions = false;
    let mut notes = Vec::new();
    if let Some((path, bytes)) = sister(METADATA, problems) {
        let metadata = entries::<JsonMetadata>(&path, &bytes, problems)?;
        names_questions = true;
        beside.push(METADATA.to_owned());
        let mut by_name = by_name(metadata);
        for variable in &mut variables {
            if let Some(metadata) = by_name.remove(&variable.name) {
                take_metadata(&path, variable, metadata, &mut notes, problems);
            }
        }
        notes.extend(in_vain(METADATA, by_name));
    }
    if let Some((path, bytes)) = sister(ADJUSTMENTS, problems) {
        let adjustments = entries::<Ordered<Word>>(&path, &bytes, problems)?;
        beside.push(ADJUSTMENTS.to_owned());
        let mut by_name = by_name(adjustments);
        for variable in &mut variables {
            if let Some(changes) = by_name.remove(&variable.name) {
                take_changes(&path, variable, changes, &mut notes, problems);
            }
        }
        notes.extend(in_vain(ADJUSTMENTS, by_name));
    }
    let mut codebook = Codebook::new(variables, names_questions);
    codebook.beside = beside;
    codebook.notes = notes;
    Some(codebook)
}

/// What a file says of one variable.
struct Entry<T> {
    name: String,
    line: usize,
    value: T,
}

/// The variables of a file with their lines.
fn entries<T: for<'a> Deserialize<'a>>(
    file: &Path,
    bytes: &[u8],
    problems: &mut Vec<Problem>,
) -> Option<Vec<Entry<T>>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let read: Ordered<&RawValue> = parse(file, bytes, 1, problems)?;
    let (mut line, mut seen) = (1, 0);
    let mut entries = Vec::new();
    for (name, raw) in read.0 {
        let text = raw.get().as_bytes();
        let offset = (text.as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
        let between = bytes.get(seen..offset).unwrap_or_default();
        line += between.split(|byte| *byte == b'\n').count() - 1;
        seen = offset;
        let value = parse(file, text, line, problems)?;
        entries.push(Entry { name, line, value });
    }
    Some(entries)
}

fn by_name<T>(entries: Vec<Entry<T>>) -> HashMap<String, Entry<T>> {
    let named = entries.into_iter().map(|entry| (entry.name.clone(), entry));
    named.collect()
}

/// Most names in a note.
const NAMED: usize = 10;

/// What a file says of variables that the codebook does not have.
fn in_vain<T>(file: &str, left: HashMap<String, Entry<T>>) -> Option<String> {
    let mut left: Vec<(usize, String)> = left
        .into_values()
        .map(|entry| (entry.line, shown(&entry.name)))
        .collect();
    left.sort();
    let more = left.len().saturating_sub(NAMED);
    let names: Vec<String> = left.into_iter().take(NAMED).map(|(_, name)| name).collect();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!("{file} tells of variables that the codebook does not have: {names}{more}")
    })
}

/// The changes of a variable's codes.
fn take_changes(
    file: &Path,
    variable: &mut Variable,
    changes: Entry<Ordered<Word>>,
    notes: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) {
    for (from, to) in changes.value.0 {
        let to = to.text();
        let (code, target) = (whole_code(&from), whole_code(&to));
        let Some(code) = code.filter(|_| target.is_some() || to.is_empty()) else {
            let message = format!(
                "`{}` to `{}` is no change of codes",
                shown(&from),
                shown(&to)
            );
            let problem = Problem::error(file, message).line(changes.line);
            problems.push(problem.field(variable.name.clone()));
            continue;
        };
        let is_off = |target: &i32| {
            let range = variable.range;
            range.is_some_and(|(low, high)| !(low..=high).contains(target))
        };
        if let Some(target) = target.filter(is_off) {
            notes.push(format!(
                "{ADJUSTMENTS} lets the code {code} of {} become {target}, which is not on its scale by {METADATA}",
                variable.name
            ));
        }
        variable.remap.insert(code, target);
    }
}

fn take_metadata(
    file: &Path,
    variable: &mut Variable,
    Entry {
        line,
        value: metadata,
        ..
    }: Entry<JsonMetadata>,
    notes: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) {
    for (key, said, known) in [
        ("use_case", &metadata.use_case, ["value", "demographic"]),
        (
            "answer_data_type",
            &metadata.answer_data_type,
            ["ordinal", "non_ordinal"],
        ),
    ] {
        if let Some(said) = said.as_deref().filter(|said| !known.contains(said)) {
            notes.push(format!(
                "{METADATA}: the {key} of {} is `{}`, which is neither `{}` nor `{}`",
                variable.name,
                shown(said),
                known[0],
                known[1]
            ));
        }
    }
    variable.topic = one_line(metadata.category);
    variable.text = one_line(metadata.question).or(variable.text.take());
    let ordinal = metadata.answer_data_type.as_deref() == Some("ordinal");
    variable.nominal = metadata.answer_data_type.as_ref().map(|_| !ordinal);
    let is_value = metadata.use_case.as_deref() == Some("value");
    // Those without an order must be named: distances mean less for them.
    variable.is_question = ordinal && is_value;
    variable.is_unordered_question = is_value && variable.nominal == Some(true);
    if !ordinal {
        return;
    }
    let ends = [metadata.answer_scale_min, metadata.answer_scale_max].map(Word::text);
    let [low, high] = &ends;
    match (whole_code(low), whole_code(high)) {
        (Some(low), Some(high)) if is_range(low, high) => variable.range = Some((low, high)),
        _ if low.is_empty() && high.is_empty() => {}
        _ => {
            let message = format!(
                "`{}` to `{}` is no scale: its ends are whole numbers, the lower first",
                shown(low),
                shown(high)
            );
            let problem = Problem::error(file, message).line(line);
            let problem = problem.field(variable.name.clone());
            problems.push(problem.help(
                "correct answer_scale_min and answer_scale_max, or leave both empty and let the codes of the codebook be the scale",
            ));
        }
    }
}

/// Whether these are the ends of a scale, and of no more options than one may have.
fn is_range(low: i32, high: i32) -> bool {
    let options = i64::from(high) - i64::from(low) + 1;
    options >= 1 && usize::try_from(options).is_ok_and(|options| options <= MOST_OPTIONS)
}

/// The code that a text is: `1`, `1.0`.
fn whole_code(text: &str) -> Option<i32> {
    whole(text).and_then(|code| i32::try_from(code).ok())
}

/// Reads what begins on a line of a file.
fn parse<'de, T: Deserialize<'de>>(
    file: &Path,
    bytes: &'de [u8],
    first_line: usize,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            let (line, column) = (first_line + error.line().saturating_sub(1), error.column());
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            let problem = Problem::error(file, format!("not the JSON of a codebook: {what}"));
            problems.push(problem.line(line).column(column).help(
                "expected the files of WorldValuesBench, {\"Q1\": {\"question\": …, \"choices\": {\"1\": …}}}, or a CSV",
            ));
            None
        }
    }
}

fn one_line(text: Option<String>) -> Option<String> {
    let text = text?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}
