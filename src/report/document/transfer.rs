//! What is known of transfer, for people.

use super::{Block, Table, Tone, name, plain_notes};
use crate::analysis::transfer::report::{
    Contrast, Corrected, Gain, Transfer, TransferReport, Unit,
};
use crate::report::numbers::{NONE, count, in_percent, percent, point_range, points};

/// Units up to which all of them are shown.
const MOST_UNITS: usize = 60;

/// Everything that is told. Long lists of units stand in JSON and CSV only.
pub(in crate::report) fn transfer(report: &TransferReport) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Transfer".to_owned())];
    blocks.push(Block::Paragraph(Tone::Loud, name(&report.summary)));
    blocks.push(Block::Paragraph(Tone::Plain, how(report)));
    let called = Called::new(report);
    blocks.push(Block::Heading(2, "Gains".to_owned()));
    blocks.push(Block::Table(gains(report, &called)));
    for gains in &report.gains {
        if let Some(why) = &gains.withheld {
            let of = called.name(&gains.contrast);
            let text = format!("Withheld for {of}: {}.", name(why));
            blocks.push(Block::Paragraph(Tone::Loud, text));
        }
    }
    if let Some(unstable) = unstable(report, &called) {
        blocks.push(Block::Heading(2, "Unstable truth".to_owned()));
        blocks.push(Block::Paragraph(
            Tone::Plain,
            format!(
                "Structured gain with items whose modal answer is another one in more than {}% of resamples of the respondents, without them, and with each item weighted by the share of resamples that have its mode.",
                in_percent(report.settings.unstable_above)
            ),
        ));
        blocks.push(Block::Table(unstable));
    }
    if !report.transfers.is_empty() {
        blocks.push(Block::Heading(2, "As they stand".to_owned()));
        blocks.push(Block::Table(raw(report, &called)));
    }
    if report.transfers.iter().any(|t| t.disattenuated.is_some()) {
        blocks.push(Block::Heading(2, "Without their noise".to_owned()));
        blocks.push(Block::Table(corrected(report, &called)));
    }
    let refused = refused(report, &called);
    if !refused.is_empty() {
        blocks.push(Block::Heading(2, "Not told".to_owned()));
        blocks.push(Block::List(refused));
    }
    for unit in Unit::ALL {
        units(report, &called, unit, &mut blocks);
    }
    blocks.extend(plain_notes(&report.notes));
    blocks
}

fn how(report: &TransferReport) -> String {
    let references: Vec<&str> = report
        .gains
        .iter()
        .filter_map(|gains| gains.contrast.reference.as_deref())
        .collect();
    let open = match references.first() {
        Some(reference) if references.len() == report.gains.len() => format!(
            "win rate of the tuned model against {} less that of its base, on shared items",
            name(reference)
        ),
        Some(_) => "win rate of the tuned model against its base less one half, or against a model that both met less the base's".to_owned(),
        None => "win rate of the tuned model against its base less one half".to_owned(),
    };
    let settings = &report.settings;
    let split = settings
        .split
        .as_deref()
        .map(|split| format!(" Only items of the split {}.", name(split)));
    let linked = if settings.linked_only {
        " Only questions that both halves ask."
    } else {
        ""
    };
    format!(
        "Gains in points. Structured: what the tuned model scores more than its base on shared items. Open-ended: {open}. Reliability: share of the variance over units that is not noise. Limits at {}%; a star marks what came out beyond 1 and was drawn back. A slope has \"any\" for limits where none is ruled out.{}{linked}",
        in_percent(settings.level),
        split.unwrap_or_default(),
    )
}

/// What is not told and why, each reason once.
fn refused(report: &TransferReport, called: &Called) -> Vec<(Tone, String)> {
    let mut reasons: Vec<(Unit, &str, Vec<String>)> = Vec::new();
    for transfer in &report.transfers {
        let Some(why) = transfer.refused.as_deref() else {
            continue;
        };
        let place = called.name(&transfer.contrast);
        let same =
            |known: &&mut (Unit, &str, Vec<String>)| (known.0, known.1) == (transfer.unit, why);
        match reasons.iter_mut().find(same) {
            Some((_, _, places)) => places.push(place),
            None => reasons.push((transfer.unit, why, vec![place])),
        }
    }
    let told = |(unit, why, places): &(Unit, &str, Vec<String>)| {
        let all = report.transfers.iter().filter(|t| t.unit == *unit).count();
        let of = if places.len() == all {
            String::new()
        } else {
            format!(", {}", places.join("; "))
        };
        (
            Tone::Plain,
            format!("By {}{of}: {}.", unit.name(), name(why)),
        )
    };
    reasons.iter().map(told).collect()
}

