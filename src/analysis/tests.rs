use std::sync::Arc;

use super::*;

mod claims;
mod differences;
mod edge_cases;
mod intervals;
mod invariance;
mod leaderboards;
mod length;
mod naive;
mod of_runs;
mod phrasings;
mod saturated;
mod separated;
mod shortage;
mod significance;
mod subgroups;
mod worked_example;

use std::collections::HashMap;

use crate::verdict::table::{Cell, Contest, Item, Judgment, Length};
use crate::verdict::{MissingReason, Order, Outcome};

/// One row of a verdict table, with what these tests vary.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    persona: &'static str,
    question: &'static str,
    candidate: &'static str,
    opponent: &'static str,
    criterion: &'static str,
    order: Order,
    sample: u16,
    repeat: u16,
    outcome: Outcome,
    reason: Option<MissingReason>,
    score: Option<f64>,
}

const FIRST: Order = Order::CandidateFirst;
const SECOND: Order = Order::OpponentFirst;

fn row(persona: &'static str, question: &'static str, order: Order, outcome: Outcome) -> Row {
    Row {
        persona,
        question,
        candidate: "tuned",
        opponent: "base",
        criterion: "overall",
        order,
        sample: 1,
        repeat: 1,
        outcome,
        reason: (outcome == Outcome::Missing).then_some(MissingReason::NoVerdict),
        score: None,
    }
}

/// The same judgment told from the opponent's side.
fn mirrored(row: &Row) -> Row {
    Row {
        candidate: row.opponent,
        opponent: row.candidate,
        order: row.order.swapped(),
        outcome: match row.outcome {
            Outcome::Win => Outcome::Loss,
            Outcome::Loss => Outcome::Win,
            same => same,
        },
        score: row.score.map(|score| 1.0 - score),
        ..row.clone()
    }
}

/// A table with one judgment a row; contests and criteria in the order given.
fn table_in_order(rows: &[Row], contests: &[(&str, &str)], criteria: &[&str]) -> VerdictTable {
    let mut table = VerdictTable {
        contests: contests
            .iter()
            .map(|(candidate, opponent)| Contest {
                candidate: (*candidate).to_owned(),
                opponent: (*opponent).to_owned(),
                judge: "main".to_owned(),
                rubric: "persona-value@0123456789abcdef".to_owned(),
            })
            .collect(),
        criteria: criteria.iter().map(|name| (*name).to_owned()).collect(),
        ..VerdictTable::default()
    };
    let graded = rows.iter().any(|row| row.score.is_some());
    let mut items: HashMap<String, u32> = HashMap::new();
    for row in rows {
        let id = format!("{}/{}", row.persona, row.question);
        let item = *items.entry(id.clone()).or_insert_with(|| {
            table
                .items
                .push(Item::new(id.as_str(), row.persona, row.question));
            table.items.len() as u32 - 1
        });
        let contest = contests
            .iter()
            .position(|names| *names == (row.candidate, row.opponent));
        table.judgments.push(Judgment {
            item,
            contest: contest.unwrap() as u32,
            order: row.order,
            sample: row.sample,
            repeat: row.repeat,
            candidate_chars: Length::default(),
            opponent_chars: Length::default(),
            first_cell: table.cells.len() as u32,
            cell_count: 1,
        });
        table.cells.push(Cell {
            criterion: criteria
                .iter()
                .position(|name| *name == row.criterion)
                .unwrap() as u16,
            outcome: row.outcome,
            missing: row.reason,
        });
        if graded {
            table.scores.push(row.score.unwrap_or(f64::NAN));
        }
    }
    table
}

fn table(rows: &[Row]) -> VerdictTable {
    let mut contests: Vec<(&str, &str)> = Vec::new();
    let mut criteria: Vec<&str> = Vec::new();
    for row in rows {
        if !contests.contains(&(row.candidate, row.opponent)) {
            contests.push((row.candidate, row.opponent));
        }
        if !criteria.contains(&row.criterion) {
            criteria.push(row.criterion);
        }
    }
    table_in_order(rows, &contests, &criteria)
}

/// Adds a dimension whose levels follow from the persona.
fn with_dimension(
    mut table: VerdictTable,
    name: &str,
    level: impl Fn(&str) -> Option<String>,
) -> VerdictTable {
    table.dimensions.push(name.to_owned());
    for item in &mut table.items {
        let persona = Arc::make_mut(&mut item.persona);
        let mut levels = persona.levels.to_vec();
        levels.push(level(&persona.id).map(Into::into));
        persona.levels = levels.into();
    }
    table
}

/// `p1`, `p2` and so on.
fn numbered(start: &str, n: usize) -> Vec<&'static str> {
    (1..=n)
        .map(|i| &*Box::leak(format!("{start}{i}").into_boxed_str()))
        .collect()
}

/// Numbers that look like chance and are the same each time.
fn chance(seed: u64) -> f64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Every two models met on every item in both orders; earlier models are better.
fn league(models: &[&'static str], personas: usize, questions: usize, seed: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, persona) in numbered("p", personas).into_iter().enumerate() {
        for (q, question) in numbered("q", questions).into_iter().enumerate() {
            for (i, candidate) in models.iter().enumerate() {
                for (j, opponent) in models.iter().enumerate().skip(i + 1) {
                    for (k, order) in [FIRST, SECOND].into_iter().enumerate() {
                        let number = [p, q, i, j, k].iter().fold(seed, |hash, part| {
                            hash.wrapping_mul(131).wrapping_add(*part as u64)
                        });
                        let outcome = match chance(number) {
                            x if x < 0.15 => Outcome::Tie,
                            x if x < 0.55 + 0.04 * (j - i) as f64 => Outcome::Win,
                            _ => Outcome::Loss,
                        };
                        rows.push(Row {
                            candidate,
                            opponent,
                            ..row(persona, question, order, outcome)
                        });
                    }
                }
            }
        }
    }
    rows
}

/// Options that withhold nothing.
fn without_floor() -> Options {
    Options {
        coverage_floor: 0.0,
        ..Options::default()
    }
}

fn report(rows: &[Row], options: &Options) -> Report {
    analyse(&table(rows), None, options).unwrap()
}

fn json(report: &Report) -> String {
    serde_json::to_string(report).unwrap()
}

fn has_note(report: &Report, code: report::NoteCode) -> bool {
    report.notes.iter().any(|note| note.code == code)
}

#[track_caller]
fn assert_close(a: impl Into<Option<f64>>, b: impl Into<Option<f64>>) {
    let (a, b) = (a.into(), b.into());
    let close = match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        (None, None) => true,
        _ => false,
    };
    assert!(close, "{a:?} is not {b:?}");
}
