//! Calls against real sockets: a tiny HTTP server that records what it is sent,
//! and raw ones that misbehave.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use rstest::rstest;

use super::super::testing::{conversation, entry, request};
use super::super::{Finish, RateLimits, request_body};
use super::*;

const KEY: &str = "sk-secret/key+123=";

const OK: &str = r#"{"model":"served","choices":[{"message":{"content":"Fine."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#;

/// What a server was sent.
#[derive(Debug, Clone)]
struct Seen {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A server that gives every request this answer and records the requests.
async fn server(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> (String, Arc<Mutex<Vec<Seen>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let body = body.into();
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect();
    let answer = move |uri: Uri, sent: HeaderMap, received: Bytes| async move {
        log.lock().unwrap().push(Seen {
            uri,
            headers: sent,
            body: received,
        });
        (StatusCode::from_u16(status).unwrap(), headers, body)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        axum::serve(listener, Router::new().fallback(answer))
            .await
            .unwrap();
    });
    (url, seen)
}

/// A server that does this with its first connection.
fn raw_server(behave: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || behave(listener.accept().unwrap().0));
    url
}

/// A certificate for `localhost` that nobody but itself vouches for, to the year 2126.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUWrg69x8G3jnpqX+IcH72UD8t/MEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDEwMzg1NloYDzIxMjYxMTA2
MTAzODU2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS7ZTMxJou/3D5XyXTuO6knqTC3xyWTQJ9eKDScSqLtSaNEilIwS6dz
km2ElizWbHe/Vgm586SNZlgkFJ9fS4Zoo2kwZzAdBgNVHQ4EFgQUf5jr7knT1yZy
sinaXncDFKMaMl4wHwYDVR0jBBgwFoAUf5jr7knT1yZysinaXncDFKMaMl4wDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgB2OSrQ3LurY4k9YD9ctpnsKluhu/mIhJSsZWQQYrgA0CIQDMR5uSDWyN
C5xfickrJfDOZ6N8wAsfYMC9MEtbdCU3Dg==
-----END CERTIFICATE-----";

/// The key of [`CERTIFICATE`], which is of no use elsewhere.
const CERTIFICATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0+6y7b/NIAo/ROCc
LXM2t+aut8kV3TXpEaYaMsUQ+96hRANCAAS7ZTMxJou/3D5XyXTuO6knqTC3xyWT
QJ9eKDScSqLtSaNEilIwS6dzkm2ElizWbHe/Vgm586SNZlgkFJ9fS4Zo
-----END PRIVATE KEY-----";

/// A server that begins to talk in secret, as itself.
fn untrusted_server() -> String {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(CERTIFICATE_KEY.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
    let url = raw_server(move |mut stream| {
        let _ = connection.complete_io(&mut stream);
    });
    url.replace("http://", "https://")
}

/// Reads a request to the end of its JSON body.
fn read_request(stream: &mut TcpStream) {
    let mut sent = Vec::new();
    let mut buffer = [0; 4096];
    while !sent.ends_with(b"}") {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the client hung up");
        sent.extend_from_slice(&buffer[..count]);
    }
}

/// Asks an entry once.
async fn ask(entry: &Entry, key: Option<&str>) -> Try {
    let key = key.map(SecretString::from);
    let provider = Provider::new(entry, key.as_ref(), &Client::new()).unwrap();
    let messages = conversation();
    let request = request(&messages);
    provider
        .call(0, &request_body(entry, &request), &request)
        .await
}

fn at(kind: ProviderKind, base_url: impl Into<String>) -> Entry {
    let mut entry = entry(kind);
    entry.base_urls = vec![base_url.into()];
    entry
}

fn network_message(tried: Try) -> String {
    let error = tried.outcome.unwrap_err();
    let is_before_sending = error.message.contains("connect to") || error.message.contains("found");
    let class = if is_before_sending {
        ErrorClass::Network
    } else {
        ErrorClass::Lost
    };
    assert_eq!(error.class, class, "{error}");
    assert_eq!(tried.received.status, 0);
    error.message
}

#[tokio::test]
async fn openai_is_asked_with_a_bearer_key_and_own_headers() {
    let (url, seen) = server(
        200,
        &[
            ("x-request-id", "req_1"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "30s"),
            ("set-cookie", "tracking=1"),
        ],
        OK,
    )
    .await;
    let mut entry = at(ProviderKind::OpenAi, format!("{url}/v1"));
    entry
        .headers
        .insert("X-Title".to_owned(), "study".to_owned());
    let tried = ask(&entry, Some(KEY)).await;

    let reply = tried.outcome.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("Fine.", Finish::Stop));
    assert_eq!(tried.received.status, 200);
    assert_eq!(tried.received.body, OK.as_bytes());
    assert!(tried.received.latency > Duration::ZERO);
    let kept = &tried.received.headers;
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept.contains(&("x-request-id".to_owned(), "req_1".to_owned())));
    let now = Timestamp::now();
    assert!(RateLimits::from_headers(kept, now).pause(now).is_some());

    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].uri.path(), "/v1/chat/completions");
    assert_eq!(
        seen[0].header("authorization"),
        Some("Bearer sk-secret/key+123=")
    );
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!(seen[0].header("x-title"), Some("study"));
    assert!(seen[0].header("user-agent").unwrap().starts_with("oyer/"));
    let messages = conversation();
    assert_eq!(seen[0].body, request_body(&entry, &request(&messages)));
}

