//! From the judgments of an item to its score on one criterion.
//!
//! The rules are those of the room's header: repeats within an order, orders
//! within a sample, samples within an item.

use super::layout::Layout;
use super::report::{Missing, OrderCounts};
use crate::stats::planning::SampleScores;
use crate::verdict::table::Cell;
use crate::verdict::{MissingReason, Order, Outcome};

/// What an item adds to an estimate. A number it does not have is NaN, inside this
/// room only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ItemScore {
    /// Rank of the item.
    pub(super) item: u32,
    /// First-first less second-second pairs.
    pub(super) net_first: i32,
    /// The candidate's share.
    pub(super) score: f64,
    /// The share of the answer shown first.
    pub(super) first_shown: f64,
    /// The candidate's share where different verdicts are a tie.
    pub(super) inconsistent_is_tie: f64,
    /// The candidate's share where different verdicts are left out.
    pub(super) drop_inconsistent: f64,
}

/// Counts and sums over items.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    pub(super) candidate_first: OrderCounts,
    pub(super) opponent_first: OrderCounts,
    pub(super) planned: u64,
    pub(super) begun: u64,
    pub(super) one_order_only: u64,
    /// Sum over begun items of the share of their samples that count.
    pub(super) share: f64,
    /// Sum over begun items of the score with all missing lost.
    pub(super) low: f64,
    /// Sum over begun items of the score with all missing won.
    pub(super) high: f64,
    pub(super) consistent: u64,
    pub(super) first_first: u64,
    pub(super) second_second: u64,
    pub(super) half_tied: u64,
    /// Pairs of repeats of one order of a sample, and those with the same verdict.
    pub(super) repeat_pairs: u64,
    pub(super) repeat_consistent: u64,
}

impl Tally {
    pub(super) fn merge(&mut self, other: &Self) {
        self.candidate_first.merge(&other.candidate_first);
        self.opponent_first.merge(&other.opponent_first);
        self.planned += other.planned;
        self.begun += other.begun;
        self.one_order_only += other.one_order_only;
        self.share += other.share;
        self.low += other.low;
        self.high += other.high;
        self.consistent += other.consistent;
        self.first_first += other.first_first;
        self.second_second += other.second_second;
        self.half_tied += other.half_tied;
        self.repeat_pairs += other.repeat_pairs;
        self.repeat_consistent += other.repeat_consistent;
    }

    /// Judgments of both orders.
    pub(super) fn judgments(&self) -> OrderCounts {
        let mut all = self.candidate_first;
        all.merge(&self.opponent_first);
        all
    }

    fn order(&mut self, order: Order) -> &mut OrderCounts {
        match order {
            Order::CandidateFirst => &mut self.candidate_first,
            Order::OpponentFirst => &mut self.opponent_first,
        }
    }
}

impl OrderCounts {
    fn merge(&mut self, other: &Self) {
        self.wins += other.wins;
        self.ties += other.ties;
        self.losses += other.losses;
        self.missing.merge(&other.missing);
    }

    fn add(&mut self, outcome: Outcome, missing: Option<MissingReason>) {
        match outcome {
            Outcome::Win => self.wins += 1,
            Outcome::Tie => self.ties += 1,
            Outcome::Loss => self.losses += 1,
            Outcome::Missing => self
                .missing
                .add(missing.unwrap_or(MissingReason::NoVerdict), 1),
        }
    }

    /// All of them.
    pub(super) fn total(&self) -> u64 {
        self.wins + self.ties + self.losses + self.missing.total()
    }
}

/// One verdict from the candidate's side.
#[derive(Debug, Clone, Copy)]
struct Verdict {
    sample: u16,
    order: Order,
    repeat: u16,
    outcome: Outcome,
    missing: Option<MissingReason>,
    /// `None` where it is missing.
    score: Option<f64>,
}

/// Hands every item of a comparison that was planned for a criterion to `take`, by
/// rank.
pub(super) fn visit(
    layout: &Layout<'_>,
    comparison: usize,
    criterion: u16,
    mut take: impl FnMut(ItemScore, &Tally),
) {
    let both_orders = layout.comparisons[comparison].both_orders;
    let mut verdicts = Vec::new();
    for (item, judgments) in layout.items_of(comparison) {
        verdicts.clear();
        verdicts.extend(
            judgments
                .iter()
                .filter_map(|&judgment| verdict_of(layout, judgment, criterion)),
        );
        if !verdicts.is_empty() {
            let (score, tally) =
                score_item(item, &verdicts, both_orders, is_begun(layout, judgments));
            take(score, &tally);
        }
    }
}

