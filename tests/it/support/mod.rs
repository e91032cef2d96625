//! What the integration tests stand on: servers of their own and a client for them.

pub(crate) mod dialect;
pub(crate) mod fault;
pub(crate) mod fault_server;
pub(crate) mod home;
pub(crate) mod http;
pub(crate) mod llama;
pub(crate) mod refusals;
pub(crate) mod replies;
pub(crate) mod stored;
pub(crate) mod study;

use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

/// One for all tests, since making one takes longer than a test may wait. It keeps no
/// connection: each would belong to the runtime of the test that opened it.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| client(Duration::from_mins(1)));

/// A client that waits so long for an answer.
pub(crate) fn client(timeout: Duration) -> reqwest::Client {
    // The first one stands for the process; it fails where there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(timeout)
        .pool_max_idle_per_host(0)
        .build()
        .expect("a client")
}

/// The body at a URL.
pub(crate) async fn get(url: &str) -> reqwest::Result<String> {
    CLIENT.get(url).send().await?.text().await
}

/// Runs a future to its end in a test that is no future itself.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work)
}

/// Posts JSON; the status, the headers and the body of the answer.
pub(crate) async fn post(
    url: &str,
    headers: &[(&str, String)],
    body: &Value,
) -> reqwest::Result<(u16, reqwest::header::HeaderMap, String)> {
    let mut request = CLIENT.post(url).json(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok((status, headers, response.text().await?))
}
