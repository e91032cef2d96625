use std::path::PathBuf;

/// Why the store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process runs in the folder.
    #[error(
        "another oyer run is working in {folder}; wait for it to end, or give this one a folder \
         of its own with --results"
    )]
    Locked {
        /// The results folder.
        folder: PathBuf,
    },
    /// The file was written by a newer program.
    #[error(
        "{file} was written by a newer oyer (store version {found}, this one reads up to {known}); \
         update oyer to use it"
    )]
    Newer {
        /// The store file.
        file: PathBuf,
        /// Version found in the file.
        found: i64,
        /// Version this program knows.
        known: i64,
    },
    /// The file is something else.
    #[error("{file} is not an oyer store ({reason}); give another folder with --results")]
    Foreign {
        /// The file.
        file: PathBuf,
        /// What was found.
        reason: String,
    },
    /// There is no store.
    #[error("{folder} holds no results: {file} is missing or empty; `oyer run STUDY` makes it")]
    NotFound {
        /// The folder that was named.
        folder: PathBuf,
        /// The missing file.
        file: &'static str,
    },
    /// The study is too large to be stored.
    #[error(
        "the study has {bytes} bytes with its tables and the answers of its files, and a store keeps \
         at most {most} of a study: make several studies of it, with fewer personas or questions each"
    )]
    TooLarge {
        /// How large it is.
        bytes: u64,
        /// How large it may be.
        most: u64,
    },
    /// The disk is full.
    #[error(
        "the disk is full while writing {file}; everything stored before is safe: make room and \
         run again to go on"
    )]
    Full {
        /// The store file.
        file: PathBuf,
    },
    /// The system took no more of the file.
    #[error(
        "cannot write more into {file}: the disk fails, or a limit on the size of files (`ulimit -f`) \
         is reached; everything stored before is safe: mend that and run again to go on"
    )]
    Unwritable {
        /// The store file.
        file: PathBuf,
    },
    /// This process may hold no more files open.
    #[error(
        "cannot open {file}: this process may hold no more files and connections open (`ulimit -n` \
         says how many, and a larger number after it raises that); everything stored is safe: run \
         again to go on"
    )]
    OpenFiles {
        /// The store file.
        file: PathBuf,
    },
    /// A file or folder cannot be used.
    #[error("{path} cannot be {action}: {source}; give another folder with --results")]
    Io {
        /// What it cannot be: `opened`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("cannot {action} {file}: {source}")]
    Sqlite {
        /// What was tried.
        action: &'static str,
        /// On which file.
        file: PathBuf,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// A stored value does not decode.
    #[error("{file} is damaged: {what}")]
    Damaged {
        /// The store file.
        file: PathBuf,
        /// What does not decode.
        what: String,
    },
    /// The writer has stopped after an earlier error.
    #[error("the store has stopped writing after an error: {0}")]
    Stopped(String),
}

impl StoreError {
    /// An SQLite failure, told apart where a person can do something about it.
    pub(super) fn sqlite(
        action: &'static str,
        file: &std::path::Path,
        source: rusqlite::Error,
    ) -> Self {
        let file = file.to_owned();
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full { file },
            Some(rusqlite::ErrorCode::SystemIoFailure) if is_of_writing(&source) => {
                Self::Unwritable { file }
            }
            Some(rusqlite::ErrorCode::CannotOpen) if no_more_can_be_opened(&file) => {
                Self::OpenFiles { file }
            }
            Some(rusqlite::ErrorCode::NotADatabase) => Self::Foreign {
                file,
                reason: "no SQLite file".to_owned(),
            },
            _ => Self::Sqlite {
                action,
                file,
                source,
            },
        }
    }
}

/// Whether this process is at the limit of open files. The database is opened with its log
/// and its index; other threads may have let go of a few by now.
fn no_more_can_be_opened(file: &std::path::Path) -> bool {
    const NEEDED: usize = 6;
    let opened: Result<Vec<_>, _> = (0..NEEDED).map(|_| std::fs::File::open(file)).collect();
    // ENFILE and EMFILE.
    opened.is_err_and(|error| matches!(error.raw_os_error(), Some(23 | 24)))
}

/// Whether the system refused to make a file longer, or to write into it.
fn is_of_writing(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE};
    let code = error.sqlite_error().map(|error| error.extended_code);
    [
        SQLITE_IOERR_WRITE,
        SQLITE_IOERR_TRUNCATE,
        SQLITE_IOERR_SHMSIZE,
    ]
    .into_iter()
    .any(|of_writing| code == Some(of_writing))
}
