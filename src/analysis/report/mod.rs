//! The report as data: what is rendered for people and written as JSON.
//!
//! Numbers are not rounded here. A quantity that cannot be given is `null`, never
//! NaN, and a note or the `withheld` sentence says why.

mod comparison;
mod cost;
mod coverage;
mod difference;
mod interval;
mod leaderboard;
mod length;
mod limits;
mod model;
mod note;
mod order;
mod phrasing;
mod subgroup;
mod test;

pub use comparison::{
    Adjustment, AdjustmentMethod, ClusterCounts, Comparison, ItemOutcomes, RuleRate, TieRules,
};
pub use cost::{Cost, EntryCost};
pub use coverage::{Bounds, Coverage, ItemCoverage, Missing};
pub use difference::{Against, Difference, DifferenceKind, DifferenceSide};
pub use interval::{Interval, Method, SizedInterval};
pub use leaderboard::{
    Contrast, Elo, LackOfFit, Leaderboard, RatedModel, RatedPair, RatingMethods,
};
pub use length::{StyleControl, StyleMethod, StyleSlope};
pub use limits::Limits;
pub use model::{Answers, Model};
pub use note::{Note, NoteCode, NoteKind};
pub use order::{OrderCounts, OrderSection, PositionEffect, SignTest};
pub use phrasing::{PhrasingRate, Phrasings};
pub use subgroup::{
    Gap, Homogeneity, HomogeneityMethod, Spread, SubgroupLevel, SubgroupMethod, SubgroupSection,
    WithheldLevel, Worst,
};
pub use test::{Equivalence, Finding, FindingCode, Test, TestMethod};

use schemars::JsonSchema;
use serde::Serialize;

use super::agreement::CorrectedRate;
use super::source_figures::SourceFigures;
use crate::study::PersonaPopulation;

/// Version of the report's JSON: raised when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 2;

/// Everything that a verdict table says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// Version of this layout; further fields do not raise it.
    pub schema_version: u32,
    /// What was studied and how the report was asked for.
    pub study: StudySection,
    /// How much of what was planned has a verdict.
    pub coverage: Coverage,
    /// One estimate for each comparison, judge, rubric and criterion.
    pub comparisons: Vec<Comparison>,
    /// Differences of two win rates on the same items.
    pub differences: Vec<Difference>,
    /// What was compared with another run or table; null where nothing was.
    pub against: Option<Against>,
    /// Models on one scale, where more than two met.
    pub leaderboards: Vec<Leaderboard>,
    /// The same estimates within subgroups.
    pub groups: Vec<Comparison>,
    /// Each comparison over the phrasings of its personas; absent where there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phrasings: Vec<Phrasings>,
    /// The models that were compared.
    pub models: Vec<Model>,
    /// What the calls cost; null where no calls are known.
    pub cost: Option<Cost>,
    /// What a reader has to know about the numbers.
    pub notes: Vec<Note>,
    /// What the tool that the judgments come from says of them; absent where none is
    /// known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_figures: Vec<SourceFigures>,
    /// What people would say of all items, by their labels of some; absent where no
    /// labels were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<CorrectedRate>,
}

/// What was studied and how the report was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StudySection {
    /// Name of the study; null for a table from elsewhere.
    pub name: Option<String>,
    /// Seed of the study; null for a table from elsewhere.
    pub seed: Option<u64>,
    /// Judges.
    pub judges: Vec<String>,
    /// Models and judges that are simulated: their numbers say nothing of any real
    /// model.
    pub simulated: Vec<String>,
    /// Whom the headline intervals speak of.
    pub personas: PersonaPopulation,
    /// Confidence level of all intervals.
    pub level: f64,
    /// How intervals of win rates were asked to be computed.
    pub interval: Method,
    /// The clusters that were asked for; empty where they follow from `personas`.
    pub cluster: Vec<String>,
    /// Margin of equivalence; null where none was given.
    pub margin: Option<f64>,
    /// Coverage under which a win rate is withheld.
    pub coverage_floor: f64,
}
