//! Breaks nodes in every way that can be thought of, under load, and looks each time whether anything that
//! was accepted is lost or stored twice.
//!
//! `cargo xtask chaos` builds and starts it. Each trial is a module below; a trial fails with the first thing
//! that is wrong.

mod clock;
mod disk;
mod kills;
mod ledger;
mod load;
mod node;
mod peers;
mod postgres;
mod readers;
mod start;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::future::LocalBoxFuture;

use crate::compiler;
use crate::server::Backend;

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Kills of a node over SQLite.
    file_kills: usize,
    /// Kills of a node, and of the server, over PostgreSQL.
    server_kills: usize,
    /// Times that a disk fails.
    faults: usize,
    /// Starts that are cut short.
    starts: usize,
    /// Sockets that open and vanish.
    sockets: usize,
    /// Envelopes for somebody who does not read.
    unread: usize,
    /// How long another node misbehaves, in each way.
    misbehaviour: Duration,
}

const LONG: Effort = Effort {
    file_kills: 200,
    server_kills: 100,
    faults: 40,
    starts: 60,
    sockets: 10_000,
    unread: 20_000,
    misbehaviour: Duration::from_secs(10),
};

const SHORT: Effort = Effort {
    file_kills: 4,
    server_kills: 2,
    faults: 4,
    starts: 6,
    sockets: 300,
    unread: 1_000,
    misbehaviour: Duration::from_secs(1),
};

/// What trials are run with.
pub struct Trials {
    node: PathBuf,
    /// A library that makes disks fail and clocks jump.
    faults: PathBuf,
    effort: Effort,
    _tools: tempfile::TempDir,
}

type Trial = for<'a> fn(&'a Trials, Backend) -> LocalBoxFuture<'a, Result<String>>;

/// Each with the backends that it is about.
const TRIALS: &[(&str, &[Backend], Trial)] = &[
    ("kills of the node under load", BOTH, |t, b| {
        Box::pin(kills::of_the_node(t, b))
    }),
    ("kills of the database server under load", SERVER, |t, b| {
        Box::pin(kills::of_the_server(t, b))
    }),
    ("a full disk", BOTH, |t, b| Box::pin(disk::full(t, b))),
    ("a disk that cannot sync", BOTH, |t, b| {
        Box::pin(disk::unsynced(t, b))
    }),
    ("a log that ends in the middle of a write", FILE, |t, b| {
        Box::pin(disk::torn_log(t, b))
    }),
    ("a log that was cut", FILE, |t, b| {
        Box::pin(disk::cut_log(t, b))
    }),
    ("kills in the middle of migration", BOTH, |t, b| {
        Box::pin(start::killed(t, b))
    }),
    ("kills in the middle of an upgrade", BOTH, |t, b| {
        Box::pin(start::upgraded(t, b))
    }),
    ("a clock that jumps a day", BOTH, |t, b| {
        Box::pin(clock::jumps(t, b))
    }),
    ("readers that do not read", BOTH, |t, b| {
        Box::pin(readers::stalled(t, b))
    }),
    ("sockets that open and vanish", BOTH, |t, b| {
        Box::pin(readers::vanishing(t, b))
    }),
    (
        "other nodes that are gone, hang, fail, lie and redirect",
        BOTH,
        |t, b| Box::pin(peers::misbehave(t, b)),
    ),
];

const BOTH: &[Backend] = &[Backend::Sqlite, Backend::Postgres];
const FILE: &[Backend] = &[Backend::Sqlite];
const SERVER: &[Backend] = &[Backend::Postgres];

/// Runs the trials that were asked for.
pub fn main(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let (mut node, mut effort, mut only) = (PathBuf::new(), LONG, String::new());
    let mut backends = BOTH.to_vec();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().context("an option needs a value");
        match argument.as_str() {
            "--short" => effort = SHORT,
            "--node" => node = PathBuf::from(value()?),
            "--trial" => only = value()?,
            "--backend" => {
                backends = value()?
                    .split(',')
                    .map(Backend::parse)
                    .collect::<Result<_>>()?;
            }
            other => bail!("there is no option `{other}`"),
        }
    }
    let tools = tempfile::tempdir()?;
    let trials = Trials {
        node,
        faults: build_faults(tools.path())?,
        effort,
        _tools: tools,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(tokio::task::LocalSet::new().run_until(run(&trials, &backends, &only)))
}

async fn run(trials: &Trials, backends: &[Backend], only: &str) -> Result<()> {
    let (mut passed, mut failed) = (0_usize, 0_usize);
    if select(only, backends).next().is_none() {
        let names: Vec<&str> = TRIALS.iter().map(|(name, ..)| *name).collect();
        bail!(
            "no trial over {} is named `{only}`:\n  {}",
            backends
                .iter()
                .map(|backend| backend.name())
                .collect::<Vec<_>>()
                .join(" or "),
            names.join("\n  ")
        );
    }
    for (name, backend, trial) in select(only, backends) {
        let begin = crate::server::now();
        let result = trial(trials, backend).await;
        let seconds = begin.elapsed().as_secs_f64();
        let backend = backend.name();
        match result {
            Ok(words) => {
                passed = passed.saturating_add(1);
                println!("passed  {name} ({backend}, {seconds:.1} s): {words}");
            }
            Err(error) => {
                failed = failed.saturating_add(1);
                println!("FAILED  {name} ({backend}, {seconds:.1} s): {error:#}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    anyhow::ensure!(failed == 0, "{failed} trials failed");
    Ok(())
}

/// Those whose name holds the words, over these backends.
fn select<'a>(
    words: &'a str,
    backends: &'a [Backend],
) -> impl Iterator<Item = (&'static str, Backend, Trial)> + 'a {
    let named = TRIALS.iter().filter(move |(name, ..)| name.contains(words));
    named.flat_map(move |(name, suitable, trial)| {
        let suitable = suitable.iter().filter(|backend| backends.contains(backend));
        suitable.map(move |backend| (*name, *backend, *trial))
    })
}

fn build_faults(folder: &Path) -> Result<PathBuf> {
    let text = include_str!("../../node/tests/node/support/faults.c");
    compiler::library(folder, "faults", text)
}

/// Milliseconds, by chance.
fn moment(least: u64, most: u64) -> Duration {
    let more = zechat_node::random::below(most.saturating_sub(least).max(1));
    Duration::from_millis(least.saturating_add(more))
}
