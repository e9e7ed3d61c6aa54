//! Frozen RSA keys for tests: generating them takes seconds, reading them milliseconds.
//!
//! The keys are public and worthless. `examples/make-keys.rs` wrote `fixtures/keys.bin`: 104 keys
//! of 3072 bits in PKCS#8, each behind its length in two bytes; and `fixtures/small-keys.bin`, as many of
//! 1024 bits. Those are refused unless a process has said [`take_small_keys`].

#![expect(
    clippy::expect_used,
    reason = "fixtures are for tests, where a panic is the report"
)]

use core::sync::atomic::{AtomicUsize, Ordering};

use rand_core::CryptoRng;

use crate::id::{MailboxId, NodeFingerprint};
use crate::node_url::NodeUrl;
use crate::record::{Chain, Delivery, DeliveryState};
use crate::recovery::RecoveryPhrase;
use crate::rsa_keys::{MIN_MODULUS, SealingKeyPair, SigningKeyPair};
use crate::time::Millis;

static KEYS: &[u8] = include_bytes!("../fixtures/keys.bin");
static SMALL_KEYS: &[u8] = include_bytes!("../fixtures/small-keys.bin");

/// Shortest modulus of this process, in bytes.
static SHORTEST: AtomicUsize = AtomicUsize::new(MIN_MODULUS);

/// How many keys there are.
pub const KEYS_COUNT: usize = 104;
/// How many people they suffice for.
pub const PEOPLE: usize = KEYS_COUNT / 2;

/// From here on this process takes RSA keys of 1024 bits as well, and the keys of people are such ones. They sign
/// twenty times as fast. It is for a simulation of very many messages, in which nobody counts on their strength.
pub fn take_small_keys() {
    SHORTEST.store(1_024 / 8, Ordering::Relaxed);
}

pub(crate) fn shortest_modulus() -> usize {
    SHORTEST.load(Ordering::Relaxed)
}

/// The PKCS#8 form of the key with this index, below [`KEYS_COUNT`].
pub fn key_pkcs8(index: usize) -> &'static [u8] {
    let is_small = shortest_modulus() < MIN_MODULUS;
    let mut rest = if is_small { SMALL_KEYS } else { KEYS };
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

/// The first record of the person with this number, below [`PEOPLE`], signed at `at`: mail is left at one node,
/// and the recovery phrase is that of sixteen bytes of 3.
pub fn chain<R: CryptoRng + ?Sized>(person: usize, at: Millis, rng: &mut R) -> Chain {
    let (signing, sealing) = self::person(person);
    let delivery = Delivery {
        node: NodeUrl::parse("https://a.test").expect("an address"),
        fingerprint: NodeFingerprint::from_bytes([1; 32]),
        intro: MailboxId::from_bytes([2; 32]),
        state: DeliveryState::Active,
        priority: 0,
    };
    let commitment = RecoveryPhrase::from_entropy(&[3; 16]).commitment();
    let list = vec![delivery];
    Chain::create(&signing, sealing.public(), commitment, list, at, rng).expect("a record")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rsa_keys::KeyError;

    #[test]
    fn small_keys_are_refused_where_nobody_asked_for_them() {
        let (small, _) = {
            let (length, rest) = SMALL_KEYS.split_first_chunk::<2>().expect("a file");
            rest.split_at(usize::from(u16::from_be_bytes(*length)))
        };
        let refused = SigningKeyPair::from_pkcs8(small);
        assert_eq!(refused.err(), Some(KeyError::Size));
    }
}