#[tokio::test]
async fn azure_is_asked_with_its_version_and_key_header() {
    let (url, seen) = server(200, &[], OK).await;
    let mut entry = at(ProviderKind::OpenAi, &url);
    entry.model = "my deployment".to_owned();
    entry.api_version = Some("2024-10-21".to_owned());
    ask(&entry, Some(KEY)).await.outcome.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(
        seen[0].uri,
        "/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(seen[0].header("api-key"), Some(KEY));
    assert_eq!(seen[0].header("authorization"), None);
}

#[tokio::test]
async fn anthropic_is_asked_with_its_key_and_version_headers() {
    let body = r#"{"content":[{"type":"text","text":"Fine."}],"stop_reason":"end_turn"}"#;
    let (url, seen) = server(200, &[("request-id", "req_1")], body).await;
    let tried = ask(&at(ProviderKind::Anthropic, &url), Some(KEY)).await;
    assert_eq!(tried.outcome.unwrap().text, "Fine.");
    assert_eq!(tried.received.headers.len(), 1);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].uri.path(), "/v1/messages");
    assert_eq!(seen[0].header("x-api-key"), Some(KEY));
    assert_eq!(seen[0].header("anthropic-version"), Some("2023-06-01"));
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let (url, seen) = server(200, &[], OK).await;
    ask(&at(ProviderKind::OpenAi, &url), None)
        .await
        .outcome
        .unwrap();
    assert_eq!(seen.lock().unwrap()[0].header("authorization"), None);
}

#[tokio::test]
async fn an_error_answer_is_kept_and_classed_with_its_wait() {
    let body = r#"{"error":{"message":"slow down","code":"rate_limit_exceeded"}}"#;
    let (url, _) = server(429, &[("retry-after", "7")], body).await;
    let tried = ask(&at(ProviderKind::OpenAi, &url), Some(KEY)).await;
    let error = tried.outcome.unwrap_err();
    assert_eq!(error.class, ErrorClass::RateLimited);
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(tried.received.status, 429);
    assert_eq!(tried.received.body, body.as_bytes());
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let (target, seen) = server(200, &[], OK).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let user = target.replace("http://", "http://user:pw@");
    let location = format!("{user}/elsewhere?key=1");
    let answer = move || async move { (StatusCode::TEMPORARY_REDIRECT, [("location", location)]) };
    tokio::spawn(async move {
        axum::serve(listener, Router::new().fallback(answer))
            .await
            .unwrap();
    });
    let tried = ask(&at(ProviderKind::OpenAi, &url), Some(KEY)).await;
    let error = tried.outcome.unwrap_err();
    assert_eq!(error.class, ErrorClass::BadRequest);
    let said =
        format!("[set `base_url` to where the server sends its callers], {target}/elsewhere");
    assert!(error.message.ends_with(&said), "{error}");
    // Nor is what may be secret in the address kept.
    let kept = ("location".to_owned(), format!("{target}/elsewhere"));
    assert_eq!(tried.received.headers, [kept]);
    assert!(seen.lock().unwrap().is_empty());
}

