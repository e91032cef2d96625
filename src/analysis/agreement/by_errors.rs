//! A judge's win rate with its errors undone, for labels from elsewhere.

use super::corrected_report::RoganGladen;
use super::judged::Judged;
use crate::analysis::clusters::{Clusters, Columns};
use crate::stats::rogan_gladen::{Share, rogan_gladen};
use crate::stats::{Level, cluster_mean};

impl RoganGladen {
    pub(super) fn none(why: &str) -> Self {
        Self {
            win_rate: None,
            interval: None,
            sensitivity: None,
            specificity: None,
            n_items: 0,
            n_labelled: 0,
            tied: 0,
            reason: Some(why.to_owned()),
        }
    }
}

/// Whether a score is a win; `None` for a tie.
fn won(score: f64) -> Option<bool> {
    match score.total_cmp(&0.5) {
        std::cmp::Ordering::Greater => Some(true),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(false),
    }
}

/// The rate of items that are won among those that are decided, by how often the judge
/// errs on the labelled ones.
pub(super) fn by_errors(
    judged: &Judged,
    columns: &Columns<'_>,
    by: Clusters,
    level: Level,
) -> RoganGladen {
    let one = |yes: bool| f64::from(u8::from(yes));
    let decided = |(judge, people): (&f64, &Option<f64>)| Some((won(*judge)?, won((*people)?)?));
    let rows = || judged.judge.iter().zip(&judged.people);
    let others = rows().map(|(judge, people)| match people {
        None => won(*judge).map(one),
        Some(_) => None,
    });
    let of_truth = |truth: bool| {
        let right = rows().map(move |row| {
            let (judge, people) = decided(row)?;
            (people == truth).then(|| one(judge == people))
        });
        share(columns, by, right)
    };
    let judged_rate = share(columns, by, others);
    let (sensitivity, specificity) = (of_truth(true), of_truth(false));
    let n_labelled = rows().filter(|row| decided(*row).is_some()).count() as u64;
    let labelled = judged.labelled().count() as u64;
    let mut made = RoganGladen {
        win_rate: None,
        interval: None,
        sensitivity: sensitivity.map(|(share, _)| share.share),
        specificity: specificity.map(|(share, _)| share.share),
        n_items: judged_rate.map_or(0, |(_, n)| n as u64),
        n_labelled,
        tied: labelled - n_labelled,
        reason: None,
    };
    let (Some((rate, _)), Some((q1, _)), Some((q0, _))) = (judged_rate, sensitivity, specificity)
    else {
        made.reason = Some(
            if judged_rate.is_none() {
                "no item without a label is won or lost"
            } else if sensitivity.is_none() {
                "people call no labelled item won that the judge decides"
            } else {
                "people call no labelled item lost that the judge decides"
            }
            .to_owned(),
        );
        return made;
    };
    match rogan_gladen(rate, q0, q1, level) {
        Ok(interval) => {
            made.win_rate = Some(interval.estimate());
            made.interval = Some(interval.into());
        }
        Err(why) => made.reason = Some(why.to_string()),
    }
    made
}

/// A share, with the number of independent outcomes that it is worth, and its items.
fn share(
    columns: &Columns<'_>,
    by: Clusters,
    values: impl Iterator<Item = Option<f64>>,
) -> Option<(Share, usize)> {
    let (labels, values) = selected(columns, by, values);
    let mean = cluster_mean(&values, labels.stats()).ok()?;
    let effect = mean.design_effect().unwrap_or(1.0).max(1.0);
    let share = Share {
        share: mean.mean(),
        of: values.len() as f64 / effect,
    };
    Some((share, values.len()))
}

/// Cluster labels of some of the items.
struct Labels {
    first: Vec<u32>,
    second: Option<Vec<u32>>,
}

impl Labels {
    fn stats(&self) -> crate::stats::Clusters<'_> {
        match &self.second {
            None => crate::stats::Clusters::OneWay(&self.first),
            Some(second) => crate::stats::Clusters::TwoWay(&self.first, second),
        }
    }
}

/// The items that have a value, with their clusters.
fn selected(
    columns: &Columns<'_>,
    by: Clusters,
    values: impl Iterator<Item = Option<f64>>,
) -> (Labels, Vec<f64>) {
    let (first, second) = match columns.stats(by) {
        crate::stats::Clusters::OneWay(first) => (first, None),
        crate::stats::Clusters::TwoWay(first, second) => (first, Some(second)),
    };
    let mut labels = Labels {
        first: Vec::new(),
        second: second.map(|_| Vec::new()),
    };
    let mut kept = Vec::new();
    for (place, value) in values.enumerate() {
        if let Some(value) = value {
            labels.first.push(first[place]);
            if let (Some(labels), Some(second)) = (&mut labels.second, second) {
                labels.push(second[place]);
            }
            kept.push(value);
        }
    }
    (labels, kept)
}
