//! A chat server of the tests' own that has bad days on order.
//!
//! It speaks both dialects on a free loopback port, in a thread of its own, until it
//! is dropped. Every request goes through the same gates in the same order: its key,
//! the fault that the rules give it, the load limits, the model's name, the prompt's
//! length, and then the reply function. What became of it is kept, so that a test can
//! hold the counts of a report against the counts of the server.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::dialect::{Call, Dialect, Ending, first_half};
use super::fault::{Fault, Faults, RetryAfter, Seen};
use super::http::{self, Request, Response};
use super::refusals::{context_too_long, rate_limited, success, unknown_model, wrong_key};
use super::replies;

/// The text that answers a call.
pub(crate) type ReplyFn = Box<dyn Fn(&Call) -> String + Send + Sync>;

/// How a server behaves. The default accepts everything and replies at once.
pub(crate) struct Settings {
    /// The key that is asked for.
    pub(crate) key: Option<String>,
    /// The models there are; empty for any.
    pub(crate) models: Vec<String>,
    /// Most words of a prompt.
    pub(crate) context: Option<usize>,
    /// Time from the request's last byte to the reply's first.
    pub(crate) latency: Duration,
    /// Requests beyond this many at one time get 429.
    pub(crate) max_in_flight: Option<usize>,
    /// Requests beyond this many in a window get 429 with the time until the next one.
    pub(crate) rate: Option<Rate>,
    /// Tokens that each reply is billed beyond what is seen and was asked for.
    pub(crate) hidden_tokens: usize,
    /// What goes wrong.
    pub(crate) faults: Faults,
    /// What is said.
    pub(crate) reply: ReplyFn,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            key: None,
            models: Vec::new(),
            context: None,
            latency: Duration::ZERO,
            max_in_flight: None,
            rate: None,
            hidden_tokens: 0,
            faults: Faults::none(),
            reply: Box::new(replies::usual),
        }
    }
}

/// At most so many requests in each window of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// How many.
    pub(crate) requests: usize,
    /// The window's length.
    pub(crate) window: Duration,
}

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Logged {
    /// Since the server started.
    pub(crate) at: Duration,
    /// Path and query.
    pub(crate) target: String,
    /// Whether any key was shown, right or wrong.
    pub(crate) showed_key: bool,
    /// All headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body as sent.
    pub(crate) body: String,
    /// How many requests came with this very body before.
    pub(crate) attempt: usize,
    /// What went wrong by the rules.
    pub(crate) fault: Option<Fault>,
    /// The status sent; none where no answer was begun.
    pub(crate) status: Option<u16>,
    /// The reply's text, where a whole reply was sent.
    pub(crate) text: Option<String>,
    /// How that reply ended.
    pub(crate) ending: Option<Ending>,
}

impl Logged {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a body of JSON")
    }

    /// The model that was asked for.
    pub(crate) fn model(&self) -> String {
        self.json()["model"].as_str().unwrap_or_default().to_owned()
    }

    /// A header by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A running server; dropping it closes every connection.
