//! The database server, killed as a power cut does and started as it was, on a good disk or a bad one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use diesel::Connection as _;
use diesel::pg::PgConnection;

use crate::server::SERVER;

/// The server's data: it lies beside its socket, as `cargo xtask` puts it.
fn data() -> Result<PathBuf> {
    let url = std::env::var(SERVER).context("TEST_DATABASE_URL names no server")?;
    let (_, place) = url.split_once("host=").context("a server of our own")?;
    let folder = place.split('&').next().unwrap_or(place);
    Ok(PathBuf::from(folder).join("data"))
}

/// Ends the server without a word to it.
pub fn kill() -> Result<()> {
    let status = Command::new("kill").args(["-9", &process()?]).status()?;
    anyhow::ensure!(status.success(), "the server cannot be killed");
    Ok(())
}

/// The id of its first process, as it wrote it down.
fn process() -> Result<String> {
    let file = std::fs::read_to_string(data()?.join("postmaster.pid"))?;
    Ok(file.lines().next().context("a process id")?.to_owned())
}

/// Waits until it answers again. One that finds its disk broken while it recovers gives up, and is started anew.
pub async fn come_back(environment: &[(&str, &Path)]) -> Result<()> {
    let url = std::env::var(SERVER)?;
    for _ in 0..1_200 {
        if PgConnection::establish(&url).is_ok() {
            return Ok(());
        }
        let is_running = process().is_ok_and(|id| Path::new("/proc").join(id).exists());
        if !is_running {
            return start(environment).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the server does not come back")
}

/// Starts it with the options that it had and this besides, as soon as what it left behind is gone.
pub async fn start(environment: &[(&str, &Path)]) -> Result<()> {
    let data = data()?;
    let options = std::fs::read_to_string(data.join("postmaster.opts"))?;
    let words = options
        .split_whitespace()
        .map(|word| word.trim_matches('"').to_owned());
    let set = environment
        .iter()
        .map(|(name, value)| format!("{name}={}", value.display()));
    let words: Vec<String> = std::iter::once("env".to_owned())
        .chain(set)
        .chain(words)
        .collect();
    let is_root = std::fs::metadata("/proc/self")
        .map(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
        .unwrap_or(false);
    let url = std::env::var(SERVER)?;
    for _ in 0..100 {
        let mut command = match words.split_first() {
            Some((program, rest)) if !is_root => {
                let mut command = Command::new(program);
                command.args(rest);
                command
            }
            Some(_) => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).args(&words);
                command
            }
            None => bail!("no options"),
        };
        let mut child = command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if child.try_wait()?.is_some() {
                break; // somebody of the old one still lives
            }
            if PgConnection::establish(&url).is_ok() {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the server does not start again")
}
