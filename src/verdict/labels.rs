//! Verdicts of people on the comparisons that judges were asked about.
//!
//! A label is what a verdict is: an outcome (win, tie, loss or missing, from the
//! candidate's side) on one criterion of one comparison of one item. So a labels
//! table is a [`VerdictTable`] whose judges are people: [`Contest::judge`] is the
//! annotator, [`Judgment::order`] the order in which the answers were shown to them
//! where it is known, and [`Judgment::repeat`] tells apart the labels of a person
//! who was shown one comparison again.
//!
//! A label and a verdict belong together where item, candidate, opponent (either
//! way round), criterion and sample are the same. Reading and writing is in
//! [`table_io`](super::table_io), where the column is called `annotator`.
//!
//! [`Judgment::order`]: super::table::Judgment::order
//! [`Judgment::repeat`]: super::table::Judgment::repeat

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Order;
use super::table::{Contest, Item, Judgment, VerdictTable};

/// The covariate of a label that says how many comparisons it stands for, where these had
/// unequal chances to be drawn: one over its chance.
pub const WEIGHT: &str = "weight";

/// The largest weight, and one over the smallest: sums of squares of many are still numbers.
const LARGEST_WEIGHT: f64 = 1e12;

/// What a weight is, where a text says one.
pub fn weight_of(text: &str) -> Option<f64> {
    let weight: f64 = text.trim().parse().ok()?;
    (1.0 / LARGEST_WEIGHT..=LARGEST_WEIGHT)
        .contains(&weight)
        .then_some(weight)
}

/// The most people on one comparison of one item who are told apart.
const MOST_PEOPLE: u16 = u16::MAX;

/// More people labelled one comparison of an item than are told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "item `{item}` has labels of more than {MOST_PEOPLE} people (or samples of people) on the same models, more than are averaged: is the item, or the question, what names it there?"
)]
pub struct TooManyPeople {
    /// The item.
    pub item: String,
}

/// Who all people together are called.
pub const PEOPLE: &str = "people";

/// Verdicts of people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    /// One judgment a label of a person; [`Contest::judge`] is the annotator.
    pub table: VerdictTable,
}

