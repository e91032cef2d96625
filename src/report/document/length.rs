//! The win rates with the judge's taste for style taken out.

use super::{Block, Table, Tone, name};
use crate::analysis::Report;
use crate::analysis::report::{Comparison, StyleControl, StyleSlope};
use crate::report::numbers::{NONE, count, counted, in_percent, limits, p_value, percent};

/// What the controls did to the criteria of a comparison.
pub(super) fn blocks(report: &Report, criteria: &[Comparison]) -> Vec<Block> {
    let controlled: Vec<(&Comparison, &StyleControl)> = criteria
        .iter()
        .filter_map(|c| Some((c, c.style_control.as_ref()?)))
        .collect();
    let Some((_, control)) = controlled.first() else {
        return Vec::new();
    };
    let names: Vec<String> = control
        .slopes
        .iter()
        .map(|slope| name(&slope.control))
        .collect();
    let of = names.join(", ");
    let mut blocks = vec![Block::Heading(3, format!("At equal {of}"))];
    let interval = format!("{}% interval", in_percent(report.study.level));
    let mut header = vec!["criterion", "win rate", "controlled", &interval, "p"];
    // The tastes for several controls would make a table too wide.
    let beside = names.len() == 1;
    let taste = format!("taste for {of}");
    if beside {
        header.extend([taste.as_str(), "interval", "p"]);
    }
    let mut tastes = Table::new(2, &["criterion", "control", "taste", "interval", "p"]);
    let mut table = Table::new(1, &header);
    for (c, control) in &controlled {
        let mut row = vec![
            name(&c.criterion),
            percent(control.raw_win_rate),
            percent(control.win_rate),
            limits(control.interval.as_ref()),
            p_value(control.p_value),
        ];
        for slope in &control.slopes {
            let cells = slope_cells(slope);
            if beside {
                row.extend(cells);
            } else {
                let mut taste = vec![name(&c.criterion), name(&slope.control)];
                taste.extend(cells);
                tastes.rows.push(taste);
            }
        }
        table.rows.push(row);
    }
    blocks.push(Block::Table(table));
    if !beside {
        blocks.push(Block::Table(tastes));
    }
    let said: Vec<(Tone, String)> = controlled
        .iter()
        .flat_map(|(c, control)| sentences(c, control))
        .map(|text| (Tone::Plain, text))
        .collect();
    if !said.is_empty() {
        blocks.push(Block::List(said));
    }
    blocks
}

fn slope_cells(slope: &StyleSlope) -> [String; 3] {
    [
        signed(slope.slope),
        slope.interval.as_ref().map_or_else(
            || NONE.to_owned(),
            |interval| signed_limits(interval.low, interval.high),
        ),
        p_value(slope.p_value),
    ]
}

/// A number on the scale of log odds.
pub(super) fn signed(number: Option<f64>) -> String {
    let Some(number) = number else {
        return NONE.to_owned();
    };
    let text = format!("{number:+.2}");
    // A minus sign before a zero would be noise.
    if text == "-0.00" {
        "+0.00".to_owned()
    } else {
        text
    }
}

pub(super) fn signed_limits(low: f64, high: f64) -> String {
    format!("{} to {}", signed(Some(low)), signed(Some(high)))
}

fn sentences(c: &Comparison, control: &StyleControl) -> Vec<String> {
    let criterion = name(&c.criterion);
    let mut said = Vec::new();
    if let Some(sentence) = &control.sentence {
        said.push(format!("{criterion}: {}.", name(sentence)));
    }
    if control.left_out > 0 {
        said.push(format!(
            "{criterion}: left out here, for want of a control in some sample: {} of {}.",
            count(control.left_out),
            counted(control.left_out + control.n_items, "item")
        ));
    }
    said
}
