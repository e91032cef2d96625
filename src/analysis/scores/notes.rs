//! What has to be known beside scores.

use super::ScoreOptions;
use super::items::ModelItems;
use crate::answers::{AnswerTable, Item};
use crate::study::modes::modes_of;

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
        notes.push(format!("{without} items have no truth and are not scored"));
    }
    let chosen = || table.items.iter().zip(items).filter(|(_, chosen)| **chosen);
    let truths = || chosen().filter_map(|(item, _)| item.truth.as_ref());
    let all = chosen().count();
    let tied = truths().filter(|truth| truth.ties() > 1).count();
    if tied > 0 {
        notes.push(format!(
            "the mode of {tied} of {all} items ties; accuracy takes one of the tied answers, soft accuracy all"
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
            "the truth of {other} of {all} items is not the most frequent answer of its distribution: accuracy and NMAE go by the truth, the Wasserstein distance by the distribution"
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
            "the mode of {unstable} of {all} items is another one in more than {:.0}% of resamples of the respondents",
            options.unstable_above * 100.0
        ));
    }
    let open = scored.iter().map(|model| model.total.not_there());
    let open: u64 = open.map(u64::from).sum();
    if open > 0 {
        notes.push(format!(
            "{open} planned answers are not there (failed, or not asked for yet); they are left out, whatever the treatment of missing answers"
        ));
    }
    notes
}
