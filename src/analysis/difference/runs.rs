//! Differences of two runs, or of two tables, on the items that both have.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::matching::{Match, matches};
use super::{Context, Side, adjust, estimate};
use crate::analysis::AnalysisError;
use crate::analysis::estimate::{Measured, measure, withheld_groups};
use crate::analysis::groups::Breakdown;
use crate::analysis::layout::Layout;
use crate::analysis::notes;
use crate::analysis::report::{Against, Comparison, Difference, DifferenceKind, Note};
use crate::verdict::table::{Contest, VerdictTable};

/// Another run or table to compare with.
#[derive(Debug, Clone)]
pub struct Other<'a> {
    /// What the reported table is called.
    pub here: String,
    /// What the other is called.
    pub there: String,
    /// The other.
    pub table: &'a VerdictTable,
    /// Names that mean the same though they are written differently.
    pub same: Vec<Same>,
}

/// A model, judge, rubric or criterion that has another name in another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Same {
    /// Its name in the reported table.
    pub here: String,
    /// Its name in the other.
    pub there: String,
}

/// The differences of the reported table's win rates and another's, and what could
/// not be compared; and what is to be said of the other.
///
/// # Errors
///
/// When a name that is to be matched is nowhere.
pub(in crate::analysis) fn against(
    context: &Context<'_>,
    measured: &[Measured],
    other: &Other<'_>,
) -> Result<(Vec<Difference>, Against, Vec<Note>), AnalysisError> {
    check(context.layout.table, other)?;
    let layout = Layout::new(other.table);
    let ranks = shared_ranks(context.layout, &layout);
    let breakdowns: Vec<Breakdown> = context
        .breakdowns
        .iter()
        .map(|breakdown| breakdown.of_ranks(&ranks))
        .collect();
    // Levels are shown or withheld by the items that are compared, on either side.
    let own_parts = context.layout.parts();
    let own_breakdowns = only_shared(context, &ranks);
    let theirs: Vec<Measured> = layout
        .parts()
        .par_iter()
        .map(|&(comparison, criterion)| {
            measure(
                &layout,
                comparison,
                criterion,
                &breakdowns,
                context.settings,
                None,
            )
        })
        .collect();
    let (here, there) = (contests(measured, &[]), contests(&theirs, &other.same));
    let found = matches(
        &here
            .iter()
            .map(|known| known.contest.clone())
            .collect::<Vec<_>>(),
        &there
            .iter()
            .map(|known| known.contest.clone())
            .collect::<Vec<_>>(),
    );
    let mut pairs: Vec<(usize, usize, usize, bool)> = Vec::new();
    for (
        family,
        Match {
            here: h,
            there: t,
            turned,
        },
    ) in found.iter().copied().enumerate()
    {
        for (criterion, first) in &here[h].criteria {
            if let Some((_, second)) = there[t].criteria.iter().find(|(name, _)| name == criterion)
            {
                pairs.push((family, *first, *second, turned));
            }
        }
    }
    let mut differences: Vec<(usize, Difference)> = pairs
        .par_iter()
        .map(|&(family, first, second, turned)| {
            let criterion = &measured[first].comparison.criterion;
            let mut a = Side::new(&measured[first], false);
            a.named.source = Some(other.here.clone());
            a.withheld_groups = withheld_groups(
                context.layout,
                own_parts[first],
                &own_breakdowns,
                context.settings.floor,
            );
            let mut b = Side::new(&theirs[second], turned);
            b.named.source = Some(other.there.clone());
            let (shared, left_out) = moved(&b, &ranks);
            b.scores = shared;
            let mut made = estimate::difference(context, DifferenceKind::Runs, a, b, criterion);
            made.second.left_out += left_out;
            (family, made)
        })
        .collect();
    adjust(&mut differences);
    let unmatched = |parts: &[Measured], used: &dyn Fn(usize) -> bool| {
        (0..parts.len())
            .filter(|place| !used(*place))
            .map(|place| described(&parts[place].comparison))
            .collect()
    };
    let shared_items = ranks.iter().flatten().count() as u64;
    let summary = Against {
        source: other.there.clone(),
        shared_items,
        only_here: context.layout.items.len() as u64 - shared_items,
        only_there: layout.items.len() as u64 - shared_items,
        unmatched_here: unmatched(measured, &|place| pairs.iter().any(|pair| pair.1 == place)),
        unmatched_there: unmatched(&theirs, &|place| pairs.iter().any(|pair| pair.2 == place)),
    };
    Ok((
        differences.into_iter().map(|(_, made)| made).collect(),
        summary,
        notes::of_other(&other.there, other.table, &layout, &theirs),
    ))
}

