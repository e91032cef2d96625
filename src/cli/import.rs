//! `oyer import [FORMAT] FILE… --results DIR`

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use oyer::analysis::{AnalysisError, Estimates, Options as ReportSettings};
use oyer::import::csv::Mapping;
use oyer::import::folder::{Draft, FolderError, Stored, Written};
use oyer::import::{self, Claim, Effect, Format, ImportError, Options};
use oyer::report;

use super::Done;
use super::args::{CheckFormat, ImportArgs};
use super::error::Failure;
use super::output;
use oyer::text::counted;

pub(crate) fn import(args: &ImportArgs) -> Result<Done, Failure> {
    let (format, paths) = inputs(&args.inputs)?;
    let options = Options {
        format,
        baseline: args.baseline.clone(),
        judge: args.judge.clone(),
        columns: Mapping {
            columns: args.column.clone(),
            values: args.value.clone(),
        },
        keys: args.key.clone(),
        length_margins: args.length_margin.clone(),
    };
    if args
        .name
        .as_ref()
        .is_some_and(|name| name.trim().is_empty())
    {
        let message = "--name is empty, expected what to call the import";
        return Err(Failure::Input(message.to_owned()));
    }
    let mut claims: Vec<Claim> = Vec::new();
    for argument in &args.published {
        let read = import::read_claims(argument);
        claims.extend(read.map_err(|error| Failure::Input(error.to_string()))?);
    }
    let mut draft = Draft::begin(&args.results)?;
    let mut keep = |frame: &[u8]| draft.keep(frame);
    let mut with_published = options.clone();
    for margin in import::published_margins(&claims) {
        if !options.length_margins.contains(&margin) {
            with_published.length_margins.push(margin);
        }
    }
    let mut made = import::import(&paths, &with_published, &mut keep)?;
    if let Some(wrong) = import::wrong_flag(made.format, &options) {
        return Err(Failure::Input(wrong));
    }
    let settings = ReportSettings {
        random_tests: false,
        ..ReportSettings::default()
    };
    let estimates = Estimates::of_tables(&made.table, &made.labels, &made.figures, &settings)
        .map_err(|error| match error {
            AnalysisError::TooManyPeople(_) => {
                Failure::Input(format!("{}: {error}", paths[0].display()))
            }
            _ => Failure::Internal(error.to_string()),
        })?;
    for figures in &mut made.figures {
        figures.take_estimates(&estimates);
    }
    if made.format == Format::Wildbench {
        claims = import::name_margins(claims);
    }
    made.notes
        .extend(import::compare(&mut made.figures, &claims));
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| folder_name(&args.results));
    let stored = Stored::new(&made, &name, &options);
    let (written, mut stored) = draft.finish(&made, &stored)?;
    if let Some(given) = args.name.as_ref().filter(|given| **given != stored.name) {
        stored.notes.push(format!(
            "{} holds this import already, as `{}`, which stays its name; to call it `{given}`, remove the folder, or choose another",
            args.results.display(),
            stored.name
        ));
    }
    match args.format {
        CheckFormat::Json => output::print_json(&stored)?,
        CheckFormat::Table => {
            let said = match written {
                Written::New => "written to",
                Written::Same => "already in",
            };
            output::print(&page(&stored, said, &args.results))?;
        }
    }
    Ok(Done::Complete)
}

/// The format, where the first argument names one, and the files.
fn inputs(given: &[PathBuf]) -> Result<(Option<Format>, Vec<PathBuf>), Failure> {
    let first = given.first().and_then(|first| first.to_str());
    let format = first.and_then(Format::of_name);
    let is_word = |word: &&str| !word.contains(['.', '/', '\\']);
    if let Some(word) = first.filter(is_word)
        && format.is_none()
        && !Path::new(word).exists()
    {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        return Err(Failure::Input(format!(
            "`{word}` is neither a file nor a format; formats are {}",
            names.join(", ")
        )));
    }
    let files = &given[usize::from(format.is_some())..];
    if !files.is_empty() {
        return Ok((format, files.to_vec()));
    }
    Err(Failure::Input(match format {
        Some(format) => format!("no file is given; `{format}` is {}", format.expects()),
        None => "no file is given".to_owned(),
    }))
}

fn folder_name(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy());
    name.map_or_else(|| "import".to_owned(), std::borrow::Cow::into_owned)
}

/// What was imported, for people.
fn page(stored: &Stored, said: &str, folder: &Path) -> String {
    let mut text = String::new();
    let records: u64 = stored.files.iter().map(|file| file.records).sum();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}: {}{}, {} in {}, {said} {}",
        stored.name,
        stored.format,
        if stored.guessed {
            " (told from the files)"
        } else {
            ""
        },
        counted(records, "record"),
        counted(stored.files.len() as u64, "file"),
        folder.display()
    );
    let _ = writeln!(
        text,
        "{}, {} of people",
        counted(stored.judgments, "judgment"),
        counted(stored.labels, "label")
    );
    for reason in &stored.reasons {
        let became = match reason.effect {
            Effect::Kept => "kept",
            Effect::Missing => "without a verdict",
            Effect::Skipped => "left out",
        };
        let _ = writeln!(
            text,
            "- {} {became}: {} (first: {})",
            reason.rows, reason.reason, reason.first
        );
    }
    if stored.reasons.is_empty() {
        let _ = writeln!(text, "No record is odd, and none was left out.");
    }
    for note in &stored.notes {
        let _ = writeln!(text, "Note: {note}.");
    }
    let text = oyer::text::escape_lines(&text).into_owned();
    let figures = report::table::render_source_figures(&stored.source_figures, output::style());
    format!("{text}\n{figures}")
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Problems(problems) => Self::Problems(problems),
            ImportError::Keep(_) => Self::Incomplete(error.to_string()),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Table(problems) => Self::Problems(problems),
            FolderError::Taken { .. } | FolderError::Damaged { .. } => {
                Self::Input(error.to_string())
            }
            FolderError::Io { ref source, .. } => match source.kind() {
                // The path names what cannot be a folder.
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                    Self::Input(error.to_string())
                }
                _ => Self::Incomplete(error.to_string()),
            },
        }
    }
}
