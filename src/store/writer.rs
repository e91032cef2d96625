//! The one thread that writes to a store.
//!
//! Callers compress their rows and hand them over; whatever has gathered since the
//! last commit is committed at once: durable, and fast, without a timer.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::codec::{self, Codec, Packed};
use super::reader::Reader;
use super::record::{Call, CallKind, RunOutcome, Source};
use crate::key::Key;

/// Most rows of one commit; bounds the memory of a batch.
const MOST_ROWS: usize = 4096;

/// Attempts whose bodies train the dictionary.
const SAMPLES: usize = 200;

/// Row of the dictionary that is trained where a store has none.
const DICTIONARY: i64 = 1;

pub(super) struct Job {
    pub(super) change: Change,
    pub(super) done: Option<oneshot::Sender<Result<(), String>>>,
}

pub(super) enum Change {
    Attempt(Box<AttemptRow>),
    Dictionary(Vec<u8>),
    EndRun { ended: String, outcome: RunOutcome },
}

pub(super) struct AttemptRow {
    pub(super) call: Call,
    pub(super) key: Key,
    pub(super) kind: CallKind,
    pub(super) source: Arc<Source>,
    pub(super) at: i64,
    pub(super) latency: i64,
    pub(super) status: u16,
    pub(super) error: Option<String>,
    pub(super) message: Option<String>,
    pub(super) finish: Option<String>,
    pub(super) input_tokens: u32,
    pub(super) output_tokens: u32,
    pub(super) request: Option<Packed>,
    pub(super) exchange: Packed,
    pub(super) samples: Vec<Vec<u8>>,
}

/// The writer thread's side.
pub(super) struct Writer {
    connection: Connection,
    file: PathBuf,
    codec: Arc<Codec>,
    run: i64,
    sources: HashMap<Arc<Source>, i64>,
    samples: Vec<Vec<u8>>,
    training: bool,
    jobs: mpsc::WeakUnboundedSender<Job>,
    failure: Option<String>,
}

impl Writer {
    pub(super) fn new(
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
            .map(|(id, source)| (Arc::new(source), id))
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

    pub(super) fn work(&mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
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
        self.empty_wal();
    }

    /// Writes the WAL into the file and empties it. What is stored is whole without
    /// that, so a failure to do it is none of the run.
    fn empty_wal(&self) {
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
        let mut result = self.write(batch);
        if let Err(error) = &result
            && error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
        {
            // The WAL may be what fills it.
            self.empty_wal();
            result = self.write(batch);
        }
        result.map_err(|source| StoreError::sqlite("write", &self.file, source).to_string())
    }

    /// Commits all of a batch or nothing of it.
    fn write(&mut self, batch: &[Job]) -> rusqlite::Result<()> {
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
        result
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
    sources: &mut HashMap<Arc<Source>, i64>,
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
    sources: &mut HashMap<Arc<Source>, i64>,
    run: i64,
    row: &AttemptRow,
) -> rusqlite::Result<()> {
    let source = if let Some(id) = sources.get(&row.source) {
        *id
    } else {
        let id = insert_source(transaction, &row.source)?;
        sources.insert(Arc::clone(&row.source), id);
        id
    };
    if row.call.is_new {
        let kind = match row.kind {
            CallKind::Generation => 0,
            CallKind::Judgment => 1,
            CallKind::Answer => 2,
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
