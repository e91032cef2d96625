//! How fast a run is of late, and what that says of the time it still needs.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The time that counts as of late.
const WINDOW: Duration = Duration::from_mins(1);

/// The time between two looks that are kept.
const STEP: Duration = Duration::from_millis(500);

/// Nothing comes for this long before a run is said to wait.
const SILENCE: Duration = Duration::from_secs(10);

/// Nor is it for so many times the usual time between two that are settled.
const UNUSUAL: u32 = 5;

/// The counts of a run over the last minute.
pub(super) struct Pace {
    looks: VecDeque<Look>,
    /// When the number of those settled last grew.
    moved: Instant,
    settled: u64,
    now: Instant,
}

struct Look {
    at: Instant,
    sent: u64,
    settled: u64,
}

/// What is to be expected of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forecast {
    /// Too little has happened, or nothing is left.
    Unknown,
    /// It is done after this time if it goes on as of late.
    Left(Duration),
    /// Nothing has come for this time.
    Waiting(Duration),
}

impl Pace {
    /// Of a run that begins with so many settled.
    pub(super) fn new(now: Instant, settled: u64) -> Self {
        let look = Look {
            at: now,
            sent: 0,
            settled,
        };
        Self {
            looks: VecDeque::from([look]),
            moved: now,
            settled,
            now,
        }
    }

    /// Takes the present counts.
    pub(super) fn look(&mut self, now: Instant, sent: u64, settled: u64) {
        self.now = now;
        if settled > self.settled {
            (self.moved, self.settled) = (now, settled);
        }
        if self.looks.back().is_some_and(|last| now - last.at < STEP) {
            return;
        }
        self.looks.push_back(Look {
            at: now,
            sent,
            settled,
        });
        // The oldest that is kept is a whole window old.
        while self
            .looks
            .get(1)
            .is_some_and(|next| now - next.at >= WINDOW)
        {
            self.looks.pop_front();
        }
    }

    /// Requests sent a second, of late.
    pub(super) fn calls_a_second(&self) -> f64 {
        let (Some(first), Some(last)) = (self.looks.front(), self.looks.back()) else {
            return 0.0;
        };
        let seconds = (last.at - first.at).as_secs_f64();
        if seconds > 0.0 {
            (last.sent - first.sent) as f64 / seconds
        } else {
            0.0
        }
    }

    /// What is to be expected where so many are left.
    pub(super) fn forecast(&self, left: u64) -> Forecast {
        let Some(first) = self.looks.front() else {
            return Forecast::Unknown;
        };
        if left == 0 {
            return Forecast::Unknown;
        }
        let silence = self.now - self.moved;
        let fresh = self.settled - first.settled;
        let time = self.moved.saturating_duration_since(first.at);
        let usual = u32::try_from(fresh)
            .ok()
            .and_then(|fresh| time.checked_div(fresh))
            .unwrap_or_default();
        if silence >= SILENCE && silence >= usual * UNUSUAL {
            return Forecast::Waiting(silence);
        }
        if fresh == 0 {
            return Forecast::Unknown;
        }
        let seconds = (self.now - first.at).as_secs_f64() * left as f64 / fresh as f64;
        Forecast::Left(Duration::from_secs_f64(seconds.min(1e8)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run that settles so many a second for each of these times, looked at ten
    /// times a second.
    fn after(phases: &[(u64, u64)]) -> Pace {
        let mut now = Instant::now();
        let mut pace = Pace::new(now, 1000);
        let mut tenths = 0;
        for (seconds, rate) in phases {
            for _ in 0..10 * seconds {
                now += Duration::from_millis(100);
                tenths += rate;
                let settled = 1000 + tenths / 10;
                pace.look(now, settled - 1000, settled);
            }
        }
        pace
    }

    fn left(pace: &Pace, left: u64) -> u64 {
        match pace.forecast(left) {
            Forecast::Left(time) => time.as_secs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_time_left_follows_the_rate_of_late_and_not_that_of_old() {
        let pace = after(&[(300, 100), (120, 10)]);
        assert!((9.9..10.1).contains(&pace.calls_a_second()));
        assert!((98..=102).contains(&left(&pace, 1000)));
    }

    #[test]
    fn what_was_stored_before_says_nothing_of_the_rate() {
        assert!((48..=52).contains(&left(&after(&[(20, 20)]), 1000)));
    }

    #[test]
    fn a_run_to_which_nothing_comes_waits() {
        let pace = after(&[(60, 100), (30, 0)]);
        match pace.forecast(1000) {
            Forecast::Waiting(time) => assert_eq!(time.as_secs(), 30),
            other => panic!("{other:?}"),
        }
        let never = after(&[(30, 0)]);
        assert!(matches!(never.forecast(1000), Forecast::Waiting(_)));
    }

    #[test]
    fn a_run_that_was_always_slow_does_not_wait_at_once() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now, 0);
        for settled in 1..=3 {
            now += Duration::from_secs(20);
            pace.look(now, settled, settled);
        }
        now += Duration::from_secs(15);
        pace.look(now, 4, 3);
        assert!(matches!(pace.forecast(10), Forecast::Left(_)));
    }

    #[test]
    fn nothing_is_foretold_before_anything_has_come_or_when_nothing_is_left() {
        assert_eq!(after(&[(3, 0)]).forecast(10), Forecast::Unknown);
        assert_eq!(after(&[(30, 5)]).forecast(0), Forecast::Unknown);
    }
}
