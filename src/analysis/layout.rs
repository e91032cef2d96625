//! The table put in order: contests that are one comparison joined, judgments
//! sorted, clusters numbered.
//!
//! Items are sorted by what they are called and not by where they stand, so that
//! sums run in the same order however the rows were written.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rayon::slice::ParallelSliceMut;

use super::clusters::ClusterColumns;
use super::options::AnalysisError;
use crate::verdict::Order;
use crate::verdict::table::{Contest, Item, Judgment, VerdictTable};

/// Items beyond which comparisons are not worked on side by side.
const ITEMS_AT_ONCE: usize = 200_000;

/// A verdict table in the order in which it is walked.
pub(super) struct Layout<'a> {
    pub(super) table: &'a VerdictTable,
    /// Items by rank.
    pub(super) items: Vec<u32>,
    /// Rank of each item of the table.
    ranks: Vec<u32>,
    /// Number of the question of each item, by rank.
    pub(super) questions: Vec<u32>,
    /// How many questions there are.
    pub(super) question_count: usize,
    /// Number of the persona of each item, by rank.
    pub(super) personas: Vec<u32>,
    /// How many personas there are.
    pub(super) persona_count: usize,
    /// Whether any item has a persona.
    pub(super) has_personas: bool,
    /// What items are clustered by besides.
    pub(super) clusters: ClusterColumns,
    pub(super) comparisons: Vec<Place>,
    /// For each contest its comparison, and whether it is seen from the other side.
    sides: Vec<(u32, bool)>,
    /// Judgments by comparison, item, sample, order and repeat.
    judgments: Vec<u32>,
}

/// A candidate, an opponent, a judge and a rubric, and where their judgments are.
pub(super) struct Place {
    pub(super) contest: Contest,
    /// Whether items are judged in both orders, and count only where both are there.
    pub(super) both_orders: bool,
    /// Criteria that its judgments have.
    pub(super) criteria: Vec<u16>,
    /// Judgments that were turned.
    pub(super) mirrored: u64,
    judgments: Range<usize>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(table: &'a VerdictTable) -> Self {
        Self::with(table, &Candidates::of(&[table]))
    }

    /// The same with candidates that another table has a say in.
    pub(super) fn with(table: &'a VerdictTable, candidates: &Candidates<'_>) -> Self {
        let (questions, question_of) = numbered(&table.items, |item| &item.question.id);
        let (personas, persona_of) = numbered(&table.items, |item| &item.persona.id);
        let mut items: Vec<u32> = (0..table.items.len() as u32).collect();
        let place = |item: &u32| (question_of[*item as usize], persona_of[*item as usize]);
        items.par_sort_unstable_by(|a, b| {
            let ids = || {
                table.items[*a as usize]
                    .id()
                    .cmp(&table.items[*b as usize].id())
            };
            place(a).cmp(&place(b)).then_with(ids)
        });
        let mut ranks = vec![0; items.len()];
        for (rank, &item) in items.iter().enumerate() {
            ranks[item as usize] = rank as u32;
        }
        let (contests, sides) = join_contests(table, candidates);
        let judgments = sorted_judgments(table, &ranks, &sides);
        let mut layout = Self {
            table,
            questions: items
                .iter()
                .map(|item| question_of[*item as usize])
                .collect(),
            personas: items
                .iter()
                .map(|item| persona_of[*item as usize])
                .collect(),
            question_count: questions.len(),
            persona_count: personas.len(),
            has_personas: personas.iter().any(|name| !name.is_empty()),
            items,
            ranks,
            clusters: ClusterColumns::default(),
            comparisons: Vec::new(),
            sides,
            judgments,
        };
        layout.comparisons = layout.places(contests);
        layout
    }

    /// The same with clusters of these names.
    pub(super) fn clustered_by(mut self, names: &[String]) -> Result<Self, AnalysisError> {
        self.clusters = ClusterColumns::new(&self, names)?;
        Ok(self)
    }

    /// The same with items that count in whatever orders they were judged, as where people
    /// label: nobody asks them for a second order, and one who gives it means no more by it.
    pub(super) fn in_any_order(mut self) -> Self {
        for place in &mut self.comparisons {
            place.both_orders = false;
        }
        self
    }

    /// Where the judgments of each comparison are; those without any are left out
    /// only by having no criteria.
    fn places(&self, contests: Vec<Contest>) -> Vec<Place> {
        let mut end = 0;
        let place = |(number, contest): (usize, Contest)| {
            let start = end;
            end += self.judgments[start..]
                .partition_point(|&judgment| self.side(judgment).0 as usize == number);
            self.place(contest, start..end)
        };
        contests.into_iter().enumerate().map(place).collect()
    }

