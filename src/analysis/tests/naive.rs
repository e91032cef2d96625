//! The averaging once more, as directly as it can be said.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Verdicts of one comparison and criterion: item, sample, order, and all repeats
/// with their outcome and score.
type Nested =
    BTreeMap<String, BTreeMap<u16, BTreeMap<Order, BTreeMap<u16, (Outcome, Option<f64>)>>>>;

#[derive(Debug, Default)]
struct Naive {
    win_rate: Option<f64>,
    n_items: usize,
    share: f64,
    low: f64,
    high: f64,
    inconsistent_is_tie: Option<f64>,
    drop_inconsistent: Option<f64>,
    position: Option<f64>,
    pairs: [u64; 4],
    counts: [u64; 4],
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn naive(rows: &[Row], criterion: &str) -> Naive {
    let rows: Vec<Row> = rows
        .iter()
        .map(|row| {
            if row.candidate == "tuned" {
                row.clone()
            } else {
                mirrored(row)
            }
        })
        .collect();
    let item = |row: &Row| format!("{}/{}", row.question, row.persona);
    let begun: BTreeSet<String> = rows
        .iter()
        .filter(|row| row.reason != Some(MissingReason::NotRun))
        .map(item)
        .collect();
    let mut slots: HashMap<(String, u16), BTreeSet<Order>> = HashMap::new();
    for row in &rows {
        slots
            .entry((item(row), row.sample))
            .or_default()
            .insert(row.order);
    }
    let both = slots.values().any(|orders| orders.len() == 2);
    let mut nested = Nested::new();
    for row in rows.iter().filter(|row| row.criterion == criterion) {
        let score = match row.outcome {
            Outcome::Missing => None,
            Outcome::Win => Some(row.score.unwrap_or(1.0)),
            Outcome::Tie => Some(row.score.unwrap_or(0.5)),
            Outcome::Loss => Some(row.score.unwrap_or(0.0)),
        };
        nested
            .entry(item(row))
            .or_default()
            .entry(row.sample)
            .or_default()
            .entry(row.order)
            .or_default()
            .insert(row.repeat, (row.outcome, score));
    }
    let mut naive = Naive::default();
    let [
        mut scores,
        mut shares,
        mut lows,
        mut highs,
        mut ties,
        mut drops,
        mut positions,
    ] = [const { Vec::new() }; 7];
    for (id, samples) in &nested {
        let [mut s, mut low, mut high, mut tie, mut drop, mut position] = [const { Vec::new() }; 6];
        for orders in samples.values() {
            let all = |order: Order, missing: Option<f64>| -> Vec<f64> {
                orders
                    .get(&order)
                    .map(|repeats| {
                        repeats
                            .values()
                            .filter_map(|(_, score)| score.or(missing))
                            .collect()
                    })
                    .unwrap_or_default()
            };
            for order in [FIRST, SECOND] {
                for (outcome, _) in orders.get(&order).into_iter().flat_map(BTreeMap::values) {
                    naive.counts[*outcome as usize] += 1;
                }
            }
            let x = mean(&all(FIRST, None));
            let y = mean(&all(SECOND, None));
            if both {
                if let (Some(x), Some(y)) = (x, y) {
                    s.push((x + y) / 2.0);
                    position.push((x - y) / 2.0);
                }
                low.push(
                    (mean(&all(FIRST, Some(0.0))).unwrap_or(0.0)
                        + mean(&all(SECOND, Some(0.0))).unwrap_or(0.0))
                        / 2.0,
                );
                high.push(
                    (mean(&all(FIRST, Some(1.0))).unwrap_or(1.0)
                        + mean(&all(SECOND, Some(1.0))).unwrap_or(1.0))
                        / 2.0,
                );
                let (mut pair_tie, mut pair_drop) = (Vec::new(), Vec::new());
                for repeat in 1..=9 {
                    let of = |order| orders.get(&order).and_then(|repeats| repeats.get(&repeat));
                    if let (Some((a, Some(_))), Some((b, Some(_)))) = (of(FIRST), of(SECOND)) {
                        if a == b {
                            naive.pairs[0] += 1;
                            let value = [1.0, 0.5, 0.0][*a as usize];
                            pair_tie.push(value);
                            pair_drop.push(value);
                        } else {
                            pair_tie.push(0.5);
                            let kind = match (a, b) {
                                (Outcome::Win, Outcome::Loss) => 1,
                                (Outcome::Loss, Outcome::Win) => 2,
                                _ => 3,
                            };
                            naive.pairs[kind] += 1;
                        }
                    }
                }
                tie.extend(mean(&pair_tie));
                drop.extend(mean(&pair_drop));
            } else {
                s.extend(x.or(y));
                low.extend(mean(&all(FIRST, Some(0.0))).or(mean(&all(SECOND, Some(0.0)))));
                high.extend(mean(&all(FIRST, Some(1.0))).or(mean(&all(SECOND, Some(1.0)))));
            }
        }
        if begun.contains(id) {
            shares.push(s.len() as f64 / samples.len() as f64);
            lows.extend(mean(&low));
            highs.extend(mean(&high));
        }
        scores.extend(mean(&s));
        positions.extend(mean(&position));
        ties.extend(mean(&tie));
        drops.extend(mean(&drop));
    }
    Naive {
        win_rate: mean(&scores),
        n_items: scores.len(),
        share: mean(&shares).unwrap_or(f64::NAN),
        low: mean(&lows).unwrap_or(f64::NAN),
        high: mean(&highs).unwrap_or(f64::NAN),
        inconsistent_is_tie: mean(&ties),
        drop_inconsistent: mean(&drops),
        position: mean(&positions),
        ..naive
    }
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
            if let Some(bounds) = c.bounds {
                assert_close(c.items.share, naive.share);
                assert_close(bounds.low, if turned { 1.0 - naive.high } else { naive.low });
                assert_close(bounds.high, if turned { 1.0 - naive.low } else { naive.high });
            } else {
                prop_assert!(naive.share.is_nan());
            }
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
