//! What a survey's codes mean: this project's own CSV, or the JSON of WorldValuesBench
//! with its two further files beside it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::microdata::whole;
use crate::input::source::shown;
use crate::input::table::{Row, Table};
use crate::problem::Problem;
use crate::study::scale::MOST_OPTIONS;
use crate::text::nearest::nearest;

/// Columns of a codebook in CSV; `docs/survey.md` explains them.
pub(super) const COLUMNS: [&str; 7] = [
    "variable", "topic", "text", "code", "label", "scale", "role",
];

/// The variables of a survey, in the order of their file.
#[derive(Debug)]
pub(super) struct Codebook {
    pub(super) variables: Vec<Variable>,
    by_name: HashMap<String, usize>,
    /// Whether the codebook says which variables are questions.
    pub(super) names_questions: bool,
    /// Files read beside the codebook.
    pub(super) beside: Vec<String>,
}

/// A variable and its codes.
#[derive(Debug, Default)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) topic: Option<String>,
    pub(super) text: Option<String>,
    /// Whether the codebook calls it a question.
    pub(super) is_question: bool,
    /// Whether it would be one if its options had an order.
    pub(super) is_unordered_question: bool,
    pub(super) nominal: Option<bool>,
    /// Lowest and highest code of the scale, where the codebook says them.
    pub(super) range: Option<(i32, i32)>,
    /// Codes that become another, or none.
    pub(super) remap: BTreeMap<i32, Option<i32>>,
    /// In the order of the file.
    pub(super) codes: Vec<Code>,
    /// Line of the file, where it has lines.
    pub(super) line: Option<usize>,
}

/// A code of a variable.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) text: String,
    pub(super) label: Option<String>,
    /// Line of the file, where it has lines.
    pub(super) line: Option<usize>,
}

