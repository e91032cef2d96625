//! What a server says when it does not reply.

use super::dialect::{Call, Dialect};
use super::fault::RetryAfter;
use super::http::Response;

/// A success that is no reply to a chat.
pub(crate) fn success(body: &str) -> Response {
    Response {
        status: 200,
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

/// The key is not the one asked for.
pub(crate) fn wrong_key(dialect: Dialect) -> Response {
    dialect.error(401, "invalid_api_key", "the key is not valid")
}

/// The model asked for is not there.
pub(crate) fn unknown_model(call: &Call) -> Response {
    let message = format!("the model `{}` does not exist", call.model);
    call.dialect.error(404, "model_not_found", &message)
}

/// The prompt does not fit, in the words of each dialect.
pub(crate) fn context_too_long(call: &Call) -> Response {
    let message = match call.dialect {
        Dialect::OpenAi => "the prompt is longer than the context length of the model",
        Dialect::Anthropic => "prompt is too long",
    };
    call.dialect.error(400, "context_length_exceeded", message)
}

/// Too many requests, with what is said of when to come back.
pub(crate) fn rate_limited(dialect: Dialect, after: RetryAfter) -> Response {
    let mut response = dialect.error(429, "rate_limit_exceeded", "too many requests");
    match after {
        RetryAfter::Unsaid => {}
        RetryAfter::Seconds(seconds) => {
            response.headers.push(("retry-after", seconds.to_string()));
        }
        RetryAfter::Millis(millis) => {
            response
                .headers
                .push(("retry-after-ms", millis.to_string()));
        }
    }
    response
}
