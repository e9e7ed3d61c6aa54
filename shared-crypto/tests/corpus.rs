//! Replays the fuzzer's corpora (`fuzz/corpus`), and the vectors, through every parser.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/parsers.rs"]
mod parsers;
#[path = "../../fuzz/replay.rs"]
mod replay;

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What was found worth keeping for each target does no harm.
#[test]
fn the_corpora_of_the_fuzzer_do_no_harm() {
    for (name, target) in parsers::TARGETS {
        replay::replay(name, *target);
    }
}

/// Every byte string of the vectors, given to parsers that are not meant for it.
#[test]
fn what_is_meant_for_one_parser_does_no_harm_in_another() {
    let quick = parsers::TARGETS
        .iter()
        // RSA takes long, and the vectors of envelopes are read where they belong.
        .filter(|(name, _)| *name != "envelopes");
    let quick: Vec<_> = quick.collect();
    for entry in fs::read_dir(root().join("docs/vectors")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let family: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            for bytes in strings(&family) {
                for (_, target) in &quick {
                    target(&bytes);
                }
            }
        }
    }
}

/// Each text in a file, and the bytes that it spells.
fn strings(value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::String(text) => {
            let bytes = HEXLOWER.decode(text.as_bytes());
            bytes
                .into_iter()
                .chain([text.clone().into_bytes()])
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Each target has a program for the fuzzer and a place in its manifest.
#[test]
fn every_target_can_be_fuzzed() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in parsers::TARGETS {
        assert!(
            root().join(format!("fuzz/fuzz_targets/{name}.rs")).exists(),
            "{name}"
        );
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
