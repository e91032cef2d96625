//! What a run may spend: a number of calls and an amount of money.
//!
//! A call is let through only if it cannot exceed a cap. What it costs is known
//! when it has ended, so the most that it may cost is held back meanwhile; where
//! a call does not fit because of what is held back, it waits for that to be
//! settled.
//!
//! An item begins only where the caps can still pay for all that it needs, beside what
//! those need that are begun. So a run that stops has whole items.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::text::form;

/// The caps of one run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Caps {
    /// Most requests sent, tries included.
    pub max_calls: Option<u64>,
    /// Most dollars spent.
    pub budget: Option<f64>,
}

/// A cap that the next call would exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CapReached {
    /// The number of calls.
    MaxCalls(u64),
    /// The money.
    Budget(f64),
}

/// What a run has spent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spent {
    /// Dollars for tokens that servers have counted.
    pub metered: f64,
    /// Requests that may have been billed though nobody said for how many tokens.
    pub unmetered: u64,
    /// The most dollars that these may have cost.
    pub unmetered_most: f64,
}

impl Spent {
    /// The most that may have been billed.
    fn most(&self) -> f64 {
        self.metered + self.unmetered_most
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${:.4}", self.metered)?;
        if self.unmetered > 0 {
            write!(
                f,
                " and up to ${:.4} for {} {} that may have been billed without a count of tokens",
                self.unmetered_most,
                self.unmetered,
                form(self.unmetered, "request", "requests")
            )?;
        }
        Ok(())
    }
}

/// Keeps a run within its caps.
pub(crate) struct Purse {
    caps: Caps,
    state: Mutex<Spending>,
    settled: Notify,
}

#[derive(Default)]
struct Spending {
    calls: u64,
    spent: Spent,
    held: f64,
    /// What each item that is begun still needs.
    promised: HashMap<u32, Need>,
}

/// What an item is expected to need, if each call is made once.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Need {
    pub(crate) calls: u64,
    pub(crate) dollars: f64,
}

/// Leave to make one call that costs at most what is held back for it.
pub(crate) struct Hold {
    purse: Arc<Purse>,
    amount: f64,
    cost: Cost,
}

enum Cost {
    Dollars(f64),
    Unmetered,
    NotSent,
}

impl Hold {
    /// The call has ended and cost this many dollars.
    pub(crate) fn settle(mut self, dollars: f64) {
        self.cost = Cost::Dollars(dollars);
    }

    /// The call has ended, and nobody says what it cost: it counts with all that was
    /// held back for it.
    pub(crate) fn settle_unmetered(mut self) {
        self.cost = Cost::Unmetered;
    }

    /// The call has never left this machine: it is none.
    pub(crate) fn give_back(mut self) {
        self.cost = Cost::NotSent;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        {
            let mut state = self.purse.lock();
            state.held -= self.amount;
            match self.cost {
                Cost::Dollars(dollars) => state.spent.metered += dollars,
                Cost::NotSent => state.calls -= 1,
                Cost::Unmetered => {
                    state.spent.unmetered += 1;
                    state.spent.unmetered_most += self.amount;
                }
            }
        }
        self.purse.settled.notify_waiters();
    }
}

