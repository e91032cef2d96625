//! Anthropic Messages: the request and its replies.

use serde::Deserialize;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::body::{Fields, system_text};
use super::lenient::{self, Count, Dialect, List, Object, Text};
use super::{CallError, ChatRequest, Finish, Reply, Usage, error, stream};
use crate::prompt::{Message, Role};
use crate::study::{Entry, SystemRole};

/// The token limit that is sent where the study sets none; the dialect needs one.
pub const DEFAULT_MAX_TOKENS: u32 = 4096;

/// The request's body; see [`request_body`](super::request_body).
///
/// The dialect knows no seed, so none is sent. A schema becomes the input of a
/// tool that the model is made to call: [`read`] takes the reply's text from there.
pub(super) struct Body<'a> {
    pub(super) entry: &'a Entry,
    pub(super) request: &'a ChatRequest<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { entry, request } = self;
        let system = system_text(request);
        let (system, before) = match entry.system {
            SystemRole::Message => (system, None),
            SystemRole::User => (None, system),
        };
        let mut fields = Fields::open(serializer, &entry.extra)?;
        fields.put("model", &entry.model)?;
        fields.put(
            "max_tokens",
            &request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        )?;
        fields.put_some("system", system)?;
        fields.put(
            "messages",
            &UserMessages {
                messages: request.messages,
                before,
            },
        )?;
        fields.put_some("temperature", entry.temperature)?;
        fields.put_some("top_p", entry.top_p)?;
        if let Some(schema) = request.schema {
            fields.put(
                "tools",
                &[Tool {
                    name: &schema.name,
                    description: "Hands in the reply.",
                    input_schema: &schema.json,
                }],
            )?;
            fields.put(
                "tool_choice",
                &ToolChoice {
                    kind: "tool",
                    name: &schema.name,
                },
            )?;
        }
        fields.close()
    }
}

#[derive(serde::Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'static str,
    input_schema: &'a RawValue,
}

#[derive(serde::Serialize)]
struct ToolChoice<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
}

/// The user messages, a text that goes before them first.
struct UserMessages<'a> {
    messages: &'a [Message],
    before: Option<String>,
}

impl Serialize for UserMessages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Said<'a> {
            role: Role,
            content: &'a str,
        }
        let mut before = self.before.as_deref();
        let mut list = serializer.serialize_seq(None)?;
        for message in self.messages.iter().filter(|m| m.role == Role::User) {
            let joined = before
                .take()
                .map(|before| format!("{before}\n\n{}", message.content));
            list.serialize_element(&Said {
                role: Role::User,
                content: joined.as_deref().unwrap_or(&message.content),
            })?;
        }
        if let Some(content) = before {
            list.serialize_element(&Said {
                role: Role::User,
                content,
            })?;
        }
        list.end()
    }
}

/// What is read of a reply.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    content: Option<List<Object<Block<'a>>>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    stop_reason: Text,
    #[serde(default)]
    usage: Object<Tokens>,
    #[serde(default)]
    model: Text,
}

#[derive(Deserialize, Default)]
struct Block<'a> {
    #[serde(rename = "type", default)]
    kind: Text,
    #[serde(default)]
    text: Text,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Tokens {
    #[serde(rename = "input_tokens", default)]
    fresh: Count,
    #[serde(rename = "cache_creation_input_tokens", default)]
    cached_now: Count,
    #[serde(rename = "cache_read_input_tokens", default)]
    cached_before: Count,
    #[serde(rename = "output_tokens", default)]
    output: Count,
}

/// Reads the body of a success.
pub(super) fn read(body: &[u8]) -> Result<Reply, CallError> {
    lenient::read::<Anthropic>(body)
}

struct Anthropic;

impl Dialect for Anthropic {
    type Shape<'a> = Answer<'a>;

    fn reply(shape: Answer<'_>, body: &[u8]) -> Result<Reply, CallError> {
        reply(shape, body)
    }

    fn joined(events: &[serde_json::Value]) -> Option<serde_json::Value> {
        stream::message(events)
    }
}

fn reply(answer: Answer<'_>, body: &[u8]) -> Result<Reply, CallError> {
    let Some(List(blocks)) = answer.content else {
        return match answer.error {
            Some(_) => error::in_success(body),
            None => Err(error::malformed("the reply holds no content", body)),
        };
    };
    let tokens = answer.usage.0;
    Ok(Reply {
        text: text(&blocks),
        finish: finish(answer.stop_reason.0.as_deref()),
        usage: Usage {
            input: tokens
                .fresh
                .0
                .saturating_add(tokens.cached_now.0)
                .saturating_add(tokens.cached_before.0),
            output: tokens.output.0,
        },
        model: answer.model.0,
        fingerprint: None,
        tokens: Vec::new(),
    })
}

