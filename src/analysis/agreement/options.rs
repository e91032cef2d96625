//! How raters are compared, and why they cannot be.

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::options::{AnalysisError, known_names, nearest_of};
use crate::stats::alternative_annotator::Rules;
use crate::stats::{Draws, Level};
use crate::study::ReportOptions;

use super::super::difference::Same;

/// How agreement is reported.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreementOptions {
    /// Only this criterion of the results.
    pub criterion: Option<String>,
    /// Breakdowns, each of one or two dimensions, `topic` or `split`.
    pub by: Vec<Vec<String>>,
    /// What units are taken to move together by, as in
    /// [`Options::cluster`](crate::analysis::Options::cluster); the question unless
    /// something else is said.
    pub cluster: Option<Vec<String>>,
    /// Confidence level, between 0 and 1.
    pub level: f64,
    /// Seed and number of bootstrap draws.
    pub draws: Draws,
    /// What two orders say that differ.
    pub inconsistent: Inconsistent,
    /// What becomes of ties.
    pub ties: Ties,
    /// What a judge may be worse by than a person and still stand in for one.
    pub epsilon: f64,
    /// Share of the items begun that a judge must have a verdict for, in [0, 1], for what
    /// is said of it beside people.
    pub coverage_floor: f64,
    /// Names of the results and the labels' names for the same.
    pub same: Vec<Same>,
    /// Models and judges that are simulated, of which a reader has to know.
    pub simulated: Vec<String>,
}

impl Default for AgreementOptions {
    fn default() -> Self {
        Self {
            criterion: None,
            by: Vec::new(),
            cluster: None,
            level: Level::DEFAULT.get(),
            draws: Draws::BOOTSTRAP,
            inconsistent: Inconsistent::default(),
            ties: Ties::default(),
            epsilon: Rules::DEFAULT.epsilon,
            coverage_floor: ReportOptions::default().coverage_floor,
            same: Vec::new(),
            simulated: Vec::new(),
        }
    }
}

/// What the verdicts of both orders of one comparison are together where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Inconsistent {
    /// A tie (MT-Bench's setup S1).
    #[default]
    Tie,
    /// The side of one half that the mean is on: a win and a tie are a win, a win and
    /// a loss a tie.
    Average,
    /// Nothing: the rater is left out on that unit.
    Drop,
    /// The verdict given with the candidate's answer first, whatever the other is.
    CandidateFirst,
}

/// What becomes of ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// They are a category of their own, between win and loss.
    #[default]
    Keep,
    /// A rater who gave one is left out on that unit (MT-Bench's setup S2).
    Drop,
}

/// Why agreement cannot be reported.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AgreementError {
    /// A breakdown, a cluster or a level is impossible.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// The epsilon is impossible.
    #[error("epsilon is {0}, expected a share of at least 0 and below 1, such as 0.2")]
    Epsilon(f64),
    /// A label's weight is no positive number, or labels have weights in part.
    #[error(
        "the label of item {item} has {found} as its weight (`weight` or `x.weight`), expected a number from 1e-12 to 1e12: how many items it stands for; give it in every row, or leave the column out"
    )]
    Weight {
        /// The item.
        item: String,
        /// What was found.
        found: String,
    },
    /// The criterion is not among those of the results.
    #[error("there is no criterion `{name}`; {}", known_names(nearest.as_deref(), known))]
    UnknownCriterion {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// All names there are.
        known: Vec<String>,
    },
    /// A name to match that neither side has.
    #[error("`{name}` is to be matched, but the {place} have no model or criterion of that name")]
    UnknownMatch {
        /// The name.
        name: String,
        /// Where it was looked for.
        place: &'static str,
    },
    /// No label is about anything in the results.
    #[error(
        "no label is about the results: the labels name the {what} {theirs}, the results {ours}; {advice}"
    )]
    NothingShared {
        /// What differs.
        what: &'static str,
        /// Some names of the labels.
        theirs: String,
        /// Some names of the results.
        ours: String,
        /// What to do.
        advice: &'static str,
    },
    /// There is one rater only, or none.
    #[error(
        "there is nobody to compare: the results hold the verdicts of {} and the labels of {}; give labels of people with --labels, or results with several judges",
        crate::text::counted(*judges as u64, "judge"),
        crate::text::people(*people as u64)
    )]
    NobodyToCompare {
        /// Judges with a verdict.
        judges: usize,
        /// People with a label.
        people: usize,
    },
}

impl AgreementError {
    pub(super) fn unknown_criterion(name: &str, known: Vec<String>) -> Self {
        Self::UnknownCriterion {
            name: name.to_owned(),
            nearest: nearest_of(name, &known),
            known,
        }
    }
}

impl AgreementOptions {
    pub(super) fn level(&self) -> Result<Level, AgreementError> {
        Level::new(self.level).map_err(|_| AnalysisError::Level(self.level).into())
    }

    pub(super) fn floor(&self) -> Result<f64, AgreementError> {
        if (0.0..=1.0).contains(&self.coverage_floor) {
            Ok(self.coverage_floor)
        } else {
            Err(AnalysisError::Floor(self.coverage_floor).into())
        }
    }

    pub(super) fn rules(&self) -> Result<Rules, AgreementError> {
        if !(0.0..1.0).contains(&self.epsilon) {
            return Err(AgreementError::Epsilon(self.epsilon));
        }
        Ok(Rules {
            epsilon: self.epsilon,
            ..Rules::DEFAULT
        })
    }
}
