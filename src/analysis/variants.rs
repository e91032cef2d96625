//! A table whose items were asked in several phrasings: every phrasing is analysed as a
//! table of its own, so that nothing is compared or averaged across them but in the
//! section that says how they differ.

use std::sync::Arc;

use super::facts::Facts;
use super::phrasings::phrasings;
use super::{AnalysisError, Options, Other, Report, one};
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

/// What a table with phrasings says. Coverage, models and notes are of all of them.
pub(super) fn analyse(
    table: &VerdictTable,
    facts: Option<&Facts>,
    options: &Options,
    other: Option<&Other<'_>>,
) -> Result<Report, AnalysisError> {
    let mut whole = one(table, facts, options, other)?;
    whole.comparisons.clear();
    whole.groups.clear();
    whole.differences.clear();
    whole.leaderboards.clear();
    let tables = phrased(table);
    for part in &tables {
        let theirs = other.map(|other| other.table.of_variant(part.variant.as_deref()));
        let theirs = other
            .zip(theirs.as_ref())
            .filter(|(_, t)| !t.items.is_empty());
        let theirs = theirs.map(|(other, table)| Other {
            table,
            ..other.clone()
        });
        let mut report = one(&part.table, facts, options, theirs.as_ref())?;
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
    }
    whole.phrasings = phrasings(&tables, facts, options)?;
    Ok(whole)
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