/// What tells the contrasts of a report apart.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one part whether it is named"
)]
struct Called {
    pair: bool,
    judge: bool,
    rubric: bool,
    metric: bool,
}

impl Called {
    fn new(report: &TransferReport) -> Self {
        let differ = |of: fn(&Contrast) -> &String| {
            let mut all = report.gains.iter().map(|gains| of(&gains.contrast));
            let first = all.next();
            all.any(|other| Some(other) != first)
        };
        Self {
            pair: differ(|contrast| &contrast.pair),
            judge: differ(|contrast| &contrast.judge),
            rubric: differ(|contrast| &contrast.rubric),
            metric: differ(|contrast| &contrast.metric),
        }
    }

    fn name(&self, contrast: &Contrast) -> String {
        let mut parts = Vec::new();
        if self.metric {
            parts.push(&contrast.metric);
        }
        parts.push(&contrast.criterion);
        for (is_told, part) in [
            (self.pair, &contrast.pair),
            (self.judge, &contrast.judge),
            (self.rubric, &contrast.rubric),
        ] {
            if is_told {
                parts.push(part);
            }
        }
        let parts: Vec<String> = parts.into_iter().map(|part| name(part)).collect();
        parts.join(", ")
    }
}

fn gains(report: &TransferReport, called: &Called) -> Table {
    let mut table = Table::new(
        1,
        &[
            "criterion",
            "structured",
            "",
            "items",
            "open-ended",
            "",
            "items",
        ],
    );
    for gains in &report.gains {
        let mut row = vec![called.name(&gains.contrast)];
        for gain in [&gains.structured, &gains.open_ended] {
            row.extend(gain.as_ref().map_or_else(
                || ["withheld", NONE, NONE].map(str::to_owned),
                |gain| [points(gain.estimate), gain_limits(gain), count(gain.items)],
            ));
        }
        table.rows.push(row);
    }
    table
}

