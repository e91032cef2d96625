//! A process that is killed at any moment loses nothing that was stored, and pays
//! for nothing twice.

use std::collections::HashSet;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::fault_server::{FaultServer, Settings};
use crate::support::home::Home;
use crate::support::{replies, stored, study};

const KILLS: usize = 50;
/// Before it is killed, a process has at most this long at first.
const FIRST_PATIENCE: Duration = Duration::from_millis(200);

/// A server that takes its time, and whose judge gives no verdict now and then, so
/// that kills fall between a judgment's askings too. Its replies depend on what is
/// asked alone.
fn server() -> FaultServer {
    FaultServer::start(Settings {
        latency: Duration::from_millis(15),
        reply: Box::new(|call| {
            let is_unclear = blake3::hash(&call.raw).as_bytes()[0] < 50;
            if call.model == "judge-1" && is_unclear {
                "I cannot tell them apart.".to_owned()
            } else {
                replies::usual(call)
            }
        }),
        ..Settings::default()
    })
}

/// A re-ask has a seed of its own, so that no two requests of a run are the same.
fn home(server: &FaultServer) -> Home {
    let more = "seed = 3\nmax_connections = 3";
    let home = Home::new();
    study::served(6, 20, &server.url(), more).write(&home);
    home
}

fn finish(home: &Home, results: &str) {
    let run = home.oyer(&["run", "study.toml", "--results", results]);
    // Items whose judgments gave no verdict may leave it under the coverage floor.
    assert!(matches!(run.code, Some(0 | 3)), "{}", run.stderr);
}

fn artefacts(home: &Home, results: &str) -> [String; 2] {
    ["report.json", "verdicts.csv"].map(|file| home.read(&format!("{results}/{file}")))
}

#[test]
fn whenever_it_is_killed_nothing_stored_is_lost_or_asked_again_and_the_report_is_the_same() {
    let server = server();
    survives(&home(&server), &server, KILLS);
}

/// Phrasings of one item ask in words that nearly agree, and are told apart all the same.
#[test]
fn a_study_over_several_phrasings_survives_kills_too() {
    let server = server();
    let home = Home::new();
    study::served(3, 8, &server.url(), "seed = 3\nmax_connections = 3").write(&home);
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/prompts/persona.j2");
    let told = std::fs::read_to_string(built_in).unwrap();
    home.write("briefly.j2", format!("{told}\nBe brief."));
    let study = home.read("study.toml");
    let variants = "[variants]\npersona_prompts = [\"persona\", \"briefly.j2\"]\n";
    home.write("study.toml", format!("{study}{variants}"));
    survives(&home, &server, KILLS / 5);
    let verdicts = home.read("whole/verdicts.csv");
    assert!(verdicts.contains("briefly.j2"), "{verdicts}");
}

/// Kills runs of a study so many times; each that is finished says what one says that
/// was never killed.
fn survives(home: &Home, server: &FaultServer, least: usize) {
    finish(home, "whole");
    let undisturbed = artefacts(home, "whole");
    let mut moments = Moments::new(5);
    let mut kills = 0;
    let mut studies = 0;
    while kills < least {
        studies += 1;
        let results = format!("killed-{studies}");
        kills += kill_until_done(home, &results, server, &mut moments);
        finish(home, &results);
        let disturbed = artefacts(home, &results);
        assert!(undisturbed == disturbed, "the reports of {results} differ");
    }
}

/// Runs a study, killing each run at some moment, until one ends before its moment
/// comes; gives the number of kills.
fn kill_until_done(
    home: &Home,
    results: &str,
    server: &FaultServer,
    moments: &mut Moments,
) -> usize {
    let folder = home.path().join(results);
    let mut kills = 0;
    let mut before = Kept::default();
    loop {
        let asked_before = server.log().len();
        let mut running = home.start(&["run", "study.toml", "--results", results]);
        let was_killed = kill_after(&mut running, moments.next());
        for logged in &server.log()[asked_before..] {
            let again = before.answered.contains(&logged.body);
            assert!(!again, "what was stored is asked again: {}", logged.body);
        }
        let kept = Kept::of(&folder);
        assert!(kept.rows.starts_with(&before.rows), "stored rows are lost");
        if !was_killed {
            return kills;
        }
        kills += 1;
        moments.saw(kept.rows.len() > before.rows.len());
        before = kept;
    }
}

/// Kills a process at its moment, unless it has ended by then.
fn kill_after(running: &mut Child, moment: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < moment {
        if running.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    running.kill().unwrap();
    // One that ended on its own in the last millisecond has an exit code.
    running.wait().unwrap().code().is_none()
}

/// What a store holds.
#[derive(Default)]
struct Kept {
    /// All rows, oldest first.
    rows: Vec<stored::Attempt>,
    /// The requests that have got a reply.
    answered: HashSet<String>,
}

impl Kept {
    fn of(folder: &Path) -> Self {
        let rows = stored::attempts_if_any(folder);
        let replies = rows.iter().filter(|row| row.error.is_none());
        Self {
            answered: replies.map(|row| row.request.clone()).collect(),
            rows,
        }
    }
}

/// When to kill: any moment up to some patience, which grows where a slow machine
/// gets nothing done in it.
struct Moments {
    random: ChaCha8Rng,
    patience: Duration,
    idle: usize,
}

impl Moments {
    fn new(seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            patience: FIRST_PATIENCE,
            idle: 0,
        }
    }

    fn next(&mut self) -> Duration {
        self.patience.mul_f64(self.random.random())
    }

    fn saw(&mut self, progress: bool) {
        self.idle = if progress { 0 } else { self.idle + 1 };
        if self.idle >= 4 {
            self.idle = 0;
            self.patience = self.patience.mul_f64(1.5);
        }
    }
}

#[test]
fn a_kill_in_the_first_moments_leaves_a_folder_that_can_be_used() {
    let home = Home::new();
    study::simulated(2, 2).write(&home);
    for moment in 0..24 {
        let results = format!("early-{moment}");
        let mut running = home.start(&["run", "study.toml", "--results", &results]);
        kill_after(&mut running, Duration::from_millis(2 * moment));
        home.oyer(&["check", "study.toml", "--results", &results])
            .expect(0);
        home.oyer(&["run", "study.toml", "--results", &results])
            .expect(0);
    }
}
