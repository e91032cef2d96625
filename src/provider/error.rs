//! What a failed try means, and the words for it. Messages are for a person: escaped, of
//! one line, and of bounded length.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::value::RawValue;

use super::said::{Meaning, Said};
use super::{CallError, ErrorClass, Finish, Received, Reply, Usage, stream};

/// Most characters of a server's own words in a message.
pub(super) const SHOWN: usize = 400;

/// HTTP dates; a wrong day of the week is no reason to wait for nothing.
static HTTP_DATE: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);

impl CallError {
    /// An error without a wish of the server to wait.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            retry_after: None,
            is_bare: false,
        }
    }
}

/// Reads an answer that is no success. A prompt that a content filter stopped is
/// an empty reply that ends in [`Finish::Refusal`]: the server did answer, and
/// asking again would give the same.
pub(super) fn of_status(status: u16, body: &[u8]) -> Result<Reply, CallError> {
    let said = Said::read(body);
    match said.meaning(status) {
        Meaning::Refusal => Ok(refusal()),
        Meaning::Failure(class) => Err(CallError {
            class,
            message: said.message(status, class),
            retry_after: said.retry_after,
            is_bare: said.is_bare(status),
        }),
    }
}

/// Reads an error that came with a success status, as gateways send it once an
/// answer was begun: a whole body, or the error object in it.
pub(super) fn in_success(body: &[u8]) -> Result<Reply, CallError> {
    let said = Said::read(body);
    let status = said
        .status
        .filter(|status| (400..600).contains(status))
        .unwrap_or(500);
    match said.meaning(status) {
        Meaning::Refusal => Ok(refusal()),
        Meaning::Failure(class) => Err(CallError {
            class,
            message: format!("error in a successful answer: {}", said.words()),
            retry_after: said.retry_after,
            is_bare: false,
        }),
    }
}

/// A success whose body is no reply.
pub(super) fn malformed(what: &str, body: &[u8]) -> CallError {
    let shown = shown(&String::from_utf8_lossy(head(body)), SHOWN / 2);
    let message = if shown.is_empty() {
        format!("{what}: the body is empty")
    } else {
        format!("{what}: {shown}")
    };
    CallError::new(ErrorClass::Malformed, message)
}

/// A success whose body is not the JSON of a reply.
pub(super) fn no_reply(problem: &serde_json::Error, body: &[u8]) -> CallError {
    let what = if stream::is_stream(body) {
        "the server streams its reply, which it was not asked to do, and the stream has no end \
         [set it, or what stands before it, to answer in one piece]"
    } else if problem.is_eof() {
        "the reply's JSON is cut off"
    } else {
        "the reply is not the JSON of a chat completion"
    };
    malformed(what, body)
}

/// Whether an `error` field holds an error; some servers always send the field.
pub(super) fn says_something(error: &RawValue) -> bool {
    !matches!(error.get(), "{}" | "\"\"" | "false" | "[]" | "0")
}

/// The message of a redirect with the address that it leads to.
pub(super) fn with_address(mut message: String, received: &Received) -> String {
    let mut headers = received.headers.iter();
    if (300..400).contains(&received.status)
        && let Some((_, address)) = headers.find(|(name, _)| name == "location")
    {
        message.push_str(", ");
        message.push_str(&shown(address, SHOWN / 2));
    }
    message
}

/// How long the server asks to wait, from `retry-after-ms` (milliseconds) or
/// `retry-after` (seconds, also with a fraction, or an HTTP date). A date that
/// has passed is no wait. Header names are lower-case.
pub fn retry_after(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let header = |name: &str| {
        headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.trim())
    };
    let milliseconds = header("retry-after-ms")
        .and_then(|value| value.parse::<f64>().ok())
        .and_then(|value| Duration::try_from_secs_f64(value / 1000.0).ok());
    milliseconds.or_else(|| {
        let value = header("retry-after")?;
        if let Ok(seconds) = value.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        let at = HTTP_DATE.parse_timestamp(value).ok()?;
        Some(Duration::try_from(now.duration_until(at)).unwrap_or(Duration::ZERO))
    })
}

/// A text as it may stand in a message: white space runs are one blank, control
/// and direction characters are escaped, and at most `limit` characters are kept.
pub(super) fn shown(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        if length > 0 {
            shown.push(' ');
            length += 1;
        }
        for character in word.chars() {
            if length >= limit {
                shown.push('…');
                return shown;
            }
            length += 1;
            if misleads(character) {
                // Writing to a string cannot fail.
                let _ = write!(shown, "{}", character.escape_unicode());
            } else {
                shown.push(character);
            }
        }
    }
    shown
}

/// Characters that a terminal acts on, or that change the order of what is shown.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// The beginning of a body, enough for any message.
pub(super) fn head(body: &[u8]) -> &[u8] {
    &body[..body.len().min(16 * SHOWN)]
}

fn refusal() -> Reply {
    Reply {
        text: String::new(),
        finish: Finish::Refusal,
        usage: Usage::default(),
        model: None,
        fingerprint: None,
        tokens: Vec::new(),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