#[rstest]
#[case::as_it_is(401, KEY)]
#[case::in_a_url(401, "sk-secret%2Fkey%2B123%3D")]
#[case::as_json_escapes_it(401, r"sk-secret\/key+123=")]
#[case::in_a_success(200, KEY)]
#[tokio::test]
async fn a_key_that_the_server_repeats_is_masked(#[case] status: u16, #[case] form: &str) {
    let body = format!(r#"{{"error":{{"message":"wrong key: Bearer {form}"}}}}"#);
    let (url, _) = server(status, &[], body).await;
    let tried = ask(&at(ProviderKind::OpenAi, &url), Some(KEY)).await;
    let kept = String::from_utf8(tried.received.body.clone()).unwrap();
    assert_eq!(kept, r#"{"error":{"message":"wrong key: Bearer [key]"}}"#);
    let error = tried.outcome.clone().unwrap_err();
    assert!(error.message.contains("wrong key: Bearer [key]"), "{error}");
    assert!(!format!("{tried:?}").contains("secret"));
}

#[tokio::test]
async fn a_key_in_a_header_is_masked() {
    let (url, _) = server(200, &[("x-request-id", "req-sk-secret/key+123=")], OK).await;
    let tried = ask(&at(ProviderKind::OpenAi, &url), Some(KEY)).await;
    assert_eq!(tried.received.headers[0].1, "req-[key]");
}

#[tokio::test]
async fn a_refused_connection_is_said() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let tried = ask(&at(ProviderKind::OpenAi, format!("http://{address}")), None).await;
    let message = network_message(tried);
    assert!(
        message.starts_with(&format!("could not connect to http://{address}: ")),
        "{message}"
    );
}

#[tokio::test]
async fn a_host_that_cannot_be_found_is_said() {
    // A label of more than 63 characters is no name, so no server is asked for it.
    let host = format!("http://{}.invalid", "h".repeat(64));
    let message = network_message(ask(&at(ProviderKind::OpenAi, &host), None).await);
    assert!(message.contains(&host), "{message}");
}

#[tokio::test]
async fn a_reset_connection_is_said() {
    let url = raw_server(|stream| {
        // Closing with a request unread resets the connection.
        let mut first = [0; 1];
        stream.peek(&mut first).unwrap();
    });
    let message = network_message(ask(&at(ProviderKind::OpenAi, &url), None).await);
    assert!(message.starts_with("no answer of http://"), "{message}");
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_is_said_and_not_tried_again() {
    let connections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&connections);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            *count.lock().unwrap() += 1;
            read_request(&mut stream.unwrap());
        }
    });
    let message = network_message(ask(&at(ProviderKind::OpenAi, &url), None).await);
    assert!(message.starts_with("no answer of http://"), "{message}");
    assert_eq!(*connections.lock().unwrap(), 1);
}

#[rstest]
#[case::by_length("Content-Length: 500\r\n\r\n{\"choices\":[{\"mess")]
#[case::by_chunk("Transfer-Encoding: chunked\r\n\r\n12\r\n{\"choices\":[{\"mess\r\n")]
#[tokio::test]
async fn a_cut_body_is_said_and_what_came_is_kept(#[case] rest: &'static str) {
    let url = raw_server(move |mut stream| {
        read_request(&mut stream);
        write!(stream, "HTTP/1.1 200 OK\r\nX-Request-Id: req_1\r\n{rest}").unwrap();
    });
    let tried = ask(&at(ProviderKind::OpenAi, &url), None).await;
    assert_eq!(tried.received.body, b"{\"choices\":[{\"mess");
    assert_eq!(tried.received.headers.len(), 1);
    let message = network_message(tried);
    assert!(message.contains("broke off after 18 bytes"), "{message}");
}

#[tokio::test]
async fn a_cut_body_of_an_error_is_still_that_error() {
    let url = raw_server(|mut stream| {
        read_request(&mut stream);
        write!(
            stream,
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 500\r\n\r\nno key"
        )
        .unwrap();
    });
    let tried = ask(&at(ProviderKind::OpenAi, &url), None).await;
    assert_eq!(tried.received.status, 401);
    assert_eq!(tried.outcome.unwrap_err().class, ErrorClass::Auth);
}

#[rstest]
#[case::before_the_answer("", "no answer of http://")]
#[case::inside_the_answer(
    "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\"",
    "was not whole within 1 s: 10 bytes came"
)]
#[tokio::test]
async fn a_slow_answer_is_given_up(#[case] said: &'static str, #[case] expected: &str) {
    let url = raw_server(move |mut stream| {
        read_request(&mut stream);
        stream.write_all(said.as_bytes()).unwrap();
        // Until the client gives up.
        let _ = stream.read(&mut [0; 1]);
    });
    let mut entry = at(ProviderKind::OpenAi, &url);
    entry.timeout = 1.0;
    let tried = ask(&entry, None).await;
    assert!(tried.received.latency >= Duration::from_secs(1));
    let message = network_message(tried);
    assert!(message.contains(expected), "{message}");
}

