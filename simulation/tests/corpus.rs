//! Replays the fuzzer's corpora of what a node hears on a live socket, from other nodes and over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/node.rs"]
mod node;

use std::fs;
use std::path::Path;

#[test]
fn what_came_on_a_live_socket_does_no_harm() {
    replay("node", node::node);
}

#[test]
fn what_was_asked_over_http_does_no_harm() {
    replay("http", node::http);
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
