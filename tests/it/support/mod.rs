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
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .timeout(Duration::from_mins(1))
        .pool_max_idle_per_host(0)
        .build()
        .expect("a client")
});

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
