//! Entries and requests for this room's tests.

use super::{ChatRequest, ReplySchema, Simulation};
use crate::prompt::{Message, Role};
use crate::study::{self, Entry, ProviderKind};

pub(super) fn entry(provider: ProviderKind) -> Entry {
    Entry {
        model: "some-model".to_owned(),
        api_key_env: Some("SOME_API_KEY".to_owned()),
        max_tries: 1,
        ..study::testing::entry("tuned", provider)
    }
}

pub(super) fn message(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
    }
}

pub(super) fn conversation() -> Vec<Message> {
    vec![
        message(Role::System, "You are \"somebody\"."),
        message(Role::User, "What matters?\nSay it."),
    ]
}

pub(super) fn request(messages: &[Message]) -> ChatRequest<'_> {
    ChatRequest {
        messages,
        max_tokens: None,
        seed: None,
        schema: None,
        logprobs: false,
        simulation: Simulation {
            draw: [0; 32],
            persona: "",
            truth: None,
            alignment: None,
            options: None,
        },
    }
}

pub(super) fn schema() -> ReplySchema {
    let json = r#"{"type":"object","properties":{"z":{"type":"string"},"a":{"enum":["A","B"]}}}"#;
    ReplySchema {
        name: "verdict".to_owned(),
        json: serde_json::value::RawValue::from_string(json.to_owned()).unwrap(),
    }
}
