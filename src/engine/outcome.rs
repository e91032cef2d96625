//! What the outcome of a try means beyond its own call: for its entry, for its base URL,
//! and for the calls that wait.

use std::time::Duration;

use jiff::Timestamp;

use super::StopReason;
use super::ask::Asking;
use super::context::{Context, Stopped};
use super::endpoint::Endpoint;
use super::progress::Notice;
use crate::provider::retry::{self, Reach};
use crate::provider::{CallError, ErrorClass, RateLimits, Received, Try};

/// The longest wait that a rate-limit header is followed for.
const LONGEST_HEADER_PAUSE: Duration = Duration::from_mins(2);

/// What a try says to those who wait for its permit. Heeded before the permit is
/// given back, so that a wait which the server asks for holds the next in line too,
/// and a refused key is not shown by call after call. `visit` is the index of the base URL
/// and the place of the try.
pub(super) fn heed(
    context: &Context,
    endpoint: &Endpoint,
    asking: &Asking<'_>,
    visit: (usize, u64),
    tried: &Try,
    meaning: Option<ErrorClass>,
) {
    let (url, place) = visit;
    let limiter = &endpoint.limiter;
    let are_several = endpoint.replicas.are_several();
    match &tried.outcome {
        Ok(_) => limiter.replied(),
        Err(error) => match meaning.unwrap_or(error.class) {
            ErrorClass::RateLimited if are_several => {
                rest(context, endpoint, url, error.retry_after);
                if endpoint.replicas.are_overrun(url) {
                    cut(context, endpoint);
                }
            }
            ErrorClass::Overloaded if are_several => {
                if endpoint.replicas.are_overrun(url) {
                    cut(context, endpoint);
                }
            }
            ErrorClass::RateLimited | ErrorClass::Overloaded => {
                cut(context, endpoint);
                // One call in many that is refused says nothing of the others.
                if let Some(wait) = error.retry_after
                    && !limiter.was_refused_alone()
                {
                    pause(context, endpoint, wait.min(retry::LONGEST_RETRY_AFTER));
                }
            }
            ErrorClass::OpenFiles => {
                if let Some(limit) = limiter.out_of_files() {
                    let entry = endpoint.place.clone();
                    context.notify(Notice::OutOfFiles { entry, limit });
                }
            }
            class => match retry::reach(class) {
                Reach::Entry => refuse(context, endpoint, class, error.message.clone()),
                // That a call is refused which has had a reply before says nothing of others.
                Reach::Call if class == ErrorClass::BadRequest && asking.replies == 0 => {
                    if let Some(row) = endpoint.refused(place, context.about(asking.item)) {
                        let message = format!("{row}, were refused; the last: {error}");
                        refuse(context, endpoint, class, message);
                    }
                }
                Reach::Call | Reach::Try => {}
            },
        },
    }
    follow_headers(context, endpoint, url, &tried.received);
}

/// The base URLs that refused one call, and what each said.
#[derive(Default)]
pub(super) struct Refusals {
    pub(super) urls: Vec<usize>,
    pub(super) words: Vec<String>,
}

/// What a failed try means by all that is known of the entry: a refusal that is no word on
/// the entry, or on the call, is a failure like others, after which the next try may
/// succeed. Such are a refusal by one of several URLs while others may still answer, and a
/// page of who knows whom in front of a server that has worked.
pub(super) fn meaning(
    context: &Context,
    endpoint: &Endpoint,
    url: usize,
    error: &CallError,
    refused: &mut Refusals,
) -> ErrorClass {
    let replicas = &endpoint.replicas;
    let may_pass = match retry::reach(error.class) {
        Reach::Entry => {
            if let Some(times) = replicas.refused(url) {
                set_aside(context, endpoint, url, times, error.message.clone());
            }
            // Where none has worked, and the others are down, the refusal is all there is.
            let others_may = endpoint.has_worked() || replicas.any_may_answer(&[url]);
            (!replicas.all_refuse() && others_may) || (error.is_bare && endpoint.has_worked())
        }
        Reach::Call => {
            refused.urls.push(url);
            refused.words.push(error.message.clone());
            replicas.any_may_answer(&refused.urls)
        }
        Reach::Try => false,
    };
    if may_pass {
        ErrorClass::Server
    } else {
        error.class
    }
}

/// Lets one of several URLs rest, and all calls wait where none is left and it says for how
/// long.
fn rest(context: &Context, endpoint: &Endpoint, url: usize, wait: Option<Duration>) {
    let asked = wait.map(|wait| wait.min(retry::LONGEST_RETRY_AFTER));
    let until_first = endpoint.replicas.limited(url, asked);
    if asked.is_some()
        && let Some(wait) = until_first
    {
        pause(context, endpoint, wait);
    }
}

/// Lets fewer calls be in flight, since the server says that it has too much to do.
fn cut(context: &Context, endpoint: &Endpoint) {
    if let Some(limit) = endpoint.limiter.overloaded() {
        context.notify(Notice::LimitCut {
            entry: endpoint.place.clone(),
            limit,
        });
    }
}

/// Gives the account of an entry no permits for a while, and says so where that is
/// long enough to be noticed.
fn pause(context: &Context, endpoint: &Endpoint, wait: Duration) {
    if endpoint.limiter.pause(wait) {
        context.notify(Notice::Paused {
            entry: endpoint.place.clone(),
            wait,
        });
    }
}

/// Ends the run, since no call of the entry can be expected to succeed.
fn refuse(context: &Context, endpoint: &Endpoint, class: ErrorClass, message: String) {
    let _: Stopped = context.stop(StopReason::Refused {
        entry: endpoint.place.clone(),
        class,
        message,
    });
}

/// What a failed try says about its URL. Of one that refused the call, that is known when
/// another has been asked.
pub(super) fn learn_failure(
    context: &Context,
    endpoint: &Endpoint,
    url: usize,
    error: &CallError,
    meaning: ErrorClass,
) {
    context.note_trouble(endpoint, error);
    let is_of_no_use = matches!(
        error.class,
        ErrorClass::Network
            | ErrorClass::Lost
            | ErrorClass::Overloaded
            | ErrorClass::Server
            | ErrorClass::Malformed
    );
    if is_of_no_use {
        count_failure(context, endpoint, url, || error.message.clone());
    } else if retry::reach(meaning) == Reach::Call {
        endpoint.replicas.answered(url);
    }
}

/// One more failure of a URL, which may be one too many.
pub(super) fn count_failure(
    context: &Context,
    endpoint: &Endpoint,
    url: usize,
    reason: impl FnOnce() -> String,
) {
    if let Some(times) = endpoint.replicas.failed(url) {
        set_aside(context, endpoint, url, times, reason());
    }
}

fn set_aside(context: &Context, endpoint: &Endpoint, url: usize, times: u32, reason: String) {
    context.notify(Notice::SetAside {
        entry: endpoint.place.clone(),
        url: endpoint.url(url).to_owned(),
        times,
        reason,
    });
}

/// Holds an account's calls back where its headers say that nothing is left.
fn follow_headers(context: &Context, endpoint: &Endpoint, url: usize, received: &Received) {
    if received.headers.is_empty() {
        return;
    }
    let now = Timestamp::now();
    if let Some(wait) = RateLimits::from_headers(&received.headers, now).pause(now) {
        let wait = wait.min(LONGEST_HEADER_PAUSE);
        if endpoint.replicas.are_several() {
            rest(context, endpoint, url, Some(wait));
        } else {
            pause(context, endpoint, wait);
        }
    }
}
