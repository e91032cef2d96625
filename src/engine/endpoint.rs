//! An entry at work: its provider, its limits, and what was learnt of it.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::limiter::Limiter;
use super::patience::{FirstReply, Patience};
use super::replicas::Replicas;
use crate::provider::{CallError, ErrorClass, Provider, Reply, Usage};
use crate::study::{Entry, ProviderKind};

/// Prompt tokens a byte before any reply has said: a token of English is about
/// four bytes, of some scripts two.
const FIRST_TOKENS_PER_BYTE: f64 = 0.5;

/// Reply tokens that are allowed for at least where no limit is set.
const FIRST_REPLY_TOKENS: f64 = 4096.0;

/// Room above the most that was seen.
const MARGIN: f64 = 1.25;

/// Calls of an entry that were refused for good before any succeeded, after which
/// the others are not tried.
const MOST_REFUSALS: u32 = 10;

/// Calls of an entry given up in a row, after which it counts as down.
const MOST_LOSSES: usize = 5;

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
    has_worked: AtomicBool,
    /// Whether the server wants the limit of tokens under its newer name.
    renames_limit: AtomicBool,
    first_reply: FirstReply,
    refusals: AtomicU32,
    losses: Mutex<Losses>,
    /// Held by the call that finds out what calls of the entry cost.
    scout: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Learnt {
    tokens_per_byte: f64,
    reply_tokens: f64,
}

/// Calls of an entry that were given up since its last reply.
#[derive(Default)]
struct Losses {
    /// All of them.
    calls: usize,
    /// Those whose server could not be reached.
    unreached: usize,
    /// What the others were about.
    questions: HashSet<String>,
    personas: HashSet<u32>,
}

/// What a lost call was about, and what calls of the entry can be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost<'a> {
    pub(crate) question: &'a str,
    /// Index into the study's personas.
    pub(crate) persona: u32,
    pub(crate) questions: usize,
    pub(crate) personas: usize,
}

impl Losses {
    /// One more, and what that says of the entry.
    ///
    /// A server that fails on one question, or for one persona, and answers the others is
    /// not down, however many calls that makes.
    fn add(&mut self, class: ErrorClass, lost: Lost<'_>) -> Standing {
        self.calls += 1;
        if class == ErrorClass::Network {
            self.unreached += 1;
        } else {
            self.questions.insert(lost.question.to_owned());
            self.personas.insert(lost.persona);
        }
        let are_apart =
            |different: usize, all: usize| self.unreached + different >= MOST_LOSSES.min(all);
        if self.calls >= MOST_LOSSES
            && are_apart(self.questions.len(), lost.questions)
            && are_apart(self.personas.len(), lost.personas)
        {
            Standing::Down
        } else {
            Standing::Fine
        }
    }
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

/// What the end of a call says about its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Go on.
    Fine,
    /// Every call so far was refused for good.
    RefusesAll,
    /// It is down.
    Down,
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
            has_worked: AtomicBool::new(false),
            renames_limit: AtomicBool::new(false),
            first_reply: FirstReply::default(),
            refusals: AtomicU32::new(0),
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

    /// Lets calls through one by one until a reply has shown what they cost; `None` from
    /// then on, and where there is no price.
    pub(crate) async fn scout(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let is_known = || self.entry().price.is_none() || self.learnt().tokens_per_byte > 0.0;
        if is_known() {
            return None;
        }
        let guard = self.scout.lock().await;
        (!is_known()).then_some(guard)
    }

    /// What a call has cost, in dollars.
    pub(crate) fn cost(&self, usage: Usage) -> f64 {
        self.entry()
            .price
            .map_or(0.0, |price| price.dollars(usage.input, usage.output))
    }

    /// A call got a reply.
    pub(crate) fn replied(&self, request_bytes: usize, usage: Usage) {
        self.has_worked.store(true, Ordering::Relaxed);
        *lock(&self.losses) = Losses::default();
        if self.entry().price.is_some() {
            let mut learnt = self.learnt();
            let per_byte = usage.input as f64 / request_bytes.max(1) as f64;
            learnt.tokens_per_byte = learnt.tokens_per_byte.max(per_byte);
            learnt.reply_tokens = learnt.reply_tokens.max(usage.output as f64);
        }
    }

    /// Where the replies that are taken from the store came from.
    pub(crate) fn stored_replies_came_from(&self, served: Served) {
        *lock(&self.served) = served;
    }

    /// Whether a reply shows that something else answers now than did before.
    pub(crate) fn meet(&self, reply: &Reply) -> Option<Differs> {
        lock(&self.served).meet(reply)
    }

    /// A call was refused for a lasting reason.
    pub(crate) fn refused(&self) -> Standing {
        let refusals = self.refusals.fetch_add(1, Ordering::Relaxed) + 1;
        if refusals >= MOST_REFUSALS && !self.has_worked() {
            Standing::RefusesAll
        } else {
            Standing::Fine
        }
    }

    /// A call was given up after its tries, the last of which failed so.
    pub(crate) fn lost(&self, class: ErrorClass, lost: Lost<'_>) -> Standing {
        lock(&self.losses).add(class, lost)
    }

    /// Whether any call got a reply in this run.
    pub(crate) fn has_worked(&self) -> bool {
        self.has_worked.load(Ordering::Relaxed)
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

    /// Whether the server is down after such losses, each with its question and persona,
    /// of so many questions and eight personas.
    fn is_down(losses: &[(ErrorClass, usize, u32)], questions: usize) -> bool {
        let mut all = Losses::default();
        let mut add = |(class, question, persona): &(ErrorClass, usize, u32)| {
            let lost = Lost {
                question: &format!("q{question}"),
                persona: *persona,
                questions,
                personas: 8,
            };
            all.add(*class, lost)
        };
        losses.iter().map(&mut add).last() == Some(Standing::Down)
    }

    #[test]
    fn a_server_that_fails_on_one_question_is_not_down_and_one_that_is_not_reached_is() {
        let failing = |questions: &[usize]| -> Vec<_> {
            let failed = |(call, question): (usize, &usize)| {
                let persona = call as u32 % 8;
                (ErrorClass::Server, *question, persona)
            };
            questions.iter().enumerate().map(failed).collect()
        };
        assert!(!is_down(&failing(&[0; 100]), 10));
        assert!(!is_down(&failing(&[0, 0, 0, 1, 1, 1, 2, 3]), 10));
        assert!(is_down(&failing(&[0, 1, 2, 3, 4]), 10));
        assert!(is_down(&failing(&[0, 0, 1, 1, 1]), 2));
        assert!(!is_down(&failing(&[0, 1]), 2));
        assert!(is_down(&failing(&[0; 5]), 1));
        assert!(is_down(&[(ErrorClass::Network, 0, 0); 5], 10));
        assert!(!is_down(&[(ErrorClass::Network, 0, 0); 4], 10));
        // Nor is one that is overloaded by one question, or fails for one persona.
        assert!(!is_down(&[(ErrorClass::Overloaded, 0, 0); 50], 10));
        let of_personas = |few: u32| -> Vec<_> {
            let failed = |call: usize| (ErrorClass::Server, call, call as u32 % few);
            (0..40).map(failed).collect()
        };
        assert!(!is_down(&of_personas(2), 40));
        assert!(is_down(&of_personas(5), 40));
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
