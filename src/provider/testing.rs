//! Entries and requests for this room's tests.

use std::collections::BTreeMap;

use super::{ChatRequest, ReplySchema, Simulation};
use crate::prompt::{Message, Role};
use crate::study::{Entry, MaxTokensField, ProviderKind, ReplyFormat, Simulated, SystemRole};

pub(super) fn entry(provider: ProviderKind) -> Entry {
    Entry {
        name: "tuned".to_owned(),
        provider,
        base_urls: Vec::new(),
        model: "some-model".to_owned(),
        revision: None,
        api_key_env: Some("SOME_API_KEY".to_owned()),
        temperature: None,
        top_p: None,
        max_tokens: None,
        max_tokens_field: MaxTokensField::MaxTokens,
        seed: None,
        extra: serde_json::Map::new(),
        headers: BTreeMap::new(),
        api_version: None,
        system: SystemRole::Message,
        reply: ReplyFormat::Text,
        price: None,
        max_connections: None,
        timeout: 5.0,
        max_tries: 1,
        simulated: Simulated::default(),
        answers: Vec::new(),
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
        simulation: Simulation {
            draw: [0; 32],
            persona: "",
            truth: None,
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
