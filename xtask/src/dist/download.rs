//! How much a first visit downloads.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::Result;

use super::read;

/// What a first visit may weigh: a few seconds on a slow telephone line.
const BUDGET: u64 = 740 * 1024;

/// What stands in the program but is loaded only when it is needed: the reader of codes, the licences of libraries.
const LATER: &[&str] = &[
    "qr-worker.js",
    "qr-reader.js",
    "qr-reader_bg.wasm",
    super::licences::NAME,
];

/// The sum over the page and everything that it leads to, in bytes, compressed where a variant exists.
pub struct Download(u64);

impl Download {
    /// Follows the page: a file counts when its name stands in a file that counts.
    pub fn measure(dist: &Path, files: &[String]) -> Result<Self> {
        let mut left: BTreeSet<&str> = files.iter().map(String::as_str).collect();
        left.retain(|name| !LATER.contains(name));
        let mut reached = vec!["index.html"];
        let mut bytes = 0;
        while let Some(name) = reached.pop() {
            left.remove(name);
            let contents = read(dist, name)?;
            bytes += transferred(dist, name)?;
            let named: Vec<&str> = left
                .iter()
                .copied()
                .filter(|other| mentions(&contents, other))
                .collect();
            for other in named {
                left.remove(other);
                reached.push(other);
            }
        }
        Ok(Self(bytes))
    }

    /// The sum.
    pub fn bytes(&self) -> u64 {
        self.0
    }

    /// Whether it is more than it may be.
    pub fn is_over_budget(&self) -> bool {
        self.0 > BUDGET
    }
}

impl fmt::Display for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "first download: {} KiB (brotli), of {} KiB allowed",
            self.0.div_ceil(1024),
            BUDGET / 1024
        )
    }
}

/// The size of a file as it travels.
fn transferred(dist: &Path, name: &str) -> Result<u64> {
    let compressed = dist.join(format!("{name}.br"));
    let file = if compressed.exists() {
        compressed
    } else {
        dist.join(name)
    };
    Ok(std::fs::metadata(file)?.len())
}

fn mentions(contents: &[u8], name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name).as_bytes();
    contents.windows(name.len()).any(|window| window == name)
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    #[test]
    fn counts_what_is_led_to_once_and_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        write(dist, "index.html", "a.js").unwrap();
        write(dist, "a.js", "b.wasm a.js index.html").unwrap();
        write(dist, "b.wasm", [0; 1000]).unwrap();
        write(dist, "b.wasm.br", [0; 100]).unwrap();
        write(dist, "unused.png", [0; 5000]).unwrap();
        let files: Vec<String> = ["index.html", "a.js", "b.wasm", "unused.png"]
            .map(String::from)
            .into();
        assert_eq!(Download::measure(dist, &files).unwrap().0, 4 + 22 + 100);
    }
}
