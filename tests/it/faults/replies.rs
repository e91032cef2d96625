//! Replies that were received but say too little: cut off, refused, unreadable.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use super::{RESULTS, answers, by_body, given, home, is_judge, missing, run, written};
use crate::support::dialect::Call;
use crate::support::fault::{Fault, Faults};
use crate::support::fault_server::{FaultServer, Logged, Settings};
use crate::support::{replies, stored, study};

const FILTERED: &str = r#"{"error": {"message": "The response was filtered due to the prompt triggering the content management policy.", "type": null, "param": "prompt", "code": "content_filter", "status": 400}}"#;

const REFUSED_IN_WORDS: &str = r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": null, "refusal": "I cannot speak for her."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}}"#;

const CUT_IN_REASONING: &str = r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": "<think>What would she"}, "finish_reason": "length"}]}"#;

fn with(faults: Faults) -> FaultServer {
    FaultServer::start(Settings {
        faults,
        ..Settings::default()
    })
}

/// A server whose judge says this and whose models answer as usual.
fn judge_says(words: impl Fn(&Call) -> String + Send + Sync + 'static) -> FaultServer {
    FaultServer::start(Settings {
        reply: Box::new(move |call| {
            if call.model == "judge-1" {
                words(call)
            } else {
                replies::usual(call)
            }
        }),
        ..Settings::default()
    })
}

/// A judge who says an even number of words, so that twice the half of them is enough.
fn judge_in_even_words() -> FaultServer {
    judge_says(|_| {
        let verdict = r#"{"persona_winner": "A", "value_winner": "B", "overall_winner": "Tie"}"#;
        format!("Both are short and they are much alike. {verdict}")
    })
}

/// The judge's requests, each judgment's together: a re-ask has the same messages.
fn judgments(server: &FaultServer) -> Vec<Vec<Logged>> {
    let mut groups: BTreeMap<String, Vec<Logged>> = BTreeMap::new();
    for logged in server.log().into_iter().filter(is_judge) {
        let messages = logged.json()["messages"].to_string();
        groups.entry(messages).or_default().push(logged);
    }
    groups.into_values().collect()
}

fn max_tokens(asked: &[Logged]) -> Vec<u64> {
    asked
        .iter()
        .map(|logged| logged.json()["max_tokens"].as_u64().unwrap_or(0))
        .collect()
}

#[test]
fn replies_that_had_to_be_repaired_are_counted_in_a_note() {
    let server = judge_says(|call| {
        let labels = r#""persona_winner": "A", "value_winner": "B", "overall_winner": "Tie""#;
        if call.user.contains("matter number 0 ") {
            format!("```json\n{{{labels},}}\n```")
        } else if call.user.contains("matter number 1 ") {
            format!("{{{labels},}}")
        } else {
            format!("{{{labels}}}")
        }
    });
    let report = run(&home(2, 3, &server, "")).expect(0).json();
    let notes = report["notes"].as_array().unwrap().iter();
    let repaired: Vec<_> = notes
        .filter(|note| note["code"] == "repaired_verdicts")
        .collect();
    assert_eq!(repaired.len(), 1, "{}", report["notes"]);
    let said = "main: 8 of 12 (trailing_comma 8, fence 4)";
    assert_eq!(repaired[0]["subjects"][0], said);
}

#[test]
fn an_answer_without_text_is_judged_and_told() {
    let server = FaultServer::start(Settings {
        reply: Box::new(|call| match call.model.as_str() {
            "base-1" if call.user.contains("matter number 0 ") => String::new(),
            "tuned-1" if call.user.contains("matter number 1 ") => {
                "<think>What would she say? Nothing.</think>".to_owned()
            }
            _ => replies::usual(call),
        }),
        ..Settings::default()
    });
    let home = home(2, 2, &server, "");
    let ran = home.oyer(&["run", "study.toml"]).expect(0);
    let report: serde_json::Value =
        serde_json::from_str(&home.read("results/s/report.json")).unwrap();
    assert_eq!(given(&report), 8);
    for (model, reasoning) in [("base", 0), ("tuned", 2)] {
        let answers = answers(&report, model);
        assert_eq!(answers["answered"], 4, "{answers}");
        assert_eq!(answers["empty"], 2, "{answers}");
        assert_eq!(answers["reasoning_removed"], reasoning, "{answers}");
    }
    assert!(ran.stdout.contains("4 of 4, 2 empty"), "{}", ran.stdout);
    let warning = "answers hold no text, or only reasoning";
    assert!(ran.stdout.contains(warning), "{}", ran.stdout);
}

