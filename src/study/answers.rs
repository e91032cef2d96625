//! Answers that were made elsewhere, for an entry with `provider = "file"`.

use std::collections::{HashMap, HashSet};

use super::cells::{Cells, Columns};
use super::ids::Ids;
use super::layout::{self, Layout};
use super::{Ending, FileAnswer};
use crate::input::source::shown;
use crate::input::table::Table;
use crate::problem::Problem;

/// A persona, a question and a sample.
type Draw = (u32, u32, u32);

/// What a file of answers holds.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Sorted by persona, question and sample.
    pub(super) given: Vec<FileAnswer>,
    /// Those of which the file has a row without a text.
    pub(super) empty: HashSet<Draw>,
}

/// Reads the answers. A row without a text is no answer, which is told. Files in the other
/// forms of [`Layout`] are read too.
pub(super) fn read(
    table: &Table,
    personas: Option<&Ids>,
    questions: Option<&Ids>,
    problems: &mut Vec<Problem>,
) -> Answers {
    let mut answers = match Layout::of(table) {
        Some(Layout::Batch { id, reply, finish }) => {
            batch(table, (id, reply, finish), personas, questions, problems)
        }
        Some(Layout::Items {
            persona,
            question,
            sample,
            answer,
            ..
        }) => {
            // Warns of columns that are nearly these.
            let _ = Columns::find(table, ["persona", "question", "sample"], &[], problems);
            let at = [Some(persona), Some(question), sample, Some(answer)];
            items(table, at, personas, questions, problems)
        }
        // Says what is missing.
        None => {
            let names = ["persona", "question", "sample", "text"];
            let needed = ["persona", "question", "text"];
            let found = Columns::find(table, names, &needed, problems);
            found.map_or_else(Answers::default, |columns| {
                items(table, columns.at, personas, questions, problems)
            })
        }
    };
    let draw = |answer: &FileAnswer| (answer.persona, answer.question, answer.sample);
    answers.given.sort_by_key(draw);
    answers
}

/// Rows with a persona, a question, a sample and an answer in cells of their own.
fn items(
    table: &Table,
    [persona, question, sample, text]: [Option<usize>; 4],
    personas: Option<&Ids>,
    questions: Option<&Ids>,
    problems: &mut Vec<Problem>,
) -> Answers {
    let mut answers = Answers::default();
    let mut first_at = HashMap::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let found_persona = cells.known_id(persona, personas, "persona");
        let found_question = cells.known_id(question, questions, "question");
        let found_sample = cells.ordinal(sample, 1);
        cells.misspelt(sample);
        let is_misspelt = cells.misspelt(text);
        let (Some(p), Some(q), Some(s)) = (found_persona, found_question, found_sample) else {
            continue;
        };
        if let Some(first) = first_at.get(&(p, q, s)) {
            cells.twice(persona, "the answer to this item and sample", *first);
            continue;
        }
        first_at.insert((p, q, s), row.offset());
        if !is_misspelt {
            answers.add(&mut cells, text, None, (p, q, s));
        }
    }
    answers
}

/// Rows with the question and the persona in one id; a second row of an item is its
/// second sample.
fn batch(
    table: &Table,
    (id, reply, finish): (usize, usize, Option<usize>),
    personas: Option<&Ids>,
    questions: Option<&Ids>,
    problems: &mut Vec<Problem>,
) -> Answers {
    // What refers to a table that could not be read cannot be known.
    let (Some(personas), Some(questions)) = (personas, questions) else {
        return Answers::default();
    };
    let by_id: HashMap<String, u32> = personas
        .iter()
        .map(|(id, index)| (layout::plain(id), index))
        .collect();
    let mut answers = Answers::default();
    let mut samples: HashMap<(u32, u32), u32> = HashMap::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let written = row.cell(Some(id)).map_or("", |cell| cell.text);
        let found = layout::of_custom_id(
            written,
            |id| questions.find(id),
            |id| by_id.get(id).copied(),
        );
        let Some((p, q)) = found else {
            if !personas.are_all() || !questions.are_all() {
                continue;
            }
            let message = format!(
                "`{}` is no question of the study, an underscore, and one of its personas",
                shown(written)
            );
            cells.wrong(Some(id), message);
            continue;
        };
        let sample = samples.entry((p, q)).or_default();
        *sample += 1;
        answers.add(&mut cells, Some(reply), finish, (p, q, *sample));
    }
    answers
}

impl Answers {
    /// Adds the answer of a row, if it has one: a text, or the word that there is none
    /// because the model was cut off or refused.
    fn add(
        &mut self,
        cells: &mut Cells<'_>,
        text: Option<usize>,
        finish: Option<usize>,
        (persona, question, sample): Draw,
    ) {
        let row = cells.row();
        let given = row.cell(text).map_or("", |cell| cell.text);
        let ending = layout::ending(row, finish);
        if ending == Ending::Whole && given.trim().is_empty() {
            cells.lacks_answer(text);
            self.empty.insert((persona, question, sample));
            return;
        }
        self.given.push(FileAnswer {
            persona,
            question,
            sample,
            text: given.to_owned(),
            ending,
        });
    }
}

/// The planned answers that are not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) count: u64,
    /// The first few.
    pub(super) first: Vec<Draw>,
    /// Whether no planned answer has a text.
    pub(super) has_none: bool,
}

/// Which of the planned answers, one for each persona, question and sample, have no row.
pub(super) fn missing(answers: &Answers, personas: u32, questions: u32, samples: u32) -> Missing {
    const SHOWN: usize = 5;
    let draws = answers.given.iter();
    let mut there: HashSet<Draw> = draws
        .map(|answer| (answer.persona, answer.question, answer.sample))
        .filter(|(_, _, sample)| *sample <= samples)
        .collect();
    let planned = u64::from(personas) * u64::from(questions) * u64::from(samples);
    let has_none = planned > 0 && there.is_empty();
    there.extend(answers.empty.iter().filter(|draw| draw.2 <= samples));
    let draws = (0..personas).flat_map(|persona| {
        (0..questions)
            .flat_map(move |question| (1..=samples).map(move |sample| (persona, question, sample)))
    });
    Missing {
        count: planned.saturating_sub(there.len() as u64),
        first: draws
            .filter(|draw| !there.contains(draw))
            .take(SHOWN)
            .collect(),
        has_none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(persona: u32, question: u32, sample: u32) -> FileAnswer {
        FileAnswer {
            persona,
            question,
            sample,
            text: "yes".to_owned(),
            ending: Ending::Whole,
        }
    }

    #[test]
    fn missing_answers_are_counted_and_the_first_are_named() {
        let mut answers = Answers {
            given: vec![answer(0, 0, 1), answer(1, 1, 1), answer(0, 1, 3)],
            empty: HashSet::new(),
        };
        let before = missing(&answers, 2, 2, 2);
        assert_eq!(before.count, 6);
        assert_eq!(before.first.len(), 5);
        assert_eq!(before.first[..2], [(0, 0, 2), (0, 1, 1)]);
        assert!(!before.has_none);
        // What is there without a text is not missing, whatever else it is.
        answers.empty.extend([(0, 0, 2), (0, 0, 3)]);
        let after = missing(&answers, 2, 2, 2);
        assert_eq!((after.count, after.first[0]), (5, (0, 1, 1)));
    }

    #[test]
    fn a_huge_plan_is_counted_without_walking_it() {
        let missing = missing(&Answers::default(), u32::MAX, 10, 10_000);
        assert_eq!(missing.count, u64::from(u32::MAX) * 100_000);
    }
}
