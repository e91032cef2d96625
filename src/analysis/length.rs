//! The win rate with the judge's taste for length, and other style, taken out.
//!
//! Lengths are those of the two answers of an item. A further control is a numeric column
//! that says in each row how much more of something the candidate's answer has than the
//! opponent's; it is turned where the comparison was. Both are averaged over the samples
//! that the item's score is averaged over, because they have to tell of the same answers:
//! an item of which one of these samples lacks a control is left out of the fit and counted.

mod sentence;
mod support;

use rayon::prelude::*;

use sentence::{no_error, said, why_not};
use support::FewClusters;

use super::clusters::{Clusters, Columns};
use super::estimate::Measured;
use super::intervals::{How, clustered};
use super::layout::Layout;
use super::options::{AnalysisError, Settings};
use super::report::{Interval, Method, StyleControl, StyleMethod, StyleSlope};
use super::sections::{Control, Controls, Sections, column_name};
use super::shortage::Shortage;
use crate::stats::length_control::{StyleColumn, Support, length_controlled};
use crate::stats::score_test::score_test;
use crate::stats::{ClusterMean, PValue};
use crate::verdict::table::Cell;
use crate::verdict::{Outcome, styles};

/// The controls of a report with their columns.
pub(super) struct Plan<'a> {
    controls: Vec<(Control, Column<'a>)>,
    difficulty: Option<(String, Column<'a>)>,
}

/// Numbers of judgments, NaN where there is none.
enum Column<'a> {
    /// By how many characters the candidate's answer is longer.
    Lengths,
    /// One for each item, by rank.
    OfItems(Vec<f64>),
    /// One for each judgment.
    OfJudgments(&'a [f64]),
}

impl Column<'_> {
    /// The number of a judgment, from the side from which its row is written.
    fn number(&self, layout: &Layout<'_>, index: u32) -> f64 {
        let judgment = layout.judgment(index);
        match self {
            Self::Lengths => {
                let lengths = [judgment.candidate_chars, judgment.opponent_chars];
                let [candidate, opponent] =
                    lengths.map(|length| length.chars().map_or(f64::NAN, f64::from));
                candidate - opponent
            }
            Self::OfItems(numbers) => numbers[layout.rank_of(judgment.item) as usize],
            Self::OfJudgments(numbers) => numbers[index as usize],
        }
    }
}

impl<'a> Plan<'a> {
    /// What is to be controlled for; `None` where nothing is.
    ///
    /// # Errors
    ///
    /// When a column that was asked for is not there or holds something else than
    /// numbers, or no length is known of what was judged though length was asked for.
    pub(super) fn new(
        layout: &Layout<'a>,
        sections: &Sections,
    ) -> Result<Option<Self>, AnalysisError> {
        let lengths_known = layout.table.judgments.iter().any(|judgment| {
            judgment.candidate_chars.chars().is_some() && judgment.opponent_chars.chars().is_some()
        });
        let wanted = match &sections.controls {
            Controls::Named(named) => named.clone(),
            Controls::Lengths if lengths_known || sections.difficulty.is_some() => {
                vec![Control::Length]
            }
            Controls::None if sections.difficulty.is_some() => {
                return Err(AnalysisError::DifficultyAlone);
            }
            Controls::None | Controls::Lengths => return Ok(None),
        };
        // What is only planned, or failed, may have no answers whose lengths could be known.
        let is_judged = |cell: &Cell| cell.outcome != Outcome::Missing;
        if wanted.contains(&Control::Length)
            && !lengths_known
            && layout.table.cells.iter().any(is_judged)
        {
            return Err(AnalysisError::NoLengths);
        }
        let column = |control: Control| {
            let numbers = match &control {
                Control::Length => Column::Lengths,
                Control::Column(name) => numbers(layout, name)?,
            };
            Ok((control, numbers))
        };
        let difficulty = sections
            .difficulty
            .as_deref()
            .map(column_name)
            .map(|name| Ok((name.to_owned(), numbers(layout, name)?)))
            .transpose()?;
        Ok(Some(Self {
            controls: wanted.into_iter().map(column).collect::<Result<_, _>>()?,
            difficulty,
        }))
    }
}

