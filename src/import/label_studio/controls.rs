//! Which controls of an export say which of two sides is better, told by their words.
//!
//! Bare numbers are sides only where a control has no others than 1 and 2 beside ties;
//! and no control of the file says sides in words; otherwise they are a scale, of
//! confidence or quality, and say nothing of the sides.

use std::collections::{BTreeMap, BTreeSet};

use super::{annotation, min};
use crate::import::record::{Fields, Record};
use crate::import::words::Words;
use crate::input::source::shown;
use crate::verdict::Choice;

/// The controls of a file, with all that was said by them.
pub(super) struct Controls<'w> {
    words: &'w Words,
    said: BTreeMap<String, BTreeSet<String>>,
    scales: BTreeSet<String>,
    are_numbers_words: bool,
}

impl<'w> Controls<'w> {
    /// Those of a JSON export.
    pub(super) fn of_tasks(records: &[Record<'_>], words: &'w Words) -> Self {
        let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // What is wrong with a record is told where it is read.
        for fields in records.iter().filter_map(|record| Fields::of(record.raw)) {
            let annotations = fields.list(&super::ANNOTATIONS).ok().flatten();
            for (control, words) in annotations
                .into_iter()
                .flatten()
                .flat_map(annotation::said_by)
            {
                said.entry(control).or_default().extend(words);
            }
        }
        Self::new(said, words)
    }

    /// Fields of a JSON-MIN export that may be controls: of bare numbers, which data may be
    /// too, only where no other says which side is better.
    pub(super) fn of_rows(records: &[Record<'_>], words: &'w Words) -> Self {
        let controls = Self::new(min::fields_of_few_words(records, false), words);
        if !controls.taken().is_empty() {
            return controls;
        }
        let mut said = min::fields_of_few_words(records, true);
        // Of two sides that are numbers both occur; 0 and 1 are most often data.
        said.retain(|_, said| {
            !said
                .iter()
                .all(|word| ["0", "1", "2"].contains(&word.as_str()))
                || (said.contains("1") && said.contains("2"))
                || said.iter().any(|word| words.is_given(word))
        });
        Self {
            are_numbers_words: true,
            ..Self::new(said, words)
        }
    }

    /// Whether a bare number is a word of a control.
    pub(super) fn are_numbers_words(&self) -> bool {
        self.are_numbers_words
    }

    fn new(said: BTreeMap<String, BTreeSet<String>>, words: &'w Words) -> Self {
        let scales = said.iter().filter(|(_, said)| words.are_a_scale(said));
        let mut controls = Self {
            words,
            scales: scales.map(|(control, _)| control.clone()).collect(),
            said,
            are_numbers_words: false,
        };
        let numbered = controls.numbered();
        let says_in_words = |control: &String| {
            let mut said = controls.said[control].iter();
            said.any(|word| {
                let choice = controls.choice(control, word);
                matches!(choice, Some(Choice::First | Choice::Second))
            })
        };
        let taken = controls.taken();
        if taken.difference(&numbered).any(says_in_words) {
            controls.scales.extend(numbered);
        }
        controls
    }

    /// Which side a word of a control prefers; `None` where it says nothing known.
    pub(super) fn choice(&self, control: &str, word: &str) -> Option<Choice> {
        self.words.choice(word, self.scales.contains(control))
    }

    /// The controls that say which side is better.
    pub(super) fn taken(&self) -> BTreeSet<String> {
        let is_taken = |(control, said): &(&String, &BTreeSet<String>)| {
            said.iter().any(|word| self.choice(control, word).is_some())
        };
        let taken = self.said.iter().filter(is_taken);
        taken.map(|(control, _)| control.clone()).collect()
    }

    /// Of the controls that say which side is better those that do so by bare numbers
    /// alone.
    pub(super) fn numbered(&self) -> BTreeSet<String> {
        let is_numbered = |control: &String| self.words.may_be_a_scale(&self.said[control]);
        self.taken().into_iter().filter(is_numbered).collect()
    }

    /// The words that the user gave a meaning and that some control has.
    pub(super) fn met(&self) -> BTreeSet<String> {
        let said = self.said.values().flatten().map(|word| word.trim());
        let met = said.filter(|word| self.words.is_given(word));
        met.map(str::to_owned).collect()
    }

    /// The other controls, with their words.
    pub(super) fn not_taken(self) -> BTreeMap<String, BTreeSet<String>> {
        let taken = self.taken();
        let others = self.said.into_iter();
        others
            .filter(|(control, _)| !taken.contains(control))
            .collect()
    }
}

/// Says which controls were taken for labels though they may be scales.
pub(super) fn of_numbered(numbered: &BTreeSet<String>) -> Option<String> {
    let names: Vec<&str> = numbered.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| {
        format!(
            "1 was read as left and 2 as right, because no other numbers occur: {}; if these are the sides, `oyer import` takes --value 1=left --value 2=right to say so, and if they are a scale, such as stars, --value 1=missing --value 2=missing",
            names.join(", ")
        )
    })
}

/// Says which controls are labels of the two sides, where some are not; of JSON-MIN, which
/// does not tell labels from data, also where there are several.
pub(super) fn of_taken(
    taken: &BTreeSet<String>,
    others: &BTreeMap<String, BTreeSet<String>>,
    is_min: bool,
) -> Option<String> {
    const MOST: usize = 5;
    let words = |said: &BTreeSet<String>| {
        let more = if said.len() > MOST { ", …" } else { "" };
        let words: Vec<String> = said.iter().take(MOST).map(|word| shown(word)).collect();
        format!("{}{more}", words.join(", "))
    };
    let other =
        |(control, said): (&String, &BTreeSet<String>)| format!("{control} ({})", words(said));
    let others: Vec<String> = others.iter().map(other).collect();
    let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
    let may_be_data = is_min && taken.len() > 1;
    (!taken.is_empty() && (may_be_data || !others.is_empty())).then(|| {
        let mut note = format!("taken for labels of the two sides: {}", taken.join(", "));
        if !others.is_empty() {
            note += "; not taken, because their words do not say left, right or tie: ";
            note += &others.join(", ");
        }
        if may_be_data {
            note += "; JSON-MIN does not tell labels from the task's data: if one that was taken is no label, export JSON, which does";
        }
        note
    })
}
