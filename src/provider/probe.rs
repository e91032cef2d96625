//! What an endpoint can do, found out by one tiny call, or by a few where that one is
//! refused.

use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::call::WITHOUT_SYSTEM_ROLE;
use super::{
    CallError, ChatRequest, ErrorClass, Finish, Provider, Reply, ReplySchema, Simulation, Try,
    Usage, request_body,
};
use crate::prompt::{Message, Role};
use crate::study::{Entry, MaxTokensField, ProviderKind, SystemRole};

/// The seed of a probing call.
const SEED: i64 = 7;

/// Most tokens of a probing reply.
const MAX_TOKENS: u32 = 16;

/// How often a server that has too much to do is asked once more.
const MOST_BUSY: u32 = 2;

/// How long it is left alone, the first time.
const WHERE_BUSY: Duration = Duration::from_secs(1);

/// The longest that it is left alone where it says for how long.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A schema with one possible property.
const SCHEMA: &str = r#"{"type":"object","properties":{"answer":{"type":"string","enum":["yes","no"]}},"required":["answer"],"additionalProperties":false}"#;

/// What an endpoint supports.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The model that the server says it serves.
    pub model: Option<String>,
    /// Server build or weights, where it says so.
    pub fingerprint: Option<String>,
    /// From sending the first call to its last byte.
    pub latency: Duration,
    /// How the reply ended, where it holds no text.
    pub empty: Option<Finish>,
    /// The limit of a reply's tokens that was sent.
    pub token_limit: TokenLimit,
    /// A message of the system role.
    pub system_role: Feature,
    /// A reply that is bound to a JSON Schema.
    pub json_schema: Feature,
    /// Log-probabilities of the reply's tokens.
    pub log_probs: Feature,
    /// A sampling seed.
    pub seed: Feature,
    /// Calls that were made.
    pub calls: u32,
    /// Tokens that they were billed.
    pub usage: Usage,
}

/// How the tokens of a reply may be limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenLimit {
    /// By the field that the entry names.
    AsNamed,
    /// By `max_completion_tokens`, since the server refuses `max_tokens` in these words.
    CompletionTokens(String),
    /// The server refuses a limit as small as that of a probe, or any, in these words.
    Refused(String),
    /// The entry is not called, or its parameters hold a limit of their own.
    NotSent,
}

impl fmt::Display for TokenLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsNamed => f.write_str("accepted"),
            Self::CompletionTokens(words) => write!(
                f,
                "max_completion_tokens in the place of max_tokens: {words}"
            ),
            Self::Refused(words) => write!(f, "not as low as {MAX_TOKENS}: {words}"),
            Self::NotSent => f.write_str("not sent"),
        }
    }
}

/// Whether a feature is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feature {
    /// It works.
    Supported,
    /// The server takes the parameter; one call cannot show whether it heeds it.
    Accepted,
    /// The server takes the parameter, and nothing shows that it heeds it.
    Ignored(String),
    /// The server refuses it, in these words.
    Refused(String),
    /// It could not be found out, for this reason.
    Unknown(String),
    /// The dialect has no such thing, or the entry does not use it.
    Absent,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Supported => f.write_str("yes"),
            Self::Accepted => f.write_str("accepted"),
            Self::Ignored(seen) => write!(f, "accepted without effect: {seen}"),
            Self::Refused(words) => write!(f, "no: {words}"),
            Self::Unknown(reason) => write!(f, "not known: {reason}"),
            Self::Absent => f.write_str("not used"),
        }
    }
}

