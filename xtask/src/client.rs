//! Building the web client into `dist/`, and knowing when that need not be done.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::compiler;
use crate::dist::{self, Manifest};
use crate::fingerprint::Fingerprint;
use crate::plan::{Outcome, Step, Task};
use crate::process;
use crate::project::Project;
use crate::tools::Tool;

/// Everything that the finished client is made from.
pub const SOURCES: &[&str] = &[
    "web-client",
    "client-core",
    "shared-crypto",
    "qr-reader",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "scripts/wasm.sh",
    "xtask/src/client.rs",
    "xtask/src/dist.rs",
    "xtask/src/dist",
];

/// Whether `dist/` is what the sources say.
pub fn is_current(project: &Project) -> Result<bool> {
    // Without a compiler there is no saying what it would make.
    let Some(compiler) = compiler::version(project) else {
        return Ok(false);
    };
    Ok(is_built_from(project, &sources(project, &compiler)?))
}

/// The step that makes `dist/` what the sources say, once what it needs is there.
pub fn build(project: &Project) -> Task<'_> {
    Task::new("building the web client", |step| build_now(project, step))
}

/// Makes `dist/` what the sources say.
pub fn build_now(project: &Project, step: &Step) -> Result<Outcome> {
    let _alone = alone(project)?;
    let compiler = compiler::version(project);
    let compiler = compiler.context("the compiler for the browser does not answer")?;
    let sources = sources(project, &compiler)?;
    if is_built_from(project, &sources) {
        return Ok(Outcome::Unchanged);
    }
    // Whatever happens from here on, the folder is not taken for finished.
    dist::mark_unfinished(&project.dist())?;
    let log = project.scratch()?.join("client.log");
    // trunk is kept off the network, so what cargo needs has to be there before.
    process::run_quietly(project.command("cargo").arg("fetch"), step, &log)?;
    let mut trunk = trunk(project);
    // Shown in the settings, and by which tabs of different builds know each other.
    trunk.env("ZECHAT_BUILD", sources.short());
    process::run_quietly(trunk.args(["build", "--release", "--offline"]), step, &log)?;
    list_licences(project)?;
    let download = dist::finish(&project.dist(), &sources)?;
    step.note(&download.to_string());
    Ok(Outcome::Done)
}

/// Puts the licences of libraries beside the client.
fn list_licences(project: &Project) -> Result<()> {
    let mut ask = project.command("cargo");
    ask.args(["metadata", "--format-version=1", "--locked", "--offline"]);
    ask.args(["--filter-platform", compiler::TARGET]);
    let metadata = process::text_of(&mut ask);
    let metadata = metadata.context("cargo does not say what the client is made of")?;
    let icons = std::fs::read_to_string(project.path("web-client/static/icons.LICENSE.txt"))?;
    dist::licences::list(&project.dist(), &metadata, &icons)
}

/// The step that builds an unoptimised client with the gallery in it.
pub fn build_gallery(project: &Project) -> Task<'_> {
    Task::new("building the gallery", |step| {
        let log = project.scratch()?.join("gallery.log");
        let folder = gallery(project);
        // With the flags of the tests in the browser, whose crates it shares.
        let mut trunk = plain_trunk(project);
        trunk.args(["build", "--offline", "--features", "gallery", "--dist"]);
        process::run_quietly(trunk.arg(&folder), step, &log)?;
        dist::finish_for_development(&folder)?;
        Ok(Outcome::Done)
    })
}

/// Where the client with the gallery is.
pub fn gallery(project: &Project) -> PathBuf {
    project.target().join("gallery")
}

/// The steps that install what packs the client.
pub fn build_tools(project: &Project) -> Result<Vec<Task<'_>>> {
    let tools = [Tool::wasm_bindgen(project)?, Tool::trunk()];
    Ok(tools
        .into_iter()
        .filter_map(|tool| tool.install_missing(project))
        .collect())
}

/// trunk, with a compiler for the browser.
pub fn trunk(project: &Project) -> std::process::Command {
    let mut command = plain_trunk(project);
    // Where the sources lie on this machine shall not show in the program: two builds are the same bytes.
    command.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        remapped(project),
    );
    command
}

fn plain_trunk(project: &Project) -> std::process::Command {
    let mut command = compiler::with_browser_target(project, "trunk");
    // trunk wants `true` or `false` where everybody else takes any value.
    command.env_remove("NO_COLOR");
    command
}

/// Names the places of sources by what they are, as panics name them.
fn remapped(project: &Project) -> String {
    let mut flags = vec![format!(
        "--remap-path-prefix={}=/zechat",
        project.root().display()
    )];
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    // The folder below is named after the registry's address, which may be that of a mirror.
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    for registry in registries.into_iter().flatten().flatten() {
        flags.push(format!(
            "--remap-path-prefix={}=/crates",
            registry.path().display()
        ));
    }
    flags.sort();
    flags.join(" ")
}

/// Names what a build is made from. The name is in the program: it depends on nothing that makes no other program.
fn sources(project: &Project, compiler: &str) -> Result<Fingerprint> {
    Fingerprint::of(project.root(), SOURCES, &[compiler])
}

fn is_built_from(project: &Project, sources: &Fingerprint) -> bool {
    Manifest::read(&project.dist()).is_some_and(|manifest| manifest.is_built_from(sources))
}

/// Two builds of one checkout take turns. The lock is let go when the file is closed.
fn alone(project: &Project) -> Result<File> {
    let path = project.scratch()?.join("client.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.lock()?;
    Ok(file)
}
