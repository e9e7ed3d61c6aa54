//! `cargo xtask run`: from a checkout to a page in the browser.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::cli::ServeOptions;
use crate::node::{self, Event, Nodes};
use crate::plan::{self, Outcome, Task};
use crate::project::Project;
use crate::system;
use crate::{client, compiler};

const NEEDED: &[system::Program] = &[system::C_COMPILER];

/// Builds what has changed, and serves until it is interrupted.
pub fn run(project: &Project, options: &ServeOptions) -> Result<ExitCode> {
    let mut nodes = None;
    let mut tasks = building(project)?;
    tasks.push(Task::new(starting(options), |step| {
        // The nodes say things of their own.
        step.make_room();
        let nodes = nodes.insert(Nodes::none()?);
        nodes.start(project, &node::release(project), options, &[])?;
        Ok(Outcome::Done)
    }));
    plan::perform_all(tasks)?;
    greet(options);
    let count = options.nodes;
    Ok(nodes.map_or(ExitCode::FAILURE, |nodes| wait_for_the_end(nodes, count)))
}

/// Builds what has changed, and says where it is.
pub fn build(project: &Project) -> Result<ExitCode> {
    plan::perform_all(building(project)?)?;
    println!(
        "\n{} has the client inside.",
        node::release(project).display()
    );
    Ok(ExitCode::SUCCESS)
}

fn building(project: &Project) -> Result<Vec<Task<'_>>> {
    let mut tasks: Vec<Task<'_>> = system::install_missing(project, NEEDED)
        .into_iter()
        .collect();
    if !client::is_current(project)? {
        tasks.push(compiler::prepare(project));
        tasks.extend(client::build_tools(project)?);
    }
    tasks.push(client::build(project));
    tasks.push(node::build_release(project));
    Ok(tasks)
}

/// The words for starting them.
pub fn starting(options: &ServeOptions) -> String {
    match options.nodes {
        1 => "starting the node".to_owned(),
        several => format!("starting {several} nodes"),
    }
}

/// Says where to go.
pub fn greet(options: &ServeOptions) {
    println!();
    for (index, port) in (1..=options.nodes).zip(options.port..) {
        match options.nodes {
            1 => println!("ZeChat is ready: open http://127.0.0.1:{port}"),
            _ => println!("ZeChat node {index} is ready: open http://127.0.0.1:{port}"),
        }
    }
    println!(
        "Ctrl-C ends it; what was written stays in {}.",
        options.data.display()
    );
}

/// Waits until somebody ends it, or the last node is gone: one that dies leaves the others to whoever tries just that.
fn wait_for_the_end(mut nodes: Nodes, mut running: u16) -> ExitCode {
    loop {
        match nodes.wait(Duration::from_secs(3600)) {
            Some(Event::Interrupted) => {
                println!("\nending");
                return ExitCode::SUCCESS;
            }
            Some(Event::Ended(index)) => {
                eprintln!("error: node {index} has ended by itself");
                running = running.saturating_sub(1);
                if running == 0 {
                    return ExitCode::FAILURE;
                }
            }
            Some(Event::Ready) | None => {}
        }
    }
}
