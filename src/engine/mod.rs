//! The pipeline: asks what is outstanding of a plan, and stores every reply.
//!
//! An item is worked on by a task of its own, which judges a pair of responses as
//! soon as both are there. How many items are open follows from the limits of the
//! entries, and permits go to the lowest item first, so that a run that stops has
//! whole items of a random sample of questions.
//!
//! Invariant: a reply is durable in the store before anything uses it.

mod ask;
mod caps;
mod context;
mod endpoint;
mod item;
mod limiter;
mod losses;
mod outcome;
mod patience;
mod progress;
mod queue;
mod replicas;
pub mod stock;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::plan::Plan;
use crate::provider::{ErrorClass, Provider};
use crate::settle::ItemOutcome;
use crate::settle::collect::{Collected, Collector};
use crate::store::{CallIndex, Reader, Source, Store, StoreError};
use crate::study::Entry;

pub use caps::{Caps, Spent};
pub use context::Observer;
pub use losses::Row;
pub use progress::{Notice, Progress};

use context::{Context, Next, Stopped};
use endpoint::{Endpoint, Served, limiters};
use queue::Queue;
use stock::{OpenItem, Reused, Stock, StockError};

/// Items open beyond what the limits need, so that no limit waits for work.
const SPARE_ITEMS: usize = 4;

/// A run to be made.
pub struct Run {
    /// What is to be done.
    pub plan: Arc<Plan>,
    /// Where replies are kept.
    pub store: Store,
    /// The stored calls, as [`crate::store::Reader::index`] gives them.
    pub index: CallIndex,
    /// Parallel to the study's models; `None` for those that nothing is asked.
    pub models: Vec<Option<Provider>>,
    /// Parallel to the study's judges; `None` for those that nothing is asked.
    pub judges: Vec<Option<Provider>>,
    /// What each entry (`models.base`) says it serves at each of its URLs.
    pub roots: Roots,
    /// What it may spend.
    pub caps: Caps,
    /// Only the first items of each kind in the study's order.
    pub item_limit: Option<usize>,
}

/// What is behind a model's name, by entry (`models.base`) and index of base URL.
pub type Roots = HashMap<(String, usize), String>;

impl Run {
    /// Asks each server what is behind its models' names.
    pub async fn find_roots(&mut self) {
        let study = Arc::clone(self.plan.study());
        let models = study
            .models
            .iter()
            .zip(&self.models)
            .map(|of| ("models", of));
        let judges = study
            .judges
            .iter()
            .zip(&self.judges)
            .map(|of| ("judges", of));
        let mut asked = Vec::new();
        for (table, (entry, provider)) in models.chain(judges) {
            for url in 0..entry.base_urls.len() {
                let Some(provider) = provider else { continue };
                let place = (format!("{table}.{}", entry.name), url);
                asked.push(async move { (place, provider.root(url, &entry.model).await) });
            }
        }
        let said = futures_util::future::join_all(asked).await;
        self.roots = said
            .into_iter()
            .filter_map(|(place, root)| Some((place, root?)))
            .collect();
    }
}

/// How to stop a run from outside.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Finish what is in flight, begin nothing new.
    pub interrupt: CancellationToken,
    /// Stop at once.
    pub abort: CancellationToken,
}

/// Why a run stopped before everything was done.
#[derive(Debug, thiserror::Error)]
pub enum StopReason {
    /// From outside.
    #[error("interrupted")]
    Interrupted,
    /// The next call would have exceeded the number of calls.
    #[error("the limit of {} is reached", crate::text::counted(*.0, "call"))]
    MaxCalls(u64),
    /// The next call might have exceeded the budget.
    #[error("the next call might exceed the budget of ${budget} (spent: {spent})")]
    Budget {
        /// The cap.
        budget: f64,
        /// Spent of it when the last call had ended.
        spent: Spent,
    },
    /// An entry refuses every call.
    #[error("[{entry}] refuses: {message}")]
    Refused {
        /// Entry.
        entry: String,
        /// For what kind of reason.
        class: ErrorClass,
        /// In its own words.
        message: String,
    },
    /// This process may hold no more connections open.
    #[error("[{entry}] cannot be asked: {message}")]
    OpenFiles {
        /// Entry.
        entry: String,
        /// The last failure.
        message: String,
    },
    /// An entry cannot be reached.
    #[error("[{entry}] is down: {message}")]
    Down {
        /// Entry.
        entry: String,
        /// The last failure.
        message: String,
    },
    /// An entry gives no reply to call after call.
    #[error(
        "[{entry}] gives no replies: {row}, were given up with nothing answered meanwhile; the last: {message}"
    )]
    Silent {
        /// Entry.
        entry: String,
        /// The calls.
        row: Row,
        /// The last failure.
        message: String,
    },
    /// Nothing can be stored.
    #[error(transparent)]
    Store(StoreError),
    /// A template of the study fails on an item, although it passed on its like.
    #[error("{item}: {message}")]
    Template {
        /// Which item.
        item: String,
        /// Where and how.
        message: String,
    },
    /// The program failed.
    #[error("{0}")]
    Broken(String),
}

