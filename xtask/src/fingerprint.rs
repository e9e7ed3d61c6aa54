//! A short name for the state of files, to know whether something was made from just these.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Characters that are enough for people to tell one from another.
const SHORT: usize = 12;

/// The hash over names and contents of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Reads all files at and below `places`, which are relative to `root`; a place that is not there
    /// counts as empty. `more` is whatever else decides what comes out.
    pub fn of(root: &Path, places: &[&str], more: &[&str]) -> Result<Self> {
        let mut hash = Sha256::new();
        for text in more {
            feed(&mut hash, text.as_bytes());
        }
        for file in files_below(root, places)? {
            feed(
                &mut hash,
                file.strip_prefix(root)
                    .unwrap_or(&file)
                    .as_os_str()
                    .as_encoded_bytes(),
            );
            let bytes =
                std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            feed(&mut hash, &bytes);
        }
        Ok(Self(HEXLOWER.encode(&hash.finalize())))
    }

    /// The same from names, sizes and times of change: no file is opened, so it can be asked for often.
    pub fn at_a_glance(root: &Path, places: &[&str]) -> Result<Self> {
        let mut hash = Sha256::new();
        for file in files_below(root, places)? {
            // An editor may replace a file at this very moment: then it has changed.
            if let Ok(about) = std::fs::metadata(&file) {
                feed(&mut hash, file.as_os_str().as_encoded_bytes());
                feed(
                    &mut hash,
                    format!("{} {:?}", about.len(), about.modified().ok()).as_bytes(),
                );
            }
        }
        Ok(Self(HEXLOWER.encode(&hash.finalize())))
    }

    /// The hash in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its beginning, for people to compare.
    pub fn short(&self) -> &str {
        self.0.get(..SHORT).unwrap_or(&self.0)
    }
}

/// Length first, so that no two sequences of inputs run together into the same bytes.
fn feed(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(bytes.len().to_string());
    hash.update(b":");
    hash.update(bytes);
}

/// All files at and below the places, sorted.
pub fn files_below(root: &Path, places: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = places.iter().map(|place| root.join(place)).collect();
    while let Some(place) = left.pop() {
        if place.is_dir() {
            let entries = std::fs::read_dir(&place)
                .with_context(|| format!("cannot list {}", place.display()))?;
            for entry in entries {
                left.push(entry?.path());
            }
        } else if place.is_file() {
            found.push(place);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_names_and_the_rest_all_count() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("src")).unwrap();
        std::fs::write(root.join("src/a"), "one").unwrap();
        let of = |more: &[&str]| Fingerprint::of(root, &["src", "missing"], more).unwrap();
        let first = of(&["x"]);
        assert_eq!(first, of(&["x"]));
        assert_ne!(first, of(&["y"]));
        std::fs::write(root.join("src/a"), "two").unwrap();
        let second = of(&["x"]);
        assert_ne!(first, second);
        std::fs::rename(root.join("src/a"), root.join("src/b")).unwrap();
        assert_ne!(second, of(&["x"]));
        std::fs::rename(root.join("src/b"), root.join("src/a")).unwrap();
        assert_eq!(second, of(&["x"]));
    }
}
