//! Runs `oyer` on studies against the benchmark's server, and says what it took.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::measure::{self, Cost};
use crate::serve::Served;
use crate::study::{self, Size};

type Outcome<T> = Result<T, Box<dyn Error>>;

const OYER: &str = env!("CARGO_BIN_EXE_oyer");

/// A benchmark's result: what was measured, and what came out.
pub(crate) type Figures = Vec<(&'static str, String)>;

/// A run of a whole study: how many judgments a second, and what each costs.
pub(crate) fn throughput(size: &Size) -> Outcome<Figures> {
    let bench = Bench::new(size, Duration::ZERO)?;
    let (cost, served) = bench.run_whole()?;
    let (judgments, calls) = (size.judgments() as f64, size.calls() as f64);
    Ok(vec![
        ("judgments", format!("{judgments}")),
        ("calls", format!("{calls}")),
        (
            "bytes of a judgment's request",
            format!("{:.0}", served.judgment_bytes),
        ),
        ("seconds, start to report", format!("{:.1}", cost.seconds)),
        (
            "judgments a second, start to report",
            format!("{:.0}", judgments / cost.seconds),
        ),
        (
            "judgments a second while asking",
            format!("{:.0}", judgments / served.seconds),
        ),
        (
            "calls a second while asking",
            format!("{:.0}", calls / served.seconds),
        ),
        (
            "CPU a judgment, ms",
            format!("{:.4}", 1e3 * cost.cpu / judgments),
        ),
        ("CPU a call, ms", format!("{:.4}", 1e3 * cost.cpu / calls)),
        (
            "server's CPU a call, ms",
            format!("{:.4}", 1e3 * bench.server.cpu()? / calls),
        ),
        (
            "peak memory, MB",
            format!("{:.0}", cost.peak_memory as f64 / 1e6),
        ),
        (
            "store a judgment, bytes",
            format!("{:.0}", bench.store()? / judgments),
        ),
        (
            "store a call, bytes",
            format!("{:.0}", bench.store()? / calls),
        ),
        (
            "whole folder a judgment, bytes",
            format!("{:.0}", bench.disk()? / judgments),
        ),
    ])
}

/// A run against a server that takes its time: what share of the possible rate it gets.
pub(crate) fn latency(size: &Size, latency: Duration) -> Outcome<Figures> {
    let bench = Bench::new(size, latency)?;
    let (cost, served) = bench.run_whole()?;
    let rate = size.calls() as f64 / served.seconds;
    let possible = size.connections as f64 / latency.as_secs_f64();
    let serviceable = size.connections as f64 / served.service;
    Ok(vec![
        ("calls", format!("{}", size.calls())),
        ("seconds while asking", format!("{:.1}", served.seconds)),
        ("most calls at one time", format!("{}", served.peak)),
        ("calls a second while asking", format!("{rate:.1}")),
        (
            "share of what the latency allows, %",
            format!("{:.2}", 100.0 * rate / possible),
        ),
        (
            "server's own latency, ms",
            format!("{:.2}", 1e3 * served.service),
        ),
        (
            "share of what that allows, %",
            format!("{:.2}", 100.0 * rate / serviceable),
        ),
        (
            "CPU a call, ms",
            format!("{:.4}", 1e3 * cost.cpu / size.calls() as f64),
        ),
        (
            "peak memory, MB",
            format!("{:.0}", cost.peak_memory as f64 / 1e6),
        ),
    ])
}

/// Opens a finished study again: nothing may be asked, and how long it takes.
pub(crate) fn reopen(size: &Size) -> Outcome<Figures> {
    let bench = Bench::new(size, Duration::ZERO)?;
    bench.run_whole()?;
    bench.server.get::<serde_json::Value>("/reset")?;
    let again = bench.oyer(&["run"])?;
    let served: Served = bench.server.get("/stats")?;
    if served.answers + served.judgments > 0 {
        return Err(format!("a finished study was asked again: {served:?}").into());
    }
    let mut report = Command::new(OYER);
    report.arg("report").arg(bench.results());
    let report = measure::run(&mut report, &bench.folder, &[0])?;
    Ok(vec![
        ("calls in the store", format!("{}", size.calls())),
        ("run again, seconds", format!("{:.2}", again.seconds)),
        (
            "run again, peak memory, MB",
            format!("{:.0}", again.peak_memory as f64 / 1e6),
        ),
        ("report, seconds", format!("{:.2}", report.seconds)),
        (
            "report, peak memory, MB",
            format!("{:.0}", report.peak_memory as f64 / 1e6),
        ),
    ])
}

/// Starts the program for nothing.
pub(crate) fn startup(times: usize) -> Outcome<Figures> {
    let mut millis = Vec::with_capacity(times);
    for _ in 0..times {
        let started = Instant::now();
        let output = Command::new(OYER).arg("--version").output()?;
        millis.push(1e3 * started.elapsed().as_secs_f64());
        if !output.status.success() {
            return Err("`oyer --version` failed".into());
        }
    }
    millis.sort_by(f64::total_cmp);
    Ok(vec![
        ("start-up, median, ms", format!("{:.1}", millis[times / 2])),
        ("start-up, slowest, ms", format!("{:.1}", millis[times - 1])),
    ])
}

/// A study in a folder of its own, with the server it asks.
struct Bench {
    folder: PathBuf,
    study: PathBuf,
    size: Size,
    server: Server,
}

impl Bench {
    fn new(size: &Size, latency: Duration) -> Outcome<Self> {
        let name = format!("throughput-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let server = Server::start(latency)?;
        let study = study::write(&folder, size, &server.address)?;
        Ok(Self {
            folder,
            study,
            size: *size,
            server,
        })
    }

    fn results(&self) -> PathBuf {
        self.folder.join("results")
    }

    /// Runs the study from nothing to its report; every judgment must have been asked.
    fn run_whole(&self) -> Outcome<(Cost, Served)> {
        let cost = self.oyer(&["run"])?;
        let served: Served = self.server.get("/stats")?;
        let (asked, planned) = (served.judgments, self.size.judgments());
        if asked as usize != planned {
            return Err(format!("{asked} judgments were asked of {planned}").into());
        }
        Ok((cost, served))
    }

    fn oyer(&self, arguments: &[&str]) -> Outcome<Cost> {
        let mut command = Command::new(OYER);
        command.args(arguments).arg(&self.study);
        command.arg("--results").arg(self.results());
        measure::run(&mut command, &self.folder, &[0])
    }

    /// The store alone, as it lies there when the run has ended.
    fn store(&self) -> Outcome<f64> {
        Ok(fs::metadata(self.results().join("run.sqlite"))?.len() as f64)
    }

    /// The whole results folder, tables for people included.
    fn disk(&self) -> Outcome<f64> {
        Ok(measure::size(&self.results())? as f64)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The server in its own process, which ends with this one.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(latency: Duration) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--latency", &latency.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let said = process.stdout.take().ok_or("no standard output")?;
        BufReader::new(said).read_line(&mut address)?;
        Ok(Self {
            process,
            address: address.trim().to_owned(),
        })
    }

    fn cpu(&self) -> Outcome<f64> {
        measure::cpu(self.process.id())
    }

    fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        let mut stream = TcpStream::connect(&self.address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n")?;
        stream.shutdown(std::net::Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