impl Codebook {
    fn new(variables: Vec<Variable>, names_questions: bool) -> Self {
        Self {
            by_name: variables
                .iter()
                .enumerate()
                .map(|(index, variable)| (variable.name.clone(), index))
                .collect(),
            variables,
            names_questions,
            beside: Vec::new(),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Variable> {
        self.by_name.get(name).map(|index| &self.variables[*index])
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }
}

/// Reads a codebook by the extension of its file, else by its first character.
pub(super) fn read(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Codebook> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_json = start.trim_ascii_start().starts_with(b"{");
    if is_json {
        read_json(file, start, problems)
    } else {
        read_csv(file, bytes, problems)
    }
}

fn read_csv(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Codebook> {
    let before = problems.len();
    let table = Table::read(file, bytes, problems)?;
    let at = COLUMNS.map(|name| table.column(name));
    for name in ["variable", "code", "label"] {
        if table.column(name).is_none() {
            let message = format!("there is no column `{name}`");
            let problem = Problem::error(file, message).line(1).field(name);
            let names = table.columns.iter().map(|column| column.name.as_str());
            let help = nearest(name, names).map_or_else(
                || format!("a codebook has the columns {}", COLUMNS.join(", ")),
                |near| format!("rename the column `{}`?", shown(near)),
            );
            problems.push(problem.help(help));
        }
    }
    if problems.len() > before {
        return None;
    }
    let mut variables: Vec<Variable> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut says_role = false;
    for row in table.rows() {
        let cells = at.map(|column| row.word(column));
        let [name, topic, text, code, label, scale, role] = cells;
        let Some(name) = name else {
            let offset = row.offset_of(at[0]);
            let problem = table.source.error(offset, "variable", "this cell is empty");
            problems.push(problem.help("write the name of the microdata's column in every row"));
            continue;
        };
        let index = *by_name.entry(name.to_owned()).or_insert_with(|| {
            variables.push(Variable {
                name: name.to_owned(),
                line: Some(table.source.line(row.offset())),
                ..Variable::default()
            });
            variables.len() - 1
        });
        let variable = &mut variables[index];
        let mut told = Told {
            table: &table,
            row: &row,
            problems,
        };
        told.once("topic", at[1], topic, &mut variable.topic);
        told.once("text", at[2], text, &mut variable.text);
        match scale {
            None => {}
            Some("ordered") => variable.nominal = Some(false),
            Some("nominal") => variable.nominal = Some(true),
            Some(other) => told.word("scale", at[5], other, "`ordered` or `nominal`"),
        }
        match role {
            None => {}
            Some("question") => (says_role, variable.is_question) = (true, true),
            Some("respondent") => says_role = true,
            Some(other) => told.word("role", at[6], other, "`question` or `respondent`"),
        }
        if let Some(code) = code {
            if variable.codes.iter().any(|known| known.text == code) {
                let message = format!("the code {} of `{}` stands twice", shown(code), shown(name));
                let problem = table.source.error(row.offset_of(at[3]), "code", message);
                problems.push(problem.help("keep one of the two rows"));
                continue;
            }
            variable.codes.push(Code {
                text: code.to_owned(),
                label: label.map(str::to_owned),
                line: Some(table.source.line(row.offset_of(at[3]))),
            });
        }
    }
    if !says_role {
        for variable in &mut variables {
            variable.is_question = variable.topic.is_some();
        }
    }
    let names_questions = variables.iter().any(|variable| variable.is_question);
    (problems.len() == before).then(|| Codebook::new(variables, names_questions))
}

/// Reports what a row says of its variable that an earlier row said otherwise.
struct Told<'a> {
    table: &'a Table,
    row: &'a Row<'a>,
    problems: &'a mut Vec<Problem>,
}

impl Told<'_> {
    fn once(
        &mut self,
        name: &str,
        at: Option<usize>,
        now: Option<&str>,
        kept: &mut Option<String>,
    ) {
        match (now, kept.as_deref()) {
            (Some(now), Some(before)) if now != before => {
                let message = format!(
                    "this is not what an earlier row of the variable says, `{}`",
                    shown(before)
                );
                let problem = self
                    .table
                    .source
                    .error(self.row.offset_of(at), name, message);
                self.problems
                    .push(problem.help("say it in one row, and leave the others empty"));
            }
            (Some(now), None) => *kept = Some(now.to_owned()),
            _ => {}
        }
    }

    fn word(&mut self, name: &str, at: Option<usize>, found: &str, expected: &str) {
        let message = format!("expected {expected}, found `{}`", shown(found));
        let problem = self
            .table
            .source
            .error(self.row.offset_of(at), name, message);
        self.problems.push(problem);
    }
}

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
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
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

fn read_json(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Codebook> {
    let read: Ordered<JsonVariable> = parse(file, bytes, problems)?;
    let mut variables: Vec<Variable> = read
        .0
        .into_iter()
        .map(|(name, variable)| Variable {
            name,
            text: one_line(variable.question),
            codes: variable
                .choices
                .map_or_else(Vec::new, |choices| choices.0)
                .into_iter()
                .map(|(code, label)| Code {
                    text: code.trim().to_owned(),
                    label: one_line(Some(label.text())),
                    line: None,
                })
                .collect(),
            ..Variable::default()
        })
        .collect();
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
    if let Some((path, bytes)) = sister("question_metadata.json", problems) {
        let metadata: Ordered<JsonMetadata> = parse(&path, &bytes, problems)?;
        names_questions = true;
        beside.push("question_metadata.json".to_owned());
        let mut by_name: HashMap<_, _> = metadata.0.into_iter().collect();
        for variable in &mut variables {
            if let Some(metadata) = by_name.remove(&variable.name) {
                take_metadata(&path, variable, metadata, problems);
            }
        }
    }
    if let Some((path, bytes)) = sister("answer_adjustment.json", problems) {
        let adjustments: Ordered<Ordered<Word>> = parse(&path, &bytes, problems)?;
        beside.push("answer_adjustment.json".to_owned());
        let mut by_name: HashMap<_, _> = adjustments.0.into_iter().collect();
        for variable in &mut variables {
            let changes = by_name.remove(&variable.name).map_or(Vec::new(), |c| c.0);
            for (from, to) in changes {
                let to = to.text();
                match (whole_code(&from), whole_code(&to)) {
                    (Some(from), Some(to)) => variable.remap.insert(from, Some(to)),
                    (Some(from), None) if to.is_empty() => variable.remap.insert(from, None),
                    _ => {
                        let message = format!(
                            "`{}` to `{}` is no change of codes",
                            shown(&from),
                            shown(&to)
                        );
                        let field = variable.name.clone();
                        problems.push(Problem::error(&path, message).field(field));
                        continue;
                    }
                };
            }
        }
    }
    let mut codebook = Codebook::new(variables, names_questions);
    codebook.beside = beside;
    Some(codebook)
}

fn take_metadata(
    file: &Path,
    variable: &mut Variable,
    metadata: JsonMetadata,
    problems: &mut Vec<Problem>,
) {
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
            let problem = Problem::error(file, message).field(variable.name.clone());
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

fn parse<'de, T: Deserialize<'de>>(
    file: &Path,
    bytes: &'de [u8],
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
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
