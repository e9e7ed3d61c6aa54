//! Building node programs, starting them, and ending them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cli::ServeOptions;
use crate::plan::{Outcome, Task};
use crate::process;
use crate::project::Project;

/// Its package, and its program.
pub const PROGRAM: &str = "zechat-node";

/// Bytes that the optimised program may have, stripped and with the client inside.
const MOST_BYTES: u64 = 18_000_000;

/// What a node prints once it can be used.
const READY: &str = "listening on ";

/// How long it may take until then; a large database is checked first.
const PATIENCE: Duration = Duration::from_secs(60);

/// The optimised program, with the finished client inside.
pub fn release(project: &Project) -> PathBuf {
    project.built("release", PROGRAM)
}

/// The unoptimised program.
pub fn debug(project: &Project) -> PathBuf {
    project.built("debug", PROGRAM)
}

/// The step that builds the program with the client inside.
pub fn build_release(project: &Project) -> Task<'_> {
    Task::new("building the node", |step| {
        let mut cargo = build(project);
        cargo
            .arg("--release")
            .env("ZECHAT_CLIENT_DIST", project.dist());
        process::run_quietly(&mut cargo, step, &project.scratch()?.join("node.log"))?;
        let bytes = std::fs::metadata(release(project))?.len();
        ensure_small(bytes)?;
        Ok(Outcome::Done)
    })
}

/// A node is fetched, started and kept in memory as a whole.
fn ensure_small(bytes: u64) -> Result<()> {
    if bytes > MOST_BYTES {
        bail!("the program has {bytes} bytes, more than the {MOST_BYTES} that it may have");
    }
    Ok(())
}

/// The command that builds the unoptimised program.
pub fn build(project: &Project) -> Command {
    let mut cargo = project.command("cargo");
    cargo.args(["build", "--package", PROGRAM]);
    cargo
}

/// What can happen to running nodes.
pub enum Event {
    /// The person at the keyboard wants to end.
    Interrupted,
    /// A node is ready.
    Ready,
    /// A node has ended by itself.
    Ended(u16),
}

/// Nodes that run; they end with it.
pub struct Nodes {
    running: Vec<Running>,
    events: Receiver<Event>,
    sender: Sender<Event>,
    interrupted: bool,
}

struct Running {
    program: Child,
    /// Passes on what the program says, until it ends.
    reader: JoinHandle<()>,
}

impl Nodes {
    /// None yet. From here on Ctrl-C is an event.
    pub fn none() -> Result<Self> {
        let nodes = Self::unwatched();
        let interrupt = nodes.sender.clone();
        ctrlc::set_handler(move || {
            // Nobody listens any more: then all is ending anyway.
            let _ = interrupt.send(Event::Interrupted);
        })?;
        Ok(nodes)
    }

    /// The same without Ctrl-C: it ends all programs together.
    pub fn unwatched() -> Self {
        let (sender, events) = channel();
        Self {
            running: Vec::new(),
            events,
            sender,
            interrupted: false,
        }
    }

    /// Starts nodes as the options say, and waits until each of them can be used.
    pub fn start(
        &mut self,
        project: &Project,
        program: &Path,
        options: &ServeOptions,
        more: &[&OsStr],
    ) -> Result<()> {
        for (index, port) in (1..=options.nodes).zip(options.port..) {
            ensure_free(port)?;
            let address = format!("127.0.0.1:{port}");
            let mut command = project.command(program);
            command
                .args([
                    "serve",
                    "--listen",
                    &address,
                    "--public-url",
                    &format!("http://{address}"),
                ])
                .arg("--data")
                .arg(project.path(&options.data).join(format!("node-{index}")))
                .args(more);
            if options.nodes > 1 {
                command.arg("--allow-private-networks");
            }
            let mut program = process::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
            let output = program.stdout.take().context("a program without output")?;
            let sender = self.sender.clone();
            let reader = std::thread::spawn(move || pass_on(index, output, &sender));
            self.running.push(Running { program, reader });
            self.wait_until_ready()?;
        }
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        match self.wait(PATIENCE) {
            Some(Event::Ready) => Ok(()),
            Some(Event::Ended(index)) => bail!("node {index} ended before it was ready; see above"),
            Some(Event::Interrupted) => bail!("interrupted"),
            None => bail!(
                "the node was not ready within {} seconds",
                PATIENCE.as_secs()
            ),
        }
    }

    /// Waits for something to happen, but no longer than this.
    pub fn wait(&mut self, at_most: Duration) -> Option<Event> {
        if self.interrupted {
            return Some(Event::Interrupted);
        }
        let event = self.events.recv_timeout(at_most).ok();
        self.interrupted = matches!(event, Some(Event::Interrupted));
        event
    }

    /// Ends them all, and forgets what they had to say about it.
    pub fn stop(&mut self) {
        for mut node in self.running.drain(..) {
            process::stop(&mut node.program);
            // It has nothing to return; if it fell over, its node was ended all the same.
            let _ = node.reader.join();
        }
        self.interrupted |= self
            .events
            .try_iter()
            .any(|event| matches!(event, Event::Interrupted));
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Shows what a node says, and reports when it is ready and when it has ended.
fn pass_on(index: u16, output: ChildStdout, events: &Sender<Event>) {
    // Where nobody listens any more, all is ending anyway.
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if line.starts_with(READY) {
            let _ = events.send(Event::Ready);
        } else {
            println!("node {index}: {line}");
        }
    }
    let _ = events.send(Event::Ended(index));
}

/// A clear word instead of what a node would say.
fn ensure_free(port: u16) -> Result<()> {
    std::net::TcpListener::bind(("127.0.0.1", port))
        .map(drop)
        .with_context(|| format!("port {port} cannot be used; choose another with --port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_grew_too_large_is_no_release() {
        assert!(ensure_small(MOST_BYTES).is_ok());
        assert!(ensure_small(MOST_BYTES + 1).is_err());
    }
}
