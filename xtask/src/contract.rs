//! The contract test: what the description of the HTTP API says, tried against a node that runs.

use std::ffi::OsStr;

use anyhow::Context as _;

use crate::cli::ServeOptions;
use crate::node::{self, Nodes};
use crate::plan::{Outcome, Task};
use crate::process;
use crate::project::Project;
use crate::python::CONTRACT;

/// Nobody asks so much, but this.
const UNLIMITED: [&str; 4] = [
    "limits.address_per_second=0",
    "limits.registrations_per_hour=0",
    "limits.peer_per_second=0",
    "limits.connections=0",
];

/// The step that does it, with the unoptimised program that the tests before it have built.
pub fn test(project: &Project) -> Task<'_> {
    Task::new("the contract of the HTTP API", |step| {
        let data = project.scratch()?.join("contract");
        if data.exists() {
            std::fs::remove_dir_all(&data)?; // of an earlier run
        }
        let options = ServeOptions {
            port: free_port()?,
            nodes: 1,
            data,
        };
        let settings: Vec<&OsStr> = UNLIMITED
            .iter()
            .flat_map(|setting| ["--set", setting])
            .map(OsStr::new)
            .collect();
        let mut nodes = Nodes::unwatched();
        nodes.start(project, &node::debug(project), &options, &settings)?;
        let mut test = project.command(CONTRACT.program(project, "st"));
        test.args(["--config-file", "node/api/contract/schemathesis.toml"])
            .args(["run", "--suppress-health-check", "all"])
            .arg(format!("http://127.0.0.1:{}/v1/openapi.json", options.port));
        let log = project.scratch()?.join("contract.log");
        let tested = process::run_quietly(&mut test, step, &log);
        nodes.stop();
        tested.context("the node does not do what node/api/openapi.json says")?;
        Ok(Outcome::Done)
    })
}

/// A port that nobody listens on now.
fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}
