//! What a results folder holds already of a plan.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::plan::{Plan, PlanError};
use crate::provider::{self, ErrorClass};
use crate::settle::collect::Collector;
use crate::settle::{self, CallHistory, ItemOutcome};
use crate::store::{CallIndex, Reader, StoreError, StoredAttempt};
use crate::study::ProviderKind;

/// Items that are read at once; bounds the memory of their texts.
const CHUNK: usize = 2048;

/// Items that one thread reads through one connection.
const PART: usize = 256;

/// Why the store cannot be read against a plan.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// What is there, and what another run would do.
#[derive(Debug, Default)]
pub struct Stock {
    /// Items with something left to ask, in the order of work.
    pub open_items: Vec<OpenItem>,
    /// Stored replies that are used, by entry (`models.base`).
    pub reused: BTreeMap<String, Reused>,
}

/// An item with something left to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenItem {
    /// Index into the plan's items.
    pub item: u32,
    /// Whether anything of it is stored.
    pub is_begun: bool,
    /// Whether a call of it was given up.
    pub has_failed: bool,
}

impl OpenItem {
    /// One of which nothing is stored.
    fn unasked(item: u32) -> Self {
        Self {
            item,
            is_begun: false,
            has_failed: false,
        }
    }
}

/// Stored replies of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reused {
    /// How many.
    pub replies: u64,
    /// When the oldest came, in milliseconds since 1970.
    pub oldest: i64,
    /// When the newest came.
    pub newest: i64,
    /// Where they came from.
    pub sources: BTreeSet<i64>,
}

impl Reused {
    fn add(&mut self, attempt: &StoredAttempt) {
        self.oldest = if self.replies == 0 {
            attempt.at
        } else {
            self.oldest.min(attempt.at)
        };
        self.newest = self.newest.max(attempt.at);
        self.replies += 1;
        self.sources.insert(attempt.source);
    }

    fn merge(&mut self, other: &Self) {
        if other.replies == 0 {
            return;
        }
        self.oldest = if self.replies == 0 {
            other.oldest
        } else {
            self.oldest.min(other.oldest)
        };
        self.newest = self.newest.max(other.newest);
        self.replies += other.replies;
        self.sources.extend(&other.sources);
    }
}

/// Reads everything of a plan that a store holds. Settled items go into
/// `collector`; open ones only where `with_open`, since a run settles them itself.
pub fn take(
    plan: &Plan,
    reader: &Reader,
    index: &CallIndex,
    collector: &mut Collector<'_>,
    with_open: bool,
) -> Result<Stock, StockError> {
    let mut stock = Stock::default();
    let is_skipped =
        |item: &u32| !with_open && index.is_empty() && settle::is_unasked_open(plan, *item);
    let (skipped, read): (Vec<u32>, Vec<u32>) = (0..plan.item_count()).partition(is_skipped);
    stock.open_items = skipped.into_iter().map(OpenItem::unasked).collect();
    for chunk in read.chunks(CHUNK) {
        for taken in take_chunk(plan, reader, index, chunk)? {
            let is_open = taken.outcome.is_open();
            if is_open {
                stock.open_items.push(OpenItem {
                    item: taken.item,
                    is_begun: taken.is_begun,
                    has_failed: taken.has_failed,
                });
            }
            for (entry, reused) in taken.reused {
                stock.reused.entry(entry).or_default().merge(&reused);
            }
            if with_open || !is_open {
                collector.push(&taken.outcome);
            }
        }
    }
    // Open-ended and structured items are worked on side by side, those that failed before
    // last, so that they hold up no others.
    let order = |open: &OpenItem| (open.has_failed, plan.rank(open.item));
    stock.open_items.sort_by_key(order);
    Ok(stock)
}

/// Hands over every item of a plan as it stands in the store, in the plan's order.
pub fn each(
    plan: &Plan,
    reader: &Reader,
    index: &CallIndex,
    take: &mut dyn FnMut(u32, &ItemOutcome),
) -> Result<(), StockError> {
    let items: Vec<u32> = (0..plan.item_count()).collect();
    for chunk in items.chunks(CHUNK) {
        for taken in take_chunk(plan, reader, index, chunk)? {
            take(taken.item, &taken.outcome);
        }
    }
    Ok(())
}

/// One item as it stands in the store.
struct Taken {
    item: u32,
    outcome: ItemOutcome,
    is_begun: bool,
    has_failed: bool,
    reused: BTreeMap<String, Reused>,
}

fn take_chunk(
    plan: &Plan,
    reader: &Reader,
    index: &CallIndex,
    items: &[u32],
) -> Result<Vec<Taken>, StockError> {
    if index.is_empty() {
        return items
            .iter()
            .map(|item| {
                Ok(Taken {
                    item: *item,
                    outcome: settle::unasked(plan, *item)?,
                    is_begun: false,
                    has_failed: false,
                    reused: BTreeMap::new(),
                })
            })
            .collect();
    }
    let opener = reader.opener();
    let parts: Vec<Vec<Taken>> = items
        .par_chunks(PART)
        .map(|part| {
            let reader = opener.open()?;
            part.iter()
                .map(|item| take_item(plan, *item, &reader, index))
                .collect::<Result<Vec<_>, StockError>>()
        })
        .collect::<Result<_, StockError>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// One item as it stands in the store.
pub fn item(
    plan: &Plan,
    item: u32,
    reader: &Reader,
    index: &CallIndex,
) -> Result<ItemOutcome, StockError> {
    Ok(take_item(plan, item, reader, index)?.outcome)
}

fn take_item(
    plan: &Plan,
    item: u32,
    reader: &Reader,
    index: &CallIndex,
) -> Result<Taken, StockError> {
    let mut is_begun = false;
    let mut has_failed = false;
    let mut reused: BTreeMap<String, Reused> = BTreeMap::new();
    let outcome = settle::item(plan, item, |call| {
        let Some(id) = index.get(&call.key) else {
            return Ok(CallHistory::default());
        };
        is_begun = true;
        let attempts = reader.attempts(id)?;
        let history = history(call.entry.provider, &attempts);
        has_failed |= history.has_failed(call.entry);
        if let Some(last) = attempts.iter().rfind(|attempt| attempt.error.is_none()) {
            reused.entry(call.place()).or_default().add(last);
        }
        Ok::<_, StockError>(history)
    })?;
    Ok(Taken {
        item,
        outcome,
        is_begun,
        has_failed,
        reused,
    })
}

/// Reads the stored attempts of a call the way they were read when they came.
pub(super) fn history(provider: ProviderKind, attempts: &[StoredAttempt]) -> CallHistory {
    let mut history = CallHistory::default();
    for attempt in attempts {
        let outcome = match &attempt.error {
            None => provider::read_reply(provider, attempt.status, &attempt.body)
                .map_err(|error| error.class),
            Some(class) => Err(class_named(class)),
        };
        match outcome {
            Ok(reply) => history.replied(reply),
            Err(class) => {
                let message = attempt.message.as_deref().unwrap_or_default();
                history.failed(class, attempt.status, message);
            }
        }
    }
    history
}

/// An error class by its stored name. A name that this version does not know
/// leaves the call to be asked again.
fn class_named(name: &str) -> ErrorClass {
    serde_json::from_value(serde_json::Value::from(name)).unwrap_or(ErrorClass::Server)
}
