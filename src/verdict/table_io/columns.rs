//! The columns of a verdict table, and where a file has them.

use super::source::{Header, Refused};
use crate::text::nearest::{nearest, with_prefix};
use crate::verdict::labels::WEIGHT;

/// Column names that a table may have, in the order in which they are written.
pub(super) const NAMES: [&str; 21] = [
    "item",
    "persona",
    "question",
    "topic",
    "split",
    "candidate",
    "opponent",
    "judge",
    "rubric",
    "criterion",
    "order",
    "sample",
    "repeat",
    "outcome",
    "score",
    "missing_reason",
    "candidate_chars",
    "opponent_chars",
    "call",
    "simulated",
    "variant",
];

pub(super) const ITEM: usize = 0;
pub(super) const PERSONA: usize = 1;
pub(super) const QUESTION: usize = 2;
pub(super) const TOPIC: usize = 3;
pub(super) const SPLIT: usize = 4;
pub(super) const CANDIDATE: usize = 5;
pub(super) const OPPONENT: usize = 6;
pub(super) const JUDGE: usize = 7;
pub(super) const RUBRIC: usize = 8;
pub(super) const CRITERION: usize = 9;
pub(super) const ORDER: usize = 10;
pub(super) const SAMPLE: usize = 11;
pub(super) const REPEAT: usize = 12;
pub(super) const OUTCOME: usize = 13;
pub(super) const SCORE: usize = 14;
pub(super) const MISSING_REASON: usize = 15;
pub(super) const CANDIDATE_CHARS: usize = 16;
pub(super) const OPPONENT_CHARS: usize = 17;
pub(super) const CALL: usize = 18;
pub(super) const SIMULATED: usize = 19;
pub(super) const VARIANT: usize = 20;

/// What of a row may be simulated, as its column [`SIMULATED`] says, in the order of the
/// columns.
pub(super) const ROLES: [&str; 3] = ["candidate", "opponent", "judge"];

/// How a labels table calls the column [`JUDGE`].
pub(super) const ANNOTATOR: &str = "annotator";

/// Prefix of a persona dimension's column.
pub(super) const GROUP: &str = "group.";
/// Prefix of a question covariate's column.
pub(super) const COVARIATE: &str = "x.";

/// Where a file has which column: a *slot* is a place in its rows.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The table holds verdicts of people.
    labels: bool,
    /// What a label stands for is in a column without the prefix of covariates.
    plain_weight: bool,
    fixed: [Option<usize>; NAMES.len()],
    /// Columns that are known but for the case of their names.
    pub(super) in_other_case: Vec<String>,
    /// Dimension names and their slots.
    pub(super) groups: Vec<(String, usize)>,
    /// Covariate names and their slots.
    pub(super) covariates: Vec<(String, usize)>,
    /// Slots of everything that belongs to an item.
    pub(super) of_item: Vec<usize>,
    /// Slots of everything that belongs to a contest.
    pub(super) of_contest: Vec<usize>,
}

impl Header for Columns {
    fn add(&mut self, name: &str, slot: usize) -> Result<(), Refused> {
        let weight = format!("{COVARIATE}{WEIGHT}");
        self.plain_weight |= self.labels && name == WEIGHT;
        let name = if self.labels && name == WEIGHT {
            &weight
        } else {
            name
        };
        if let Some(known) = (0..NAMES.len()).find(|known| self.name(*known) == name) {
            return match self.fixed[known].replace(slot) {
                None => {
                    match known {
                        ITEM..=SPLIT | VARIANT => self.of_item.push(slot),
                        CANDIDATE..=RUBRIC | SIMULATED => self.of_contest.push(slot),
                        _ => {}
                    }
                    Ok(())
                }
                Some(before) => {
                    self.fixed[known] = Some(before);
                    Err(Refused::Twice)
                }
            };
        }
        for (prefix, list) in [(GROUP, &mut self.groups), (COVARIATE, &mut self.covariates)] {
            if let Some(rest) = name.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
                if list.iter().any(|(known, _)| known == rest) {
                    return Err(Refused::Twice);
                }
                list.push((rest.to_owned(), slot));
                self.of_item.push(slot);
                return Ok(());
            }
        }
        let lower = name.to_lowercase();
        if (0..NAMES.len()).any(|known| self.name(known) == lower) {
            self.in_other_case.push(name.to_owned());
        }
        Err(Refused::Unknown(self.advice(name)))
    }

    fn table(&self) -> &'static str {
        "a verdict table"
    }
}

impl Columns {
    /// The columns of a labels table.
    pub(super) fn of_labels() -> Self {
        Self {
            labels: true,
            ..Self::default()
        }
    }

    /// Whether the table holds verdicts of people.
    pub(super) fn is_labels(&self) -> bool {
        self.labels
    }

    /// What a column of [`NAMES`] is called in this table.
    pub(super) fn name(&self, column: usize) -> &'static str {
        if self.labels && column == JUDGE {
            ANNOTATOR
        } else {
            NAMES[column]
        }
    }

    /// The slot of a column of [`NAMES`].
    pub(super) fn slot(&self, column: usize) -> Option<usize> {
        self.fixed[column]
    }

    /// The slot of what a label stands for, where a labels table has it.
    pub(super) fn weight(&self) -> Option<usize> {
        let mut covariates = self.covariates.iter().filter(|_| self.labels);
        let (_, slot) = covariates.find(|(name, _)| name == WEIGHT)?;
        Some(*slot)
    }

    /// The name of a covariate's column.
    pub(super) fn called(&self, covariate: &str) -> String {
        if self.plain_weight && covariate == WEIGHT {
            WEIGHT.to_owned()
        } else {
            format!("{COVARIATE}{covariate}")
        }
    }

    /// Whether the file has this column of [`NAMES`].
    pub(super) fn has(&self, column: usize) -> bool {
        self.fixed[column].is_some()
    }

    /// What somebody may have meant by a column that nobody knows.
    fn advice(&self, name: &str) -> String {
        let lower = name.trim().to_lowercase();
        let known = (0..NAMES.len()).map(|column| self.name(column));
        match nearest(&lower, known) {
            Some(known) => format!("did you mean `{known}`?"),
            None if self.labels && name == NAMES[JUDGE] => {
                format!("a labels table names the person in `{ANNOTATOR}`")
            }
            None if !self.labels && name == ANNOTATOR => {
                "this is a labels table, and no verdict table".to_owned()
            }
            None if [GROUP, COVARIATE].contains(&lower.as_str()) => {
                format!("a name must follow `{lower}`")
            }
            None if let Some(group) = with_prefix(&lower, GROUP) => {
                format!("did you mean `{group}`?")
            }
            None => format!(
                "a dimension of personas is named `{GROUP}{lower}`, a covariate of questions `{COVARIATE}{lower}`"
            ),
        }
    }
}
