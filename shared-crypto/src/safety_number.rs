//! Safety numbers: 60 digits that two people compare (`docs/protocol.md` §15).

use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::hash_parts;
use crate::id::{Hash, IdentityId};
use crate::rsa_keys::SigningPublicKey;

const NAMESPACE: &str = "zechat/safety-number/v1";
/// Makes a second identity with the same digits dearer to search for.
const ROUNDS: usize = 5_200;
const GROUP_BYTES: usize = 5;
const GROUPS: usize = 6;

/// The safety number of two people: 12 groups of 5 digits with spaces between, the same from both
/// sides.
pub fn safety_number(
    a: (&IdentityId, &SigningPublicKey),
    b: (&IdentityId, &SigningPublicKey),
) -> String {
    let (first, second) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    let groups: Vec<String> = groups(first).chain(groups(second)).collect();
    groups.join(" ")
}

fn groups((identity, key): (&IdentityId, &SigningPublicKey)) -> impl Iterator<Item = String> {
    let start = hash_parts(NAMESPACE, &[identity.as_bytes(), key.modulus()]);
    let digest = (1..ROUNDS).fold(start, |previous: Hash, _| {
        hash_parts(
            NAMESPACE,
            &[previous.as_bytes(), identity.as_bytes(), key.modulus()],
        )
    });
    let groups: Vec<String> = digest
        .as_bytes()
        .chunks_exact(GROUP_BYTES)
        .take(GROUPS)
        .map(group)
        .collect();
    groups.into_iter()
}

fn group(bytes: &[u8]) -> String {
    let number = bytes
        .iter()
        .fold(0, |number: u64, byte| (number << 8) | u64::from(*byte));
    alloc::format!("{:05}", number % 100_000)
}
