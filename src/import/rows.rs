//! Rows of foreign files into a [`VerdictTable`].
//!
//! Invariants: rows for the same judgment (also one written from the other side)
//! are told apart by their repeat, in the order in which they come. Which answer
//! was shown first is in the table where it is known of every win and every loss, and
//! else of none.

use std::collections::HashMap;
use std::sync::Arc;

use crate::verdict::table::{
    Cell, Contest, Item, ItemPersona, ItemQuestion, Judgment, Names, Shared, VerdictTable,
};
use crate::verdict::{MissingReason, Order, Outcome};

/// A verdict as a foreign file gives it, from the candidate's side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// Win, tie or loss.
    Given(Outcome),
    /// The candidate's share in [0, 1].
    Graded(f64),
    /// None.
    Missing(MissingReason),
}

impl Verdict {
    /// Seen from the opponent's side.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Given(Outcome::Win) => Self::Given(Outcome::Loss),
            Self::Given(Outcome::Loss) => Self::Given(Outcome::Win),
            Self::Graded(share) => Self::Graded(1.0 - share),
            other => other,
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Given(outcome) => outcome,
            Self::Graded(share) if share > 0.5 => Outcome::Win,
            Self::Graded(share) if share < 0.5 => Outcome::Loss,
            Self::Graded(_) => Outcome::Tie,
            Self::Missing(_) => Outcome::Missing,
        }
    }
}

/// What was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked<'a> {
    /// Unique id; the persona and question where empty.
    pub(super) item: &'a str,
    pub(super) persona: &'a str,
    pub(super) question: &'a str,
    pub(super) topic: Option<&'a str>,
    /// Parallel to [`Rows::dimensions`].
    pub(super) levels: &'a [Option<&'a str>],
    /// Parallel to [`Rows::covariates`].
    pub(super) covariates: &'a [Option<&'a str>],
}

/// One judgment on one criterion.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    pub(super) asked: Asked<'a>,
    pub(super) candidate: &'a str,
    pub(super) opponent: &'a str,
    pub(super) judge: &'a str,
    pub(super) rubric: &'a str,
    pub(super) criterion: &'a str,
    pub(super) order: Option<Order>,
    pub(super) sample: u16,
    pub(super) verdict: Verdict,
    pub(super) candidate_chars: Option<u32>,
    pub(super) opponent_chars: Option<u32>,
}

/// Collects rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    table: VerdictTable,
    names: Names,
    personas: Shared<ItemPersona>,
    questions: Shared<ItemQuestion>,
    items: HashMap<Arc<str>, u32>,
    contests: HashMap<Contest, u32>,
    criteria: HashMap<String, u16>,
    orders: Vec<Option<Order>>,
    graded: bool,
}

/// How many rows say which answer was shown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OrdersKnown {
    /// Wins and losses.
    pub(super) decided: usize,
    /// Of these, rows that say it.
    pub(super) known: usize,
    /// Ties that do not say it, which mean the same in either order.
    pub(super) ties_unknown: usize,
}

impl OrdersKnown {
    /// Whether the table has orders.
    pub(super) fn are_kept(self) -> bool {
        self.known > 0 && self.known == self.decided
    }
}

