//! Scores of structured answers: how often a model gives the modal answer of a
//! persona's group, how far off it is, and how far its answers are from the group's.
//!
//! The unit is the item, averaged over samples. Items that share a question or a
//! persona move together, so every interval is clustered, with the defaults of win
//! rates. One question a file: [`metrics`] has the formulas of one item, `items`
//! the scores of a model, `estimate` means and intervals, `breakdown` what items are
//! grouped by.

mod breakdown;
mod coverage;
mod estimate;
pub mod fairness;
mod items;
pub mod metrics;
mod notes;
mod paired;
mod phrasings;
pub mod report;
pub mod stability;

pub(crate) use coverage::{COVERAGE_ROUNDING, under_floor};
pub(crate) use paired::{ItemScores, splits_of};

use rayon::prelude::*;

use self::breakdown::Breakdown;
use self::estimate::{Estimator, Selection};
use self::items::{ModelItems, Tally};
use self::metrics::{METRICS, Metric, Normaliser, Treatment};
use self::notes::notes;
use self::report::{ByMetric, Counts, Delta, Difference, ScoreReport, Scored, Settings};
use crate::answers::AnswerTable;
use crate::stats::Level;
use crate::study::{PersonaPopulation, ReportOptions};
use crate::text::names::distinct;

/// Splits, and phrasings, of a table at the most.
const MOST_PARTS: usize = 100;

/// Version of the JSON of a [`ScoreReport`].
pub const SCHEMA_VERSION: u32 = 1;

/// Above this share of resamples with another mode, a truth counts as unstable.
pub const UNSTABLE_ABOVE: f64 = 0.05;

/// What is done with items whose truth is unstable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unstable {
    /// They count as any other.
    #[default]
    Keep,
    /// They are left out where the mode is another one in more than a share of the
    /// resamples.
    Drop,
    /// Each item counts with the share of resamples that have its mode.
    Weight,
}

impl Unstable {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::Weight => "weight",
        }
    }
}

/// Which items move together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScoreClusters {
    /// Follows from the population: both where personas are a sample, else the question.
    #[default]
    Auto,
    /// Items of one question.
    Question,
    /// Items of one persona.
    Persona,
    /// Items of one question, and items of one persona.
    Both,
}

/// How answers are scored.
#[derive(Debug, Clone)]
pub struct ScoreOptions {
    /// What divides distances.
    pub normaliser: Normaliser,
    /// How answers without an option count.
    pub missing: Treatment,
    /// What is done with items whose truth is unstable.
    pub unstable: Unstable,
    /// Above this share of resamples with another mode, a truth counts as unstable.
    pub unstable_above: f64,
    /// Whether personas are a sample of personas like these.
    pub personas: PersonaPopulation,
    /// What items are taken to move together by.
    pub cluster: ScoreClusters,
    /// Confidence level.
    pub level: Level,
    /// Share of the planned answers, in [0, 1], that must be there for a score.
    pub coverage_floor: f64,
    /// Only items of this split.
    pub split: Option<String>,
    /// Candidates and the models they are compared with, by name; empty compares every
    /// model with the first.
    pub pairs: Vec<(String, String)>,
    /// The phrasing that the others are compared with; `None` is `none`, where there is
    /// one.
    pub control_variant: Option<String>,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self {
            normaliser: Normaliser::Range,
            missing: Treatment::Excluded,
            unstable: Unstable::Keep,
            unstable_above: UNSTABLE_ABOVE,
            personas: PersonaPopulation::Sampled,
            cluster: ScoreClusters::Auto,
            level: Level::DEFAULT,
            coverage_floor: ReportOptions::default().coverage_floor,
            split: None,
            pairs: Vec::new(),
            control_variant: None,
        }
    }
}

/// Why answers cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Too many splits or phrasings, each of which is scored by itself.
    #[error(
        "the table names {found} {what}s, and at most {max} are scored: does its column `{what}` hold something else?",
        max = MOST_PARTS
    )]
    TooMany {
        /// `split` or `variant`.
        what: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A pair is one model twice.
    #[error("a pair is of two models, and this is {model} twice; name a tuned model and its base")]
    WithItself {
        /// The model.
        model: String,
    },
    /// No item has a truth.
    #[error("no item of the table has a truth, so no answer can be right or wrong")]
    NoTruth,
    /// There is no such split.
    #[error("no item is of the split `{split}`; {known}")]
    NoSplit {
        /// As it was asked for.
        split: String,
        /// Those there are.
        known: String,
    },
    /// There is no such model.
    #[error("no model is called `{model}`; {known}")]
    NoModel {
        /// As it was asked for.
        model: String,
        /// Those there are.
        known: String,
    },
}

/// Scores every model of a table.
///
/// # Errors
///
/// Where nothing can be scored, or an option names what is not there.
pub fn score(table: &AnswerTable, options: &ScoreOptions) -> Result<ScoreReport, ScoreError> {
    let variants = table.variants().len();
    for (what, found) in [("split", splits(table).len()), ("variant", variants)] {
        if found > MOST_PARTS {
            return Err(ScoreError::TooMany { what, found });
        }
    }
    if variants == 0 {
        one(table, options)
    } else {
        phrasings::score(table, options)
    }
}

