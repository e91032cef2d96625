//! What has to be known beside scores.

use super::ScoreOptions;
use super::items::ModelItems;
use crate::answers::{AnswerTable, Item};
use crate::study::modes::modes_of;
use crate::text::{counted, counted_of, in_percent};

/// What has to be known beside the numbers.
pub(super) fn notes(
    table: &AnswerTable,
    items: &[bool],
    scored: &[ModelItems],
    options: &ScoreOptions,
) -> Vec<String> {
    let mut notes = Vec::new();
    let without = table
        .items
        .iter()
        .filter(|item| item.truth.is_none())
        .count();
    if without > 0 {
        notes.push(format!(
            "not scored for want of a truth: {}",
            counted(without as u64, "item")
        ));
    }
    let chosen = || table.items.iter().zip(items).filter(|(_, chosen)| **chosen);
    let truths = || chosen().filter_map(|(item, _)| item.truth.as_ref());
    let all = chosen().count() as u64;
    let of_all = |some: usize| counted_of(some as u64, all, "item");
    let tied = truths().filter(|truth| truth.ties() > 1).count();
    if tied > 0 {
        notes.push(format!(
            "the mode of {} ties; accuracy takes one of the tied answers, soft accuracy all",
            of_all(tied)
        ));
    }
    let is_other = |item: &Item| {
        let truth = item.truth.as_ref();
        truth.is_some_and(|truth| {
            let shares = truth.distribution.map(|first| table.shares_of(item, first));
            shares.is_some_and(|shares| !modes_of(shares).contains(&truth.mode))
        })
    };
    let other = chosen().filter(|(item, _)| is_other(item)).count();
    if other > 0 {
        notes.push(format!(
            "the truth of {} is not the most frequent answer of its distribution: accuracy and NMAE go by the truth, the Wasserstein distance by the distribution",
            of_all(other)
        ));
    }
    let unstable = truths()
        .filter(|truth| {
            truth
                .unstable
                .is_some_and(|share| share > options.unstable_above)
        })
        .count();
    if unstable > 0 {
        notes.push(format!(
            "the mode of {} is another one in more than {}% of resamples of the respondents",
            of_all(unstable),
            in_percent(options.unstable_above)
        ));
    }
    let open = scored.iter().map(|model| model.total.not_there());
    let open: u64 = open.map(u64::from).sum();
    if open > 0 {
        notes.push(format!(
            "not there (failed, or not asked for yet) and left out, whatever the treatment of missing answers: {}",
            counted(open, "planned answer")
        ));
    }
    notes
}