/// Probes one base URL of an entry with one call of up to 16 tokens that uses everything,
/// with the entry's own parameters; where it is refused, with at most seven more that tell
/// what of it was. A simulated entry is not called.
///
/// # Errors
/// Where not even a plain call succeeds: its error.
pub async fn probe(
    provider: &Provider,
    entry: &Entry,
    base_url: usize,
) -> Result<Probe, CallError> {
    if entry.provider == ProviderKind::Simulated {
        return Ok(simulated());
    }
    let mut prober = Prober {
        provider,
        base_url,
        messages: [
            message(
                Role::System,
                "You answer with a few words and nothing else.",
            ),
            message(Role::User, "Say yes, then name four random words."),
        ],
        token_limit: TokenLimit::of(entry),
        calls: 0,
        usage: Usage::default(),
    };
    if let Some(probe) = prober.everything(entry).await? {
        return Ok(probe);
    }
    let (entry, plain, system_role) = prober.plain(entry).await?;
    let reply = plain.outcome.as_ref().ok();
    let model = reply.and_then(|reply| reply.model.clone());
    let fingerprint = reply.and_then(|reply| reply.fingerprint.clone());
    let json_schema = prober.json_schema(&entry).await;
    let (log_probs, seed) = match entry.provider {
        ProviderKind::Anthropic => (Feature::Absent, Feature::Absent),
        _ => prober.log_probs_and_seed(&entry).await,
    };
    Ok(Probe {
        model,
        fingerprint,
        latency: plain.received.latency,
        empty: reply.and_then(empty),
        token_limit: prober.token_limit,
        system_role,
        json_schema,
        log_probs,
        seed,
        calls: prober.calls,
        usage: prober.usage,
    })
}

/// What is known of the simulated models.
fn simulated() -> Probe {
    Probe {
        model: Some("simulated".to_owned()),
        fingerprint: Some("simulated".to_owned()),
        latency: Duration::ZERO,
        empty: None,
        token_limit: TokenLimit::NotSent,
        system_role: Feature::Supported,
        json_schema: Feature::Supported,
        log_probs: Feature::Absent,
        seed: Feature::Supported,
        calls: 0,
        usage: Usage::default(),
    }
}

fn message(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
    }
}

/// Makes the calls and counts them.
struct Prober<'a> {
    provider: &'a Provider,
    base_url: usize,
    messages: [Message; 2],
    token_limit: TokenLimit,
    calls: u32,
    usage: Usage,
}

impl TokenLimit {
    /// What is tried first.
    fn of(entry: &Entry) -> Self {
        let fields = ["max_tokens", "max_completion_tokens"];
        if fields.iter().any(|field| entry.extra.contains_key(*field)) {
            Self::NotSent
        } else {
            Self::AsNamed
        }
    }

    /// What is tried after an error; `None` where it is not about the limit, or nothing
    /// is left to try.
    fn after(&self, error: &CallError, entry: &Entry) -> Option<Self> {
        let is_of_the_limit = is_of_a_parameter(error)
            && ["max_tokens", "max_completion_tokens"]
                .iter()
                .any(|field| error.message.contains(field));
        if !is_of_the_limit || entry.provider == ProviderKind::Anthropic {
            return None;
        }
        let words = error.message.clone();
        match (self, entry.max_tokens_field) {
            (Self::AsNamed, MaxTokensField::MaxTokens) => Some(Self::CompletionTokens(words)),
            (Self::AsNamed | Self::CompletionTokens(_), _) => Some(Self::Refused(words)),
            (Self::Refused(_) | Self::NotSent, _) => None,
        }
    }
}

