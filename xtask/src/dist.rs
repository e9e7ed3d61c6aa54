//! Finishing the folder that trunk made, so that a node can serve it as it stands.
//!
//! - The page has no inline script, as the content security policy forbids it.
//! - The page says what hashes the files have that are loaded by name: texts in other languages, scripts of workers.
//! - Names that only program and script know are short, there is one style sheet, and no comments.
//! - Each file that the page names with `integrity` has that hash.
//! - The worker's script names the files whose names trunk chose.
//! - Each file that gains from it has compressed variants beside it (`.br`, `.gz`).
//! - `client-manifest.json` lists the hash of each file and is written last: where it is, all is done.
//! - What a first visit downloads stays within its budget.

mod compress;
mod download;
pub mod licences;
mod manifest;
mod names;
mod page;
mod scripts;
mod sheet;

use std::path::Path;

use anyhow::{Context, Result, bail};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

pub use download::Download;
pub use manifest::Manifest;

use crate::fingerprint::Fingerprint;

/// The page itself.
const PAGE: &str = "index.html";

/// Finishes a release build.
pub fn finish(dist: &Path, sources: &Fingerprint) -> Result<Download> {
    names::shorten(dist)?;
    sheet::join(dist)?;
    scripts::leave_out_comments(dist)?;
    rewrite(dist)?;
    page::check_hashes(dist)?;
    let files = own_files(dist)?;
    compress::write_variants(dist, &files)?;
    let download = Download::measure(dist, &files)?;
    if download.is_over_budget() {
        bail!("the client has become too large. {download}");
    }
    Manifest::of(dist, &files, sources)?.write(dist)?;
    Ok(download)
}

/// How much a first visit downloads of a finished build.
pub fn download(dist: &Path) -> Result<Download> {
    Download::measure(dist, &own_files(dist)?)
}

/// Finishes a development build: only what the page cannot do without.
pub fn finish_for_development(dist: &Path) -> Result<()> {
    rewrite(dist)
}

/// Makes sure that a folder about to be changed is not taken for a finished one.
pub fn mark_unfinished(dist: &Path) -> Result<()> {
    Manifest::remove(dist)
}

fn rewrite(dist: &Path) -> Result<()> {
    let program = scripts::Program::find(dist)?;
    scripts::fill_in(dist, &program)?;
    page::extract_scripts(dist, &program)?;
    page::name_hashes(dist)
}

/// The names of all files that are not variants of another, relative to the folder, with `/`.
fn own_files(dist: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in crate::fingerprint::files_below(dist, &[""])? {
        let name = file
            .strip_prefix(dist)?
            .to_string_lossy()
            .replace('\\', "/");
        if !name.ends_with(".br") && !name.ends_with(".gz") && name != manifest::NAME {
            names.push(name);
        }
    }
    Ok(names)
}

fn read(dist: &Path, name: &str) -> Result<Vec<u8>> {
    std::fs::read(dist.join(name)).with_context(|| format!("cannot read {name} of the client"))
}

fn read_text(dist: &Path, name: &str) -> Result<String> {
    String::from_utf8(read(dist, name)?).with_context(|| format!("{name} is not text"))
}

fn write(dist: &Path, name: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(dist.join(name), bytes)
        .with_context(|| format!("cannot write {name} of the client"))
}

fn remove(dist: &Path, name: &str) -> Result<()> {
    std::fs::remove_file(dist.join(name))
        .with_context(|| format!("cannot remove {name} of the client"))
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The value of an `integrity` attribute. A longer hash would say no more, and hashes cannot be compressed.
fn integrity(bytes: impl AsRef<[u8]>) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(bytes)))
}
