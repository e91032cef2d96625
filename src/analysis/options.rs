//! How a report is made.

use super::sections::Sections;
use crate::stats::{Draws, Level};
use crate::study::{IntervalMethod, PersonaPopulation, ReportOptions, SubgroupAdjustment};
use crate::text::nearest::nearest;
use crate::verdict::labels::TooManyPeople;

/// Settings of a report; the study file's, unless flags say otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Whether the headline speaks of personas like these or of exactly these.
    pub personas: PersonaPopulation,
    /// Confidence level, between 0 and 1.
    pub level: f64,
    /// How intervals of win rates are computed.
    pub interval: IntervalMethod,
    /// What items are taken to move together by in the headline: one or two of
    /// `question`, `persona`, `topic`, `split`, `group.<dimension>` (or the bare
    /// dimension) and `x.<covariate>`, or `both` for question and persona. `None`
    /// follows from `personas`.
    pub cluster: Option<Vec<String>>,
    /// Distance from one half, between 0 and 1/2, within which a win rate counts as
    /// equivalent to it. `None` tests no equivalence.
    pub margin: Option<f64>,
    /// How p-values over the levels of a breakdown are adjusted, and those of whether
    /// levels differ over the breakdowns.
    pub adjust: SubgroupAdjustment,
    /// Breakdowns: each one or two of the table's dimensions, `topic` or `split`.
    /// `None` is each dimension alone.
    pub by: Option<Vec<Vec<String>>>,
    /// Share of the begun items that must be covered for a headline, in [0, 1].
    pub coverage_floor: f64,
    /// What stands beside the win rates.
    pub sections: Sections,
    /// Seed of every random draw; `None` is the study's.
    pub seed: Option<u64>,
    /// Whether tests that draw at random are made. They take most of the time, and
    /// estimates and intervals need none.
    pub random_tests: bool,
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
            interval: options.interval,
            cluster: options.cluster.clone(),
            margin: options.margin,
            adjust: options.adjust,
            by: options.by.clone(),
            coverage_floor: options.coverage_floor,
            sections: Sections::from(options),
            seed: None,
            random_tests: true,
        }
    }
}

/// Options that have been found possible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) personas: PersonaPopulation,
    pub(super) level: Level,
    pub(super) interval: IntervalMethod,
    pub(super) margin: Option<f64>,
    pub(super) adjust: SubgroupAdjustment,
    pub(super) floor: f64,
    pub(super) random_tests: bool,
    /// Clusters that a level of a breakdown needs for a claim.
    pub(super) min_items: u64,
    /// Seed of every random draw.
    pub(super) seed: u64,
}

impl Options {
    /// Checks what can be checked without a table; `seed` is that of the draws.
    pub(super) fn check(&self, seed: Option<u64>) -> Result<Settings, AnalysisError> {
        let level = Level::new(self.level).map_err(|_| AnalysisError::Level(self.level))?;
        if !(0.0..=1.0).contains(&self.coverage_floor) {
            return Err(AnalysisError::Floor(self.coverage_floor));
        }
        if let Some(margin) = self.margin
            && !(margin > 0.0 && margin < 0.5)
        {
            return Err(AnalysisError::Margin(margin));
        }
        Ok(Settings {
            personas: self.personas,
            level,
            interval: self.interval,
            margin: self.margin,
            adjust: self.adjust,
            floor: self.coverage_floor,
            random_tests: self.random_tests,
            min_items: self.sections.min_items,
            seed: seed.unwrap_or(Draws::BOOTSTRAP.seed),
        })
    }

    /// The names to cluster by, `both` written out.
    pub(super) fn clusters(&self) -> Option<Vec<String>> {
        let written_out = |name: &String| match name.as_str() {
            "both" => vec!["question".to_owned(), "persona".to_owned()],
            _ => vec![name.clone()],
        };
        Some(
            self.cluster
                .as_ref()?
                .iter()
                .flat_map(written_out)
                .collect(),
        )
    }
}

/// The phrasings of a persona that a report has at the most, as a study may.
pub(super) const MOST_PHRASINGS: usize = 100;

