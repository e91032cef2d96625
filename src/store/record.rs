//! What is stored of a try, and the promise that it is.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::StoreError;
use super::reader::CallId;
use crate::key::Key;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// A model's answer.
    Generation,
    /// A judge's verdict.
    Judgment,
    /// A model's answer to a structured question.
    Answer,
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
    pub(super) is_new: bool,
    pub(super) request: i64,
    pub(super) request_is_new: bool,
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
    pub source: &'a Arc<Source>,
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
pub struct Ticket(pub(super) oneshot::Receiver<Result<(), String>>);

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
