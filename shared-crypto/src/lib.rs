//! Formats and cryptography that two ZeChat parties must agree on. No I/O, no clock, no randomness
//! of its own: they are parameters. `docs/protocol.md` describes each byte.

extern crate alloc;

pub mod id;
