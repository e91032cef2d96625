//! Disks that are full, and folders that can only be read.
//!
//! Both need a file system of the test's own, which only some users may mount.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::fault_server::{FaultServer, Settings};
use crate::support::home::Home;
use crate::support::{stored, study};

/// A file system in memory, mounted in a home until it is dropped.
struct Disk<'h> {
    home: &'h Home,
}

impl<'h> Disk<'h> {
    /// Mounts one of this size at `disk`, or says what is left out.
    fn mount(home: &'h Home, size: &str, test: &str) -> Option<Self> {
        let folder = home.path().join("disk");
        std::fs::create_dir(&folder).unwrap();
        let options = format!("size={size}");
        let mounted = mount(&["-t", "tmpfs", "-o", &options, "tmpfs"], &folder);
        if !mounted {
            let _ = writeln!(
                std::io::stderr(),
                "left out: {test}, as no file system can be mounted here"
            );
        }
        mounted.then_some(Self { home })
    }

    fn folder(&self) -> std::path::PathBuf {
        self.home.path().join("disk")
    }

    fn change(&self, options: &str) {
        let changed = mount(&["-o", &format!("remount,{options}")], &self.folder());
        assert!(changed, "remount with {options}");
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let folder = self.folder();
        let unmounted = Command::new("umount").arg("-l").arg(folder).status();
        // In a panic already, a second one would hide the first.
        assert!(std::thread::panicking() || unmounted.is_ok_and(|status| status.success()));
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    Command::new("mount")
        .args(arguments)
        .arg(folder)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn home(server: &FaultServer) -> Home {
    let home = Home::new();
    study::served(6, 20, &server.url(), "max_connections = 8").write(&home);
    home
}

const RUN: [&str; 4] = ["run", "study.toml", "--results", "disk/out"];

/// Replies that a full disk may cost: those in flight under a limit that has doubled
/// twice (64), and as many that came while the commit that failed was made.
const UNSTORED: usize = 128;

#[test]
fn a_full_disk_stops_a_run_and_loses_nothing_that_was_stored() {
    let server = FaultServer::start(Settings::default());
    let home = home(&server);
    for size in ["300k", "700k", "1500k"] {
        let name = "a_full_disk_stops_a_run_and_loses_nothing_that_was_stored";
        let Some(disk) = Disk::mount(&home, size, name) else {
            return;
        };
        let asked_before = server.log().len();
        let full = home.oyer(&RUN).expect(3);
        assert!(full.stderr.contains("the disk is full"), "{}", full.stderr);
        assert!(
            full.stderr.contains("run again to go on"),
            "{}",
            full.stderr
        );
        let kept = stored::attempts(&disk.folder().join("out"));
        let asked = server.log().len() - asked_before;
        assert!(
            kept.len() <= asked && asked <= kept.len() + UNSTORED,
            "{} {asked}",
            kept.len()
        );
        // It is full still, and says so again, and can be read.
        let again = home.oyer(&RUN).expect(3);
        assert!(
            again.stderr.contains("the disk is full"),
            "{}",
            again.stderr
        );
        home.oyer(&["report", "disk/out"]).expect(3);

        disk.change("size=64m");
        let resumed_from = server.log().len();
        let kept = stored::attempts(&disk.folder().join("out"));
        home.oyer(&RUN).expect(0);
        let log = server.log();
        for attempt in &kept {
            let again = log[resumed_from..]
                .iter()
                .any(|logged| logged.body == attempt.request);
            assert!(!again, "what was stored is asked again");
        }
        assert_eq!(kept.len() + log.len() - resumed_from, 480);
        home.oyer(&["run", "study.toml", "--results", "whole"])
            .expect(0);
        for file in ["report.json", "verdicts.csv"] {
            let [disturbed, whole] =
                ["disk/out", "whole"].map(|folder| home.read(&format!("{folder}/{file}")));
            assert!(disturbed == whole, "{file} differs");
        }
        drop(disk);
        std::fs::remove_dir(home.path().join("disk")).unwrap();
    }
}

#[test]
fn a_disk_that_is_full_from_the_start_is_told_of() {
    let server = FaultServer::start(Settings::default());
    let home = home(&server);
    let name = "a_disk_that_is_full_from_the_start_is_told_of";
    let Some(disk) = Disk::mount(&home, "64k", name) else {
        return;
    };
    std::fs::write(disk.folder().join("filler"), vec![1; 60 * 1024]).unwrap();
    for _ in 0..2 {
        let ran = home.oyer(&RUN).expect(3);
        assert!(ran.stderr.contains("the disk is full"), "{}", ran.stderr);
    }
    assert_eq!(server.log().len(), 0);
    disk.change("size=64m");
    home.oyer(&RUN).expect(0);
}

#[test]
fn a_folder_that_can_only_be_read_is_refused_for_a_run_and_good_for_all_else() {
    let server = FaultServer::start(Settings::default());
    let home = home(&server);
    let name = "a_folder_that_can_only_be_read_is_refused_for_a_run_and_good_for_all_else";
    let Some(disk) = Disk::mount(&home, "64m", name) else {
        return;
    };
    disk.change("ro");
    let ran = home.oyer(&RUN).expect(2);
    assert!(ran.stderr.contains("disk/out"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Read-only file system"),
        "{}",
        ran.stderr
    );
    disk.change("rw");
    home.oyer(&RUN).expect(0);
    let before = server.log().len();
    disk.change("ro");
    let ran = home.oyer(&RUN).expect(2);
    assert!(
        ran.stderr.contains("cannot be opened for writing"),
        "{}",
        ran.stderr
    );
    read_all(&home, 0);
    assert_eq!(server.log().len(), before);
}

#[test]
fn what_a_killed_run_left_can_be_read_where_nothing_can_be_written() {
    let server = FaultServer::start(Settings {
        latency: Duration::from_millis(10),
        ..Settings::default()
    });
    let home = home(&server);
    let name = "what_a_killed_run_left_can_be_read_where_nothing_can_be_written";
    let Some(disk) = Disk::mount(&home, "64m", name) else {
        return;
    };
    let mut running = home.start(&RUN);
    server.wait_for_requests(100);
    running.kill().unwrap();
    running.wait().unwrap();
    let out = disk.folder().join("out");
    assert!(std::fs::metadata(out.join("run.sqlite-wal")).unwrap().len() > 0);
    disk.change("ro");
    read_all(&home, 3);
    // A copy of the two files alone, as somebody may have sent them.
    disk.change("rw");
    std::fs::create_dir(disk.folder().join("copy")).unwrap();
    for file in ["run.sqlite", "run.sqlite-wal"] {
        std::fs::copy(out.join(file), disk.folder().join("copy").join(file)).unwrap();
    }
    disk.change("ro");
    let ran = home.oyer(&["report", "disk/copy"]);
    assert!(
        ran.code == Some(3) || ran.stderr.contains("disk/copy/run.sqlite"),
        "{}",
        ran.stderr
    );
}

/// Every command that only reads; a report of what is not complete says so.
fn read_all(home: &Home, report: i32) {
    for format in ["table", "json"] {
        home.oyer(&["report", "disk/out", "--format", format])
            .expect(report);
    }
    home.oyer(&["verdicts", "disk/out"]).expect(0);
    home.oyer(&["show", "disk/out", "p1/q1"]).expect(0);
    home.oyer(&["check", "study.toml", "--results", "disk/out"])
        .expect(0);
}

/// A command under limits that a shell sets.
#[cfg(target_os = "linux")]
fn limited(home: &Home, limits: &str, command: &Command) -> std::process::Output {
    Command::new("sh")
        .args(["-c", &format!("{limits}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_on_open_files_is_said_and_is_no_failure_of_the_server() {
    let server = FaultServer::start(Settings {
        latency: std::time::Duration::from_millis(30),
        ..Settings::default()
    });
    let home = home(&server);
    let command = home.command(&["run", "study.toml", "--results", "out"]);
    let ran = limited(&home, "ulimit -n 40", &command);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{said}");
    let expected = "this process may hold no more files and connections open (`ulimit -n`): [";
    assert!(said.contains(expected), "{said}");
    assert!(server.peak_in_flight() < 40);
    let report: serde_json::Value = serde_json::from_str(&home.read("out/report.json")).unwrap();
    assert_eq!(report["cost"]["attempts"], server.log().len());
    // What a shell gives less of than the system lets it is raised.
    let command = home.command(&["run", "study.toml", "--results", "raised"]);
    let ran = limited(&home, "ulimit -S -n 40", &command);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{said}");
    assert!(!said.contains("ulimit -n"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_that_cannot_be_opened_for_a_limit_on_open_files_names_it() {
    let server = FaultServer::start(Settings::default());
    let home = home(&server);
    home.oyer(&["run", "study.toml", "--results", "out"])
        .expect(0);
    let command = home.command(&["report", "out"]);
    let ran = limited(&home, "ulimit -n 5", &command);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(3), "{said}");
    assert!(said.contains("(`ulimit -n` says how many"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_on_the_size_of_files_is_said_and_loses_nothing_that_was_stored() {
    let server = FaultServer::start(Settings::default());
    let home = home(&server);
    let command = home.command(&["run", "study.toml", "--results", "out"]);
    let limited = limited(&home, "ulimit -f 900", &command);
    let said = String::from_utf8_lossy(&limited.stderr);
    assert_eq!(
        limited.status.code(),
        Some(3),
        "{:?} {said}",
        limited.status
    );
    assert!(said.contains("a limit on the size of files"), "{said}");
    assert!(said.contains("run again to go on"), "{said}");
    let kept = stored::attempts(&home.path().join("out")).len();
    assert!(kept > 0);
    let asked = server.log().len();
    home.oyer(&["run", "study.toml", "--results", "out"])
        .expect(0);
    assert_eq!(server.log().len() - asked, 4 * 120 - kept);
}