/// Scores every model of a table whose items were asked in one phrasing.
fn one(table: &AnswerTable, options: &ScoreOptions) -> Result<ScoreReport, ScoreError> {
    let splits = splits(table);
    let items = chosen_items(table, &splits, options)?;
    let pairs = pairs(table, options)?;
    let scored: Vec<ModelItems> = items::score(table, &items, options);
    let estimator = Estimator::new(table, options);
    let breakdowns = breakdown::all(table);
    let whole = breakdown::whole(table.items.len());
    let by_split = breakdown::of_splits(table, &splits);
    let with_unstable = match options.unstable {
        Unstable::Drop | Unstable::Weight => Some(stability::of_all(table, &splits, options)?),
        Unstable::Keep => None,
    };
    let with_unstable = with_unstable.as_ref().unwrap_or(&scored);
    let models: Vec<Vec<Scored>> = scored
        .par_iter()
        .map(|model| {
            let mut rows = estimator.scored(table, model, &whole, true);
            if splits.len() > 1 && options.split.is_none() {
                rows.extend(estimator.scored(table, model, &by_split, true));
            }
            for row in &mut rows {
                let all = &with_unstable[usize::from(model.model)];
                let split = row.level.as_deref();
                let above = options.unstable_above;
                row.unstable_truth = stability::unstable_truth(table, all, split, above);
            }
            rows
        })
        .collect();
    let tasks: Vec<(&ModelItems, &Breakdown)> = scored
        .iter()
        .flat_map(|model| breakdowns.iter().map(move |breakdown| (model, breakdown)))
        .collect();
    let groups: Vec<Vec<Scored>> = tasks
        .par_iter()
        .map(|(model, breakdown)| estimator.scored(table, model, breakdown, false))
        .collect();
    let mut compared: Vec<&Breakdown> = vec![&whole];
    if splits.len() > 1 && options.split.is_none() {
        compared.push(&by_split);
    }
    compared.extend(&breakdowns);
    let both: Vec<Both<'_>> = pairs
        .par_iter()
        .map(|(candidate, base)| Both::new(&scored[*candidate], &scored[*base]))
        .collect();
    let tasks: Vec<(&Both<'_>, &Breakdown)> = both
        .iter()
        .flat_map(|both| compared.iter().map(move |breakdown| (both, *breakdown)))
        .collect();
    let differences: Vec<Vec<Difference>> = tasks
        .par_iter()
        .map(|(both, breakdown)| estimator.differences(table, both, breakdown))
        .collect();
    let mut made = ScoreReport {
        schema_version: SCHEMA_VERSION,
        study: None,
        simulated: table.simulated.clone(),
        settings: settings(options),
        notes: notes(table, &items, &scored, options),
        models: models.concat(),
        groups: groups.concat(),
        differences: differences.concat(),
        phrasings: Vec::new(),
    };
    coverage::withhold(&mut made, options.coverage_floor);
    coverage::adjust(&mut made);
    Ok(made)
}

/// What is counted as one.
pub(crate) const UNIT: &str = "item (one question, asked of one persona where there are any)";

fn settings(options: &ScoreOptions) -> Settings {
    Settings {
        normaliser: options.normaliser,
        missing: options.missing,
        unstable: options.unstable,
        unstable_above: options.unstable_above,
        unit: UNIT,
        personas: options.personas,
        cluster: options.cluster,
        level: options.level.get(),
        split: options.split.clone(),
    }
}

/// The splits of a table, in the order in which they first appear.
fn splits(table: &AnswerTable) -> Vec<String> {
    let splits = table.items.iter().filter_map(|item| item.split.as_ref());
    let splits = distinct(splits);
    splits.iter().map(ToString::to_string).collect()
}

/// Which items are scored: with a truth, of the split, and of some weight.
fn chosen_items(
    table: &AnswerTable,
    splits: &[String],
    options: &ScoreOptions,
) -> Result<Vec<bool>, ScoreError> {
    if let Some(split) = &options.split
        && !splits.contains(split)
    {
        return Err(ScoreError::NoSplit {
            split: split.clone(),
            known: listed("splits", splits),
        });
    }
    if table.items.iter().all(|item| item.truth.is_none()) {
        return Err(ScoreError::NoTruth);
    }
    let chosen = table.items.iter().map(|item| {
        let of_split = options
            .split
            .as_deref()
            .is_none_or(|split| item.split.as_deref() == Some(split));
        let counts = || stability::weight(item, options.unstable, options.unstable_above) > 0.0;
        let kept = item.truth.is_some() && counts();
        of_split && kept
    });
    Ok(chosen.collect())
}

fn listed(what: &str, names: &[String]) -> String {
    if names.is_empty() {
        format!("there are no {what}")
    } else {
        format!("{what}: {}", names.join(", "))
    }
}

/// The pairs that are compared, as indices of models.
fn pairs(table: &AnswerTable, options: &ScoreOptions) -> Result<Vec<(usize, usize)>, ScoreError> {
    if options.pairs.is_empty() {
        return Ok((1..table.models.len()).map(|model| (model, 0)).collect());
    }
    let find = |name: &String| {
        let found = table.models.iter().position(|model| model == name);
        found.ok_or_else(|| ScoreError::NoModel {
            model: name.clone(),
            known: listed("models", &table.models),
        })
    };
    let pair = |(candidate, base): &(String, String)| {
        if candidate == base {
            let model = candidate.clone();
            return Err(ScoreError::WithItself { model });
        }
        Ok((find(candidate)?, find(base)?))
    };
    let mut pairs = Vec::new();
    for named in &options.pairs {
        let found = pair(named)?;
        if !pairs.contains(&found) {
            pairs.push(found);
        }
    }
    Ok(pairs)
}

/// Two models, and the items that both have.
struct Both<'a> {
    candidate: &'a ModelItems,
    base: &'a ModelItems,
    /// Their places in both.
    shared: Vec<(u32, u32)>,
    /// Their indices in the table.
    items: Vec<u32>,
}

