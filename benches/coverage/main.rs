//! How often the intervals hold the truth: the grid behind `docs/statistics.md`.
//!
//! `cargo bench --bench coverage -- all` makes every table; `-- --help` lists the
//! single ones. Each replication draws from its own stream, so that a seed gives
//! the same table on any machine.

#![expect(clippy::print_stdout, reason = "a program of its own")]

mod draw;
mod groups;
mod one_way;
mod plain;
mod planning;
mod ratings;
mod tally;
mod two_way;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    /// What cargo passes to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
    /// Replications of each cell
    #[arg(long, default_value_t = 2_000, global = true)]
    replications: u32,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand, Clone, Copy)]
enum What {
    /// Everything
    All,
    /// Items judged in both orders, clustered by question or template
    OneWay,
    /// Questions crossed with personas
    TwoWay,
    /// Independent wins and losses
    Plain,
    /// Differences between several models
    Ratings,
    /// Power of planned designs
    Planning,
    /// Spread, gap and worst of subgroups
    Groups,
}

fn main() {
    let cli = Cli::parse();
    let Some(what) = cli.what else {
        println!("name a table, or `all`; see --help");
        return;
    };
    let n = cli.replications;
    let chosen = |one: fn(u32) -> String, is: bool| {
        if is || matches!(what, What::All) {
            println!("{}", one(n));
        }
    };
    println!(
        "{n} replications a cell: a coverage of 95% is known to {:.2} points (one standard error)\n",
        100.0 * (0.95 * 0.05 / f64::from(n)).sqrt(),
    );
    chosen(one_way::table, matches!(what, What::OneWay));
    chosen(two_way::table, matches!(what, What::TwoWay));
    chosen(plain::table, matches!(what, What::Plain));
    chosen(ratings::table, matches!(what, What::Ratings));
    chosen(planning::table, matches!(what, What::Planning));
    chosen(groups::table, matches!(what, What::Groups));
}
