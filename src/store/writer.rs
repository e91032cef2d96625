//! The one writer of a results folder.
//!
//! Callers compress their rows and hand them to a thread that commits whatever
//! has gathered since its last commit: durable, and fast, without a timer.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::codec::{self, Codec, Packed};
use super::reader::{CallId, Reader};
use super::schema::{self, FILE_NAME};
use crate::key::Key;

/// Name of the file whose lock says that a run is working in the folder.
const LOCK_NAME: &str = "run.lock";

/// Most rows of one commit; bounds the memory of a batch.
const MOST_ROWS: usize = 4096;

/// Attempts whose bodies train the dictionary.
const SAMPLES: usize = 200;

/// Row of the dictionary that is trained where a store has none.
const DICTIONARY: i64 = 1;

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
    // Held until the store is dropped; the operating system lets it go when the
    // process dies, however that happens.
    _lock: File,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// A model's answer.
    Generation,
    /// A judge's verdict.
    Judgment,
}

/// Where an attempt was sent, and what answered there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// Entry of the study.
    pub entry: String,
    /// Dialect.
    pub dialect: String,
    /// Base URL without secrets.
    pub url: String,
    /// Model that was asked for.
    pub model: String,
    /// Model that the server says it served.
    pub served: Option<String>,
    /// Server build or weights, where it says so.
    pub fingerprint: Option<String>,
    /// What the server's list of models says is behind the name.
    pub root: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// Nothing was left to do.
    Complete,
    /// It stopped early and can go on.
    Incomplete,
    /// A provider refused.
    Refused,
}

/// A call as the store knows it: its row, and the row of its present request.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Row of the call.
    pub id: CallId,
    is_new: bool,
    request: i64,
    request_is_new: bool,
}

/// One attempt to be stored.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// Identity of the call.
    pub key: Key,
    /// What the call is for.
    pub kind: CallKind,
    /// The exact body that was sent.
    pub request: &'a [u8],
    /// Where, and what answered.
    pub source: &'a Source,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Milliseconds from sending to the last byte.
    pub latency: i64,
    /// HTTP status; 0 where no HTTP was spoken.
    pub status: u16,
    /// Error class, where it gave no reply.
    pub error: Option<&'a str>,
    /// What happened, for a person.
    pub message: Option<&'a str>,
    /// Why the model stopped, where it replied.
    pub finish: Option<&'a str>,
    /// Prompt tokens as billed.
    pub input_tokens: u32,
    /// Reply tokens as billed.
    pub output_tokens: u32,
    /// Headers that matter.
    pub headers: &'a [(String, String)],
    /// The raw body.
    pub body: &'a [u8],
}

/// Resolves when a row is durable.
#[must_use = "a row is durable only when its ticket resolves"]
pub struct Ticket(oneshot::Receiver<Result<(), String>>);

impl Ticket {
    /// Waits for the commit.
    pub async fn stored(self) -> Result<(), StoreError> {
        outcome(self.0.await)
    }

    /// Waits for the commit, outside of async code.
    pub fn stored_blocking(self) -> Result<(), StoreError> {
        outcome(self.0.blocking_recv())
    }
}

fn outcome(
    result: Result<Result<(), String>, oneshot::error::RecvError>,
) -> Result<(), StoreError> {
    result
        .unwrap_or_else(|_| Err("the writer has ended".to_owned()))
        .map_err(StoreError::Stopped)
}

struct Job {
    change: Change,
    done: Option<oneshot::Sender<Result<(), String>>>,
}

enum Change {
    Attempt(Box<AttemptRow>),
    Dictionary(Vec<u8>),
    EndRun { ended: String, outcome: RunOutcome },
}

struct AttemptRow {
    call: Call,
    key: Key,
    kind: CallKind,
    source: Source,
    at: i64,
    latency: i64,
    status: u16,
    error: Option<String>,
    message: Option<String>,
    finish: Option<String>,
    input_tokens: u32,
    output_tokens: u32,
    request: Option<Packed>,
    exchange: Packed,
    samples: Vec<Vec<u8>>,
}

