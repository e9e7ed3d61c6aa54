//! The project's own commands, called as `cargo xtask <command>`.
//!
//! Everything here may be run again at any time and does only what is left to do. What is missing is
//! installed inside the project (`target/tools`) or, on Debian as root, by its package manager;
//! elsewhere the command that installs it is named.

mod axe;
mod bench;
mod bench_client;
mod cli;
mod client;
mod clock;
mod compiler;
mod contract;
mod dev;
mod dist;
mod export;
mod fingerprint;
mod fuzz;
mod node;
mod plan;
mod postgres;
mod process;
mod project;
mod python;
mod room;
mod run;
mod system;
mod tally;
mod test;
mod tools;
mod verify;

use std::process::ExitCode;

use crate::cli::Command;
use crate::project::Project;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(wrong) => {
            eprintln!("error: {wrong}\n\n{}", cli::HELP);
            return ExitCode::from(2);
        }
    };
    match perform(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> anyhow::Result<ExitCode> {
    let project = Project::find()?;
    match command {
        Command::Help => {
            println!("{}", cli::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Command::Run(options) => run::run(&project, &options),
        Command::Build => run::build(&project),
        Command::Dev(options) => dev::dev(&project, &options),
        Command::Test(scope) => test::test(&project, scope),
        Command::Simulate(arguments) => test::simulate(&project, &arguments),
        Command::Fuzz(options) => fuzz::fuzz(&project, &options),
        Command::Screenshots => test::screenshots(&project),
        Command::BuildClient => verify::build_client(&project),
        Command::BuildClientTwice => verify::build_client_twice(&project),
        Command::VerifyClient(url) => verify::verify_client(&project, &url),
        Command::VerifyExport(file) => export::verify(&file),
        Command::Vectors => test::vectors(&project),
        Command::BenchClient(options) => bench_client::bench(&project, options),
        Command::BenchNode(options) => bench::bench(&project, &options),
        Command::Chaos(options) => bench::chaos(&project, &options),
        Command::WithPostgres(command) => postgres::with(&project, &command),
    }
}
