//! The numbers of transfer, from the items of both gains.

use std::collections::HashSet;

use super::axes::{Axes, Gained, Kept};
use super::report::{
    Contrast, Corrected, Gain, Gains, Likelihood, Limits, Slope, Transfer, Unit, UnitRow,
};
use crate::analysis::scores::metrics::{Metric, Normaliser};
use crate::analysis::scores::report::ScoreMethod;
use crate::stats::bivariate::bivariate;
use crate::stats::correlation::{FEWEST_UNITS, disattenuated, pearson, spearman};
use crate::stats::errors_in_variables::line;
use crate::stats::t_interval::t_interval;
use crate::stats::unit_pairs::{UnitClusters, UnitItem, UnitPairs, unit_pairs};
use crate::stats::wilson::bounded_interval;
use crate::stats::{Clusters, Level, StatsError, cluster_mean};
use crate::study::PersonaPopulation;
use crate::text::{counted, form};

/// From where to where a gain can lie; `None` where it has no bounds.
type Bounds = Option<(f64, f64)>;

/// What gains estimate.
const STRUCTURED: &str =
    "mean over items of the gain in the structured metric, of a distance the fall";
const OPEN_ENDED: &str = "mean over items of the gain in win rate, a tie counted one half";

impl Axes<'_> {
    pub(super) fn level(&self) -> Level {
        self.options.scores.level
    }

    /// Both gains over all items; the sentence is left empty.
    pub(super) fn gains(&self, contrast: &Contrast, kept: &Kept, metric: Metric) -> Gains {
        let [structured, open] = self.items(Unit::Model, kept);
        let bounds = match self.options.scores.normaliser {
            _ if !metric.is_distance() => Some((-1.0, 1.0)),
            Normaliser::None => None,
            _ => Some((-self.farthest, self.farthest)),
        };
        let against_base = contrast.reference.is_none() && is_direct(&kept.open);
        Gains {
            contrast: contrast.clone(),
            structured: (kept.untold.structured.is_none())
                .then(|| self.gain(STRUCTURED, &structured, bounds)),
            open_ended: (kept.untold.open.is_none()).then(|| {
                let bound = if against_base { 0.5 } else { 1.0 };
                self.gain(OPEN_ENDED, &open, Some((-bound, bound)))
            }),
            withheld: kept.untold.why(),
            unstable_truth: None,
            sentence: String::new(),
        }
    }

    fn gain(&self, estimand: &'static str, items: &[UnitItem], bounds: Bounds) -> Gain {
        let total: f64 = items.iter().map(|item| item.weight).sum();
        let mean = items
            .iter()
            .map(|item| item.weight * item.value)
            .sum::<f64>()
            / total;
        let scale = items.len() as f64 / total;
        // Values whose plain mean and residuals are the weighted ones.
        let values: Vec<f64> = items
            .iter()
            .map(|item| mean + item.weight * (item.value - mean) * scale)
            .collect();
        let column = |of: fn(&UnitItem) -> u32| items.iter().map(of).collect::<Vec<u32>>();
        let questions = column(|item| item.question);
        let personas = column(|item| item.persona);
        let several = |labels: &[u32]| labels.iter().any(|label| *label != labels[0]);
        let sampled = self.options.scores.personas == PersonaPopulation::Sampled;
        let (clusters, names): (_, &[&str]) = match (several(&questions), several(&personas)) {
            (true, true) if sampled => (
                Some(Clusters::TwoWay(&questions, &personas)),
                &["question", "persona"],
            ),
            (true, _) => (Some(Clusters::OneWay(&questions)), &["question"]),
            (false, true) => (Some(Clusters::OneWay(&personas)), &["persona"]),
            (false, false) => (None, &[]),
        };
        let found = clusters.and_then(|clusters| cluster_mean(&values, clusters).ok());
        let interval = found.as_ref().and_then(|found| match bounds {
            Some((low, high)) => bounded_interval(found, low, high, self.level()).ok(),
            None => t_interval(found, self.level()).ok(),
        });
        Gain {
            estimand,
            estimate: mean,
            standard_error: found.and_then(|found| found.standard_error()),
            low: interval.map(|interval| interval.low()),
            high: interval.map(|interval| interval.high()),
            items: items.len() as u64,
            method: interval.map(|_| match bounds {
                Some(_) => ScoreMethod::DesignEffectWilson,
                None => ScoreMethod::T,
            }),
            clusters: names,
        }
    }

    /// How the gains go together over a unit; `None` where items have no such thing.
    pub(super) fn over(&self, unit: Unit, contrast: &Contrast, kept: &Kept) -> Option<Transfer> {
        let [structured, open] = self.items(unit, kept);
        let is_there = match unit {
            Unit::Persona => self.has_personas,
            // Where one half has topics it is told that there is nothing of the other.
            Unit::Topic => !structured.is_empty() || !open.is_empty(),
            _ => !structured.is_empty() && !open.is_empty(),
        };
        let clusters = self.clusters(unit);
        is_there.then(|| {
            let name = |number: u32| self.name(unit, number).to_owned();
            let fewest = self.options.min_items.max(2);
            let pairs = unit_pairs(&structured, &open, clusters, fewest);
            let mut told = self.told(unit, contrast.clone(), clusters, &pairs, name);
            if unit == Unit::Topic && !are_shared(&structured, &open) {
                told.refused = Some(NO_SHARED_TOPIC.to_owned());
            }
            told
        })
    }

    /// How the gains go together over pairs of models.
    pub(super) fn over_models(&self, contrast: Contrast, pairs: &[(String, Kept)]) -> Transfer {
        let [mut structured, mut open] = [Vec::new(), Vec::new()];
        for (number, (_, kept)) in pairs.iter().enumerate() {
            let [x, y] = self.items(Unit::Model, kept);
            let numbered = |items: Vec<UnitItem>| {
                items.into_iter().map(move |item| UnitItem {
                    unit: number as u32,
                    ..item
                })
            };
            structured.extend(numbered(x));
            open.extend(numbered(y));
        }
        let clusters = self.clusters(Unit::Model);
        let fewest = self.options.min_items.max(2);
        let made = unit_pairs(&structured, &open, clusters, fewest);
        let name = |number: u32| pairs[number as usize].0.clone();
        self.told(Unit::Model, contrast, clusters, &made, name)
    }

    /// What items of a unit move together by: a persona's by question, a question's by
    /// persona.
    fn clusters(&self, unit: Unit) -> UnitClusters {
        let sampled = self.options.scores.personas == PersonaPopulation::Sampled;
        match unit {
            Unit::Question => UnitClusters::Personas,
            Unit::Topic | Unit::Model if sampled && self.has_personas => UnitClusters::Both,
            Unit::Persona | Unit::Topic | Unit::Model => UnitClusters::Questions,
        }
    }

    fn told(
        &self,
        unit: Unit,
        contrast: Contrast,
        clusters: UnitClusters,
        made: &Result<UnitPairs, StatsError>,
        name: impl Fn(u32) -> String,
    ) -> Transfer {
        let names: &[&str] = match clusters {
            UnitClusters::Questions => &["question"],
            UnitClusters::Personas => &["persona"],
            UnitClusters::Both => &["question", "persona"],
        };
        let mut transfer = Transfer {
            contrast,
            unit,
            n_units: 0,
            left_out: 0,
            clusters: names.iter().map(|name| (*name).to_owned()).collect(),
            refused: None,
            structured_reliability: None,
            open_reliability: None,
            error_covariance: None,
            pearson: None,
            spearman: None,
            disattenuated: None,
            likelihood: None,
            gain_slope: None,
            units: Vec::new(),
        };
        match made {
            Ok(found) => self.fill(found, name, &mut transfer),
            Err(_) => {
                transfer.refused = Some(format!(
                    "no {} has {} items in both halves",
                    unit.name(),
                    self.options.min_items.max(2)
                ));
            }
        }
        transfer
    }

    fn fill(&self, found: &UnitPairs, name: impl Fn(u32) -> String, transfer: &mut Transfer) {
        let level = self.level();
        let pairs = &found.pairs;
        transfer.n_units = found.units.len() as u64;
        transfer.left_out = found.left_out.len() as u64;
        transfer.units = found
            .units
            .iter()
            .map(|(number, structured, open)| UnitRow {
                name: name(*number),
                structured: structured.mean,
                structured_se: structured.standard_error,
                structured_items: structured.items as u64,
                open_ended: open.mean,
                open_se: open.standard_error,
                open_items: open.items as u64,
            })
            .collect();
        transfer
            .units
            .sort_by(|a, b| natural(&a.name).cmp(&natural(&b.name)));
        if found.units.len() > 1 {
            let most = |reliability: f64| reliability.min(1.0);
            let (structured, open) = pairs.reliabilities();
            transfer.structured_reliability = structured.map(most);
            transfer.open_reliability = open.map(most);
            transfer.error_covariance = Some(pairs.error_covariance());
        }
        transfer.pearson = pearson(pairs, level).ok().map(|r| Limits {
            estimate: r.estimate(),
            low: r.low(),
            high: r.high(),
        });
        transfer.spearman = spearman(pairs).ok();
        match disattenuated(pairs, level) {
            Ok(r) => {
                transfer.disattenuated = Some(Corrected {
                    estimate: r.interval.estimate(),
                    low: r.interval.low(),
                    high: r.interval.high(),
                    unclipped: r.unclipped,
                    clipped: r.clipped,
                });
            }
            Err(error) => transfer.refused = Some(refusal(transfer, &error)),
        }
        transfer.likelihood = bivariate(pairs, level).ok().map(|fit| Likelihood {
            estimate: fit.correlation.estimate(),
            low: fit.correlation.low(),
            high: fit.correlation.high(),
            structured_spread: fit.x_spread,
            open_spread: fit.y_spread,
        });
        transfer.gain_slope = line(pairs, level).ok().map(|line| Slope {
            estimate: line.slope,
            low: line.low,
            high: line.high,
            intercept: line.intercept,
            scatter: line.scatter,
        });
    }
}