impl Rows {
    /// For a table with these dimensions and covariates.
    pub(super) fn new(dimensions: &[&str], covariates: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            table: VerdictTable {
                dimensions: owned(dimensions),
                covariates: owned(covariates),
                ..VerdictTable::default()
            },
            ..Self::default()
        }
    }

    /// Whether no row was pushed.
    pub(super) fn is_empty(&self) -> bool {
        self.table.judgments.is_empty()
    }

    pub(super) fn push(&mut self, row: &Row<'_>) {
        let item = self.item(&row.asked);
        let contest = self.contest(row);
        let criterion = self.criterion(row.criterion);
        self.table.judgments.push(Judgment {
            item,
            contest,
            order: row.order.unwrap_or(Order::CandidateFirst),
            sample: row.sample.max(1),
            repeat: 1,
            candidate_chars: row.candidate_chars.into(),
            opponent_chars: row.opponent_chars.into(),
            first_cell: self.table.cells.len() as u32,
            cell_count: 1,
        });
        self.orders.push(row.order);
        let missing = match row.verdict {
            Verdict::Missing(reason) => Some(reason),
            _ => None,
        };
        self.table.cells.push(Cell {
            criterion,
            outcome: row.verdict.outcome(),
            missing,
        });
        let score = match row.verdict {
            Verdict::Graded(share) => share,
            _ => f64::NAN,
        };
        self.graded |= !score.is_nan();
        self.table.scores.push(score);
    }

    fn item(&mut self, asked: &Asked<'_>) -> u32 {
        let made;
        let id = if !asked.item.is_empty() {
            asked.item
        } else if asked.persona.is_empty() {
            asked.question
        } else {
            made = format!("{}/{}", asked.persona, asked.question);
            &made
        };
        if let Some(&known) = self.items.get(id) {
            return known;
        }
        let some = |text: &&str| !text.is_empty();
        let id = self.names.text(id);
        let persona = self.names.text(asked.persona);
        let question = self.names.text(asked.question);
        let topic = self.names.optional(asked.topic.filter(some));
        let levels = self.names.row(
            (0..self.table.dimensions.len())
                .map(|i| asked.levels.get(i).copied().flatten().filter(some)),
        );
        let covariates = self.names.row(
            (0..self.table.covariates.len())
                .map(|i| asked.covariates.get(i).copied().flatten().filter(some)),
        );
        let index = self.table.items.len() as u32;
        let item = Item {
            variant: None,
            own_id: None,
            persona: self.personas.one(ItemPersona {
                id: persona,
                split: None,
                levels,
            }),
            question: self.questions.one(ItemQuestion {
                id: question,
                topic,
                covariates,
            }),
        };
        self.table.items.push(item.called(Arc::clone(&id)));
        self.items.insert(id, index);
        index
    }

    fn contest(&mut self, row: &Row<'_>) -> u32 {
        let contest = Contest {
            candidate: row.candidate.to_owned(),
            opponent: row.opponent.to_owned(),
            judge: row.judge.to_owned(),
            rubric: row.rubric.to_owned(),
        };
        if let Some(&known) = self.contests.get(&contest) {
            return known;
        }
        let index = self.table.contests.len() as u32;
        self.table.contests.push(contest.clone());
        self.contests.insert(contest, index);
        index
    }

    fn criterion(&mut self, name: &str) -> u16 {
        if let Some(&known) = self.criteria.get(name) {
            return known;
        }
        // An import with more is refused once it is whole.
        let index = self.table.criteria.len().min(usize::from(u16::MAX)) as u16;
        self.table.criteria.push(name.to_owned());
        self.criteria.insert(name.to_owned(), index);
        index
    }

    /// The table, and how many rows say which answer was shown first.
    pub(super) fn finish(mut self) -> (VerdictTable, OrdersKnown) {
        let mut orders = OrdersKnown::default();
        for (order, cell) in self.orders.iter().zip(&self.table.cells) {
            match cell.outcome {
                Outcome::Missing => {}
                Outcome::Tie => orders.ties_unknown += usize::from(order.is_none()),
                Outcome::Win | Outcome::Loss => {
                    orders.decided += 1;
                    orders.known += usize::from(order.is_some());
                }
            }
        }
        let all_known = self.orders.iter().all(Option::is_some);
        self.table.orders_unknown =
            !self.table.judgments.is_empty() && !all_known && !orders.are_kept();
        if self.table.orders_unknown {
            for judgment in &mut self.table.judgments {
                judgment.order = Order::CandidateFirst;
            }
        }
        if !self.graded {
            self.table.scores.clear();
        }
        self.number_repeats();
        (self.table, orders)
    }

    fn number_repeats(&mut self) {
        let canonical: Vec<(u32, bool)> = self
            .table
            .contests
            .iter()
            .zip(0..)
            .map(|(contest, index)| {
                let mirrored = Contest {
                    candidate: contest.opponent.clone(),
                    opponent: contest.candidate.clone(),
                    ..contest.clone()
                };
                match self.contests.get(&mirrored) {
                    Some(&other) if other < index => (other, true),
                    _ => (index, false),
                }
            })
            .collect();
        let unknown = self.table.orders_unknown;
        let mut seen: HashMap<(u32, u32, u16, Order, u16), u16> = HashMap::new();
        for (judgment, cell) in self.table.judgments.iter_mut().zip(&self.table.cells) {
            let (contest, mirrored) = canonical[judgment.contest as usize];
            let order = if mirrored && !unknown {
                judgment.order.swapped()
            } else {
                judgment.order
            };
            let key = (
                judgment.item,
                contest,
                cell.criterion,
                order,
                judgment.sample,
            );
            let repeat = seen.entry(key).or_default();
            *repeat = repeat.saturating_add(1);
            judgment.repeat = *repeat;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::table_io::{Format, read, write};
    use std::path::Path;

    fn row(question: &str, order: Option<Order>, verdict: Verdict) -> Row<'_> {
        Row {
            asked: Asked {
                question,
                ..Asked::default()
            },
            candidate: "a",
            opponent: "b",
            judge: "j",
            rubric: "r",
            criterion: "overall",
            order,
            sample: 1,
            verdict,
            candidate_chars: None,
            opponent_chars: Some(3),
        }
    }

    fn read_again(table: &VerdictTable) -> VerdictTable {
        let mut text = Vec::new();
        write(table, Format::Csv, &mut text).unwrap();
        read(Path::new("v.csv"), &text[..], Format::Csv).unwrap()
    }

    #[test]
    fn rows_become_a_table_that_is_written_and_read_again() {
        let mut rows = Rows::new(&[], &["len"]);
        rows.push(&row(
            "q1",
            Some(Order::OpponentFirst),
            Verdict::Given(Outcome::Win),
        ));
        rows.push(&row(
            "q1",
            Some(Order::OpponentFirst),
            Verdict::Given(Outcome::Loss),
        ));
        rows.push(&row("q2", None, Verdict::Missing(MissingReason::NoVerdict)));
        let (table, orders) = rows.finish();
        assert_eq!((orders.decided, orders.known), (2, 2));
        assert!(!table.orders_unknown);
        assert_eq!(table.judgments[1].repeat, 2);
        assert!(table.scores.is_empty());
        assert_eq!(read_again(&table), table);
    }

    #[test]
    fn a_row_from_the_other_side_is_a_repeat_of_the_same_judgment() {
        let mut rows = Rows::default();
        rows.push(&row(
            "q",
            Some(Order::CandidateFirst),
            Verdict::Graded(0.75),
        ));
        let mut other = row(
            "q",
            Some(Order::OpponentFirst),
            Verdict::Graded(0.75).mirrored(),
        );
        (other.candidate, other.opponent) = ("b", "a");
        rows.push(&other);
        let (table, _) = rows.finish();
        assert_eq!(table.judgments[1].repeat, 2);
        assert_eq!(table.scores, [0.75, 0.25]);
        read_again(&table);
    }

    #[test]
    fn one_order_that_is_not_known_makes_none_known() {
        let mut rows = Rows::default();
        rows.push(&row(
            "q",
            Some(Order::OpponentFirst),
            Verdict::Given(Outcome::Win),
        ));
        rows.push(&row("q", None, Verdict::Given(Outcome::Loss)));
        let (table, orders) = rows.finish();
        assert!(table.orders_unknown);
        assert_eq!(orders.known, 1);
        assert_eq!(table.judgments[1].repeat, 2);
        read_again(&table);
    }

    #[test]
    fn a_tie_whose_order_is_not_known_leaves_the_others_theirs() {
        let mut rows = Rows::default();
        rows.push(&row(
            "q",
            Some(Order::OpponentFirst),
            Verdict::Given(Outcome::Win),
        ));
        rows.push(&row("r", None, Verdict::Graded(0.5)));
        let (table, orders) = rows.finish();
        assert!(!table.orders_unknown);
        assert_eq!(orders.ties_unknown, 1);
        assert_eq!(table.judgments[0].order, Order::OpponentFirst);
    }
}