/// The tool's input where a tool was called, else the text blocks; a model may
/// think aloud before it calls the tool, and that is not what it hands in.
fn text(blocks: &[Object<Block<'_>>]) -> String {
    let of_kind = |kind: &'static str| {
        blocks
            .iter()
            .map(|Object(block)| block)
            .filter(move |block| block.kind.0.as_deref() == Some(kind))
    };
    if let Some(input) = of_kind("tool_use").find_map(|block| block.input) {
        return input.get().to_owned();
    }
    of_kind("text")
        .filter_map(|block| block.text.0.as_deref())
        .collect()
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("end_turn" | "stop_sequence" | "tool_use") => Finish::Stop,
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("refusal") => Finish::Refusal,
        _ => Finish::Other,
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
        let body = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
            "content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"I think "},{"type":"text","text":"so."}],
            "stop_reason":"end_turn","stop_sequence":null,
            "usage":{"input_tokens":5,"cache_creation_input_tokens":100,"cache_read_input_tokens":20,"output_tokens":9}}"#;
        let expected = Reply {
            text: "I think so.".to_owned(),
            finish: Finish::Stop,
            usage: Usage {
                input: 125,
                output: 9,
            },
            model: Some("claude-sonnet-4-5-20250929".to_owned()),
            fingerprint: None,
            tokens: Vec::new(),
        };
        assert_eq!(read_text(body), Ok(expected));
    }

    #[test]
    fn what_a_tool_was_called_with_is_the_reply() {
        let body = r#"{"content":[{"type":"text","text":"Let me see {\"z\": 1}."},
            {"type":"tool_use","id":"t","name":"verdict","input":{"z": "because", "a": "B"}}],"stop_reason":"tool_use"}"#;
        let reply = read_text(body).unwrap();
        assert_eq!(reply.text, r#"{"z": "because", "a": "B"}"#);
        assert_eq!(reply.finish, Finish::Stop);
    }

    #[rstest]
    #[case(r#""end_turn""#, Finish::Stop)]
    #[case(r#""stop_sequence""#, Finish::Stop)]
    #[case(r#""max_tokens""#, Finish::Length)]
    #[case(r#""model_context_window_exceeded""#, Finish::Length)]
    #[case(r#""refusal""#, Finish::Refusal)]
    #[case(r#""pause_turn""#, Finish::Other)]
    #[case("null", Finish::Other)]
    fn the_finish_is_read(#[case] reason: &str, #[case] expected: Finish) {
        let body = format!(r#"{{"content":[],"stop_reason":{reason}}}"#);
        let reply = read_text(&body).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("", expected));
    }

    #[rstest]
    #[case::empty("")]
    #[case::cut(r#"{"content":[{"type":"text","text":"I th"#)]
    #[case::other_json(r#"{"choices":[]}"#)]
    fn a_success_without_a_reply_is_malformed(#[case] body: &str) {
        assert_eq!(read_text(body).unwrap_err().class, ErrorClass::Malformed);
    }

    #[test]
    fn an_error_in_a_success_is_an_error() {
        let body = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        assert_eq!(read_text(body).unwrap_err().class, ErrorClass::Overloaded);
    }

    const STARTED: &str = r#"event: message_start
data: {"type":"message_start","message":{"type":"message","role":"assistant","model":"claude-1","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}

event: ping
data: {"type":"ping"}
"#;
    const STOPPED: &str = r#"
data: {"type":"content_block_stop","index":0}

data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

data: {"type":"message_stop"}
"#;

    #[test]
    fn a_reply_that_is_streamed_is_read_as_one() {
        let text = r#"
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"I th"}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"ink"}}
"#;
        let reply = read_text(&[STARTED, text, STOPPED].concat()).unwrap();
        let usage = Usage {
            input: 30,
            output: 15,
        };
        assert_eq!(
            (reply.text.as_str(), reply.finish),
            ("I think", Finish::Stop)
        );
        assert_eq!(
            (reply.usage, reply.model.as_deref()),
            (usage, Some("claude-1"))
        );
        let tool = r#"
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Let me see."}}

data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"verdict","input":{}}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"z\": 1,"}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" \"a\": 2}"}}
"#;
        let reply = read_text(&[STARTED, tool, STOPPED].concat()).unwrap();
        assert_eq!(reply.text, r#"{"z": 1, "a": 2}"#);
        let cut = read_text(&[STARTED, text].concat()).unwrap_err();
        assert_eq!(cut.class, ErrorClass::Malformed);
        let failed = r#"
event: error
data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
"#;
        let error = read_text(&[STARTED, text, failed].concat()).unwrap_err();
        assert_eq!(error.class, ErrorClass::Overloaded);
    }

    #[test]
    fn odd_blocks_are_passed_over() {
        let body = r#"{"content":[null,"x",{"type":"text"},{"type":"text","text":7},{"type":"text","text":"so"}]}"#;
        assert_eq!(read_text(body).unwrap().text, "so");
    }
}
