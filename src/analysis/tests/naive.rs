//! The averaging once more, as directly as it can be said.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Verdicts by order and repeat, with their scores.
type Sample = BTreeMap<Order, BTreeMap<u16, (Outcome, Option<f64>)>>;
/// Samples by item and number.
type Items = BTreeMap<String, BTreeMap<u16, Sample>>;

#[derive(Debug, Default)]
struct Naive {
    win_rate: Option<f64>,
    n_items: usize,
    share: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    inconsistent_is_tie: Option<f64>,
    drop_inconsistent: Option<f64>,
    position: Option<f64>,
    /// Consistent, first-first, second-second, half-tied.
    pairs: [u64; 4],
    /// Wins, ties, losses, missing.
    counts: [u64; 4],
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn item(row: &Row) -> String {
    format!("{}/{}", row.question, row.persona)
}

/// Whether any sample of an item has rows of both orders on one criterion.
fn has_both_orders(rows: &[Row]) -> bool {
    let slot = |row: &Row| (item(row), row.sample, row.criterion);
    rows.iter().any(|a| {
        rows.iter()
            .any(|b| slot(a) == slot(b) && a.order != b.order)
    })
}

fn nest(rows: &[Row], criterion: &str) -> Items {
    let mut items = Items::new();
    for row in rows.iter().filter(|row| row.criterion == criterion) {
        let score = match row.outcome {
            Outcome::Missing => None,
            Outcome::Win => Some(row.score.unwrap_or(1.0)),
            Outcome::Tie => Some(row.score.unwrap_or(0.5)),
            Outcome::Loss => Some(row.score.unwrap_or(0.0)),
        };
        let samples = items.entry(item(row)).or_default();
        let orders = samples.entry(row.sample).or_default();
        let repeats = orders.entry(row.order).or_default();
        repeats.insert(row.repeat, (row.outcome, score));
    }
    items
}

/// The mean of an order's repeats, with `missing` for those that are missing.
fn order_mean(sample: &Sample, order: Order, missing: Option<f64>) -> Option<f64> {
    let repeats = sample.get(&order)?.values();
    let scores: Vec<f64> = repeats.filter_map(|(_, score)| score.or(missing)).collect();
    mean(&scores)
}

/// The score of a sample, with `missing` for verdicts that are missing and
/// `absent` for an order without rows.
fn sample_score(
    sample: &Sample,
    both: bool,
    missing: Option<f64>,
    absent: Option<f64>,
) -> Option<f64> {
    let first = order_mean(sample, FIRST, missing);
    let second = order_mean(sample, SECOND, missing);
    if both {
        Some(f64::midpoint(first.or(absent)?, second.or(absent)?))
    } else {
        first.or(second)
    }
}

/// A verdict and its score.
type Scored = (Outcome, f64);

/// The two verdicts of each repeat that has both.
fn pairs(sample: &Sample) -> Vec<(Scored, Scored)> {
    let verdict = |order, repeat| match sample.get(&order)?.get(&repeat)? {
        (outcome, Some(score)) => Some((*outcome, *score)),
        _ => None,
    };
    let pair = |repeat| verdict(FIRST, repeat).zip(verdict(SECOND, repeat));
    (1..9).filter_map(pair).collect()
}

fn pair_kind(((a, _), (b, _)): (Scored, Scored)) -> usize {
    match (a, b) {
        (a, b) if a == b => 0,
        (Outcome::Win, Outcome::Loss) => 1,
        (Outcome::Loss, Outcome::Win) => 2,
        _ => 3,
    }
}

/// The mean of some pairs, where different verdicts are a tie.
fn pair_mean(pairs: impl IntoIterator<Item = (Scored, Scored)>) -> Option<f64> {
    let value = |((a, x), (b, y))| if a == b { f64::midpoint(x, y) } else { 0.5 };
    let values: Vec<f64> = pairs.into_iter().map(value).collect();
    mean(&values)
}

/// The mean over items of the mean over samples, and the number of items.
fn over_items(
    items: &[&BTreeMap<u16, Sample>],
    of: impl Fn(&Sample) -> Option<f64>,
) -> (Option<f64>, usize) {
    let of_item = |samples: &&BTreeMap<u16, Sample>| {
        let scores: Vec<f64> = samples.values().filter_map(&of).collect();
        mean(&scores)
    };
    let means: Vec<f64> = items.iter().filter_map(of_item).collect();
    (mean(&means), means.len())
}

fn naive(rows: &[Row], criterion: &str) -> Naive {
    let turn = |row: &Row| {
        if row.candidate == "tuned" {
            row.clone()
        } else {
            mirrored(row)
        }
    };
    let rows: Vec<Row> = rows.iter().map(turn).collect();
    let ran = |row: &&Row| row.reason != Some(MissingReason::NotRun);
    let begun: BTreeSet<String> = rows.iter().filter(ran).map(item).collect();
    let both = has_both_orders(&rows);
    let nested = nest(&rows, criterion);
    let mut naive = Naive::default();
    for row in rows.iter().filter(|row| row.criterion == criterion) {
        naive.counts[row.outcome as usize] += 1;
    }
    let all: Vec<&BTreeMap<u16, Sample>> = nested.values().collect();
    let of_begun = nested.iter().filter(|(id, _)| begun.contains(*id));
    let of_begun: Vec<&BTreeMap<u16, Sample>> = of_begun.map(|(_, samples)| samples).collect();
    let score = |sample: &Sample| sample_score(sample, both, None, None);
    (naive.win_rate, naive.n_items) = over_items(&all, score);
    naive.share = over_items(&of_begun, |sample| {
        Some(f64::from(u8::from(score(sample).is_some())))
    })
    .0;
    let bound = |value: f64| {
        over_items(&of_begun, |sample| {
            sample_score(sample, both, Some(value), Some(value))
        })
        .0
    };
    (naive.low, naive.high) = (bound(0.0), bound(1.0));
    if both {
        for pair in all
            .iter()
            .flat_map(|samples| samples.values())
            .flat_map(pairs)
        {
            naive.pairs[pair_kind(pair)] += 1;
        }
        naive.inconsistent_is_tie = over_items(&all, |sample| pair_mean(pairs(sample))).0;
        let agreed =
            |sample: &Sample| pair_mean(pairs(sample).into_iter().filter(|(a, b)| a.0 == b.0));
        naive.drop_inconsistent = over_items(&all, agreed).0;
        let effect = |sample: &Sample| {
            Some((order_mean(sample, FIRST, None)? - order_mean(sample, SECOND, None)?) / 2.0)
        };
        naive.position = over_items(&all, effect).0;
    }
    naive
}

fn outcomes() -> impl Strategy<Value = (Outcome, Option<MissingReason>)> {
    prop_oneof![
        3 => Just((Outcome::Win, None)),
        3 => Just((Outcome::Loss, None)),
        1 => Just((Outcome::Tie, None)),
        1 => Just((Outcome::Missing, Some(MissingReason::Partial))),
        1 => Just((Outcome::Missing, Some(MissingReason::NotRun))),
    ]
}

/// Rows of a small table: some missing, some told from the other side, no key
/// twice.
pub(super) fn tables() -> impl Strategy<Value = Vec<Row>> {
    let key = (
        0..3_usize,
        0..4_usize,
        any::<bool>(),
        1..3_u16,
        1..4_u16,
        0..2_usize,
    );
    let keys = prop::collection::btree_set(key, 1..60);
    let orders = prop_oneof![Just(None), Just(Some(FIRST)), Just(Some(SECOND))];
    (
        keys,
        orders,
        prop::collection::vec(
            (
                outcomes(),
                any::<bool>(),
                prop::option::weighted(0.2, 0.0..=1.0_f64),
            ),
            60,
        ),
    )
        .prop_map(|(keys, only, values)| {
            let keys = keys.into_iter().filter(|key| only.is_none() || key.2);
            keys.zip(values)
                .map(
                    |((p, q, first, sample, repeat, c), ((outcome, reason), turn, score))| {
                        let order = only.unwrap_or(if first { FIRST } else { SECOND });
                        let score = match outcome {
                            Outcome::Win => score.filter(|score| *score > 0.5),
                            Outcome::Loss => score.filter(|score| *score < 0.5),
                            _ => None,
                        };
                        let row = Row {
                            criterion: ["overall", "value"][c],
                            sample,
                            repeat,
                            reason,
                            score,
                            ..row(
                                ["", "p1", "p2"][p],
                                ["q1", "q2", "q3", "q4"][q],
                                order,
                                outcome,
                            )
                        };
                        if turn { mirrored(&row) } else { row }
                    },
                )
                .collect::<Vec<Row>>()
        })
        .prop_filter("a row at least", |rows| !rows.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_averaging_is_the_naive_one(rows in tables()) {
        let report = report(&rows, &without_floor());
        for c in &report.comparisons {
            let naive = naive(&rows, &c.criterion);
            // The side with more judgments gives the candidate.
            let turned = c.candidate == "base";
            let side = |x: Option<f64>| x.map(|x| if turned { 1.0 - x } else { x });
            let [wins, ties, losses, missing] = naive.counts;
            prop_assert_eq!((c.ties, c.missing.total()), (ties, missing));
            prop_assert_eq!((c.wins, c.losses), if turned { (losses, wins) } else { (wins, losses) });
            prop_assert_eq!(c.n_items as usize, naive.n_items);
            assert_close(c.win_rate, side(naive.win_rate));
            assert_close(c.items.share, naive.share);
            let (low, high) = (side(naive.low), side(naive.high));
            assert_close(c.bounds.map(|bounds| bounds.low), if turned { high } else { low });
            assert_close(c.bounds.map(|bounds| bounds.high), if turned { low } else { high });
            let order = c.order.as_ref().unwrap();
            prop_assert_eq!([order.consistent, order.first_first, order.second_second, order.half_tied], naive.pairs);
            assert_close(order.position_effect.as_ref().map(|effect| effect.estimate), naive.position);
            if let Some(rules) = c.tie_rules {
                assert_close(rules.inconsistent_is_tie.win_rate, side(naive.inconsistent_is_tie));
                assert_close(rules.drop_inconsistent.win_rate, side(naive.drop_inconsistent));
            }
        }
    }
}
