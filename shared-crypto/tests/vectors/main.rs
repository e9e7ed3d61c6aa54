//! The frozen vectors of `docs/vectors`, read through the public API, and their checksums.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

mod checks;
mod exports;
mod families;
mod input;
mod locks;
mod run;
mod vaults;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use shared_crypto::hash::sha256;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors")
}

macro_rules! tests {
    ($($test:ident => $name:literal),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                let text = fs::read_to_string(folder().join(concat!($name, ".json"))).unwrap();
                run::check_family($name, &text, checks::$test);
            }
        )*

        const FAMILIES: &[&str] = &[$($name),*];
    };
}

families::for_each_family!(tests);

#[test]
fn the_files_are_the_frozen_ones() {
    let sums = fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
    let mut listed = BTreeSet::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let bytes = fs::read(folder().join(name)).unwrap();
        assert_eq!(HEXLOWER.encode(&sha256(&bytes)), sum, "{name} has changed");
        listed.insert(name.to_owned());
    }
    let present: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(listed, present, "each file is listed");
    let checked: BTreeSet<String> = FAMILIES.iter().map(|name| format!("{name}.json")).collect();
    assert_eq!(listed, checked, "each file is checked");
}
