//! The tables of a report, as text in cells.

use std::fmt::Write as _;

use super::{Table, name, subgroups};
use crate::analysis::Report;
use crate::analysis::report::{Answers, Comparison, Cost, Interval, Model};
use crate::report::numbers::{
    NONE, chars, count, dollars, in_percent, limits, p_value, percent, point_limits, points,
};

/// The interval that is not the headline, where there are two.
#[derive(Clone, Copy)]
enum Other {
    Fixed,
    Sampled,
}

impl Other {
    fn of(criteria: &[Comparison]) -> Option<Self> {
        criteria.iter().find_map(|c| {
            let (sampled, fixed) = (
                c.interval_sampled_personas.as_ref()?,
                c.interval_fixed_personas.as_ref()?,
            );
            let headline = c.interval.as_ref()?;
            if headline.clusters == sampled.clusters {
                Some(Self::Fixed)
            } else if headline.clusters == fixed.clusters {
                Some(Self::Sampled)
            } else {
                None
            }
        })
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Fixed => "these personas",
            Self::Sampled => "personas like these",
        }
    }

    fn interval(self, c: &Comparison) -> Option<&Interval> {
        match self {
            Self::Fixed => c.interval_fixed_personas.as_ref(),
            Self::Sampled => c.interval_sampled_personas.as_ref(),
        }
    }
}

pub(super) fn headline(report: &Report, criteria: &[Comparison]) -> Table {
    let interval = format!("{}% interval", in_percent(report.study.level));
    let mut header = vec!["criterion", "win rate", &interval];
    let other = Other::of(criteria);
    header.extend(other.map(Other::heading));
    header.extend(COUNTS);
    let candidates = criteria.iter().any(|c| c.p_adjusted_candidates.is_some());
    if candidates {
        header.push("p adj models");
    }
    let mut table = Table::new(1, &header);
    for c in criteria {
        let mut row = vec![name(&c.criterion), win_rate(c), limits(c.interval.as_ref())];
        row.extend(other.map(|other| limits(other.interval(c))));
        row.extend(counts(c));
        if candidates {
            row.push(p_value(c.p_adjusted_candidates));
        }
        table.rows.push(row);
    }
    table
}

/// Pairs of models on one criterion.
pub(super) fn pairs(report: &Report, pairs: &[&Comparison]) -> Table {
    let interval = format!("{}% interval", in_percent(report.study.level));
    let mut header = vec!["first", "second", "win rate", &interval];
    header.extend(COUNTS);
    let mut table = Table::new(2, &header);
    for c in pairs {
        let mut row = vec![
            name(&c.candidate),
            name(&c.opponent),
            win_rate(c),
            limits(c.interval.as_ref()),
        ];
        row.extend(counts(c));
        table.rows.push(row);
    }
    table
}

fn win_rate(c: &Comparison) -> String {
    if c.withheld.is_some() {
        "withheld".to_owned()
    } else {
        percent(c.win_rate)
    }
}

/// The headings of [`counts`].
const COUNTS: [&str; 6] = ["W/T/L", "missing", "items", "flips", "p", "p adj"];

/// Wins, ties and losses; missing; items; flips; p-values.
fn counts(c: &Comparison) -> [String; 6] {
    [
        format!("{}/{}/{}", count(c.wins), count(c.ties), count(c.losses)),
        count(c.missing.total()),
        count(c.n_items),
        percent(c.order.as_ref().and_then(|order| order.flip_rate)),
        p_value(c.p_value),
        p_value(c.p_adjusted),
    ]
}

pub(super) fn levels_table<'a>(
    report: &Report,
    groups: impl Iterator<Item = &'a Comparison>,
) -> Table {
    let interval = format!("{}% interval", in_percent(report.study.level));
    let groups: Vec<(&Comparison, Option<f64>)> = groups
        .map(|group| (group, subgroups::pooled(report, group)))
        .collect();
    let has_missing = groups.iter().any(|(group, _)| group.missing.total() > 0);
    // What is missing takes no room where nothing is.
    let shown = |place: usize| has_missing || COUNTS[place] != "missing";
    let has_pooled = groups.iter().any(|(_, pooled)| pooled.is_some());
    let mut header = vec!["criterion", "level", "win rate", &interval];
    if has_pooled {
        header.push("pooled");
    }
    header.extend((0..COUNTS.len()).filter(|i| shown(*i)).map(|i| COUNTS[i]));
    let mut table = Table::new(2, &header);
    for (group, pooled) in groups {
        let levels: Vec<String> = group.levels.iter().map(|level| name(level)).collect();
        let mut row = vec![name(&group.criterion), levels.join(", ")];
        row.extend([win_rate(group), limits(group.interval.as_ref())]);
        if has_pooled {
            row.push(percent(pooled));
        }
        let cells = counts(group).into_iter().enumerate();
        row.extend(cells.filter(|(i, _)| shown(*i)).map(|(_, cell)| cell));
        table.rows.push(row);
    }
    table
        .rows
        .sort_by(|a, b| position(report, &a[0]).cmp(&position(report, &b[0])));
    table
}

