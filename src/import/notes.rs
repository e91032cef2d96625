//! What a reader has to know of an import as a whole.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::rows::{Again, OrdersKnown, UNNAMED};
use super::tally::{Effect, Tally};
use crate::text::form;
use crate::verdict::table::{Contest, VerdictTable};

/// What a reader has to know of orders that are not known.
pub(super) fn of_orders(table: &VerdictTable, orders: &OrdersKnown) -> Option<String> {
    if !orders.fixed.is_empty() {
        let names = orders.fixed.iter().map(|contest| {
            let Contest {
                candidate,
                opponent,
                judge,
                rubric,
            } = contest;
            format!("{candidate} against {opponent}, by {judge} ({rubric})")
        });
        let names = most_of(names);
        return Some(format!(
            "which answer was shown first is not known of {names}: the table has them as if one side had always been first, and effects of the order cannot be seen there"
        ));
    }
    if table.orders_unknown && orders.known > 0 {
        return Some(format!(
            "which answer was shown first is known of {} of {} wins and losses, and so left out of the table: effects of the order cannot be seen",
            orders.known, orders.decided
        ));
    }
    (!table.orders_unknown && orders.ties_unknown > 0).then(|| {
        format!(
            "which answer was shown first is not known of {} {}, which the table has as candidate_first; it is known of all wins and losses",
            orders.ties_unknown,
            form(orders.ties_unknown as u64, "tie", "ties")
        )
    })
}

/// What is said of judgments that several files have.
pub(super) fn of_several_files(again: &Again, files: &[PathBuf]) -> Option<String> {
    let pairs = again.iter().map(|([first, second], rows)| {
        let [first, second] = [first, second].map(|file| files[*file].display());
        format!("{first} and {second} ({rows})")
    });
    (!again.is_empty()).then(|| {
        format!(
            "files that give the same judgments (item, models, judge and order), which are taken for repeats of one judge and averaged: {}; import files of different runs apart, each to a folder of its own",
            most_of(pairs)
        )
    })
}

/// What is said of a judge that was given, where nothing is by it.
pub(super) fn of_judge(table: &VerdictTable, judge: &str) -> Option<String> {
    let names: BTreeSet<&String> = table
        .contests
        .iter()
        .map(|contest| &contest.judge)
        .collect();
    // A judge's runs are told apart by what stands in brackets behind its name.
    let run = format!("{judge} (");
    let is_it = |name: &&String| *name == judge || name.starts_with(&run);
    (!names.iter().any(is_it)).then(|| {
        let judges = match names.len() {
            0 => "there are no verdicts of judges".to_owned(),
            _ => format!("they name {}", most_of(names.into_iter().cloned())),
        };
        format!("--judge {judge} names nothing here: a judge is called as the files call it, and {judges}")
    })
}

/// What is said of a baseline that is compared with itself.
pub(super) fn of_baseline(model: &str) -> String {
    format!(
        "{model} is compared with itself, which the table leaves out; leaderboards score the baseline so, at 50%"
    )
}

/// The first few of many, and how many more there are.
pub(super) fn most_of(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown}, and {more} more")
    }
}

/// Counts the judgments of questions without a name, which are taken for one question.
pub(super) fn count_unnamed(table: &VerdictTable, tally: &mut Tally) {
    const REASON: &str = "an empty question id: all of these are taken for one question";
    let is_unnamed = |index: u32| &*table.items[index as usize].question.id == UNNAMED;
    let judgments = table.judgments.iter();
    let unnamed = judgments
        .filter(|judgment| is_unnamed(judgment.item))
        .count();
    if unnamed > 0 {
        tally.add_many(Effect::Kept, REASON, unnamed as u64, || {
            format!("the question `{UNNAMED}`")
        });
    }
}
