//! One phrasing of a verdict table whose items were asked in several.

use oyer::text::escape;
use oyer::verdict::table::VerdictTable;

use super::error::Failure;

/// The judgments in the phrasing that is asked for. A table without phrasings needs none;
/// one with phrasings needs one, since nothing is averaged across them.
pub(super) fn in_variant(
    table: VerdictTable,
    asked: Option<&str>,
) -> Result<VerdictTable, Failure> {
    let known = table.variants();
    let names: Vec<_> = known.iter().map(|name| escape(name)).collect();
    let problem = match asked {
        None if known.is_empty() => return Ok(table),
        Some(name) if known.iter().any(|known| **known == *name) => {
            return Ok(table.in_variant(Some(name)));
        }
        Some(name) if known.is_empty() => format!(
            "there is no phrasing `{}`, since the verdicts name none; leave out --variant",
            escape(name)
        ),
        Some(name) => format!(
            "there is no phrasing `{}`; name one of {}",
            escape(name),
            names.join(", ")
        ),
        None => format!(
            "the verdicts are of several phrasings, which are never averaged; name one with \
             --variant: {}",
            names.join(", ")
        ),
    };
    Err(Failure::Input(problem))
}
