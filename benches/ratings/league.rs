//! Comparisons of every two of many models on shared questions.

use oyer::verdict::table::{Cell, Contest, Item, Judgment, Length, VerdictTable};
use oyer::verdict::{Order, Outcome};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Columns of comparisons, pair by pair, in each the questions in turn.
pub(crate) struct League {
    models: u32,
    pub(crate) first: Vec<u32>,
    pub(crate) second: Vec<u32>,
    pub(crate) score: Vec<f64>,
    pub(crate) question: Vec<u32>,
}

impl League {
    pub(crate) fn new(models: u32, rows: usize) -> Self {
        let mut league = Self {
            models,
            first: Vec::with_capacity(rows),
            second: Vec::with_capacity(rows),
            score: Vec::with_capacity(rows),
            question: Vec::with_capacity(rows),
        };
        let pairs: Vec<(u32, u32)> = (0..models)
            .flat_map(|a| (a + 1..models).map(move |b| (a, b)))
            .collect();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let each = rows.div_ceil(pairs.len());
        for (number, &(a, b)) in pairs.iter().enumerate() {
            let wins = 0.45 + 0.3 * f64::from(b - a) / f64::from(models);
            for question in 0..each.min(rows - (number * each).min(rows)) {
                let chance = f64::from(rng.next_u32() >> 8) / f64::from(1_u32 << 24);
                league.first.push(a);
                league.second.push(b);
                league.question.push(question as u32);
                league.score.push(match chance {
                    x if x < 0.1 => 0.5,
                    x if x < 0.1 + wins => 1.0,
                    _ => 0.0,
                });
            }
        }
        league
    }

    /// The same as a verdict table.
    pub(crate) fn table(&self) -> VerdictTable {
        let mut table = VerdictTable {
            criteria: vec!["overall".to_owned()],
            ..VerdictTable::default()
        };
        let questions = self.question.iter().max().map_or(0, |last| last + 1);
        table.items = (0..questions)
            .map(|question| {
                let name = format!("q{question}");
                Item::new(name.as_str(), "", name.as_str())
            })
            .collect();
        for row in 0..self.score.len() {
            let (a, b) = (self.first[row], self.second[row]);
            if row == 0 || (a, b) != (self.first[row - 1], self.second[row - 1]) {
                table.contests.push(Contest {
                    candidate: format!("m{a:03}"),
                    opponent: format!("m{b:03}"),
                    judge: "judge".to_owned(),
                    rubric: "rubric".to_owned(),
                });
            }
            table.judgments.push(Judgment {
                item: self.question[row],
                contest: table.contests.len() as u32 - 1,
                order: if row % 2 == 0 {
                    Order::CandidateFirst
                } else {
                    Order::OpponentFirst
                },
                sample: 1,
                repeat: 1,
                candidate_chars: Length::default(),
                opponent_chars: Length::default(),
                first_cell: row as u32,
                cell_count: 1,
            });
            table.cells.push(Cell {
                criterion: 0,
                outcome: match self.score[row] {
                    s if s > 0.5 => Outcome::Win,
                    s if s < 0.5 => Outcome::Loss,
                    _ => Outcome::Tie,
                },
                missing: None,
            });
        }
        debug_assert!(table.contests.len() <= (self.models * self.models) as usize);
        table
    }
}
