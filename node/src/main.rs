//! The program: reads flags and settings, then does what it is told.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
