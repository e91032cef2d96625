//! Reading a store.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use serde::Serialize;

use super::StoreError;
use super::codec::Codec;
use super::record::Source;
use super::schema::{self, FILE_NAME};

use crate::key::Key;

/// Bytes of a store that are read through a mapping: all of most stores.
const MOST_MAPPED: i64 = 1 << 34;

/// A call's number in its store.
pub type CallId = i64;

/// Every stored call by its key. A sorted list takes half of a map's memory, and a
/// store may hold millions of calls.
#[derive(Debug, Clone, Default)]
pub struct CallIndex(Vec<(Key, CallId)>);

impl CallIndex {
    /// The row of a call, if it is stored.
    pub fn get(&self, key: &Key) -> Option<CallId> {
        let place = self.0.binary_search_by_key(key, |(known, _)| *known).ok()?;
        Some(self.0[place].1)
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many calls are stored.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// A read-only view of a store.
pub struct Reader {
    connection: Connection,
    codec: Arc<Codec>,
    file: PathBuf,
    // Dropped after the connection.
    _leftovers: Option<Leftovers>,
}

/// The files that SQLite makes beside a store that it reads, which a connection that only
/// reads leaves behind. The last one that may write takes them away when it is closed.
struct Leftovers(PathBuf);

impl Drop for Leftovers {
    fn drop(&mut self) {
        if beside(&self.0, "-wal").exists() {
            // Only tidiness: the folder may be one that cannot be written.
            let _ = Connection::open_with_flags(&self.0, OpenFlags::SQLITE_OPEN_READ_WRITE)
                .and_then(|connection| schema::is_empty(&connection));
        }
    }
}

/// Opens views of a store.
#[derive(Clone)]
pub struct Opener {
    file: PathBuf,
    codec: Arc<Codec>,
}

impl Opener {
    /// A view of the store.
    pub fn open(&self) -> Result<Reader, StoreError> {
        Reader::over(
            connect(&self.file)?,
            Arc::clone(&self.codec),
            self.file.clone(),
        )
    }
}

/// One attempt at a call, as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttempt {
    /// Row of the request that was sent.
    pub request: i64,
    /// Row of where it was sent.
    pub source: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Milliseconds from sending to the last byte.
    pub latency: i64,
    /// HTTP status; 0 where no HTTP was spoken.
    pub status: u16,
    /// Error class, where it gave no reply.
    pub error: Option<String>,
    /// What happened, for a person.
    pub message: Option<String>,
    /// Prompt tokens as billed.
    pub input_tokens: u32,
    /// Reply tokens as billed.
    pub output_tokens: u32,
    /// Headers that matter.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// Everything that was ever sent from a results folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FolderTotals {
    /// Requests.
    pub requests: u64,
    /// Prompt tokens as billed.
    pub input_tokens: u64,
    /// Reply tokens as billed.
    pub output_tokens: u64,
}

/// One run in a results folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Hash of its study.
    pub study: [u8; 32],
    /// Version of the program.
    pub version: String,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339; `None` where it was cut off.
    pub ended: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
}

