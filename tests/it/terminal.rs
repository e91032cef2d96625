//! What a person at a terminal sees, and what is left where there is none.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::fault_server::{FaultServer, Settings};
use crate::support::home::Home;
use crate::support::study;

/// What begins a change of colour.
const COLOUR: [&str; 2] = ["\u{1b}[1m", "\u{1b}[3"];

/// Moves the cursor to the line above, as only bars that are drawn again do.
const UP: &str = "\u{1b}[1A";

/// Runs a command whose standard output and error are a terminal; what it shows.
fn shown(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    shown_until(home, arguments, variables, 0)
}

/// The same of a command that ends with this code.
fn shown_until(home: &Home, arguments: &[&str], variables: &[(&str, &str)], code: i32) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let size = Winsize {
        ws_row: 40,
        ws_col: 150,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&ours, size).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let path = OsStr::from_bytes(name.to_bytes());
    let theirs = File::options().read(true).write(true).open(path).unwrap();
    let reader = std::thread::spawn(move || {
        let (mut terminal, mut shown) = (File::from(ours), Vec::new());
        // Ends with an error once nobody holds the other side any more.
        let _ = terminal.read_to_end(&mut shown);
        String::from_utf8(shown).unwrap()
    });
    let status = home
        .command(arguments)
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .stdout(Stdio::from(theirs.try_clone().unwrap()))
        .stderr(Stdio::from(theirs))
        .status()
        .unwrap();
    let shown = reader.join().unwrap();
    assert_eq!(status.code(), Some(code), "{shown}");
    shown
}

fn coloured(text: &str) -> bool {
    COLOUR.iter().any(|code| text.contains(code))
}

/// A study that takes about a second.
fn home() -> (Home, FaultServer) {
    let server = FaultServer::start(Settings {
        latency: Duration::from_millis(60),
        ..Settings::default()
    });
    let home = Home::new();
    study::served(2, 8, &server.url(), "max_connections = 4").write(&home);
    (home, server)
}

#[test]
fn bars_and_colours_are_for_a_terminal() {
    let (home, _server) = home();
    let shown = shown(&home, &["run", "study.toml"], &[]);
    for part in [
        "generating ",
        "judging ",
        "/32 ",
        "calls/s",
        "in flight",
        UP,
    ] {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }
    assert!(coloured(&shown), "{shown}");
    assert!(shown.contains("results are in results/s"), "{shown}");
}

#[test]
fn bars_of_a_limited_run_count_the_items_that_it_takes() {
    let (home, _server) = home();
    let limited = |limit| ["run", "study.toml", "--limit", limit];
    for (limit, left) in [("5", ["/10 ", "0/10 "]), ("8", ["/16 ", "10/16 "])] {
        let shown = shown_until(&home, &limited(limit), &[], 3);
        for part in left {
            assert!(shown.contains(part), "{part:?} in {shown}");
        }
        assert!(!shown.contains("/32 "), "{shown}");
    }
}

#[test]
fn no_color_takes_the_colours_and_leaves_the_bars() {
    let (home, _server) = home();
    let shown = shown(&home, &["run", "study.toml"], &[("NO_COLOR", "1")]);
    assert!(shown.contains("generating "), "{shown}");
    assert!(!coloured(&shown), "{shown}");
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let (home, _server) = home();
    let ran = home.oyer(&["run", "study.toml"]).expect(0);
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    assert!(!ran.stderr.contains("generating "), "{}", ran.stderr);
}
