//! The forms in which answers that were made elsewhere are kept, known by their columns.
//!
//! - `custom_id, response`: the id is `<question>_<persona>`, blanks written as `-`, as in
//!   `Q1_age_group_16-24-years`; the lines of a batch's output are read so too, and say in
//!   `finish_reason` where a reply was cut off or refused;
//! - `QUESTION_ID, PARTICIPANT_ID, SCORE` (WorldValuesBench): the score is a code;
//! - `persona, question` and `response`, `text` or `option`, with `sample` where there is
//!   more than one.

use std::collections::HashMap;

use super::Ending;
use crate::input::source::shown;
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

/// The item of an id such as `Q1_sex_Male`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CustomId {
    /// Its persona and question.
    One((u32, u32)),
    /// It may be any of several.
    Several,
    /// There is none.
    Unknown,
}

/// The item that an id names. One that is written as the study writes it goes before one
/// with other blanks.
pub(crate) fn of_custom_id(
    id: &str,
    question: impl Fn(&str) -> Option<u32>,
    personas: &PersonaIds,
) -> CustomId {
    let id = id.trim();
    let cuts = id.match_indices('_').filter_map(|(at, _)| {
        let question = question(&id[..at])?;
        Some((&id[at + 1..], question))
    });
    let cuts: Vec<(&str, u32)> = cuts.collect();
    let exact = cuts.iter().filter_map(|(persona, question)| {
        let found = personas.exact.get(*persona)?;
        Some((Spelt::One(*found), *question))
    });
    let mut found: Vec<(Spelt, u32)> = exact.collect();
    if found.is_empty() {
        let alike = cuts.iter().filter_map(|(persona, question)| {
            let found = personas.find(persona)?;
            Some((found, *question))
        });
        found = alike.collect();
    }
    match found[..] {
        [] => CustomId::Unknown,
        [(Spelt::One(persona), question)] => CustomId::One((persona, question)),
        _ => CustomId::Several,
    }
}

/// What is wrong with an id that may be any of several items.
pub(crate) fn several_items(id: &str) -> String {
    format!(
        "`{}` may be any of several items of the study: columns persona and question would say which",
        shown(id)
    )
}

/// What is wrong with a persona's id that may be any of several.
pub(crate) fn several_personas(id: &str) -> String {
    format!(
        "`{}` may be any of several personas of the study, which differ in blanks and `-` alone: write the id as the study does",
        shown(id)
    )
}

/// Ids of personas, as they are written and with their blanks as `-`.
#[derive(Debug)]
pub(crate) struct PersonaIds {
    exact: HashMap<String, u32>,
    plain: HashMap<String, Spelt>,
}

/// Who is meant by a spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelt {
    /// This persona.
    One(u32),
    /// Any of those that are spelt so.
    Several,
}

impl PersonaIds {
    pub(crate) fn new<'i>(ids: impl Iterator<Item = (&'i str, u32)>) -> Self {
        let (mut exact, mut spelt) = (HashMap::new(), HashMap::new());
        for (id, index) in ids {
            exact.insert(id.to_owned(), index);
            let known = spelt.entry(plain(id));
            known
                .and_modify(|known| *known = Spelt::Several)
                .or_insert(Spelt::One(index));
        }
        Self {
            exact,
            plain: spelt,
        }
    }

    /// Who is written so: exactly, or else with other blanks.
    pub(crate) fn find(&self, id: &str) -> Option<Spelt> {
        let exact = self.exact.get(id.trim()).map(|found| Spelt::One(*found));
        exact.or_else(|| self.plain.get(&plain(id)).copied())
    }

    /// All of them, with their blanks as `-`.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &str> {
        self.plain.keys().map(String::as_str)
    }
}

/// An id with its blanks as they are written in a `custom_id`.
pub(crate) fn plain(id: &str) -> String {
    id.trim().replace(' ', "-")
}
