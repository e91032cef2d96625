//! OpenAI-compatible chat completions: the request, and replies of everybody who
//! says to be compatible (OpenAI, Azure, vLLM, SGLang, llama.cpp, Ollama,
//! OpenRouter and the like).

use serde::Deserialize;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::body::Fields;
use super::lenient::{self, Content, Count, Dialect, List, Object, Text};
use super::{CallError, ChatRequest, Finish, Reply, TokenChoice, Usage, error, stream};
use crate::prompt::{Message, without_system_role};
use crate::study::{Entry, MaxTokensField, SystemRole};

/// Likeliest tokens that are asked for at each place: the most that servers give.
const TOP_LOGPROBS: u8 = 20;

/// The request's body; see [`request_body`](super::request_body).
pub(super) struct Body<'a> {
    pub(super) entry: &'a Entry,
    pub(super) request: &'a ChatRequest<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { entry, request } = self;
        let mut fields = Fields::open(serializer, &entry.extra)?;
        fields.put("model", &entry.model)?;
        match entry.system {
            SystemRole::Message => fields.put("messages", &Messages(request.messages))?,
            SystemRole::User => fields.put(
                "messages",
                &Messages(&without_system_role(request.messages)),
            )?,
        }
        fields.put_some("temperature", entry.temperature)?;
        fields.put_some("top_p", entry.top_p)?;
        let limit = match entry.max_tokens_field {
            MaxTokensField::MaxTokens => "max_tokens",
            MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
        };
        fields.put_some(limit, request.max_tokens)?;
        fields.put_some("seed", request.seed)?;
        let format = request.schema.map(|schema| ResponseFormat {
            kind: "json_schema",
            json_schema: NamedSchema {
                name: &schema.name,
                strict: true,
                schema: &schema.json,
            },
        });
        fields.put_some("response_format", format)?;
        if request.logprobs {
            fields.put("logprobs", &true)?;
            fields.put("top_logprobs", &TOP_LOGPROBS)?;
        }
        fields.close()
    }
}

#[derive(serde::Serialize)]
struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    json_schema: NamedSchema<'a>,
}

#[derive(serde::Serialize)]
struct NamedSchema<'a> {
    name: &'a str,
    strict: bool,
    schema: &'a RawValue,
}

/// The messages as they are.
struct Messages<'a>(&'a [Message]);

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for message in self.0 {
            list.serialize_element(message)?;
        }
        list.end()
    }
}

/// What is read of a reply.
#[derive(Deserialize)]
struct Completion<'a> {
    #[serde(default)]
    choices: List<Choice<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    usage: Object<Tokens>,
    #[serde(default)]
    model: Text,
    #[serde(default)]
    system_fingerprint: Text,
}

#[derive(Deserialize)]
struct Choice<'a> {
    message: Option<Object<Answer>>,
    #[serde(default)]
    finish_reason: Text,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    logprobs: Option<&'a RawValue>,
}

/// Log-probabilities of a reply's tokens.
#[derive(Deserialize, Default)]
struct Logprobs {
    #[serde(default)]
    content: Option<Vec<Token>>,
}

#[derive(Deserialize)]
struct Token {
    token: String,
    #[serde(default)]
    top_logprobs: Vec<Alternative>,
}

#[derive(Deserialize)]
struct Alternative {
    token: String,
    logprob: f64,
}

/// The tokens of a reply; none where they are not given, or not in this shape, since a
/// reply is whole without them.
fn tokens(logprobs: Option<&RawValue>) -> Vec<TokenChoice> {
    let read = logprobs.and_then(|json| serde_json::from_str::<Option<Logprobs>>(json.get()).ok());
    let tokens = read.flatten().and_then(|logprobs| logprobs.content);
    tokens
        .unwrap_or_default()
        .into_iter()
        .map(|token| TokenChoice {
            text: token.token,
            likeliest: token
                .top_logprobs
                .into_iter()
                .map(|alternative| (alternative.token, alternative.logprob))
                .collect(),
        })
        .collect()
}

