//! The one SQLite file of a results folder: everything that was paid for.
//!
//! Invariants:
//! - one writer: [`Store`] holds an exclusive lock on the folder, and one thread
//!   of it makes every change, in group commits that are durable when a
//!   [`Ticket`] resolves;
//! - append-only: an attempt, once stored, is never changed or removed;
//! - an older program refuses a file of a newer schema.
//!
//! Reading needs no lock: a [`Reader`] sees the last commit, also during a run.

mod codec;
mod error;
mod folder;
mod reader;
mod record;
mod schema;
mod writer;

pub use error::StoreError;
pub use folder::Store;
pub use reader::{CallId, CallIndex, FolderTotals, Opener, Reader, RunRow, StoredAttempt};
pub use record::{Attempt, Call, CallKind, RunOutcome, Source, Ticket};
pub use schema::{FILE_NAME, SCHEMA_VERSION};

#[cfg(test)]
mod tests;
