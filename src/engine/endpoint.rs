//! An entry at work: its provider, its limits, and what was learnt of it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::limiter::Limiter;
use super::losses::{About, Losses, QuestionOf, Row};
use super::patience::{FirstReply, Patience};
use super::replicas::Replicas;
use crate::provider::{CallError, ErrorClass, Provider, Reply, Usage};
use crate::store::Source;
use crate::study::{Entry, ProviderKind};

/// Prompt tokens a byte before any reply has said: a token of English is about
/// four bytes, of some scripts two.
const FIRST_TOKENS_PER_BYTE: f64 = 0.5;

/// Reply tokens that are allowed for at least where no limit is set.
const FIRST_REPLY_TOKENS: f64 = 4096.0;

/// Replies after which no more of them are waited for to show what calls cost.
const MOST_SCOUTS: u64 = 3;

/// Room above the most that was seen.
const MARGIN: f64 = 1.25;

/// An entry at work.
pub(crate) struct Endpoint {
    /// As the study file calls it, such as `models.base`.
    pub(crate) place: String,
    entry: Entry,
    pub(crate) provider: Provider,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) replicas: Replicas,
    learnt: Mutex<Learnt>,
    served: Mutex<Served>,
    /// Of the last try; most are alike.
    last_source: Mutex<Option<Arc<Source>>>,
    /// Replies in this run.
    replies: AtomicU64,
    /// Whether the server wants the limit of tokens under its newer name.
    renames_limit: AtomicBool,
    first_reply: FirstReply,
    losses: Mutex<Losses>,
    /// Held by the call that finds out what calls of the entry cost.
    scout: tokio::sync::Mutex<()>,
}

/// A try that is on its way, or whose outcome is not yet known to the entry.
pub(crate) struct InFlight<'e> {
    endpoint: &'e Endpoint,
    /// Its place in the order of sending.
    pub(crate) place: u64,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        lock(&self.endpoint.losses).ended(self.place);
    }
}

#[derive(Default)]
struct Learnt {
    tokens_per_byte: f64,
    reply_tokens: f64,
    /// Dollars of all replies.
    dollars: f64,
    /// The most that a try may have cost which has not shown what it did.
    unshown: Option<f64>,
}

/// What answered under an entry's name, in the words of its server.
#[derive(Debug, Default)]
pub(crate) struct Served {
    pub(crate) models: BTreeSet<String>,
    pub(crate) fingerprints: BTreeSet<String>,
}

/// What answers now is not what gave the stored replies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differs {
    pub(crate) stored: String,
    pub(crate) now: String,
}

impl Served {
    /// What a reply shows to be new, once for each new value. Nothing is, where
    /// nothing is known.
    fn meet(&mut self, reply: &Reply) -> Option<Differs> {
        let model = differs("model", &mut self.models, reply.model.as_deref());
        let fingerprint = differs(
            "fingerprint",
            &mut self.fingerprints,
            reply.fingerprint.as_deref(),
        );
        model.or(fingerprint)
    }
}

fn differs(what: &str, known: &mut BTreeSet<String>, now: Option<&str>) -> Option<Differs> {
    let now = now?;
    if known.is_empty() || known.contains(now) {
        return None;
    }
    let stored: Vec<&str> = known.iter().map(String::as_str).collect();
    let found = Differs {
        stored: format!("{what} {}", stored.join(", ")),
        now: format!("{what} {now}"),
    };
    known.insert(now.to_owned());
    Some(found)
}