#[test]
fn a_judges_truncated_reply_is_asked_once_more_with_twice_the_tokens() {
    let server = with(Faults::where_call(
        |call| call.model == "judge-1" && call.max_tokens == Some(400),
        Fault::Truncated,
    ));
    let home = home(2, 2, &server, "max_tokens = 400");
    let report = run(&home).expect(0).json();
    assert_eq!(given(&report), 8);
    let judgments = judgments(&server);
    assert_eq!(judgments.len(), 8);
    for asked in judgments {
        assert_eq!(max_tokens(&asked), [400, 800]);
    }
}

#[test]
fn a_judgment_truncated_twice_is_missing_and_not_asked_a_third_time() {
    for reasks in ["reasks = 0", "reasks = 1"] {
        let server = with(Faults::where_call(
            |call| call.model == "judge-1",
            Fault::Truncated,
        ));
        let mut study = study::served(2, 2, &server.url(), "max_tokens = 400");
        study.judging = reasks.to_owned();
        let home = written(&study);
        let report = run(&home).expect(3).json();
        assert_eq!(missing(&report, "truncated"), 8);
        for asked in judgments(&server) {
            assert_eq!(max_tokens(&asked), [400, 800], "{reasks}");
        }
        // Nor does another run ask for it.
        let before = server.log().len();
        run(&home).expect(3);
        assert_eq!(server.log().len(), before);
    }
}

#[test]
fn without_a_limit_of_its_own_a_truncated_judge_gets_twice_what_it_used() {
    let server = judge_in_even_words();
    server.set_faults(Faults::where_call(
        |call| call.model == "judge-1" && call.max_tokens.is_none(),
        Fault::Truncated,
    ));
    let home = home(1, 2, &server, "");
    run(&home).expect(0);
    for asked in judgments(&server) {
        let used = asked[0].text.as_deref().unwrap().split_whitespace().count();
        assert_eq!(max_tokens(&asked), [0, 2 * used as u64]);
    }
}

const RENAMED: &str = r#"{"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"}}"#;

const TOO_MANY: &str = r#"{"error": {"message": "max_tokens is too large: 256000. This model supports at most 128000 completion tokens.", "type": "invalid_request_error", "param": "max_tokens", "code": "invalid_value"}}"#;

/// Cuts the judge off where it has no limit, and refuses a limit under this name.
fn refuses_limit(name: &'static str, refusal: &'static str) -> Faults {
    Faults::by(move |seen| {
        let is_limited = String::from_utf8_lossy(seen.body).contains(name);
        match (seen.call.model.as_str(), seen.call.max_tokens) {
            ("judge-1", None) => Some(Fault::Truncated),
            ("judge-1", _) if is_limited => Some(Fault::Says(400, refusal)),
            _ => None,
        }
    })
}

#[test]
fn a_limit_that_the_study_does_not_set_goes_under_the_name_that_the_server_asks_for() {
    let server = judge_in_even_words();
    server.set_faults(refuses_limit("\"max_tokens\"", RENAMED));
    let home = home(2, 2, &server, "");
    let report = run(&home).expect(0).json();
    assert_eq!(given(&report), 8);
    let judgments = judgments(&server);
    assert_eq!(judgments.len(), 8);
    for asked in judgments {
        assert!((2..=3).contains(&asked.len()), "{}", asked.len());
        let last = asked.last().unwrap().json();
        assert!(last["max_completion_tokens"].is_u64(), "{last}");
    }
}

