//! Ed25519 keys (RFC 8032): a node's signing key and an identity's recovery key.
//!
//! Verification is strict: no small-order keys, canonical encodings only.

use core::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use zeroize::Zeroizing;

/// The bytes are not a canonical Ed25519 public key of full order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 public key")]
pub struct Ed25519KeyError;

/// A public Ed25519 key.
#[derive(Clone, PartialEq, Eq)]
pub struct Ed25519PublicKey(VerifyingKey);

/// A private Ed25519 key. Zeroed when dropped.
#[derive(Clone)]
pub struct Ed25519KeyPair(SigningKey);

/// A node's private signing key.
pub type NodeSigningKey = Ed25519KeyPair;
/// A node's public signing key; its hash is the node's fingerprint.
pub type NodePublicKey = Ed25519PublicKey;
/// The private key that a recovery phrase gives.
pub type RecoveryKey = Ed25519KeyPair;
/// The key that a recovery record reveals.
pub type RecoveryPublicKey = Ed25519PublicKey;

impl Ed25519PublicKey {
    /// Takes the 32 bytes of RFC 8032 §5.1.5.
    ///
    /// # Errors
    /// [`Ed25519KeyError`] for what is not a point, not canonical, or of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Ed25519KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| Ed25519KeyError)?;
        let is_canonical = key.to_edwards().compress().as_bytes() == bytes;
        if key.is_weak() || !is_canonical {
            Err(Ed25519KeyError)
        } else {
            Ok(Self(key))
        }
    }

    /// The 32 bytes that travel.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether the signature is this key's over the message, strictly.
    pub(crate) fn is_valid(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl Ed25519KeyPair {
    /// The key with this 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed.
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    pub fn public(&self) -> Ed25519PublicKey {
        Ed25519PublicKey(self.0.verifying_key())
    }

    /// Signs a message that already carries its namespace.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for Ed25519PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.as_bytes().get(..4).unwrap_or_default();
        write!(f, "Ed25519PublicKey({start:02x?}…)")
    }
}

impl fmt::Debug for Ed25519KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519KeyPair")
            .field("public", &self.public())
            .finish_non_exhaustive()
    }
}

impl<C> encode::Encode<C> for Ed25519PublicKey {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(self.as_bytes())?.ok()
    }
}

impl<'b, C> decode::Decode<'b, C> for Ed25519PublicKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let bytes = d
            .bytes()?
            .try_into()
            .map_err(|_| decode::Error::message("wrong length"))?;
        Self::from_bytes(bytes).map_err(decode::Error::message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_verify_under_their_key_only() {
        let (one, two) = (
            Ed25519KeyPair::from_seed(&[1; 32]),
            Ed25519KeyPair::from_seed(&[2; 32]),
        );
        let signature = one.sign(b"message");
        assert!(one.public().is_valid(b"message", &signature));
        assert!(!one.public().is_valid(b"massage", &signature));
        assert!(!two.public().is_valid(b"message", &signature));
        assert!(!one.public().is_valid(b"message", &signature[..63]));
        assert_eq!(*one.to_seed(), [1; 32]);
    }

    #[test]
    fn weak_and_strangely_encoded_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut order_two = [0xff; 32];
        order_two[0] = 0xec;
        order_two[31] = 0x7f;
        // y = p + 1, which is y = 1 in another spelling.
        let mut long_identity = [0xff; 32];
        long_identity[0] = 0xee;
        long_identity[31] = 0x7f;
        // y = p + 3 and p + 4: whichever is a point is so in a second spelling.
        let spelled = |low: u8| {
            let mut bytes = [0xff; 32];
            bytes[0] = low;
            bytes[31] = 0x7f;
            bytes
        };
        for bytes in [
            [0; 32],
            identity,
            order_two,
            long_identity,
            spelled(0xf0),
            spelled(0xf1),
        ] {
            assert_eq!(
                Ed25519PublicKey::from_bytes(&bytes),
                Err(Ed25519KeyError),
                "{bytes:02x?}"
            );
        }
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let pair = Ed25519KeyPair::from_seed(&[1; 32]);
        let mut signature = pair.sign(b"message");
        // s + the group order: the same number, refused (RFC 8032 §5.1.7).
        let order = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut carry = 0u16;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + add;
            *byte = carry.to_be_bytes()[1];
            carry >>= 8;
        }
        assert!(!pair.public().is_valid(b"message", &signature));
    }
}
