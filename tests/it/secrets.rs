//! No key is ever written or shown, whatever a server or a user does with it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::support::fault::{Fault, Faults};
use crate::support::fault_server::{FaultServer, Settings};
use crate::support::home::{Home, Ran};
use crate::support::{replies, stored, study};

/// With characters that change where it is percent-encoded or put into JSON.
const KEY: &str = "sk-oyer/T3st+Key=9\"Zq&x7";
const VARIABLE: &str = "OYER_TEST_KEY";

/// What servers say that repeat the key they were sent: plain, in a URL, in JSON.
const ECHO: &str = r#"{"error": {"message": "Incorrect API key provided: sk-oyer/T3st+Key=9\"Zq&x7. See https://example.org/keys?key=sk-oyer%2FT3st%2BKey%3D9%22Zq%26x7 or sk-oyer%2fT3st%2bKey%3d9%22Zq%26x7", "param": "sk-oyer\/T3st\u002bKey=9\u0022Zq&x7", "code": "odd"}}"#;

/// The key in every form in which it might leak.
fn forms() -> Vec<(&'static str, Vec<u8>)> {
    let hex = KEY.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let mut forms = vec![
        ("plain", KEY.to_owned()),
        ("percent-encoded", percent_encoded()),
        (
            "percent-encoded in lower case",
            percent_encoded_in_lower_case(),
        ),
        ("in JSON", KEY.replace('"', "\\\"")),
        (
            "in JSON with escaped slashes",
            KEY.replace('"', "\\\"").replace('/', "\\/"),
        ),
        ("in hexadecimal digits", hex),
        // A part of it is enough to tell it.
        ("in part", KEY[8..18].to_owned()),
    ];
    // Wherever it begins in what is encoded, all but its ends is the same.
    for before in 0..3 {
        let mut text = vec![b' '; before];
        text.extend_from_slice(KEY.as_bytes());
        let encoded = base64(&text);
        forms.push(("in base64", encoded[4..encoded.len() - 4].to_owned()));
    }
    let bytes = |(name, form): (&'static str, String)| (name, form.into_bytes());
    forms.into_iter().map(bytes).collect()
}

fn percent_encoded() -> String {
    KEY.bytes().fold(String::new(), |mut out, byte| {
        let _ = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            write!(out, "{}", char::from(byte))
        } else {
            write!(out, "%{byte:02X}")
        };
        out
    })
}

fn percent_encoded_in_lower_case() -> String {
    let mut parts = percent_encoded()
        .split('%')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    for part in &mut parts[1..] {
        part[..2].make_ascii_lowercase();
    }
    parts.join("%")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            let is_there = place <= three.len();
            text.push(if is_there {
                char::from(DIGITS[digit as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[track_caller]
fn no_key_in(place: &str, bytes: &[u8]) {
    for (name, form) in forms() {
        let found = bytes.windows(form.len()).position(|window| window == form);
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + 60)];
            panic!(
                "{place} holds the key {name}: {}",
                String::from_utf8_lossy(around)
            );
        }
    }
}

/// Runs a command with the key in its environment; neither output may hold it.
#[track_caller]
fn oyer(home: &Home, arguments: &[&str], code: i32) -> Ran {
    let ran = home.oyer_with(arguments, &[(VARIABLE, KEY)]);
    no_key_in(&format!("stdout of {arguments:?}"), ran.stdout.as_bytes());
    no_key_in(&format!("stderr of {arguments:?}"), ran.stderr.as_bytes());
    ran.expect(code)
}

/// Every file under a folder, its bytes as they are; and what a store holds, restored.
#[track_caller]
fn no_key_under(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    let mut stores: Vec<PathBuf> = Vec::new();
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            no_key_in(&path.display().to_string(), &std::fs::read(&path).unwrap());
            if path.ends_with("run.sqlite") {
                stores.push(folder.clone());
            }
        }
    }
    assert!(files >= 4, "{files} files");
    for store in stores {
        let attempts = stored::attempts_if_any(&store);
        assert!(!attempts.is_empty());
        for attempt in attempts {
            no_key_in("a stored attempt", format!("{attempt:?}").as_bytes());
            no_key_in("a stored reply", &attempt.body);
        }
    }
}

fn home(server: &FaultServer, more: &str) -> Home {
    let more = format!("api_key_env = \"{VARIABLE}\"\n{more}");
    let home = Home::new();
    study::served(2, 6, &server.url(), &more).write(&home);
    home
}

fn with_key(faults: Faults) -> FaultServer {
    FaultServer::start(Settings {
        key: Some(KEY.to_owned()),
        faults,
        ..Settings::default()
    })
}

