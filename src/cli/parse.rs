//! `oyer parse REPLIES --rubric R`

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use oyer::problem::Problem;
use oyer::rubric;
use oyer::text::{counted_of, form};
use oyer::verdict::replies::LineReader;

use super::Done;
use super::args::ParseArgs;
use super::error::Failure;
use super::output;

pub(crate) fn parse(args: &ParseArgs) -> Result<Done, Failure> {
    let rubric = rubric::load::load(&args.rubric, Path::new(".")).map_err(Failure::Problems)?;
    let unreadable = |error: std::io::Error| {
        Failure::Input(format!("cannot read {}: {error}", args.replies.display()))
    };
    let mut input = BufReader::new(std::fs::File::open(&args.replies).map_err(unreadable)?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut lines = LineReader::new(&rubric, &args.replies);
    let mut problems: Vec<Problem> = Vec::new();
    let mut line = Vec::new();
    let mut count = 0;
    while input.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
        count += 1;
        match lines.read_bytes(&line) {
            Ok(Some(verdict)) => writeln!(out, "{verdict}")?,
            Ok(None) => {}
            Err(problem) => problems.push(*problem),
        }
        line.clear();
    }
    out.flush()?;
    if count == 0 {
        output::note(&format!(
            "{} is empty: it needs a line of JSON with `id` and `reply` for each reply",
            args.replies.display()
        ));
    }
    if problems.is_empty() {
        return Ok(Done::Complete);
    }
    let wrong = problems.len() as u64;
    output::note(&format!(
        "{} {} no reply; the others were read",
        counted_of(wrong, count, "line"),
        form(wrong, "is", "are")
    ));
    Err(Failure::Problems(problems))
}
