//! Namespaced SHA-256 and HKDF: every hash and every derived key names what it is for.
//!
//! `prefix(ns) = suite ‖ len(ns) ‖ ns` makes inputs of different kinds differ in their first bytes,
//! whatever follows (`docs/protocol.md` §1).

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::id::Hash;

/// The number of this suite, first in every envelope, signed object and namespace prefix.
pub const SUITE: u8 = 1;

/// `0x01 ‖ len(ns) ‖ ns`. Namespaces are constants of at most 255 ASCII bytes.
pub fn prefix(namespace: &str) -> Vec<u8> {
    debug_assert!(namespace.len() <= 255 && namespace.is_ascii());
    let length = u8::try_from(namespace.len()).unwrap_or(u8::MAX);
    let mut prefix = Vec::with_capacity(namespace.len().saturating_add(2));
    prefix.extend_from_slice(&[SUITE, length]);
    prefix.extend_from_slice(namespace.as_bytes());
    prefix
}

/// `SHA-256(prefix(ns) ‖ bytes)`.
pub fn hash(namespace: &str, bytes: &[u8]) -> Hash {
    hash_parts(namespace, &[bytes])
}

/// [`hash`] over the concatenation of `parts`.
pub fn hash_parts(namespace: &str, parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new_with_prefix(prefix(namespace));
    for part in parts {
        digest.update(part);
    }
    Hash::from_bytes(digest.finalize().into())
}

/// Plain SHA-256, where the protocol says so (body hashes, postage).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The protocol's KDF: HKDF-SHA-256 (RFC 5869) with an empty salt and `prefix(ns) ‖ transcript` as
/// info. `N` is at most 8,160, checked when compiling.
pub fn derive<const N: usize>(
    namespace: &str,
    secret: &[u8],
    transcript: &Hash,
) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "longer than HKDF-SHA-256 gives") };
    let mut output = Zeroizing::new([0; N]);
    let info = [prefix(namespace).as_slice(), transcript.as_bytes()].concat();
    #[expect(clippy::expect_used, reason = "the length was checked when compiling")]
    hkdf(&[], secret, &info, output.as_mut()).expect("a permitted length");
    output
}

/// HKDF-SHA-256 with any salt and info; `None` for more output than it gives.
pub(crate) fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], output: &mut [u8]) -> Option<()> {
    // RFC 5869: no salt is one of zeros, and so is an empty one.
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, output)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_hold_suite_length_and_name() {
        assert_eq!(prefix("zechat/event/v1"), b"\x01\x0fzechat/event/v1");
        assert_eq!(prefix(""), [1, 0]);
    }

    #[test]
    fn namespaces_and_boundaries_matter_and_parts_do_not() {
        let whole = hash("zechat/a/v1", b"onetwo");
        assert_eq!(hash_parts("zechat/a/v1", &[b"one", b"two"]), whole);
        assert_ne!(hash("zechat/b/v1", b"onetwo"), whole);
        // The length in the prefix keeps a name's end and the input's start apart.
        assert_ne!(hash("zechat/a", b"/v1onetwo"), whole);
        assert_eq!(
            *hash("zechat/a/v1", b"").as_bytes(),
            sha256(b"\x01\x0bzechat/a/v1")
        );
    }

    #[test]
    fn derived_keys_depend_on_every_input() {
        let transcript = hash("zechat/a/v1", b"");
        let key = derive::<32>("zechat/a/v1", b"secret", &transcript);
        assert_ne!(derive::<32>("zechat/b/v1", b"secret", &transcript), key);
        assert_ne!(derive::<32>("zechat/a/v1", b"sacred", &transcript), key);
        assert_ne!(
            derive::<32>("zechat/a/v1", b"secret", &hash("zechat/a/v1", b"1")),
            key
        );
        assert_eq!(
            derive::<76>("zechat/a/v1", b"secret", &transcript)[..32],
            *key
        );
    }
}
