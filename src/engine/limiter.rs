//! How many calls are in flight at once.
//!
//! A limiter hands out permits, lowest item first, so that begun items are
//! finished before many more begin. Its limit is fixed, or adapts: it doubles
//! while more calls in flight bring more replies a second, falls back when they
//! do not, and is cut when the server says that it is overloaded.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// Where an adaptive limit starts.
const START: usize = 16;

/// Where it ends; few servers gain from more connections of one client.
const MOST: usize = 512;

/// What is left of a limit after the server said that it was too much.
const CUT: f64 = 0.7;

/// Replies in flight when the limit was cut answer to the old limit, so one cut
/// is enough for all of them.
const CUT_PAUSE: Duration = Duration::from_secs(2);

/// After a cut the limit is not raised for this long: where it is small, its rounds
/// are so short that it would soon be too high again.
const CALM: Duration = Duration::from_secs(10);

/// The share of overloads in a round that cuts no limit; there may be a few more of them by
/// chance, this many standard deviations and one.
const TOLERANCE: f64 = 0.05;
const CHANCE: f64 = 3.0;

/// The largest share of overloads that may have nothing to do with the limit. Were it the
/// limit, a server that refuses no more than this would refuse none after a cut.
const MOST_NOISE: f64 = 0.25;

/// Replies that tell whether a cut helped.
const FEWEST_TO_JUDGE: usize = 50;

/// A doubled limit must bring this many times the replies a second.
const WORTH_DOUBLING: f64 = 1.15;

/// A probe of a few more connections must bring this many times.
const WORTH_PROBING: f64 = 1.03;

/// Rounds between two probes that brought nothing.
const REST: u32 = 10;

/// Replies between two refusals that are by chance: who reaches a limit is refused by call
/// after call.
const REPLIES_BETWEEN_CHANCE_REFUSALS: usize = 10;

/// Replies without a shortage of open files, at the least, after which one more call in
/// flight is tried.
const FEWEST_TO_LIFT: usize = 10;

/// The shortest pause that is worth a line.
const NOTICED_PAUSE: Duration = Duration::from_secs(5);

/// Answers that were on their way when a pause began may make it this much longer
/// without that being another pause.
const SAME_PAUSE: Duration = Duration::from_secs(5);

/// Hands out permits.
pub(crate) struct Limiter {
    state: Mutex<State>,
}

struct State {
    limit: usize,
    in_flight: usize,
    waiting: BinaryHeap<Waiter>,
    asked: u64,
    paused_until: Option<Instant>,
    /// The end of the last pause that was told.
    told_until: Option<Instant>,
    stopped: bool,
    /// Replies since a call was last refused with a wait.
    replies_since_refusal: usize,
    /// The fixed limit, or the most that an adaptive one may reach.
    most: usize,
    /// What this process can have in flight, once that has shown.
    ceiling: usize,
    replies_since_shortage: usize,
    adaptive: Option<Adaptive>,
}

impl State {
    /// A reply came without a shortage of open files. Those who held the files may be done,
    /// so after a round of replies one more call is tried, where calls wait for it.
    fn lift_ceiling(&mut self) {
        if self.ceiling == usize::MAX {
            return;
        }
        self.replies_since_shortage += 1;
        let is_felt = self.limit == self.ceiling && !self.waiting.is_empty();
        if is_felt && self.replies_since_shortage >= self.ceiling.max(FEWEST_TO_LIFT) {
            self.replies_since_shortage = 0;
            self.ceiling += 1;
            self.limit = self.ceiling.min(self.most);
        }
    }
}

/// Orders by item, then by who asked first.
struct Waiter {
    rank: Reverse<(u64, u64)>,
    permit: oneshot::Sender<Permit>,
}