#[test]
fn more_tokens_than_the_server_gives_are_asked_for_once_and_the_judgment_is_truncated() {
    let server = with(refuses_limit("tokens\"", TOO_MANY));
    let home = home(6, 2, &server, "");
    let report = run(&home).expect(3).json();
    assert_eq!(missing(&report, "truncated"), 24);
    for asked in judgments(&server) {
        assert_eq!(asked.len(), 2);
    }
    // Nor does another run ask for it.
    let before = server.log().len();
    let again = run(&home).expect(3);
    assert_eq!(server.log().len(), before);
    assert_eq!(missing(&again.json(), "truncated"), 24);
}

#[test]
fn a_models_truncated_answer_is_kept_flagged_and_never_asked_again() {
    let server = with(Faults::where_call(
        |call| call.model == "base-1",
        Fault::Truncated,
    ));
    let home = home(2, 3, &server, "");
    let report = run(&home).expect(0).json();
    assert_eq!(given(&report), 12);
    assert_eq!(answers(&report, "base")["answered"], 6);
    assert_eq!(answers(&report, "base")["truncated"], 6);
    assert_eq!(answers(&report, "tuned")["truncated"], 0);
    assert_eq!(server.count(|logged| logged.model() == "base-1"), 6);
    let shown = home.oyer(&["show", RESULTS, "p1/q1"]).expect(0).stdout;
    assert!(shown.contains("cut off"), "{shown}");
}

#[test]
fn what_an_api_refuses_is_missing_as_refused_and_asked_once() {
    for fault in [Fault::Refusal, Fault::Says(400, FILTERED)] {
        let server = with(Faults::where_call(
            |call| call.model == "base-1" && call.user.contains("matter number 1 "),
            fault,
        ));
        let home = home(2, 2, &server, "");
        let report = run(&home).expect(3).json();
        assert_eq!(answers(&report, "base")["refused"], 2, "{fault:?}");
        assert_eq!(missing(&report, "refused"), 4, "{fault:?}");
        assert_eq!(given(&report), 4);
        assert_eq!(server.count(|logged| logged.fault.is_some()), 2);
        assert_eq!(server.count(is_judge), 4);
    }
}

#[test]
fn a_refusal_in_words_is_judged_and_told() {
    let server = with(Faults::where_call(
        |call| call.model == "base-1" && call.user.contains("matter number 1 "),
        Fault::Says(200, REFUSED_IN_WORDS),
    ));
    let home = home(2, 2, &server, "");
    let ran = home.oyer(&["run", "study.toml"]).expect(0);
    let report: serde_json::Value =
        serde_json::from_str(&home.read("results/s/report.json")).unwrap();
    assert_eq!(given(&report), 8);
    for (model, refused) in [("base", 2), ("tuned", 0)] {
        let answers = answers(&report, model);
        assert_eq!(answers["refused_in_words"], refused, "{answers}");
        assert_eq!(
            (&answers["answered"], &answers["refused"]),
            (&4.into(), &0.into())
        );
    }
    let told = [
        "4 of 4, 2 refused in words",
        "answers are refusals by the word",
    ];
    assert!(
        told.iter().all(|told| ran.stdout.contains(told)),
        "{}",
        ran.stdout
    );
    let shown = home.oyer(&["show", RESULTS, "p1/q1"]).expect(0).stdout;
    assert!(shown.contains("characters, refused in words"), "{shown}");
}

#[test]
fn a_judge_that_refuses_is_asked_again_as_often_as_reasks_says() {
    let server = with(Faults::where_call(
        |call| call.model == "judge-1",
        Fault::Refusal,
    ));
    let home = home(1, 2, &server, "");
    let report = run(&home).expect(3).json();
    assert_eq!(missing(&report, "refused"), 4);
    assert!(judgments(&server).iter().all(|asked| asked.len() == 2));
}

