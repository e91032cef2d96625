//! One call: tries until it has a reply, cannot get one, or the run stops.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::StopReason;
use super::caps::{CapReached, Hold};
use super::context::{Context, Stopped};
use super::endpoint::{Endpoint, InFlight};
use super::limiter::Permit;
use super::outcome::{Refusals, count_failure, heed, learn_failure, meaning};
use super::patience::Patience;
use super::progress::{Notice, Progress};
use crate::plan::PlannedCall;
use crate::provider::retry::{self, Reach};
use crate::provider::{self, CallError, ChatRequest, ErrorClass, Finish, Simulation, Try};
use crate::settle::CallHistory;
use crate::store::{self, Attempt, CallKind};
use crate::study::{Entry, MaxTokensField, ProviderKind};
use crate::text::form;

/// What is asked in one call, beside what was planned.
pub(super) struct Asking<'a> {
    pub(super) call: &'a PlannedCall<'a>,
    pub(super) kind: CallKind,
    /// Work on lower items comes first.
    pub(super) item: u32,
    /// Replies that this call has got before.
    pub(super) replies: u32,
    pub(super) max_tokens: Option<u32>,
    pub(super) seed: Option<i64>,
}

impl Asking<'_> {
    /// Whether it has a limit of tokens that the study did not set.
    fn has_limit_of_its_own(&self) -> bool {
        let entry = self.call.entry;
        entry.provider == ProviderKind::OpenAi
            && entry.max_tokens.is_none()
            && self.max_tokens.is_some()
    }
}

/// Asks until there is a reply or the call is given up; both are added to
/// `history`, and everything that was received is stored first.
pub(super) async fn ask(
    context: &Context,
    endpoint: &Endpoint,
    stored: &mut store::Call,
    asking: &Asking<'_>,
    history: &mut CallHistory,
) -> Result<(), Stopped> {
    let mut call = Call::new(context, endpoint, asking);
    let mut failed = Failed::default();
    let mut refused = Refusals::default();
    loop {
        let Leave {
            permit,
            hold,
            scout,
        } = call.leave().await?;
        failed
            .replies_before
            .get_or_insert_with(|| endpoint.replies());
        let sent = call.send(permit, hold, &mut refused).await;
        let is_tried = !sent.is_of_open_files();
        if is_tried {
            call.record(stored, &sent).await?;
        }
        call.learn(&sent, &refused);
        failed.last_place = sent.in_flight.place;
        drop((scout, sent.in_flight));
        let error = match sent.tried.outcome {
            Ok(reply) => {
                history.replied(reply);
                return Ok(());
            }
            Err(error) => error,
        };
        if is_tried {
            history.failed(error.class, sent.tried.received.status, &error.message);
        }
        if call.learns_name_of_limit(&error) {
            context.store.renew_request(stored);
            refused = Refusals::default();
            continue;
        }
        failed.classes.push(sent.meaning.unwrap_or(error.class));
        if call.is_over(&error, &failed) {
            return Ok(());
        }
        // What one URL asks for need not be waited for where another can be asked.
        let replicas = &endpoint.replicas;
        let is_bound = !(replicas.are_several() && replicas.any_can_be_asked(&refused.urls));
        let asked = error.retry_after.filter(|_| is_bound);
        let wait = retry::delay(failed.classes.len(), asked, rand::random());
        Progress::add(&context.progress.retries, 1);
        context.sleep(wait).await?;
    }
}

/// The failed tries of a call.
#[derive(Default)]
struct Failed {
    /// What each of them means.
    classes: Vec<ErrorClass>,
    /// Replies that the entry had given before the first.
    replies_before: Option<u64>,
    /// The place of the last among the entry's tries.
    last_place: u64,
}

/// One call at work.
struct Call<'a> {
    context: &'a Context,
    endpoint: &'a Endpoint,
    asking: &'a Asking<'a>,
    request: ChatRequest<'a>,
    body: Bytes,
    /// Whether the limit of tokens goes under its newer name though the study asks for none.
    renames_limit: bool,
}

