//! The work that is the same in every format: each file is read, and what all of them gave
//! is put together and checked.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::figures::leave_shared;
use super::guess::read_bytes;
use super::notes::{count_unnamed, of_orders, of_several_files};
use super::sheet::{self, Found, Frame, Sheet};
use super::tally::{Effect, Tally};
use super::{Format, Import, ImportError, Keep, Made, Options, Part, Reader, SourceFile, packed};
use crate::input::source::shown;
use crate::problem::Problem;
use crate::verdict::labels::{Labels, WEIGHT, weight_of};
use crate::verdict::table::VerdictTable;

/// Most bytes of source files that are worked on at a time, unless one is larger.
const AT_A_TIME: u64 = 96 << 20;

/// Everything one file gave, and its raw records.
struct Done<P> {
    file: SourceFile,
    /// Hash of what it holds, unpacked.
    plain: String,
    parts: Vec<Part<P>>,
    tally: Tally,
    frame: Vec<u8>,
}

pub(super) fn run<R: Reader>(
    format: Format,
    paths: &[PathBuf],
    options: &Options,
    reader: &R,
    keep: &mut Keep<'_>,
) -> Result<Import, ImportError> {
    let mut files = Vec::with_capacity(paths.len());
    let mut plain = Vec::with_capacity(paths.len());
    let mut parts = Vec::with_capacity(paths.len());
    let mut made = Made::default();
    let mut problems: Vec<Problem> = Vec::new();
    let numbered: Vec<(usize, &PathBuf)> = paths.iter().enumerate().collect();
    for batch in batches(&numbered) {
        let done: Vec<Result<Done<R::Part>, Vec<Problem>>> = batch
            .par_iter()
            .map(|(number, path)| one_file(format, *number, path, options, reader))
            .collect();
        for done in done {
            match done {
                Ok(done) => {
                    keep(&done.frame)?;
                    plain.push(done.plain);
                    files.push(done.file);
                    parts.extend(done.parts);
                    made.tally.merge(done.tally);
                }
                Err(more) => problems.extend(more),
            }
        }
    }
    problems.extend(given_twice(&files, &plain));
    if !problems.is_empty() {
        return Err(ImportError::Problems(problems));
    }
    reader.combine(parts, &mut made);
    if !made.problems.is_empty() {
        return Err(ImportError::Problems(made.problems));
    }
    leave_shared(&mut made.figures);
    let import = finish(format, files, made);
    let problems = beyond_a_table(paths, &import);
    if problems.is_empty() {
        Ok(import)
    } else {
        Err(ImportError::Problems(problems))
    }
}

/// What a verdict table could not hold, which is most likely a column taken for another.
fn beyond_a_table(paths: &[PathBuf], import: &Import) -> Vec<Problem> {
    const MOST: usize = u16::MAX as usize;
    let path = paths.first().map_or_else(PathBuf::new, Clone::clone);
    let mut problems = Vec::new();
    problems.extend(wrong_weight(&path, &import.labels.table));
    for table in [&import.table, &import.labels.table] {
        let mut judgments = table.judgments.iter();
        if let Some(judgment) = judgments.find(|judgment| usize::from(judgment.repeat) == MOST) {
            let item = table.items[judgment.item as usize].id();
            let message = format!(
                "item `{}` has {MOST} judgments or more of the same models by the same judge in \
                 the same order, more than a verdict table holds",
                shown(&item)
            );
            let problem = Problem::error(&path, message);
            problems.push(problem.help("is the item, or the question, what names it here?"));
        }
        if table.criteria.len() > MOST {
            let message = format!(
                "{} criteria, more than the {MOST} that a verdict table holds",
                table.criteria.len()
            );
            let problem = Problem::error(&path, message);
            problems.push(problem.help("is the criterion what names one here?"));
        }
    }
    problems
}

/// The first label that does not say how many comparisons it stands for, where others do.
fn wrong_weight(path: &Path, table: &VerdictTable) -> Option<Problem> {
    let column = table.covariates.iter().position(|name| name == WEIGHT)?;
    (0..table.judgments.len()).find_map(|number| {
        let found = table.covariate(number, column);
        let found = found.as_deref().unwrap_or_default();
        if weight_of(found).is_some() {
            return None;
        }
        let item = table.items[table.judgments[number].item as usize].id();
        let message = format!(
            "the label of item `{}` has {}, expected a number from 1e-12 to 1e12: how many comparisons it stands for",
            shown(&item),
            if found.is_empty() { "no weight".to_owned() } else { format!("the weight `{}`", shown(found)) }
        );
        let problem = Problem::error(path, message).field(WEIGHT);
        Some(problem.help("give it for every label, or leave the column out"))
    })
}