impl PartialEq for Waiter {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Waiter {}

impl PartialOrd for Waiter {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiter {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

/// Leave to have one call in flight; given back when dropped.
pub(crate) struct Permit {
    limiter: Option<Arc<Limiter>>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(limiter) = self.limiter.take() {
            let mut state = limiter.lock();
            state.in_flight -= 1;
            limiter.grant(&mut state);
        }
    }
}

/// No more calls are to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

impl Limiter {
    /// A fixed limit, or an adaptive one where there is none.
    pub(crate) fn new(fixed: Option<u32>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                limit: fixed.map_or(START, |limit| limit as usize).max(1),
                in_flight: 0,
                waiting: BinaryHeap::new(),
                asked: 0,
                paused_until: None,
                told_until: None,
                stopped: false,
                replies_since_refusal: 0,
                most: fixed.map_or(MOST, |limit| limit as usize).max(1),
                ceiling: usize::MAX,
                replies_since_shortage: 0,
                adaptive: fixed.is_none().then(|| Adaptive::new(Instant::now())),
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present limit.
    pub(crate) fn limit(&self) -> usize {
        self.lock().limit
    }

    /// Waits for a permit; those of lower items come first.
    pub(crate) async fn acquire(self: &Arc<Self>, item: u64) -> Result<Permit, Stopped> {
        let permit = {
            let mut state = self.lock();
            if state.stopped {
                return Err(Stopped);
            }
            let (permit, receiver) = oneshot::channel();
            state.asked += 1;
            let rank = Reverse((item, state.asked));
            state.waiting.push(Waiter { rank, permit });
            self.grant(&mut state);
            receiver
        };
        permit.await.map_err(|_| Stopped)
    }

    /// Gives permits to those who wait, as far as the limit goes.
    fn grant(self: &Arc<Self>, state: &mut State) {
        if state.stopped
            || state
                .paused_until
                .is_some_and(|until| until > Instant::now())
        {
            return;
        }
        state.paused_until = None;
        while state.in_flight < state.limit
            && let Some(waiter) = state.waiting.pop()
        {
            let permit = Permit {
                limiter: Some(Arc::clone(self)),
            };
            match waiter.permit.send(permit) {
                Ok(()) => state.in_flight += 1,
                // Nobody waits any more. Dropping the permit would take the lock
                // that is held here, so it is made void first.
                Err(mut permit) => permit.limiter = None,
            }
        }
        if let Some(adaptive) = &mut state.adaptive {
            adaptive.peak = adaptive.peak.max(state.in_flight);
        }
    }

    /// Gives no permits for a while. Whether that is news: a long pause, and no part
    /// of one that was told.
    pub(crate) fn pause(self: &Arc<Self>, duration: Duration) -> bool {
        let until = Instant::now() + duration;
        let is_news = {
            let mut state = self.lock();
            if state.paused_until.is_some_and(|present| present >= until) {
                return false;
            }
            state.paused_until = Some(until);
            let is_told = state
                .told_until
                .is_some_and(|told| until <= told + SAME_PAUSE);
            let is_news = duration >= NOTICED_PAUSE && !is_told;
            if is_news {
                state.told_until = Some(until);
            }
            is_news
        };
        let limiter = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep_until(until).await;
            let mut state = limiter.lock();
            limiter.grant(&mut state);
        });
        is_news
    }

    /// Gives no permits any more; those who wait are told.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.waiting.clear();
    }

    /// A call got its reply.
    pub(crate) fn replied(self: &Arc<Self>) {
        let mut state = self.lock();
        state.replies_since_refusal += 1;
        let limit = state.limit;
        state.lift_ceiling();
        let lifted = state.limit;
        if let Some(adaptive) = state.adaptive.as_mut() {
            state.limit = adaptive.replied(lifted, Instant::now()).min(state.ceiling);
        }
        if state.limit != limit {
            self.grant(&mut state);
        }
    }

    /// A call was refused with a wait. Whether it stands alone: so many have got their
    /// reply since the last that no limit can have been reached.
    pub(crate) fn was_refused_alone(&self) -> bool {
        let mut state = self.lock();
        let replies = std::mem::take(&mut state.replies_since_refusal);
        replies >= REPLIES_BETWEEN_CHANCE_REFUSALS
    }

