//! Answers that were made elsewhere, for an entry with `provider = "file"`.

use std::collections::{HashMap, HashSet};

use super::cells::{Cells, Columns};
use super::ids::Ids;
use super::layout::{self, CustomId, Layout, PersonaIds};
use super::{Ending, FileAnswer};
use crate::input::source::shown;
use crate::input::table::Table;
use crate::problem::Problem;

/// A persona, a question, a phrasing and a sample.
type Place = (u32, u32, u32, u32);

/// What a file of answers holds.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Sorted by persona, question, phrasing and sample.
    pub(super) given: Vec<FileAnswer>,
    /// Those of which the file has a row without a text.
    pub(super) empty: HashSet<Place>,
}

/// What a file of answers speaks of; a table that could not be read is `None`.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) personas: Option<&'a Ids>,
    pub(super) questions: Option<&'a Ids>,
    /// Where the study has several.
    pub(super) phrasings: Option<&'a Ids>,
    /// Whether an empty reply is an answer all the same: one that cannot be read, as that of a
    /// model that was asked for an option and said nothing.
    pub(super) empty_is_given: bool,
}

/// Reads the answers. A row without a text is no answer, which is told. Files in the other
/// forms of [`Layout`] are read too.
pub(super) fn read(table: &Table, asked: Asked<'_>, problems: &mut Vec<Problem>) -> Answers {
    let variant = table.column("variant");
    if asked.phrasings.is_some() && variant.is_none() && !table.is_empty() {
        let message = "the study has [variants], and no column `variant` says in which phrasing an answer was given";
        let problem = Problem::error(&table.source.path, message).line(1);
        problems.push(problem.help(
            "add the column, with a name of variants.persona_prompts in each row, or leave the model out",
        ));
        return Answers::default();
    }
    if let Some(problem) = needless_phrasing(table, asked, variant) {
        problems.push(problem);
        return Answers::default();
    }
    // Warns of a column that is nearly this one.
    let _ = Columns::find(table, ["variant"], &[], problems);
    let mut answers = match Layout::of(table) {
        Some(Layout::Batch { id, reply, finish }) => {
            batch(table, (id, reply, finish, variant), asked, problems)
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
            items(table, at, variant, asked, problems)
        }
        // Says what is missing.
        None => {
            let names = ["persona", "question", "sample", "text"];
            let needed = ["persona", "question", "text"];
            let found = Columns::find(table, names, &needed, problems);
            found.map_or_else(Answers::default, |columns| {
                items(table, columns.at, variant, asked, problems)
            })
        }
    };
    answers.given.sort_by_key(FileAnswer::place);
    answers
}

/// The first row that names a phrasing where the study has none to tell apart: which rows are
/// meant is not known, and all of them would be read as samples of one phrasing.
fn needless_phrasing(table: &Table, asked: Asked<'_>, variant: Option<usize>) -> Option<Problem> {
    let column = variant.filter(|_| asked.phrasings.is_none())?;
    let mut cells = table.rows().filter_map(|row| row.cell(Some(column)));
    let cell = cells.find(|cell| !cell.text.trim().is_empty())?;
    let message = format!(
        "this answer was given in the phrasing `{}`, and the study has no [variants]",
        shown(cell.text)
    );
    let problem = table.source.error(cell.offset, "variant", message);
    Some(problem.help(
        "keep the rows of one phrasing and leave the column out, or name the phrasings in variants.persona_prompts",
    ))
}

/// Rows with a persona, a question, a sample and an answer in cells of their own.
fn items(
    table: &Table,
    [persona, question, sample, text]: [Option<usize>; 4],
    variant: Option<usize>,
    asked: Asked<'_>,
    problems: &mut Vec<Problem>,
) -> Answers {
    let mut answers = Answers::default();
    let mut first_at = HashMap::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let found_persona = cells.known_id(persona, asked.personas, "persona");
        let found_question = cells.known_id(question, asked.questions, "question");
        let found_variant = asked.phrasing(&mut cells, variant);
        let found_sample = cells.ordinal(sample, 1);
        cells.misspelt(sample);
        let is_misspelt = cells.misspelt(text);
        let (Some(p), Some(q), Some(v), Some(s)) =
            (found_persona, found_question, found_variant, found_sample)
        else {
            continue;
        };
        let place = (p, q, v, s);
        if let Some(first) = first_at.get(&place) {
            cells.twice(persona, "the answer to this item and sample", *first);
            continue;
        }
        first_at.insert(place, row.offset());
        if !is_misspelt {
            answers.add(&mut cells, asked, (text, None), place);
        }
    }
    answers
}

impl Asked<'_> {
    /// The phrasing of a row; the first where there is one.
    fn phrasing(self, cells: &mut Cells<'_>, variant: Option<usize>) -> Option<u32> {
        match self.phrasings {
            Some(known) => cells.known_id(variant, Some(known), "phrasing"),
            None => Some(0),
        }
    }
}

