//! The results folder of an import.
//!
//! | file | what |
//! | --- | --- |
//! | `import.json` | what was imported, what was odd, the source's own figures |
//! | `verdicts.csv` | the verdict table |
//! | `labels.csv` | verdicts of people, where the source has any |
//! | `source.jsonl.zst` | every record as the source had it, with file, number and item |
//!
//! It is written beside its place and renamed, so that it is whole or not there.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Format, Import, Options, Reason, SourceFile};
use crate::analysis::source_figures::{Figure, Published, SourceFigures};
use crate::problem::Problem;
use crate::text::escape_json;
use crate::verdict::labels::Labels;
use crate::verdict::table::VerdictTable;
use crate::verdict::table_io;

/// The file that says that a folder is an import.
pub const IMPORT: &str = "import.json";
/// The verdict table.
pub const VERDICTS: &str = "verdicts.csv";
/// The labels table.
pub const LABELS: &str = "labels.csv";
/// The raw records.
pub const SOURCE: &str = "source.jsonl.zst";
/// Version of [`Stored`]: raised when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// What `import.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Version of this layout; further fields do not raise it.
    pub schema_version: u32,
    /// Version of the program that wrote it.
    pub oyer: String,
    /// Name of the study.
    pub name: String,
    /// The format of the files.
    pub format: Format,
    /// Whether it was told from the files.
    pub guessed: bool,
    /// Settings that change what is made of the files.
    pub settings: Vec<(String, String)>,
    /// The files.
    pub files: Vec<SourceFile>,
    /// Judgments of judges in the table.
    pub judgments: u64,
    /// Labels of people.
    pub labels: u64,
    /// Odd and skipped records by reason.
    pub reasons: Vec<Reason>,
    /// The source's own figures.
    pub source_figures: Vec<SourceFigures>,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

impl Stored {
    /// What is stored of an import.
    pub fn new(import: &Import, name: &str, options: &Options) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            oyer: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.to_owned(),
            format: import.format,
            guessed: import.guessed,
            settings: settings(options),
            files: import.files.clone(),
            judgments: import.table.judgments.len() as u64,
            labels: import.labels.table.judgments.len() as u64,
            reasons: import.reasons.clone(),
            source_figures: import.figures.clone(),
            notes: import.notes.clone(),
        }
    }

    /// Whether both are made from the same files in the same way.
    pub fn is_same_import(&self, other: &Self) -> bool {
        let hashes = |stored: &Self| -> Vec<String> {
            let files = stored.files.iter();
            files.map(|file| file.blake3.clone()).collect()
        };
        self.format == other.format
            && self.settings == other.settings
            && hashes(self) == hashes(other)
    }

    /// Takes over the name of the same import made before, its published values of figures
    /// that none was given for now, and the figures that these asked for.
    fn keep_from(&mut self, before: &Self) {
        self.name.clone_from(&before.name);
        for set in &mut self.source_figures {
            let is_same =
                |old: &&SourceFigures| (&old.source, &old.subject) == (&set.source, &set.subject);
            let Some(old) = before.source_figures.iter().find(is_same) else {
                continue;
            };
            for figure in set.figures.iter_mut().filter(|new| new.published.is_none()) {
                let mut figures = old.figures.iter();
                let old = figures.find(|old| old.name == figure.name);
                figure.published = old.and_then(|old| old.published.clone());
            }
            let is_new = |old: &&Figure| set.figures.iter().all(|new| new.name != old.name);
            let of_old: Vec<Figure> = old.figures.iter().filter(is_new).cloned().collect();
            set.figures.extend(of_old);
        }
    }

    /// What was published for each figure.
    fn published(&self) -> impl Iterator<Item = Option<&Published>> {
        let figures = self.source_figures.iter().flat_map(|set| &set.figures);
        figures.map(|figure| figure.published.as_ref())
    }

    /// Reads `import.json` of a folder; `None` where the folder has none.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is of a later version.
    pub fn read(folder: &Path) -> Result<Option<Self>, FolderError> {
        let path = folder.join(IMPORT);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FolderError::Io { path, source }),
        };
        let damaged = |error: serde_json::Error| FolderError::Damaged {
            path: path.clone(),
            what: error.to_string(),
        };
        let version: Version = serde_json::from_slice(&text).map_err(damaged)?;
        if version.schema_version > SCHEMA_VERSION {
            return Err(FolderError::Damaged {
                path,
                what: format!(
                    "it was written by a later version of oyer (layout {}, this one knows {SCHEMA_VERSION})",
                    version.schema_version
                ),
            });
        }
        serde_json::from_slice(&text).map_err(damaged).map(Some)
    }
}

