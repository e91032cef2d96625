//! How often the intervals hold the truth: the grid behind `docs/statistics.md`.
//!
//! `cargo bench --bench coverage -- all` makes every table; `-- --help` lists the
//! single ones; `--into docs/statistics.md` puts them where that page shows them.
//! Each replication draws from its own stream, so that a seed gives the same table
//! on any machine.

#![expect(clippy::print_stdout, reason = "a program of its own")]

mod beside;
mod boards;
mod corrected;
mod disparity;
mod draw;
mod groups;
mod lost;
mod margins;
mod nulls;
mod one_way;
mod plain;
mod planning;
mod planted;
mod raters;
mod ratings;
mod resampling;
mod tally;
mod transfer;
mod two_way;
mod uneven;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    /// What cargo passes to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
    /// Replications of each cell
    #[arg(long, default_value_t = 2_000, global = true)]
    replications: u32,
    /// Page to put the tables in, between its marks
    #[arg(long, global = true)]
    into: Option<PathBuf>,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Everything
    All,
    /// Items judged in both orders, clustered by question or template
    OneWay,
    /// Questions crossed with personas
    TwoWay,
    /// Clusters of very different sizes
    Uneven,
    /// Independent wins and losses
    Plain,
    /// What a bootstrap draws
    Resampling,
    /// Tests of a true null
    Nulls,
    /// Differences between several models
    Ratings,
    /// Power of planned designs
    Planning,
    /// Spread, gap and worst of subgroups
    Groups,
    /// How unequal groups are without noise, and how that changes
    Disparity,
    /// Differences, rates without ties, position effects, length control
    Beside,
    /// Length control where few items are lost
    Lost,
    /// Several models on one scale, all pairs and ranks at once
    Boards,
    /// Equivalence within a margin
    Margins,
    /// Agreement of two raters
    Raters,
    /// Win rates corrected by labels
    Corrected,
    /// Correlation and slope of two gains
    Transfer,
    /// Gains and their transfer in planted studies
    Planted,
}

/// What makes a table with so many replications a cell.
type Make = fn(u32) -> String;

const TABLES: [(What, Make); 18] = [
    (What::OneWay, one_way::table),
    (What::TwoWay, two_way::table),
    (What::Uneven, uneven::table),
    (What::Plain, plain::table),
    (What::Resampling, resampling::table),
    (What::Nulls, nulls::table),
    (What::Ratings, ratings::table),
    (What::Planning, planning::table),
    (What::Groups, groups::table),
    (What::Disparity, disparity::table),
    (What::Beside, beside::table),
    (What::Lost, lost::table),
    (What::Boards, boards::table),
    (What::Margins, margins::table),
    (What::Raters, raters::table),
    (What::Corrected, corrected::table),
    (What::Transfer, transfer::table),
    (What::Planted, planted::table),
];

/// The marks that tables stand between on a page.
const START: &str = "<!-- coverage tables: start -->\n";
const END: &str = "<!-- coverage tables: end -->";

fn main() -> Result<(), String> {
    let cli = Cli::parse();
    let Some(what) = cli.what else {
        println!("name a table, or `all`; see --help");
        return Ok(());
    };
    if cli.into.is_some() && what != What::All {
        return Err("--into replaces every table of the page, so it takes `all`".into());
    }
    let n = cli.replications;
    let mut text = format!(
        "{n} replications a cell: a coverage of 95% is known to {:.2} points (one standard error).\n\n",
        100.0 * (0.95 * 0.05 / f64::from(n)).sqrt(),
    );
    println!("{text}");
    for (table, make) in TABLES {
        if what == table || what == What::All {
            let made = make(n);
            println!("{made}");
            text += &made;
            text.push('\n');
        }
    }
    match cli.into {
        Some(page) => put(&page, &text),
        None => Ok(()),
    }
}

/// Replaces what stands between the marks of a page.
fn put(page: &Path, tables: &str) -> Result<(), String> {
    let name = page.display();
    let old = std::fs::read_to_string(page).map_err(|error| format!("{name}: {error}"))?;
    let parts = old.split_once(START).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        return Err(format!("{name} has no marks {} {END}", START.trim()));
    };
    let new = format!("{before}{START}{tables}{END}{after}");
    std::fs::write(page, new).map_err(|error| format!("{name}: {error}"))
}