impl Store {
    /// Opens the store of a results folder for one run, and makes it where there
    /// is none. `study` is the resolved study's text, `hash` its hash, `started`
    /// the time as RFC 3339.
    pub fn open(
        folder: &Path,
        study: &[u8],
        hash: [u8; 32],
        started: &str,
    ) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Io {
            action: "use as a results folder (give another with --results)",
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
        let run = begin_run(&mut connection, &codec, study, hash, started)
            .map_err(|source| StoreError::sqlite("begin a run in", &file, source))?;
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
                action: "start the writer of",
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
            source: attempt.source.clone(),
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
        action: "write in the results folder: cannot open",
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

fn begin_run(
    connection: &mut Connection,
    codec: &Codec,
    study: &[u8],
    hash: [u8; 32],
    started: &str,
) -> rusqlite::Result<i64> {
    let packed = codec
        .pack(study)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT OR IGNORE INTO studies (hash, body) VALUES (?1, ?2)",
        params![hash, packed.bytes],
    )?;
    transaction.execute(
        "INSERT INTO runs (study, version, started) VALUES (?1, ?2, ?3)",
        params![hash, env!("CARGO_PKG_VERSION"), started],
    )?;
    let run = transaction.last_insert_rowid();
    transaction.commit()?;
    Ok(run)
}

/// The writer thread's side.
struct Writer {
    connection: Connection,
    file: PathBuf,
    codec: Arc<Codec>,
    run: i64,
    sources: HashMap<Source, i64>,
    samples: Vec<Vec<u8>>,
    training: bool,
    jobs: mpsc::WeakUnboundedSender<Job>,
    failure: Option<String>,
}

impl Writer {
    fn new(
        connection: Connection,
        file: &Path,
        codec: Arc<Codec>,
        run: i64,
        jobs: mpsc::WeakUnboundedSender<Job>,
    ) -> Result<Self, StoreError> {
        let reader =
            Connection::open(file).map_err(|source| StoreError::sqlite("open", file, source))?;
        let sources = Reader::with_codec(reader, Arc::clone(&codec), file.to_owned())?
            .sources()?
            .into_iter()
            .map(|(id, source)| (source, id))
            .collect();
        Ok(Self {
            connection,
            file: file.to_owned(),
            codec,
            run,
            sources,
            samples: Vec::new(),
            training: false,
            jobs,
            failure: None,
        })
    }

    fn work(&mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        let mut batch = Vec::new();
        while let Some(job) = jobs.blocking_recv() {
            batch.push(job);
            while batch.len() < MOST_ROWS
                && let Ok(job) = jobs.try_recv()
            {
                batch.push(job);
            }
            let result = self.commit(&batch);
            if let Err(reason) = &result {
                self.failure = Some(reason.clone());
            }
            for job in batch.drain(..) {
                self.finish(job, &result);
            }
            self.train_when_ready();
        }
        // Leaves one complete file behind; it is only tidiness, so a failure to
        // do it is none of the run.
        let _ = self
            .connection
            .pragma_update(None, "wal_checkpoint", "TRUNCATE");
    }

    /// After a failed commit nothing more is written: what was stored stays
    /// whole, and every later row is refused with the first reason.
    fn commit(&mut self, batch: &[Job]) -> Result<(), String> {
        if let Some(reason) = &self.failure {
            return Err(reason.clone());
        }
        let known = self.sources.len();
        let result = self.connection.transaction().and_then(|transaction| {
            for job in batch {
                apply(&transaction, &mut self.sources, self.run, &job.change)?;
            }
            transaction.commit()
        });
        if result.is_err() && self.sources.len() > known {
            self.sources.clear();
        }
        result.map_err(|source| StoreError::sqlite("write", &self.file, source).to_string())
    }

