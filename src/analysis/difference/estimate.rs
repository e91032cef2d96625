//! From two sides to their difference.

use super::{Context, Scored, Side};
use crate::analysis::clusters::{Clusters, Columns};
use crate::analysis::estimate::WithheldGroups;
use crate::analysis::report::{Difference, DifferenceKind, Interval, Method, SubgroupSection};
use crate::analysis::subgroups::{self, Numbers};
use crate::stats::ClusterMean;
use crate::stats::difference::{PairedDifference, paired_difference};
use crate::stats::wilson::effective_difference_items;

/// The items of both sides.
struct Shared {
    ranks: Vec<u32>,
    first: Vec<f64>,
    second: Vec<f64>,
    only_first: u64,
    only_second: u64,
}

impl Shared {
    /// Joins two lists that are sorted by rank.
    fn new(first: &[Scored], second: &[Scored]) -> Self {
        let mut shared = Self {
            ranks: Vec::new(),
            first: Vec::new(),
            second: Vec::new(),
            only_first: 0,
            only_second: 0,
        };
        let mut seconds = second.iter().peekable();
        for &(rank, score) in first {
            while seconds.next_if(|(other, _)| *other < rank).is_some() {}
            if let Some((_, other)) = seconds.next_if(|(other, _)| *other == rank) {
                shared.ranks.push(rank);
                shared.first.push(score);
                shared.second.push(*other);
            } else {
                shared.only_first += 1;
            }
        }
        shared.only_second = (second.len() - shared.ranks.len()) as u64;
        shared
    }

    /// What each item differs by.
    fn differences(&self) -> Vec<f64> {
        let both = self.first.iter().zip(&self.second);
        both.map(|(a, b)| a - b).collect()
    }
}

/// The difference of two sides.
pub(super) fn difference(
    context: &Context<'_>,
    kind: DifferenceKind,
    mut first: Side,
    mut second: Side,
    criterion: &str,
) -> Difference {
    let shared = Shared::new(&first.scores, &second.scores);
    first.named.left_out = shared.only_first;
    second.named.left_out = shared.only_second;
    let columns = Columns::of_ranks(context.layout, &shared.ranks);
    let contrast = contrast(kind, &first, &second);
    let withheld_groups = of_either(first.withheld_groups, second.withheld_groups);
    let mut made = Difference {
        estimand: format!("mean over shared items of {contrast} on {criterion}, in win rate"),
        contrast,
        kind,
        first: first.named,
        second: second.named,
        criterion: criterion.to_owned(),
        variant: None,
        unit: context.layout.unit().to_owned(),
        seed: context.seed,
        n_items: shared.ranks.len() as u64,
        n_clusters: columns.counts,
        withheld: withheld(first.withheld, second.withheld, &shared),
        difference: None,
        standard_error: None,
        interval: None,
        interval_sampled_personas: None,
        interval_fixed_personas: None,
        p_value: None,
        p_adjusted: None,
        adjustment: None,
        subgroups: Vec::new(),
    };
    if made.withheld.is_none() {
        fill(context, &shared, &columns, &mut made);
        made.subgroups = levels(context, &shared, &withheld_groups);
    }
    made
}

/// A level that may not be shown of one side is not shown of their difference; where it may
/// be of neither, the first is named, as for the whole.
fn of_either(first: WithheldGroups, second: WithheldGroups) -> WithheldGroups {
    let named = |name: &'static str, groups: WithheldGroups| {
        let groups = groups.into_iter();
        groups.map(move |(group, why)| (group, of_side(name, &why)))
    };
    named("second", second)
        .chain(named("first", first))
        .collect()
}

fn of_side(name: &str, why: &str) -> String {
    format!("the {name} win rate is withheld: {why}")
}

