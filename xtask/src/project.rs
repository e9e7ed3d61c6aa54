//! Where things are: the checkout, its build folder, the tools installed in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// What cargo makes only for the next build of a crate, and for debuggers: more than half of all it would write.
/// The alias in `.cargo/config.toml` says the same, so that these commands themselves are built once.
const LEFT_OUT: [(&str, &str); 2] = [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")];

/// Names cargo's build folder, for who wants it elsewhere than in the checkout.
const TARGET_FOLDER: &str = "CARGO_TARGET_DIR";

/// What lies in a checkout and is made by these commands, or by git.
const NO_SOURCES: [&str; 4] = [".git", "data", "dist", "target"];

/// The folders of one checkout.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
    tools: PathBuf,
}

impl Project {
    /// Finds the checkout that this program was started from.
    pub fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask is not inside the project")?
            .to_path_buf();
        let target = match std::env::var_os(TARGET_FOLDER) {
            Some(folder) => std::path::absolute(folder)?,
            None => root.join("target"),
        };
        let tools = target.join("tools");
        Ok(Self {
            root,
            target,
            tools,
        })
    }

    /// A copy of the sources in another folder, where nothing is built yet; the tools are the same.
    pub fn copied_to(&self, root: PathBuf) -> Result<Self> {
        copy(&self.root, &root, &|folder| {
            folder != self.target && NO_SOURCES.iter().all(|name| folder != self.root.join(name))
        })?;
        Ok(Self {
            target: root.join("target"),
            root,
            tools: self.tools.clone(),
        })
    }

    /// The top of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout, or the path itself if it is absolute.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's build folder.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where cargo puts the programs of a profile (`debug`, `release`).
    pub fn built(&self, profile: &str, name: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(name)
            .with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// The finished web client.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Programs that cargo installed for this project alone.
    pub fn tools(&self) -> PathBuf {
        self.tools.clone()
    }

    /// Logs, locks and other files of these commands.
    pub fn scratch(&self) -> Result<PathBuf> {
        let folder = self.target.join("xtask");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(folder)
    }

    /// A command that starts in the checkout, finds the project's tools first, and sees the
    /// environment that a shell would give it. What takes much room and most of these commands do not need
    /// only who sets its variable gets.
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            if is_set_by_cargo_run(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.tools().join("bin")).chain(std::env::split_paths(&path));
        if let Ok(joined) = std::env::join_paths(folders) {
            command.env("PATH", joined);
        }
        if std::env::var_os(TARGET_FOLDER).is_some() {
            command.env(TARGET_FOLDER, &self.target);
        }
        for (name, value) in LEFT_OUT {
            if std::env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        command
    }
}

/// Copies a folder, without the folders that are not wanted.
fn copy(from: &Path, to: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true if is_wanted(&path) => copy(&path, &target, is_wanted)?,
            true => {}
            false => drop(std::fs::copy(&path, target)?),
        }
    }
    Ok(())
}

/// Has cargo make that all the same, for who builds again and again.
pub fn building_often(command: &mut Command) -> &mut Command {
    for (name, _) in LEFT_OUT {
        if std::env::var_os(name).is_none() {
            command.env_remove(name);
        }
    }
    command
}

/// What `cargo run` adds to the environment. Build scripts that watch it would run again on every
/// change between `cargo xtask test` and `cargo test`.
fn is_set_by_cargo_run(name: &str) -> bool {
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
        || ["CARGO", "OUT_DIR"].contains(&name)
}
