//! Transfer: whether what a fine-tune gains in structured answers it gains in
//! open-ended ones.
//!
//! The structured gain of an item is the tuned model's score less the base's; the
//! open-ended gain is its win rate against the base less one half, or, where both met a
//! reference, its win rate against that less the base's, on shared items. Both are
//! averaged over the items of a unit (a persona, a survey question, a topic, a pair of
//! models), and the two averages are compared over units. An open-ended question stands
//! with the survey question that it is linked to, so that what both halves ask is one
//! cluster.
//!
//! `pairs` finds which models are compared, `axes` the items of both gains, `estimate`
//! the numbers, `sentence` what is said of them.

mod axes;
mod estimate;
pub(super) mod pairs;
pub mod report;
mod sentence;
pub mod splits;

use std::collections::HashMap;

use self::axes::{Axes, Kept};
use self::pairs::Pairing;
use self::report::{Contrast, Transfer, TransferReport, TransferSettings, Unit};
use super::layout::Layout;
use super::scores::metrics::Metric;
use super::scores::{ItemScores, ScoreError, ScoreOptions};
use crate::answers::AnswerTable;
use crate::text::counted;
use crate::verdict::table::VerdictTable;

/// Version of the JSON of a [`TransferReport`].
pub const SCHEMA_VERSION: u32 = 1;

/// Fewest items that a unit needs on either axis, unless asked otherwise.
pub const MIN_ITEMS: usize = 5;

/// How gains are taken.
#[derive(Debug, Clone)]
pub struct TransferOptions {
    /// How structured answers are scored; its pairs are not used.
    pub scores: ScoreOptions,
    /// Structured metrics.
    pub metrics: Vec<Metric>,
    /// Tuned models and their bases, by name; empty takes the comparisons of the
    /// verdicts.
    pub pairs: Vec<(String, String)>,
    /// The model that both of a pair met.
    pub reference: Option<String>,
    /// Only verdicts of this judge.
    pub judge: Option<String>,
    /// Only this criterion.
    pub criterion: Option<String>,
    /// The survey question behind each open-ended one; one that is not here is linked
    /// to a survey question of its own id.
    pub links: HashMap<String, String>,
    /// Whether only items of questions that both halves ask count.
    pub linked_only: bool,
    /// Fewest items that a unit needs on either axis.
    pub min_items: usize,
}

impl Default for TransferOptions {
    fn default() -> Self {
        Self {
            scores: ScoreOptions::default(),
            metrics: vec![Metric::Accuracy],
            pairs: Vec::new(),
            reference: None,
            judge: None,
            criterion: None,
            links: HashMap::new(),
            linked_only: false,
            min_items: MIN_ITEMS,
        }
    }
}

/// Why transfer cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The structured half cannot be scored.
    #[error(transparent)]
    Scores(#[from] ScoreError),
    /// No pair of models has both halves.
    #[error(
        "no two models have both structured answers and verdicts: {answered} answered structured questions, {judged} were compared; name a pair with --pair TUNED=BASE"
    )]
    NoPair {
        /// Models with structured answers.
        answered: String,
        /// Comparisons.
        judged: String,
    },
    /// Several models met one other.
    #[error(
        "{candidates} all met {opponent}, which may be their base or a reference: say --reference {opponent} --pair TUNED=BASE (the gain of TUNED over BASE against it), or --pair MODEL={opponent} for each (the gain over it)"
    )]
    OneOpponent {
        /// Those that met it.
        candidates: String,
        /// It.
        opponent: String,
    },
    /// Two models did not meet.
    #[error("{tuned} and {base} neither met each other nor {what}; {judged} were compared")]
    NotMet {
        /// The tuned model.
        tuned: String,
        /// Its base.
        base: String,
        /// Whom they might have met.
        what: String,
        /// Comparisons.
        judged: String,
    },
    /// Two models met several others.
    #[error("{tuned} and {base} both met {references}; say which with --reference MODEL")]
    SeveralReferences {
        /// The tuned model.
        tuned: String,
        /// Its base.
        base: String,
        /// Those they met.
        references: String,
    },
    /// Nothing is called so.
    #[error("no {what} is called `{name}`; {known}")]
    Unknown {
        /// A judge or a criterion.
        what: &'static str,
        /// As it was asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// No item has both halves of a gain.
    #[error("{what}, so there is no gain to compare")]
    NoItems {
        /// Which half.
        what: String,
    },
}

/// Tells how structured gains go with open-ended gains.
///
/// # Errors
///
/// Where an option names what is not there, or no pair of models has both halves.
pub fn transfer(
    answers: &AnswerTable,
    verdicts: &VerdictTable,
    options: &TransferOptions,
) -> Result<TransferReport, TransferError> {
    let layout = Layout::new(verdicts);
    let scored = ItemScores::new(answers, &options.scores)?;
    let found = pairs::find(answers, &layout, options)?;
    for pair in &found.pairs {
        scored.model(&pair.tuned)?;
        scored.model(&pair.base)?;
    }
    let axes = Axes::new(answers, &layout, options);
    let mut report = TransferReport {
        schema_version: SCHEMA_VERSION,
        study: None,
        simulated: simulated(answers, verdicts),
        settings: settings(options),
        summary: String::new(),
        gains: Vec::new(),
        transfers: Vec::new(),
        notes: found.notes,
    };
    for metric in &options.metrics {
        for setting in pairs::settings(&layout, options)? {
            measure(&axes, &scored, *metric, &setting, &found.pairs, &mut report)?;
        }
    }
    if report.gains.is_empty() {
        return Err(TransferError::NoItems {
            what: "no judge compared these models".to_owned(),
        });
    }
    report.notes.extend(axes.notes());
    report.notes.extend(notes(&report));
    report.summary = sentence::summary(&report);
    Ok(report)
}

