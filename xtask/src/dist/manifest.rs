//! The list of hashes of one build, which everybody can compare with a build of their own.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{read, sha256, write};
use crate::fingerprint::Fingerprint;

/// The file's name in the client's folder. A node serves it at `/.well-known/zechat/client`.
pub const NAME: &str = "client-manifest.json";

/// What the client consists of.
#[derive(Serialize, Deserialize)]
pub struct Manifest {
    /// SHA-256 over the lines `<sha256> <path>` of all files, sorted by path, each ended by a newline.
    build: String,
    /// Names the state of the sources and the compiler that it was built from.
    sources: String,
    /// SHA-256 of each file, by path.
    files: BTreeMap<String, String>,
}

impl Manifest {
    /// Hashes the files.
    pub fn of(dist: &Path, names: &[String], sources: &Fingerprint) -> Result<Self> {
        let mut files = BTreeMap::new();
        for name in names {
            files.insert(format!("/{name}"), sha256(read(dist, name)?));
        }
        let lines: String = files
            .iter()
            .map(|(path, hash)| format!("{hash} {path}\n"))
            .collect();
        Ok(Self {
            build: sha256(lines),
            sources: sources.as_str().to_owned(),
            files,
        })
    }

    /// Writes it, with the name that marks the folder as finished.
    pub fn write(&self, dist: &Path) -> Result<()> {
        write(dist, NAME, serde_json::to_string_pretty(self)?)
    }

    /// Removes it, if it is there.
    pub fn remove(dist: &Path) -> Result<()> {
        match std::fs::remove_file(dist.join(NAME)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context("cannot remove the client's manifest")
            }
            _ => Ok(()),
        }
    }

    /// Reads it; `None` if the folder is not finished.
    pub fn read(dist: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(dist.join(NAME)).ok()?).ok()
    }

    /// Whether this build is of these sources.
    pub fn is_built_from(&self, sources: &Fingerprint) -> bool {
        self.sources == sources.as_str()
    }
}