impl Reader {
    /// Opens the store of a results folder for reading.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE_NAME);
        let not_found = || StoreError::NotFound {
            folder: folder.to_owned(),
            file: FILE_NAME,
        };
        if !file.is_file() {
            return Err(not_found());
        }
        let connection = connect(&file)?;
        let is_empty = schema::is_empty(&connection)
            .map_err(|source| StoreError::sqlite("read", &file, source))?;
        if is_empty {
            return Err(not_found());
        }
        schema::check_version(&connection, &file)?;
        Ok(Self {
            _leftovers: Some(Leftovers(file.clone())),
            ..Self::with_codec(connection, Arc::new(Codec::default()), file)?
        })
    }

    pub(super) fn with_codec(
        connection: Connection,
        codec: Arc<Codec>,
        file: PathBuf,
    ) -> Result<Self, StoreError> {
        let reader = Self::over(connection, codec, file)?;
        reader.load_dictionaries()?;
        Ok(reader)
    }

    fn over(connection: Connection, codec: Arc<Codec>, file: PathBuf) -> Result<Self, StoreError> {
        // A lookup by id has one plan; without this guarantee SQLite would plan it anew for
        // each id that is bound, which costs more than the lookup.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(|source| StoreError::sqlite("open", &file, source))?;
        Ok(Self {
            connection,
            codec,
            file,
            _leftovers: None,
        })
    }

    /// Opens further views of the same store, for other threads.
    pub fn opener(&self) -> Opener {
        Opener {
            file: self.file.clone(),
            codec: Arc::clone(&self.codec),
        }
    }

    fn load_dictionaries(&self) -> Result<(), StoreError> {
        let rows: Vec<(i64, Vec<u8>)> =
            self.rows("SELECT id, body FROM dictionaries ORDER BY id", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        for (id, body) in rows {
            if !self.codec.knows(id) {
                self.codec
                    .add(id, &body)
                    .map_err(|what| self.damaged(what))?;
            }
        }
        Ok(())
    }

    /// Whether new bodies are compressed with a trained dictionary.
    #[cfg(test)]
    pub(super) fn has_dictionary(&self) -> bool {
        self.codec.has_dictionary()
    }

    /// Every stored call by its key.
    pub fn index(&self) -> Result<CallIndex, StoreError> {
        let sqlite = |source| self.sqlite(source);
        let last: Option<CallId> = self
            .connection
            .query_one("SELECT max(id) FROM calls", [], |row| row.get(0))
            .map_err(sqlite)?;
        let mut calls = Vec::with_capacity(usize::try_from(last.unwrap_or(0)).unwrap_or(0));
        let mut statement = self
            .connection
            .prepare("SELECT key, id FROM calls")
            .map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            calls.push((
                Key(row.get(0).map_err(sqlite)?),
                row.get(1).map_err(sqlite)?,
            ));
        }
        calls.par_sort_unstable();
        Ok(CallIndex(calls))
    }

    /// Every attempt at a call, oldest first.
    pub fn attempts(&self, call: CallId) -> Result<Vec<StoredAttempt>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT request, source, at, latency, status, error, message, input_tokens, \
                 output_tokens, dictionary, exchange FROM attempts WHERE call = ?1 ORDER BY id",
            )
            .map_err(|source| self.sqlite(source))?;
        let mut rows = statement
            .query([call])
            .map_err(|source| self.sqlite(source))?;
        let mut attempts = Vec::new();
        while let Some(row) = rows.next().map_err(|source| self.sqlite(source))? {
            attempts.push(self.attempt(row)?);
        }
        Ok(attempts)
    }

    fn attempt(&self, row: &Row<'_>) -> Result<StoredAttempt, StoreError> {
        let sqlite = |source| self.sqlite(source);
        let exchange = row
            .get_ref(10)
            .map_err(sqlite)?
            .as_blob()
            .map_err(|error| self.damaged(error.to_string()))?;
        let exchange = self.unpack(row.get(9).map_err(sqlite)?, exchange)?;
        let end = exchange
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(|| self.damaged("a reply has no headers line".to_owned()))?;
        let headers = serde_json::from_slice(&exchange[..end])
            .map_err(|error| self.damaged(format!("the headers of a reply: {error}")))?;
        Ok(StoredAttempt {
            request: row.get(0).map_err(sqlite)?,
            source: row.get(1).map_err(sqlite)?,
            at: row.get(2).map_err(sqlite)?,
            latency: row.get(3).map_err(sqlite)?,
            status: row.get(4).map_err(sqlite)?,
            error: row.get(5).map_err(sqlite)?,
            message: row.get(6).map_err(sqlite)?,
            input_tokens: row.get(7).map_err(sqlite)?,
            output_tokens: row.get(8).map_err(sqlite)?,
            headers,
            body: exchange[end + 1..].to_vec(),
        })
    }

    /// The exact body that was sent.
    pub fn request(&self, id: i64) -> Result<Vec<u8>, StoreError> {
        let (dictionary, body): (i64, Vec<u8>) = self
            .connection
            .query_row(
                "SELECT dictionary, body FROM requests WHERE id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(|source| self.sqlite(source))?;
        self.unpack(dictionary, &body)
    }

    fn unpack(&self, dictionary: i64, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        if !self.codec.knows(dictionary) {
            self.load_dictionaries()?;
        }
        self.codec
            .unpack(dictionary, bytes)
            .map_err(|what| self.damaged(what))
    }

    /// Where calls were sent, by row.
    pub fn sources(&self) -> Result<HashMap<i64, Source>, StoreError> {
        let rows = self.rows(
            "SELECT id, entry, dialect, url, model, served, fingerprint, root FROM sources",
            [],
            |row| {
                Ok((
                    row.get(0)?,
                    Source {
                        entry: row.get(1)?,
                        dialect: row.get(2)?,
                        url: row.get(3)?,
                        model: row.get(4)?,
                        served: row.get(5)?,
                        fingerprint: row.get(6)?,
                        root: row.get(7)?,
                    },
                ))
            },
        )?;
        Ok(rows.into_iter().collect())
    }

    /// Everything that was ever sent from this folder.
    pub fn totals(&self) -> Result<FolderTotals, StoreError> {
        let sums = "SELECT count(*), coalesce(sum(input_tokens), 0), \
                    coalesce(sum(output_tokens), 0) FROM attempts";
        let sums = self.connection.query_one(sums, [], |row| {
            let sum = |column| row.get(column).map(i64::cast_unsigned);
            Ok(FolderTotals {
                requests: sum(0)?,
                input_tokens: sum(1)?,
                output_tokens: sum(2)?,
            })
        });
        sums.map_err(|source| self.sqlite(source))
    }

    /// The runs of this folder, oldest first.
    pub fn runs(&self) -> Result<Vec<RunRow>, StoreError> {
        self.rows(
            "SELECT study, version, started, ended, outcome FROM runs ORDER BY id",
            [],
            |row| {
                Ok(RunRow {
                    study: row.get(0)?,
                    version: row.get(1)?,
                    started: row.get(2)?,
                    ended: row.get(3)?,
                    outcome: row.get(4)?,
                })
            },
        )
    }

    /// A stored study's text.
    pub fn study(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let body: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM studies WHERE hash = ?1", [hash], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|source| self.sqlite(source))?;
        body.map(|body| self.unpack(0, &body)).transpose()
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self
            .connection
            .prepare(sql)
            .map_err(|source| self.sqlite(source))?;
        let rows = statement
            .query_map(parameters, map)
            .map_err(|source| self.sqlite(source))?;
        rows.collect::<Result<_, _>>()
            .map_err(|source| self.sqlite(source))
    }

    fn sqlite(&self, source: rusqlite::Error) -> StoreError {
        StoreError::sqlite("read", &self.file, source)
    }

    fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged {
            file: self.file.clone(),
            what,
        }
    }
}

