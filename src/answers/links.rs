//! Which survey question stands behind an open-ended one, from a table.

use std::collections::HashMap;
use std::path::Path;

use crate::input::source::shown;
use crate::input::table::Table;
use crate::problem::Problem;

/// Reads a table with the columns `id` (or `question`) and `structured`, such as a
/// study's open-ended questions; further columns and rows without a link are passed
/// over.
///
/// # Errors
///
/// Where the file cannot be read, lacks a column, or links one question twice to
/// different ones.
pub fn read(file: &Path, bytes: &[u8]) -> Result<HashMap<String, String>, Vec<Problem>> {
    let mut problems = Vec::new();
    let Some(table) = Table::read(file, bytes, &mut problems) else {
        return Err(problems);
    };
    let question = table.column("id").or_else(|| table.column("question"));
    let structured = table.column("structured");
    let (Some(_), Some(_)) = (question, structured) else {
        let message = "this table has no columns `id` (or `question`) and `structured`";
        let problem = Problem::error(file, message).line(1).column(1);
        problems.push(problem.help(
            "write the id of each open-ended question and that of the survey question behind it",
        ));
        return Err(problems);
    };
    let mut links: HashMap<String, String> = HashMap::new();
    for row in table.rows() {
        let (Some(open), Some(survey)) = (row.word(question), row.word(structured)) else {
            continue;
        };
        match links.get(open) {
            Some(known) if known != survey => {
                let message = format!(
                    "`{}` is linked to `{}` here and to `{}` before",
                    shown(open),
                    shown(survey),
                    shown(known)
                );
                let (line, column) = table.source.place(row.offset_of(structured));
                problems.push(Problem::error(file, message).line(line).column(column));
            }
            _ => {
                links.insert(open.to_owned(), survey.to_owned());
            }
        }
    }
    let is_error = |problem: &Problem| problem.severity == crate::problem::Severity::Error;
    if problems.iter().any(is_error) {
        Err(problems)
    } else {
        Ok(links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Result<HashMap<String, String>, String> {
        read(Path::new("q.csv"), text.as_bytes())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_study_s_questions_and_a_bare_list_are_read() {
        let found = links("id,topic,text,structured\na,t,x,Q1\nb,t,y,\n").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found["a"], "Q1");
        assert_eq!(
            links("question,structured\na,Q1\na,Q1\n").unwrap()["a"],
            "Q1"
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let wrong = links("question,structured\na,Q1\na,Q2\n").unwrap_err();
        assert!(
            wrong.contains("`a` is linked to `Q2` here and to `Q1` before"),
            "{wrong}"
        );
        assert!(wrong.contains('3'), "{wrong}");
        assert!(
            links("question,survey\na,Q1\n")
                .unwrap_err()
                .contains("`structured`")
        );
    }
}
