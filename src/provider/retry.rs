//! Which failed tries are made again, how often, and when. Pure.

use std::time::Duration;

use super::ErrorClass;

/// The first delay; each further one is twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(500);

/// The longest delay that is not asked for by the server.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// A server that asks for more than this is asked again after this.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// How far a failure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The next try may succeed.
    Try,
    /// This call can never succeed.
    Call,
    /// No call of the entry can succeed.
    Entry,
}

/// How far a failure of this class reaches.
pub fn reach(class: ErrorClass) -> Reach {
    match class {
        ErrorClass::Auth | ErrorClass::UnknownModel | ErrorClass::Quota | ErrorClass::Untrusted => {
            Reach::Entry
        }
        ErrorClass::ContextTooLong | ErrorClass::BadRequest => Reach::Call,
        ErrorClass::RateLimited
        | ErrorClass::Overloaded
        | ErrorClass::Server
        | ErrorClass::OpenFiles
        | ErrorClass::Network
        | ErrorClass::Lost
        | ErrorClass::Malformed => Reach::Try,
    }
}

/// Whether a call that failed with these errors since its last reply is given up.
///
/// Being told to come later is no failure of the call, so it may happen three
/// times as often, and so may the loss of a server that has worked before
/// (`has_worked`). A body that makes no sense seldom makes more on asking again; once
/// more it is asked for, since another URL may answer.
pub fn gives_up(errors: &[ErrorClass], max_tries: u32, has_worked: bool) -> bool {
    let Some(last) = errors.last() else {
        return false;
    };
    if reach(*last) != Reach::Try {
        return true;
    }
    let of_class = errors.iter().filter(|class| *class == last).count() as u32;
    let most = match last {
        ErrorClass::RateLimited | ErrorClass::Overloaded | ErrorClass::OpenFiles => 3 * max_tries,
        ErrorClass::Network | ErrorClass::Lost if has_worked => 3 * max_tries,
        ErrorClass::Malformed => (max_tries / 2).max(2).min(max_tries),
        _ => max_tries,
    };
    of_class >= most || errors.len() as u32 >= 3 * max_tries
}

/// How long to wait after the `failed`-th failed try in a row (from 1): as long as the
/// server asks, and no less than where it asks for nothing. `jitter` in [0, 1) spreads
/// those who failed together.
pub fn delay(failed: usize, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let doublings = u32::try_from(failed.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(10);
    let backoff = FIRST_DELAY
        .saturating_mul(1 << doublings)
        .min(LONGEST_DELAY)
        .mul_f64(0.5 + jitter / 2.0);
    match retry_after {
        // What is asked for may be no wait at all.
        Some(asked) => backoff.max(asked.min(LONGEST_RETRY_AFTER) + backoff.min(FIRST_DELAY)),
        None => backoff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_succeed_is_never_tried_again() {
        for class in [
            ErrorClass::Auth,
            ErrorClass::UnknownModel,
            ErrorClass::Quota,
            ErrorClass::Untrusted,
            ErrorClass::ContextTooLong,
            ErrorClass::BadRequest,
        ] {
            assert!(gives_up(&[class], 8, true), "{class:?}");
        }
    }

    #[test]
    fn what_can_succeed_is_tried_up_to_its_bound() {
        let tries = |class, has_worked| {
            let mut errors = Vec::new();
            while !gives_up(&errors, 8, has_worked) {
                errors.push(class);
            }
            errors.len()
        };
        assert_eq!(tries(ErrorClass::Server, true), 8);
        assert_eq!(tries(ErrorClass::Malformed, true), 4);
        assert_eq!(tries(ErrorClass::RateLimited, false), 24);
        assert_eq!(tries(ErrorClass::Network, false), 8);
        assert_eq!(tries(ErrorClass::Network, true), 24);
        assert_eq!(tries(ErrorClass::Lost, false), 8);
        assert_eq!(tries(ErrorClass::Lost, true), 24);
    }

    #[test]
    fn a_body_that_makes_no_sense_is_asked_for_twice_where_a_call_has_two_tries() {
        let tries = |max_tries| {
            let given_up = |tries| gives_up(&vec![ErrorClass::Malformed; tries], max_tries, true);
            (1..20).find(|tries| given_up(*tries)).unwrap()
        };
        assert_eq!([1, 2, 3, 4, 8].map(tries), [1, 2, 2, 2, 4]);
    }

    #[test]
    fn one_kind_of_failure_does_not_use_up_the_tries_of_another() {
        let mut errors = vec![ErrorClass::RateLimited; 9];
        errors.push(ErrorClass::Server);
        assert!(!gives_up(&errors, 8, true));
    }

    #[test]
    fn delays_double_up_to_a_bound_and_never_undercut_the_server() {
        assert_eq!(delay(1, None, 0.0), Duration::from_millis(250));
        assert_eq!(delay(3, None, 0.0), Duration::from_secs(1));
        assert!(delay(60, None, 0.999) <= LONGEST_DELAY);
        let asked = Duration::from_secs(7);
        assert!(delay(1, Some(asked), 0.0) >= asked);
        assert!(delay(4, Some(asked), 0.9) <= asked + FIRST_DELAY);
    }

    #[test]
    fn a_server_that_asks_for_less_than_the_delay_does_not_shorten_it() {
        for failed in [1, 5, 9, 24] {
            let usual = delay(failed, None, 0.5);
            for asked in [0, 1, 7] {
                let asked = Duration::from_secs(asked);
                assert!(delay(failed, Some(asked), 0.5) >= usual.max(asked));
            }
        }
        let tries: Duration = (1..24)
            .map(|failed| delay(failed, Some(Duration::ZERO), 0.0))
            .sum();
        assert!(tries > Duration::from_mins(4), "{tries:?}");
    }
}
