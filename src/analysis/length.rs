//! The win rate with the judge's taste for length, and other style, taken out.
//!
//! Lengths are those of the two answers of an item, averaged over its samples. A
//! further control is a numeric column of the items that says how much more of
//! something the candidate's answer has than the opponent's; it is turned where the
//! comparison was. An item that lacks a control is left out of the fit and counted.

use rayon::prelude::*;

use super::clusters::Columns;
use super::estimate::Measured;
use super::layout::Layout;
use super::options::{AnalysisError, Settings};
use super::report::{StyleControl, StyleMethod, StyleSlope};
use super::sections::{Control, Controls, Sections, column_name};
use crate::stats::length_control::{LengthControlled, StyleColumn, length_controlled};
use crate::stats::score_test::score_test;
use crate::stats::t_interval::{t_interval, t_test};
use crate::stats::{ClusterMean, Level, StatsError};

/// The controls of a report with their columns.
pub(super) struct Plan {
    controls: Vec<(Control, Column)>,
    difficulty: Option<(String, Column)>,
}

/// A number for each item by rank, NaN where there is none; empty for length, which
/// differs by comparison.
type Column = Vec<f64>;

impl Plan {
    /// What is to be controlled for; `None` where nothing is.
    ///
    /// # Errors
    ///
    /// When a column that was asked for is not there or holds something else than
    /// numbers, or no length is known though length was asked for.
    pub(super) fn new(
        layout: &Layout<'_>,
        sections: &Sections,
    ) -> Result<Option<Self>, AnalysisError> {
        let lengths_known = layout.table.judgments.iter().any(|judgment| {
            judgment.candidate_chars.chars().is_some() && judgment.opponent_chars.chars().is_some()
        });
        let wanted = match &sections.controls {
            Controls::Lengths if lengths_known => vec![Control::Length],
            Controls::Named(named) => named.clone(),
            Controls::None if sections.difficulty.is_some() => {
                return Err(AnalysisError::DifficultyAlone);
            }
            Controls::None | Controls::Lengths => return Ok(None),
        };
        if wanted.contains(&Control::Length) && !lengths_known {
            return Err(AnalysisError::NoLengths);
        }
        let column = |control: Control| {
            let numbers = match &control {
                Control::Length => Vec::new(),
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

impl Plan {
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

/// A covariate as numbers, by rank.
fn numbers(layout: &Layout<'_>, name: &str) -> Result<Column, AnalysisError> {
    let table = layout.table;
    let Some(place) = table.covariates.iter().position(|column| column == name) else {
        return Err(AnalysisError::UnknownColumn {
            name: name.to_owned(),
            known: table.covariates.clone(),
        });
    };
    let number = |&item: &u32| {
        let item = &table.items[item as usize];
        let Some(text) = item
            .question
            .covariates
            .get(place)
            .and_then(|text| text.as_deref())
        else {
            return Ok(f64::NAN);
        };
        let parsed = text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        parsed.ok_or_else(|| AnalysisError::NotANumber {
            column: name.to_owned(),
            item: item.id().into_owned(),
            value: text.to_owned(),
        })
    };
    layout.items.iter().map(number).collect()
}

/// Adds the controlled win rate to every comparison that is not withheld.
pub(super) fn fill(
    layout: &Layout<'_>,
    plan: &Plan,
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
    plan: &Plan,
    part: &Measured,
    settings: &Settings,
) -> StyleControl {
    let items = gather(layout, plan, part);
    let length = plan
        .controls
        .iter()
        .position(|(control, _)| *control == Control::Length);
    let mut made = StyleControl {
        estimand: format!(
            "mean over items of the candidate's expected score on {} were both answers equal in {}",
            part.comparison.criterion,
            plan.names()
        ),
        unit: layout.unit().to_owned(),
        method: StyleMethod::LogisticAtEqualStyle,
        n_items: items.ranks.len() as u64,
        left_out: (part.scores.len() - items.ranks.len()) as u64,
        mean_length_difference: length.and_then(|place| mean(&items.styles[place])),
        raw_win_rate: mean(&items.scores),
        win_rate: None,
        standard_error: None,
        interval: None,
        p_value: None,
        slopes: plan
            .controls
            .iter()
            .map(|(control, _)| unseen(control_name(control)))
            .collect(),
        difficulty: plan
            .difficulty
            .as_ref()
            .map(|(name, _)| unseen(format!("x.{name}"))),
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
            made.standard_error = rate.standard_error();
            made.interval = columns.interval(&rate, by, settings.level, 0.0);
            made.p_value = score_test(&rate, 0.5).ok().map(|test| test.p.get());
            made.sentence = said(&items, &found);
            for (slope, mean) in made.slopes.iter_mut().zip(found.slopes) {
                slope.fill(mean, settings.level);
            }
            if let Some(slope) = &mut made.difficulty {
                slope.fill(found.difficulty, settings.level);
            }
        }
        Err(error) => made.sentence = Some(why_not(&error)),
    }
    made
}

/// The items of a comparison that have all controls.
fn gather(layout: &Layout<'_>, plan: &Plan, part: &Measured) -> Items {
    let mut answers = answers(layout, part.place).peekable();
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
    for score in &part.scores {
        while answers
            .next_if(|answers| answers.rank < score.item)
            .is_some()
        {}
        let Some(answers) = answers.peek().filter(|answers| answers.rank == score.item) else {
            continue;
        };
        row.clear();
        row.extend(plan.controls.iter().map(|(control, column)| match control {
            Control::Length => answers.longer_by,
            Control::Column(_) => answers.sign * column[score.item as usize],
        }));
        let difficulty = plan
            .difficulty
            .as_ref()
            .map(|(_, column)| column[score.item as usize]);
        if row.iter().chain(&difficulty).any(|number| number.is_nan()) {
            continue;
        }
        items.ranks.push(score.item);
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

/// The two answers of an item.
struct Answers {
    rank: u32,
    /// The candidate's length less the opponent's, averaged over samples; NaN where
    /// it is not known.
    longer_by: f64,
    /// -1 where the item stands in the table with the two models exchanged, which
    /// is how its columns are meant then.
    sign: f64,
}

fn answers<'a>(layout: &'a Layout<'_>, comparison: usize) -> impl Iterator<Item = Answers> + 'a {
    let answers = move |(rank, judgments): (u32, &[u32])| {
        let (mut sum, mut n) = (0.0, 0_u32);
        let same_sample =
            |a: &u32, b: &u32| layout.judgment(*a).sample == layout.judgment(*b).sample;
        for sample in judgments.chunk_by(same_sample) {
            if let Some(longer_by) = sample.iter().find_map(|&index| longer_by(layout, index)) {
                sum += longer_by;
                n += 1;
            }
        }
        let turned = judgments.first().is_some_and(|&index| layout.side(index).1);
        Answers {
            rank,
            longer_by: if n > 0 { sum / f64::from(n) } else { f64::NAN },
            sign: if turned { -1.0 } else { 1.0 },
        }
    };
    layout.items_of(comparison).map(answers)
}

/// By how many characters the candidate's answer is longer.
fn longer_by(layout: &Layout<'_>, index: u32) -> Option<f64> {
    let judgment = layout.judgment(index);
    let difference =
        f64::from(judgment.candidate_chars.chars()?) - f64::from(judgment.opponent_chars.chars()?);
    let (_, turned) = layout.side(index);
    Some(if turned { -difference } else { difference })
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

fn unseen(control: String) -> StyleSlope {
    StyleSlope {
        control,
        slope: None,
        standard_error: None,
        interval: None,
        p_value: None,
    }
}

impl StyleSlope {
    fn fill(&mut self, mean: Option<ClusterMean>, level: Level) {
        self.slope = mean.map(|mean| mean.mean());
        self.standard_error = mean.and_then(|mean| mean.standard_error());
        self.interval = mean
            .and_then(|mean| t_interval(&mean, level).ok())
            .map(Into::into);
        self.p_value = mean
            .and_then(|mean| t_test(&mean, 0.0).ok())
            .map(|test| test.p.get());
    }
}

/// What has to be said of a fit that exists.
fn said(items: &Items, found: &LengthControlled) -> Option<String> {
    if found.slopes.iter().any(Option::is_some) {
        return None;
    }
    let one_score = |bound: f64| {
        items
            .scores
            .iter()
            .all(|score| (score - bound).abs() <= 0.0)
    };
    if one_score(1.0) {
        return Some(
            "every item was won, so no taste for style can be seen; the raw rate stands".to_owned(),
        );
    }
    if one_score(0.0) {
        return Some(
            "every item was lost, so no taste for style can be seen; the raw rate stands"
                .to_owned(),
        );
    }
    Some("the two answers of every item are alike in the controls, so there is nothing to take out; the raw rate stands".to_owned())
}

fn why_not(error: &StatsError) -> String {
    match error {
        StatsError::Separated => "the controls tell wins from losses without error, in all items or in some of them, so no finite slope is best and there is no controlled win rate".to_owned(),
        StatsError::Collinear => "a control is the same number in every item, or follows from the others, so its part cannot be told from the models' strength and there is no controlled win rate".to_owned(),
        other => other.to_string(),
    }
}
