//! The open-ended questions of a study that stand for questions of the survey.

use std::collections::{BTreeSet, HashMap};

use super::answers::Question;
use super::config::StudyTables;
use super::items::Item;
use crate::input::source::shown;
use crate::input::table::Table;
use crate::problem::Problem;
use crate::text::nearest::nearest;

/// A table of open-ended questions.
#[derive(Debug)]
pub(super) struct OpenEnded {
    /// The table as it was written.
    pub(super) bytes: Vec<u8>,
    /// Id of each open-ended question, and the index of its question of the survey.
    pub(super) links: Vec<(String, usize)>,
    /// Open-ended questions without one.
    pub(super) unlinked: usize,
}

/// Reads the table that the configuration names. Of a question that has failed there is a
/// problem already.
pub(super) fn read(
    tables: &StudyTables,
    questions: &[Question],
    has_failed: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Problem>,
) -> Option<OpenEnded> {
    let path = &tables.questions;
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let problem = Problem::error(path, format!("cannot be read: {error}"));
            problems.push(problem.help("study.questions of the configuration names it"));
            return None;
        }
    };
    let table = Table::read(path, bytes.as_slice(), problems)?;
    let by_id: HashMap<&str, usize> = questions
        .iter()
        .enumerate()
        .map(|(index, question)| (question.id.as_str(), index))
        .collect();
    let at = ["id", "structured"].map(|name| {
        let column = table.column(name);
        if column.is_none() {
            let problem = Problem::error(path, format!("there is no column `{name}`"))
                .line(1)
                .field(name);
            problems.push(
                problem.help("`structured` names the survey's question behind an open-ended one"),
            );
        }
        column
    });
    let mut links = Vec::new();
    let mut unlinked = 0;
    for row in table.rows() {
        let (Some(id), Some(structured)) = (row.word(at[0]), row.word(at[1])) else {
            unlinked += 1;
            continue;
        };
        let Some(index) = by_id.get(structured) else {
            if has_failed(structured) {
                continue;
            }
            let message = format!("the survey has no question `{}`", shown(structured));
            let mut known: Vec<&str> = by_id.keys().copied().collect();
            known.sort_unstable();
            let help = nearest(structured, known).map_or_else(
                || "name a question of questions.csv, or leave the cell empty".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let at = row.offset_of(at[1]);
            problems.push(table.source.error(at, "structured", message).help(help));
            continue;
        };
        links.push((id.to_owned(), *index));
    }
    Some(OpenEnded {
        bytes,
        links,
        unlinked,
    })
}

impl OpenEnded {
    /// Which questions have a mode that no label tells the meaning of, nor those of the ends
    /// of its scale.
    pub(super) fn without_words(&self, questions: &[Question], items: &[Item]) -> Option<String> {
        let mut bare = vec![false; questions.len()];
        for item in items {
            let scale = &questions[item.question as usize].scale;
            let has_label = |code| scale.label(code).is_some();
            let mode = scale.options()[usize::from(item.mode)].code;
            bare[item.question as usize] |=
                ![mode, scale.low(), scale.high()].into_iter().any(has_label);
        }
        let linked: BTreeSet<usize> = self.links.iter().map(|(_, question)| *question).collect();
        let bare: Vec<&str> = linked
            .into_iter()
            .filter(|question| bare[*question])
            .map(|question| questions[question].id.as_str())
            .collect();
        (!bare.is_empty()).then(|| {
            format!(
                "study/truth.csv has numbers as stances, which say nothing to a judge, where the ends of the scale have no label: {}; write [scales.{}] with labels",
                bare.join(", "),
                bare[0]
            )
        })
    }
}
