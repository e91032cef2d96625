//! Servers that are not there, go away, or come back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{RESULTS, given, home, run, written};
use crate::support::fault::{Fault, Faults, RetryAfter};
use crate::support::fault_server::{FaultServer, Settings};
use crate::support::stored;
use crate::support::study;

/// A loopback port that is taken and at which nothing listens, so that a connection is
/// refused for as long as this lives.
struct DeadServer(tokio::net::TcpSocket);

impl DeadServer {
    fn new() -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    fn url(&self) -> String {
        format!("http://{}/v1", self.0.local_addr().unwrap())
    }
}

#[test]
fn a_server_that_is_down_from_the_start_ends_the_run_soon_with_a_sentence() {
    let dead = DeadServer::new();
    let home = written(&study::served(6, 20, &dead.url(), "max_tries = 3"));
    let started = Instant::now();
    let ran = run(&home).expect(3);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(ran.stderr.contains("is down"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("could not connect to http://127.0.0.1:"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("the same command goes on from here"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_server_that_is_loading_its_model_is_waited_for_with_a_word() {
    let loading = Fault::Says(
        503,
        r#"{"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}"#,
    );
    let server = FaultServer::start(Settings {
        faults: Faults::script(vec![Some(loading); 9]),
        ..Settings::default()
    });
    // More often than the entry's tries allow.
    let home = home(2, 2, &server, "max_tries = 1\nmax_connections = 1");
    let ran = run(&home).expect(0);
    assert_eq!(given(&ran.json()), 8);
    let told = ran.stderr.matches("is waited for, until").count();
    assert!((1..=3).contains(&told), "{}", ran.stderr);
    assert!(ran.stderr.contains("Loading model"), "{}", ran.stderr);
}

#[test]
fn a_server_that_dies_and_comes_back_costs_only_time() {
    let settings = || Settings {
        latency: Duration::from_millis(30),
        ..Settings::default()
    };
    let server = FaultServer::start(settings());
    let address = server.address();
    let home = home(6, 10, &server, "max_connections = 4");
    let running = home.start(&["run", "study.toml", "--format", "json"]);
    server.wait_for_requests(40);
    drop(server);
    std::thread::sleep(Duration::from_millis(400));
    let server = FaultServer::start_at(address, settings());
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(given(&report), 120);
    assert!(server.log().len() < 240, "what was stored is asked again");
    let attempts = stored::attempts(&home.path().join(RESULTS));
    let counts = stored::by_error(&attempts);
    assert!(counts["network"] > 0, "{counts:?}");
    assert_eq!(counts[""], 240);
}

/// A study of 60 items on two base URLs.
fn on_two_urls(first: &str, second: &str) -> study::StudyFiles {
    let mut study = study::served(6, 10, second, "max_connections = 8");
    study.entries = study.entries.replace(
        &format!("base_url = \"{second}\""),
        &format!("base_url = [\"{first}\", \"{second}\"]"),
    );
    study
}

#[test]
fn a_base_url_that_is_asked_too_often_rests_and_the_other_does_the_work() {
    for after in [RetryAfter::Seconds(3), RetryAfter::Unsaid] {
        let server = FaultServer::start(Settings::default());
        let limited = FaultServer::start(Settings {
            faults: Faults::always(Fault::RateLimited(after)),
            ..Settings::default()
        });
        let home = written(&on_two_urls(&limited.url(), &server.url()));
        let started = Instant::now();
        let ran = run(&home).expect(0);
        assert_eq!(given(&ran.json()), 120);
        assert!(started.elapsed() < Duration::from_secs(20), "{after:?}");
        assert_eq!(server.log().len(), 240);
        // What was on its way when it first refused, for each entry.
        let asked = limited.log().len();
        assert!((1..=60).contains(&asked), "{asked} of {after:?}");
    }
}

#[test]
fn base_urls_that_take_only_so_many_calls_at_once_are_not_overrun_for_long() {
    let small = || {
        FaultServer::start(Settings {
            latency: Duration::from_millis(50),
            max_in_flight: Some(4),
            ..Settings::default()
        })
    };
    let servers = [small(), small()];
    let urls = format!("\"{}\", \"{}\"", servers[0].url(), servers[1].url());
    let mut study = study::served(6, 20, "URL", "");
    study.entries = study.entries.replace("\"URL\"", &format!("[{urls}]"));
    let home = written(&study);
    let started = Instant::now();
    let ran = run(&home).expect(0);
    assert_eq!(given(&ran.json()), 240);
    // Eight at once would need 3 s.
    let took = started.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_dead_base_url_is_set_aside_and_the_other_does_the_work() {
    let server = FaultServer::start(Settings::default());
    let dead_server = DeadServer::new();
    let dead = dead_server.url();
    let home = written(&on_two_urls(&dead, &server.url()));
    let ran = run(&home).expect(0);
    assert_eq!(given(&ran.json()), 120);
    assert!(
        ran.stderr.contains(&format!("{dead} is set aside")),
        "{}",
        ran.stderr
    );
    assert_eq!(server.log().len(), 240);
    let attempts = stored::attempts(&home.path().join(RESULTS));
    let to_dead = attempts
        .iter()
        .filter(|attempt| attempt.url == dead)
        .count();
    // Three in a row of each entry, and what was on its way with them.
    assert!((3..=60).contains(&to_dead), "{to_dead}");
}

#[test]
fn a_base_url_that_refuses_what_the_other_answers_is_set_aside() {
    let odd = r#"{"error": {"message": "weird"}}"#;
    for fault in [
        Fault::Says(404, "<html>404 page not found</html>"),
        Fault::Says(404, "<title>Model gateway: page not found</title>"),
        Fault::Says(403, "<html>Attention required</html>"),
        Fault::Says(400, odd),
        Fault::WrongKey,
    ] {
        let server = FaultServer::start(Settings::default());
        let refusing = FaultServer::start(Settings {
            faults: Faults::always(fault),
            ..Settings::default()
        });
        let home = written(&on_two_urls(&refusing.url(), &server.url()));
        let ran = run(&home).expect(0);
        assert_eq!(given(&ran.json()), 120, "{fault:?}");
        let aside = format!("{} is set aside", refusing.url());
        assert!(ran.stderr.contains(&aside), "{fault:?}: {}", ran.stderr);
        if fault == Fault::Says(400, odd) {
            let words = "it refuses what another answers: HTTP 400 Bad Request: weird";
            assert!(ran.stderr.contains(words), "{}", ran.stderr);
        }
        assert_eq!(server.log().len(), 240, "{fault:?}");
        let asked = refusing.log().len();
        assert!((1..=60).contains(&asked), "{asked} of {fault:?}");
    }
}

#[test]
fn where_every_base_url_refuses_the_run_ends() {
    let servers = [(); 2].map(|()| {
        FaultServer::start(Settings {
            faults: Faults::always(Fault::WrongKey),
            ..Settings::default()
        })
    });
    let home = written(&on_two_urls(&servers[0].url(), &servers[1].url()));
    let ran = run(&home).expect(4);
    assert!(ran.stderr.contains("[check the key]"), "{}", ran.stderr);
    let asked: usize = servers.iter().map(|server| server.log().len()).sum();
    assert!(asked <= 48, "{asked}");
}

/// A server that wants another key than it is shown.
fn refusing() -> FaultServer {
    FaultServer::start(Settings {
        faults: Faults::always(Fault::WrongKey),
        ..Settings::default()
    })
}

#[test]
fn a_base_url_that_refuses_the_key_while_the_other_rests_is_set_aside_at_once() {
    let refusing = refusing();
    let began = Instant::now();
    let server = FaultServer::start(Settings {
        faults: Faults::by(move |_| {
            let rests = began.elapsed() < Duration::from_secs(2);
            rests.then_some(Fault::RateLimited(RetryAfter::Seconds(2)))
        }),
        ..Settings::default()
    });
    let home = written(&on_two_urls(&refusing.url(), &server.url()));
    let ran = run(&home).expect(0);
    assert_eq!(given(&ran.json()), 120);
    let aside = format!("{} is set aside", refusing.url());
    let told = ran.stderr.find(&aside).expect("a sentence");
    assert!(ran.stderr.contains("[check the key]"), "{}", ran.stderr);
    assert!(!ran.stderr[..told].contains("given up"), "{}", ran.stderr);
    // What was on its way when it first refused, for each entry.
    let asked = refusing.log().len();
    assert!((1..=60).contains(&asked), "{asked}");
}

#[test]
fn a_refused_key_ends_the_run_where_the_other_base_url_is_down() {
    let refusing = refusing();
    let dead = DeadServer::new();
    let home = written(&on_two_urls(&refusing.url(), &dead.url()));
    let started = Instant::now();
    let ran = run(&home).expect(4);
    assert!(started.elapsed() < Duration::from_secs(10));
    let aside = format!("{} is set aside", refusing.url());
    assert!(ran.stderr.contains(&aside), "{}", ran.stderr);
    let refuses = ran.stderr.find("] refuses: ").expect("a sentence");
    assert!(
        ran.stderr[refuses..].contains("[check the key]"),
        "{}",
        ran.stderr
    );
    assert!(refusing.log().len() <= 60, "{}", refusing.log().len());
}

#[test]
fn where_one_base_url_refuses_the_wait_that_the_other_asks_for_is_kept() {
    let refusing = refusing();
    let began = std::sync::OnceLock::new();
    let calls = AtomicUsize::new(0);
    let server = FaultServer::start(Settings {
        faults: Faults::by(move |_| {
            let is_late = calls.fetch_add(1, Ordering::Relaxed) >= 60;
            let since = || began.get_or_init(Instant::now).elapsed();
            let rests = is_late && since() < Duration::from_secs(4);
            rests.then_some(Fault::RateLimited(RetryAfter::Seconds(4)))
        }),
        ..Settings::default()
    });
    let mut study = on_two_urls(&refusing.url(), &server.url());
    // Fewer tries than a call would spend on the one that refuses.
    let tries = "max_connections = 8\nmax_tries = 2";
    study.entries = study.entries.replace("max_connections = 8", tries);
    let ran = run(&written(&study)).expect(0);
    assert_eq!(given(&ran.json()), 120);
    assert!(!ran.stderr.contains("given up"), "{}", ran.stderr);
}

#[test]
fn several_base_urls_share_the_load() {
    let settings = || Settings {
        latency: Duration::from_millis(20),
        ..Settings::default()
    };
    let servers = [
        FaultServer::start(settings()),
        FaultServer::start(settings()),
    ];
    let home = written(&on_two_urls(&servers[0].url(), &servers[1].url()));
    run(&home).expect(0);
    let counts = servers.map(|server| server.log().len());
    assert_eq!(counts.iter().sum::<usize>(), 240);
    assert!(counts.iter().all(|count| *count >= 80), "{counts:?}");
}