#[test]
fn an_unreadable_reply_is_asked_again_reasks_times_and_every_attempt_is_kept() {
    for reasks in [0, 1, 2] {
        let server = judge_says(|_| "Both have their merits, I cannot say.".to_owned());
        let mut study = study::served(2, 2, &server.url(), "");
        study.judging = format!("reasks = {reasks}");
        let home = written(&study);
        let report = run(&home).expect(3).json();
        assert_eq!(missing(&report, "no_verdict"), 8);
        let judgments = judgments(&server);
        assert_eq!(judgments.len(), 8);
        assert!(judgments.iter().all(|asked| asked.len() == 1 + reasks));
        let kept = stored::attempts(&home.path().join(RESULTS));
        assert_eq!(kept.len(), 8 + 8 * (1 + reasks));
        let shown = home.oyer(&["show", RESULTS, "p1/q1"]).expect(0).stdout;
        assert_eq!(shown.matches("I cannot say").count(), 2 * (1 + reasks));
        // Nothing is left to ask.
        let before = server.log().len();
        run(&home).expect(3);
        assert_eq!(server.log().len(), before);
    }
}

#[test]
fn a_full_verdict_after_an_unreadable_reply_stands() {
    let asked = Mutex::new(HashSet::new());
    let server = judge_says(move |call| {
        let verdict = replies::usual(call);
        let is_first = asked.lock().unwrap().insert(call.user.clone());
        if is_first {
            verdict.replace("overall_winner\":", "overall\":")
        } else {
            verdict
        }
    });
    let home = home(2, 2, &server, "");
    let report = run(&home).expect(0).json();
    for comparison in report["comparisons"].as_array().unwrap() {
        assert_eq!(comparison["missing"]["partial"], 0, "{comparison}");
    }
    assert_eq!(server.count(is_judge), 16);
}

#[test]
fn a_refused_seed_of_one_draw_is_no_other_draw() {
    // Each of two re-asks has a seed that no planned repeat has.
    let server = judge_says(|_| "no verdict".to_owned());
    let mut study = study::served(1, 1, &server.url(), "seed = 10");
    study.judging = "reasks = 1\nrepeats = 2".to_owned();
    let home = written(&study);
    run(&home).expect(3);
    let mut seeds: Vec<i64> = server
        .log()
        .iter()
        .filter(|logged| is_judge(logged))
        .map(|logged| logged.json()["seed"].as_i64().unwrap())
        .collect();
    seeds.sort_unstable();
    // Two orders of two repeats, each asked twice.
    assert_eq!(seeds, [10, 10, 11, 11, 12, 12, 13, 13]);
    assert!(by_body(server.log()).iter().all(|group| group.len() == 1));
}

#[test]
fn what_a_refusal_says_is_shown() {
    let server = with(Faults::where_call(
        |call| call.model == "tuned-1",
        Fault::Says(400, FILTERED),
    ));
    let home = home(1, 1, &server, "");
    home.oyer(&["run", "study.toml"]).expect(3);
    let shown = home.oyer(&["show", RESULTS, "p0/q0"]).expect(0).stdout;
    assert!(shown.contains("(missing: refused)"), "{shown}");
    assert!(shown.contains("content management policy"), "{shown}");

    let server = with(Faults::where_call(
        |call| call.model == "tuned-1",
        Fault::Says(200, CUT_IN_REASONING),
    ));
    let home = self::home(1, 1, &server, "");
    home.oyer(&["run", "study.toml"]).expect(3);
    let shown = home.oyer(&["show", RESULTS, "p0/q0"]).expect(0).stdout;
    assert!(shown.contains("(missing: cut off"), "{shown}");
    assert!(shown.contains("  <think>What would she"), "{shown}");
}

#[test]
fn what_a_judge_that_refuses_says_is_shown_and_so_is_reasoning() {
    let server = FaultServer::start(Settings {
        faults: Faults::where_call(|call| call.model == "judge-1", Fault::Says(400, FILTERED)),
        reply: Box::new(|call| format!("<think>Hm. She would.</think>{}", replies::usual(call))),
        ..Settings::default()
    });
    let home = home(1, 1, &server, "");
    home.oyer(&["run", "study.toml"]).expect(3);
    let shown = home.oyer(&["show", RESULTS, "p0/q0"]).expect(0).stdout;
    assert!(shown.contains("content management policy"), "{shown}");
    assert!(shown.contains("reply with its reasoning ("), "{shown}");
    assert!(shown.contains("  <think>Hm. She would.</think>"), "{shown}");
}
