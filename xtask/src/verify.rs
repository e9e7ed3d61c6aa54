//! `cargo xtask verify-client URL`: whether a running node serves the client that these sources make.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::dist::Manifest;
use crate::plan::{Outcome, Task, perform_all};
use crate::project::Project;
use crate::{client, compiler, system};

/// Where a node lists the hashes of its client's files.
const LIST: &str = "/.well-known/zechat/client";

/// Builds the client and writes it into `dist/`.
pub fn build_client(project: &Project) -> Result<ExitCode> {
    perform_all(build_tasks(project)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the client and compares each of its files with what the node at `url` serves, in every encoding
/// that a browser would get.
pub fn verify_client(project: &Project, url: &str) -> Result<ExitCode> {
    let url = url.trim_end_matches('/').to_owned();
    let mut tasks = build_tasks(project)?;
    tasks.extend(system::install_missing(project, &[system::CURL]));
    tasks.push(Task::new(format!("comparing with {url}"), move |step| {
        let ours = Manifest::read(&project.dist()).context("the client is not finished")?;
        let theirs = Manifest::parse(&fetch(project, &url, LIST, "identity")?)
            .context("the node's list of hashes cannot be read")?;
        let mut wrong = ours.differences(&theirs);
        for path in ours.paths() {
            for encoding in ["identity", "br", "gzip"] {
                let served = fetch(project, &url, path, encoding);
                match served {
                    Ok(bytes) if ours.is_same(path, &bytes) => {}
                    Ok(_) => wrong.push(format!("{path} ({encoding}) has other contents")),
                    Err(error) => wrong.push(format!("{path} ({encoding}): {error}")),
                }
            }
        }
        // The page under its own address.
        if !fetch(project, &url, "/", "identity")
            .is_ok_and(|bytes| ours.is_same("/index.html", &bytes))
        {
            wrong.push("/ is not the page".to_owned());
        }
        if !wrong.is_empty() {
            bail!("the client of {url} is another one:\n{}", wrong.join("\n"));
        }
        step.note(&format!(
            "{} files are the same; build {}",
            ours.paths().count(),
            ours.build()
        ));
        Ok(Outcome::Done)
    }));
    perform_all(tasks)?;
    Ok(ExitCode::SUCCESS)
}

fn build_tasks(project: &Project) -> Result<Vec<Task<'_>>> {
    let mut tasks = Vec::new();
    tasks.extend(system::install_missing(project, &[system::C_COMPILER]));
    tasks.push(compiler::prepare(project));
    tasks.extend(client::build_tools(project)?);
    tasks.push(client::build(project));
    Ok(tasks)
}

/// What is served under a path, unpacked.
fn fetch(project: &Project, url: &str, path: &str, encoding: &str) -> Result<Vec<u8>> {
    let mut curl: Command = project.command(system::CURL.find()?);
    curl.args(["--fail", "--silent", "--show-error", "--max-time", "60"])
        .args(["--proto", "=http,https", "--header"])
        .arg(format!("accept-encoding: {encoding}"))
        .args(["--output", "-", "--"])
        .arg(format!("{url}{path}"));
    let output = curl.output().context("cannot start curl")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    unpack(&output.stdout, Path::new(path), encoding)
}

/// Undoes the encoding that was asked for, if the answer came in it.
fn unpack(bytes: &[u8], path: &Path, encoding: &str) -> Result<Vec<u8>> {
    use std::io::Read as _;
    // A file that no encoding makes smaller comes as it is; so does one of these by its first bytes.
    let mut plain = Vec::new();
    let read = match encoding {
        "gzip" if bytes.starts_with(&[0x1f, 0x8b]) => {
            flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain)
        }
        "br" if is_packed(path) => brotli::Decompressor::new(bytes, 4_096).read_to_end(&mut plain),
        _ => return Ok(bytes.to_vec()),
    };
    match read {
        Ok(_) => Ok(plain),
        Err(_) => Ok(bytes.to_vec()),
    }
}

/// Whether the build made a packed variant beside the file.
fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        [
            "html",
            "js",
            "css",
            "wasm",
            "svg",
            "json",
            "webmanifest",
            "txt",
        ]
        .iter()
        .any(|packed| extension == *packed)
    })
}
