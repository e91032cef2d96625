//! The real server behaves as the tests that use it, and `tests/servers/README.md`,
//! say it does.

use serde_json::{Value, json};

use crate::support::llama::{Launch, Llama, Weights};
use crate::support::{block_on, get, post};

fn chat(text: &str) -> Value {
    json!({
        "model": "any", "seed": 7, "max_tokens": 12,
        "messages": [
            {"role": "system", "content": "You are old."},
            {"role": "user", "content": text},
        ],
    })
}

/// Sends a body to a path of the server under a key.
fn ask(server: &Llama, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}{path}", server.root());
    let headers = [
        ("authorization", format!("Bearer {key}")),
        ("x-api-key", key.to_owned()),
    ];
    let (status, _, text) = block_on(post(&url, &headers, body)).unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

#[test]
fn both_dialects_are_answered_with_usage_and_the_reason_of_the_end() {
    let Some(server) = Llama::start(&Launch::default()) else {
        return;
    };
    let (status, reply) = ask(&server, "/v1/chat/completions", "", &chat("What matters?"));
    assert_eq!(status, 200);
    assert!(
        !reply["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    assert_eq!(reply["choices"][0]["finish_reason"], "length");
    assert_eq!(reply["usage"]["completion_tokens"], 12);
    assert_eq!(reply["model"], "tiny-random");

    let messages = json!({
        "model": "any", "max_tokens": 12, "system": "You are old.",
        "messages": [{"role": "user", "content": "What matters?"}],
    });
    let (status, reply) = ask(&server, "/v1/messages", "", &messages);
    assert_eq!(status, 200);
    assert!(!reply["content"][0]["text"].as_str().unwrap().is_empty());
    assert_eq!(reply["stop_reason"], "max_tokens");
    assert_eq!(reply["usage"]["output_tokens"], 12);
}

#[test]
fn a_wrong_key_is_refused_in_both_dialects() {
    let Some(server) = Llama::start(&Launch {
        key: Some("sk-test"),
        ..Launch::default()
    }) else {
        return;
    };
    for path in ["/v1/chat/completions", "/v1/messages"] {
        assert_eq!(ask(&server, path, "sk-wrong", &chat("Hello.")).0, 401);
        assert_eq!(ask(&server, path, "sk-test", &chat("Hello.")).0, 200);
    }
}

#[test]
fn a_prompt_that_does_not_fit_is_refused_in_both_dialects() {
    let Some(server) = Llama::start(&Launch {
        context: 512,
        ..Launch::default()
    }) else {
        return;
    };
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let (status, error) = ask(&server, path, "", &chat(&"word ".repeat(200)));
        assert_eq!(status, 400);
        assert_eq!(error["error"]["type"], "exceed_context_size_error");
    }
}

#[test]
fn a_schema_binds_the_reply_in_openai_dialect() {
    let Some(server) = Llama::start(&Launch {
        weights: Weights::Judge,
        ..Launch::default()
    }) else {
        return;
    };
    let mut body = chat("Which answer is better?");
    body["max_tokens"] = json!(200);
    body["response_format"] = json!({"type": "json_schema", "json_schema": {
        "name": "verdict", "strict": true, "schema": {
            "type": "object",
            "properties": {"overall_winner": {"enum": ["A", "B", "Tie"]}},
            "required": ["overall_winner"], "additionalProperties": false,
        },
    }});
    let (_, reply) = ask(&server, "/v1/chat/completions", "", &body);
    let text = reply["choices"][0]["message"]["content"].as_str().unwrap();
    let verdict: Value = serde_json::from_str(text).unwrap();
    assert!(["A", "B", "Tie"].contains(&verdict["overall_winner"].as_str().unwrap()));
}

#[test]
fn the_seed_makes_the_draw() {
    let Some(server) = Llama::start(&Launch::default()) else {
        return;
    };
    let said = |seed: u32| {
        let mut body = chat("What matters?");
        body["seed"] = json!(seed);
        let (_, reply) = ask(&server, "/v1/chat/completions", "", &body);
        reply["choices"][0]["message"]["content"].clone()
    };
    assert_eq!(said(1), said(1));
    assert_ne!(said(1), said(2));
}

#[test]
fn other_weights_say_other_things() {
    let said = |weights| {
        let server = Llama::start(&Launch {
            weights,
            ..Launch::default()
        })?;
        Some(ask(&server, "/v1/chat/completions", "", &chat("What matters?")).1["choices"].clone())
    };
    let Some(one) = said(Weights::One) else {
        return;
    };
    assert_ne!(Some(one), said(Weights::Two));
}

#[test]
fn a_dropped_server_is_gone() {
    let Some(server) = Llama::start(&Launch::default()) else {
        return;
    };
    let url = format!("{}/models", server.url());
    assert!(block_on(get(&url)).is_ok());
    drop(server);
    assert!(block_on(get(&url)).is_err());
}