/// Hands the scores of every item with a score to `take`, those of each sample that counts
/// by order and repeat, from the candidate's side.
pub(super) fn visit_samples(
    layout: &Layout<'_>,
    comparison: usize,
    criterion: u16,
    mut take: impl FnMut(&[SampleScores]),
) {
    let both_orders = layout.comparisons[comparison].both_orders;
    for (_, judgments) in layout.items_of(comparison) {
        let verdicts: Vec<Verdict> = (judgments.iter())
            .filter_map(|&judgment| verdict_of(layout, judgment, criterion))
            .collect();
        let mut samples: Vec<SampleScores> = Vec::new();
        for sample in verdicts.chunk_by(|a, b| a.sample == b.sample) {
            let of = |order: Order| -> Vec<f64> {
                let shown = sample.iter().filter(|verdict| verdict.order == order);
                shown.filter_map(|verdict| verdict.score).collect()
            };
            let scores = [of(Order::CandidateFirst), of(Order::OpponentFirst)];
            let orders = scores.iter().filter(|scores| !scores.is_empty()).count();
            if orders == 2 || (orders == 1 && !both_orders) {
                samples.push(scores);
            }
        }
        if !samples.is_empty() {
            take(&samples);
        }
    }
}

/// Whether anything about an item was judged, or failed, on any criterion.
fn is_begun(layout: &Layout<'_>, judgments: &[u32]) -> bool {
    let mut judgments = judgments.iter().map(|&judgment| layout.judgment(judgment));
    judgments.any(|judgment| layout.table.is_begun_by(judgment))
}

fn verdict_of(layout: &Layout<'_>, index: u32, criterion: u16) -> Option<Verdict> {
    let judgment = layout.judgment(index);
    let cells = layout.table.cells_of(judgment);
    let place = cells.iter().position(|cell| cell.criterion == criterion)?;
    let Cell {
        outcome, missing, ..
    } = cells[place];
    let score = layout.table.score(judgment.first_cell as usize + place);
    let (_, mirrored) = layout.side(index);
    Some(Verdict {
        sample: judgment.sample,
        order: layout.order(index),
        repeat: judgment.repeat,
        outcome: if mirrored { mirror(outcome) } else { outcome },
        missing,
        score: if mirrored {
            score.map(|score| 1.0 - score)
        } else {
            score
        },
    })
}

pub(super) fn mirror(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Win => Outcome::Loss,
        Outcome::Loss => Outcome::Win,
        same => same,
    }
}

/// A mean this near one half is one half but for rounding.
const ROUNDING: f64 = 1e-9;

/// A mean that is being taken. One half is met exactly: an item whose judgments balance
/// is tied, in whatever order their thirds and tenths were added up.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    n: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.n += 1;
    }

    fn add_some(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.add(value);
        }
    }

    fn value(self) -> Option<f64> {
        let mean = self.sum / f64::from(self.n);
        let is_half = (mean - 0.5).abs() < ROUNDING;
        (self.n > 0).then_some(if is_half { 0.5 } else { mean })
    }

    fn value_or_nan(self) -> f64 {
        self.value().unwrap_or(f64::NAN)
    }
}

/// The score of an item from its verdicts, which are sorted by sample, order and
/// repeat.
fn score_item(
    item: u32,
    verdicts: &[Verdict],
    both_orders: bool,
    begun: bool,
) -> (ItemScore, Tally) {
    let mut tally = Tally {
        planned: 1,
        begun: u64::from(begun),
        ..Tally::default()
    };
    for verdict in verdicts {
        tally
            .order(verdict.order)
            .add(verdict.outcome, verdict.missing);
    }
    let mut means = [Mean::default(); 4];
    let [score, first_shown, inconsistent_is_tie, drop_inconsistent] = &mut means;
    let (mut low, mut high) = (Mean::default(), Mean::default());
    let mut one_order_only = false;
    for sample in verdicts.chunk_by(|a, b| a.sample == b.sample) {
        let split = sample.partition_point(|verdict| verdict.order == Order::CandidateFirst);
        tally.add_repeats(&sample[..split]);
        tally.add_repeats(&sample[split..]);
        let orders = [
            OrderMean::of(&sample[..split]),
            OrderMean::of(&sample[split..]),
        ];
        low.add_some(join_bounds(orders.map(|order| order.low), both_orders, 0.0));
        high.add_some(join_bounds(
            orders.map(|order| order.high),
            both_orders,
            1.0,
        ));
        let [first, second] = orders.map(|order| order.score);
        score.add_some(join(first, second, both_orders));
        first_shown.add_some(join(first, second.map(|second| 1.0 - second), both_orders));
        if both_orders {
            one_order_only |= split == 0 || split == sample.len();
            let pairs = Pairs::of(&sample[..split], &sample[split..], &mut tally);
            inconsistent_is_tie.add_some(pairs.inconsistent_is_tie.value());
            drop_inconsistent.add_some(pairs.drop_inconsistent.value());
        }
    }
    if begun {
        tally.one_order_only = u64::from(one_order_only);
        tally.share = f64::from(score.n) / f64::from(low.n);
        tally.low = low.value().unwrap_or_default();
        tally.high = high.value().unwrap_or_default();
    }
    let [score, first_shown, inconsistent_is_tie, drop_inconsistent] =
        means.map(Mean::value_or_nan);
    let net_first = tally.first_first as i32 - tally.second_second as i32;
    let score = ItemScore {
        item,
        net_first,
        score,
        first_shown,
        inconsistent_is_tie,
        drop_inconsistent,
    };
    (score, tally)
}

