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
    let mut heading = format!("At equal {of}");
    if let Some(difficulty) = &control.difficulty {
        heading.push_str(", allowing for ");
        heading.push_str(&name(&difficulty.control));
    }
    let mut blocks = vec![Block::Heading(3, heading)];
    let interval = format!("{}% interval", in_percent(report.study.level));
    let mut header = vec!["criterion", "win rate", "controlled", &interval, "p"];
    // The tastes for several controls would make a table too wide.
    let beside = names.len() == 1 && control.difficulty.is_none();
    let taste = format!("taste for {of}");
    if beside {
        header.extend([taste.as_str(), "interval", "p"]);
    }
    // What a judge's verdicts gain by how hard an item is is no taste.
    let slope = if control.difficulty.is_some() {
        "slope"
    } else {
        "taste"
    };
    let mut tastes = Table::new(2, &["criterion", "control", slope, "interval", "p"]);
    let mut table = Table::new(1, &header);
    for (c, control) in &controlled {
        let mut row = vec![
            name(&c.criterion),
            percent(control.raw_win_rate),
            percent(control.win_rate),
            limits(control.interval.as_ref()),
            p_value(control.p_value),
        ];
        if beside {
            row.extend(control.slopes.iter().flat_map(slope_cells));
        } else {
            tastes.rows.extend(slope_rows(c, control));
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

/// A row for each control, and for the difficulty.
fn slope_rows(c: &Comparison, control: &StyleControl) -> Vec<Vec<String>> {
    let styles = control.slopes.iter().map(|slope| (slope, ""));
    let difficulty = control
        .difficulty
        .iter()
        .map(|slope| (slope, " (difficulty)"));
    let row = |(slope, kind): (&StyleSlope, &str)| {
        let mut row = vec![name(&c.criterion), name(&slope.control) + kind];
        row.extend(slope_cells(slope));
        row
    };
    styles.chain(difficulty).map(row).collect()
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
