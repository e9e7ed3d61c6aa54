//! Replays the fuzzer's corpus of frames that a node sends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/client.rs"]
mod client;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_of_the_fuzzer_does_no_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/client");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        client::client(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}
