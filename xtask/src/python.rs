//! What is in Python: the second implementation of the protocol, and the contract test of the HTTP API. Each has an
//! environment of its own in `target/tools`, with what its list of requirements pins.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::plan::{Outcome, Step, Task};
use crate::process;
use crate::project::Project;
use crate::system;

const CHECK: &str = "docs/vectors/check.py";

/// An environment.
pub struct Environment {
    /// Its folder among the tools.
    folder: &'static str,
    requirements: &'static str,
}

/// Reads the vectors; and fetches what else PyPI has, since it is there.
pub const BASE: Environment = Environment {
    folder: "python",
    requirements: "docs/vectors/requirements.txt",
};

/// Compares the description of the HTTP API with a node.
pub const CONTRACT: Environment = Environment {
    folder: "contract",
    requirements: "node/api/contract/requirements.txt",
};

impl Environment {
    /// One of its programs.
    pub fn program(&self, project: &Project, name: &str) -> PathBuf {
        self.place(project).join("bin").join(name)
    }

    fn place(&self, project: &Project) -> PathBuf {
        project.tools().join(self.folder)
    }
}

/// Why it cannot be made here without installing programs; nothing if it can, or is there.
pub fn absent(project: &Project, environment: &'static Environment) -> Result<Option<String>> {
    if install_missing(project, environment)?.is_none() {
        return Ok(None);
    }
    let Ok(python) = system::PYTHON.find() else {
        return Ok(Some("Python".to_owned()));
    };
    let mut look = project.command(python);
    look.args(["-c", "import venv, ensurepip"]);
    Ok(process::text_of(&mut look)
        .is_none()
        .then(|| "Python with its venv module".to_owned()))
}

/// The step that makes the environment; none if it is there.
pub fn install_missing<'a>(
    project: &'a Project,
    environment: &'static Environment,
) -> Result<Option<Task<'a>>> {
    let wanted = Fingerprint::of(project.root(), &[environment.requirements], &[])?;
    let stamp = environment.place(project).join("made-from");
    let made_from = std::fs::read_to_string(&stamp).unwrap_or_default();
    if made_from == wanted.as_str() {
        return Ok(None);
    }
    Ok(Some(Task::new(
        format!("installing what {} names, once", environment.requirements),
        move |step| {
            make(project, environment, step)?;
            std::fs::write(&stamp, wanted.as_str())
                .with_context(|| format!("cannot write {}", stamp.display()))?;
            Ok(Outcome::Done)
        },
    )))
}

/// The command that reads all vectors, and says how many it read rightly.
pub fn check_vectors(project: &Project) -> std::process::Command {
    let mut command = project.command(BASE.program(project, "python"));
    // No caches of compiled files among the sources.
    command.arg("-B").arg(CHECK);
    command
}

fn make(project: &Project, environment: &Environment, step: &Step) -> Result<()> {
    let log = project.scratch()?.join("python.log");
    let folder = environment.place(project);
    let venv = || {
        let mut venv = project.command(system::PYTHON.find()?);
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
        environment.requirements,
    ]);
    process::run_quietly(&mut pip, step, &log)
}
