//! Days that pass without being waited for: programs that are started later believe that it is
//! later. Nothing in them is made for it; they are told a wrong time of day, as by a machine whose
//! clock is ahead.

use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

const SOURCE: &str = include_str!("clock.c");

const SECONDS_IN_A_DAY: u32 = 86_400;

/// The folder of the compiled library; there for as long as the tests run.
static LIBRARY: LazyLock<Mutex<Option<tempfile::TempDir>>> = LazyLock::new(Mutex::default);

/// Starts a program so that it believes that so many days have passed.
///
/// # Errors
/// When there is no C compiler.
pub fn shift(command: &mut Command, days: u32) -> Result<()> {
    if days > 0 {
        command.env("LD_PRELOAD", library()?);
        command.env(
            "ZECHAT_SECONDS_AHEAD",
            days.saturating_mul(SECONDS_IN_A_DAY).to_string(),
        );
    }
    Ok(())
}

fn library() -> Result<PathBuf> {
    let mut library = LIBRARY.lock().unwrap_or_else(PoisonError::into_inner);
    if library.is_none() {
        *library = Some(compile()?);
    }
    let folder = library.as_ref().context("there is no library")?;
    Ok(folder.path().join("clock.so"))
}

fn compile() -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("zechat-clock-").tempdir()?;
    let source = folder.path().join("clock.c");
    std::fs::write(&source, SOURCE)?;
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let done = std::process::Command::new(compiler)
        .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(folder.path().join("clock.so"))
        .arg(source)
        .arg("-ldl")
        .status()
        .context("running the C compiler")?;
    ensure!(done.success(), "the clock does not compile");
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_told(days: u32) -> Result<u64> {
        let mut date = Command::new("date");
        shift(date.arg("+%s"), days)?;
        let told = String::from_utf8(date.output().await?.stdout)?;
        Ok(told.trim().parse()?)
    }

    #[tokio::test]
    async fn a_program_believes_that_days_have_passed() -> Result<()> {
        let (now, later) = (seconds_told(0).await?, seconds_told(14).await?);
        let passed = later.saturating_sub(now) / u64::from(SECONDS_IN_A_DAY);
        ensure!(passed == 14, "{passed} days have passed");
        Ok(())
    }
}
