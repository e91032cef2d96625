//! `oyer verdicts RESULTS` and `oyer answers RESULTS`

use oyer::import::folder::{self, Stored};
use oyer::verdict::table::NotAsked;
use oyer::verdict::table_io;

use super::args::{TableFormat, VerdictsArgs};
use super::error::Failure;
use super::results::Results;
use super::show::refuse_file;
use super::{Done, output};

pub(crate) fn answers(args: &VerdictsArgs) -> Result<Done, Failure> {
    refuse_file(&args.results, "answers")?;
    let results = Results::open(&args.results)?;
    if results.plan.study().structured.is_none() {
        return Err(Failure::Input(format!(
            "the study of {} asks no structured questions: it has no [structured]",
            args.results.display()
        )));
    }
    let mut table = results.collect()?.answers;
    let not_asked = table.leave_out_items_not_begun(None);
    say(not_asked, "structured answer");
    let format = match args.format {
        TableFormat::Csv => table_io::Format::Csv,
        TableFormat::Jsonl => table_io::Format::Jsonl,
    };
    oyer::answers::table_io::write(&table, format, std::io::stdout().lock())?;
    Ok(Done::Complete)
}

/// Says what is not in a table, which has no place for it.
fn say(not_asked: NotAsked, one: &str) {
    if let Some(told) = not_asked.told(one) {
        output::note(&format!(
            "the table is not complete: {told}; it holds the items begun"
        ));
    }
}

pub(crate) fn verdicts(args: &VerdictsArgs) -> Result<Done, Failure> {
    refuse_file(&args.results, "verdicts")?;
    let table = match Stored::read(&args.results)? {
        Some(_) => folder::read_table(&args.results)?,
        None => Results::open(&args.results)?.collect()?.table,
    };
    let format = match args.format {
        TableFormat::Csv => table_io::Format::Csv,
        TableFormat::Jsonl => table_io::Format::Jsonl,
    };
    say(table.not_asked(|_| true), "verdict");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    table_io::write_begun(&table, format, &mut out)?;
    std::io::Write::flush(&mut out)?;
    Ok(Done::Complete)
}
