//! `cargo xtask bench node` and `cargo xtask chaos`: build what is measured or broken and what does that, and
//! run the latter.

use std::process::ExitCode;

use anyhow::Result;

use crate::plan::{self, Outcome, Task};
use crate::postgres::{self, Durability, Server};
use crate::process;
use crate::project::Project;
use crate::{node, system};

const PROGRAM: &str = "zechat-bench";

/// Measures. Passes the options on.
pub fn bench(project: &Project, options: &[String]) -> Result<ExitCode> {
    run(project, &[], options)
}

/// Breaks. Passes the options on.
pub fn chaos(project: &Project, options: &[String]) -> Result<ExitCode> {
    run(project, &["chaos"], options)
}

/// A little chaos, as a step of the tests: with the unoptimised programs that those have built. Without
/// a database server it is over files.
pub fn short_chaos(project: &Project, has_server: bool) -> Task<'_> {
    Task::new("chaos, in short", move |step| {
        let mut command = project.command(project.built("debug", PROGRAM));
        command
            .args(["chaos", "--short", "--node"])
            .arg(node::debug(project));
        // It is killed on purpose, so it must keep what it has.
        let server = has_server.then(|| Server::start(project, Durability::Synced));
        let server = server.transpose()?;
        match &server {
            Some(server) => command.env(postgres::VARIABLE, server.url()),
            None => command.args(["--backend", "sqlite"]),
        };
        let (status, _) = process::run_in_view(&mut command, step)?;
        anyhow::ensure!(status.success(), "{status}");
        Ok(Outcome::Done)
    })
}

/// Progress goes elsewhere when the output is for programs.
fn run(project: &Project, mode: &[&str], options: &[String]) -> Result<ExitCode> {
    // One after the other: what measures knows the keys of the tests, and the node is not to be built with them.
    let build = |step: &plan::Step| {
        for package in [node::PROGRAM, PROGRAM] {
            let mut cargo = project.command("cargo");
            cargo.args(["build", "--release", "--package", package]);
            if project.dist().is_dir() {
                cargo.env("ZECHAT_CLIENT_DIST", project.dist());
            }
            process::run_quietly(&mut cargo, step, &project.scratch()?.join("bench.log"))?;
        }
        Ok(Outcome::Done)
    };
    let is_json = options.iter().any(|option| option == "--json");
    let uses_server = !options
        .windows(2)
        .any(|pair| pair == ["--backend", "sqlite"]);
    let mut tasks: Vec<Task<'_>> = Vec::new();
    tasks.extend(system::install_missing(project, &[system::C_COMPILER]));
    if uses_server {
        tasks.extend(system::install_missing(project, &[system::POSTGRES]));
    }
    tasks.push(Task::new("building the node and what measures it", build));
    if is_json {
        plan::perform_quietly(tasks)?;
    } else {
        plan::perform_all(tasks)?;
    }
    let server = uses_server
        .then(|| Server::start(project, Durability::Synced))
        .transpose()?;
    let mut command = project.command(project.built("release", PROGRAM));
    command
        .args(mode)
        .arg("--node")
        .arg(node::release(project))
        .args(options);
    if let Some(server) = &server {
        command.env(postgres::VARIABLE, server.url());
    }
    Ok(if command.status()?.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
