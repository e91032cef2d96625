//! One kind of failure at a time, and what follows from it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{RESULTS, answers, by_body, given, home, is_judge, missing, run, written};
use crate::support::dialect::Call;
use crate::support::fault::{Fault, Faults, RetryAfter};
use crate::support::fault_server::{FaultServer, Settings};
use crate::support::stored;
use crate::support::study;

const QUOTA: &str = r#"{"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}}"#;
const BAD_PARAMETER: &str = r#"{"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"}}"#;

fn with(faults: Faults) -> FaultServer {
    FaultServer::start(Settings {
        faults,
        ..Settings::default()
    })
}

/// An adaptive limit starts with 16 calls in flight; those that have their permit
/// when a refusal comes are sent still.
const FEW: usize = 32;

/// Refusals of one entry on ten questions end the run. Of either entry those on nine, for
/// six personas, may have come before, fifteen more calls may be in flight, and on a busy
/// machine as many again are sent while the answer to one of them waits to be read.
const REFUSED_FOR_GOOD: usize = 2 * (2 * (9 * 6 + 1) + 15);

#[test]
fn a_refused_key_ends_the_run_at_once_with_a_sentence_that_names_the_entry() {
    let server = with(Faults::always(Fault::WrongKey));
    let home = home(6, 20, &server, "");
    let ran = run(&home).expect(4);
    assert!(ran.stderr.contains("[models."), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the key is not valid"),
        "{}",
        ran.stderr
    );
    // Once, and not of each call that was in flight.
    let told = ran.stderr.matches("[check the key]").count();
    assert_eq!(told, 1, "{}", ran.stderr);
    assert!(server.log().len() <= FEW, "{} requests", server.log().len());
    assert_eq!(by_body(server.log()).len(), server.log().len());
}

#[test]
fn a_key_that_only_the_judge_refuses_ends_the_run_and_keeps_the_answers() {
    let faults = Faults::where_call(|call| call.model == "judge-1", Fault::WrongKey);
    let server = with(faults);
    let home = home(6, 20, &server, "max_connections = 4");
    let ran = run(&home).expect(4);
    assert!(
        ran.stderr.contains("[judges.main] refuses"),
        "{}",
        ran.stderr
    );
    assert!(server.count(is_judge) <= FEW);
    let delivered = server.count(|logged| logged.text.is_some());
    server.set_faults(Faults::none());
    run(&home).expect(0);
    // The answers of the first run were not asked for again.
    assert_eq!(
        server.count(|logged| logged.text.is_some() && !is_judge(logged)),
        240
    );
    assert!(delivered > 0);
}

