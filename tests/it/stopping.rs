//! Runs that are told to stop: by a signal, by a cap, or by another run.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use crate::support::dialect::{Call, Dialect};
use crate::support::fault::{Fault, Faults};
use crate::support::fault_server::{FaultServer, Logged, Settings};
use crate::support::home::Home;
use crate::support::{stored, study};

fn slow(latency: u64) -> FaultServer {
    FaultServer::start(Settings {
        latency: Duration::from_millis(latency),
        ..Settings::default()
    })
}

/// A study of 60 items: 120 answers and 120 judgments.
fn home(server: &FaultServer, more: &str) -> Home {
    let home = Home::new();
    study::served(6, 10, &server.url(), more).write(&home);
    home
}

fn signal(running: &Child, name: &str) {
    let id = running.id().to_string();
    let sent = std::process::Command::new("kill")
        .args([name, &id])
        .status();
    assert!(sent.unwrap().success());
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn artefacts(home: &Home, results: &str) -> [String; 2] {
    ["report.json", "verdicts.csv"].map(|file| home.read(&format!("{results}/{file}")))
}

/// Goes on with a stopped run; its results are then those of one that was not.
fn resume(home: &Home, server: &FaultServer) {
    server.set_latency(Duration::ZERO);
    home.oyer(&["run", "study.toml"]).expect(0);
    home.oyer(&["run", "study.toml", "--results", "whole"])
        .expect(0);
    assert!(artefacts(home, "whole") == artefacts(home, "results/s"));
}

#[test]
fn a_first_signal_finishes_what_is_in_flight_and_leaves_a_store_that_resumes() {
    for name in ["-INT", "-TERM"] {
        let server = slow(400);
        let home = home(&server, "max_connections = 5");
        let running = home.start(&["run", "study.toml", "--format", "json"]);
        server.wait_for_requests(12);
        signal(&running, name);
        let output = running.wait_with_output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("finishing the calls in flight"), "{said}");
        assert!(said.contains("interrupted; "), "{said}");
        assert!(
            said.contains("the same command goes on from here"),
            "{said}"
        );
        // Whatever was asked was waited for and kept; little began after the signal.
        let asked = server.log().len();
        assert!(asked < 60, "{asked}");
        let kept = stored::attempts(&home.path().join("results/s"));
        assert_eq!(kept.len(), asked);
        assert!(kept.iter().all(|attempt| attempt.error.is_none()));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["coverage"]["complete"], false);
        resume(&home, &server);
        assert_eq!(server.log().len(), 480, "what was stored is asked again");
    }
}

#[test]
fn a_second_signal_stops_at_once() {
    let server = slow(60_000);
    let home = home(&server, "max_connections = 5");
    home.oyer(&["run", "study.toml", "--max-calls", "0"])
        .expect(3);
    server.set_latency(Duration::ZERO);
    home.oyer(&["run", "study.toml", "--max-calls", "20"])
        .expect(3);
    server.set_latency(Duration::from_mins(1));
    let mut running = home.start(&["run", "study.toml"]);
    let mut told = BufReader::new(running.stderr.take().unwrap());
    let mut said = String::new();
    server.wait_for_requests(25);
    signal(&running, "-INT");
    // Two signals at one time may be one.
    while !said.contains("finishing the calls in flight") {
        assert!(told.read_line(&mut said).unwrap() > 0, "{said}");
    }
    let second = Instant::now();
    signal(&running, "-INT");
    let status = running.wait().unwrap();
    assert!(second.elapsed() < Duration::from_secs(20));
    told.read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("stopped at once"), "{said}");
    assert_eq!(stored::count(&home.path().join("results/s")), 20);
    resume(&home, &server);
}

