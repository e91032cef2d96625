//! `oyer show RESULTS ITEM` of an import: an item's verdicts, and the source's records.

use std::fmt::Write as _;

use oyer::import::folder::{self, Stored};
use oyer::text::{escape, escape_lines};
use oyer::verdict::table::{Item, VerdictTable};
use oyer::verdict::{Order, Outcome};

use super::Done;
use super::args::ShowArgs;
use super::error::Failure;
use super::output;

pub(crate) fn show(stored: &Stored, args: &ShowArgs) -> Result<Done, Failure> {
    let table = folder::read_table(&args.results)?;
    let item = table.items.iter().position(|item| item.id() == args.item);
    // A second row of one question is an item of its own, and its record is of the
    // question.
    let question = item.map_or(args.item.as_str(), |item| &table.items[item].question.id);
    let mut records = folder::records_of(&args.results, &args.item)?;
    if records.is_empty() {
        records = folder::records_of(&args.results, question)?;
    }
    if item.is_none() && records.is_empty() {
        let known: Vec<_> = table.items.iter().take(3).map(Item::id).collect();
        return Err(Failure::Input(format!(
            "no item is called `{}`; items are called as in verdicts.csv, such as {}",
            args.item,
            known.join(", ")
        )));
    }
    let mut text = format!("=== item {}\n", escape(&args.item));
    if let Some(item) = item {
        verdicts(&table, item as u32, &mut text);
    }
    for kept in records {
        let file = stored
            .files
            .get(kept.file)
            .map_or("", |file| file.file.as_str());
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "\n=== record {} of {}", kept.record, escape(file));
        let value: serde_json::Value = serde_json::from_str(kept.raw.get())
            .unwrap_or_else(|_| serde_json::Value::String(kept.raw.get().to_owned()));
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
        for line in escape_lines(&pretty).lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    output::print(&text)?;
    Ok(Done::Complete)
}

fn verdicts(table: &VerdictTable, item: u32, text: &mut String) {
    for judgment in table.judgments.iter().filter(|row| row.item == item) {
        let contest = &table.contests[judgment.contest as usize];
        let first = judgment.first_cell as usize;
        for (at, cell) in table.cells_of(judgment).iter().enumerate() {
            let outcome = match cell.outcome {
                Outcome::Win => "win",
                Outcome::Tie => "tie",
                Outcome::Loss => "loss",
                Outcome::Missing => "no verdict",
            };
            let order = match (table.orders_unknown, judgment.order) {
                (true, _) => "",
                (_, Order::CandidateFirst) => ", shown first",
                (_, Order::OpponentFirst) => ", shown second",
            };
            let graded = table.scores.get(first + at).filter(|score| !score.is_nan());
            let graded = graded.map_or_else(String::new, |score| format!(" ({score})"));
            let _ = writeln!(
                text,
                "{}: {outcome}{graded} of {}{order}, against {}, by {}",
                escape(&table.criteria[usize::from(cell.criterion)]),
                escape(&contest.candidate),
                escape(&contest.opponent),
                escape(&contest.judge)
            );
        }
    }
}
