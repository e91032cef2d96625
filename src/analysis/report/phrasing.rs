//! One comparison over several phrasings of the persona.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Difference, Gap, Homogeneity, Interval, Spread};

/// A comparison on one criterion over the phrasings in which its items were asked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Phrasings {
    /// Whose win rate it is.
    pub candidate: String,
    /// Whom it was compared with.
    pub opponent: String,
    /// Who judged.
    pub judge: String,
    /// By what, as `name@hash`.
    pub rubric: String,
    /// On what.
    pub criterion: String,
    /// What phrasings are compared in.
    pub estimand: String,
    /// What is counted as one.
    pub unit: String,
    /// What items that are taken to move together share: `question`, or `persona` where
    /// there is one question.
    pub clusters: String,
    /// Items in the phrasings that are compared: all but the control.
    pub n_items: u64,
    /// Confidence level of all intervals.
    pub level: f64,
    /// Seed of all draws.
    pub seed: u64,
    /// The phrasing that the others are compared with; null where none was named.
    pub control: Option<String>,
    /// The win rate in each phrasing.
    pub rates: Vec<PhrasingRate>,
    /// Whether phrasings, but for the control, differ at all.
    pub homogeneity: Option<Homogeneity>,
    /// Standard deviation over phrasings but the control, noise taken out.
    pub spread: Option<Spread>,
    /// The range over phrasings but the control.
    pub range: Option<Gap>,
    /// Each phrasing less the control on the items that both have; adjusted by Holm over
    /// the phrasings.
    pub gains: Vec<Difference>,
}

/// The win rate in one phrasing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PhrasingRate {
    /// The phrasing.
    pub variant: String,
    /// Items in the estimate.
    pub n_items: u64,
    /// Mean over items of the candidate's share; null where it is withheld.
    pub win_rate: Option<f64>,
    /// The headline interval.
    pub interval: Option<Interval>,
}
