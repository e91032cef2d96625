//! The tables of the paper, for people.

use super::{Block, Table, Tone, name};
use crate::analysis::paper::report::{Change, PaperReport, PaperSplit, RowA, RowB, TableA};
use crate::report::numbers::{NONE, count};

/// Both tables of every split.
pub(in crate::report) fn paper(report: &PaperReport) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Base to tuned".to_owned())];
    for split in &report.splits {
        let of = split
            .split
            .as_deref()
            .map_or_else(String::new, |split| format!(" ({})", name(split)));
        for table in &split.tables {
            let by = if split.tables.len() > 1 {
                format!(
                    ", judged by {} with {}",
                    name(&table.judge),
                    name(&table.rubric)
                )
            } else {
                String::new()
            };
            let title = format!("Table A{of}: accuracy, NMAE and win rate{by}");
            blocks.push(Block::Heading(2, title));
            blocks.push(Block::Table(table_a(table)));
        }
        let title = format!("Table B{of}: how unequal personas are");
        blocks.push(Block::Heading(2, title));
        blocks.push(Block::Table(table_b(split)));
    }
    let told = |tone: Tone| move |text: &String| (tone, format!("{}.", name(text)));
    let withheld = report.withheld.iter().map(told(Tone::Loud));
    let notes = report.notes.iter().map(told(Tone::Plain));
    blocks.push(Block::Heading(2, "Notes".to_owned()));
    blocks.push(Block::List(withheld.chain(notes).collect()));
    blocks
}

fn table_a(table: &TableA) -> Table {
    let criterion = name(&table.criterion);
    let header = [
        "model",
        "accuracy",
        "NMAE",
        &format!("{criterion} win rate"),
    ];
    let mut made = Table::new(1, &header);
    let row = |row: &RowA, told: fn(Change) -> String| {
        let numbers = [row.accuracy, row.nmae, row.win_rate].map(told);
        let mut cells = vec![name(&row.model)];
        cells.extend(numbers);
        cells
    };
    let pairs = table.rows.iter().chain([&table.mean]);
    made.rows.extend(pairs.map(|pair| row(pair, change)));
    let alone = |of: Change| short(of.base);
    made.rows
        .extend(table.others.iter().map(|other| row(other, alone)));
    made
}

fn table_b(split: &PaperSplit) -> Table {
    let header = [
        "model",
        "personas",
        "accuracy Norm. Range",
        "CV",
        "NMAE Norm. Range",
        "CV",
    ];
    let mut made = Table::new(1, &header);
    let row = |row: &RowB| {
        let arrow = |change: Change| format!("{} → {}", short(change.base), short(change.tuned));
        vec![
            name(&row.model),
            count(row.personas),
            arrow(row.accuracy_range),
            arrow(row.accuracy_cv),
            arrow(row.nmae_range),
            arrow(row.nmae_cv),
        ]
    };
    let fairness = &split.fairness;
    made.rows
        .extend(fairness.rows.iter().chain([&fairness.mean]).map(row));
    made
}

/// `.514 → .685 (+.171)`; a number that is not there is told so.
fn change(change: Change) -> String {
    match change.difference {
        Some(difference) => {
            let sign = if difference < 0.0 { "-" } else { "+" };
            format!(
                "{} → {} ({sign}{})",
                short(change.base),
                short(change.tuned),
                short(Some(difference.abs()))
            )
        }
        None if change.base.is_none() && change.tuned.is_none() => NONE.to_owned(),
        None => format!("{} → {}", short(change.base), short(change.tuned)),
    }
}

/// Three decimals without a leading zero, as the paper has them.
fn short(number: Option<f64>) -> String {
    number.map_or_else(
        || NONE.to_owned(),
        |number| {
            let text = format!("{number:.3}");
            text.strip_prefix('0').map_or(text.clone(), str::to_owned)
        },
    )
}
