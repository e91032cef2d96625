//! What fairness says in sentences.

use super::FairMetric;
use super::report::{Advantage, Changed, DisparityChange, GroupLevel};
use crate::stats::Level;

/// A breakdown as people call it.
pub(super) fn called(breakdown: &str) -> &str {
    breakdown.strip_prefix("group.").unwrap_or(breakdown)
}

/// A metric as people call it.
pub(super) fn metric(metric: FairMetric) -> &'static str {
    match metric {
        FairMetric::Accuracy => "accuracy",
        FairMetric::SoftAccuracy => "soft accuracy",
        FairMetric::Nmae => "NMAE",
        FairMetric::OneMinusNmae => "1 - NMAE",
        FairMetric::Wasserstein => "W1",
    }
}

/// Says where a relative measure and the absolute one that it divides move in opposite
/// directions.
pub(super) fn disagreement(change: &DisparityChange) -> Option<String> {
    let measures = change.measures.as_ref()?;
    let pairs = [
        (
            ("Norm. Range", &measures.normalised_range),
            ("range", &measures.range),
        ),
        (("CV", &measures.variation), ("SD", &measures.deviation)),
    ];
    let opposed: Vec<String> = pairs
        .iter()
        .filter_map(|((relative, of_level), (absolute, on_scale))| {
            let (relative_change, absolute_change) = (of_level.change?, on_scale.change?);
            let opposed = relative_change * absolute_change < 0.0;
            opposed.then(|| {
                format!(
                    "{} but {}",
                    moved(relative, of_level, relative_change),
                    moved(absolute, on_scale, absolute_change)
                )
            })
        })
        .collect();
    if opposed.is_empty() {
        return None;
    }
    let certain = |changed: &Changed| {
        let limits = changed.without_noise.and_then(|known| known.interval);
        limits.is_some_and(|limits| limits.low > 0.0 || limits.high < 0.0)
    };
    let all = [
        &measures.normalised_range,
        &measures.variation,
        &measures.range,
        &measures.deviation,
    ];
    let caution = if all.into_iter().any(certain) {
        ""
    } else {
        "; noise alone may do this, as every interval of these changes holds 0"
    };
    Some(format!(
        "{} over {}{}: relative and absolute disparity disagree in direction: {}. The relative measures divide by the level, and the mean over groups went from {:.3} to {:.3}{caution}",
        metric(change.metric),
        over(&change.breakdown),
        within(change.split.as_deref()),
        opposed.join("; "),
        change.mean_base?,
        change.mean_candidate?,
    ))
}

fn moved(name: &str, changed: &Changed, change: f64) -> String {
    let verb = if change > 0.0 { "rises" } else { "falls" };
    let (base, candidate) = apart(changed.base, changed.candidate);
    format!("{name} {verb} from {base} to {candidate}")
}

/// Two numbers with as many digits as tell them apart, four at least.
fn apart(one: Option<f64>, other: Option<f64>) -> (String, String) {
    let shown = |digits: usize| {
        let show = |number: Option<f64>| format!("{:.digits$}", number.unwrap_or_default());
        (show(one), show(other))
    };
    (4..8)
        .map(shown)
        .find(|(one, other)| one != other)
        .unwrap_or_else(|| shown(8))
}

fn over(breakdown: &str) -> String {
    if breakdown == "persona" {
        "personas".to_owned()
    } else {
        format!("levels of {}", called(breakdown))
    }
}

/// In which split, where it is one.
pub(super) fn within(split: Option<&str>) -> String {
    split.map_or_else(String::new, |split| format!(", split {split}"))
}

/// Which levels a model speaks for better and worse than for the others.
pub(super) fn direction(levels: &[GroupLevel], metric: FairMetric, level: Level) -> String {
    let known = levels
        .iter()
        .filter_map(|one| Some((one.level.as_str(), one.advantage?)));
    standing(known, metric, level)
}

/// The same before and after.
pub(super) fn directions(change: &DisparityChange, level: Level) -> String {
    let of = |side: fn(&super::report::ChangedLevel) -> Option<Advantage>| {
        let known = change
            .levels
            .iter()
            .filter_map(|one| Some((one.level.as_str(), side(one)?)));
        standing(known, change.metric, level)
    };
    format!(
        "{}: {}; {}: {}; change: {}",
        change.base,
        of(|one| one.advantage_base),
        change.candidate,
        of(|one| one.advantage_candidate),
        of(|one| one.advantage_change),
    )
}

fn standing<'l>(
    levels: impl Iterator<Item = (&'l str, Advantage)>,
    metric: FairMetric,
    level: Level,
) -> String {
    let (mut better, mut worse) = (Vec::new(), Vec::new());
    for (name, advantage) in levels {
        if advantage.p_adjusted >= level.alpha() || advantage.estimate == 0.0 {
            continue;
        }
        let apart = (name, advantage.estimate.abs());
        if (advantage.estimate > 0.0) == metric.rises_with_quality() {
            better.push(apart);
        } else {
            worse.push(apart);
        }
    }
    let said = |what: &str, apart: Vec<(&str, f64)>| {
        (!apart.is_empty()).then(|| format!("{what} {}", ranked(apart)))
    };
    let all: Vec<String> = [said("better for", better), said("worse for", worse)]
        .into_iter()
        .flatten()
        .collect();
    if all.is_empty() {
        "no level stands out".to_owned()
    } else {
        all.join(", ")
    }
}

/// Advantages that differ by less are equal, but for rounding.
const EQUAL: f64 = 1e-9;

/// Levels from the one that stands out most; those that are equal are told as such.
fn ranked(mut apart: Vec<(&str, f64)>) -> String {
    apart.sort_by(|a, b| b.1.total_cmp(&a.1));
    let ranks = apart.chunk_by(|a, b| a.1 - b.1 < EQUAL).map(|equal| {
        let mut names: Vec<&str> = equal.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                format!("{} and {last} alike", rest.join(", "))
            }
            _ => names.concat(),
        }
    });
    ranks.collect::<Vec<_>>().join(", then ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(levels: &[(&str, f64)], metric: FairMetric) -> String {
        let levels = levels.iter().map(|(name, estimate)| {
            let advantage = Advantage {
                estimate: *estimate,
                interval: None,
                p_value: 0.001,
                p_adjusted: 0.004,
                adjustment: None,
            };
            (*name, advantage)
        });
        standing(levels, metric, Level::DEFAULT)
    }

    #[test]
    fn levels_are_ranked_and_equal_ones_said_to_be_equal_in_any_order_of_rows() {
        let third = 0.1 + 0.2;
        let mut levels = [
            ("c", 0.3),
            ("a", third),
            ("b", 0.5),
            ("f", -0.2),
            ("e", -0.2),
            ("d", -0.4),
            ("g", -0.2),
        ];
        for _ in 0..levels.len() {
            levels.rotate_left(1);
            assert_eq!(
                said(&levels, FairMetric::Accuracy),
                "better for b, then a and c alike, worse for d, then e, f and g alike"
            );
        }
        assert_eq!(
            said(&levels, FairMetric::Nmae),
            "better for d, then e, f and g alike, worse for b, then a and c alike"
        );
        let two = [("F", 0.25), ("M", -0.25)];
        assert_eq!(
            said(&two, FairMetric::Accuracy),
            "better for F, worse for M"
        );
    }
}