/// Structured gains with and without items whose truth is unstable.
fn unstable(report: &TransferReport, called: &Called) -> Option<Table> {
    let found = report.gains.iter().filter_map(|gains| {
        let known = gains.unstable_truth?;
        (known.items.unstable > 0).then_some((gains, known))
    });
    let mut table = Table::new(1, &["criterion", "unstable", "all", "left out", "weighted"]);
    for (gains, known) in found {
        let shown = |gain: Option<f64>| gain.map_or_else(|| NONE.to_owned(), points);
        table.rows.push(vec![
            called.name(&gains.contrast),
            percent(Some(known.items.unstable_share)),
            shown(known.keep),
            shown(known.drop),
            shown(known.weight),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

fn gain_limits(gain: &Gain) -> String {
    point_range(gain.low.zip(gain.high))
}

fn raw(report: &TransferReport, called: &Called) -> Table {
    let mut table = Table::new(
        2,
        &[
            "criterion",
            "by",
            "units",
            "reliability: structured",
            "open-ended",
            "r",
            "",
            "rank r",
        ],
    );
    for transfer in &report.transfers {
        let r = transfer.pearson;
        table.rows.push(vec![
            called.name(&transfer.contrast),
            transfer.unit.name().to_owned(),
            count(transfer.n_units),
            decimal(transfer.structured_reliability),
            decimal(transfer.open_reliability),
            decimal(r.map(|r| r.estimate)),
            r.map_or_else(|| NONE.to_owned(), |r| between(Some(r.low), Some(r.high))),
            decimal(transfer.spearman),
        ]);
    }
    table
}

fn corrected(report: &TransferReport, called: &Called) -> Table {
    let mut table = Table::new(
        2,
        &[
            "criterion",
            "by",
            "r",
            "",
            "r by likelihood",
            "",
            "slope",
            "",
        ],
    );
    let told = |transfer: &&Transfer| transfer.disattenuated.is_some();
    for transfer in report.transfers.iter().filter(told) {
        let (r, likelihood, slope) = (
            transfer.disattenuated,
            transfer.likelihood,
            transfer.gain_slope,
        );
        let star = |drawn: bool| if drawn { "*" } else { "" };
        let starred =
            |r: &Corrected, limit: f64| decimal(Some(limit)) + star(r.is_limit_drawn_back(limit));
        table.rows.push(vec![
            called.name(&transfer.contrast),
            transfer.unit.name().to_owned(),
            decimal(r.map(|r| r.estimate)) + star(r.is_some_and(|r| r.is_drawn_back())),
            r.as_ref().map_or_else(
                || NONE.to_owned(),
                |r| format!("{} to {}", starred(r, r.low), starred(r, r.high)),
            ),
            decimal(likelihood.map(|fit| fit.estimate)),
            likelihood.map_or_else(
                || NONE.to_owned(),
                |fit| between(Some(fit.low), Some(fit.high)),
            ),
            decimal(slope.map(|slope| slope.estimate)),
            slope.map_or_else(
                || NONE.to_owned(),
                |slope| match (slope.low, slope.high) {
                    (None, None) => "any".to_owned(),
                    (low, high) => between(low, high),
                },
            ),
        ]);
    }
    table
}

fn between(low: Option<f64>, high: Option<f64>) -> String {
    format!("{} to {}", decimal(low), decimal(high))
}

fn decimal(number: Option<f64>) -> String {
    number.map_or_else(
        || NONE.to_owned(),
        |number| {
            let text = format!("{number:.2}");
            if text == "-0.00" {
                "0.00".to_owned()
            } else {
                text
            }
        },
    )
}

/// The units of one kind, with all criteria side by side.
fn units(report: &TransferReport, called: &Called, unit: Unit, blocks: &mut Vec<Block>) {
    let mut left: Vec<&Transfer> = report
        .transfers
        .iter()
        .filter(|transfer| transfer.unit == unit && !transfer.units.is_empty())
        .collect();
    while let Some(first) = left.first().copied() {
        let same = |other: &&Transfer| {
            let (a, b) = (&first.contrast, &other.contrast);
            (&a.metric, &a.pair, &a.judge, &a.rubric) == (&b.metric, &b.pair, &b.judge, &b.rubric)
        };
        let (together, rest): (Vec<&Transfer>, Vec<&Transfer>) = left.into_iter().partition(same);
        left = rest;
        if first.units.len() > MOST_UNITS {
            continue;
        }
        let mut apart = Vec::new();
        if called.metric {
            apart.push(name(&first.contrast.metric));
        }
        if called.pair && unit != Unit::Model {
            apart.push(name(&first.contrast.pair));
        }
        if called.judge {
            apart.push(name(&first.contrast.judge));
        }
        if called.rubric {
            apart.push(name(&first.contrast.rubric));
        }
        let apart = if apart.is_empty() {
            String::new()
        } else {
            format!(" ({})", apart.join(", "))
        };
        blocks.push(Block::Heading(2, format!("By {}{apart}", unit.name())));
        blocks.push(Block::Table(unit_table(unit, &together)));
    }
}

fn unit_table(unit: Unit, together: &[&Transfer]) -> Table {
    let mut header = vec![
        unit.name().to_owned(),
        "structured".to_owned(),
        "SE".to_owned(),
    ];
    for transfer in together {
        header.extend([name(&transfer.contrast.criterion), "SE".to_owned()]);
    }
    let mut table = Table {
        header,
        rows: Vec::new(),
        left: 1,
    };
    let Some(first) = together.first() else {
        return table;
    };
    for row in &first.units {
        let mut cells = vec![
            name(&row.name),
            points(row.structured),
            error(row.structured_se),
        ];
        for transfer in together {
            let own = transfer.units.iter().find(|other| other.name == row.name);
            cells.push(own.map_or_else(|| NONE.to_owned(), |own| points(own.open_ended)));
            cells.push(own.map_or_else(|| NONE.to_owned(), |own| error(own.open_se)));
        }
        table.rows.push(cells);
    }
    table
}

fn error(se: f64) -> String {
    format!("{:.1}", se * 100.0)
}
