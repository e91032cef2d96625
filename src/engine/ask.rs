//! One call: tries until it has a reply, cannot get one, or the run stops.

use std::sync::Arc;

use jiff::Timestamp;

use super::StopReason;
use super::caps::{CapReached, Hold};
use super::context::{Context, Stopped};
use super::endpoint::{Endpoint, Standing};
use super::limiter::Permit;
use super::progress::{Notice, Progress};
use crate::plan::PlannedCall;
use crate::provider::retry::{self, Reach};
use crate::provider::{
    self, CallError, ChatRequest, ErrorClass, Finish, RateLimits, Received, Reply, Simulation, Try,
    Usage,
};
use crate::store::{self, Attempt, CallKind, Source};
use crate::verdict::settle::CallHistory;

/// The longest wait that a rate-limit header is followed for.
const LONGEST_HEADER_PAUSE: std::time::Duration = std::time::Duration::from_mins(2);

/// What is asked in one call, beside what was planned.
pub(super) struct Asking<'a> {
    pub(super) call: &'a PlannedCall<'a>,
    pub(super) kind: CallKind,
    /// Work on lower items comes first.
    pub(super) item: u32,
    /// Replies that this call has got before.
    pub(super) replies: u32,
    pub(super) max_tokens: Option<u32>,
    pub(super) seed: Option<i64>,
}

/// Asks until there is a reply or the call is given up; both are added to
/// `history`, and everything that was received is stored first.
pub(super) async fn ask(
    context: &Context,
    endpoint: &Endpoint,
    stored: &mut store::Call,
    asking: &Asking<'_>,
    history: &mut CallHistory,
) -> Result<(), Stopped> {
    let request = ChatRequest {
        messages: &asking.call.messages,
        max_tokens: asking.max_tokens,
        seed: asking.seed,
        schema: asking.call.schema,
        simulation: Simulation {
            draw: simulation_draw(asking),
            persona: asking.call.persona,
            truth: asking.call.truth,
        },
    };
    let body = provider::request_body(endpoint.entry(), &request);
    let mut failed = Vec::new();
    loop {
        let (permit, hold) = leave(context, endpoint, asking, body.len()).await?;
        let outcome = one_try(
            context, endpoint, stored, asking, &request, &body, permit, hold,
        )
        .await?;
        let error = match outcome {
            Ok(reply) => {
                history.push(Ok(reply));
                return Ok(());
            }
            Err(error) => error,
        };
        history.push(Err(error.class));
        failed.push(error.class);
        if retry::gives_up(&failed, endpoint.entry().max_tries, endpoint.has_worked()) {
            give_up(context, endpoint, asking, &error, failed.len());
            return Ok(());
        }
        let wait = retry::delay(failed.len(), error.retry_after, rand::random());
        Progress::add(&context.progress.retries, 1);
        context.sleep(wait).await?;
    }
}

/// Leave of the limiter and of the caps. The permit comes first, so that what a
/// call may cost is estimated from what was learnt up to its turn.
async fn leave(
    context: &Context,
    endpoint: &Endpoint,
    asking: &Asking<'_>,
    request_bytes: usize,
) -> Result<(Permit, Hold), Stopped> {
    let permit = endpoint
        .limiter
        .acquire(u64::from(asking.item))
        .await
        .map_err(|_| Stopped)?;
    let most = endpoint.most_cost(request_bytes, asking.max_tokens);
    // Leave that was given is used, also where the run stops at that very moment:
    // a cap of N calls lets N be made.
    let leave = tokio::select! {
        biased;
        () = context.stopping.cancelled() => return Err(Stopped),
        leave = context.purse.hold(most) => leave,
    };
    match leave {
        Ok(hold) => Ok((permit, hold)),
        Err(CapReached::MaxCalls(max)) => Err(context.stop(StopReason::MaxCalls(max))),
        Err(CapReached::Budget { budget, spent }) => {
            Err(context.stop(StopReason::Budget { budget, spent }))
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one try, all of them needed"
)]
async fn one_try(
    context: &Context,
    endpoint: &Endpoint,
    stored: &mut store::Call,
    asking: &Asking<'_>,
    request: &ChatRequest<'_>,
    body: &[u8],
    permit: Permit,
    hold: Hold,
) -> Result<Result<Reply, CallError>, Stopped> {
    let progress = &context.progress;
    Progress::add(&progress.sent, 1);
    Progress::add(&progress.in_flight, 1);
    let at = Timestamp::now();
    let visit = endpoint.replicas.choose();
    let url = visit.index;
    let tried = endpoint.provider.call(url, body, request).await;
    drop(visit);
    heed(context, endpoint, &tried);
    drop(permit);
    progress
        .in_flight
        .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    let usage = tried
        .outcome
        .as_ref()
        .map_or(Usage::default(), |reply| reply.usage);
    hold.settle(endpoint.cost(usage));
    if endpoint.entry().price.is_some() {
        progress.set_dollars(context.purse.spent());
    }
    record(
        context,
        endpoint,
        stored,
        asking,
        url,
        at,
        body,
        &tried.received,
        &tried.outcome,
    )
    .await?;
    match &tried.outcome {
        Ok(reply) => {
            if let Some(differs) = endpoint.meet(reply) {
                context.notify(Notice::ServedDiffers {
                    entry: endpoint.place.clone(),
                    stored: differs.stored,
                    now: differs.now,
                });
            }
            Progress::add(&progress.input_tokens, usage.input);
            Progress::add(&progress.output_tokens, usage.output);
            endpoint.replied(body.len(), usage);
            endpoint.replicas.answered(url);
            context.clear_trouble();
        }
        Err(error) => learn(context, endpoint, url, error),
    }
    Ok(tried.outcome)
}

/// Stores what a try gave, before anything else uses it.
#[expect(clippy::too_many_arguments, reason = "the parts of one stored row")]
async fn record(
    context: &Context,
    endpoint: &Endpoint,
    stored: &mut store::Call,
    asking: &Asking<'_>,
    url: usize,
    at: Timestamp,
    body: &[u8],
    received: &Received,
    outcome: &Result<Reply, CallError>,
) -> Result<(), Stopped> {
    let reply = outcome.as_ref().ok();
    let error = outcome.as_ref().err();
    let entry = endpoint.entry();
    let source = Source {
        entry: endpoint.place.clone(),
        dialect: entry.provider.name().to_owned(),
        url: endpoint.url(url).to_owned(),
        model: entry.model.clone(),
        served: reply.and_then(|reply| reply.model.clone()),
        fingerprint: reply.and_then(|reply| reply.fingerprint.clone()),
        root: context.root_of(&endpoint.place, url),
    };
    let tokens = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let attempt = Attempt {
        key: asking.call.key,
        kind: asking.kind,
        request: body,
        source: &source,
        at: at.as_millisecond(),
        latency: received.latency.as_millis() as i64,
        status: received.status,
        error: error.map(|error| error.class.name()),
        message: error.map(|error| error.message.as_str()),
        finish: reply.map(|reply| finish_name(reply.finish)),
        input_tokens: reply.map_or(0, |reply| tokens(reply.usage.input)),
        output_tokens: reply.map_or(0, |reply| tokens(reply.usage.output)),
        headers: &received.headers,
        body: &received.body,
    };
    let stored = match context.store.record(stored, &attempt) {
        Ok(ticket) => ticket.stored().await,
        Err(error) => Err(error),
    };
    stored.map_err(|error| context.stop(StopReason::Store(error)))
}

fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Refusal => "refusal",
        Finish::Other => "other",
    }
}

