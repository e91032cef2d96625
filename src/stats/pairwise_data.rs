//! Published and deterministic comparisons that several tests share.

use super::Comparisons;

/// Owned columns of comparisons.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) first: Vec<u32>,
    pub(super) second: Vec<u32>,
    pub(super) score: Vec<f64>,
}

impl Table {
    pub(super) fn push(&mut self, first: u32, second: u32, score: f64, times: usize) {
        for _ in 0..times {
            self.first.push(first);
            self.second.push(second);
            self.score.push(score);
        }
    }

    pub(super) fn comparisons(&self) -> Comparisons<'_> {
        Comparisons {
            first: &self.first,
            second: &self.second,
            score: &self.score,
        }
    }

    /// A cluster for each row.
    pub(super) fn rows(&self) -> Vec<u32> {
        (0..self.score.len() as u32).collect()
    }
}

/// Citations between Biometrika, Comm. Stat., JASA and JRSS-B (Stigler 1994), as
/// in the vignette of R's `BradleyTerry2`.
pub(super) fn journals() -> Table {
    let counts = [
        [714, 730, 498, 221],
        [33, 425, 68, 17],
        [320, 813, 1072, 142],
        [284, 276, 325, 188],
    ];
    let mut table = Table::default();
    for i in 0..4 {
        for j in 0..4 {
            if i != j {
                table.push(i, j, 1.0, counts[i as usize][j as usize]);
            }
        }
    }
    table
}

/// Preferences between six chocolate puddings with ties (Davidson 1970), as in
/// R's `PlackettLuce`: first, second, wins of each, ties.
pub(super) fn puddings() -> Table {
    let counts = [
        (1, 2, 19, 22, 16),
        (1, 3, 16, 19, 12),
        (2, 3, 19, 19, 10),
        (1, 4, 18, 23, 13),
        (2, 4, 23, 19, 9),
        (3, 4, 19, 20, 15),
        (1, 5, 13, 19, 18),
        (2, 5, 16, 20, 12),
        (3, 5, 16, 15, 17),
        (4, 5, 17, 14, 16),
        (1, 6, 18, 21, 12),
        (2, 6, 22, 20, 12),
        (3, 6, 13, 18, 10),
        (4, 6, 14, 19, 18),
        (5, 6, 11, 21, 12),
    ];
    let mut table = Table::default();
    for (i, j, up, down, tied) in counts {
        table.push(i - 1, j - 1, 1.0, up);
        table.push(i - 1, j - 1, 0.0, down);
        table.push(i - 1, j - 1, 0.5, tied);
    }
    table
}

/// Three models, 60 questions, three pairs, two orders, some ties, with the
/// question of each row.
pub(super) fn three_models() -> (Table, Vec<u32>) {
    let pairs = [(0_u32, 1_u32), (0, 2), (1, 2)];
    let strengths = [0.0, 0.5, 1.0];
    let mut table = Table::default();
    let mut questions = Vec::new();
    for k in 0..360_u64 {
        let question = k / 6;
        let (a, b) = pairs[(k % 6 / 2) as usize];
        let lead: f64 =
            strengths[a as usize] - strengths[b as usize] + 0.9 * (question as f64).sin();
        let draw = ((k * 2_654_435_761 + question * 40_503) % 1000) as f64 / 1000.0;
        let won = draw < 1.0 / (1.0 + (-lead).exp());
        let score = if k % 11 == 0 {
            0.5
        } else {
            f64::from(u8::from(won))
        };
        table.push(a, b, score, 1);
        questions.push(question as u32);
    }
    (table, questions)
}
