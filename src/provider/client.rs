//! One try of one call over HTTP.
//!
//! Exactly one request reaches the server for each [`Client::send`], so that what
//! is stored can be counted against the server's own log. (A request that could
//! not be written because its idle connection had just been closed is written
//! again by the connection pool; the server has seen nothing of the first.)
//! Nothing is retried here: the engine knows the bounds.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, Request, Url, redirect};

use super::endpoint::{Endpoint, SetupError};
use super::error::shown;
use super::{CallError, ErrorClass, Received};

/// Longest time until a connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept: less than the 5 seconds after which
/// common servers (uvicorn, Node) close theirs, since a request that crosses with
/// the closing is lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Most bytes of a body. A reply of 100,000 tokens is under 1 MiB.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The connections to all servers, shared by all entries; cheap to clone.
///
/// HTTP/1.1 only: over HTTP/2 all calls to a host would share one connection and
/// its limit of about 100 streams. System proxies are used, but never for this
/// machine's own addresses, as a local model is not behind one.
#[derive(Clone, Default)]
pub struct Client {
    pools: Arc<Pools>,
}

#[derive(Default)]
struct Pools {
    /// For this machine's own addresses.
    direct: OnceLock<reqwest::Client>,
    /// For all others.
    proxied: OnceLock<reqwest::Client>,
}

impl Client {
    /// Without any connection yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The connections for a URL, made when they are first asked for, since
    /// reading the system's certificates takes time that a simulated run saves.
    pub(super) fn pool(&self, url: &Url) -> Result<&reqwest::Client, SetupError> {
        let local = is_this_machine(url);
        let pool = if local {
            &self.pools.direct
        } else {
            &self.pools.proxied
        };
        if let Some(pool) = pool.get() {
            return Ok(pool);
        }
        let made = connect_pool(local).map_err(|error| SetupError::Client {
            problem: innermost(&error),
        })?;
        Ok(pool.get_or_init(|| made))
    }

    /// Sends a body once. What came is returned even where it failed: with status
    /// 0 where no whole answer came, and the error that says what happened. An
    /// answer that is no success is no error here; its status tells.
    pub(super) async fn send(
        &self,
        endpoint: &Endpoint,
        url: &Url,
        body: Bytes,
    ) -> (Received, Option<CallError>) {
        let pool = match self.pool(url) {
            Ok(pool) => pool,
            Err(error) => {
                let error = CallError::new(ErrorClass::Network, error.to_string());
                return (Received::default(), Some(error));
            }
        };
        let mut request = Request::new(Method::POST, url.clone());
        *request.headers_mut() = endpoint.headers.clone();
        *request.body_mut() = Some(body.into());

        let started = Instant::now();
        let mut received = Received::default();
        let exchange = exchange(pool, request, &mut received);
        let failure = match tokio::time::timeout(endpoint.timeout, exchange).await {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure),
            Err(_) => Some(Failure::TimedOut),
        };
        received.latency = started.elapsed();

        let success = (200..300).contains(&received.status);
        received.body = endpoint.redactor.body(received.body, success);
        for (_, value) in &mut received.headers {
            *value = endpoint.redactor.text(std::mem::take(value));
        }
        let error = failure.and_then(|failure| {
            let error = failure.error(endpoint, url, &received)?;
            if matches!(error.class, ErrorClass::Network | ErrorClass::Lost) {
                received.status = 0;
            }
            Some(error)
        });
        (received, error)
    }
}

impl Client {
    /// The body of a page that the server gives for nothing; `None` where it does
    /// not, or not in time.
    pub(super) async fn get(
        &self,
        endpoint: &Endpoint,
        url: &Url,
        within: Duration,
    ) -> Option<Vec<u8>> {
        let mut request = Request::new(Method::GET, url.clone());
        *request.headers_mut() = endpoint.headers.clone();
        let mut received = Received::default();
        let exchange = exchange(self.pool(url).ok()?, request, &mut received);
        let ended = tokio::time::timeout(within, exchange).await;
        let is_whole = matches!(ended, Ok(Ok(()))) && received.status == 200;
        is_whole.then(|| endpoint.redactor.body(received.body, true))
    }
}

