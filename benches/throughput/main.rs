//! How fast, how large: the whole program against a server that costs next to nothing.
//!
//! `cargo bench --bench throughput -- all` makes every figure of the documentation;
//! `-- --help` lists the single ones. Server and program share the machine, so the
//! rates are those of both together. Only on Linux, which tells what a process cost.

#![expect(clippy::print_stdout, reason = "a program of its own")]

mod drive;
mod english;
mod measure;
mod serve;
mod study;

use std::error::Error;
use std::time::Duration;

use clap::{Parser, Subcommand};

use study::Size;

#[derive(Parser)]
struct Cli {
    /// What cargo passes to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Judgments a second, and processor time and disk for each
    Throughput {
        /// Items of the study: each has two answers, judged in both orders
        #[arg(long, default_value_t = 50_000)]
        items: usize,
        #[command(flatten)]
        shape: Shape,
    },
    /// Share of the possible rate against a server with latency
    Latency {
        /// Milliseconds from request to reply
        #[arg(long, default_value_t = 100)]
        millis: u64,
        /// How long the calls should take together
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        #[command(flatten)]
        shape: Shape,
    },
    /// Memory of a run of a million judgments
    Million {
        #[command(flatten)]
        shape: Shape,
    },
    /// Time to open a finished study again
    Reopen {
        /// Calls in the store
        #[arg(long, default_value_t = 100_000)]
        calls: usize,
        #[command(flatten)]
        shape: Shape,
    },
    /// Time to start for nothing
    Startup,
    /// All of these as they stand in the documentation
    All,
    /// The server alone
    Serve {
        /// Milliseconds from request to reply
        #[arg(long, default_value_t = 0)]
        latency: u64,
    },
}

#[derive(clap::Args, Clone, Copy)]
struct Shape {
    /// Calls in flight: half of them the judge's
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// Askings of the judge in each order
    #[arg(long, default_value_t = 1)]
    repeats: usize,
    /// Take the answers from a file, so that all calls are judgments
    #[arg(long)]
    file_answers: bool,
}

impl Shape {
    fn size(self, items: usize) -> Size {
        Size {
            items,
            repeats: self.repeats,
            connections: self.connections,
            file_answers: self.file_answers,
        }
    }

    /// A study of about this many calls.
    fn calls(self, calls: usize) -> Size {
        let one = self.size(1).calls();
        self.size(calls.div_ceil(one))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let usual = Shape {
        connections: 256,
        repeats: 1,
        file_answers: false,
    };
    match Cli::parse().what {
        // A plain `cargo bench` is no order to keep a machine busy for minutes.
        None => println!("name a benchmark: cargo bench --bench throughput -- --help"),
        Some(What::Serve { latency }) => serve::serve(Duration::from_millis(latency))?,
        Some(What::All) => {
            for what in [
                What::Startup,
                What::Throughput {
                    items: 50_000,
                    shape: usual,
                },
                What::Throughput {
                    items: 50_000,
                    shape: Shape {
                        file_answers: true,
                        ..usual
                    },
                },
                What::Latency {
                    millis: 100,
                    seconds: 60,
                    shape: usual,
                },
                What::Reopen {
                    calls: 100_000,
                    shape: usual,
                },
                What::Million { shape: usual },
            ] {
                measure_and_print(&what)?;
            }
        }
        Some(what) => measure_and_print(&what)?,
    }
    Ok(())
}

fn measure_and_print(what: &What) -> Result<(), Box<dyn Error>> {
    let (title, figures) = match *what {
        What::Throughput { items, shape } => ("Throughput", drive::throughput(&shape.size(items))?),
        What::Latency {
            millis,
            seconds,
            shape,
        } => {
            let calls = seconds * 1000 / millis.max(1) * shape.connections as u64;
            let size = shape.calls(calls as usize);
            (
                "Latency",
                drive::latency(&size, Duration::from_millis(millis))?,
            )
        }
        What::Million { shape } => {
            let items = 1_000_000_usize.div_ceil(shape.size(1).judgments());
            (
                "A million judgments",
                drive::throughput(&shape.size(items))?,
            )
        }
        What::Reopen { calls, shape } => ("Opening again", drive::reopen(&shape.calls(calls))?),
        What::Startup => ("Start-up", drive::startup(101)?),
        What::All | What::Serve { .. } => return Ok(()),
    };
    println!("\n{title}\n\n| figure | value |\n| --- | --- |");
    for (name, value) in figures {
        println!("| {name} | {value} |");
    }
    Ok(())
}