pub(crate) struct FaultServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FaultServer {
    /// Starts a server on a free port of the loopback address.
    pub(crate) fn start(settings: Settings) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), settings)
    }

    /// Waits until so many requests have come.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let started = Instant::now();
        while self.log().len() < count {
            assert!(started.elapsed() < Duration::from_mins(1), "no requests");
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Starts a server at an address, such as that of one that is gone.
    pub(crate) fn start_at(address: SocketAddr, settings: Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .expect("a free loopback port");
        let address = listener.local_addr().expect("a bound address");
        let shared = Arc::new(Shared::new(settings));
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, serving) => {}
                    _ = stopped => {}
                }
            });
            // Requests that hang would be waited for otherwise.
            runtime.shutdown_background();
        });
        Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Where OpenAI's dialect is spoken: the usual base URL, with `/v1`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The server without a path.
    pub(crate) fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What goes wrong from now on.
    pub(crate) fn set_faults(&self, faults: Faults) {
        *lock(&self.shared.faults) = Arc::new(faults);
    }

    /// What the list of models says is behind each of them from now on.
    pub(crate) fn set_root(&self, root: &str) {
        *lock(&self.shared.root) = Some(root.to_owned());
    }

    /// How long replies take from now on.
    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = latency.as_micros() as u64;
        self.shared.latency_micros.store(micros, Ordering::Relaxed);
    }

    /// Every chat request so far, in order of arrival.
    pub(crate) fn log(&self) -> Vec<Logged> {
        lock(&self.shared.log).clone()
    }

    /// How many requests of the log are such.
    pub(crate) fn count(&self, such: impl Fn(&Logged) -> bool) -> usize {
        lock(&self.shared.log)
            .iter()
            .filter(|logged| such(logged))
            .count()
    }

    /// The most chat requests that were in the server at one time.
    pub(crate) fn peak_in_flight(&self) -> usize {
        self.shared.peak.load(Ordering::Relaxed)
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Shared {
    settings: Settings,
    faults: Mutex<Arc<Faults>>,
    /// What the list of models says is behind each of them.
    root: Mutex<Option<String>>,
    latency_micros: AtomicU64,
    started: Instant,
    log: Mutex<Vec<Logged>>,
    attempts: Mutex<HashMap<blake3::Hash, usize>>,
    window: Mutex<(Instant, usize)>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    connections: AtomicUsize,
}

/// What is done with the connection of a request.
enum Deed {
    Answer(Response),
    /// Only this share of the answer's bytes, then the end of the connection.
    Cut(Response),
    Hang,
    Reset,
}

impl Shared {
    fn new(mut settings: Settings) -> Self {
        let faults = std::mem::replace(&mut settings.faults, Faults::none());
        let started = Instant::now();
        Self {
            faults: Mutex::new(Arc::new(faults)),
            root: Mutex::default(),
            latency_micros: AtomicU64::new(settings.latency.as_micros() as u64),
            settings,
            started,
            log: Mutex::default(),
            attempts: Mutex::default(),
            window: Mutex::new((started, 0)),
            in_flight: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        }
    }

    /// Decides about a chat request, logs it, and says after what time to do what.
    fn decide(&self, dialect: Dialect, request: &Request, in_flight: usize) -> (Duration, Deed) {
        let mut logged = Logged {
            at: self.started.elapsed(),
            target: request.target.clone(),
            showed_key: Dialect::key(request).is_some(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
            attempt: self.attempt(&request.body),
            fault: None,
            status: None,
            text: None,
            ending: None,
        };
        let mut delay = Duration::from_micros(self.latency_micros.load(Ordering::Relaxed));
        let deed = match self.gate(dialect, request, in_flight, &mut logged) {
            Err(refusal) => Deed::Answer(refusal),
            Ok(call) => self.answer(&call, &mut logged, &mut delay),
        };
        logged.status = match &deed {
            Deed::Answer(response) | Deed::Cut(response) => Some(response.status),
            Deed::Hang | Deed::Reset => None,
        };
        lock(&self.log).push(logged);
        (delay, deed)
    }

    /// What a sound server checks before its model is asked. A fault of the rules is
    /// noted in between, since a server under load does not look at names first.
    fn gate(
        &self,
        dialect: Dialect,
        request: &Request,
        in_flight: usize,
        logged: &mut Logged,
    ) -> Result<Call, Response> {
        let settings = &self.settings;
        if settings.key.is_some() && Dialect::key(request) != settings.key.as_deref() {
            return Err(wrong_key(dialect));
        }
        let mut call = Call::parse(dialect, &request.body)
            .map_err(|message| dialect.error(400, "invalid_request", &message))?;
        call.hidden_tokens = settings.hidden_tokens;
        logged.fault = Arc::clone(&lock(&self.faults)).of(&Seen {
            call: &call,
            body: &request.body,
            attempt: logged.attempt,
        });
        if logged.fault.is_some() {
            return Ok(call);
        }
        if settings.max_in_flight.is_some_and(|most| in_flight > most) {
            return Err(rate_limited(dialect, RetryAfter::Unsaid));
        }
        if let Some(rate) = settings.rate {
            self.spend(rate).map_err(|wait| {
                rate_limited(dialect, RetryAfter::Millis(wait.as_millis() as u64 + 1))
            })?;
        }
        if !settings.models.is_empty() && !settings.models.contains(&call.model) {
            return Err(unknown_model(&call));
        }
        match settings.context {
            Some(most) if call.prompt_tokens() > most => Err(context_too_long(&call)),
            _ => Ok(call),
        }
    }

    /// The fault that was noted, or the reply.
    fn answer(&self, call: &Call, logged: &mut Logged, delay: &mut Duration) -> Deed {
        let dialect = call.dialect;
        let said = (self.settings.reply)(call);
        let (text, ending) = call.limited(&said);
        let whole = |logged: &mut Logged, text: String, ending: Ending| {
            let response = call.reply(&text, ending);
            logged.text = Some(text);
            logged.ending = Some(ending);
            Deed::Answer(response)
        };
        match logged.fault {
            None => whole(logged, text, ending),
            Some(Fault::Slow(time)) => {
                *delay += time;
                whole(logged, text, ending)
            }
            Some(Fault::LastOfWindow(time)) => {
                let mut response = call.reply(&text, ending);
                response.headers.extend([
                    ("x-ratelimit-remaining-requests", "0".to_owned()),
                    (
                        "x-ratelimit-reset-requests",
                        format!("{}ms", time.as_millis()),
                    ),
                ]);
                logged.text = Some(text);
                logged.ending = Some(ending);
                Deed::Answer(response)
            }
            Some(Fault::Truncated) => whole(logged, first_half(&text), Ending::Limit),
            Some(Fault::Refusal) => whole(logged, String::new(), Ending::Refused),
            Some(Fault::EmptyChoices) => Deed::Answer(call.empty_reply()),
            Some(Fault::CutBody) => Deed::Cut(call.reply(&text, ending)),
            Some(Fault::NotJson) => Deed::Answer(success("<html>upstream is warming up</html>")),
            Some(Fault::WrongShape) => Deed::Answer(success(r#"{"status": "ok", "data": []}"#)),
            Some(Fault::RateLimited(after)) => Deed::Answer(rate_limited(dialect, after)),
            Some(Fault::Status(status)) => {
                let message = "the server cannot do this now";
                Deed::Answer(dialect.error(status, "unavailable", message))
            }
            Some(Fault::ContextTooLong) => Deed::Answer(context_too_long(call)),
            Some(Fault::WrongKey) => Deed::Answer(wrong_key(dialect)),
            Some(Fault::UnknownModel) => Deed::Answer(unknown_model(call)),
            Some(Fault::Says(status, body)) => Deed::Answer(Response {
                status,
                ..success(body)
            }),
            Some(Fault::Hang) => Deed::Hang,
            Some(Fault::Reset) => Deed::Reset,
        }
    }

    /// How many requests came with this body before; counts this one.
    fn attempt(&self, body: &[u8]) -> usize {
        let mut attempts = lock(&self.attempts);
        let count = attempts.entry(blake3::hash(body)).or_insert(0);
        *count += 1;
        *count - 1
    }

    /// Takes one request from the window, or says how long until the next window.
    fn spend(&self, rate: Rate) -> Result<(), Duration> {
        let mut window = lock(&self.window);
        if window.0.elapsed() >= rate.window {
            *window = (Instant::now(), 0);
        }
        if window.1 >= rate.requests {
            return Err(rate.window.saturating_sub(window.0.elapsed()));
        }
        window.1 += 1;
        Ok(())
    }
}

/// Counts a request as in flight for as long as it lives.
struct InFlight<'a> {
    count: &'a AtomicUsize,
    /// How many there are with this one.
    now: usize,
}

impl<'a> InFlight<'a> {
    fn enter(shared: &'a Shared) -> Self {
        let now = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        shared.peak.fetch_max(now, Ordering::SeqCst);
        Self {
            count: &shared.in_flight,
            now,
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // A client that left before it was accepted is no reason to stop.
        if let Ok((stream, _)) = listener.accept().await {
            shared.connections.fetch_add(1, Ordering::Relaxed);
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                // A client may leave at any time; that is its own affair.
                let _ = serve(&shared, stream).await;
            });
        }
    }
}

/// Answers the requests of one connection until one of the two sides ends it.
async fn serve(shared: &Shared, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    while let Some(request) = http::read_request(&mut stream, &mut read).await? {
        let Some(dialect) = Dialect::of(request.path()) else {
            http::send(&mut stream, &elsewhere(shared, &request).bytes()).await?;
            continue;
        };
        let in_flight = InFlight::enter(shared);
        let (delay, deed) = shared.decide(dialect, &request, in_flight.now);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        match deed {
            Deed::Answer(response) => {
                // Left before the answer, so that a client which sends its next request
                // at once is never counted twice.
                drop(in_flight);
                http::send(&mut stream, &response.bytes()).await?;
            }
            Deed::Cut(response) => {
                let bytes = response.bytes();
                let kept = bytes.len() - response.body.len() / 2;
                return http::send(&mut stream, &bytes[..kept]).await;
            }
            Deed::Hang => {
                http::wait_for_close(&mut stream).await;
                return Ok(());
            }
            Deed::Reset => return stream.set_zero_linger(),
        }
    }
    Ok(())
}

/// What stands at other paths than the two of chat: the list of models.
fn elsewhere(shared: &Shared, request: &Request) -> Response {
    if request.method == "GET" && request.path().ends_with("/models") {
        let root = lock(&shared.root).clone();
        let served = ["base-1", "tuned-1", "judge-1"].map(str::to_owned);
        let models = match shared.settings.models.as_slice() {
            [] => served.as_slice(),
            models => models,
        };
        let models: Vec<_> = models
            .iter()
            .map(|id| serde_json::json!({"id": id, "object": "model", "root": root}))
            .collect();
        return success(&serde_json::json!({"object": "list", "data": models}).to_string());
    }
    Dialect::OpenAi.error(404, "not_found", "there is nothing at this path")
}

/// A lock that a panic in a reply function does not take away from the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