    /// A call found this process at the limit of its open files: fewer are in flight until
    /// replies come without that. Gives the new limit where it is the first time.
    pub(crate) fn out_of_files(&self) -> Option<usize> {
        let mut state = self.lock();
        let is_first = state.ceiling == usize::MAX;
        state.replies_since_shortage = 0;
        state.ceiling = state.ceiling.min(state.in_flight.saturating_sub(1).max(1));
        state.limit = state.limit.min(state.ceiling);
        is_first.then_some(state.limit)
    }

    /// The server said that it has too much to do. Gives the new limit where it
    /// changed.
    pub(crate) fn overloaded(&self) -> Option<usize> {
        let mut state = self.lock();
        let limit = state.limit;
        let in_flight = state.in_flight;
        let adaptive = state.adaptive.as_mut()?;
        state.limit = adaptive.overloaded(limit, in_flight, Instant::now());
        (state.limit != limit).then_some(state.limit)
    }
}

/// The controller of an adaptive limit. A round is twice as many replies as the
/// limit, so that most of them were sent under it.
struct Adaptive {
    phase: Phase,
    replies: usize,
    overloads: usize,
    round_began: Instant,
    peak: usize,
    cut_at: Option<Instant>,
    /// The limit before the last cut, until a round has shown whether the cut helped.
    cut_from: Option<usize>,
    tolerance: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Doubling; the rate of the round before.
    Doubling { rate: f64 },
    /// Holding the limit; its rate, and rounds until the next probe.
    Holding { rate: f64, rest: u32 },
    /// Trying a few more than `from`, which had `rate`.
    Probing { from: usize, rate: f64 },
}

