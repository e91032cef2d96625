//! An embedded model that needs nothing installed: for learning, planning and
//! testing.
//!
//! It is asked like any chat model and answers in the OpenAI dialect, with
//! "simulated" as the model's name and in every text but that of an option. What it
//! says depends on the call alone: all chance comes from `ChaCha8`, seeded by the
//! entry's seed, the request's seed and the draw. A prompt with two fenced answers, or
//! a bound reply, is answered as a judge ([`judge`]), a structured question with an
//! option ([`options`]); any other as the persona it asks for ([`persona`]).
//!
//! Tokens are counted as bytes divided by four, rounded up, and a reply that is
//! longer than the request allows is cut and ends in "length".

mod draws;
mod judge;
mod options;
mod persona;
mod words;

use std::time::Duration;

use serde::Serialize;

use self::draws::Draws;
use super::{ChatRequest, Received, TokenChoice};
use crate::study::Entry;

/// The name under which a simulated model is served.
const NAME: &str = "simulated";

/// What every simulated text begins with.
const MARK: &str = "[simulated] ";

/// Bytes that count as a token.
const BYTES_PER_TOKEN: usize = 4;

/// What a simulated model wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    text: String,
    end: End,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It was done.
    Done,
    /// It was cut off.
    Cut,
    /// It refused, by the dialect's own sign.
    Refused,
}

/// The reply to a request, as a server would send it.
pub(super) fn reply(entry: &Entry, request: &ChatRequest<'_>) -> Received {
    let mut draws = Draws::new(entry.seed, request.seed, &request.simulation.draw);
    let behaviour = &entry.simulated;
    let (mut written, tokens) = match request.simulation.options {
        Some(options) => options::answer(request, options, behaviour, &mut draws),
        None => match judge::Task::find(request) {
            Some(task) => (task.judge(behaviour, &mut draws), Vec::new()),
            None => (persona::answer(request, behaviour, &mut draws), Vec::new()),
        },
    };
    if let Some(limit) = request.max_tokens {
        cut(&mut written, limit);
    }
    Received {
        status: 200,
        body: body(request, &written, &tokens),
        headers: Vec::new(),
        latency: Duration::ZERO,
    }
}

/// Ends the text at the token limit.
fn cut(written: &mut Written, limit: u32) {
    let most =
        usize::try_from(limit).map_or(usize::MAX, |limit| limit.saturating_mul(BYTES_PER_TOKEN));
    if written.text.len() > most {
        let end = written.text.floor_char_boundary(most);
        written.text.truncate(end);
        written.end = End::Cut;
    }
}

fn body(request: &ChatRequest<'_>, written: &Written, tokens: &[TokenChoice]) -> Vec<u8> {
    #[derive(Serialize)]
    struct Completion<'a> {
        object: &'static str,
        model: &'static str,
        system_fingerprint: &'static str,
        choices: [Choice<'a>; 1],
        usage: Tokens,
    }
    #[derive(Serialize)]
    struct Choice<'a> {
        index: u8,
        message: Answer<'a>,
        finish_reason: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        logprobs: Option<Logprobs<'a>>,
    }
    #[derive(Serialize)]
    struct Logprobs<'a> {
        content: Vec<Token<'a>>,
    }
    #[derive(Serialize)]
    struct Token<'a> {
        token: &'a str,
        top_logprobs: Vec<Alternative<'a>>,
    }
    #[derive(Serialize)]
    struct Alternative<'a> {
        token: &'a str,
        logprob: f64,
    }
    #[derive(Serialize)]
    struct Answer<'a> {
        role: &'static str,
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        refusal: Option<&'a str>,
    }
    #[derive(Serialize)]
    struct Tokens {
        #[serde(rename = "prompt_tokens")]
        prompt: usize,
        #[serde(rename = "completion_tokens")]
        completion: usize,
        #[serde(rename = "total_tokens")]
        total: usize,
    }

    let logprobs = (!tokens.is_empty()).then(|| Logprobs {
        content: tokens
            .iter()
            .map(|token| Token {
                token: &token.text,
                top_logprobs: token
                    .likeliest
                    .iter()
                    .map(|(token, logprob)| Alternative {
                        token,
                        logprob: *logprob,
                    })
                    .collect(),
            })
            .collect(),
    });
    let refused = written.end == End::Refused;
    let text = Some(written.text.as_str());
    let asked: usize = request.messages.iter().map(|m| m.content.len()).sum();
    let prompt = asked.div_ceil(BYTES_PER_TOKEN);
    let completion = written.text.len().div_ceil(BYTES_PER_TOKEN);
    let reply = Completion {
        object: "chat.completion",
        model: NAME,
        system_fingerprint: NAME,
        choices: [Choice {
            index: 0,
            message: Answer {
                role: "assistant",
                content: text.filter(|_| !refused),
                refusal: text.filter(|_| refused),
            },
            finish_reason: if written.end == End::Cut {
                "length"
            } else {
                "stop"
            },
            logprobs,
        }],
        usage: Tokens {
            prompt,
            completion,
            total: prompt + completion,
        },
    };
    let mut body = Vec::with_capacity(written.text.len() + 512);
    let outcome = serde_json::to_writer(&mut body, &reply);
    debug_assert!(outcome.is_ok(), "texts and numbers are always written");
    body
}

#[cfg(test)]
mod tests;
