//! Several base URLs of one entry: the least busy healthy one is asked next.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a URL is set aside the first time; each further time twice as long.
const FIRST_REST: Duration = Duration::from_secs(5);

/// The longest it is set aside before it is tried again.
const LONGEST_REST: Duration = Duration::from_mins(1);

/// How long a URL rests the first time that it is asked too often and does not say for
/// how long; each further time twice as long.
const FIRST_LIMIT: Duration = Duration::from_secs(1);

/// Failures in a row after which a URL is set aside.
const MOST_FAILURES: u32 = 3;

/// The base URLs of an entry.
pub(crate) struct Replicas {
    replicas: Vec<Replica>,
    /// Where the next search begins, so that equally busy URLs take turns.
    turn: AtomicUsize,
}

struct Replica {
    in_flight: AtomicUsize,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    failures: u32,
    rests: u32,
    aside_until: Option<Instant>,
    /// Whether it refuses the entry: its key, or its model.
    refuses: bool,
    /// When it last answered.
    answered_at: Option<Instant>,
    /// How often in a row it was asked too often without a word on how long to wait, and
    /// until when it rests for being asked too often.
    limits: u32,
    limited_until: Option<Instant>,
    /// Whether it has asked for that rest itself.
    asked_for_rest: bool,
    spell: Spell,
}

/// Times in which a URL is set aside again and again, with replies or without.
#[derive(Default, Clone, Copy)]
struct Spell {
    times: u32,
    /// When it is over, unless the URL is set aside once more.
    ends: Option<Instant>,
}

impl Health {
    /// Until when it is not asked, where others can be.
    fn resting(&self, now: Instant) -> Option<Instant> {
        self.aside_until
            .max(self.limited_until)
            .filter(|until| *until > now)
    }

    fn limited(&self, now: Instant) -> Option<Instant> {
        self.limited_until.filter(|until| *until > now)
    }

    /// Whether it answers calls at present, as one does that takes only so many at once.
    fn answers(&self, now: Instant) -> bool {
        self.answered_at.is_some_and(|at| now - at < FIRST_LIMIT)
    }

    fn is_aside(&self, now: Instant) -> bool {
        self.aside_until.is_some_and(|until| until > now)
    }

    /// Whether it is set aside and refused the entry when it was last asked.
    fn is_out(&self, now: Instant) -> bool {
        self.refuses && self.is_aside(now)
    }

    /// How often in this spell, where that is to be told.
    fn set_aside(&mut self) -> Option<u32> {
        let now = Instant::now();
        let rest = FIRST_REST
            .saturating_mul(1 << self.rests.min(8))
            .min(LONGEST_REST);
        self.failures = 0;
        self.rests += 1;
        self.aside_until = Some(now + rest);
        if self.spell.ends.is_none_or(|ends| ends < now) {
            self.spell.times = 0;
        }
        self.spell.times += 1;
        self.spell.ends = Some(now + rest + LONGEST_REST);
        // The first time, the tenth, the hundredth.
        let times = self.spell.times;
        (10_u32.pow(times.ilog10()) == times).then_some(times)
    }
}

