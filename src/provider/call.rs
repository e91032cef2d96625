//! An entry that can be asked, whatever is behind it.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;

use super::client::Client;
use super::endpoint::{Endpoint, SetupError};
use super::{
    CallError, ChatRequest, ErrorClass, Received, Reply, anthropic, error, openai, simulated,
};
use crate::study::{Entry, ProviderKind};

/// A model or judge, ready to be asked.
pub struct Provider {
    way: Way,
}

/// How it is reached.
enum Way {
    Http { client: Client, endpoint: Endpoint },
    Simulated(Box<Entry>),
}

/// One try: what came, and what it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    /// The raw side.
    pub received: Received,
    /// The reply, or why there is none.
    pub outcome: Result<Reply, CallError>,
}

impl Provider {
    /// Of an entry with its key, over the connections of `client`.
    ///
    /// # Errors
    /// Where no call could be made: a URL, header or key that cannot be used, or
    /// an entry whose answers are in a file.
    pub fn new(
        entry: &Entry,
        key: Option<&SecretString>,
        client: &Client,
    ) -> Result<Self, SetupError> {
        let way = match entry.provider {
            ProviderKind::File => {
                return Err(SetupError::NotAsked {
                    entry: entry.name.clone(),
                });
            }
            ProviderKind::Simulated => Way::Simulated(Box::new(entry.clone())),
            ProviderKind::OpenAi | ProviderKind::Anthropic => {
                let endpoint = Endpoint::new(entry, key)?;
                for url in &endpoint.urls {
                    client.pool(url)?;
                }
                Way::Http {
                    client: client.clone(),
                    endpoint,
                }
            }
        };
        Ok(Self { way })
    }

    /// What limits of rate go by, one value for each base URL: equal where one server is
    /// asked with one key. None for a simulated entry.
    pub fn accounts(&self) -> Vec<[u8; 32]> {
        match &self.way {
            Way::Http { endpoint, .. } => endpoint.accounts.clone(),
            Way::Simulated(_) => Vec::new(),
        }
    }

    /// Makes one try of a call at the entry's base URL of this index.
    ///
    /// `body` is what [`request_body`](super::request_body) gave for `request`.
    /// The key stands in nothing that is returned.
    pub async fn call(&self, base_url: usize, body: &Bytes, request: &ChatRequest<'_>) -> Try {
        let (client, endpoint) = match &self.way {
            Way::Http { client, endpoint } => (client, endpoint),
            Way::Simulated(entry) => {
                let received = simulated::reply(entry, request);
                let outcome = read_reply(entry.provider, received.status, &received.body);
                return Try { received, outcome };
            }
        };
        let Some(url) = endpoint.urls.get(base_url) else {
            let message = format!("the entry has no base_url number {}", base_url + 1);
            return Try {
                received: Received::default(),
                outcome: Err(CallError::new(ErrorClass::BadRequest, message)),
            };
        };
        let (received, failure) = client.send(endpoint, url, body.clone()).await;
        let outcome = match failure {
            Some(failure) => Err(failure),
            None => read_reply(endpoint.kind, received.status, &received.body),
        };
        let outcome = outcome.map_err(|failure| CallError {
            message: endpoint
                .redactor
                .text(error::with_address(with_advice(&failure), &received)),
            retry_after: error::retry_after(&received.headers, Timestamp::now())
                .or(failure.retry_after),
            ..failure
        });
        Try { received, outcome }
    }
}

/// What to do where a server refuses messages of the system role.
pub(super) const WITHOUT_SYSTEM_ROLE: &str = "write system = \"user\" in the entry";

/// An error's message, and what to do where its words are about the system role.
fn with_advice(error: &CallError) -> String {
    let words = error.message.to_lowercase();
    let is_of_system_role = words.contains("system") && words.contains("role")
        || words.contains("roles must alternate");
    if is_of_system_role && matches!(error.class, ErrorClass::BadRequest | ErrorClass::Server) {
        format!("{}; {WITHOUT_SYSTEM_ROLE}", error.message)
    } else {
        error.message.clone()
    }
}

impl Provider {
    /// What the server's list of models says is behind the model's name, at the
    /// entry's base URL of this index: vLLM names the weights it has loaded. `None`
    /// where the server says nothing, or nothing in time. Costs no tokens.
    pub async fn root(&self, base_url: usize, model: &str) -> Option<String> {
        let Way::Http { client, endpoint } = &self.way else {
            return None;
        };
        let url = endpoint.urls.get(base_url)?;
        let listed = url.as_str().strip_suffix("/chat/completions")?;
        let list = Url::parse(&format!("{listed}/models")).ok()?;
        let body = client.get(endpoint, &list, LIST_TIMEOUT).await?;
        let list: ModelList = serde_json::from_slice(&body).ok()?;
        let found = list.data.into_iter().find(|listed| listed.id == model)?;
        found.root
    }
}

/// How long a server's list of models is waited for.
const LIST_TIMEOUT: Duration = Duration::from_secs(3);

/// The list of models, as far as it is of use.
#[derive(Deserialize)]
struct ModelList {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
    root: Option<String>,
}

/// Reads what was received, live or out of a store: the same bytes always give
/// the same reply or error. A status of 0 stands for a connection that failed.
/// A wait that the server asked for in a header is not known here.
pub fn read_reply(kind: ProviderKind, status: u16, body: &[u8]) -> Result<Reply, CallError> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    match (status, kind) {
        (0, _) => Err(CallError::new(
            ErrorClass::Network,
            "the connection failed before a whole answer came",
        )),
        (200..300, ProviderKind::Anthropic) => anthropic::read(body),
        (200..300, _) => openai::read(body),
        _ => error::of_status(status, body),
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
