//! Writes `docs/vectors/*.json` and their checksums.
//!
//! Every input comes from seeds, so the same code writes the same files, except where a newer
//! library draws its random numbers otherwise. Frozen files are not written again: a change of
//! format adds a version with vectors of its own. `tests/vectors` reads them through the public API.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool of the project: a panic is its report"
)]

mod bodies;
mod bundles;
mod chains;
mod example;
mod exports;
mod family;
mod identities;
mod live;
mod locks;
mod mail;
mod nodes;
mod people;
mod plain;
mod records;
mod small;
mod texts;
mod vaults;

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use shared_crypto::hash::sha256;

use family::Family;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors");
    fs::create_dir_all(&folder).expect("a folder");
    let (worked_example, words) = example::worked_example();
    fs::write(folder.join("../worked-example.md"), words).expect("a file");
    let mut families = [
        small::encoding(),
        small::hashing(),
        small::link(),
        small::postage(),
        small::recovery(),
        small::safety_number(),
        texts::node_url(),
        texts::name(),
        live::live(),
        records::records(),
        chains::chain_order(),
        chains::event_chain(),
        bodies::body(),
        worked_example,
        bundles::bundle(),
        bundles::content(),
        bundles::batch(),
        identities::key_package(),
        identities::login(),
        identities::event(),
        mail::first_contact(),
        mail::pair_secret(),
        mail::lane(),
        mail::padding(),
        nodes::node_document(),
        nodes::peer(),
        nodes::forward(),
        nodes::lookup(),
        vaults::vault(),
        exports::export(),
        locks::lock(),
    ];
    families.sort_by_key(Family::name);
    let sums: Vec<String> = families
        .iter()
        .map(|family| write(&folder, family))
        .collect();
    fs::write(folder.join("SHA256SUMS"), sums.concat()).expect("a file");
}

fn write(folder: &Path, family: &Family) -> String {
    let name = format!("{}.json", family.name());
    let text = family.to_text();
    let path: PathBuf = folder.join(&name);
    fs::write(path, &text).expect("a file");
    // In the form that `sha256sum --check` reads.
    format!("{}  {name}\n", HEXLOWER.encode(&sha256(text.as_bytes())))
}