/// Why an exchange did not end well.
enum Failure {
    TimedOut,
    TooLarge,
    Transport(reqwest::Error),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error)
    }
}

impl Failure {
    /// Whether the server cannot have seen the request.
    fn is_before_sending(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_connect() || error.is_dns(),
            Self::TimedOut | Self::TooLarge => false,
        }
    }

    /// The error, or `None` where the status that came tells enough: a 500 whose
    /// body was cut is a 500.
    fn error(&self, endpoint: &Endpoint, url: &Url, received: &Received) -> Option<CallError> {
        if received.status >= 300 {
            return None;
        }
        let server = server_of(url);
        let bytes = received.body.len();
        let answered = received.status != 0;
        let seconds = endpoint.timeout.as_secs_f64();
        let message = match self {
            Self::TooLarge => {
                let message = format!("the answer of {server} is longer than {MOST_BYTES} bytes");
                return Some(CallError::new(ErrorClass::Malformed, message));
            }
            Self::TimedOut if answered => {
                format!(
                    "the answer of {server} was not whole within {seconds} s: {bytes} bytes came"
                )
            }
            Self::TimedOut => format!("no answer of {server} within {seconds} s"),
            Self::Transport(error) if is_out_of_files(error) => {
                let message = format!(
                    "could not connect to {server}: this process may hold no more files and connections open [`ulimit -n` says how many, and a larger number after it raises that]"
                );
                return Some(CallError::new(ErrorClass::OpenFiles, message));
            }
            Self::Transport(error) if error.is_dns() => {
                format!("the host of {server} cannot be found: {}", innermost(error))
            }
            Self::Transport(error) if error.is_connect() && error.is_timeout() => {
                let seconds = CONNECT_TIMEOUT.as_secs();
                format!("could not connect to {server} within {seconds} s")
            }
            Self::Transport(error) if is_untrusted(error) => {
                let why = innermost(error);
                let message = format!(
                    "the certificate of {server} is not trusted: {why} [add the one that signed it to those of this machine, or name its file in SSL_CERT_FILE]"
                );
                let message = endpoint.redactor.text(message);
                return Some(CallError::new(ErrorClass::Untrusted, message));
            }
            Self::Transport(error) if error.is_connect() => {
                format!("could not connect to {server}: {}", innermost(error))
            }
            Self::Transport(error) => {
                let cause = if is_reset(error) {
                    "the server reset the connection".to_owned()
                } else {
                    innermost(error)
                };
                if answered {
                    format!("the answer of {server} broke off after {bytes} bytes: {cause}")
                } else {
                    format!("no answer of {server}: {cause}")
                }
            }
        };
        let message = endpoint.redactor.text(message);
        let class = if self.is_before_sending() {
            ErrorClass::Network
        } else {
            ErrorClass::Lost
        };
        Some(CallError::new(class, message))
    }
}

/// Sends the request and reads the answer into `received` as it comes, so that
/// what came is there whenever this ends.
async fn exchange(
    pool: &reqwest::Client,
    request: Request,
    received: &mut Received,
) -> Result<(), Failure> {
    let mut response = pool.execute(request).await?;
    received.status = response.status().as_u16();
    received.headers = kept_headers(response.headers());
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(MOST_BYTES);
    received.body.reserve(announced.min(MOST_BYTES / 64));
    while let Some(chunk) = response.chunk().await? {
        let room = MOST_BYTES - received.body.len();
        if chunk.len() > room {
            received.body.extend_from_slice(&chunk[..room]);
            return Err(Failure::TooLarge);
        }
        received.body.extend_from_slice(&chunk);
    }
    Ok(())
}

