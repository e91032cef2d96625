//! Rows of foreign files into a [`VerdictTable`].
//!
//! Invariants: rows for the same judgment (also one written from the other side)
//! are told apart by their repeat, in the order in which they come. Which answer
//! was shown first is in the table for the contests of which it is known for every win
//! and every loss. The rows of the others all have one order there; where no contest
//! has orders, the table has none. An item is what the first of its rows says of it; a row
//! that says something else is never taken in silence.

mod unlike;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use rayon::slice::ParallelSliceMut as _;

use super::tally::{Effect, Tally};
use crate::verdict::table::{
    Cell, Contest, Item, ItemPersona, ItemQuestion, Judgment, Names, Shared, VerdictTable,
};
use crate::verdict::{MissingReason, Order, Outcome, styles};
pub(super) use unlike::Unlike;

/// What a question without a name is called.
pub(super) const UNNAMED: &str = "(no question id)";

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
    /// Whether the question is but the item's id, which says nothing of a known item.
    pub(super) has_no_question: bool,
    /// Here and below `None` says nothing of the item, and an empty text that it has none.
    pub(super) topic: Option<&'a str>,
    /// Parallel to the table's dimensions.
    pub(super) levels: &'a [Option<&'a str>],
    /// Parallel to the table's covariates.
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
    /// Items by the hashes of their ids, since the ids of many are not kept as texts.
    items: HashMap<u64, u32>,
    contests: HashMap<Contest, u32>,
    criteria: HashMap<String, u16>,
    orders: Vec<Option<Order>>,
    /// Covariates of which some item has something else than a number.
    not_numbers: BTreeSet<usize>,
    /// Of which covariates the rows of a candidate and an opponent have a value.
    given: HashMap<[String; 2], BTreeSet<usize>>,
    /// Files, each with the first of its rows.
    files: Vec<(usize, usize)>,
    /// What rows say of their items that earlier ones do not.
    pub(super) unlike: Tally,
}

/// How many rows of a file are the same judgments as rows of an earlier one.
pub(super) type Again = BTreeMap<[usize; 2], u64>;

/// How many rows say which answer was shown first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OrdersKnown {
    /// Wins and losses.
    pub(super) decided: usize,
    /// Of these, rows that say it.
    pub(super) known: usize,
    /// Ties that do not say it, which mean the same in either order; of contests that
    /// keep their orders.
    pub(super) ties_unknown: usize,
    /// Contests whose rows all have one order in the table, because their orders are not
    /// known and those of others are.
    pub(super) fixed: Vec<Contest>,
}

/// What the rows of a contest say of their orders.
#[derive(Debug, Clone, Copy, Default)]
struct ContestOrders {
    rows: usize,
    rows_known: usize,
    decided: usize,
    decided_known: usize,
    ties_unknown: usize,
}

impl ContestOrders {
    fn add(&mut self, order: Option<Order>, outcome: Outcome) {
        let known = usize::from(order.is_some());
        self.rows += 1;
        self.rows_known += known;
        match outcome {
            Outcome::Missing => {}
            Outcome::Tie => self.ties_unknown += 1 - known,
            Outcome::Win | Outcome::Loss => {
                self.decided += 1;
                self.decided_known += known;
            }
        }
    }

    /// Whether every win and loss has an order.
    fn are_known(&self) -> bool {
        self.decided > 0 && self.decided_known == self.decided
    }

    fn are_kept(&self) -> bool {
        self.are_known() || self.rows_known == self.rows
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

    /// Says that the rows that follow are of a file.
    pub(super) fn begin(&mut self, file: usize) {
        self.files.push((self.table.judgments.len(), file));
    }

    /// The file of a row, where that is known.
    fn file_of(&self, row: u32) -> Option<usize> {
        let begun = self
            .files
            .partition_point(|(first, _)| *first <= row as usize);
        Some(self.files[begun.checked_sub(1)?].1)
    }

    /// Whether no row was pushed.
    pub(super) fn is_empty(&self) -> bool {
        self.table.judgments.is_empty()
    }

    /// Adds a row. Where it says something else of its item than an earlier one, that one
    /// stands, and the row is counted.
    pub(super) fn push(&mut self, row: &Row<'_>) {
        for unlike in self.add(row) {
            let first = || format!("item {}", unlike.item);
            self.unlike.add(Effect::Kept, &unlike.reason, first);
        }
    }

    /// Adds a row, and gives what it says of its item that an earlier one does not.
    pub(super) fn add(&mut self, row: &Row<'_>) -> Vec<Unlike> {
        self.note_given(row);
        let (item, mut unlike) = self.item(&row.asked);
        unlike.extend(self.add_numbers(item, row.asked.covariates));
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
            // Until one is graded there is no list of scores.
            _ if self.table.scores.is_empty() => return unlike,
            _ => f64::NAN,
        };
        let before = self.table.cells.len() - 1;
        self.table.scores.resize(before, f64::NAN);
        self.table.scores.push(score);
        unlike
    }

