//! Formats and cryptography that two ZeChat parties must agree on. No I/O, no clock, no randomness
//! of its own: they are parameters. `docs/protocol.md` describes each byte.

extern crate alloc;

pub mod bundle;
pub mod cbor;
pub mod ed25519_keys;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod hash;
pub mod id;
pub mod key_package;
pub mod login;
pub mod node_document;
pub mod node_keys;
pub mod node_url;
pub mod peer;
pub mod problem;
pub mod record;
pub mod rsa_keys;
pub mod signed;
pub mod time;

mod x_wing_kem;
