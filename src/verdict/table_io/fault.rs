//! What is wrong with a row of a table, and where that stands.

use super::source::{Problems, Row};
use crate::problem::Problem;

/// What is wrong with one field of a row.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Which of the known columns.
    pub(crate) column: Option<usize>,
    /// The name of another column, and its slot.
    pub(crate) field: Option<String>,
    pub(crate) slot: Option<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    pub(crate) fn at(column: usize, message: impl Into<String>) -> Self {
        Self {
            column: Some(column),
            field: None,
            slot: None,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Reports it of a row; `known` gives the name and slot of a known column.
    pub(crate) fn add(
        self,
        row: &Row<'_>,
        known: impl FnOnce(usize) -> (&'static str, Option<usize>),
        problems: &mut Problems<'_>,
    ) {
        let (name, slot) = match self.column {
            Some(column) => {
                let (name, slot) = known(column);
                (name.to_owned(), slot)
            }
            None => (self.field.unwrap_or_default(), self.slot),
        };
        problems.add(|file| {
            let mut problem = Problem::error(file, self.message).line(row.line);
            if let Some(column) = slot.and_then(|slot| row.column_of(&name, slot)) {
                problem = problem.column(column);
            }
            if let Some(help) = self.help {
                problem = problem.help(help);
            }
            problem.field(name)
        });
    }
}