    /// Numbers that rows of other models give may be of their answers, and those of the same
    /// two turned have the other sign: where the rows of a candidate and an opponent have none
    /// of a covariate, they do not take what stands at the item.
    fn note_given(&mut self, row: &Row<'_>) {
        if self.table.covariates.is_empty() {
            return;
        }
        let covariates = row.asked.covariates.iter().zip(0..);
        let given: BTreeSet<usize> = covariates
            .filter_map(|(value, covariate)| value.map(|_| covariate))
            .collect();
        let models = [row.candidate.to_owned(), row.opponent.to_owned()];
        let known = self.given.entry(models).or_default();
        known.extend(given);
        let all = 0..self.table.covariates.len();
        let lacks: Vec<usize> = all.filter(|covariate| !known.contains(covariate)).collect();
        for covariate in lacks {
            let is_of_others = self.given.values().any(|given| given.contains(&covariate));
            if is_of_others && self.table.style(covariate).is_none() {
                self.widen(covariate);
            }
        }
    }

    /// The item of a row, and what the row says of it that an earlier one does not.
    fn item(&mut self, asked: &Asked<'_>) -> (u32, Vec<Unlike>) {
        let made;
        // A table has no question without a name.
        let question = match asked.question.trim() {
            "" => UNNAMED,
            _ => asked.question,
        };
        let id = if !asked.item.trim().is_empty() {
            asked.item
        } else if asked.persona.is_empty() {
            question
        } else {
            made = format!("{}/{question}", asked.persona);
            &made
        };
        let place = match self.find(id) {
            Ok(known) => return (known, self.compare(known, question, asked)),
            Err(place) => place,
        };
        let some = |text: &&str| !text.is_empty();
        let persona = self.names.text(asked.persona);
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
            not_begun: false,
            persona: self.personas.one(ItemPersona {
                id: persona,
                split: None,
                levels,
            }),
            // Questions are kept once as they are; their names need no copy of their own.
            question: self.questions.one(ItemQuestion {
                id: Arc::from(question),
                topic,
                covariates,
            }),
        };
        self.table.items.push(item.called(id));
        self.items.insert(place, index);
        (index, Vec::new())
    }

    /// The item of this id, or the place that it should have among [`Self::items`].
    fn find(&self, id: &str) -> Result<u32, u64> {
        let mut place = self.items.hasher().hash_one(id);
        while let Some(&known) = self.items.get(&place) {
            if *self.table.items[known as usize].id() == *id {
                return Ok(known);
            }
            place = place.wrapping_add(1);
        }
        Err(place)
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

    /// The table, how many rows say which answer was shown first, and how many an earlier
    /// file has too.
    pub(super) fn finish(mut self) -> (VerdictTable, OrdersKnown, Again) {
        let canonical = self.canonical();
        let orders = self.settle_orders(&canonical);
        let again = self.number_repeats(&canonical);
        styles::finish(&mut self.table, &mut self.questions);
        (self.table, orders, again)
    }

    /// Leaves the orders of each contest as they are, or gives all of its rows one.
    fn settle_orders(&mut self, canonical: &[(u32, bool)]) -> OrdersKnown {
        let table = &mut self.table;
        let mut of_contest = vec![ContestOrders::default(); table.contests.len()];
        let rows = table.judgments.iter().zip(&self.orders).zip(&table.cells);
        for ((judgment, order), cell) in rows {
            let (contest, _) = canonical[judgment.contest as usize];
            of_contest[contest as usize].add(*order, cell.outcome);
        }
        let any = of_contest.iter().any(ContestOrders::are_known);
        let all = of_contest.iter().all(ContestOrders::are_kept);
        table.orders_unknown = !table.judgments.is_empty() && !any && !all;
        let is_kept = |contest: u32| any && of_contest[contest as usize].are_kept() || all;
        for judgment in &mut table.judgments {
            let (contest, mirrored) = canonical[judgment.contest as usize];
            if !is_kept(contest) {
                // A contest and its mirror image have the same answer first.
                judgment.order = if mirrored && any {
                    Order::OpponentFirst
                } else {
                    Order::CandidateFirst
                };
            }
        }
        let mut known = OrdersKnown::default();
        for ((contest, one), index) in table.contests.iter().zip(&of_contest).zip(0..) {
            known.decided += one.decided;
            known.known += one.decided_known;
            if is_kept(index) {
                known.ties_unknown += one.ties_unknown;
            } else if any && one.rows > 0 {
                known.fixed.push(contest.clone());
            }
        }
        known
    }

    /// Of each contest the first that compares the same models, and whether from the
    /// other side.
    fn canonical(&self) -> Vec<(u32, bool)> {
        self.table
            .contests
            .iter()
            .zip(0..)
            .map(
                |(contest, index)| match self.contests.get(&contest.mirrored()) {
                    Some(&other) if other < index => (other, true),
                    _ => (index, false),
                },
            )
            .collect()
    }

    fn number_repeats(&mut self, canonical: &[(u32, bool)]) -> Again {
        let table = &self.table;
        let same = |row: u32| {
            let judgment = &table.judgments[row as usize];
            let (contest, mirrored) = canonical[judgment.contest as usize];
            let order = if mirrored && !table.orders_unknown {
                judgment.order.swapped()
            } else {
                judgment.order
            };
            let criterion = table.cells[row as usize].criterion;
            (judgment.item, contest, criterion, order, judgment.sample)
        };
        let mut rows: Vec<u32> = (0..table.judgments.len() as u32).collect();
        rows.par_sort_unstable_by_key(|&row| (same(row), row));
        let mut again = Again::new();
        let mut repeats = vec![1; rows.len()];
        for of_one in rows.chunk_by(|a, b| same(*a) == same(*b)) {
            let first = self.file_of(of_one[0]);
            for (&row, before) in of_one.iter().zip(0_usize..).skip(1) {
                repeats[row as usize] = u16::try_from(before + 1).unwrap_or(u16::MAX);
                if let (Some(first), Some(file)) = (first, self.file_of(row))
                    && first != file
                {
                    *again.entry([first, file]).or_default() += 1;
                }
            }
        }
        for (judgment, repeat) in self.table.judgments.iter_mut().zip(repeats) {
            judgment.repeat = repeat;
        }
        again
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
        let (table, orders, _) = rows.finish();
        assert_eq!((orders.decided, orders.known), (2, 2));
        assert!(!table.orders_unknown);
        assert_eq!(table.judgments[1].repeat, 2);
        assert!(table.scores.is_empty());
        assert_eq!(read_again(&table), table);
    }

    #[test]
    fn a_number_that_differs_within_a_question_is_kept_of_each_row() {
        let mut rows = Rows::new(&[], &["bold", "kind"]);
        for given in [["3", "u"], ["-1", "v"], ["many", ""]] {
            let given = given.map(Some);
            let mut row = row("q1", None, Verdict::Given(Outcome::Win));
            row.asked.covariates = &given;
            rows.push(&row);
        }
        let table = rows.finish().0;
        let numbers = &table.styles[0].numbers;
        assert_eq!((table.styles.len(), numbers[0], numbers[1]), (1, 3.0, -1.0));
        assert!(numbers[2].is_nan());
        assert_eq!(
            &*table.items[0].question.covariates,
            [None, Some("u".into())]
        );
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
        let table = rows.finish().0;
        assert_eq!(table.judgments[1].repeat, 2);
        assert_eq!(table.scores, [0.75, 0.25]);
        read_again(&table);
    }

    #[test]
    fn rows_that_two_files_have_are_counted() {
        let mut rows = Rows::default();
        let win = |question| row(question, None, Verdict::Given(Outcome::Win));
        rows.push(&win("q"));
        for (file, questions) in [(0, ["q", "r"]), (1, ["q", "s"]), (2, ["r", "r"])] {
            rows.begin(file);
            for question in questions {
                rows.push(&win(question));
            }
        }
        let (table, _, again) = rows.finish();
        assert_eq!(again, Again::from([([0, 2], 2)]));
        let repeats = table.judgments.iter().map(|judgment| judgment.repeat);
        assert_eq!(repeats.collect::<Vec<u16>>(), [1, 2, 1, 3, 1, 2, 3]);
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
        let (table, orders, _) = rows.finish();
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
        let (table, orders, _) = rows.finish();
        assert!(!table.orders_unknown);
        assert_eq!(orders.ties_unknown, 1);
        assert_eq!(table.judgments[0].order, Order::OpponentFirst);
    }

    #[test]
    fn a_contest_without_orders_leaves_the_others_theirs() {
        let mut rows = Rows::default();
        for order in [Order::CandidateFirst, Order::OpponentFirst] {
            rows.push(&row("q", Some(order), Verdict::Given(Outcome::Win)));
        }
        for (candidate, opponent) in [("c", "d"), ("d", "c")] {
            rows.push(&Row {
                candidate,
                opponent,
                ..row("q", None, Verdict::Given(Outcome::Win))
            });
        }
        let (table, orders, _) = rows.finish();
        assert!(!table.orders_unknown);
        let of_rows: Vec<(Order, u16)> = table
            .judgments
            .iter()
            .map(|judgment| (judgment.order, judgment.repeat))
            .collect();
        assert_eq!(
            of_rows,
            [
                (Order::CandidateFirst, 1),
                (Order::OpponentFirst, 1),
                (Order::CandidateFirst, 1),
                // The same answer first as in the row before, of which it is a repeat.
                (Order::OpponentFirst, 2),
            ]
        );
        assert_eq!(orders.fixed, table.contests[1..2]);
        read_again(&table);
    }
    #[test]
    fn a_question_without_a_name_is_called_something_that_can_be_read_again() {
        let mut rows = Rows::default();
        rows.push(&row("", None, Verdict::Given(Outcome::Win)));
        let table = rows.finish().0;
        assert_eq!(&*table.items[0].question.id, UNNAMED);
        read_again(&table);
    }
}