/// The headers that a run keeps: ids to ask the provider about, limits, and what
/// served the call.
fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| is_kept(name))
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            let value = match name.as_str() {
                "location" => without_secrets(value),
                _ => value.to_owned(),
            };
            Some((name.as_str().to_owned(), value))
        })
        .collect()
}

/// Scheme, host and path of an address: its user and its query may hold a key.
fn without_secrets(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match address.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}//{host}{path}")
        }
        _ => address.to_owned(),
    }
}

fn is_kept(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(
        name,
        "x-request-id"
            | "request-id"
            | "apim-request-id"
            | "cf-ray"
            | "retry-after"
            | "retry-after-ms"
            | "x-ms-region"
            | "openai-processing-ms"
            | "openai-version"
            | "location"
    ) || name.starts_with("x-ratelimit-")
        || name.starts_with("anthropic-ratelimit-")
}

/// Whether a URL names this machine.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn connect_pool(local: bool) -> reqwest::Result<reqwest::Client> {
    // The first one stands for the process; it fails where there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("oyer/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(usize::MAX)
            // A redirected request could carry the key to another server.
            .redirect(redirect::Policy::none());
        if local { builder.no_proxy() } else { builder }
    };
    // A machine without certificates can still talk to a server in the clear; with
    // none trusted, an encrypted connection fails and says why.
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
}

/// Scheme, host and port: all of a URL that is surely no secret.
fn server_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The cause at the bottom of an error, which says what happened.
fn innermost(error: &reqwest::Error) -> String {
    let mut message = None;
    let mut source = error.source();
    while let Some(cause) = source {
        message = Some(cause.to_string());
        source = cause.source();
    }
    shown(&message.unwrap_or_else(|| error.to_string()), 200)
}

/// Whether the server showed a certificate that nobody vouches for.
fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(rustls::Error::InvalidCertificate(_)) = of_tls(cause) {
            return true;
        }
        source = cause.source();
    }
    false
}

/// What went wrong with the encryption, which stands within errors of input and output.
fn of_tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return of_tls(error.get_ref()?);
    }
    error.downcast_ref()
}

fn is_reset(error: &reqwest::Error) -> bool {
    is_of_system(error, |cause| {
        cause.kind() == io::ErrorKind::ConnectionReset
    })
}

/// Whether nothing could be opened, for a limit of this process or of this machine.
fn is_out_of_files(error: &reqwest::Error) -> bool {
    // ENFILE and EMFILE of Unix, WSAEMFILE of Windows.
    is_of_system(error, |cause| {
        matches!(cause.raw_os_error(), Some(23 | 24 | 10_024))
    })
}

/// Whether such an error of the system is among the causes.
fn is_of_system(error: &reqwest::Error, is_such: impl Fn(&io::Error) -> bool) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.downcast_ref::<io::Error>().is_some_and(&is_such) {
            return true;
        }
        source = cause.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://127.0.0.1:8000/v1", true)]
    #[case("http://127.8.0.1", true)]
    #[case("http://[::1]:8000", true)]
    #[case("http://localhost:8000", true)]
    #[case("https://api.openai.com/v1", false)]
    #[case("http://192.168.0.1", false)]
    #[case("http://localhost.example.com", false)]
    fn this_machine_is_known(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(is_this_machine(&Url::parse(url).unwrap()), expected);
    }

    #[test]
    fn a_server_is_named_without_its_secrets() {
        let url = Url::parse("https://user:pass@h:8443/v1?key=1").unwrap();
        assert_eq!(server_of(&url), "https://h:8443");
    }

    #[test]
    fn an_address_is_kept_without_its_user_and_its_query() {
        for (address, said) in [
            (
                "https://user:pw@a.example:8/v1/x?key=abc",
                "https://a.example:8/v1/x",
            ),
            ("https://u@b:p@a.example#key", "https://a.example"),
            ("//u:p@a.example/@x", "//a.example/@x"),
            ("/login//next@x?key=abc", "/login//next@x"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(address), said);
        }
    }
}
