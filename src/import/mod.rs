//! Raw judgments of other tools into a verdict table, and the figures that those
//! tools would give for them.
//!
//! One file a foreign format. Each reads records in place (`record`), says what
//! became of every one of them (`tally`), and gives rows (`rows`) and the
//! source's own figures by the source's own definitions (`figures`). Reading is
//! lenient where nothing is lost (further fields, both spellings of a field,
//! numbers written as text) and strict in meaning: a verdict is never guessed.
//!
//! Invariants: every record is in the table, or counted as skipped with its
//! reason; a verdict that the source has not is missing, and no loss and no tie;
//! the same files give the same bytes for any number of threads.

mod alpaca_eval;
mod arena_hard;
pub mod csv;
mod fastchat;
mod figures;
pub mod folder;
mod gold;
mod guess;
mod inspect;
mod judgebench;
mod kind;
mod label_studio;
pub mod labelling_key;
mod llmbar;
mod notes;
mod packed;
mod pandalm;
mod places;
mod published;
mod record;
mod rows;
mod scores;
mod sheet;
mod source;
mod tally;
pub(crate) mod texts;
mod wildbench;
mod words;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::analysis::source_figures::SourceFigures;
use crate::input::source::shown;
use crate::problem::Problem;
use crate::verdict::labels::Labels;
use crate::verdict::table::VerdictTable;

pub(crate) use alpaca_eval::places as places_of_file;
pub use kind::Format;
pub(crate) use places::folder_above;
pub use published::{Claim, PublishedError, compare, read_claims};
pub use tally::{Effect, Reason};
pub(crate) use words::choice as side_of_word;

use alpaca_eval::AlpacaEval;
use arena_hard::ArenaHard;
use csv::Csv;
use fastchat::Fastchat;
use guess::{guess, read_bytes};
use inspect::Inspect;
use judgebench::Judgebench;
use kind::Kind;
use label_studio::LabelStudio;
use labelling_key::Key;
use llmbar::Llmbar;
use notes::{count_unnamed, of_judge, of_orders, of_several_files};
use pandalm::Pandalm;
use places::{apart, stem};
use record::Record;
use rows::Rows;
use sheet::{Found, Frame, Sheet};
use tally::Tally;
use wildbench::Wildbench;
use words::Words;

/// Most bytes of source files that are worked on at a time, unless one is larger.
const AT_A_TIME: u64 = 96 << 20;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The format; told from the first file where it is not given.
    pub format: Option<Format>,
    /// The model that the others are compared with, for formats that do not name
    /// it, or that leave it open who is compared with whom.
    pub baseline: Option<String>,
    /// The judge, for formats that do not name it.
    pub judge: Option<String>,
    /// Which column of a CSV is what.
    pub columns: csv::Mapping,
    /// Keys of labelling tasks that this program wrote.
    pub keys: Vec<PathBuf>,
}

/// A file that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// As the user named it.
    pub file: String,
    /// What it holds.
    pub kind: String,
    /// BLAKE3 hash of its bytes.
    pub blake3: String,
    /// Its size.
    pub bytes: u64,
    /// How many records it has.
    pub records: u64,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The format of the files.
    pub format: Format,
    /// Whether the format was told from the files.
    pub guessed: bool,
    /// The files.
    pub files: Vec<SourceFile>,
    /// Verdicts of judges.
    pub table: VerdictTable,
    /// Verdicts of people.
    pub labels: Labels,
    /// Odd and skipped records by reason.
    pub reasons: Vec<Reason>,
    /// The source's own figures.
    pub figures: Vec<SourceFigures>,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

impl Import {
    /// The models that are compared or have figures of their own, by name.
    fn models(&self) -> Vec<String> {
        let tables = [&self.table, &self.labels.table];
        let contests = tables.into_iter().flat_map(|table| &table.contests);
        let compared = contests.flat_map(|contest| [&contest.candidate, &contest.opponent]);
        let figures = self.figures.iter().flat_map(|figures| &figures.also_called);
        let names: BTreeSet<&String> = compared.chain(figures).collect();
        names.into_iter().cloned().collect()
    }

