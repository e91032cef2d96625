//! Verdicts of judges and labels of people on the same units.
//!
//! A unit is one sample of one item, compared between two models, on one criterion.
//! Of two models the same one is the candidate in every unit, the candidate of the
//! results' comparison ([`super::matching`]). So neither the order of rows nor the side
//! that they are written from changes anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::coding::{Categories, Given, Said, join};
use super::matching::{LeftOut, Matching};
use super::options::{AgreementError, AgreementOptions};
use crate::analysis::layout::Layout;
use crate::verdict::labels::Labels;
use crate::verdict::table::{Contest, VerdictTable};
use crate::verdict::{Order, Outcome};

/// Who rated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rater {
    /// A judge and its rubric.
    Judge(String, String),
    /// A person.
    Person(String),
}

impl Rater {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Judge(name, _) | Self::Person(name) => name,
        }
    }

    pub(super) fn rubric(&self) -> Option<&str> {
        match self {
            Self::Judge(_, rubric) => Some(rubric),
            Self::Person(_) => None,
        }
    }

    pub(super) fn is_person(&self) -> bool {
        matches!(self, Self::Person(_))
    }
}

/// What a rater said of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rating {
    pub(super) rater: u32,
    /// `None` where it is a tie that is left out.
    pub(super) category: Option<u8>,
    pub(super) score: f64,
}

/// Something that several raters rated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// Rank of its item.
    pub(super) item: u32,
    /// The two models, the candidate first.
    pub(super) pair: (u32, u32),
    /// By rater.
    pub(super) ratings: Vec<Rating>,
    /// How many units it stands for, of those that could have been labelled; 1 where
    /// labels have no weights.
    pub(super) weight: f64,
}

impl Unit {
    pub(super) fn category(&self, rater: u32) -> Option<u8> {
        let rating = self.ratings.iter().find(|rating| rating.rater == rater)?;
        rating.category
    }
}

/// The units of one criterion.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) criterion: String,
    pub(super) categories: Categories,
    pub(super) units: Vec<Unit>,
    /// By rater.
    pub(super) counts: Vec<Counts>,
}

/// What a rater said, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) wins: u64,
    pub(super) ties: u64,
    pub(super) losses: u64,
    /// Units without a verdict, or without one in each order.
    pub(super) missing: u64,
    /// Units whose orders differ, where these are left out.
    pub(super) dropped: u64,
    /// Pairs of verdicts on one unit in one order, and those that are the same.
    pub(super) repeats: u64,
    pub(super) repeats_alike: u64,
}

/// All that was rated.
#[derive(Debug)]
pub(super) struct Ratings {
    /// Judges, then people, each by name.
    pub(super) raters: Vec<Rater>,
    pub(super) models: Vec<String>,
    pub(super) parts: Vec<Part>,
    pub(super) left_out: LeftOut,
    /// Units whose labels have different weights.
    pub(super) weights_differ: Option<WeightsDiffer>,
}

/// Units whose labels have different weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WeightsDiffer {
    pub(super) units: u64,
    /// Rank of the item of the first of them, and its least and largest weight.
    pub(super) item: u32,
    pub(super) weights: [f64; 2],
}

impl WeightsDiffer {
    fn of(rows: &[Row]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for of_unit in rows.chunk_by(|a, b| a.unit() == b.unit()) {
            let weights = || of_unit.iter().filter_map(|row| row.weight);
            let least = weights().fold(f64::INFINITY, f64::min);
            let largest = weights().fold(0.0, f64::max);
            if largest > least {
                let first = found.get_or_insert(Self {
                    units: 0,
                    item: of_unit[0].item,
                    weights: [least, largest],
                });
                first.units += 1;
            }
        }
        found
    }
}

/// One row of a table, from the candidate's side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) criterion: u16,
    pub(super) item: u32,
    /// The two models, the candidate first.
    pub(super) pair: (u32, u32),
    pub(super) sample: u16,
    pub(super) rater: u32,
    pub(super) order: Order,
    pub(super) repeat: u16,
    pub(super) outcome: Outcome,
    pub(super) score: Option<f64>,
    /// How many units a label stands for; `None` for a verdict.
    pub(super) weight: Option<f64>,
}

impl Row {
    fn unit(&self) -> (u16, u32, (u32, u32), u16) {
        (self.criterion, self.item, self.pair, self.sample)
    }
}

impl Ratings {
    /// Puts verdicts and labels together. `layout` is that of the table, or of the
    /// labels where there are no verdicts.
    pub(super) fn new(
        layout: &Layout<'_>,
        table: &VerdictTable,
        labels: Option<&Labels>,
        options: &AgreementOptions,
    ) -> Result<Self, AgreementError> {
        let mut matching = Matching::new(layout, table, labels, options)?;
        let mut raters: BTreeSet<Rater> = BTreeSet::new();
        for contest in &table.contests {
            raters.insert(judge(contest));
        }
        for annotator in labels.iter().flat_map(|labels| labels.annotators()) {
            raters.insert(Rater::Person(annotator.to_owned()));
        }
        let raters: Vec<Rater> = raters.into_iter().collect();
        let number: HashMap<&Rater, u32> = raters.iter().zip(0..).collect();
        let mut rows = Vec::new();
        let of_judge = |c: &Contest| number[&judge(c)];
        matching.verdicts(table, &of_judge, &mut |row| rows.push(row));
        if let Some(labels) = labels {
            let of_person = |c: &Contest| number[&Rater::Person(c.judge.clone())];
            matching.labels(&labels.table, &of_person, &mut |row| rows.push(row))?;
        }
        drop(number);
        rows.sort_unstable_by_key(|row: &Row| {
            let second = row.order == Order::OpponentFirst;
            let score = row.score.map(f64::to_bits);
            (row.unit(), row.rater, second, row.repeat, score)
        });
        let parts = parts(&rows, &raters, &matching.criteria, options);
        let (models, left_out) = matching.finish();
        Ok(Self {
            weights_differ: WeightsDiffer::of(&rows),
            raters,
            models,
            parts,
            left_out,
        })
    }
}

