//! The second implementation of the protocol, which is in Python: an environment of its own in
//! `target/tools/python`, with what `docs/vectors/requirements.txt` pins, and its run over the vectors.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::plan::{Outcome, Step, Task};
use crate::process;
use crate::project::Project;
use crate::system;

const REQUIREMENTS: &str = "docs/vectors/requirements.txt";
const CHECK: &str = "docs/vectors/check.py";

/// The step that makes the environment; none if it is there.
pub fn install_missing(project: &Project) -> Result<Option<Task<'_>>> {
    let wanted = Fingerprint::of(project.root(), &[REQUIREMENTS], &[])?;
    let stamp = environment(project).join("made-from");
    let made_from = std::fs::read_to_string(&stamp).unwrap_or_default();
    if made_from == wanted.as_str() {
        return Ok(None);
    }
    Ok(Some(Task::new(
        "installing the second implementation's libraries, once",
        move |step| {
            make(project, step)?;
            std::fs::write(&stamp, wanted.as_str())
                .with_context(|| format!("cannot write {}", stamp.display()))?;
            Ok(Outcome::Done)
        },
    )))
}

/// The command that reads all vectors, and says how many it read rightly.
pub fn check_vectors(project: &Project) -> std::process::Command {
    let mut command = project.command(environment(project).join("bin/python"));
    // No caches of compiled files among the sources.
    command.arg("-B").arg(CHECK);
    command
}

fn make(project: &Project, step: &Step) -> Result<()> {
    let log = project.scratch()?.join("python.log");
    let folder = environment(project);
    let venv = || {
        let mut venv = project.command("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&folder);
        process::run_quietly(&mut venv, step, &log)
    };
    if venv().is_err() {
        // Debian keeps a part of it in a package of its own.
        system::install(project, &[&system::PYTHON], step)?;
        venv()?;
    }
    let mut pip = project.command(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .args([
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--requirement",
        REQUIREMENTS,
    ]);
    process::run_quietly(&mut pip, step, &log)
}

fn environment(project: &Project) -> PathBuf {
    project.tools().join("python")
}
