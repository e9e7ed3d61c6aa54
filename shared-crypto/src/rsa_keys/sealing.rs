//! The sealing key: RSAES-OAEP (RFC 8017 §7.1) with SHA-256, MGF1-SHA-256 and a namespace as label.
//!
//! Opening never fails: a ciphertext that does not open gives a secret that only this key knows,
//! and the difference shows where the secret is used, as for any other wrong key. That is what
//! leaves nothing to ask an oracle.

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use rsa::traits::PrivateKeyParts;
use rsa::{Oaep, RsaPrivateKey};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use super::{KeyError, PublicKey, RsaBits, from_pkcs8, generate, key_types, public_of, to_pkcs8};
use crate::hash::prefix;

const REJECT_NAMESPACE: &str = "zechat/oaep-reject/v1";

/// The public half of an identity's sealing key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingPublicKey(pub(super) PublicKey);

/// An identity's sealing key. Zeroed when dropped.
#[derive(Clone)]
pub struct SealingKeyPair {
    private: RsaPrivateKey,
    public: SealingPublicKey,
}

key_types!(SealingKeyPair, SealingPublicKey);

impl SealingPublicKey {
    /// Seals 32 bytes under a label; the result is as long as the modulus.
    ///
    /// # Errors
    /// [`KeyError::Operation`] if the library cannot.
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        rng: &mut R,
        label: &str,
        secret: &[u8; 32],
    ) -> Result<Vec<u8>, KeyError> {
        self.0
            .key
            .encrypt(rng, padding(label.as_bytes()), secret)
            .map_err(|_| KeyError::Operation)
    }
}

impl SealingKeyPair {
    /// Opens what was sealed to this key; never fails. What does not open gives
    /// `HMAC-SHA-256(reject key, ciphertext)` (`docs/protocol.md` §6).
    pub fn open<R: CryptoRng + ?Sized>(
        &self,
        rng: &mut R,
        label: &str,
        ciphertext: &[u8],
    ) -> Zeroizing<[u8; 32]> {
        let opened = self.decrypt(rng, label.as_bytes(), ciphertext);
        let rejected = self.rejected(ciphertext);
        let opened = opened.unwrap_or_default();
        let mut secret = Zeroizing::new([0; 32]);
        let is_whole = Choice::from(u8::from(opened.len() == secret.len()));
        // Zeros stand in for the missing bytes, so that both outcomes do the same work.
        let bytes = opened.iter().copied().chain(core::iter::repeat(0));
        for ((target, opened), rejected) in secret.iter_mut().zip(bytes).zip(rejected.iter()) {
            *target = u8::conditional_select(rejected, &opened, is_whole);
        }
        secret
    }

    /// What OAEP gives, of whatever length. Only [`Self::open`] may use it: who learns whether it gives
    /// something can ask for more.
    pub(crate) fn decrypt<R: CryptoRng + ?Sized>(
        &self,
        rng: &mut R,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        self.private
            .decrypt_blinded(rng, padding(label), ciphertext)
            .ok()
            .map(Zeroizing::new)
    }

    /// What stands for the secret of a ciphertext that does not open.
    pub(super) fn rejected(&self, ciphertext: &[u8]) -> Zeroizing<[u8; 32]> {
        let exponent = Zeroizing::new(self.private.d().to_be_bytes());
        // The library's integers are whole machine words: drop what exceeds the modulus' length.
        let surplus = exponent.len().saturating_sub(self.public.modulus().len());
        let exponent = exponent.get(surplus..).unwrap_or_default();
        let mut digest = Sha256::new_with_prefix(prefix(REJECT_NAMESPACE));
        digest.update(exponent);
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(digest.finalize().into());
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes keys of any length (RFC 2104)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("any key length");
        mac.update(ciphertext);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

fn padding(label: &[u8]) -> Oaep<Sha256> {
    Oaep::new_with_label(label)
}
