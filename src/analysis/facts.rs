//! What a run knows besides its verdicts.

use super::report::{Answers, Cost, EntryCost};
use crate::verdict::extract::Repair;
use crate::verdict::table::VerdictTable;

/// What a run knows besides its verdicts, for its report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// The phrasing that the others are compared with, where the study names one.
    pub control_variant: Option<String>,
    /// Name of the study.
    pub study: String,
    /// Its seed.
    pub seed: u64,
    /// Judge entries, in study order.
    pub judges: Vec<String>,
    /// Entries, models or judges, that are simulated.
    pub simulated: Vec<String>,
    /// Models under study, in study order.
    pub models: Vec<ModelFacts>,
    /// Items that the study plans, where the table may not hold all of them.
    pub planned_items: Option<u64>,
    /// What each entry cost, in study order.
    pub cost: Vec<EntryCost>,
    /// How the replies of each judge were read, in study order.
    pub readings: Vec<Readings>,
}

/// How the replies of a judge were read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readings {
    /// Name of its entry.
    pub judge: String,
    /// Judgments with some verdict.
    pub verdicts: u64,
    /// Of these, those whose reply had to be repaired.
    pub repaired: u64,
    /// How many needed each repair, most first.
    pub repairs: Vec<(Repair, u64)>,
}

/// What a run knows of a model under study.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelFacts {
    /// Name of its entry.
    pub name: String,
    /// What became of its planned answers.
    pub answers: Answers,
    /// Mean length of its answers in characters, without reasoning; `None` without
    /// an answer.
    pub mean_chars: Option<f64>,
}

impl Facts {
    /// The cost of all entries with their totals; `None` where no entry is known.
    pub(super) fn cost_section(&self) -> Option<Cost> {
        if self.cost.is_empty() {
            return None;
        }
        let sum = |of: fn(&EntryCost) -> u64| self.cost.iter().map(of).sum();
        let priced: Vec<f64> = self.cost.iter().filter_map(|entry| entry.dollars).collect();
        Some(Cost {
            calls: sum(|entry| entry.calls),
            attempts: sum(|entry| entry.attempts),
            input_tokens: sum(|entry| entry.input_tokens),
            output_tokens: sum(|entry| entry.output_tokens),
            unmetered: sum(|entry| entry.unmetered),
            dollars: (!priced.is_empty()).then(|| priced.iter().sum()),
            unpriced: self
                .cost
                .iter()
                .filter(|entry| entry.dollars.is_none() && entry.calls > 0)
                .map(|entry| entry.entry.clone())
                .collect(),
            entries: self.cost.clone(),
        })
    }
}

/// Models and judges that are simulated, as far as is known.
pub fn simulated(table: &VerdictTable, facts: Option<&Facts>) -> Vec<String> {
    match facts {
        Some(facts) => facts.simulated.clone(),
        None => table.simulated.iter().cloned().collect(),
    }
}