/// Rows with the question and the persona in one id; a second row of an item is its
/// second sample.
fn batch(
    table: &Table,
    (id, reply, finish, variant): (usize, usize, Option<usize>, Option<usize>),
    asked: Asked<'_>,
    problems: &mut Vec<Problem>,
) -> Answers {
    // What refers to a table that could not be read cannot be known.
    let (Some(personas), Some(questions)) = (asked.personas, asked.questions) else {
        return Answers::default();
    };
    let by_id = PersonaIds::new(personas.iter());
    let mut answers = Answers::default();
    let mut samples: HashMap<(u32, u32, u32), u32> = HashMap::new();
    for row in table.rows() {
        let mut cells = Cells::new(table, row, problems);
        let written = row.cell(Some(id)).map_or("", |cell| cell.text);
        let (p, q) = match layout::of_custom_id(written, |id| questions.find(id), &by_id) {
            CustomId::One(found) => found,
            CustomId::Several => {
                cells.wrong(Some(id), layout::several_items(written));
                continue;
            }
            CustomId::Unknown if !personas.are_all() || !questions.are_all() => continue,
            CustomId::Unknown => {
                let message = format!(
                    "`{}` is no question of the study, an underscore, and one of its personas",
                    shown(written)
                );
                cells.wrong(Some(id), message);
                continue;
            }
        };
        let Some(v) = asked.phrasing(&mut cells, variant) else {
            continue;
        };
        let sample = samples.entry((p, q, v)).or_default();
        *sample += 1;
        answers.add(&mut cells, asked, (Some(reply), finish), (p, q, v, *sample));
    }
    answers
}

impl Answers {
    /// Adds the answer of a row, if it has one: a text, or the word that there is none
    /// because the model was cut off or refused.
    fn add(
        &mut self,
        cells: &mut Cells<'_>,
        asked: Asked<'_>,
        (text, finish): (Option<usize>, Option<usize>),
        place: Place,
    ) {
        let row = cells.row();
        let cell = row.cell(text);
        let given = cell.map_or("", |cell| cell.text);
        let ending = layout::ending(row, finish);
        if ending == Ending::Whole && given.trim().is_empty() {
            let is_given = asked.empty_is_given && cell.is_some();
            cells.lacks_answer(text, is_given);
            if !is_given {
                self.empty.insert(place);
                return;
            }
        }
        let (persona, question, variant, sample) = place;
        self.given.push(FileAnswer {
            persona,
            question,
            variant,
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
    pub(super) planned: u64,
    /// The places of the first few.
    pub(super) first: Vec<Place>,
    /// Whether no planned answer has a text.
    pub(super) has_none: bool,
}

/// Which of the planned answers, one for each persona, question, phrasing and sample, have
/// no row.
pub(super) fn missing(
    answers: &Answers,
    [personas, questions, phrasings, samples]: [u32; 4],
) -> Missing {
    const SHOWN: usize = 5;
    let mut there: HashSet<Place> = answers
        .given
        .iter()
        .filter(|answer| answer.sample <= samples)
        .map(FileAnswer::place)
        .collect();
    let counts = [personas, questions, phrasings, samples].map(u64::from);
    let planned = counts.into_iter().fold(1_u64, u64::saturating_mul);
    let has_none = planned > 0 && there.is_empty();
    there.extend(answers.empty.iter().filter(|place| place.3 <= samples));
    let draws = (0..personas).flat_map(|persona| {
        (0..questions).flat_map(move |question| {
            (0..phrasings).flat_map(move |phrasing| {
                (1..=samples).map(move |sample| (persona, question, phrasing, sample))
            })
        })
    });
    Missing {
        count: planned.saturating_sub(there.len() as u64),
        planned,
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
            variant: 0,
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
        let few = missing(&answers, [2, 2, 1, 2]);
        assert_eq!((few.count, few.planned, few.has_none), (6, 8, false));
        assert_eq!(few.first.len(), 5);
        assert_eq!(few.first[..2], [(0, 0, 0, 2), (0, 1, 0, 1)]);
        let twice = missing(&answers, [2, 2, 2, 2]);
        assert_eq!((twice.count, twice.first[1]), (14, (0, 0, 1, 1)));
        // What is there without a text is not missing, whatever else it is.
        answers.empty.extend([(0, 0, 0, 2), (0, 0, 0, 3)]);
        let fewer = missing(&answers, [2, 2, 1, 2]);
        assert_eq!((fewer.count, fewer.first[0]), (5, (0, 1, 0, 1)));
    }

    #[test]
    fn a_huge_plan_is_counted_without_walking_it() {
        let missing = missing(&Answers::default(), [u32::MAX, 10, 1, 10_000]);
        assert_eq!(missing.count, u64::from(u32::MAX) * 100_000);
    }
}
