//! A place for a node, and the program that is run on it as an operator does.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use diesel::Connection as _;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use serde_json::Value;
use tempfile::TempDir;
use zechat_node::settings::Settings;

use super::program::Program;
use super::support::TestDatabase;

/// Where a node has its data: a folder, and a database on the server if the tests use one.
pub struct Site {
    folder: TempDir,
    pub database: Option<TestDatabase>,
}

impl Site {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: TestDatabase::create(),
        }
    }

    /// Some things are true of files only.
    pub fn of_files() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: None,
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let url = self.database.as_ref().map(TestDatabase::url);
        url.map(|url| ("ZECHAT__DATABASE__URL", url))
            .into_iter()
            .collect()
    }

    /// Has a node of the test's own process keep its data here.
    pub fn hold(&self, settings: &mut Settings) {
        self.path().clone_into(&mut settings.server.data);
        if let Some(database) = &self.database {
            database.url().clone_into(&mut settings.database.url);
        }
    }

    /// A node that runs here.
    pub fn start(&self, listen: &str, more: &[&str]) -> Program {
        Program::start_in(self.path(), listen, more, &self.environment())
    }

    /// The program with the settings of the test only.
    pub fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zechat-node"));
        command
            .env("HOME", self.path())
            .env_remove("XDG_CONFIG_HOME")
            .env("ZECHAT__LOG__FILTER", "warn")
            .envs(self.environment())
            .stdin(Stdio::null())
            .arg("--data")
            .arg(self.path());
        command
    }

    pub fn output(&self, arguments: &[&str]) -> Output {
        self.program().args(arguments).output().unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.output(&[&["--json"], arguments].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Takes the newest migrations back: what is left is what an older version has made.
    pub fn take_back(&self, migrations: usize) {
        let of = |backend: &str| {
            let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
            FileBasedMigrations::from_path(all.join(backend)).unwrap()
        };
        if let Some(database) = &self.database {
            let mut connection = PgConnection::establish(database.url()).unwrap();
            for _ in 0..migrations {
                connection.revert_last_migration(of("postgres")).unwrap();
            }
        } else {
            let mut connection = SqliteConnection::establish(&self.file("zechat.db")).unwrap();
            for _ in 0..migrations {
                connection.revert_last_migration(of("sqlite")).unwrap();
            }
        }
    }

    /// Exit code and words of a command that fails.
    pub fn failure(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.output(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), words)
    }

    /// What lies in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}
