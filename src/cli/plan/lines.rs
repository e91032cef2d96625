//! What a plan says to people.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use oyer::text::{counted, escape, form, in_percent, thousands};

use super::scatter::Source;
use super::{Answer, GivenRow, NeededRow, Planned};

/// The whole answer.
pub(super) fn render(answer: &Answer) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", escape(&words).trim_end());
    };
    let sides = if answer.one_sided {
        "one-sided"
    } else {
        "two-sided"
    };
    let whom = if answer.sampled_personas {
        "personas like these"
    } else {
        "exactly these personas"
    };
    line(format!(
        "{}% power, {sides} at a level of {}%, for {whom}",
        in_percent(answer.power),
        in_percent(answer.level)
    ));
    if !answer.simulated.is_empty() {
        line(format!(
            "SIMULATED: models or judges of the pilot are simulated ({}); how their scores scatter says nothing of real ones",
            answer.simulated.join("; ")
        ));
    }
    let rubrics: BTreeSet<&str> = (answer.plans.iter())
        .filter_map(|plan| Some(plan.pilot.as_ref()?.rubric.as_str()))
        .collect();
    for plan in &answer.plans {
        line(String::new());
        for words in scatter_lines(plan, rubrics.len() > 1) {
            line(words);
        }
        if let (Some(effect), false) = (answer.effect, plan.needed.is_empty()) {
            line(String::new());
            line(format!("to find a win rate of {}:", percent(effect)));
            for words in needed_lines(&plan.needed) {
                line(words);
            }
        }
        if !plan.given.is_empty() {
            line(String::new());
            for words in given_lines(&plan.given, answer.effect) {
                line(words);
            }
        }
    }
    line(String::new());
    line("Assumed:".to_owned());
    for assumption in &answer.assumptions {
        line(format!("- {assumption}"));
    }
    text
}

/// With as many decimals as tell it from one half.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let is_half = (percent - 50.0).abs() < 1e-9;
    let decimals = (1..6).find(|decimals| {
        let shown = format!("{percent:.decimals$}");
        is_half || shown.trim_end_matches('0') != "50."
    });
    format!("{percent:.*}%", decimals.unwrap_or(6))
}

fn scatter_lines(plan: &Planned, with_rubric: bool) -> Vec<String> {
    let mut lines = Vec::new();
    match &plan.pilot {
        Some(pilot) => lines.push(format!(
            "pilot      {} vs {} by {} on {}{}: {} ({} x {}), win rate {}",
            pilot.candidate,
            pilot.opponent,
            pilot.judge,
            pilot.criterion,
            if with_rubric {
                format!(", rubric {}", pilot.rubric)
            } else {
                String::new()
            },
            counted(pilot.items, "item"),
            counted(pilot.questions, "question"),
            counted(pilot.personas, "persona"),
            pilot.win_rate.map_or_else(|| "-".to_owned(), percent)
        )),
        None => lines.push("pilot      none".to_owned()),
    }
    let inputs = &plan.inputs;
    let of_clusters = match (
        inputs.design_effect,
        inputs.icc_question,
        inputs.icc_persona,
    ) {
        (Some(effect), ..) => format!("design effect {effect:.2}"),
        (None, None, None) if plan.pilot.is_none() => "items of one persona independent".to_owned(),
        (None, question, persona) => format!(
            "correlation of items of one question {}, of one persona {}",
            correlation(plan, question, inputs.icc_question_from),
            correlation(plan, persona, inputs.icc_persona_from)
        ),
    };
    lines.push(format!(
        "scatter    ties {}, order correlation {:.2}, {of_clusters}",
        percent(inputs.ties),
        inputs.order_correlation
    ));
    let of_pilot = (plan.pilot.as_ref()).map_or((1, 1), |pilot| (pilot.samples, pilot.repeats));
    let asked = format!(
        "asked      {} of each answer, judged {} in each order",
        counted(plan.samples, "sample"),
        counted(plan.repeats, "time")
    );
    if (plan.samples, plan.repeats) != of_pilot {
        lines.push(format!(
            "{asked}; {} and {} in the pilot",
            of_pilot.0, of_pilot.1
        ));
    } else if plan.samples * plan.repeats > 1 {
        lines.push(asked + ", as in the pilot");
    }
    lines
}

fn correlation(plan: &Planned, value: Option<f64>, source: Option<Source>) -> String {
    match value {
        None => "unknown".to_owned(),
        Some(value) if plan.pilot.is_some() && source == Some(Source::Assumed) => {
            format!("{value:.3} (assumed: the pilot does not show it)")
        }
        Some(value) => format!("{value:.3}"),
    }
}

fn orders_name(orders: u8) -> &'static str {
    if orders == 2 { "both" } else { "one" }
}

fn needed_lines(rows: &[NeededRow]) -> Vec<String> {
    let header = [
        "orders",
        "personas",
        "questions",
        "items",
        "judgments",
        "design effect",
    ];
    let mut table = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), thousands);
        table.push(vec![
            orders_name(row.orders).to_owned(),
            thousands(row.personas.max(1)),
            number(row.questions),
            number(row.items),
            number(row.judgments),
            row.design_effect
                .map_or_else(|| "-".to_owned(), |effect| format!("{effect:.2}")),
        ]);
    }
    let mut lines = columns(&table);
    // What personas add is the same in one order as in both.
    let mut short: Vec<(u64, Option<u64>)> = rows
        .iter()
        .filter(|row| row.questions.is_none())
        .map(|row| (row.personas, row.personas_needed))
        .collect();
    short.dedup();
    for (personas, needed) in short {
        let more = match needed {
            Some(needed) => format!("at least {} are needed", thousands(needed)),
            None => "no number of them is".to_owned(),
        };
        lines.push(format!(
            "  {} {} not enough for any number of questions: {more}",
            counted(personas, "sampled persona"),
            form(personas, "is", "are")
        ));
    }
    lines
}

fn given_lines(rows: &[GivenRow], effect: Option<f64>) -> Vec<String> {
    let header = [
        "orders",
        "personas",
        "questions",
        "items",
        "design effect",
        "smallest found",
    ];
    let mut header = header.map(str::to_owned).to_vec();
    header.extend(effect.map(|effect| format!("power at {}", percent(effect))));
    let mut table = vec![header];
    for row in rows {
        let mut cells = vec![
            orders_name(row.orders).to_owned(),
            thousands(row.personas.max(1)),
            thousands(row.questions),
            thousands(row.items),
            format!("{:.2}", row.design_effect),
            row.smallest_detectable
                .map_or_else(|| "none".to_owned(), percent),
        ];
        cells.extend(row.power.map(percent));
        table.push(cells);
    }
    columns(&table)
}

/// Least width of a column, and least space before it.
const WIDTH: usize = 15;
const SPACE: usize = 2;

/// Rows in columns: the first to the left, the others to the right.
fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].len() + SPACE).max();
        widest.unwrap_or_default().max(WIDTH)
    };
    let line = |row: &Vec<String>| {
        let mut line = format!("  {:<8}", row[0]);
        for (column, cell) in row.iter().enumerate().skip(1) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:>0$}", width(column));
        }
        line
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_rate_is_told_from_one_half() {
        let shown = [0.5, 0.55, 0.501, 0.5001, 0.499_999, 0.500_000_01].map(percent);
        assert_eq!(
            shown,
            [
                "50.0%",
                "55.0%",
                "50.1%",
                "50.01%",
                "49.9999%",
                "50.000001%"
            ]
        );
    }
}
