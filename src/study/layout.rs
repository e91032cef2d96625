//! The forms in which answers that were made elsewhere are kept, known by their columns.
//!
//! - `custom_id, response`: the id is `<question>_<persona>`, blanks written as `-`, as in
//!   `Q1_age_group_16-24-years`; the lines of a batch's output are read so too, and say in
//!   `finish_reason` where a reply was cut off or refused;
//! - `QUESTION_ID, PARTICIPANT_ID, SCORE` (WorldValuesBench): the score is a code;
//! - `persona, question` and `response`, `text` or `option`, with `sample` where there is
//!   more than one.

use super::Ending;
use crate::input::table::{Row, Table};

/// The forms, as messages name them.
pub(crate) const KNOWN: &str = "known are custom_id, response; QUESTION_ID, PARTICIPANT_ID, SCORE; and persona, question with response, text or option";

/// Where the columns of a file are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    /// An id of question and persona, and a reply.
    Batch {
        /// `custom_id`.
        id: usize,
        /// `response`.
        reply: usize,
        /// `finish_reason`, which lines of a batch's output say.
        finish: Option<usize>,
    },
    /// Persona and question in cells of their own.
    Items {
        /// Of the persona.
        persona: usize,
        /// Of the question.
        question: usize,
        /// Of the sample, where there may be more than one.
        sample: Option<usize>,
        /// Of what was answered.
        answer: usize,
        /// Whether that is the code of an option, and no reply.
        is_code: bool,
    },
}

impl Layout {
    /// The form of a table; `None` where it is none of them.
    pub(crate) fn of(table: &Table) -> Option<Self> {
        let column = |name: &str| {
            let mut columns = table.columns.iter();
            columns.position(|column| column.name.eq_ignore_ascii_case(name))
        };
        if let (Some(id), Some(reply)) = (column("custom_id"), column("response")) {
            let finish = column("finish_reason");
            return Some(Self::Batch { id, reply, finish });
        }
        if let (Some(question), Some(persona), Some(answer)) = (
            column("QUESTION_ID"),
            column("PARTICIPANT_ID"),
            column("SCORE"),
        ) {
            return Some(Self::Items {
                persona,
                question,
                sample: None,
                answer,
                is_code: true,
            });
        }
        let (persona, question) = (column("persona")?, column("question")?);
        let code = column("option");
        let answer = code
            .or_else(|| column("response"))
            .or_else(|| column("text"))?;
        Some(Self::Items {
            persona,
            question,
            sample: column("sample"),
            answer,
            is_code: code.is_some(),
        })
    }
}

/// What a row of a batch says of how its reply ended.
pub(crate) fn ending(row: Row<'_>, finish: Option<usize>) -> Ending {
    match row.word(finish) {
        Some("length") => Ending::CutOff,
        Some("content_filter" | "refusal") => Ending::Refused,
        _ => Ending::Whole,
    }
}

/// The persona and question of an id such as `Q1_sex_Male`.
pub(crate) fn of_custom_id(
    id: &str,
    question: impl Fn(&str) -> Option<u32>,
    persona: impl Fn(&str) -> Option<u32>,
) -> Option<(u32, u32)> {
    let id = id.trim();
    id.match_indices('_').find_map(|(at, _)| {
        let question = question(&id[..at])?;
        Some((persona(&plain(&id[at + 1..]))?, question))
    })
}

/// An id with its blanks as they are written in a `custom_id`.
pub(crate) fn plain(id: &str) -> String {
    id.trim().replace(' ', "-")
}
