//! Tables and their version.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// Name of the store in a results folder.
pub const FILE_NAME: &str = "run.sqlite";

/// Version of the tables. A change that an older program cannot read raises it.
///
/// 1: first version.
pub const SCHEMA_VERSION: i64 = 1;

/// Marks the file as an oyer store ("oyer" in ASCII).
const APPLICATION_ID: i64 = 0x6f79_6572;

/// Bodies are compressed rows of one to two kilobytes, so larger pages than
/// SQLite's default waste less.
const PAGE_SIZE: i64 = 16_384;

/// Bytes of the WAL after which it is written into the file.
const MOST_WAL: i64 = 16 << 20;

/// A call is one planned draw; its attempts are the requests that were sent for
/// it. Requests stand in a table of their own because reports never read them.
/// Calls have no index over keys: random keys would touch a page each on every
/// insertion, and both runs and reports load all keys anyway.
const TABLES: &str = "
CREATE TABLE studies (
    hash BLOB PRIMARY KEY,
    body BLOB NOT NULL
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    study BLOB NOT NULL,
    version TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,
    outcome TEXT
);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    entry TEXT NOT NULL,
    dialect TEXT NOT NULL,
    url TEXT NOT NULL,
    model TEXT NOT NULL,
    served TEXT,
    fingerprint TEXT,
    root TEXT
);
CREATE TABLE dictionaries (
    id INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    key BLOB NOT NULL
);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    dictionary INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    call INTEGER NOT NULL,
    request INTEGER NOT NULL,
    source INTEGER NOT NULL,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    latency INTEGER NOT NULL,
    status INTEGER NOT NULL,
    error TEXT,
    message TEXT,
    finish TEXT,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    dictionary INTEGER NOT NULL,
    exchange BLOB NOT NULL
);
CREATE INDEX attempts_by_call ON attempts (call);
";

/// Whether nothing is in the file yet, as where a run was cut off in its first
/// moment.
pub(super) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) = 0 FROM sqlite_schema";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Sets up a writing connection and makes the tables of a new file.
pub(super) fn prepare(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let sqlite = |source| StoreError::sqlite("set up", file, source);
    let is_new = is_empty(connection).map_err(sqlite)?;
    if is_new {
        connection
            .pragma_update(None, "page_size", PAGE_SIZE)
            .map_err(sqlite)?;
    } else {
        check_version(connection, file)?;
    }
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(sqlite)?;
    // A checkpoint stalls the writer, so it comes in MiB and not in SQLite's usual pages;
    // but commits of single rows fill the WAL with whole pages, and the disk has to hold
    // it beside the file.
    connection
        .pragma_update(None, "wal_autocheckpoint", MOST_WAL / PAGE_SIZE)
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "cache_size", -16_384)
        .map_err(sqlite)?;
    if is_new {
        // Tables and version come in one transaction, so that a file is either
        // empty or complete.
        let script = format!(
            "BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID}; \
             PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        );
        connection.execute_batch(&script).map_err(sqlite)?;
    }
    Ok(())
}

/// Refuses a file that is no store, or one of a newer version.
pub(super) fn check_version(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let pragma = |name: &str| -> Result<i64, StoreError> {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(|source| StoreError::sqlite("read", file, source))
    };
    if pragma("application_id")? != APPLICATION_ID {
        return Err(StoreError::Foreign {
            file: file.to_owned(),
            reason: "an SQLite file of another program".to_owned(),
        });
    }
    let found = pragma("user_version")?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            found,
            known: SCHEMA_VERSION,
        });
    }
    Ok(())
}