impl Labels {
    /// Everyone who labelled, by name.
    pub fn annotators(&self) -> Vec<&str> {
        let contests = self.table.contests.iter();
        let mut names: Vec<&str> = contests.map(annotator).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The labels of several tables in one, in their order. Dimensions and covariates
    /// are kept where all tables have the same; orders in the contests of which no table
    /// lacks them. The rows of the others then stand as if one answer had always been
    /// first.
    #[must_use]
    pub fn joined(mut all: Vec<Self>) -> Self {
        if all.len() < 2 {
            return all.pop().unwrap_or_default();
        }
        let first = &all[0].table;
        let alike = |same: &dyn Fn(&VerdictTable) -> bool| all.iter().all(|one| same(&one.table));
        let dimensions = alike(&|table| table.dimensions == first.dimensions);
        let covariates =
            alike(&|table| table.covariates == first.covariates && table.styles.is_empty());
        let without_orders = without_orders(&all);
        let keeps_orders = |table: &VerdictTable| {
            let mut judgments = table.judgments.iter();
            judgments.any(|one| !without_orders.contains(&table.contests[one.contest as usize]))
        };
        let mut joined = Joined {
            table: VerdictTable {
                orders_unknown: !all.iter().any(|one| keeps_orders(&one.table)),
                dimensions: kept(&first.dimensions, dimensions),
                covariates: kept(&first.covariates, covariates),
                ..VerdictTable::default()
            },
            graded: all.iter().any(|one| !one.table.scores.is_empty()),
            without_orders,
            ..Joined::default()
        };
        for one in &all {
            joined.add(&one.table, dimensions, covariates);
        }
        Self {
            table: joined.table,
        }
    }

    /// The labels of all people as those of one judge, [`PEOPLE`]: of an item each person
    /// gives a sample, from whichever side it is written, so that nobody's second order is
    /// missed and nobody's label is taken for another's second order.
    ///
    /// # Errors
    ///
    /// When more people labelled one comparison of an item than there are samples.
    pub fn pooled(&self) -> Result<VerdictTable, TooManyPeople> {
        let mut contests: HashMap<Contest, u32> = HashMap::new();
        let mut pooled = VerdictTable {
            contests: Vec::new(),
            ..self.table.clone()
        };
        let of_contest = self.table.contests.iter().map(|contest| {
            let contest = Contest {
                judge: PEOPLE.to_owned(),
                ..contest.clone()
            };
            let next = pooled.contests.len() as u32;
            *contests.entry(contest).or_insert_with_key(|contest| {
                pooled.contests.push(contest.clone());
                next
            })
        });
        let of_contest: Vec<u32> = of_contest.collect();
        let (persons, everyones) = (pairs(&self.table.contests), pairs(&pooled.contests));
        let mut samples: HashMap<(u32, u32, u16), u16> = HashMap::new();
        let mut given: HashMap<(u32, u32), u16> = HashMap::new();
        for judgment in &mut pooled.judgments {
            let contest = of_contest[judgment.contest as usize];
            let person = persons[judgment.contest as usize];
            let asked = (judgment.item, person, judgment.sample);
            let known = samples.get(&asked).copied();
            let sample = known.or_else(|| {
                let pair = everyones[contest as usize];
                let last = given.entry((judgment.item, pair)).or_default();
                *last = last.checked_add(1)?;
                Some(*last)
            });
            judgment.sample = sample.ok_or_else(|| TooManyPeople {
                item: self.table.items[judgment.item as usize].id().to_string(),
            })?;
            samples.insert(asked, judgment.sample);
            judgment.contest = contest;
        }
        Ok(pooled)
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.table.judgments.is_empty()
    }
}

/// A number for each contest, the same for one and its mirror image.
fn pairs(contests: &[Contest]) -> Vec<u32> {
    let mut known: HashMap<Contest, u32> = HashMap::new();
    let numbered = contests.iter().zip(0..).map(|(contest, next)| {
        let mirrored = known.get(&contest.mirrored()).copied();
        *known
            .entry(contest.clone())
            .or_insert(mirrored.unwrap_or(next))
    });
    numbered.collect()
}

/// Contests whose orders some table lacks, from both sides.
fn without_orders(all: &[Labels]) -> HashSet<Contest> {
    let lacking = all.iter().filter(|one| one.table.orders_unknown);
    let contests = lacking.flat_map(|one| &one.table.contests);
    contests
        .flat_map(|contest| [contest.clone(), contest.mirrored()])
        .collect()
}

fn kept(names: &[String], keep: bool) -> Vec<String> {
    if keep { names.to_vec() } else { Vec::new() }
}

/// Labels of several tables, being put together.
#[derive(Default)]
struct Joined {
    table: VerdictTable,
    graded: bool,
    without_orders: HashSet<Contest>,
    items: HashMap<Arc<str>, u32>,
    contests: HashMap<Contest, u32>,
    criteria: HashMap<String, u16>,
    /// How often a person was asked the same before.
    repeats: HashMap<(u32, u32, u16, Order, Vec<u16>), u16>,
}

impl Joined {
    fn add(&mut self, table: &VerdictTable, dimensions: bool, covariates: bool) {
        for judgment in &table.judgments {
            let item = &table.items[judgment.item as usize];
            let item = self.item(item, dimensions, covariates);
            let given = &table.contests[judgment.contest as usize];
            let contest = self.contest(given);
            let first_cell = self.table.cells.len() as u32;
            let mut criteria = Vec::new();
            for (place, cell) in table.cells_of(judgment).iter().enumerate() {
                let mut cell = *cell;
                cell.criterion = self.criterion(&table.criteria[usize::from(cell.criterion)]);
                criteria.push(cell.criterion);
                self.table.cells.push(cell);
                if self.graded {
                    let score = table.scores.get(judgment.first_cell as usize + place);
                    self.table.scores.push(score.copied().unwrap_or(f64::NAN));
                }
            }
            let order = if self.table.orders_unknown {
                Order::CandidateFirst
            } else if self.without_orders.contains(given) {
                self.fixed_order(given)
            } else {
                judgment.order
            };
            let key = (item, contest, judgment.sample, order, criteria);
            let repeat = self.repeats.entry(key).or_default();
            *repeat = repeat.saturating_add(1);
            self.table.judgments.push(Judgment {
                item,
                contest,
                order,
                repeat: *repeat,
                first_cell,
                ..*judgment
            });
        }
    }

