//! Fuzzing: `cargo xtask fuzz`. What is done with the bytes is in files that ordinary tests share
//! (`tests/corpus.rs` of `shared-crypto`, `client-core`, `simulation`, `web-client` and `qr-reader`), which
//! replay what was found.

pub mod answers;
pub mod client;
pub mod node;
pub mod page;
pub mod parsers;
pub mod pictures;