impl Prober<'_> {
    /// Sends a call; where its token limit is refused, again with another or none, and where
    /// the server has too much to do, after a while.
    async fn call(
        &mut self,
        entry: &Entry,
        seed: Option<i64>,
        schema: Option<&ReplySchema>,
    ) -> Try {
        let mut busy = 0;
        loop {
            let tried = self.send(entry, seed, schema).await;
            if let Err(error) = &tried.outcome
                && matches!(
                    error.class,
                    ErrorClass::RateLimited | ErrorClass::Overloaded
                )
                && busy < MOST_BUSY
            {
                busy += 1;
                let wait = error.retry_after.unwrap_or(WHERE_BUSY * busy);
                tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
                continue;
            }
            let next = match &tried.outcome {
                Err(error) => self.token_limit.after(error, entry),
                Ok(_) => None,
            };
            match next {
                Some(next) => self.token_limit = next,
                None => return tried,
            }
        }
    }

    async fn send(
        &mut self,
        entry: &Entry,
        seed: Option<i64>,
        schema: Option<&ReplySchema>,
    ) -> Try {
        let mut entry = entry.clone();
        if let TokenLimit::CompletionTokens(_) = self.token_limit {
            entry.max_tokens_field = MaxTokensField::MaxCompletionTokens;
        }
        let is_limited = matches!(
            self.token_limit,
            TokenLimit::AsNamed | TokenLimit::CompletionTokens(_)
        );
        let request = ChatRequest {
            messages: &self.messages,
            max_tokens: is_limited.then_some(MAX_TOKENS),
            seed,
            schema,
            logprobs: false,
            simulation: Simulation {
                draw: [0; 32],
                persona: "",
                truth: None,
                alignment: None,
                options: None,
            },
        };
        let body = request_body(&entry, &request);
        let tried = self.provider.call(self.base_url, &body, &request).await;
        self.calls += 1;
        if let Ok(reply) = &tried.outcome {
            self.usage.input += reply.usage.input;
            self.usage.output += reply.usage.output;
        }
        tried
    }

    /// A plain call; where a system message is refused, another without. Gives the
    /// entry with which it succeeded.
    async fn plain(&mut self, entry: &Entry) -> Result<(Entry, Try, Feature), CallError> {
        let tried = self.call(entry, None, None).await;
        let refused = match (&tried.outcome, entry.system) {
            (Ok(_), SystemRole::Message) => return Ok((entry.clone(), tried, Feature::Supported)),
            (Ok(_), SystemRole::User) => return Ok((entry.clone(), tried, Feature::Absent)),
            (Err(error), _) => error.clone(),
        };
        if entry.system == SystemRole::User || !is_of_a_parameter(&refused) {
            return Err(refused);
        }
        let mut entry = entry.clone();
        entry.system = SystemRole::User;
        let tried = self.call(&entry, None, None).await;
        if tried.outcome.is_err() {
            return Err(refused);
        }
        let mut words = refused.message;
        if !words.ends_with(WITHOUT_SYSTEM_ROLE) {
            words = format!("{words}; {WITHOUT_SYSTEM_ROLE}");
        }
        Ok((entry, tried, Feature::Refused(words)))
    }

    /// A call with all features; `None` where the server refuses some of them.
    async fn everything(&mut self, entry: &Entry) -> Result<Option<Probe>, CallError> {
        let is_anthropic = entry.provider == ProviderKind::Anthropic;
        let (asked, seed) = if is_anthropic {
            (entry.clone(), None)
        } else {
            (with_log_probs(entry), Some(SEED))
        };
        let tried = self.call(&asked, seed, schema().as_ref()).await;
        let reply = match &tried.outcome {
            Ok(reply) => reply,
            Err(error) if is_of_a_parameter(error) => return Ok(None),
            Err(error) => return Err(error.clone()),
        };
        Ok(Some(Probe {
            model: reply.model.clone(),
            fingerprint: reply.fingerprint.clone(),
            latency: tried.received.latency,
            empty: empty(reply),
            token_limit: self.token_limit.clone(),
            system_role: match entry.system {
                SystemRole::Message => Feature::Supported,
                SystemRole::User => Feature::Absent,
            },
            json_schema: of_schema(reply),
            log_probs: if is_anthropic {
                Feature::Absent
            } else {
                of_log_probs(&tried)
            },
            seed: if is_anthropic {
                Feature::Absent
            } else {
                Feature::Accepted
            },
            calls: self.calls,
            usage: self.usage,
        }))
    }

    async fn json_schema(&mut self, entry: &Entry) -> Feature {
        match self.call(entry, None, schema().as_ref()).await.outcome {
            Ok(reply) => of_schema(&reply),
            Err(error) => of_error(&error),
        }
    }

    /// Asks for both in one call, and once more with the seed alone.
    async fn log_probs_and_seed(&mut self, entry: &Entry) -> (Feature, Feature) {
        let both = self.call(&with_log_probs(entry), Some(SEED), None).await;
        let seeded = self.call(entry, Some(SEED), None).await;
        let log_probs = match &both.outcome {
            Ok(_) => of_log_probs(&both),
            // Where the seed alone is refused too, it may be the seed.
            Err(error) if seeded.outcome.is_err() => Feature::Unknown(error.message.clone()),
            Err(error) => of_error(error),
        };
        let seed = match (&both.outcome, &seeded.outcome) {
            (Ok(first), Ok(second)) if first.text == second.text => Feature::Supported,
            (Ok(_), Ok(_)) => Feature::Ignored("two calls with one seed differ".to_owned()),
            (Err(_), Ok(_)) => Feature::Accepted,
            (_, Err(error)) => of_error(error),
        };
        (log_probs, seed)
    }
}

