//! `oyer verdicts RESULTS`

use oyer::verdict::table_io;

use super::Done;
use super::args::{TableFormat, VerdictsArgs};
use super::error::Failure;
use super::results::Results;

pub(crate) fn verdicts(args: &VerdictsArgs) -> Result<Done, Failure> {
    let collected = Results::open(&args.results)?.collect()?;
    let format = match args.format {
        TableFormat::Csv => table_io::Format::Csv,
        TableFormat::Jsonl => table_io::Format::Jsonl,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    table_io::write(&collected.table, format, &mut out)?;
    std::io::Write::flush(&mut out)?;
    Ok(Done::Complete)
}