/// Why a table cannot be reported as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AnalysisError {
    /// The confidence level is impossible.
    #[error("the level is {0}, expected a number between 0 and 1 such as 0.95")]
    Level(f64),
    /// The coverage floor is impossible.
    #[error("the coverage floor is {0}, expected a share from 0 to 1 such as 0.95")]
    Floor(f64),
    /// Too many phrasings, each of which is reported by itself.
    #[error(
        "the table names {0} phrasings, and at most {max} are reported: does its column `variant` hold something else?",
        max = MOST_PHRASINGS
    )]
    Phrasings(usize),
    /// The margin of equivalence is impossible.
    #[error(
        "the margin is {0}, expected a distance from a win rate of one half, between 0 and 0.5, such as 0.05"
    )]
    Margin(f64),
    /// A breakdown by something that the table does not hold.
    #[error("there is no dimension `{name}` to break down by; {}", known_names(nearest.as_deref(), known))]
    UnknownDimension {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// All names there are.
        known: Vec<String>,
    },
    /// A control or a difficulty by something that the table does not hold.
    #[error("there is no column `{name}` to control for; {}", known_columns(known))]
    UnknownColumn {
        /// What was asked for.
        name: String,
        /// All columns there are.
        known: Vec<String>,
    },
    /// A difficulty without a controlled win rate.
    #[error(
        "a difficulty is a part of the controlled win rate, which is turned off; leave out the difficulty, or the control `none`"
    )]
    DifficultyAlone,
    /// A cell of a control is no number.
    #[error(
        "item {item} has {value:?} in `x.{column}`, expected a number or nothing, because it is a control"
    )]
    NotANumber {
        /// The column.
        column: String,
        /// The item.
        item: String,
        /// What it holds.
        value: String,
    },
    /// A control for length where no length is known.
    #[error(
        "no lengths are known to control for; the columns `candidate_chars` and `opponent_chars` hold them; else name another control"
    )]
    NoLengths,
    /// The reference is not among the models.
    #[error("there is no model `{name}` to be the reference; the table has {}", known.join(", "))]
    UnknownReference {
        /// What was asked for.
        name: String,
        /// All models there are.
        known: Vec<String>,
    },
    /// The points at stake are impossible.
    #[error("Elo's k is {0}, expected a number above 0 such as 4")]
    EloK(f64),
    /// A name to match with the other table that neither holds.
    #[error(
        "`{name}` is to be matched, but {place} has no model, judge, rubric or criterion of that name"
    )]
    UnknownMatch {
        /// The name.
        name: String,
        /// Where it was looked for.
        place: &'static str,
    },
    /// A breakdown by nothing, by more than two dimensions, or twice by one.
    #[error("a breakdown is by one dimension or by two different ones, not by [{}]", .0.join(", "))]
    Breakdown(Vec<String>),
    /// Clusters of something that the table does not hold.
    #[error("there is no column `{name}` to cluster by; {}", known_names(nearest.as_deref(), known))]
    UnknownCluster {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// All names there are.
        known: Vec<String>,
    },
    /// Clusters of a covariate that differs within items.
    #[error(
        "`{0}` differs between the rows of an item, so it says nothing that items could be clustered by"
    )]
    ClusterOfAnswers(String),
    /// An item is in no cluster.
    #[error(
        "item `{item}` has no {column}, so it is in no cluster; give every item one, or cluster by something else"
    )]
    NoCluster {
        /// The item.
        item: String,
        /// The column asked for.
        column: String,
    },
    /// More people labelled an item than can be averaged.
    #[error(transparent)]
    TooManyPeople(TooManyPeople),
    /// Clusters of nothing, of more than two columns, or twice of one.
    #[error("clusters are of one column or of two different ones, not of [{}]", .0.join(", "))]
    Clusters(Vec<String>),
}

impl AnalysisError {
    pub(super) fn unknown_dimension(name: &str, known: Vec<String>) -> Self {
        Self::UnknownDimension {
            name: name.to_owned(),
            nearest: nearest_of(name, &known),
            known,
        }
    }

    pub(super) fn unknown_cluster(name: &str, known: Vec<String>) -> Self {
        Self::UnknownCluster {
            name: name.to_owned(),
            nearest: nearest_of(name, &known),
            known,
        }
    }
}

/// The known name that is most like what was asked for, if any is like it.
pub(super) fn nearest_of(name: &str, known: &[String]) -> Option<String> {
    nearest(name, known.iter().map(String::as_str)).map(str::to_owned)
}

fn known_columns(known: &[String]) -> String {
    if known.is_empty() {
        "the table has no column `x.…`; `length` is always a control".to_owned()
    } else {
        format!(
            "the table has x.{}; `length` is always a control",
            known.join(", x.")
        )
    }
}

pub(super) fn known_names(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "the table has none".to_owned(),
        None => format!("the table has {}", known.join(", ")),
    }
}
