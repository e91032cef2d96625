//! How a report is made.

use crate::stats::Level;
use crate::study::{PersonaPopulation, ReportOptions};

/// Settings of a report; the study file's, unless flags say otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Whether the headline speaks of personas like these or of exactly these.
    pub personas: PersonaPopulation,
    /// Confidence level, between 0 and 1.
    pub level: f64,
    /// Breakdowns: each one or two of the table's dimensions, `topic` or `split`.
    /// `None` is each dimension alone.
    pub by: Option<Vec<Vec<String>>>,
    /// Share of the begun items that must be covered for a headline, in [0, 1].
    pub coverage_floor: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self::from(&ReportOptions::default())
    }
}

impl From<&ReportOptions> for Options {
    fn from(options: &ReportOptions) -> Self {
        Self {
            personas: options.personas,
            level: options.level,
            by: options.by.clone(),
            coverage_floor: options.coverage_floor,
        }
    }
}

/// Options that have been found possible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) personas: PersonaPopulation,
    pub(super) level: Level,
    pub(super) floor: f64,
}

impl Options {
    pub(super) fn check(&self) -> Result<Settings, AnalysisError> {
        let level = Level::new(self.level).map_err(|_| AnalysisError::Level(self.level))?;
        if !(0.0..=1.0).contains(&self.coverage_floor) {
            return Err(AnalysisError::Floor(self.coverage_floor));
        }
        Ok(Settings {
            personas: self.personas,
            level,
            floor: self.coverage_floor,
        })
    }
}

/// Why a table cannot be reported as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AnalysisError {
    /// The confidence level is impossible.
    #[error("the level is {0}, expected a number between 0 and 1 such as 0.95")]
    Level(f64),
    /// The coverage floor is impossible.
    #[error("the coverage floor is {0}, expected a share from 0 to 1 such as 0.95")]
    Floor(f64),
    /// A breakdown by something that the table does not hold.
    #[error("there is no dimension `{name}` to break down by; {}", known_dimensions(nearest.as_deref(), known))]
    UnknownDimension {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// All names there are.
        known: Vec<String>,
    },
    /// A breakdown by nothing, by more than two dimensions, or twice by one.
    #[error("a breakdown is by one dimension or by two different ones, not by [{}]", .0.join(", "))]
    Breakdown(Vec<String>),
}

fn known_dimensions(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "the table has none".to_owned(),
        None => format!("the table has {}", known.join(", ")),
    }
}
