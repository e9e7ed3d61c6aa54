//! Replays the fuzzer's corpus of pictures.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

#[path = "../../fuzz/pictures.rs"]
mod pictures;
#[path = "../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn hostile_pictures_do_no_harm() {
    replay("pictures", pictures::pictures);
}
