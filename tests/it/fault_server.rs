//! The fault server does what the tests that use it take for granted.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::dialect::Ending;
use crate::support::fault::{Fault, Faults, RetryAfter};
use crate::support::fault_server::{FaultServer, Rate, Settings};
use crate::support::{block_on, client, get, post, replies};

const JUDGE_FORM: &str = r#"Form:
{
  "persona_winner": "A" | "B" | "Tie",
  "overall_winner": "A" | "B"
}"#;

fn chat(text: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": text}]})
}

/// Sends one chat request in OpenAI's dialect; the status, the headers and the body.
async fn ask(
    server: &FaultServer,
    body: &Value,
) -> reqwest::Result<(u16, reqwest::header::HeaderMap, String)> {
    post(&format!("{}/chat/completions", server.url()), &[], body).await
}

fn ask_now(server: &FaultServer, body: &Value) -> (u16, Value) {
    let (status, _, text) = block_on(ask(server, body)).unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

#[test]
fn a_judge_prompt_gets_a_label_on_every_criterion() {
    let server = FaultServer::start(Settings::default());
    let (status, reply) = ask_now(&server, &chat(JUDGE_FORM));
    assert_eq!(status, 200);
    assert_eq!(reply["choices"][0]["finish_reason"], "stop");
    let text = reply["choices"][0]["message"]["content"].as_str().unwrap();
    let verdict: Value = serde_json::from_str(&text[text.rfind('{').unwrap()..]).unwrap();
    assert!(["A", "B", "Tie"].contains(&verdict["persona_winner"].as_str().unwrap()));
    assert!(["A", "B"].contains(&verdict["overall_winner"].as_str().unwrap()));
    assert_eq!(verdict.as_object().unwrap().len(), 2);
}

#[test]
fn a_criterion_named_again_in_an_answer_keeps_its_first_labels() {
    let asked = replies::asked(&format!(
        "{JUDGE_FORM}\n\"overall_winner\": \"X\" | \"Y\"\n"
    ));
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].labels, ["A", "B", "Tie"]);
    assert_eq!(asked[1].labels, ["A", "B"]);
}

#[test]
fn a_judge_bound_to_json_says_nothing_else() {
    let server = FaultServer::start(Settings::default());
    let mut body = chat(JUDGE_FORM);
    body["response_format"] = json!({"type": "json_schema", "json_schema": {}});
    let (_, reply) = ask_now(&server, &body);
    let text = reply["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(text).is_ok(), "{text}");
}

#[test]
fn the_same_request_gets_the_same_bytes_and_another_one_others() {
    let first = FaultServer::start(Settings::default());
    let second = FaultServer::start(Settings::default());
    let said = |server, text| block_on(ask(server, &chat(text))).unwrap().2;
    assert_eq!(
        said(&first, "What matters?"),
        said(&second, "What matters?")
    );
    assert_ne!(said(&first, "What matters?"), said(&first, "Who matters?"));
}

#[test]
fn anthropic_messages_are_answered_in_their_own_shape() {
    let server = FaultServer::start(Settings {
        key: Some("sk-test".to_owned()),
        ..Settings::default()
    });
    let url = format!("{}/v1/messages", server.root());
    let body = json!({
        "model": "m", "max_tokens": 5, "system": "You are old.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Well?"}]}],
    });
    let key = [("x-api-key", "sk-test".to_owned())];
    let (status, _, reply) = block_on(post(&url, &key, &body)).unwrap();
    let reply: Value = serde_json::from_str(&reply).unwrap();
    assert_eq!(status, 200);
    assert_eq!(reply["stop_reason"], "max_tokens");
    assert_eq!(
        reply["usage"],
        json!({"input_tokens": 4, "output_tokens": 5})
    );
    assert_eq!(
        reply["content"][0]["text"]
            .as_str()
            .unwrap()
            .split(' ')
            .count(),
        5
    );
}

#[test]
fn more_tokens_lift_the_limit_that_cut_a_reply() {
    let server = FaultServer::start(Settings::default());
    let mut body = chat("Say more.");
    body["max_completion_tokens"] = json!(8);
    assert_eq!(
        ask_now(&server, &body).1["choices"][0]["finish_reason"],
        "length"
    );
    body["max_completion_tokens"] = json!(800);
    assert_eq!(
        ask_now(&server, &body).1["choices"][0]["finish_reason"],
        "stop"
    );
    assert_eq!(
        server.count(|logged| logged.ending == Some(Ending::Limit)),
        1
    );
}

#[test]
fn key_model_and_length_are_checked_as_real_servers_do() {
    let server = FaultServer::start(Settings {
        models: vec!["m".to_owned()],
        context: Some(10),
        ..Settings::default()
    });
    let mut other = chat("Hello.");
    other["model"] = json!("n");
    assert_eq!(ask_now(&server, &other).0, 404);
    assert_eq!(ask_now(&server, &chat("Hello.")).0, 200);
    let (status, error) = ask_now(&server, &chat(&"word ".repeat(11)));
    assert_eq!(
        (status, &error["error"]["code"]),
        (400, &json!("context_length_exceeded"))
    );
    assert_eq!(ask_now(&server, &json!({"model": "m"})).0, 400);

    let locked = FaultServer::start(Settings {
        key: Some("sk-test".to_owned()),
        ..Settings::default()
    });
    assert_eq!(ask_now(&locked, &chat("Hello.")).0, 401);
    assert_eq!(locked.count(|logged| !logged.showed_key), 1);
}