impl Plan<'_> {
    /// What is controlled for, for people.
    fn names(&self) -> String {
        let names: Vec<String> = self
            .controls
            .iter()
            .map(|(control, _)| control_name(control))
            .collect();
        names.join(", ")
    }
}

/// A covariate as numbers.
fn numbers<'a>(layout: &Layout<'a>, name: &str) -> Result<Column<'a>, AnalysisError> {
    let table = layout.table;
    let Some(place) = table.covariates.iter().position(|column| column == name) else {
        return Err(AnalysisError::UnknownColumn {
            name: name.to_owned(),
            known: table.covariates.clone(),
        });
    };
    if let Some(style) = table.style(place) {
        return Ok(Column::OfJudgments(&style.numbers));
    }
    let number = |&item: &u32| {
        let item = &table.items[item as usize];
        let text = styles::value(&item.question.covariates, place);
        styles::number(text).ok_or_else(|| AnalysisError::NotANumber {
            column: name.to_owned(),
            item: item.id().into_owned(),
            value: text.to_owned(),
        })
    };
    let numbers: Result<Vec<f64>, _> = layout.items.iter().map(number).collect();
    numbers.map(Column::OfItems)
}

/// Adds the controlled win rate to every comparison that is not withheld.
pub(super) fn fill(
    layout: &Layout<'_>,
    plan: &Plan<'_>,
    measured: &mut [Measured],
    settings: &Settings,
) {
    let control = |part: &mut Measured| {
        if part.comparison.withheld.is_none() {
            part.comparison.style_control = Some(controlled(layout, plan, part, settings));
        }
    };
    if layout.is_large() {
        measured.iter_mut().for_each(control);
    } else {
        measured.par_iter_mut().for_each(control);
    }
}

/// The items of a fit as columns.
struct Items {
    ranks: Vec<u32>,
    scores: Vec<f64>,
    styles: Vec<Vec<f64>>,
    difficulty: Option<Vec<f64>>,
}