/// What a try says to those who wait for its permit. Heeded before the permit is
/// given back, so that a wait which the server asks for holds the next in line too,
/// and a refused key is not shown by call after call.
fn heed(context: &Context, endpoint: &Endpoint, tried: &Try) {
    let limiter = &endpoint.limiter;
    match &tried.outcome {
        Ok(_) => tell_limit(context, endpoint, limiter.replied()),
        Err(error) => match error.class {
            // One of several URLs that is overloaded is set aside instead.
            ErrorClass::Overloaded if endpoint.replicas.are_several() => {}
            ErrorClass::RateLimited | ErrorClass::Overloaded => {
                tell_limit(context, endpoint, limiter.overloaded());
                if let Some(wait) = error.retry_after {
                    limiter.pause(wait.min(retry::LONGEST_RETRY_AFTER));
                }
            }
            class if refuses_all(endpoint, class) => {
                let _: Stopped = context.stop(StopReason::Refused {
                    entry: endpoint.place.clone(),
                    class,
                    message: error.message.clone(),
                });
            }
            _ => {}
        },
    }
    follow_headers(endpoint, &tried.received);
}

/// Whether no call of the entry can be expected to succeed.
fn refuses_all(endpoint: &Endpoint, class: ErrorClass) -> bool {
    match retry::reach(class) {
        Reach::Entry => true,
        Reach::Call => {
            class == ErrorClass::BadRequest && endpoint.refused() == Standing::RefusesAll
        }
        Reach::Try => false,
    }
}

/// What a failed try says about its URL.
fn learn(context: &Context, endpoint: &Endpoint, url: usize, error: &CallError) {
    context.note_trouble(endpoint, error);
    let is_of_no_use = matches!(
        error.class,
        ErrorClass::Network | ErrorClass::Overloaded | ErrorClass::Server | ErrorClass::Malformed
    );
    if !is_of_no_use {
        endpoint.replicas.answered(url);
    } else if endpoint.replicas.failed(url) {
        context.notify(Notice::SetAside {
            entry: endpoint.place.clone(),
            url: endpoint.url(url).to_owned(),
            reason: error.message.clone(),
        });
    }
}

/// Holds an account's calls back where its headers say that nothing is left.
fn follow_headers(endpoint: &Endpoint, received: &Received) {
    if received.headers.is_empty() {
        return;
    }
    let now = Timestamp::now();
    if let Some(pause) = RateLimits::from_headers(&received.headers, now).pause(now) {
        endpoint.limiter.pause(pause.min(LONGEST_HEADER_PAUSE));
    }
}

fn tell_limit(context: &Context, endpoint: &Endpoint, changed: Option<usize>) {
    if let Some(limit) = changed {
        context.notify(Notice::Limit {
            entry: endpoint.place.clone(),
            limit,
        });
    }
}

/// A call that gets no reply; several in a row, and its entry is down.
fn give_up(
    context: &Context,
    endpoint: &Endpoint,
    asking: &Asking<'_>,
    error: &CallError,
    tries: usize,
) {
    Progress::add(&context.progress.failures, 1);
    context.notify(Notice::GaveUp {
        entry: endpoint.place.clone(),
        item: context.plan.item_id(asking.item),
        reason: format!(
            "{error} (after {tries} {})",
            if tries == 1 { "try" } else { "tries" }
        ),
    });
    if retry::reach(error.class) == Reach::Try && endpoint.lost() == Standing::Down {
        let _: Stopped = context.stop(StopReason::Down {
            entry: endpoint.place.clone(),
            message: error.message.clone(),
        });
    }
}

/// A simulated reply depends on the call and on how often it has answered before,
/// so a resumed run gets the same one.
fn simulation_draw(asking: &Asking<'_>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&asking.call.key.0);
    hasher.update(&asking.replies.to_le_bytes());
    hasher.finalize().into()
}

/// Shares a context between the tasks of a run.
pub(super) type Shared = Arc<Context>;
