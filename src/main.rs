//! The `oyer` command: parses, calls the library, renders, and maps errors to
//! sentences and exit codes.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
