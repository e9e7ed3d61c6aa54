//! The signing key: RSASSA-PSS (RFC 8017 §8.1) with SHA-256, MGF1-SHA-256 and a salt of 32 bytes.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use rsa::RsaPrivateKey;
use rsa::pss::Pss;
use sha2::Sha256;

use super::{KeyError, PublicKey, RsaBits, from_pkcs8, generate, key_types, public_of, to_pkcs8};
use crate::hash::sha256;

/// The public half of an identity's signing key.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningPublicKey(PublicKey);

/// An identity's signing key. Zeroed when dropped.
#[derive(Clone)]
pub struct SigningKeyPair {
    private: RsaPrivateKey,
    public: SigningPublicKey,
}

key_types!(SigningKeyPair, SigningPublicKey);

impl SigningKeyPair {
    /// Signs a message that already carries its namespace.
    pub(crate) fn sign<R: CryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, KeyError> {
        self.private
            .sign_with_rng(rng, Pss::<Sha256>::new_blinded(), &sha256(message))
            .map_err(|_| KeyError::Operation)
    }
}

impl SigningPublicKey {
    /// Whether the signature is this key's over the message.
    pub(crate) fn is_valid(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0
            .key
            .verify(Pss::<Sha256>::new(), &sha256(message), signature)
            .is_ok()
    }
}
