//! A table whose items were asked in several phrasings: every phrasing is analysed as a
//! table of its own, so that nothing is compared or averaged across them but in the
//! section that says how they differ.

use std::sync::Arc;

use super::facts::Facts;
use super::layout::Layout;
use super::options::MOST_PHRASINGS;
use super::phrasings::phrasings;
use super::report::{Against, Comparison};
use super::{AnalysisError, Beside, Options, Other, Report, assemble, coverage, notes, one};
use crate::verdict::table::VerdictTable;

/// The judgments of one phrasing; items of a table may also have none.
pub(super) struct Phrased {
    pub(super) variant: Option<Arc<str>>,
    pub(super) table: VerdictTable,
}

impl Phrased {
    pub(super) fn name(&self) -> String {
        self.variant.as_deref().unwrap_or_default().to_owned()
    }
}

/// What a table with phrasings says. Models and counts are of all of them.
pub(super) fn analyse(
    table: &VerdictTable,
    facts: Option<&Facts>,
    options: &Options,
    other: Option<&Other<'_>>,
) -> Result<Report, AnalysisError> {
    let variants = table.variants().len();
    if variants > MOST_PHRASINGS {
        return Err(AnalysisError::Phrasings(variants));
    }
    let layout = Layout::new(table);
    let tables = phrased(table);
    let (mut whole, _) = assemble(
        table,
        facts,
        options,
        &layout,
        Vec::new(),
        Beside::default(),
    );
    let mut notes = Vec::new();
    for part in &tables {
        let theirs = other.map(|other| other.table.of_variant(part.variant.as_deref()));
        let theirs = other.zip(theirs.as_ref()).map(|(other, table)| Other {
            table,
            ..other.clone()
        });
        let (mut report, on_numbers) = one(&part.table, facts, options, theirs.as_ref())?;
        let name = Some(part.name()).filter(|name| !name.is_empty());
        for comparison in report.comparisons.iter_mut().chain(&mut report.groups) {
            comparison.variant.clone_from(&name);
        }
        for difference in &mut report.differences {
            difference.variant.clone_from(&name);
        }
        for board in &mut report.leaderboards {
            board.variant.clone_from(&name);
        }
        whole.comparisons.append(&mut report.comparisons);
        whole.groups.append(&mut report.groups);
        whole.differences.append(&mut report.differences);
        whole.leaderboards.append(&mut report.leaderboards);
        join(&mut whole.against, report.against);
        notes::join(
            &mut notes,
            on_numbers,
            name.as_deref().unwrap_or("without a name"),
        );
    }
    if let (Some(against), Some(other)) = (&mut whole.against, other) {
        against.only_there += items_in_none_of(other.table, &tables);
    }
    let headlines: Vec<&Comparison> = whole.comparisons.iter().collect();
    whole.coverage = coverage::coverage(table, &layout, facts, &headlines);
    whole.phrasings = phrasings(&tables, facts, options)?;
    whole.notes.append(&mut notes);
    notes::sort(&mut whole.notes);
    Ok(whole)
}

/// Adds what one phrasing shares with another run to what others do.
fn join(whole: &mut Option<Against>, part: Option<Against>) {
    let Some(part) = part else { return };
    let Some(whole) = whole else {
        *whole = Some(part);
        return;
    };
    whole.shared_items += part.shared_items;
    whole.only_here += part.only_here;
    whole.only_there += part.only_there;
    for (names, more) in [
        (&mut whole.unmatched_here, part.unmatched_here),
        (&mut whole.unmatched_there, part.unmatched_there),
    ] {
        for name in more {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
}

/// Items of a table that were asked in no phrasing of these.
fn items_in_none_of(table: &VerdictTable, phrased: &[Phrased]) -> u64 {
    let is_known = |variant: &Option<Arc<str>>| phrased.iter().any(|part| part.variant == *variant);
    let items = table.items.iter();
    items.filter(|item| !is_known(&item.variant)).count() as u64
}

fn phrased(table: &VerdictTable) -> Vec<Phrased> {
    let mut variants: Vec<Option<Arc<str>>> = table.variants().into_iter().map(Some).collect();
    if table.items.iter().any(|item| item.variant.is_none()) {
        variants.push(None);
    }
    variants
        .into_iter()
        .map(|variant| Phrased {
            table: table.of_variant(variant.as_deref()),
            variant,
        })
        .collect()
}
