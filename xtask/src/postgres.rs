//! A PostgreSQL server for tests and measurements: private, in a temporary folder, reached only through
//! a socket in it, and gone with the command. Nothing that is already running is touched.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::plan;
use crate::project::Project;
use crate::system;

/// Names a server to use instead, and tells programs which one to use.
pub const VARIABLE: &str = "TEST_DATABASE_URL";

/// Whether what is committed survives the machine. Tests do not need that, measurements do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production.
    Synced,
    /// Faster, for what is thrown away.
    Unsynced,
}

/// `cargo xtask with-postgres PROGRAM ARGUMENTS`: runs a program that finds a server in its environment.
pub fn with(project: &Project, command: &[String]) -> Result<ExitCode> {
    let (durability, command) = match command {
        [option, rest @ ..] if option == "--synced" => (Durability::Synced, rest),
        all => (Durability::Unsynced, all),
    };
    let [program, arguments @ ..] = command else {
        bail!("no program is named");
    };
    plan::perform_all(
        system::install_missing(project, &[system::POSTGRES])
            .into_iter()
            .collect(),
    )?;
    let server = Server::start(project, durability)?;
    let status = project
        .command(program)
        .args(arguments)
        .env(VARIABLE, server.url())
        .status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A running server; ended and removed with this.
pub struct Server {
    url: String,
    own: Option<Own>,
}

struct Own {
    programs: PathBuf,
    folder: PathBuf,
}

impl Server {
    /// Starts one, or takes the one that is named in the environment.
    pub fn start(project: &Project, durability: Durability) -> Result<Self> {
        if let Ok(url) = std::env::var(VARIABLE) {
            return Ok(Self { url, own: None });
        }
        let initdb = system::POSTGRES.find()?;
        let programs = initdb
            .parent()
            .context("a program is in a folder")?
            .to_path_buf();
        let folder = std::env::temp_dir().join(format!("zechat-postgres-{}", std::process::id()));
        // It must not be there: somebody else may have prepared it.
        // It asks nobody for a password, so nobody else may come to its socket.
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let own = Own { programs, folder };
        own.start(project, durability)?;
        let place = own.folder.display();
        Ok(Self {
            url: format!("postgresql:///postgres?host={place}&user=postgres"),
            own: Some(own),
        })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Own {
    fn start(&self, project: &Project, durability: Durability) -> Result<()> {
        if system::is_root(project) {
            let mut chown = project.command("chown");
            quiet(chown.arg("postgres:").arg(&self.folder))?;
        }
        let data = self.folder.join("data");
        let mut initdb = self.command(project, "initdb");
        initdb
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(&data);
        quiet(&mut initdb)?;
        let folder = self.folder.display();
        let mut options = format!(
            "-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=400"
        );
        if durability == Durability::Unsynced {
            options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        }
        let mut start = self.command(project, "pg_ctl");
        start
            .args(["-w", "-t", "60", "-o", &options, "-l"])
            .arg(self.folder.join("log"))
            .arg("-D")
            .arg(&data)
            .arg("start");
        quiet(&mut start)
    }

    /// One of the server's programs. It refuses to run as root, so root becomes somebody else.
    fn command(&self, project: &Project, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if system::is_root(project) {
            let mut command = project.command("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            project.command(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let (Some(own), Ok(project)) = (&self.own, Project::find()) else {
            return;
        };
        let mut stop = own.command(&project, "pg_ctl");
        stop.args(["-m", "immediate", "-w", "-D"])
            .arg(own.folder.join("data"))
            .arg("stop");
        // What cannot be ended or removed lies in the folder for temporary things.
        let _ = quiet(&mut stop);
        let _ = std::fs::remove_dir_all(&own.folder);
    }
}

fn quiet(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
