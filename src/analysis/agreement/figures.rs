//! Coefficients of agreement with their intervals.

use super::coding::Categories;
use super::ratings::{Ratings, Unit};
use super::report::{Coefficient, CoefficientName, Confusion};
use crate::analysis::clusters::{Clusters, Columns};
use crate::analysis::layout::Layout;
use crate::analysis::report::{Limits, Method};
use crate::stats::agreement::{CrossTable, Metric, PanelTable, Weights};
use crate::stats::bootstrap::Bootstrap;
use crate::stats::cluster_sums::ClusterSums;
use crate::stats::{Draws, Level, StatsError};
use crate::study::PersonaPopulation;

/// What all figures of a report share.
pub(super) struct Context<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) ratings: &'a Ratings,
    pub(super) level: Level,
    pub(super) draws: Draws,
    /// Whom figures speak of where no clusters are asked for: personas like these or
    /// exactly these.
    pub(super) personas: PersonaPopulation,
    /// Share of the items begun that a judge must have a verdict for.
    pub(super) floor: f64,
}

/// Units that figures are taken over.
pub(super) struct Scope<'a> {
    pub(super) criterion: &'a str,
    pub(super) categories: Categories,
    /// What the units are broken down by; empty for all.
    pub(super) dimensions: &'a [String],
    pub(super) levels: &'a [String],
    /// Whether the units are of the few personas of a level.
    pub(super) fixed: bool,
    pub(super) units: Vec<&'a Unit>,
}

/// Coefficients, and how many clusters they are taken over in each dimension.
pub(super) struct Figures {
    pub(super) coefficients: Vec<Coefficient>,
    pub(super) n_clusters: Vec<u64>,
}

pub(super) type Found = Result<f64, StatsError>;

impl Context<'_> {
    /// What units with these items are clustered by: what was asked for, else the
    /// question (and the persona, where these are sampled and not a level's), or where
    /// there is one question the persona.
    pub(super) fn clusters(&self, columns: &Columns<'_>, fixed: bool) -> Option<Clusters> {
        let sampled = self.personas == PersonaPopulation::Sampled && !fixed;
        let asked = columns.asked(fixed);
        asked
            .or_else(|| sampled.then(|| columns.sampled()).flatten())
            .or_else(|| columns.fixed())
            .or_else(|| columns.sampled())
    }

    /// Figures of sums over units: `add` adds a unit to its cluster's sums, of which
    /// there are `width`, and `evaluate` makes the coefficients of sums.
    pub(super) fn figures(
        &self,
        units: &[&Unit],
        fixed: bool,
        width: usize,
        names: &[CoefficientName],
        add: impl Fn(&Unit, &mut [f64]),
        evaluate: impl Fn(&[f64]) -> Vec<Found> + Sync,
    ) -> Figures {
        let ranks: Vec<u32> = units.iter().map(|unit| unit.item).collect();
        let columns = Columns::of_ranks(self.layout, &ranks);
        let by = self.clusters(&columns, fixed);
        // A single cluster leaves estimates without intervals.
        let alone = vec![0; units.len()];
        let labels = by.map_or(crate::stats::Clusters::OneWay(&alone), |by| {
            columns.stats(by)
        });
        let Ok(mut sums) = ClusterSums::new(width, labels) else {
            let none = names
                .iter()
                .map(|name| undefined(*name, &StatsError::Empty));
            return Figures {
                coefficients: none.collect(),
                n_clusters: vec![0],
            };
        };
        for (place, unit) in units.iter().enumerate() {
            add(unit, sums.row_of(place));
        }
        let clusters = by.map(|by| columns.names(by)).unwrap_or_default();
        let estimates = evaluate(&sums.total());
        let made = sums.bootstrap(self.draws, |sums| {
            evaluate(sums).into_iter().map(Result::ok).collect()
        });
        let found = estimates.into_iter().zip(made).zip(names.iter().cycle());
        Figures {
            coefficients: found
                .map(|((estimate, made), name)| Coefficient {
                    clusters: clusters.clone(),
                    ..self.coefficient(*name, estimate, made)
                })
                .collect(),
            n_clusters: by.map_or_else(|| vec![1], |by| columns.cluster_counts(by)),
        }
    }

    fn coefficient(
        &self,
        name: CoefficientName,
        estimate: Found,
        made: Result<Bootstrap, StatsError>,
    ) -> Coefficient {
        let estimate = match estimate {
            Ok(estimate) => estimate,
            Err(why) => return undefined(name, &why),
        };
        let interval = made.as_ref().map_err(Clone::clone);
        let interval = interval.and_then(|made| limits(made, self.level));
        Coefficient {
            name,
            estimand: name.estimand(),
            estimate: Some(estimate),
            undefined: None,
            standard_error: made.ok().map(|made| made.standard_error()),
            no_interval: interval.as_ref().err().map(sentence),
            method: interval.as_ref().ok().map(|(_, method)| *method),
            clusters: Vec::new(),
            interval: interval.ok().map(|(limits, _)| limits),
        }
    }
}

