//! Prompts: built-in and own templates, and the messages they render to.
//!
//! `environment` compiles a template, `lint` says which of the values that it asks
//! for it will not be given, `words` which filters and tests it names, `render` fills the templates of a
//! study, and `fence` keeps the answers that are judged from being anything but
//! data.

mod environment;
pub mod fence;
mod lint;
mod render;
mod values;
mod watch;
mod words;

use minijinja::ErrorKind;
use serde::{Deserialize, Serialize};

pub use render::{JudgmentContext, Prompts};
pub use values::persona_lines;

use crate::problem::Problem;
use crate::rubric::Template;

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing instructions.
    System,
    /// The request.
    User,
}

/// One message of a chat request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// The system messages' text, a blank line between; `None` where there is none.
pub fn system_text(messages: &[Message]) -> Option<String> {
    let mut texts = messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| message.content.as_str());
    let mut joined = texts.next()?.to_owned();
    for text in texts {
        joined.push_str("\n\n");
        joined.push_str(text);
    }
    Some(joined)
}

/// The messages with the system text before the first user text, a blank line
/// between, or as a user message where there is none.
pub fn without_system_role(messages: &[Message]) -> Vec<Message> {
    let mut kept: Vec<Message> = messages
        .iter()
        .filter(|message| message.role == Role::User)
        .cloned()
        .collect();
    if let Some(mut text) = system_text(messages) {
        match kept.first_mut() {
            Some(first) => {
                text.push_str("\n\n");
                text.push_str(&first.content);
                first.content = text;
            }
            None => kept.push(Message {
                role: Role::User,
                content: text,
            }),
        }
    }
    kept
}

/// A template that could not be compiled or rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("prompt template {template}{}, which {field} names: {message}", place(*.line, *.column))]
pub struct PromptError {
    /// Name of the template.
    pub template: String,
    /// The key of the study that names it.
    pub field: &'static str,
    /// Line, from 1, where it is known.
    pub line: Option<usize>,
    /// Column in characters, from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

fn place(line: Option<usize>, column: Option<usize>) -> String {
    let part = |name, number: Option<usize>| {
        number.map_or_else(String::new, |number| format!(", {name} {number}"))
    };
    part("line", line) + &part("column", column)
}

/// What to do about a kind of error, by how its message begins.
const HELP: [(&str, &str); 4] = [
    (
        "syntax error",
        "a value is written {{ name }}, a statement {% if name %}…{% endif %}, a comment {# … #}",
    ),
    (
        "unknown filter",
        "filters are Jinja's, such as `trim`, `lower`, `join(\", \")`, `default(\"…\")`",
    ),
    (
        "unknown test",
        "tests are Jinja's, such as `is defined`, `is none`, `is divisibleby(2)`",
    ),
    (
        "unknown function",
        "functions are Jinja's: `range`, `dict`, `namespace`",
    ),
];

fn help_with(message: &str) -> Option<&'static str> {
    let of_kind = HELP.iter().find(|(kind, _)| message.starts_with(kind));
    of_kind.map(|(_, help)| *help)
}

const STANDS_ALONE: &str =
    "a prompt template stands alone: it cannot include, import or extend another";

impl PromptError {
    /// The innermost cause that has a place in the template.
    fn new(field: &'static str, template: &Template, error: &minijinja::Error) -> Self {
        let mut place = error;
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source.and_then(|cause| cause.downcast_ref::<minijinja::Error>()) {
            if cause.line().is_some() {
                place = cause;
            }
            source = std::error::Error::source(cause);
        }
        let range = place
            .range()
            .filter(|range| range.end <= template.source.len());
        Self {
            template: template.name.clone(),
            field,
            line: place.line(),
            column: range.map(|range| lint::place(&template.source, range.start).1),
            message: explain(place),
        }
    }

    /// What to do about it, where its kind says so.
    fn help(&self) -> Option<&'static str> {
        help_with(&self.message)
    }

    /// Whether it lies in the words of the template, whatever values they are given.
    fn is_of_the_words(&self) -> bool {
        self.help().is_some() || self.message == STANDS_ALONE
    }

    /// As a problem of the study. A template is looked at as far as its first failure.
    fn into_problem(self) -> Problem {
        let more = "more may show once this is mended";
        let help = self.help();
        let help = help.map_or_else(|| more.to_owned(), |help| format!("{help}; {more}"));
        Problem {
            line: self.line,
            column: self.column,
            field: Some(self.field.to_owned()),
            help: Some(help),
            ..Problem::error(self.template, self.message)
        }
    }
}

/// What went wrong, in words that fit a prompt template.
fn explain(error: &minijinja::Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::TemplateNotFound, _) => STANDS_ALONE.to_owned(),
        (ErrorKind::OutOfFuel, _) => {
            "this does too much work for one prompt; is there a loop that runs away?".to_owned()
        }
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
