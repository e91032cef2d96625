//! A codebook in this project's own CSV, one row a code.

use std::collections::HashMap;
use std::path::Path;

use super::{Code, Codebook, Variable};
use crate::input::source::shown;
use crate::input::table::{Row, Table};
use crate::problem::Problem;
use crate::text::nearest::nearest;

/// Columns of a codebook; `docs/survey.md` explains them.
const COLUMNS: [&str; 7] = [
    "variable", "topic", "text", "code", "label", "scale", "role",
];

const NOMINAL: &str = "nominal";
const QUESTION: &str = "question";

/// What the columns of words may say.
const SCALES: [&str; 2] = ["ordered", NOMINAL];
const ROLES: [&str; 2] = [QUESTION, "respondent"];

pub(super) fn read(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Codebook> {
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
    // Scale and role as the rows of each variable write them.
    let mut words: Vec<[Option<String>; 2]> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
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
            words.push([None, None]);
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
        let [own_scale, own_role] = &mut words[index];
        told.word("scale", at[5], scale, SCALES, own_scale);
        told.word("role", at[6], role, ROLES, own_role);
        if let Some(code) = code {
            if let Some(known) = variable.code(code) {
                let as_what = if known.text == code {
                    String::new()
                } else {
                    format!(", first as {}", shown(&known.text))
                };
                let message = format!(
                    "the code {} of `{}` stands twice{as_what}",
                    shown(code),
                    shown(name)
                );
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
    let says_role = words.iter().any(|[_, role]| role.is_some());
    for (variable, [scale, role]) in variables.iter_mut().zip(&words) {
        variable.nominal = scale.as_deref().map(|scale| scale == NOMINAL);
        variable.is_question = if says_role {
            role.as_deref() == Some(QUESTION)
        } else {
            variable.topic.is_some()
        };
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

    /// The same of one of two words. Another one is told where it stands first, and then no
    /// more that rows differ.
    fn word(
        &mut self,
        name: &str,
        at: Option<usize>,
        now: Option<&str>,
        known: [&str; 2],
        kept: &mut Option<String>,
    ) {
        let Some(found) = now.filter(|now| !known.contains(now)) else {
            if kept.as_deref().is_none_or(|kept| known.contains(&kept)) {
                self.once(name, at, now, kept);
            }
            return;
        };
        if kept.as_deref() == Some(found) {
            return;
        }
        let [one, other] = known;
        let message = format!("expected `{one}` or `{other}`, found `{}`", shown(found));
        let problem = self
            .table
            .source
            .error(self.row.offset_of(at), name, message);
        self.problems.push(problem);
        *kept = Some(found.to_owned());
    }
}
