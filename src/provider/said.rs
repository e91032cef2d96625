//! What a server says of its error, in whichever shape it does.
//!
//! A class is chosen by the server's own error code first, then by its status,
//! and by its words only where several servers use one status and no code for
//! different things (a context that is too long, a bad key answered with 400).

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::ErrorClass;
use super::error::{SHOWN, head, shown};

/// What an error answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Refusal,
    Failure(ErrorClass),
}

/// What a server said about its error, from whichever shape it uses.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Its words, as they are.
    text: String,
    /// Its codes and types in lower case, the most telling ones among them.
    codes: Vec<String>,
    /// A status that stands in the body.
    pub(super) status: Option<u16>,
    /// A wait that stands in the body.
    pub(super) retry_after: Option<Duration>,
    /// Reasons of a moderation, where a gateway gives them.
    moderated: bool,
    /// Whether it is a page for people, as of a proxy, and no answer of a model's server.
    is_page: bool,
}

impl Said {
    pub(super) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            // Google wraps the error object in a list.
            Ok(Value::Array(list)) => list.first().map(Self::from_json),
            Ok(value) => Some(Self::from_json(&value)),
            Err(_) => None,
        }
        .unwrap_or_else(|| Self {
            text: plain_text(&String::from_utf8_lossy(head(body))),
            is_page: body.trim_ascii_start().starts_with(b"<"),
            ..Self::default()
        })
    }

    fn from_json(root: &Value) -> Self {
        let error = root.get("error").unwrap_or(&Value::Null);
        let places = [error, &error["innererror"], root];
        let mut said = Self::default();
        for place in places {
            for key in ["code", "type", "status"] {
                match &place[key] {
                    Value::String(code) => said.codes.push(code.to_lowercase()),
                    Value::Number(number) if said.status.is_none() => {
                        said.status = number.as_u64().and_then(|code| u16::try_from(code).ok());
                    }
                    _ => {}
                }
            }
        }
        let metadata = &error["metadata"];
        said.moderated = metadata["reasons"].is_array();
        said.retry_after = retry_delay(&error["details"]);
        let mut parts: Vec<String> = Vec::new();
        let words = [
            &error["message"],
            error,
            &root["message"],
            &root["detail"],
            &root["msg"],
            root,
        ];
        parts.extend(words.into_iter().find_map(words_of));
        parts.extend(words_of(&metadata["raw"]));
        said.text = if parts.is_empty() {
            root.to_string()
        } else {
            parts.join(": ")
        };
        said
    }

    /// The words that tell what the server means. What a page says is no word of a model's
    /// server, whatever it is about.
    fn telling_words(&self) -> String {
        if self.is_page {
            String::new()
        } else {
            self.text.to_lowercase()
        }
    }

    pub(super) fn meaning(&self, status: u16) -> Meaning {
        let words = self.telling_words();
        if self.is_refusal(status, &words) {
            return Meaning::Refusal;
        }
        Meaning::Failure(self.class(status, &words))
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|code| codes.contains(&code.as_str()))
    }

    fn is_refusal(&self, status: u16, words: &str) -> bool {
        self.moderated
            || self.has_code(&[
                "content_filter",
                "contentfilter",
                "responsibleaipolicyviolation",
                "content_policy_violation",
            ])
            || (matches!(status, 400 | 403)
                && has_any(words, &["was flagged", "were flagged", "content filter"]))
    }

    fn class(&self, status: u16, words: &str) -> ErrorClass {
        self.class_in_words(status, words)
            .unwrap_or_else(|| by_status(status))
    }

    /// Whether only a status tells that the key or the model is refused, as where a proxy
    /// shows its own page.
    pub(super) fn is_bare(&self, status: u16) -> bool {
        matches!(status, 403 | 404) && self.class_in_words(status, &self.telling_words()).is_none()
    }

    /// The class by the server's codes and words.
    fn class_in_words(&self, status: u16, words: &str) -> Option<ErrorClass> {
        if self.is_quota(status, words) {
            Some(ErrorClass::Quota)
        } else if self.is_unknown_model(status, words) {
            Some(ErrorClass::UnknownModel)
        } else if self.is_auth(status, words) {
            Some(ErrorClass::Auth)
        } else if self.is_context(status, words) {
            Some(ErrorClass::ContextTooLong)
        } else if self.has_code(&[
            "rate_limit_exceeded",
            "rate_limit_error",
            "too_many_requests",
        ]) {
            Some(ErrorClass::RateLimited)
        } else if self.has_code(&["overloaded_error", "overloaded", "engine_overloaded"]) {
            Some(ErrorClass::Overloaded)
        } else {
            None
        }
    }

    fn is_quota(&self, status: u16, words: &str) -> bool {
        status == 402
            || self.has_code(&[
                "insufficient_quota",
                "billing_hard_limit_reached",
                "billing_not_active",
                "billing_error",
                "insufficient_balance",
                "insufficient_credits",
                "payment_required",
            ])
            || (matches!(status, 400 | 403 | 429)
                && has_any(
                    words,
                    &[
                        "credit balance is too low",
                        "insufficient credit",
                        "insufficient balance",
                        "key limit exceeded",
                        "spending limit",
                    ],
                ))
    }

    fn is_unknown_model(&self, status: u16, words: &str) -> bool {
        self.has_code(&[
            "model_not_found",
            "deploymentnotfound",
            "model_decommissioned",
            "not_found_error",
            "invalid_model",
        ]) || (matches!(status, 400 | 403 | 404 | 422)
            && names_a_model(words)
            && has_any(
                words,
                &[
                    "is not a valid model",
                    "does not exist",
                    "not found",
                    "unknown model",
                    "model not exist",
                ],
            ))
    }

    fn is_auth(&self, status: u16, words: &str) -> bool {
        self.has_code(&[
            "invalid_api_key",
            "authentication_error",
            "permission_error",
            "permissiondenied",
            "unauthorized",
        ]) || (status == 400
            && words.contains("api key")
            && has_any(words, &["invalid", "incorrect", "not valid", "missing"]))
    }

    fn is_context(&self, status: u16, words: &str) -> bool {
        status == 413
            || self.has_code(&[
                "context_length_exceeded",
                "exceed_context_size_error",
                "request_too_large",
                "string_above_max_length",
            ])
            || (status == 429 && words.contains("request too large"))
            || words.contains("maximum context length")
            || (matches!(status, 400 | 422)
                && has_any(
                    words,
                    &[
                        "context length",
                        "context size",
                        "context window",
                        "prompt is too long",
                        "input is too long",
                        "maximum input length",
                        "maximum number of tokens",
                    ],
                ))
    }

    /// The server's words and its most telling code, fit for a message.
    pub(super) fn words(&self) -> String {
        let text = shown(&self.text, SHOWN);
        let telling = self.codes.first().map(|code| shown(code, SHOWN / 8));
        match telling {
            Some(code) if !text.to_lowercase().contains(&code) => format!("{text} ({code})"),
            _ => text,
        }
    }

    pub(super) fn message(&self, status: u16, class: ErrorClass) -> String {
        let mut message = format!("HTTP {status}");
        let reason = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason());
        if let Some(reason) = reason {
            message.push(' ');
            message.push_str(reason);
        }
        let words = self.words();
        if !words.is_empty() {
            message.push_str(": ");
            message.push_str(&words);
        }
        message.push_str(match class {
            ErrorClass::UnknownModel => " [check `model` and `base_url`]",
            ErrorClass::Auth => " [check the key]",
            _ if (300..400).contains(&status) => {
                " [set `base_url` to where the server sends its callers]"
            }
            _ => "",
        });
        message
    }
}

