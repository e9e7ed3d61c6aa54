//! axe-core, with which the browser stories look for what keeps people from using a page. It is one script; a package of
//! PyPI carries it, which is fetched by exact version and hash and only unpacked.

use std::path::PathBuf;

use crate::plan::{Outcome, Task};
use crate::process;
use crate::project::Project;
use crate::python::VECTORS;

const REQUIREMENTS: &str = "e2e/axe.txt";
const WHEEL: &str = "axe_playwright_python-0.1.8-py3-none-any.whl";
const SCRIPT: &str = "axe_playwright_python/axe.min.js";

/// The script.
pub fn script(project: &Project) -> PathBuf {
    folder(project).join(SCRIPT)
}

/// The step that fetches it; none if it is there. Wants the Python environment.
pub fn install_missing(project: &Project) -> Option<Task<'_>> {
    if script(project).is_file() {
        return None;
    }
    Some(Task::new("installing axe-core 4.12.1, once", |step| {
        let log = project.scratch()?.join("axe.log");
        let folder = folder(project);
        let mut pip = project.command(VECTORS.program(project, "python"));
        pip.args(["-m", "pip", "download", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--require-hashes", "--only-binary", ":all:"])
            .args(["--requirement", REQUIREMENTS, "--dest"])
            .arg(&folder);
        process::run_quietly(&mut pip, step, &log)?;
        let mut unpack = project.command(VECTORS.program(project, "python"));
        unpack
            .args(["-m", "zipfile", "-e"])
            .arg(folder.join(WHEEL))
            .arg(&folder);
        process::run_quietly(&mut unpack, step, &log)?;
        Ok(Outcome::Done)
    }))
}

fn folder(project: &Project) -> PathBuf {
    project.tools().join("axe")
}
