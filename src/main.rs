//! The `oyer` command: parses, calls the library, renders, and maps errors to
//! sentences and exit codes.

mod cli;

use std::process::ExitCode;

/// A call allocates a few hundred times; this halves what that costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
