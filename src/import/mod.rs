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
mod flags;
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
mod run;
mod scores;
mod sheet;
mod source;
mod tally;
pub(crate) mod texts;
mod wildbench;
mod words;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::analysis::source_figures::SourceFigures;
use crate::problem::Problem;
use crate::verdict::labels::Labels;
use crate::verdict::table::VerdictTable;

pub(crate) use alpaca_eval::places as places_of_file;
pub use flags::wrong_flag;
pub use kind::Format;
pub use packed::{inner as unpacked_name, read as read_unpacked};
pub use pandalm::named_by;
pub use published::{Claim, PublishedError, compare, read_claims};
pub use tally::{Effect, Reason};
pub use wildbench::{name_margins, published_margins};
pub(crate) use words::choice as side_of_word;

use alpaca_eval::AlpacaEval;
use arena_hard::ArenaHard;
use csv::Csv;
use fastchat::Fastchat;
use guess::guess;
use inspect::Inspect;
use judgebench::Judgebench;
use kind::Kind;
use label_studio::LabelStudio;
use labelling_key::Key;
use llmbar::Llmbar;
use notes::of_judge;
use pandalm::Pandalm;
use places::{apart, folder_above, stem};
use record::Record;
use rows::Rows;
use run::run;
use sheet::Sheet;
use tally::Tally;
use wildbench::Wildbench;
use words::Words;

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
    /// Characters by which the better answer of a slight win may be longer, each for
    /// further figures of WildBench's pairs.
    pub length_margins: Vec<u32>,
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
        // The figures of a comparison are also called after a folder, which is no model.
        let alone = self.figures.iter().filter(|set| set.comparison.is_none());
        let figures = alone.flat_map(|figures| &figures.also_called);
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
    /// What is wrong with rows beside others, where that is refused.
    problems: Vec<Problem>,
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
        Format::Wildbench => run(format, paths, options, &Wildbench::new(options), keep),
        Format::Inspect => run(format, paths, options, &Inspect { baseline, judge }, keep),
        Format::LabelStudio => {
            let key = (!options.keys.is_empty()).then(|| Key::read(&options.keys));
            let key = key.transpose().map_err(ImportError::Problems)?;
            let words = Words::new(&mapping.values);
            let words =
                words.map_err(|value| wrong_value(paths, &value, "left, right, tie or missing"))?;
            let values = &mapping.values;
            run(
                format,
                paths,
                options,
                &LabelStudio { key, words, values },
                keep,
            )
        }
        Format::Csv => {
            let mut sides = mapping
                .values
                .iter()
                .filter(|(_, to)| to == "left" || to == "right");
            if let Some((word, to)) = sides.next() {
                let value = format!("{word}={to}");
                return Err(wrong_value(
                    paths,
                    &value,
                    "win, tie, loss or missing, or candidate_first or opponent_first",
                ));
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

#[cfg(test)]
mod tests;
