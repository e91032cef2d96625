//! Prompts: built-in and own templates, and the messages they render to.
//!
//! `environment` compiles and lints a template, `render` fills the templates of a
//! study, and `fence` keeps the answers that are judged from being anything but
//! data.

mod environment;
pub mod fence;
mod render;
mod watch;

use minijinja::ErrorKind;
use serde::{Deserialize, Serialize};

pub use render::{JudgmentContext, Prompts};

use crate::problem::Problem;

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

/// A template that could not be compiled or rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("prompt template {template}{}: {message}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct PromptError {
    /// Name of the template.
    pub template: String,
    /// Line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl PromptError {
    /// The innermost cause that has a place in the template.
    fn new(template: &str, error: &minijinja::Error) -> Self {
        let mut place = error;
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source.and_then(|cause| cause.downcast_ref::<minijinja::Error>()) {
            if cause.line().is_some() {
                place = cause;
            }
            source = std::error::Error::source(cause);
        }
        Self {
            template: template.to_owned(),
            line: place.line(),
            message: explain(place),
        }
    }

    /// As a problem of the study.
    fn into_problem(self) -> Problem {
        let mut problem = Problem::error(self.template, self.message);
        problem.line = self.line;
        problem
    }
}

/// What went wrong, in words that fit a prompt template.
fn explain(error: &minijinja::Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::TemplateNotFound, _) => {
            "a prompt template stands alone: it cannot include, import or extend another".to_owned()
        }
        (ErrorKind::OutOfFuel, _) => {
            "this does too much work for one prompt; is there a loop that runs away?".to_owned()
        }
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