/// What says whether the rest can be read.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

fn settings(options: &Options) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for (name, value) in [("baseline", &options.baseline), ("judge", &options.judge)] {
        if let Some(value) = value {
            settings.push((name.to_owned(), value.clone()));
        }
    }
    settings.extend(options.columns.settings());
    let margins = options.length_margins.iter();
    settings.extend(margins.map(|margin| ("length_margin".to_owned(), margin.to_string())));
    for key in &options.keys {
        // A key that cannot be read was told of before.
        let hash = fs::read(key).map(|bytes| blake3::hash(&bytes).to_hex()[..12].to_owned());
        settings.push(("key".to_owned(), hash.unwrap_or_default()));
    }
    settings
}

/// Why a folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file of it.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of it is not what it should be.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// Something else is there.
    #[error("{} is there already, and {what}; choose another folder with --results, or remove it", path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
        /// What it is, or holds.
        what: String,
    },
    /// The table of it.
    #[error("the table is damaged")]
    Table(Vec<Problem>),
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FolderError + '_ {
    move |source| FolderError::Io {
        path: path.to_owned(),
        source,
    }
}

/// A folder that is being written; removed unless it is finished.
#[derive(Debug)]
pub struct Draft {
    place: PathBuf,
    target: PathBuf,
    source: File,
    finished: bool,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The folder is new.
    New,
    /// The folder held this import already.
    Same,
}