/// The breakdowns of the reported table, of the items alone that the other has too.
fn only_shared(context: &Context<'_>, ranks: &[Option<u32>]) -> Vec<Breakdown> {
    let mut shared = vec![None; context.layout.items.len()];
    for &rank in ranks.iter().flatten() {
        shared[rank as usize] = Some(rank);
    }
    let breakdowns = context.breakdowns.iter();
    breakdowns
        .map(|breakdown| breakdown.of_ranks(&shared))
        .collect()
}

/// Scores at the ranks of the reported table, and how many have none there.
fn moved(side: &Side, ranks: &[Option<u32>]) -> (Vec<(u32, f64)>, u64) {
    let mut shared: Vec<(u32, f64)> = side
        .scores
        .iter()
        .filter_map(|&(rank, score)| Some((ranks[rank as usize]?, score)))
        .collect();
    shared.sort_unstable_by_key(|(rank, _)| *rank);
    let left_out = (side.scores.len() - shared.len()) as u64;
    (shared, left_out)
}

/// The rank here of each item there, by its rank there: where id, persona and
/// question agree.
fn shared_ranks(here: &Layout<'_>, there: &Layout<'_>) -> Vec<Option<u32>> {
    let key = |layout: &Layout<'_>, item: u32| {
        let item = &layout.table.items[item as usize];
        (
            item.id().into_owned(),
            item.persona.id.clone(),
            item.question.id.clone(),
        )
    };
    let mut known = HashMap::with_capacity(here.items.len());
    for (rank, &item) in here.items.iter().enumerate() {
        known.insert(key(here, item), rank as u32);
    }
    there
        .items
        .iter()
        .map(|&item| known.get(&key(there, item)).copied())
        .collect()
}

/// A comparison with the places of its criteria.
struct Known {
    contest: Contest,
    criteria: Vec<(String, usize)>,
}

/// The comparisons that were measured, under the names of the reported table. Left out is
/// what has a name that another of its kind stands under: it is not the same.
fn contests(measured: &[Measured], same: &[Same]) -> Vec<Known> {
    let all = |names: fn(&Comparison) -> Vec<&str>| -> HashSet<&str> {
        let comparisons = measured.iter().map(|part| &part.comparison);
        comparisons.flat_map(names).collect()
    };
    let models = all(|known| vec![&known.candidate, &known.opponent]);
    let judges = all(|known| vec![&known.judge]);
    let rubrics = all(|known| vec![&known.rubric]);
    let criteria = all(|known| vec![&known.criterion]);
    let renamed = |name: &str, kind: &HashSet<&str>| {
        if let Some(same) = same.iter().find(|same| same.there == name) {
            return Some(same.here.clone());
        }
        let is_taken = |same: &Same| same.here == name && kind.contains(same.there.as_str());
        (!same.iter().any(is_taken)).then(|| name.to_owned())
    };
    let mut known: Vec<Known> = Vec::new();
    let mut places: HashMap<usize, Option<usize>> = HashMap::new();
    for (place, part) in measured.iter().enumerate() {
        let comparison = &part.comparison;
        let number = *places.entry(part.place).or_insert_with(|| {
            known.push(Known {
                contest: Contest {
                    candidate: renamed(&comparison.candidate, &models)?,
                    opponent: renamed(&comparison.opponent, &models)?,
                    judge: renamed(&comparison.judge, &judges)?,
                    rubric: renamed(&comparison.rubric, &rubrics)?,
                },
                criteria: Vec::new(),
            });
            Some(known.len() - 1)
        });
        let criterion = renamed(&comparison.criterion, &criteria);
        if let (Some(number), Some(criterion)) = (number, criterion) {
            known[number].criteria.push((criterion, place));
        }
    }
    known
}

fn check(table: &VerdictTable, other: &Other<'_>) -> Result<(), AnalysisError> {
    let holds = |table: &VerdictTable, name: &str| {
        table.criteria.iter().any(|criterion| criterion == name)
            || table.contests.iter().any(|contest| {
                let Contest {
                    candidate,
                    opponent,
                    judge,
                    rubric,
                } = contest;
                [candidate, opponent, judge, rubric]
                    .iter()
                    .any(|known| *known == name)
            })
    };
    for Same { here, there } in &other.same {
        for (name, table, place) in [
            (here, table, "this table"),
            (there, other.table, "the other"),
        ] {
            if !holds(table, name) {
                return Err(AnalysisError::UnknownMatch {
                    name: name.clone(),
                    place,
                });
            }
        }
    }
    Ok(())
}

fn described(comparison: &Comparison) -> String {
    format!(
        "{} against {}, judge {}, rubric {}, {}",
        comparison.candidate,
        comparison.opponent,
        comparison.judge,
        comparison.rubric,
        comparison.criterion
    )
}