fn controlled(
    layout: &Layout<'_>,
    plan: &Plan<'_>,
    part: &Measured,
    settings: &Settings,
) -> StyleControl {
    let items = gather(layout, plan, part);
    let n_items = items.ranks.len() as u64;
    let length = plan
        .controls
        .iter()
        .position(|(control, _)| *control == Control::Length);
    let criterion = &part.comparison.criterion;
    let mut made = StyleControl {
        estimand: format!(
            "mean over items of the candidate's expected score on {criterion} were both answers equal in {}",
            plan.names()
        ),
        unit: layout.unit().to_owned(),
        method: StyleMethod::LogisticAtEqualStyle,
        n_items,
        left_out: part.scores.len() as u64 - n_items,
        mean_length_difference: length.and_then(|place| mean(&items.styles[place])),
        raw_win_rate: mean(&items.scores),
        win_rate: None,
        standard_error: None,
        interval: None,
        p_value: None,
        slopes: plan
            .controls
            .iter()
            .map(|(control, _)| unseen(control_name(control), more(control), criterion, n_items))
            .collect(),
        difficulty: plan
            .difficulty
            .as_ref()
            .map(|(name, _)| unseen(format!("x.{name}"), ONE_MORE, criterion, n_items)),
        sentence: None,
    };
    let columns = Columns::of_ranks(layout, &items.ranks);
    let Some(by) = columns.headline(settings.personas) else {
        made.sentence = Some(if items.ranks.is_empty() {
            "no item has all controls".to_owned()
        } else {
            "there is only one cluster to generalise from".to_owned()
        });
        return made;
    };
    let styles: Vec<StyleColumn<'_>> = plan
        .controls
        .iter()
        .zip(&items.styles)
        .map(|((control, _), difference)| StyleColumn {
            difference,
            squashed: *control == Control::Length,
        })
        .collect();
    match length_controlled(
        &items.scores,
        &styles,
        items.difficulty.as_deref(),
        columns.stats(by),
    ) {
        Ok(found) => {
            let rate = found.win_rate;
            made.win_rate = Some(rate.mean());
            let fitted = found.slopes.iter().chain([&found.difficulty]).flatten();
            let short = Shortage::of(&items.scores, &columns, by, fitted.count());
            let no_error = no_error(&items, &columns, by, &found);
            let has_error =
                no_error.is_none() && short.as_ref().is_none_or(|short| !short.is_too_few);
            let few = of_few(&made, &found.supports, &columns, by);
            let on_few = has_error
                .then(|| support::sentence(&few, &columns))
                .flatten();
            let short = short.map(|short| short.sentence());
            let of_all = no_error.or_else(|| match (said(&items, &found), short) {
                // What there is to say of a fit does not say why it has no interval.
                (Some(said), Some(short)) if !has_error => Some(format!("{said}; {short}")),
                (said, short) => said.or(short),
            });
            let sentences: Vec<String> = of_all.into_iter().chain(on_few).collect();
            made.sentence = (!sentences.is_empty()).then(|| sentences.join("; "));
            if has_error {
                made.standard_error = rate.standard_error();
                made.interval = columns.interval(&rate, by, settings.level, 0.0);
                made.p_value = score_test(&rate, 0.5).ok().map(|test| test.p.get());
            }
            let slopes = made.slopes.iter_mut().zip(found.slopes);
            let slopes = slopes.chain(made.difficulty.iter_mut().zip([found.difficulty]));
            for (((slope, mean), support), few) in slopes.zip(&found.supports).zip(&few) {
                let Some(mean) = mean else { continue };
                slope.slope = Some(mean.mean());
                if has_error && few.as_ref().is_none_or(|few| !few.is_too_few) {
                    slope.fill(&mean, support.as_ref(), &columns, by, settings);
                }
            }
        }
        Err(error) => made.sentence = Some(why_not(&error)),
    }
    made
}

/// Of each slope whether it rests on few clusters.
fn of_few(
    made: &StyleControl,
    supports: &[Option<Support>],
    columns: &Columns<'_>,
    by: Clusters,
) -> Vec<Option<FewClusters>> {
    let slopes = made.slopes.iter().chain(&made.difficulty);
    let few = |(slope, support): (&StyleSlope, &Option<Support>)| {
        FewClusters::of(&slope.control, support.as_ref()?, columns, by)
    };
    slopes.zip(supports).map(few).collect()
}

/// The items of a comparison that have all controls.
fn gather(layout: &Layout<'_>, plan: &Plan<'_>, part: &Measured) -> Items {
    let most = part.scores.len();
    let mut items = Items {
        ranks: Vec::with_capacity(most),
        scores: Vec::with_capacity(most),
        styles: plan
            .controls
            .iter()
            .map(|_| Vec::with_capacity(most))
            .collect(),
        difficulty: plan.difficulty.as_ref().map(|_| Vec::new()),
    };
    let mut row = Vec::with_capacity(plan.controls.len());
    let mut scores = part.scores.iter().peekable();
    let mut criteria = layout.table.criteria.iter();
    let criterion = criteria.position(|name| *name == part.comparison.criterion);
    let both_orders = layout.comparisons[part.place].both_orders;
    let is_judged =
        |index: &u32| criterion.is_some_and(|place| layout.has_verdict(*index, place as u16));
    let mut judged = Vec::new();
    for (rank, judgments) in layout.items_of(part.place) {
        let Some(score) = scores.next_if(|score| score.item == rank) else {
            continue;
        };
        // What is not in the score is not in the styles: judgments without a verdict, and
        // samples without one in each order where both are judged.
        judged.clear();
        for sample in judgments.chunk_by(|a, b| same_sample(layout, *a, *b)) {
            let start = judged.len();
            judged.extend(sample.iter().copied().filter(is_judged));
            let orders = judged[start..].chunk_by(|a, b| layout.order(*a) == layout.order(*b));
            if both_orders && orders.count() < 2 {
                judged.truncate(start);
            }
        }
        let judgments = &judged[..];
        row.clear();
        row.extend(plan.controls.iter().map(|(_, column)| {
            averaged(layout, judgments, |index| {
                let (_, turned) = layout.side(index);
                let number = column.number(layout, index);
                if turned { -number } else { number }
            })
        }));
        let difficulty = plan
            .difficulty
            .as_ref()
            .map(|(_, column)| averaged(layout, judgments, |index| column.number(layout, index)));
        if row.iter().chain(&difficulty).any(|number| number.is_nan()) {
            continue;
        }
        items.ranks.push(rank);
        items.scores.push(score.score);
        for (style, &number) in items.styles.iter_mut().zip(&row) {
            style.push(number);
        }
        if let (Some(column), Some(number)) = (&mut items.difficulty, difficulty) {
            column.push(number);
        }
    }
    items
}

