//! A node that is started and killed on the same data, at the same address.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context as _, Result};
use diesel::{Connection as _, PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use serde_json::Value;

use super::Trials;
use crate::server::{Backend, UNLIMITED, drop_database, make_database};

/// A node's data, its program, and the process while there is one.
pub struct Node {
    program: PathBuf,
    folder: tempfile::TempDir,
    database: Option<String>,
    settings: Vec<(String, String)>,
    child: Option<Child>,
    /// `127.0.0.1:PORT`, the same after each start.
    pub address: String,
}

/// What a process serves another node with belongs to it for as long as a request may take; the next one waits
/// for that after each kill.
const IMPATIENT: &[(&str, &str)] = &[
    ("ZECHAT__FEDERATION__CONNECT_TIMEOUT_S", "1"),
    ("ZECHAT__FEDERATION__REQUEST_TIMEOUT_S", "3"),
];

const OF_FILES: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const OF_SERVERS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

impl Node {
    /// Data without a process.
    pub fn new(trials: &Trials, backend: Backend) -> Result<Self> {
        Ok(Self {
            program: trials.node.clone(),
            folder: tempfile::tempdir()?,
            database: make_database(backend)?,
            settings: Vec::new(),
            child: None,
            address: "127.0.0.1:0".to_owned(),
        })
    }

    /// One that runs.
    pub fn start(trials: &Trials, backend: Backend) -> Result<Self> {
        let mut node = Self::new(trials, backend)?;
        node.run()?;
        Ok(node)
    }

    /// Sets something for each later start.
    pub fn set(&mut self, name: &str, value: &Path) {
        let value = value.to_string_lossy().into_owned();
        self.settings.push((name.to_owned(), value));
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the process and waits until it listens.
    pub fn run(&mut self) -> Result<()> {
        let mut child = self.spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut line)?;
        self.child = Some(child);
        self.address = line
            .trim()
            .strip_prefix("listening on ")
            .with_context(|| format!("the node does not start: {line}"))?
            .to_owned();
        Ok(())
    }

    /// Starts the process and waits for nothing.
    pub fn begin(&mut self) -> Result<()> {
        self.child = Some(self.spawn()?);
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--listen", &self.address])
            .args(["--allow-private-networks", "--data"])
            .arg(self.folder.path())
            .envs(UNLIMITED.iter().copied())
            .env("ZECHAT__LOG__FILTER", "off")
            .envs(IMPATIENT.iter().copied())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped());
        self.name_database(&mut command);
        Ok(command.spawn()?)
    }

    fn name_database(&self, command: &mut Command) {
        if let Some(url) = &self.database {
            command.env("ZECHAT__DATABASE__URL", url);
        }
    }

    /// Ends the process as a power cut does.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Runs one of the program's commands on this data.
    pub fn command(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--data")
            .arg(self.folder.path());
        self.name_database(&mut command);
        Ok(command.output()?)
    }

    /// Takes the newest migrations back: what is left is what an older version has made.
    pub fn take_back(&self, migrations: usize) -> Result<()> {
        for _ in 0..migrations {
            let taken = match &self.database {
                None => SqliteConnection::establish(&self.file().to_string_lossy())?
                    .revert_last_migration(OF_FILES),
                Some(url) => PgConnection::establish(url)?.revert_last_migration(OF_SERVERS),
            };
            taken.map_err(|error| anyhow::anyhow!("{error}"))?;
        }
        Ok(())
    }

    /// How many migrations are still to be applied.
    pub fn missing(&self) -> Result<usize> {
        let status = self.command(&["--json", "migrate", "status"])?;
        let states: Vec<Value> = serde_json::from_slice(&status.stdout)?;
        let is_missing = |state: &&Value| state.get("is_applied") == Some(&Value::Bool(false));
        Ok(states.iter().filter(is_missing).count())
    }

    /// The database, if it is a file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("zechat.db")
    }

    /// Memory in use, in KiB, and open files.
    pub fn burden(&self) -> Result<(u64, usize)> {
        let id = self.child.as_ref().context("a process")?.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = line.context("VmRSS")?.trim().trim_end_matches(" kB");
        let files = std::fs::read_dir(format!("/proc/{id}/fd"))?.count();
        Ok((memory.parse()?, files))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // What cannot be ended or dropped goes with the server.
        let _ = self.kill();
        if let Some(url) = &self.database {
            let _ = drop_database(url);
        }
    }
}