impl Draft {
    /// Begins a folder beside `target`, which must be free, empty, or an import.
    ///
    /// # Errors
    ///
    /// When it is taken, or nothing can be written beside it.
    pub fn begin(target: &Path) -> Result<Self, FolderError> {
        let taken = |what: &str| FolderError::Taken {
            path: target.to_owned(),
            what: what.to_owned(),
        };
        if target.exists() && !target.is_dir() {
            return Err(taken("is no folder"));
        }
        if target.exists() && Stored::read(target)?.is_none() && !is_empty(target) {
            return Err(taken("holds something else than an import"));
        }
        let name = target.file_name().map_or_else(
            || "import".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(io_error(parent))?;
        remove_abandoned(parent, &name);
        let place = parent.join(format!(".{name}.{}.part", std::process::id()));
        // What a process of the same number left behind, if any did.
        let _ = fs::remove_dir_all(&place);
        fs::create_dir(&place).map_err(io_error(&place))?;
        let path = place.join(SOURCE);
        let source = match File::create(&path) {
            Ok(source) => {
                // Held as long as the process lives, which says that it does.
                let _ = source.try_lock();
                source
            }
            Err(error) => {
                let _ = fs::remove_dir_all(&place);
                return Err(io_error(&path)(error));
            }
        };
        Ok(Self {
            place,
            target: target.to_owned(),
            source,
            finished: false,
        })
    }

    /// Appends raw records.
    ///
    /// # Errors
    ///
    /// What writing fails with.
    pub fn keep(&mut self, frame: &[u8]) -> io::Result<()> {
        self.source.write_all(frame)
    }

    /// Writes the rest and gives the folder its name, and says what is stored then. A folder
    /// that holds the same import is left as it is, but for values published since.
    ///
    /// # Errors
    ///
    /// When another import is there, or writing fails.
    pub fn finish(
        mut self,
        import: &Import,
        stored: &Stored,
    ) -> Result<(Written, Stored), FolderError> {
        let mut stored = stored.clone();
        if let Some(before) = Stored::read(&self.target)? {
            if !before.is_same_import(&stored) {
                return Err(FolderError::Taken {
                    path: self.target.clone(),
                    what: format!(
                        "holds another import (`{}`, {} files)",
                        before.format,
                        before.files.len()
                    ),
                });
            }
            stored.keep_from(&before);
            if stored.published().ne(before.published()) {
                write_stored(&self.target, &stored)?;
            }
            return Ok((Written::Same, stored));
        }
        self.source.sync_data().map_err(io_error(&self.place))?;
        write_file(&self.place.join(VERDICTS), |out| {
            table_io::write(&import.table, table_io::Format::Csv, out)
        })?;
        if !import.labels.is_empty() {
            write_file(&self.place.join(LABELS), |out| {
                table_io::write_labels(&import.labels, table_io::Format::Csv, out)
            })?;
        }
        write_stored(&self.place, &stored)?;
        fs::rename(&self.place, &self.target).map_err(io_error(&self.target))?;
        self.finished = true;
        Ok((Written::New, stored))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.finished {
            // What was written of it helps nobody, and there is no one to tell.
            let _ = fs::remove_dir_all(&self.place);
        }
    }
}

/// Removes drafts of a folder whose process is gone: nobody holds their file. A draft
/// that cannot be told to be abandoned, or not be removed, is left.
fn remove_abandoned(parent: &Path, name: &str) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let start = format!(".{name}.");
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let number = file
            .to_str()
            .and_then(|file| file.strip_prefix(&start)?.strip_suffix(".part"));
        if !number.is_some_and(is_number) {
            continue;
        }
        let is_free =
            File::open(entry.path().join(SOURCE)).is_ok_and(|file| file.try_lock().is_ok());
        if is_free {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FolderError> {
    let mut file = File::create(path).map_err(io_error(path))?;
    write(&mut file)
        .and_then(|()| file.sync_data())
        .map_err(io_error(path))
}

fn write_stored(folder: &Path, stored: &Stored) -> Result<(), FolderError> {
    let path = folder.join(IMPORT);
    let json = serde_json::to_string_pretty(stored).map_err(|error| FolderError::Damaged {
        path: path.clone(),
        what: error.to_string(),
    })?;
    let beside = folder.join(format!("{IMPORT}.part"));
    write_file(&beside, |out| {
        out.write_all(escape_json(&json).as_bytes())?;
        out.write_all(b"\n")
    })?;
    fs::rename(&beside, &path).map_err(io_error(&path))
}

/// The verdict table of a folder.
///
/// # Errors
///
/// When it cannot be read.
pub fn read_table(folder: &Path) -> Result<VerdictTable, FolderError> {
    let path = folder.join(VERDICTS);
    let file = File::open(&path).map_err(io_error(&path))?;
    table_io::read(&path, file, table_io::Format::Csv).map_err(FolderError::Table)
}

/// The labels of a folder that has any.
///
/// # Errors
///
/// When they cannot be read.
pub fn read_labels(folder: &Path) -> Result<Labels, FolderError> {
    let path = folder.join(LABELS);
    let file = File::open(&path).map_err(io_error(&path))?;
    table_io::read_labels(&path, file, table_io::Format::Csv).map_err(FolderError::Table)
}

/// A raw record that was kept.
#[derive(Debug, Clone, Deserialize)]
pub struct Kept {
    /// Which of [`Stored::files`] it stands in, from 0.
    pub file: usize,
    /// Its number in the file, from 1.
    pub record: usize,
    /// The item that it is about.
    #[serde(default)]
    pub item: Option<String>,
    /// As the source had it.
    pub raw: Box<RawValue>,
}

/// The raw records about an item.
///
/// # Errors
///
/// When they cannot be read.
pub fn records_of(folder: &Path, item: &str) -> Result<Vec<Kept>, FolderError> {
    let mut found = Vec::new();
    each_record(folder, |kept| {
        if kept.item.as_deref() == Some(item) {
            found.push(kept);
        }
    })?;
    Ok(found)
}

/// Hands over every raw record, in the order of the files.
///
/// # Errors
///
/// When they cannot be read.
pub fn each_record(folder: &Path, mut take: impl FnMut(Kept)) -> Result<(), FolderError> {
    let path = folder.join(SOURCE);
    let file = File::open(&path).map_err(io_error(&path))?;
    let plain = zstd::Decoder::new(file).map_err(io_error(&path))?;
    let mut lines = BufReader::with_capacity(1 << 16, plain);
    let mut line = Vec::new();
    while lines
        .read_until(b'\n', &mut line)
        .map_err(io_error(&path))?
        > 0
    {
        take(
            serde_json::from_slice(&line).map_err(|error| FolderError::Damaged {
                path: path.clone(),
                what: error.to_string(),
            })?,
        );
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_of_processes_that_are_gone_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let draft = |name: &str| {
            let place = dir.path().join(name);
            fs::create_dir(&place).unwrap();
            fs::write(place.join(SOURCE), "half").unwrap();
            place
        };
        let (gone, other) = (draft(".r.1.part"), draft(".r.x.part"));
        let alive = draft(".r.2.part");
        let held = File::open(alive.join(SOURCE)).unwrap();
        held.try_lock().unwrap();
        let begun = Draft::begin(&dir.path().join("r")).unwrap();
        assert!(!gone.exists() && other.exists() && alive.exists());
        remove_abandoned(dir.path(), "r");
        assert!(begun.place.exists());
    }
}
