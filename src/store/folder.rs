//! A results folder, open for writing: its lock, its writer, and the rows that are
//! handed over.

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;

use rusqlite::{Connection, params};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::codec::{self, Codec, MOST_BYTES};
use super::reader::{CallId, Reader};
use super::record::{Attempt, Call, RunOutcome, Ticket};
use super::schema::{self, FILE_NAME};
use super::writer::{AttemptRow, Change, Job, Writer};

/// Name of the file whose lock says that a run is working in the folder.
const LOCK_NAME: &str = "run.lock";

/// How long another program's lock on the file is waited for.
const BUSY: std::time::Duration = std::time::Duration::from_mins(1);

/// A results folder, open for writing.
pub struct Store {
    folder: PathBuf,
    file: PathBuf,
    codec: Arc<Codec>,
    jobs: Option<mpsc::UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
    next_call: AtomicI64,
    next_request: AtomicI64,
    run: i64,
    study: [u8; 32],
    // Held until the store is dropped; the operating system lets it go when the
    // process dies, however that happens.
    _lock: File,
}

impl Store {
    /// Opens the store of a results folder for one run, and makes it where there
    /// is none. `study` is the resolved study, `started` the time as RFC 3339.
    pub fn open<S: Serialize>(folder: &Path, study: &S, started: &str) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Io {
            action: "a results folder",
            path: folder.to_owned(),
            source,
        })?;
        let lock = lock(folder)?;
        let file = folder.join(FILE_NAME);
        let mut connection =
            Connection::open(&file).map_err(|source| StoreError::sqlite("open", &file, source))?;
        connection
            .busy_timeout(BUSY)
            .map_err(|source| StoreError::sqlite("open", &file, source))?;
        schema::prepare(&connection, &file)?;
        let codec = Arc::new(Codec::default());
        let (run, study) = begin_run(&mut connection, study, started, (&file, MOST_BYTES as u64))?;
        let next = |table: &str| {
            let sql = format!("SELECT ifnull(max(id), 0) + 1 FROM {table}");
            connection
                .query_row(&sql, [], |row| row.get(0).map(AtomicI64::new))
                .map_err(|source| StoreError::sqlite("read", &file, source))
        };
        let (next_call, next_request) = (next("calls")?, next("requests")?);
        // Opened once so that the dictionaries of earlier runs are known.
        let reader =
            Connection::open(&file).map_err(|source| StoreError::sqlite("open", &file, source))?;
        Reader::with_codec(reader, Arc::clone(&codec), file.clone())?;
        let (jobs, receiver) = mpsc::unbounded_channel();
        let mut writer = Writer::new(connection, &file, Arc::clone(&codec), run, jobs.downgrade())?;
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.work(receiver))
            .map_err(|source| StoreError::Io {
                action: "given a writer",
                path: file.clone(),
                source,
            })?;
        Ok(Self {
            folder: folder.to_owned(),
            file,
            codec,
            jobs: Some(jobs),
            thread: Some(thread),
            next_call,
            next_request,
            run,
            study,
            _lock: lock,
        })
    }

    /// The results folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The number of this run in its folder, from 1.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// Hash of the resolved study.
    pub fn study(&self) -> [u8; 32] {
        self.study
    }

    /// A view of what is stored.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let connection = Connection::open(&self.file)
            .map_err(|source| StoreError::sqlite("open", &self.file, source))?;
        Reader::with_codec(connection, Arc::clone(&self.codec), self.file.clone())
    }

    /// Numbers a call: a new one, or one that is stored already.
    pub fn call(&self, stored: Option<CallId>) -> Call {
        Call {
            id: stored.unwrap_or_else(|| self.next_call.fetch_add(1, Ordering::Relaxed)),
            is_new: stored.is_none(),
            request: self.next_request.fetch_add(1, Ordering::Relaxed),
            request_is_new: true,
        }
    }

    /// The next attempt at `call` sends another request than the last one.
    pub fn renew_request(&self, call: &mut Call) {
        call.request = self.next_request.fetch_add(1, Ordering::Relaxed);
        call.request_is_new = true;
    }

    /// Hands an attempt to the writer. Attempts of one call must be handed over
    /// in the order in which they were made, with the same `call`.
    pub fn record(&self, call: &mut Call, attempt: &Attempt<'_>) -> Result<Ticket, StoreError> {
        let mut exchange =
            serde_json::to_vec(attempt.headers).map_err(|error| self.damaged(error.to_string()))?;
        exchange.push(b'\n');
        exchange.extend_from_slice(attempt.body);
        let pack = |body: &[u8]| self.codec.pack(body).map_err(|what| self.damaged(what));
        let row = AttemptRow {
            call: *call,
            key: attempt.key,
            kind: attempt.kind,
            source: Arc::clone(attempt.source),
            at: attempt.at,
            latency: attempt.latency,
            status: attempt.status,
            error: attempt.error.map(str::to_owned),
            message: attempt.message.map(str::to_owned),
            finish: attempt.finish.map(str::to_owned),
            input_tokens: attempt.input_tokens,
            output_tokens: attempt.output_tokens,
            request: call
                .request_is_new
                .then(|| pack(attempt.request))
                .transpose()?,
            exchange: pack(&exchange)?,
            samples: if self.codec.has_dictionary() {
                Vec::new()
            } else {
                vec![attempt.request.to_vec(), exchange]
            },
        };
        call.is_new = false;
        call.request_is_new = false;
        self.send(Change::Attempt(Box::new(row)))
    }

    /// Notes how the run ended, at `ended` (RFC 3339).
    pub fn end_run(&self, ended: &str, outcome: RunOutcome) -> Result<Ticket, StoreError> {
        self.send(Change::EndRun {
            ended: ended.to_owned(),
            outcome,
        })
    }

    fn send(&self, change: Change) -> Result<Ticket, StoreError> {
        let (done, ticket) = oneshot::channel();
        let job = Job {
            change,
            done: Some(done),
        };
        self.jobs
            .as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or_else(|| StoreError::Stopped("the writer has ended".to_owned()))?;
        Ok(Ticket(ticket))
    }

    fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged {
            file: self.file.clone(),
            what,
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has already failed every open ticket.
            let _ = thread.join();
        }
    }
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK_NAME);
    let io = |source| StoreError::Io {
        action: "opened for writing",
        path: path.clone(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Notes that a run begins: its number, and the hash of its study, which is stored where it
/// is new. With answers from a file a study is as large as they are, so its text is never in
/// memory; what has more bytes than can be read back is refused.
fn begin_run<S: Serialize>(
    connection: &mut Connection,
    study: &S,
    started: &str,
    (file, most): (&Path, u64),
) -> Result<(i64, [u8; 32]), StoreError> {
    let failed = |source| StoreError::sqlite("begin a run in", file, source);
    let measure = Measure::of(study).map_err(unwritten).map_err(failed)?;
    let bytes = measure.bytes;
    if bytes > most {
        return Err(StoreError::TooLarge { bytes, most });
    }
    note_run(connection, study, started, &measure).map_err(failed)
}

fn unwritten(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

fn note_run<S: Serialize>(
    connection: &mut Connection,
    study: &S,
    started: &str,
    measure: &Measure,
) -> rusqlite::Result<(i64, [u8; 32])> {
    let hash: [u8; 32] = measure.hasher.finalize().into();
    let transaction = connection.transaction()?;
    let known = "SELECT count(*) > 0 FROM studies WHERE hash = ?1";
    if !transaction.query_row(known, [hash], |row| row.get(0))? {
        let body = codec::pack_stream(measure.bytes, |out| write_json(study, out));
        transaction.execute(
            "INSERT INTO studies (hash, body) VALUES (?1, ?2)",
            params![hash, body.map_err(unwritten)?],
        )?;
    }
    transaction.execute(
        "INSERT INTO runs (study, version, started) VALUES (?1, ?2, ?3)",
        params![hash, env!("CARGO_PKG_VERSION"), started],
    )?;
    let run = transaction.last_insert_rowid();
    transaction.commit()?;
    Ok((run, hash))
}

fn write_json<S: Serialize>(value: &S, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    serde_json::to_writer(&mut out, value)?;
    out.flush()
}

/// Hashes and counts what is written.
#[derive(Default)]
struct Measure {
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Measure {
    fn of<S: Serialize>(value: &S) -> io::Result<Self> {
        let mut measure = Self::default();
        write_json(value, &mut measure)?;
        Ok(measure)
    }
}

impl Write for Measure {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        self.bytes += written.len() as u64;
        self.hasher.write(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_that_could_not_be_read_again_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        let mut connection = Connection::open(&file).unwrap();
        schema::prepare(&connection, &file).unwrap();
        let mut begin = |study: &str| begin_run(&mut connection, &study, "now", (&file, 10));
        assert!(begin("12345678").is_ok());
        let error = begin("123456789").unwrap_err();
        insta::assert_snapshot!(error, @"the study has 11 bytes with its tables and the answers of its files, and a store keeps at most 10 of a study: make several studies of it, with fewer personas or questions each");
        let studies = "SELECT count(*) FROM studies";
        let stored: i64 = connection.query_row(studies, [], |row| row.get(0)).unwrap();
        assert_eq!(stored, 1);
    }
}
