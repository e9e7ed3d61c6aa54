//! Compressed variants, made once here so that a node never compresses the client itself.

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{read, write};

/// A file smaller than this fits into one packet either way.
const SMALLEST: usize = 512;

/// Writes the variants of all files, on all processors.
pub fn write_variants(dist: &Path, files: &[String]) -> Result<()> {
    let mut work: Vec<(&String, Vec<u8>)> = Vec::new();
    for name in files {
        let bytes = read(dist, name)?;
        if bytes.len() > SMALLEST {
            work.push((name, bytes));
        }
    }
    // Taken from the end: the largest first, as it takes longer than all others together.
    work.sort_by_key(|(_, bytes)| bytes.len());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let work = Mutex::new(work);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while let Some((name, bytes)) = next(&work) {
                        write_smaller(dist, &format!("{name}.br"), &bytes, &brotli(&bytes)?)?;
                        write_smaller(dist, &format!("{name}.gz"), &bytes, &gzip(&bytes)?)?;
                    }
                    Ok(())
                })
            })
            .collect();
        for thread in threads {
            thread
                .join()
                .ok()
                .context("a compressing thread was lost")??;
        }
        Ok(())
    })
}

fn next<T>(work: &Mutex<Vec<T>>) -> Option<T> {
    work.lock().ok()?.pop()
}

/// Pictures and fonts are compressed already: a variant that saves nothing is left out.
fn write_smaller(dist: &Path, name: &str, plain: &[u8], compressed: &[u8]) -> Result<()> {
    if compressed.len() < plain.len() - plain.len() / 20 {
        write(dist, name, compressed)?;
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = ::brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut input = bytes;
    let mut output = Vec::new();
    ::brotli::BrotliCompress(&mut input, &mut output, &parameters)?;
    Ok(output)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn variants_hold_the_same_and_only_where_they_are_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let text = "the same again and again. ".repeat(100);
        let noise: Vec<u8> = (0u8..100).flat_map(|n| Sha256::digest([n])).collect();
        write(folder.path(), "text.js", &text).unwrap();
        write(folder.path(), "tiny.js", "x").unwrap();
        write(folder.path(), "noise.png", noise).unwrap();
        let files: Vec<String> = ["text.js", "tiny.js", "noise.png"].map(String::from).into();
        write_variants(folder.path(), &files).unwrap();

        let mut opened = Vec::new();
        let mut compressed = &read(folder.path(), "text.js.br").unwrap()[..];
        ::brotli::BrotliDecompress(&mut compressed, &mut opened).unwrap();
        assert_eq!(opened, text.as_bytes());

        let mut opened = String::new();
        let compressed = read(folder.path(), "text.js.gz").unwrap();
        flate2::read::GzDecoder::new(&compressed[..])
            .read_to_string(&mut opened)
            .unwrap();
        assert_eq!(opened, text);

        for name in ["tiny.js.br", "tiny.js.gz", "noise.png.br", "noise.png.gz"] {
            assert!(!folder.path().join(name).exists(), "{name}");
        }
    }
}
