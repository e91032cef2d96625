//! What a survey's codes mean: this project's own CSV, or the JSON of WorldValuesBench
//! with its two further files beside it.

mod csv;
mod json;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::microdata::whole;
use crate::problem::Problem;

/// The file of WorldValuesBench that maps codes to others.
pub(super) const ADJUSTMENTS: &str = "answer_adjustment.json";

/// The variables of a survey, in the order of their file.
#[derive(Debug)]
pub(super) struct Codebook {
    pub(super) variables: Vec<Variable>,
    by_name: HashMap<String, usize>,
    /// Whether the codebook says which variables are questions.
    pub(super) names_questions: bool,
    /// Files read beside the codebook.
    pub(super) beside: Vec<String>,
    /// What those files say in vain.
    pub(super) notes: Vec<String>,
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
    /// Codes that become another, or none, by [`ADJUSTMENTS`].
    pub(super) remap: BTreeMap<i32, Option<i32>>,
    /// In the order of the file.
    pub(super) codes: Vec<Code>,
    /// Line of the file, where it has lines.
    pub(super) line: Option<usize>,
}

impl Variable {
    /// The code that is written so, or is the same number.
    fn code(&self, text: &str) -> Option<&Code> {
        let number = whole(text);
        let is_it = |known: &&Code| {
            known.text == text || (number.is_some() && whole(&known.text) == number)
        };
        self.codes.iter().find(is_it)
    }
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
            notes: Vec::new(),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Variable> {
        self.by_name.get(name).map(|index| &self.variables[*index])
    }

    /// What it calls the codes of a variable.
    pub(super) fn labels(&self, name: &str) -> impl Iterator<Item = &str> {
        let codes = self.find(name).into_iter().flat_map(|found| &found.codes);
        codes.filter_map(|code| code.label.as_deref())
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }
}

/// Reads a codebook as what it begins like, whatever its file is called.
pub(super) fn read(file: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Codebook> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match start.trim_ascii_start().first() {
        Some(b'{') => json::read(file, start, problems),
        Some(b'[') => {
            let message = "this is a JSON list, and no codebook";
            problems.push(
                Problem::error(file, message).help(
                    "write it as CSV, or as one JSON object with the variables by their names",
                ),
            );
            None
        }
        _ => csv::read(file, bytes, problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a codebook in JSON.
    fn wrong(text: &str) -> String {
        let mut problems = Vec::new();
        read(Path::new("c.json"), text.as_bytes(), &mut problems);
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_list_is_told_to_be_none_whatever_its_name() {
        let list = "[{\"variable\": \"Q1\", \"code\": 1, \"label\": \"a\"}]";
        let told = wrong(list);
        assert!(
            told.starts_with("c.json: this is a JSON list, and no codebook"),
            "{told}"
        );
        let mut problems = Vec::new();
        read(Path::new("c.csv"), list.as_bytes(), &mut problems);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let csv = "variable,code,label\nQ1,1,a\n";
        let mut problems = Vec::new();
        read(Path::new("c.jsonl"), csv.as_bytes(), &mut problems);
        let told: String = problems.iter().map(Problem::to_string).collect();
        assert!(
            told.starts_with("c.jsonl:1:1: this is CSV, not JSONL"),
            "{told}"
        );
    }

    #[test]
    fn what_stands_twice_is_refused_with_its_line() {
        let twice = "{\"Q1\": {\"question\": \"a\"},\n\"Q1\": {\"question\": \"b\"}}";
        let told = wrong(twice);
        assert!(
            told.starts_with("c.json:2:") && told.contains("`Q1` stands twice"),
            "{told}"
        );
        let code =
            "{\"Q1\": {\"choices\": {}},\n\"Q2\": {\"choices\": {\"1\": \"a\",\n\"1\": \"b\"}}}";
        let told = wrong(code);
        assert!(
            told.starts_with("c.json:3:") && told.contains("`1` stands twice"),
            "{told}"
        );
        let number = "{\n\"Q2\": {\"choices\": {\"2\": \"a\", \"2.0\": \"b\"}}}";
        let told = wrong(number);
        assert!(
            told.starts_with("c.json:2: Q2: the code 2.0 stands twice, first as 2"),
            "{told}"
        );
        let csv = "variable,code,label,text\nQ1,2,a,t\nQ1,2.0,b,\n";
        let told = wrong(csv);
        assert!(
            told.starts_with("c.json:3:4: code: the code 2.0 of `Q1` stands twice"),
            "{told}"
        );
    }

    #[test]
    fn a_scale_or_role_that_two_rows_say_differently_is_refused() {
        for (column, first, second) in [
            ("scale", "ordered", "nominal"),
            ("role", "question", "respondent"),
        ] {
            let rows = |a: &str, b: &str| {
                format!("variable,code,label,{column}\nQ1,1,a,{a}\nQ1,2,b,{b}\n")
            };
            let told = wrong(&rows(first, second));
            assert!(
                told.starts_with(&format!("c.json:3:8: {column}: this is not what an earlier row of the variable says, `{first}`")),
                "{told}"
            );
            assert_eq!(wrong(&rows(first, first)), "");
            assert_eq!(wrong(&rows(first, "")), "");
        }
    }

    #[test]
    fn a_word_that_no_scale_or_role_is_called_is_told_once() {
        for (column, right) in [("scale", "ordered"), ("role", "question")] {
            for words in [
                [right, "oddly", right],
                ["oddly", right, right],
                ["oddly"; 3],
            ] {
                let rows = (1..)
                    .zip(words)
                    .map(|(code, word)| format!("Q1,{code},a,{word}\n"));
                let text = format!("variable,code,label,{column}\n{}", rows.collect::<String>());
                let told = wrong(&text);
                let about = told.matches(&format!(": {column}: ")).count();
                assert_eq!(
                    (about, told.matches("found `oddly`").count()),
                    (1, 1),
                    "{told}"
                );
            }
        }
    }
}
