//! The frozen vectors of `docs/vectors`, read through the public API, and their checksums.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

mod checks;
mod input;
mod vaults;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde_json::Value;
use shared_crypto::hash::sha256;

use input::Input;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors")
}

/// Runs every case of a family: valid ones give what is expected, invalid ones the named error.
fn check_family(name: &str, check: impl Fn(&Input<'_>) -> Result<Value, String>) {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    let family: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(family["family"], name);
    let cases = family["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let outcome = check(&Input::new(cases, &case["input"]));
        if case["valid"] == true {
            assert_eq!(
                outcome,
                Ok(case["expected"].clone()),
                "{name}: {}",
                case["name"]
            );
        } else {
            assert!(case["reason"].is_string());
            let error = case["error"].as_str().unwrap().to_owned();
            assert_eq!(outcome, Err(error), "{name}: {}", case["name"]);
        }
    }
}

macro_rules! families {
    ($($test:ident => $name:literal),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                check_family($name, checks::$test);
            }
        )*

        const FAMILIES: &[&str] = &[$($name),*];
    };
}

families! {
    encoding => "encoding",
    hashing => "hashing",
    link => "link",
    postage => "postage",
    recovery => "recovery",
    safety_number => "safety-number",
    node_url => "node-url",
    name => "name",
    live => "live",
    records => "records",
    chain_order => "chain-order",
    event_chain => "event-chain",
    body => "body",
    worked_example => "worked-example",
    bundle => "bundle",
    content => "content",
    batch => "batch",
    key_package => "key-package",
    login => "login",
    event => "event",
    first_contact => "first-contact",
    pair_secret => "pair-secret",
    lane => "lane",
    // Padding shows in what opens and what does not.
    padding => "padding",
    node_document => "node-document",
    peer => "peer",
    forward => "forward",
    lookup => "lookup",
    vault => "vault",
}

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