#[test]
fn an_unknown_model_ends_the_run_at_once() {
    let server = FaultServer::start(Settings {
        models: vec!["base-1".to_owned(), "judge-1".to_owned()],
        ..Settings::default()
    });
    let home = home(6, 20, &server, "");
    let ran = run(&home).expect(4);
    assert!(
        ran.stderr.contains("[models.tuned] refuses"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("`tuned-1` does not exist"),
        "{}",
        ran.stderr
    );
    assert!(server.log().len() <= FEW, "{}", server.log().len());
}

#[test]
fn a_used_up_quota_is_no_rate_limit_and_ends_the_run() {
    let server = with(Faults::always(Fault::Says(429, QUOTA)));
    let home = home(6, 20, &server, "");
    let ran = run(&home).expect(4);
    assert!(
        ran.stderr.contains("exceeded your current quota"),
        "{}",
        ran.stderr
    );
    assert!(server.log().len() <= FEW, "{}", server.log().len());
    assert_eq!(by_body(server.log()).len(), server.log().len());
}

#[test]
fn a_parameter_that_every_call_is_refused_for_ends_the_run_early() {
    let server = with(Faults::always(Fault::Says(400, BAD_PARAMETER)));
    let home = home(6, 80, &server, "max_tokens = 100");
    let ran = run(&home).expect(4);
    assert!(
        ran.stderr.contains("Unsupported parameter: 'max_tokens'"),
        "{}",
        ran.stderr
    );
    assert!(
        server.log().len() <= REFUSED_FOR_GOOD,
        "{}",
        server.log().len()
    );
    assert_eq!(by_body(server.log()).len(), server.log().len());
}

#[test]
fn calls_that_are_refused_at_once_end_no_run_whose_others_get_their_replies_later() {
    for more in ["", "max_connections = 100"] {
        // The nine questions that are asked first are refused, for every persona.
        let first = Mutex::new(Vec::new());
        let server = with(Faults::by(move |seen| {
            if seen.call.model == "judge-1" {
                return None;
            }
            let (_, matter) = seen.call.user.split_once("matter number ")?;
            let matter = matter.split(' ').next()?.to_owned();
            let mut first = first.lock().unwrap();
            if first.len() < 9 && !first.contains(&matter) {
                first.push(matter.clone());
            }
            Some(if first.contains(&matter) {
                Fault::Says(400, r#"{"error": {"message": "not this"}}"#)
            } else {
                Fault::Slow(Duration::from_millis(300))
            })
        }));
        let home = home(6, 20, &server, more);
        let ran = run(&home).expect(3);
        assert!(!ran.stderr.contains("] refuses: "), "{}", ran.stderr);
        assert_eq!(given(&ran.json()), 11 * 6 * 2, "{more}");
        assert_eq!(missing(&ran.json(), "failed"), 9 * 6 * 2, "{more}");
    }
}

#[test]
fn judgments_that_do_not_fit_are_missing_and_not_tried_again_and_the_rest_goes_on() {
    let too_long = |call: &Call| call.model == "judge-1" && call.user.contains("matter number 3 ");
    let server = with(Faults::where_call(too_long, Fault::ContextTooLong));
    let home = home(6, 20, &server, "");
    let arguments = ["run", "study.toml", "--format", "json", "--coverage-floor"];
    let with_floor = |floor| {
        let mut arguments = arguments.to_vec();
        arguments.push(floor);
        home.oyer(&arguments)
    };
    let ran = with_floor("0.9").expect(0);
    let report = ran.json();
    assert_eq!(missing(&report, "failed"), 12);
    assert_eq!(given(&report), 228);
    let refused: Vec<_> = by_body(server.log())
        .into_iter()
        .filter(|group| group[0].fault == Some(Fault::ContextTooLong))
        .collect();
    assert_eq!(refused.len(), 12);
    assert!(refused.iter().all(|group| group.len() == 1));
    assert!(ran.stderr.contains("12 calls failed"), "{}", ran.stderr);
    // The same coverage is too little for who asks for more.
    let low = with_floor("0.99").expect(3);
    assert!(
        low.stderr
            .contains("the report is not complete: win rates are withheld: "),
        "{}",
        low.stderr
    );
}

/// Every fault that passes, once for each body: the run lives through it.
#[test]
fn a_failure_that_passes_costs_a_try_and_nothing_else() {
    let cases = [
        (Fault::RateLimited(RetryAfter::Unsaid), "rate_limited"),
        (Fault::RateLimited(RetryAfter::Millis(30)), "rate_limited"),
        (Fault::Status(500), "server"),
        (Fault::Status(503), "overloaded"),
        (Fault::Status(529), "overloaded"),
        (Fault::CutBody, "lost"),
        (Fault::NotJson, "malformed"),
        (Fault::WrongShape, "malformed"),
        (Fault::EmptyChoices, "malformed"),
        (Fault::Reset, "lost"),
    ];
    std::thread::scope(|scope| {
        for (fault, class) in cases {
            scope.spawn(move || {
                let server = with(Faults::first(1, fault));
                let home = home(2, 2, &server, "max_connections = 20");
                let report = run(&home).expect(0).json();
                assert_eq!(given(&report), 8, "{fault:?}");
                // 4 items of 2 answers and 2 judgments.
                let attempts = stored::attempts(&home.path().join(RESULTS));
                let counts = stored::by_error(&attempts);
                assert_eq!(counts.get(class), Some(&16), "{fault:?}: {counts:?}");
                assert_eq!(counts.get(""), Some(&16), "{fault:?}: {counts:?}");
                assert_eq!(server.log().len(), 32, "{fault:?}");
            });
        }
    });
}

#[test]
fn a_call_that_hangs_is_given_up_after_the_timeout_and_tried_again() {
    let server = with(Faults::by(|seen| {
        (seen.attempt == 0 && seen.call.user.contains("matter number 0 ")).then_some(Fault::Hang)
    }));
    let home = home(2, 2, &server, "max_connections = 20\ntimeout = 1.5");
    let report = run(&home).expect(0).json();
    assert_eq!(given(&report), 8);
    let attempts = stored::attempts(&home.path().join(RESULTS));
    let counts = stored::by_error(&attempts);
    assert!(counts["lost"] >= 8, "{counts:?}");
    assert_eq!(counts[""], 16);
}

#[test]
fn a_server_that_always_fails_ends_the_run_within_its_tries() {
    for (fault, sentence) in [
        (Fault::Status(500), "HTTP 500"),
        (Fault::NotJson, "not the JSON of a chat completion"),
    ] {
        let server = with(Faults::always(fault));
        let home = home(6, 20, &server, "max_tries = 2");
        let ran = run(&home).expect(3);
        assert!(
            ran.stderr.contains("] gives no replies: "),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains(" calls in a row, on "),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains(sentence), "{}", ran.stderr);
        // Five calls are given up. By then, no more than what the limits let be open
        // has been tried: 44 items of two answers each.
        assert!(server.log().len() <= 176, "{}", server.log().len());
        assert!(server.log().iter().all(|logged| logged.attempt < 2));
        // Whatever was tried is kept.
        let kept = stored::count(&home.path().join(RESULTS));
        assert_eq!(kept, server.log().len() as u64);
    }
}

#[test]
fn one_call_that_always_fails_holds_up_no_other() {
    let server = with(Faults::where_call(
        |call| call.model == "base-1" && call.user.contains("matter number 1 "),
        Fault::Status(500),
    ));
    let home = home(2, 3, &server, "max_tries = 2");
    let report = run(&home).expect(3).json();
    assert_eq!(answers(&report, "base")["failed"], 2);
    assert_eq!(missing(&report, "failed"), 4);
    assert_eq!(given(&report), 8);
    // Once the server is well, only what failed is asked for.
    let before = server.log().len();
    server.set_faults(Faults::none());
    let report = run(&home).expect(0).json();
    assert_eq!(given(&report), 12);
    assert_eq!(server.log().len() - before, 2 + 4);
}

#[test]
fn a_question_that_a_server_always_fails_on_is_no_server_that_is_down() {
    for more in ["max_tries = 2\nmax_connections = 1", "max_tries = 2"] {
        let server = with(Faults::where_call(
            |call| call.model == "base-1" && call.user.contains("matter number 1 "),
            Fault::Status(500),
        ));
        let home = home(8, 6, &server, more);
        for _ in 0..2 {
            let ran = run(&home).expect(3);
            assert!(!ran.stderr.contains("gives no replies"), "{}", ran.stderr);
            let report = ran.json();
            assert_eq!(answers(&report, "base")["failed"], 8, "{more}");
            assert_eq!(missing(&report, "failed"), 16, "{more}");
            assert_eq!(given(&report), 80, "{more}");
        }
    }
}

#[test]
fn questions_that_a_server_always_fails_on_hold_up_no_others() {
    let is_hit = |text: &str| {
        let mut hit = (0..6).map(|n| format!("matter number {n} "));
        hit.any(|matter| text.contains(&matter))
    };
    let fails = move |call: &Call| call.model == "base-1" && is_hit(&call.user);
    for (fault, more) in [
        (Fault::Status(500), "max_tries = 2"),
        (Fault::Status(500), "max_tries = 2\nmax_connections = 1"),
        (Fault::Says(400, r#"{"error": {"message": "odd"}}"#), ""),
    ] {
        let server = with(Faults::where_call(fails, fault));
        let home = home(8, 10, &server, more);
        // Where the first few fail, a run may stop, but the next begins with the others.
        let runs = (0..3).map(|_| run(&home));
        assert!(runs.map(|ran| given(&ran.json())).any(|given| given == 64));
        // Now only those are left, and each is asked again: that they fail is nothing new.
        let before = server.log().len();
        let ran = run(&home);
        let ran = ran.expect(3);
        assert_eq!(given(&ran.json()), 64, "{more}");
        assert!(
            !ran.stderr.contains(" calls in a row, on "),
            "{}",
            ran.stderr
        );
        let again = server.log().split_off(before);
        // What works is not asked again.
        assert!(again.iter().all(|logged| is_hit(&logged.body)));
        server.set_faults(Faults::none());
        assert_eq!(given(&run(&home).expect(0).json()), 160);
    }
}

#[test]
fn a_server_that_fails_on_most_questions_is_asked_others_in_the_next_run() {
    let works = |call: &Call| call.user.contains("matter number 3 ");
    let server = with(Faults::where_call(
        move |call| !works(call),
        Fault::Status(500),
    ));
    let home = home(6, 30, &server, "max_tries = 1");
    let mut runs = 0;
    while server.count(|logged| logged.fault.is_none()) == 0 {
        let ran = run(&home).expect(3);
        assert!(ran.stderr.contains("gives no replies"), "{}", ran.stderr);
        runs += 1;
        assert!(runs <= 6);
    }
}

#[test]
fn a_page_in_front_of_a_server_that_has_worked_is_tried_again() {
    for page in [
        Fault::Says(404, "default backend - 404"),
        Fault::Says(404, "<title>Model gateway: page not found</title>"),
        Fault::Says(403, "<html>blocked</html>"),
    ] {
        let calls = AtomicUsize::new(0);
        let server = with(Faults::by(move |seen| {
            let of_base = seen.call.model == "base-1";
            (of_base && calls.fetch_add(1, Ordering::Relaxed) == 60).then_some(page)
        }));
        let home = home(6, 20, &server, "");
        let report = run(&home).expect(0).json();
        assert_eq!(given(&report), 240, "{page:?}");
        assert_eq!(server.log().len(), 481, "{page:?}");
    }
}

#[test]
fn a_server_that_no_longer_knows_its_model_ends_the_run() {
    let calls = AtomicUsize::new(0);
    let gone = Fault::Says(404, "model 'base-1' not found, try pulling it first\n");
    let server = with(Faults::by(move |seen| {
        let of_base = seen.call.model == "base-1";
        (of_base && calls.fetch_add(1, Ordering::Relaxed) >= 60).then_some(gone)
    }));
    let ran = run(&home(6, 20, &server, "")).expect(4);
    assert!(
        ran.stderr
            .contains("[models.base] refuses: HTTP 404 Not Found: model 'base-1' not found"),
        "{}",
        ran.stderr
    );
    let refused = server.count(|logged| logged.fault.is_some());
    assert!((1..=FEW).contains(&refused), "{refused}");
}

#[test]
fn a_wait_that_the_server_asks_for_is_kept_by_all_calls_of_the_entry() {
    for after in [RetryAfter::Seconds(1), RetryAfter::Millis(700)] {
        let server = with(Faults::by(move |seen| {
            let first = seen.call.model == "base-1" && seen.call.user.contains("matter number 0 ");
            (first && seen.attempt == 0).then_some(Fault::RateLimited(after))
        }));
        let entries = study::openai(
            "models.base",
            &server.url(),
            "base-1",
            "max_connections = 1",
        ) + &study::openai("models.tuned", &server.url(), "tuned-1", "")
            + &study::openai("judges.main", &server.url(), "judge-1", "");
        let mut study = study::served(1, 3, &server.url(), "");
        study.entries = entries;
        let home = written(&study);
        run(&home).expect(0);
        let of_base: Vec<_> = server
            .log()
            .into_iter()
            .filter(|logged| logged.model() == "base-1")
            .collect();
        assert_eq!(of_base.len(), 4);
        let limited = of_base
            .iter()
            .position(|logged| logged.fault.is_some())
            .unwrap();
        if let Some(next) = of_base.get(limited + 1) {
            let waited = next.at.saturating_sub(of_base[limited].at);
            let asked = match after {
                RetryAfter::Seconds(seconds) => Duration::from_secs(seconds),
                RetryAfter::Millis(millis) => Duration::from_millis(millis),
                RetryAfter::Unsaid => Duration::ZERO,
            };
            assert!(waited >= asked, "{waited:?} after {after:?}");
        }
    }
}

#[test]
fn headers_that_say_nothing_is_left_hold_the_next_call_back() {
    let wait = Duration::from_millis(800);
    let server = with(Faults::script(vec![Some(Fault::LastOfWindow(wait))]));
    let mut study = study::served(1, 3, &server.url(), "");
    study.entries = study::openai(
        "models.base",
        &server.url(),
        "base-1",
        "max_connections = 1",
    ) + "[models.tuned]\nprovider = \"simulated\"\n[judges.main]\nprovider = \"simulated\"\n";
    let home = written(&study);
    run(&home).expect(0);
    let log = server.log();
    assert_eq!(log.len(), 3);
    let waited = log[1].at.saturating_sub(log[0].at);
    assert!(waited >= wait, "{waited:?}");
}

#[test]
fn many_rate_limits_without_a_time_are_waited_out() {
    // More than `max_tries` of them: being told to come later is no failure.
    let server = with(Faults::first(2, Fault::RateLimited(RetryAfter::Unsaid)));
    let home = home(1, 1, &server, "max_tries = 1");
    let started = Instant::now();
    let report = run(&home).expect(0).json();
    assert_eq!(given(&report), 2);
    assert!(by_body(server.log()).iter().all(|group| group.len() == 3));
    // Half of .5 and 1 seconds at least, for an answer and for a judgment.
    assert!(started.elapsed() >= Duration::from_millis(1500));
}
