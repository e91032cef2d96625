//! What is to be said where few personas are sampled.

use crate::analysis::report::Interval;
use crate::analysis::win_rate::FEW_PERSONAS;

/// Few personas, or few values of the column that was asked for in their place, of which these
/// intervals speak.
pub(super) fn few_personas<'a>(intervals: impl Iterator<Item = &'a Interval>) -> String {
    let column = intervals
        .flat_map(|interval| &interval.clusters)
        .find(|name| is_of_personas(name) && *name != PERSONA);
    let sampled = column.map_or_else(
        || "personas".to_owned(),
        |column| format!("values of {column}, which stands for the personas"),
    );
    let like = column.map_or_else(
        || "personas".to_owned(),
        |column| format!("values of {column}"),
    );
    let advice = match column {
        Some(_) => "cluster by question alone",
        None => "ask for fixed personas",
    };
    format!(
        "there are fewer than {FEW_PERSONAS} {sampled}: an interval for {like} like these is wide and rests on few of them; if they are all there are, {advice}"
    )
}

const PERSONA: &str = "persona";

/// Whether clusters of this name are personas, or divide them.
fn is_of_personas(name: &str) -> bool {
    name == PERSONA || name.starts_with("group.") || name == "split"
}

/// Whether an interval speaks of personas like a few.
pub(super) fn rests_on_few_personas(interval: &Interval) -> bool {
    let clusters = interval.clusters.iter().zip(&interval.n_clusters);
    let mut personas = clusters.filter(|(name, _)| is_of_personas(name));
    personas.any(|(_, count)| (2..FEW_PERSONAS).contains(count))
}
