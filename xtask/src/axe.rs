//! axe-core, with which the browser stories look for what keeps people from using a page. It is one script; a package of
//! PyPI carries it, which is fetched by exact version and hash and only unpacked.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::fingerprint::Fingerprint;
use crate::plan::{Outcome, Task};
use crate::process;
use crate::project::Project;
use crate::python;

const REQUIREMENTS: &str = "e2e/axe.txt";
const SCRIPT: &str = "axe_playwright_python/axe.min.js";

/// The script.
pub fn script(project: &Project) -> PathBuf {
    folder(project).join(SCRIPT)
}

/// The step that fetches it; none if what is there was made from the present list. Wants the Python environment.
pub fn install_missing(project: &Project) -> Result<Option<Task<'_>>> {
    let wanted = Fingerprint::of(project.root(), &[REQUIREMENTS], &[])?;
    let stamp = folder(project).join("made-from");
    let made_from = std::fs::read_to_string(&stamp).unwrap_or_default();
    if made_from == wanted.as_str() && script(project).is_file() {
        return Ok(None);
    }
    let label = format!("installing what {REQUIREMENTS} names, once");
    Ok(Some(Task::new(label, move |step| {
        let log = project.scratch()?.join("axe.log");
        let folder = folder(project);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?; // of another version
        }
        let mut pip = project.command(python::BASE.program(project, "python"));
        pip.args(["-m", "pip", "download", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--require-hashes", "--only-binary", ":all:"])
            .args(["--requirement", REQUIREMENTS, "--dest"])
            .arg(&folder);
        process::run_quietly(&mut pip, step, &log)?;
        let mut unpack = project.command(python::BASE.program(project, "python"));
        unpack
            .args(["-m", "zipfile", "-e"])
            .arg(wheel(&folder)?)
            .arg(&folder);
        process::run_quietly(&mut unpack, step, &log)?;
        std::fs::write(&stamp, wanted.as_str())
            .with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(Outcome::Done)
    })))
}

/// The one that was fetched.
fn wheel(folder: &Path) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|file| file.extension().is_some_and(|ending| ending == "whl"))
        .with_context(|| format!("nothing was fetched into {}", folder.display()))
}

fn folder(project: &Project) -> PathBuf {
    project.tools().join("axe")
}
