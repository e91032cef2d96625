//! The exact bytes of a request.
//!
//! Pure and on the path of every call: fields are written straight to bytes, with
//! no tree of values in between. The order of the fields is fixed, so the same
//! request always gives the same bytes.

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::{ChatRequest, anthropic, openai};
use crate::study::{Entry, ProviderKind};

/// The body that is sent for a request, in the dialect of the entry.
///
/// The entry's [`extra`](Entry::extra) parameters stand last, as they are; one of
/// the name of a field that is sent anyway replaces it, so that a study can set
/// what it must (say, its own `response_format`).
///
/// A simulated entry speaks the OpenAI dialect; its body is only a record of what
/// was asked. A `file` entry is never asked.
pub fn request_body(entry: &Entry, request: &ChatRequest<'_>) -> Bytes {
    let text: usize = request
        .messages
        .iter()
        .map(|message| message.content.len())
        .sum();
    // Room for escapes and the fixed fields, so that the bytes are rarely moved.
    let mut body = Vec::with_capacity(text + text / 8 + 1024);
    let written = match entry.provider {
        ProviderKind::Anthropic => {
            serde_json::to_writer(&mut body, &anthropic::Body { entry, request })
        }
        ProviderKind::OpenAi | ProviderKind::Simulated | ProviderKind::File => {
            serde_json::to_writer(&mut body, &openai::Body { entry, request })
        }
    };
    debug_assert!(written.is_ok(), "text keys in memory are always written");
    body.into()
}

/// An object under way: its own fields, then the entry's extra ones.
pub(super) struct Fields<'e, M> {
    map: M,
    extra: &'e Map<String, Value>,
}

impl<'e, M: SerializeMap> Fields<'e, M> {
    /// Opens the object.
    pub(super) fn open<S>(serializer: S, extra: &'e Map<String, Value>) -> Result<Self, S::Error>
    where
        S: Serializer<SerializeMap = M, Ok = M::Ok, Error = M::Error>,
    {
        let map = serializer.serialize_map(None)?;
        Ok(Self { map, extra })
    }

    /// Writes a field, unless an extra one stands for it.
    pub(super) fn put<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        if self.extra.contains_key(key) {
            return Ok(());
        }
        self.map.serialize_entry(key, value)
    }

    /// Writes a field that is there.
    pub(super) fn put_some<T: Serialize>(
        &mut self,
        key: &'static str,
        value: Option<T>,
    ) -> Result<(), M::Error> {
        match value {
            Some(value) => self.put(key, &value),
            None => Ok(()),
        }
    }

    /// Writes the extra fields and closes the object.
    pub(super) fn close(mut self) -> Result<M::Ok, M::Error> {
        for (key, value) in self.extra {
            self.map.serialize_entry(key, value)?;
        }
        self.map.end()
    }
}

