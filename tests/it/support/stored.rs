//! What a results folder holds, read past the command line.

use std::collections::BTreeMap;
use std::path::Path;

use oyer::store::{FILE_NAME, Reader};
use rusqlite::{Connection, OpenFlags};

/// A stored attempt, decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Its row.
    pub(crate) id: i64,
    /// Row of its call.
    pub(crate) call: i64,
    /// Whether a judge was asked.
    pub(crate) is_judgment: bool,
    /// Entry, such as `models.base`.
    pub(crate) entry: String,
    /// Base URL.
    pub(crate) url: String,
    /// Error class; none where there was a reply.
    pub(crate) error: Option<String>,
    /// What was said of the error.
    pub(crate) message: Option<String>,
    /// HTTP status.
    pub(crate) status: u16,
    /// The headers that were kept.
    pub(crate) headers: Vec<(String, String)>,
    /// The body sent.
    pub(crate) request: String,
    /// The body received.
    pub(crate) body: Vec<u8>,
}

/// Every attempt of a folder, oldest first.
pub(crate) fn attempts(folder: &Path) -> Vec<Attempt> {
    let reader = Reader::open(folder).expect("a store");
    let sources = reader.sources().expect("sources");
    let mut all = Vec::new();
    let mut ids = ids(folder);
    for (call, kind) in calls(folder) {
        let stored = reader.attempts(call).expect("attempts");
        let ids = ids.remove(&call).unwrap_or_default();
        for (id, attempt) in ids.into_iter().zip(stored) {
            let source = &sources[&attempt.source];
            let request = reader.request(attempt.request).expect("a request");
            all.push(Attempt {
                id,
                call,
                is_judgment: kind == 1,
                entry: source.entry.clone(),
                url: source.url.clone(),
                error: attempt.error,
                message: attempt.message,
                status: attempt.status,
                headers: attempt.headers,
                request: String::from_utf8(request).expect("a request of text"),
                body: attempt.body,
            });
        }
    }
    all.sort_by_key(|attempt| attempt.id);
    all
}

/// The same of a folder that a run may not have come to fill.
pub(crate) fn attempts_if_any(folder: &Path) -> Vec<Attempt> {
    let is_store = folder.join(FILE_NAME).is_file() && has_tables(folder);
    if is_store {
        attempts(folder)
    } else {
        Vec::new()
    }
}

/// How many attempts a folder holds.
pub(crate) fn count(folder: &Path) -> u64 {
    let connection = connect(folder);
    let count: i64 = connection
        .query_row("SELECT count(*) FROM attempts", [], |row| row.get(0))
        .expect("a count");
    count as u64
}

/// Attempts by error class; replies under an empty name.
pub(crate) fn by_error(attempts: &[Attempt]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for attempt in attempts {
        let class = attempt.error.clone().unwrap_or_default();
        *counts.entry(class).or_default() += 1;
    }
    counts
}

/// Rows of calls with their kinds.
fn calls(folder: &Path) -> Vec<(i64, i64)> {
    let connection = connect(folder);
    let mut statement = connection
        .prepare("SELECT id, kind FROM calls ORDER BY id")
        .expect("a query");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

/// Rows of attempts by the rows of their calls.
fn ids(folder: &Path) -> BTreeMap<i64, Vec<i64>> {
    let connection = connect(folder);
    let mut statement = connection
        .prepare("SELECT call, id FROM attempts ORDER BY id")
        .expect("a query");
    let mut ids: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut rows = statement.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        let call = row.get(0).expect("a call");
        ids.entry(call)
            .or_default()
            .push(row.get(1).expect("an id"));
    }
    ids
}

fn has_tables(folder: &Path) -> bool {
    let tables: i64 = connect(folder)
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .expect("a count");
    tables > 0
}

fn connect(folder: &Path) -> Connection {
    // For writing too, because a store that was killed while it was being made has a
    // journal to roll back.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    Connection::open_with_flags(folder.join(FILE_NAME), flags).expect("a store")
}