fn withheld(first: Option<String>, second: Option<String>, shared: &Shared) -> Option<String> {
    let side = |name: &str, why: Option<String>| why.map(|why| of_side(name, &why));
    side("first", first)
        .or_else(|| side("second", second))
        .or_else(|| {
            shared
                .ranks
                .is_empty()
                .then(|| "the two sides share no item that has a score in both".to_owned())
        })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn fill(context: &Context<'_>, shared: &Shared, columns: &Columns<'_>, made: &mut Difference) {
    let settings = context.settings;
    made.first.win_rate = Some(mean(&shared.first));
    made.second.win_rate = Some(mean(&shared.second));
    made.difference = Some(mean(&shared.differences()));
    let spread = |by: Option<Clusters>| {
        let by = by?;
        let labels = columns.stats(by);
        let found =
            paired_difference(&shared.first, &shared.second, labels, settings.level).ok()?;
        Some((by, found))
    };
    let sampled = spread(columns.sampled());
    let fixed = spread(columns.fixed());
    let interval = |spread: &Option<(Clusters, PairedDifference)>| {
        let (by, found) = spread.as_ref()?;
        interval(found, *by, columns)
    };
    made.interval_sampled_personas = interval(&sampled);
    if columns.counts.persona > 0 {
        made.interval_fixed_personas = interval(&fixed);
    }
    let headline = spread(columns.headline(settings.personas));
    made.interval = interval(&headline);
    if let Some((_, found)) = headline {
        made.standard_error = found.mean.standard_error();
        made.p_value = Some(found.test.p.get());
    }
}

/// How the difference differs between levels.
fn levels(
    context: &Context<'_>,
    shared: &Shared,
    withheld: &WithheldGroups,
) -> Vec<SubgroupSection> {
    let numbers = Numbers {
        ranks: &shared.ranks,
        values: &shared.differences(),
        differences: true,
    };
    let Context {
        layout,
        breakdowns,
        rules,
        ..
    } = context;
    subgroups::sections(layout, breakdowns, numbers, withheld, *rules)
}

fn interval(found: &PairedDifference, by: Clusters, columns: &Columns<'_>) -> Option<Interval> {
    let mean: &ClusterMean = &found.mean;
    Some(Interval {
        low: found.interval.low(),
        high: found.interval.high(),
        level: found.interval.level().get(),
        method: Method::DesignEffectWilson,
        clusters: columns.names(by),
        n_clusters: columns.cluster_counts(by),
        population: columns.population(by),
        degrees_of_freedom: Some(mean.degrees_of_freedom() as u64),
        n_effective: Some(effective_difference_items(mean).ok()?),
        draws: None,
        seed: None,
    })
}

/// What is subtracted from what.
fn contrast(kind: DifferenceKind, first: &Side, second: &Side) -> String {
    let (a, b) = (&first.named, &second.named);
    match kind {
        DifferenceKind::Models => format!(
            "{} less {}, each against {}",
            a.candidate, b.candidate, a.opponent
        ),
        DifferenceKind::Judges => format!(
            "judge {} less judge {}, {} against {}",
            a.judge, b.judge, a.candidate, a.opponent
        ),
        DifferenceKind::Rubrics => format!(
            "rubric {} less rubric {}, {} against {}",
            a.rubric, b.rubric, a.candidate, a.opponent
        ),
        DifferenceKind::Runs => runs_contrast(first, second),
    }
}

/// Names what the two runs differ in, and nothing else twice.
fn runs_contrast(first: &Side, second: &Side) -> String {
    let (a, b) = (&first.named, &second.named);
    let source = |side: &Side| {
        side.named
            .source
            .clone()
            .unwrap_or_else(|| "this table".to_owned())
    };
    let subtracted = if (&a.candidate, &a.opponent) == (&b.candidate, &b.opponent) {
        "the same".to_owned()
    } else {
        format!("{} against {}", b.candidate, b.opponent)
    };
    let text = format!(
        "{} against {} in {} less {subtracted} in {}",
        a.candidate,
        a.opponent,
        source(first),
        source(second)
    );
    let mut others = Vec::new();
    if a.judge != b.judge {
        others.push(format!("judges {} and {}", a.judge, b.judge));
    }
    if a.rubric != b.rubric {
        others.push(format!("rubrics {} and {}", a.rubric, b.rubric));
    }
    if others.is_empty() {
        text
    } else {
        format!("{text} ({})", others.join("; "))
    }
}