#[test]
fn faults_with_an_answer_have_the_status_and_headers_of_their_kind() {
    let cases = [
        (Fault::RateLimited(RetryAfter::Unsaid), 429, None),
        (
            Fault::RateLimited(RetryAfter::Seconds(3)),
            429,
            Some(("retry-after", "3")),
        ),
        (
            Fault::RateLimited(RetryAfter::Millis(250)),
            429,
            Some(("retry-after-ms", "250")),
        ),
        (Fault::Status(500), 500, None),
        (Fault::Status(503), 503, None),
        (Fault::Status(529), 529, None),
        (Fault::ContextTooLong, 400, None),
        (Fault::WrongKey, 401, None),
        (Fault::UnknownModel, 404, None),
    ];
    for (fault, expected, header) in cases {
        let server = FaultServer::start(Settings {
            faults: Faults::always(fault),
            ..Settings::default()
        });
        let (status, headers, body) = block_on(ask(&server, &chat("Hello."))).unwrap();
        assert_eq!(status, expected, "{fault:?}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body["error"]["message"].is_string(), "{fault:?}");
        for name in ["retry-after", "retry-after-ms"] {
            let wanted = header
                .filter(|(given, _)| *given == name)
                .map(|(_, value)| value);
            let given = headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(given, wanted, "{fault:?}");
        }
        assert_eq!(server.log()[0].fault, Some(fault));
    }
}

#[test]
fn faults_under_a_success_status_are_no_usual_reply() {
    let under = |fault| {
        let server = FaultServer::start(Settings {
            faults: Faults::always(fault),
            ..Settings::default()
        });
        let (status, _, body) = block_on(ask(&server, &chat("Hello."))).unwrap();
        assert_eq!(status, 200);
        (
            serde_json::from_str::<Value>(&body).ok(),
            server.log()[0].text.clone(),
        )
    };
    assert_eq!(under(Fault::NotJson), (None, None));
    assert!(under(Fault::WrongShape).0.unwrap()["choices"].is_null());
    assert_eq!(under(Fault::EmptyChoices).0.unwrap()["choices"], json!([]));
    let (refused, text) = under(Fault::Refusal);
    assert_eq!(
        refused.unwrap()["choices"][0]["finish_reason"],
        "content_filter"
    );
    assert_eq!(text.as_deref(), Some(""));
    let (cut, text) = under(Fault::Truncated);
    let cut = cut.unwrap();
    assert_eq!(cut["choices"][0]["finish_reason"], "length");
    assert_eq!(
        cut["choices"][0]["message"]["content"].as_str(),
        text.as_deref()
    );
}

#[test]
fn cut_reset_and_hanging_connections_fail_in_the_client() {
    let error = |fault, patience| {
        let server = FaultServer::start(Settings {
            faults: Faults::always(fault),
            ..Settings::default()
        });
        let client = client(patience);
        let url = format!("{}/chat/completions", server.url());
        let error = block_on(async {
            match client.post(url).json(&chat("Hello.")).send().await {
                Ok(response) => response.bytes().await.unwrap_err(),
                Err(error) => error,
            }
        });
        let logged = server.log().remove(0);
        assert_eq!(logged.text, None);
        (error, logged.status)
    };
    let long = Duration::from_secs(20);
    let (cut, status) = error(Fault::CutBody, long);
    assert!(cut.is_body() || cut.is_decode(), "{cut:?}");
    assert_eq!(status, Some(200));
    let (reset, status) = error(Fault::Reset, long);
    assert!(
        format!("{reset:?}").contains("ConnectionReset"),
        "{reset:?}"
    );
    assert_eq!(status, None);
    assert!(
        error(Fault::Hang, Duration::from_millis(300))
            .0
            .is_timeout()
    );
}

#[test]
fn latency_and_slow_answers_take_their_time() {
    let server = FaultServer::start(Settings {
        latency: Duration::from_millis(30),
        faults: Faults::script(vec![None, Some(Fault::Slow(Duration::from_millis(40)))]),
        ..Settings::default()
    });
    let timed = || {
        let started = Instant::now();
        assert_eq!(ask_now(&server, &chat("Hello.")).0, 200);
        started.elapsed()
    };
    assert!(timed() >= Duration::from_millis(30));
    assert!(timed() >= Duration::from_millis(70));
    server.set_latency(Duration::ZERO);
    timed();
    assert_eq!(server.count(|logged| logged.text.is_some()), 3);
}

#[test]
fn a_server_that_is_down_can_come_up_again() {
    let server = FaultServer::start(Settings {
        faults: Faults::always(Fault::Reset),
        ..Settings::default()
    });
    assert!(block_on(ask(&server, &chat("Hello."))).is_err());
    server.set_faults(Faults::none());
    assert_eq!(ask_now(&server, &chat("Hello.")).0, 200);
}

#[test]
fn the_first_attempts_at_each_body_fail_and_no_others() {
    let server = FaultServer::start(Settings {
        faults: Faults::first(2, Fault::Status(503)),
        ..Settings::default()
    });
    for text in ["one", "two"] {
        let statuses: Vec<u16> = (0..4).map(|_| ask_now(&server, &chat(text)).0).collect();
        assert_eq!(statuses, [503, 503, 200, 200]);
    }
    let attempts: Vec<usize> = server.log().iter().map(|logged| logged.attempt).collect();
    assert_eq!(attempts, [0, 1, 2, 3, 0, 1, 2, 3]);
}

#[test]
fn random_faults_are_the_same_for_every_order_of_arrival() {
    let bodies: Vec<Value> = (0..40).map(|k| chat(&format!("question {k}"))).collect();
    let faults_of = |bodies: Vec<&Value>, seed: u64| {
        let chances = vec![(Fault::Status(500), 0.3), (Fault::EmptyChoices, 0.2)];
        let server = FaultServer::start(Settings {
            faults: Faults::random(seed, chances),
            ..Settings::default()
        });
        for body in bodies {
            ask_now(&server, body);
        }
        let mut seen: Vec<_> = server
            .log()
            .into_iter()
            .map(|logged| (logged.body, logged.fault))
            .collect();
        seen.sort_by(|left, right| left.0.cmp(&right.0));
        seen
    };
    let forth = faults_of(bodies.iter().collect(), 5);
    assert_eq!(forth, faults_of(bodies.iter().rev().collect(), 5));
    assert_ne!(forth, faults_of(bodies.iter().collect(), 6));
    let hit = forth.iter().filter(|(_, fault)| fault.is_some()).count();
    assert!(
        (8..=32).contains(&hit),
        "{hit} of 40 at a chance of one half"
    );
}

#[test]
fn a_rule_may_look_at_the_call() {
    let server = FaultServer::start(Settings {
        faults: Faults::by(|seen| (seen.call.model == "bad").then_some(Fault::Status(500))),
        ..Settings::default()
    });
    let mut bad = chat("Hello.");
    bad["model"] = json!("bad");
    assert_eq!(ask_now(&server, &bad).0, 500);
    assert_eq!(ask_now(&server, &chat("Hello.")).0, 200);
}

#[test]
fn bad_weather_has_a_share_of_every_kind() {
    let kinds = Fault::weather(Duration::from_millis(1));
    let server = FaultServer::start(Settings {
        // A share of the fourteen kinds in 20 is left for usual replies.
        faults: Faults::random(1, kinds.iter().map(|&kind| (kind, 0.05)).collect()),
        ..Settings::default()
    });
    block_on(async {
        let client = client(Duration::from_millis(300));
        let url = format!("{}/chat/completions", server.url());
        let sends = (0..400).map(|k| client.post(&url).json(&chat(&k.to_string())).send());
        let tasks: Vec<_> = sends.map(tokio::spawn).collect();
        for task in tasks {
            // Some of the connections fail, as they should.
            let _ = task.await.unwrap();
        }
    });
    for kind in kinds {
        assert!(
            server.count(|logged| logged.fault == Some(kind)) > 0,
            "{kind:?}"
        );
    }
    assert!(server.count(|logged| logged.fault.is_none()) > 60);
}

#[test]
fn requests_at_one_time_are_counted_and_limited() {
    let server = FaultServer::start(Settings {
        latency: Duration::from_secs(1),
        max_in_flight: Some(4),
        ..Settings::default()
    });
    let statuses = block_on(async {
        let asks = (0..6).map(|k| {
            let body = chat(&format!("question {k}"));
            let url = format!("{}/chat/completions", server.url());
            tokio::spawn(async move { post(&url, &[], &body).await.unwrap().0 })
        });
        let mut statuses = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            statuses.push(ask.await.unwrap());
        }
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
    assert_eq!(server.peak_in_flight(), 6);
    assert_eq!(server.connections(), 6);
}

#[test]
fn a_rate_limit_says_when_its_next_window_begins() {
    let server = FaultServer::start(Settings {
        rate: Some(Rate {
            requests: 2,
            window: Duration::from_secs(1),
        }),
        ..Settings::default()
    });
    let answers: Vec<_> = (0..3)
        .map(|_| block_on(ask(&server, &chat("Hello."))).unwrap())
        .collect();
    let statuses: Vec<u16> = answers.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let wait: u64 = answers[2].1["retry-after-ms"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=1001).contains(&wait), "{wait}");
    std::thread::sleep(Duration::from_millis(wait));
    assert_eq!(ask_now(&server, &chat("Hello.")).0, 200);
}

#[test]
fn the_list_of_models_is_served_and_not_logged() {
    let server = FaultServer::start(Settings {
        models: vec!["m".to_owned()],
        ..Settings::default()
    });
    let list = block_on(get(&format!("{}/models", server.url()))).unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["data"][0]["id"], "m");
    assert!(server.log().is_empty());
}