fn judge(contest: &Contest) -> Rater {
    Rater::Judge(contest.judge.clone(), contest.rubric.clone())
}

/// A unit before its verdicts are categories.
struct Heard {
    item: u32,
    pair: (u32, u32),
    said: Vec<(u32, Outcome, f64)>,
    weight: f64,
}

/// Rows of one criterion after another into units.
fn parts(
    rows: &[Row],
    raters: &[Rater],
    criteria: &[String],
    options: &AgreementOptions,
) -> Vec<Part> {
    let both = both_orders(rows, raters);
    let part = |of_criterion: &[Row]| {
        let mut counts = vec![Counts::default(); raters.len()];
        let of_units = of_criterion.chunk_by(|a, b| a.unit() == b.unit());
        let heard: Vec<Heard> = of_units
            .map(|of_unit| {
                heard(of_unit, |rater, given| {
                    let asked_both = both.contains(&(rater, of_unit[0].pair));
                    let said = join(given, asked_both, options.inconsistent);
                    let person = raters[rater as usize].is_person();
                    counts[rater as usize].add(given, said, person);
                    said
                })
            })
            .collect();
        let is_tie = |(_, outcome, _): &(u32, Outcome, f64)| *outcome == Outcome::Tie;
        let ties = heard.iter().any(|unit| unit.said.iter().any(is_tie));
        let categories = Categories::new(options.ties, ties);
        Part {
            criterion: criteria[usize::from(of_criterion[0].criterion)].clone(),
            categories,
            units: heard
                .into_iter()
                .map(|unit| unit.rated(categories))
                .collect(),
            counts,
        }
    };
    rows.chunk_by(|a, b| a.criterion == b.criterion)
        .map(part)
        .collect()
}

/// The verdicts on a unit, rater by rater.
fn heard(rows: &[Row], mut join: impl FnMut(u32, &[Given]) -> Said) -> Heard {
    let given = |row: &Row| Given {
        order: row.order,
        outcome: row.outcome,
        score: row.score,
    };
    let mut said = Vec::new();
    for of_rater in rows.chunk_by(|a, b| a.rater == b.rater) {
        let given: Vec<Given> = of_rater.iter().map(given).collect();
        if let Said::Outcome(outcome, score) = join(of_rater[0].rater, &given) {
            said.push((of_rater[0].rater, outcome, score));
        }
    }
    let weights: Vec<f64> = rows.iter().filter_map(|row| row.weight).collect();
    Heard {
        item: rows[0].item,
        pair: rows[0].pair,
        said,
        weight: if weights.is_empty() {
            1.0
        } else {
            weights.iter().sum::<f64>() / weights.len() as f64
        },
    }
}

impl Heard {
    fn rated(self, categories: Categories) -> Unit {
        let rating = |(rater, outcome, score)| Rating {
            rater,
            category: categories.of(outcome),
            score,
        };
        Unit {
            item: self.item,
            pair: self.pair,
            ratings: self.said.into_iter().map(rating).collect(),
            weight: self.weight,
        }
    }
}

/// Judges and pairs of models of which some unit was asked for in both orders. People
/// need no second order: what is there counts.
fn both_orders(rows: &[Row], raters: &[Rater]) -> BTreeSet<(u32, (u32, u32))> {
    let mut orders: BTreeMap<(u32, (u32, u32)), bool> = BTreeMap::new();
    for group in rows.chunk_by(|a, b| (a.unit(), a.rater) == (b.unit(), b.rater)) {
        if !raters[group[0].rater as usize].is_person() {
            let differ = group.iter().any(|row| row.order != group[0].order);
            *orders.entry((group[0].rater, group[0].pair)).or_default() |= differ;
        }
    }
    orders
        .into_iter()
        .filter_map(|(key, both)| both.then_some(key))
        .collect()
}

impl Counts {
    fn add(&mut self, given: &[Given], said: Said, person: bool) {
        match said {
            Said::Outcome(Outcome::Win, _) => self.wins += 1,
            Said::Outcome(Outcome::Tie, _) => self.ties += 1,
            Said::Outcome(Outcome::Loss, _) => self.losses += 1,
            Said::Outcome(Outcome::Missing, _) | Said::Missing => self.missing += 1,
            Said::Dropped => self.dropped += 1,
        }
        self.add_repeats(given, person);
    }

    /// A judge's verdicts in different orders are no repeats; a person's are.
    fn add_repeats(&mut self, given: &[Given], person: bool) {
        for (i, one) in given.iter().enumerate() {
            for other in &given[i + 1..] {
                let again = person || one.order == other.order;
                if again && one.score.is_some() && other.score.is_some() {
                    self.repeats += 1;
                    self.repeats_alike += u64::from(one.outcome == other.outcome);
                }
            }
        }
    }
}
