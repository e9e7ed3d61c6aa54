//! Fuzzing: `cargo xtask fuzz`. What is done with the bytes is in files that ordinary tests share
//! (`shared-crypto/tests/corpus.rs`, `client-core/tests/corpus.rs`), which replay what was found.

pub mod client;
pub mod parsers;
