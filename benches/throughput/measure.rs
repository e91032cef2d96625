//! What a child process costs, as Linux counts it.

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The kernel reports processor time in this unit on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Time, processor time and memory of a finished process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From start to end, in seconds.
    pub(crate) seconds: f64,
    /// User and system time, in seconds.
    pub(crate) cpu: f64,
    /// Most resident memory, in bytes.
    pub(crate) peak_memory: u64,
}

/// Runs a command to its end with its output in two files of a folder. A status that
/// is none of the expected ones is an error with the end of what it said.
pub(crate) fn run(
    command: &mut Command,
    folder: &Path,
    expected: &[i32],
) -> Result<Cost, Box<dyn Error>> {
    let (out, err) = (folder.join("stdout"), folder.join("stderr"));
    let before = children_cpu()?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(fs::File::create(&out)?)
        .stderr(fs::File::create(&err)?)
        .spawn()?;
    let mut peak_memory = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_memory = peak_memory.max(high_water(child.id()).unwrap_or_default());
        thread::sleep(Duration::from_millis(5));
    };
    let cost = Cost {
        seconds: started.elapsed().as_secs_f64(),
        cpu: children_cpu()? - before,
        peak_memory,
    };
    if status.code().is_none_or(|code| !expected.contains(&code)) {
        return Err(failure(command, status, &err));
    }
    Ok(cost)
}

/// Processor time of a running process, in seconds.
pub(crate) fn cpu(process: u32) -> Result<f64, Box<dyn Error>> {
    times(&format!("/proc/{process}/stat"), 14)
}

/// Bytes of all files in a folder.
pub(crate) fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            size(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}

/// Processor time of all children that have ended, in seconds.
fn children_cpu() -> Result<f64, Box<dyn Error>> {
    times("/proc/self/stat", 16)
}

/// The sum of two neighbouring times of a `stat` file (see proc(5), whose fields
/// count from 1).
fn times(path: &str, field: usize) -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string(path)?;
    // The second field is a name in parentheses that may hold anything.
    let (_, rest) = stat.rsplit_once(") ").ok_or("no process name")?;
    // So the rest begins with the third.
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |at: usize| -> Result<f64, Box<dyn Error>> { Ok(fields[at - 3].parse()?) };
    Ok((ticks(field)? + ticks(field + 1)?) / TICKS_PER_SECOND)
}

fn high_water(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn failure(command: &Command, status: ExitStatus, err: &Path) -> Box<dyn Error> {
    let said = fs::read_to_string(err).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    let end = lines[lines.len().saturating_sub(30)..].join("\n");
    format!("{command:?} ended with {status}:\n{end}").into()
}