    fn finish(&mut self, job: Job, result: &Result<(), String>) {
        match job.change {
            Change::Attempt(row) => {
                if !self.codec.has_dictionary() && !self.training {
                    self.samples.extend(row.samples);
                }
            }
            Change::Dictionary(body) if result.is_ok() => {
                // A dictionary that does not load is simply not used.
                let _ = self.codec.add(DICTIONARY, &body);
            }
            Change::Dictionary(_) | Change::EndRun { .. } => {}
        }
        if let Some(done) = job.done {
            // Nobody waits for it where the run was stopped at once.
            let _ = done.send(result.clone());
        }
    }

    /// Training takes a few hundred milliseconds, so it happens on a thread of
    /// its own while rows go on being written without a dictionary.
    fn train_when_ready(&mut self) {
        if self.training || self.samples.len() < 2 * SAMPLES {
            return;
        }
        self.training = true;
        let samples = std::mem::take(&mut self.samples);
        let jobs = self.jobs.clone();
        std::thread::spawn(move || {
            let dictionary = codec::train(&samples);
            if let (Some(body), Some(jobs)) = (dictionary, jobs.upgrade()) {
                // The writer may have ended meanwhile.
                let _ = jobs.send(Job {
                    change: Change::Dictionary(body),
                    done: None,
                });
            }
        });
    }
}

fn apply(
    transaction: &Transaction<'_>,
    sources: &mut HashMap<Source, i64>,
    run: i64,
    change: &Change,
) -> rusqlite::Result<()> {
    match change {
        Change::Attempt(row) => insert_attempt(transaction, sources, run, row),
        Change::Dictionary(body) => transaction
            .execute(
                "INSERT INTO dictionaries (id, body) VALUES (?1, ?2)",
                params![DICTIONARY, body],
            )
            .map(drop),
        Change::EndRun { ended, outcome } => {
            let outcome = match outcome {
                RunOutcome::Complete => "complete",
                RunOutcome::Incomplete => "incomplete",
                RunOutcome::Refused => "refused",
            };
            transaction
                .execute(
                    "UPDATE runs SET ended = ?1, outcome = ?2 WHERE id = ?3",
                    params![ended, outcome, run],
                )
                .map(drop)
        }
    }
}

fn insert_attempt(
    transaction: &Transaction<'_>,
    sources: &mut HashMap<Source, i64>,
    run: i64,
    row: &AttemptRow,
) -> rusqlite::Result<()> {
    let source = if let Some(id) = sources.get(&row.source) {
        *id
    } else {
        let id = insert_source(transaction, &row.source)?;
        sources.insert(row.source.clone(), id);
        id
    };
    if row.call.is_new {
        let kind = match row.kind {
            CallKind::Generation => 0,
            CallKind::Judgment => 1,
        };
        transaction
            .prepare_cached("INSERT INTO calls (id, kind, key) VALUES (?1, ?2, ?3)")?
            .execute(params![row.call.id, kind, row.key.0])?;
    }
    if let Some(request) = &row.request {
        transaction
            .prepare_cached("INSERT INTO requests (id, dictionary, body) VALUES (?1, ?2, ?3)")?
            .execute(params![row.call.request, request.dictionary, request.bytes])?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO attempts (call, request, source, run, at, latency, status, error, \
             message, finish, input_tokens, output_tokens, dictionary, exchange) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            row.call.id,
            row.call.request,
            source,
            run,
            row.at,
            row.latency,
            row.status,
            row.error,
            row.message,
            row.finish,
            row.input_tokens,
            row.output_tokens,
            row.exchange.dictionary,
            row.exchange.bytes,
        ])?;
    Ok(())
}

fn insert_source(transaction: &Transaction<'_>, source: &Source) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "INSERT INTO sources (entry, dialect, url, model, served, fingerprint, root) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            source.entry,
            source.dialect,
            source.url,
            source.model,
            source.served,
            source.fingerprint,
            source.root
        ])?;
    Ok(transaction.last_insert_rowid())
}
