//! The workloads. Each runs on the bare stack and on the node in turns.

mod drain;
mod forward;
mod growth;
mod ingest;
mod live;
mod sockets;
mod start;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::report::{Report, median, number};
use crate::server::{Backend, Server};
use crate::{Options, compiler};

/// Their names.
pub const ALL: &[&str] = &["W1", "W2", "W3", "W4", "W5", "W6", "W7"];

/// Who sends at the same time.
const SENDERS: usize = 32;

/// Bytes of an envelope that holds a kibibyte of text.
const ENVELOPE: usize = 4096;

/// Bytes of that text with nothing around it. No node takes it so: it is what the same stack does with less to store.
const RAW: usize = 1024;

/// How long and how often each is measured.
#[derive(Clone, Copy)]
struct Plan {
    rounds: usize,
    round: Duration,
}

/// What a round gave.
#[derive(Default)]
struct Sample {
    rate: f64,
    cpu_us: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Syncs per message, where they were counted.
    syncs: f64,
}

/// Which one is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Bare,
    /// The bare stack with the text alone.
    Raw,
    Node,
}

/// In the order of their turns.
const SIDES: [Side; 3] = [Side::Bare, Side::Raw, Side::Node];

impl Side {
    /// Bytes of a message.
    fn bytes(self) -> usize {
        match self {
            Self::Bare | Self::Node => ENVELOPE,
            Self::Raw => RAW,
        }
    }
}

/// What the rounds of each side gave.
#[derive(Default)]
struct Samples {
    bare: Vec<Sample>,
    raw: Vec<Sample>,
    node: Vec<Sample>,
}

impl Samples {
    fn add(&mut self, side: Side, sample: Sample) {
        match side {
            Side::Bare => self.bare.push(sample),
            Side::Raw => self.raw.push(sample),
            Side::Node => self.node.push(sample),
        }
    }

    /// The node beside the bare stack with envelopes, and beside it with the text alone.
    fn say(&self, report: &Report, workload: &str, backend: Backend) {
        say(report, workload, backend, &self.node, &self.bare);
        say(report, &raw(workload), backend, &self.node, &self.raw);
    }
}

/// The name of a workload beside the bare stack with the text alone.
fn raw(workload: &str) -> String {
    format!("{workload}, raw 1 KiB")
}

/// Measures what was asked for on one backend.
pub async fn measure(options: &Options, backend: Backend, report: &mut Report) -> Result<()> {
    let plan = if options.is_quick {
        Plan {
            rounds: 1,
            round: Duration::from_millis(500),
        }
    } else {
        Plan {
            rounds: 5,
            round: Duration::from_millis(1_500),
        }
    };
    let tools = tempfile::tempdir()?;
    for name in &options.workloads {
        match name.as_str() {
            "W1" => {
                ingest::measure(options, backend, plan, report, None).await?;
                if backend == Backend::Sqlite {
                    let shim = build_shim(tools.path())?;
                    ingest::measure(options, backend, plan, report, Some(&shim)).await?;
                }
            }
            "W2" => live::measure(options, backend, plan, report).await?,
            "W3" => drain::measure(options, backend, plan, report).await?,
            "W4" => sockets::measure(options, backend, report).await?,
            "W5" => start::measure(options, backend, plan, report)?,
            "W6" => forward::measure(options, backend, plan, report).await?,
            "W7" => growth::measure(options, backend, plan, report).await?,
            _ => {}
        }
    }
    Ok(())
}

/// A library that makes syncs slower.
fn build_shim(folder: &Path) -> Result<PathBuf> {
    compiler::library(folder, "shim", include_str!("shim.c"))
}

/// Servers that are measured in turns.
struct Servers {
    bare: Server,
    raw: Server,
    node: Server,
}

impl Servers {
    fn start(options: &Options, backend: Backend, preload: Option<&Path>) -> Result<Self> {
        Self::with(backend, preload, || {
            Server::node(&options.node, backend, preload)
        })
    }

    fn with(
        backend: Backend,
        preload: Option<&Path>,
        node: impl FnOnce() -> Result<Server>,
    ) -> Result<Self> {
        Ok(Self {
            bare: Server::bare(backend, preload)?,
            raw: Server::bare(backend, preload)?,
            node: node()?,
        })
    }

    fn of(&self, side: Side) -> &Server {
        match side {
            Side::Bare => &self.bare,
            Side::Raw => &self.raw,
            Side::Node => &self.node,
        }
    }
}

/// One figure of a sample.
type Figure = fn(&Sample) -> f64;

/// Says the medians of what the rounds gave.
fn say(report: &Report, workload: &str, backend: Backend, node: &[Sample], bare: &[Sample]) {
    let figures: [(&str, Figure); 5] = [
        ("rate", |sample| sample.rate),
        ("cpu_us", |sample| sample.cpu_us),
        ("p50_ms", |sample| sample.p50_ms),
        ("p99_ms", |sample| sample.p99_ms),
        ("syncs", |sample| sample.syncs),
    ];
    for (figure, of) in figures {
        let middle = |samples: &[Sample]| median(&samples.iter().map(of).collect::<Vec<_>>());
        let value = middle(node);
        if value > 0.0 {
            report.figure(workload, backend.name(), figure, value, middle(bare));
        }
    }
}

/// Median rate and cost.
fn middle(samples: &[Sample]) -> (f64, f64) {
    let of = |figure: Figure| median(&samples.iter().map(figure).collect::<Vec<_>>());
    (of(|sample| sample.rate), of(|sample| sample.cpu_us))
}

/// A rate and a cost from a count.
fn rate(count: usize, elapsed: Duration, cpu: u64) -> (f64, f64) {
    let each = number(usize::try_from(cpu).unwrap_or(usize::MAX)) / number(count.max(1));
    (number(count) / elapsed.as_secs_f64().max(1e-9), each)
}