/// Models and judges of either table that are simulated.
pub(super) fn simulated(answers: &AnswerTable, verdicts: &VerdictTable) -> Vec<String> {
    let names = answers.simulated.iter().chain(&verdicts.simulated);
    let names: std::collections::BTreeSet<&String> = names.collect();
    names.into_iter().cloned().collect()
}

fn settings(options: &TransferOptions) -> TransferSettings {
    TransferSettings {
        normaliser: options.scores.normaliser,
        missing: options.scores.missing,
        unstable: options.scores.unstable,
        unstable_above: options.scores.unstable_above,
        personas: options.scores.personas,
        level: options.scores.level.get(),
        split: options.scores.split.clone(),
        linked_only: options.linked_only,
        min_items: options.min_items as u64,
        item: super::scores::UNIT,
        methods: report::TransferMethods::ALL,
    }
}

/// Everything of one metric, judge, rubric and criterion.
fn measure(
    axes: &Axes<'_>,
    scored: &ItemScores<'_>,
    metric: Metric,
    setting: &pairs::Setting,
    pairs: &[Pairing],
    report: &mut TransferReport,
) -> Result<(), TransferError> {
    let contrast = |pair: String, reference: Option<String>| Contrast {
        pair,
        reference,
        judge: setting.judge.clone(),
        rubric: setting.rubric.clone(),
        criterion: axes.criterion(setting.criterion).to_owned(),
        metric: metric.name().to_owned(),
    };
    let mut of_pairs: Vec<(String, Kept)> = Vec::new();
    for pair in pairs {
        let Some(open) = axes.open(setting, pair) else {
            continue;
        };
        let (tuned, base) = (scored.model(&pair.tuned)?, scored.model(&pair.base)?);
        let kept = Kept {
            structured: axes.structured(scored, tuned, base, metric),
            open,
            untold: axes.untold(scored, (tuned, base), setting, pair),
        };
        let name = format!("{} - {}", pair.tuned, pair.base);
        kept.check(&name)?;
        let reference = pair.reference.clone();
        one_contrast(
            axes,
            &kept,
            metric,
            &contrast(name.clone(), reference),
            1,
            report,
        );
        if let Some(gains) = report.gains.last_mut()
            && gains.structured.is_some()
        {
            gains.unstable_truth = axes.by_stability(scored, (tuned, base), metric);
        }
        of_pairs.push((name, kept));
    }
    if of_pairs.len() > 1 {
        let reference = one_reference(pairs);
        let name = format!("mean of {} pairs", of_pairs.len());
        let (kept, partly) = Kept::mean(&of_pairs.iter().map(|(_, kept)| kept));
        let note = of_some_pairs(&name, partly);
        report
            .notes
            .extend(note.filter(|note| !report.notes.contains(note)));
        one_contrast(
            axes,
            &kept,
            metric,
            &contrast(name, reference.clone()),
            of_pairs.len(),
            report,
        );
        if kept.untold.why().is_none() {
            let over_models = contrast("all pairs".to_owned(), reference);
            report
                .transfers
                .push(axes.over_models(over_models, &of_pairs));
        }
    }
    Ok(())
}

/// What is said of the items that some pairs lack.
fn of_some_pairs(mean: &str, [structured, open]: [usize; 2]) -> Option<String> {
    (structured + open > 0).then(|| {
        format!(
            "the {mean} is that of the pairs' own means: {structured} structured and {open} open-ended items stand in some of the pairs only"
        )
    })
}

/// The reference of all pairs, where it is one.
fn one_reference(pairs: &[Pairing]) -> Option<String> {
    let first = pairs.first()?.reference.clone();
    first.filter(|_| {
        pairs
            .iter()
            .all(|pair| pair.reference == pairs[0].reference)
    })
}

fn one_contrast(
    axes: &Axes<'_>,
    kept: &Kept,
    metric: Metric,
    contrast: &Contrast,
    pairs: usize,
    report: &mut TransferReport,
) {
    let mut gains = axes.gains(contrast, kept, metric);
    gains.sentence = sentence::of_gains(&gains, pairs, axes.level());
    report.gains.push(gains);
    if kept.untold.why().is_some() {
        return;
    }
    let units = [Unit::Persona, Unit::Question, Unit::Topic];
    let made = units
        .iter()
        .filter_map(|unit| axes.over(*unit, contrast, kept));
    report.transfers.extend(made.collect::<Vec<Transfer>>());
}

/// What has to be known of the numbers.
fn notes(report: &TransferReport) -> Vec<String> {
    let mut notes = Vec::new();
    let clipped = |transfer: &&Transfer| transfer.disattenuated.is_some_and(|r| r.clipped);
    let clipped = report.transfers.iter().filter(clipped).count();
    if clipped > 0 {
        notes.push(format!(
            "drawn back to 1, since they or their limits came out beyond it: {} without noise; the reliabilities leave much open",
            counted(clipped as u64, "correlation")
        ));
    }
    let left_out: Vec<String> = Unit::ALL
        .iter()
        .filter_map(|unit| {
            let of_unit = report.transfers.iter().filter(|t| t.unit == *unit);
            let most = of_unit.map(|transfer| transfer.left_out).max()?;
            (most > 0).then(|| counted(most, unit.name()))
        })
        .collect();
    if !left_out.is_empty() {
        notes.push(format!(
            "in no correlation, with under {} or items of one cluster in a half: {}",
            counted(report.settings.min_items, "item"),
            left_out.join(", ")
        ));
    }
    notes
}

#[cfg(test)]
mod tests;