fn same_sample(layout: &Layout<'_>, a: u32, b: u32) -> bool {
    layout.judgment(a).sample == layout.judgment(b).sample
}

/// The mean over samples of the mean over the judgments of each that have a number, which
/// all look at the same two answers; NaN where a sample has none.
fn averaged(layout: &Layout<'_>, judgments: &[u32], number: impl Fn(u32) -> f64) -> f64 {
    let samples = judgments.chunk_by(|a, b| same_sample(layout, *a, *b));
    running_mean(samples.map(|sample| {
        let numbers = sample.iter().map(|&index| number(index));
        running_mean(numbers.filter(|number| !number.is_nan()))
    }))
}

/// The mean, exact where all numbers are equal; NaN where one is or there are none.
pub(super) fn running_mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let with = |mean: f64, (before, number): (usize, f64)| {
        if before == 0 {
            return number;
        }
        let n = (before + 1) as f64;
        let step = (number - mean) / n;
        // The largest numbers of two signs are further apart than any number is large.
        let is_beyond = step.is_infinite() && number.is_finite() && mean.is_finite();
        mean + if is_beyond {
            number / n - mean / n
        } else {
            step
        }
    };
    numbers.enumerate().fold(f64::NAN, with)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn control_name(control: &Control) -> String {
    match control {
        Control::Length => "length".to_owned(),
        Control::Column(name) => format!("x.{name}"),
    }
}

/// What of a control a slope is for.
fn more(control: &Control) -> &'static str {
    match control {
        Control::Length => {
            "one standard deviation (through a hyperbolic tangent) more of it in the answer"
        }
        Control::Column(_) => "one standard deviation more of it in the answer",
    }
}

/// What of the difficulty a slope is for.
const ONE_MORE: &str = "one more of it";

fn unseen(control: String, more: &str, criterion: &str, n_items: u64) -> StyleSlope {
    StyleSlope {
        estimand: format!(
            "log odds that the candidate's expected score on {criterion} gains by {control}, for {more}"
        ),
        control,
        n_items,
        slope: None,
        standard_error: None,
        degrees_of_freedom: None,
        interval: None,
        p_value: None,
    }
}

impl StyleSlope {
    /// How well it is known. Where there is no scatter to tell it from, nothing supports it.
    fn fill(
        &mut self,
        mean: &ClusterMean,
        support: Option<&Support>,
        columns: &Columns<'_>,
        by: Clusters,
        settings: &Settings,
    ) {
        self.standard_error = mean.standard_error();
        let Some(support) = support else { return };
        self.p_value = support.p_value(mean).ok().map(PValue::get);
        let Ok(limits) = support.interval(mean, settings.level) else {
            return;
        };
        let how = How {
            method: Method::T,
            level: settings.level,
            seed: settings.seed,
        };
        self.degrees_of_freedom = Some(support.degrees_of_freedom);
        self.interval = Some(Interval {
            degrees_of_freedom: Some(support.degrees_of_freedom as u64),
            ..clustered(columns, by, &limits, how)
        });
    }
}