    /// The order of all rows of a contest without orders: a contest and its mirror image
    /// have the same answer first.
    fn fixed_order(&self, contest: &Contest) -> Order {
        match self.contests.get(&contest.mirrored()) {
            Some(mirrored) if *mirrored < self.contests[contest] => Order::OpponentFirst,
            _ => Order::CandidateFirst,
        }
    }

    fn item(&mut self, item: &Item, dimensions: bool, covariates: bool) -> u32 {
        if let Some(known) = self.items.get(&*item.id()) {
            return *known;
        }
        let index = self.table.items.len() as u32;
        let mut new = item.clone();
        if !dimensions {
            Arc::make_mut(&mut new.persona).levels = Arc::from([]);
        }
        if !covariates {
            Arc::make_mut(&mut new.question).covariates = Arc::from([]);
        }
        self.items.insert(new.id().into(), index);
        self.table.items.push(new);
        index
    }

    fn contest(&mut self, contest: &Contest) -> u32 {
        let next = self.table.contests.len() as u32;
        *self.contests.entry(contest.clone()).or_insert_with(|| {
            self.table.contests.push(contest.clone());
            next
        })
    }

    fn criterion(&mut self, criterion: &str) -> u16 {
        if let Some(known) = self.criteria.get(criterion) {
            return *known;
        }
        let next = self.table.criteria.len() as u16;
        self.table.criteria.push(criterion.to_owned());
        self.criteria.insert(criterion.to_owned(), next);
        next
    }
}

/// Who gave the labels of a contest of a labels table.
pub fn annotator(contest: &Contest) -> &str {
    &contest.judge
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use crate::verdict::table_io::{Format, read_labels, write, write_labels};
    use std::path::Path;

    fn labels(text: &str, format: Format) -> Result<Labels, Vec<Problem>> {
        read_labels(Path::new("labels"), text.as_bytes(), format)
    }

    const SMALL: &str = "question,candidate,opponent,criterion,outcome,annotator\n\
        q1,a,b,overall,win,ann\n\
        q1,a,b,overall,tie,bob\n\
        q2,a,b,overall,loss,ann\n";

    #[test]
    fn labels_are_written_and_read_again_in_both_formats() {
        let small = labels(SMALL, Format::Csv).unwrap();
        assert_eq!(small.annotators(), ["ann", "bob"]);
        assert!(!small.is_empty());
        for format in [Format::Csv, Format::Jsonl] {
            let mut text = Vec::new();
            write_labels(&small, format, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            assert!(
                text.contains("annotator") && !text.contains("judge"),
                "{text}"
            );
            assert_eq!(labels(&text, format).unwrap(), small);
        }
    }

    #[test]
    fn tables_are_joined_and_what_is_said_again_is_a_repeat() {
        let small = labels(SMALL, Format::Csv).unwrap();
        assert_eq!(Labels::joined(vec![small.clone()]), small);
        assert_eq!(Labels::joined(Vec::new()), Labels::default());
        let other = "question,candidate,opponent,criterion,outcome,annotator,group.sex\n\
            q2,a,b,value,tie,cat,f\n\
            q1,a,b,overall,loss,ann,m\n";
        let other = labels(other, Format::Csv).unwrap();
        let joined = Labels::joined(vec![small.clone(), other]);
        assert_eq!(joined.annotators(), ["ann", "bob", "cat"]);
        assert_eq!(joined.table.items.len(), 2);
        assert_eq!(joined.table.criteria, ["overall", "value"]);
        assert_eq!(joined.table.dimensions, [""; 0]);
        let repeats: Vec<u16> = joined
            .table
            .judgments
            .iter()
            .map(|row| row.repeat)
            .collect();
        assert_eq!(repeats, [1, 1, 1, 1, 2]);
        let mut text = Vec::new();
        write_labels(&joined, Format::Csv, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(labels(&text, Format::Csv).unwrap(), joined);
    }

    #[test]
    fn tables_without_orders_leave_the_others_theirs() {
        let orders = |labels: &Labels| -> Vec<Order> {
            let judgments = labels.table.judgments.iter();
            judgments.map(|judgment| judgment.order).collect()
        };
        let without = labels(SMALL, Format::Csv).unwrap();
        let with = "question,candidate,opponent,criterion,order,outcome,annotator\n\
            q1,a,b,overall,opponent_first,win,cat\n\
            q1,a,b,overall,candidate_first,win,cat\n\
            q1,a,b,overall,opponent_first,win,ann\n";
        let with = labels(with, Format::Csv).unwrap();
        let mirrored = SMALL.replace("a,b", "b,a");
        let mirrored = labels(&mirrored, Format::Csv).unwrap();
        let joined = Labels::joined(vec![without.clone(), with, mirrored]);
        assert!(!joined.table.orders_unknown);
        let (first, second) = (Order::CandidateFirst, Order::OpponentFirst);
        assert_eq!(
            orders(&joined),
            // Ann is in both tables, so that her order is not known of all.
            [
                first, first, first, second, first, first, second, second, second
            ]
        );
        let joined = Labels::joined(vec![without.clone(), without]);
        assert!(joined.table.orders_unknown);
        assert_eq!(orders(&joined), [first; 6]);
    }

    #[test]
    fn pooled_labels_are_of_one_judge_with_a_sample_for_each_person() {
        let pooled = labels(SMALL, Format::Csv).unwrap().pooled().unwrap();
        assert_eq!(pooled.contests.len(), 1);
        assert_eq!(pooled.contests[0].judge, PEOPLE);
        let rows = pooled.judgments.iter();
        let rows: Vec<[u32; 3]> = rows
            .map(|row| [row.item, row.contest, u32::from(row.sample)])
            .collect();
        assert_eq!(rows, [[0, 0, 1], [0, 0, 2], [1, 0, 1]]);
    }

    #[test]
    fn people_who_write_a_pair_from_both_sides_have_a_sample_each() {
        let text = "question,candidate,opponent,criterion,outcome,annotator\n\
            q1,a,b,overall,win,ann\n\
            q1,b,a,overall,win,bob\n\
            q1,b,a,overall,loss,ann\n\
            q1,a,b,overall,win,cat\n\
            q2,b,a,overall,tie,bob\n";
        let pooled = labels(text, Format::Csv).unwrap().pooled().unwrap();
        assert_eq!(pooled.contests.len(), 2);
        let rows = pooled.judgments.iter();
        let rows: Vec<[u32; 3]> = rows
            .map(|row| [row.item, row.contest, u32::from(row.sample)])
            .collect();
        assert_eq!(
            rows,
            // What Ann says from both sides is one sample of two orders.
            [[0, 0, 1], [0, 1, 2], [0, 1, 1], [0, 0, 3], [1, 1, 1]]
        );
    }

    #[test]
    fn a_file_without_annotators_is_refused() {
        let text = SMALL.replace("annotator", "judge");
        let problems = labels(&text, Format::Csv).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said[0].contains("annotator"), "{said:?}");
        let lines =
            r#"{"question":"q","candidate":"a","opponent":"b","criterion":"c","outcome":"win"}"#;
        let problems = labels(lines, Format::Jsonl).unwrap_err();
        assert_eq!(problems[0].field.as_deref(), Some("annotator"));
        assert_eq!(problems[0].line, Some(1));
    }

    #[test]
    fn a_weight_that_sums_cannot_take_is_refused_by_the_name_of_its_column() {
        for column in ["weight", "x.weight"] {
            for wrong in ["1e308", "0", "inf", "1e-300", "9.9e-13"] {
                let text = format!(
                    "question,candidate,opponent,criterion,outcome,annotator,{column}\nq,a,b,c,win,p,{wrong}\n"
                );
                let problems = labels(&text, Format::Csv).unwrap_err();
                assert_eq!(problems[0].field.as_deref(), Some(column));
                assert!(problems[0].message.contains(wrong), "{}", problems[0]);
                let limits = "expected a number from 1e-12 to 1e12";
                assert!(problems[0].message.contains(limits), "{}", problems[0]);
            }
            let text = format!(
                "question,candidate,opponent,criterion,outcome,annotator,{column}\nq,a,b,c,win,p,many\nq,a,b,c,win,r,2\n"
            );
            let problems = labels(&text, Format::Csv).unwrap_err();
            assert!(problems.len() > 1, "{problems:?}");
            let mut fields = problems.iter().map(|problem| problem.field.as_deref());
            assert!(fields.all(|field| field == Some(column)), "{problems:?}");
        }
    }

    #[test]
    fn a_verdict_table_is_no_labels_table() {
        let small = labels(SMALL, Format::Csv).unwrap();
        let mut text = Vec::new();
        write(&small.table, Format::Csv, &mut text).unwrap();
        assert!(labels(&String::from_utf8(text).unwrap(), Format::Csv).is_err());
    }
}