impl Purse {
    pub(crate) fn new(caps: Caps) -> Arc<Self> {
        Arc::new(Self {
            caps,
            state: Mutex::default(),
            settled: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Spending> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks leave for a call that may cost up to `most` dollars.
    pub(crate) async fn hold(self: &Arc<Self>, most: f64) -> Result<Hold, CapReached> {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Registered before the look, so that no settlement is missed.
            settled.as_mut().enable();
            if let Some(decided) = self.decide(most) {
                return decided;
            }
            settled.await;
        }
    }

    /// `None` where it depends on calls that have not ended.
    fn decide(self: &Arc<Self>, most: f64) -> Option<Result<Hold, CapReached>> {
        let mut state = self.lock();
        if let Some(max) = self.caps.max_calls
            && state.calls >= max
        {
            return Some(Err(CapReached::MaxCalls(max)));
        }
        if let Some(budget) = self.caps.budget {
            if state.spent.most() + most > budget {
                return Some(Err(CapReached::Budget(budget)));
            }
            if state.spent.most() + state.held + most > budget {
                return None;
            }
        }
        state.calls += 1;
        state.held += most;
        Some(Ok(Hold {
            purse: Arc::clone(self),
            amount: most,
            cost: Cost::Dollars(0.0),
        }))
    }

    /// Whether there is a cap.
    pub(crate) fn is_capped(&self) -> bool {
        self.caps != Caps::default()
    }

    /// Whether the caps can pay for an item that needs this, beside those that are begun.
    pub(crate) fn has_room(&self, need: Need) -> bool {
        if !self.is_capped() {
            return true;
        }
        let state = self.lock();
        let promised = state.promised.values();
        let (calls, dollars) = promised.fold((0, 0.0), |(calls, dollars), need| {
            (calls + need.calls, dollars + need.dollars)
        });
        let calls = state.calls + calls + need.calls;
        let dollars = state.spent.most() + dollars + need.dollars;
        self.caps.max_calls.is_none_or(|max| calls <= max)
            && self.caps.budget.is_none_or(|budget| dollars <= budget)
    }

    /// An item begins that needs this.
    pub(crate) fn begin(&self, item: u32, need: Need) {
        if self.is_capped() {
            self.lock().promised.insert(item, need);
        }
    }

    /// A call of an item has got leave.
    pub(crate) fn called(&self, item: u32) {
        self.needs_less(item, 1, 0.0);
    }

    /// A call of an item has cost this.
    pub(crate) fn paid(&self, item: u32, dollars: f64) {
        self.needs_less(item, 0, dollars);
    }

    fn needs_less(&self, item: u32, calls: u64, dollars: f64) {
        if self.is_capped()
            && let Some(need) = self.lock().promised.get_mut(&item)
        {
            need.calls = need.calls.saturating_sub(calls);
            need.dollars = (need.dollars - dollars).max(0.0);
        }
    }

    /// An item has ended.
    pub(crate) fn end(&self, item: u32) {
        if self.is_capped() {
            self.lock().promised.remove(&item);
        }
    }

    pub(crate) fn has_budget(&self) -> bool {
        self.caps.budget.is_some()
    }

    /// What has been spent so far.
    pub(crate) fn spent(&self) -> Spent {
        self.lock().spent
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn budget(budget: f64) -> Arc<Purse> {
        Purse::new(Caps {
            max_calls: None,
            budget: Some(budget),
        })
    }

    #[tokio::test]
    async fn the_call_after_the_last_allowed_one_is_refused() {
        let purse = Purse::new(Caps {
            max_calls: Some(2),
            budget: None,
        });
        purse.hold(0.0).await.unwrap().settle(0.0);
        let _second = purse.hold(0.0).await.unwrap();
        assert_eq!(purse.hold(0.0).await.err(), Some(CapReached::MaxCalls(2)));
    }

    #[tokio::test]
    async fn a_call_that_was_not_sent_is_none() {
        let purse = Purse::new(Caps {
            max_calls: Some(1),
            budget: None,
        });
        purse.hold(0.0).await.unwrap().give_back();
        assert!(purse.hold(0.0).await.is_ok());
        assert!(purse.hold(0.0).await.is_err());
    }

    #[tokio::test]
    async fn there_is_room_for_an_item_beside_what_others_still_need() {
        let purse = Purse::new(Caps {
            max_calls: Some(10),
            budget: Some(1.0),
        });
        let need = |calls, dollars| Need { calls, dollars };
        purse.begin(7, need(4, 0.4));
        assert!(purse.has_room(need(6, 0.6)));
        assert!(!purse.has_room(need(7, 0.6)));
        assert!(!purse.has_room(need(6, 0.7)));
        let call = purse.hold(0.2).await.unwrap();
        purse.called(7);
        call.settle(0.2);
        purse.paid(7, 0.2);
        // It is spent now and needed no more.
        assert!(purse.has_room(need(6, 0.59)));
        assert!(!purse.has_room(need(7, 0.5)));
        purse.end(7);
        assert!(purse.has_room(need(9, 0.8)));
        assert!(!purse.has_room(need(10, 0.8)));
    }

    #[tokio::test]
    async fn a_call_that_would_exceed_the_budget_is_refused() {
        let purse = budget(1.0);
        purse.hold(0.6).await.unwrap().settle(0.5);
        assert!(purse.hold(0.6).await.is_err());
        purse.hold(0.4).await.unwrap().settle(0.4);
        assert!((purse.spent().metered - 0.9).abs() < 1e-12);
    }

    #[tokio::test]
    async fn a_call_waits_for_money_that_is_only_held_back() {
        let purse = budget(1.0);
        let first = purse.hold(0.8).await.unwrap();
        let waiting = tokio::spawn({
            let purse = Arc::clone(&purse);
            async move { purse.hold(0.8).await.is_ok() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        first.settle(0.1);
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn a_call_that_may_have_been_billed_counts_with_all_that_was_held_for_it() {
        let purse = budget(1.0);
        purse.hold(0.6).await.unwrap().settle_unmetered();
        assert!(purse.hold(0.5).await.is_err());
        purse.hold(0.3).await.unwrap().settle(0.1);
        let spent = purse.spent();
        assert_eq!((spent.metered, spent.unmetered), (0.1, 1));
        assert!((spent.most() - 0.7).abs() < 1e-12);
        assert_eq!(
            spent.to_string(),
            "$0.1000 and up to $0.6000 for 1 request that may have been billed without a count of tokens"
        );
    }

    #[tokio::test]
    async fn a_call_that_never_ended_gives_back_what_was_held_for_it() {
        let purse = budget(1.0);
        drop(purse.hold(0.9).await.unwrap());
        assert!(purse.hold(0.9).await.is_ok());
    }

    /// What happens to a purse: a call asks for leave, or one of those under way ends
    /// and has cost this share of the most that it might cost.
    #[derive(Debug, Clone)]
    enum Event {
        Ask { most: f64 },
        End { which: usize, share: f64 },
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            (0.0..0.5).prop_map(|most| Event::Ask { most }),
            (any::<usize>(), 0.0..=1.0).prop_map(|(which, share)| Event::End { which, share }),
        ];
        prop::collection::vec(event, 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn neither_cap_is_ever_exceeded_and_a_call_that_fits_is_let_through(
            events in events(),
            max_calls in 0_u64..30,
            budget in 0.0..3.0,
        ) {
            let purse = Purse::new(Caps { max_calls: Some(max_calls), budget: Some(budget) });
            // The twin: calls that were let through, money spent, and what each call
            // under way may still cost.
            let (mut calls, mut spent) = (0, 0.0);
            let mut under_way: Vec<(Hold, f64)> = Vec::new();
            for event in events {
                match event {
                    Event::Ask { most } => {
                        let held: f64 = under_way.iter().map(|(_, most)| most).sum();
                        let decided = purse.decide(most);
                        let room = budget - spent - held - most;
                        match &decided {
                            _ if calls == max_calls => {
                                let refused = matches!(decided, Some(Err(CapReached::MaxCalls(_))));
                                prop_assert!(refused);
                            }
                            Some(Ok(_)) => prop_assert!(room > -1e-9),
                            Some(Err(_)) => prop_assert!(budget - spent - most < 1e-9),
                            None => prop_assert!(room < 1e-9 && !under_way.is_empty()),
                        }
                        if let Some(Ok(hold)) = decided {
                            calls += 1;
                            under_way.push((hold, most));
                        }
                    }
                    Event::End { which, share } if !under_way.is_empty() => {
                        let (hold, most) = under_way.swap_remove(which % under_way.len());
                        spent += share * most;
                        hold.settle(share * most);
                    }
                    Event::End { .. } => {}
                }
                prop_assert!(purse.spent().most() <= budget + 1e-9);
                prop_assert!((purse.spent().most() - spent).abs() < 1e-9);
            }
        }
    }
}
