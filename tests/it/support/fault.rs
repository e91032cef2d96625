//! What may go wrong with a request, and the rules by which it does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::dialect::Call;

/// One bad day of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// 429, with what it says of when to come back.
    RateLimited(RetryAfter),
    /// A status alone, with an error body: 500, 503, 529.
    Status(u16),
    /// The usual reply, later.
    Slow(Duration),
    /// A reply that ends before its announced length, then a closed connection.
    CutBody,
    /// Status 200 with a body that is not JSON.
    NotJson,
    /// Status 200 with JSON that is not a reply.
    WrongShape,
    /// Nothing, until the client gives up.
    Hang,
    /// The connection is reset without a byte.
    Reset,
    /// A reply without a choice or content in it.
    EmptyChoices,
    /// A reply that a filter, or the model itself, refused.
    Refusal,
    /// The first half of the usual reply, said to be cut at the token limit.
    Truncated,
    /// 400: the prompt does not fit.
    ContextTooLong,
    /// 401.
    WrongKey,
    /// 404: no such model.
    UnknownModel,
    /// The usual reply, with headers that say that no request is left for this long.
    LastOfWindow(Duration),
    /// This status with this body, whatever they mean.
    Says(u16, &'static str),
}

/// What a 429 says of when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RetryAfter {
    /// Nothing.
    Unsaid,
    /// `retry-after`, in whole seconds.
    Seconds(u64),
    /// `retry-after-ms`.
    Millis(u64),
}

impl Fault {
    /// Every kind of fault that a run has to live through or account for: what a
    /// study under fire is given a share of each. `slow` is the delay of slow
    /// answers. A refused key and an unknown model end a run and are not in it.
    pub(crate) fn weather(slow: Duration) -> [Fault; 14] {
        [
            Fault::RateLimited(RetryAfter::Unsaid),
            Fault::RateLimited(RetryAfter::Seconds(0)),
            Fault::RateLimited(RetryAfter::Millis(20)),
            Fault::Status(500),
            Fault::Status(503),
            Fault::Status(529),
            Fault::Slow(slow),
            Fault::CutBody,
            Fault::NotJson,
            Fault::WrongShape,
            Fault::Hang,
            Fault::Reset,
            Fault::EmptyChoices,
            Fault::Refusal,
        ]
    }
}

/// A request as a rule sees it.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    /// What is asked.
    pub(crate) call: &'a Call,
    /// The body as sent.
    pub(crate) body: &'a [u8],
    /// How many requests came with this very body before.
    pub(crate) attempt: usize,
}

/// Which fault, if any, a request gets.
pub(crate) struct Faults(Box<Rule>);

type Rule = dyn Fn(&Seen<'_>) -> Option<Fault> + Send + Sync;

impl Faults {
    /// A rule of the test's own.
    pub(crate) fn by(rule: impl Fn(&Seen<'_>) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self(Box::new(rule))
    }

    /// None ever.
    pub(crate) fn none() -> Self {
        Self::by(|_| None)
    }

    /// The same for every request.
    pub(crate) fn always(fault: Fault) -> Self {
        Self::by(move |_| Some(fault))
    }

    /// One after the other in order of arrival, then none.
    pub(crate) fn script(faults: Vec<Option<Fault>>) -> Self {
        let next = AtomicUsize::new(0);
        Self::by(move |_| {
            let arrival = next.fetch_add(1, Ordering::Relaxed);
            faults.get(arrival).copied().flatten()
        })
    }

    /// For such requests only.
    pub(crate) fn where_call(
        such: impl Fn(&Call) -> bool + Send + Sync + 'static,
        fault: Fault,
    ) -> Self {
        Self::by(move |seen| such(seen.call).then_some(fault))
    }

    /// The first `times` attempts at every body.
    pub(crate) fn first(times: usize, fault: Fault) -> Self {
        Self::by(move |seen| (seen.attempt < times).then_some(fault))
    }

    /// Each fault with its own chance. What a request gets depends on the seed, its
    /// body and how often that body was sent, and not on the order of arrival, so
    /// that a run under fire can be repeated.
    pub(crate) fn random(seed: u64, chances: Vec<(Fault, f64)>) -> Self {
        Self::by(move |seen| {
            let mut draw = uniform(seed, seen.body, seen.attempt);
            chances.iter().find_map(|&(fault, chance)| {
                draw -= chance;
                (draw < 0.0).then_some(fault)
            })
        })
    }

    /// What this request gets.
    pub(crate) fn of(&self, seen: &Seen<'_>) -> Option<Fault> {
        self.0(seen)
    }
}

/// A number in [0, 1) that belongs to a seed, a body and an attempt.
fn uniform(seed: u64, body: &[u8], attempt: usize) -> f64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&(attempt as u64).to_le_bytes());
    hasher.update(body);
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    // The upper 53 bits, as many as a double holds.
    (u64::from_le_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64
}