impl Replica {
    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call is on its way to this URL.
pub(crate) struct Visit<'r> {
    replica: &'r Replica,
    /// Index of the base URL.
    pub(crate) index: usize,
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.replica.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Replicas {
    /// `count` URLs; an entry without a server has one that never fails.
    pub(crate) fn new(count: usize) -> Self {
        let replica = || Replica {
            in_flight: AtomicUsize::new(0),
            health: Mutex::default(),
        };
        Self {
            replicas: (0..count.max(1)).map(|_| replica()).collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// The URL to ask: the least busy of those in use; where all rest, the one that comes
    /// back first, but none that refuses the entry before one that is only asked too often.
    /// Those of `but` only where there is no other.
    pub(crate) fn choose(&self, but: &[usize]) -> Visit<'_> {
        let now = Instant::now();
        let is_only_limited = self.any(&[], |health, now| {
            !health.is_aside(now) && health.limited(now).is_some()
        });
        let rank = |index: usize| {
            let replica = &self.replicas[index];
            let health = replica.health();
            let busy = replica.in_flight.load(Ordering::Relaxed);
            let is_last = is_only_limited && health.is_out(now);
            (but.contains(&index), is_last, health.resting(now), busy)
        };
        let count = self.replicas.len();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let index = (0..count)
            .map(|step| (turn + step) % count)
            .min_by_key(|index| rank(*index))
            .unwrap_or_default();
        let replica = &self.replicas[index];
        replica.in_flight.fetch_add(1, Ordering::Relaxed);
        Visit { replica, index }
    }

    /// The URL answered, whatever it said. A rest that it has asked for goes on: the
    /// answer may be to a call from before.
    pub(crate) fn answered(&self, index: usize) {
        let now = Instant::now();
        let mut health = self.replicas[index].health();
        let asked = health.limited(now).filter(|_| health.asked_for_rest);
        *health = Health {
            answered_at: Some(now),
            limited_until: asked,
            asked_for_rest: asked.is_some(),
            spell: health.spell,
            ..Health::default()
        };
    }

    /// The URL is asked too often, and rests for as long as it says; where it does not say,
    /// and answers no others meanwhile, ever longer. How long all calls have to wait, where
    /// every other URL is asked too often as well, or refuses the entry.
    pub(crate) fn limited(&self, index: usize, wait: Option<Duration>) -> Option<Duration> {
        let now = Instant::now();
        {
            let mut health = self.replicas[index].health();
            if let Some(wait) = wait {
                health.limited_until = health.limited_until.max(Some(now + wait));
                health.asked_for_rest = true;
            } else if health.limited(now).is_none() && !health.answers(now) {
                let doubled = FIRST_LIMIT.saturating_mul(1 << health.limits.min(6));
                health.limits += 1;
                health.limited_until = Some(now + doubled.min(LONGEST_REST));
                health.asked_for_rest = false;
            }
        }
        let mut first = None;
        for replica in &self.replicas {
            let health = replica.health();
            match health.limited(now) {
                Some(end) => first = Some(first.map_or(end, |first: Instant| first.min(end))),
                None if health.is_out(now) => {}
                None => return None,
            }
        }
        Some(first? - now)
    }

    /// Whether fewer calls at once are called for after this URL has said that it has too
    /// much to do: it answers others at present, or there is no other to turn to.
    pub(crate) fn are_overrun(&self, index: usize) -> bool {
        let answers = {
            let now = Instant::now();
            let health = self.replicas[index].health();
            health.resting(now).is_none() && health.answers(now)
        };
        answers || !self.any_can_be_asked(&[])
    }

    /// Whether a URL that is none of `but` can be asked now.
    pub(crate) fn any_can_be_asked(&self, but: &[usize]) -> bool {
        self.any(but, |health, now| health.resting(now).is_none())
    }

    /// Whether a URL that is none of `but` may answer: now, or once it is no longer asked
    /// too often.
    pub(crate) fn any_may_answer(&self, but: &[usize]) -> bool {
        self.any(but, |health, now| !health.is_aside(now))
    }

    fn any(&self, but: &[usize], such: impl Fn(&Health, Instant) -> bool) -> bool {
        let now = Instant::now();
        let mut replicas = self.replicas.iter().enumerate();
        replicas.any(|(index, one)| !but.contains(&index) && such(&one.health(), now))
    }

    /// Whether there is another URL to turn to.
    pub(crate) fn are_several(&self) -> bool {
        self.replicas.len() > 1
    }

    /// The URL gave no answer that is of use. How often it has been set aside of late, where
    /// it is now and that is to be told.
    pub(crate) fn failed(&self, index: usize) -> Option<u32> {
        let mut health = self.replicas[index].health();
        // Calls that were on their way when it was set aside say nothing new.
        if health.is_aside(Instant::now()) {
            return None;
        }
        health.failures += 1;
        if self.replicas.len() == 1 || health.failures < MOST_FAILURES {
            return None;
        }
        health.set_aside()
    }

    /// The URL refuses the entry, and is set aside for that. How often it has been of late,
    /// where it is now and that is to be told.
    pub(crate) fn refused(&self, index: usize) -> Option<u32> {
        let mut health = self.replicas[index].health();
        health.refuses = true;
        if self.replicas.len() == 1 || health.is_aside(Instant::now()) {
            return None;
        }
        health.set_aside()
    }

    /// Whether each URL refuses the entry, and has not answered since.
    pub(crate) fn all_refuse(&self) -> bool {
        self.replicas.iter().all(|one| one.health().refuses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_least_busy_url_is_asked_next() {
        let replicas = Replicas::new(3);
        let first = replicas.choose(&[]);
        let second = replicas.choose(&[]);
        assert_eq!((first.index, second.index), (0, 1));
        let third = replicas.choose(&[]);
        assert_eq!(third.index, 2);
        drop(first);
        assert_eq!(replicas.choose(&[]).index, 0);
        drop((second, third));
    }

    #[tokio::test]
    async fn equally_busy_urls_take_turns() {
        let replicas = Replicas::new(3);
        let indices: Vec<usize> = (0..6).map(|_| replicas.choose(&[]).index).collect();
        assert_eq!(indices, [0, 1, 2, 0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn late_failures_of_a_url_that_is_set_aside_do_not_lengthen_its_rest() {
        let replicas = Replicas::new(2);
        let told = (0..30).filter(|_| replicas.failed(0).is_some()).count();
        assert_eq!(told, 1);
        tokio::time::advance(FIRST_REST + Duration::from_millis(1)).await;
        let indices: Vec<usize> = (0..2).map(|_| replicas.choose(&[]).index).collect();
        assert!(indices.contains(&0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_is_set_aside_again_and_again_is_told_of_once_and_then_seldom() {
        let replicas = Replicas::new(2);
        let fails = || (0..3).find_map(|_| replicas.failed(0));
        let mut told = Vec::new();
        for _ in 0..25 {
            told.extend(fails());
            tokio::time::advance(FIRST_REST + Duration::from_millis(1)).await;
            // It answers one call in between.
            replicas.answered(0);
        }
        assert_eq!(told, [1, 10]);
        // A spell ends after a minute without.
        tokio::time::advance(LONGEST_REST).await;
        assert_eq!(fails(), Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_url_is_set_aside_and_tried_again_later() {
        let replicas = Replicas::new(2);
        let failed = [(); 3].map(|()| replicas.failed(0));
        assert_eq!(failed, [None, None, Some(1)]);
        let busy: Vec<_> = (0..5).map(|_| replicas.choose(&[])).collect();
        assert!(busy.iter().all(|visit| visit.index == 1));
        tokio::time::advance(FIRST_REST + Duration::from_millis(1)).await;
        assert_eq!(replicas.choose(&[]).index, 0);
        drop(busy);
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_answers_again_is_as_good_as_before() {
        let replicas = Replicas::new(2);
        for _ in 0..3 {
            replicas.failed(0);
        }
        replicas.answered(0);
        assert_eq!(replicas.choose(&[]).index, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_is_asked_too_often_rests_for_as_long_as_it_says() {
        let replicas = Replicas::new(2);
        let wait = Some(Duration::from_secs(3));
        assert_eq!(replicas.limited(0, wait), None);
        replicas.answered(0);
        let busy: Vec<_> = (0..5).map(|_| replicas.choose(&[])).collect();
        assert!(busy.iter().all(|visit| visit.index == 1));
        assert!(replicas.any_can_be_asked(&[]));
        assert_eq!(replicas.limited(1, Some(Duration::from_secs(9))), wait);
        assert!(!replicas.any_can_be_asked(&[]));
        tokio::time::advance(Duration::from_millis(3001)).await;
        assert_eq!(replicas.choose(&[]).index, 0);
        drop(busy);
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_does_not_say_for_how_long_rests_ever_longer() {
        let replicas = Replicas::new(2);
        let mut rests = Vec::new();
        for _ in 0..4 {
            replicas.limited(0, None);
            // Calls that were on their way are refused too, and mean nothing new.
            replicas.limited(0, None);
            let began = Instant::now();
            while replicas.replicas[0]
                .health()
                .limited(Instant::now())
                .is_some()
            {
                tokio::time::advance(Duration::from_millis(100)).await;
            }
            rests.push(began.elapsed().as_secs());
        }
        assert_eq!(rests, [1, 2, 4, 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_answers_others_at_the_same_time_does_not_rest() {
        let replicas = Replicas::new(2);
        replicas.limited(0, None);
        assert!(!replicas.any_can_be_asked(&[1]));
        assert!(!replicas.are_overrun(0));
        // What was on its way was answered, so some calls are taken.
        replicas.answered(0);
        assert!(replicas.any_can_be_asked(&[1]));
        for _ in 0..3 {
            replicas.limited(0, None);
            assert!(replicas.any_can_be_asked(&[1]));
            assert!(replicas.are_overrun(0));
        }
        // It has a limit of another kind: its answers are over.
        tokio::time::advance(FIRST_LIMIT).await;
        replicas.limited(0, None);
        assert!(!replicas.any_can_be_asked(&[1]));
        tokio::time::advance(FIRST_LIMIT + Duration::from_millis(1)).await;
        assert!(replicas.any_can_be_asked(&[1]));
    }

    #[tokio::test(start_paused = true)]
    async fn urls_are_overrun_where_none_can_be_asked() {
        let replicas = Replicas::new(2);
        replicas.limited(0, None);
        assert!(!replicas.are_overrun(0));
        replicas.limited(1, None);
        assert!(replicas.are_overrun(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_refuses_is_set_aside_at_once_and_all_refuse_only_where_each_does() {
        let replicas = Replicas::new(2);
        assert_eq!(replicas.refused(0), Some(1));
        assert_eq!(replicas.refused(0), None);
        assert!(!replicas.all_refuse());
        let busy: Vec<_> = (0..5).map(|_| replicas.choose(&[])).collect();
        assert!(busy.iter().all(|visit| visit.index == 1));
        replicas.refused(1);
        assert!(replicas.all_refuse());
        replicas.answered(0);
        assert!(!replicas.all_refuse());
        let only = Replicas::new(1);
        assert_eq!(only.refused(0), None);
        assert!(only.all_refuse());
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_refuses_stands_in_for_none_that_is_asked_too_often() {
        let replicas = Replicas::new(2);
        replicas.refused(0);
        assert!(replicas.any_may_answer(&[0]));
        let wait = Some(Duration::from_mins(2));
        assert_eq!(replicas.limited(1, wait), wait);
        assert!(replicas.any_may_answer(&[0]));
        assert!(!replicas.any_can_be_asked(&[0]));
        assert_eq!(replicas.choose(&[]).index, 1);
        // After its rest it may have changed its mind, and the other is not waited for.
        tokio::time::advance(FIRST_REST + Duration::from_millis(1)).await;
        assert_eq!(replicas.choose(&[]).index, 0);
        assert_eq!(replicas.limited(1, wait), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_url_that_is_down_may_not_answer_and_one_that_refuses_is_asked_before_it() {
        let replicas = Replicas::new(2);
        replicas.refused(0);
        tokio::time::advance(Duration::from_millis(1)).await;
        for _ in 0..3 {
            replicas.failed(1);
        }
        assert!(!replicas.any_may_answer(&[0]));
        assert_eq!(replicas.choose(&[]).index, 0);
    }

    #[tokio::test]
    async fn a_url_that_refused_a_call_is_not_chosen_for_it_again() {
        let replicas = Replicas::new(2);
        let indices: Vec<usize> = (0..4).map(|_| replicas.choose(&[1]).index).collect();
        assert_eq!(indices, [0; 4]);
        assert!(replicas.any_can_be_asked(&[1]));
        assert!(!replicas.any_can_be_asked(&[0, 1]));
        assert_eq!(replicas.choose(&[0, 1]).index, 0);
    }

    #[tokio::test]
    async fn an_only_url_is_never_set_aside() {
        let replicas = Replicas::new(1);
        assert!((0..10).all(|_| replicas.failed(0).is_none()));
    }

    #[tokio::test]
    async fn where_all_are_set_aside_the_first_to_come_back_is_asked() {
        let replicas = Replicas::new(2);
        for index in [1, 0] {
            for _ in 0..3 {
                replicas.failed(index);
            }
        }
        assert_eq!(replicas.choose(&[]).index, 1);
    }
}
