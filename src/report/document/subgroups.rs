//! How the levels of a breakdown differ.

use super::{Block, Tone, name};
use crate::analysis::Report;
use crate::analysis::report::{Comparison, SubgroupSection};

/// What is said of one breakdown of a comparison: a point a criterion, or one where
/// all say the same.
pub(super) fn said(criteria: &[Comparison], dimensions: &[String]) -> Option<Block> {
    let mut points: Vec<(Vec<&str>, &SubgroupSection)> = Vec::new();
    for c in criteria {
        let of = |section: &&SubgroupSection| section.dimensions == dimensions;
        let Some(section) = c.subgroups.iter().find(of) else {
            continue;
        };
        match points
            .iter_mut()
            .find(|(_, known)| known.sentence == section.sentence)
        {
            Some((names, _)) => names.push(&c.criterion),
            None => points.push((vec![&c.criterion], section)),
        }
    }
    let points: Vec<(Tone, String)> = points
        .iter()
        .map(|(names, section)| point(&names.join(", "), section))
        .collect();
    (!points.is_empty()).then_some(Block::List(points))
}

/// What is said of all breakdowns of one difference.
pub(super) fn interactions(sections: &[SubgroupSection]) -> Vec<(Tone, String)> {
    sections
        .iter()
        .map(|section| point(&section.dimensions.join(" and "), section))
        .collect()
}

fn point(title: &str, section: &SubgroupSection) -> (Tone, String) {
    let text = format!("{}: {}.", name(title), name(&section.sentence));
    (Tone::Plain, text)
}

/// The partially pooled win rate of a subgroup.
pub(in crate::report) fn pooled(report: &Report, group: &Comparison) -> Option<f64> {
    let whole = report
        .comparisons
        .iter()
        .find(|c| super::contest(c) == super::contest(group) && c.criterion == group.criterion)?;
    let section = whole
        .subgroups
        .iter()
        .find(|section| section.dimensions == group.dimensions)?;
    let level = section
        .levels
        .iter()
        .find(|level| level.levels == group.levels);
    level?.pooled
}