/// The texts of all system messages, a blank line between; `None` where there is none.
pub(super) fn system_text(request: &ChatRequest<'_>) -> Option<String> {
    crate::prompt::system_text(request.messages)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::super::testing::{conversation, entry, message, request, schema};
    use super::*;
    use crate::prompt::{Message, Role};
    use crate::study::{MaxTokensField, SystemRole};

    fn body(entry: &Entry, request: &ChatRequest<'_>) -> String {
        String::from_utf8(request_body(entry, request).into()).unwrap()
    }

    /// Every sampling field set, in both dialects.
    fn full_entry(provider: ProviderKind) -> Entry {
        let mut entry = entry(provider);
        entry.temperature = Some(0.7);
        entry.top_p = Some(0.95);
        entry.extra.insert("top_k".to_owned(), json!(20));
        entry
    }

    #[test]
    fn openai_sends_only_what_is_set() {
        let messages = conversation();
        assert_snapshot!(
            body(&entry(ProviderKind::OpenAi), &request(&messages)),
            @r#"{"model":"some-model","messages":[{"role":"system","content":"You are \"somebody\"."},{"role":"user","content":"What matters?\nSay it."}]}"#
        );
    }

    #[test]
    fn openai_sends_everything_in_a_fixed_order() {
        let messages = conversation();
        let schema = schema();
        let request = ChatRequest {
            max_tokens: Some(300),
            seed: Some(-3),
            schema: Some(&schema),
            ..request(&messages)
        };
        assert_snapshot!(
            body(&full_entry(ProviderKind::OpenAi), &request),
            @r#"{"model":"some-model","messages":[{"role":"system","content":"You are \"somebody\"."},{"role":"user","content":"What matters?\nSay it."}],"temperature":0.7,"top_p":0.95,"max_tokens":300,"seed":-3,"response_format":{"type":"json_schema","json_schema":{"name":"verdict","strict":true,"schema":{"type":"object","properties":{"z":{"type":"string"},"a":{"enum":["A","B"]}}}}},"top_k":20}"#
        );
    }

    #[test]
    fn openai_names_the_token_limit_as_the_entry_says() {
        let messages = conversation();
        let mut entry = entry(ProviderKind::OpenAi);
        entry.max_tokens_field = MaxTokensField::MaxCompletionTokens;
        let request = ChatRequest {
            max_tokens: Some(300),
            ..request(&messages)
        };
        let body = body(&entry, &request);
        assert!(body.ends_with(r#","max_completion_tokens":300}"#), "{body}");
    }

    #[test]
    fn an_extra_parameter_replaces_a_field_of_its_name() {
        let messages = conversation();
        let mut entry = full_entry(ProviderKind::OpenAi);
        entry.extra.insert("temperature".to_owned(), json!(null));
        let body = body(&entry, &request(&messages));
        assert_eq!(body.matches("temperature").count(), 1, "{body}");
        assert!(
            body.ends_with(r#""temperature":null,"top_k":20}"#),
            "{body}"
        );
    }

    #[test]
    fn openai_without_a_system_role_says_it_before_the_user_text() {
        let mut entry = entry(ProviderKind::OpenAi);
        entry.system = SystemRole::User;
        let both = conversation();
        assert_snapshot!(body(&entry, &request(&both)), @r#"{"model":"some-model","messages":[{"role":"user","content":"You are \"somebody\".\n\nWhat matters?\nSay it."}]}"#);
        let alone = [message(Role::System, "Only this.")];
        assert_snapshot!(body(&entry, &request(&alone)), @r#"{"model":"some-model","messages":[{"role":"user","content":"Only this."}]}"#);
    }

    #[test]
    fn anthropic_always_sends_a_token_limit_and_never_a_seed() {
        let messages = conversation();
        let request = ChatRequest {
            seed: Some(1),
            ..request(&messages)
        };
        assert_snapshot!(body(&entry(ProviderKind::Anthropic), &request), @r#"{"model":"some-model","max_tokens":4096,"system":"You are \"somebody\".","messages":[{"role":"user","content":"What matters?\nSay it."}]}"#);
    }

    #[test]
    fn anthropic_gets_a_schema_as_a_tool_it_must_call() {
        let messages = conversation();
        let schema = schema();
        let request = ChatRequest {
            max_tokens: Some(300),
            schema: Some(&schema),
            ..request(&messages)
        };
        assert_snapshot!(body(&full_entry(ProviderKind::Anthropic), &request), @r#"{"model":"some-model","max_tokens":300,"system":"You are \"somebody\".","messages":[{"role":"user","content":"What matters?\nSay it."}],"temperature":0.7,"top_p":0.95,"tools":[{"name":"verdict","description":"Hands in the reply.","input_schema":{"type":"object","properties":{"z":{"type":"string"},"a":{"enum":["A","B"]}}}}],"tool_choice":{"type":"tool","name":"verdict"},"top_k":20}"#);
    }

    #[test]
    fn anthropic_without_a_system_role_says_it_before_the_user_text() {
        let mut entry = entry(ProviderKind::Anthropic);
        entry.system = SystemRole::User;
        let both = conversation();
        assert_snapshot!(body(&entry, &request(&both)), @r#"{"model":"some-model","max_tokens":4096,"messages":[{"role":"user","content":"You are \"somebody\".\n\nWhat matters?\nSay it."}]}"#);
        let alone = [message(Role::System, "Only this.")];
        assert_snapshot!(body(&entry, &request(&alone)), @r#"{"model":"some-model","max_tokens":4096,"messages":[{"role":"user","content":"Only this."}]}"#);
    }

    #[test]
    fn several_system_messages_are_joined_where_there_is_one_place_for_them() {
        let messages: Vec<Message> = vec![
            message(Role::System, "One."),
            message(Role::System, "Two."),
            message(Role::User, "So?"),
        ];
        let body = body(&entry(ProviderKind::Anthropic), &request(&messages));
        assert!(body.contains(r#""system":"One.\n\nTwo.""#), "{body}");
    }
}
