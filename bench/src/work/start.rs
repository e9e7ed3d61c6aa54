//! W5: from nothing to listening, and how large the program is.

use std::process::Command;

use anyhow::Result;

use super::{Pair, Plan};
use crate::Options;
use crate::report::{Report, median, number};
use crate::server::Backend;

pub fn measure(options: &Options, backend: Backend, plan: Plan, report: &Report) -> Result<()> {
    let (mut node, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let pair = Pair::start(options, backend, None)?;
        node.push(pair.node.start.as_secs_f64() * 1_000.0);
        bare.push(pair.bare.start.as_secs_f64() * 1_000.0);
    }
    report.figure(
        "W5 cold start",
        backend.name(),
        "ms",
        median(&node),
        median(&bare),
    );
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
    report.figure("W5 stripped program", backend.name(), "bytes", node, bare);
    Ok(())
}
