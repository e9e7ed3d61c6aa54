//! Time that passes without being waited for. Nothing in programs is made for it; they are told a wrong time of day, as by a
//! machine whose clock is ahead.

use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;
use tokio::process::Command;

const SOURCE: &str = include_str!("clock.c");

/// A day.
pub const DAY: Duration = Duration::from_secs(86_400);

/// The folder of the compiled library; there for as long as the tests run.
static LIBRARY: LazyLock<Mutex<Option<tempfile::TempDir>>> = LazyLock::new(Mutex::default);

/// A clock that is ahead, the same for all programs that look at it.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The seconds, as `clock.c` reads them.
    file: Arc<NamedTempFile>,
}

impl Clock {
    /// One that is ahead so much.
    ///
    /// # Errors
    /// When no file can be written.
    pub fn ahead(span: Duration) -> Result<Self> {
        let file = Arc::new(NamedTempFile::with_prefix("zechat-clock-")?);
        let clock = Self { file };
        clock.set(span.as_secs())?;
        Ok(clock)
    }

    /// Has a program look at it, once it is started.
    ///
    /// # Errors
    /// When there is no C compiler.
    pub fn show(&self, command: &mut Command) -> Result<()> {
        command.env("LD_PRELOAD", library()?);
        command.env("ZECHAT_CLOCK", self.file.path());
        Ok(())
    }

    /// Lets time pass, also for programs that run.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn pass(&self, span: Duration) -> Result<()> {
        let mut now = [0; 8];
        self.file.as_file().read_exact_at(&mut now, 0)?;
        self.set(u64::from_ne_bytes(now).saturating_add(span.as_secs()))
    }

    fn set(&self, seconds: u64) -> Result<()> {
        let seconds = seconds.to_ne_bytes();
        Ok(self.file.as_file().write_all_at(&seconds, 0)?)
    }
}

/// Lets time pass on a clock; where there is none so far, one is made.
///
/// # Errors
/// When it cannot be written.
pub fn pass(clock: &mut Option<Clock>, span: Duration) -> Result<()> {
    match clock {
        Some(clock) => clock.pass(span)?,
        None => *clock = Some(Clock::ahead(span)?),
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

    async fn seconds_told(clock: &Clock) -> Result<u64> {
        let mut date = Command::new("date");
        clock.show(date.arg("+%s"))?;
        let told = String::from_utf8(date.output().await?.stdout)?;
        Ok(told.trim().parse()?)
    }

    #[tokio::test]
    async fn a_program_believes_that_days_have_passed() -> Result<()> {
        let clock = Clock::ahead(Duration::ZERO)?;
        let now = seconds_told(&clock).await?;
        clock.pass(7 * DAY)?;
        clock.pass(7 * DAY)?;
        let passed = seconds_told(&clock).await?.saturating_sub(now);
        let days = passed / DAY.as_secs();
        ensure!(days == 14, "{days} days have passed");
        Ok(())
    }
}