#[test]
fn a_signal_while_calls_wait_to_be_tried_again_is_heeded() {
    let server = FaultServer::start(Settings {
        faults: Faults::always(Fault::Status(503)),
        ..Settings::default()
    });
    let home = home(&server, "max_connections = 2");
    let running = home.start(&["run", "study.toml"]);
    server.wait_for_requests(30);
    signal(&running, "-INT");
    let told = Instant::now();
    let output = running.wait_with_output().unwrap();
    assert!(told.elapsed() < Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    server.set_faults(Faults::none());
    home.oyer(&["run", "study.toml"]).expect(0);
}

#[test]
fn a_cap_of_n_calls_lets_exactly_n_requests_be_made() {
    for n in [0, 1, 17, 60] {
        let server = FaultServer::start(Settings {
            // Tries that fail count too.
            faults: Faults::first(1, Fault::Status(500)),
            ..Settings::default()
        });
        let home = home(&server, "");
        let ran = home.oyer(&["run", "study.toml", "--max-calls", &n.to_string()]);
        let ran = ran.expect(3);
        assert_eq!(server.log().len(), n);
        let calls = if n == 1 { "call" } else { "calls" };
        let sentence = format!("the limit of {n} {calls} is reached");
        assert!(ran.stderr.contains(&sentence), "{}", ran.stderr);
    }
}

#[test]
fn a_small_cap_leaves_whole_items_and_at_most_one_that_is_begun() {
    for n in [4_usize, 10, 12, 31] {
        let server = slow(5);
        let home = home(&server, "");
        home.oyer(&["run", "study.toml", "--max-calls", &n.to_string()])
            .expect(3);
        let judged = server.count(|logged| logged.model() == "judge-1");
        // Two answers and two judgments an item.
        let (whole, left) = (n / 4, n % 4);
        assert_eq!(judged, 2 * whole + left.saturating_sub(2), "{n}");
    }
    for budget in ["12", "20"] {
        let server = slow(5);
        let price = "price = { input = 1000, output = 4000 }\nmax_tokens = 100";
        let home = home(&server, price);
        home.oyer(&["run", "study.toml", "--budget", budget])
            .expect(3);
        let judged = server.count(|logged| logged.model() == "judge-1");
        let answered = server.log().len() - judged;
        assert!(judged > 0, "${budget}: {judged} of {answered}");
        assert!(answered - judged <= 4, "${budget}: {judged} of {answered}");
    }
}

#[test]
fn a_capped_run_of_which_much_is_stored_asks_as_much_at_once_as_another() {
    for cap in [["--budget", "100000"], ["--max-calls", "120"]] {
        let server = slow(80);
        let with = |connections: u32, repeats: u32| {
            let more =
                format!("price = {{ input = 1, output = 4 }}\nmax_connections = {connections}");
            let mut study = study::served(6, 10, &server.url(), &more);
            study.judging = format!("repeats = {repeats}");
            study
        };
        let home = Home::new();
        with(2, 1).write(&home);
        home.oyer(&["run", "study.toml"]).expect(0);
        assert_eq!(server.log().len(), 240);
        assert!(server.peak_in_flight() <= 6);
        with(16, 2).write(&home);
        home.oyer(&["run", "study.toml", cap[0], cap[1]]).expect(0);
        assert_eq!(server.log().len(), 360);
        let peak = server.peak_in_flight();
        assert!(peak > 8, "{cap:?}: {peak}");
    }
}

/// Dollars of what the server has billed, at these prices per million tokens.
fn billed(log: &[Logged], input: f64, output: f64) -> f64 {
    let cost = |logged: &Logged| {
        let words = logged.text.as_deref()?.split_whitespace().count();
        let call = Call::parse(Dialect::OpenAi, logged.body.as_bytes()).unwrap();
        Some((call.prompt_tokens() as f64 * input + words as f64 * output) / 1e6)
    };
    log.iter().filter_map(cost).sum()
}

#[test]
fn a_budget_is_never_exceeded_and_mostly_used() {
    let price = "price = { input = 1000, output = 4000 }";
    for (budget, more) in [
        (9.0, "max_tokens = 300"),
        (40.0, ""),
        (70.0, "max_tokens = 300"),
    ] {
        let server = slow(5);
        let home = home(&server, &format!("{price}\n{more}"));
        let budget_text = budget.to_string();
        let arguments = [
            "run",
            "study.toml",
            "--format",
            "json",
            "--budget",
            &budget_text,
        ];
        let ran = home.oyer(&arguments).expect(3);
        let billed = billed(&server.log(), 1000.0, 4000.0);
        assert!(billed <= budget, "${billed} of ${budget}");
        // A call that may cost more than what is left is not made. Without a limit of
        // tokens it might cost 16 dollars before any reply was seen.
        assert!(billed > budget / 2.0, "${billed} of ${budget}");
        let told = ran.json()["cost"]["dollars"].as_f64().unwrap();
        assert!((told - billed).abs() < 1e-6, "{told} {billed}");
        assert!(
            ran.stderr.contains("might exceed the budget"),
            "{}",
            ran.stderr
        );
        let warned = ran.stderr.contains("`max_tokens` bounds it");
        assert_eq!(warned, more.is_empty(), "{}", ran.stderr);
    }
}

#[test]
fn a_budget_holds_though_more_is_billed_than_was_asked_for() {
    const HIDDEN: usize = 4000;
    let server = FaultServer::start(Settings {
        latency: Duration::from_millis(5),
        hidden_tokens: HIDDEN,
        ..Settings::default()
    });
    let price = "price = { input = 1000, output = 4000 }\nmax_tokens = 300";
    let home = home(&server, price);
    let ran = home.oyer(&["run", "study.toml", "--format", "json", "--budget", "300"]);
    let ran = ran.expect(3);
    let log = server.log();
    let billed = billed(&log, 1000.0, 4000.0) + (log.len() * HIDDEN) as f64 * 4000.0 / 1e6;
    assert!((150.0..=300.0).contains(&billed), "${billed}");
    let told = ran.json()["cost"]["dollars"].as_f64().unwrap();
    assert!((told - billed).abs() < 1e-6, "{told} {billed}");
    // What was spent is told when the last call has ended.
    let spent = format!("the budget of $300 (spent: ${billed:.4}");
    assert!(ran.stderr.contains(&spent), "{} {spent}", ran.stderr);
}

#[test]
fn a_budget_holds_though_tries_without_a_reply_are_billed() {
    for fault in [Fault::CutBody, Fault::NotJson, Fault::Reset] {
        let server = FaultServer::start(Settings {
            faults: Faults::first(1, fault),
            ..Settings::default()
        });
        let price = "price = { input = 1000, output = 4000 }\nmax_tokens = 300";
        let home = home(&server, &format!("{price}\nmax_connections = 4"));
        let ran = home.oyer(&["run", "study.toml", "--format", "json", "--budget", "20"]);
        let ran = ran.expect(3);
        // The server bills each failed try as if it had written all that it might.
        let log = server.log();
        let failed: f64 = log
            .iter()
            .filter(|logged| logged.fault.is_some())
            .map(|logged| {
                let call = Call::parse(Dialect::OpenAi, logged.body.as_bytes()).unwrap();
                (call.prompt_tokens() as f64 * 1000.0 + 300.0 * 4000.0) / 1e6
            })
            .sum();
        let replied: Vec<Logged> = log.into_iter().filter(|l| l.fault.is_none()).collect();
        let told = ran.json()["cost"].clone();
        let billed = billed(&replied, 1000.0, 4000.0);
        assert!(
            failed > 0.0 && failed + billed <= 20.0,
            "{fault:?}: ${failed} + ${billed}"
        );
        // The cost is of what is known; the rest is told apart.
        let dollars = told["dollars"].as_f64().unwrap();
        assert!((dollars - billed).abs() < 1e-6, "{dollars} {billed}");
        let attempts = told["attempts"].as_u64().unwrap();
        assert_eq!(
            told["unmetered"],
            attempts - replied.len() as u64,
            "{fault:?}"
        );
        let words = "that may have been billed without a count of tokens";
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert!(ran.stdout.contains("unmetered_requests"));
    }
}

#[test]
fn a_reader_that_has_seen_enough_does_not_change_how_a_run_ends() {
    let server = slow(0);
    let home = home(&server, "");
    for (arguments, code) in [
        (&["run", "study.toml", "--max-calls", "7"][..], 3),
        (&["run", "study.toml"], 0),
        (&["report", "results/s"], 0),
        (
            &["run", "study.toml", "--results", "new", "--limit", "2"],
            3,
        ),
        (&["report", "new"], 3),
    ] {
        let mut running = home.start(arguments);
        drop(running.stdout.take());
        let output = running.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            said(&output)
        );
    }
}

#[test]
fn a_budget_without_prices_is_refused_before_any_request() {
    let server = slow(0);
    let home = home(&server, "");
    let ran = home.oyer(&["run", "study.toml", "--budget", "5"]).expect(2);
    assert!(
        ran.stderr.contains("--budget cannot hold"),
        "{}",
        ran.stderr
    );
    for entry in ["[models.base]", "[models.tuned]", "[judges.main]"] {
        assert!(ran.stderr.contains(entry), "{}", ran.stderr);
    }
    assert_eq!(server.log().len(), 0);
    assert!(!home.path().join("results").exists());
}

#[test]
fn a_second_run_in_one_folder_is_refused_and_the_first_is_unharmed() {
    let server = slow(100);
    let home = home(&server, "max_connections = 8");
    let first = home.start(&["run", "study.toml"]);
    server.wait_for_requests(5);
    let second = home.oyer(&["run", "study.toml"]).expect(2);
    assert!(
        second
            .stderr
            .contains("another oyer run is working in results/s"),
        "{}",
        second.stderr
    );
    // Reading is no work in the folder.
    home.oyer(&["report", "results/s", "--format", "json"])
        .expect(3);
    let output = first.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(server.log().len(), 240);
}