/// The repeats of one order of a sample.
#[derive(Debug, Clone, Copy)]
struct OrderMean {
    /// Mean of what is there.
    score: Option<f64>,
    /// Mean with all missing lost; `None` without a row.
    low: Option<f64>,
    /// Mean with all missing won.
    high: Option<f64>,
}

impl OrderMean {
    fn of(repeats: &[Verdict]) -> Self {
        let [mut score, mut low, mut high] = [Mean::default(); 3];
        for repeat in repeats {
            score.add_some(repeat.score);
            low.add(repeat.score.unwrap_or(0.0));
            high.add(repeat.score.unwrap_or(1.0));
        }
        Self {
            score: score.value(),
            low: low.value(),
            high: high.value(),
        }
    }
}

/// Joins the two orders of a sample.
fn join(first: Option<f64>, second: Option<f64>, both_orders: bool) -> Option<f64> {
    match (first, second) {
        (Some(first), Some(second)) => Some(f64::midpoint(first, second)),
        (one, other) if !both_orders => one.or(other),
        _ => None,
    }
}

/// Joins a bound of the two orders of a sample: where both are wanted, one without
/// a row is missing.
fn join_bounds(orders: [Option<f64>; 2], both_orders: bool, missing: f64) -> Option<f64> {
    let [first, second] = orders.map(|order| {
        if both_orders {
            order.or(Some(missing))
        } else {
            order
        }
    });
    join(first, second, both_orders)
}

/// Pairs of verdicts of one sample that differ in order only.
#[derive(Debug, Default)]
struct Pairs {
    inconsistent_is_tie: Mean,
    drop_inconsistent: Mean,
}

impl Pairs {
    /// Pairs the k-th repeat of one order with the k-th of the other, where both
    /// have a verdict.
    fn of(candidate_first: &[Verdict], opponent_first: &[Verdict], tally: &mut Tally) -> Self {
        let mut pairs = Self::default();
        let mut seconds = opponent_first.iter().peekable();
        for first in candidate_first {
            while seconds
                .next_if(|second| second.repeat < first.repeat)
                .is_some()
            {}
            if let Some(second) = seconds.next_if(|second| second.repeat == first.repeat)
                && let (Some(a), Some(b)) = (first.score, second.score)
            {
                let mean = f64::midpoint(a, b);
                pairs.add(first.outcome, second.outcome, mean, tally);
            }
        }
        pairs
    }

    /// Adds a pair; `mean` is that of its two scores, which are graded or those of
    /// its outcomes.
    fn add(
        &mut self,
        candidate_first: Outcome,
        opponent_first: Outcome,
        mean: f64,
        tally: &mut Tally,
    ) {
        let agreed = (candidate_first == opponent_first).then_some(mean);
        match (agreed, candidate_first, opponent_first) {
            (Some(_), ..) => tally.consistent += 1,
            (None, Outcome::Win, Outcome::Loss) => tally.first_first += 1,
            (None, Outcome::Loss, Outcome::Win) => tally.second_second += 1,
            _ => tally.half_tied += 1,
        }
        self.inconsistent_is_tie.add(agreed.unwrap_or(0.5));
        self.drop_inconsistent.add_some(agreed);
    }
}

impl Tally {
    /// Counts the pairs of repeats of one order of a sample, all with all.
    fn add_repeats(&mut self, repeats: &[Verdict]) {
        if repeats.len() < 2 {
            return;
        }
        let mut counts = [0_u64; 3];
        for repeat in repeats {
            match repeat.outcome {
                Outcome::Win => counts[0] += 1,
                Outcome::Tie => counts[1] += 1,
                Outcome::Loss => counts[2] += 1,
                Outcome::Missing => {}
            }
        }
        let pairs = |n: u64| n * n.saturating_sub(1) / 2;
        self.repeat_pairs += pairs(counts.iter().sum());
        self.repeat_consistent += counts.into_iter().map(pairs).sum::<u64>();
    }

    /// Verdicts that are missing, in both orders.
    pub(super) fn missing(&self) -> Missing {
        self.judgments().missing
    }
}
