//! The tables of the paper, as they are written in JSON.

use schemars::JsonSchema;
use serde::Serialize;

/// Both tables, for one or more splits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PaperReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The study; null for tables.
    pub study: Option<String>,
    /// Models and judges that are simulated: what they say is made up.
    pub simulated: Vec<String>,
    /// The tables of each split.
    pub splits: Vec<PaperSplit>,
    /// What has to be known beside the numbers.
    pub notes: Vec<String>,
    /// Which numbers are withheld, and why.
    pub withheld: Vec<String>,
}

/// The tables of one split.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PaperSplit {
    /// The split; null for all items.
    pub split: Option<String>,
    /// Table A, once for each judge and rubric.
    pub tables: Vec<TableA>,
    /// Table B.
    pub fairness: TableB,
}

/// Accuracy, NMAE and win rate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TableA {
    /// Judge of the win rates.
    pub judge: String,
    /// Rubric as `name@hash`.
    pub rubric: String,
    /// Criterion of the win rates.
    pub criterion: String,
    /// Each tuned model with its base.
    pub rows: Vec<RowA>,
    /// Means over them.
    pub mean: RowA,
    /// Models of no pair.
    pub others: Vec<RowA>,
}

/// How unequal personas are.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TableB {
    /// Each tuned model with its base.
    pub rows: Vec<RowB>,
    /// Means over them.
    pub mean: RowB,
}

/// A number of a base and of the model tuned from it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct Change {
    /// Of the base.
    pub base: Option<f64>,
    /// Of the tuned model.
    pub tuned: Option<f64>,
    /// The second less the first.
    pub difference: Option<f64>,
}

/// A row of Table A.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RowA {
    /// The tuned model; `mean` of the means.
    pub model: String,
    /// Its base; null where a model has none, whose numbers stand under `base`.
    pub base: Option<String>,
    /// Share of answers that are the mode.
    pub accuracy: Change,
    /// Normalised mean absolute error.
    pub nmae: Change,
    /// Win rate.
    pub win_rate: Change,
}

/// A row of Table B.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RowB {
    /// The tuned model; `mean` of the means.
    pub model: String,
    /// Its base.
    pub base: String,
    /// Personas with a mean.
    pub personas: u64,
    /// Normalised range of accuracy over personas.
    pub accuracy_range: Change,
    /// Coefficient of variation of accuracy.
    pub accuracy_cv: Change,
    /// Normalised range of NMAE.
    pub nmae_range: Change,
    /// Coefficient of variation of NMAE.
    pub nmae_cv: Change,
}

impl Change {
    /// A base's and a tuned model's number.
    pub fn new(base: Option<f64>, tuned: Option<f64>) -> Self {
        Self {
            base,
            tuned,
            difference: base.zip(tuned).map(|(base, tuned)| tuned - base),
        }
    }

    /// The means over rows that have both; what no row has is not there.
    fn mean(all: impl Iterator<Item = Self>) -> Self {
        let both: Vec<(f64, f64)> = all
            .filter_map(|change| change.base.zip(change.tuned))
            .collect();
        if both.is_empty() {
            return Self::default();
        }
        let mean =
            |of: fn(&(f64, f64)) -> f64| both.iter().map(of).sum::<f64>() / both.len() as f64;
        Self::new(Some(mean(|pair| pair.0)), Some(mean(|pair| pair.1)))
    }
}

impl RowA {
    /// The means of rows.
    pub fn mean(rows: &[Self]) -> Self {
        let of = |column: fn(&Self) -> Change| Change::mean(rows.iter().map(column));
        Self {
            model: "mean".to_owned(),
            base: None,
            accuracy: of(|row| row.accuracy),
            nmae: of(|row| row.nmae),
            win_rate: of(|row| row.win_rate),
        }
    }
}

impl RowB {
    /// The means of rows.
    pub fn mean(rows: &[Self]) -> Self {
        let of = |column: fn(&Self) -> Change| Change::mean(rows.iter().map(column));
        Self {
            model: "mean".to_owned(),
            base: String::new(),
            personas: rows.iter().map(|row| row.personas).max().unwrap_or(0),
            accuracy_range: of(|row| row.accuracy_range),
            accuracy_cv: of(|row| row.accuracy_cv),
            nmae_range: of(|row| row.nmae_range),
            nmae_cv: of(|row| row.nmae_cv),
        }
    }
}
