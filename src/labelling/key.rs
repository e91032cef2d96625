//! Which of the drawn tasks is about what.

use super::Frame;
use super::config::controls;
use super::sample::Drawn;
use crate::import::labelling_key::{Entry, Key, Subgroup};
use crate::verdict::Order;

/// The key of drawn tasks.
pub fn key_of(frame: &Frame, drawn: &Drawn) -> Key {
    let names = controls(&frame.criteria);
    let tasks = drawn.assignments.iter().map(|assignment| {
        let stratum = &drawn.strata[assignment.stratum];
        let comparison = &frame.comparisons[assignment.comparison];
        let criteria = comparison.criteria.iter().map(|index| {
            let key = frame.criteria[*index].key.clone();
            (names[*index].clone(), key)
        });
        let entry = Entry {
            annotator: assignment.annotator,
            item: comparison.item.clone(),
            persona: comparison.persona.clone(),
            question: comparison.question.clone(),
            candidate: comparison.candidate.clone(),
            opponent: comparison.opponent.clone(),
            sample: comparison.sample,
            order: if assignment.candidate_left {
                Order::CandidateFirst
            } else {
                Order::OpponentFirst
            },
            subgroup: Some(Subgroup {
                size: stratum.there as u32,
                drawn: stratum.drawn as u32,
            }),
            criteria: criteria.collect(),
        };
        (assignment.task.clone(), entry)
    });
    Key {
        tasks: tasks.collect(),
    }
}
