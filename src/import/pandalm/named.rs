//! The names that people's labels have for the pairs of a judge's file.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{RUBRIC, models};
use crate::verdict::table::{Contest, Item, VerdictTable};

/// The verdicts of a judge's file that was imported alone, with the models and questions
/// by which labels of the same test set know its pairs.
///
/// A judge's file has nothing but the idx, by which the source's scripts join it to the
/// people's file. What the labels do not know, or know several pairs of, is left as it is.
pub fn named_by(mut table: VerdictTable, labels: &VerdictTable) -> VerdictTable {
    let strangers = models(None);
    let is_stranger = |contest: &Contest| {
        let names = [&contest.candidate, &contest.opponent];
        contest.rubric == RUBRIC && names == strangers.each_ref()
    };
    if !table.contests.iter().any(is_stranger) {
        return table;
    }
    // Of each item its question and models; none where it has several of these.
    let mut known: HashMap<Cow<'_, str>, Option<(&Item, &Contest)>> = HashMap::new();
    for label in &labels.judgments {
        let contest = &labels.contests[label.contest as usize];
        let item = &labels.items[label.item as usize];
        if contest.rubric == RUBRIC {
            let one = known.entry(item.id()).or_insert(Some((item, contest)));
            let names = |contest: &Contest| [contest.candidate.clone(), contest.opponent.clone()];
            if one.is_some_and(|(_, before)| names(before) != names(contest)) {
                *one = None;
            }
        }
    }
    let mut contests: HashMap<Contest, u32> = HashMap::new();
    for judgment in &mut table.judgments {
        let contest = &table.contests[judgment.contest as usize];
        let item = &mut table.items[judgment.item as usize];
        let id = item.id().into_owned();
        let Some(Some((named, of_people))) = known.get(&*id) else {
            continue;
        };
        if !is_stranger(contest) {
            continue;
        }
        item.question = named.question.clone();
        *item = item.clone().called(id);
        let contest = Contest {
            judge: contest.judge.clone(),
            ..(*of_people).clone()
        };
        let next = table.contests.len() as u32;
        judgment.contest = *contests.entry(contest.clone()).or_insert(next);
        if judgment.contest == next {
            table.contests.push(contest);
        }
    }
    drop_unjudged(&mut table, is_stranger);
    table
}

/// Takes out contests that no judgment is of any more.
fn drop_unjudged(table: &mut VerdictTable, may_go: impl Fn(&Contest) -> bool) {
    let mut is_judged = vec![false; table.contests.len()];
    for judgment in &table.judgments {
        is_judged[judgment.contest as usize] = true;
    }
    let (mut kept, mut places) = (Vec::new(), Vec::new());
    for (contest, is_judged) in table.contests.drain(..).zip(is_judged) {
        places.push(kept.len() as u32);
        if is_judged || !may_go(&contest) {
            kept.push(contest);
        }
    }
    table.contests = kept;
    for judgment in &mut table.judgments {
        judgment.contest = places[judgment.contest as usize];
    }
}