/// The schema of a probing reply; `None` would be no JSON.
fn schema() -> Option<ReplySchema> {
    let json = RawValue::from_string(SCHEMA.to_owned()).ok()?;
    let name = "answer".to_owned();
    Some(ReplySchema { name, json })
}

fn with_log_probs(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    entry.extra.insert("logprobs".to_owned(), json!(true));
    entry
}

/// How a reply ended, where it holds no text.
fn empty(reply: &Reply) -> Option<Finish> {
    reply.text.trim().is_empty().then_some(reply.finish)
}

/// Whether a reply keeps to the schema.
fn of_schema(reply: &Reply) -> Feature {
    let answer = serde_json::from_str::<Value>(&reply.text)
        .ok()
        .and_then(|object| object["answer"].as_str().map(str::to_owned));
    match answer.as_deref() {
        Some("yes" | "no") => Feature::Supported,
        _ if reply.finish == Finish::Length => Feature::Unknown(format!(
            "the reply was cut at {MAX_TOKENS} tokens before it could tell"
        )),
        _ if reply.text.trim().is_empty() => Feature::Unknown("the reply is empty".to_owned()),
        _ => Feature::Ignored("the reply does not follow the schema".to_owned()),
    }
}

fn of_log_probs(tried: &Try) -> Feature {
    if has_log_probs(&tried.received.body) {
        Feature::Supported
    } else {
        Feature::Ignored("the reply holds none".to_owned())
    }
}

/// Whether an error may be about one of the parameters, or the system role.
fn is_of_a_parameter(error: &CallError) -> bool {
    matches!(error.class, ErrorClass::BadRequest | ErrorClass::Server)
}

/// What an error of a call says about the feature that was asked for.
fn of_error(error: &CallError) -> Feature {
    match error.class {
        // Some servers answer 500 to a parameter that they do not know.
        ErrorClass::BadRequest | ErrorClass::Server | ErrorClass::UnknownModel => {
            Feature::Refused(error.message.clone())
        }
        _ => Feature::Unknown(error.message.clone()),
    }
}

