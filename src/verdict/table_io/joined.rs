//! The criteria of one judgment, put together where their rows stand apart.

use std::collections::HashSet;

use crate::verdict::Order;
use crate::verdict::table::{Judgment, Style, VerdictTable};

/// All that tells a judgment from others, the criterion aside.
type Identity = (
    u32,
    u32,
    u16,
    u16,
    Order,
    Option<u32>,
    Option<u32>,
    [u8; 32],
    Vec<u64>,
);

/// The table with one judgment for each asking of a judge, whatever the order of its rows:
/// criteria of a judgment that stands in several places are those of the first.
pub(super) fn joined(table: VerdictTable) -> VerdictTable {
    // Rows of one criterion are a judgment each.
    if table.criteria.len() < 2 {
        return table;
    }
    // Most tables have the rows of a judgment together, and need no sorting.
    let mut seen = HashSet::with_capacity(table.judgments.len());
    let mut judgments = table.judgments.iter();
    if judgments.all(|j| seen.insert((j.item, j.contest, j.sample, j.repeat, j.order))) {
        return table;
    }
    let identity = |place: &u32| identity(&table, *place as usize);
    let mut order: Vec<u32> = (0..table.judgments.len() as u32).collect();
    order.sort_by_key(identity);
    let is_same = |a: &u32, b: &u32| identity(a) == identity(b);
    let mut askings: Vec<&[u32]> = order.chunk_by(is_same).collect();
    askings.sort_unstable_by_key(|rows| rows[0]);
    let mut made = VerdictTable {
        cells: Vec::with_capacity(table.cells.len()),
        scores: Vec::with_capacity(table.scores.len()),
        styles: table.styles.iter().map(Style::without_numbers).collect(),
        ..VerdictTable::default()
    };
    for rows in askings {
        let first_cell = made.cells.len();
        for row in rows {
            let judgment = &table.judgments[*row as usize];
            let first = judgment.first_cell as usize;
            let cells = first..first + usize::from(judgment.cell_count);
            made.cells.extend_from_slice(table.cells_of(judgment));
            let scores = table.scores.get(cells).unwrap_or_default();
            made.scores.extend_from_slice(scores);
        }
        made.judgments.push(Judgment {
            first_cell: first_cell as u32,
            // No criterion stands twice, and criteria are numbered by as many bits.
            cell_count: (made.cells.len() - first_cell).min(usize::from(u16::MAX)) as u16,
            ..table.judgments[rows[0] as usize]
        });
        made.calls.extend(table.calls.get(rows[0] as usize));
        for (made, style) in made.styles.iter_mut().zip(&table.styles) {
            made.numbers.push(style.numbers[rows[0] as usize]);
        }
    }
    VerdictTable {
        cells: made.cells,
        scores: made.scores,
        judgments: made.judgments,
        calls: made.calls,
        styles: made.styles,
        ..table
    }
}

fn identity(table: &VerdictTable, place: usize) -> Identity {
    let judgment = &table.judgments[place];
    (
        judgment.item,
        judgment.contest,
        judgment.sample,
        judgment.repeat,
        judgment.order,
        judgment.candidate_chars.chars(),
        judgment.opponent_chars.chars(),
        table.calls.get(place).copied().unwrap_or_default(),
        (table.styles.iter())
            .map(|style| style.numbers[place].to_bits())
            .collect(),
    )
}
