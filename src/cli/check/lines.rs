//! The lines of a forecast for people.

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use oyer::plan::estimate::Range;
use oyer::text::{counted, escape, thousands};

use super::{EntryForecast, Forecast};
use crate::cli::detectable;

pub(super) fn render(forecast: &Forecast) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", escape(&words));
    };
    let phrasings = if forecast.variants.is_empty() {
        String::new()
    } else {
        format!(" x {}", counted(forecast.variants.len() as u64, "phrasing"))
    };
    let personas = counted(forecast.personas as u64, "persona");
    line(format!("study      {}", forecast.study));
    line(format!("results    {}", forecast.results));
    if forecast.items > 0 || forecast.structured.is_none() {
        line(format!(
            "items      {} ({personas} x {}{phrasings}), {} without truth",
            thousands(forecast.items as u64),
            counted(forecast.questions as u64, "question"),
            thousands(forecast.items_without_truth as u64)
        ));
    }
    if let Some(structured) = &forecast.structured {
        line(format!(
            "structured {} ({personas} x {}{phrasings}), {} without truth",
            thousands(structured.items as u64),
            counted(structured.questions as u64, "question"),
            thousands(structured.items_without_truth as u64)
        ));
    }
    if forecast.items > 0 || forecast.structured.is_none() {
        line(format!(
            "rubric     {} ({})",
            forecast.rubric,
            forecast.criteria.join(", ")
        ));
    }
    line(String::new());
    for entry in &forecast.entries {
        line(format!(
            "[{}] {}{}: {} planned, {} stored, {} to ask{}",
            entry.entry,
            entry.provider,
            if entry.asks == "structured" {
                ", structured"
            } else {
                ""
            },
            counted(entry.planned, "call"),
            HumanCount(entry.stored),
            HumanCount(entry.to_ask),
            impossible(entry)
        ));
        if entry.to_ask > 0 {
            line(format!("    {}", needs(entry)));
        }
    }
    line(String::new());
    line(format!("calls      {}", HumanCount(forecast.total_calls)));
    if let Some(dollars) = forecast.total_dollars {
        let without = &forecast.without_price;
        let note = if without.is_empty() {
            String::new()
        } else {
            format!(", without {}, which have no price", without.join(", "))
        };
        let sum = if dollars.high == 0.0 && without.is_empty() {
            "nothing".to_owned()
        } else {
            money(dollars)
        };
        line(format!("cost       {sum}{note}"));
    } else {
        line("cost       unknown: no entry has a price".to_owned());
    }
    line(format!("time       {}", times(forecast.seconds)));
    for words in forecast.detectable.iter().flat_map(detectable::lines) {
        line(words);
    }
    for reused in &forecast.reused {
        line(reused.clone());
    }
    text
}

/// Why some calls are neither stored nor to be asked.
fn impossible(entry: &EntryForecast) -> String {
    if entry.impossible == 0 {
        return String::new();
    }
    let is_one = entry.impossible == 1;
    let why = match (entry.asks, entry.provider) {
        ("judgment", _) if is_one => "lacks an answer",
        ("judgment", _) => "lack an answer",
        (_, "file") if is_one => "has no answer in the file",
        (_, "file") => "have no answer in the file",
        _ if is_one => "has no answer to be compared with",
        _ => "have no answer to be compared with",
    };
    format!(", {} {why}", HumanCount(entry.impossible))
}

fn needs(entry: &EntryForecast) -> String {
    let estimate = &entry.estimate;
    let mut parts = vec![
        format!("{} tokens in", counts(estimate.input_tokens)),
        format!(
            "{} out ({})",
            counts(estimate.output_tokens),
            if entry.measured {
                "measured on stored replies"
            } else {
                "assumed"
            }
        ),
    ];
    if let Some(dollars) = estimate.dollars {
        parts.push(money(dollars));
    }
    let pace = if entry.measured {
        " at an assumed pace"
    } else {
        ""
    };
    parts.push(format!("{}{pace}", times(estimate.seconds)));
    parts.join(", ")
}

fn counts(range: Range) -> String {
    let round = |number: f64| HumanCount(number.round() as u64);
    if (range.high - range.low).abs() < 0.5 {
        format!("{}", round(range.low))
    } else {
        format!("{} to {}", round(range.low), round(range.high))
    }
}

fn money(range: Range) -> String {
    format!("${:.2} to ${:.2}", range.low, range.high)
}

fn times(range: Range) -> String {
    let (low, high) = (time(range.low), time(range.high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        return "under 1 second".to_owned();
    }
    HumanDuration(Duration::from_secs_f64(seconds.min(1e9))).to_string()
}
