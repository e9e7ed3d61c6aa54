//! Replays the fuzzer's corpora of what a node hears on a live socket, from other nodes and over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/node.rs"]
mod node;
#[path = "../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn what_came_on_a_live_socket_does_no_harm() {
    replay("node", node::node);
}

#[test]
fn what_was_asked_over_http_does_no_harm() {
    replay("http", node::http);
}
