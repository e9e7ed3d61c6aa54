//! Formats and cryptography that two ZeChat parties must agree on. No I/O, no clock, no randomness
//! of its own: they are parameters. `docs/protocol.md` describes each byte.

extern crate alloc;

pub mod base64url;
pub mod bundle;
pub mod cannot_open;
pub mod cbor;
pub mod ed25519_keys;
pub mod envelope;
pub mod event;
pub mod export;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod forward;
pub mod hash;
pub mod id;
pub mod key_package;
pub mod link;
pub mod live;
pub mod lock;
pub mod login;
pub mod lookup;
pub mod node_document;
pub mod node_keys;
pub mod node_url;
pub mod peer;
pub mod postage;
pub mod problem;
pub mod record;
pub mod recovery;
pub mod rsa_keys;
pub mod safety_number;
pub mod signed;
pub mod time;
pub mod vault;

mod aead;
mod hpke_box;
mod padding;
mod x_wing_kem;

#[cfg(test)]
mod wycheproof_tests;
