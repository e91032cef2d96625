//! How fast a large verdict table is reported, and how much memory it takes.
//!
//! `cargo bench --bench reporting -- all` makes every figure of the documentation;
//! `-- --help` lists the single ones. The table is made up by the program and
//! depends on nothing but its size. Only on Linux, which tells what a process cost.

#![expect(clippy::print_stdout, reason = "a program of its own")]

#[path = "../throughput/measure.rs"]
#[expect(dead_code, reason = "some of it is for servers")]
mod measure;
mod table;

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::{Parser, Subcommand};
use oyer::stats::bootstrap::cluster_bootstrap;
use oyer::stats::{Clusters, Draws, Level};

use table::Size;

#[derive(Parser)]
struct Cli {
    /// What cargo passes to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand, Clone, Copy)]
enum What {
    /// Everything
    All,
    /// `oyer report` of tables of growing size
    Report,
    /// Draws of the cluster bootstrap
    Bootstrap,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(what) = Cli::parse().what else {
        println!("name a figure, or `all`; see --help");
        return Ok(());
    };
    if matches!(what, What::All | What::Report) {
        report()?;
    }
    if matches!(what, What::All | What::Bootstrap) {
        bootstrap()?;
    }
    Ok(())
}

/// Reports tables of a quarter, a half and all of a million rows.
fn report() -> Result<(), Box<dyn Error>> {
    println!("| `oyer report` of a CSV | rows | file | seconds | CPU seconds | peak memory |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let folder = tempfile::tempdir()?;
    for questions in [50, 100, 200] {
        let size = Size {
            personas: 250,
            questions,
        };
        let path = folder.path().join("verdicts.csv");
        table::write(&path, size)?;
        for (name, flags) in [
            ("default settings", [].as_slice()),
            (
                "`--interval bootstrap-percentile`",
                &["--interval", "bootstrap-percentile"],
            ),
        ] {
            let mut best: Option<measure::Cost> = None;
            for _ in 0..3 {
                let cost = once(&path, folder.path(), flags)?;
                if best.is_none_or(|best| cost.seconds < best.seconds) {
                    best = Some(cost);
                }
            }
            if let Some(cost) = best {
                println!(
                    "| {name} | {} | {} MB | {:.2} | {:.2} | {} MB |",
                    size.rows(),
                    std::fs::metadata(&path)?.len() / 1_000_000,
                    cost.seconds,
                    cost.cpu,
                    cost.peak_memory / 1_000_000
                );
            }
        }
    }
    println!();
    Ok(())
}

fn once(table: &Path, folder: &Path, flags: &[&str]) -> Result<measure::Cost, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oyer"));
    command.arg("report").arg(table).args(flags);
    measure::run(&mut command, folder, &[0])
}

/// Draws from the scores of a million judgments: 500,000 items judged in two orders.
fn bootstrap() -> Result<(), Box<dyn Error>> {
    let (questions, personas) = (1_000_u32, 500_u32);
    let items = 0..questions * personas;
    let scores: Vec<f64> = items.clone().map(table::score).collect();
    let of_question: Vec<u32> = items.clone().map(|item| item / personas).collect();
    let of_persona: Vec<u32> = items.clone().map(|item| item % personas).collect();
    let of_item: Vec<u32> = items.collect();
    println!("| 2,000 draws over 1,000,000 judgments, by | clusters | seconds |");
    println!("| --- | ---: | ---: |");
    for (name, clusters, count) in [
        (
            "question",
            Clusters::OneWay(&of_question),
            u64::from(questions),
        ),
        ("item", Clusters::OneWay(&of_item), of_item.len() as u64),
        (
            "question and persona",
            Clusters::TwoWay(&of_question, &of_persona),
            u64::from(questions + personas),
        ),
    ] {
        let started = Instant::now();
        let drawn = cluster_bootstrap(&scores, clusters, Draws::BOOTSTRAP)?;
        let interval = drawn.percentile(Level::DEFAULT)?;
        let seconds = started.elapsed().as_secs_f64();
        assert!(interval.low() < interval.high(), "an interval has a width");
        println!("| {name} | {count} | {seconds:.2} |");
    }
    Ok(())
}