impl Adaptive {
    fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Doubling { rate: 0.0 },
            replies: 0,
            overloads: 0,
            round_began: now,
            peak: 0,
            cut_at: None,
            cut_from: None,
            tolerance: TOLERANCE,
        }
    }

    fn was_cut_within(&self, time: Duration, now: Instant) -> bool {
        self.cut_at.is_some_and(|at| now - at < time)
    }

    fn begin_round(&mut self, now: Instant) {
        self.replies = 0;
        self.overloads = 0;
        self.round_began = now;
        self.peak = 0;
    }

    /// The share of overloads in this round.
    fn share(&self) -> f64 {
        self.overloads as f64 / (self.replies + self.overloads).max(1) as f64
    }

    fn replied(&mut self, limit: usize, now: Instant) -> usize {
        if self.cut_from.is_some() && self.was_cut_within(CUT_PAUSE, now) {
            self.begin_round(now);
            return limit;
        }
        self.replies += 1;
        if self.replies < 2 * limit || (self.cut_from.is_some() && self.replies < FEWEST_TO_JUDGE) {
            return limit;
        }
        if let Some(from) = self.cut_from.take()
            && self.overloads > 1
            && self.share() <= MOST_NOISE
        {
            // Fewer calls in flight are refused too: it is not for their number.
            self.tolerance = self.tolerance.max(1.5 * self.share());
            self.phase = Phase::Doubling { rate: 0.0 };
            self.cut_at = None;
            self.begin_round(now);
            return from;
        }
        let seconds = (now - self.round_began).as_secs_f64().max(1e-6);
        let rate = self.replies as f64 / seconds;
        let was_used = self.peak * 5 >= limit * 4;
        self.begin_round(now);
        if !was_used {
            return limit;
        }
        match self.phase {
            Phase::Doubling { rate: before } if rate >= before * WORTH_DOUBLING => {
                self.phase = Phase::Doubling { rate };
                if limit >= MOST {
                    self.phase = Phase::Holding { rate, rest: REST };
                }
                (2 * limit).min(MOST)
            }
            Phase::Doubling { rate: before } => {
                self.phase = Phase::Holding {
                    rate: before,
                    rest: REST,
                };
                (limit / 2).max(1)
            }
            Phase::Holding { rest: 0, .. } if !self.was_cut_within(CALM, now) => {
                self.phase = Phase::Probing { from: limit, rate };
                (limit + (limit / 8).max(1)).min(MOST)
            }
            Phase::Holding { rest, .. } => {
                self.phase = Phase::Holding {
                    rate,
                    rest: rest.saturating_sub(1),
                };
                limit
            }
            Phase::Probing { rate: before, .. } if rate >= before * WORTH_PROBING => {
                self.phase = Phase::Holding { rate, rest: 0 };
                limit
            }
            Phase::Probing { from, rate } => {
                self.phase = Phase::Holding { rate, rest: REST };
                from
            }
        }
    }

    fn overloaded(&mut self, limit: usize, in_flight: usize, now: Instant) -> usize {
        if self.was_cut_within(CUT_PAUSE, now) {
            return limit;
        }
        self.overloads += 1;
        let tolerance = match self.cut_from {
            // Whether the last cut helps is not known yet.
            Some(_) => MOST_NOISE,
            None => self.tolerance,
        };
        let calls = (self.replies + self.overloads) as f64;
        let mean = tolerance * calls;
        if self.overloads as f64 <= mean + CHANCE * mean.sqrt() + 1.0 {
            return limit;
        }
        self.cut_from = (self.share() <= MOST_NOISE).then_some(limit);
        self.cut_at = Some(now);
        self.begin_round(now);
        self.phase = Phase::Holding {
            rate: 0.0,
            rest: REST / 2,
        };
        // A limit that was not reached says nothing about what is too much.
        let reached = limit.min(in_flight.max(1));
        ((reached as f64 * CUT) as usize).max(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn no_more_permits_are_out_than_the_limit() {
        let limiter = Limiter::new(Some(2));
        let first = limiter.acquire(1).await.unwrap();
        let _second = limiter.acquire(1).await.unwrap();
        let waiting = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { limiter.acquire(1).await.is_ok() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn the_lowest_item_comes_first_whoever_asked_first() {
        let limiter = Limiter::new(Some(1));
        let held = limiter.acquire(0).await.unwrap();
        let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
        for item in [9, 3, 7] {
            let (limiter, sender) = (Arc::clone(&limiter), sender.clone());
            tokio::spawn(async move {
                let _permit = limiter.acquire(item).await.unwrap();
                sender.send(item).unwrap();
            });
            tokio::task::yield_now().await;
        }
        drop(held);
        let mut got = Vec::new();
        for _ in 0..3 {
            got.push(order.recv().await.unwrap());
        }
        assert_eq!(got, [3, 7, 9]);
    }

    #[tokio::test]
    async fn a_permit_that_nobody_waits_for_any_more_is_not_lost() {
        let limiter = Limiter::new(Some(1));
        let held = limiter.acquire(0).await.unwrap();
        {
            let mut given_up = Box::pin(limiter.acquire(1));
            tokio::select! {
                biased;
                _ = &mut given_up => panic!("the limit is 1"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(held);
        assert!(limiter.acquire(2).await.is_ok());
    }

    #[tokio::test]
    async fn a_refusal_stands_alone_after_many_replies_and_only_once() {
        let limiter = Limiter::new(Some(4));
        assert!(!limiter.was_refused_alone());
        for _ in 0..REPLIES_BETWEEN_CHANCE_REFUSALS {
            limiter.replied();
        }
        assert!(limiter.was_refused_alone());
        assert!(!limiter.was_refused_alone());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone_back_and_ends_by_itself() {
        let limiter = Limiter::new(Some(4));
        limiter.pause(Duration::from_secs(3));
        let before = Instant::now();
        let _permit = limiter.acquire(0).await.unwrap();
        assert!(before.elapsed() >= Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_is_news_once_and_a_short_one_never() {
        let limiter = Limiter::new(Some(4));
        let pause = |seconds| limiter.pause(Duration::from_secs(seconds));
        assert!(!pause(3));
        assert!(pause(60));
        tokio::time::advance(Duration::from_secs(2)).await;
        // Answers to calls that were in flight say the same again, a little later.
        assert!(!pause(60));
        assert!(!pause(30));
        assert!(pause(600));
        tokio::time::advance(Duration::from_secs(601)).await;
        assert!(pause(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_does_not_grow_past_what_this_process_can_hold_open() {
        for fixed in [None, Some(16)] {
            let limiter = Limiter::new(fixed);
            let mut permits = Vec::new();
            for _ in 0..10 {
                permits.push(limiter.acquire(0).await.unwrap());
            }
            assert_eq!(limiter.out_of_files(), Some(9));
            assert_eq!(limiter.out_of_files(), None);
            permits.truncate(8);
            assert_eq!(limiter.out_of_files(), None);
            for _ in 0..1_000 {
                tokio::time::advance(Duration::from_millis(10)).await;
                limiter.replied();
            }
            assert_eq!(limiter.limit(), 7);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_cut_for_open_files_comes_back_by_one_a_round_while_calls_wait_for_it() {
        for fixed in [None, Some(16)] {
            let limiter = Limiter::new(fixed);
            let held = limiter.acquire(0).await.unwrap();
            assert_eq!(limiter.out_of_files(), Some(1));
            let waiting: Vec<_> = (0..100)
                .map(|_| {
                    let limiter = Arc::clone(&limiter);
                    tokio::spawn(async move {
                        let permit = limiter.acquire(1).await;
                        std::future::pending::<()>().await;
                        drop(permit);
                    })
                })
                .collect();
            while limiter.lock().waiting.len() < waiting.len() {
                tokio::task::yield_now().await;
            }
            let replied = |replies: usize| (0..replies).for_each(|_| limiter.replied());
            replied(9);
            assert_eq!(limiter.limit(), 1);
            replied(1);
            assert_eq!(limiter.limit(), 2);
            replied(9);
            assert_eq!(limiter.out_of_files(), None);
            assert_eq!(limiter.limit(), 1);
            if fixed.is_some() {
                replied(1_000);
                assert_eq!(limiter.limit(), 16);
            }
            waiting.iter().for_each(tokio::task::JoinHandle::abort);
            drop(held);
        }
    }

    #[tokio::test]
    async fn a_stop_tells_those_who_wait_and_those_who_come() {
        let limiter = Limiter::new(Some(1));
        let _held = limiter.acquire(0).await.unwrap();
        let waiting = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { limiter.acquire(1).await.is_err() }
        });
        tokio::task::yield_now().await;
        limiter.stop();
        assert!(waiting.await.unwrap());
        assert!(limiter.acquire(2).await.is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        /// Calls come and go in any order; a call that gave up waiting is none.
        #[test]
        fn every_call_gets_its_turn_and_no_more_than_the_limit_at_once(
            limit in 1_u32..6,
            calls in prop::collection::vec((0_u64..5, any::<bool>()), 1..40),
            ends in prop::collection::vec(any::<usize>(), 40),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (granted, most) = runtime.block_on(async {
                let limiter = Limiter::new(Some(limit));
                let (sender, mut permits) = tokio::sync::mpsc::unbounded_channel();
                for (item, leaves) in &calls {
                    let (limiter, sender, item) = (Arc::clone(&limiter), sender.clone(), *item);
                    let call = tokio::spawn(async move {
                        let _ = sender.send(limiter.acquire(item).await.unwrap());
                    });
                    tokio::task::yield_now().await;
                    if *leaves {
                        call.abort();
                    }
                }
                drop(sender);
                let (mut granted, mut most) = (0, 0);
                let mut out = Vec::new();
                let mut ends = ends.iter();
                loop {
                    while let Ok(permit) = permits.try_recv() {
                        granted += 1;
                        out.push(permit);
                    }
                    most = most.max(out.len());
                    if out.is_empty() {
                        match permits.recv().await {
                            Some(permit) => {
                                granted += 1;
                                out.push(permit);
                                continue;
                            }
                            None => break,
                        }
                    }
                    let end = ends.next().unwrap_or(&0) % out.len();
                    drop(out.swap_remove(end));
                    tokio::task::yield_now().await;
                }
                (granted, most)
            });
            let staying = calls.iter().filter(|(_, leaves)| !leaves).count();
            prop_assert!(granted >= staying);
            prop_assert!(most <= limit as usize);
        }
    }

    /// Drives a controller against a server that serves `capacity` calls at once,
    /// each in 100 ms, and queues the rest.
    fn settle(capacity: usize, replies: usize) -> usize {
        let mut now = Instant::now();
        let mut adaptive = Adaptive::new(now);
        let mut limit = START;
        for _ in 0..replies {
            let rate = limit.min(capacity) as f64 / 0.1;
            now += Duration::from_secs_f64(1.0 / rate);
            adaptive.peak = limit;
            limit = adaptive.replied(limit, now);
        }
        limit
    }

    #[test]
    fn an_adaptive_limit_grows_as_far_as_it_brings_replies() {
        assert_eq!(settle(100_000, 20_000), MOST);
        let found = settle(100, 20_000);
        assert!((64..=160).contains(&found), "{found}");
        let small = settle(4, 20_000);
        assert!(small <= START, "{small}");
    }

    /// Drives a controller for some seconds against a server that takes 100 ms, and says
    /// by the number of calls in flight and a draw from [0, 1) whether a call is too much;
    /// the limits of the last half.
    fn limits(seconds: u64, is_too_much: impl Fn(usize, f64) -> bool) -> Vec<usize> {
        let start = Instant::now();
        let (mut adaptive, mut limit, mut now) = (Adaptive::new(start), START, start);
        let mut limits = Vec::new();
        let mut state = 7_u64;
        while now - start < Duration::from_secs(seconds) {
            now += Duration::from_secs_f64(0.1 / limit as f64);
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let draw = (state >> 11) as f64 / (1_u64 << 53) as f64;
            adaptive.peak = limit;
            limit = if is_too_much(limit, draw) {
                adaptive.overloaded(limit, limit, now)
            } else {
                adaptive.replied(limit, now)
            };
            if now - start > Duration::from_secs(seconds) / 2 {
                limits.push(limit);
            }
        }
        limits
    }

    #[rstest::rstest]
    #[case(0.02)]
    #[case(0.05)]
    #[case(0.10)]
    fn overloads_that_do_not_depend_on_the_limit_do_not_hold_it_down(#[case] share: f64) {
        let limits = limits(120, |_, draw| draw < share);
        let low = limits.iter().filter(|limit| **limit < MOST / 2).count();
        assert!(low * 10 < limits.len(), "{low} of {}", limits.len());
    }

    #[rstest::rstest]
    #[case(3)]
    #[case(12)]
    #[case(60)]
    fn a_server_that_takes_so_many_calls_at_once_is_not_overrun(#[case] capacity: usize) {
        let refused = |limit: usize| 1.0 - capacity as f64 / limit as f64;
        let limits = limits(240, |limit, draw| draw < refused(limit));
        let mean = limits.iter().sum::<usize>() as f64 / limits.len() as f64;
        let capacity = capacity as f64;
        assert!((0.5 * capacity..=1.3 * capacity).contains(&mean), "{mean}");
    }

    #[test]
    fn a_limit_that_was_cut_is_not_raised_before_things_have_calmed_down() {
        let start = Instant::now();
        let mut adaptive = Adaptive::new(start);
        adaptive.overloads = 2;
        let cut = adaptive.overloaded(6, 6, start);
        assert_eq!(cut, 4);
        let mut limit = cut;
        let mut raised = None;
        for reply in 1..4000 {
            let now = start + Duration::from_millis(10) * reply;
            adaptive.peak = limit;
            limit = adaptive.replied(limit, now);
            if limit > cut {
                raised = Some(now - start);
                break;
            }
        }
        let raised = raised.expect("a limit that grows again");
        assert!(raised >= CALM && raised < CALM * 2, "{raised:?}");
    }

    #[test]
    fn overload_cuts_once_for_all_the_replies_that_say_so() {
        let now = Instant::now();
        let mut adaptive = Adaptive::new(now);
        assert_eq!(adaptive.overloaded(100, 100, now), 100);
        assert_eq!(adaptive.overloaded(100, 100, now), 100);
        let cut = adaptive.overloaded(100, 100, now);
        assert_eq!(cut, 70);
        assert_eq!(
            adaptive.overloaded(cut, 100, now + Duration::from_millis(50)),
            70
        );
        adaptive.overloads = 2;
        assert_eq!(
            adaptive.overloaded(cut, 70, now + Duration::from_secs(3)),
            49
        );
    }
}
