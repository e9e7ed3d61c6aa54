//! Libraries in C that are put under the programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// Compiles one, with the compiler that `CC` names or the system's.
pub fn library(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let source = folder.join(format!("{name}.c"));
    let library = folder.join(format!("{name}.so"));
    std::fs::write(&source, text)?;
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let status = Command::new(&compiler)
        .args(["-shared", "-fPIC", "-O2", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .status()
        .with_context(|| compiler.clone())?;
    anyhow::ensure!(status.success(), "{name}.c does not compile");
    Ok(library)
}
