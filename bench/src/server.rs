//! The two programs that are measured, as processes of their own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Names the server on which databases are made.
pub const SERVER: &str = "TEST_DATABASE_URL";

/// Where mail is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            other => bail!("there is no backend `{other}`: sqlite, postgres"),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Settings that turn off what would hold a measurement back.
pub const UNLIMITED: &[(&str, &str)] = &[
    ("ZECHAT__FEDERATION__OUTBOX_COUNT", "1000000000"),
    ("ZECHAT__FEDERATION__OUTBOX_BYTES", "1000000000000"),
    ("ZECHAT__MAIL__QUOTA_COUNT", "1000000000"),
    ("ZECHAT__MAIL__QUOTA_BYTES", "1000000000000"),
    ("ZECHAT__LIMITS__ACCOUNT_PER_SECOND", "0"),
    ("ZECHAT__LIMITS__ACCOUNT_BURST", "0"),
    ("ZECHAT__LIMITS__PEER_PER_SECOND", "0"),
    ("ZECHAT__LIMITS__PEER_BURST", "0"),
    ("ZECHAT__LIMITS__ADDRESS_PER_SECOND", "0"),
    ("ZECHAT__LIMITS__ADDRESS_BURST", "0"),
    ("ZECHAT__LIMITS__REGISTRATIONS_PER_HOUR", "0"),
    ("ZECHAT__LIMITS__CONNECTIONS", "0"),
    ("ZECHAT__LIMITS__CONNECTIONS_PER_ADDRESS", "0"),
    ("ZECHAT__LIMITS__CONNECTIONS_PER_ACCOUNT", "0"),
    ("ZECHAT__LOG__FILTER", "error"),
];

/// Where a node keeps its mail.
pub enum Place<'a> {
    /// In this file.
    File(PathBuf),
    /// In this database of a server.
    Url(&'a str),
}

/// A server with its database; both end with this.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
    /// From its start until it listens.
    pub start: Duration,
    database: Option<String>,
    folder: tempfile::TempDir,
}

/// Where a server notes its syncs, in its folder.
const SYNCS: &str = "syncs";

impl Server {
    /// The node.
    pub fn node(program: &Path, backend: Backend, preload: Option<&Path>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = make_database(backend)?;
        Self::node_in(program, folder, database, preload)
    }

    /// The node, with what is put into its database before it starts.
    pub fn node_filled(
        program: &Path,
        backend: Backend,
        fill: impl FnOnce(Place<'_>) -> Result<()>,
    ) -> Result<Self> {
        let mut empty = Self::node(program, backend, None)?;
        empty.child.kill()?;
        empty.child.wait()?;
        let database = empty.database.take();
        let folder = std::mem::replace(&mut empty.folder, tempfile::tempdir()?);
        fill(match &database {
            Some(url) => Place::Url(url),
            None => Place::File(folder.path().join("zechat.db")),
        })?;
        Self::node_in(program, folder, database, None)
    }

    fn node_in(
        program: &Path,
        folder: tempfile::TempDir,
        database: Option<String>,
        preload: Option<&Path>,
    ) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--allow-private-networks",
                "--data",
            ])
            .arg(folder.path())
            .envs(UNLIMITED.iter().copied());
        if let Some(url) = &database {
            command.env("ZECHAT__DATABASE__URL", url);
        }
        Self::spawn(command, database, folder, preload)
    }

    /// The bare stack.
    pub fn bare(backend: Backend, preload: Option<&Path>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = make_database(backend)?;
        let file = folder.path().join("bare.db");
        let place = match &database {
            Some(url) => url.clone(),
            None => file.to_string_lossy().into_owned(),
        };
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", &place]);
        Self::spawn(command, database, folder, preload)
    }

    fn spawn(
        mut command: Command,
        database: Option<String>,
        folder: tempfile::TempDir,
        preload: Option<&Path>,
    ) -> Result<Self> {
        if let Some(shim) = preload {
            let syncs = folder.path().join(SYNCS);
            command.env("LD_PRELOAD", shim).env("ZECHAT_SYNCS", syncs);
        }
        let begin = now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut line)?;
        let start = begin.elapsed();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .with_context(|| format!("a server does not start: {line}"))?
            .to_owned();
        Ok(Self {
            child,
            address,
            start,
            database,
            folder,
        })
    }

    /// Syncs so far, where they are counted.
    pub fn syncs(&self) -> u64 {
        // Nothing is written before the first.
        std::fs::metadata(self.folder.path().join(SYNCS)).map_or(0, |about| about.len())
    }

    /// Processor time that its threads have used so far, in microseconds: of those that live to the nanosecond, and
    /// what the process as a whole is said to have used, in hundredths of a second, if that is more, because some ended.
    pub fn cpu(&self) -> Result<u64> {
        let process = format!("/proc/{}", self.child.id());
        let mut nanoseconds = 0_u64;
        for thread in std::fs::read_dir(format!("{process}/task"))? {
            // One that has just ended has no more to say.
            let about = std::fs::read_to_string(thread?.path().join("schedstat"));
            let used = about.ok().and_then(|about| {
                let used = about.split_whitespace().next()?;
                used.parse::<u64>().ok()
            });
            nanoseconds = nanoseconds.saturating_add(used.unwrap_or_default());
        }
        let about = std::fs::read_to_string(format!("{process}/stat"))?;
        let (_, about) = about.rsplit_once(')').context("stat of a process")?;
        let mut ticks = about.split_whitespace().skip(11).map(str::parse::<u64>);
        let (user, system) = ticks
            .next()
            .zip(ticks.next())
            .context("times of a process")?;
        let whole = user?.saturating_add(system?).saturating_mul(10_000);
        Ok(whole.max(nanoseconds.div_euclid(1_000)))
    }

    /// Memory in use, in KiB.
    pub fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; what is left of a database goes with the server.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(url) = &self.database {
            let _ = drop_database(url);
        }
    }
}

/// A clock for durations.
pub fn now() -> std::time::Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "a measurement is about real time"
    )]
    std::time::Instant::now()
}

pub fn make_database(backend: Backend) -> Result<Option<String>> {
    if backend == Backend::Sqlite {
        return Ok(None);
    }
    let server = std::env::var(SERVER).context("TEST_DATABASE_URL names no server")?;
    let name = format!(
        "zechat_bench_{}",
        zechat_node::random::below(u64::from(u32::MAX))
    );
    admin(&server, &format!("CREATE DATABASE {name}"))?;
    let (base, options) = server.split_once('?').unwrap_or((&server, ""));
    let (place, _) = base.rsplit_once('/').context("postgresql://HOST/NAME")?;
    Ok(Some(format!("{place}/{name}?{options}")))
}

pub fn drop_database(url: &str) -> Result<()> {
    let server = std::env::var(SERVER)?;
    let base = url.split_once('?').map_or(url, |(base, _)| base);
    let (_, name) = base.rsplit_once('/').context("a name")?;
    admin(&server, &format!("DROP DATABASE {name} WITH (FORCE)"))
}

fn admin(server: &str, command: &str) -> Result<()> {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;
    let mut connection = diesel::PgConnection::establish(server)?;
    Ok(connection.batch_execute(command)?)
}
