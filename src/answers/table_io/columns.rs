//! The columns of an answers table, and where a file has them.

use crate::text::nearest::{nearest, with_prefix};
use crate::verdict::table_io::source::{Header, Refused};

/// Column names that a table may have, in the order in which they are written.
pub(super) const NAMES: [&str; 20] = [
    "item",
    "persona",
    "question",
    "topic",
    "split",
    "stratum",
    "model",
    "sample",
    "option",
    "distribution",
    "missing_reason",
    "simulated",
    "truth",
    "truth_modes",
    "truth_distribution",
    "truth_share",
    "truth_n",
    "truth_unstable",
    "scale",
    "variant",
];

pub(super) const ITEM: usize = 0;
pub(super) const PERSONA: usize = 1;
pub(super) const QUESTION: usize = 2;
pub(super) const TOPIC: usize = 3;
pub(super) const SPLIT: usize = 4;
pub(super) const STRATUM: usize = 5;
pub(super) const MODEL: usize = 6;
pub(super) const SAMPLE: usize = 7;
pub(super) const OPTION: usize = 8;
pub(super) const DISTRIBUTION: usize = 9;
pub(super) const MISSING_REASON: usize = 10;
pub(super) const SIMULATED: usize = 11;
pub(super) const TRUTH: usize = 12;
pub(super) const TRUTH_MODES: usize = 13;
pub(super) const TRUTH_DISTRIBUTION: usize = 14;
pub(super) const TRUTH_SHARE: usize = 15;
pub(super) const TRUTH_N: usize = 16;
pub(super) const TRUTH_UNSTABLE: usize = 17;
pub(super) const SCALE: usize = 18;
pub(super) const VARIANT: usize = 19;

/// Columns that say what the truth of an item is.
pub(super) const OF_TRUTH: std::ops::RangeInclusive<usize> = TRUTH..=TRUTH_UNSTABLE;

/// Prefix of a persona dimension's column.
pub(super) const GROUP: &str = "group.";

/// Where a file has which column: a *slot* is a place in its rows.
#[derive(Debug, Default)]
pub(super) struct Columns {
    fixed: [Option<usize>; NAMES.len()],
    /// Dimension names and their slots.
    pub(super) groups: Vec<(String, usize)>,
    /// Slots of everything that belongs to an item.
    pub(super) of_item: Vec<usize>,
    /// Slots of everything that belongs to a persona.
    pub(super) of_persona: Vec<usize>,
    /// Slots of everything that belongs to a question.
    pub(super) of_question: Vec<usize>,
}

impl Columns {
    /// The slot of a column of [`NAMES`].
    pub(super) fn slot(&self, column: usize) -> Option<usize> {
        self.fixed[column]
    }

    /// Whether the file has this column of [`NAMES`].
    pub(super) fn has(&self, column: usize) -> bool {
        self.fixed[column].is_some()
    }
}

impl Header for Columns {
    fn add(&mut self, name: &str, slot: usize) -> Result<(), Refused> {
        if let Some(known) = NAMES.iter().position(|known| *known == name) {
            if self.fixed[known].is_some() {
                return Err(Refused::Twice);
            }
            self.fixed[known] = Some(slot);
            if !(MODEL..=SIMULATED).contains(&known) {
                self.of_item.push(slot);
            }
            match known {
                PERSONA | STRATUM => self.of_persona.push(slot),
                QUESTION | TOPIC | SCALE => self.of_question.push(slot),
                _ => {}
            }
            return Ok(());
        }
        let dimension = name.strip_prefix(GROUP).filter(|rest| !rest.is_empty());
        let Some(dimension) = dimension else {
            return Err(Refused::Unknown(advice(name)));
        };
        if self.groups.iter().any(|(known, _)| known == dimension) {
            return Err(Refused::Twice);
        }
        self.groups.push((dimension.to_owned(), slot));
        self.of_item.push(slot);
        self.of_persona.push(slot);
        Ok(())
    }

    fn table(&self) -> &'static str {
        "an answers table"
    }

    fn takes_objects(&self) -> bool {
        true
    }
}

/// What somebody may have meant by a column that nobody knows.
fn advice(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    match nearest(&lower, NAMES) {
        Some(known) => format!("did you mean `{known}`?"),
        None if let Some(group) = with_prefix(&lower, GROUP) => {
            format!("did you mean `{group}`?")
        }
        None => format!("a dimension of personas is named `{GROUP}{lower}`"),
    }
}
