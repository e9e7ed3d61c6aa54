//! Where the programs are that the stories need, and how their output is kept.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The node program, with the client in it.
///
/// # Errors
/// When the environment does not name it: it is never skipped in silence.
pub fn node() -> Result<PathBuf> {
    let path = env::var_os("ZECHAT_NODE_BIN")
        .context("ZECHAT_NODE_BIN is not set: run the browser stories with `cargo xtask test`")?;
    existing("ZECHAT_NODE_BIN", path.into())
}

/// The browser.
///
/// # Errors
/// When it is not there.
pub fn chromium() -> Result<PathBuf> {
    named("ZECHAT_CHROMIUM", "/usr/bin/chromium")
}

/// The browser's driver.
///
/// # Errors
/// When it is not there.
pub fn chromedriver() -> Result<PathBuf> {
    named("ZECHAT_CHROMEDRIVER", "/usr/bin/chromedriver")
}

/// The project's own commands.
///
/// # Errors
/// When the environment does not name them.
pub fn xtask() -> Result<PathBuf> {
    let path = env::var_os("ZECHAT_XTASK").context("ZECHAT_XTASK is not set")?;
    existing("ZECHAT_XTASK", path.into())
}

/// The folder of the client that is in the node.
///
/// # Errors
/// When the environment does not name it.
pub fn client() -> Result<PathBuf> {
    let path = env::var_os("ZECHAT_CLIENT").context("ZECHAT_CLIENT is not set")?;
    let folder = PathBuf::from(path);
    existing("ZECHAT_CLIENT", folder.join("index.html"))?;
    Ok(folder)
}

/// Copies a client's folder.
///
/// # Errors
/// When files cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Replaces a file of a client, and takes away its compressed variants.
///
/// # Errors
/// When files cannot be written.
pub fn replace(client: &Path, name: &str, text: &str) -> Result<()> {
    for variant in ["br", "gz"] {
        let variant = client.join(format!("{name}.{variant}"));
        if variant.exists() {
            std::fs::remove_file(variant)?;
        }
    }
    Ok(std::fs::write(client.join(name), text)?)
}

/// What says in the place of the script that nobody looks, as looking would disturb what is measured.
const NOBODY_LOOKS: &str = "none";

/// The script of axe-core; `None` where something is measured.
///
/// # Errors
/// When the environment does not name it.
pub fn axe() -> Result<Option<PathBuf>> {
    let path = env::var_os("ZECHAT_AXE")
        .context("ZECHAT_AXE is not set: run the browser stories with `cargo xtask test`")?;
    if path == NOBODY_LOOKS {
        return Ok(None);
    }
    existing("ZECHAT_AXE", path.into()).map(Some)
}

/// The folder with a client that has the gallery.
///
/// # Errors
/// When the environment does not name it.
pub fn gallery() -> Result<PathBuf> {
    let path = env::var_os("ZECHAT_GALLERY");
    let path = path.context("ZECHAT_GALLERY is not set: use `cargo xtask screenshots`")?;
    let folder = PathBuf::from(path);
    existing("ZECHAT_GALLERY", folder.join("index.html"))?;
    Ok(folder)
}

/// The folder for screenshots, when somebody wants them.
pub fn screenshots() -> Option<PathBuf> {
    env::var_os("ZECHAT_SCREENSHOTS").map(PathBuf::from)
}

fn named(variable: &str, default: &str) -> Result<PathBuf> {
    existing(
        variable,
        env::var_os(variable)
            .unwrap_or_else(|| default.into())
            .into(),
    )
}

fn existing(variable: &str, path: PathBuf) -> Result<PathBuf> {
    if !path.is_file() {
        bail!(
            "there is no {}: set {variable}, or run `cargo xtask test`",
            path.display()
        );
    }
    Ok(path)
}

/// Everything that a program has printed so far.
#[derive(Debug, Clone, Default)]
pub struct Output {
    text: Arc<Mutex<String>>,
}

impl Output {
    /// Keeps reading, so that the program never waits for a reader.
    pub fn keep(&self, from: impl AsyncRead + Unpin + Send + 'static) {
        let text = Arc::clone(&self.text);
        tokio::spawn(async move {
            let mut lines = BufReader::new(from).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
        });
    }

    /// What was printed.
    pub fn text(&self) -> String {
        self.text
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What stands between two texts in one line, once it was printed.
    pub fn find(&self, before: &str, after: char) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(before)?;
        rest.split_once(after).map(|(found, _)| found.to_owned())
    }
}
