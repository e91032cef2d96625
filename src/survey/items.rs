//! Items: what a subgroup answers to a question.

use rayon::prelude::*;

use super::answers::{NO_ANSWER, Question};
use super::config::{Config, Ties};
use super::stability;
use super::subgroups::{NO_GROUP, Subgroups};
use crate::stats::sum::Sum;

/// Weights within this share of the largest are equally frequent: what is added up
/// in another order may differ so much.
const TIE: f64 = 1e-9;

/// The answers of one subgroup to one question.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Index into [`Subgroups::all`].
    pub(super) subgroup: u32,
    /// Index of the question.
    pub(super) question: u32,
    /// Position of the answer that stands for the subgroup.
    pub(super) mode: u16,
    /// Positions of all answers that are most frequent, ascending.
    pub(super) modes: Vec<u16>,
    /// Share of each position; they sum to 1.
    pub(super) shares: Vec<f64>,
    /// Respondents with an answer.
    pub(super) n: u64,
    /// Kish's effective number of them.
    pub(super) effective: f64,
    /// Share of bootstrap draws with another mode, where there were draws.
    pub(super) unstable: Option<f64>,
}

/// Why an item of a subgroup that is large enough has no truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    NoAnswer,
    TooFew,
    Tied,
}

/// An item that was left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeftOut {
    pub(super) subgroup: u32,
    pub(super) question: u32,
    pub(super) lack: Lack,
}

/// Answers by position: how many, their weights and the squares of those.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) n: u64,
    pub(super) weight: f64,
    pub(super) square: f64,
}

/// All items, by question and then by subgroup; the same for any number of threads.
pub(super) fn items(
    config: &Config,
    subgroups: &Subgroups,
    questions: &[Question],
    weights: Option<&[f64]>,
) -> (Vec<Item>, Vec<LeftOut>) {
    let each: Vec<(Vec<Item>, Vec<LeftOut>)> = questions
        .par_iter()
        .enumerate()
        .map(|(index, question)| of_question(config, subgroups, question, index as u32, weights))
        .collect();
    let (mut items, mut left_out) = (Vec::new(), Vec::new());
    for (of_question, lacking) in each {
        items.extend(of_question);
        left_out.extend(lacking);
    }
    (items, left_out)
}

fn of_question(
    config: &Config,
    subgroups: &Subgroups,
    question: &Question,
    index: u32,
    weights: Option<&[f64]>,
) -> (Vec<Item>, Vec<LeftOut>) {
    let options = question.scale.len();
    let mut cells = vec![Cell::default(); subgroups.all.len() * options];
    for groups in &subgroups.of {
        for (person, (group, answer)) in groups.iter().zip(&question.answers).enumerate() {
            if *group == NO_GROUP || *answer == NO_ANSWER {
                continue;
            }
            let cell = &mut cells[*group as usize * options + usize::from(*answer)];
            let weight = weights.map_or(1.0, |weights| weights[person]);
            cell.n += 1;
            cell.weight += weight;
            cell.square += weight * weight;
        }
    }
    let (mut items, mut left_out) = (Vec::new(), Vec::new());
    for (number, group) in subgroups.all.iter().enumerate() {
        if !group.included {
            continue;
        }
        let cells = &cells[number * options..][..options];
        let n: u64 = cells.iter().map(|cell| cell.n).sum();
        let total = cells
            .iter()
            .map(|cell| cell.weight)
            .collect::<Sum>()
            .value();
        let square = cells
            .iter()
            .map(|cell| cell.square)
            .collect::<Sum>()
            .value();
        let modes = most(cells.iter().map(|cell| cell.weight));
        let lack = match n {
            0 => Some(Lack::NoAnswer),
            n if n < config.questions.minimum => Some(Lack::TooFew),
            _ if modes.len() > 1 && config.questions.ties == Ties::Drop => Some(Lack::Tied),
            _ => None,
        };
        if let Some(lack) = lack {
            left_out.push(LeftOut {
                subgroup: number as u32,
                question: index,
                lack,
            });
            continue;
        }
        let names = [group.id.as_str(), question.id.as_str()];
        let mode = match config.questions.ties {
            Ties::Random => modes[stability::pick(config.seed, names, modes.len())],
            _ => modes[0],
        };
        items.push(Item {
            subgroup: number as u32,
            question: index,
            mode,
            shares: cells.iter().map(|cell| cell.weight / total).collect(),
            n,
            effective: if weights.is_some() {
                total * total / square
            } else {
                n as f64
            },
            unstable: (config.questions.draws > 0).then(|| {
                stability::unstable(config.seed, names, cells, mode, config.questions.draws)
            }),
            modes,
        });
    }
    (items, left_out)
}

/// Positions of the largest numbers, ascending.
pub(super) fn most(weights: impl Iterator<Item = f64> + Clone) -> Vec<u16> {
    let largest = weights.clone().fold(0.0, f64::max);
    let nearly = largest * (1.0 - TIE);
    weights
        .enumerate()
        .filter(|(_, weight)| *weight >= nearly && *weight > 0.0)
        .map(|(position, _)| position as u16)
        .collect()
}

/// Whether the number at a position is one of the largest.
pub(super) fn is_among_most(weights: &[f64], position: usize) -> bool {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    weights[position] > 0.0 && weights[position] >= largest * (1.0 - TIE)
}
