//! What is wrong with somebody's input, said so that it can be mended.
//!
//! Readers of studies, rubrics and tables collect [`Problem`]s instead of
//! stopping at the first, so that all of them are shown at once.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

/// One thing wrong with an input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether work can go on.
    pub severity: Severity,
    /// The file, as the user named it.
    #[serde(serialize_with = "as_shown")]
    pub file: PathBuf,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// The field, such as `models.base.temperature` or a table's column.
    pub field: Option<String>,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to do, such as the nearest known key.
    pub help: Option<String>,
    /// How many problems it stands for, where it only counts those that are not listed.
    #[serde(skip)]
    pub not_listed: usize,
}

/// A path that is not UTF-8 is told all the same.
fn as_shown<S: Serializer>(file: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&file.display())
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the study can run.
    Warning,
    /// The study cannot run.
    Error,
}

impl Problem {
    /// An error in `file`.
    pub fn error(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.into(),
            line: None,
            column: None,
            field: None,
            message: message.into(),
            help: None,
            not_listed: 0,
        }
    }

    /// Counts further errors in `file` that are not listed.
    pub fn more(file: impl Into<PathBuf>, number: usize) -> Self {
        let message = match number {
            1 => "1 more problem is not listed".to_owned(),
            _ => format!("{number} more problems are not listed"),
        };
        Self {
            not_listed: number,
            ..Self::error(file, message)
        }
    }

    /// A warning about `file`.
    pub fn warning(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(file, message)
        }
    }

    /// At this line, from 1.
    #[must_use]
    pub fn line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// At this column in characters, from 1.
    #[must_use]
    pub fn column(mut self, column: usize) -> Self {
        self.column = Some(column);
        self
    }

    /// About this field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// With this advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    /// `file:line:column: field: message`, then the advice on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": ")?;
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}