fn has_log_probs(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|completion| {
        completion["choices"][0]["logprobs"]
            .as_object()
            .is_some_and(|log_probs| log_probs.values().any(Value::is_array))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::Bytes;
    use axum::http::StatusCode;

    use super::super::Client;
    use super::super::testing::entry;
    use super::*;
    /// What a server does with a request: the status, and the text of its answer
    /// or of its error.
    type Behave = fn(&Value) -> (u16, &'static str);

    /// Probes a server that behaves so; gives the probe and what was asked.
    async fn probed(kind: ProviderKind, behave: Behave) -> (Result<Probe, CallError>, Vec<Value>) {
        probed_entry(entry(kind), behave).await
    }

    async fn probed_entry(
        mut entry: Entry,
        behave: Behave,
    ) -> (Result<Probe, CallError>, Vec<Value>) {
        let kind = entry.provider;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let answer = move |body: Bytes| async move {
            let body: Value = serde_json::from_slice(&body).unwrap();
            let (status, text) = behave(&body);
            let log_probs = (body["logprobs"] == true && status == 200)
                .then(|| json!({"content": [{"token": "yes", "logprob": -0.1}]}));
            log.lock().unwrap().push(body);
            let answer = match (status, kind) {
                (200, ProviderKind::Anthropic) => json!({
                    "model": "served",
                    "content": [{"type": "tool_use", "input": {"answer": "yes"}}],
                }),
                (200, _) => json!({
                    "model": "served",
                    "system_fingerprint": "fp",
                    "choices": [{"message": {"content": text}, "logprobs": log_probs, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 2},
                }),
                _ => json!({"error": {"message": text}}),
            };
            (StatusCode::from_u16(status).unwrap(), answer.to_string())
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        entry.base_urls = vec![format!("http://{}", listener.local_addr().unwrap())];
        tokio::spawn(async move {
            axum::serve(listener, Router::new().fallback(answer))
                .await
                .unwrap();
        });
        let provider = Provider::new(&entry, None, &Client::new()).unwrap();
        let probe = probe(&provider, &entry, 0).await;
        let asked = asked.lock().unwrap().clone();
        (probe, asked)
    }

    fn bound(body: &Value) -> bool {
        body.get("response_format").is_some()
    }

    #[tokio::test]
    async fn a_server_that_can_everything_is_known_by_one_tiny_call() {
        let (probe, asked) = probed(ProviderKind::OpenAi, |body| {
            (
                200,
                if bound(body) {
                    r#"{"answer": "no"}"#
                } else {
                    "yes"
                },
            )
        })
        .await;
        let probe = probe.unwrap();
        assert_eq!(probe.model.as_deref(), Some("served"));
        assert_eq!(probe.token_limit, TokenLimit::AsNamed);
        assert_eq!(probe.fingerprint.as_deref(), Some("fp"));
        assert!(probe.latency > Duration::ZERO);
        let features = [
            probe.system_role,
            probe.json_schema,
            probe.log_probs,
            probe.seed,
        ];
        let supported = || Feature::Supported;
        assert_eq!(
            features,
            [supported(), supported(), supported(), Feature::Accepted]
        );
        assert_eq!(probe.calls, 1);
        assert_eq!(
            probe.usage,
            Usage {
                input: 10,
                output: 2
            }
        );
        assert_eq!(asked.len(), 1);
        assert!(asked.iter().all(|body| body["max_tokens"] == 16));
    }

    #[tokio::test]
    async fn an_empty_reply_is_told_of() {
        let empty: [Behave; 2] = [|_| (200, ""), |_| (200, "\n")];
        for behave in empty {
            let probe = probed(ProviderKind::OpenAi, behave).await.0.unwrap();
            assert_eq!(probe.empty, Some(Finish::Stop));
            let unknown = Feature::Unknown("the reply is empty".to_owned());
            assert_eq!(probe.json_schema, unknown);
        }
        let said = probed(ProviderKind::OpenAi, |_| (200, "yes")).await.0;
        assert_eq!(said.unwrap().empty, None);
    }

    #[tokio::test]
    async fn what_a_server_refuses_is_told_in_its_words() {
        let (probe, _) = probed(ProviderKind::OpenAi, |body| {
            if bound(body) {
                (500, "no schemas here")
            } else if body.get("logprobs").is_some() {
                (400, "no logprobs here")
            } else {
                (200, "yes")
            }
        })
        .await;
        let probe = probe.unwrap();
        assert!(matches!(&probe.json_schema, Feature::Refused(m) if m.contains("no schemas")));
        assert!(matches!(&probe.log_probs, Feature::Refused(m) if m.contains("no logprobs")));
        assert_eq!(probe.seed, Feature::Accepted);
    }

    #[tokio::test]
    async fn a_probe_limits_its_tokens_in_the_field_that_the_entry_names() {
        let mut entry = entry(ProviderKind::OpenAi);
        entry.max_tokens_field = MaxTokensField::MaxCompletionTokens;
        entry.max_tokens = Some(2000);
        let (probe, asked) = probed_entry(entry, |body| match body.get("max_tokens") {
            Some(_) => (400, "Unsupported parameter: 'max_tokens'"),
            None => (200, "yes"),
        })
        .await;
        assert_eq!(probe.unwrap().system_role, Feature::Supported);
        assert!(!asked.is_empty());
        for body in asked {
            assert_eq!(body["max_completion_tokens"], 16, "{body}");
        }
    }

    #[tokio::test]
    async fn a_server_that_refuses_max_tokens_is_probed_with_the_other_field() {
        let (probe, asked) = probed(ProviderKind::OpenAi, |body| match body.get("max_tokens") {
            Some(_) => (400, "Unsupported parameter: 'max_tokens'"),
            None => (200, "yes"),
        })
        .await;
        let probe = probe.unwrap();
        let said = probe.token_limit.to_string();
        assert!(
            said.starts_with("max_completion_tokens in the place"),
            "{said}"
        );
        assert_eq!((probe.calls, asked.len()), (2, 2));
        assert_eq!(asked[1]["max_completion_tokens"], 16);
    }

    #[tokio::test]
    async fn a_server_that_refuses_every_small_limit_is_probed_without() {
        let (probe, asked) = probed(ProviderKind::OpenAi, |body| {
            if body.get("max_tokens").is_some() || body.get("max_completion_tokens").is_some() {
                (400, "max_tokens or model output limit was reached")
            } else {
                (200, "yes")
            }
        })
        .await;
        let probe = probe.unwrap();
        assert!(matches!(&probe.token_limit, TokenLimit::Refused(m) if m.contains("was reached")));
        assert_eq!((probe.calls, asked.len()), (3, 3));
    }

    #[tokio::test]
    async fn a_refused_system_role_is_found_and_gone_around() {
        let (probe, asked) = probed(
            ProviderKind::OpenAi,
            |body| match &body["messages"][0]["role"] {
                Value::String(role) if role == "system" => (400, "System role not supported"),
                _ => (200, "yes"),
            },
        )
        .await;
        let probe = probe.unwrap();
        assert!(matches!(&probe.system_role, Feature::Refused(m)
            if m.contains("System role") && m.ends_with("write system = \"user\" in the entry")));
        assert_eq!(
            probe.json_schema,
            Feature::Ignored("the reply does not follow the schema".to_owned())
        );
        assert_eq!((probe.calls, asked.len()), (6, 6));
    }

    #[tokio::test]
    async fn a_server_that_is_busy_is_asked_again() {
        static BUSY: AtomicUsize = AtomicUsize::new(0);
        let behave: Behave = |_| match BUSY.fetch_add(1, Ordering::Relaxed) {
            0 => (429, "slow down"),
            1 => (503, "overloaded"),
            _ => (200, "yes"),
        };
        let (probe, asked) = probed(ProviderKind::OpenAi, behave).await;
        assert_eq!((probe.unwrap().calls, asked.len()), (3, 3));
        let (probe, asked) = probed(ProviderKind::OpenAi, |_| (529, "overloaded")).await;
        assert_eq!(asked.len(), 3);
        assert_eq!(probe.unwrap_err().class, ErrorClass::Overloaded);
    }

    #[tokio::test]
    async fn anthropic_has_schemas_but_no_seed_and_no_log_probs() {
        let (probe, asked) = probed(ProviderKind::Anthropic, |_| (200, "")).await;
        let probe = probe.unwrap();
        assert_eq!(probe.json_schema, Feature::Supported);
        assert_eq!(probe.log_probs, Feature::Absent);
        assert_eq!(probe.seed, Feature::Absent);
        assert_eq!(asked.len(), 1);
    }

    #[tokio::test]
    async fn a_server_that_refuses_the_key_is_asked_once() {
        let (probe, asked) = probed(ProviderKind::OpenAi, |_| (401, "bad key")).await;
        assert_eq!(probe.unwrap_err().class, ErrorClass::Auth);
        assert_eq!(asked.len(), 1);
    }

    #[tokio::test]
    async fn a_simulated_entry_is_not_called() {
        let entry = entry(ProviderKind::Simulated);
        let provider = Provider::new(&entry, None, &Client::new()).unwrap();
        let probe = probe(&provider, &entry, 0).await.unwrap();
        assert_eq!(probe.calls, 0);
        assert_eq!(probe.model.as_deref(), Some("simulated"));
    }
}
