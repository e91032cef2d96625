//! Which scores are withheld for want of answers, and p-values that are read together.

use std::collections::HashSet;

use super::metrics::METRICS;
use super::report::{ByMetric, Counts, Delta, ScoreReport};
use crate::analysis::report::{Adjustment, AdjustmentMethod};
use crate::stats::PValue;
use crate::stats::multiplicity::benjamini_hochberg;
use crate::text::{counted_of, form, thousands};

/// Coverage equal to the floor but for rounding is not under it.
pub(crate) const COVERAGE_ROUNDING: f64 = 1e-9;

impl Counts {
    /// Share of the planned answers that are there, with an option or without.
    pub fn coverage(&self) -> f64 {
        let missing = self.failed + self.not_run;
        if self.planned == 0 {
            return 0.0;
        }
        (self.planned - missing) as f64 / self.planned as f64
    }
}

/// Why answers say nothing, where too few of those that were planned are there.
pub(crate) fn under_floor(answers: &Counts, floor: f64) -> Option<String> {
    let coverage = answers.coverage();
    (coverage + COVERAGE_ROUNDING < floor).then(|| {
        let there = answers.planned - answers.failed - answers.not_run;
        let not_asked = match answers.not_run {
            0 => String::new(),
            n => format!(", {} not asked yet", thousands(n)),
        };
        format!(
            "{} {} there ({:.1}%{not_asked}), under the floor of {:.1}% (--coverage-floor)",
            counted_of(there, answers.planned, "planned answer"),
            form(there, "is", "are"),
            100.0 * coverage,
            100.0 * floor
        )
    })
}

/// Takes the scores from what is under the floor, and the differences that need them.
/// What is not there may be just what a model fails at.
pub(super) fn withhold(report: &mut ScoreReport, floor: f64) {
    let mut without: HashSet<(String, String, Option<String>)> = HashSet::new();
    for row in report.models.iter_mut().chain(&mut report.groups) {
        row.withheld = under_floor(&row.answers, floor);
        if row.withheld.is_none() {
            continue;
        }
        row.metrics = ByMetric::none();
        row.treatments.clear();
        row.unstable_truth = None;
        without.insert((row.model.clone(), row.breakdown.clone(), row.level.clone()));
    }
    for row in &mut report.differences {
        let lacks = |model: &String| {
            without.contains(&(model.clone(), row.breakdown.clone(), row.level.clone()))
        };
        if let Some(model) = [&row.candidate, &row.base].into_iter().find(|m| lacks(m)) {
            row.withheld = Some(format!("the scores of {model} are withheld"));
            row.metrics = ByMetric::none();
        }
    }
}

/// Adjusts p-values of differences over the levels of each breakdown (Benjamini and
/// Hochberg), metric by metric.
pub(super) fn adjust(report: &mut ScoreReport) {
    let same = |a: &super::Difference, b: &super::Difference| {
        (&a.candidate, &a.base, &a.breakdown) == (&b.candidate, &b.base, &b.breakdown)
    };
    for levels in report.differences.chunk_by_mut(same) {
        for metric in METRICS {
            let deltas = levels.iter_mut().map(|row| row.metrics.get_mut(metric));
            let (tested, p): (Vec<&mut Delta>, Vec<PValue>) = deltas
                .flatten()
                .filter_map(|delta| {
                    let p = PValue::new(delta.p_value?).ok()?;
                    Some((delta, p))
                })
                .unzip();
            let adjustment = Adjustment {
                method: AdjustmentMethod::BenjaminiHochberg,
                tests: p.len() as u64,
            };
            for (delta, adjusted) in tested.into_iter().zip(benjamini_hochberg(&p)) {
                delta.p_adjusted = Some(adjusted.get());
                delta.adjustment = Some(adjustment);
            }
        }
    }
}