    fn has_model(&self, name: &str) -> bool {
        self.models().iter().any(|model| model == name)
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The files are wrong.
    #[error("the files cannot be imported")]
    Problems(Vec<Problem>),
    /// The raw records cannot be kept.
    #[error("cannot keep the raw records: {0}")]
    Keep(#[from] io::Error),
}

/// Takes the raw records of one file as a zstd frame of JSON Lines.
pub type Keep<'k> = dyn FnMut(&[u8]) -> io::Result<()> + 'k;

/// A foreign format.
trait Reader: Sync {
    /// What one file gives.
    type Part: Send;

    /// Reads the records of one file.
    fn read(&self, sheet: &mut Sheet<'_>, records: &[Record<'_>]) -> Self::Part;

    /// Puts the parts of all files together, in the order of the files.
    fn combine(&self, parts: Vec<Part<Self::Part>>, made: &mut Made);
}

/// What one file gave, or some rows of it; all of a file follow each other.
struct Part<P> {
    path: PathBuf,
    kind: Kind,
    given: P,
}

/// What is being made.
#[derive(Default)]
struct Made {
    /// Files whose rows are there.
    files: Vec<PathBuf>,
    rows: Rows,
    labels: Rows,
    tally: Tally,
    figures: Vec<SourceFigures>,
    notes: Vec<String>,
}

impl Made {
    /// Says that the rows that follow are of this file.
    fn begin(&mut self, path: &Path) {
        for rows in [&mut self.rows, &mut self.labels] {
            rows.begin(self.files.len());
        }
        self.files.push(path.to_owned());
    }
}

/// Imports files; `keep` takes their raw records.
///
/// # Errors
///
/// Everything that is wrong with the files; or what `keep` fails with.
pub fn import(
    paths: &[PathBuf],
    options: &Options,
    keep: &mut Keep<'_>,
) -> Result<Import, ImportError> {
    let guessed = options.format.is_none();
    let format = match options.format {
        Some(format) => format,
        None => guess(paths).map_err(|problem| ImportError::Problems(vec![*problem]))?,
    };
    let judge = options.judge.as_deref();
    let baseline = options.baseline.as_deref();
    let mapping = &options.columns;
    for (flag, given) in [("--judge", judge), ("--baseline", baseline)] {
        if given.is_some_and(|given| given.trim().is_empty()) {
            let path = paths.first().map_or_else(PathBuf::new, Clone::clone);
            let problem = Problem::error(path, "the text is empty, expected a name").field(flag);
            return Err(ImportError::Problems(vec![problem]));
        }
    }
    let mut import = match format {
        Format::AlpacaEval => run(
            format,
            paths,
            options,
            &AlpacaEval { baseline, judge },
            keep,
        ),
        Format::Fastchat => run(format, paths, options, &Fastchat { baseline, judge }, keep),
        Format::ArenaHard => run(format, paths, options, &ArenaHard { baseline, judge }, keep),
        Format::Llmbar => run(format, paths, options, &Llmbar { judge }, keep),
        Format::Judgebench => run(format, paths, options, &Judgebench { judge }, keep),
        Format::Pandalm => run(format, paths, options, &Pandalm { judge }, keep),
        Format::Wildbench => run(format, paths, options, &Wildbench { baseline, judge }, keep),
        Format::Inspect => run(format, paths, options, &Inspect { baseline, judge }, keep),
        Format::LabelStudio => {
            let key = (!options.keys.is_empty()).then(|| Key::read(&options.keys));
            let key = key.transpose().map_err(ImportError::Problems)?;
            let words = Words::new(&mapping.values);
            let words =
                words.map_err(|value| wrong_value(paths, &value, "left, right, tie or missing"))?;
            run(format, paths, options, &LabelStudio { key, words }, keep)
        }
        Format::Csv => {
            let mut sides = mapping
                .values
                .iter()
                .filter(|(_, to)| to == "left" || to == "right");
            if let Some((word, to)) = sides.next() {
                let value = format!("{word}={to}");
                return Err(wrong_value(paths, &value, "win, tie, loss or missing"));
            }
            let csv = Csv {
                paths,
                mapping,
                judge,
            };
            run(format, paths, options, &csv, keep)
        }
    }?;
    if import.table.judgments.is_empty() && import.labels.is_empty() && import.figures.is_empty() {
        let path = paths.first().map_or_else(PathBuf::new, Clone::clone);
        let counted = import.reasons.iter();
        let counted: Vec<String> = counted
            .map(|reason| format!("{} × {}", reason.rows, reason.reason))
            .collect();
        let message = match &counted[..] {
            [] => "the files hold no judgment".to_owned(),
            counted => format!("the files hold no judgment: {}", counted.join("; ")),
        };
        let problem = Problem::error(path, message).help(format!(
            "for `{format}` a file should hold {}",
            format.expects()
        ));
        return Err(ImportError::Problems(vec![problem]));
    }
    if let Some(baseline) = baseline.filter(|baseline| !import.has_model(baseline)) {
        let path = paths.first().map_or_else(PathBuf::new, Clone::clone);
        let problem = Problem::error(path, format!("no file has a model `{baseline}`"))
            .field("--baseline")
            .help(format!("models here: {}", import.models().join(", ")));
        return Err(ImportError::Problems(vec![problem]));
    }
    let unused = judge.and_then(|judge| of_judge(&import.table, judge));
    import.notes.extend(unused);
    import.guessed = guessed;
    Ok(import)
}

/// A word's meaning that the format does not have.
fn wrong_value(paths: &[PathBuf], value: &str, expected: &str) -> ImportError {
    let path = paths.first().map_or_else(PathBuf::new, Clone::clone);
    let message = format!("found `{value}`, expected a word that is said to be {expected}");
    ImportError::Problems(vec![Problem::error(path, message).field("--value")])
}

/// A text's identity: the first digits of its hash.
fn identity(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..12].to_owned()
}

/// Everything one file gave, and its raw records.
struct Done<P> {
    file: SourceFile,
    /// Hash of what it holds, unpacked.
    plain: String,
    parts: Vec<Part<P>>,
    tally: Tally,
    frame: Vec<u8>,
}

fn run<R: Reader>(
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
        count += records.len() as u64;
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
    let (table, orders, again) = made.rows.finish();
    count_repeats(&table, &mut made.tally);
    let (labels, _, labels_again) = made.labels.finish();
    count_repeats(&labels, &mut made.tally);
    for table in [&table, &labels] {
        count_unnamed(table, &mut made.tally);
    }
    csv::name_comparison(&mut made.figures, &table);
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

#[cfg(test)]
mod tests;
