//! `cargo xtask fuzz`: hostile bytes for every parser, as long as one likes.
//!
//! The programs are built as cargo-fuzz builds them, without a sanitizer: the project has no unsafe code, so
//! what is looked for are panics, overflows, endless loops and broken promises of the targets themselves.
//! That needs no nightly compiler.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::plan::{Outcome, Step, Task, perform_all};
use crate::process;
use crate::project::Project;
use crate::system;

/// What the compiler puts in so that the fuzzer sees which way the program went.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
    "-Ccodegen-units=1",
];

/// Longest input. An envelope of the largest class is just below.
const MAX_LENGTH: usize = 70_000;

/// What to fuzz and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// For each target.
    pub minutes: u16,
    /// All of them if there is none.
    pub target: Option<String>,
}

/// Fuzzes one target after the other. What it finds stays in `target/fuzz/corpus`; an input that
/// breaks something is named and belongs into `fuzz/corpus`, which ordinary tests replay.
pub fn fuzz(project: &Project, options: &Options) -> Result<ExitCode> {
    let targets = targets(project)?;
    let chosen: Vec<String> = match &options.target {
        None => targets,
        Some(one) if targets.contains(one) => vec![one.clone()],
        Some(one) => bail!(
            "there is no target `{one}`; there are {}",
            targets.join(", ")
        ),
    };
    let host = process::text_of(project.command("rustc").args(["--print", "host-tuple"]))
        .context("rustc does not name its host")?
        .trim()
        .to_owned();
    let mut tasks = Vec::new();
    tasks.extend(system::install_missing(project, &[system::CPP_COMPILER]));
    let (build_host, bins) = (host.clone(), chosen.clone());
    tasks.push(Task::new("building the fuzzing programs", move |step| {
        let log = project.scratch()?.join("fuzz.log");
        process::run_quietly(&mut build(project, &build_host, &bins), step, &log)?;
        Ok(Outcome::Done)
    }));
    for target in chosen {
        let host = host.clone();
        let minutes = options.minutes;
        tasks.push(Task::new(format!("fuzzing {target}"), move |step| {
            run(project, &host, &target, minutes, step)
        }));
    }
    perform_all(tasks)?;
    Ok(ExitCode::SUCCESS)
}

/// The programs of the manifest.
fn targets(project: &Project) -> Result<Vec<String>> {
    let folder = project.path("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        if let Some(name) = entry?.path().file_stem() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn build(project: &Project, host: &str, targets: &[String]) -> Command {
    let mut cargo = project.command("cargo");
    cargo
        .args(["build", "--release"])
        .args(["--manifest-path", "fuzz/Cargo.toml"])
        // With a target named, the flags are not for build scripts.
        .args(["--target", host, "--target-dir"])
        .arg(folder(project))
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    for target in targets {
        cargo.args(["--bin", target]);
    }
    cargo
}

fn run(project: &Project, host: &str, target: &str, minutes: u16, step: &Step) -> Result<Outcome> {
    let found = folder(project).join("corpus").join(target);
    let broken = folder(project).join("artifacts");
    for folder in [&found, &broken] {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let program = folder(project).join(host).join("release").join(target);
    let mut command = project.command(program);
    command
        .arg(format!("-max_total_time={}", u32::from(minutes) * 60))
        .arg(format!("-max_len={MAX_LENGTH}"))
        .args(["-timeout=60", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/{target}-", broken.display()))
        .arg(found)
        .arg(project.path("fuzz/corpus").join(target));
    let log = project.scratch()?.join(format!("fuzz-{target}.log"));
    process::run_quietly(&mut command, step, &log)?;
    let said = std::fs::read_to_string(&log)?;
    step.note(&figures(&said));
    Ok(Outcome::Done)
}

/// How often it ran and how far it came, in the fuzzer's words.
fn figures(said: &str) -> String {
    let runs = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .unwrap_or("?");
    let coverage = said
        .lines()
        .rev()
        .find_map(|line| line.split_once(" cov: ")?.1.split(' ').next())
        .unwrap_or("?");
    format!(
        "{} executions, {coverage} places reached, nothing broke",
        runs.trim()
    )
}

fn folder(project: &Project) -> PathBuf {
    project.target().join("fuzz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuzzers_figures_are_read() {
        let said = "#8749138\tREDUCE cov: 1888 ft: 6002 corp: 2031/1059Kb\n\
                    #9000000\tDONE   cov: 1890 ft: 6003 corp: 2031/1059Kb\n\
                    stat::number_of_executed_units: 9000000\n";
        assert_eq!(
            figures(said),
            "9000000 executions, 1890 places reached, nothing broke"
        );
        assert_eq!(figures(""), "? executions, ? places reached, nothing broke");
    }
}