impl<'a> Both<'a> {
    fn new(candidate: &'a ModelItems, base: &'a ModelItems) -> Self {
        let shared = candidate.shared(base);
        let item = |(place, _): &(u32, u32)| candidate.items[*place as usize];
        Self {
            items: shared.iter().map(item).collect(),
            candidate,
            base,
            shared,
        }
    }

    /// For each metric the first that is alike in both.
    fn alike(&self) -> [usize; METRICS.len()] {
        let (ours, theirs) = (self.candidate.alike, self.base.alike);
        std::array::from_fn(|at| if ours[at] == theirs[at] { ours[at] } else { at })
    }
}

/// What is made of each metric, once for those that are alike.
fn of_each<T: Clone>(
    alike: [usize; METRICS.len()],
    mut of: impl FnMut(Metric) -> Option<T>,
) -> ByMetric<T> {
    let mut made = METRICS.map(|_| None);
    for (at, metric) in METRICS.into_iter().enumerate() {
        made[at] = if alike[at] < at {
            made[alike[at]].clone()
        } else {
            of(metric)
        };
    }
    ByMetric::new(made)
}

/// Counts of answers as they are reported.
fn counts(tally: &Tally) -> Counts {
    let [refused, unreadable, truncated, failed, not_run] = tally.missing.map(u64::from);
    let answered = u64::from(tally.answered);
    Counts {
        planned: answered + refused + unreadable + truncated + failed + not_run,
        answered,
        refused,
        unreadable,
        truncated,
        failed,
        not_run,
    }
}

impl Estimator<'_> {
    /// The scores of a model in each group of a breakdown.
    fn scored(
        &self,
        table: &AnswerTable,
        model: &ModelItems,
        breakdown: &Breakdown,
        with_treatments: bool,
    ) -> Vec<Scored> {
        let members = breakdown.members(&model.items);
        let mut selection = Selection::default();
        let mut rows = Vec::new();
        for (group, members) in members.iter().enumerate().filter(|(_, m)| !m.is_empty()) {
            let mut tally = Tally::default();
            for place in members {
                tally.add(&model.tallies[*place as usize]);
            }
            let mut labels = None;
            let metrics = of_each(model.alike, |metric| {
                let selection = selection.of(model, metric, members);
                self.estimate(&mut labels, selection, metric, breakdown.fixes_personas)
            });
            let treatments = if with_treatments {
                let means = model.treated_means(members, self.weights());
                let treated = Treatment::ALL.into_iter().zip(means);
                treated
                    .map(|(treatment, means)| report::Treated::new(treatment, means))
                    .collect()
            } else {
                Vec::new()
            };
            rows.push(Scored {
                model: table.models[usize::from(model.model)].clone(),
                variant: None,
                breakdown: breakdown.name.clone(),
                level: breakdown.groups[group].clone(),
                answers: counts(&tally),
                items: members.len() as u64,
                metrics,
                treatments,
                unstable_truth: None,
                withheld: None,
            });
        }
        rows
    }

    /// What the candidate has more than the base, in each group of a breakdown.
    fn differences(
        &self,
        table: &AnswerTable,
        both: &Both<'_>,
        breakdown: &Breakdown,
    ) -> Vec<Difference> {
        let Both {
            candidate,
            base,
            shared,
            items,
        } = both;
        let members = breakdown.members(items);
        let mut selection = Selection::default();
        let mut rows = Vec::new();
        for (group, members) in members.iter().enumerate().filter(|(_, m)| !m.is_empty()) {
            let mut labels = None;
            let metrics = of_each(both.alike(), |metric| -> Option<Delta> {
                let selection = selection.difference(candidate, base, metric, shared, members);
                self.difference(&mut labels, selection, metric, breakdown.fixes_personas)
            });
            rows.push(Difference {
                candidate: table.models[usize::from(candidate.model)].clone(),
                base: table.models[usize::from(base.model)].clone(),
                variant: None,
                breakdown: breakdown.name.clone(),
                level: breakdown.groups[group].clone(),
                items: members.len() as u64,
                withheld: None,
                metrics,
            });
        }
        rows
    }
}

#[cfg(test)]
mod tests;