/// A name in parts, so that `Q2` stands before `Q10`: text, and the number after it.
fn natural(name: &str) -> Vec<(&str, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (text, after) = rest.split_at(digits);
        let end = after
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(after.len());
        let (number, after) = after.split_at(end);
        parts.push((text, number.parse().unwrap_or(u64::MAX)));
        rest = after;
    }
    parts
}

/// Why nothing is told by topic where the halves are about different ones.
const NO_SHARED_TOPIC: &str = "no topic is one of both halves: an open-ended question has the topic of its own table, else that of the survey question that it is linked to";

/// Whether items of both halves are of one unit.
fn are_shared(structured: &[UnitItem], open: &[UnitItem]) -> bool {
    let units: HashSet<u32> = structured.iter().map(|item| item.unit).collect();
    open.iter().any(|item| units.contains(&item.unit))
}

/// Whether gains are those over the base itself.
fn is_direct(open: &[Gained]) -> bool {
    open.iter().all(|gained| gained.value.abs() <= 0.5)
}

fn refusal(transfer: &Transfer, error: &StatsError) -> String {
    let unit = transfer.unit.name();
    match error {
        StatsError::TooFewUnits { found, .. } => format!(
            "{} {} both gains; a correlation of fewer than {FEWEST_UNITS} says nothing, so none is given",
            counted(*found as u64, unit),
            form(*found as u64, "has", "have")
        ),
        StatsError::Unreliable { axis, reliability } => format!(
            "the {axis} gain differs between {unit}s no more than its noise alone would make it differ (reliability {reliability:.2}), so how it goes with the other gain cannot be told"
        ),
        StatsError::NoVariation => {
            format!("a gain is the same for every {unit}, so it goes with nothing")
        }
        other => other.to_string(),
    }
}