/// What a try needs before it is sent.
struct Leave<'a> {
    permit: Permit,
    hold: Hold,
    /// Held until the entry has learnt from this call, where it finds out what they cost.
    scout: Option<tokio::sync::MutexGuard<'a, ()>>,
}

/// One try of it.
struct Sent<'a> {
    /// Index of the base URL.
    url: usize,
    /// Held until the entry has learnt from it.
    in_flight: InFlight<'a>,
    at: Timestamp,
    tried: Try,
    /// What its failure means by all that is known of the entry.
    meaning: Option<ErrorClass>,
}

impl Sent<'_> {
    /// Whether it never left this process, which is no word on the server.
    fn is_of_open_files(&self) -> bool {
        let error = self.tried.outcome.as_ref().err();
        error.is_some_and(|error| error.class == ErrorClass::OpenFiles)
    }
}

impl<'a> Call<'a> {
    fn new(context: &'a Context, endpoint: &'a Endpoint, asking: &'a Asking<'a>) -> Self {
        let request = ChatRequest {
            messages: &asking.call.messages,
            max_tokens: asking.max_tokens,
            seed: asking.seed,
            schema: asking.call.schema,
            logprobs: asking.call.logprobs,
            simulation: Simulation {
                draw: simulation_draw(asking),
                persona: asking.call.persona,
                truth: asking.call.truth,
                alignment: asking.call.alignment,
                options: asking.call.options,
            },
        };
        let mut call = Self {
            body: Bytes::new(),
            renames_limit: asking.has_limit_of_its_own() && endpoint.renames_limit(),
            context,
            endpoint,
            asking,
            request,
        };
        call.write_body();
        call
    }

    fn write_body(&mut self) {
        let entry = self.asking.call.entry;
        self.body = if self.renames_limit {
            let renamed = Entry {
                max_tokens_field: MaxTokensField::MaxCompletionTokens,
                ..entry.clone()
            };
            provider::request_body(&renamed, &self.request)
        } else {
            provider::request_body(entry, &self.request)
        };
    }

    /// Whether the server refuses the name of a limit that the study did not set, in words
    /// that tell the newer one, under which it then goes.
    fn learns_name_of_limit(&mut self, error: &CallError) -> bool {
        let learns = error.class == ErrorClass::BadRequest
            && !self.renames_limit
            && self.asking.has_limit_of_its_own()
            && error.message.contains("max_completion_tokens");
        if learns {
            self.endpoint.rename_limit();
            self.renames_limit = true;
            self.write_body();
        }
        learns
    }

