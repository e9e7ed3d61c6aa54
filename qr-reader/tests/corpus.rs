//! Replays the fuzzer's corpus of pictures.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/pictures.rs"]
mod pictures;

use std::fs;
use std::path::Path;

#[test]
fn hostile_pictures_do_no_harm() {
    replay("pictures", pictures::pictures);
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
