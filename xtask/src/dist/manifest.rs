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
    sources: Fingerprint,
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
            sources: sources.clone(),
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

    /// Reads one that a node sent.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The hash over all files.
    pub fn build(&self) -> &str {
        &self.build
    }

    /// What the page shows as the name of its build. It stands in one of the files, so it can be no hash over them.
    pub fn shown_as(&self) -> &str {
        self.sources.short()
    }

    /// The paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether these are the bytes of the file.
    pub fn is_same(&self, path: &str, bytes: &[u8]) -> bool {
        self.files
            .get(path)
            .is_some_and(|hash| *hash == sha256(bytes))
    }

    /// In what another list differs, in words.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut words = Vec::new();
        for (path, hash) in &self.files {
            match other.files.get(path) {
                Some(theirs) if theirs == hash => {}
                Some(_) => words.push(format!("{path} has another hash in the node's list")),
                None => words.push(format!("{path} is not in the node's list")),
            }
        }
        let more = other
            .files
            .keys()
            .filter(|path| !self.files.contains_key(*path));
        words.extend(more.map(|path| format!("{path} is only in the node's list")));
        if self.build != other.build {
            words.push(format!(
                "the node's build is {}, ours {}",
                other.build, self.build
            ));
        }
        words
    }

    /// Whether this build is of these sources.
    pub fn is_built_from(&self, sources: &Fingerprint) -> bool {
        self.sources == *sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: &[(&str, &str)]) -> Manifest {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), sha256(text)));
        Manifest {
            build: "b".to_owned(),
            sources: serde_json::from_str("\"s\"").unwrap(),
            files: files.collect(),
        }
    }

    #[test]
    fn lists_that_differ_say_in_what() {
        let ours = manifest(&[("/a.js", "1"), ("/b.js", "2")]);
        assert!(
            ours.differences(&manifest(&[("/a.js", "1"), ("/b.js", "2")]))
                .is_empty()
        );
        let theirs = manifest(&[("/a.js", "x"), ("/c.js", "3")]);
        let words = ours.differences(&theirs).join("\n");
        assert_eq!(
            words,
            "/a.js has another hash in the node's list\n/b.js is not in the node's list\n/c.js is only in the node's list"
        );
        assert!(
            ours.is_same("/a.js", b"1")
                && !ours.is_same("/a.js", b"2")
                && !ours.is_same("/d.js", b"1")
        );
    }
}
