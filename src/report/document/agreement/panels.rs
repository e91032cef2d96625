//! People with each other, and judges with each other.

use super::{breakdown_heading, clusters, of, pairs, telling, undefined};
use crate::analysis::agreement::report::{AgreementReport, CoefficientName, Panel};
use crate::report::document::{Block, Table, Tone, name};
use crate::report::numbers::{count, in_percent};
use crate::text::counted;

/// What raters of one kind are to each other, by criterion.
pub(super) fn panels(
    title: &str,
    report: &AgreementReport,
    panels: &[Panel],
    blocks: &mut Vec<Block>,
) {
    for panel in panels.iter().filter(|panel| panel.dimensions.is_empty()) {
        blocks.push(Block::Heading(
            2,
            format!("{}: {}", name(&panel.criterion), title.to_lowercase()),
        ));
        let text = format!(
            "{}; {} in {}; {} with two ratings or more.",
            counted(panel.raters.len() as u64, "rater"),
            counted(panel.n_ratings, "rating"),
            clusters(&panel.n_clusters),
            counted(panel.n_units, "unit")
        );
        blocks.push(Block::Paragraph(Tone::Plain, text));
        let categories = panel
            .pairs
            .first()
            .map_or(3, |pair| pair.confusion.categories.len());
        let interval = format!("{}% interval", in_percent(report.level));
        let mut table = Table::new(1, &["", "all together", &interval]);
        for wanted in telling(&panel.coefficients, categories) {
            let mut row = vec![wanted.words().to_owned()];
            row.extend(of(&panel.coefficients, wanted));
            table.rows.push(row);
        }
        blocks.push(Block::Table(table));
        undefined(&panel.coefficients, blocks);
        if !panel.pairs.is_empty() {
            blocks.push(Block::Heading(3, "Each two".to_owned()));
            pairs(report, &panel.pairs, blocks);
        }
        let of_levels = panels
            .iter()
            .filter(|level| !level.dimensions.is_empty() && level.criterion == panel.criterion);
        panel_levels(report, &of_levels.collect::<Vec<_>>(), blocks);
    }
}

fn panel_levels(report: &AgreementReport, parts: &[&Panel], blocks: &mut Vec<Block>) {
    for of_breakdown in parts.chunk_by(|a, b| a.dimensions == b.dimensions) {
        blocks.push(breakdown_heading(&of_breakdown[0].dimensions));
        let interval = format!("{}% interval", in_percent(report.level));
        let header = [
            "",
            "units",
            "agreement",
            &interval,
            "AC1",
            &interval,
            "alpha",
            &interval,
        ];
        let mut table = Table::new(1, &header);
        for part in of_breakdown {
            let levels: Vec<String> = part.levels.iter().map(|level| name(level)).collect();
            let mut row = vec![levels.join(" × "), count(part.n_units)];
            row.extend(of(&part.coefficients, CoefficientName::Agreement));
            row.extend(of(&part.coefficients, CoefficientName::GwetAc1));
            row.extend(of(
                &part.coefficients,
                CoefficientName::KrippendorffAlphaNominal,
            ));
            table.rows.push(row);
        }
        blocks.push(Block::Table(table));
    }
}
