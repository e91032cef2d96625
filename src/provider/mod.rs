//! Chat models: one file a dialect, and the request, reply and error types they
//! share.
//!
//! A provider makes exactly one try of one call. Retries, limits and storage are
//! the engine's. [`request_body`] and [`read_reply`] are pure; between them,
//! [`Provider::call`] is all that touches the network. A simulated entry goes the
//! same way but for the network.

mod anthropic;
mod body;
mod call;
mod client;
mod endpoint;
mod error;
mod lenient;
mod limits;
mod openai;
mod probe;
mod redact;
pub mod retry;
mod said;
mod simulated;
mod stream;
#[cfg(test)]
mod testing;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::prompt::Message;
use crate::study::{Ending, Scale};

pub use anthropic::DEFAULT_MAX_TOKENS as ANTHROPIC_DEFAULT_MAX_TOKENS;
pub use body::request_body;
pub use call::{Provider, Try, read_reply};
pub use client::Client;
pub use endpoint::{SetupError, key_problem};
pub use error::retry_after;
pub use limits::{Limit, RateLimits};
pub use probe::{Feature, Probe, TokenLimit, probe};

/// What is asked, whatever the dialect.
#[derive(Debug, Clone)]
pub struct ChatRequest<'a> {
    /// The conversation; the system message, if any, first.
    pub messages: &'a [Message],
    /// Most tokens of the reply.
    pub max_tokens: Option<u32>,
    /// Sampling seed of this very draw.
    pub seed: Option<i64>,
    /// The verdict's JSON Schema, where the reply is bound to one.
    pub schema: Option<&'a ReplySchema>,
    /// Whether the log-probabilities of the likeliest tokens are asked for.
    pub logprobs: bool,
    /// What only a simulated model may see.
    pub simulation: Simulation<'a>,
}

/// A named JSON Schema for structured replies, serialised with its properties in
/// the order in which the reply is to be written.
#[derive(Debug, Clone)]
pub struct ReplySchema {
    /// Name sent with the schema: up to 64 letters, digits, hyphens, underscores.
    pub name: String,
    /// The schema's JSON text.
    pub json: Box<serde_json::value::RawValue>,
}

/// What a simulated model is told beside the prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulation<'a> {
    /// Makes the draw: the call's key and the attempt.
    pub draw: [u8; 32],
    /// The persona's levels in words, joined by commas; empty for a judge.
    pub persona: &'a str,
    /// The ground truth of the item, for a persona model that may take its stance.
    pub truth: Option<&'a str>,
    /// Probability that the answer takes the ground-truth stance, where the persona's
    /// levels set another than the entry's.
    pub alignment: Option<f64>,
    /// The options, where the question is a structured one.
    pub options: Option<SimulatedOptions<'a>>,
}

/// A structured question, as a simulated model sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedOptions<'a> {
    /// Its scale.
    pub scale: &'a Scale,
    /// The modal answer of the persona's group.
    pub truth: Option<i32>,
}

/// A reply that was received, read as far as the dialect is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The answer's text; may be empty.
    pub text: String,
    /// Why the model stopped.
    pub finish: Finish,
    /// Tokens, as billed.
    pub usage: Usage,
    /// The model that the server says it served.
    pub model: Option<String>,
    /// Server build or weights, where it says so.
    pub fingerprint: Option<String>,
    /// Tokens of the text with the likeliest alternatives; empty where none are given.
    pub tokens: Vec<TokenChoice>,
}

/// A token of a reply, and what else might have stood there.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenChoice {
    /// The token that was drawn.
    pub text: String,
    /// The likeliest tokens at this place, with the natural logarithm of the probability
    /// of each.
    pub likeliest: Vec<(String, f64)>,
}

impl Reply {
    /// Whether it may have been billed though the server counted no tokens. A prompt
    /// that a filter stopped has no count because nothing was done.
    pub fn is_unmetered(&self) -> bool {
        self.usage == Usage::default() && self.finish != Finish::Refusal
    }
}

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// The model was done.
    Stop,
    /// It reached the token limit.
    Length,
    /// A filter or the model's own refusal signal ended it.
    Refusal,
    /// Anything else, or nothing said.
    Other,
}

impl From<Ending> for Finish {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Whole => Self::Stop,
            Ending::CutOff => Self::Length,
            Ending::Refused => Self::Refusal,
        }
    }
}

/// Tokens of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Prompt tokens.
    pub input: u64,
    /// Reply tokens, reasoning included.
    pub output: u64,
}

/// The raw side of one try: what is stored before anything else uses it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Received {
    /// HTTP status; 0 where the connection failed before a whole success came.
    pub status: u16,
    /// Body as it came, decompressed and with the key masked; where the connection
    /// failed, what came until then.
    pub body: Vec<u8>,
    /// Headers that matter (request id, rate limits, retry-after), lower-case names;
    /// [`RateLimits::from_headers`] and [`retry_after`] read them.
    pub headers: Vec<(String, String)>,
    /// From sending to the last byte.
    pub latency: Duration,
}

/// A try that gave no reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What may be done about it.
    pub class: ErrorClass,
    /// What happened, for a person; never holds a key.
    pub message: String,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether nothing but the status tells of a refusal, which then may be one of
    /// something between here and the server.
    pub is_bare: bool,
}

/// What a failed try means for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The key is refused; no call of the entry can succeed.
    Auth,
    /// The model is not known; no call of the entry can succeed.
    UnknownModel,
    /// Money or quota is used up; no call of the entry can succeed.
    Quota,
    /// Nobody vouches for the server's certificate, so nothing was sent; no call of the
    /// entry can succeed.
    Untrusted,
    /// The prompt does not fit; this call can never succeed.
    ContextTooLong,
    /// The request is refused for another lasting reason.
    BadRequest,
    /// Too many requests.
    RateLimited,
    /// The server is overloaded.
    Overloaded,
    /// The server failed.
    Server,
    /// This process may hold no more files and connections open, so nothing was tried.
    OpenFiles,
    /// There was no connection, so nothing was sent.
    Network,
    /// The request was sent, but no whole answer came: reset, cut off, or too late.
    Lost,
    /// A success status with a body that is no reply (cut, wrong JSON, no choices).
    Malformed,
}

impl ErrorClass {
    /// Whether a provider may bill a try that ended so, with this HTTP status. It
    /// may have done the work, all or in part, wherever its answer was begun, was
    /// lost, or was not waited for by a gateway before it. A plain error status is
    /// billed by nobody.
    pub fn may_be_billed(self, status: u16) -> bool {
        matches!(self, Self::Lost | Self::Malformed)
            || (200..300).contains(&status)
            || matches!(status, 408 | 504 | 524)
    }

    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::UnknownModel => "unknown_model",
            Self::Quota => "quota",
            Self::Untrusted => "untrusted",
            Self::ContextTooLong => "context_too_long",
            Self::BadRequest => "bad_request",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::Server => "server",
            Self::OpenFiles => "open_files",
            Self::Network => "network",
            Self::Lost => "lost",
            Self::Malformed => "malformed",
        }
    }
}
