//! Which comparisons make a leaderboard.

use super::FEWEST_MODELS;
use crate::analysis::estimate::Measured;
use crate::analysis::report::Comparison;

/// The comparisons of one judge and rubric on one criterion, by their places among
/// all that were measured.
pub(super) struct Family {
    parts: Vec<usize>,
    /// The places of those that are withheld.
    withheld: Vec<usize>,
}

/// Comparisons whose models met, directly or through others.
pub(super) struct Rows {
    /// Models by name.
    pub(super) models: Vec<String>,
    /// Places of the comparisons, with the numbers of their two models.
    pub(super) parts: Vec<(usize, u32, u32)>,
    /// Comparisons of the family that are withheld.
    pub(super) withheld: usize,
    /// Models of the family that are on other boards.
    pub(super) elsewhere: usize,
}

/// The families of all comparisons, in order of appearance.
pub(super) fn families(measured: &[Measured]) -> Vec<Family> {
    let mut numbers = std::collections::HashMap::new();
    let mut families: Vec<Family> = Vec::new();
    for (place, part) in measured.iter().enumerate() {
        let Comparison {
            judge,
            rubric,
            criterion,
            ..
        } = &part.comparison;
        let number = *numbers
            .entry((judge, rubric, criterion))
            .or_insert_with(|| {
                families.push(Family {
                    parts: Vec::new(),
                    withheld: Vec::new(),
                });
                families.len() - 1
            });
        if part.comparison.withheld.is_some() {
            families[number].withheld.push(place);
        } else {
            families[number].parts.push(place);
        }
    }
    families
}

impl Rows {
    /// The comparisons of each two models that met, together.
    pub(super) fn pairs(&self) -> impl Iterator<Item = &[(usize, u32, u32)]> {
        let pair = |&(_, a, b): &(usize, u32, u32)| (a.min(b), a.max(b));
        self.parts
            .chunk_by(move |one, other| pair(one) == pair(other))
    }
}

impl Family {
    /// Whether there would be a leaderboard were nothing withheld.
    pub(super) fn is_lost(&self, measured: &[Measured]) -> bool {
        let has_board = |parts: Vec<usize>| {
            let withheld = Vec::new();
            let boards = Self { parts, withheld }.connected(measured);
            boards.iter().any(|rows| rows.models.len() >= FEWEST_MODELS)
        };
        !self.withheld.is_empty()
            && !has_board(self.parts.clone())
            && has_board([&self.parts[..], &self.withheld].concat())
    }

    /// One of its comparisons.
    pub(super) fn comparison<'a>(&self, measured: &'a [Measured]) -> &'a Comparison {
        let place = self.parts.iter().chain(&self.withheld).min();
        &measured[place.copied().unwrap_or_default()].comparison
    }

    /// The comparisons apart by which models met, the board of the first name first.
    pub(super) fn connected(&self, measured: &[Measured]) -> Vec<Rows> {
        let sides = |place: usize| {
            let comparison = &measured[place].comparison;
            [comparison.candidate.as_str(), comparison.opponent.as_str()]
        };
        let mut names: Vec<&str> = self.parts.iter().flat_map(|&place| sides(place)).collect();
        names.sort_unstable();
        names.dedup();
        let number = |name: &str| names.partition_point(|known| *known < name);
        let mut board_of: Vec<usize> = (0..names.len()).collect();
        for &place in &self.parts {
            let [a, b] = sides(place).map(number);
            join(&mut board_of, a, b);
        }
        let roots: Vec<usize> = (0..names.len())
            .map(|model| root(&board_of, model))
            .collect();
        let mut boards: Vec<usize> = roots.clone();
        boards.sort_unstable();
        boards.dedup();
        boards
            .into_iter()
            .map(|board| {
                let models: Vec<usize> = (0..names.len())
                    .filter(|&model| roots[model] == board)
                    .collect();
                let place_of = |name: &str| models.partition_point(|&m| names[m] < name) as u32;
                let mut parts: Vec<(usize, u32, u32)> = self
                    .parts
                    .iter()
                    .filter(|&&place| roots[number(sides(place)[0])] == board)
                    .map(|&place| {
                        let [a, b] = sides(place).map(place_of);
                        (place, a, b)
                    })
                    .collect();
                parts.sort_unstable_by_key(|&(place, a, b)| (a.min(b), a.max(b), place));
                Rows {
                    models: models.iter().map(|&m| names[m].to_owned()).collect(),
                    parts,
                    withheld: self.withheld.len(),
                    elsewhere: names.len() - models.len(),
                }
            })
            .collect()
    }
}

/// Joins the boards of two models under the lower number.
fn join(board_of: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(board_of, a), root(board_of, b));
    board_of[a.max(b)] = a.min(b);
}

fn root(board_of: &[usize], mut model: usize) -> usize {
    while board_of[model] != model {
        model = board_of[model];
    }
    model
}