    /// Leave of the limiter and of the caps. The permit comes first, so that what a
    /// call may cost is estimated from what was learnt up to its turn.
    async fn leave(&self) -> Result<Leave<'a>, Stopped> {
        let (context, endpoint) = (self.context, self.endpoint);
        let permit = endpoint
            .limiter
            .acquire(u64::from(context.plan.rank(self.asking.item)))
            .await
            .map_err(|_| Stopped)?;
        let scout = if context.purse.has_budget() {
            endpoint.scout().await
        } else {
            None
        };
        let most = endpoint.most_cost(self.body.len(), self.asking.max_tokens);
        // Leave that was given is used, also where the run stops at that very moment:
        // a cap of N calls lets N be made.
        let leave = tokio::select! {
            biased;
            () = context.stopping.cancelled() => return Err(Stopped),
            leave = context.purse.hold(most) => leave,
        };
        match leave {
            Ok(hold) => {
                context.purse.called(self.asking.item);
                Ok(Leave {
                    permit,
                    hold,
                    scout,
                })
            }
            Err(CapReached::MaxCalls(max)) => Err(context.stop(StopReason::MaxCalls(max))),
            Err(CapReached::Budget(budget)) => Err(context.stop(StopReason::Budget {
                budget,
                spent: context.purse.spent(),
            })),
        }
    }

    /// Makes one try, and gives back what was taken for it. A URL that refuses the call
    /// itself is added to `refused`.
    async fn send(&self, permit: Permit, hold: Hold, refused: &mut Refusals) -> Sent<'a> {
        let (endpoint, progress) = (self.endpoint, &self.context.progress);
        Progress::add(&progress.sent, 1);
        Progress::add(&progress.in_flight, 1);
        let at = Timestamp::now();
        let visit = endpoint.replicas.choose(&refused.urls);
        let url = visit.index;
        let in_flight = endpoint.sends();
        let tried = endpoint.provider.call(url, &self.body, &self.request).await;
        drop(visit);
        let error = tried.outcome.as_ref().err();
        let meaning = error.map(|error| meaning(self.context, endpoint, url, error, refused));
        let visit = (url, in_flight.place);
        heed(self.context, endpoint, self.asking, visit, &tried, meaning);
        drop(permit);
        progress
            .in_flight
            .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        self.pay(hold, &tried);
        Sent {
            url,
            in_flight,
            at,
            tried,
            meaning,
        }
    }

    /// Settles what was held back for a try. One whose bill nobody has told counts
    /// with all of it, so that the budget holds whatever the provider bills.
    fn pay(&self, hold: Hold, tried: &Try) {
        match &tried.outcome {
            Ok(reply) if reply.is_unmetered() => hold.settle_unmetered(),
            Ok(reply) => {
                let cost = self.endpoint.cost(reply.usage);
                hold.settle(cost);
                self.context.purse.paid(self.asking.item, cost);
            }
            Err(error) if error.class == ErrorClass::OpenFiles => hold.give_back(),
            Err(error) if error.class.may_be_billed(tried.received.status) => {
                hold.settle_unmetered();
            }
            Err(_) => hold.settle(0.0),
        }
        if self.endpoint.entry().price.is_some() {
            self.context.progress.set_spent(self.context.purse.spent());
        }
    }

    /// Stores what a try gave, before anything else uses it.
    async fn record(&self, stored: &mut store::Call, sent: &Sent<'_>) -> Result<(), Stopped> {
        let (context, endpoint) = (self.context, self.endpoint);
        let Sent { url, at, tried, .. } = sent;
        let received = &tried.received;
        let reply = tried.outcome.as_ref().ok();
        let error = tried.outcome.as_ref().err();
        let source = endpoint.source(*url, reply, context.root_of(&endpoint.place, *url));
        let tokens = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let attempt = Attempt {
            key: self.asking.call.key,
            kind: self.asking.kind,
            request: &self.body,
            source: &source,
            at: at.as_millisecond(),
            latency: received.latency.as_millis() as i64,
            status: received.status,
            error: error.map(|error| error.class.name()),
            message: error.map(|error| error.message.as_str()),
            finish: reply.map(|reply| finish_name(reply.finish)),
            input_tokens: reply.map_or(0, |reply| tokens(reply.usage.input)),
            output_tokens: reply.map_or(0, |reply| tokens(reply.usage.output)),
            headers: &received.headers,
            body: &received.body,
        };
        let stored = match context.store.record(stored, &attempt) {
            Ok(ticket) => ticket.stored().await,
            Err(error) => Err(error),
        };
        stored.map_err(|error| context.stop(StopReason::Store(error)))
    }

    /// What a stored try says about the entry and its URL, and about those that refused
    /// the call before.
    fn learn(&self, sent: &Sent<'_>, refused: &Refusals) {
        let (context, endpoint) = (self.context, self.endpoint);
        if !sent
            .tried
            .outcome
            .as_ref()
            .is_ok_and(|reply| !reply.is_unmetered())
        {
            endpoint.showed_no_cost(endpoint.most_cost(self.body.len(), self.asking.max_tokens));
        }
        let reply = match &sent.tried.outcome {
            Ok(reply) => reply,
            Err(error) => {
                let meaning = sent.meaning.unwrap_or(error.class);
                return learn_failure(context, endpoint, sent.url, error, meaning);
            }
        };
        let refused = refused.urls.iter().zip(&refused.words);
        for (url, words) in refused.filter(|(url, _)| **url != sent.url) {
            let reason = || format!("it refuses what another answers: {words}");
            count_failure(context, endpoint, *url, reason);
        }
        if let Some(differs) = endpoint.meet(reply) {
            context.notify(Notice::ServedDiffers {
                entry: endpoint.place.clone(),
                stored: differs.stored,
                now: differs.now,
            });
        }
        Progress::add(&context.progress.input_tokens, reply.usage.input);
        Progress::add(&context.progress.output_tokens, reply.usage.output);
        let question = context.question_of(self.asking.item);
        endpoint.replied(question, self.body.len(), reply.usage);
        endpoint.replicas.answered(sent.url);
        context.clear_trouble();
    }

    /// Whether the call is given up after these failures, the last of which is `error`.
    fn is_over(&self, error: &CallError, failed: &Failed) -> bool {
        let (context, endpoint) = (self.context, self.endpoint);
        let entry = || endpoint.place.clone();
        match endpoint.wait_for_first_reply(error) {
            Patience::Begins { most } => context.notify(Notice::WaitsForServer {
                entry: entry(),
                reason: error.message.clone(),
                most,
            }),
            Patience::Loading => return false,
            Patience::Over { waited } => {
                self.give_up(error, failed);
                let _: Stopped = context.stop(StopReason::Down {
                    entry: entry(),
                    message: format!(
                        "it has given nothing else for {} s: {error}",
                        waited.as_secs()
                    ),
                });
                return true;
            }
            Patience::None => {}
        }
        let max_tries = endpoint.entry().max_tries;
        let gives_up = retry::gives_up(&failed.classes, max_tries, endpoint.has_worked());
        if gives_up {
            self.give_up(error, failed);
        }
        gives_up
    }

    /// The call gets no reply; after several in a row its entry counts as silent.
    fn give_up(&self, error: &CallError, failed: &Failed) {
        let (context, endpoint) = (self.context, self.endpoint);
        let tries = failed.classes.len();
        Progress::add(&context.progress.failures, 1);
        let meaning = failed.classes.last().copied().unwrap_or(error.class);
        // What hits all calls is said once, when the run has ended for it.
        if !(context.is_refused() && retry::reach(meaning) == Reach::Entry) {
            context.notify(Notice::GaveUp {
                entry: endpoint.place.clone(),
                item: context.plan.item_id(self.asking.item),
                reason: format!(
                    "{error} (after {tries} {})",
                    form(tries as u64, "try", "tries")
                ),
            });
        }
        if meaning == ErrorClass::OpenFiles {
            let (entry, message) = (endpoint.place.clone(), error.message.clone());
            let _: Stopped = context.stop(StopReason::OpenFiles { entry, message });
            return;
        }
        let about = context.about(self.asking.item);
        endpoint.failed_on(about.question);
        if retry::reach(meaning) == Reach::Try
            && let Some(replies) = failed.replies_before
            && let Some(row) = endpoint.lost(failed.last_place, meaning, about, replies)
        {
            let (entry, message) = (endpoint.place.clone(), error.message.clone());
            let _: Stopped = context.stop(match meaning {
                ErrorClass::Network => StopReason::Down { entry, message },
                _ => StopReason::Silent {
                    entry,
                    row,
                    message,
                },
            });
        }
    }
}

fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Refusal => "refusal",
        Finish::Other => "other",
    }
}

/// A simulated reply depends on the call and on how often it has answered before,
/// so a resumed run gets the same one.
fn simulation_draw(asking: &Asking<'_>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&asking.call.key.0);
    hasher.update(&asking.replies.to_le_bytes());
    hasher.finalize().into()
}

/// Shares a context between the tasks of a run.
pub(super) type Shared = Arc<Context>;