impl Endpoint {
    pub(crate) fn new(
        place: String,
        entry: &Entry,
        provider: Provider,
        limiter: Arc<Limiter>,
    ) -> Self {
        Self {
            replicas: Replicas::new(entry.base_urls.len()),
            place,
            entry: entry.clone(),
            provider,
            limiter,
            learnt: Mutex::default(),
            served: Mutex::default(),
            last_source: Mutex::default(),
            replies: AtomicU64::new(0),
            renames_limit: AtomicBool::new(false),
            first_reply: FirstReply::default(),
            losses: Mutex::default(),
            scout: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The base URL at `index`, or the dialect where there is no server.
    pub(crate) fn url(&self, index: usize) -> &str {
        let entry = self.entry();
        match entry.base_urls.get(index) {
            Some(url) => url,
            None => "simulated",
        }
    }

    /// Where a try at the base URL at `index` went, and what answered there.
    pub(crate) fn source(
        &self,
        index: usize,
        reply: Option<&Reply>,
        root: Option<&str>,
    ) -> Arc<Source> {
        let url = self.url(index);
        let served = reply.and_then(|reply| reply.model.as_deref());
        let fingerprint = reply.and_then(|reply| reply.fingerprint.as_deref());
        let is_same = |source: &Source| {
            source.url == url
                && source.served.as_deref() == served
                && source.fingerprint.as_deref() == fingerprint
                && source.root.as_deref() == root
        };
        let mut last = lock(&self.last_source);
        if let Some(source) = last.as_ref().filter(|source| is_same(source)) {
            return Arc::clone(source);
        }
        let entry = self.entry();
        let source = Arc::new(Source {
            entry: self.place.clone(),
            dialect: entry.provider.name().to_owned(),
            url: url.to_owned(),
            model: entry.model.clone(),
            served: served.map(str::to_owned),
            fingerprint: fingerprint.map(str::to_owned),
            root: root.map(str::to_owned),
        });
        *last = Some(Arc::clone(&source));
        source
    }

    /// The most dollars that a call may cost.
    pub(crate) fn most_cost(&self, request_bytes: usize, max_tokens: Option<u32>) -> f64 {
        let Some(price) = self.entry().price else {
            return 0.0;
        };
        let learnt = self.learnt();
        let per_byte = if learnt.tokens_per_byte > 0.0 {
            learnt.tokens_per_byte * MARGIN
        } else {
            FIRST_TOKENS_PER_BYTE
        };
        let output = match max_tokens.map(f64::from) {
            Some(tokens) if learnt.reply_tokens <= tokens => tokens,
            // The server bills more than it was asked for, as for hidden reasoning.
            Some(_) => learnt.reply_tokens * MARGIN,
            None => FIRST_REPLY_TOKENS.max(learnt.reply_tokens * 2.0),
        };
        (request_bytes as f64 * per_byte * price.input + output * price.output) / 1e6
    }

    /// Lets calls through one by one until a reply has shown what they cost, or several
    /// have not; `None` from then on, and where there is no price.
    pub(crate) async fn scout(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let is_known = || {
            self.entry().price.is_none()
                || self.learnt().tokens_per_byte > 0.0
                || self.replies() >= MOST_SCOUTS
        };
        if is_known() {
            return None;
        }
        let guard = self.scout.lock().await;
        (!is_known()).then_some(guard)
    }

    /// What calls have cost each; where tries have not shown it, the most that they may
    /// have; `None` where none has been made.
    pub(crate) fn usual_cost(&self) -> Option<f64> {
        if self.entry().price.is_none() {
            return Some(0.0);
        }
        let (replies, learnt) = (self.replies(), self.learnt());
        let unshown = learnt.unshown.filter(|_| learnt.dollars == 0.0);
        unshown.or_else(|| (replies > 0).then(|| learnt.dollars / replies as f64))
    }

    /// A try has not shown what it cost, which is this at the most.
    pub(crate) fn showed_no_cost(&self, most: f64) {
        let mut learnt = self.learnt();
        learnt.unshown = Some(learnt.unshown.map_or(most, |before| before.max(most)));
    }

    /// What a call has cost, in dollars.
    pub(crate) fn cost(&self, usage: Usage) -> f64 {
        self.entry()
            .price
            .map_or(0.0, |price| price.dollars(usage.input, usage.output))
    }

    /// A call about a question got a reply.
    pub(crate) fn replied(&self, question: QuestionOf, request_bytes: usize, usage: Usage) {
        lock(&self.losses).replied(question);
        if self.entry().price.is_some() {
            let mut learnt = self.learnt();
            let per_byte = usage.input as f64 / request_bytes.max(1) as f64;
            learnt.tokens_per_byte = learnt.tokens_per_byte.max(per_byte);
            learnt.reply_tokens = learnt.reply_tokens.max(usage.output as f64);
            learnt.dollars += self.cost(usage);
        }
        self.replies.fetch_add(1, Ordering::Relaxed);
    }

    /// Where the replies that are taken from the store came from.
    pub(crate) fn stored_replies_came_from(&self, served: Served) {
        *lock(&self.served) = served;
        lock(&self.losses).replies_are_stored();
    }

    /// Whether a reply shows that something else answers now than did before.
    pub(crate) fn meet(&self, reply: &Reply) -> Option<Differs> {
        lock(&self.served).meet(reply)
    }

    /// A try is on its way until what is given is dropped.
    pub(crate) fn sends(&self) -> InFlight<'_> {
        InFlight {
            place: lock(&self.losses).sent(),
            endpoint: self,
        }
    }

    /// A call was refused for a lasting reason at its try of this place; the row that it
    /// ends, where no call can be expected to succeed.
    pub(crate) fn refused(&self, place: u64, about: About) -> Option<Row> {
        let mut losses = lock(&self.losses);
        (!self.has_worked()).then(|| losses.refused(place, about))?
    }

    /// A call was given up after its tries, the last of which had this place and failed so,
    /// before the first of which the entry had given so many replies; the row that it ends,
    /// where the entry counts as silent.
    ///
    /// A call that failed while others got replies failed for its own sake, unless it never
    /// reached the server.
    pub(crate) fn lost(
        &self,
        place: u64,
        class: ErrorClass,
        about: About,
        replies: u64,
    ) -> Option<Row> {
        let is_unreached = class == ErrorClass::Network;
        if self.replies() > replies && !is_unreached {
            return None;
        }
        lock(&self.losses).lost(place, is_unreached, about)
    }

    /// A call about a question was given up.
    pub(crate) fn failed_on(&self, question: QuestionOf) {
        lock(&self.losses).failed_on(question);
    }

    /// Whether calls about a question were given up and none was answered.
    pub(crate) fn fails_on(&self, question: QuestionOf) -> bool {
        lock(&self.losses).fails_on(question)
    }

    /// Whether calls were given up since the last reply.
    pub(crate) fn is_in_doubt(&self) -> bool {
        lock(&self.losses).is_in_doubt()
    }

    /// How many calls got a reply in this run.
    pub(crate) fn replies(&self) -> u64 {
        self.replies.load(Ordering::Relaxed)
    }

    /// Whether any call got a reply in this run.
    pub(crate) fn has_worked(&self) -> bool {
        self.replies() > 0
    }

    /// Whether the server has asked for `max_completion_tokens` in the place of `max_tokens`.
    pub(crate) fn renames_limit(&self) -> bool {
        self.renames_limit.load(Ordering::Relaxed)
    }

    /// It has.
    pub(crate) fn rename_limit(&self) {
        self.renames_limit.store(true, Ordering::Relaxed);
    }

    /// What a failed try means for the wait for the entry's first reply.
    pub(crate) fn wait_for_first_reply(&self, error: &CallError) -> Patience {
        if self.has_worked() {
            return Patience::None;
        }
        self.first_reply.failed(error, tokio::time::Instant::now())
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        lock(&self.learnt)
    }
}

/// Nothing panics while one of these locks is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls in flight of a simulated entry: it takes no connection, so this only
/// bounds memory.
const SIMULATED_CALLS: u32 = 64;

/// The limiter of each entry: one of its own where `max_connections` is set, else one
/// shared by all entries that ask one server with one key.
pub(crate) fn limiters<'e>(
    entries: impl IntoIterator<Item = (&'e Entry, Option<&'e Provider>)>,
) -> Vec<Arc<Limiter>> {
    let entries: Vec<_> = entries.into_iter().collect();
    let accounts: Vec<_> = entries
        .iter()
        .map(
            |(entry, provider)| match (entry.max_connections, provider) {
                (None, Some(provider)) => provider.accounts(),
                _ => Vec::new(),
            },
        )
        .collect();
    let mut made: Vec<Arc<Limiter>> = Vec::with_capacity(entries.len());
    for (place, first) in first_that_shares(&accounts).into_iter().enumerate() {
        let entry = entries[place].0;
        let limiter = if first < place {
            Arc::clone(&made[first])
        } else if entry.provider == ProviderKind::Simulated {
            Limiter::new(Some(entry.max_connections.unwrap_or(SIMULATED_CALLS)))
        } else {
            Limiter::new(entry.max_connections)
        };
        made.push(limiter);
    }
    made
}