/// The interval of a coefficient, and how it is found.
fn limits(made: &Bootstrap, level: Level) -> Result<(Limits, Method), StatsError> {
    let (interval, method) = match made.bca(level) {
        Err(StatsError::OneWayOnly { .. }) => (made.percentile(level), Method::BootstrapPercentile),
        other => (other, Method::BootstrapBca),
    };
    interval.map(|interval| (interval.into(), method))
}

fn undefined(name: CoefficientName, why: &StatsError) -> Coefficient {
    Coefficient {
        name,
        estimand: name.estimand(),
        estimate: None,
        undefined: Some(sentence(why)),
        standard_error: None,
        interval: None,
        method: None,
        clusters: Vec::new(),
        no_interval: None,
    }
}

/// Why something does not exist, for people.
pub(super) fn sentence(why: &StatsError) -> String {
    match why {
        StatsError::Empty => "no unit was rated by two of them".to_owned(),
        StatsError::OneCategory => {
            "all ratings are of one category, so that chance alone would always agree".to_owned()
        }
        StatsError::NoVariation => {
            "all clusters agree, so that every bootstrap draw is the same".to_owned()
        }
        StatsError::TooFewClusters { .. } => {
            "there is only one cluster to generalise from".to_owned()
        }
        other => other.to_string(),
    }
}

/// Coefficients of two raters, in their order.
pub(super) const OF_PAIR: [CoefficientName; 12] = [
    CoefficientName::Agreement,
    CoefficientName::AgreementHalfTies,
    CoefficientName::CohenKappa,
    CoefficientName::CohenKappaLinear,
    CoefficientName::CohenKappaQuadratic,
    CoefficientName::GwetAc1,
    CoefficientName::GwetAc2Linear,
    CoefficientName::GwetAc2Quadratic,
    CoefficientName::FleissKappa,
    CoefficientName::KrippendorffAlphaNominal,
    CoefficientName::KrippendorffAlphaOrdinal,
    CoefficientName::KrippendorffAlphaInterval,
];

/// The coefficients of a cross table of `k` categories that starts `sums`.
pub(super) fn of_pair(k: usize, sums: &[f64]) -> Vec<Found> {
    let table = match CrossTable::new(k, sums) {
        Ok(table) => table,
        Err(why) => return vec![Err(why); OF_PAIR.len()],
    };
    vec![
        table.agreement(Weights::Identity),
        table.agreement(Weights::Linear),
        table.cohen_kappa(Weights::Identity),
        table.cohen_kappa(Weights::Linear),
        table.cohen_kappa(Weights::Quadratic),
        table.gwet(Weights::Identity),
        table.gwet(Weights::Linear),
        table.gwet(Weights::Quadratic),
        table.fleiss(),
        table.alpha(Metric::Nominal),
        table.alpha(Metric::Ordinal),
        table.alpha(Metric::Interval),
    ]
}

/// Coefficients of two raters that are given with units weighed by their draw too.
pub(super) const BY_DRAW: [CoefficientName; 2] = [
    CoefficientName::AgreementByDraw,
    CoefficientName::CohenKappaByDraw,
];

/// The coefficients of a cross table to which each unit has added what it stands for.
pub(super) fn by_draw(k: usize, sums: &[f64]) -> Vec<Found> {
    match CrossTable::new(k, sums) {
        Ok(table) => vec![
            table.agreement(Weights::Identity),
            table.cohen_kappa(Weights::Identity),
        ],
        Err(why) => vec![Err(why); BY_DRAW.len()],
    }
}

/// Coefficients of any number of raters: those of two without Cohen's, whose chance is
/// of two.
pub(super) const OF_PANEL: [CoefficientName; 9] = [
    CoefficientName::Agreement,
    CoefficientName::AgreementHalfTies,
    CoefficientName::GwetAc1,
    CoefficientName::GwetAc2Linear,
    CoefficientName::GwetAc2Quadratic,
    CoefficientName::FleissKappa,
    CoefficientName::KrippendorffAlphaNominal,
    CoefficientName::KrippendorffAlphaOrdinal,
    CoefficientName::KrippendorffAlphaInterval,
];

/// The coefficients of a panel of `k` categories.
pub(super) fn of_panel(k: usize, sums: &[f64]) -> Vec<Found> {
    let table = match PanelTable::new(k, sums) {
        Ok(table) => table,
        Err(why) => return vec![Err(why); OF_PANEL.len()],
    };
    vec![
        table.agreement(Weights::Identity),
        table.agreement(Weights::Linear),
        table.gwet(Weights::Identity),
        table.gwet(Weights::Linear),
        table.gwet(Weights::Quadratic),
        table.fleiss(),
        table.alpha(Metric::Nominal),
        table.alpha(Metric::Ordinal),
        table.alpha(Metric::Interval),
    ]
}

/// Pairs of categories, counted.
pub(super) fn confusion(
    rows: &str,
    columns: &str,
    categories: Categories,
    pairs: impl Iterator<Item = (u8, u8)>,
) -> Confusion {
    let k = categories.count();
    let mut counts = vec![vec![0; k]; k];
    for (row, column) in pairs {
        counts[usize::from(row)][usize::from(column)] += 1;
    }
    Confusion {
        rows: rows.to_owned(),
        columns: columns.to_owned(),
        categories: categories.names(),
        counts,
    }
}