/// How a run ended.
pub struct Ended {
    /// Everything that is known of the plan now; `None` where the run was stopped
    /// at once.
    pub collected: Option<Collected>,
    /// Why it stopped early, if it did.
    pub stopped: Option<StopReason>,
    /// Items that were left out by the item limit.
    pub left_out: usize,
    /// What this run has spent, where prices are known.
    pub spent: Spent,
    /// The store, for a last word.
    pub store: Arc<Store>,
}

/// Works on a plan until nothing is left to ask, a cap is reached, or it is
/// stopped. `stocked` is told what the store held before the first call.
pub async fn run(
    run: Run,
    control: Control,
    progress: Arc<Progress>,
    observer: Observer,
    stocked: impl FnOnce(&Stock),
) -> Result<Ended, StockError> {
    let plan = Arc::clone(&run.plan);
    let mut collector = Collector::new(&plan);
    let reader = run.store.reader()?;
    let mut stock = stock::take(&plan, &reader, &run.index, &mut collector, false)?;
    let sources = reader.sources()?;
    let counted =
        |counter: &std::sync::atomic::AtomicU64, n: u64| counter.store(n, Ordering::Relaxed);
    let limit = run.item_limit.unwrap_or(usize::MAX);
    let is_wanted = |open: &OpenItem| (plan.rank(open.item) as usize) < limit;
    let [mut responses, mut judgments] = plan.slots_within(limit);
    counted(&progress.planned_responses, responses);
    counted(&progress.planned_judgments, judgments);
    for open in stock.open_items.iter().filter(|open| is_wanted(open)) {
        let [of_responses, of_judgments] = plan.slots_of(open.item);
        responses -= of_responses;
        judgments -= of_judgments;
    }
    counted(&progress.responses, responses);
    counted(&progress.judgments, judgments);
    counted(
        &progress.reused,
        stock.reused.values().map(|reused| reused.replies).sum(),
    );
    stocked(&stock);

    let (wanted, left_out): (Vec<OpenItem>, Vec<OpenItem>) = std::mem::take(&mut stock.open_items)
        .into_iter()
        .partition(is_wanted);
    let failed = wanted.iter().filter(|open| open.has_failed);
    let failed_before = failed.map(|open| open.item).collect();
    let context = Arc::new(context(run, reader, progress, observer, failed_before));
    for endpoint in context.endpoints() {
        if let Some(reused) = stock.reused.get(&endpoint.place) {
            endpoint.stored_replies_came_from(served(reused, &sources));
        }
    }
    let worked = work(&context, &control, wanted, &mut collector).await;
    let collected = match worked {
        Worked::Aborted => None,
        Worked::Began { rest } => {
            for open in rest.into_iter().chain(left_out.iter().copied()) {
                collector.push(&context.as_stored(open)?);
            }
            Some(collector.finish())
        }
    };
    Ok(Ended {
        collected,
        stopped: context.take_reason().map(|reason| match reason {
            StopReason::Budget { budget, .. } => StopReason::Budget {
                budget,
                spent: context.purse.spent(),
            },
            other => other,
        }),
        left_out: left_out.len(),
        spent: context.purse.spent(),
        store: Arc::clone(&context.store),
    })
}

/// What gave the stored replies of an entry, in the words of its servers.
fn served(reused: &Reused, sources: &HashMap<i64, Source>) -> Served {
    let of_entry = || reused.sources.iter().filter_map(|id| sources.get(id));
    Served {
        models: of_entry().filter_map(|one| one.served.clone()).collect(),
        fingerprints: of_entry()
            .filter_map(|one| one.fingerprint.clone())
            .collect(),
    }
}

