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
#[path = "../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn the_corpus_of_the_fuzzer_does_no_harm() {
    replay("client", client::client);
}

#[test]
fn what_was_pasted_and_answered_does_no_harm() {
    replay("answers", answers::answers);
}