/// Where a criterion stands in the report, so that tables list them alike.
fn position(report: &Report, criterion: &str) -> Option<usize> {
    report
        .comparisons
        .iter()
        .position(|c| name(&c.criterion) == criterion)
}

pub(super) fn orders(criteria: &[Comparison]) -> Table {
    let mut table = Table::new(
        1,
        &[
            "criterion",
            "pairs",
            "same verdict",
            "first both",
            "second both",
            "half tied",
            "flips' p",
            "help of first",
            "interval",
            "p",
        ],
    );
    for c in criteria {
        let Some(order) = &c.order else { continue };
        let effect = order.position_effect.as_ref();
        table.rows.push(vec![
            name(&c.criterion),
            count(order.pairs),
            count(order.consistent),
            count(order.first_first),
            count(order.second_second),
            count(order.half_tied),
            p_value(order.sign_test.as_ref().map(|test| test.p_value)),
            effect.map_or_else(|| NONE.to_owned(), |effect| points(effect.estimate)),
            point_limits(effect.and_then(|effect| effect.interval.as_ref())),
            p_value(effect.and_then(|effect| effect.p_value)),
        ]);
    }
    table
}

/// A rate with the items that it is of.
fn of_items(rate: Option<f64>, items: u64) -> String {
    format!("{} (n {})", percent(rate), count(items))
}

pub(super) fn rules(criteria: &[Comparison]) -> Table {
    let has_rules = criteria.iter().any(|c| c.tie_rules.is_some());
    let mut header = vec!["criterion"];
    if has_rules {
        header.extend(["averaged", "inconsistent is tie", "inconsistent dropped"]);
    }
    header.push("without ties");
    header.extend(["all missing lost", "all missing won", "covered"]);
    let mut table = Table::new(1, &header);
    for c in criteria {
        let mut row = vec![name(&c.criterion)];
        if has_rules {
            let rules = c.tie_rules;
            row.push(percent(rules.and_then(|rules| rules.average.win_rate)));
            row.push(percent(
                rules.and_then(|rules| rules.inconsistent_is_tie.win_rate),
            ));
            row.push(rules.map_or_else(
                || NONE.to_owned(),
                |rules| {
                    let dropped = rules.drop_inconsistent;
                    of_items(dropped.win_rate, dropped.n_items)
                },
            ));
        }
        row.push(c.outcomes.as_ref().map_or_else(
            || NONE.to_owned(),
            |outcomes| of_items(outcomes.win_rate_without_ties, outcomes.n_without_ties),
        ));
        row.push(percent(c.bounds.map(|bounds| bounds.low)));
        row.push(percent(c.bounds.map(|bounds| bounds.high)));
        row.push(percent(c.items.share));
        table.rows.push(row);
    }
    table
}

pub(super) fn models(models: &[Model]) -> Table {
    let answered = models.iter().any(|model| model.answers.is_some());
    let mut header = vec!["model"];
    if answered {
        header.extend([
            "answers",
            "cut off",
            "refused",
            "failed",
            "not run",
            "reasoning removed",
        ]);
    }
    header.extend(["mean characters", "verdicts missing"]);
    let mut table = Table::new(1, &header);
    for model in models {
        let mut row = vec![name(&model.model)];
        if model.simulated {
            row[0].push_str(" (simulated)");
        }
        if answered {
            row.extend(answers(model));
        }
        row.push(chars(model.mean_chars));
        row.push(format!(
            "{} of {}",
            count(model.missing.total()),
            count(model.verdicts)
        ));
        table.rows.push(row);
    }
    table
}

/// What became of a model's answers.
fn answers(model: &Model) -> [String; 6] {
    let Some(answers) = &model.answers else {
        return [NONE; 6].map(str::to_owned);
    };
    [
        answered(answers),
        count(answers.truncated),
        count(answers.refused),
        count(answers.failed),
        count(answers.not_run),
        count(answers.reasoning_removed),
    ]
}

/// How many answers are there; those without a text and refusals are told, since they are
/// judged.
fn answered(answers: &Answers) -> String {
    let mut text = format!("{} of {}", count(answers.answered), count(answers.planned));
    for (number, what) in [
        (answers.empty, "empty"),
        (answers.refused_in_words, "refused in words"),
        (answers.not_in_file, "with no answer in its file"),
    ] {
        if number > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {} {what}", count(number));
        }
    }
    text
}

pub(super) fn cost(cost: &Cost) -> Table {
    let mut table = Table::new(
        1,
        &[
            "entry",
            "calls",
            "attempts",
            "tokens in",
            "tokens out",
            "dollars",
        ],
    );
    for entry in &cost.entries {
        let mut row = vec![name(&entry.entry)];
        row.extend(
            [
                entry.calls,
                entry.attempts,
                entry.input_tokens,
                entry.output_tokens,
            ]
            .map(count),
        );
        row.push(dollars(entry.dollars));
        table.rows.push(row);
    }
    let mut total = vec!["total".to_owned()];
    total.extend(
        [
            cost.calls,
            cost.attempts,
            cost.input_tokens,
            cost.output_tokens,
        ]
        .map(count),
    );
    total.push(dollars(cost.dollars));
    table.rows.push(total);
    table
}
