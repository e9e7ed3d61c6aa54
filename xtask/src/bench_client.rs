//! `cargo xtask bench client`: how large the first download is, and how fast the page is in a real browser, beside a bare page
//! in the same browser.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::ClientBench;
use crate::fingerprint::Fingerprint;
use crate::plan::{self, Outcome, Task};
use crate::process;
use crate::project::Project;
use crate::{client, compiler, dist, node, system};

/// What measures, in the crate of the browser stories.
const PROGRAM: &str = "bench-client";

/// Messages of each conversation of the history.
const MESSAGES: usize = 10_000;

/// What decides how a history is written and read: one that was made otherwise is made anew.
const FORMATS: &[&str] = &[
    "client-core/src/rows.rs",
    "client-core/src/vault/backup.rs",
    "client-core/src/vault/pack.rs",
    "client-core/src/vault/row.rs",
    "shared-crypto/src/vault.rs",
    "shared-crypto/src/vault",
    "simulation/src/history.rs",
    "simulation/examples/history.rs",
];

/// Length of the fingerprint in the name of a history.
const STAMP: usize = 12;

const NEEDED: &[system::Program] = &[system::C_COMPILER, system::CHROMIUM, system::CHROMEDRIVER];

/// Builds what is measured and what measures it, has a history made if there is none yet, and measures.
pub fn bench(project: &Project, options: ClientBench) -> Result<ExitCode> {
    let mut tasks: Vec<Task<'_>> = Vec::new();
    tasks.extend(system::install_missing(project, NEEDED));
    if !client::is_current(project)? {
        tasks.push(compiler::prepare(project));
        tasks.extend(client::build_tools(project)?);
    }
    tasks.push(client::build(project));
    tasks.push(node::build_release(project));
    tasks.push(history(project, options.conversations));
    tasks.push(Task::new("building what measures", |step| {
        let mut cargo = project.command("cargo");
        cargo.args(["build", "--package", "e2e", "--bin", PROGRAM]);
        process::run_quietly(&mut cargo, step, &project.scratch()?.join("bench.log"))?;
        Ok(Outcome::Done)
    }));
    tasks.push(Task::new("measuring in a browser", |step| {
        let mut measure = project.command(project.built("debug", PROGRAM));
        measure
            .arg(folder(project, options.conversations)?)
            .arg(figures(project)?)
            .env("ZECHAT_AXE", "none")
            .env("ZECHAT_NODE_BIN", node::release(project))
            .env("ZECHAT_CHROMIUM", system::CHROMIUM.find()?)
            .env("ZECHAT_CHROMEDRIVER", system::CHROMEDRIVER.find()?);
        process::run_quietly(&mut measure, step, &project.scratch()?.join("bench.log"))?;
        Ok(Outcome::Done)
    }));
    if options.is_json {
        plan::perform_quietly(tasks)?;
    } else {
        plan::perform_all(tasks)?;
    }
    let bytes = dist::download(&project.dist())?.bytes();
    let first =
        json!({"figure": "first_download_bytes", "value": bytes, "bare": null, "ratio": null});
    let mut all = vec![first];
    for line in std::fs::read_to_string(figures(project)?)?.lines() {
        all.push(serde_json::from_str(line)?);
    }
    for figure in all {
        if options.is_json {
            println!("{figure}");
        } else {
            println!("{}", words(&figure));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where what measures leaves the figures.
fn figures(project: &Project) -> Result<PathBuf> {
    Ok(project.scratch()?.join("client-figures.jsonl"))
}

/// A figure in a line for people.
fn words(figure: &Value) -> String {
    let number = |name: &str| figure.get(name).and_then(Value::as_f64);
    let name = figure.get("figure").and_then(Value::as_str);
    let value = number("value").unwrap_or(f64::NAN);
    let beside = number("bare").zip(number("ratio"));
    let beside = beside.map(|(bare, ratio)| format!("   bare {bare:.1}, {ratio:.1} times"));
    let (name, beside) = (name.unwrap_or_default(), beside.unwrap_or_default());
    format!("{name:<22}{value:>10.1}{beside}")
}

/// The step that has real clients talk, once: it takes some minutes for each conversation.
fn history(project: &Project, conversations: u16) -> Task<'_> {
    Task::new("a long history", move |step| {
        let folder = folder(project, conversations)?;
        if folder.join("messages").is_file() {
            return Ok(Outcome::Unchanged);
        }
        std::fs::create_dir_all(&folder)?;
        let mut cargo = project.command("cargo");
        cargo
            .args(["run", "--profile", "sim", "--package", "simulation"])
            .args(["--example", "history", "--"])
            .arg(&folder)
            .args([conversations.to_string(), MESSAGES.to_string()]);
        process::run_quietly(&mut cargo, step, &project.scratch()?.join("history.log"))?;
        Ok(Outcome::Done)
    })
}

fn folder(project: &Project, conversations: u16) -> Result<PathBuf> {
    let formats = Fingerprint::of(project.root(), FORMATS, &[])?;
    let stamp: String = formats.as_str().chars().take(STAMP).collect();
    let name = format!("{conversations}x{MESSAGES}-{stamp}");
    Ok(project.target().join("histories").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_about_a_history_is_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for place in FORMATS {
            assert!(root.join(place).exists(), "{place}");
        }
    }

    #[test]
    fn a_figure_stands_beside_the_bare_one() {
        let figure = json!({"figure": "open_10k_ms", "value": 30.04, "bare": 12.0, "ratio": 2.503});
        let expected = "open_10k_ms                 30.0   bare 12.0, 2.5 times";
        assert_eq!(words(&figure), expected);
        let alone =
            json!({"figure": "first_download_bytes", "value": 1000, "bare": null, "ratio": null});
        assert_eq!(words(&alone), "first_download_bytes      1000.0");
    }
}