/// A read-only connection, also where the folder itself cannot be written.
///
/// SQLite makes a shared-memory file beside a WAL store. Where it cannot, and no
/// WAL is left over, the file is complete and can be read as immutable.
fn connect(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)
        .map_err(|source| StoreError::sqlite("open", file, source))?;
    // Reading through the file mapping saves a copy of each page.
    connection
        .pragma_update(None, "mmap_size", MOST_MAPPED)
        .map_err(|source| StoreError::sqlite("open", file, source))?;
    let wait = std::time::Duration::from_secs(10);
    connection
        .busy_timeout(wait)
        .map_err(|source| StoreError::sqlite("open", file, source))?;
    let probe: rusqlite::Result<i64> =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    match probe {
        Ok(_) => Ok(connection),
        Err(source) => {
            let wal = std::fs::metadata(beside(file, "-wal"));
            let left_over = wal.is_ok_and(|wal| wal.len() > 0);
            if left_over || source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) {
                return Err(StoreError::sqlite("read", file, source));
            }
            immutable(file)
        }
    }
}

/// A file that SQLite keeps beside a store.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

fn immutable(file: &Path) -> Result<Connection, StoreError> {
    let io = |source| StoreError::Io {
        action: "found",
        path: file.to_owned(),
        source,
    };
    let mut url = std::path::absolute(file)
        .ok()
        .and_then(|path| reqwest::Url::from_file_path(path).ok())
        .ok_or_else(|| io(std::io::ErrorKind::InvalidFilename.into()))?;
    url.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(url.as_str(), flags)
        .map_err(|source| StoreError::sqlite("open", file, source))
}