#[test]
fn a_study_with_a_key_leaves_it_nowhere() {
    let server = with_key(Faults::none());
    let home = home(&server, "");
    oyer(&home, &["check", "study.toml", "--probe"], 0);
    server.set_faults(Faults::first(1, Fault::Status(500)));
    oyer(&home, &["check", "study.toml", "--format", "json"], 0);
    oyer(&home, &["prompt", "study.toml", "p1/q1"], 0);
    oyer(
        &home,
        &["prompt", "study.toml", "p1/q1", "--format", "json"],
        0,
    );
    oyer(&home, &["run", "study.toml", "--max-calls", "20"], 3);
    oyer(&home, &["run", "study.toml"], 0);
    for format in ["table", "json", "csv", "md"] {
        oyer(&home, &["report", "results/s", "--format", format], 0);
    }
    oyer(&home, &["verdicts", "results/s"], 0);
    oyer(&home, &["show", "results/s", "p1/q1"], 0);
    no_key_under(home.path());
    assert!(server.log().iter().all(|logged| logged.showed_key));
}

#[test]
fn a_server_that_repeats_the_key_in_its_errors_leaves_it_nowhere() {
    for (status, code) in [(401, 4), (400, 4), (404, 4), (500, 3), (429, 3), (200, 3)] {
        let server = with_key(Faults::always(Fault::Says(status, ECHO)));
        let home = home(&server, "max_tries = 1");
        oyer(&home, &["run", "study.toml"], code);
        oyer(&home, &["check", "study.toml", "--probe"], code);
        oyer(&home, &["show", "results/s", "p0/q0"], 0);
        oyer(&home, &["report", "results/s"], 3);
        no_key_under(home.path());
        let kept = stored::attempts(&home.path().join("results/s"));
        assert!(
            kept.iter()
                .all(|attempt| attempt.message.as_deref().unwrap().contains("[key]"))
        );
    }
}

#[test]
fn a_model_that_says_the_key_leaves_it_nowhere() {
    let server = FaultServer::start(Settings {
        reply: Box::new(|call| format!("My key is {KEY}. {}", replies::usual(call))),
        ..Settings::default()
    });
    let home = home(&server, "");
    oyer(&home, &["run", "study.toml"], 0);
    let shown = oyer(&home, &["show", "results/s", "p0/q0"], 0);
    assert!(
        shown.stdout.contains("My key is [key]."),
        "{}",
        shown.stdout
    );
    no_key_under(home.path());
    assert!(
        server
            .log()
            .iter()
            .all(|logged| !logged.body.contains("T3st"))
    );
}

#[test]
fn a_run_that_is_killed_leaves_the_key_nowhere() {
    let server = FaultServer::start(Settings {
        latency: std::time::Duration::from_millis(50),
        ..Settings::default()
    });
    let home = home(&server, "max_connections = 2");
    let mut command = home.command(&["run", "study.toml"]);
    let mut running = command
        .env(VARIABLE, KEY)
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    server.wait_for_requests(16);
    running.kill().unwrap();
    running.wait().unwrap();
    no_key_under(home.path());
}

/// Where a user puts the key in the wrong place, the error does not repeat it.
#[test]
fn a_key_in_the_wrong_place_is_refused_and_not_shown() {
    // As it stands in a TOML string.
    let written = KEY.replace('"', "\\\"");
    let url = "http://127.0.0.1:9/v1";
    let places = [
        format!("base_url = \"http://user:{written}@127.0.0.1:9/v1\""),
        format!("base_url = \"http://{}@127.0.0.1:9/v1\"", percent_encoded()),
        format!("base_url = \"{url}?key={written}\""),
        format!("base_url = \"{url}#{written}\""),
        format!("base_url = \"{written}\""),
        format!("base_url = \"{url}\"\napi_key_env = \"{written}\""),
        format!("base_url = \"{url}\"\napi_key = \"{written}\""),
        format!("base_url = \"{url}\"\nheaders = {{ Authorization = \"Bearer {written}\" }}"),
        format!("base_url = \"{url}\"\nheaders = {{ X-Title = \"{written}\" }}"),
        format!("base_url = \"{url}\"\nextra = {{ api_key = \"{written}\" }}"),
    ];
    for place in places {
        let home = Home::new();
        let mut study = study::served(1, 1, url, "");
        study.entries = study
            .entries
            .replacen(&format!("base_url = \"{url}\""), &place, 1);
        study.write(&home);
        for command in ["check", "run"] {
            let ran = oyer(&home, &[command, "study.toml"], 2);
            assert!(
                ran.stderr.contains("study.toml:"),
                "{place}: {}",
                ran.stderr
            );
        }
        assert!(!home.path().join("results").exists());
    }
}

#[test]
fn a_key_that_cannot_be_sent_is_refused_and_not_shown() {
    let server = with_key(Faults::none());
    let home = home(&server, "");
    for key in [format!(" {KEY}"), format!("{KEY}\n"), format!("{KEY}é")] {
        let ran = home.oyer_with(&["run", "study.toml"], &[(VARIABLE, &key)]);
        let ran = ran.expect(2);
        assert!(ran.stderr.contains(VARIABLE), "{}", ran.stderr);
        no_key_in("stderr", ran.stderr.as_bytes());
    }
    let unset = home.oyer(&["run", "study.toml"]).expect(2);
    assert!(unset.stderr.contains(VARIABLE), "{}", unset.stderr);
    assert_eq!(server.log().len(), 0);
}
