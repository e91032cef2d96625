//! What the order in which the answers were shown did.

use std::collections::HashMap;

use super::clusters::{Clusters, Columns};
use super::estimate::Rate;
use super::item_score::{ItemScore, Tally};
use super::layout::Layout;
use super::report::{OrderSection, PositionEffect, SignTest};
use crate::stats::Level;
use crate::stats::score_test::score_test;
use crate::stats::sign_test::sign_test;

/// What the order in which the answers were shown did to some items; `None` where
/// it is not known.
pub(super) fn order_section(
    layout: &Layout<'_>,
    both_orders: bool,
    level: Level,
    items: &[ItemScore],
    tally: &Tally,
    columns: &Columns<'_>,
) -> Option<OrderSection> {
    if layout.table.orders_unknown {
        return None;
    }
    let flips = tally.first_first + tally.second_second;
    let pairs = flips + tally.consistent + tally.half_tied;
    let share = |n: u64| (pairs > 0).then(|| n as f64 / pairs as f64);
    Some(OrderSection {
        both_orders,
        candidate_first: tally.candidate_first,
        opponent_first: tally.opponent_first,
        pairs,
        consistent: tally.consistent,
        first_first: tally.first_first,
        second_second: tally.second_second,
        half_tied: tally.half_tied,
        flip_rate: share(flips),
        consistency_rate: share(tally.consistent),
        primacy_rate: share(tally.first_first),
        recency_rate: share(tally.second_second),
        repeat_pairs: tally.repeat_pairs,
        repeat_consistency_rate: (tally.repeat_pairs > 0)
            .then(|| tally.repeat_consistent as f64 / tally.repeat_pairs as f64),
        sign_test: if pairs > 0 {
            flip_test(items, columns)
        } else {
            None
        },
        // With one order an item, the place and the quality of an answer cannot be
        // told apart.
        position_effect: if both_orders {
            position_effect(layout, items, columns, level)
        } else {
            None
        },
    })
}

fn position_effect(
    layout: &Layout<'_>,
    items: &[ItemScore],
    columns: &Columns<'_>,
    level: Level,
) -> Option<PositionEffect> {
    let first_shown: Vec<f64> = items.iter().map(|item| item.first_shown).collect();
    let rate = Rate::of(items, |item| item.first_shown).mean?;
    let by = columns.of_position();
    let mean = by.and_then(|by| columns.mean(&first_shown, by));
    Some(PositionEffect {
        estimand: "mean over items of half the candidate's score when shown first less that when shown second",
        unit: layout.unit(),
        estimate: mean.map_or(rate, |mean| mean.mean()) - 0.5,
        standard_error: mean.and_then(|mean| mean.standard_error()),
        interval: by
            .zip(mean)
            .and_then(|(by, mean)| columns.interval(&mean, by, level, 0.5)),
        p_value: mean
            .and_then(|mean| score_test(&mean, 0.5).ok())
            .map(|test| test.p.get()),
        n_items: items.len() as u64,
    })
}

/// Whether the flips of a cluster go to the first place or to the second, and how
/// many clusters go each way.
fn flip_test(items: &[ItemScore], columns: &Columns<'_>) -> Option<SignTest> {
    let unit = columns.of_position()?;
    let Clusters::One(side) = unit else {
        return None;
    };
    let labels = columns.labels(side);
    let mut nets: HashMap<u32, i64> = HashMap::new();
    for (item, label) in items.iter().zip(labels) {
        *nets.entry(*label).or_default() += i64::from(item.net_first);
    }
    let first = nets.values().filter(|net| **net > 0).count() as u64;
    let second = nets.values().filter(|net| **net < 0).count() as u64;
    Some(SignTest {
        unit: columns.names(unit).concat(),
        first,
        second,
        p_value: sign_test(first, second).get(),
    })
}
