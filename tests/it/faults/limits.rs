//! How many calls are in flight at once.

use std::time::Duration;

use super::{given, home, run, written};
use crate::support::fault::{Fault, Faults, RetryAfter};
use crate::support::fault_server::{FaultServer, Rate, Settings};
use crate::support::study;

fn slow(latency: u64) -> FaultServer {
    FaultServer::start(Settings {
        latency: Duration::from_millis(latency),
        ..Settings::default()
    })
}

#[test]
fn max_connections_holds_for_its_entry() {
    let servers = [slow(15), slow(15), slow(15)];
    let [base, tuned, judge] = [&servers[0], &servers[1], &servers[2]];
    let entry = |table, server: &FaultServer, most: usize| {
        study::openai(
            table,
            &server.url(),
            table,
            &format!("max_connections = {most}"),
        )
    };
    let mut study = study::served(6, 6, &base.url(), "");
    study.entries = entry("models.base", base, 1)
        + &entry("models.tuned", tuned, 5)
        + &entry("judges.main", judge, 3);
    let home = written(&study);
    run(&home).expect(0);
    assert_eq!(base.peak_in_flight(), 1);
    assert!(tuned.peak_in_flight() <= 5, "{}", tuned.peak_in_flight());
    assert!(
        (2..=3).contains(&judge.peak_in_flight()),
        "{}",
        judge.peak_in_flight()
    );
    assert_eq!(base.connections(), 1);
}

#[test]
fn entries_at_one_url_share_an_adaptive_limit() {
    // Too few replies for the first growth, so that the limit is where it starts.
    let server = slow(50);
    let home = home(6, 10, &server, "");
    let ran = home.oyer(&["run", "study.toml", "--format", "json", "--max-calls", "31"]);
    ran.expect(3);
    assert_eq!(server.log().len(), 31);
    assert!(server.peak_in_flight() <= 16, "{}", server.peak_in_flight());
    assert!(server.peak_in_flight() > 8, "{}", server.peak_in_flight());
}

#[test]
fn an_adaptive_limit_grows_where_the_server_takes_it() {
    let server = slow(100);
    let home = home(6, 30, &server, "");
    run(&home).expect(0);
    assert!(server.peak_in_flight() > 20, "{}", server.peak_in_flight());
}

#[test]
fn an_adaptive_limit_backs_off_until_overload_is_rare() {
    let server = FaultServer::start(Settings {
        latency: Duration::from_millis(40),
        max_in_flight: Some(4),
        ..Settings::default()
    });
    let home = home(6, 34, &server, "");
    let ran = run(&home).expect(0);
    assert_eq!(given(&ran.json()), 408);
    assert!(
        ran.stderr.contains("has too much to do: now at most"),
        "{}",
        ran.stderr
    );
    let log = server.log();
    let refused = |part: &[crate::support::fault_server::Logged]| {
        let refused = part.iter().filter(|logged| logged.status == Some(429));
        refused.count() as f64 / part.len() as f64
    };
    let third = log.len() / 3;
    let (first, last) = (refused(&log[..third]), refused(&log[2 * third..]));
    // Of 16 in flight 12 are too many; after the cuts more is tried seldom.
    assert!(
        last < 0.15 && last < first / 2.0,
        "{first:.3} at first, {last:.3} at last"
    );
}

#[test]
fn a_long_pause_is_told_once_with_who_asked_for_it_and_its_end() {
    let asked = Fault::RateLimited(RetryAfter::Seconds(5));
    let server = FaultServer::start(Settings {
        // Both judgments of an item are told so, and it is one pause.
        faults: Faults::by(move |seen| {
            (seen.attempt == 0 && seen.call.user.contains("matter number 0 ")).then_some(asked)
        }),
        latency: Duration::from_millis(50),
        ..Settings::default()
    });
    let home = home(1, 2, &server, "max_connections = 20");
    let ran = run(&home).expect(0);
    let told = |entry: &str| {
        let line = format!("[{entry}] asks to be left alone for 5 seconds: no calls until ");
        ran.stderr.matches(&line).count()
    };
    for entry in ["models.base", "models.tuned", "judges.main"] {
        assert_eq!(told(entry), 1, "{entry}: {}", ran.stderr);
    }
}

#[test]
fn a_rate_limit_is_lived_with() {
    let server = FaultServer::start(Settings {
        rate: Some(Rate {
            requests: 20,
            window: Duration::from_millis(300),
        }),
        ..Settings::default()
    });
    let home = home(6, 6, &server, "");
    let ran = run(&home).expect(0);
    assert_eq!(given(&ran.json()), 72);
    let refused = server.count(|logged| logged.status == Some(429));
    assert!(refused < 144, "{refused} refusals for 144 replies");
}