/// Files that are an earlier one under another name, or packed: their judgments would
/// count twice. `plain` is the hash of what each holds.
fn given_twice(files: &[SourceFile], plain: &[String]) -> Vec<Problem> {
    let mut seen: HashMap<&str, &SourceFile> = HashMap::new();
    let mut problems = Vec::new();
    for (file, plain) in files.iter().zip(plain) {
        if let Some(before) = seen.insert(plain, file) {
            let message = format!("the file is the same as {}", before.file);
            problems.push(Problem::error(&file.file, message).help("give it once"));
        }
    }
    problems
}

/// Runs of files that are small enough together.
fn batches<'p>(paths: &'p [(usize, &'p PathBuf)]) -> Vec<&'p [(usize, &'p PathBuf)]> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, (_, path)) in paths.iter().enumerate() {
        let more = size(path);
        if at > start && bytes + more > AT_A_TIME {
            batches.push(&paths[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += more;
    }
    batches.push(&paths[start..]);
    batches
}

fn one_file<R: Reader>(
    format: Format,
    number: usize,
    path: &Path,
    options: &Options,
    reader: &R,
) -> Result<Done<R::Part>, Vec<Problem>> {
    let one = |problem: Box<Problem>| vec![*problem];
    let bytes = read_bytes(path).map_err(one)?;
    let (blake3, size) = (blake3::hash(&bytes).to_string(), bytes.len() as u64);
    let is_packed = packed::is_packed(&bytes);
    let bytes = packed::unpack(path, bytes).map_err(one)?;
    let plain = if is_packed {
        blake3::hash(&bytes).to_string()
    } else {
        blake3.clone()
    };
    let mut opened = sheet::open(path, bytes, format, options).map_err(one)?;
    let unkept = |error: io::Error| {
        let message = format!("the records cannot be compressed: {error}");
        vec![Problem::error(path, message)]
    };
    let mut frame = Frame::new(number).map_err(unkept)?;
    let (mut parts, mut found, mut count) = (Vec::new(), Found::default(), 0);
    loop {
        let source = match opened.next() {
            Ok(Some(source)) => source,
            Ok(None) => break,
            Err(problem) => {
                found.wrong(*problem);
                break;
            }
        };
        let records = sheet::records(&source, format).map_err(one)?;
        let kind = sheet::check(&source, &records, format).map_err(one)?;
        let mut sheet = Sheet::new(&source, kind, records.len(), found);
        parts.push(Part {
            path: path.to_owned(),
            kind,
            given: reader.read(&mut sheet, &records),
        });
        found = sheet.keep(&records, &mut frame).map_err(unkept)?;
        count = records.last().map_or(count, |last| last.row as u64);
    }
    let tally = found.finish(path)?;
    let kind = parts.first().map_or("", |part| part.kind.words());
    Ok(Done {
        plain,
        file: SourceFile {
            file: path.display().to_string(),
            kind: kind.to_owned(),
            blake3,
            bytes: size,
            records: count,
        },
        parts,
        tally,
        frame: frame.finish().map_err(unkept)?,
    })
}

fn finish(format: Format, files: Vec<SourceFile>, mut made: Made) -> Import {
    for rows in [&mut made.rows, &mut made.labels] {
        made.tally.merge(std::mem::take(&mut rows.unlike));
    }
    let (table, orders, again) = made.rows.finish();
    count_repeats(&table, &mut made.tally);
    let (labels, _, labels_again) = made.labels.finish();
    count_repeats(&labels, &mut made.tally);
    for table in [&table, &labels] {
        count_unnamed(table, &mut made.tally);
    }
    let mut notes = made.notes;
    notes.extend(of_orders(&table, &orders));
    for again in [&again, &labels_again] {
        notes.extend(of_several_files(again, &made.files));
    }
    Import {
        format,
        guessed: false,
        files,
        table,
        labels: Labels { table: labels },
        reasons: made.tally.reasons,
        figures: made.figures,
        notes,
    }
}

/// Counts the judgments that stand more than once. Whether somebody asked again or a
/// file was joined to itself nobody can see, so they are kept, and said.
fn count_repeats(table: &VerdictTable, tally: &mut Tally) {
    const REASON: &str = "the same item, models, judge and order as an earlier record: kept as \
                          one more repeat, averaged with it";
    let repeats = || {
        table
            .judgments
            .iter()
            .filter(|judgment| judgment.repeat > 1)
    };
    if let Some(first) = repeats().next() {
        let item = || format!("item {}", table.items[first.item as usize].id());
        tally.add_many(Effect::Kept, REASON, repeats().count() as u64, item);
    }
}
