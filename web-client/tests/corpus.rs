//! Replays the fuzzer's corpora of what others wrote, and of what comes over the page's channel.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/page.rs"]
mod page;

use std::fs;
use std::path::Path;

#[test]
fn what_others_wrote_does_no_harm() {
    replay("words", page::words);
}

#[test]
fn what_comes_over_the_channel_does_no_harm() {
    replay("bridge", page::bridge);
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