/// For each list the place of the first that it has a value in common with, be it by way
/// of others.
fn first_that_shares<T: PartialEq>(lists: &[Vec<T>]) -> Vec<usize> {
    let mut first: Vec<usize> = (0..lists.len()).collect();
    for later in 0..lists.len() {
        for earlier in 0..later {
            if lists[later].iter().any(|one| lists[earlier].contains(one)) {
                let joined = first[later].min(first[earlier]);
                let gone = first[later].max(first[earlier]);
                for place in first.iter_mut().filter(|place| **place == gone) {
                    *place = joined;
                }
            }
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(model: Option<&str>, fingerprint: Option<&str>) -> Reply {
        Reply {
            text: String::new(),
            finish: crate::provider::Finish::Stop,
            usage: Usage::default(),
            model: model.map(str::to_owned),
            fingerprint: fingerprint.map(str::to_owned),
            tokens: Vec::new(),
        }
    }

    fn known(models: &[&str], fingerprints: &[&str]) -> Served {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Served {
            models: owned(models),
            fingerprints: owned(fingerprints),
        }
    }

    #[test]
    fn entries_with_a_server_in_common_share_their_limit_also_by_way_of_others() {
        let lists = [
            vec!["a"],
            vec!["b"],
            vec![],
            vec!["c", "b"],
            vec!["a", "c"],
            vec![],
            vec!["d"],
        ];
        assert_eq!(first_that_shares(&lists), [0, 0, 2, 0, 0, 5, 6]);
    }

    #[test]
    fn a_call_is_expected_to_cost_the_most_until_a_reply_has_shown_what_it_does() {
        let mut entry = crate::study::testing::entry("judge", ProviderKind::Simulated);
        entry.price = Some(crate::study::Price {
            input: 1.0,
            output: 1.0,
        });
        let client = crate::provider::Client::new();
        let provider = Provider::new(&entry, None, &client).unwrap();
        let endpoint = Endpoint::new("judges.j".into(), &entry, provider, Limiter::new(None));
        assert_eq!(endpoint.usual_cost(), None);
        endpoint.showed_no_cost(2.0);
        endpoint.showed_no_cost(1.0);
        assert_eq!(endpoint.usual_cost(), Some(2.0));
        let question = (false, 0);
        endpoint.replied(question, 10, Usage::default());
        assert_eq!(endpoint.usual_cost(), Some(2.0));
        let usage = Usage {
            input: 500_000,
            output: 500_000,
        };
        endpoint.replied(question, 10, usage);
        assert_eq!(endpoint.usual_cost(), Some(0.5));
    }

    #[test]
    fn what_differs_from_the_stored_is_said_once() {
        let mut served = known(&["m-1"], &["f-1"]);
        assert_eq!(served.meet(&reply(Some("m-1"), Some("f-1"))), None);
        let differs = served.meet(&reply(Some("m-2"), Some("f-1"))).unwrap();
        assert_eq!(differs.stored, "model m-1");
        assert_eq!(differs.now, "model m-2");
        assert_eq!(served.meet(&reply(Some("m-2"), Some("f-1"))), None);
        let differs = served.meet(&reply(Some("m-1"), Some("f-2"))).unwrap();
        assert_eq!(differs.now, "fingerprint f-2");
    }

    #[test]
    fn what_is_not_known_or_not_said_differs_from_nothing() {
        let mut fresh = known(&[], &[]);
        assert_eq!(fresh.meet(&reply(Some("m-1"), Some("f-1"))), None);
        let mut served = known(&["m-1"], &["f-1"]);
        assert_eq!(served.meet(&reply(None, None)), None);
    }
}