/// The words in a value: a text, or a list of problems as `FastAPI` lists them.
fn words_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(problems) => {
            let lines: Vec<String> = problems
                .iter()
                .filter_map(|problem| {
                    let text = problem["msg"].as_str()?;
                    let place: Vec<&str> = problem["loc"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .collect();
                    Some(format!("{}: {text}", place.join(".")))
                })
                .collect();
            (!lines.is_empty()).then(|| lines.join("; "))
        }
        _ => None,
    }
}

/// The `retryDelay` that Google puts among an error's details, such as `35s`.
fn retry_delay(details: &Value) -> Option<Duration> {
    let delay = details
        .as_array()?
        .iter()
        .find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The title of a web page, as gateways send it; any other text is itself.
fn plain_text(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").map(|at| at + "<title>".len());
    match title.and_then(|start| Some((start, start + lower[start..].find("</title>")?))) {
        Some((start, end)) => text[start..end].to_owned(),
        None => text.to_owned(),
    }
}

/// Whether words are about a model, as in ``the model `x` `` and `models/x`, which the path
/// `/v1/models` is not.
fn names_a_model(words: &str) -> bool {
    let mut words = words.split(|c: char| !c.is_alphanumeric() && c != '/');
    words.any(|word| word.split('/').next() == Some("model") || word.starts_with("models/"))
}

fn has_any(words: &str, needles: &[&str]) -> bool {
    needles.iter().any(|needle| words.contains(needle))
}

fn by_status(status: u16) -> ErrorClass {
    match status {
        401 | 403 | 407 => ErrorClass::Auth,
        404 => ErrorClass::UnknownModel,
        429 => ErrorClass::RateLimited,
        // Too early; Groq's and Anthropic's "over capacity".
        425 | 498 | 503 | 529 => ErrorClass::Overloaded,
        // Timed out, conflict, and a dependency's failure pass; so may any 5xx.
        408 | 409 | 424 | 500.. => ErrorClass::Server,
        _ => ErrorClass::BadRequest,
    }
}
