//! The interval of a win rate by the method that was asked for.
//!
//! A method that cannot say anything honest about some items is refused with a
//! reason, which becomes a note; it never falls back to another one.

use super::clusters::{Clusters, Columns};
use super::report::{Interval, Method};
use crate::stats::bootstrap::cluster_bootstrap;
use crate::stats::proportion::{Proportion, clopper_pearson, jeffreys};
use crate::stats::t_interval::t_interval;
use crate::stats::tango::{Outcomes, tango_win_rate};
use crate::stats::wilson::independent_wilson;
use crate::stats::{self, ClusterMean, Draws, Level, StatsError};

/// What an interval is asked to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    pub(super) method: Method,
    pub(super) level: Level,
    /// Seed of random draws.
    pub(super) seed: u64,
}

/// Why a method gives no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// There are not two clusters.
    SingleCluster,
    /// All clusters agree, so there is no spread to work with.
    NoVariation,
    /// Some items are neither won, nor tied, nor lost, but in between.
    InBetween,
    /// Some items are neither won nor lost.
    Undecided,
    /// The method knows one dimension of clusters.
    TwoDimensions,
}

impl From<StatsError> for Refused {
    fn from(error: StatsError) -> Self {
        match error {
            StatsError::OneWayOnly { .. } => Self::TwoDimensions,
            StatsError::NoVariation => Self::NoVariation,
            _ => Self::SingleCluster,
        }
    }
}

/// Clusters and the mean with its spread over them.
pub(super) type Spread = (Clusters, ClusterMean);

/// The interval of the mean of some scores.
pub(super) fn rate_interval(
    columns: &Columns<'_>,
    scores: &[f64],
    spread: Option<&Spread>,
    how: How,
) -> Result<Interval, Refused> {
    if how.method.takes_items_as_independent() {
        return independent(scores, how);
    }
    let (clusters, mean) = spread.ok_or(Refused::SingleCluster)?;
    match how.method {
        Method::T => {
            let limits = t_interval(mean, how.level)?.clamped(0.0, 1.0);
            let degrees_of_freedom = Some(mean.degrees_of_freedom() as u64);
            Ok(Interval {
                degrees_of_freedom,
                ..clustered(columns, *clusters, &limits, how)
            })
        }
        Method::BootstrapPercentile | Method::BootstrapBca => {
            bootstrap(columns, scores, *clusters, how)
        }
        _ => columns
            .interval(mean, *clusters, how.level, 0.0)
            .ok_or(Refused::SingleCluster),
    }
}

fn bootstrap(
    columns: &Columns<'_>,
    scores: &[f64],
    clusters: Clusters,
    how: How,
) -> Result<Interval, Refused> {
    let bca = how.method == Method::BootstrapBca;
    if bca && matches!(clusters, Clusters::Two(..)) {
        return Err(Refused::TwoDimensions);
    }
    let draws = Draws::BOOTSTRAP.with_seed(how.seed);
    let replicates = cluster_bootstrap(scores, columns.stats(clusters), draws)?;
    let limits = if bca {
        replicates.bca(how.level)?
    } else {
        replicates.percentile(how.level)?
    };
    Ok(Interval {
        draws: Some(draws.count),
        seed: Some(draws.seed),
        ..clustered(columns, clusters, &limits, how)
    })
}

/// Limits as they stand in a report, with what items move together by.
pub(super) fn clustered(
    columns: &Columns<'_>,
    clusters: Clusters,
    limits: &stats::Interval,
    how: How,
) -> Interval {
    Interval {
        clusters: columns.names(clusters),
        n_clusters: columns.cluster_counts(clusters),
        population: columns.population(clusters),
        ..plain(limits, how)
    }
}

fn plain(limits: &stats::Interval, how: How) -> Interval {
    Interval {
        low: limits.low(),
        high: limits.high(),
        level: how.level.get(),
        method: how.method,
        clusters: Vec::new(),
        n_clusters: Vec::new(),
        population: "items like these, taken as independent".to_owned(),
        degrees_of_freedom: None,
        n_effective: None,
        draws: None,
        seed: None,
    }
}

/// An interval of items taken as independent.
fn independent(scores: &[f64], how: How) -> Result<Interval, Refused> {
    if scores.is_empty() {
        return Err(Refused::SingleCluster);
    }
    let limits = match how.method {
        Method::Wilson => independent_wilson(scores, how.level)?,
        Method::Tango => {
            let outcomes = outcomes(scores).ok_or(Refused::InBetween)?;
            tango_win_rate(outcomes, how.level)?
        }
        method => {
            let outcomes = outcomes(scores).filter(|outcomes| outcomes.ties == 0);
            let outcomes = outcomes.ok_or(Refused::Undecided)?;
            let decided = Proportion::new(outcomes.wins, outcomes.wins + outcomes.losses)?;
            if method == Method::Jeffreys {
                jeffreys(decided, how.level)
            } else {
                clopper_pearson(decided, how.level)
            }
        }
    };
    Ok(plain(&limits, how))
}

/// Wins, ties and losses of items of which none is in between.
///
/// Means of outcomes are exact at one half and at the ends; anything else is in between.
fn outcomes(scores: &[f64]) -> Option<Outcomes> {
    let mut outcomes = Outcomes::default();
    for &score in scores {
        let count = match score {
            1.0 => &mut outcomes.wins,
            0.5 => &mut outcomes.ties,
            0.0 => &mut outcomes.losses,
            _ => return None,
        };
        *count += 1;
    }
    Some(outcomes)
}

/// Items by the side of one half that their score is on.
pub(super) fn collapsed(scores: &[f64]) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for &score in scores {
        if score > 0.5 {
            outcomes.wins += 1;
        } else if score < 0.5 {
            outcomes.losses += 1;
        } else {
            outcomes.ties += 1;
        }
    }
    outcomes
}
