//! Frozen RSA keys for tests: generating them takes seconds, reading them milliseconds.
//!
//! The keys are public and worthless. `examples/make-keys.rs` wrote `fixtures/keys.bin`: 104 keys
//! of 3072 bits in PKCS#8, each behind its length in two bytes.

#![expect(
    clippy::expect_used,
    reason = "fixtures are for tests, where a panic is the report"
)]

use crate::rsa_keys::{SealingKeyPair, SigningKeyPair};

static KEYS: &[u8] = include_bytes!("../fixtures/keys.bin");

/// How many keys there are.
pub const KEYS_COUNT: usize = 104;
/// How many people they suffice for.
pub const PEOPLE: usize = KEYS_COUNT / 2;

/// The PKCS#8 form of the key with this index, below [`KEYS_COUNT`].
pub fn key_pkcs8(index: usize) -> &'static [u8] {
    let mut rest = KEYS;
    for _ in 0..index {
        rest = split(rest).1;
    }
    split(rest).0
}

/// The signing key of the person with this number, below [`PEOPLE`].
pub fn signing_key(person: usize) -> SigningKeyPair {
    let index = person.checked_mul(2).expect("a small number");
    SigningKeyPair::from_pkcs8(key_pkcs8(index)).expect("a frozen key")
}

/// The sealing key of the person with this number, below [`PEOPLE`].
pub fn sealing_key(person: usize) -> SealingKeyPair {
    let index = person.checked_mul(2).and_then(|first| first.checked_add(1));
    SealingKeyPair::from_pkcs8(key_pkcs8(index.expect("a small number"))).expect("a frozen key")
}

/// Both keys of the person with this number, below [`PEOPLE`]: 0 is Alice, 1 Bob, 2 Carol.
pub fn person(person: usize) -> (SigningKeyPair, SealingKeyPair) {
    (signing_key(person), sealing_key(person))
}

fn split(keys: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = keys.split_first_chunk::<2>().expect("no such key");
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        .expect("a whole file")
}

/// The PKCS#8 form of a key of 4096 bits.
pub fn large_key_pkcs8() -> &'static [u8] {
    include_bytes!("../fixtures/key-4096.der")
}
