//! `cargo xtask dev`: like `run`, unoptimised, and again after each change.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::cli::ServeOptions;
use crate::fingerprint::Fingerprint;
use crate::node::{self, Event, Nodes};
use crate::plan::{self, Outcome, Task};
use crate::project::{Project, building_often};
use crate::run::{greet, starting};
use crate::{client, compiler, dist, process};

/// What the node is built from.
const NODE: &[&str] = &[
    "node",
    "migrations",
    "shared-crypto",
    "Cargo.toml",
    "Cargo.lock",
];

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_millis(400);

/// One half of the project, and the state in which it was last built.
struct Watched {
    places: &'static [&'static str],
    seen: Option<Fingerprint>,
}

impl Watched {
    fn new(places: &'static [&'static str]) -> Self {
        Self { places, seen: None }
    }

    /// Whether it differs from when this was asked last.
    fn has_changed(&mut self, project: &Project) -> Result<bool> {
        let now = Fingerprint::at_a_glance(project.root(), self.places)?;
        let changed = self.seen.as_ref() != Some(&now);
        self.seen = Some(now);
        Ok(changed)
    }
}

/// Serves until it is interrupted. An error in a source file is shown, and the next change tried.
pub fn dev(project: &Project, options: &ServeOptions) -> Result<ExitCode> {
    let mut preparation = vec![compiler::prepare(project)];
    preparation.extend(client::build_tools(project)?);
    plan::perform_all(preparation)?;

    let mut nodes = Nodes::none()?;
    let mut client = Watched::new(client::SOURCES);
    let mut node = Watched::new(NODE);
    loop {
        if client.has_changed(project)? {
            attempt(options, vec![client_task(project)]);
        }
        if node.has_changed(project)? {
            let start = Task::new(starting(options), |step| {
                step.make_room();
                nodes.stop();
                let folder = folder(project)?;
                let more = ["--client-dir".as_ref(), folder.as_os_str()];
                nodes.start(project, &node::debug(project), options, &more)?;
                Ok(Outcome::Done)
            });
            attempt(options, vec![node_task(project), start]);
        }
        match nodes.wait(INTERVAL) {
            Some(Event::Interrupted) => return Ok(ExitCode::SUCCESS),
            // One that was ended above says so as well; one that failed has said why.
            Some(Event::Ended(_) | Event::Ready) | None => {}
        }
    }
}

fn attempt(options: &ServeOptions, tasks: Vec<Task<'_>>) {
    match plan::perform_all(tasks) {
        Ok(()) => greet(options),
        Err(error) => eprintln!("error: {error:#}\n\nwaiting for a change"),
    }
}

/// The unoptimised client. Not `dist/`: that one is for the release build.
fn folder(project: &Project) -> Result<PathBuf> {
    Ok(project.scratch()?.join("dev-client"))
}

fn client_task(project: &Project) -> Task<'_> {
    Task::new("building the web client", |step| {
        let folder = folder(project)?;
        let log = project.scratch()?.join("dev-client.log");
        let mut trunk = client::trunk(project);
        trunk.args(["build", "--dist"]).arg(&folder);
        process::run_quietly(building_often(&mut trunk), step, &log)?;
        dist::finish_for_development(&folder)?;
        Ok(Outcome::Done)
    })
}

fn node_task(project: &Project) -> Task<'_> {
    Task::new("building the node", |step| {
        let log = project.scratch()?.join("dev-node.log");
        process::run_quietly(building_often(&mut node::build(project)), step, &log)?;
        Ok(Outcome::Done)
    })
}
