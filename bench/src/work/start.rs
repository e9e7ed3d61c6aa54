//! W5: from nothing to listening, the same where there is a database already, and how large the program is.

use std::process::Command;

use anyhow::Result;

use super::{Plan, Servers};
use crate::Options;
use crate::report::{Report, median, number};
use crate::server::{Backend, Server};

pub fn measure(options: &Options, backend: Backend, plan: Plan, report: &Report) -> Result<()> {
    let (mut node, mut bare, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let in_ms = |server: &Server| server.start.as_secs_f64() * 1_000.0;
    for _ in 0..plan.rounds {
        let servers = Servers::start(options, backend, None)?;
        node.push(in_ms(&servers.node));
        bare.push(in_ms(&servers.bare));
        again.push(in_ms(&Server::node_filled(&options.node, backend, |_| {
            Ok(())
        })?));
    }
    let bare = median(&bare);
    for (name, node) in [
        ("W5 cold start, new database", &node),
        ("W5 cold start, existing database", &again),
    ] {
        report.figure(name, backend.name(), "ms", median(node), bare);
    }
    let size = |program: &std::path::Path| -> Result<f64> {
        let stripped = tempfile::NamedTempFile::new()?;
        let status = Command::new("strip")
            .arg("-o")
            .arg(stripped.path())
            .arg(program)
            .status()?;
        anyhow::ensure!(status.success(), "strip fails");
        let bytes = std::fs::metadata(stripped.path())?.len();
        Ok(number(usize::try_from(bytes)?))
    };
    let (node, bare) = (size(&options.node)?, size(&std::env::current_exe()?)?);
    report.figure(
        "W5 binary size, stripped",
        backend.name(),
        "bytes",
        node,
        bare,
    );
    Ok(())
}
