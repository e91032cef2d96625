//! Replies that come as server-sent events though nobody asked for a stream, as some
//! proxies send them: joined to the one body that was asked for.

use serde_json::{Map, Value, json};

use crate::text::surrogates::whole_surrogates;

/// Whether a body is a stream of events.
pub(super) fn is_stream(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    [&b"data:"[..], b"event:", b"id:", b"retry:", b":"]
        .iter()
        .any(|start| body.starts_with(start))
}

/// The data of a stream's events; `None` of a body that is no stream. The word that ends a
/// stream of OpenAI's is null.
pub(super) fn events(body: &[u8]) -> Option<Vec<Value>> {
    if !is_stream(body) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|data| match data.trim() {
        "[DONE]" => Some(Value::Null),
        data => {
            let whole = whole_surrogates(data);
            serde_json::from_str(whole.as_deref().unwrap_or(data)).ok()
        }
    })
    .collect()
}

/// The chat completion that chunks add up to; `None` where they have no end.
pub(super) fn chat_completion(chunks: &[Value]) -> Option<Value> {
    let is_whole =
        |chunk: &&Value| chunk["choices"][0]["message"].is_object() || is_error(&chunk["error"]);
    if let Some(whole) = chunks.iter().find(is_whole) {
        return Some(whole.clone());
    }
    let choices = || chunks.iter().map(|chunk| &chunk["choices"][0]);
    let mut finish = choices().rev().map(|choice| &choice["finish_reason"]);
    let finish = finish.find(|reason| reason.is_string());
    if finish.is_none() && !chunks.iter().any(Value::is_null) {
        return None;
    }
    let text = |field: &str| -> String {
        let deltas = choices().map(|choice| &choice["delta"][field]);
        deltas.filter_map(Value::as_str).collect()
    };
    let log_probs = choices().map(|choice| &choice["logprobs"]["content"]);
    let log_probs: Vec<&Value> = log_probs.filter_map(Value::as_array).flatten().collect();
    let last = |field: &str| {
        let mut said = chunks.iter().rev().map(|chunk| &chunk[field]);
        said.find(|value| !value.is_null())
    };
    Some(json!({
        "model": last("model"),
        "system_fingerprint": last("system_fingerprint"),
        "usage": last("usage"),
        "choices": [{
            "message": {"content": text("content"), "refusal": text("refusal")},
            "finish_reason": finish,
            "logprobs": {"content": log_probs},
        }],
    }))
}

/// The message that events add up to; `None` where they have no end. What a tool was called
/// with stands as text, which it is read as.
pub(super) fn message(events: &[Value]) -> Option<Value> {
    let whole = |event: &&Value| event["content"].is_array() || is_error(&event["error"]);
    if let Some(whole) = events.iter().find(whole) {
        return Some(whole.clone());
    }
    let mut usage = Map::new();
    let mut model = &Value::Null;
    let mut stop = &Value::Null;
    let mut tool = None;
    let (mut text, mut input) = (String::new(), String::new());
    for event in events {
        let start = &event["message"];
        for counts in [&start["usage"], &event["usage"]] {
            let counts = counts.as_object().into_iter().flatten();
            usage.extend(counts.map(|(name, count)| (name.clone(), count.clone())));
        }
        for (known, said) in [
            (&mut model, &start["model"]),
            (&mut stop, &event["delta"]["stop_reason"]),
        ] {
            if said.is_string() {
                *known = said;
            }
        }
        if event["content_block"]["type"] == "tool_use" {
            tool.get_or_insert(&event["index"]);
        }
        text.push_str(event["delta"]["text"].as_str().unwrap_or_default());
        if tool == Some(&event["index"]) {
            input.push_str(event["delta"]["partial_json"].as_str().unwrap_or_default());
        }
    }
    let is_over = events.iter().any(|event| event["type"] == "message_stop");
    let text = if tool.is_some() { input } else { text };
    (is_over || stop.is_string()).then(|| {
        json!({
            "model": model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop,
            "usage": usage,
        })
    })
}

fn is_error(value: &Value) -> bool {
    let empty = ["null", "{}", "\"\"", "false", "[]", "0"];
    !empty.contains(&value.to_string().as_str())
}
