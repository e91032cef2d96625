//! The criteria of one judgment, put together where their rows stand apart.

use std::collections::HashSet;

use crate::verdict::table::{Cell, Judgment, Style, VerdictTable};
use crate::verdict::{Order, Outcome};

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
/// criteria of a judgment that stands in several places are those of the first, and are turned
/// where they were written from its other side. `canonical` holds, for each contest, the one
/// under which its judgments are told apart, and whether it is the same from the other side.
pub(super) fn joined(table: VerdictTable, canonical: &[(u32, bool)]) -> VerdictTable {
    // Rows of one criterion are a judgment each.
    if table.criteria.len() < 2 {
        return table;
    }
    // Most tables have the rows of a judgment together, and need no sorting.
    let mut seen = HashSet::with_capacity(table.judgments.len());
    let mut judgments = table.judgments.iter();
    if judgments.all(|j| {
        let (contest, is_turned) = canonical[j.contest as usize];
        seen.insert((
            j.item,
            contest,
            j.sample,
            j.repeat,
            seen_from(j.order, is_turned),
        ))
    }) {
        return table;
    }
    let side = |place: &u32| canonical[table.judgments[*place as usize].contest as usize];
    let identity = |place: &u32| identity(&table, *place as usize, side(place));
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
            let scores = table.scores.get(cells).unwrap_or_default();
            if side(row) == side(&rows[0]) {
                made.cells.extend_from_slice(table.cells_of(judgment));
                made.scores.extend_from_slice(scores);
            } else {
                made.cells
                    .extend(table.cells_of(judgment).iter().copied().map(turned));
                made.scores.extend(scores.iter().map(|score| 1.0 - score));
            }
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

fn seen_from(order: Order, is_turned: bool) -> Order {
    if is_turned { order.swapped() } else { order }
}

/// The cell seen from the opponent's side.
fn turned(cell: Cell) -> Cell {
    Cell {
        outcome: match cell.outcome {
            Outcome::Win => Outcome::Loss,
            Outcome::Loss => Outcome::Win,
            same => same,
        },
        ..cell
    }
}

/// What a judgment is, seen from the side of its canonical contest.
fn identity(table: &VerdictTable, place: usize, (contest, is_turned): (u32, bool)) -> Identity {
    let judgment = &table.judgments[place];
    let (mut candidate, mut opponent) = (judgment.candidate_chars, judgment.opponent_chars);
    if is_turned {
        std::mem::swap(&mut candidate, &mut opponent);
    }
    // A style is the candidate's less the opponent's. Adding 0 makes -0 the same as 0.
    let number = |number: f64| match number {
        none if none.is_nan() => f64::NAN,
        number if is_turned => -number + 0.0,
        number => number + 0.0,
    };
    (
        judgment.item,
        contest,
        judgment.sample,
        judgment.repeat,
        seen_from(judgment.order, is_turned),
        candidate.chars(),
        opponent.chars(),
        table.calls.get(place).copied().unwrap_or_default(),
        (table.styles.iter())
            .map(|style| number(style.numbers[place]).to_bits())
            .collect(),
    )
}
