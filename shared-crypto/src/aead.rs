//! AES-256-GCM (NIST SP 800-38D) under one-time keys, the tag appended.

use alloc::vec::Vec;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use zeroize::Zeroizing;

use crate::cannot_open::{CannotOpen, SealError};

/// Length of the tag.
pub(crate) const TAG: usize = 16;

/// Encrypts under a key that is used once.
pub(crate) fn seal(
    key: &[u8; 32],
    nonce: &[u8; 12],
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
        .encrypt(
            &Nonce::from(*nonce),
            Payload {
                msg: plaintext,
                aad: associated,
            },
        )
        .map_err(|_| SealError::TooLong)
}

/// Decrypts and checks the tag.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: &[u8; 12],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
        .decrypt(
            &Nonce::from(*nonce),
            Payload {
                msg: sealed,
                aad: associated,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| CannotOpen)
}
