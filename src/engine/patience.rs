//! How long an entry is waited for that has not worked yet.
//!
//! A server that is still loading its model answers as one that is overloaded: not
//! now. Such answers are no failure of a call, but an entry that has never given
//! anything else may never do so. So it is waited for up to a stated time, longer
//! where it says itself that it is loading.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::provider::{CallError, ErrorClass};

/// The longest wait for the first reply of a server that is overloaded.
const OVERLOADED: Duration = Duration::from_mins(2);

/// The longest wait for the first reply of a server that says it is loading.
const LOADING: Duration = Duration::from_mins(10);

/// The wait for an entry's first reply.
#[derive(Debug, Default)]
pub(crate) struct FirstReply {
    began: Mutex<Option<Instant>>,
}

/// What a failed try of an entry that has not worked yet means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// The usual bounds alone hold.
    None,
    /// The first of its kind: from now on the entry is waited for, at most so long.
    Begins { most: Duration },
    /// The server is loading: however often it has been asked, it is asked again.
    Loading,
    /// It was waited for so long, and that is enough.
    Over { waited: Duration },
}

impl FirstReply {
    /// A try of an entry that has not worked yet failed.
    pub(crate) fn failed(&self, error: &CallError, now: Instant) -> Patience {
        if error.class != ErrorClass::Overloaded {
            return Patience::None;
        }
        let is_loading = says_loading(&error.message);
        let most = if is_loading { LOADING } else { OVERLOADED };
        let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(began) = *began else {
            *began = Some(now);
            return Patience::Begins { most };
        };
        let waited = now - began;
        if waited >= most {
            Patience::Over { waited }
        } else if is_loading {
            Patience::Loading
        } else {
            Patience::None
        }
    }
}

/// llama.cpp says `Loading model`, text-generation-inference `is currently loading`.
fn says_loading(message: &str) -> bool {
    let mut words = message.split(|character: char| !character.is_alphanumeric());
    words.any(|word| word.eq_ignore_ascii_case("loading"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(message: &str) -> CallError {
        CallError::new(ErrorClass::Overloaded, message)
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_server_that_is_only_overloaded_is_waited_for_two_minutes() {
        let (first, start) = (FirstReply::default(), Instant::now());
        let busy = answers("HTTP 503 Service Unavailable: overloading");
        assert_eq!(
            first.failed(&busy, start),
            Patience::Begins { most: OVERLOADED }
        );
        assert_eq!(first.failed(&busy, start + seconds(119)), Patience::None);
        let waited = seconds(120);
        assert_eq!(
            first.failed(&busy, start + waited),
            Patience::Over { waited }
        );
    }

    #[test]
    fn a_server_that_loads_its_model_is_waited_for_longer_and_whatever_the_tries() {
        let (first, start) = (FirstReply::default(), Instant::now());
        let loading = answers("HTTP 503 Service Unavailable: Loading model (unavailable_error)");
        assert_eq!(
            first.failed(&loading, start),
            Patience::Begins { most: LOADING }
        );
        assert_eq!(
            first.failed(&loading, start + seconds(599)),
            Patience::Loading
        );
        let waited = seconds(600);
        assert_eq!(
            first.failed(&loading, start + waited),
            Patience::Over { waited }
        );
    }

    #[test]
    fn other_failures_have_their_own_bounds() {
        let first = FirstReply::default();
        let failed = CallError::new(ErrorClass::Server, "HTTP 500: loading failed");
        assert_eq!(first.failed(&failed, Instant::now()), Patience::None);
    }
}
