//! The files of a labelling task, all of them or none.
//!
//! Files that are there already are left alone where they hold the same, and nothing
//! is written where one holds something else. Each is written beside its place and
//! renamed, and what was renamed is taken away again where a later one fails.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its place.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why files are not written.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Something else stands in a place.
    #[error("{} is there already and holds something else; give another --name or --out, or remove it", .0.display())]
    Taken(PathBuf),
    /// A file or its folder.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes all files; whether any of them is new.
///
/// # Errors
///
/// When something else is there, or writing fails: then none of them is new.
pub fn write_all(files: &[NewFile]) -> Result<bool, FilesError> {
    let mut missing = Vec::new();
    for file in files {
        match fs::read(&file.path) {
            Ok(bytes) if bytes == file.bytes => {}
            Ok(_) => return Err(FilesError::Taken(file.path.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(file),
            Err(error) if file.path.is_dir() => {
                drop(error);
                return Err(FilesError::Taken(file.path.clone()));
            }
            Err(source) => return Err(io_error(&file.path, source)),
        }
    }
    let mut draft = Draft::default();
    for file in &missing {
        draft.write(file)?;
    }
    draft.place()?;
    Ok(!missing.is_empty())
}

fn io_error(path: &Path, source: io::Error) -> FilesError {
    FilesError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Files beside their places; taken away unless all are placed.
#[derive(Default)]
struct Draft {
    /// Folders made for them, outermost first.
    folders: Vec<PathBuf>,
    /// Where each stands, and its place.
    files: Vec<(PathBuf, PathBuf)>,
    placed: usize,
    finished: bool,
}

impl Draft {
    fn write(&mut self, file: &NewFile) -> Result<(), FilesError> {
        let path = &file.path;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            self.make(folder)?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        self.files.push((beside.clone(), path.clone()));
        let mut out = File::create(&beside).map_err(|source| io_error(path, source))?;
        out.write_all(&file.bytes)
            .and_then(|()| out.sync_data())
            .map_err(|source| io_error(path, source))
    }

    /// Makes a folder and those above it, and remembers them.
    fn make(&mut self, folder: &Path) -> Result<(), FilesError> {
        let missing: Vec<&Path> = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|source| io_error(folder, source))?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    fn place(mut self) -> Result<(), FilesError> {
        for (beside, path) in &self.files {
            fs::rename(beside, path).map_err(|source| io_error(path, source))?;
            self.placed += 1;
        }
        self.finished = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // What was written of it helps nobody, and there is no one to tell.
        for (number, (beside, path)) in self.files.iter().enumerate() {
            let _ = fs::remove_file(if number < self.placed { path } else { beside });
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str, text: &str) -> NewFile {
        NewFile {
            path: folder.join(name),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn files_are_written_once_and_never_over_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let both = [file(dir.path(), "a/b/x", "1"), file(dir.path(), "y", "2")];
        assert!(write_all(&both).unwrap());
        assert!(!write_all(&both).unwrap());
        let other = [file(dir.path(), "z", "3"), file(dir.path(), "y", "4")];
        assert!(matches!(write_all(&other), Err(FilesError::Taken(_))));
        assert!(!dir.path().join("z").exists());
        assert_eq!(fs::read_to_string(dir.path().join("y")).unwrap(), "2");
        let folder = [file(dir.path(), "a", "x")];
        assert!(matches!(write_all(&folder), Err(FilesError::Taken(_))));
    }

    #[test]
    fn nothing_is_left_where_one_file_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let files = [
            file(dir.path(), "new/x", "1"),
            file(dir.path(), "file/y", "2"),
        ];
        assert!(matches!(write_all(&files), Err(FilesError::Io { .. })));
        let left: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["file"]);
    }
}