/// A message without its reasoning, which is no part of the answer.
#[derive(Deserialize, Default)]
struct Answer {
    #[serde(default)]
    content: Content,
    #[serde(default)]
    refusal: Text,
}

#[derive(Deserialize, Default)]
struct Tokens {
    #[serde(rename = "prompt_tokens", default)]
    prompt: Count,
    #[serde(rename = "completion_tokens", default)]
    completion: Count,
    #[serde(rename = "total_tokens", default)]
    total: Count,
}

/// Reads the body of a success.
pub(super) fn read(body: &[u8]) -> Result<Reply, CallError> {
    lenient::read::<OpenAi>(body)
}

struct OpenAi;

impl Dialect for OpenAi {
    type Shape<'a> = Completion<'a>;

    fn reply(shape: Completion<'_>, body: &[u8]) -> Result<Reply, CallError> {
        reply(shape, body)
    }

    fn joined(events: &[serde_json::Value]) -> Option<serde_json::Value> {
        stream::chat_completion(events)
    }
}

fn reply(completion: Completion<'_>, body: &[u8]) -> Result<Reply, CallError> {
    let Some(choice) = completion.choices.0.into_iter().next() else {
        return match completion.error {
            Some(_) => error::in_success(body),
            None => Err(error::malformed("the reply holds no choices", body)),
        };
    };
    let failure = [choice.error, completion.error].into_iter().flatten();
    if let Some(failure) = failure
        .into_iter()
        .find(|failure| error::says_something(failure))
    {
        return error::in_success(failure.get().as_bytes());
    }
    let Some(Object(answer)) = choice.message else {
        return Err(error::malformed(
            "the reply's choice holds no message",
            body,
        ));
    };
    let refusal = answer.refusal.0.filter(|text| !text.is_empty());
    let finish = match refusal {
        Some(_) => Finish::Refusal,
        None => finish(choice.finish_reason.0.as_deref()),
    };
    let text = match (answer.content.0, refusal) {
        (content, Some(refusal)) if content.is_empty() => refusal,
        (content, _) => content,
    };
    Ok(Reply {
        text,
        finish,
        usage: usage(&completion.usage.0),
        model: completion.model.0,
        fingerprint: completion.system_fingerprint.0,
        tokens: tokens(choice.logprobs),
    })
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn") => Finish::Stop,
        Some("length" | "max_tokens" | "model_length") => Finish::Length,
        Some("content_filter" | "refusal" | "safety" | "SAFETY") => Finish::Refusal,
        _ => Finish::Other,
    }
}

