//! The two chat dialects as a server speaks them: OpenAI chat completions and
//! Anthropic messages.

use serde_json::{Value, json};

use super::http::{Request, Response};

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// `…/chat/completions`.
    OpenAi,
    /// `…/messages`.
    Anthropic,
}

/// Why a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ending {
    /// The model was done.
    Done,
    /// It reached the token limit.
    Limit,
    /// A filter, or the model itself, refused.
    Refused,
}

/// A chat request, as far as a server here looks at it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// By the path it came on.
    pub(crate) dialect: Dialect,
    /// The model asked for.
    pub(crate) model: String,
    /// The system message; empty where there is none.
    pub(crate) system: String,
    /// The user's messages, one after the other.
    pub(crate) user: String,
    /// Most words of the reply, a word being a token here.
    pub(crate) max_tokens: Option<usize>,
    /// The sampling seed.
    pub(crate) seed: Option<i64>,
    /// Whether the reply is bound to JSON.
    pub(crate) wants_json: bool,
    /// The body as sent.
    pub(crate) raw: Vec<u8>,
    /// Tokens that are billed and not seen.
    pub(crate) hidden_tokens: usize,
}

impl Dialect {
    /// The dialect that is spoken on a path.
    pub(crate) fn of(path: &str) -> Option<Self> {
        if path.ends_with("/chat/completions") {
            Some(Self::OpenAi)
        } else if path.ends_with("/messages") {
            Some(Self::Anthropic)
        } else {
            None
        }
    }

    /// The key that a request shows, wherever its dialect has it.
    pub(crate) fn key(request: &Request) -> Option<&str> {
        let bearer = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        bearer
            .or_else(|| request.header("x-api-key"))
            .or_else(|| request.header("api-key"))
    }

    /// An error with its message, under the name that each dialect has for it.
    pub(crate) fn error(self, status: u16, code: &str, message: &str) -> Response {
        let body = match self {
            Self::OpenAi => json!({
                "error": {"message": message, "type": openai_type(status), "param": null, "code": code}
            }),
            Self::Anthropic => json!({
                "type": "error",
                "error": {"type": anthropic_type(status), "message": message}
            }),
        };
        Response {
            status,
            headers: Vec::new(),
            body: body.to_string(),
        }
    }
}

impl Call {
    /// Reads a body; the error is what to tell the client.
    pub(crate) fn parse(dialect: Dialect, raw: &[u8]) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(raw).map_err(|error| error.to_string())?;
        let model = body["model"].as_str().ok_or("no model given")?.to_owned();
        let messages = body["messages"].as_array().ok_or("no messages given")?;
        let mut system = text_of(&body["system"]);
        let mut user = String::new();
        for message in messages {
            let text = text_of(&message["content"]);
            match message["role"].as_str() {
                Some("system" | "developer") if dialect == Dialect::OpenAi => {
                    system.push_str(&text);
                }
                Some("user" | "assistant") => user.push_str(&text),
                role => return Err(format!("unknown role {role:?}")),
            }
        }
        if user.is_empty() {
            return Err("an empty conversation".to_owned());
        }
        let limit = [&body["max_completion_tokens"], &body["max_tokens"]];
        let max_tokens = limit.iter().find_map(|value| value.as_u64());
        if dialect == Dialect::Anthropic && max_tokens.is_none() {
            return Err("max_tokens: Field required".to_owned());
        }
        Ok(Self {
            dialect,
            model,
            system,
            user,
            max_tokens: max_tokens.map(|tokens| tokens as usize),
            seed: body["seed"].as_i64(),
            wants_json: !body["response_format"].is_null()
                || !body["output_config"]["format"].is_null(),
            raw: raw.to_vec(),
            hidden_tokens: 0,
        })
    }

    /// All that the model reads.
    pub(crate) fn prompt(&self) -> String {
        format!("{}\n{}", self.system, self.user)
    }

    /// Words of the prompt, which are its tokens here.
    pub(crate) fn prompt_tokens(&self) -> usize {
        words(&self.system) + words(&self.user)
    }

    /// The reply's text and ending under the call's own token limit.
    pub(crate) fn limited(&self, text: &str) -> (String, Ending) {
        match self.max_tokens {
            Some(limit) if words(text) > limit => (first_words(text, limit), Ending::Limit),
            _ => (text.to_owned(), Ending::Done),
        }
    }

    /// A whole reply. The same call and text give the same bytes.
    pub(crate) fn reply(&self, text: &str, ending: Ending) -> Response {
        let id = blake3::hash(&self.raw).to_hex();
        let id = &id.as_str()[..24];
        let (input, output) = (self.prompt_tokens(), words(text) + self.hidden_tokens);
        let body = match self.dialect {
            Dialect::OpenAi => json!({
                "id": format!("chatcmpl-{id}"),
                "object": "chat.completion",
                "created": 1_767_225_600,
                "model": self.model,
                "system_fingerprint": "fp_faults",
                "choices": [{
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": null},
                    "logprobs": null,
                    "finish_reason": match ending {
                        Ending::Done => "stop",
                        Ending::Limit => "length",
                        Ending::Refused => "content_filter",
                    },
                }],
                "usage": {
                    "prompt_tokens": input,
                    "completion_tokens": output,
                    "total_tokens": input + output,
                },
            }),
            Dialect::Anthropic => {
                let content = match text {
                    "" => json!([]),
                    text => json!([{"type": "text", "text": text}]),
                };
                json!({
                    "id": format!("msg_{id}"),
                    "type": "message",
                    "role": "assistant",
                    "model": self.model,
                    "content": content,
                    "stop_reason": match ending {
                        Ending::Done => "end_turn",
                        Ending::Limit => "max_tokens",
                        Ending::Refused => "refusal",
                    },
                    "stop_sequence": null,
                    "usage": {"input_tokens": input, "output_tokens": output},
                })
            }
        };
        self.respond(&body)
    }

    /// A reply that has no choice or content in it.
    pub(crate) fn empty_reply(&self) -> Response {
        let body = match self.dialect {
            Dialect::OpenAi => json!({
                "object": "chat.completion",
                "model": self.model,
                "choices": [],
                "usage": {"prompt_tokens": self.prompt_tokens(), "completion_tokens": 0},
            }),
            Dialect::Anthropic => json!({
                "type": "message",
                "role": "assistant",
                "model": self.model,
                "content": [],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": self.prompt_tokens(), "output_tokens": 0},
            }),
        };
        self.respond(&body)
    }

    fn respond(&self, body: &Value) -> Response {
        let id = blake3::hash(&self.raw).to_hex();
        Response {
            status: 200,
            headers: vec![match self.dialect {
                Dialect::OpenAi => ("x-request-id", format!("req-{}", &id.as_str()[..16])),
                Dialect::Anthropic => ("request-id", format!("req_{}", &id.as_str()[..16])),
            }],
            body: body.to_string(),
        }
    }
}

/// The first half of a text's words.
pub(crate) fn first_half(text: &str) -> String {
    first_words(text, words(text) / 2)
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A text up to the end of its `count`-th word.
fn first_words(text: &str, count: usize) -> String {
    let mut inside = false;
    let mut begun = 0;
    for (at, character) in text.char_indices() {
        let starts = !character.is_whitespace() && !inside;
        inside = !character.is_whitespace();
        begun += usize::from(starts);
        if begun > count {
            return text[..at].trim_end().to_owned();
        }
    }
    text.to_owned()
}

/// The text of a content field: a string, or parts with text in them.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

fn openai_type(status: u16) -> &'static str {
    match status {
        429 => "rate_limit_exceeded",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}