fn context(
    run: Run,
    reader: Reader,
    progress: Arc<Progress>,
    observer: Observer,
    failed_before: HashSet<u32>,
) -> Context {
    let study = Arc::clone(run.plan.study());
    let models = study.models.iter().zip(&run.models);
    let judges = study.judges.iter().zip(&run.judges);
    let mut limiters = limiters(models.chain(judges).map(|(e, p)| (e, p.as_ref()))).into_iter();
    let mut endpoints = |table: &str, entries: &[Entry], providers: Vec<Option<Provider>>| {
        let entries = entries.iter().zip(providers).zip(&mut limiters);
        let endpoint = |((entry, provider), limiter): ((&Entry, Option<Provider>), _)| {
            let place = format!("{table}.{}", entry.name);
            provider.map(|provider| Endpoint::new(place, entry, provider, limiter))
        };
        entries.map(endpoint).collect()
    };
    Context {
        models: endpoints("models", &study.models, run.models),
        judges: endpoints("judges", &study.judges, run.judges),
        plan: run.plan,
        store: Arc::new(run.store),
        index: run.index,
        readers: Mutex::new(vec![reader]),
        failed_before,
        roots: run.roots,
        purse: caps::Purse::new(run.caps),
        progress,
        observer,
        stopping: CancellationToken::new(),
        reason: Mutex::default(),
    }
}

enum Worked {
    /// Each item that was begun has been collected; the rest was not begun.
    Began { rest: Vec<OpenItem> },
    /// Some begun items have not been collected.
    Aborted,
}

async fn work(
    context: &Arc<Context>,
    control: &Control,
    items: Vec<OpenItem>,
    collector: &mut Collector<'_>,
) -> Worked {
    let mut tasks: JoinSet<(u32, ItemOutcome)> = JoinSet::new();
    let with_question = |open: OpenItem| (open, context.question_of(open.item));
    let mut queue = Queue::new(items.into_iter().map(with_question));
    let mut next = None;
    let mut interrupted = false;
    loop {
        while !context.is_stopped() && tasks.len() < open_items(context) {
            next = next.or_else(|| Some(context.next(queue.begin(context.as_ref())?)));
            // What is left of a cap in the end goes to one more item.
            let has_room = |next: &mut Next| tasks.is_empty() || context.has_room(next);
            let Some(begun) = next.take_if(has_room) else {
                break;
            };
            let (context, item) = (Arc::clone(context), begun.open.item);
            let need = context.need_of(&begun).unwrap_or_default();
            context.purse.begin(item, need);
            tasks.spawn(async move { (item, item::run(context, item).await) });
        }
        if tasks.is_empty() {
            let held_back = next.map(|next| next.open);
            let rest = held_back.into_iter().chain(queue.rest()).collect();
            return Worked::Began { rest };
        }
        tokio::select! {
            done = tasks.join_next() => match done {
                Some(Ok((item, outcome))) => {
                    queue.ended(context.question_of(item));
                    context.purse.end(item);
                    collector.push(&outcome);
                }
                Some(Err(_)) => {
                    let message = "a task of the run ended early".to_owned();
                    let _: Stopped = context.stop(StopReason::Broken(message));
                    tasks.shutdown().await;
                    return Worked::Aborted;
                }
                None => {}
            },
            () = control.interrupt.cancelled(), if !interrupted => {
                interrupted = true;
                let _: Stopped = context.stop(StopReason::Interrupted);
            }
            () = control.abort.cancelled() => {
                let _: Stopped = context.stop(StopReason::Interrupted);
                tasks.shutdown().await;
                return Worked::Aborted;
            }
        }
    }
}

/// How many items may be open: enough for every entry to be as busy as its limit
/// lets it be, since an item keeps only one of its stages busy at a time.
fn open_items(context: &Context) -> usize {
    let study = context.plan.study();
    let samples = study.compare.samples as usize;
    let judgments = context.plan.most_judgments();
    let models = context.models.iter().flatten();
    let judges = context.judges.iter().flatten();
    // An item of the kind that keeps a model the less busy counts.
    let structured = study.structured.as_ref();
    let samples = structured.map_or(samples, |s| samples.min(s.samples as usize));
    let for_models = models.map(|endpoint| endpoint.limiter.limit().div_ceil(samples));
    let per_judge = (judgments / study.judging.judges.len().max(1)).max(1);
    let for_judges = judges.map(|endpoint| endpoint.limiter.limit().div_ceil(per_judge));
    for_models.chain(for_judges).sum::<usize>() + SPARE_ITEMS
}