/// Billed tokens. Some servers leave reasoning out of `completion_tokens` and only
/// count it in the total, so the larger of the two is the output.
fn usage(tokens: &Tokens) -> Usage {
    let input = tokens.prompt.0;
    let beyond_prompt = tokens.total.0.saturating_sub(input);
    Usage {
        input,
        output: tokens.completion.0.max(beyond_prompt),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::ErrorClass;
    use super::*;

    fn read_text(body: &str) -> Result<Reply, CallError> {
        read(body.as_bytes())
    }

    #[test]
    fn a_full_reply_is_read() {
        let body = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4.1-2025-04-14",
            "choices":[{"index":0,"message":{"role":"assistant","content":"I think so.","refusal":null,"annotations":[]},
            "logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,
            "completion_tokens_details":{"reasoning_tokens":4}},"service_tier":"default","system_fingerprint":"fp_1"}"#;
        let expected = Reply {
            text: "I think so.".to_owned(),
            finish: Finish::Stop,
            usage: Usage {
                input: 19,
                output: 10,
            },
            model: Some("gpt-4.1-2025-04-14".to_owned()),
            fingerprint: Some("fp_1".to_owned()),
            tokens: Vec::new(),
        };
        assert_eq!(read_text(body), Ok(expected));
    }

    #[rstest]
    #[case::string(r#"{"content":"yes"}"#, "yes")]
    #[case::null(r#"{"content":null}"#, "")]
    #[case::absent("{}", "")]
    #[case::parts(
        r#"{"content":[{"type":"text","text":"ye"},{"type":"text","text":"s"}]}"#,
        "yes"
    )]
    #[case::number(r#"{"content":5}"#, "")]
    #[case::reasoning(
        r#"{"content":"yes","reasoning_content":"hm","reasoning":"hm","reasoning_details":[{}]}"#,
        "yes"
    )]
    #[case::tools(
        r#"{"content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}"#,
        ""
    )]
    #[case::message_is_no_object("null", "?")]
    fn the_text_is_read_from_any_shape(#[case] message: &str, #[case] expected: &str) {
        let body = format!(r#"{{"choices":[{{"message":{message},"finish_reason":"stop"}}]}}"#);
        match read_text(&body) {
            Ok(reply) => {
                assert_eq!(reply.text, expected);
                assert_eq!(reply.usage, Usage::default());
                assert_eq!(reply.model, None);
            }
            Err(error) => {
                assert_eq!(expected, "?", "{error}");
                assert_eq!(error.class, ErrorClass::Malformed);
            }
        }
    }

    #[rstest]
    #[case(r#""stop""#, Finish::Stop)]
    #[case(r#""eos_token""#, Finish::Stop)]
    #[case(r#""length""#, Finish::Length)]
    #[case(r#""content_filter""#, Finish::Refusal)]
    #[case(r#""tool_calls""#, Finish::Other)]
    #[case(r#""something_new""#, Finish::Other)]
    #[case("null", Finish::Other)]
    #[case("3", Finish::Other)]
    fn the_finish_is_read(#[case] reason: &str, #[case] expected: Finish) {
        let body =
            format!(r#"{{"choices":[{{"message":{{"content":"x"}},"finish_reason":{reason}}}]}}"#);
        assert_eq!(read_text(&body).unwrap().finish, expected);
    }

    #[test]
    fn a_refusal_is_a_reply_that_says_it_refuses() {
        let body = r#"{"choices":[{"message":{"content":null,"refusal":"I cannot."},"finish_reason":"stop"}]}"#;
        let reply = read_text(body).unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.finish),
            ("I cannot.", Finish::Refusal)
        );
        let empty =
            r#"{"choices":[{"message":{"content":"I can.","refusal":""},"finish_reason":"stop"}]}"#;
        assert_eq!(read_text(empty).unwrap().finish, Finish::Stop);
    }

    #[rstest]
    #[case::plain(r#"{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}"#, 5, 7)]
    #[case::reasoning_only_in_the_total(
        r#"{"prompt_tokens":5,"completion_tokens":7,"total_tokens":40}"#,
        5,
        35
    )]
    #[case::no_total(r#"{"prompt_tokens":5,"completion_tokens":7}"#, 5, 7)]
    #[case::floats(r#"{"prompt_tokens":5.0,"completion_tokens":7.0}"#, 5, 7)]
    #[case::nulls(r#"{"prompt_tokens":null,"completion_tokens":null}"#, 0, 0)]
    #[case::absurd(r#"{"prompt_tokens":5,"completion_tokens":1e30}"#, 5, 0)]
    #[case::null("null", 0, 0)]
    #[case::text(r#""none""#, 0, 0)]
    fn usage_is_what_is_billed(#[case] usage: &str, #[case] input: u64, #[case] output: u64) {
        let body = format!(r#"{{"choices":[{{"message":{{"content":"x"}}}}],"usage":{usage}}}"#);
        assert_eq!(read_text(&body).unwrap().usage, Usage { input, output });
    }

    #[rstest]
    #[case::empty("")]
    #[case::cut(r#"{"choices":[{"message":{"content":"I th"#)]
    #[case::html("<!doctype html><html><title>Hi</title></html>")]
    #[case::other_json(r#"{"hello":"world"}"#)]
    #[case::list("[]")]
    #[case::no_choices(r#"{"choices":[]}"#)]
    #[case::null_choices(r#"{"choices":null}"#)]
    #[case::no_message(r#"{"choices":[{}]}"#)]
    fn a_success_without_a_reply_is_malformed(#[case] body: &str) {
        let error = read_text(body).unwrap_err();
        assert_eq!(error.class, ErrorClass::Malformed, "{error}");
    }

    #[rstest]
    #[case::openrouter(r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"slow down"}}}"#, ErrorClass::RateLimited)]
    #[case::openrouter_credits(
        r#"{"error":{"code":402,"message":"Insufficient credits"},"user_id":"u"}"#,
        ErrorClass::Quota
    )]
    #[case::in_a_choice(r#"{"choices":[{"error":{"code":502,"message":"upstream"},"message":{"content":"half"},"finish_reason":"error"}]}"#, ErrorClass::Server)]
    #[case::beside_choices(
        r#"{"choices":[{"message":{"content":""}}],"error":{"message":"overloaded","code":503}}"#,
        ErrorClass::Overloaded
    )]
    #[case::text(r#"{"error":"it broke"}"#, ErrorClass::Server)]
    fn an_error_in_a_success_is_an_error(#[case] body: &str, #[case] expected: ErrorClass) {
        let error = read_text(body).unwrap_err();
        assert_eq!(error.class, expected, "{error}");
    }

    /// The chunks of a stream, one event each.
    fn streamed(chunks: &[&str]) -> String {
        format!("data: {}\n\n", chunks.join("\n\ndata: "))
    }

    #[test]
    fn a_reply_that_is_streamed_is_read_as_one() {
        let body = format!(
            ": OPENROUTER PROCESSING\n\n{}",
            streamed(&[
                r#"{"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
                r#"{"model":"m-1","choices":[{"index":0,"delta":{"content":"I th\ud83d"},"finish_reason":null}],"system_fingerprint":"fp"}"#,
                r#"{"model":"m-1","choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}"#,
                r#"{"model":"m-1","choices":[{"index":0,"delta":{"content":"ink"},"logprobs":{"content":[{"token":"ink","top_logprobs":[]}]}}]}"#,
                r#"{"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#,
                r#"{"model":"m-1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}"#,
                "[DONE]",
            ])
        );
        let reply = read_text(&body).unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.finish),
            ("I th\u{fffd}ink", Finish::Length)
        );
        let usage = Usage {
            input: 5,
            output: 7,
        };
        assert_eq!((reply.usage, reply.tokens.len()), (usage, 1));
        assert_eq!(reply.model.as_deref(), Some("m-1"));
        assert_eq!(reply.fingerprint.as_deref(), Some("fp"));
        let whole = r#"{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}"#;
        assert_eq!(read_text(&streamed(&[whole])).unwrap().text, "yes");
    }

    #[test]
    fn a_stream_without_its_end_is_no_reply_and_an_error_in_one_is_an_error() {
        let begun = r#"{"choices":[{"delta":{"content":"I th"}}]}"#;
        let error = read_text(&streamed(&[begun])).unwrap_err();
        assert_eq!(error.class, ErrorClass::Malformed);
        assert!(
            error.message.starts_with("the server streams its reply"),
            "{error}"
        );
        let cut = format!("{}data: {{\"choi", streamed(&[begun, "[DONE]"]));
        assert_eq!(read_text(&cut).unwrap_err().class, ErrorClass::Malformed);
        let failed = r#"{"error":{"code":429,"message":"slow down"}}"#;
        let error = read_text(&streamed(&[begun, failed])).unwrap_err();
        assert_eq!(error.class, ErrorClass::RateLimited, "{error}");
    }

    #[test]
    fn an_empty_error_field_is_none() {
        let body = r#"{"choices":[{"message":{"content":"fine"}}],"error":{}}"#;
        assert_eq!(read_text(body).unwrap().text, "fine");
    }

    #[test]
    fn half_a_character_at_the_token_limit_does_not_lose_the_reply() {
        let escaped =
            r#"{"choices":[{"message":{"content":"so \ud83d"},"finish_reason":"length"}]}"#;
        assert_eq!(read_text(escaped).unwrap().text, "so \u{fffd}");
        let mut raw = br#"{"choices":[{"message":{"content":"caf"#.to_vec();
        raw.push(0xc3);
        raw.extend_from_slice(br#""},"finish_reason":"length"}]}"#);
        assert_eq!(read(&raw).unwrap().text, "caf\u{fffd}");
    }
}
