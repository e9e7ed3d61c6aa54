//! A node: a process with a folder, behind a recording proxy.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, bail, ensure};
use data_encoding::HEXUPPER;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::clock::{Clock, DAY, pass};
use crate::programs::{self, Output};
use crate::proxy::{Caller, Proxy};
use crate::search::Haystack;
use crate::wait;

/// A node; killed when dropped.
pub struct Node {
    /// What the story calls it.
    pub name: &'static str,
    data: TempDir,
    proxy: Proxy,
    process: Option<Child>,
    clock: Option<Clock>,
    client: Option<PathBuf>,
    output: Output,
}

impl Node {
    /// Starts a node on free ports, with an empty folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(name: &'static str) -> Result<Self> {
        Self::start_with(name, None, None).await
    }

    /// Starts a node that serves the client in this folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn serving(name: &'static str, client: PathBuf) -> Result<Self> {
        Self::start_with(name, Some(client), None).await
    }

    /// Starts a node that looks at a clock of the story.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn with_clock(name: &'static str, clock: &Clock) -> Result<Self> {
        Self::start_with(name, None, Some(clock.clone())).await
    }

    async fn start_with(
        name: &'static str,
        client: Option<PathBuf>,
        clock: Option<Clock>,
    ) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("zechat-node-").tempdir()?;
        let proxy = Proxy::start().await?;
        let output = Output::default();
        let mut node = Self {
            name,
            data,
            proxy,
            process: None,
            clock,
            client,
            output,
        };
        node.run().await?;
        Ok(node)
    }

    /// Serves the client in a folder from its next start on.
    pub fn serve_client(&mut self, folder: PathBuf) {
        self.client = Some(folder);
    }

    /// Its public address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.proxy.port())
    }

    /// Its folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Everything that it has printed, over all its lives.
    pub fn log(&self) -> String {
        self.output.text()
    }

    /// SIGKILL: no chance to write anything more.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn kill(&mut self) -> Result<()> {
        println!("{}: killed", self.name);
        let mut process = self.process.take().context("the node is not running")?;
        process.kill().await.context("killing the node")?;
        self.proxy.lead_nowhere();
        Ok(())
    }

    /// SIGTERM, and waits until it has ended.
    ///
    /// # Errors
    /// When it is not running, or does not end well.
    pub async fn terminate(&mut self) -> Result<()> {
        println!("{}: asked to end", self.name);
        let mut process = self.process.take().context("the node is not running")?;
        let pid = process
            .id()
            .context("the node has ended by itself")?
            .to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await?;
        ensure!(sent.success(), "no signal could be sent");
        let ended = tokio::time::timeout(wait::LIMIT, process.wait()).await;
        let ended = ended.context("the node does not end")??;
        ensure!(
            ended.success(),
            "the node ended with {ended}:\n{}",
            self.log()
        );
        self.proxy.lead_nowhere();
        Ok(())
    }

    /// SIGSTOP: it is there and does nothing.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn pause(&self) -> Result<()> {
        signal(
            self.process.as_ref().context("the node is not running")?,
            "-STOP",
        )
        .await
    }

    /// SIGCONT: it goes on.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn resume(&self) -> Result<()> {
        signal(
            self.process.as_ref().context("the node is not running")?,
            "-CONT",
        )
        .await
    }

    /// Starts it again: same folder, same address.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_again(&mut self) -> Result<()> {
        println!("{}: started again", self.name);
        ensure!(self.process.is_none(), "the node is still running");
        self.run().await
    }

    /// Lets days pass: from its next start on it believes that it is so much later.
    ///
    /// # Errors
    /// When its clock cannot be moved.
    pub fn let_days_pass(&mut self, days: u32) -> Result<()> {
        pass(&mut self.clock, days * DAY)
    }

    /// SIGKILL, and everything that it kept is deleted: it is gone for good.
    ///
    /// # Errors
    /// When its folder cannot be deleted.
    pub async fn lose(mut self) -> Result<()> {
        if self.process.is_some() {
            self.kill().await?;
        }
        println!("{}: its data is deleted", self.name);
        self.data.close().context("deleting the node's folder")
    }

    /// Has something else answer under its address, until it is started again.
    pub fn answered_by(&self, port: u16) {
        self.proxy.lead_to(port);
    }

    async fn run(&mut self) -> Result<()> {
        let output = Output::default();
        let mut command = Command::new(programs::node()?);
        if let Some(clock) = &self.clock {
            clock.show(&mut command)?;
        }
        let mut process = command
            .arg("serve")
            // Behind the proxy any port will do, and the one of before may be somebody else's by now.
            .args(["--listen", "127.0.0.1:0"])
            .args(["--public-url", &self.url()])
            .arg("--data")
            .arg(self.data.path())
            .arg("--allow-private-networks")
            .args(
                self.client
                    .iter()
                    .flat_map(|folder| [OsStr::new("--client-dir"), folder.as_os_str()]),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        output.keep(process.stdout.take().context("no output")?);
        self.output
            .keep(process.stderr.take().context("no errors")?);
        let port = wait::until(&format!("{} to listen", self.name), async || {
            if let Some(ended) = process.try_wait()? {
                // Printed at once instead of waiting: nothing will change.
                return Ok(Some(Err(anyhow!("{ended}"))));
            }
            Ok(output
                .find("listening on 127.0.0.1:", '\n')
                .map(|port| port.parse::<u16>().map_err(Into::into)))
        })
        .await?;
        match port {
            Ok(port) => self.proxy.lead_to(port),
            Err(error) => bail!("{} did not start: {error:#}\n{}", self.name, self.log()),
        }
        self.process = Some(process);
        Ok(())
    }

    /// Everything that this node knows or heard: its files, its database cell by cell, its log, and
    /// all traffic through its public address.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn knowledge(&self) -> Result<Vec<Haystack>> {
        let mut haystacks = Vec::new();
        let mut add = |what: &str, bytes| {
            haystacks.push(Haystack {
                name: format!("{} of {}", what, self.name),
                bytes,
            });
        };
        for file in files(self.data.path())? {
            let bytes = std::fs::read(&file)?;
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            add(&format!("the file {name}"), bytes);
        }
        let mut cells = Vec::new();
        for cell in self.cells()? {
            cells.extend_from_slice(&cell);
            cells.push(b'\n');
        }
        add("the database", cells);
        add("the log", self.log().into_bytes());
        for (caller, who) in [(Caller::Browser, "browsers"), (Caller::Node, "nodes")] {
            add(&format!("the traffic from {who}"), self.heard_from(caller)?);
        }
        Ok(haystacks)
    }

    /// All bytes that went through the public address, for one kind of caller.
    ///
    /// # Errors
    /// When a socket was compressed: a search would find nothing in it.
    pub fn heard_from(&self, caller: Caller) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for connection in self.proxy.recorded(caller) {
            ensure!(
                !connection.is_compressed_socket(),
                "a compressed socket cannot be searched"
            );
            bytes.extend_from_slice(&connection.bytes());
        }
        Ok(bytes)
    }

    /// What it said to browsers on sockets: each frame's opcode and payload.
    pub fn said_to_browsers(&self) -> Vec<(u8, Vec<u8>)> {
        let connections = self.proxy.recorded(Caller::Browser);
        connections.iter().flat_map(|it| it.said()).collect()
    }

    /// One column of a table that holds bytes.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn column(&self, table: &str, column: &str) -> Result<Vec<Vec<u8>>> {
        let mut database = self.database()?;
        let query = format!("SELECT coalesce(hex(\"{column}\"), '') AS value FROM \"{table}\"");
        let rows: Vec<Value> = diesel::sql_query(query).load(&mut database)?;
        let decoded = rows.iter().map(|row| HEXUPPER.decode(row.value.as_bytes()));
        decoded
            .map(|cell| cell.map_err(|error| anyhow!("{error}")))
            .collect()
    }

    fn cells(&self) -> Result<Vec<Vec<u8>>> {
        let mut database = self.database()?;
        let tables: Vec<Value> =
            diesel::sql_query("SELECT name AS value FROM sqlite_master WHERE type = 'table'")
                .load(&mut database)?;
        let mut cells = Vec::new();
        for table in tables {
            let columns: Vec<Value> = diesel::sql_query(format!(
                "SELECT name AS value FROM pragma_table_info('{}')",
                table.value
            ))
            .load(&mut database)?;
            for column in columns {
                cells.extend(self.column(&table.value, &column.value)?);
            }
        }
        Ok(cells)
    }

    /// Takes the envelope that came last out of the database of a node that does not run, as if it were still under way.
    ///
    /// # Errors
    /// When the node runs, or there is none.
    pub fn hold_back(&self) -> Result<Held> {
        ensure!(self.process.is_none(), "the node is running");
        let mut held = Held(self.database()?);
        held.run("ATTACH ':memory:' AS held")?;
        let last = "SELECT rowid FROM main.messages ORDER BY arrived_at DESC, cursor DESC LIMIT 1";
        held.run(&format!(
            "CREATE TABLE held.messages AS SELECT * FROM main.messages WHERE rowid IN ({last})"
        ))?;
        let gone = held.run(&format!(
            "DELETE FROM main.messages WHERE rowid IN ({last})"
        ))?;
        ensure!(gone == 1, "there is no envelope to hold back");
        Ok(held)
    }

    /// Puts an envelope into the database of a node that does not run, after all that came meanwhile.
    ///
    /// # Errors
    /// When the node runs.
    pub fn bring(&self, mut held: Held) -> Result<()> {
        ensure!(self.process.is_none(), "the node is running");
        held.run(
            "UPDATE main.accounts SET last_cursor = last_cursor + 1
             WHERE id IN (SELECT account FROM held.messages)",
        )?;
        held.run(
            "UPDATE held.messages SET cursor =
             (SELECT last_cursor FROM main.accounts WHERE id = account)",
        )?;
        held.run("INSERT INTO main.messages SELECT * FROM held.messages")?;
        Ok(())
    }

    fn database(&self) -> Result<SqliteConnection> {
        for file in files(self.data.path())? {
            if std::fs::read(&file)?.starts_with(b"SQLite format 3\0") {
                let path = file.to_str().context("the folder's name is not text")?;
                let mut database = SqliteConnection::establish(path)?;
                diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut database)?;
                return Ok(database);
            }
        }
        bail!(
            "{} has no database in {}",
            self.name,
            self.data.path().display()
        )
    }
}

/// An envelope that was taken out of a node's database.
pub struct Held(SqliteConnection);

impl Held {
    fn run(&mut self, statement: &str) -> Result<usize> {
        Ok(diesel::sql_query(statement).execute(&mut self.0)?)
    }
}

async fn signal(process: &Child, signal: &str) -> Result<()> {
    let pid = process
        .id()
        .context("the node has ended by itself")?
        .to_string();
    let sent = Command::new("kill").args([signal, &pid]).status().await?;
    ensure!(sent.success(), "no signal could be sent");
    Ok(())
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
