//! `oyer parse REPLIES --rubric R`

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use oyer::rubric;
use oyer::verdict::replies;

use super::Done;
use super::args::ParseArgs;
use super::error::Failure;
use super::output;

pub(crate) fn parse(args: &ParseArgs) -> Result<Done, Failure> {
    let rubric = rubric::load::load(&args.rubric, Path::new(".")).map_err(Failure::Problems)?;
    let open = std::fs::File::open(&args.replies).map_err(|error| {
        Failure::Input(format!("cannot read {}: {error}", args.replies.display()))
    });
    let mut reader = BufReader::new(open?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut problems = Vec::new();
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| {
            Failure::Input(format!("cannot read {}: {error}", args.replies.display()))
        })?;
        if read == 0 {
            break;
        }
        number += 1;
        match replies::read_line(&args.replies, number, &line, &rubric) {
            Ok(Some(verdict)) => writeln!(out, "{verdict}")?,
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    out.flush()?;
    if problems.is_empty() {
        return Ok(Done::Complete);
    }
    output::note(&format!(
        "{number} lines read, {} of them not understood",
        problems.len()
    ));
    Err(Failure::Problems(problems))
}
