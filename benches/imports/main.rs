//! What it costs to import and report published studies.
//!
//! Makes AlpacaEval annotation files of the usual size (805 rows of a question, two
//! answers and an annotator's reply with log-probabilities, 4 MB a file), then runs
//! the real command line on them: `import`, then `report`.
//!
//! ```text
//! cargo bench --bench imports -- --files 100
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where it cannot go on"
)]

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 805;
const WORDS: [&str; 24] = [
    "the",
    "of",
    "careful",
    "answer",
    "which",
    "several",
    "people",
    "\\u00e9tude",
    "because",
    "therefore",
    "and",
    "not",
    "question",
    "a",
    "\\\"quoted\\\"",
    "line\\n",
    "with",
    "may",
    "between",
    "house",
    "water",
    "in",
    "first",
    "example",
];

fn main() {
    let files = files();
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = 0;
    let paths: Vec<PathBuf> = (0..files)
        .map(|number| {
            let path = folder
                .path()
                .join(format!("model-{number}/judge/annotations.json"));
            bytes += write_annotations(&path, number);
            path
        })
        .collect();
    println!("{files} files, {:.0} MB", bytes as f64 / 1e6);
    let results = folder.path().join("results");
    let mut import = Command::new(env!("CARGO_BIN_EXE_oyer"));
    import
        .arg("import")
        .args(&paths)
        .arg("--results")
        .arg(&results);
    let imported = measure(import);
    let mut report = Command::new(env!("CARGO_BIN_EXE_oyer"));
    report.arg("report").arg(&results);
    let reported = measure(report);
    for (name, (time, peak)) in [("import", imported), ("report", reported)] {
        println!("{name}: {:.2} s, peak memory {peak} MB", time.as_secs_f64());
    }
    println!("both: {:.2} s", (imported.0 + reported.0).as_secs_f64());
}

/// `--files N`; cargo's own flags are let pass.
fn files() -> usize {
    let arguments: Vec<String> = std::env::args().collect();
    let place = arguments.iter().position(|argument| argument == "--files");
    place
        .and_then(|place| arguments.get(place + 1)?.parse().ok())
        .unwrap_or(100)
}

/// Runs a command to its end: how long it took, and the most memory it held.
fn measure(mut command: Command) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        peak = peak.max(high_water(Path::new(&status)));
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{ended}");
            return (begun.elapsed(), peak);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Most memory of a process so far, in MB.
fn high_water(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    kilobytes.unwrap_or(0_u64) / 1024
}

fn below(draws: &mut ChaCha8Rng, bound: u64) -> u64 {
    u64::from(draws.next_u32()) % bound
}

fn text(draws: &mut ChaCha8Rng, words: u64) -> String {
    let mut text = String::new();
    for _ in 0..words {
        text.push_str(WORDS[below(draws, WORDS.len() as u64) as usize]);
        text.push(' ');
    }
    text
}

fn write_annotations(path: &Path, number: usize) -> u64 {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    // Questions and the baseline's answers are the same in every file.
    let mut shared = ChaCha8Rng::seed_from_u64(1);
    let mut own = ChaCha8Rng::seed_from_u64(2 + number as u64);
    out.write_all(b"[").unwrap();
    for row in 0..ROWS {
        let comma = if row > 0 { "," } else { "" };
        let (question, baseline) = (text(&mut shared, 20), text(&mut shared, 330));
        let length = 150 + below(&mut own, 330);
        let answer = text(&mut own, length);
        let share = below(&mut own, 1_000_000) as f64 / 1e6;
        let first = below(&mut own, 2) == 0;
        let of_m = if first { share } else { 1.0 - share };
        let (m, big) = (of_m.max(1e-9).ln(), (1.0 - of_m).max(1e-9).ln());
        write!(
            out,
            "{comma}\n  {{\n    \"instruction\":\"{row} {question}\",\n    \"output_1\":\"{baseline}\",\n    \"generator_1\":\"baseline\",\n    \"dataset\":\"set {}\",\n    \"output_2\":\"{answer}\",\n    \"generator_2\":\"model-{number}\",\n    \"annotator\":\"judge\",\n    \"preference\":{},\n    \"raw_completion\":{{\"finish_reason\":\"length\",\"index\":0,\"logprobs\":{{\"content\":[{{\"token\":\"m\",\"bytes\":[109],\"logprob\":{m},\"top_logprobs\":[{{\"token\":\"m\",\"bytes\":[109],\"logprob\":{m}}},{{\"token\":\"M\",\"bytes\":[77],\"logprob\":{big}}},{{\"token\":\"The\",\"bytes\":[84,104,101],\"logprob\":-14.1}}]}}]}},\"message\":{{\"content\":\"m\",\"role\":\"assistant\"}},\"text\":\"m\",\"total_tokens\":1000.0}}\n  }}",
            row % 5,
            1.0 + share
        )
        .unwrap();
    }
    out.write_all(b"\n]").unwrap();
    out.flush().unwrap();
    drop(out);
    std::fs::metadata(path).unwrap().len()
}