    fn place(&self, contest: Contest, range: Range<usize>) -> Place {
        let judgments = &self.judgments[range.clone()];
        let mut seen = vec![false; self.table.criteria.len()];
        for &judgment in judgments {
            for cell in self.table.cells_of(self.judgment(judgment)) {
                seen[usize::from(cell.criterion)] = true;
            }
        }
        let of_one_sample = |a: &u32, b: &u32| {
            let (a, b) = (self.judgment(*a), self.judgment(*b));
            (a.item, a.sample) == (b.item, b.sample)
        };
        // Criteria may be judged apart, each in an order of its own.
        let mut orders = vec![[false; 2]; self.table.criteria.len()];
        let mut in_both = |sample: &[u32]| {
            let cells = || {
                sample.iter().flat_map(|&judgment| {
                    let is_mirrored = self.order(judgment) == Order::OpponentFirst;
                    let cells = self.table.cells_of(self.judgment(judgment)).iter();
                    cells.map(move |cell| (usize::from(cell.criterion), usize::from(is_mirrored)))
                })
            };
            for (criterion, order) in cells() {
                orders[criterion][order] = true;
            }
            let found = cells().any(|(criterion, _)| orders[criterion] == [true; 2]);
            for (criterion, _) in cells() {
                orders[criterion] = [false; 2];
            }
            found
        };
        Place {
            contest,
            both_orders: !self.table.orders_unknown
                && judgments.chunk_by(of_one_sample).any(&mut in_both),
            criteria: (0..self.table.criteria.len())
                .filter(|criterion| seen[*criterion])
                .map(|criterion| criterion as u16)
                .collect(),
            mirrored: judgments
                .iter()
                .filter(|judgment| self.side(**judgment).1)
                .count() as u64,
            judgments: range,
        }
    }

    /// Whether there are so many items that comparisons are worked on one after the
    /// other: each holds about 100 bytes an item meanwhile.
    pub(super) fn is_large(&self) -> bool {
        self.items.len() > ITEMS_AT_ONCE
    }

    /// What is counted as one.
    pub(super) fn unit(&self) -> &'static str {
        if self.has_personas {
            "item (one persona asked one question)"
        } else {
            "item (one question)"
        }
    }

    /// Every comparison with each of its criteria.
    pub(super) fn parts(&self) -> Vec<(usize, u16)> {
        let parts = |(number, place): (usize, &Place)| {
            place
                .criteria
                .iter()
                .map(|criterion| (number, *criterion))
                .collect::<Vec<_>>()
        };
        self.comparisons
            .iter()
            .enumerate()
            .flat_map(parts)
            .collect()
    }

    /// The judges of all comparisons, each once.
    pub(super) fn judges(&self) -> Vec<String> {
        let mut seen: HashSet<&str> = HashSet::new();
        let judges = self.comparisons.iter().map(|place| &place.contest.judge);
        judges.filter(|judge| seen.insert(judge)).cloned().collect()
    }

    /// The rank of an item of the table.
    pub(super) fn rank_of(&self, item: u32) -> u32 {
        self.ranks[item as usize]
    }

    /// The judgments of a comparison, item by item with the item's rank.
    pub(super) fn items_of(&self, comparison: usize) -> impl Iterator<Item = (u32, &[u32])> {
        self.judgments[self.comparisons[comparison].judgments.clone()]
            .chunk_by(|a, b| self.judgment(*a).item == self.judgment(*b).item)
            .map(|chunk| (self.ranks[self.judgment(chunk[0]).item as usize], chunk))
    }

    pub(super) fn judgment(&self, index: u32) -> &Judgment {
        &self.table.judgments[index as usize]
    }

    /// Whether a judgment has a verdict on a criterion.
    pub(super) fn has_verdict(&self, judgment: u32, criterion: u16) -> bool {
        let mut cells = self.table.cells_of(self.judgment(judgment)).iter();
        cells.any(|cell| cell.criterion == criterion && cell.missing.is_none())
    }

    /// The comparison of a judgment, and whether it is seen from the other side.
    pub(super) fn side(&self, judgment: u32) -> (u32, bool) {
        self.sides[self.judgment(judgment).contest as usize]
    }

    /// The order of a judgment, from the comparison's candidate's side.
    pub(super) fn order(&self, judgment: u32) -> Order {
        turned(self.judgment(judgment).order, self.side(judgment).1)
    }
}

fn turned(order: Order, mirrored: bool) -> Order {
    if mirrored { order.swapped() } else { order }
}

