//! Replays the fuzzer's corpora of what a client hears from nodes and is asked by people.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/answers.rs"]
mod answers;
#[path = "../../fuzz/client.rs"]
mod client;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_of_the_fuzzer_does_no_harm() {
    replay("client", client::client);
}

#[test]
fn what_was_pasted_and_answered_does_no_harm() {
    replay("answers", answers::answers);
}

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut count = 0;
    for entry in fs::read_dir(folder.join(name)).unwrap() {
        target(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}
