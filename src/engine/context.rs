//! What the tasks of one run share.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::caps::{Need, Purse};
use super::endpoint::Endpoint;
use super::limiter::Limiter;
use super::losses::{About, QuestionOf};
use super::progress::{Notice, Progress};
use super::queue::Signs;
use super::stock::{self, OpenItem, StockError};
use super::{Roots, StopReason};
use crate::plan::{Plan, PlannedCall};
use crate::provider::CallError;
use crate::settle::{self, CallHistory, ItemOutcome};
use crate::store::{CallId, CallIndex, Reader, Store};

/// No further calls are to be made; the reason is in the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;

/// Told of what happens in a run.
pub type Observer = Box<dyn Fn(Notice) + Send + Sync>;

pub(super) struct Context {
    pub(super) plan: Arc<Plan>,
    pub(super) store: Arc<Store>,
    pub(super) index: CallIndex,
    pub(super) readers: Mutex<Vec<Reader>>,
    /// Parallel to the study's models; `None` where nothing is asked.
    pub(super) models: Vec<Option<Endpoint>>,
    /// Parallel to the study's judges.
    pub(super) judges: Vec<Option<Endpoint>>,
    /// Items of which calls were given up in earlier runs.
    pub(super) failed_before: HashSet<u32>,
    pub(super) roots: Roots,
    pub(super) purse: Arc<Purse>,
    pub(super) progress: Arc<Progress>,
    pub(super) observer: Observer,
    pub(super) stopping: CancellationToken,
    pub(super) reason: Mutex<Option<StopReason>>,
}

/// An item that is to be begun, and what is still to be asked of it.
pub(super) struct Next {
    pub(super) open: OpenItem,
    /// Calls, parallel to the study's models and then its judges; empty where there is no cap.
    calls: Vec<u64>,
}

impl Context {
    /// Lets nothing new begin. The first reason stands.
    pub(super) fn stop(&self, reason: StopReason) -> Stopped {
        {
            let mut first = lock(&self.reason);
            if first.is_none() {
                *first = Some(reason);
            }
        }
        self.stopping.cancel();
        for limiter in self.limiters() {
            limiter.stop();
        }
        Stopped
    }

    /// Why nothing more is to begin, if so.
    pub(super) fn take_reason(&self) -> Option<StopReason> {
        lock(&self.reason).take()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Whether it is stopped since an entry refuses every call.
    pub(super) fn is_refused(&self) -> bool {
        matches!(*lock(&self.reason), Some(StopReason::Refused { .. }))
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.models.iter().chain(&self.judges).flatten()
    }

    fn limiters(&self) -> impl Iterator<Item = &Arc<Limiter>> {
        self.endpoints().map(|endpoint| &endpoint.limiter)
    }

    /// Waits, unless the run stops meanwhile.
    pub(super) async fn sleep(&self, duration: Duration) -> Result<(), Stopped> {
        tokio::select! {
            () = tokio::time::sleep(duration) => Ok(()),
            () = self.stopping.cancelled() => Err(Stopped),
        }
    }

    pub(super) fn notify(&self, notice: Notice) {
        (self.observer)(notice);
    }

    pub(super) fn note_trouble(&self, endpoint: &Endpoint, error: &CallError) {
        let trouble = format!("{}: {error}", endpoint.place);
        self.progress.set_trouble(Some(trouble));
    }

    pub(super) fn clear_trouble(&self) {
        self.progress.set_trouble(None);
    }

    /// What the server said it serves under the model's name when the run began.
    pub(super) fn root_of(&self, place: &str, url: usize) -> Option<&str> {
        if self.roots.is_empty() {
            return None;
        }
        self.roots.get(&(place.to_owned(), url)).map(String::as_str)
    }

    pub(super) fn question_of(&self, item: u32) -> QuestionOf {
        let plan = &self.plan;
        (plan.is_structured(item), plan.place(item).question)
    }

    /// What calls of an item are about.
    pub(super) fn about(&self, item: u32) -> About {
        About {
            question: self.question_of(item),
            persona: self.plan.persona_index(item),
            questions: self.plan.questions_beside(item),
            personas: self.plan.study().personas.len(),
            has_failed: self.failed_before.contains(&item),
        }
    }

    /// An item that is to be begun. Where its calls cannot be told from the store, none
    /// count: who works on it tells why.
    pub(super) fn next(&self, open: OpenItem) -> Next {
        let mut calls = Vec::new();
        if self.purse.is_capped()
            && let Ok(outcome) = self.as_stored(open)
        {
            calls = vec![0; self.models.len() + self.judges.len()];
            let generations = outcome.generations.iter().filter(|one| one.is_open);
            let answers = outcome.answers.iter().filter(|one| one.is_open);
            let judgments = outcome.judgments.iter().filter(|one| one.is_open);
            let models = generations.map(|one| one.slot.model);
            let models = models.chain(answers.map(|one| one.slot.model));
            let judges = judgments.map(|one| self.models.len() + one.slot.judge);
            models.chain(judges).for_each(|entry| calls[entry] += 1);
        }
        Next { open, calls }
    }

    /// An item as earlier runs left it.
    pub(super) fn as_stored(&self, open: OpenItem) -> Result<ItemOutcome, StockError> {
        if !open.is_begun {
            return Ok(settle::unasked(&self.plan, open.item)?);
        }
        let reader = self.reader()?;
        let outcome = stock::item(&self.plan, open.item, &reader, &self.index);
        lock(&self.readers).push(reader);
        outcome
    }

    /// What an item needs of the caps; `None` where a budget has to hold and nothing has
    /// shown yet what some of its calls cost.
    pub(super) fn need_of(&self, next: &Next) -> Option<Need> {
        let entries = self.models.iter().chain(&self.judges);
        let mut need = Need::default();
        for (entry, calls) in entries.zip(&next.calls) {
            if let Some(endpoint) = entry.as_ref().filter(|_| *calls > 0) {
                need.calls += calls;
                if self.purse.has_budget() {
                    need.dollars += *calls as f64 * endpoint.usual_cost()?;
                }
            }
        }
        Some(need)
    }

    /// Whether the caps can pay for this item beside those that are begun.
    pub(super) fn has_room(&self, next: &Next) -> bool {
        let need = self.need_of(next);
        need.is_some_and(|need| self.purse.has_room(need))
    }

    /// A reader that nobody uses at present. One is there from the start, so that a run
    /// whose connections take up all that a process may hold open can still be read.
    pub(super) fn reader(&self) -> Result<Reader, StockError> {
        let free = lock(&self.readers).pop();
        Ok(match free {
            Some(reader) => reader,
            None => self.store.reader()?,
        })
    }

    /// What is stored of a call, and its row.
    pub(super) fn history(
        &self,
        call: &PlannedCall<'_>,
    ) -> Result<(CallHistory, Option<CallId>), StockError> {
        let Some(id) = self.index.get(&call.key) else {
            return Ok((CallHistory::default(), None));
        };
        let reader = self.reader()?;
        let attempts = reader.attempts(id)?;
        lock(&self.readers).push(reader);
        Ok((stock::history(call.entry.provider, &attempts), Some(id)))
    }
}

impl Signs for Context {
    fn fails_on(&self, question: QuestionOf) -> bool {
        self.endpoints().any(|endpoint| endpoint.fails_on(question))
    }

    fn are_doubtful(&self) -> bool {
        self.endpoints().any(Endpoint::is_in_doubt)
    }
}

/// Nothing panics while one of these locks is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