#[tokio::test]
async fn what_is_no_http_is_said() {
    let url = raw_server(|mut stream| {
        read_request(&mut stream);
        stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").unwrap();
    });
    let message = network_message(ask(&at(ProviderKind::OpenAi, &url), None).await);
    assert!(message.starts_with("no answer of http://"), "{message}");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let connections = Arc::new(Mutex::new(Vec::<SocketAddr>::new()));
    let log = Arc::clone(&connections);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = |axum::extract::ConnectInfo(from): axum::extract::ConnectInfo<SocketAddr>| async move {
        log.lock().unwrap().push(from);
        OK
    };
    let service = Router::new()
        .fallback(answer)
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let entry = at(ProviderKind::OpenAi, &url);
    let provider = Provider::new(&entry, None, &Client::new()).unwrap();
    let messages = conversation();
    let request = request(&messages);
    let body = request_body(&entry, &request);
    for _ in 0..3 {
        provider.call(0, &body, &request).await.outcome.unwrap();
    }
    let mut connections = connections.lock().unwrap().clone();
    connections.dedup();
    assert_eq!(connections.len(), 1);
}

#[tokio::test]
async fn another_base_url_is_chosen_by_its_index() {
    let (url, seen) = server(200, &[], OK).await;
    let mut entry = at(ProviderKind::OpenAi, "http://127.0.0.1:9");
    entry.base_urls.push(url);
    let provider = Provider::new(&entry, None, &Client::new()).unwrap();
    let messages = conversation();
    let request = request(&messages);
    provider
        .call(1, &Bytes::from_static(b"{}"), &request)
        .await
        .outcome
        .unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
    let beyond = provider
        .call(2, &Bytes::from_static(b"{}"), &request)
        .await
        .outcome
        .unwrap_err();
    assert_eq!(beyond.class, ErrorClass::BadRequest);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_no_trouble_of_the_network() {
    let entry = at(ProviderKind::OpenAi, untrusted_server());
    let error = ask(&entry, Some(KEY)).await.outcome.unwrap_err();
    assert_eq!(error.class, ErrorClass::Untrusted, "{error}");
    let said = "the certificate of https://127.0.0.1:";
    assert!(error.message.starts_with(said), "{error}");
    assert!(error.message.contains("SSL_CERT_FILE"), "{error}");
}

#[test]
fn stored_bytes_are_read_as_they_were_live() {
    assert_eq!(
        read_reply(ProviderKind::OpenAi, 200, OK.as_bytes())
            .unwrap()
            .text,
        "Fine."
    );
    let failed = read_reply(ProviderKind::OpenAi, 0, b"{\"choi").unwrap_err();
    assert_eq!(failed.class, ErrorClass::Network);
    let error = read_reply(ProviderKind::Anthropic, 529, b"").unwrap_err();
    assert_eq!(error.class, ErrorClass::Overloaded);
}

#[test]
fn answers_in_a_file_are_not_asked_for() {
    let made = Provider::new(&entry(ProviderKind::File), None, &Client::new());
    assert!(matches!(made, Err(SetupError::NotAsked { .. })));
}

#[test]
fn a_body_after_a_byte_order_mark_is_read() {
    for kind in [ProviderKind::OpenAi, ProviderKind::Anthropic] {
        let body = match kind {
            ProviderKind::Anthropic => r#"{"content":[{"type":"text","text":"Fine."}]}"#,
            _ => OK,
        };
        let reply = read_reply(kind, 200, format!("\u{feff}{body}").as_bytes()).unwrap();
        assert_eq!(reply.text, "Fine.");
    }
}

#[rstest]
#[case::of_the_role("System role not supported", true)]
#[case::of_their_order("Conversation roles must alternate user/assistant", true)]
#[case::of_something_else("top_k must be positive", false)]
#[tokio::test]
async fn a_server_without_a_system_role_is_told_how_to_be_asked(
    #[case] words: &str,
    #[case] expected: bool,
) {
    let body = format!(r#"{{"error":{{"message":"{words}"}}}}"#);
    let (url, _) = server(400, &[], body).await;
    let mut entry = entry(ProviderKind::OpenAi);
    entry.base_urls = vec![url];
    let provider = Provider::new(&entry, None, &Client::new()).unwrap();
    let messages = conversation();
    let request = request(&messages);
    let tried = provider
        .call(0, &request_body(&entry, &request), &request)
        .await;
    let message = tried.outcome.unwrap_err().message;
    let is_told = message.ends_with("; write system = \"user\" in the entry");
    assert_eq!(is_told, expected, "{message}");
}
