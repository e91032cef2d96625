//! How far a run is, for whoever watches it.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::caps::Spent;

/// Counters of a run that is going on. Reading one takes no lock.
#[derive(Debug, Default)]
pub struct Progress {
    /// Responses that are settled, of items within the limit.
    pub responses: AtomicU64,
    /// Judgments that are settled, of items within the limit.
    pub judgments: AtomicU64,
    /// Responses of all items within the limit.
    pub planned_responses: AtomicU64,
    /// Judgments of all items within the limit.
    pub planned_judgments: AtomicU64,
    /// Of both, those that were in the store already.
    pub reused: AtomicU64,
    /// Requests sent.
    pub sent: AtomicU64,
    /// Requests in flight.
    pub in_flight: AtomicU64,
    /// Tries after a failed one.
    pub retries: AtomicU64,
    /// Judgments asked again for want of a verdict.
    pub reasks: AtomicU64,
    /// Calls given up.
    pub failures: AtomicU64,
    /// Prompt tokens as billed.
    pub input_tokens: AtomicU64,
    /// Reply tokens as billed.
    pub output_tokens: AtomicU64,
    /// What this run has spent, where prices are known.
    spent: Mutex<Option<Spent>>,
    /// Why the last try failed, until one succeeds.
    trouble: Mutex<Option<String>>,
}

/// Something that happened and is worth a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// An adaptive limit was cut, since the server has too much to do.
    LimitCut {
        /// Entry, such as `models.base`.
        entry: String,
        /// Calls in flight at once from now on.
        limit: usize,
    },
    /// A limit was cut, since this process may hold no more files and connections open.
    OutOfFiles {
        /// Entry, such as `models.base`.
        entry: String,
        /// Calls in flight at once for now, at most.
        limit: usize,
    },
    /// No calls are made for a while, as the server asks.
    Paused {
        /// Entry whose server asked; those of the same URLs and key pause too.
        entry: String,
        /// For how long.
        wait: Duration,
    },
    /// A server that has not answered yet is overloaded, or loading its model.
    WaitsForServer {
        /// Entry.
        entry: String,
        /// What it said.
        reason: String,
        /// The longest that it is waited for.
        most: Duration,
    },
    /// One of several base URLs is set aside for a while: for the first time of late, or so
    /// often that it is worth another line.
    SetAside {
        /// Entry.
        entry: String,
        /// Base URL.
        url: String,
        /// How often of late.
        times: u32,
        /// Why.
        reason: String,
    },
    /// A call was given up.
    GaveUp {
        /// Entry.
        entry: String,
        /// `persona/question`.
        item: String,
        /// Why.
        reason: String,
    },
    /// A stored reply came from something that is not what answers now.
    ServedDiffers {
        /// Entry.
        entry: String,
        /// What answered then.
        stored: String,
        /// What answers now.
        now: String,
    },
}

impl Progress {
    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }

    /// What this run has spent, where prices are known.
    pub fn spent(&self) -> Option<Spent> {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_spent(&self, spent: Spent) {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) = Some(spent);
    }

    /// Why calls fail at present, if they do.
    pub fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}
