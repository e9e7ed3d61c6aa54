//! Cargo-installed programs at exact versions, in `target/tools`: nothing outside the project changes,
//! and two checkouts may want different ones.

use anyhow::{Context, Result};

use crate::plan::{Outcome, Task};
use crate::process;
use crate::project::Project;

/// A program from crates.io.
pub struct Tool {
    krate: &'static str,
    version: String,
    programs: &'static [&'static str],
}

impl Tool {
    /// Packs the web client. 0.22 needs a newer compiler than this project does.
    pub fn trunk() -> Self {
        Self {
            krate: "trunk",
            version: "0.21.14".to_owned(),
            programs: &["trunk"],
        }
    }

    /// Checks the dependencies against deny.toml. Less than a minute to install, as the rest.
    pub fn cargo_deny() -> Self {
        Self {
            krate: "cargo-deny",
            version: "0.20.1".to_owned(),
            programs: &["cargo-deny"],
        }
    }

    /// Makes the glue between WebAssembly and the page, and runs tests in the browser. It must be of
    /// exactly the version of the library.
    pub fn wasm_bindgen(project: &Project) -> Result<Self> {
        let lock = std::fs::read_to_string(project.path("Cargo.lock"))
            .context("cannot read Cargo.lock")?;
        let version =
            locked_version(&lock, "wasm-bindgen").context("no wasm-bindgen in Cargo.lock")?;
        Ok(Self {
            krate: "wasm-bindgen-cli",
            version: version.to_owned(),
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        })
    }

    /// The step that installs it; none if it is there.
    pub fn install_missing(self, project: &Project) -> Option<Task<'_>> {
        if self.is_installed(project) {
            return None;
        }
        let label = format!("installing {} {}, once", self.krate, self.version);
        Some(Task::new(label, move |step| {
            let log = project.scratch()?.join(format!("{}.log", self.krate));
            process::run_quietly(&mut self.installation(project), step, &log)?;
            Ok(Outcome::Done)
        }))
    }

    fn is_installed(&self, project: &Project) -> bool {
        self.programs.iter().all(|program| {
            let mut ask = project.command(project.tools().join("bin").join(program));
            process::text_of(ask.arg("--version"))
                .is_some_and(|answer| answer.split_whitespace().nth(1) == Some(&self.version))
        })
    }

    fn installation(&self, project: &Project) -> std::process::Command {
        let mut command = project.command("cargo");
        command
            .args(["install", self.krate, "--version", &self.version])
            // Without default features trunk and cargo-deny have no network code, which is a third
            // of their compile time and nothing that a build should use.
            .args(["--locked", "--force", "--no-default-features", "--root"])
            .arg(project.tools());
        for program in self.programs {
            command.args(["--bin", program]);
        }
        // They run for seconds, so their own speed does not matter and the compile time does:
        // optimised, they take four times as long to install.
        command
            .envs([
                ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
                ("CARGO_PROFILE_RELEASE_LTO", "off"),
                ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
                ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
                ("CARGO_PROFILE_RELEASE_STRIP", "true"),
            ])
            .env_remove("CARGO_TARGET_DIR")
            // Not in the checkout: its settings are for its own crates.
            .current_dir(std::env::temp_dir());
        command
    }
}

/// The version of a package in a lock file.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?;
    version.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_package_and_not_of_one_named_alike() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.128\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.128"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
