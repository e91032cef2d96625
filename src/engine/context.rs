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
use super::stock::{self, StockError};
use super::{Roots, StopReason};
use crate::plan::{Plan, PlannedCall};
use crate::provider::CallError;
use crate::settle::CallHistory;
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
    /// Where there is a cap, the item of each kind that needs the most.
    pub(super) needy: Vec<u32>,
    pub(super) progress: Arc<Progress>,
    pub(super) observer: Observer,
    pub(super) stopping: CancellationToken,
    pub(super) reason: Mutex<Option<StopReason>>,
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

    /// What an item needs of the caps; `None` where a budget has to hold and nothing has
    /// shown yet what some of its calls cost.
    pub(super) fn need_of(&self, item: u32) -> Option<Need> {
        let plan = &self.plan;
        let generations = plan.generations(item).map(|slot| &self.models[slot.model]);
        let answers = plan.answers(item).map(|slot| &self.models[slot.model]);
        let judgments = plan.judgments(item).into_iter();
        let judgments = judgments.map(|slot| &self.judges[slot.judge]);
        let mut need = Need::default();
        for endpoint in generations.chain(answers).chain(judgments).flatten() {
            need.calls += 1;
            if self.purse.has_budget() {
                need.dollars += endpoint.usual_cost()?;
            }
        }
        Some(need)
    }

    /// Whether the caps can pay for another item beside those that are begun.
    pub(super) fn has_room(&self) -> bool {
        let mut needs = self.needy.iter().map(|item| self.need_of(*item));
        needs.all(|need| need.is_some_and(|need| self.purse.has_room(need)))
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