/// The different texts of all items, sorted, and the number of each item's.
pub(super) fn numbered<'a>(
    items: &'a [Item],
    text: impl Fn(&'a Item) -> &'a str,
) -> (Vec<&'a str>, Vec<u32>) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut texts: Vec<&str> = Vec::new();
    let mut of_item: Vec<u32> = Vec::with_capacity(items.len());
    for item in items {
        let text = text(item);
        let number = *numbers.entry(text).or_insert_with(|| {
            texts.push(text);
            texts.len() as u32 - 1
        });
        of_item.push(number);
    }
    let mut sorted: Vec<u32> = (0..texts.len() as u32).collect();
    sorted.sort_unstable_by_key(|number| texts[*number as usize]);
    let mut place = vec![0; texts.len()];
    for (rank, &number) in sorted.iter().enumerate() {
        place[number as usize] = rank as u32;
    }
    for number in &mut of_item {
        *number = place[*number as usize];
    }
    texts.sort_unstable();
    (texts, of_item)
}

/// Which of two models is the candidate, for every two that are compared.
///
/// The one from whose side more judgments are written, whoever judged; where both have as
/// many, the name that sorts first. So one comparison has one candidate, by every judge and
/// person, whatever rows are missing.
pub(super) struct Candidates<'a> {
    /// Of two models, by name.
    of: HashMap<[&'a str; 2], &'a str>,
}

impl<'a> Candidates<'a> {
    /// Those of some tables: the first that compares two models tells.
    pub(super) fn of(tables: &[&'a VerdictTable]) -> Self {
        let mut of = HashMap::new();
        for table in tables {
            let mut balance: HashMap<[&str; 2], i64> = HashMap::new();
            for judgment in &table.judgments {
                let contest = &table.contests[judgment.contest as usize];
                let (pair, is_first) = by_name(contest);
                *balance.entry(pair).or_default() += if is_first { 1 } else { -1 };
            }
            for (pair, balance) in balance {
                of.entry(pair).or_insert(pair[usize::from(balance < 0)]);
            }
        }
        Self { of }
    }

    /// Whether the opponent of a contest is the candidate of the comparison.
    fn turn(&self, contest: &Contest) -> bool {
        let candidate = self.of.get(&by_name(contest).0);
        candidate.is_some_and(|candidate| *candidate != contest.candidate)
    }
}

/// The models of a contest by name, and whether its candidate is the first.
fn by_name(contest: &Contest) -> ([&str; 2], bool) {
    let (candidate, opponent) = (contest.candidate.as_str(), contest.opponent.as_str());
    if candidate <= opponent {
        ([candidate, opponent], true)
    } else {
        ([opponent, candidate], false)
    }
}

/// Joins contests that are one comparison seen from two sides. Comparisons keep the order
/// of the table's contests.
fn join_contests(
    table: &VerdictTable,
    candidates: &Candidates<'_>,
) -> (Vec<Contest>, Vec<(u32, bool)>) {
    let mut numbers: HashMap<Contest, u32> = HashMap::new();
    let mut comparisons: Vec<Contest> = Vec::new();
    let mut side = |contest: &Contest| {
        let turn = candidates.turn(contest);
        let comparison = if turn {
            contest.mirrored()
        } else {
            contest.clone()
        };
        let next = comparisons.len() as u32;
        let number = *numbers.entry(comparison).or_insert_with_key(|comparison| {
            comparisons.push(comparison.clone());
            next
        });
        (number, turn)
    };
    let sides = table.contests.iter().map(&mut side).collect();
    (comparisons, sides)
}

/// Judgments by comparison, item, sample, order and repeat.
fn sorted_judgments(table: &VerdictTable, ranks: &[u32], sides: &[(u32, bool)]) -> Vec<u32> {
    let key = |(index, judgment): (usize, &Judgment)| {
        let (comparison, mirrored) = sides[judgment.contest as usize];
        let second = turned(judgment.order, mirrored) == Order::OpponentFirst;
        let mut key = u128::from(comparison) << 32 | u128::from(ranks[judgment.item as usize]);
        key = key << 16 | u128::from(judgment.sample);
        key = key << 1 | u128::from(second);
        key = key << 16 | u128::from(judgment.repeat);
        // The index fits: a table holds at most 2^32 cells and so judgments, and
        // the key has 31 bits to spare beside the 97 above.
        key << 31 | (index as u128 & 0x7fff_ffff)
    };
    let mut keys: Vec<u128> = table.judgments.iter().enumerate().map(key).collect();
    keys.par_sort_unstable();
    keys.into_iter()
        .map(|key| (key & 0x7fff_ffff) as u32)
        .collect()
}
