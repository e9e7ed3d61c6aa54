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
#[path = "../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn what_others_wrote_does_no_harm() {
    replay("words", page::words);
}

#[test]
fn what_comes_over_the_channel_does_no_harm() {
    replay("bridge", page::bridge);
}
