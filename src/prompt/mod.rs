//! Prompts: built-in and own templates, and the messages they render to.
//!
//! `environment` compiles and lints a template, `render` fills the templates of a
//! study, and `fence` keeps the answers that are judged from being anything but
//! data.

mod environment;
pub mod fence;
mod render;

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
        let mut message = place.kind().to_string();
        if let Some(detail) = place.detail() {
            message.push_str(": ");
            message.push_str(detail);
        }
        Self {
            template: template.to_owned(),
            line: place.line(),
            message,
        }
    }

    /// As a problem of the study.
    fn into_problem(self) -> Problem {
        let mut problem = Problem::error(self.template, self.message);
        problem.line = self.line;
        problem
    }
}
