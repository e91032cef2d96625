//! How fast many models are put on one scale: the figures of `docs/performance.md`.
//!
//! `cargo bench --bench ratings -- fit` times the strengths with their cluster
//! sandwich on columns in memory, `-- report` the whole analysis of a verdict table
//! in memory. `fit --write FILE` writes the columns for `benches/evalica.sh`, which
//! compares in the same run. The rows are the same on any machine.

#![expect(clippy::print_stdout, reason = "a program of its own")]

mod league;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use oyer::analysis::{Options, analyse};
use oyer::stats::bradley_terry::bradley_terry;
use oyer::stats::{Clusters, Comparisons, Draws, Level};

use league::League;

#[derive(Parser)]
struct Cli {
    /// What cargo passes to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
    /// Models
    #[arg(long, default_value_t = 100, global = true)]
    models: u32,
    /// Rows: comparisons of two models
    #[arg(long, default_value_t = 10_000_000, global = true)]
    rows: usize,
    /// Runs, of which the fastest is shown
    #[arg(long, default_value_t = 3, global = true)]
    runs: u32,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Strengths, standard errors, ranks and all pairs, of columns in memory
    Fit {
        /// Where to write the columns and the strengths, for another program
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// The whole report of a verdict table in memory
    Report,
}

fn main() -> std::io::Result<()> {
    let cli = Cli::parse();
    match &cli.what {
        None => println!("name `fit` or `report`; see --help"),
        Some(What::Fit { write }) => fit(&cli, write.as_deref())?,
        Some(What::Report) => report(&cli),
    }
    Ok(())
}

fn fastest<T>(runs: u32, mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut time = |_| {
        let start = Instant::now();
        let made = run();
        (start.elapsed(), made)
    };
    let first = time(0);
    (1..runs).map(time).fold(
        first,
        |best, next| if next.0 < best.0 { next } else { best },
    )
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn fit(cli: &Cli, write: Option<&Path>) -> std::io::Result<()> {
    let league = League::new(cli.models, cli.rows);
    let comparisons = Comparisons {
        first: &league.first,
        second: &league.second,
        score: &league.score,
    };
    let models = cli.models as usize;
    let clusters = Clusters::OneWay(&league.question);
    let (time, ratings) = fastest(cli.runs, || bradley_terry(comparisons, models, clusters));
    let ratings = ratings.map_err(std::io::Error::other)?;
    println!(
        "{} models, {} rows, {} questions: strengths with cluster sandwich in {}",
        models,
        cli.rows,
        ratings.clusters().first,
        seconds(time)
    );
    let draws = Draws {
        seed: 0,
        count: 4_000,
    };
    let (time, ranks) = fastest(cli.runs, || ratings.rank_intervals(Level::DEFAULT, draws));
    let ranks = ranks.map_err(std::io::Error::other)?;
    println!(
        "rank intervals of {} models in {}",
        ranks.len(),
        seconds(time)
    );
    match write {
        Some(path) => write_columns(path, &league, ratings.strengths()),
        None => Ok(()),
    }
}

/// The columns as one byte a number, and the strengths as text beside them.
fn write_columns(path: &Path, league: &League, strengths: &[f64]) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for column in [&league.first, &league.second] {
        let bytes: Vec<u8> = column.iter().map(|model| *model as u8).collect();
        file.write_all(&bytes)?;
    }
    let bytes: Vec<u8> = league.score.iter().map(|s| (2.0 * s) as u8).collect();
    file.write_all(&bytes)?;
    file.flush()?;
    let text: Vec<String> = strengths.iter().map(f64::to_string).collect();
    std::fs::write(path.with_extension("strengths"), text.join("\n"))
}

fn report(cli: &Cli) {
    let table = League::new(cli.models, cli.rows).table();
    let (time, made) = fastest(cli.runs, || analyse(&table, None, &Options::default()));
    match made {
        Ok(report) => println!(
            "{} models, {} judgments, {} comparisons: the whole report in {}",
            cli.models,
            table.judgments.len(),
            report.comparisons.len(),
            seconds(time)
        ),
        Err(error) => println!("{error}"),
    }
}
