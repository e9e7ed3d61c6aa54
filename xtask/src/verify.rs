//! `cargo xtask verify-client URL`: whether a running node serves the client that these sources make.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::dist::Manifest;
use crate::fingerprint::files_below;
use crate::plan::{Outcome, Task, perform_all};
use crate::project::Project;
use crate::{client, compiler, system};

/// Where a node lists the hashes of its client's files.
const LIST: &str = "/.well-known/zechat/client";

/// Builds the client and writes it into `dist/`.
pub fn build_client(project: &Project) -> Result<ExitCode> {
    let mut tasks = build_tasks(project)?;
    tasks.push(named(project));
    perform_all(tasks)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the client, then a copy of the sources in another folder with nothing built in it, and compares all that came out,
/// compressed variants included.
pub fn build_client_twice(project: &Project) -> Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("zechat-twice-{}", std::process::id()));
    let other = project.copied_to(folder.clone())?;
    let mut tasks = build_tasks(project)?;
    tasks.push(Task::new(
        format!("building it again in {}", other.root().display()),
        |step| client::build_now(&other, step),
    ));
    tasks.push(Task::new("comparing the two", |step| {
        let (first, second) = (project.dist(), other.dist());
        let wrong = differences(&first, &second)?;
        if !wrong.is_empty() {
            bail!("the two builds differ:\n{}", wrong.join("\n"));
        }
        // Where they differ, both stay to be looked at.
        std::fs::remove_dir_all(&folder)?;
        let files = files_below(&first, &[""])?.len();
        step.note(&format!("{files} files are the same, byte by byte"));
        Ok(Outcome::Done)
    }));
    tasks.push(named(project));
    perform_all(tasks)?;
    Ok(ExitCode::SUCCESS)
}

/// The step that says how to know the build.
fn named(project: &Project) -> Task<'_> {
    Task::new("the name of the build", |step| {
        let ours = Manifest::read(&project.dist()).context("the client is not finished")?;
        step.note(&shown(&ours));
        Ok(Outcome::Done)
    })
}

fn shown(build: &Manifest) -> String {
    let name = build.shown_as();
    format!("its page says in the settings: build {name}")
}

/// In which files two folders differ.
fn differences(first: &Path, second: &Path) -> Result<Vec<String>> {
    let names = |folder: &Path| -> Result<BTreeSet<PathBuf>> {
        let files = files_below(folder, &[""])?;
        let relative = files
            .iter()
            .map(|file| Ok(file.strip_prefix(folder)?.into()));
        relative.collect()
    };
    let (ours, theirs) = (names(first)?, names(second)?);
    let mut words = Vec::new();
    for name in ours.union(&theirs) {
        let (ours, theirs) = (first.join(name), second.join(name));
        let is_same =
            ours.exists() && theirs.exists() && std::fs::read(ours)? == std::fs::read(theirs)?;
        if !is_same {
            words.push(name.display().to_string());
        }
    }
    Ok(words)
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
        step.note(&shown(&ours));
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
    curl.args([
        "--fail",
        "--include",
        "--silent",
        "--show-error",
        "--max-time",
        "60",
    ])
    .args(["--proto", "=http,https", "--header"])
    .arg(format!("accept-encoding: {encoding}"))
    .args(["--output", "-", "--"])
    .arg(format!("{url}{path}"));
    let output = curl.output().context("cannot start curl")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    unpack(&output.stdout)
}

/// The content of an answer with its headers, without the encoding that they name.
fn unpack(answer: &[u8]) -> Result<Vec<u8>> {
    use std::io::Read as _;

    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.context("the answer has no headers")?);
    let (_, body) = body.split_at(4);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let encoding = head
        .lines()
        .find_map(|line| line.strip_prefix("content-encoding:"))
        .map(str::trim);
    let mut plain = Vec::new();
    match encoding {
        Some("gzip") => flate2::read::GzDecoder::new(body).read_to_end(&mut plain),
        Some("br") => brotli::Decompressor::new(body, 4_096).read_to_end(&mut plain),
        None | Some("identity") => return Ok(body.to_vec()),
        Some(other) => bail!("the answer came as {other}, which was not asked for"),
    }
    .context("what came packed cannot be unpacked")?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_byte_a_missing_file_and_another_one_are_told() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (first, second) = (first.path(), second.path());
        for folder in [first, second] {
            std::fs::create_dir(folder.join("i18n")).unwrap();
            std::fs::write(folder.join("i18n/de.ftl"), "a = A").unwrap();
        }
        assert!(differences(first, second).unwrap().is_empty());
        std::fs::write(second.join("i18n/de.ftl"), "a = B").unwrap();
        std::fs::write(first.join("a.js"), "").unwrap();
        std::fs::write(second.join("b.js"), "").unwrap();
        let told = differences(first, second).unwrap();
        assert_eq!(told, ["a.js", "b.js", "i18n/de.ftl"]);
    }

    fn answer(head: &str, body: &[u8]) -> Vec<u8> {
        [b"HTTP/1.1 200 OK\r\n", head.as_bytes(), b"\r\n\r\n", body].concat()
    }

    #[test]
    fn what_comes_packed_is_unpacked_whatever_its_name() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"text").unwrap();
        let gzip = gzip.finish().unwrap();
        let mut br = Vec::new();
        brotli::CompressorWriter::new(&mut br, 4_096, 5, 20)
            .write_all(b"text")
            .unwrap();
        for (head, body) in [
            ("content-type: text/plain", b"text".as_slice()),
            ("Content-Encoding: gzip", &gzip),
            ("vary: *\r\ncontent-encoding: br", &br),
        ] {
            assert_eq!(unpack(&answer(head, body)).unwrap(), b"text", "{head}");
        }
        assert!(unpack(&answer("content-encoding: zstd", b"text")).is_err());
        assert!(unpack(&answer("content-encoding: gzip", b"text")).is_err());
        assert!(unpack(b"text").is_err());
    }
}
